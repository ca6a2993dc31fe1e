package reports_test

import (
	"testing"
	"time"

	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/roster"
)

// covered is a histogram with one event at each time.
func covered(times ...connectors.Instant) *connectors.Coverage {
	c := connectors.NewCoverage()
	for _, t := range times {
		c.Observe(t)
	}
	return c
}

// goodFacts are facts under which every gate of goodCheck is met.
func goodFacts() *reports.Facts {
	events := []connectors.Instant{after(0), after(4 * time.Minute), after(8*time.Minute + 30*time.Second)}
	return &reports.Facts{
		Window: reports.RunWindow{From: after(0), To: after(10 * time.Minute), Given: true},
		Now:    after(time.Hour),
		Sources: []reports.SourceFacts{
			{Name: "kubernetes", Kind: connectors.Kubernetes, Events: 3, Read: connectors.Completeness{
				Stats:    connectors.Stats{Lines: 2010, Blank: 10, Records: 2000, Events: 3},
				Coverage: map[string]*connectors.Coverage{"": covered(events...)}, Oldest: after(0), Newest: after(9 * time.Minute),
			}},
			{Name: "authlog", Kind: connectors.AuthLog, Events: 1, Read: connectors.Completeness{
				Stats:    connectors.Stats{Lines: 1, Records: 1, Events: 1},
				Coverage: map[string]*connectors.Coverage{"worker-1": covered(after(time.Minute))}, Oldest: after(time.Minute), Newest: after(time.Minute),
			}},
		},
		HasPeople: true, HasKeys: true, RosterTakenAt: noon,
		HasLedger: true, LedgerSince: noon.Add(-90 * 24 * time.Hour),
	}
}

func goodCheck() reports.CheckFacts {
	return reports.CheckFacts{ID: "PRV-04", Witnessed: 1, Needs: reports.Needs{
		Kinds: []connectors.Kind{connectors.Kubernetes}, People: true, Keys: true, Bodies: true,
		Witness: connectors.In("resource", "secrets"), WitnessText: "reads of secrets", LedgerDays: 90,
	}}
}

func (t gateCase) run(test *testing.T) {
	test.Helper()
	f, c := goodFacts(), goodCheck()
	if t.change != nil {
		t.change(f, &c)
	}
	for _, g := range reports.Judge(f, c) {
		if g.ID == t.gate {
			if g.OK != t.ok || g.Detail != t.detail {
				test.Errorf("%s %s:\n got %v %q\nwant %v %q", t.name, t.gate, g.OK, g.Detail, t.ok, t.detail)
			}
			return
		}
	}
	test.Errorf("%s: gate %s was not judged", t.name, t.gate)
}

type gateCase struct {
	name   string
	change func(*reports.Facts, *reports.CheckFacts)
	gate   reports.GateID
	ok     bool
	detail string
}

