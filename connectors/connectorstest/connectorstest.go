// Package connectorstest holds what every connectors.Source promises, as tests
// that a store runs against itself.
package connectorstest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"logreeve/connectors"
)

// Run runs the suite. open puts the same log of at least three events at
// different times into the empty folder dir, or wherever the store keeps it,
// and gives a source over it; the log is complete and can be read.
func Run(t *testing.T, open func(t *testing.T, dir string) connectors.Source) {
	t.Helper()
	t.Run("reads the same twice", func(t *testing.T) { readsTheSameTwice(t, open) })
	t.Run("keys do not depend on the place", func(t *testing.T) { keysDoNotDependOnPlace(t, open) })
	t.Run("windows are half open", func(t *testing.T) { windowsAreHalfOpen(t, open) })
	t.Run("accounts for every line", func(t *testing.T) { accountsForEveryLine(t, open) })
	t.Run("coverage counts the window", func(t *testing.T) { coverageCountsTheWindow(t, open) })
	t.Run("stops with the context", func(t *testing.T) { stopsWithTheContext(t, open) })
	t.Run("stops with emit's error", func(t *testing.T) { stopsWithEmitsError(t, open) })
	t.Run("what is kept lives on", func(t *testing.T) { whatIsKeptLivesOn(t, open) })
	t.Run("attribution applies", func(t *testing.T) { attributionApplies(t, open) })
	t.Run("probe says what is there", func(t *testing.T) { probeSaysWhatIsThere(t, open) })
}

