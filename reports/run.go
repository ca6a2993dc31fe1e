package reports

import (
	"context"
	"time"

	"logreeve/connectors"
	"logreeve/reports/roster"
)

// Input is everything one pass depends on. What is in it is frozen with the run.
type Input struct {
	Sources []connectors.Source
	Window  connectors.Window // zero bounds: taken from the data
	Checks  []Check
	// Params are values set from outside, by check id and name.
	Params  map[string]map[string]string
	Roster  *roster.Roster // never nil; an empty roster has nothing given
	Tickets connectors.TicketRule
	Ledger  LedgerView // nil: no ledger yet (G10 not met)
	// Policy is a supplied audit policy, which can witness for G7; nil if none.
	Policy *AuditPolicy
	// NotApplicable says of checks, by id, why they do not apply here, with who
	// approved that and until when. It comes from a declaration, never from data.
	NotApplicable map[string]string
	// Watch are further observers that see every event of the window once: the
	// policy history, the population for samples, the ledger.
	Watch []Watcher
	// Shared holds what checks and watchers of this one run use together, such as
	// the policy history and what was known before the window; nil: nothing yet.
	Shared *Shared
	// Notes are, by source name, what an earlier run noted of the sources' files;
	// Outcomes.Notes are those for the next. Nil: every source is read whole.
	Notes map[string]*connectors.Notes
	// Apart says that a source which cannot be read makes only the checks that need
	// it inconclusive; otherwise nothing is said of any source, and Run fails.
	Apart bool
	// Progress is called a few times a second, from one goroutine at a time.
	Progress func(connectors.Progress)
	Now      func() time.Time
}

// Watcher sees the events its filter selects, in the order they come.
type Watcher struct {
	Select  connectors.Filter
	Observe func(*connectors.Event)
	// Count lets a store count instead of showing events; nil: it is shown them all.
	Count *Counter
}

// LedgerView answers from the record of first and last seen principals.
type LedgerView interface {
	// Since is when the ledger began; 0 if it is empty.
	Since() connectors.Instant
	// FirstSeen is when the principal was first seen; 0 if never.
	FirstSeen(system, principal string) connectors.Instant
}

// Engine runs checks over sources.
type Engine struct{}

// Run reads every source once and runs all checks over the events of the
// window. It fails only when nothing can be said: the context ended
// (context.Canceled), a source cannot be opened (fault.NotFound,
// fault.Unavailable, unless Input.Apart) or a parameter is wrong (fault.Invalid). A partial read is
// not an error: gate G1 says so, and no check passes.
func (Engine) Run(ctx context.Context, in Input) (*Outcomes, error) {
	p, err := read(ctx, in, nil)
	if err != nil {
		return nil, err
	}
	return p.outcomes()
}

// Read is Run for those who print which events an item has and show none of them:
// it saves keeping, hashing and redacting them, leaves Item.Events and Item.Evidence
// empty, and works results out one after the other. What items list lies in a
// temporary file until WriteJSON reads it and Reading.Close gives it up.
func (Engine) Read(ctx context.Context, in Input) (*Reading, error) {
	p, err := read(ctx, in, &spool{})
	if err != nil {
		return nil, err
	}
	return &Reading{*p.frame(), p}, nil
}

// AuditPolicy is a Kubernetes audit policy, as far as it decides what is logged.
type AuditPolicy struct {
	Rules      []PolicyRule
	OmitStages []string
	Digest     string // SHA-256 of the file
}

// PolicyRule is one rule of an audit policy; the first that matches decides.
type PolicyRule struct {
	Level       string
	Users       []string
	Groups      []string
	Verbs       []string
	Namespaces  []string
	NonResource []string
	Resources   []PolicyResources
	OmitStages  []string
}

// PolicyResources is a group and its resources ("" group is core; no resources means all).
type PolicyResources struct {
	Group     string
	Resources []string
	Names     []string
}
