package store_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"logreeve/app/store"
	"logreeve/app/trail"
	"logreeve/connectors"
	"logreeve/reports/policy"
	"logreeve/reviews"
)

var update = flag.Bool("update", false, "write golden files anew")

// pageQueries are the reads behind each page.
func pageQueries(db *database) []struct {
	page string
	read func() error
} {
	only := func(_ any, err error) error { return err }
	week := connectors.Window{From: 20000 * 24 * hour, To: 20007 * 24 * hour}
	inWork := reviews.ReviewFilter{States: []reviews.State{reviews.Open, reviews.InReview, reviews.SignOff, reviews.Missed}}
	change := &policy.Change{API: "a", Kind: "k", Name: "n"}
	list := []struct {
		page string
		read func() error
	}{
		{"every page: navigation", func() error { return only(db.Reviews(ctx, inWork)) }},
		{"every page: navigation", func() error { return only(db.CountOpenFindings(ctx)) }},
		{"every page: navigation", func() error { return only(db.CountChanges(ctx, week)) }},
		{"every page: navigation", func() error { return only(db.Sources(ctx)) }},
		{"every page: navigation", func() error { return only(db.Settings(ctx)) }},
		{"home", func() error { return only(db.Reviews(ctx, reviews.ReviewFilter{Limit: 60})) }},
		{"home", func() error { return only(db.Findings(ctx, reviews.FindingFilter{Open: true})) }},
		{"home", func() error { return only(db.LatestResults(ctx)) }},
		{"home", func() error { return only(db.Days(ctx, week.From)) }},
		{"home", func() error { return only(db.Snapshots(ctx, 1)) }},
		{"check", func() error { return only(db.Course(ctx, "IAM-01", 30)) }},
		{"runs", func() error { return only(db.Runs(ctx, 50, "")) }},
		{"runs, older", func() error { return only(db.Runs(ctx, 50, "r_1")) }},
		{"run", func() error { return only(db.Run(ctx, "r_1")) }},
		{"item", func() error { return only(db.Item(ctx, "r_1", "key-0-0")) }},
		{"findings, closed", func() error {
			return only(db.Findings(ctx, reviews.FindingFilter{Statuses: []reviews.FindingStatus{reviews.FindingClosed}, Limit: 101}))
		}},
		{"findings, all, older", func() error { return only(db.Findings(ctx, reviews.FindingFilter{Limit: 101, Before: "F-0001"})) }},
		{"findings", func() error { return only(db.CountFindings(ctx, "")) }},
		{"reviews, all, older", func() error { return only(db.Reviews(ctx, reviews.ReviewFilter{Limit: 61, Before: "W0-1"})) }},
		{"reviews", func() error { return only(db.CountReviews(ctx)) }},
		{"trail", func() error { return only(db.Trail(ctx, trail.Filter{}, 0, 101)) }},
		{"trail, by somebody", func() error { return only(db.Trail(ctx, trail.Filter{By: "u_1"}, 9, 101)) }},
		{"trail, of an action", func() error { return only(db.Trail(ctx, trail.Filter{Actions: []string{"a"}}, 9, 101)) }},
		{"trail, on an object", func() error { return only(db.Trail(ctx, trail.Filter{Kind: "run", Object: "r_1"}, 9, 101)) }},
		{"trail, of a day", func() error { return only(db.Trail(ctx, trail.Filter{From: week.From, To: week.To}, 9, 101)) }},
		{"trail", func() error { return only(db.TrailRecent(ctx, 1000)) }},
		{"find", func() error { return only(db.Find(ctx, "nightly 2026", 100)) }},
		{"changes", func() error { return only(db.Changes(ctx, week, 1000)) }},
		{"change", func() error { return only(db.ItemsOfChange(ctx, change)) }},
		{"change", func() error { return only(db.ObjectHistory(ctx, "a/k//n")) }},
		{"person", func() error { return only(db.Seen(ctx, []string{"kubernetes:alice"})) }},
		{"finding", func() error { return only(db.TrailFor(ctx, "finding", "F-0001")) }},
	}
	return list
}

