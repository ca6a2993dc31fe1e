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

	reading sync.Mutex
	read    int64 // chunks that were read

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
				c, turn := r.next(next)
				if c == nil {
					return
				}
				w.parse(c)
				r.hand(ctx, c, turn)
				free <- c
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

// next reads a chunk and says which turn it has; nil at the end.
func (r *relay) next(next func() (*chunk, bool)) (c *chunk, turn int64) {
	r.reading.Lock()
	defer r.reading.Unlock()
	if r.failed() {
		return nil, 0
	}
	c, more := next()
	if !more {
		return nil, 0
	}
	turn = r.read
	r.read++
	return c, turn
}

// hand gives a chunk to the consumer when its turn comes.
func (r *relay) hand(ctx context.Context, c *chunk, turn int64) {
	r.order.Lock()
	defer r.order.Unlock()
	for r.used != turn {
		r.moved.Wait()
	}
	if r.err == nil {
		r.err = ctx.Err()
	}
	if r.err == nil {
		r.consume(c)
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
