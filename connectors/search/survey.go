package search

import (
	"context"
	"errors"
	"fmt"

	"logreeve/connectors"
)

// survey is a store held still: what it is asked to count and what is read of it
// are of the same moment, and in one account.
type survey struct {
	s       *Source
	q       connectors.Query
	p       *prepared
	account *Account
	before  spent
	late    connectors.Instant
	alike   seeds
	open    bool

	// narrowing is nil where the store cannot tell enough to be asked for a part.
	narrowing *narrowing
	asker     asker
	ready     bool // counted, identities and pending are asked for
	countable bool // what ended was counted; what did not is among the strays
	strays    *strays
	base      object // the documents that are one event each
	places    map[string]*connectors.Coverage
	fields    map[string]bool // paths, and whether all their values can be counted
}

// View opens a view of the window. Nothing is counted before something is asked for.
func (s *Source) View(ctx context.Context, q connectors.Query) (connectors.View, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", s.Name(), err)
	}
	v := &survey{s: s, q: q, account: &Account{}, before: s.spent(), late: connectors.At(s.now()), alike: newSeeds(), fields: map[string]bool{}}
	var err error
	if v.p, err = s.prepare(ctx, v.account); err != nil {
		return nil, s.failed(ctx, err)
	}
	v.open = v.p.view != nil
	v.account.Lost = s.daysMissing(v.account, q.Window)
	v.asker = s.asker(v.p)
	if v.open {
		v.narrowing = s.narrowing(v.p, q, v.account, v.alike)
	}
	return v, nil
}

// Close gives the view back to the store, also when the reader has gone.
func (v *survey) Close(ctx context.Context) {
	if v.open {
		v.open = false
		v.p.view.close(ctx)
	}
}

// Read reads what filters select of the window and of the lead before it.
func (v *survey) Read(ctx context.Context, f, lead connectors.Filter, emit func([]connectors.Event) error) (connectors.Completeness, error) {
	u := newConsumer(v.s.Name(), v.s.Kind(), v.q, v.account, v.late, emit)
	var err error
	if v.open {
		var query object
		if query, err = v.narrow(ctx, f, lead, u); err == nil && v.account.Stopped == "" {
			if err = v.read(ctx, query, u); err == nil {
				err = u.end()
			}
		}
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		return connectors.Completeness{}, fmt.Errorf("read %s: %w", v.s.Name(), err)
	}
	c := u.finish()
	if u.covered != nil && v.countable {
		if err := v.outcomes(ctx, &c); err != nil {
			return connectors.Completeness{}, fmt.Errorf("read %s: %w", v.s.Name(), err)
		}
	}
	if err := v.remember(ctx, &c); err != nil {
		return connectors.Completeness{}, fmt.Errorf("read %s: %w", v.s.Name(), err)
	}
	v.p.bounds.widen(&c)
	c.Store = v.told()
	c.Problems = v.account.Problems()
	now := v.s.spent()
	c.Requests, c.BytesReceived, c.Took = now.requests-v.before.requests, now.received-v.before.received, now.took-v.before.took
	return c, nil
}

// told says which store was read.
func (v *survey) told() *connectors.StoreRead {
	return &connectors.StoreRead{
		Where: v.account.where(), Product: string(v.p.server.Product), Version: v.p.server.Version, Cluster: v.p.server.Cluster,
		Profile: v.s.profile.Name, Indices: open(v.account.Indices),
	}
}

// remember compares the store with what was noted of it, and notes it anew.
func (v *survey) remember(ctx context.Context, c *connectors.Completeness) error {
	if v.q.Notes == nil || !v.open {
		return nil
	}
	now, err := v.s.held(ctx, v.p, v.account)
	if now == nil {
		return err
	}
	v.account.Lost = append(v.account.Lost, remembered(v.q.Notes.Store, *now, v.q.Window)...)
	c.Notes = &connectors.Notes{Store: keep(v.q.Notes.Store, *now, v.late)}
	return nil
}

// narrow is what the store is asked for; everything when it cannot tell less.
func (v *survey) narrow(ctx context.Context, f, lead connectors.Filter, u *consumer) (object, error) {
	profile := v.s.profile
	n := v.narrowing
	if n == nil || f.Op == connectors.OpAll {
		return all(profile.window(v.q.Reach())), nil
	}
	if err := v.prepare(ctx); err != nil {
		return nil, err
	}
	asked := v.asker.narrowed(f)
	if !v.countable || asked == nil {
		return all(profile.window(v.q.Reach())), nil
	}
	u.covered = v.places
	// Strays are read whatever they are: some may be no record at all, and then that
	// has to be known.
	with := func(asked object) object {
		return joined([]object{all(n.ends, asked), n.odd(), n.oneOf(v.strays.ids)}, "should", nothing, everything)
	}
	query := all(n.window, with(asked))
	if v.q.Lead <= 0 || v.q.Window.From == 0 {
		return query, nil
	}
	before := profile.window(connectors.Window{From: v.q.Window.From.Add(-v.q.Lead), To: v.q.Window.From})
	return joined([]object{query, all(before, with(v.asker.narrowed(lead)))}, "should", nothing, everything), nil
}

// prepare counts, once, what every narrowed read needs to know of the whole
// window. Where the store fails, nothing is counted.
func (v *survey) prepare(ctx context.Context) error {
	if v.ready || v.narrowing == nil {
		return nil
	}
	v.ready = true
	n := v.narrowing
	fail := func(err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case uncountable(err):
			return nil
		}
		v.account.Stopped = sentence(err)
		return nil
	}
	var err error
	if v.strays, err = n.strays(ctx, v.s.Kind(), v.q.Window); err != nil {
		return fail(err)
	}
	v.base = all(n.inside, n.ends, negate(n.oneOf(v.strays.ids)))
	if v.places, err = n.coverage(ctx, v.base); err != nil {
		return fail(err)
	}
	for i := range v.strays.events {
		e := &v.strays.events[i]
		placed(v.places, e.Cluster).Observe(e.Time)
	}
	reach := v.q.Reach()
	if reach.From == 0 {
		reach.From = v.p.bounds.oldest
	}
	if reach.To == 0 {
		reach.To = v.p.bounds.newest + 1000
	}
	if v.asker.who, err = identify(ctx, n, v.asker, v.q.Attribution, reach); err != nil {
		return fail(err)
	}
	v.countable = true
	return nil
}

// outcomes counts how the events of the window ended.
func (v *survey) outcomes(ctx context.Context, c *connectors.Completeness) error {
	counts := map[connectors.Outcome]int64{}
	for _, o := range []connectors.Outcome{connectors.OK, connectors.Denied, connectors.Failed, connectors.Unknown} {
		groups, err := v.Group(ctx, connectors.In("outcome", string(o)))
		if errors.Is(err, connectors.ErrUncountable) {
			return nil // what was read says it in part, which is known from Counted
		}
		if err != nil {
			return err
		}
		for _, g := range groups {
			counts[o] += g.Count
		}
	}
	c.ByOutcome = counts
	return nil
}
