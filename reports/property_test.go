package reports_test

import (
	"testing"
	"time"

	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/roster"

	"pgregory.net/rapid"
)

// Whatever is wrong with the data, a check does not pass (guarantee P1). Facts
// are drawn at random, mostly sound; the oracle below knows the rules of
// domain.md §2.3 in its own words and shares no code with the gates.
func TestNothingBadEverPasses(t *testing.T) {
	passed, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		f, c, sound := drawFacts(t)
		items := rapid.SampledFrom([]int{0, 0, 0, 1, 3}).Draw(t, "items")
		failure := rapid.SampledFrom([]string{"", "", "", "It broke."}).Draw(t, "failure")
		outcome, limited, reason := reports.Decide(reports.Case{
			Items: make([]reports.Item, items), Failure: failure, Gates: reports.Judge(f, c),
		})
		if outcome == reports.Pass {
			passed++
			if !sound || items > 0 || failure != "" || limited {
				t.Fatalf("a pass with sound=%v items=%d failure=%q: %+v", sound, items, failure, f)
			}
			return
		}
		refused++
		if sound && items == 0 && failure == "" {
			t.Fatalf("sound data without items is %s: %s", outcome, reason)
		}
		if reason == "" {
			t.Fatalf("%s without a reason", outcome)
		}
		if items > 0 && failure == "" && limited == sound {
			t.Fatalf("items in data that is sound=%v are limited=%v", sound, limited)
		}
	})
	if passed == 0 || refused == 0 {
		t.Fatalf("control: %d passed, %d refused; the draw does not show both", passed, refused)
	}
}

// drawFacts makes facts of one Kubernetes source, at one event a minute, and
// says whether they are sound. Each defect is drawn on its own.
func drawFacts(t *rapid.T) (*reports.Facts, reports.CheckFacts, bool) {
	sound := true
	bad := func(name string) bool {
		if rapid.IntRange(0, 24).Draw(t, name) != 0 {
			return false
		}
		sound = false
		return true
	}
	harmless := func(name string) bool { return rapid.Bool().Draw(t, name) }

	minutes := rapid.IntRange(20, 90).Draw(t, "minutes")
	first, last := 0, minutes-1
	if harmless("begins a little late") {
		first = rapid.IntRange(0, 5).Draw(t, "first")
	}
	if bad("begins late") {
		first = rapid.IntRange(6, 12).Draw(t, "first late")
	}
	if harmless("ends a little early") {
		last = minutes - rapid.IntRange(1, 5).Draw(t, "last")
	}
	if bad("ends early") {
		last = minutes - rapid.IntRange(6, 7).Draw(t, "last early")
	}
	hole, wide := 0, 0
	if last >= 19 && bad("hole") { // the event after it is not the last, which is always there
		hole, wide = 13, 6
	}
	cover := connectors.NewCoverage()
	for m := first; m <= last; m++ {
		if hole > 0 && m >= hole && m < hole+wide && m < last {
			continue
		}
		cover.Observe(after(time.Duration(m) * time.Minute))
	}
	lines := int64(rapid.IntRange(1000, 9000).Draw(t, "lines"))
	read := connectors.Completeness{
		Stats: connectors.Stats{Lines: lines, Records: lines}, Oldest: after(time.Duration(first) * time.Minute),
		Coverage: map[string]*connectors.Coverage{"": cover},
	}
	if harmless("one bad line") {
		read.Unparsed = 1
	}
	if bad("bad lines") {
		read.Unparsed = lines/1000 + 1
	}
	if bad("problem") {
		read.Problems = []connectors.Problem{{Where: "a", Reason: "b"}}
	}
	if bad("future") {
		read.Future = 1
	}
	f := &reports.Facts{
		Window: reports.RunWindow{From: noon, To: after(time.Duration(minutes) * time.Minute), Given: true}, Now: after(3 * time.Hour),
		Sources:   []reports.SourceFacts{{Name: "kubernetes", Kind: connectors.Kubernetes, Events: 1, Read: read}},
		HasPeople: true, RosterTakenAt: noon, HasLedger: true, LedgerSince: noon.Add(-30 * 24 * time.Hour),
		Expected: []roster.ExpectedSource{{Name: "kubernetes"}, {Name: "authlog"}},
	}
	if bad("not over") {
		f.Now = after(10 * time.Minute)
	}
	if bad("silent second source") {
		f.Sources = append(f.Sources, reports.SourceFacts{Name: "eu-2", Kind: connectors.Kubernetes})
	}
	if harmless("silent source of another kind") {
		f.Sources = append(f.Sources, reports.SourceFacts{Name: "authlog", Kind: connectors.AuthLog})
	}
	if bad("expected is missing") {
		f.Expected = append(f.Expected, roster.ExpectedSource{Name: "eu-3"})
	}
	if bad("no people") {
		f.HasPeople = false
	}
	if bad("old people") {
		f.RosterTakenAt = noon.Add(-8 * 24 * time.Hour)
	}
	if bad("young ledger") {
		f.LedgerSince = noon.Add(-29 * 24 * time.Hour)
	}
	if bad("no source") {
		f.Sources = nil
	}
	c := reports.CheckFacts{ID: "X-01", Witnessed: 1, Needs: reports.Needs{
		Kinds: []connectors.Kind{connectors.Kubernetes}, People: true, Bodies: true, LedgerDays: 30, Witness: connectors.In("verb", "get"),
	}}
	if bad("no witness") {
		c.Witnessed = 0
	}
	if bad("undecidable") {
		c.Undecidable = 1
	}
	return f, c, sound
}
