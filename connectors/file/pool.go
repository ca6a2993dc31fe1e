package file

import (
	"context"
	"sync"
)

// pool keeps the chunks that are free. It gives the one that came back last,
// which still lies in the memory next to a core.
type pool struct {
	ready chan struct{} // one for each free chunk
	lock  sync.Mutex
	free  []*chunk
}

// newPool makes a pool of n chunks of a size in bytes.
func newPool(n, size int) *pool {
	p := &pool{ready: make(chan struct{}, n)}
	for range n {
		p.put(newChunk(size))
	}
	return p
}

// take waits for a free chunk, or for the end of the context.
func (p *pool) take(ctx context.Context) (*chunk, error) {
	select {
	case <-p.ready:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	p.lock.Lock()
	defer p.lock.Unlock()
	last := len(p.free) - 1
	c := p.free[last]
	p.free = p.free[:last]
	return c, nil
}

// put gives a chunk back.
func (p *pool) put(c *chunk) {
	p.lock.Lock()
	p.free = append(p.free, c)
	p.lock.Unlock()
	p.ready <- struct{}{}
}
