package reports

import "logreeve/connectors"

// Identities remembers who acts in the events of a run, so that whoever keeps
// something for each of them finds it by a small number. It is used from one
// goroutine.
type Identities struct {
	known  map[Named]*Identity // at most maxIdentities
	whos   map[string]*who     // so many, too
	recent connectors.Recent[*Identity]
	last   *Identity
	of     *connectors.Event // that last was asked of, and its number
	seq    uint64
	key    []byte
}

// Identity is who acts in an event. There is one for each as long as Identities
// remembers it; a later one may have its number.
type Identity struct {
	Named
	Number int // from 0

	who  *who // who acted in the hour
	hour int64
}

// Named is who acts in an event, as far as it says so.
type Named struct {
	Kind                           connectors.Kind
	Host, Actor, Login, Credential string
}

// maxIdentities bounds what is remembered; beyond it the memory starts anew.
const maxIdentities = 1 << 16

// IdentitiesOf gives the identities of a run.
func IdentitiesOf(s *Shared) *Identities {
	type key struct{}
	return Share(s, key{}, func() *Identities { return &Identities{known: map[Named]*Identity{}, whos: map[string]*who{}} })
}

// Of gives the identity that acts in an event.
func (i *Identities) Of(e *connectors.Event) *Identity {
	if e == i.of && e.Seq == i.seq && e.Seq != 0 {
		return i.last
	}
	id, known := i.recent.Get(e.Actor)
	if !known || !id.acts(e) {
		id = i.remember(e)
		i.recent.Set(e.Actor, id)
	}
	i.last, i.of, i.seq = id, e, e.Seq
	return id
}

func (id *Identity) acts(e *connectors.Event) bool {
	return id.Actor == e.Actor && id.Login == e.Login && id.Credential == e.Credential && id.Host == e.Host && id.Kind == e.Kind
}

func (i *Identities) remember(e *connectors.Event) *Identity {
	name := Named{e.Kind, e.Host, e.Actor, e.Login, e.Credential}
	if id := i.known[name]; id != nil {
		return id
	}
	if len(i.known) >= maxIdentities {
		clear(i.known)
	}
	id := &Identity{Named: name, Number: len(i.known)}
	i.known[name] = id
	return id
}

// who says who acted in an event, as whoOf of any of the run's checks does, and
// mostly gives the same answer at the same place.
func (i *Identities) who(e *connectors.Event, whoOf func(*connectors.Event) who) *who {
	const hour = 3_600_000_000 // rosters change people by the day at most
	id := i.Of(e)
	if at := int64(e.Time) / hour; id.who == nil || id.hour != at {
		id.who, id.hour = i.same(whoOf(e)), at
	}
	return id.who
}

// same gives an earlier answer that says the same, if there is one.
func (i *Identities) same(w who) *who {
	i.key = appendParts(appendParts(i.key[:0], []string{w.principal}), w.persons)
	if known := i.whos[string(i.key)]; known != nil {
		return known
	}
	if len(i.whos) >= maxIdentities {
		clear(i.whos)
	}
	i.whos[string(i.key)] = &w
	return &w
}

// PerIdentity keeps something for each identity of late. It forgets as it likes.
type PerIdentity[T any] struct {
	kept []ofIdentity[T]
}

type ofIdentity[T any] struct {
	of    *Identity
	value T
}

// Get gives what was set for an identity; ok is false when it is not known.
func (p *PerIdentity[T]) Get(id *Identity) (value T, ok bool) {
	if id.Number >= len(p.kept) || p.kept[id.Number].of != id {
		return value, false
	}
	return p.kept[id.Number].value, true
}

// Set keeps a value for an identity.
func (p *PerIdentity[T]) Set(id *Identity, value T) {
	for id.Number >= len(p.kept) {
		p.kept = append(p.kept, ofIdentity[T]{})
	}
	p.kept[id.Number] = ofIdentity[T]{id, value}
}
