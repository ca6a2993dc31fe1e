package checks

import (
	"slices"
	"time"

	"logreeve/connectors"
)

// maxAddresses bounds how many addresses are counted at once; each keeps fewer
// events than make a burst.
const maxAddresses = 20_000

// bursts finds, for each address, the events that lie in some stretch of time
// of length within that holds at least least events, or events under at least
// names different names (0: names do not count). It keeps the last events of
// each address that has had some lately, and nothing of others.
type bursts struct {
	least, names int
	within       time.Duration
	found        func(address string, e *connectors.Event) // once for each event of a burst
	lost         func(*connectors.Event)                   // an event forgotten before it could be judged

	recent map[string]*trace
	newest connectors.Instant
	sweep  int // how many addresses there may be before old ones are looked for
}

// trace is the recent events of one address, in time order.
type trace struct {
	marks []mark
	last  connectors.Instant // when the address last came, for forgetting
}

// mark is one event; event is nil once it was reported.
type mark struct {
	at    connectors.Instant
	name  string
	event *connectors.Event
}

func (b *bursts) see(address, name string, e *connectors.Event) {
	if b.recent == nil {
		b.recent, b.sweep = map[string]*trace{}, 1024
	}
	b.newest = max(b.newest, e.Time)
	t := b.recent[address]
	if t == nil {
		b.room()
		t = &trace{}
		b.recent[address] = t
	}
	t.last = max(t.last, e.Time)
	i, _ := slices.BinarySearchFunc(t.marks, e.Time, func(m mark, at connectors.Instant) int {
		if m.at <= at {
			return -1
		}
		return 1
	})
	t.marks = slices.Insert(t.marks, i, mark{at: e.Time, name: name, event: e.Keep()})
	b.report(address, t, i)
	if most := max(b.least, b.names, 1); len(t.marks) > most {
		// A stretch that holds enough holds as many neighbours; older ones no
		// longer take part. What came late goes first where it stands at the end.
		if i == 0 {
			t.marks = t.marks[:most]
		} else {
			t.marks = slices.Delete(t.marks, 0, len(t.marks)-most)
		}
	}
}

// report hands over the events of every burst that the mark at i is part of.
func (b *bursts) report(address string, t *trace, i int) {
	names := map[string]int{} // of the stretch, with how often
	to, reported := 0, 0
	for from := range i + 1 {
		for to < len(t.marks) && t.marks[to].at.Sub(t.marks[from].at) <= b.within {
			names[t.marks[to].name]++
			to++
		}
		if to > i && (to-from >= max(b.least, 1) || b.names > 0 && len(names) >= b.names) {
			for j := max(from, reported); j < to; j++ {
				if e := t.marks[j].event; e != nil {
					b.found(address, e)
					t.marks[j].event = nil
				}
			}
			reported = to
		}
		if name := t.marks[from].name; names[name] == 1 {
			delete(names, name)
		} else {
			names[name]--
		}
	}
}

// room forgets addresses that have not come for longer than a burst lasts.
// Where there are too many all the same, the ones that came longest ago go, and
// their events are lost to judgement.
func (b *bursts) room() {
	if len(b.recent) < b.sweep {
		return
	}
	for address, t := range b.recent {
		if b.newest.Sub(t.last) > b.within {
			delete(b.recent, address)
		}
	}
	if len(b.recent) >= maxAddresses {
		var ages []connectors.Instant
		for _, t := range b.recent {
			ages = append(ages, t.last)
		}
		slices.Sort(ages)
		oldest := ages[len(ages)/10]
		for address, t := range b.recent {
			if t.last > oldest {
				continue
			}
			for _, m := range t.marks {
				if m.event != nil {
					b.lost(m.event)
				}
			}
			delete(b.recent, address)
		}
	}
	b.sweep = min(max(1024, 2*len(b.recent)), maxAddresses)
}
