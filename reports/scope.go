package reports

import (
	"time"

	"logreeve/connectors"
	"logreeve/reports/roster"
)

// Scope is what a check sees of its run, and where it reports what it found.
// It is used from one goroutine.
type Scope struct {
	Roster  *roster.Roster
	Tickets connectors.TicketRule
	Ledger  LedgerView // nil: none

	params Values
	found  *collector
}

// Values are the parameters of one check, parsed and complete.
type Values struct {
	text map[string]string
	ints map[string]int64
	durs map[string]time.Duration
}

// Int gives a parameter of kind ParamInt. An unknown name is a broken
// invariant of the check and panics.
func (s *Scope) Int(name string) int64 { return s.params.ints[name] }

// Duration gives a parameter of kind ParamDuration.
func (s *Scope) Duration(name string) time.Duration { return s.params.durs[name] }

// Text gives a parameter of kind ParamText.
func (s *Scope) Text(name string) string { return s.params.text[name] }

// List gives a parameter of kind ParamList, without empty entries.
func (s *Scope) List(name string) []string { return nil }

// Item gives the draft with these subject parts, making it when it is new. The
// parts identify the item within the check for ever, so they hold names of
// things (a person, a policy, an account on a host), never counts or times.
func (s *Scope) Item(parts ...string) *Draft { return nil }

// Drafts lists the drafts made so far, in the order of their parts.
func (s *Scope) Drafts() []*Draft { return nil }

// Drop takes a draft back, with its events: it turned out to be no item.
func (s *Scope) Drop(d *Draft) {}

// Suppress counts an event as held back by a register entry. An event is
// counted once, whatever number of entries cover it.
func (s *Scope) Suppress(e *connectors.Event, entry roster.Entry) {}

// Undecidable counts an event that could not be judged, with the reason in a
// few words ("content not recorded"). It breaks G6 of a check that needs bodies.
func (s *Scope) Undecidable(e *connectors.Event, reason string) {}

// Draft is an item while a run collects it. A check may change the exported
// fields of the first group until Finish returns; it need not set Severity and
// Violation when the check's own severity and type say it (Violation starts as
// true for an Assertion, false otherwise).
type Draft struct {
	Parts     []string
	Subject   string // what the item is about, for people: "alice@example.com", "payments/allow-web-to-api"
	Title     string // a few words for a list
	Summary   string // one sentence: what happened and why it matters
	Severity  Severity
	Violation bool
	Facts     []Fact
	Change    *ChangeRef
	Data      map[string]string

	// Kept by Add: exact count, first and last time, the events in time order
	// (at most MaxEvents, the earliest), who acted.
	Count       int64
	First, Last connectors.Instant

	found *collector
}

// Add puts an event into the item. An event added twice to the same item in
// one Observe counts once. The event may be one that the check kept
// (connectors.Event.Keep) and adds in Finish.
func (d *Draft) Add(e *connectors.Event) {}
