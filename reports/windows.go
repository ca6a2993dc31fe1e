package reports

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"logreeve/connectors"
)

// maxOpen is how many stretches, or groups of sliding ones, are open at a time.
// Where there are more, the oldest are closed before their time.
const maxOpen = 100_000

// windows counts the events of a grouper in stretches of time. A stretch is
// judged and forgotten when the horizon has passed it: only those that held
// enough go into the grouper's groups.
type windows struct {
	g       *grouper
	length  time.Duration
	late    time.Duration
	least   int // of a sliding stretch; 0: stretches are fixed
	horizon func() connectors.Instant

	open   map[string]*stretch
	newest connectors.Instant
	next   connectors.Instant // when to look again what is over
	closed connectors.Instant // what ended before it was forgotten
}

// stretch is a fixed stretch of one group, or the recent events of one group.
type stretch struct {
	key     string // of the group
	end     connectors.Instant
	fixed   grouped
	marks   []mark // of a sliding one, in time order
	values  []string
	trimmed bool // marks were let go
}

// mark is one event of a sliding stretch.
type mark struct {
	at    connectors.Instant
	event *kept
	who   who
	done  bool // it is in the group
}

func newWindows(g *grouper, horizon func() connectors.Instant) *windows {
	of := g.of.Windows
	w := &windows{g: g, length: of.Length, late: of.Late, horizon: horizon, open: map[string]*stretch{}}
	if of.Sliding {
		w.least = max(int(g.of.AtLeast), 1)
	}
	return w
}

// observe counts an event of the group whose values and key the grouper has read.
func (w *windows) observe(e *connectors.Event) {
	w.newest = max(w.newest, e.Time)
	if w.newest >= w.next || len(w.open) >= maxOpen {
		w.forget()
	}
	if w.least > 0 {
		w.slide(e)
		return
	}
	length := connectors.Instant(w.length / time.Microsecond)
	begin := e.Time - e.Time%length
	n := len(w.g.key)
	w.g.key = binary.BigEndian.AppendUint64(w.g.key, uint64(begin)) //nolint:gosec // only tells apart
	s := w.open[string(w.g.key)]
	if s == nil {
		if w.over(begin + length) {
			w.g.found.late++
		}
		s = &stretch{key: string(w.g.key[:n]), end: begin + length, fixed: *w.g.open(e)}
		w.open[string(w.g.key)] = s
	}
	w.g.put(&s.fixed, e)
}

// over says whether a stretch that ends then was forgotten already.
func (w *windows) over(end connectors.Instant) bool { return w.closed != 0 && end <= w.closed }

// slide counts an event in the sliding stretches that it is part of.
func (w *windows) slide(e *connectors.Event) {
	s := w.open[string(w.g.key)]
	if s == nil {
		s = &stretch{key: string(w.g.key), values: slices.Clone(w.g.values)}
		w.open[s.key] = s
	}
	i, _ := slices.BinarySearchFunc(s.marks, e.Time, func(m mark, at connectors.Instant) int {
		if m.at <= at {
			return -1
		}
		return 1
	})
	if i == 0 && (s.trimmed || w.over(e.Time.Add(w.length))) {
		w.g.found.late++ // what came before it was let go
	}
	s.marks = slices.Insert(s.marks, i, mark{at: e.Time, event: w.g.found.vault.keep(e), who: w.g.found.who(e)})
	s.end = s.marks[len(s.marks)-1].at.Add(w.length)
	for from := max(0, i-w.least+1); from <= i && from+w.least <= len(s.marks); from++ {
		if dense := s.marks[from : from+w.least]; dense[len(dense)-1].at.Sub(dense[0].at) <= w.length {
			w.report(s, dense)
		}
	}
	// As many neighbours as make a stretch decide; the same again is for what
	// comes out of order.
	if most := 2 * w.least; len(s.marks) > 2*most {
		s.marks = slices.Delete(s.marks, 0, len(s.marks)-most)
		s.trimmed = true
	}
}

// report puts the events of a sliding stretch that held enough into the group.
func (w *windows) report(s *stretch, dense []mark) {
	into := w.group(s.key, s.values, dense[0].at)
	fresh := !slices.ContainsFunc(dense, func(m mark) bool { return m.done })
	if fresh {
		into.stretches++
	}
	into.most = max(into.most, int64(len(dense)))
	for i := range dense {
		m := &dense[i]
		if m.done {
			continue
		}
		m.done = true
		into.count++
		into.first, into.last = min(into.first, m.at), max(into.last, m.at)
		into.who.add(m.who)
		into.listed.insert(w.g.found.vault, m.event)
	}
}

// group gives the group of a stretch that held enough.
func (w *windows) group(key string, values []string, first connectors.Instant) *grouped {
	into := w.g.groups[key]
	if into == nil {
		into = &grouped{values: values, first: first, last: first, listed: listing{most: w.g.of.Events}}
		w.g.groups[key] = into
	}
	return into
}

// forget closes what the horizon has passed and, where too much is open all the
// same, the oldest tenth.
func (w *windows) forget() {
	w.next = w.newest.Add(w.length)
	if h := w.horizon(); h != 0 {
		w.closeUntil(h.Add(-w.late))
	}
	if len(w.open) < maxOpen {
		return
	}
	ends := make([]connectors.Instant, 0, len(w.open))
	for _, s := range w.open {
		ends = append(ends, s.end)
	}
	slices.Sort(ends)
	w.closeUntil(ends[len(ends)/10])
}

func (w *windows) closeUntil(border connectors.Instant) {
	w.closed = max(w.closed, border)
	over := func(s *stretch) bool { return s.end <= border }
	if w.least > 0 {
		over = func(s *stretch) bool { return s.end < border }
	}
	w.closeIf(over)
}

// closeIf judges and forgets open stretches, in an order that is the same in
// every run.
func (w *windows) closeIf(over func(*stretch) bool) {
	var done []string
	for key, s := range w.open {
		if over(s) {
			done = append(done, key)
		}
	}
	slices.SortFunc(done, func(a, b string) int {
		return cmp.Or(cmp.Compare(w.open[a].end, w.open[b].end), strings.Compare(a, b))
	})
	for _, key := range done {
		s := w.open[key]
		delete(w.open, key)
		if w.least > 0 || !w.g.enough(&s.fixed) {
			continue // a sliding one was reported as it came
		}
		into := w.group(s.key, s.fixed.values, s.fixed.first)
		into.merge(w.g.found.vault, &s.fixed)
		into.stretches++
		into.most = max(into.most, s.fixed.count)
	}
}

// close judges all that is still open.
func (w *windows) close() { w.closeIf(func(*stretch) bool { return true }) }

func (w *windows) lists(do func(*listing)) {
	for _, s := range w.open {
		if w.least == 0 {
			do(&s.fixed.listed)
			continue
		}
		var waiting listing
		for _, m := range s.marks {
			if !m.done {
				waiting.events = append(waiting.events, m.event)
			}
		}
		do(&waiting)
	}
}

// Late is how many events of a check that counts in stretches of time came when
// what came before them in their stretch was forgotten: they were counted by
// themselves, so that less may have been found than there was.
func (s *Scope) Late() int64 { return s.found.late }
