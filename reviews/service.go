package reviews

import (
	"context"

	"logreeve/app/actor"
	"logreeve/app/trail"
	"logreeve/connectors"
	"logreeve/reports"
)

// Store keeps reviews. Every method that changes something writes the trail
// entry in the same transaction; if that fails nothing is changed.
type Store interface {
	// Review loads a review whole. fault.NotFound.
	Review(ctx context.Context, id string) (*Review, error)
	// Reviews lists reviews without items, picks and decisions, newest period first.
	Reviews(ctx context.Context, f ReviewFilter) ([]Summary, error)
	// CreateReview adds an occurrence; fault.Conflict when (template, local date) exists.
	CreateReview(ctx context.Context, by actor.Actor, r *Review, e trail.Entry) error
	// UpdateReview loads for update, applies change, keeps what it appended and
	// commits with the trail entry that change returned. change may run twice.
	UpdateReview(ctx context.Context, by actor.Actor, id string, change func(*Review) (trail.Entry, error)) (*Review, error)
	// CloseReview is UpdateReview that also keeps the sealed package.
	CloseReview(ctx context.Context, by actor.Actor, id string, change func(*Review) (Package, trail.Entry, error)) (*Review, error)
	// Finding and Findings read findings; UpdateFinding changes one.
	Finding(ctx context.Context, id string) (*Finding, error)
	Findings(ctx context.Context, f FindingFilter) ([]Finding, error)
	// CountReviews counts the reviews in each state; CountFindings the findings,
	// of one review or, with "", of all.
	CountReviews(ctx context.Context) (map[State]int, error)
	CountFindings(ctx context.Context, review string) ([]FindingCount, error)
	UpdateFinding(ctx context.Context, by actor.Actor, id string, change func(*Finding) (trail.Entry, error)) (*Finding, error)
	// NextFindingID reserves the next finding id, "F-0007".
	NextFindingID(ctx context.Context) (string, error)
	// Packages lists sealed packages, newest first; Package loads one with its bytes.
	Packages(ctx context.Context) ([]Package, error)
	Package(ctx context.Context, review string, revision int) (*Package, error)
}

// ReviewFilter narrows a list of reviews; zero fields select everything.
type ReviewFilter struct {
	States   []State
	Template string
	From, To connectors.Instant // period start within
	Limit    int
	Before   string // only reviews that come after this one in the list: its id
}

// Summary is a review in a list.
type Summary struct {
	ID, Template, Title, LocalDate, Zone string
	Period                               connectors.Window
	State                                State
	Revision                             int
	Version                              int64
	DueAt, MissedAt, ClosedAt, OpenedAt  connectors.Instant
	RunID                                string
	Items, Decided, Picks, PicksDecided  int
	Limits, Acknowledged                 int
	Findings                             int
	Attested                             *Signer // by whom, when in sign_off or closed
	AttestedAt                           connectors.Instant
	Approved                             *Signer
	Conclusion                           Conclusion
	Figures                              Figures
}

// FindingFilter narrows a list of findings.
type FindingFilter struct {
	Statuses []FindingStatus
	Review   string
	Open     bool // neither closed nor dismissed
	Severity reports.Severity
	Owner    string
	Nobody   bool // without an owner
	Limit    int
	Before   string // only findings that come after this one in the list: its id
}

// FindingCount is how many findings are alike in what lists are narrowed by.
type FindingCount struct {
	Status   FindingStatus
	Severity reports.Severity
	Owner    string // "": nobody
	Count    int
}

// Package is sealed evidence.
type Package struct {
	Review      string
	Revision    int
	Name        string // "EV-W0-2026-W46-r1.zip"
	Root        string // evidence root: SHA-256 of data/manifest.json
	SHA256      string // of the package file
	Size        int64
	SealedAt    connectors.Instant
	Fingerprint string // of the signing key
	Bytes       []byte // nil in lists
}

// Opening is what a Runner hands over to open a review: a frozen run and a
// sample drawn from its population.
type Opening struct {
	RunID   string
	Figures Figures
	Checks  []CheckSummary
	Items   []Item
	Picks   []Pick
	Limits  []Limit
	Sample  SamplePlan
}

// Runner freezes a run over a review's period and draws its sample.
type Runner interface {
	OpenRun(ctx context.Context, by actor.Actor, r *Review, t Template) (*Opening, error)
}

// Sealer makes the signed package of a review that has both signatures.
type Sealer interface {
	Seal(ctx context.Context, r *Review) (Package, error)
}

// Template is a kind of review that comes back (domain.md §3.8).
type Template struct {
	ID            string
	Version       int
	Title         string // "Weekly log review"
	Procedure     string // what a reviewer does, a short paragraph
	Checks        []string
	SampleSize    int
	MinPerStratum int
	SampleFilter  connectors.Filter
	SampleText    string // what the population is, in words
	Cadence       Cadence
	DueDays       int // working days after the period's end
	GraceDays     int // calendar days after due until missed
}

// Cadence is how often a template comes back.
type Cadence string

// Cadences.
const (
	Weekly Cadence = "weekly" // Monday 00:00 to Monday 00:00 in the template's zone
)

// Severity order and other rules on reports types are reports' own.
var _ = reports.Critical