// read reads a window and keeps every event.
func read(t *testing.T, s connectors.Source, q connectors.Query) ([]*connectors.Event, connectors.Completeness) {
	t.Helper()
	var events []*connectors.Event
	c, err := s.Read(t.Context(), q, func(batch []connectors.Event) error {
		if len(batch) == 0 {
			t.Error("emit was called without events")
		}
		for i := range batch {
			events = append(events, batch[i].Keep())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Problems) > 0 {
		t.Fatalf("problems with a complete log: %+v", c.Problems)
	}
	return events, c
}

func keys(events []*connectors.Event) []string {
	out := make([]string, len(events))
	for i, e := range events {
		out[i] = e.Key()
	}
	return out
}

func readsTheSameTwice(t *testing.T, open func(*testing.T, string) connectors.Source) {
	s := open(t, t.TempDir())
	first, _ := read(t, s, connectors.Query{})
	second, _ := read(t, s, connectors.Query{})
	if len(first) < 3 || !slices.Equal(keys(first), keys(second)) {
		t.Errorf("%d events, then %d, not in the same order with the same keys", len(first), len(second))
	}
	for _, e := range first {
		if e.Source != s.Name() || e.Kind != s.Kind() || e.Time == 0 || e.Category == "" || e.Outcome == "" || e.ActorKind == "" {
			t.Fatalf("event %s lacks what every event has: %+v", e.Key(), e)
		}
	}
}

func keysDoNotDependOnPlace(t *testing.T, open func(*testing.T, string) connectors.Source) {
	a, _ := read(t, open(t, t.TempDir()), connectors.Query{})
	b, _ := read(t, open(t, t.TempDir()), connectors.Query{})
	if !slices.Equal(keys(a), keys(b)) {
		t.Error("the same log at another place has other keys")
	}
	sorted := keys(a)
	slices.Sort(sorted)
	if n := len(slices.Compact(sorted)); n != len(a) {
		t.Errorf("%d events have %d keys", len(a), n)
	}
}

func windowsAreHalfOpen(t *testing.T, open func(*testing.T, string) connectors.Source) {
	s := open(t, t.TempDir())
	all, whole := read(t, s, connectors.Query{})
	times := make([]connectors.Instant, len(all))
	for i, e := range all {
		times[i] = e.Time
	}
	slices.Sort(times)
	from, to := times[len(times)/3], times[len(times)*2/3]
	if from == to {
		t.Fatal("the log has too few different times")
	}
	w := connectors.Window{From: from, To: to}
	var want []string
	for _, e := range all {
		if e.Time >= from && e.Time < to {
			want = append(want, e.Key())
		}
	}
	got, c := read(t, s, connectors.Query{Window: w})
	if !slices.Equal(keys(got), want) {
		t.Errorf("the window gives %d events, want %d", len(got), len(want))
	}
	if c.First < from || c.Last >= to {
		t.Errorf("first %s and last %s lie outside the window", c.First, c.Last)
	}
	if whole.First != times[0] || whole.Last != times[len(times)-1] {
		t.Errorf("without a window: first %s, last %s", whole.First, whole.Last)
	}
	if none, _ := read(t, s, connectors.Query{Window: connectors.Window{From: from, To: from}}); len(none) != 0 {
		t.Errorf("an empty window gives %d events", len(none))
	}
}

func accountsForEveryLine(t *testing.T, open func(*testing.T, string) connectors.Source) {
	s := open(t, t.TempDir())
	events, c := read(t, s, connectors.Query{})
	if c.Source != s.Name() || c.Kind != s.Kind() {
		t.Errorf("account of %s %s", c.Source, c.Kind)
	}
	if c.Records != c.Events+c.Merged+c.Late {
		t.Errorf("records %d are not events %d + merged %d + late %d", c.Records, c.Events, c.Merged, c.Late)
	}
	if c.Events != int64(len(events)) {
		t.Errorf("%d events counted, %d emitted", c.Events, len(events))
	}
	var kinds, outcomes int64
	for _, n := range c.ByKind {
		kinds += n
	}
	for _, n := range c.ByOutcome {
		outcomes += n
	}
	if kinds != c.Events || outcomes != c.Events {
		t.Errorf("by kind %d, by outcome %d of %d", kinds, outcomes, c.Events)
	}
	if c.Lines < c.Blank+c.Unparsed {
		t.Errorf("%d lines, of them %d blank and %d unparsed", c.Lines, c.Blank, c.Unparsed)
	}
}

func coverageCountsTheWindow(t *testing.T, open func(*testing.T, string) connectors.Source) {
	events, c := read(t, open(t, t.TempDir()), connectors.Query{})
	var n int64
	for _, place := range c.Coverage {
		n += place.Count(connectors.Window{})
	}
	if n != int64(len(events)) {
		t.Errorf("coverage counts %d of %d events", n, len(events))
	}
}

func stopsWithTheContext(t *testing.T, open func(*testing.T, string) connectors.Source) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := open(t, t.TempDir()).Read(ctx, connectors.Query{}, func([]connectors.Event) error { return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the context's", err)
	}
}

func stopsWithEmitsError(t *testing.T, open func(*testing.T, string) connectors.Source) {
	enough := errors.New("enough")
	calls := 0
	_, err := open(t, t.TempDir()).Read(t.Context(), connectors.Query{}, func([]connectors.Event) error {
		calls++
		return enough
	})
	if !errors.Is(err, enough) || calls != 1 {
		t.Errorf("error %v after %d calls", err, calls)
	}
}

// whatIsKeptLivesOn compares what events say while they are handed over with
// what their copies say when everything has been read and reused.
func whatIsKeptLivesOn(t *testing.T, open func(*testing.T, string) connectors.Source) {
	rule := connectors.TicketRule{}
	var said []string
	var kept []*connectors.Event
	_, err := open(t, t.TempDir()).Read(t.Context(), connectors.Query{}, func(batch []connectors.Event) error {
		for i := range batch {
			r := batch[i].Record(rule)
			said = append(said, r.Key+r.SHA256+r.Message+r.Login+r.Actor+r.UserAgent)
			kept = append(kept, batch[i].Keep())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range kept {
		if r := e.Record(rule); r.Key+r.SHA256+r.Message+r.Login+r.Actor+r.UserAgent != said[i] {
			t.Fatalf("event %d changed after the callback", i)
		}
	}
}

func attributionApplies(t *testing.T, open func(*testing.T, string) connectors.Source) {
	machine := &connectors.Attribution{Machine: func(connectors.Kind, string, connectors.Instant) bool { return true }}
	events, _ := read(t, open(t, t.TempDir()), connectors.Query{Attribution: machine})
	for _, e := range events {
		if e.ActorKind == connectors.Human {
			t.Fatalf("%s is human although every name is registered as a machine", e.Actor)
		}
	}
	events, _ = read(t, open(t, t.TempDir()), connectors.Query{})
	if !slices.ContainsFunc(events, func(e *connectors.Event) bool { return e.ActorKind == connectors.Human }) {
		t.Error("nobody is human without attribution: the test says nothing")
	}
}

func probeSaysWhatIsThere(t *testing.T, open func(*testing.T, string) connectors.Source) {
	s := open(t, t.TempDir())
	p, err := s.Probe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if p.Kind != s.Kind() || p.Looked == 0 || p.Parsed == 0 || p.Sample == nil || p.Oldest == 0 || p.Newest < p.Oldest || len(p.Fields) == 0 {
		t.Errorf("probe %+v", p)
	}
}
