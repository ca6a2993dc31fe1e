package connectors

import (
	"slices"
	"strings"
)

// Selection is several filters compiled together, so that an event costs little
// more than it would with one: what filters ask of a field with few values is
// worked out once for each value and kept as a set of filters, the sets of an
// event's fields are intersected, and what filters ask of bodies is answered in
// one walk. It is used from one goroutine.
type Selection struct {
	match   []predicate
	exact   []uint64 // filters for which the intersection is the answer
	asks    []uint64 // filters that ask about bodies
	all     []uint64
	may     []uint64
	columns []*column
	bodies  bodies
}

// CompileAll compiles filters together. What is wrong with one of them is a
// fault.Invalid, as with Compile.
func CompileAll(filters []Filter) (*Selection, error) {
	words := (len(filters) + 63) / 64
	s := &Selection{exact: make([]uint64, words), asks: make([]uint64, words), all: make([]uint64, words), may: make([]uint64, words)}
	in := compiler{bodies: &s.bodies}
	for i, f := range filters {
		s.bodies.filter = i
		p, err := in.compile(f)
		if err != nil {
			return nil, err
		}
		s.match = append(s.match, p)
		bit := uint64(1) << (i % 64)
		s.all[i/64] |= bit
		if apart(f) {
			s.exact[i/64] |= bit
		}
		if BodyFields(f) != nil {
			s.asks[i/64] |= bit
		}
	}
	names := columnFields(filters)
	slices.SortStableFunc(names, func(a, b string) int { return variety(a) - variety(b) })
	for _, name := range names {
		s.columns = append(s.columns, newColumn(name, filters))
	}
	return s, nil
}

// May begins an event and gives the set of filters that may select it, one bit
// each; the set is valid until the next event. Every filter that selects the
// event is in it.
func (s *Selection) May(e *Event) []uint64 {
	s.bodies.forget()
	copy(s.may, s.all)
	for _, c := range s.columns {
		if !c.concerns(s.may) {
			continue
		}
		for w, bits := range c.allows(e) {
			s.may[w] &= bits
		}
	}
	return s.may
}

// Selects says whether a filter of the set that May gave selects the event.
func (s *Selection) Selects(i int, e *Event) bool {
	w, bit := i/64, uint64(1)<<(i%64)
	if s.exact[w]&bit != 0 {
		return true
	}
	if s.asks[w]&bit != 0 {
		s.bodies.look(e, s.may)
	}
	return s.match[i](e)
}

// BodyFields lists the body paths that a filter asks about; nil for none.
func BodyFields(f Filter) []string {
	var out []string
	if _, ok := bodyPath(f.Field); ok {
		out = append(out, f.Field)
	}
	for _, a := range f.Args {
		out = append(out, BodyFields(a)...)
	}
	return out
}

// column is what a set of filters asks of one field, answered value by value.
type column struct {
	get     func(*Event) string // of a field that is decoded with every event
	text    Text                // else the text it is
	allowed func(value string) []uint64
	asks    []uint64            // filters that ask about the field
	none    []uint64            // for events without a value
	known   map[string][]uint64 // at most maxKnown values
	recent  Recent[[]uint64]
	views   [recentViews]recentView
}

// recentView is a text that stays in the record and was asked for lately.
type recentView struct {
	text    string
	allowed []uint64
}

const (
	recentViews = 256
	maxKnown    = 1 << 16
)

func newColumn(name string, filters []Filter) *column {
	ask := make([]projection, len(filters))
	c := &column{get: plainFields[name], text: textFields[name], known: map[string][]uint64{}, asks: make([]uint64, (len(filters)+63)/64)}
	for i, f := range filters {
		ask[i] = project(f, name)
		if slices.Contains(columnFields([]Filter{f}), name) {
			c.asks[i/64] |= 1 << (i % 64)
		}
	}
	c.allowed = func(value string) []uint64 {
		set := make([]uint64, (len(filters)+63)/64)
		for i, p := range ask {
			if p(value) != no {
				set[i/64] |= 1 << (i % 64)
			}
		}
		return set
	}
	c.none = c.allowed("")
	return c
}

// concerns says whether one of these filters asks about the field.
func (c *column) concerns(filters []uint64) bool {
	for w, bits := range c.asks {
		if filters[w]&bits != 0 {
			return true
		}
	}
	return false
}

