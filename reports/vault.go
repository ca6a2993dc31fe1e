package reports

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

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
	refsOnly bool                 // events are named and not kept
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
	if v.refsOnly {
		v.current = &kept{seq: e.Seq, time: e.Time, key: e.Key(), nativeID: e.NativeID()}
		return v.current
	}
	k := &kept{seq: e.Seq, time: e.Time, event: e.Keep()}
	v.current = k
	v.unsettle = append(v.unsettle, k)
	v.bytes += len(e.Raw()) + 600 // the copy of the event itself
	return k
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

// write writes events out, on all cores: hashing and redacting is pure. A panic
// is that of the caller.
func (v *vault) write(list []*kept) {
	var (
		wait   sync.WaitGroup
		next   atomic.Int64
		broken atomic.Value
	)
	for range min(runtime.GOMAXPROCS(0), len(list)) {
		wait.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					broken.CompareAndSwap(nil, fmt.Sprint(p))
				}
			}()
			for i := next.Add(1) - 1; i < int64(len(list)); i = next.Add(1) - 1 {
				k := list[i]
				if k.used {
					r := k.event.Record(v.tickets)
					k.record = &r
				}
				if k.used && k.wantRaw {
					k.raw = connectors.Redact(k.event)
				}
				k.event = nil
			}
		})
	}
	wait.Wait()
	if p := broken.Load(); p != nil {
		panic(p)
	}
}

// listing is the earliest MaxEvents events of a draft or group, in time order
// whatever the order they came in.
type listing struct {
	events []*kept
	most   int // fewer than MaxEvents; 0: MaxEvents

	// Of a full list, where it ends: most events come later.
	full bool
	end  connectors.Instant
}

func (l *listing) limit() int {
	if l.most > 0 {
		return l.most
	}
	return MaxEvents
}

func inTime(a, b *kept) int {
	return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.seq, b.seq))
}

func (l *listing) add(v *vault, e *connectors.Event) {
	if l.full && (e.Time > l.end || e.Time == l.end && e.Seq > l.events[len(l.events)-1].seq) {
		return
	}
	l.insert(v.keep(e))
}

func (l *listing) insert(k *kept) {
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
		l.full, l.end = true, l.events[n-1].time
	}
}

func (l *listing) merge(o *listing) {
	for _, k := range o.events {
		l.insert(k)
	}
}

func (l *listing) records(v *vault) []connectors.Record {
	out := make([]connectors.Record, 0, len(l.events))
	for _, k := range l.events {
		if k.event != nil {
			out = append(out, k.event.Record(v.tickets))
			continue
		}
		if k.record == nil { // only named
			out = append(out, connectors.Record{Key: k.key, NativeID: k.nativeID, Time: k.time})
			continue
		}
		out = append(out, *k.record)
	}
	return out
}

// evidence gives the listed events in full, where they were kept; the vault is
// settled.
func (l *listing) evidence(refsOnly bool) ([]EventRef, []EvidenceEvent) {
	refs := make([]EventRef, 0, len(l.events))
	for _, k := range l.events {
		if refsOnly {
			refs = append(refs, EventRef{Key: k.key, NativeID: k.nativeID, Time: k.time})
			continue
		}
		refs = append(refs, EventRef{Key: k.record.Key, NativeID: k.record.NativeID, Time: k.record.Time})
	}
	if refsOnly {
		return refs, nil
	}
	full := make([]EvidenceEvent, 0, len(l.events))
	for i, k := range l.events {
		evidence := EvidenceEvent{Record: *k.record}
		if i < MaxRaw {
			evidence.Raw = k.raw
		}
		full = append(full, evidence)
	}
	return refs, full
}
