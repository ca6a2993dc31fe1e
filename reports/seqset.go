package reports

import (
	"encoding/binary"
	"slices"
)

// seqSet is a set of event numbers (connectors.Event.Seq). Numbers that come in
// order, as nearly all do, cost one to three bytes each; the others a map entry.
type seqSet struct {
	deltas []byte // varints: the distance to the number before
	last   uint64
	count  int64
	odd    map[uint64]struct{} // came out of order; only then are all looked up
	all    map[uint64]struct{} // the content of deltas, once a number came out of order
}

// add puts a number in and says whether it is new.
func (s *seqSet) add(n uint64) bool {
	if n > s.last {
		s.deltas = binary.AppendUvarint(s.deltas, n-s.last)
		s.last = n
		s.count++
		if s.all != nil {
			s.all[n] = struct{}{}
		}
		return true
	}
	if n == s.last && len(s.deltas) > 0 {
		return false
	}
	if s.all == nil {
		s.all, s.odd = map[uint64]struct{}{}, map[uint64]struct{}{}
		s.each(func(have uint64) { s.all[have] = struct{}{} })
	}
	if _, there := s.all[n]; there {
		return false
	}
	if _, there := s.odd[n]; there {
		return false
	}
	s.odd[n] = struct{}{}
	s.count++
	return true
}

func (s *seqSet) each(do func(uint64)) {
	var at uint64
	for rest := s.deltas; len(rest) > 0; {
		d, n := binary.Uvarint(rest)
		at += d
		rest = rest[n:]
		do(at)
	}
}

// span is how many numbers one round of unionCount looks at: a bitmap of 128 KiB.
const span = 1 << 20

// unionCount is how many different numbers the sets hold together. It needs the
// memory of one bitmap, whatever the sets hold.
func unionCount(sets []*seqSet) int64 {
	switch len(sets) {
	case 0:
		return 0
	case 1:
		return sets[0].count
	}
	cursors := make([]cursor, 0, 2*len(sets))
	for _, s := range sets {
		cursors = append(cursors, cursor{deltas: s.deltas})
		if len(s.odd) > 0 {
			odd := make([]uint64, 0, len(s.odd))
			for n := range s.odd {
				odd = append(odd, n)
			}
			slices.Sort(odd)
			cursors = append(cursors, cursor{sorted: odd})
		}
	}
	live := cursors[:0]
	for _, c := range cursors {
		if c.next() {
			live = append(live, c)
		}
	}
	bits := make([]uint64, span/64)
	var total int64
	for len(live) > 0 {
		base := live[0].at
		for _, c := range live[1:] {
			base = min(base, c.at)
		}
		clear(bits)
		rest := live[:0]
		for _, c := range live {
			more := true
			for more && c.at-base < span {
				i := c.at - base
				if bits[i/64]&(1<<(i%64)) == 0 {
					bits[i/64] |= 1 << (i % 64)
					total++
				}
				more = c.next()
			}
			if more {
				rest = append(rest, c)
			}
		}
		live = rest
	}
	return total
}

// cursor walks one sorted run of numbers.
type cursor struct {
	deltas []byte
	sorted []uint64
	at     uint64
}

func (c *cursor) next() bool {
	if len(c.deltas) > 0 {
		d, n := binary.Uvarint(c.deltas)
		c.at += d
		c.deltas = c.deltas[n:]
		return true
	}
	if len(c.sorted) > 0 {
		c.at, c.sorted = c.sorted[0], c.sorted[1:]
		return true
	}
	return false
}
