package reports

import (
	"encoding/binary"
	"slices"
)

// counter counts different events. Those being observed come one after the
// other, so that only the last must be remembered; of the few that were kept and
// are counted later, all are. Its memory does not grow with what is observed.
type counter struct {
	last  uint64 // the event being observed that was counted last
	count int64
	kept  seqSet
}

// add counts an event and says whether it is new. now is the event being
// observed, 0 for none. An event that is counted while it is observed must not be
// counted again later.
func (c *counter) add(seq, now uint64) bool {
	if seq != now || seq == 0 {
		return c.kept.add(seq)
	}
	if c.last == seq {
		return false
	}
	c.last = seq
	c.count++
	return true
}

func (c *counter) total() int64 { return c.count + c.kept.count }

// company counts the events that are in the same several drafts.
type company struct {
	drafts []*Draft
	count  int64
}

// membership knows how many events are in which drafts, without knowing which:
// most are in one, and the others in few different companies.
type membership struct {
	seq       uint64   // the event being observed
	in        []*Draft // the drafts it is in
	companies map[string]*company
	key       []byte
}

// join puts the event being observed into a draft, and says whether it is new there.
func (m *membership) join(seq uint64, d *Draft) bool {
	if m.seq != seq {
		m.part()
		m.seq = seq
	}
	if slices.Contains(m.in, d) {
		return false
	}
	m.in = append(m.in, d)
	return true
}

// part counts the event that was observed where it belongs.
func (m *membership) part() {
	switch len(m.in) {
	case 0:
		return
	case 1:
		m.in[0].alone++
	default:
		slices.SortFunc(m.in, func(a, b *Draft) int { return a.number - b.number })
		m.key = m.key[:0]
		for _, d := range m.in {
			m.key = binary.AppendUvarint(m.key, uint64(d.number)) //nolint:gosec // counted from 0
		}
		if m.companies == nil {
			m.companies = map[string]*company{}
		}
		c := m.companies[string(m.key)]
		if c == nil {
			c = &company{drafts: slices.Clone(m.in)}
			m.companies[string(m.key)] = c
		}
		c.count++
	}
	m.in = m.in[:0]
}

// count is how many different events are in at least one of some drafts.
func (m *membership) count(drafts []*Draft) (n int64) {
	m.part()
	chosen := make(map[*Draft]bool, len(drafts))
	var kept []*seqSet
	for _, d := range drafts {
		chosen[d] = true
		n += d.alone
		if d.kept != nil {
			kept = append(kept, d.kept)
		}
	}
	for _, c := range m.companies {
		if slices.ContainsFunc(c.drafts, func(d *Draft) bool { return chosen[d] }) {
			n += c.count
		}
	}
	return n + unionCount(kept)
}
