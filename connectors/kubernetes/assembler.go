package kubernetes

import (
	"container/heap"
	"encoding/binary"
	"hash/maphash"
	"time"

	"logreeve/connectors"
	"logreeve/connectors/rawjson"
)

// Limits of what waits for its last stage (contract.md §2).
const (
	Patience       = 15 * time.Minute // of the stream's own time
	maxWaiting     = 100_000          // requests
	maxWaitingSize = 64 << 20         // bytes of their raw records
)

// Seed keeps the hashes of one read unpredictable: request identities hold what
// clients choose, and a collision would hide an event.
type Seed struct{ seed maphash.Seed }

// NewSeed makes a seed. All hashes that meet in one Assembler need the same.
func NewSeed() Seed { return Seed{seed: maphash.MakeSeed()} }

// ID hashes what makes records belong to one request: auditID, received time,
// login, verb and request URI (contract.md §2).
func (s Seed) ID(e *connectors.Event) uint64 {
	var parts [5 * 8]byte
	binary.LittleEndian.PutUint64(parts[0:], s.text(e, connectors.TextNativeID))
	binary.LittleEndian.PutUint64(parts[8:], s.text(e, connectors.TextURI))
	binary.LittleEndian.PutUint64(parts[16:], maphash.String(s.seed, e.Login))
	binary.LittleEndian.PutUint64(parts[24:], maphash.String(s.seed, e.Verb))
	if e.TimeBasis == connectors.Received {
		binary.LittleEndian.PutUint64(parts[32:], uint64(e.Time)) //nolint:gosec // bits, not a number
	}
	return maphash.Bytes(s.seed, parts[:])
}

// text hashes what a text says, however it is written.
func (s Seed) text(e *connectors.Event, t connectors.Text) uint64 {
	raw, escaped := e.TextView(t)
	if !escaped {
		return maphash.Bytes(s.seed, raw)
	}
	var small [256]byte
	return maphash.Bytes(s.seed, rawjson.AppendUnescaped(small[:0], raw))
}

// Assembler joins the records of one request to one event: the last stage gives
// outcome and bodies, the first its time. It belongs to one goroutine and sees
// records in the order of the log.
type Assembler struct {
	waiting map[uint64]*request
	queue   queue // of waiting, by deadline; also of some that wait no longer
	size    int   // bytes of raw records that wait
	number  uint64
	emitted *recent

	// Merged, Late and Duplicates count records as Stats does.
	Merged, Late, Duplicates int64
}

// request is one that waits for its last stage.
type request struct {
	id       uint64
	event    *connectors.Event
	stages   uint64
	deadline connectors.Instant
	number   uint64 // order of arrival, to break ties
	done     bool
}

// NewAssembler makes an assembler.
func NewAssembler() *Assembler {
	return &Assembler{waiting: map[uint64]*request{}, emitted: newRecent()}
}

// Waiting is how many requests wait and how many bytes their records hold.
func (a *Assembler) Waiting() (requests, size int) { return len(a.waiting), a.size }

// EachWaiting visits the events that wait, in no order.
func (a *Assembler) EachWaiting(visit func(*connectors.Event)) {
	for _, r := range a.waiting {
		visit(r.event)
	}
}

// The stages as bits, in the order in which they follow each other.
const (
	bitReceived = 1 << iota
	bitStarted
	bitPanic
	bitComplete
	bits = bitReceived | bitStarted | bitPanic | bitComplete
)

func stageBit(stage string) uint64 {
	switch stage {
	case "ResponseComplete":
		return bitComplete
	case "Panic":
		return bitPanic
	case "ResponseStarted":
		return bitStarted
	}
	return bitReceived
}

// Expect says which requests come next, so that what is known of them is fetched
// from memory at once and not one after the other.
func (a *Assembler) Expect(ids []uint64) { a.emitted.expect(ids) }

