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
// each core, do the same three things in turn: read and cut the next chunk,
// which one at a time may do; parse it; and hand its records over when all chunks
// before it were. So a chunk stays on one core, in its cache, and the order and
// the result are the same in every run. Chunks go around in a circle of fixed
// size: memory does not grow with the log.
type relay struct {
	source *Source
	query  connectors.Query
	use    *consumer
	stored *atomic.Int64

	right chan struct{} // to read: holds one when nobody reads
	ready chan turn     // chunks for whoever waits
	read  int64         // chunks that were read

	order sync.Mutex
	moved *sync.Cond
	used  int64 // chunks that were handed over
	err   error // why nothing more is handed over
	panic any   // what a receiver of events died of
}

// run carries everything over, or until the context ends. A stream may be stuck
// in a read that nothing ends: then run does not wait for it.
func (r *relay) run(ctx context.Context, parsers func() parser, cut func(*cutter)) error {
	r.moved = sync.NewCond(&r.order)
	r.right, r.ready = make(chan struct{}, 1), make(chan turn)
	r.right <- struct{}{}
	workers := runtime.GOMAXPROCS(0)
	free := make(chan *chunk, workers+2)
	for range cap(free) {
		free <- newChunk(r.source.chunk)
	}
	next, stop := iter.Pull(func(yield func(*chunk) bool) {
		cut(&cutter{ctx: ctx, free: free, send: func(c *chunk) { yield(c) }})
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
				free <- t.chunk
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
// log goes on as long as others wait for what is read: there reading takes longest,
// so it stays on one core and never waits for another to wake up.
func (r *relay) next(next func() (*chunk, bool)) turn {
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
	return turn{}
}

// hand gives a chunk to the consumer when its turn comes.
func (r *relay) hand(ctx context.Context, t turn) {
	r.order.Lock()
	defer r.order.Unlock()
	for r.used != t.place {
		r.moved.Wait()
	}
	if r.err == nil {
		r.err = ctx.Err()
	}
	if r.err == nil {
		r.consume(t.chunk)
	}
	r.used++
	r.moved.Broadcast()
}

// consume keeps what a receiver of events dies of for the caller of run, on
// whose stack it belongs.
func (r *relay) consume(c *chunk) {
	defer func() {
		if v := recover(); v != nil {
			r.panic, r.err = v, fmt.Errorf("read %s: panic: %v", r.source.name, v)
		}
	}()
	r.use.chunk(c)
	if r.err = r.use.err; r.err == nil && r.query.Progress != nil {
		r.query.Progress(connectors.Progress{Source: r.source.name, Bytes: r.stored.Load(), Total: r.source.total(), Events: r.use.emitted})
	}
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
