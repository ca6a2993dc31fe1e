package store_test

import (
	"testing"

	"logreeve/app/runs"
	"logreeve/connectors"
	"logreeve/reports"
)

// Only what a whole run read whole counts as read.
func TestWindowsRead(t *testing.T) {
	gates := func(unmet ...reports.GateID) (all []reports.Gate) {
		for _, id := range []reports.GateID{reports.G1, reports.G2, reports.G3, reports.G4, reports.G5, reports.G7, reports.G8} {
			g := reports.Gate{ID: id, OK: true}
			for _, u := range unmet {
				g.OK = g.OK && u != id
			}
			all = append(all, g)
		}
		return all
	}
	both(t, func(t *testing.T, db *database) {
		var want []connectors.Window
		for i, test := range []struct {
			check   string
			gates   []reports.Gate
			only    []string
			outcome reports.Outcome
			read    bool
		}{
			{"NET-01", gates(), nil, reports.Pass, true},
			{"NET-01", gates(reports.G7), nil, reports.Inconclusive, true}, // nothing to see, but it was looked
			{"NET-01", gates(), []string{"one"}, reports.Pass, false},
			{"NET-01", gates(reports.G1), nil, reports.Inconclusive, false},
			{"NET-01", gates(reports.G4), nil, reports.NeedsReview, false},
			{"NET-01", gates(reports.G5), nil, reports.NeedsReview, false},
			{"NET-01", gates()[1:], nil, reports.NeedsReview, false},
			{"NET-01", nil, nil, reports.Inconclusive, false},
			{"NET-01", gates(), nil, reports.Errored, false},
			{"NET-02", gates(), nil, reports.Pass, false},
		} {
			from := connectors.Instant(1+i) * hour
			id := "r_" + string(rune('a'+i))
			r := queued(id, from)
			r.Status, r.Only, r.FinishedAt, r.Window = runs.Done, test.only, 100*hour, reports.RunWindow{From: from, To: from + hour, Given: true}
			r.Results = []reports.Result{{Check: test.check, Outcome: test.outcome, Gates: test.gates}}
			do(t, db, r, nil, nil)
			if test.read {
				want = append([]connectors.Window{{From: from, To: from + hour}}, want...)
			}
		}
		wantEqual(t, "windows", must[[]connectors.Window](t)(db.WindowsRead(ctx, "NET-01", 50*hour)), want)
		wantEqual(t, "windows before", must[[]connectors.Window](t)(db.WindowsRead(ctx, "NET-01", 2*hour)), want[1:])
	})
}
