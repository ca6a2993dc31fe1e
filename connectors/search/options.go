package search

import (
	"context"
	"net"
	"time"
)

// Options are what a source cannot know by itself. The zero Options work.
type Options struct {
	// Now dates events after the read itself, measures the time that requests
	// take and dates signatures of AWS. Without it none of this is done, and
	// credentials of AWS are refused.
	Now func() time.Time
	// Dial connects to the store, such as app/outbound's guard; nil is a plain
	// connection.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Timeout ends one request with all its repetitions; 0 is 60 seconds.
	Timeout time.Duration
	// Parallel is how many requests are under way at a time; 0 is 2, at most 4.
	Parallel int
	// PageBytes is how large an answer is wished to be; 0 is 8 MiB. An answer of
	// more than eight times as much is refused, and less is asked for.
	PageBytes int
	// Settle is how late a document may arrive after its event; 0 is 2 hours
	//, less than 0 is none.
	Settle time.Duration
}

const (
	defaultTimeout   = 60 * time.Second
	defaultParallel  = 2
	maxParallel      = 4
	defaultPageBytes = 8 << 20
	defaultSettle    = 2 * time.Hour
	answerFactor     = 8 // of PageBytes: what an answer may have at most
)

func (o Options) complete() Options {
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.Parallel <= 0 {
		o.Parallel = defaultParallel
	}
	o.Parallel = min(o.Parallel, maxParallel)
	if o.PageBytes <= 0 {
		o.PageBytes = defaultPageBytes
	}
	if o.Settle == 0 {
		o.Settle = defaultSettle
	}
	o.Settle = max(o.Settle, 0)
	return o
}
