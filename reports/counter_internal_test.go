package reports

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"logreeve/connectors"
	"logreeve/reports/roster"
)

// TestCountsWithoutRemembering compares the counts of a collector with sets of
// event numbers, whatever drafts share events, are dropped or withheld, and
// whichever events are put in later.
func TestCountsWithoutRemembering(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newCollector(&Check{}, &roster.Roster{}, IdentitiesOf(&Shared{}), &vault{lists: func(func(*listing)) {}})
		s := &Scope{found: c}
		type set = map[uint64]bool
		model, held := map[*Draft]set{}, set{}
		var later []*connectors.Event
		put := func(e *connectors.Event) {
			for range rapid.IntRange(1, 4).Draw(t, "adds") {
				d := s.Item(fmt.Sprint(rapid.IntRange(0, 3).Draw(t, "draft")))
				d.Add(e)
				if model[d] == nil {
					model[d] = set{}
				}
				model[d][e.Seq] = true
			}
		}
		for i := range rapid.IntRange(0, 60).Draw(t, "events") {
			e := &connectors.Event{Seq: uint64(i + 1), Time: connectors.Instant(i + 1)}
			c.now = e.Seq
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				later = append(later, e.Keep())
			case 1:
				for range rapid.IntRange(1, 2).Draw(t, "entries") {
					s.Suppress(e, roster.Entry{Value: "direct"})
				}
				held[e.Seq] = true
			default:
				put(e)
			}
			c.now = 0
			if len(later) > 0 && rapid.Bool().Draw(t, "now") {
				put(later[len(later)-1])
				later = later[:len(later)-1]
			}
		}
		for _, d := range s.Drafts() {
			switch rapid.IntRange(0, 3).Draw(t, "fate") {
			case 0:
				s.Drop(d)
				delete(model, d)
			case 1:
				s.Withhold(d, roster.Entry{Value: "whole"})
				for n := range model[d] {
					held[n] = true
				}
				delete(model, d)
			default:
				if d.Count != int64(len(model[d])) {
					t.Fatalf("the draft counts %d, not %d", d.Count, len(model[d]))
				}
			}
		}
		matched := set{}
		for _, events := range model {
			for n := range events {
				matched[n] = true
			}
		}
		if got := c.matched(); got != int64(len(matched)) {
			t.Fatalf("%d matched, not %d", got, len(matched))
		}
		if got := c.heldBack(); got != int64(len(held)) {
			t.Fatalf("%d held back, not %d", got, len(held))
		}
	})
}

// entries counts what the state of a collector holds.
func (c *collector) entries() int {
	sets := func(s *seqSet) int { return len(s.deltas) + len(s.odd) + len(s.all) }
	n := len(c.members.companies) + len(c.members.in) + sets(&c.suppressed.kept) + sets(&c.undecidable.kept) + len(c.undecided)
	for _, d := range c.drafts {
		n += len(d.listed.events) + d.who.principals.len() + d.who.persons.len()
		if d.kept != nil {
			n += sets(d.kept)
		}
	}
	for _, h := range c.held {
		n += sets(&h.kept)
	}
	return n
}

// TestStateDoesNotGrowWithEvents shows that what a check holds grows with
// identities, not with events. The control counts as events that were kept are
// counted, which remembers every one.
func TestStateDoesNotGrowWithEvents(t *testing.T) {
	held := func(events int, remember bool) int {
		v := &vault{}
		c := newCollector(&Check{}, &roster.Roster{}, IdentitiesOf(&Shared{}), v)
		v.lists = c.lists
		s := &Scope{found: c}
		for i := range events {
			e := &connectors.Event{Seq: uint64(i + 1), Time: connectors.Instant(1_800_000_000_000_000 + i), Actor: fmt.Sprint("user", i%100)}
			if c.now = e.Seq; remember {
				c.now = 0
			}
			s.Item(e.Actor).Add(e)
			s.Item("everybody").Add(e)
			s.Suppress(e, roster.Entry{Value: fmt.Sprint(i % 7)})
			s.Undecidable(e, "content not recorded")
			if v.current = nil; v.full() {
				v.settle()
			}
		}
		return c.entries()
	}
	few, many := held(200_000, false), held(400_000, false)
	if many > few {
		t.Errorf("400,000 events hold %d entries, 200,000 hold %d", many, few)
	}
	if few, many := held(20_000, true), held(40_000, true); many < few*3/2 {
		t.Errorf("remembering, 40,000 events hold %d entries and 20,000 hold %d, so the test shows nothing", many, few)
	}
}
