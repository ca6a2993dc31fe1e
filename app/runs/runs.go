// Package runs owns what the organisation's runs are made of: the configured
// sources, the snapshots of people and registers, the runs themselves with
// their results and policy changes, and the ledger of who was seen when. It
// starts runs, follows their progress, cancels them and keeps what they found;
// checks and the engine are reports', reviews are reviews'.
package runs

import (
	"context"

	"logreeve/app/actor"
	"logreeve/app/trail"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/policy"
	"logreeve/reports/roster"
)

// Source is a configured source.
type Source struct {
	ID       string // "s_…"
	Version  int64
	Name     string          // unique; the NAME of contract.md §1
	Kind     connectors.Kind // "" when the content decides
	Store    StoreKind
	Target   string // a path, glob or folder; of a search store https://host:port/PATTERN[?profile=NAME&time=FIELD]
	CA       string // PEM bundle of authorities that a search store's certificate may come from; "": the system's
	SignIn   SignIn // to a search store
	Secret   Secret // the credentials for it, sealed
	Zone     string // for stamps without one
	Year     int    // for stamps without one; 0: from the file's time
	Disabled bool
	AddedAt  connectors.Instant
	// LastRead is what the newest finished run saw of it.
	LastRead *SourceReading
}

// StoreKind is what holds a source's logs.
type StoreKind string

// Stores of logs.
const (
	Files         StoreKind = "" // on the server's own disk
	OpenSearch    StoreKind = "opensearch"
	Elasticsearch StoreKind = "elasticsearch"
	Calico        StoreKind = "calico" // Calico's Elasticsearch
)

// SourceReading is what a run saw of a source.
type SourceReading struct {
	RunID    string
	At       connectors.Instant
	Events   int64
	Oldest   connectors.Instant
	Newest   connectors.Instant
	Problems []connectors.Problem
	Daily    []DayCount // events a day, the last 30 days that were read
}

// DayCount is the events of one UTC day of one source.
type DayCount struct {
	Day    string `json:"day"` // YYYY-MM-DD
	Events int64  `json:"events"`
}

// Snapshot is an imported state of people, keys and registers. It never changes.
type Snapshot struct {
	ID                    string // "p_…"
	TakenAt               connectors.Instant
	By                    string // actor id
	Note                  string // what was imported: "people.csv, 47 people"
	Digest                string
	People, Keys, Entries int
	Roster                *roster.Snapshot // nil in lists
}

// Status is where a run stands.
type Status string

// Statuses of a run.
const (
	Queued    Status = "queued"
	Running   Status = "running"
	Done      Status = "done"
	Failed    Status = "failed" // could not be carried out; Problem says why
	Cancelled Status = "cancelled"
)

// Run is one pass of checks over a window, with everything it depended on
// frozen. Results belong to it and never change.
type Run struct {
	ID             string // "r_…"
	Status         Status
	Purpose        string // "on demand", "nightly", "review W0-2026-W46"
	Window         reports.RunWindow
	Only           []string // names of the sources read; empty: all enabled ones
	Checks         []string
	Params         map[string]map[string]string
	Snapshot       string // id of the people snapshot used, "" none
	SnapshotDigest string
	PolicyDigest   string // of the audit policy used, "" none
	Tool           string // product version
	By             string // actor id
	CreatedAt      connectors.Instant
	StartedAt      connectors.Instant
	FinishedAt     connectors.Instant
	Problem        string
	CancelAsked    bool
	Progress       Progress
	Sources        []reports.SourceSummary // when done
	Results        []reports.Result        // when done; without item evidence in lists
	Changes        *policy.Report          // policy changes of the window, when done; nil in lists
	Digest         string                  // SHA-256 over the canonical results
}

// Progress is how far a run has come.
type Progress struct {
	Bytes       int64   `json:"bytes"`
	Total       int64   `json:"total"`
	Events      int64   `json:"events"`
	PerSecond   float64 `json:"events_per_second"`
	LeftSeconds int64   `json:"left_seconds"` // -1: not known
	Source      string  `json:"source"`
}

// RunSummary is a run in a list.
type RunSummary struct {
	ID, Purpose           string
	Status                Status
	Window                reports.RunWindow
	CreatedAt, FinishedAt connectors.Instant
	Problem               string
	Events                int64
	Outcomes              map[reports.Outcome]int
}

// CheckCourse is the outcome of one check in one run, for its course over time.
type CheckCourse struct {
	RunID   string
	Window  reports.RunWindow
	Outcome reports.Outcome
	Limited bool
	Matched int64
	Items   int
	Version int
}

// DayOutcome counts the results of one check with one outcome whose windows end
// on one UTC day.
type DayOutcome struct {
	Day            connectors.Instant // its midnight
	Check          string
	Outcome        reports.Outcome
	Results, Items int
	Run            string // the newest of them
	FinishedAt     connectors.Instant
}

// Seen is a line of the ledger.
type Seen struct {
	System, Principal, Network string
	First, Last                connectors.Instant
	Events                     int64
}

