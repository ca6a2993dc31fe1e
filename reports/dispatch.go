package reports

import (
	"math/bits"

	"logreeve/connectors"
)

// index sends an event only to the filters that may select it.
type index struct {
	selection *connectors.Selection
	words     int
}

// set is a set of filters, one bit each.
type set []uint64

func (s set) put(i int)      { s[i/64] |= 1 << (i % 64) }
func (s set) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }

func newIndex(filters []connectors.Filter) (*index, error) {
	s, err := connectors.CompileAll(filters)
	if err != nil {
		return nil, err
	}
	return &index{selection: s, words: (len(filters) + 63) / 64}, nil
}

// may gives the filters that may select the event; the set is valid until the
// next event.
func (x *index) may(e *connectors.Event) set { return x.selection.May(e) }

// selects says whether a filter of that set selects the event.
func (x *index) selects(i int, e *connectors.Event) bool { return x.selection.Selects(i, e) }

// next takes the lowest member out of a word of a set.
func next(word *uint64) int {
	i := bits.TrailingZeros64(*word)
	*word &= *word - 1
	return i
}
