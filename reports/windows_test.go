package reports_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"logreeve/connectors"
	"logreeve/reports"
)

// bursty counts the events of each login in stretches of ten minutes.
func bursty(least int64, sliding bool, late time.Duration, seen *map[string]int64, missed *int64) reports.Check {
	c := secretReads()
	c.Each, c.Select = nil, connectors.Filter{}
	c.Grouped = &reports.Grouping{
		By: []string{"login"}, AtLeast: least, Windows: &reports.Windows{Length: 10 * time.Minute, Sliding: sliding, Late: late},
		Judge: func(s *reports.Scope, groups []reports.Group) {
			*seen, *missed = map[string]int64{}, s.Late()
			for _, g := range groups {
				(*seen)[g.Values[0]] = g.Count
				d := s.Item(g.Values...)
				d.Subject = g.Values[0]
				d.AddGroup(g)
			}
		},
	}
	return c
}

// TestWindowsAgainstAPlainCount draws events, sparse or dense, that come as late as
// they may and compares with a count that keeps them all.
func TestWindowsAgainstAPlainCount(t *testing.T) {
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		sliding := rapid.Bool().Draw(t, "sliding")
		least := rapid.IntRange(2, 5).Draw(t, "least")
		length := connectors.Instant(10 * time.Minute / time.Microsecond)
		var deeds []deed
		times := map[string][]connectors.Instant{}
		at := noon
		pause := rapid.SampledFrom([]int{5, 60, 500}).Draw(t, "longest pause")
		for range rapid.IntRange(0, 120).Draw(t, "events") {
			at = at.Add(time.Duration(rapid.IntRange(0, pause).Draw(t, "pause")) * time.Second)
			d := deed{
				at: at.Add(-time.Duration(rapid.IntRange(0, 600).Draw(t, "behind")) * time.Second), verb: "get", resource: "secrets", ns: "n",
				login: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "login"), name: fmt.Sprint(len(deeds)),
			}
			deeds = append(deeds, d)
			times[d.login] = append(times[d.login], d.at)
		}
		want := map[string]int64{}
		for login, all := range times {
			slices.Sort(all)
			for _, one := range all {
				enough := false
				for i, from := range all { // a stretch that begins with an event
					n := 0
					inside := false
					for _, other := range all[i:] {
						if sliding && other-from <= length || !sliding && other/length == one/length && from/length == one/length {
							n++
							inside = inside || other == one
						}
					}
					enough = enough || inside && n >= least
				}
				if enough {
					want[login]++
				}
			}
		}
		var got map[string]int64
		var late int64
		in := input(bursty(int64(least), sliding, 10*time.Minute, &got, &late), log(deeds...))
		out, err := reports.Engine{}.Run(context.Background(), in)
		if err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(got, want) || late != 0 {
			t.Fatalf("sliding %t, %d or more: found %v, %d late, want %v and none", sliding, least, got, late, want)
		}
		for _, item := range out.Results[0].Items {
			if int64(len(item.Events)) != item.Count {
				t.Fatalf("an item of %d events lists %d", item.Count, len(item.Events))
			}
			found++
		}
	})
	if found == 0 {
		t.Error("no stretch ever held enough: the test shows nothing")
	}
}

// TestLateEventsAreCountedApart brings an event whose stretch is long over.
func TestLateEventsAreCountedApart(t *testing.T) {
	for _, sliding := range []bool{false, true} {
		var got map[string]int64
		var late int64
		read := func(at time.Duration) deed {
			return deed{at: after(at), verb: "get", resource: "secrets", ns: "n", login: "a", name: "x"}
		}
		steady := []deed{read(0), read(time.Minute), read(5 * time.Hour), read(6 * time.Hour)}
		for deeds, want := range map[*[]deed]int64{&steady: 0, {read(0), read(time.Minute), read(5 * time.Hour), read(6 * time.Hour), read(2 * time.Minute)}: 1} {
			if _, err := (reports.Engine{}).Run(t.Context(), input(bursty(3, sliding, time.Minute, &got, &late), log(*deeds...))); err != nil {
				t.Fatal(err)
			}
			if late != want || len(got) != 0 {
				t.Errorf("sliding %t: %d late of %d events, found %v, want %d late", sliding, late, len(*deeds), got, want)
			}
		}
	}
}
