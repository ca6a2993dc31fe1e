package connectors

import "slices"

// Hints are what a filter requires of the fields that an engine can dispatch
// on. They are sound: an event that the filter selects always passes Allow.
// They are not complete: an event that passes may still not be selected.
type Hints struct {
	Kinds      Values
	Categories Values
	Verbs      Values
	Resources  Values
	Outcomes   Values

	ActorKinds   Values
	Subresources Values
}

// Values is a set of values of one field. Nil is any value, also none at all; a
// set that is empty but not nil allows nothing.
type Values []string

// Allow says whether the set allows a value.
func (v Values) Allow(value string) bool { return v == nil || slices.Contains(v, value) }

// Allow says whether the filter may select the event.
func (h Hints) Allow(e *Event) bool {
	return h.Kinds.Allow(string(e.Kind)) && h.Categories.Allow(string(e.Category)) && h.Verbs.Allow(e.Verb) &&
		h.Resources.Allow(e.Object.Resource) && h.Outcomes.Allow(string(e.Outcome)) &&
		h.ActorKinds.Allow(string(e.ActorKind)) && h.Subresources.Allow(e.Object.Subresource)
}

// Hints gives what the filter requires.
func (m *Matcher) Hints() Hints { return m.hints }

func hintsOf(f Filter) Hints {
	switch f.Op {
	case OpAnd:
		var h Hints
		for _, a := range f.Args {
			h = h.combine(hintsOf(a), both)
		}
		return h
	case OpOr:
		if len(f.Args) == 0 {
			return Hints{}
		}
		h := hintsOf(f.Args[0])
		for _, a := range f.Args[1:] {
			h = h.combine(hintsOf(a), either)
		}
		return h
	case OpIn:
		var h Hints
		values := Values(nonEmpty(f.Values))
		switch f.Field {
		case "kind":
			h.Kinds = values
		case "category":
			h.Categories = values
		case "verb":
			h.Verbs = values
		case "resource":
			h.Resources = values
		case "outcome":
			h.Outcomes = values
		case "actor_kind":
			h.ActorKinds = values
		case "subresource":
			h.Subresources = values
		}
		return h
	}
	return Hints{}
}

func (h Hints) combine(o Hints, how func(a, b Values) Values) Hints {
	return Hints{
		Kinds: how(h.Kinds, o.Kinds), Categories: how(h.Categories, o.Categories), Verbs: how(h.Verbs, o.Verbs),
		Resources: how(h.Resources, o.Resources), Outcomes: how(h.Outcomes, o.Outcomes),
		ActorKinds: how(h.ActorKinds, o.ActorKinds), Subresources: how(h.Subresources, o.Subresources),
	}
}

// both is what two sets allow together.
func both(a, b Values) Values {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	out := Values{}
	for _, v := range a {
		if slices.Contains(b, v) {
			out = append(out, v)
		}
	}
	return out
}

// either is what one of two sets allows.
func either(a, b Values) Values {
	if a == nil || b == nil {
		return nil
	}
	out := slices.Clone(a)
	for _, v := range b {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}
