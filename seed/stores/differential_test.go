package stores_test

import (
	"os"
	"slices"
	"testing"
	"time"

	"logreeve/app/config"
	"logreeve/connectors"
	"logreeve/connectors/searchtest"
	"logreeve/reports"
	"logreeve/reports/checks"
)

// What is still to come. Each true makes the tests demand it.
const (
	// pushedDown: a run counts in the store and does not read the whole window.
	pushedDown = true
	// leadIsRead: a store delivers what lies before the window, for bursts that
	// began there.
	leadIsRead = true
	// unmappedIsRead: an index without a document and without a mapping may be
	// among those of the pattern.
	unmappedIsRead = true
)

// auditgenStart is when the log of the generator begins.
func auditgenStart() time.Time { return time.Date(2025, 3, 3, 4, 30, 0, 0, time.UTC) }

// events is how many events are made up.
const events = 200_000

// asked is a question of a log, and what a file answers.
type asked struct {
	name     string
	question question
	lead     bool // a burst that is looked for began before the window
	want     facts
}

// compared is a log with its questions.
type compared struct {
	name     string
	log      log
	verbatim bool // documents are the lines of the file, byte by byte
	asked    []asked
	transfer bool // what crosses the wire is measured, too
	fewer    bool // on the two servers of make test only
	few      found
}

// within is a window of a day.
func within(t testing.TB, from, to string) connectors.Window {
	t.Helper()
	at := func(text string) connectors.Instant {
		i, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		return connectors.At(i)
	}
	return connectors.Window{From: at(from), To: at(to)}
}

// everything lists the logs and what is asked of them, with the answers of files.
func everything(t testing.TB) []compared {
	december := question{
		checks: checks.All(), roster: recordedRoster(t), now: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
		params: map[string]map[string]string{"ACC-02": {"count": "5"}, "ACC-09": {"failures": "5"}},
	}
	noon := question{checks: checks.All(), roster: generatedRoster(t), now: time.Date(2025, 3, 3, 12, 0, 0, 0, time.UTC)}
	with := func(q question, change func(*question)) question { change(&q); return q }
	recordedQuestions := []asked{
		{name: "the catalogue", question: december},
		{name: "the catalogue in a window", question: with(december, func(q *question) {
			q.window = within(t, "2026-11-20T09:10:25Z", "2026-11-20T09:11:20Z")
			q.params = map[string]map[string]string{"ACC-02": {"count": "5"}, "ACC-09": {"failures": "5"}, "CHG-02": {"scope": "all"}}
		})},
		{name: "bursts that began before", lead: true, question: with(december, func(q *question) {
			q.window = within(t, "2026-11-20T09:01:45Z", "2026-11-20T09:11:00Z")
		})},
	}
	made := generated(t, events)
	all := []compared{
		{name: "recordings", log: recorded(t, plain()), verbatim: true, asked: recordedQuestions},
		{name: "recordings in Welkin", log: recorded(t, welkin()), asked: slices.Clone(recordedQuestions)},
		{name: "generated", log: made, verbatim: true, transfer: true, asked: []asked{
			{name: "the catalogue", question: noon},
			{name: "the catalogue in a window", question: with(noon, func(q *question) {
				q.window = within(t, "2025-03-03T05:00:00Z", "2025-03-03T05:20:00Z")
				q.params = map[string]map[string]string{"CHG-02": {"scope": "all"}}
			})},
			{name: "forty definitions", question: with(noon, func(q *question) { q.checks = forty(t) })},
		}},
	}
	winter := with(december, func(q *question) {
		q.roster = oddRoster(t)
		q.params = map[string]map[string]string{"ACC-02": {"count": "2", "window": "10s"}}
	})
	oddQuestions := []asked{
		{name: "the catalogue", question: winter},
		{name: "the catalogue in a window", question: with(winter, func(q *question) { q.window = within(t, "2026-11-20T10:20:00Z", "2026-11-20T10:40:00Z") })},
		{name: "the catalogue between microseconds", question: with(winter, func(q *question) {
			q.window = within(t, "2026-11-20T10:15:00.123457Z", "2026-11-20T10:35:10.000001Z")
		})},
		{name: "bursts that began before", lead: true, question: with(winter, func(q *question) {
			q.window = within(t, "2026-11-20T10:30:00Z", "2026-11-20T10:50:00Z")
			q.params = map[string]map[string]string{"ACC-02": {"count": "5"}}
		})},
	}
	definitions := []asked{
		{name: "forty definitions", question: with(winter, func(q *question) { q.checks, q.params = forty(t), nil })},
		{name: "forty definitions in a window", question: with(winter, func(q *question) {
			q.checks, q.params = forty(t), nil
			q.window = within(t, "2026-11-20T10:20:00Z", "2026-11-20T10:40:00Z")
		})},
	}
	path := oddLog(t, oddities()...)
	for _, p := range pipelines() {
		all = append(all, compared{
			name: "odd requests, " + p.name, log: log{p.through(t, path)}, verbatim: p.document == nil, asked: slices.Concat(oddQuestions, definitions),
		})
	}
	// By themselves those that keep a store from counting documents as requests;
	// among others one may have the store read instead of counted, and hide them.
	single := []oddity{stages, repeated, nameless, stageless, proxied, lateEnd}
	if everyStore() {
		all = append(all, compared{name: "a million", log: generated(t, million), transfer: true, fewer: true})
		single = append(oddities(), lateEnd)
	}
	for _, o := range single {
		all = append(all, compared{name: "odd requests, " + string(o), log: log{plain().through(t, oddLog(t, o))}, verbatim: true, asked: slices.Clone(oddQuestions)})
	}
	for i := range all {
		for j := range all[i].asked {
			a := &all[i].asked[j]
			got := ask(t, a.question, all[i].log.files(t, a.question.clock))
			a.want = got.facts(all[i].verbatim)
			t.Logf("%s, %s: %d facts of files in %s", all[i].name, a.name, len(a.want), got.took.Round(time.Millisecond))
		}
		if all[i].transfer {
			all[i].few = finds(t, few(t), all[i].log)
		}
	}
	return all
}

