// Package reports owns what a check is and what a run of checks makes of
// events: Check, Item, Gate, Result, Run, the engine that reads a window once
// for all checks, and the one function that turns items and gates into an
// outcome. A check cannot say pass. The checks themselves are in
// reports/checks, policy history in reports/policy; keeping runs is app/store's.
package reports

import (
	"time"

	"logreeve/connectors"
	"logreeve/reports/roster"
)

// Outcome is the verdict on one check over one window (domain.md §2.3).
type Outcome string

// Outcomes, in the order they are worst for the reader.
const (
	Fail          Outcome = "fail"
	NeedsReview   Outcome = "needs_review"
	Errored       Outcome = "error"
	Inconclusive  Outcome = "inconclusive"
	Pass          Outcome = "pass"
	NotApplicable Outcome = "not_applicable"
)

// Severity is how bad an item is if it is what it looks like.
type Severity string

// Severities, worst first.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
	Info     Severity = "info"
)

// Type is what a check's items mean.
type Type string

// Types of check (domain.md §2.3).
const (
	Assertion Type = "assertion" // every item is a violation unless said otherwise
	RegisterT Type = "register"  // items need a person; some are violations
	Health    Type = "health"    // judges the data itself
)

// GateID names a precondition on data (domain.md §2.3).
type GateID string

// The gates.
const (
	G1  GateID = "G1"  // complete read
	G2  GateID = "G2"  // every expected source answered
	G3  GateID = "G3"  // still retained
	G4  GateID = "G4"  // no gap
	G5  GateID = "G5"  // settled
	G6  GateID = "G6"  // content recorded
	G7  GateID = "G7"  // this kind of event is logged at all
	G8  GateID = "G8"  // parsed
	G9  GateID = "G9"  // roster fresh
	G10 GateID = "G10" // ledger deep enough
)

