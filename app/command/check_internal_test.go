package command

import (
	"testing"

	"logreeve/reports"
)

// TestVerdictIsTheWorst shows the exit code for outcomes in any order.
func TestVerdictIsTheWorst(t *testing.T) {
	for _, c := range []struct {
		outcomes []reports.Outcome
		code     int
	}{
		{nil, exitOK},
		{[]reports.Outcome{reports.Pass, reports.NotApplicable}, exitOK},
		{[]reports.Outcome{reports.Pass, reports.Inconclusive, reports.Pass}, exitCannotTell},
		{[]reports.Outcome{reports.Errored}, exitCannotTell},
		{[]reports.Outcome{reports.Fail, reports.Inconclusive, reports.Pass}, exitFound},
		{[]reports.Outcome{reports.Inconclusive, reports.Errored, reports.NeedsReview}, exitFound},
	} {
		v := verdict{results: func(yield func(reports.Result, error) bool) {
			for _, o := range c.outcomes {
				if !yield(reports.Result{Outcome: o}, nil) {
					return
				}
			}
		}}
		v.each(func(reports.Result, error) bool { return true })
		if v.code != c.code {
			t.Errorf("%v gives exit code %d, not %d", c.outcomes, v.code, c.code)
		}
	}
}