// Settings are the organisation's own.
type Settings struct {
	Organisation   string
	Zone           string // IANA
	TicketPattern  string
	AuditPolicy    string // text of the supplied audit policy, "" none
	Classification string // "Confidential · evidence for auditors"
	Sample         bool   // demo data: every page and PDF says SAMPLE
}

// Found is a hit of the find box.
type Found struct {
	Kind  string // "check", "control", "person", "policy", "review", "finding", "run"
	Title string
	Text  string
	Path  string
}

// Store keeps all this. Methods that change something write the trail entry in
// the same transaction.
type Store interface {
	Settings(ctx context.Context) (Settings, error)
	SaveSettings(ctx context.Context, by actor.Actor, s Settings, e trail.Entry) error

	Sources(ctx context.Context) ([]Source, error)
	Source(ctx context.Context, id string) (*Source, error)
	// SaveSource adds (Version 0) or changes a source; fault.Conflict when the
	// version is stale or the name taken.
	SaveSource(ctx context.Context, by actor.Actor, s Source, e trail.Entry) error

	Snapshots(ctx context.Context, limit int) ([]Snapshot, error)
	// Snapshot loads one with its roster; "" is the newest. fault.NotFound.
	Snapshot(ctx context.Context, id string) (*Snapshot, error)
	SaveSnapshot(ctx context.Context, by actor.Actor, s Snapshot, e trail.Entry) error

	CreateRun(ctx context.Context, by actor.Actor, r Run, e trail.Entry) error
	// ClaimRun leases the oldest queued run, or a running one whose lease ended,
	// for holder until the instant; nil when there is none.
	ClaimRun(ctx context.Context, holder string, now, until connectors.Instant) (*Run, error)
	// HoldRun renews the lease and writes progress; cancel says that somebody
	// asked to cancel. fault.Conflict when the lease is another's.
	HoldRun(ctx context.Context, id, holder string, until connectors.Instant, p Progress) (cancel bool, err error)
	// FinishRun ends a run (done, failed, cancelled). Done: results, items with
	// evidence, changes, policy states, ledger lines and source readings are
	// written in one transaction, whole or not at all.
	FinishRun(ctx context.Context, by actor.Actor, r Run, states []policy.State, seen []Seen, e trail.Entry) error
	AskCancel(ctx context.Context, by actor.Actor, id string, e trail.Entry) error

	Runs(ctx context.Context, limit int, before string) ([]RunSummary, error)
	// Run loads a run with results and items but without item evidence.
	Run(ctx context.Context, id string) (*Run, error)
	// LatestResults gives for each check its newest result (of done runs), without items.
	LatestResults(ctx context.Context) ([]LatestResult, error)
	// Days counts the results of the runs over all sources whose windows end on
	// or after the UTC day of since, by day, check and outcome.
	Days(ctx context.Context, since connectors.Instant) ([]DayOutcome, error)
	// Course gives the newest results of one check, newest first.
	Course(ctx context.Context, check string, limit int) ([]CheckCourse, error)
	// Item loads one item of a run with its evidence. fault.NotFound.
	Item(ctx context.Context, run, key string) (*reports.Item, error)

	// Changes lists policy changes of done runs in a window, each change once
	// (by event key and object), in time order.
	Changes(ctx context.Context, w connectors.Window, limit int) ([]policy.Change, error)
	// ObjectHistory lists the known changes of one policy object, oldest first.
	ObjectHistory(ctx context.Context, object string) ([]policy.Change, error)
	PolicyStates(ctx context.Context) ([]policy.State, error)
	// WindowsRead lists the windows that done runs over all sources read whole, as
	// the gates of one check's results say, where they begin before an instant.
	WindowsRead(ctx context.Context, check string, before connectors.Instant) ([]connectors.Window, error)
	// ItemsOfChange lists the items of done runs about a change, newest run first.
	ItemsOfChange(ctx context.Context, c *policy.Change) ([]ItemOfChange, error)

	// Seen lists the ledger of a principal pattern; LedgerSince is when it began.
	Seen(ctx context.Context, systemPrincipals []string) ([]Seen, error)
	LedgerSince(ctx context.Context) (connectors.Instant, error)
	Ledger(ctx context.Context) (reports.LedgerView, error)

	// Population keeps the frozen sample population of a run: sorted event keys,
	// one "key stratum" line each.
	SavePopulation(ctx context.Context, run string, lines []byte, digest string) error
	Population(ctx context.Context, run string) (lines []byte, digest string, err error)

	// ReadingNotes gives what the last runs noted of sources, by source name: of files,
	// so that the next need not read what lies before its window, and of stores, so that
	// what is gone is noticed.
	ReadingNotes(ctx context.Context, sources ...string) (map[string]*connectors.Notes, error)
	// SaveReadingNotes replaces the notes of the sources named.
	SaveReadingNotes(ctx context.Context, notes map[string]*connectors.Notes) error

	Find(ctx context.Context, words string, limit int) ([]Found, error)
}

// LatestResult is the newest result of a check and the run it came from.
type LatestResult struct {
	Run        string
	FinishedAt connectors.Instant
	Window     reports.RunWindow
	Result     reports.Result
}
