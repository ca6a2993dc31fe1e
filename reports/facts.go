package reports

import (
	"slices"
	"time"

	"logreeve/connectors"
	"logreeve/reports/roster"
)

// Facts is what a run knows of its data once everything is read. Gates are
// pure functions of it, and health checks judge it.
type Facts struct {
	Window  RunWindow          // zero when it was not given and there are no events
	Now     connectors.Instant // when the run ran
	Sources []SourceFacts      // in the order of Input.Sources

	Expected  []roster.ExpectedSource
	Witnesses []string // check ids whose kind of event is declared to be logged

	HasPeople, HasKeys bool
	Registers          []roster.Register // that hold an entry
	RosterTakenAt      connectors.Instant
	HasLedger          bool
	LedgerSince        connectors.Instant
	Policy             *AuditPolicy
}

// SourceFacts is how the read of one source went.
type SourceFacts struct {
	Name   string
	Kind   connectors.Kind
	Read   connectors.Completeness
	Events int64         // of the window
	Settle time.Duration // how long the store takes to have everything; 0 for files
}

// Settler is a source whose events arrive with a delay.
type Settler interface {
	// SettleDelay is how long after its time an event may still arrive.
	SettleDelay() time.Duration
}

// bounds gives the window as connectors see it.
func (f *Facts) bounds() connectors.Window {
	return connectors.Window{From: f.Window.From, To: f.Window.To}
}

// Of gives the sources of some kinds, and those of which nobody knows the kind
// because they could not be opened; none named means all.
func (f *Facts) Of(kinds []connectors.Kind) []SourceFacts {
	var out []SourceFacts
	for _, s := range f.Sources {
		if among(kinds, s.Kind) {
			out = append(out, s)
		}
	}
	return out
}

// among says whether a source of a kind is, or may be where the kind is not known, of
// one of these kinds; none named means all.
func among(kinds []connectors.Kind, kind connectors.Kind) bool {
	return len(kinds) == 0 || kind == "" || slices.Contains(kinds, kind)
}

// ExpectedOf gives the expected sources that concern checks of some kinds. A
// source that was not given and whose name is no kind concerns every check:
// nobody knows what it would have held.
func (f *Facts) ExpectedOf(kinds []connectors.Kind) []roster.ExpectedSource {
	var out []roster.ExpectedSource
	for _, e := range f.Expected {
		if len(kinds) == 0 || f.concerns(e, kinds) {
			out = append(out, e)
		}
	}
	return out
}

func (f *Facts) concerns(e roster.ExpectedSource, kinds []connectors.Kind) bool {
	for _, s := range f.Sources {
		if s.Name == e.Name {
			return slices.Contains(kinds, s.Kind)
		}
	}
	switch e.Name { // the kinds of contract.md §1
	case "kubernetes", "authlog", "auditd", "pgaudit":
		return slices.Contains(kinds, connectors.Kind(e.Name))
	}
	return true
}

// Missing gives the expected sources, of those that concern some kinds, that
// have no event in the window.
func (f *Facts) Missing(kinds []connectors.Kind) []roster.ExpectedSource {
	var out []roster.ExpectedSource
	for _, e := range f.ExpectedOf(kinds) {
		if !f.reported(e) {
			out = append(out, e)
		}
	}
	return out
}

func (f *Facts) reported(e roster.ExpectedSource) bool {
	for _, s := range f.Sources {
		if s.Name != e.Name {
			continue
		}
		if e.Host == "" {
			return s.Events > 0
		}
		c := s.Read.Coverage[e.Host]
		return c != nil && len(c.Minutes) > 0
	}
	return false
}

// Default silences that are allowed (domain.md §2.4, LOG-01).
const (
	quietKubernetes = 5 * time.Minute
	quietAuthLog    = 24 * time.Hour
	quietOther      = time.Hour
)

// MaxGap is how long a place of a source may be silent: what expected_sources
// says of the host, else of the source, else the default of the kind.
func (f *Facts) MaxGap(s SourceFacts, place string) time.Duration {
	allowed := quietOther
	switch s.Kind {
	case connectors.Kubernetes:
		allowed = quietKubernetes
	case connectors.AuthLog:
		allowed = quietAuthLog
	}
	exact := false
	for _, e := range f.Expected {
		named := e.Host != "" && e.Host == place
		if e.Name != s.Name || e.MaxGap == 0 || e.Host != "" && !named || exact && !named {
			continue
		}
		allowed, exact = time.Duration(e.MaxGap)*time.Second, named
	}
	return allowed
}

// Places gives the clusters and hosts of a source with their longest silence
// inside the window, in the order of names. A source without any event has one
// place without a name, silent throughout.
func (f *Facts) Places(s SourceFacts) []Place {
	names := sortedKeys(s.Read.Coverage)
	if len(names) == 0 {
		names = []string{""}
	}
	out := make([]Place, 0, len(names))
	for _, name := range names {
		c := s.Read.Coverage[name]
		if c == nil {
			c = connectors.NewCoverage()
		}
		gap, from := c.Gap(f.bounds())
		p := Place{
			Name: name, First: c.First(), Last: c.Last(),
			LongestGap: int64(gap / time.Second), GapFrom: from,
			AllowedGap: int64(f.MaxGap(s, name) / time.Second),
		}
		for _, m := range c.Minutes {
			p.Events += m.Count
		}
		out = append(out, p)
	}
	return out
}

// TooQuiet says whether the place was silent for longer than allowed.
func (p Place) TooQuiet() bool { return p.LongestGap > p.AllowedGap }
