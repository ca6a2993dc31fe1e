package reports_test

import (
	"context"
	"testing"

	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/roster"
)

func TestOutcome(t *testing.T) {
	met := reports.Gate{ID: "G1", OK: true, Detail: "Met."}
	gap := reports.Gate{ID: "G4", Detail: "The source kubernetes is silent for a day."}
	stale := reports.Gate{ID: "G9", Detail: "People and keys are old."}
	violation, item := reports.Item{Violation: true}, reports.Item{}
	for name, c := range map[string]struct {
		given   reports.Case
		outcome reports.Outcome
		limited bool
		reason  string
	}{
		"pass": {reports.Case{Gates: []reports.Gate{met, met}, Population: 1204}, "pass", false,
			"Nothing was found in 1,204 events tested, and all 2 gates are met."},
		"pass without events of the kind": {reports.Case{Gates: []reports.Gate{met}}, "pass", false,
			"No event of this kind is in the window, and the one gate is met."},
		"nobody judged gates": {reports.Case{}, "inconclusive", false,
			"Nothing was found, but nobody looked whether the data is complete."},
		"gate not met": {reports.Case{Gates: []reports.Gate{met, gap}}, "inconclusive", false,
			"Nothing was found, but that proves nothing, because G4 is not met: the source kubernetes is silent for a day."},
		"two gates not met": {reports.Case{Gates: []reports.Gate{gap, met, stale}}, "inconclusive", false,
			"Nothing was found, but that proves nothing, because G4 and 1 more gate are not met: the source kubernetes is silent for a day."},
		"violation": {reports.Case{Gates: []reports.Gate{met}, Items: []reports.Item{violation}}, "fail", false, "1 violation."},
		"violation among items": {reports.Case{Gates: []reports.Gate{met}, Items: []reports.Item{item, violation, violation}}, "fail", false,
			"2 violations in 3 items."},
		"violation, limited": {reports.Case{Gates: []reports.Gate{met, gap}, Items: []reports.Item{violation}}, "fail", true,
			"1 violation, and there may be more, because G4 is not met: the source kubernetes is silent for a day."},
		"item": {reports.Case{Gates: []reports.Gate{met}, Items: []reports.Item{item}}, "needs_review", false, "1 item needs a decision."},
		"items, limited": {reports.Case{Gates: []reports.Gate{stale, met}, Items: []reports.Item{item, item}}, "needs_review", true,
			"2 items need a decision, and there may be more, because G9 is not met: people and keys are old."},
		"item without gates": {reports.Case{Items: []reports.Item{item}}, "needs_review", false, "1 item needs a decision."},
		"input missing": {reports.Case{Missing: &stale, Failure: "It broke.", Items: []reports.Item{violation}, Gates: []reports.Gate{gap}},
			"inconclusive", false, "Not run (G9): people and keys are old."},
		"we failed": {reports.Case{Failure: "It broke", Items: []reports.Item{violation}, Gates: []reports.Gate{gap}}, "error", false, "It broke."},
		"declared": {reports.Case{Declared: "no database is run here (erin, until 2027)", Missing: &stale, Failure: "x", Items: []reports.Item{violation}},
			"not_applicable", false, "Declared as not applicable here: no database is run here (erin, until 2027)."},
	} {
		outcome, limited, reason := reports.Decide(c.given)
		if outcome != c.outcome || limited != c.limited || reason != c.reason {
			t.Errorf("%s:\n got %s %v %q\nwant %s %v %q", name, outcome, limited, reason, c.outcome, c.limited, c.reason)
		}
	}
}

// A check without a required input does not run: its observer is never made.
func TestOutcomeOfCheckThatCannotRun(t *testing.T) {
	for name, c := range map[string]struct {
		needs  reports.Needs
		roster roster.Snapshot
		runs   bool
		reason string
	}{
		"no source of the kind": {reports.Needs{Kinds: []connectors.Kind{connectors.AuthLog}}, roster.Snapshot{}, false,
			"Not run (G2): no source of the kind authlog was given."},
		"no people": {reports.Needs{People: true}, roster.Snapshot{HasKeys: true}, false, "Not run (G9): no people file was given."},
		"no keys":   {reports.Needs{Keys: true}, roster.Snapshot{HasPeople: true}, false, "Not run (G9): no file of registered SSH keys was given."},
		"nothing expected": {reports.Needs{Expected: true}, roster.Snapshot{}, false,
			"Not run (G2): no expected_sources were declared in the registers file, so nothing says which sources must report."},
		"no register": {reports.Needs{Register: roster.ProdScope}, roster.Snapshot{}, false,
			"Not run (G9): no entry of the register prod_scope was given."},
		"expected": {reports.Needs{Expected: true}, roster.Snapshot{Registers: roster.Registers{
			Expected: []roster.ExpectedSource{{Name: "kubernetes"}}}}, true, ""},
		"register": {reports.Needs{Register: roster.ProdScope}, roster.Snapshot{HasRegisters: true, TakenAt: noon, Registers: roster.Registers{
			Entries: []roster.Entry{{Register: roster.ProdScope, Value: "cluster-scoped"}}}}, true, ""},
		"people":  {reports.Needs{People: true}, roster.Snapshot{HasPeople: true, TakenAt: noon}, true, ""},
		"keys":    {reports.Needs{Keys: true}, roster.Snapshot{HasKeys: true, TakenAt: noon}, true, ""},
		"nothing": {reports.Needs{}, roster.Snapshot{}, true, ""},
	} {
		made := false
		check := reports.Check{ID: "X-01", Type: reports.Assertion, Needs: c.needs, Each: func(*reports.Scope) reports.Observer {
			made = true
			return each{observe: func(*connectors.Event) {}}
		}}
		in := input(check, log(deed{at: noon, login: "alice@example.com", verb: "get", resource: "pods"}))
		in.Roster = roster.New(c.roster)
		out, err := reports.Engine{}.Run(context.Background(), in)
		if err != nil {
			t.Fatal(err)
		}
		got := out.Results[0]
		if made != c.runs {
			t.Errorf("%s: the check ran: %v, want %v", name, made, c.runs)
		}
		if c.runs {
			if got.Outcome != "pass" {
				t.Errorf("%s: %s (%s), want pass", name, got.Outcome, got.Reason)
			}
			continue
		}
		if got.Outcome != "inconclusive" || got.Reason != c.reason {
			t.Errorf("%s: %s %q, want inconclusive %q", name, got.Outcome, got.Reason, c.reason)
		}
	}
}
