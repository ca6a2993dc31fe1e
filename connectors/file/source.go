package file

import (
	"context"
	"fmt"
	"sync/atomic"

	"logreeve/app/fault"
	"logreeve/connectors"
)

// Source is the logs of one kind in a file, a folder or a stream.
type Source struct {
	name     string
	format   format
	where    string
	inputs   []*input // in the order in which they are read
	opts     Options
	skipped  []connectors.Skipped
	problems []connectors.Problem
	consumed bool // a stream can be read once

	chunk   int   // bytes read at a time
	spacing int64 // bytes between two places that are noted

	begun int                // how many inputs were begun in this read
	from  connectors.Instant // where it begins
}

// Name is the NAME of the source.
func (s *Source) Name() string { return s.name }

// Kind is the kind of log the source holds.
func (s *Source) Kind() connectors.Kind { return s.format.kind }

// Read reads every input once, from the oldest to the newest.
//
// A relay of workers, one for each core, reads, parses and hands over chunks.
func (s *Source) Read(ctx context.Context, q connectors.Query, emit func([]connectors.Event) error) (connectors.Completeness, error) {
	for _, in := range s.inputs {
		if in.stream != nil && s.consumed {
			return connectors.Completeness{}, fault.New(fault.Unavailable, "%s can be read only once.", in.path)
		}
	}
	s.consumed = true
	s.begun, s.from = 0, q.Reach().From
	resumed := s.plan(q)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	var (
		state   = s.format.session()
		stored  atomic.Int64
		reading = reading{source: s, stored: &stored}
	)
	for _, in := range s.inputs {
		if len(in.recall) > 0 {
			if err := s.recalled(in, state.parser(), q.Attribution, emit); err != nil {
				return connectors.Completeness{}, fmt.Errorf("read %s: %w", s.name, err)
			}
		}
	}
	u := newConsumer(s, q, state.joiner(), emit)
	u.c.Resumed = resumed
	relay := relay{source: s, query: q, use: u, stored: &stored}
	if err := relay.run(ctx, state.parser, reading.all); err != nil {
		return connectors.Completeness{}, err
	}
	if err := u.end(); err != nil {
		return connectors.Completeness{}, err
	}
	return u.finish(&reading)
}

// total is the size of all inputs as stored, 0 when it is not known.
func (s *Source) total() (n int64) {
	for _, in := range s.inputs {
		n += in.size
	}
	return n
}

// reading is the work of the reading goroutine.
type reading struct {
	source   *Source
	stored   *atomic.Int64
	problems []connectors.Problem
	opened   int
	first    error // why the first input that failed to open did
}

func (r *reading) all(cut *cutter) {
	for _, in := range r.source.inputs {
		before := r.stored.Load()
		if in.resume != nil && in.resume.Offset == in.size {
			r.opened++
			r.stored.Add(in.size)
			continue
		}
		o, err := in.open(r.stored)
		if err != nil {
			if r.first == nil {
				r.first = unreadable(in.path, err)
			}
			r.problems = append(r.problems, connectors.Problem{Where: in.path, Reason: "cannot be opened: " + plain(err)})
			in.broken = true
			continue
		}
		r.opened++
		in.packed = o.packed
		if in.document {
			err = cut.documents(in, o.content)
		} else {
			err = cut.lines(in, o.content)
		}
		o.close()
		if cut.ctx.Err() != nil {
			return
		}
		if err != nil {
			r.problems = append(r.problems, connectors.Problem{Where: in.path, Reason: "was not read to its end: " + plain(err)})
			in.broken = true
		} else if got := r.stored.Load() - before; got < in.size {
			in.broken = true
			r.problems = append(r.problems, connectors.Problem{
				Where: in.path, Reason: fmt.Sprintf("became smaller while it was read: %d of %d bytes were there", got, in.size),
			})
		}
	}
}

// worker parses chunks.
type worker struct {
	source      *Source
	parser      parser
	attribution *connectors.Attribution
}

func (w *worker) parse(c *chunk) {
	switch {
	case c.tooLong:
		c.lines = 1
		c.reject(1, 1, errTooLong)
	case len(c.pieces) > 0:
		for _, p := range c.pieces {
			c.lines += p.lines
			if p.err != nil {
				c.reject(c.lines, p.lines, p.err)
			} else if p.end > p.start {
				w.record(c, c.buf[p.start:p.end], c.lines, p.lines, p.offset)
			}
		}
	default:
		w.lines(c)
	}
	for i := range c.events {
		e := &c.events[i]
		e.Source = w.source.name
		w.attribution.Apply(e)
		if c.oldest == 0 || e.Time < c.oldest {
			c.oldest = e.Time
		}
		c.newest = max(c.newest, e.Time)
		c.spoils = c.spoils || e.TimeBasis == connectors.StageEnd
	}
}

// record parses one record whose last line is the given one.
func (w *worker) record(c *chunk, record []byte, line, lines, offset int64) {
	n := len(c.events)
	var err error
	c.events, c.marks, err = w.parser.parse(record, connectors.Ref{File: c.in.path, Line: line, Offset: offset}, c.in, c.events, c.marks)
	switch {
	case err == nil:
	case len(c.events) > n:
		c.partly++
	default:
		c.reject(line, lines, err)
	}
}

// reject counts lines that are no record. Lines are numbered within the chunk.
func (c *chunk) reject(line, lines int64, err error) {
	c.unparsed += lines
	if len(c.samples) < connectors.MaxSamples {
		c.samples = append(c.samples, connectors.UnparsedSample{File: c.in.path, Line: line, Reason: err.Error()})
	}
}
