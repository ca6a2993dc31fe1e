// Package definitions owns checks that are data: what a definition may say, what
// is wrong with one, and the reports.Check that it becomes. Reading files is left
// to app/config, running checks to reports, the catalogue to reports/checks, and
// the whole history of network policies to reports/policy.
package definitions

import (
	"time"

	"logreeve/connectors"
	"logreeve/reports"
)

// Definition is a check as data. At most one of Grouping, Threshold, NeverSeen
// and Changes is set; without one, each actor of selected events is an item.
type Definition struct {
	ID        string
	Version   int // from 1
	Title     string
	Objective string // "": made of the title
	Logic     string // "": made of the rest
	Type      reports.Type
	Severity  reports.Severity
	Controls  []string
	Kinds     []connectors.Kind
	Select    connectors.Filter
	// Witness selects events that show that this kind of event is logged at all
	// (gate G7); the zero filter: whatever is logged shows it. Nil: events of the
	// sort that Select asks for, by anyone.
	Witness     *connectors.Filter
	WitnessText string

	Grouping  *Grouping
	Threshold *Threshold
	NeverSeen string // AccountsOfPeople, or ""
	Changes   string // NetworkPolicies, or ""
}

// What NeverSeen and Changes may say.
const (
	AccountsOfPeople = "people"
	NetworkPolicies  = "network_policies"
)

// Grouping makes one item of all selected events with the same values of By,
// where there are AtLeast of them or, with Distinct, of its values.
type Grouping struct {
	By       []string
	Distinct string
	AtLeast  int64 // 0: 1
	Events   int   // listed per item, 0: reports.MaxEvents; Count is exact
}

// Threshold is a Grouping that counts within stretches of time.
type Threshold struct {
	Grouping
	Within  time.Duration
	Sliding bool // any stretch; else those that begin at whole multiples of Within
	Late    time.Duration
}

// DefaultLate is how far behind the horizon an event may come and still be
// counted with its neighbours, unless a definition says another time. A request
// waits at most 15 minutes for its last record, and collectors lag by minutes.
const DefaultLate = time.Hour

// grouping gives how the events of a definition are grouped; nil for one that
// is not about groups.
func (d *Definition) grouping() *Grouping {
	switch {
	case d.Grouping != nil:
		return d.Grouping
	case d.Threshold != nil:
		return &d.Threshold.Grouping
	case d.NeverSeen != "" || d.Changes != "":
		return nil
	}
	return &Grouping{By: []string{"actor"}}
}