// Gate is one precondition and whether the data met it, with figures.
type Gate struct {
	ID     GateID `json:"id"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

// Check is one automated procedure, with its version. Exactly one of Each and
// Grouped is set.
type Check struct {
	ID        string
	Version   int // bumped with any change of meaning
	Title     string
	Objective string // what it tests, in our words, one or two sentences
	Logic     string // how, for the evidence: what is selected, grouped and judged
	Type      Type
	Severity  Severity
	Controls  []string // ids of ISO/IEC 27001:2022 Annex A, e.g. "5.16"
	// Select says which events the check looks at: its population.
	Select connectors.Filter
	Needs  Needs
	Params []Param
	// Lead names the parameter, a duration, that says how long what the check
	// looks for may last; "" none. An Observer that is a Leader is shown events
	// from twice as long before the window: what lasts into the window began at
	// most that long before it, and whether an event back then was part of
	// something already over takes as long again.
	Lead string
	// Each looks at every selected event.
	Each func(*Scope) Observer
	// Scout spares an Each check events that a store can count; nil: it looks at all.
	Scout *Scout
	// Grouped groups selected events and judges the groups; a store can count.
	Grouped *Grouping
}

// Needs is what a check must have to run, and what must hold for its silence
// to mean something.
type Needs struct {
	Kinds  []connectors.Kind // at least one source of one of these kinds, else G2 and not run
	People bool              // a people file, else G9 and not run
	Keys   bool              // registered SSH keys, else G9 and not run
	// Expected: expected_sources, else G2 and not run.
	Expected bool
	// Register: this register must hold an entry, else G9 and not run; "" for none.
	Register roster.Register
	Bodies   bool // G6 is judged: events reported as Undecidable break it
	// Unseen selects events that the check would have to look into but whose
	// content was not recorded: each is undecidable. The zero filter: none.
	Unseen connectors.Filter
	// Witness selects events that show that this kind of event is logged at all
	// (G7). The zero filter means that G7 is not needed.
	Witness     connectors.Filter
	WitnessText string // what the witness is, in words: "reads of secrets"
	LedgerDays  int    // G10: how deep the ledger must be; 0 not needed
	// PolicyNeeds are what an audit policy must log for the check to see
	// everything it looks for; used for Coverage and, all together, for G7.
	PolicyNeeds []PolicyNeed
	// Gates replaces the gates that follow from the needs above, for a Health
	// check that reports as items what a gate would hold against it (LOG-01 a
	// gap, LOG-05 a missing source). G1 is always judged. Nil: not replaced.
	Gates []GateID
}

// PolicyNeed is one kind of request that an audit policy must log.
type PolicyNeed struct {
	Verbs     []string // none: every verb
	Group     string   // API group; "" is core, AnyGroup is not known
	Resources []string // "secrets", "pods/exec", "pods/*" for all below pods; none: every resource of the group
	Level     string   // Metadata, Request or RequestResponse: the least that is enough
	Anyone    bool     // also service accounts and components; else people only
}

// AnyGroup stands for whatever API group a resource may be of.
const AnyGroup = "*"

// Param is a parameter of a check, set with --param CHECK.NAME=VALUE.
type Param struct {
	Name    string
	Kind    ParamKind
	Default string // as written on the command line
	Doc     string // a sentence, with the unit
	// What is allowed: Min and Max of a ParamInt (Max 0: no upper bound), the
	// words of a ParamText or ParamList (none: any).
	Min, Max int64
	Allowed  []string
}

// ParamKind is the type of a parameter's value.
type ParamKind string

// Kinds of parameter.
const (
	ParamInt      ParamKind = "int"
	ParamDuration ParamKind = "duration" // 15m, 24h
	ParamText     ParamKind = "text"
	ParamList     ParamKind = "list"    // comma separated
	ParamPattern  ParamKind = "pattern" // a regular expression (RE2); empty is none
)

// Observer sees every selected event of a run, in the order they come, then
// Finish once. The event is valid until Observe returns. Observers report
// through their Scope and must not keep more than findings need.
type Observer interface {
	Observe(e *connectors.Event)
	Finish()
}

// Leader is an Observer that also sees the selected events from before the
// window, as far back as Check.Lead says. They are context: what is before the
// window is part of no population and of no account of what was read.
type Leader interface {
	Lead(e *connectors.Event)
}

// Grouping groups selected events by fields.
type Grouping struct {
	By       []string // fields of the filter language
	Distinct string   // a field whose distinct values are counted, or ""
	Judge    func(*Scope, []Group)
	// AtLeast leaves out groups with fewer events or, where Distinct is set, fewer
	// distinct values (at most 1,000 are told apart). 0: none is left out.
	AtLeast int64
	// Events is how many events of a group are listed; 0: MaxEvents.
	Events int
	// Windows counts in stretches of time; nil: over the whole window of the run.
	Windows *Windows
}

// Windows are the stretches of time in which a Grouping counts. A group is then
// made of its stretches that hold AtLeast; others are forgotten when they are
// over, so that memory grows with the groups of the stretches still open.
type Windows struct {
	Length time.Duration
	// Sliding takes any stretch of Length, from its first event to its last;
	// AtLeast is then at most MaxSliding and counts events. Otherwise stretches
	// begin at whole multiples of Length since 1970-01-01, UTC.
	Sliding bool
	// Late is how far behind the horizon (Scope.Horizon) an event may come and
	// still be counted with its neighbours.
	Late time.Duration
}

// MaxSliding is the most events that a sliding stretch may be asked to hold.
const MaxSliding = 1000

// Group is what is known of the events with the same values of the By fields.
// Draft.AddGroup makes its events the events of an item.
type Group struct {
	Values      []string // of the By fields, in their order; "" where an event has none
	Count       int64
	Distinct    []string // distinct values seen, sorted, at most 1,000
	First, Last connectors.Instant
	Stretches   int64 // with Windows: how many stretches held enough
	Most        int64 // with Windows: the most events of one stretch

	of *grouped
}

// EventRef names one event of an item.
type EventRef struct {
	Key      string             `json:"key"`
	NativeID string             `json:"native_id"`
	Time     connectors.Instant `json:"time"`
}

// Item is one thing a person decides: the events of one check with the same
// subject. Key is the same in every run (contract.md §4).
type Item struct {
	Key       string             `json:"key"`
	Subject   string             `json:"subject"`
	Summary   string             `json:"summary"`
	Severity  Severity           `json:"severity"`
	Violation bool               `json:"violation"`
	First     connectors.Instant `json:"first"`
	Last      connectors.Instant `json:"last"`
	Count     int64              `json:"count"`  // exact
	Events    []EventRef         `json:"events"` // all up to 1,000, in time order

	// Beyond contract.md §4, for people and evidence.
	Title    string            `json:"title"`   // a few words for a list: "alice@example.com read secrets in payments"
	Actors   []string          `json:"actors"`  // principals held responsible, with their system: "k8s:alice@example.com"
	Persons  []string          `json:"persons"` // roster person ids resolved from Actors and credentials (rule R2)
	Facts    []Fact            `json:"facts,omitempty"`
	Evidence []EvidenceEvent   `json:"-"`                // the listed events in full, the first MaxRaw with their raw record
	Change   *ChangeRef        `json:"change,omitempty"` // set when the item is about a policy change
	Data     map[string]string `json:"data,omitempty"`   // small machine-readable extras: namespace, account …

	named *naming // what Events would hold, where events are only named
}

// naming is where the names of an item's events lie.
type naming struct {
	list  *listing
	spool *spool
}

// Fact is one line of context: who, what, from where, why.
type Fact struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// ChangeRef points from an item to the policy change it is about.
type ChangeRef struct {
	Object   string `json:"object"` // api/kind/namespace/name
	EventKey string `json:"event_key"`
}

// EvidenceEvent is an event that became evidence.
type EvidenceEvent struct {
	Record connectors.Record `json:"record"`
	Raw    []byte            `json:"raw,omitempty"` // redacted (connectors.Redact); nil beyond MaxRaw
}

// Limits of what an item carries.
const (
	MaxEvents = 1000 // events listed per item
	MaxRaw    = 20   // raw records kept per item
)

// Result is what one check found in one window.
type Result struct {
	Check       string            `json:"check"`
	Version     int               `json:"version"`
	Title       string            `json:"title"`
	Kind        Type              `json:"kind"`
	Severity    Severity          `json:"severity"`
	Controls    []string          `json:"controls"`
	Outcome     Outcome           `json:"outcome"`
	Limited     bool              `json:"limited"`
	Reason      string            `json:"reason"` // one sentence
	Population  int64             `json:"population"`
	Matched     int64             `json:"matched"`
	Suppressed  int64             `json:"suppressed"`
	Undecidable int64             `json:"undecidable"`
	Items       []Item            `json:"items"`
	Gates       []Gate            `json:"gates"`
	Params      map[string]string `json:"params"`

	Digest       string         `json:"definition_sha256"` // of the definition: id, version, logic, select, params
	Suppressions []Suppression  `json:"suppressions,omitempty"`
	Undecided    []UndecidedRef `json:"undecided,omitempty"` // the first 100
}

// Suppression counts the events one register entry held back.
type Suppression struct {
	Register roster.Register    `json:"register"`
	Value    string             `json:"value"`
	Expires  connectors.Instant `json:"expires"`
	Events   int64              `json:"events"`
}

// UndecidedRef is an event the check could not judge, and why.
type UndecidedRef struct {
	EventRef
	Reason string `json:"reason"`
}

// SourceSummary is what a run read from one source.
type SourceSummary struct {
	Name     string             `json:"name"`
	Kind     connectors.Kind    `json:"kind"`
	Lines    int64              `json:"lines"`
	Records  int64              `json:"records"`
	Events   int64              `json:"events"`
	Unparsed int64              `json:"unparsed"`
	First    connectors.Instant `json:"first"`
	Last     connectors.Instant `json:"last"`

	InWindow int64 `json:"in_window"` // events tested
	// Oldest and Newest span everything that was read, also outside the window:
	// what tells whether the source still reports.
	Oldest connectors.Instant `json:"oldest,omitzero"`
	Newest connectors.Instant `json:"newest,omitzero"`

	Problems  []connectors.Problem         `json:"problems,omitempty"`
	Files     []connectors.ReadFile        `json:"files,omitempty"`
	Skipped   []connectors.Skipped         `json:"skipped,omitempty"`
	Resumed   []connectors.Resumption      `json:"resumed,omitempty"` // what was not read again, and why
	Places    []Place                      `json:"places,omitempty"`  // per cluster or host
	Hourly    []HourCount                  `json:"hourly,omitempty"`  // events of the window an hour, hours without events included
	ByOutcome map[connectors.Outcome]int64 `json:"by_outcome,omitempty"`

	// Counted is how many events of the window a search store counted for us: it
	// was read in part, and Records says how much. Absent where all was read.
	Counted int64 `json:"counted,omitempty"`
	// Store is which search store was read; absent for files.
	Store *connectors.StoreRead `json:"store,omitempty"`
	// What a search store was asked; absent for files.
	Requests      int64 `json:"requests,omitempty"`
	BytesReceived int64 `json:"bytes_received,omitempty"`
	TookMillis    int64 `json:"took_ms,omitempty"`
}

// Place is one cluster or host of a source.
type Place struct {
	Name       string             `json:"name"` // "" when the records do not say
	Events     int64              `json:"events"`
	First      connectors.Instant `json:"first"`
	Last       connectors.Instant `json:"last"`
	LongestGap int64              `json:"longest_gap_seconds"`
	GapFrom    connectors.Instant `json:"gap_from"`
	AllowedGap int64              `json:"allowed_gap_seconds"`
}

// HourCount is the events of one hour.
type HourCount struct {
	Hour  connectors.Instant `json:"hour"`
	Count int64              `json:"count"`
}

// RunWindow is the window of a run and whether it was given or taken from the data.
type RunWindow struct {
	From  connectors.Instant `json:"from"`
	To    connectors.Instant `json:"to"`
	Given bool               `json:"given"`
}

// Outcomes is what `logreeve check --format json` prints: one pass over one window.
type Outcomes struct {
	Window  RunWindow       `json:"window"`
	Sources []SourceSummary `json:"sources"`
	Results []Result        `json:"results"`

	// Notes are what was noted for the next run, by source name (Input.Notes).
	Notes map[string]*connectors.Notes `json:"-"`
}
