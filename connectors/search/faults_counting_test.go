package search_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"logreeve/connectors"
	"logreeve/connectors/search"
	"logreeve/connectors/searchtest"
)

// told is what somebody who counts and reads learns of a store.
type told struct {
	numbers  map[string]int64 // by question; what could not be counted is counted from what was read
	keys     []string
	covered  int64
	problems []connectors.Problem
}

// tell counts by several filters and reads the rest, as a run does.
func tell(t *testing.T, s *search.Source) (told, error) {
	out := told{numbers: map[string]int64{}}
	v, err := s.View(t.Context(), connectors.Query{Notes: &connectors.Notes{}})
	if err != nil {
		return out, err
	}
	defer v.Close(t.Context())
	left := []connectors.Filter{connectors.In("verb", "create", "delete")}
	uncounted := map[string]connectors.Filter{}
	for _, name := range []string{"ok", "denied", "machines", "actor"} {
		f := filters()[name]
		groups, err := v.Group(t.Context(), f, "login", "effective")
		switch {
		case errors.Is(err, connectors.ErrUncountable):
			left, uncounted[name] = append(left, f), f
		case err != nil:
			return out, err
		}
		for _, g := range groups {
			out.numbers[name] += g.Count
		}
	}
	var read []connectors.Event
	c, err := v.Read(t.Context(), connectors.Or(left...), connectors.Filter{}, func(batch []connectors.Event) error {
		for i := range batch {
			read = append(read, *batch[i].Keep())
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	count := func(f connectors.Filter) (n int64) {
		m, err := connectors.Compile(f)
		if err != nil {
			t.Fatal(err)
		}
		for i := range read {
			if m.Match(&read[i]) {
				n++
			}
		}
		return n
	}
	for name, f := range uncounted {
		out.numbers[name] = count(f)
	}
	m, err := connectors.Compile(left[0])
	if err != nil {
		t.Fatal(err)
	}
	for i := range read {
		if m.Match(&read[i]) {
			out.keys = append(out.keys, read[i].Key())
		}
	}
	for _, place := range c.Coverage {
		out.covered += place.Count(connectors.Window{})
	}
	out.problems = c.Problems
	return out, nil
}

// TestFaultsWhileCounting spoils one answer after the other of a run that counts:
// whoever is told of no problem is told the truth.
func TestFaultsWhileCounting(t *testing.T) {
	server := searchtest.Start(t, searchtest.OpenSearch2)
	prefix := server.Prefix(t)
	server.Create(t, prefix+"-1", 1, auditMapping)
	lines := recorded(t, "real-cluster/audit.ndjson")
	server.Load(t, prefix+"-1", append(slices.Clone(lines[:40]), lines[len(lines)-40:]...))
	quick := search.Options{PageBytes: 200_000, Parallel: 1, Timeout: 300 * time.Millisecond}
	var count atomic.Int64
	address := between(t, server, func(w http.ResponseWriter, number int64, res *http.Response, body []byte) {
		count.Store(number)
		pass(w, res, body)
	})
	truth, err := tell(t, open(t, search.Config{URL: address, Pattern: prefix + "*"}, quick))
	if err != nil || len(truth.problems) > 0 || truth.covered == 0 || len(truth.keys) == 0 || truth.numbers["ok"] == 0 || truth.numbers["machines"] == 0 {
		t.Fatalf("nothing is spoilt: %+v %v", truth, err)
	}
	last := count.Load() - 1
	for name, change := range spoils() {
		t.Run(name, func(t *testing.T) {
			step := int64(1)
			if name == "stalled" {
				step = 3 // each waits for the limit
			}
			noticed := 0
			for target := int64(1); target <= last; target += step {
				address := between(t, server, func(w http.ResponseWriter, number int64, res *http.Response, body []byte) {
					again := strings.HasPrefix(name, "cut on") || name == "stalled" // what is repeated is spoilt again
					if reaches(name, body) && (number == target || again && number > target && number < target+4) {
						change(w, res, body)
						return
					}
					pass(w, res, body)
				})
				got, err := tell(t, open(t, search.Config{URL: address, Pattern: prefix + "*"}, quick))
				if err != nil || len(got.problems) > 0 {
					noticed++
					continue
				}
				if got.covered != truth.covered || !slices.Equal(got.keys, truth.keys) || !maps.Equal(got.numbers, truth.numbers) {
					t.Errorf("answer %d was spoilt, nothing is said of it, and what is told is wrong:\n%s\n%s", target, fmt.Sprint(got), fmt.Sprint(truth))
				}
			}
			if noticed == 0 {
				t.Error("control: no spoilt answer was noticed")
			}
		})
	}
}
