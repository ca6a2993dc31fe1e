package connectors

import (
	"encoding/binary"
	"slices"
	"strings"
	"unsafe"
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
	common  common    // what the columns of fields with few values say together
	columns []*column // the others
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
		if c := newColumn(name, filters); c.get != nil && variety(name) == 0 && len(s.common.columns) < maxCommon {
			s.common.columns = append(s.common.columns, c)
		} else {
			s.columns = append(s.columns, c)
		}
	}
	return s, nil
}

// May begins an event and gives the set of filters that may select it, one bit
// each; the set is valid until the next event. Every filter that selects the
// event is in it.
func (s *Selection) May(e *Event) []uint64 {
	s.bodies.forget()
	copy(s.may, s.common.allows(e, s.all))
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

// common is the columns of fields that have few values together. Their values come
// in few combinations, each of which is looked up at once, by where the texts lie.
type common struct {
	columns []*column
	slots   [1 << commonBits]combination
}

// combination is the values of late that fell on a slot, and what they leave possible.
type combination struct {
	values [maxCommon]string // kept, so that no other text can come to lie in their place
	set    []uint64          // nil: none yet
}

const (
	maxCommon  = 8
	commonBits = 9
)

// allows gives those of all filters that the values of these fields leave possible.
func (c *common) allows(e *Event, all []uint64) []uint64 {
	if len(c.columns) == 0 {
		return all
	}
	var values [maxCommon]string
	var sum uint64
	for i, column := range c.columns {
		values[i] = column.get(e)
		sum = (sum + place64(values[i])) * 0x9e3779b97f4a7c15
	}
	slot := &c.slots[sum>>(64-commonBits)]
	if slot.set != nil && slot.holds(&values, len(c.columns)) {
		return slot.set
	}
	set := append(slot.set[:0], all...)
	for _, column := range c.columns {
		for w, bits := range column.allows(e) {
			set[w] &= bits
		}
	}
	slot.values, slot.set = values, set
	return set
}

// place64 is where a text lies, 0 for an empty one.
func place64(text string) uint64 {
	if text == "" {
		return 0
	}
	return uint64(uintptr(unsafe.Pointer(unsafe.StringData(text))))
}

// holds says whether these are the texts of the slot, by where they lie.
func (c *combination) holds(values *[maxCommon]string, n int) bool {
	for i := range n {
		if len(c.values[i]) != len(values[i]) || place64(c.values[i]) != place64(values[i]) {
			return false
		}
	}
	return true
}

// column is what a set of filters asks of one field, answered value by value.
type column struct {
	get    func(*Event) string   // of a field that is decoded with every event
	list   func(*Event) []string // of one with several values
	text   Text                  // else the text it is
	ask    []projection          // by filter
	asks   []uint64              // filters that ask about the field
	sets   []uint64              // the answers that differ, one behind the other; first that to no value
	begins map[string]int32      // where in sets, by the answer
	known  map[string]int32      // and by the value; at most maxKnown
	recent Recent[int32]
	views  [recentViews][2]recentView // each the last two that fell on it
	key    []byte
}

// recentView is a text that stays in the record and was asked for lately.
type recentView struct {
	text string
	set  int32
}

const (
	recentViews = 256
	maxKnown    = 1 << 16
)

func newColumn(name string, filters []Filter) *column {
	c := &column{get: plainFields[name], list: listFields[name], text: textFields[name], asks: make([]uint64, (len(filters)+63)/64)}
	for i, f := range filters {
		c.ask = append(c.ask, project(f, name))
		if slices.Contains(columnFields([]Filter{f}), name) {
			c.asks[i/64] |= 1 << (i % 64)
		}
	}
	c.forget()
	return c
}

// forget empties the memory of answers.
func (c *column) forget() {
	c.sets, c.begins, c.known = nil, map[string]int32{}, map[string]int32{}
	c.recent, c.views = Recent[int32]{}, [recentViews][2]recentView{}
	c.answer(nil)
}

// answer works out which filters values of the field leave possible, and gives
// where that set begins.
func (c *column) answer(values []string) int32 {
	set := make([]uint64, len(c.asks))
	for i, p := range c.ask {
		if p(values) != no {
			set[i/64] |= 1 << (i % 64)
		}
	}
	var key []byte
	for _, bits := range set {
		key = binary.LittleEndian.AppendUint64(key, bits)
	}
	at, known := c.begins[string(key)]
	if !known {
		at = int32(len(c.sets)) //nolint:gosec // one set for each known value at most
		c.sets = append(c.sets, set...)
		c.begins[string(key)] = at
	}
	return at
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
	var at int32
	switch {
	case c.get != nil:
		at = c.ofValue(c.get(e))
	case c.list != nil:
		at = c.ofList(c.list(e))
	default:
		at = c.ofText(e)
	}
	return c.sets[at:][:len(c.asks)]
}

func (c *column) ofValue(value string) int32 {
	if value == "" {
		return 0
	}
	set, ok := c.recent.Get(value)
	if !ok {
		set = c.remembered(value)
		c.recent.Set(value, set)
	}
	return set
}

func (c *column) ofList(values []string) int32 {
	if len(values) == 0 {
		return 0
	}
	set, ok := c.recent.GetList(values)
	if !ok {
		c.key = c.key[:0]
		for _, v := range values {
			c.key = append(binary.AppendUvarint(c.key, uint64(len(v))), v...)
		}
		if set, ok = c.known[string(c.key)]; !ok {
			set = c.remember(string(c.key), nonEmpty(values))
		}
		c.recent.SetList(values, set)
	}
	return set
}

func (c *column) remembered(value string) int32 {
	set, ok := c.known[value]
	if !ok {
		set = c.remember(strings.Clone(value), []string{value})
	}
	return set
}

func (c *column) remember(key string, values []string) int32 {
	if len(c.known) >= maxKnown {
		c.forget()
	}
	set := c.answer(values)
	c.known[key] = set
	return set
}

// ofText does so for a text that stays in the record.
func (c *column) ofText(e *Event) int32 {
	b, escaped := e.TextView(c.text)
	if len(b) == 0 {
		return 0
	}
	n := len(b)
	views := &c.views[(uint(n)*31+uint(b[n-1])*17+uint(b[n/2])*7+uint(b[n/3]))%recentViews]
	for i := range views {
		if !escaped && views[i].text == string(b) {
			return views[i].set
		}
	}
	value := ""
	onText(e, c.text, func(s string) bool { value = strings.Clone(s); return true })
	set := c.remembered(value)
	if !escaped {
		views[1], views[0] = views[0], recentView{text: value, set: set}
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

// projection is what a filter says of an event of which one field is known: all
// its values, none of them empty.
type projection func(values []string) answer

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
		return func([]string) answer { return yes }
	case OpNot:
		return func(v []string) answer { return yes - args[0](v) }
	case OpAnd:
		return func(v []string) answer {
			all := yes
			for _, a := range args {
				all = min(all, a(v))
			}
			return all
		}
	case OpOr:
		return func(v []string) answer {
			some := no
			for _, a := range args {
				some = max(some, a(v))
			}
			return some
		}
	}
	if f.Op == OpHour || f.Field != name {
		return func([]string) answer { return open }
	}
	if f.Op == OpExists {
		return func(v []string) answer { return decided(len(v) > 0) }
	}
	every := f.Op == OpEvery
	if every {
		f = f.Args[0]
	}
	t, err := testOf(f)
	if err != nil {
		return func([]string) answer { return open }
	}
	if every {
		return func(v []string) answer {
			return decided(!slices.ContainsFunc(v, func(s string) bool { return !t(s) }))
		}
	}
	return func(v []string) answer { return decided(slices.ContainsFunc(v, t)) }
}

// columnField says whether what filters ask of a field is answered by value: an
// event has one, or a list that events share, and a log few different ones.
func columnField(name string) bool {
	return plainFields[name] != nil || listFields[name] != nil || name == "user_agent"
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
	case "verb", "resource", "subresource", "outcome", "category", "kind", "actor_kind", "dry_run", "level", "group", "code", "source", "cluster":
		return 0
	case "namespace", "version":
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