func TestGates(t *testing.T) {
	const day = 24 * time.Hour
	both := []connectors.Kind{connectors.Kubernetes, connectors.AuthLog}
	noWindow := func(f *reports.Facts, _ *reports.CheckFacts) { f.Window = reports.RunWindow{} }
	noSource := func(f *reports.Facts, _ *reports.CheckFacts) { f.Sources = nil }
	cases := []gateCase{
		{"counted in a store", func(f *reports.Facts, _ *reports.CheckFacts) {
			f.Sources[0].Read.Counted, f.Sources[0].Read.Records = 1_000_000, 512
		}, reports.G1, true,
			"1,000,000 events were counted in the store, which answered in full; 512 records of 1 source, all that had to be looked at, were read to the end."},
		{"good", nil, reports.G1, true, "2,000 records of 1 source were read to the end."},
		{"no source", noSource, reports.G1, false, "No source of the kind kubernetes was given."},
		{"other kinds", func(_ *reports.Facts, c *reports.CheckFacts) { c.Needs.Kinds = nil }, reports.G1, true,
			"2,001 records of 2 sources were read to the end."},
		{"a problem", func(f *reports.Facts, _ *reports.CheckFacts) {
			f.Sources[0].Read.Problems = []connectors.Problem{{Where: "a.log", Reason: "the file ends inside a line"}, {}}
		}, reports.G1, false, "The read of kubernetes is not complete: the file ends inside a line (a.log) and 1 more problem."},
		{"a problem elsewhere", func(f *reports.Facts, _ *reports.CheckFacts) {
			f.Sources[1].Read.Problems = []connectors.Problem{{}}
		}, reports.G1, true, "2,000 records of 1 source were read to the end."},

		{"resumed", func(f *reports.Facts, _ *reports.CheckFacts) {
			f.Sources[0].Read.Resumed = []connectors.Resumption{{Lines: 1500}, {Lines: 3}}
		}, reports.G1, true, "2,000 records of 1 source were read to the end; of these, 1,503 lines before the window were read by an earlier run and not again."},
		{"noted, and read whole all the same", func(f *reports.Facts, _ *reports.CheckFacts) {
			f.Sources[0].Read.Resumed = []connectors.Resumption{{Reason: "The file was cut."}}
		}, reports.G1, true, "2,000 records of 1 source were read to the end."},

		{"good", nil, reports.G2, true, "3 events from 1 source in the window; no expected source is declared."},
		{"no source", noSource, reports.G2, false, "No source of the kind kubernetes was given."},
		{"silent source", func(f *reports.Facts, c *reports.CheckFacts) {
			c.Needs.Kinds = both
			f.Sources[1].Events = 0
		}, reports.G2, false, "The source authlog has no event in the window."},
		{"expected reports", func(f *reports.Facts, _ *reports.CheckFacts) {
			f.Expected = []roster.ExpectedSource{{Name: "kubernetes"}}
		}, reports.G2, true, "3 events from 1 source in the window; the one expected source reports."},
		{"expected missing", func(f *reports.Facts, _ *reports.CheckFacts) {
			f.Expected = []roster.ExpectedSource{{Name: "prod"}, {Name: "kubernetes"}, {Name: "test"}, {Name: "dev"}}
		}, reports.G2, false, "The expected source prod has no event in the window and 2 more expected sources."},
		{"expected of another kind", func(f *reports.Facts, _ *reports.CheckFacts) {
			f.Expected = []roster.ExpectedSource{{Name: "pgaudit"}, {Name: "authlog", Host: "worker-2"}}
		}, reports.G2, true, "3 events from 1 source in the window; no expected source is declared."},
		{"expected host", func(f *reports.Facts, c *reports.CheckFacts) {
			c.Needs.Kinds = both
			f.Expected = []roster.ExpectedSource{{Name: "authlog", Host: "worker-1"}, {Name: "authlog", Host: "worker-2"}}
		}, reports.G2, false, "The expected source worker-2 (authlog) has no event in the window."},

		{"good", nil, reports.G3, true, "The data reaches back to the start of the window, 2026-11-20T12:00:00.000000Z."},
		{"no window", noWindow, reports.G3, false, "There are no events and no window was given, so nothing can be said about its start."},
		{"no events", func(f *reports.Facts, _ *reports.CheckFacts) { f.Sources[0].Read.Oldest = 0 }, reports.G3, false,
			"The source kubernetes holds no event, so it does not reach back to the start of the window."},
		{"just early enough", func(f *reports.Facts, _ *reports.CheckFacts) { f.Sources[0].Read.Oldest = after(5 * time.Minute) },
			reports.G3, true, "The data reaches back to the start of the window, 2026-11-20T12:00:00.000000Z."},
		{"begins late", func(f *reports.Facts, _ *reports.CheckFacts) {
			f.Sources[0].Read.Oldest = after(5*time.Minute + time.Second)
		},
			reports.G3, false, "The source kubernetes begins at 2026-11-20T12:05:01.000000Z, 5 minutes 1 second after the start of the window."},

		{"good", nil, reports.G4, true, "The longest silence is 4 minutes 30 seconds; at most 5 minutes is allowed."},
		{"no window", noWindow, reports.G4, false, "There are no events and no window was given, so silence cannot be measured."},
		{"no end", func(f *reports.Facts, _ *reports.CheckFacts) { f.Window.To = 0 }, reports.G4, false,
			"There are no events and no window was given, so silence cannot be measured."},
		{"no start", func(f *reports.Facts, _ *reports.CheckFacts) { f.Window.From = 0 }, reports.G4, false,
			"There are no events and no window was given, so silence cannot be measured."},
		{"no silence", func(f *reports.Facts, _ *reports.CheckFacts) {
			f.Window = reports.RunWindow{From: after(0), To: after(0) + 1}
			f.Sources[0].Read.Coverage[""] = covered(after(0))
		}, reports.G4, true, "The longest silence is less than a second; at most 5 minutes is allowed."},
		{"silence inside", func(f *reports.Facts, _ *reports.CheckFacts) {
			f.Sources[0].Read.Coverage[""] = covered(after(0), after(5*time.Minute+time.Second), after(9*time.Minute))
		}, reports.G4, false, "The source kubernetes is silent for 5 minutes 1 second from 2026-11-20T12:00:00.000000Z; at most 5 minutes is allowed."},
		{"silence at the end", func(f *reports.Facts, _ *reports.CheckFacts) { f.Window.To = after(26 * time.Hour) },
			reports.G4, false, "The source kubernetes is silent for 1 day 1 hour from 2026-11-20T12:08:30.000000Z; at most 5 minutes is allowed."},
		{"silence allowed", func(f *reports.Facts, _ *reports.CheckFacts) {
			f.Window.To = after(time.Hour)
			f.Expected = []roster.ExpectedSource{{Name: "kubernetes", MaxGap: 3600}}
		}, reports.G4, true, "The longest silence is 51 minutes 30 seconds; at most 1 hour is allowed."},
		{"a second cluster is silent", func(f *reports.Facts, _ *reports.CheckFacts) {
			f.Sources[0].Read.Coverage["eu-2"] = covered(after(0))
		}, reports.G4, false, "The source eu-2 (kubernetes) is silent for 10 minutes from 2026-11-20T12:00:00.000000Z; at most 5 minutes is allowed."},
		{"the longest of two", func(f *reports.Facts, _ *reports.CheckFacts) {
			f.Sources[0].Read.Coverage["eu-2"] = covered(after(0), after(3*time.Minute), after(6*time.Minute), after(9*time.Minute))
		}, reports.G4, true, "The longest silence is 4 minutes 30 seconds; at most 5 minutes is allowed."},
		{"host with its own limit", func(f *reports.Facts, c *reports.CheckFacts) {
			c.Needs.Kinds = both
			f.Expected = []roster.ExpectedSource{{Name: "authlog", Host: "worker-1", MaxGap: 60}, {Name: "authlog", MaxGap: 7200}}
		}, reports.G4, false, "The source worker-1 (authlog) is silent for 9 minutes from 2026-11-20T12:01:00.000000Z; at most 1 minute is allowed."},
		{"no event at all", func(f *reports.Facts, _ *reports.CheckFacts) { f.Sources[0].Read.Coverage = nil },
			reports.G4, false, "The source kubernetes is silent for 10 minutes from 2026-11-20T12:00:00.000000Z; at most 5 minutes is allowed."},

		{"good", nil, reports.G5, true, "The window ended at 2026-11-20T12:10:00.000000Z and every event in it has arrived."},
		{"ends now", func(f *reports.Facts, _ *reports.CheckFacts) { f.Now = f.Window.To }, reports.G5, true,
			"The window ended at 2026-11-20T12:10:00.000000Z and every event in it has arrived."},
		{"not over", func(f *reports.Facts, _ *reports.CheckFacts) { f.Now = f.Window.To - 1 }, reports.G5, false,
			"The window ends at 2026-11-20T12:10:00.000000Z, which is not over yet."},
		{"not settled", func(f *reports.Facts, _ *reports.CheckFacts) { f.Sources[0].Settle = 51 * time.Minute }, reports.G5, false,
			"The window ends at 2026-11-20T12:10:00.000000Z, but kubernetes may deliver events up to 51 minutes late."},
		{"settled", func(f *reports.Facts, _ *reports.CheckFacts) { f.Sources[0].Settle = 50 * time.Minute }, reports.G5, true,
			"The window ended at 2026-11-20T12:10:00.000000Z and every event in it has arrived."},
		{"from the future", func(f *reports.Facts, _ *reports.CheckFacts) { f.Sources[0].Read.Future = 1 }, reports.G5, false,
			"1 event of kubernetes is dated in the future, so a clock is wrong."},
		{"no window", noWindow, reports.G5, false, "There are no events and no window was given, so the window has no end."},

		{"good", nil, reports.G6, true, "Every event that was looked at holds the content needed to judge it."},
		{"content missing", func(_ *reports.Facts, c *reports.CheckFacts) { c.Undecidable = 1 }, reports.G6, false,
			"1 event could not be judged because the log does not hold the content."},

		{"content missing, and why", func(_ *reports.Facts, c *reports.CheckFacts) { c.Undecidable, c.Why = 2, "content not recorded" }, reports.G6, false,
			"2 events could not be judged, the first because: content not recorded."},

		{"good", nil, reports.G7, true, "The log records reads of secrets: the window holds at least one."},
		{"without words", func(_ *reports.Facts, c *reports.CheckFacts) { c.Needs.WitnessText = "" }, reports.G7, true,
			"The log records events of this kind: the window holds at least one."},
		{"no witness", func(_ *reports.Facts, c *reports.CheckFacts) { c.Witnessed = 0 }, reports.G7, false,
			"Nothing shows that the log records reads of secrets at all: the window holds none, by anyone."},
		{"declared", func(f *reports.Facts, c *reports.CheckFacts) {
			c.Witnessed, f.Witnesses = 0, []string{"PRV-05", "PRV-04"}
		}, reports.G7, true, "The registers declare that the log records reads of secrets."},
		{"another declared", func(f *reports.Facts, c *reports.CheckFacts) {
			c.Witnessed, f.Witnesses = 0, []string{"PRV-05"}
		}, reports.G7, false, "Nothing shows that the log records reads of secrets at all: the window holds none, by anyone."},
		{"policy", func(f *reports.Facts, c *reports.CheckFacts) {
			c.Witnessed, f.Policy = 0, &reports.AuditPolicy{Rules: []reports.PolicyRule{{Level: "Metadata"}}}
			c.Needs.PolicyNeeds = []reports.PolicyNeed{{Verbs: []string{"get"}, Resources: []string{"secrets"}, Level: "Metadata"}}
		}, reports.G7, true, "The audit policy given records reads of secrets."},
		{"policy silent", func(f *reports.Facts, c *reports.CheckFacts) {
			c.Witnessed, f.Policy = 0, &reports.AuditPolicy{}
			c.Needs.PolicyNeeds = []reports.PolicyNeed{{Verbs: []string{"get"}, Resources: []string{"secrets"}, Level: "Metadata"}}
		}, reports.G7, false, "Nothing shows that the log records reads of secrets at all: the window holds none, by anyone."},

		{"good", nil, reports.G8, true, "2,000 of 2,000 lines were understood."},
		{"one in a thousand", func(f *reports.Facts, _ *reports.CheckFacts) { f.Sources[0].Read.Unparsed = 2 }, reports.G8, true,
			"1,998 of 2,000 lines were understood."},
		{"more", func(f *reports.Facts, _ *reports.CheckFacts) { f.Sources[0].Read.Unparsed = 3 }, reports.G8, false,
			"3 of 2,000 lines in kubernetes could not be read, more than one in a thousand."},
		{"documents", func(f *reports.Facts, _ *reports.CheckFacts) {
			f.Sources[0].Read.Stats = connectors.Stats{Records: 4999, Unparsed: 5}
		}, reports.G8, true, "4,999 of 5,004 lines were understood."},
		{"bad documents", func(f *reports.Facts, _ *reports.CheckFacts) {
			f.Sources[0].Read.Stats = connectors.Stats{Records: 4994, Unparsed: 5}
		}, reports.G8, false, "5 of 4,999 lines in kubernetes could not be read, more than one in a thousand."},

		{"good", nil, reports.G9, true, "People and keys are from 2026-11-20T12:00:00.000000Z."},
		{"no people", func(f *reports.Facts, _ *reports.CheckFacts) { f.HasPeople = false }, reports.G9, false, "No people file was given."},
		{"people not needed", func(f *reports.Facts, c *reports.CheckFacts) { f.HasPeople, c.Needs.People = false, false },
			reports.G9, true, "People and keys are from 2026-11-20T12:00:00.000000Z."},
		{"no keys", func(f *reports.Facts, _ *reports.CheckFacts) { f.HasKeys = false }, reports.G9, false, "No file of registered SSH keys was given."},
		{"keys not needed", func(f *reports.Facts, c *reports.CheckFacts) { f.HasKeys, c.Needs.Keys = false, false },
			reports.G9, true, "People and keys are from 2026-11-20T12:00:00.000000Z."},
		{"no date", func(f *reports.Facts, _ *reports.CheckFacts) { f.RosterTakenAt = 0 }, reports.G9, false,
			"It is not known from when the people and keys are."},
		{"a week old", func(f *reports.Facts, _ *reports.CheckFacts) { f.RosterTakenAt = f.Window.To.Add(-7 * day) }, reports.G9, true,
			"People and keys are from 2026-11-13T12:10:00.000000Z."},
		{"too old", func(f *reports.Facts, _ *reports.CheckFacts) { f.RosterTakenAt = f.Window.To.Add(-7*day) - 1 }, reports.G9, false,
			"People and keys are from 2026-11-13T12:09:59.999999Z, 7 days before the end of the window; at most 7 days is allowed."},

		{"good", nil, reports.G10, true, "The record of who was seen before begins at 2026-08-22T12:00:00.000000Z, at least 90 days before the window."},
		{"no ledger", func(f *reports.Facts, _ *reports.CheckFacts) { f.HasLedger = false }, reports.G10, false,
			"There is no record yet of who was seen before; 90 days before the window are needed."},
		{"empty ledger", func(f *reports.Facts, _ *reports.CheckFacts) { f.LedgerSince = 0 }, reports.G10, false,
			"There is no record yet of who was seen before; 90 days before the window are needed."},
		{"young ledger", func(f *reports.Facts, _ *reports.CheckFacts) { f.LedgerSince++ }, reports.G10, false,
			"The record of who was seen before begins at 2026-08-22T12:00:00.000001Z; 90 days before the window are needed."},
		{"no window", noWindow, reports.G10, false, "There are no events and no window was given, so nothing can be said about the time before it."},
		{"without sources", noSource, reports.G9, true, "People and keys are from 2026-11-20T12:00:00.000000Z."},
		{"without sources", noSource, reports.G10, true, "The record of who was seen before begins at 2026-08-22T12:00:00.000000Z, at least 90 days before the window."},
		{"unknown", func(_ *reports.Facts, c *reports.CheckFacts) { c.Needs.Gates = []reports.GateID{"G77"} }, "G77", false,
			"The gate G77 does not exist."},
	}
	for _, c := range cases {
		c.run(t)
	}
}

