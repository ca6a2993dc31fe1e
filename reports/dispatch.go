package reports

import (
	"math/bits"

	"logreeve/connectors"
)

// index sends an event only to the matchers that may select it. From the hints
// of every matcher it has a set of matchers per value of a field; the sets of an
// event's fields are intersected once per combination and remembered.
type index struct {
	matchers []*connectors.Matcher
	all      []bool // the matcher selects everything: it need not be asked
	words    int
	fields   [fieldsIndexed]fieldIndex

	cache [cacheSize]cached
}

const (
	fieldsIndexed = 7
	cacheSize     = 512
)

// fieldIndex has, for one field, the matchers that allow a value.
type fieldIndex struct {
	values map[string]set
	rest   set // those that allow values nobody names
}

// set is a set of matchers, one bit each.
type set []uint64

type combination [fieldsIndexed]string

type cached struct {
	of  combination
	may set // nil: the slot is empty
}

func newIndex(filters []connectors.Filter) (*index, error) {
	x := &index{words: (len(filters) + 63) / 64}
	hints := make([]connectors.Hints, len(filters))
	for i, f := range filters {
		m, err := connectors.Compile(f)
		if err != nil {
			return nil, err
		}
		x.matchers = append(x.matchers, m)
		x.all = append(x.all, f.Op == connectors.OpAll)
		hints[i] = m.Hints()
	}
	for field := range x.fields {
		x.fields[field] = x.indexField(hints, field)
	}
	return x, nil
}

func hinted(h connectors.Hints, field int) connectors.Values {
	return [fieldsIndexed]connectors.Values{h.Kinds, h.Categories, h.Verbs, h.Resources, h.Outcomes, h.ActorKinds, h.Subresources}[field]
}

func combine(e *connectors.Event) combination {
	return combination{
		string(e.Kind), string(e.Category), e.Verb, e.Object.Resource, string(e.Outcome), string(e.ActorKind), e.Object.Subresource,
	}
}

func (x *index) indexField(hints []connectors.Hints, field int) fieldIndex {
	out := fieldIndex{values: map[string]set{}, rest: make(set, x.words)}
	for _, h := range hints {
		for _, v := range hinted(h, field) {
			out.values[v] = make(set, x.words)
		}
	}
	for i, h := range hints {
		values := hinted(h, field)
		if values == nil {
			out.rest[i/64] |= 1 << (i % 64)
		}
		for v, allowed := range out.values {
			if values.Allow(v) {
				allowed[i/64] |= 1 << (i % 64)
			}
		}
	}
	return out
}

// may gives the matchers that may select the event. The set is shared.
func (x *index) may(e *connectors.Event) set {
	of := combine(e)
	slot := &x.cache[of.slot()]
	if slot.may != nil && slot.of == of {
		return slot.may
	}
	may := make(set, x.words)
	for w := range may {
		may[w] = ^uint64(0)
	}
	for field, value := range of {
		allowed, named := x.fields[field].values[value]
		if !named {
			allowed = x.fields[field].rest
		}
		for w := range may {
			may[w] &= allowed[w]
		}
	}
	slot.of, slot.may = of, may
	return may
}

// slot spreads combinations over the cache from a few bytes of each value; two
// that fall together only take turns.
func (c *combination) slot() int {
	h := uint32(2166136261)
	for _, s := range c {
		h = (h ^ uint32(len(s))) * 16777619 //nolint:gosec // only spreads
		if n := len(s); n > 0 {
			h = (h ^ uint32(s[0])) * 16777619
			h = (h ^ uint32(s[n-1])<<8 ^ uint32(s[n/2])) * 16777619
		}
	}
	return int((h ^ h>>15) % cacheSize)
}

// selects says whether a matcher selects the event.
func (x *index) selects(i int, e *connectors.Event) bool {
	return x.all[i] || x.matchers[i].Match(e)
}

// next takes the lowest member out of a word of a set.
func next(word *uint64) int {
	i := bits.TrailingZeros64(*word)
	*word &= *word - 1
	return i
}