// Add takes the next record. It answers true when e, in which the earlier
// stages are now merged, is to be emitted. Before that it hands over the
// requests that wait no longer because the stream is past them.
func (a *Assembler) Add(e *connectors.Event, id uint64, emit func(*connectors.Event)) bool {
	now := e.Logged
	if now == 0 {
		now = e.Time
	}
	a.expire(now, emit)
	bit := stageBit(e.Stage)
	if len(a.waiting) > 0 {
		if r := a.waiting[id]; r != nil {
			return a.merge(r, e, bit, emit)
		}
	}
	if bit < bitPanic {
		if stages, found := a.emitted.find(id); found {
			a.late(id, stages, bit)
			return false
		}
		a.wait(e, id, bit, now)
		a.shrink(emit)
		return false
	}
	if stages, found := a.emitted.insert(id, bit); found {
		a.late(id, stages, bit)
		return false
	}
	return true
}

func (a *Assembler) late(id, stages, bit uint64) {
	a.Late++
	if stages&bit != 0 {
		a.Duplicates++
		return
	}
	a.emitted.mark(id, bit)
}

// merge joins a record to the request that waits for it.
func (a *Assembler) merge(r *request, e *connectors.Event, bit uint64, emit func(*connectors.Event)) bool {
	a.Merged++
	if r.stages&bit != 0 {
		a.Duplicates++
		return false
	}
	first := r.event.Time
	later := bit > r.stages // the highest stage so far is below this one
	r.stages |= bit
	if bit < bitPanic {
		if later {
			a.size += len(e.Raw()) - len(r.event.Raw())
			r.event = e.Keep()
			r.event.Time = first
			a.shrink(emit)
		}
		return false
	}
	a.release(r)
	e.Time = first
	return true
}

// wait keeps the first record of a request.
func (a *Assembler) wait(e *connectors.Event, id, bit uint64, now connectors.Instant) {
	a.number++
	r := &request{id: id, event: e.Keep(), stages: bit, deadline: now.Add(Patience), number: a.number}
	a.waiting[id] = r
	a.size += len(e.Raw())
	heap.Push(&a.queue, r)
	if len(a.queue) > 2*len(a.waiting)+1024 {
		a.queue.compact()
	}
}

// release ends the waiting of a request; its entry in the queue stays a while.
func (a *Assembler) release(r *request) {
	delete(a.waiting, r.id)
	a.size -= len(r.event.Raw())
	r.done = true
	r.event = nil
	a.emitted.insert(r.id, r.stages)
}

func (a *Assembler) expire(now connectors.Instant, emit func(*connectors.Event)) {
	for len(a.queue) > 0 && (a.queue[0].done || a.queue[0].deadline < now) {
		a.pop(emit)
	}
}

func (a *Assembler) shrink(emit func(*connectors.Event)) {
	for len(a.waiting) > maxWaiting || (a.size > maxWaitingSize && len(a.waiting) > 0) {
		a.pop(emit)
	}
}

func (a *Assembler) pop(emit func(*connectors.Event)) {
	r := heap.Pop(&a.queue).(*request) //nolint:forcetypeassert // it holds nothing else
	if r.done {
		return
	}
	e := r.event
	a.release(r)
	emit(e)
}

// Flush hands over everything that still waits: the stream has ended.
func (a *Assembler) Flush(emit func(*connectors.Event)) {
	for len(a.queue) > 0 {
		a.pop(emit)
	}
}

// queue is a heap of requests by deadline.
type queue []*request

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	if q[i].deadline != q[j].deadline {
		return q[i].deadline < q[j].deadline
	}
	return q[i].number < q[j].number
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push is for container/heap.
func (q *queue) Push(x any) { *q = append(*q, x.(*request)) } //nolint:forcetypeassert // as above

// Pop is for container/heap.
func (q *queue) Pop() any {
	last := len(*q) - 1
	r := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return r
}

// compact forgets the entries of requests that wait no longer.
func (q *queue) compact() {
	kept := (*q)[:0]
	for _, r := range *q {
		if !r.done {
			kept = append(kept, r)
		}
	}
	clear((*q)[len(kept):])
	*q = kept
	heap.Init(q)
}
