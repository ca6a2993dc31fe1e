package reports

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"logreeve/connectors"
)

// Scout lets a store count what an Each check selects and does not have to look
// at, so that only the rest is read. A check finds the same with and without it.
type Scout struct {
	// By are fields of the filter language.
	By []string
	// Wants makes the judge of groups. It is shown an event that carries the fields
	// of By, its kind, its time and who is responsible for it then, and nothing
	// else, at every time of the group at which the roster may answer differently.
	// It answers whether an event like this may become part of an item, be held
	// back or be undecidable, whatever else it holds.
	Wants func(*Scope) func(e *connectors.Event) bool
}

// Counter lets a store count what a Watcher would see.
type Counter struct {
	// Select is what is counted; the zero filter stands for the watcher's own.
	Select connectors.Filter
	By     []string // fields of the filter language
	// Take is given all groups of a source. Who is responsible for the events is the
	// same throughout a group.
	Take func([]connectors.Group)
}

const (
	// maxExact is how many groups are asked for one by one; of more, the values of
	// each field are asked for by themselves, and more is read than is needed.
	maxExact = 16
	// maxTold is how many values of a field are asked for.
	maxTold = 5_000
)

// readCounted reads of a source that can count only what has to be looked at.
func (p *pass) readCounted(ctx context.Context, s connectors.Grouper, q connectors.Query, emit func([]connectors.Event) error) (connectors.Completeness, error) {
	view, err := s.View(ctx, q)
	if err != nil {
		return connectors.Completeness{}, err
	}
	defer view.Close(ctx)
	var wanted, lead []connectors.Filter
	for i := range p.jobs {
		if p.off.has(i) || p.here.has(i) {
			continue
		}
		j := &p.jobs[i]
		if c := j.check; c != nil && c.lead != nil && !j.witness && !j.unseen {
			lead = append(lead, j.selects)
		}
		f, err := p.plan(ctx, view, s, i)
		if err != nil {
			return connectors.Completeness{}, err
		}
		if f != nil {
			wanted = append(wanted, *f)
		}
	}
	// An empty "or" selects nothing: everything was counted.
	return view.Read(ctx, connectors.Or(wanted...), connectors.Or(lead...), emit)
}

// plan counts what a job selects as far as the store can, and gives what is left
// to be read; nil when it is nothing.
func (p *pass) plan(ctx context.Context, view connectors.View, s connectors.Source, i int) (*connectors.Filter, error) {
	j := &p.jobs[i]
	whole := &j.selects
	switch {
	case j.check == nil:
		return p.watched(ctx, view, i)
	case j.witness:
		groups, err := view.Group(ctx, j.selects)
		if err != nil {
			return left(whole, err)
		}
		for _, g := range groups {
			j.check.witnessed += g.Count
		}
		p.here.put(i)
		return nil, nil
	case j.unseen:
		return whole, nil
	case j.check.check.Scout != nil:
		return p.scouted(ctx, view, i)
	case j.check.check.Grouped != nil:
		return p.thresholds(ctx, view, s, i)
	}
	return whole, nil
}

// left gives the whole filter when the store could not count.
func left(whole *connectors.Filter, err error) (*connectors.Filter, error) {
	if errors.Is(err, connectors.ErrUncountable) {
		return whole, nil
	}
	return nil, err
}

// scouted counts what an Each check selects and gives what it wants to look at.
func (p *pass) scouted(ctx context.Context, view connectors.View, i int) (want *connectors.Filter, err error) {
	j := &p.jobs[i]
	scout := j.check.check.Scout
	groups, err := view.Group(ctx, j.selects, scout.By...)
	if err != nil {
		return left(&j.selects, err)
	}
	var found []connectors.Group
	func() {
		defer j.check.caught()
		wants := scout.Wants(j.check.scope)
		for _, g := range groups {
			if p.ever(g, wants) {
				found = append(found, g)
			}
		}
	}()
	if j.check.failure != "" {
		p.drop(j.check)
		return nil, nil
	}
	p.tally(i, groups)
	return picked(j.selects, scout.By, found)
}

