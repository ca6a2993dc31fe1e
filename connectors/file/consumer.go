package file

import (
	"fmt"
	"slices"

	"logreeve/connectors"
)

// consumer joins the records of all chunks in order and accounts for them.
type consumer struct {
	source *Source
	query  connectors.Query
	joiner joiner
	emit   func([]connectors.Event) error
	waited func(*connectors.Event) // other, made once

	c       connectors.Completeness
	emitted int64
	late    connectors.Instant // events after it are in the future
	err     error
	one     [1]connectors.Event
	batch   []connectors.Event // the chunk's events
	from    int                // batch[from:to] is ready to be emitted
	to      int

	place    string // of coverage, the one last used
	coverage *connectors.Coverage
	outcomes [4]int64

	note    *noting // of the input being read, if notes are asked for
	carried figures // what earlier reads counted in parts that are not read now
}

// outcomes are the outcomes in the order in which they are counted.
var outcomes = [4]connectors.Outcome{connectors.OK, connectors.Denied, connectors.Failed, connectors.Unknown}

func outcomeIndex(o connectors.Outcome) int {
	switch o {
	case connectors.OK:
		return 0
	case connectors.Denied:
		return 1
	case connectors.Failed:
		return 2
	}
	return 3
}

func newConsumer(s *Source, q connectors.Query, j joiner, emit func([]connectors.Event) error) *consumer {
	u := &consumer{source: s, query: q, joiner: j, emit: emit}
	u.waited = u.other
	u.c = connectors.Completeness{
		Source: s.name, Kind: s.format.kind, Coverage: map[string]*connectors.Coverage{},
		Stats: connectors.Stats{
			ByKind: map[connectors.Kind]int64{}, ByOutcome: map[connectors.Outcome]int64{},
			Skipped: append([]connectors.Skipped{}, s.skipped...), UnparsedSamples: []connectors.UnparsedSample{},
		},
	}
	if q.Notes != nil {
		u.c.Notes = &connectors.Notes{}
	}
	if s.opts.Now != nil {
		u.late = connectors.At(s.opts.Now())
	}
	return u
}

// end hands over what still waits, once all chunks were consumed.
func (u *consumer) end() error {
	u.advance(nil)
	u.joiner.flush(u.waited)
	return u.err
}

// chunk joins the records of one chunk and emits what is ready, in runs that
// lie next to each other.
func (u *consumer) chunk(c *chunk) {
	if s := u.source; s.begun == 0 || s.inputs[s.begun-1] != c.in {
		u.advance(c.in)
	}
	if u.note != nil {
		u.note.chunk(c)
	}
	before := c.in.account.Lines
	for _, s := range c.samples {
		if len(u.c.UnparsedSamples) == connectors.MaxSamples {
			break
		}
		s.Line += before
		u.c.UnparsedSamples = append(u.c.UnparsedSamples, s)
	}
	c.in.account.Lines += c.lines
	c.in.account.Records += int64(len(c.events))
	u.c.Lines += c.lines
	u.c.Blank += c.blank
	u.c.Unparsed += c.unparsed
	u.c.Records += int64(len(c.events))
	if c.partly > 0 {
		u.c.Problems = append(u.c.Problems, connectors.Problem{
			Where: c.in.path, Reason: fmt.Sprintf("%d lists hold items that are no records of this kind", c.partly),
		})
	}
	u.batch, u.from, u.to = c.events, 0, 0
	u.joiner.expect(c.marks)
	for i := range c.events {
		e := &c.events[i]
		e.MoveLine(before)
		if !u.joiner.add(e, c.marks[i], u.waited) || !u.wanted(e) {
			u.run()
			continue
		}
		if u.from == u.to {
			u.from = i
		}
		u.to = i + 1
	}
	u.run()
	u.batch = nil
	if u.note != nil {
		u.note.place(u.joiner, u.figures, false)
	}
}

// advance goes on to an input, over those of which there is nothing to read; nil
// is behind the last. What earlier reads counted counts.
func (u *consumer) advance(to *input) {
	s := u.source
	for {
		if u.note != nil {
			u.note.place(u.joiner, u.figures, true)
			u.c.Notes.Files = append(u.c.Notes.Files, u.note.note)
			u.note = nil
		}
		if s.begun == len(s.inputs) || s.begun > 0 && s.inputs[s.begun-1] == to {
			return
		}
		in := s.inputs[s.begun]
		s.begun++
		in.account = connectors.ReadFile{Path: in.path, Size: in.size, Modified: in.modified, Edges: in.edges()}
		if u.c.Notes != nil && in.stream == nil {
			u.note = s.begin(in, u.late, u.figures())
		}
		if in.resume != nil {
			u.carry(in)
		}
		if in == to {
			return
		}
	}
}

