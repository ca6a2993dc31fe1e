package reports

import "logreeve/reports/roster"

// Withhold takes a draft back because a register entry covers all of it: every
// event of it counts as held back by the entry.
func (s *Scope) Withhold(d *Draft, entry roster.Entry) {
	c := s.found
	by := heldBy{entry.Register, entry.Value, entry.Expires}
	if c.held[by] == nil {
		c.held[by] = &seqSet{}
	}
	hold := func(n uint64) {
		c.suppressed.add(n)
		c.held[by].add(n)
	}
	d.seen.each(hold)
	for n := range d.seen.odd {
		hold(n)
	}
	c.drop(d)
}
