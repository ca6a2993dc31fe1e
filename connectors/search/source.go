package search

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"logreeve/app/fault"
	"logreeve/connectors"
)

// Store is what a product brings: what its sources are called, and the profile
// they have when none is named.
type Store struct {
	Name    string // for people, such as "Calico"
	Profile string
	// Profiles are more than the presets, and go before them.
	Profiles []Profile
	// Pattern is what is read when the configuration names none.
	Pattern string
	// Product is believed of a server that does not say what it is.
	Product Product
}

// Source is the events of one kind in one store.
type Source struct {
	config    Config
	options   Options
	profile   Profile
	store     Store
	transport *transport
}

// Open makes a source; it connects to nothing. fault.Invalid says what of the
// configuration is wrong, and names the field.
func Open(c Config, s Store, o Options) (*Source, error) {
	if c.Kind == "" {
		c.Kind = connectors.Kubernetes
	}
	if c.Kind != connectors.Kubernetes && c.Kind != connectors.AuthLog {
		return nil, fault.Field("kind", "This version does not read %s from %s.", c.Kind, s.Name)
	}
	if c.Pattern == "" {
		c.Pattern = s.Pattern
	}
	if _, err := ParseTarget(c.URL + "/" + c.Pattern); err != nil {
		return nil, err
	}
	p, err := profileOf(c, s.Profile, s.Profiles)
	if err != nil {
		return nil, err
	}
	if c.Name == "" {
		c.Name = string(c.Kind)
	}
	o = o.complete()
	t, err := newTransport(c, o)
	if err != nil {
		return nil, err
	}
	return &Source{config: c, options: o, profile: p, store: s, transport: t}, nil
}

// Name is the NAME of the source.
func (s *Source) Name() string { return s.config.Name }

// Kind is the kind of log the source holds.
func (s *Source) Kind() connectors.Kind { return s.config.Kind }

// SettleDelay is how long after its event a document may still arrive.
func (s *Source) SettleDelay() time.Duration { return s.options.Settle }

// prepared is a store about to be read: what it is, the frozen list of indices,
// how they keep fields, and a view of them.
type prepared struct {
	server Server
	fields Fields
	view   *view
	bounds bounds
}

// prepare finds out what is there. The account holds what it found, also when
// nothing can be read. An error means that nothing can be said.
func (s *Source) prepare(ctx context.Context, account *Account) (*prepared, error) {
	account.Store, account.Pattern = s.config.URL, s.config.Pattern
	server, err := detect(ctx, s.transport, escapePattern(s.config.Pattern))
	if err != nil {
		return nil, err
	}
	if account.Indices, err = resolve(ctx, s.transport, server, s.config.Pattern); err != nil {
		return nil, err
	}
	names := open(account.Indices)
	if len(names) == 0 {
		if len(account.Indices) > 0 {
			return nil, fault.New(fault.NotFound, "Every index that %s means is closed. Open one, or change the pattern.", s.config.Pattern)
		}
		return nil, fault.New(fault.NotFound,
			"No index matches %s. Check the pattern, and whether this user may read the indices.", s.config.Pattern)
	}
	to := target(names, s.config.Pattern)
	limits, unproven, err := visible(ctx, s.transport, server, s.config.Pattern, to)
	if err != nil {
		return nil, err
	}
	account.Unproven = unproven
	p := &prepared{server: server}
	if p.fields, err = askFields(ctx, s.transport, to, s.profile.asked()); err != nil {
		return nil, err
	}
	p.fields.limits = limits
	account.Told, account.Untold = p.fields.Indices, p.fields.Failed
	account.Time = p.fields.at(s.profile.Time)
	for _, path := range s.profile.needed() {
		account.Needed = append(account.Needed, p.fields.at(path))
	}
	if account.Time.shape != date {
		return p, nil // no window can be asked of it
	}
	if p.view, err = openView(ctx, s.transport, server, names, to); err != nil {
		return nil, err
	}
	account.Opened = p.view.opened
	if len(to) > maxTarget || strings.Contains(to, "*") {
		again, err := resolve(ctx, s.transport, server, s.config.Pattern)
		account.Moved = err != nil || fmt.Sprint(again) != fmt.Sprint(account.Indices)
	}
	if p.bounds, err = p.view.bounds(ctx, s.profile.Time, s.now()); err != nil {
		p.view.close(ctx)
		return nil, asFault(err)
	}
	account.note(p.bounds.answer.lack()...)
	account.Untimed = p.bounds.untimed
	return p, nil
}