// growing are the tables that grow for as long as the program runs.
var growing = []string{"runs", "results", "items", "item_evidence", "item_changes", "result_days", "trail", "changes", "run_changes", "populations", "ledger", "findings", "finding_changes", "decisions", "review_items", "review_picks", "review_events"}

// bounded are the walks over such a table that end by themselves: along an
// index, newest first, up to a LIMIT; or over its index alone, to count.
var bounded = map[string]string{
	"runs: SCAN runs USING INDEX runs_created":                        "ends at its LIMIT",
	"findings, all, older: SCAN findings USING INDEX findings_raised": "ends at its LIMIT",
	"trail: SEARCH trail USING INTEGER PRIMARY KEY (rowid<?)":         "newest first, ends at its LIMIT",
	"trail: SCAN trail": "in order of the key, ends at its LIMIT",
	"find: SCAN runs USING COVERING INDEX runs_created":            "the newest 1,000",
	"find: SCAN findings USING INDEX findings_raised":              "the newest 1,000",
	"findings: SCAN findings USING COVERING INDEX findings_facets": "counts over the index alone; a finding is made by a person",
}

// walk is a plan that goes through a table: from end to end, or from some row on
// by its number, whatever else is asked of the rows.
var walk = regexp.MustCompile(`^(?:SCAN (\w+)|SEARCH (\w+) USING INTEGER PRIMARY KEY \(rowid<\?\))`)

// plansOf explains what each page asks, and lists the walks over a growing
// table that nothing ends.
func plansOf(t *testing.T, db *database) (plans string, endless []string) {
	t.Helper()
	var out strings.Builder
	for _, q := range pageQueries(db) {
		asked := store.Statements(t, db.Store)
		_ = q.read() // what is not there is not found, after it was looked for
		fmt.Fprintf(&out, "%s\n", q.page)
		for _, s := range asked() {
			rows, err := db.sql.Query("EXPLAIN QUERY PLAN "+s.SQL, s.Vars...)
			if err != nil {
				t.Fatalf("%s: %v", s.SQL, err)
			}
			fmt.Fprintf(&out, "  %s\n", strings.Join(strings.Fields(s.SQL), " "))
			for rows.Next() {
				var id, parent, unused int
				var line string
				if err := rows.Scan(&id, &parent, &unused, &line); err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&out, "    %s\n", line)
				if m := walk.FindStringSubmatch(line); m != nil && slices.Contains(growing, m[1]+m[2]) && bounded[q.page+": "+line] == "" {
					endless = append(endless, q.page+": "+line)
				}
			}
			if err := errors.Join(rows.Err(), rows.Close()); err != nil {
				t.Fatal(err)
			}
		}
	}
	return out.String(), endless
}

// No page walks over a table that grows for ever. testdata/plans.golden lists
// what each page asks and how SQLite answers.
func TestNoPageScansWhatGrows(t *testing.T) {
	db := open(t, store.SQLite)
	r, states, seen := finished(t, "r_1", 20000*24*hour)
	do(t, db, r, states, seen)
	plans, endless := plansOf(t, db)
	for _, x := range endless {
		t.Errorf("a walk without an end: %s", x)
	}
	const golden = "testdata/plans.golden"
	if *update {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		writeFile(t, golden, plans)
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != plans {
		t.Errorf("the plans are not those of %s; look at what changed, then go test ./app/store -update:\n%s", golden, plans)
	}
	// The controls: without its index each of these pages walks for ever.
	for index, page := range map[string]string{"results_course": "check", "trail_by": "trail, by somebody", "findings_raised": "findings, all, older"} {
		var kept string
		if err := db.sql.QueryRow("SELECT sql FROM sqlite_master WHERE name = ?", index).Scan(&kept); err != nil {
			t.Fatal(err)
		}
		db.exec(t, "DROP INDEX "+index)
		_, endless := plansOf(t, db)
		if !slices.ContainsFunc(endless, func(x string) bool { return strings.HasPrefix(x, page+": ") }) {
			t.Errorf("without the index %s nothing was noticed: %v", index, endless)
		}
		db.exec(t, kept)
	}
}
