package connectors_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"logreeve/connectors"
)

func validJSON(s string) bool { return json.Valid([]byte(s)) }

const second = 1_000_000

func covered(at ...connectors.Instant) *connectors.Coverage {
	c := connectors.NewCoverage()
	for _, i := range at {
		c.Observe(i)
	}
	return c
}

func TestGap(t *testing.T) {
	m := connectors.Instant(60 * second)
	c := covered(10*m, 12*m+5, 40*m)
	for _, x := range []struct {
		name string
		w    connectors.Window
		want time.Duration
		from connectors.Instant
	}{
		{"between events", connectors.Window{}, (40*m - (12*m + 5)).Sub(0), 12*m + 5},
		{"edges that are given count", connectors.Window{From: 1, To: 100 * m}, 60 * time.Minute, 40 * m},
		{"the window cuts", connectors.Window{From: 11 * m, To: 13 * m}, (m + 5).Sub(0), 11 * m},
		{"silence inside", connectors.Window{From: 20 * m, To: 30 * m}, 10 * time.Minute, 20 * m},
	} {
		if got, from := c.Gap(x.w); got != x.want || from != x.from {
			t.Errorf("%s: %s from %d, want %s from %d", x.name, got, from, x.want, x.from)
		}
	}
	if got, _ := connectors.NewCoverage().Gap(connectors.Window{From: m, To: 3 * m}); got != 2*time.Minute {
		t.Errorf("an empty window is silent for %s", got)
	}
}

// TestGapIsExact compares with the gaps between sorted instants.
func TestGapIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.SliceOfN(rapid.Int64Range(second, 4000*second), 1, 40).Draw(t, "at")
		c, o := connectors.NewCoverage(), connectors.NewCoverage()
		for i, a := range at {
			if i%3 == 0 {
				o.Observe(connectors.Instant(a))
			} else {
				c.Observe(connectors.Instant(a))
			}
		}
		c.Merge(o)
		slices.Sort(at)
		var want time.Duration
		for i := 1; i < len(at); i++ {
			want = max(want, time.Duration(at[i]-at[i-1])*time.Microsecond)
		}
		got, _ := c.Gap(connectors.Window{})
		if got != want && (got >= time.Minute || want >= time.Minute) {
			t.Fatalf("gap %s, want %s", got, want)
		}
		if c.First() != connectors.Instant(at[0]) || c.Last() != connectors.Instant(at[len(at)-1]) {
			t.Fatalf("from %d to %d", c.First(), c.Last())
		}
		if c.Count(connectors.Window{}) != int64(len(at)) {
			t.Fatalf("count %d of %d", c.Count(connectors.Window{}), len(at))
		}
		var sum int64
		for _, b := range c.Buckets(connectors.Window{}, 10*time.Minute) {
			sum += b.Count
		}
		if sum != int64(len(at)) {
			t.Fatalf("buckets hold %d of %d", sum, len(at))
		}
	})
}

func TestSum(t *testing.T) {
	a := connectors.Completeness{Stats: connectors.Stats{Lines: 3, Events: 2, Unparsed: 1, First: 5, Last: 9, ByKind: map[connectors.Kind]int64{connectors.AuthLog: 2}}}
	b := connectors.Completeness{Stats: connectors.Stats{Lines: 4, Events: 4, First: 2, Last: 3, ByKind: map[connectors.Kind]int64{connectors.Kubernetes: 4}}}
	s := connectors.Sum([]connectors.Completeness{a, b, {}})
	if s.Lines != 7 || s.Events != 6 || s.First != 2 || s.Last != 9 || s.ByKind[connectors.Kubernetes] != 4 || s.Skipped == nil {
		t.Errorf("sum %+v", s)
	}
}