// allows gives the filters that the event's value of the field leaves possible.
func (c *column) allows(e *Event) []uint64 {
	if c.get == nil {
		return c.allowsText(e)
	}
	value := c.get(e)
	if value == "" {
		return c.none
	}
	if set, ok := c.recent.Get(value); ok {
		return set
	}
	set := c.remembered(value)
	c.recent.Set(value, set)
	return set
}

func (c *column) remembered(value string) []uint64 {
	if set, ok := c.known[value]; ok {
		return set
	}
	if len(c.known) >= maxKnown {
		clear(c.known)
	}
	set := c.allowed(value)
	c.known[strings.Clone(value)] = set
	return set
}

// allowsText does so for a text that stays in the record.
func (c *column) allowsText(e *Event) []uint64 {
	b, escaped := e.TextView(c.text)
	if len(b) == 0 {
		return c.none
	}
	n := len(b)
	view := &c.views[(uint(n)*31+uint(b[n-1])*17+uint(b[n/2])*7+uint(b[n/3]))%recentViews]
	if !escaped && view.text == string(b) {
		return view.allowed
	}
	value := ""
	onText(e, c.text, func(s string) bool { value = strings.Clone(s); return true })
	set := c.remembered(value)
	if !escaped {
		*view = recentView{text: value, allowed: set}
	}
	return set
}

// answer is what is known of a question when one field alone is known.
type answer int8

const (
	no answer = iota
	open
	yes
)

// projection is what a filter says of an event of which one field is known.
type projection func(value string) answer

func decided(b bool) answer {
	if b {
		return yes
	}
	return no
}

// project reads a filter, which is known to be valid, as a question about one
// field; what it asks of others stays open.
func project(f Filter, name string) projection {
	args := make([]projection, len(f.Args))
	for i, a := range f.Args {
		args[i] = project(a, name)
	}
	switch f.Op {
	case OpAll:
		return func(string) answer { return yes }
	case OpNot:
		return func(v string) answer { return yes - args[0](v) }
	case OpAnd:
		return func(v string) answer {
			all := yes
			for _, a := range args {
				all = min(all, a(v))
			}
			return all
		}
	case OpOr:
		return func(v string) answer {
			some := no
			for _, a := range args {
				some = max(some, a(v))
			}
			return some
		}
	}
	if f.Op == OpHour || f.Field != name {
		return func(string) answer { return open }
	}
	if f.Op == OpExists {
		return func(v string) answer { return decided(v != "") }
	}
	every := f.Op == OpEvery
	if every {
		f = f.Args[0]
	}
	t, err := testOf(f)
	if err != nil {
		return func(string) answer { return open }
	}
	return func(v string) answer { return decided(v == "" && every || v != "" && t(v)) }
}

// columnField says whether what filters ask of a field is answered by value: it
// has one value an event, and few different ones in a log.
func columnField(name string) bool {
	return plainFields[name] != nil || name == "user_agent"
}

// columnFields lists the fields that filters ask about and that columns answer,
// in the order in which they are first asked about.
func columnFields(filters []Filter) []string {
	var names []string
	seen := map[string]bool{}
	var visit func(Filter)
	visit = func(f Filter) {
		if columnField(f.Field) && !seen[f.Field] && f.Op != OpHour {
			seen[f.Field] = true
			names = append(names, f.Field)
		}
		for _, a := range f.Args {
			visit(a)
		}
	}
	for _, f := range filters {
		visit(f)
	}
	return names
}

// variety ranks a field by how many values it has in a log: the cheap questions,
// which leave few filters, come first.
func variety(name string) int {
	switch name {
	case "verb", "resource", "subresource", "outcome", "category", "kind", "actor_kind", "dry_run", "level", "group":
		return 0
	case "code", "namespace", "version", "source", "cluster":
		return 1
	}
	return 2
}

// apart says whether a filter is a conjunction of questions about one column
// each, so that the columns together answer it.
func apart(f Filter) bool {
	if f.Op == OpAll {
		return true
	}
	if f.Op == OpAnd {
		for _, a := range f.Args {
			if !apart(a) {
				return false
			}
		}
		return true
	}
	name, one := "", true
	var visit func(Filter)
	visit = func(f Filter) {
		switch {
		case f.Op == OpHour:
			one = false
		case f.Field != "":
			one = one && columnField(f.Field) && (name == "" || name == f.Field)
			name = f.Field
		}
		for _, a := range f.Args {
			visit(a)
		}
	}
	visit(f)
	return one && name != ""
}
