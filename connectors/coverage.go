package connectors

import (
	"maps"
	"slices"
	"time"
)

const minute = 60_000_000 // microseconds

// NewCoverage makes an empty histogram.
func NewCoverage() *Coverage { return &Coverage{Minutes: map[int64]*Minute{}} }

func minuteOf(at Instant) int64 {
	m := int64(at) / minute
	if at < 0 && int64(at)%minute != 0 {
		m--
	}
	return m
}

// Observe counts one event.
func (c *Coverage) Observe(at Instant) {
	m := minuteOf(at)
	b := c.recent
	if b == nil || c.recentMinute != m {
		b = c.Minutes[m]
		if b == nil {
			b = &Minute{First: at, Last: at}
			c.Minutes[m] = b
		}
		c.recent, c.recentMinute = b, m
	}
	b.Count++
	if at < b.First {
		b.First = at
	}
	if at > b.Last {
		b.Last = at
	}
}

// Merge adds what another histogram counted.
func (c *Coverage) Merge(o *Coverage) {
	if o == nil {
		return
	}
	for m, from := range o.Minutes {
		b := c.Minutes[m]
		if b == nil {
			copied := *from
			c.Minutes[m] = &copied
			continue
		}
		b.Count += from.Count
		b.First = min(b.First, from.First)
		b.Last = max(b.Last, from.Last)
	}
}

// sorted gives the minutes in time order.
func (c *Coverage) sorted() []*Minute {
	out := make([]*Minute, 0, len(c.Minutes))
	for _, m := range slices.Sorted(maps.Keys(c.Minutes)) {
		out = append(out, c.Minutes[m])
	}
	return out
}

// First is the earliest event's instant, zero when there is none.
func (c *Coverage) First() Instant {
	var first Instant
	for _, b := range c.Minutes {
		if first == 0 || b.First < first {
			first = b.First
		}
	}
	return first
}

// Last is the latest event's instant, zero when there is none.
func (c *Coverage) Last() Instant {
	var last Instant
	for _, b := range c.Minutes {
		if last == 0 || b.Last > last {
			last = b.Last
		}
	}
	return last
}

// Count is the number of events in the window. A minute that the window cuts
// counts as a whole when its first event lies in the window.
func (c *Coverage) Count(w Window) int64 {
	var n int64
	for _, b := range c.Minutes {
		if w.Contains(b.First) {
			n += b.Count
		}
	}
	return n
}

// Gap is the longest silence inside the window and when it began. A bound that
// is given counts as an edge of silence; an open one does not. A silence of a
// minute or more is exact; shorter ones inside one minute are not seen.
// Without any event it is the whole window, or 0 when a bound is open.
func (c *Coverage) Gap(w Window) (longest time.Duration, from Instant) {
	last := w.From
	look := func(next Instant) {
		if last != 0 && next.Sub(last) > longest {
			longest, from = next.Sub(last), last
		}
	}
	for _, b := range c.sorted() {
		if w.From != 0 && b.Last < w.From {
			continue
		}
		if w.To != 0 && b.First >= w.To {
			break
		}
		look(b.First)
		last = b.Last
	}
	if w.To != 0 {
		look(w.To)
	}
	return longest, from
}

// Bucket is a count of events in [From, From+step).
type Bucket struct {
	From  Instant `json:"from"`
	Count int64   `json:"count"`
}

// Buckets counts the window's events in equal steps for a chart, empty ones
// included; step is rounded up to whole minutes, at most 10,000 buckets. Open
// bounds end at the first and last event.
func (c *Coverage) Buckets(w Window, step time.Duration) []Bucket {
	if w.From == 0 {
		w.From = c.First()
	}
	if w.To == 0 {
		w.To = c.Last() + 1
	}
	if w.From == 0 || w.To <= w.From {
		return nil
	}
	wide := max(1, (step.Microseconds()+minute-1)/minute) * minute
	start := Instant(minuteOf(w.From) * minute)
	n := (int64(w.To-start) + wide - 1) / wide
	for n > 10_000 {
		wide *= 2
		n = (int64(w.To-start) + wide - 1) / wide
	}
	out := make([]Bucket, n)
	for i := range out {
		out[i].From = start + Instant(int64(i)*wide)
	}
	for _, b := range c.Minutes {
		if w.Contains(b.First) {
			out[int64(b.First-start)/wide].Count += b.Count
		}
	}
	return out
}
