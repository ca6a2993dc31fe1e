package search

import (
	"maps"
	"slices"
	"strings"

	"logreeve/connectors"
)

// consumer joins the records of all pages in order and accounts for them.
type consumer struct {
	name   string
	query  connectors.Query
	joiner joiner
	groups grouper
	emit   func([]connectors.Event) error
	late   connectors.Instant // events after it are in the future

	// covered is what the store counted of the whole window; nil when everything
	// was read and counted here.
	covered map[string]*connectors.Coverage

	c       connectors.Completeness
	account *Account
	indices map[string]*connectors.ReadFile
	ready   []connectors.Event
	err     error
}

func newConsumer(name string, k connectors.Kind, q connectors.Query, account *Account, late connectors.Instant, emit func([]connectors.Event) error) *consumer {
	return &consumer{
		name: name, query: q, joiner: newJoiner(k), emit: emit, account: account, late: late, indices: map[string]*connectors.ReadFile{},
		c: connectors.Completeness{
			Source: name, Kind: k, Coverage: map[string]*connectors.Coverage{},
			Stats: connectors.Stats{
				ByKind: map[connectors.Kind]int64{}, ByOutcome: map[connectors.Outcome]int64{},
				Skipped: []connectors.Skipped{}, UnparsedSamples: []connectors.UnparsedSample{},
			},
		},
	}
}

// take joins the records of one page and emits the events that are ready.
func (u *consumer) take(b *batch) {
	u.c.Lines += b.documents
	u.c.Unparsed += b.unparsed
	u.c.Records += int64(len(b.events))
	u.account.Received += b.documents
	u.account.Partly += b.partly
	u.account.note(b.lacks...)
	for _, s := range b.samples {
		if len(u.c.UnparsedSamples) < connectors.MaxSamples {
			u.c.UnparsedSamples = append(u.c.UnparsedSamples, s)
		}
	}
	for name, more := range b.indices {
		f := u.indices[name]
		if f == nil {
			f = &connectors.ReadFile{Path: name}
			u.indices[name] = f
		}
		f.Lines += more.Lines
		f.Records += more.Records
		f.Size += more.Size
	}
	u.join(u.groups.add(b.events, b.marks))
}

func (u *consumer) join(events []connectors.Event, marks []mark) {
	u.ready = u.ready[:0]
	for i := range events {
		if u.joiner.add(&events[i], marks[i], u.out) {
			u.out(&events[i])
		}
	}
	u.send()
}

// out counts an event and puts it among the ready when it lies in the window.
func (u *consumer) out(e *connectors.Event) {
	if u.wanted(e) {
		u.ready = append(u.ready, *e)
	}
}

func (u *consumer) send() {
	if len(u.ready) > 0 && u.err == nil {
		u.err = u.emit(u.ready)
	}
	u.ready = u.ready[:0]
}

// end hands over everything that still waits.
func (u *consumer) end() error {
	u.join(u.groups.rest())
	u.joiner.flush(u.out)
	u.send()
	return u.err
}

func (u *consumer) wanted(e *connectors.Event) bool {
	u.c.Events++
	u.c.ByOutcome[e.Outcome]++
	if u.c.Oldest == 0 || e.Time < u.c.Oldest {
		u.c.Oldest = e.Time
	}
	u.c.Newest = max(u.c.Newest, e.Time)
	if u.late != 0 && e.Time > u.late {
		u.c.Future++
	}
	if !u.query.Window.Contains(e.Time) {
		return u.query.Reach().Contains(e.Time) // context before the window
	}
	if u.c.First == 0 || e.Time < u.c.First {
		u.c.First = e.Time
	}
	u.c.Last = max(u.c.Last, e.Time)
	place := e.Host
	if place == "" {
		place = e.Cluster
	}
	coverage := u.c.Coverage[place]
	if coverage == nil {
		coverage = connectors.NewCoverage()
		u.c.Coverage[place] = coverage
	}
	coverage.Observe(e.Time)
	return true
}

// finish closes the account of what was read.
func (u *consumer) finish() connectors.Completeness {
	c := u.c
	c.Merged, c.Late, c.DuplicateKeys = u.joiner.counts()
	if u.covered != nil {
		c.Coverage, c.Events = u.covered, 0
		for _, place := range u.covered {
			if first := place.First(); first != 0 && (c.First == 0 || first < c.First/1000*1000) {
				c.First = first
			}
			c.Last = max(c.Last, place.Last())
			c.Events += place.Count(connectors.Window{})
		}
		c.Counted = c.Events
	}
	if c.Events > 0 {
		c.ByKind[c.Kind] = c.Events
	}
	for _, f := range slices.SortedFunc(maps.Values(u.indices), func(a, b *connectors.ReadFile) int { return strings.Compare(a.Path, b.Path) }) {
		c.Files = append(c.Files, *f)
	}
	return c
}
