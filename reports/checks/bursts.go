package checks

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"logreeve/connectors"
)

// lateness is how far behind the newest event one may come and still be counted
// with its neighbours. A request or attempt waits at most 15 minutes for its
// last record (kubernetes.Patience), and collectors lag by minutes: an hour is
// four times that.
const lateness = time.Hour

const (
	heldBytes  = 24 << 20 // what recent events may take in memory
	sweepBytes = 2 << 20  // below this nothing is forgotten
	markBytes  = 64       // one mark, about
	eventBytes = 600      // an event without its record, about
)

// bursts finds, for each address, the events that lie in some stretch of time
// of length within that holds at least least events, or events under at least
// names different names (0: names do not count), whatever the order they come
// in. Its memory grows with addresses and not with events: of a dense stretch
// only its borders are kept (see thin), and what lies further behind the horizon
// than within and lateness is forgotten (see sweep).
//
// Events from before the window are context (see lead). A burst that ends in the
// window is reported with the events before it that no burst of theirs alone
// holds: those the run over the window before has reported. So of two runs over
// neighbouring windows exactly one reports each event of a burst.
type bursts struct {
	least, names int
	within       time.Duration
	found        func(address string, e *connectors.Event) // once for each event of a burst
	lost         func(*connectors.Event)                   // an event that could not be judged
	// horizon is the instant before which only late events are still to come;
	// nil: the newest event seen.
	horizon func() connectors.Instant

	recent map[string]*trace
	newest connectors.Instant
	// blind is where memory ends: of what came before it something was
	// forgotten. What comes later and lies less than within behind it can be
	// found in a burst, but not be known to lie in none.
	blind   connectors.Instant
	entries int // marks
	size    int // bytes, about
	next    int // the size at which old marks are looked for

	counts []int32 // how often each name is in a stretch; reused
}

// trace is the recent events of one address, in time order.
type trace struct {
	marks []mark
	thick int // how many marks there may be before they are thinned
	names map[string]int32
}

// mark is one event.
type mark struct {
	at    connectors.Instant
	name  int32             // number of the name, -1 when names do not count
	event *connectors.Event // nil once it was reported, or will never be
	doubt bool              // it came behind the end of memory

	context bool // it lies before the window
	ours    bool // of context: it lies in a burst that ends in the window
}

// see takes an event of the window.
func (b *bursts) see(address, name string, e *connectors.Event) { b.take(address, name, e, false) }

// lead takes an event from before the window.
func (b *bursts) lead(address, name string, e *connectors.Event) { b.take(address, name, e, true) }

func (b *bursts) take(address, name string, e *connectors.Event, context bool) {
	if b.recent == nil {
		b.recent, b.next = map[string]*trace{}, sweepBytes
	}
	b.newest = max(b.newest, e.Time)
	if b.size >= b.next {
		b.sweep()
	}
	t := b.recent[address]
	if t == nil {
		t = &trace{thick: b.sparse()}
		b.recent[address] = t
		b.size += len(address)
	}
	i, _ := slices.BinarySearchFunc(t.marks, e.Time, func(m mark, at connectors.Instant) int {
		if m.at <= at {
			return -1
		}
		return 1
	})
	t.marks = slices.Insert(t.marks, i, mark{
		at: e.Time, name: t.number(name, b.names > 0), event: e, context: context,
		doubt: b.blind != 0 && e.Time < b.blind.Add(b.within),
	})
	b.entries++
	b.size += markBytes
	b.report(address, t, i)
	if m := &t.marks[i]; m.event != nil { // it waits for others, or for the end
		m.event = e.Keep()
		b.size += weight(m.event)
	}
	if len(t.marks) >= t.thick {
		b.thin(t)
	}
}

func weight(e *connectors.Event) int { return eventBytes + len(e.Raw()) }

// sparse is how many marks a trace has that is not worth thinning.
func (b *bursts) sparse() int { return 4 * max(b.least, b.names, 4) }

