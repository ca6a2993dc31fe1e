package store

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"logreeve/app/runs"
	"logreeve/connectors"
	"logreeve/reports"
)

// TestMergeDays: a day of which a part was asked for, and held nothing, is not
// known to be silent.
func TestMergeDays(t *testing.T) {
	midnight := connectors.At(time.Date(2026, 11, 19, 0, 0, 0, 0, time.UTC))
	hours := func(from, to int, count int64) (out []reports.HourCount) {
		for h := from; h < to; h++ {
			out = append(out, reports.HourCount{Hour: midnight.Add(time.Duration(h) * time.Hour), Count: count})
		}
		return out
	}
	for name, test := range map[string]struct {
		known []runs.DayCount
		hours []reports.HourCount
		want  string
	}{
		"a whole day without":     {nil, hours(0, 24, 0), "[{2026-11-19 0}]"},
		"its last hour without":   {nil, hours(23, 24, 0), "[]"},
		"its last hour with":      {nil, hours(23, 24, 3), "[{2026-11-19 3}]"},
		"more was known":          {[]runs.DayCount{{Day: "2026-11-19", Events: 9}}, hours(23, 24, 0), "[{2026-11-19 9}]"},
		"over midnight, one part": {nil, slices.Concat(hours(20, 24, 0), hours(24, 48, 1)), "[{2026-11-20 24}]"},
		"silence was known":       {[]runs.DayCount{{Day: "2026-11-19"}}, hours(23, 24, 0), "[{2026-11-19 0}]"},
	} {
		if got := fmt.Sprint(mergeDays(test.known, test.hours)); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}
