package reports

import (
	"slices"

	"logreeve/connectors"
)

// row is the events of one group of late, in which sliding stretches are looked for.
// A stretch that held enough is reported as it comes.
type row struct {
	key    string // of the group
	values []string
	marks  []mark // in order of time
}

// mark is one event of a row.
type mark struct {
	at    connectors.Instant
	event *kept // nil: it is in the group
	who   *who
}

// slide counts an event in the sliding stretches that it is part of.
func (w *windows) slide(e *connectors.Event) {
	if w.over(e.Time.Add(w.length)) {
		w.g.found.late++ // what is near it was let go
	}
	r := w.rows[string(w.g.key)]
	if r == nil {
		r = &row{key: string(w.g.key), values: slices.Clone(w.g.values)}
		w.rows[r.key] = r
	}
	i, _ := slices.BinarySearchFunc(r.marks, e.Time, func(m mark, at connectors.Instant) int {
		if m.at <= at {
			return -1
		}
		return 1
	})
	r.marks = slices.Insert(r.marks, i, mark{at: e.Time, event: w.g.found.vault.keep(e), who: w.g.actors.who(e, w.g.found.whoOf)})
	w.marks++
	first, last := -1, 0 // of the stretches with the event that hold enough, together
	for from := max(0, i-w.least+1); from <= i && from+w.least <= len(r.marks); from++ {
		if r.marks[from+w.least-1].at.Sub(r.marks[from].at) > w.length {
			continue
		}
		if first < 0 {
			first = from
		}
		last = from + w.least
	}
	if first >= 0 {
		w.report(r, first, last)
	}
	w.thin(r, i)
}

// report puts events of stretches that held enough into the group.
func (w *windows) report(r *row, first, last int) {
	into := w.group(r.key, r.values, r.marks[first].at)
	if !slices.ContainsFunc(r.marks[first:first+w.least], func(m mark) bool { return m.event == nil }) {
		into.stretches++
	}
	into.most = max(into.most, int64(w.least))
	for i := range r.marks[first:last] {
		m := &r.marks[first+i]
		if m.event == nil {
			continue
		}
		into.count++
		into.first, into.last = min(into.first, m.at), max(into.last, m.at)
		into.who.add(*m.who)
		into.listed.insert(w.g.found.vault, m.event)
		m.event, m.who = nil, nil
	}
}

// thin lets go of marks near one that came, which no event still to come needs: where
// those that a stretch must hold stand on both sides within one length, a stretch
// that holds enough with the mark between them is one without it, too. So a row has at most
// twice what a stretch must hold in each length.
func (w *windows) thin(r *row, i int) {
	for j := min(i, len(r.marks)-1-2*w.least) + w.least; j >= max(i-w.least, w.least); j-- {
		if r.marks[j].event == nil && r.marks[j+w.least].at.Sub(r.marks[j-w.least].at) <= w.length {
			r.marks = slices.Delete(r.marks, j, j+1)
			w.marks--
		}
	}
}

// needless is the border from which on a mark is needed no more: no event that comes
// in time is as near as a length.
func (w *windows) needless(m *mark) connectors.Instant { return m.at.Add(2 * w.length) }

// closeRows lets go of the marks that are not needed once the border is reached.
func (w *windows) closeRows(border connectors.Instant) {
	for key, r := range w.rows {
		n := 0
		for n < len(r.marks) && w.needless(&r.marks[n]) <= border {
			n++
		}
		r.marks = slices.Delete(r.marks, 0, n)
		w.marks -= n
		if len(r.marks) == 0 {
			delete(w.rows, key)
		}
	}
}

// waiting lists the events that are in no group yet.
func (r *row) waiting() *listing {
	var l listing
	for _, m := range r.marks {
		if m.event != nil {
			l.events = append(l.events, m.event)
		}
	}
	return &l
}
