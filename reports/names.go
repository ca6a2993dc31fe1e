package reports

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"sync"

	"logreeve/connectors"
)

// names are the events of a list of which only the names are wanted: time, number,
// key and native id, some 80 bytes each. The last pageSize of them lie in memory,
// what came before in the spool of the run, so that a list costs little however
// much it names.
type names struct {
	tail  []byte
	pages []page
}

// page is a part of a list in the spool.
type page struct {
	at     int64
	length int
}

const pageSize = 1 << 10

// name is one of them, as a view.
type name struct {
	time          connectors.Instant
	seq           uint64
	key, nativeID []byte
}

// add puts an event behind the others.
func (n *names) add(s *spool, k *kept) {
	b := binary.BigEndian.AppendUint64(n.tail, uint64(k.time)) //nolint:gosec // bits, not a number
	b = binary.AppendUvarint(b, k.seq)
	for _, text := range [...]string{k.key, k.nativeID} {
		b = append(binary.AppendUvarint(b, uint64(len(text))), text...)
	}
	n.tail = b
	n.spill(s)
}

// spill lays a full tail into the spool, if it takes it.
func (n *names) spill(s *spool) {
	if len(n.tail) < pageSize {
		return
	}
	if at, ok := s.put(n.tail); ok {
		n.pages = append(n.pages, page{at, len(n.tail)})
		n.tail = n.tail[:0]
	}
}

// merge puts the events of another list behind, to which none is added any more.
func (n *names) merge(s *spool, o *names) {
	if len(n.pages)+len(n.tail) == 0 { // most lists are taken over; what is added later is copied
		n.pages, n.tail = slices.Clip(o.pages), slices.Clip(o.tail)
		return
	}
	n.pages = append(n.pages, o.pages...)
	n.tail = append(n.tail, o.tail...)
	n.spill(s)
}

// desk is where names are read; what was read before is gone then.
type desk struct {
	text []byte
	list []name
}

// read gives the events in time order, each once.
func (n *names) read(s *spool, at *desk) ([]name, error) {
	b := at.text[:0]
	for _, p := range n.pages {
		begin := len(b)
		b = slices.Grow(b, p.length)[:begin+p.length]
		if err := s.get(b[begin:], p.at); err != nil {
			return nil, err
		}
	}
	b = append(b, n.tail...)
	at.text = b
	out := at.list[:0]
	for len(b) > 0 {
		var one name
		one.time = connectors.Instant(binary.BigEndian.Uint64(b)) //nolint:gosec // as written
		seq, n := binary.Uvarint(b[8:])
		one.seq, b = seq, b[8+n:]
		for _, text := range [...]*[]byte{&one.key, &one.nativeID} {
			length, n := binary.Uvarint(b)
			*text, b = b[n:][:length:length], b[n:][length:]
		}
		out = append(out, one)
	}
	at.list = out
	order := func(a, b name) int { return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.seq, b.seq)) }
	if !slices.IsSortedFunc(out, order) {
		slices.SortFunc(out, order)
	}
	return slices.CompactFunc(out, func(a, b name) bool { return a.seq == b.seq }), nil
}

// spool is a temporary file for what a run names and nobody asks for before its
// end. Where no such file can be made or it is full, what it does not take stays
// in memory.
type spool struct {
	lock sync.Mutex
	file *os.File // nil before the first page
	size int64
	full bool
}

func (s *spool) put(b []byte) (at int64, ok bool) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.full {
		return 0, false
	}
	if s.file == nil {
		f, err := os.CreateTemp("", "logreeve-names-")
		if err != nil {
			s.full = true
			return 0, false
		}
		s.file = f
		_ = os.Remove(f.Name()) // it lives until it is closed; where this fails close does it
	}
	if _, err := s.file.WriteAt(b, s.size); err != nil {
		s.full = true
		return 0, false
	}
	at = s.size
	s.size += int64(len(b))
	return at, true
}

func (s *spool) get(b []byte, at int64) error {
	if _, err := s.file.ReadAt(b, at); err != nil {
		return fmt.Errorf("read back the names of events from the temporary file: %w", err)
	}
	return nil
}

// close gives the file up; names that lie in it cannot be read any more.
func (s *spool) close() {
	if s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name())
	}
}