// number gives the number of a name within the trace.
func (t *trace) number(name string, count bool) int32 {
	if !count {
		return -1
	}
	n, known := t.names[name]
	if !known {
		if t.names == nil {
			t.names = map[string]int32{}
		}
		n = int32(len(t.names)) //nolint:gosec // thinned long before
		t.names[name] = n
	}
	return n
}

// report looks at every stretch that the new mark at i is part of, and deals
// with the marks of those that are bursts.
func (b *bursts) report(address string, t *trace, i int) {
	b.stretches(t, i, len(t.marks), func(m *mark) {
		switch {
		case m.event == nil:
		case m.context:
			m.ours = true
		default:
			b.found(address, m.event)
			b.let(t, m, i)
		}
	})
	if t.marks[i].context { // a burst before the window is the run's before this one
		end := i + 1
		for end < len(t.marks) && t.marks[end].context {
			end++
		}
		b.stretches(t, i, end, func(m *mark) {
			if m.event != nil {
				b.let(t, m, i)
			}
		})
	}
}

// let lets go of the event of a mark. That of the new mark at i does not count
// yet: it was not copied.
func (b *bursts) let(t *trace, m *mark, i int) {
	if m != &t.marks[i] {
		b.size -= weight(m.event)
	}
	m.event = nil
}

// stretches visits every mark of the bursts that hold the mark at i, among the
// marks before end, each once.
func (b *bursts) stretches(t *trace, i, end int, visit func(*mark)) {
	first, _ := slices.BinarySearchFunc(t.marks, t.marks[i].at.Add(-b.within), func(m mark, at connectors.Instant) int {
		return cmp.Compare(m.at, at)
	})
	if b.names > 0 {
		b.counts = slices.Grow(b.counts[:0], len(t.names))[:len(t.names)]
		clear(b.counts)
	}
	to, visited, different := first, first, 0
	for from := first; from <= i; from++ {
		for to < end && t.marks[to].at.Sub(t.marks[from].at) <= b.within {
			if b.names > 0 {
				if b.counts[t.marks[to].name]++; b.counts[t.marks[to].name] == 1 {
					different++
				}
			}
			to++
		}
		if to > i && (to-from >= max(b.least, 1) || b.names > 0 && different >= b.names) {
			for j := max(from, visited); j < to; j++ {
				visit(&t.marks[j])
			}
			visited = max(visited, to)
		}
		if b.names > 0 {
			if b.counts[t.marks[from].name]--; b.counts[t.marks[from].name] == 0 {
				different--
			}
		}
	}
}

// thin takes marks out of the inside of dense stretches, where they decide
// nothing: a mark goes when every stretch that could hold it holds enough
// others. It does if the neighbours that are enough on its left begin no more
// than within before those that are enough on its right end, for a stretch with
// the mark in it then holds all of the one or all of the other.
func (b *bursts) thin(t *trace) {
	enough := max(b.least, 1)
	kept := t.marks[:0:0]
	for i := range t.marks {
		m := &t.marks[i]
		if m.event != nil || i+enough >= len(t.marks) || len(kept) < enough ||
			m.context && !t.marks[i+enough].context ||
			t.marks[i+enough].at.Sub(kept[len(kept)-enough].at) > b.within ||
			b.names > 0 && !b.spare(kept, m, t.marks[i+1:]) {
			kept = append(kept, *m)
		}
	}
	b.entries -= len(t.marks) - len(kept)
	b.size -= (len(t.marks) - len(kept)) * markBytes
	t.marks = kept
	t.thick = max(b.sparse(), 2*len(kept))
	b.renumber(t)
}

