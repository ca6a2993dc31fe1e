package reports

import (
	"context"
	"fmt"
	"strings"

	"logreeve/app/fault"
	"logreeve/connectors"
)

// read reads one source to its end and notes what was read.
func (p *pass) read(ctx context.Context, s connectors.Source) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("read source %s: panic: %v", s.Name(), v)
		}
	}()
	p.inWindow = 0
	p.foreign(s.Kind())
	clear(p.told)
	q := connectors.Query{
		Window: p.in.Window, Lead: p.lead, LeadSelect: p.leadSelect(), Attribution: p.attribution, Progress: p.in.Progress,
		Notes: p.notes(s),
	}
	emit := func(batch []connectors.Event) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return p.batch(batch)
	}
	var done connectors.Completeness
	if g, ok := s.(connectors.Grouper); ok {
		done, err = p.readCounted(ctx, g, q, emit)
	} else {
		done, err = s.Read(ctx, q, emit)
	}
	if err == nil {
		err = ctx.Err()
	}
	if kind := fault.KindOf(err); p.in.Apart && ctx.Err() == nil && (kind == fault.Unavailable || kind == fault.NotFound) {
		done, err = unread(s, err), nil
	}
	if err != nil {
		return fmt.Errorf("read source %s: %w", s.Name(), err)
	}
	if done.Counted > 0 {
		p.span(done.First, done.Last)
		p.inWindow = done.Counted
	}
	p.noteContext(&done)
	facts := SourceFacts{Name: s.Name(), Kind: s.Kind(), Read: done, Events: p.inWindow}
	if settler, ok := s.(Settler); ok {
		facts.Settle = settler.SettleDelay()
	}
	for i := range p.facts.Sources {
		if p.facts.Sources[i].Name == s.Name() {
			p.facts.Sources[i] = facts
		}
	}
	return nil
}

// foreign keeps jobs from a source of a kind that their check does not look at.
func (p *pass) foreign(kind connectors.Kind) {
	clear(p.here)
	for i := range p.jobs {
		if c := p.jobs[i].check; c != nil && !among(c.check.Needs.Kinds, kind) {
			p.here.put(i)
		}
	}
}

// unread is the account of a source of which nothing can be said. No check that
// needs it passes: it is not complete (G1).
func unread(s connectors.Source, err error) connectors.Completeness {
	return connectors.Completeness{
		Source: s.Name(), Kind: s.Kind(), Coverage: map[string]*connectors.Coverage{},
		Problems: []connectors.Problem{{Where: s.Name(), Reason: strings.TrimSuffix(fault.Message(err), ".")}},
	}
}

// notes gives what an earlier run noted of a source, nil when nobody asks.
func (p *pass) notes(s connectors.Source) *connectors.Notes {
	if p.in.Notes == nil {
		return nil
	}
	if n := p.in.Notes[s.Name()]; n != nil {
		return n
	}
	return &connectors.Notes{}
}

// noted gives what this run noted.
func (p *pass) noted() map[string]*connectors.Notes {
	if p.in.Notes == nil {
		return nil
	}
	out := map[string]*connectors.Notes{}
	for _, s := range p.facts.Sources {
		if s.Read.Notes != nil {
			out[s.Name] = s.Read.Notes
		}
	}
	return out
}

// horizon is the instant before which only late events of some kinds are still
// to come, 0 when anything may.
func (p *pass) horizon(kinds []connectors.Kind) connectors.Instant {
	at := p.newest
	for _, s := range p.in.Sources[p.reading:] {
		if !among(kinds, s.Kind()) {
			continue
		}
		a, ok := s.(connectors.Ahead)
		if !ok {
			if s == p.in.Sources[p.reading] {
				continue // it delivers in order as far as anybody knows
			}
			return p.in.Window.From
		}
		if earliest, more := a.Ahead(); more {
			at = min(at, earliest)
		}
	}
	return at
}
