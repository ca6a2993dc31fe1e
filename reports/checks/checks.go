// Package checks owns the catalogue: what each automated check selects, how it
// judges what it sees, and the sentences its items carry. One file a family.
// Running checks, gates and outcomes are left to reports, what a network policy
// permits to reports/policy, and who people are to reports/roster. A check
// reports items; it cannot say pass.
package checks

import "logreeve/reports"

// All lists every check, in the order of the catalogue (domain.md §2.4).
func All() []reports.Check {
	return []reports.Check{
		idn01(), idn02(), idn03(), idn05(), idn06(), idn08(), idn11(),
		reg01(), reg02(), reg06(),
		prv01(), prv04(), prv05(),
		acc01(), acc02(), acc09(),
		chg01(), chg02(),
		net01(), net02(), net03(), net06(),
		log01(), log05(), log13(),
	}
}

// Find gives the check with an id.
func Find(id string) (reports.Check, bool) {
	for _, c := range All() {
		if c.ID == id {
			return c, true
		}
	}
	return reports.Check{}, false
}
