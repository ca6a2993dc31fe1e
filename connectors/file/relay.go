package file

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"sync"
	"sync/atomic"

	"logreeve/connectors"
)

// relay carries chunks from the content to the consumer. Its workers, one for
// each core, do the same things in turn: read and cut the next chunk, which one
// at a time may do; parse it; and hand over its records and those of the chunks
// behind it that are ready. Whoever meets a chunk that must wait for an earlier one,
// or for another who is handing over, leaves it to that one and reads on: nobody
// waits for a turn. The order and the result are the same in every run. Chunks go
// around in a circle of fixed size: memory does not grow with the log.
type relay struct {
	source *Source
	query  connectors.Query
	use    *consumer
	stored *atomic.Int64

	pool  *pool
	right chan struct{} // to read: holds one when nobody reads
	ready chan turn     // chunks that were read for others
	read  int64         // chunks that were read

	order   sync.Mutex
	parsed  []*chunk // those that wait to be handed over, by place modulo its length
	handing bool     // somebody hands over
	used    int64    // chunks that were handed over
	err     error    // why nothing more is handed over
	panic   any      // what a receiver of events died of
}

// spare is how many chunks there are besides those that are being parsed: to be
// read, to wait and to be handed over.
const spare = 4

// run carries everything over, or until the context ends. A stream may be stuck
// in a read that nothing ends: then run does not wait for it.
func (r *relay) run(ctx context.Context, parsers func() parser, cut func(*cutter)) error {
	r.right, r.ready = make(chan struct{}, 1), make(chan turn, spare-1)
	r.right <- struct{}{}
	workers := runtime.GOMAXPROCS(0)
	r.pool = newPool(workers+spare, r.source.chunk)
	r.parsed = make([]*chunk, workers+spare)
	next, stop := iter.Pull(func(yield func(*chunk) bool) {
		cut(&cutter{ctx: ctx, pool: r.pool, send: func(c *chunk) { yield(c) }})
	})
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			w := worker{source: r.source, parser: parsers(), attribution: r.query.Attribution}
			for {
				t := r.next(next)
				if t.chunk == nil {
					return
				}
				w.parse(t.chunk)
				r.hand(ctx, t)
			}
		})
	}
	done := make(chan struct{})
	go func() {
		wait.Wait()
		stop()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		r.fail(ctx.Err())
		if r.source.inputs[0].stream == nil {
			<-done
		}
	}
	r.order.Lock()
	defer r.order.Unlock()
	if r.panic != nil {
		panic(r.panic)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("read %s: %w", r.source.name, err)
	}
	return r.err
}

// turn is a chunk and its place among all.
type turn struct {
	chunk *chunk
	place int64
}

// next gives a chunk that was read, none at the end. Whoever reads a compressed
// log goes on as long as there is room for what is read: there reading takes
// longest, so it stays on one core, and the others parse.
func (r *relay) next(next func() (*chunk, bool)) turn {
	select {
	case t := <-r.ready:
		return t
	default:
	}
	select {
	case t := <-r.ready:
		return t
	case <-r.right:
	}
	defer func() { r.right <- struct{}{} }()
	for !r.failed() {
		c, more := next()
		if !more {
			break
		}
		t := turn{c, r.read}
		r.read++
		if !c.in.packed {
			return t
		}
		select {
		case r.ready <- t:
		default:
			return t
		}
	}
	select {
	case t := <-r.ready:
		return t
	default:
		return turn{}
	}
}

// hand gives the consumer a chunk and those behind it that wait, when the turn is
// theirs and nobody else does it; else it leaves the chunk to whoever will.
func (r *relay) hand(ctx context.Context, t turn) {
	r.order.Lock()
	defer r.order.Unlock()
	next := func() **chunk { return &r.parsed[r.used%int64(len(r.parsed))] }
	r.parsed[t.place%int64(len(r.parsed))] = t.chunk
	if r.handing {
		return
	}
	r.handing = true
	for *next() != nil {
		c := *next()
		*next() = nil
		if r.err == nil {
			r.err = ctx.Err()
		}
		if r.err == nil {
			r.order.Unlock()
			died, err := r.consume(c)
			r.order.Lock()
			r.panic = died
			if r.err == nil {
				r.err = err
			}
		}
		r.used++
		r.pool.put(c)
	}
	r.handing = false
}

// consume keeps what a receiver of events dies of for the caller of run, on
// whose stack it belongs.
func (r *relay) consume(c *chunk) (died any, err error) {
	defer func() {
		if died = recover(); died != nil {
			err = fmt.Errorf("read %s: panic: %v", r.source.name, died)
		}
	}()
	r.use.chunk(c)
	if r.use.err == nil && r.query.Progress != nil {
		r.query.Progress(connectors.Progress{Source: r.source.name, Bytes: r.stored.Load(), Total: r.source.total(), Events: r.use.emitted})
	}
	return nil, r.use.err
}

func (r *relay) failed() bool {
	r.order.Lock()
	defer r.order.Unlock()
	return r.err != nil
}

func (r *relay) fail(err error) {
	r.order.Lock()
	defer r.order.Unlock()
	if r.err == nil {
		r.err = err
	}
}