// everyStore says whether tests run on every server of docs/stores.md.
func everyStore() bool { return len(searchtest.Versions()) > 2 }

// forty are the checks of the generator as definitions.
func forty(t testing.TB) []reports.Check {
	t.Helper()
	const path = "../auditgen/checks.yaml"
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	all, err := config.ReadDefinitions(f, path, map[string]string{})
	if err != nil {
		t.Fatal(err)
	}
	out := make([]reports.Check, len(all))
	for i := range all {
		out[i] = all[i].Check()
	}
	return out
}

// TestStoresSayWhatFilesSay runs every check over the same logs in files and in
// stores. Logs are taken in once for each server.
func TestStoresSayWhatFilesSay(t *testing.T) {
	all := everything(t)
	for i, version := range searchtest.Versions() {
		t.Run(version, func(t *testing.T) {
			server := searchtest.Start(t, version)
			for _, c := range all {
				if c.fewer && i > 1 {
					continue
				}
				t.Run(c.name, func(t *testing.T) {
					began := time.Now()
					store := c.log.fill(t, server)
					t.Logf("taken in: %d bytes in %s", store.bytes, time.Since(began).Round(time.Millisecond))
					for _, a := range c.asked {
						if a.lead && !leadIsRead {
							continue
						}
						t.Run(a.name, func(t *testing.T) {
							got := ask(t, a.question, store.sources(t, server.URL, a.question.clock))
							s := got.outcomes.Sources[0]
							t.Logf("%s, %d requests, %d bytes, %d of %d events read", got.took.Round(time.Millisecond), s.Requests, s.BytesReceived, s.Records, s.InWindow)
							tell(t, differences(a.want, got.facts(c.verbatim)))
						})
					}
					if c.transfer {
						t.Run("transfer", func(t *testing.T) { transfer(t, c.few, store) })
					}
				})
			}
		})
	}
}
