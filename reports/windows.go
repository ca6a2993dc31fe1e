package reports

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"logreeve/connectors"
)

// maxOpen is how many fixed stretches, and maxMarks how many events of sliding ones,
// are open at a time. Where there are more, the oldest are let go before their time.
const (
	maxOpen  = 100_000
	maxMarks = 300_000
)

// windows counts the events of a grouper in stretches of time. A stretch is
// judged and forgotten when the horizon has passed it: only those that held
// enough go into the grouper's groups.
type windows struct {
	g       *grouper
	length  time.Duration
	late    time.Duration
	least   int // of a sliding stretch; 0: stretches are fixed
	horizon func() connectors.Instant

	open   map[string]*stretch // fixed ones
	rows   map[string]*row     // of sliding ones, by the key of their group
	marks  int                 // in all rows
	newest connectors.Instant
	next   connectors.Instant // when to look again what is over
	closed connectors.Instant // what ended before it was forgotten
}

// stretch is a fixed stretch of one group.
type stretch struct {
	key   string // of the group
	end   connectors.Instant
	fixed grouped
}

func newWindows(g *grouper, horizon func() connectors.Instant) *windows {
	of := g.of.Windows
	w := &windows{g: g, length: of.Length, late: of.Late, horizon: horizon, open: map[string]*stretch{}, rows: map[string]*row{}}
	if of.Sliding {
		w.least = max(int(g.of.AtLeast), 1)
	}
	return w
}

// observe counts an event of the group whose values and key the grouper has read.
func (w *windows) observe(e *connectors.Event) {
	w.newest = max(w.newest, e.Time)
	if w.newest >= w.next || w.full() {
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
	w.next = w.newest.Add(max(w.length, w.late/16))
	if h := w.horizon(); h != 0 {
		w.closeUntil(h.Add(-w.late))
	}
	if w.full() {
		w.closeUntil(w.oldest())
	}
}

func (w *windows) full() bool { return len(w.open) >= maxOpen || w.marks >= maxMarks }

// oldest is a border that a tenth of what is open lies before.
func (w *windows) oldest() connectors.Instant {
	ends := make([]connectors.Instant, 0, max(len(w.open), w.marks))
	for _, s := range w.open {
		ends = append(ends, s.end)
	}
	for _, r := range w.rows {
		for i := range r.marks {
			ends = append(ends, w.needless(&r.marks[i]))
		}
	}
	slices.Sort(ends)
	return ends[len(ends)/10]
}

func (w *windows) closeUntil(border connectors.Instant) {
	w.closed = max(w.closed, border)
	w.closeIf(func(s *stretch) bool { return s.end <= border })
	w.closeRows(border)
}

// closeIf judges and forgets open stretches, in an order that is the same in
// every run.
func (w *windows) closeIf(over func(*stretch) bool) {
	var held []*stretch
	for key, s := range w.open {
		if !over(s) {
			continue
		}
		delete(w.open, key)
		if w.g.enough(&s.fixed) {
			held = append(held, s)
		}
	}
	slices.SortFunc(held, func(a, b *stretch) int {
		return cmp.Or(cmp.Compare(a.end, b.end), strings.Compare(a.key, b.key))
	})
	for _, s := range held {
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
		do(&s.fixed.listed)
	}
	for _, r := range w.rows {
		do(r.waiting())
	}
}

// Late is how many events of a check that counts in stretches of time came when
// what came before them in their stretch was forgotten: they were counted by
// themselves, so that less may have been found than there was.
func (s *Scope) Late() int64 { return s.found.late }
