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
	"logreeve/reports/checks"
	"logreeve/reports/controls"
)

// homeRow is the row of a control.
func homeRow(t *testing.T, h homeFacts, control string) part.Row {
	t.Helper()
	h.Catalogue = controls.Catalog()
	table, _ := controlsOf(fixtureFrame("", "", actor.Reviewer), h)
	for _, row := range table.Rows {
		if strings.HasPrefix(row.Cells[0].Text, control+" ") {
			return row
		}
	}
	t.Fatalf("the control %s has no row", control)
	return part.Row{}
}

// twoChecks are a control and two checks that support it.
func twoChecks(t *testing.T) (control, a, b string) {
	t.Helper()
	for _, c := range controls.Catalog().Controls {
		var found []string
		for _, x := range checks.All() {
			if c.CheckedBy(x.ID) {
				found = append(found, x.ID)
			}
		}
		if len(found) > 1 {
			return c.ID, found[0], found[1]
		}
	}
	t.Fatal("no control is supported by two checks")
	return "", "", ""
}

func latestOf(run, check string, at connectors.Instant, o reports.Outcome) runs.LatestResult {
	return runs.LatestResult{Run: run, FinishedAt: at, Result: reports.Result{Check: check, Outcome: o}}
}

// One quiet night does not make a control green that failed in the same week.
func TestControlsSayTheWorstOfTheWeek(t *testing.T) {
	control, a, b := twoChecks(t)
	h := homeFacts{
		Latest: []runs.LatestResult{latestOf("r_2", a, fixtureNow, reports.Pass), latestOf("r_2", b, fixtureNow, reports.Pass)},
		Days: []runs.DayOutcome{
			{Day: fixtureNow - 2*dayLong, Check: a, Outcome: reports.Fail, Run: "r_0", FinishedAt: fixtureNow - 2*dayLong},
			{Day: fixtureNow - dayLong, Check: a, Outcome: reports.Fail, Run: "r_1", FinishedAt: fixtureNow - dayLong},
			{Day: fixtureNow, Check: a, Outcome: reports.Pass, Run: "r_2", FinishedAt: fixtureNow},
			{Day: fixtureNow - dayLong, Check: b, Outcome: reports.NeedsReview, Run: "r_1", FinishedAt: fixtureNow - dayLong},
			{Day: fixtureNow, Check: b, Outcome: reports.Pass, Run: "r_2", FinishedAt: fixtureNow},
		},
	}
	row := homeRow(t, h, control)
	if badge := row.Cells[1].Badge; badge == nil || badge.Text != "1 fail" || badge.Href != resultHref("r_1", a) || row.Cells[1].Sub != "1 to review" {
		t.Errorf("the week: %+v %+v", row.Cells[1], badge)
	}
	if newest := row.Cells[2]; newest.Text != "Pass" || newest.Sub != "Sat 09:23" || !strings.HasPrefix(newest.Href, "/runs/r_2/") {
		t.Errorf("the newest run: %+v", newest)
	}
	if row.Cells[3].Text != "2 checks" || row.Cells[3].Sub != "" {
		t.Errorf("by what: %+v", row.Cells[3])
	}

	h.Days = h.Days[:3] // the second check did not run in the week
	if row := homeRow(t, h, control); row.Cells[3].Sub != "1 did not run" || row.Cells[1].Badge.Text != "1 fail" || row.Cells[1].Sub != "" {
		t.Errorf("one check idle: %+v", row.Cells)
	}
	h.Days = nil
	if row := homeRow(t, h, control); row.Cells[1].Badge != nil || row.Cells[1].Text != "Nothing ran" || row.Cells[2].Text != "Pass" {
		t.Errorf("nothing in the week is not a pass: %+v", row.Cells)
	}
	h.Days = []runs.DayOutcome{{Check: a, Outcome: reports.Pass}, {Check: b, Outcome: reports.Pass}}
	if row := homeRow(t, h, control); row.Cells[1].Badge.Text != "Pass" || row.Cells[1].Badge.Outcome != "pass" {
		t.Errorf("all pass: %+v", row.Cells[1].Badge)
	}
	h.Latest[1].Run, h.Latest[1].FinishedAt, h.Latest[1].Result.Outcome = "r_0", fixtureNow-9*dayLong, reports.Fail
	if row := homeRow(t, h, control); row.Cells[2].Text != "Pass" {
		t.Errorf("an older run speaks for the newest: %+v", row.Cells[2])
	}
}

// Silence now and days that are missing are said by the name of the source; a
// source that is switched off has neither.
func TestHomeSaysWhatWasNotHeard(t *testing.T) {
	frame := fixtureFrame("", "", actor.Reviewer)
	cluster := fixtureSources()[0]
	cluster.Name = "prod-cluster"
	hosts := runs.Source{Name: "prod-hosts", Kind: connectors.AuthLog, LastRead: &runs.SourceReading{At: fixtureNow, Newest: fixtureNow - 3*dayLong, Oldest: fixtureNow - 9*dayLong}}
	say := func(sources ...runs.Source) string {
		return homeSentence(frame, homeFacts{Sources: sources})
	}
	if got, want := say(cluster), "The source prod-cluster has been silent since Thursday 09:23. Until it reports again, no check that reads it can pass."; !strings.HasPrefix(got, want) {
		t.Errorf("%q", got)
	}
	if got, want := say(cluster, hosts), "The sources prod-cluster and prod-hosts are silent, since Thursday 09:23 and Wednesday 09:23. Until"; !strings.HasPrefix(got, want) {
		t.Errorf("%q", got)
	}
	back := *cluster.LastRead // it reports again, and one day between is missing
	back.Newest = fixtureNow
	cluster.LastRead = &back
	if got, want := say(cluster), "The source prod-cluster has no event of 17 Nov"; !strings.HasPrefix(got, want) || !strings.Contains(got, "no check over that time can pass") {
		t.Errorf("%q", got)
	}
	for _, d := range []connectors.Instant{4, 1, 0} {
		back.Daily = append(back.Daily, runs.DayCount{Day: (fixtureNow - d*dayLong).Time().Format("2006-01-02"), Events: 5})
	}
	slices.SortFunc(back.Daily, func(a, b runs.DayCount) int { return strings.Compare(a.Day, b.Day) })
	if got := say(cluster); !strings.HasPrefix(got, "Nothing is overdue and every source reports.") {
		t.Errorf("no day is missing: %q", got)
	}
	cluster.LastRead, cluster.Disabled = fixtureSources()[0].LastRead, true
	if got := say(cluster); strings.Contains(got, "silent") || strings.Contains(got, "no event of") {
		t.Errorf("switched off: %q", got)
	}
}
