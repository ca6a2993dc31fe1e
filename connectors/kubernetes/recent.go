package kubernetes

// recent remembers the requests that were emitted, so that a stage which comes
// too late, or a second copy of a log, makes no second event. It keeps two
// generations of at most half a million requests; the older one is forgotten
// when the younger is full. 16 MiB at most.
type recent struct {
	young, old *table
	touched    uint64 // keeps the compiler from leaving expect out
}

const (
	smallTable = 1 << 10
	largeTable = 1 << 20 // slots of 8 bytes, at most half of them used
)

func newRecent() *recent { return &recent{young: newTable(smallTable), old: newTable(smallTable)} }

// find gives the stages of a request that was emitted.
func (r *recent) find(id uint64) (stages uint64, found bool) {
	if s := r.young.slot(id); *s != 0 {
		return *s & bits, true
	}
	if s := r.old.slot(id); *s != 0 {
		return *s & bits, true
	}
	return 0, false
}

// expect touches the slots of the requests that come next. The processor fetches
// many at once as long as none depends on another.
func (r *recent) expect(ids []uint64) {
	young, old := r.young.slots, r.old.slots
	var sum uint64
	for _, id := range ids {
		sum ^= young[(id>>32)&uint64(len(young)-1)] //nolint:gosec // a table has a slot
	}
	if r.old.used > 0 {
		for _, id := range ids {
			sum ^= old[(id>>32)&uint64(len(old)-1)] //nolint:gosec // as above
		}
	}
	r.touched = sum
}

// insert remembers a request with its stages, unless it is there: then it gives
// the stages that were known.
func (r *recent) insert(id, stages uint64) (known uint64, found bool) {
	s := r.young.slot(id)
	if *s != 0 {
		return *s & bits, true
	}
	if r.old.used > 0 {
		if o := r.old.slot(id); *o != 0 {
			return *o & bits, true
		}
	}
	*s = id&^bits | stages
	if r.young.used++; 2*r.young.used >= len(r.young.slots) {
		r.grow()
	}
	return 0, false
}

// mark adds a stage to a request that is there.
func (r *recent) mark(id, stage uint64) {
	for _, t := range []*table{r.young, r.old} {
		if s := t.slot(id); *s != 0 {
			*s |= stage
			return
		}
	}
}

func (r *recent) grow() {
	if len(r.young.slots) < largeTable {
		larger := newTable(4 * len(r.young.slots))
		for _, v := range r.young.slots {
			if v != 0 {
				*larger.slot(v) = v
			}
		}
		larger.used = r.young.used
		r.young = larger
		return
	}
	if len(r.old.slots) < largeTable {
		r.old = newTable(largeTable)
	}
	r.young, r.old = r.old, r.young
	clear(r.young.slots)
	r.young.used = 0
}

// table is an open hash table of ids; the lowest bits hold the stages.
type table struct {
	slots []uint64 // a power of two; 0 is free
	used  int
}

func newTable(n int) *table { return &table{slots: make([]uint64, n)} }

// slot gives the place of an id: where it is, or where it may go.
func (t *table) slot(id uint64) *uint64 {
	mask := uint64(len(t.slots) - 1) //nolint:gosec // a table has a slot
	for i := id >> 32; ; i++ {
		s := &t.slots[i&mask]
		if *s == 0 || *s&^bits == id&^bits {
			return s
		}
	}
}
