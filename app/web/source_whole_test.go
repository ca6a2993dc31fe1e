package web

import (
	"slices"
	"strings"
	"testing"

	"logreeve/app/actor"
	"logreeve/app/runs"
	"logreeve/app/web/part"
	"logreeve/connectors"
	"logreeve/reports"
)

// lostIndex is what a run says of a store from which an index is gone.
var lostIndex = connectors.Problem{Where: "https://search.example.org:9200/kubeaudit*", Reason: "the index kubeaudit-2026.11.20, which held 798 documents from 2026-11-20T09:10:26.446000Z to 2026-11-20T09:11:23.646000Z when it was read before, is gone"}

const lostIndexSaid = "The index kubeaudit-2026.11.20, which held 798 documents from 20 Nov 2026, 09:10 to 20 Nov 2026, 09:11 when it was read before, is gone."

// TestWhatIsNotWholeIsSaidOnTop: a run, the first page, the sources and the
// overview each name the source that could not be read whole; where there is room,
// with the reason.
func TestWhatIsNotWholeIsSaidOnTop(t *testing.T) {
	f := Format{}
	run := madeRun(runs.Done, reports.Pass)
	run.Sources = []reports.SourceSummary{{Name: "hosts"}, {Name: "cluster"}}
	if n := unreadNotice(f, run); n != nil {
		t.Errorf("a run that read everything says %+v", n)
	}
	run.Sources[1].Problems = []connectors.Problem{lostIndex, {Where: "x", Reason: "y"}}
	if n := unreadNotice(f, run); n == nil || n.Title != "cluster could not be read whole." || n.Text != lostIndexSaid+" 1 more reason stands below." {
		t.Errorf("a run says %+v", n)
	}

	whole, silent := madeSource(), madeSource()
	whole.Name, silent.Name = "cluster", "hosts"
	whole.LastRead = &runs.SourceReading{At: fixtureNow, Events: 3, Oldest: fixtureNow - 9*day, Newest: fixtureNow}
	silent.LastRead = &runs.SourceReading{At: fixtureNow, Events: 3, Oldest: fixtureNow - 9*day, Newest: fixtureNow - 3*day}
	broken := whole
	reading := *whole.LastRead
	reading.Problems, reading.Newest = []connectors.Problem{lostIndex}, fixtureNow-3*day // what is left ends early
	broken.LastRead = &reading
	home := func(s ...runs.Source) string {
		return homeSentence(fixtureFrame("", "", actor.Reviewer), homeFacts{Sources: s})
	}
	list := func(s ...runs.Source) string { return sourcesLede(f, fixtureNow.Time(), s) }
	for _, c := range []struct{ what, got, want, not string }{
		{"home", home(broken), "The source cluster could not be read whole.", ""},
		{"home of two", home(broken, broken), "The sources cluster and cluster could not be read whole.", ""},
		{"home, control", home(whole), "every source reports", "whole"},
		{"sources", list(broken, silent), "The newest reading of cluster was not complete. hosts has been silent since", "cluster has been silent"},
		{"sources, control", list(whole, silent), "hosts has been silent since", "not complete"},
		{"source", sourceLede(f, fixtureNow.Time(), broken), "Its newest reading was not complete.", "silent"},
		{"source, control", sourceLede(f, fixtureNow.Time(), silent), "It has been silent since", "complete"},
	} {
		if !strings.Contains(c.got, c.want) || (c.not != "" && strings.Contains(c.got, c.not)) {
			t.Errorf("%s: %q, want %q and not %q", c.what, c.got, c.want, c.not)
		}
	}

	overview := func(missing ...connectors.Problem) []part.Notice {
		src := broken // what its newest reading missed may be of other days
		src.Store, src.Target = runs.OpenSearch, "https://search.example.org:9200/kubeaudit*"
		o := countedStore(connectors.Window{From: fixtureNow - 7*day, To: fixtureNow - day})
		o.Problems = missing
		return newOverviewPage(fixtureFrame("", "", actor.Reviewer), overviewSeen{Source: src, Overview: o}).Notices
	}
	says := func(n part.Notice) bool {
		return n.Kind == "down" && n.Title == "The store is not whole: numbers say “at least”." && strings.Contains(n.Text, strings.TrimPrefix(lostIndexSaid, "The "))
	}
	if said := overview(lostIndex); !slices.ContainsFunc(said, says) {
		t.Errorf("the overview of days that lost an index says %+v", said)
	}
	if said := overview(); slices.ContainsFunc(said, func(n part.Notice) bool { return n.Kind == "down" }) {
		t.Errorf("the overview of days that lost nothing says %+v", said)
	}
}

// TestWordsThatCannotBeCountedStandTogether: words that share a reason stand in one
// line with it; a word with a reason of its own keeps its row.
func TestWordsThatCannotBeCountedStandTogether(t *testing.T) {
	const why = "the store keeps no text in which words can be found"
	o := countedStore(connectors.Window{From: fixtureNow - 7*day, To: fixtureNow})
	rows := func() (names []string, w *overviewWords) {
		w = newOverviewWords(Format{}, o)
		for _, r := range w.Table.Rows[1:] {
			names = append(names, r.Cells[0].Text)
		}
		return names, w
	}
	blind := connectors.Tally{Unknown: true, Lack: why}
	o.Words.Words[0].Now, o.Words.Words[0].Before = blind, blind
	if names, w := rows(); len(names) != len(connectors.Keywords()) || w.Blind != "" {
		t.Errorf("one word that is not known: %q, %q", names, w.Blind)
	}
	for i := range o.Words.Words {
		if word := &o.Words.Words[i]; word.Word != "403" {
			word.Now, word.Before = blind, blind
		}
	}
	other := connectors.Tally{Unknown: true, Lack: "another reason"}
	o.Words.Words[2].Now, o.Words.Words[2].Before = other, other
	names, w := rows()
	if !slices.Equal(names, []string{o.Words.Words[2].Word, "403"}) || !strings.HasPrefix(w.Blind, "Not known: error, failed, deny,") || !strings.HasPrefix(w.Why, "The store keeps no text") {
		t.Errorf("rows %q, %q, %q", names, w.Blind, w.Why)
	}
}

// TestCertificateIsOfEncryptedConnections: where nothing is encrypted no
// certificate is checked, whatever authorities are given.
func TestCertificateIsOfEncryptedConnections(t *testing.T) {
	src := storedSource()
	for target, want := range map[string]string{"http://search.example.org:9200/x*": "none: the connection is not encrypted", "https://search.example.org:9200/x*": "authorities given for this source only"} {
		src.Target = target
		facts := storeFacts(Format{}, src, "")
		if i := slices.IndexFunc(facts, func(p part.Pair) bool { return p.Key == "Certificate" }); i < 0 || facts[i].Text != want {
			t.Errorf("%s: %+v, want %q", target, facts, want)
		}
	}
}