// now is the time of the read, zero without a clock.
func (s *Source) now() time.Time {
	if s.options.Now == nil {
		return time.Time{}
	}
	return s.options.Now()
}

// asFault gives an error of reading its sentence for people.
func asFault(err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	if r := refusalOf(err); r != nil {
		return r.fault()
	}
	return fault.Wrap(fault.Unavailable, err, "%s", sentence(err))
}

// Read reads the documents of the window in the order of their time. The filter
// goes to the store as far as it can answer it; what it cannot is cut, so that
// more is read, never less.
func (s *Source) Read(ctx context.Context, q connectors.Query, emit func([]connectors.Event) error) (connectors.Completeness, error) {
	v, err := s.View(ctx, q)
	if err != nil {
		return connectors.Completeness{}, err
	}
	defer v.Close(ctx)
	return v.Read(ctx, q.Filter, q.Filter, emit)
}

// failed is why nothing can be said.
func (s *Source) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("read %s: %w", s.Name(), ctx.Err())
	}
	return fmt.Errorf("read %s: %w", s.Name(), asFault(err))
}

type spent struct {
	requests, received int64
	took               time.Duration
}

func (s *Source) spent() spent {
	t := s.transport
	return spent{t.requests.Load(), t.received.Load(), time.Duration(t.took.Load())}
}

// read plans the slices of what is asked for and reads them, some at a time, in order.
func (v *survey) read(ctx context.Context, query object, u *consumer) error {
	s, p, account := v.s, v.p, v.account
	parts, total, lacks, err := p.view.plan(ctx, query, s.profile.Time)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		account.Stopped = sentence(err)
		return nil
	}
	account.note(lacks...)
	constant := p.view.way == byPoint
	if constant {
		account.Wanted = total
	}
	inner, cancel := context.WithCancel(ctx)
	var wait sync.WaitGroup
	defer wait.Wait()
	defer cancel()
	pages := &pager{view: p.view, query: query, field: s.profile.Time, sort: p.view.order(s.profile, p.fields)}
	for out := range s.slices(inner, &wait, parts, pages, v.q, v.alike) {
		for b := range out {
			if b.last {
				if !constant {
					account.Wanted += b.wanted
				}
				if b.err != nil {
					if ctx.Err() != nil {
						return ctx.Err()
					}
					account.Stopped = sentence(b.err)
				}
				continue
			}
			u.take(b)
			if u.err != nil {
				return u.err
			}
			if v.q.Progress != nil {
				s.progress(v.q, u, total)
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// progress says how far the read has come, in documents turned to bytes.
func (s *Source) progress(q connectors.Query, u *consumer, total int64) {
	var read int64
	for _, f := range u.indices {
		read += f.Size
	}
	estimate := read
	if u.account.Received > 0 {
		estimate = max(read, int64(float64(read)/float64(u.account.Received)*float64(total)))
	}
	q.Progress(connectors.Progress{Source: s.Name(), Bytes: read, Total: estimate, Events: u.c.Events})
}

// slices reads slices with as many requests at a time as are allowed. What each
// holds comes through a channel of its own, in the order of the slices.
func (s *Source) slices(ctx context.Context, wait *sync.WaitGroup, parts []slice, pages *pager, q connectors.Query, alike seeds) <-chan chan *batch {
	ordered := make(chan chan *batch, s.options.Parallel)
	parsers := make(chan *parser, s.options.Parallel)
	for range s.options.Parallel {
		parsers <- newParser(s.profile, s.Name(), q.Attribution, alike)
	}
	wait.Go(func() {
		defer close(ordered)
		for _, part := range parts {
			var by *parser
			select {
			case by = <-parsers:
			case <-ctx.Done():
				return
			}
			out := make(chan *batch)
			select {
			case ordered <- out:
			case <-ctx.Done():
				return
			}
			wait.Go(func() {
				defer func() { parsers <- by }()
				defer close(out)
				send := func(b *batch) bool {
					select {
					case out <- b:
						return true
					case <-ctx.Done():
						return false
					}
				}
				wanted, err := pages.all(ctx, part, func(p page) bool { return send(parsePage(p, by)) })
				send(&batch{last: true, wanted: wanted, err: err})
			})
		}
	})
	return ordered
}