func TestGatesAreThoseTheCheckNeeds(t *testing.T) {
	witness := connectors.In("verb", "get")
	for _, c := range []struct {
		needs reports.Needs
		want  []reports.GateID
	}{
		{reports.Needs{}, []reports.GateID{"G1", "G2", "G3", "G4", "G5", "G8"}},
		{reports.Needs{Bodies: true}, []reports.GateID{"G1", "G2", "G3", "G4", "G5", "G6", "G8"}},
		{reports.Needs{Witness: witness}, []reports.GateID{"G1", "G2", "G3", "G4", "G5", "G7", "G8"}},
		{reports.Needs{People: true}, []reports.GateID{"G1", "G2", "G3", "G4", "G5", "G8", "G9"}},
		{reports.Needs{Keys: true}, []reports.GateID{"G1", "G2", "G3", "G4", "G5", "G8", "G9"}},
		{reports.Needs{LedgerDays: 1}, []reports.GateID{"G1", "G2", "G3", "G4", "G5", "G8", "G10"}},
		{reports.Needs{Gates: []reports.GateID{}, Bodies: true}, []reports.GateID{"G1"}},
		{reports.Needs{Gates: []reports.GateID{"G5", "G1", "G8"}}, []reports.GateID{"G1", "G5", "G8"}},
	} {
		var got []reports.GateID
		for _, g := range reports.Judge(goodFacts(), reports.CheckFacts{Needs: c.needs}) {
			got = append(got, g.ID)
		}
		if !equal(got, c.want) {
			t.Errorf("gates of %+v: %v, want %v", c.needs, got, c.want)
		}
	}
}

func equal[T comparable](a, b []T) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