// spare says whether the names of any stretch are as many without the mark: its
// own name comes on both sides close by, or enough names do.
func (b *bursts) spare(left []mark, m *mark, right []mark) bool {
	var seen [2]map[int32]bool
	var own, many [2]connectors.Instant
	look := func(side int, o *mark) (done bool) {
		if o.name == m.name && own[side] == 0 {
			own[side] = o.at
		}
		if seen[side] == nil {
			seen[side] = map[int32]bool{}
		}
		if seen[side][o.name] = true; len(seen[side]) >= b.names && many[side] == 0 {
			many[side] = o.at
		}
		return own[side] != 0 && many[side] != 0
	}
	for i := len(left) - 1; i >= 0 && m.at.Sub(left[i].at) <= b.within && !look(0, &left[i]); i-- {
	}
	for i := 0; i < len(right) && right[i].at.Sub(m.at) <= b.within && (!m.context || right[i].context) && !look(1, &right[i]); i++ {
	}
	close := func(at [2]connectors.Instant) bool {
		return at[0] != 0 && at[1] != 0 && at[1].Sub(at[0]) <= b.within
	}
	return close(own) || close(many)
}

// renumber forgets the names that no mark has any more.
func (b *bursts) renumber(t *trace) {
	if len(t.names) <= 2*len(t.marks) {
		return
	}
	used, names := map[int32]bool{}, map[string]int32{}
	for i := range t.marks {
		used[t.marks[i].name] = true
	}
	now := map[int32]int32{}
	for name, n := range t.names {
		if used[n] {
			now[n] = int32(len(names)) //nolint:gosec // few
			names[name] = now[n]
		}
	}
	for i := range t.marks {
		t.marks[i].name = now[t.marks[i].name]
	}
	t.names = names
}

// sweep forgets what no event can make a burst any more unless it is late. Where
// that is not enough, less lateness is allowed; and where there is too much
// within one stretch all the same, the oldest events are lost to judgement.
func (b *bursts) sweep() {
	horizon := b.newest
	if b.horizon != nil {
		horizon = min(horizon, b.horizon())
	}
	b.forget(horizon.Add(-b.within-lateness), false)
	if b.size > heldBytes {
		b.forget(min(b.middle(), horizon.Add(-b.within)), false)
	}
	if b.size > heldBytes {
		b.forget(b.middle(), true)
	}
	b.next = min(max(sweepBytes, 2*b.size), heldBytes+sweepBytes)
}

// middle is the instant that halves what is kept.
func (b *bursts) middle() connectors.Instant {
	times := make([]connectors.Instant, 0, b.entries)
	for _, t := range b.recent {
		for i := range t.marks {
			times = append(times, t.marks[i].at)
		}
	}
	slices.Sort(times)
	return times[len(times)/2] + 1
}

// forget lets go of what lies before an instant; lost says that it was not
// judged to the end.
func (b *bursts) forget(before connectors.Instant, lost bool) {
	var gone []*connectors.Event
	for _, address := range slices.Sorted(maps.Keys(b.recent)) {
		t := b.recent[address]
		n := 0
		for n < len(t.marks) && t.marks[n].at < before {
			if e := b.resolve(address, &t.marks[n], lost); e != nil {
				gone = append(gone, e)
			}
			n++
		}
		if n == 0 {
			continue
		}
		b.blind = max(b.blind, before)
		b.entries -= n
		b.size -= n * markBytes
		if t.marks = slices.Delete(t.marks, 0, n); len(t.marks) == 0 {
			delete(b.recent, address)
			b.size -= len(address)
			continue
		}
		b.renumber(t)
	}
	slices.SortFunc(gone, func(x, y *connectors.Event) int { return cmp.Compare(x.Seq, y.Seq) })
	for _, e := range gone {
		b.lost(e)
	}
}

// resolve says the last word on a mark. It gives the event if it is lost.
func (b *bursts) resolve(address string, m *mark, lost bool) (gone *connectors.Event) {
	e := m.event
	if e == nil {
		return nil
	}
	m.event = nil
	b.size -= weight(e)
	switch {
	case m.context && m.ours:
		b.found(address, e)
	case !m.context && (lost || m.doubt):
		return e
	}
	return nil
}

// end says the last word on everything that is left.
func (b *bursts) end() {
	if b.newest != 0 {
		b.forget(b.newest+1, false)
	}
}
