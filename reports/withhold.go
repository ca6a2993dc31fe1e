package reports

import "logreeve/reports/roster"

// Withhold takes a draft back because a register entry covers all of it: every
// event of it counts as held back by the entry.
func (s *Scope) Withhold(d *Draft, entry roster.Entry) {
	c := s.found
	by := heldBy{entry.Register, entry.Value, entry.Expires}
	c.withheld[by] = append(c.withheld[by], d)
	c.drop(d)
}