// carry counts what an earlier read found in the part of an input that is not
// read now.
func (u *consumer) carry(in *input) {
	p := in.resume
	in.account.Lines, in.account.Records = p.Lines, p.Records
	u.c.Lines += p.Lines
	u.c.Blank += p.Blank
	u.c.Unparsed += p.Unparsed
	u.c.Records += p.Records
	u.c.Events += p.Records - p.Merged - p.Late
	u.carried.merged += p.Merged
	u.carried.late += p.Late
	u.carried.duplicates += p.DuplicateKeys
	for i, o := range outcomes {
		u.carried.outcomes[i] += p.ByOutcome[o]
	}
	if p.Oldest != 0 && (u.c.Oldest == 0 || p.Oldest < u.c.Oldest) {
		u.c.Oldest = p.Oldest
	}
	u.c.Newest = max(u.c.Newest, p.Newest)
	for _, s := range p.Samples {
		if len(u.c.UnparsedSamples) < connectors.MaxSamples {
			s.File = in.path
			u.c.UnparsedSamples = append(u.c.UnparsedSamples, s)
		}
	}
}

// figures are what was counted in this read, with what waits.
func (u *consumer) figures() (f figures) {
	f.merged, f.late, f.duplicates = u.joiner.counts()
	f.outcomes = u.outcomes
	u.joiner.waiting(func(e *connectors.Event) { f.outcomes[outcomeIndex(e.Outcome)]++ })
	return f
}

// run emits the events that are ready.
func (u *consumer) run() {
	if u.from < u.to && u.err == nil {
		u.emitted += int64(u.to - u.from)
		u.err = u.emit(u.batch[u.from:u.to:u.to])
	}
	u.from, u.to = 0, 0
}

// other emits an event that waited, after those that were ready before it.
func (u *consumer) other(e *connectors.Event) {
	u.run()
	if u.wanted(e) && u.err == nil {
		u.one[0] = *e
		u.emitted++
		u.err = u.emit(u.one[:])
	}
}

// wanted counts an event and says whether it lies in the window.
func (u *consumer) wanted(e *connectors.Event) bool {
	u.c.Events++
	u.outcomes[outcomeIndex(e.Outcome)]++
	if u.c.Oldest == 0 || e.Time < u.c.Oldest {
		u.c.Oldest = e.Time
	}
	u.c.Newest = max(u.c.Newest, e.Time)
	if u.late != 0 && e.Time > u.late {
		u.c.Future++
	}
	if !u.query.Window.Contains(e.Time) {
		return u.query.Lead > 0 && u.query.Reach().Contains(e.Time)
	}
	if u.c.First == 0 || e.Time < u.c.First {
		u.c.First = e.Time
	}
	u.c.Last = max(u.c.Last, e.Time)
	place := e.Host
	if place == "" {
		place = e.Cluster
	}
	if u.coverage == nil || place != u.place {
		u.place, u.coverage = place, u.c.Coverage[place]
		if u.coverage == nil {
			u.coverage = connectors.NewCoverage()
			u.c.Coverage[place] = u.coverage
		}
	}
	u.coverage.Observe(e.Time)
	return true
}

// finish closes the account.
func (u *consumer) finish(r *reading) (connectors.Completeness, error) {
	if r.opened == 0 && r.first != nil {
		return connectors.Completeness{}, r.first
	}
	c := u.c
	c.Merged, c.Late, c.DuplicateKeys = u.joiner.counts()
	c.Merged += u.carried.merged
	c.Late += u.carried.late
	c.DuplicateKeys += u.carried.duplicates
	if c.Events > 0 {
		c.ByKind[u.source.format.kind] = c.Events
	}
	for i, o := range outcomes {
		if n := u.outcomes[i] + u.carried.outcomes[i]; n > 0 {
			c.ByOutcome[o] = n
		}
	}
	if c.Notes != nil { // of a file that was not read whole nothing is known
		c.Notes.Files = slices.DeleteFunc(c.Notes.Files, func(n connectors.FileNote) bool {
			return len(n.Places) == 0 || slices.ContainsFunc(u.source.inputs, func(in *input) bool { return in.broken && in.path == n.Path })
		})
	}
	c.Problems = append(append(append([]connectors.Problem{}, u.source.problems...), r.problems...), c.Problems...)
	for _, in := range u.source.inputs {
		c.Files = append(c.Files, in.account)
	}
	return c, nil
}
