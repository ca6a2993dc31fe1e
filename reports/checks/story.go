package checks

import (
	"cmp"
	"fmt"
	"slices"

	"logreeve/connectors"
	"logreeve/reports"
)

// story is what an item remembers of its events beyond what its draft keeps,
// so that its sentences can say what was done, from where and with what. Its
// size is bounded, whatever the number of events.
type story struct {
	draft *reports.Draft
	who   tally // principals held responsible
	from  tally // client addresses
	with  tally // client software
	keys  tally // credentials
	did   tally // verbs
	on    tally // objects, in words of the check, names in them shown already
	how   tally // outcomes
}

// stories are the items of one check in one run.
type stories struct {
	scope *reports.Scope
	all   map[*reports.Draft]*story
}

func newStories(s *reports.Scope) *stories {
	return &stories{scope: s, all: map[*reports.Draft]*story{}}
}

// of gives the story of the item with these subject parts.
func (s *stories) of(parts ...string) *story {
	d := s.scope.Item(parts...)
	t := s.all[d]
	if t == nil {
		t = &story{draft: d, on: tally{ready: true}}
		s.all[d] = t
	}
	return t
}

// drop takes an item back: it turned out to be none.
func (s *stories) drop(t *story) {
	s.scope.Drop(t.draft)
	delete(s.all, t.draft)
}

// each visits the stories in the order of their parts.
func (s *stories) each(f func(*story)) {
	for _, d := range s.scope.Drafts() {
		if t := s.all[d]; t != nil {
			f(t)
		}
	}
}

// add puts an event into the item and remembers what sentences need of it.
func (t *story) add(e *connectors.Event) {
	t.draft.Add(e)
	t.who.note(actorOf(e))
	t.from.note(e.ClientIP)
	t.keys.note(e.Credential)
	t.did.note(e.Verb)
	t.how.note(string(e.Outcome))
	if !t.with.full() {
		t.with.note(e.UserAgent())
	}
}

// actorOf names the one responsible, or who tried to log in.
func actorOf(e *connectors.Event) string {
	if e.Actor != "" {
		return e.Actor
	}
	return e.Login
}

// part gives a subject part of the item.
func (t *story) part(i int) string { return t.draft.Parts[i] }

// tell writes the item: its subject, a title of a few words, one sentence, and
// the facts who, what, when, from where and why it matters.
func (t *story) tell(subject, title, summary, why string, more ...reports.Fact) {
	d := t.draft
	d.Subject, d.Title, d.Summary = subject, title, summary
	fact := func(label, value string) {
		if value != "" {
			d.Facts = append(d.Facts, reports.Fact{Label: label, Value: value})
		}
	}
	fact("Who", t.who.list(10))
	fact("What", t.did.counted(10))
	fact("On", t.on.counted(10))
	fact("When", span(d.First, d.Last))
	fact("From", t.from.counted(10))
	fact("Client", t.with.list(5))
	fact("Credential", t.keys.counted(10))
	fact("Outcome", t.how.counted(4))
	d.Facts = append(d.Facts, more...)
	fact("Why", why)
}

// origin says from where, for the end of a clause: " from 10.0.0.7",
// " from 3 addresses", or nothing when no record says.
func (t *story) origin() string {
	switch n := t.from.distinct(); {
	case n == 0:
		return ""
	case n <= 2:
		return " from " + t.from.list(2)
	default:
		return fmt.Sprintf(" from %d addresses", n)
	}
}

// maxTally is how many distinct values a tally tells apart.
const maxTally = 1000

// tally counts distinct values, the first maxTally of them each for itself. Most
// items have one of each, so the first stands in the tally itself.
type tally struct {
	first counted
	more  *others // nil: there are none
	ready bool    // values are words of ours; else names from a log, to be shown
}

// others are the values of a tally besides its first.
type others struct {
	values []counted
	places map[string]int // in values, once there are more than a few
	rest   int64          // how often further ones were noted
}

// counted is a value and how often it was noted.
type counted struct {
	value string
	times int64
}

// few is how many values are looked through rather than looked up.
const few = 8

func (t *tally) note(value string) {
	switch {
	case value == "":
	case t.first.value == "" || t.first.value == value:
		t.first.value = value
		t.first.times++
	default:
		if t.more == nil {
			t.more = &others{}
		}
		t.more.note(value)
	}
}

func (o *others) note(value string) {
	if i := o.place(value); i >= 0 {
		o.values[i].times++
		return
	}
	if o.full() {
		o.rest++
		return
	}
	o.values = append(o.values, counted{value, 1})
	switch n := len(o.values); {
	case n == few+1:
		o.places = make(map[string]int, 2*few)
		for i, v := range o.values {
			o.places[v.value] = i
		}
	case n > few+1:
		o.places[value] = n - 1
	}
}

// place gives where a value stands, -1 when it was not noted for itself.
func (o *others) place(value string) int {
	if o.places == nil {
		return slices.IndexFunc(o.values, func(v counted) bool { return v.value == value })
	}
	if i, known := o.places[value]; known {
		return i
	}
	return -1
}

func (o *others) full() bool { return len(o.values) >= maxTally-1 }

func (t *tally) full() bool { return t.more != nil && t.more.full() }

// whole says that all values were told apart.
func (t *tally) whole() bool { return t.more == nil || t.more.rest == 0 }

func (t *tally) distinct() int { return len(t.values()) }

// values are all that were noted for themselves.
func (t *tally) values() []counted {
	switch {
	case t.first.value == "":
		return nil
	case t.more == nil:
		return []counted{t.first}
	}
	return append([]counted{t.first}, t.more.values...)
}

func (t *tally) of(value string) int64 {
	for _, v := range t.values() {
		if v.value == value {
			return v.times
		}
	}
	return 0
}

// ordered gives the values, the most frequent first.
func (t *tally) ordered() []counted {
	return slices.SortedFunc(slices.Values(t.values()), func(a, b counted) int {
		return cmp.Or(cmp.Compare(b.times, a.times), cmp.Compare(a.value, b.value))
	})
}

// names gives the values alone, in that order.
func (t *tally) names() []string {
	var out []string
	for _, v := range t.ordered() {
		out = append(out, v.value)
	}
	return out
}

// list writes the values: "a, b and 3 more".
func (t *tally) list(most int) string {
	return t.words(most, func(v counted) string { return t.show(v.value) })
}

// counted writes the values with how often each was seen: "get 3 times, list once".
func (t *tally) counted(most int) string {
	if t.more == nil {
		return t.list(1)
	}
	return t.words(most, func(v counted) string { return t.show(v.value) + " " + times(v.times) })
}

func (t *tally) show(value string) string {
	if t.ready {
		return value
	}
	return shown(value)
}

func (t *tally) words(most int, word func(counted) string) string {
	values := t.ordered()
	var out []string
	for _, v := range values[:min(most, len(values))] {
		out = append(out, word(v))
	}
	switch hidden := len(values) - most; {
	case !t.whole():
		out = append(out, "many more")
	case hidden > 0:
		out = append(out, count(int64(hidden), "other"))
	}
	return joinAnd(out)
}
