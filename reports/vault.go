package reports

import (
	"cmp"
	"slices"

	"logreeve/connectors"
)

// vaultBytes is how much of raw records a run keeps undecoded before it writes
// them out as records, which are smaller.
const vaultBytes = 32 << 20

// vault keeps the events that became evidence. An event is kept once, whatever
// number of checks report it, and is hashed and written out only when the run
// ends or the vault is full: an event of a draft that is dropped costs a copy.
type vault struct {
	tickets  connectors.TicketRule
	current  *kept // of the event being observed
	unsettle []*kept
	bytes    int
	lists    func(func(*listing)) // calls back with every list that holds events
	spool    *spool               // where events are only named and not kept; else nil
}

// kept is one event of one or several drafts.
type kept struct {
	seq    uint64
	time   connectors.Instant
	event  *connectors.Event  // nil once settled
	record *connectors.Record // nil until settled, and where events are only named
	raw    []byte

	key, nativeID string // where events are only named

	used, wantRaw bool
}

// keep gives the kept copy of an event.
func (v *vault) keep(e *connectors.Event) *kept {
	if v.current != nil && v.current.seq == e.Seq && e.Seq != 0 {
		return v.current
	}
	k := v.apart(e)
	v.current = &k
	if v.spool == nil {
		v.unsettle = append(v.unsettle, &k)
		v.bytes += len(e.Raw()) + 600 // the copy of the event itself
	}
	return &k
}

// apart gives a copy of an event of which the vault knows nothing.
func (v *vault) apart(e *connectors.Event) kept {
	if v.spool != nil {
		return kept{seq: e.Seq, time: e.Time, key: e.Key(), nativeID: e.NativeID()}
	}
	return kept{seq: e.Seq, time: e.Time, event: e.Keep()}
}

// ref names an event that is not settled.
func (k *kept) ref() EventRef {
	if k.event != nil {
		return EventRef{Key: k.event.Key(), NativeID: k.event.NativeID(), Time: k.time}
	}
	return EventRef{Key: k.key, NativeID: k.nativeID, Time: k.time}
}

// full says that it is time to settle.
func (v *vault) full() bool { return v.bytes > vaultBytes }

// settle writes out what is in a list and forgets what is in none.
func (v *vault) settle() {
	v.lists(func(l *listing) {
		for i, k := range l.events {
			k.used = true
			k.wantRaw = k.wantRaw || i < MaxRaw
		}
	})
	v.write(v.unsettle)
	v.unsettle, v.bytes, v.current = nil, 0, nil
}

// write writes events out, on all cores: hashing and redacting is pure.
func (v *vault) write(list []*kept) {
	inParallel(len(list), func(i int) {
		k := list[i]
		if k.used {
			r := k.event.Record(v.tickets)
			k.record = &r
		}
		if k.used && k.wantRaw {
			k.raw = connectors.Redact(k.event)
		}
		k.event = nil
	})
}

// listing is the earliest MaxEvents events of a draft or group, in time order
// whatever the order they came in.
type listing struct {
	events []*kept
	names  *names // instead, where events are only named; all but those after last once full
	count  int    // of names
	most   int    // fewer than MaxEvents; 0: MaxEvents

	// Of a full list, where it ends: most events come later.
	full bool
	last moment
}

// moment is a place in the order of time.
type moment struct {
	time connectors.Instant
	seq  uint64
}

func (m moment) compare(o moment) int {
	return cmp.Or(cmp.Compare(m.time, o.time), cmp.Compare(m.seq, o.seq))
}

func (k *kept) when() moment { return moment{k.time, k.seq} }

func (l *listing) limit() int {
	if l.most > 0 {
		return l.most
	}
	return MaxEvents
}

func inTime(a, b *kept) int { return a.when().compare(b.when()) }

func (l *listing) add(v *vault, e *connectors.Event) {
	if l.takes(moment{e.Time, e.Seq}) {
		l.insert(v, v.keep(e))
	}
}

// again is add for a copy that the vault does not know.
func (l *listing) again(v *vault, k *kept) {
	switch {
	case k.event != nil:
		l.add(v, k.event)
	case l.takes(k.when()):
		l.insert(v, k)
	}
}

// takes says whether an event of that time has a place.
func (l *listing) takes(at moment) bool { return !l.full || at.compare(l.last) <= 0 }

func (l *listing) insert(v *vault, k *kept) {
	if v.spool != nil {
		if l.names == nil {
			l.names = &names{}
		}
		l.names.add(v.spool, k)
		l.named(v, 1, k.when())
		return
	}
	n := len(l.events)
	if n == 0 || inTime(l.events[n-1], k) < 0 {
		l.events = append(l.events, k)
	} else {
		i, there := slices.BinarySearchFunc(l.events, k, inTime)
		if there {
			return
		}
		l.events = slices.Insert(l.events, i, k)
	}
	if most := l.limit(); len(l.events) > most {
		l.events = l.events[:most]
	}
	if n = len(l.events); n == l.limit() {
		l.full, l.last = true, l.events[n-1].when()
	}
}

// named counts names that were put in, the last of which is there in time. Once
// there are twice as many as are wanted, those too late are let go.
func (l *listing) named(v *vault, n int, last moment) {
	l.count += n
	if l.last.compare(last) < 0 {
		l.last = last
	}
	l.full = l.count >= l.limit()
	if l.count < 2*l.limit() {
		return
	}
	wanted, err := l.wanted(v.spool, &desk{})
	if err != nil {
		return // whoever prints them says so
	}
	l.names, l.count, l.last = &names{}, 0, moment{}
	for _, n := range wanted {
		l.insert(v, &kept{time: n.time, seq: n.seq, key: string(n.key), nativeID: string(n.nativeID)})
	}
}

// wanted gives the names that the list is to have.
func (l *listing) wanted(s *spool, at *desk) ([]name, error) {
	if l.names == nil {
		return nil, nil
	}
	all, err := l.names.read(s, at)
	return all[:min(len(all), l.limit())], err
}

func (l *listing) merge(v *vault, o *listing) {
	if o.names != nil {
		if l.names == nil {
			l.names = &names{}
		}
		l.names.merge(v.spool, o.names)
		l.named(v, o.count, o.last)
	}
	for _, k := range o.events {
		l.insert(v, k)
	}
}

// evidence gives the listed events in full; the vault is settled.
func (l *listing) evidence() ([]EventRef, []EvidenceEvent) {
	refs := make([]EventRef, 0, len(l.events))
	full := make([]EvidenceEvent, 0, len(l.events))
	for i, k := range l.events {
		refs = append(refs, EventRef{Key: k.record.Key, NativeID: k.record.NativeID, Time: k.record.Time})
		evidence := EvidenceEvent{Record: *k.record}
		if i < MaxRaw {
			evidence.Raw = k.raw
		}
		full = append(full, evidence)
	}
	return refs, full
}