// ever says whether a group is wanted at any of its times.
func (p *pass) ever(g connectors.Group, wants func(*connectors.Event) bool) bool {
	const ms = 1000 // a store keeps whole milliseconds
	for _, at := range connectors.Instants(p.attribution.Changes, g.First, g.Last+ms-1) {
		e := p.attribution.At(g.Event, at)
		if wants(&e) {
			return true
		}
	}
	return false
}

// thresholds counts what a Grouped check selects and gives the groups that may
// hold enough. Only where no other source adds to a group can one be left out.
func (p *pass) thresholds(ctx context.Context, view connectors.View, s connectors.Source, i int) (*connectors.Filter, error) {
	j := &p.jobs[i]
	of := j.check.check.Grouped
	for _, other := range p.in.Sources {
		if other.Name() != s.Name() && among(j.check.check.Needs.Kinds, other.Kind()) {
			return &j.selects, nil
		}
	}
	if of.AtLeast <= 1 {
		return &j.selects, nil
	}
	groups, err := view.Group(ctx, j.selects, of.By...)
	if err != nil {
		return left(&j.selects, err)
	}
	var found []connectors.Group
	for _, g := range groups {
		if g.Count >= of.AtLeast {
			found = append(found, g)
		}
	}
	p.tally(i, groups)
	return picked(j.selects, of.By, found)
}

// tally makes the population of a check of the groups, and no longer of the
// events of this source that it is shown.
func (p *pass) tally(i int, groups []connectors.Group) {
	for _, g := range groups {
		p.jobs[i].check.population += g.Count
	}
	p.told.put(i)
}

// watched counts for a watcher that can do without events.
func (p *pass) watched(ctx context.Context, view connectors.View, i int) (*connectors.Filter, error) {
	j := &p.jobs[i]
	if j.counter == nil {
		return &j.selects, nil
	}
	f := j.counter.Select
	if f.Op == connectors.OpAll {
		f = j.selects
	}
	groups, err := view.Group(ctx, f, j.counter.By...)
	if err != nil {
		return left(&j.selects, err)
	}
	if slices.ContainsFunc(groups, p.changes) {
		return &j.selects, nil
	}
	for i := range groups {
		groups[i].Event = p.attribution.At(groups[i].Event, groups[i].First)
	}
	j.counter.Take(groups)
	p.here.put(i)
	return nil, nil
}

// changes says whether somebody else becomes responsible within a group.
func (p *pass) changes(g connectors.Group) bool {
	first := p.attribution.At(g.Event, g.First)
	for _, at := range connectors.Instants(p.attribution.Changes, g.First, g.Last+999) {
		e := p.attribution.At(g.Event, at)
		if e.Actor != first.Actor || e.ActorKind != first.ActorKind {
			return true
		}
	}
	return false
}

// picked narrows a filter to some groups; nil when there are none.
func picked(f connectors.Filter, by []string, groups []connectors.Group) (*connectors.Filter, error) {
	if len(groups) == 0 {
		return nil, nil
	}
	readers := make([]connectors.FieldReader, len(by))
	for i, name := range by {
		read, err := connectors.ReadField(name)
		if err != nil {
			return nil, fmt.Errorf("group by %s: %w", name, err)
		}
		readers[i] = read
	}
	if len(by) > 1 && len(groups) <= maxExact {
		var each []connectors.Filter
		for _, g := range groups {
			var same []connectors.Filter
			for i, name := range by {
				same = append(same, oneOf(name, []string{readers[i](&g.Event)}))
			}
			each = append(each, connectors.And(same...))
		}
		narrowed := connectors.And(f, connectors.Or(each...))
		return &narrowed, nil
	}
	narrowed := []connectors.Filter{f}
	for i, name := range by {
		var values []string
		for _, g := range groups {
			values = append(values, readers[i](&g.Event))
		}
		slices.Sort(values)
		if values = slices.Compact(values); len(values) <= maxTold {
			narrowed = append(narrowed, oneOf(name, values))
		}
	}
	out := connectors.And(narrowed...)
	return &out, nil
}

// oneOf selects events whose field has one of the values; "" is no value.
func oneOf(field string, values []string) connectors.Filter {
	f := connectors.In(field, values...)
	if slices.Contains(values, "") {
		return connectors.Or(f, connectors.Not(connectors.Exists(field)))
	}
	return f
}
