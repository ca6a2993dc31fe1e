package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"logreeve/app/runs"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/policy"
)

// rollUps are the rows of the roll-ups, as text.
func (db *database) rollUps(t testing.TB) []string {
	t.Helper()
	return slices.Concat(
		db.column(t, "SELECT day || ' ' || check_id || ' ' || outcome || ' ' || results || ' ' || items || ' ' || run_id || ' ' || finished_at FROM result_days ORDER BY day, check_id, outcome"),
		db.column(t, "SELECT object || ' ' || event_key || ' ' || run_id || ' ' || item_key FROM item_changes ORDER BY object, event_key, run_id, item_key"))
}

// The roll-ups that runs keep one by one, in any order of time, are those that
// the migration makes of all results at once.
func TestRollUpsAreWhatTheResultsAddUpTo(t *testing.T) {
	both(t, func(t *testing.T, db *database) {
		rnd := rand.New(rand.NewPCG(1, 2))
		outcomes := []reports.Outcome{reports.Pass, reports.Fail, reports.NeedsReview}
		for n := range 25 {
			r, _, _ := finished(t, fmt.Sprintf("r_%d", n), connectors.Instant(20000+rnd.IntN(5))*24*hour)
			r.Window = reports.RunWindow{From: r.CreatedAt - 24*hour, To: r.CreatedAt, Given: true}
			switch n % 5 {
			case 0:
				r.Window = reports.RunWindow{} // counted on the day it finished
			case 1:
				r.Only = []string{"one source"} // does not speak for the organisation
			}
			for i := range r.Results {
				r.Results[i].Outcome = outcomes[rnd.IntN(len(outcomes))]
			}
			do(t, db, r, nil, nil)
		}
		kept := db.rollUps(t)
		if len(kept) < 20 {
			t.Fatalf("only %d rows: the test tests nothing", len(kept))
		}
		remake := func() {
			t.Helper()
			if err := db.MigrateDown(ctx, 4); err != nil {
				t.Fatal(err)
			}
			if err := db.Migrate(ctx); err != nil {
				t.Fatal(err)
			}
		}
		remake()
		if again := db.rollUps(t); !slices.Equal(kept, again) {
			t.Errorf("kept:\n%s\nmade of all results:\n%s", strings.Join(kept, "\n"), strings.Join(again, "\n"))
		}
		// The control: a count that is off is seen.
		db.exec(t, "UPDATE result_days SET results = results + 1 WHERE day = (SELECT max(day) FROM result_days)")
		wrong := db.rollUps(t)
		remake()
		if again := db.rollUps(t); slices.Equal(wrong, again) {
			t.Error("a wrong count was not noticed")
		}
	})
}

// A window that ends at midnight ends on the day before; the newest run of a
// day and outcome is named; older runs and those over some sources change that
// not.
func TestDays(t *testing.T) {
	both(t, func(t *testing.T, db *database) {
		const day = 20000 * 24 * hour
		run := func(id string, finished connectors.Instant, to connectors.Instant, only []string, outcome reports.Outcome) {
			r := runs.Run{ID: id, Status: runs.Done, Purpose: "nightly", CreatedAt: finished, FinishedAt: finished, Only: only, Window: reports.RunWindow{From: to - 24*hour, To: to, Given: true},
				Results: []reports.Result{{Check: "IAM-01", Outcome: outcome, Items: []reports.Item{{Key: "k"}}}}}
			do(t, db, r, nil, nil)
		}
		run("r_1", day+2*hour, day, nil, reports.Fail)
		run("r_2", day+3*hour, day-hour, nil, reports.Fail)
		run("r_0", day+hour, day, nil, reports.Fail)
		run("r_3", day+4*hour, day+1, nil, reports.Pass)
		run("r_4", day+5*hour, day+1, []string{"one"}, reports.Fail)
		got := must[[]runs.DayOutcome](t)(db.Days(ctx, day-24*hour))
		wantEqual(t, "days", got, []runs.DayOutcome{
			{Day: day - 24*hour, Check: "IAM-01", Outcome: reports.Fail, Results: 3, Items: 3, Run: "r_2", FinishedAt: day + 3*hour},
			{Day: day, Check: "IAM-01", Outcome: reports.Pass, Results: 1, Items: 1, Run: "r_3", FinishedAt: day + 4*hour},
		})
		if got := must[[]runs.DayOutcome](t)(db.Days(ctx, day+5*hour)); len(got) != 1 {
			t.Errorf("since the later day: %+v", got)
		}
	})
}

// An item is found by the change it is about, hostile names included.
func TestItemsOfChange(t *testing.T) {
	both(t, func(t *testing.T, db *database) {
		c := policy.Change{API: "networking.k8s.io", Kind: "NetworkPolicy", Namespace: hostile, Name: "x\x00\xff"}
		c.Event.Key = hostile
		for n, id := range []string{"r_1", "r_2"} {
			at := connectors.Instant(20000+n) * 24 * hour
			do(t, db, runs.Run{ID: id, Status: runs.Done, Purpose: "nightly", CreatedAt: at, FinishedAt: at, Results: []reports.Result{{Check: "NET-01", Outcome: reports.Fail, Items: []reports.Item{
				{Key: "a", Title: "About it", Severity: reports.High, Change: &reports.ChangeRef{Object: c.Object(), EventKey: c.Event.Key}},
				{Key: "b", Change: &reports.ChangeRef{Object: c.Object(), EventKey: "another"}}, {Key: "c"},
			}}}}, nil, nil)
		}
		got := must[[]runs.ItemOfChange](t)(db.ItemsOfChange(ctx, &c))
		wantEqual(t, "items", got, []runs.ItemOfChange{
			{Run: "r_2", Purpose: "nightly", Key: "a", Check: "NET-01", Title: "About it", Severity: reports.High},
			{Run: "r_1", Purpose: "nightly", Key: "a", Check: "NET-01", Title: "About it", Severity: reports.High},
		})
		c.Event.Key = "none"
		if got := must[[]runs.ItemOfChange](t)(db.ItemsOfChange(ctx, &c)); len(got) != 0 {
			t.Errorf("%+v", got)
		}
	})
}
