// Package reviews owns the periodic review: what is due, the queue of items and
// the sample, decisions and their rules, findings, sign-offs, and the state
// machine that ends in a sealed record. Rules are pure methods on Review; the
// Service loads, applies a rule inside the store's transaction, and nothing
// else. Reading logs is left to a Runner, sealing to a Sealer, keeping to a
// Store.
package reviews

import (
	"logreeve/connectors"
	"logreeve/reports"
)

// State is where a review stands (domain.md §3.3, without reopening).
type State string

// States of a review.
const (
	Scheduled State = "scheduled" // made for a period that has not ended and settled
	Open      State = "open"      // runs frozen, population and sample fixed
	InReview  State = "in_review" // a reviewer decides
	SignOff   State = "sign_off"  // the reviewer attested; waits for the approver
	Closed    State = "closed"    // the approver signed; the package is sealed
	Missed    State = "missed"    // not finished by due + grace
	Cancelled State = "cancelled" // removed by two persons, kept for ever
)

// Review is one occurrence of a template for one period: the aggregate that
// decisions, acknowledgements, sign-offs and findings belong to. Its slices
// only grow; what was said is never overwritten.
type Review struct {
	ID        string // "W0-2026-W46"; unique by (Template, LocalDate)
	Template  string // "RT-W0"
	Title     string // "Weekly log review, week 46 of 2026"
	Revision  int    // 1; later revisions point back
	Version   int64  // grows with every change
	Period    connectors.Window
	Zone      string // IANA zone the period was computed in
	LocalDate string // first day of the period in Zone, YYYY-MM-DD
	State     State
	DueAt     connectors.Instant
	MissedAt  connectors.Instant // due + grace
	OpenedAt  connectors.Instant
	ClosedAt  connectors.Instant
	Sample    SamplePlan

	RunID   string // the frozen run
	Figures Figures
	Checks  []CheckSummary
	Items   []Item  // frozen at opening
	Picks   []Pick  // the reviewer's sample, frozen at opening
	Limits  []Limit // what must be acknowledged, frozen at opening

	Decisions        []Decision // append-only; the last of an item counts
	Acknowledgements []Acknowledgement
	Findings         []Finding // raised in this review
	SignOffs         []SignOffRecord
	Events           []Event // state changes, in order
}

// Figures are the counts people see first.
type Figures struct {
	EventsTested int64 `json:"events_tested"`
	EventsRead   int64 `json:"events_read"`
	Population   int64 `json:"population"` // of the sample
	Sources      int   `json:"sources"`
}

// CheckSummary is one result of the frozen run, as far as a review needs it.
type CheckSummary struct {
	Check      string           `json:"check"`
	Version    int              `json:"version"`
	Title      string           `json:"title"`
	Severity   reports.Severity `json:"severity"`
	Controls   []string         `json:"controls"`
	Outcome    reports.Outcome  `json:"outcome"`
	Limited    bool             `json:"limited"`
	Reason     string           `json:"reason"`
	Population int64            `json:"population"`
	Matched    int64            `json:"matched"`
	Suppressed int64            `json:"suppressed"`
	Items      int              `json:"items"`
	Digest     string           `json:"definition_sha256"`
}

// Item is an item of the frozen run, as far as rules and lists need it. The
// events and raw records stay with the run.
type Item struct {
	Key       string             `json:"key"`
	Check     string             `json:"check"`
	Title     string             `json:"title"`
	Subject   string             `json:"subject"`
	Summary   string             `json:"summary"`
	Severity  reports.Severity   `json:"severity"`
	Violation bool               `json:"violation"`
	Count     int64              `json:"count"`
	First     connectors.Instant `json:"first"`
	Last      connectors.Instant `json:"last"`
	Actors    []string           `json:"actors"`
	Persons   []string           `json:"persons"` // person ids whose own actions it is about (R2)
}

// Pick is one entry of the reviewer's sample.
type Pick struct {
	Rank    int               `json:"rank"` // from 1
	Key     string            `json:"key"`  // event key
	Stratum string            `json:"stratum"`
	Record  connectors.Record `json:"record"`
	Raw     []byte            `json:"raw,omitempty"` // redacted
	Persons []string          `json:"persons"`
}

// SamplePlan is how the sample was drawn: anyone with the population's keys can
// draw it again (domain.md §3.7).
type SamplePlan struct {
	Algorithm        string    `json:"algorithm"` // "sample/v1"
	Size             int       `json:"size"`      // asked for
	MinPerStratum    int       `json:"min_per_stratum"`
	NonceSHA256      string    `json:"nonce_sha256"` // published when the occurrence is made
	Nonce            string    `json:"nonce"`        // hex; revealed at the freeze
	PopulationDigest string    `json:"population_digest"`
	Population       int64     `json:"population"`
	Seed             string    `json:"seed"` // hex
	Strata           []Stratum `json:"strata"`
}

// Stratum is one part of the population and what was drawn from it.
type Stratum struct {
	Name  string `json:"name"`
	Size  int64  `json:"size"`
	Drawn int    `json:"drawn"`
}

// Limit is something a reader must know before believing: a check that could
// not conclude, or one whose answer is limited. It must be acknowledged.
type Limit struct {
	Check   string          `json:"check"`
	Outcome reports.Outcome `json:"outcome"`
	Reason  string          `json:"reason"`
	Gates   []reports.Gate  `json:"gates"` // those not met
}

// Choice is what a person decides about an item.
type Choice string

// Choices. A violation is decided as Finding, Expected (an exception with an
// end) or Escalated; other items may be Explained too; Read is for picks.
const (
	Explained Choice = "explained"
	Expected  Choice = "expected"
	FindingC  Choice = "finding"
	Escalated Choice = "escalated"
	Read      Choice = "read"
	Withdrawn Choice = "withdrawn" // undo: the item is pending again
)

// Decision is what one person decided about one item or pick, and why.
type Decision struct {
	Seq     int64              `json:"seq"` // within the review, from 1
	Key     string             `json:"key"` // item key, or event key of a pick
	Pick    bool               `json:"pick"`
	Choice  Choice             `json:"choice"`
	Reason  string             `json:"reason"`
	Until   string             `json:"until,omitempty"`   // YYYY-MM-DD: end of an exception
	Ticket  string             `json:"ticket,omitempty"`  // incident or change it refers to
	Finding string             `json:"finding,omitempty"` // finding id
	By      Signer             `json:"by"`
	At      connectors.Instant `json:"at"`
}

// Signer is who did something in a review, as they were then. Kept with the
// record so that deleting an account does not blank it.
type Signer struct {
	Account string   `json:"account"` // u_…
	Name    string   `json:"name"`
	Email   string   `json:"email"`
	Person  string   `json:"person"` // roster person id; "" when the account is linked to nobody
	Roles   []string `json:"roles"`
}

// Acknowledgement says that a limit was seen, why it exists and what follows.
type Acknowledgement struct {
	Check       string             `json:"check"`
	Cause       string             `json:"cause"`
	Consequence string             `json:"consequence"`
	By          Signer             `json:"by"`
	At          connectors.Instant `json:"at"`
}

// Conclusion is one of four words (domain.md §3.4).
type Conclusion string

// Conclusions.
const (
	Effective             Conclusion = "effective"
	EffectiveWithFindings Conclusion = "effective with findings"
	NotEffective          Conclusion = "not effective"
	UnableToConclude      Conclusion = "unable to conclude"
)

// SignRole is in which role somebody signed.
type SignRole string

// Roles of a signature.
const (
	AsReviewer SignRole = "reviewer"
	AsApprover SignRole = "approver"
)

// SignOffRecord is a signed statement about exactly one set.
type SignOffRecord struct {
	Role        SignRole           `json:"role"`
	By          Signer             `json:"by"`
	At          connectors.Instant `json:"at"`
	Method      string             `json:"method"` // "password"
	Conclusion  Conclusion         `json:"conclusion"`
	Text        string             `json:"text"`
	TextSHA256  string             `json:"text_sha256"`
	Set         string             `json:"set_sha256"`            // what was signed: SetDigest at that moment
	Reperformed []string           `json:"reperformed,omitempty"` // item keys the approver judged again
	Void        bool               `json:"void"`                  // returned by the approver
	VoidReason  string             `json:"void_reason,omitempty"`
}

// Event is a change of state.
type Event struct {
	At   connectors.Instant `json:"at"`
	By   string             `json:"by"`
	From State              `json:"from"`
	To   State              `json:"to"`
	Note string             `json:"note,omitempty"`
}

// FindingStatus is where a finding stands.
type FindingStatus string

// Statuses of a finding (domain.md §4, the part of this release).
const (
	FindingDraft      FindingStatus = "draft"
	FindingConfirmed  FindingStatus = "confirmed"
	FindingAssigned   FindingStatus = "assigned"
	FindingInProgress FindingStatus = "in_progress"
	FindingRemediated FindingStatus = "remediated"
	FindingClosed     FindingStatus = "closed"
	FindingDismissed  FindingStatus = "dismissed"
)

// Finding is a confirmed gap and what is done about it.
type Finding struct {
	ID        string // "F-0007"
	Version   int64
	Review    string
	Items     []string // item keys
	Check     string
	Title     string
	Condition string // what is
	Criteria  string // what should be
	Cause     string
	Effect    string
	Severity  reports.Severity
	Owner     string // e-mail of the person who must act
	DueDate   string // YYYY-MM-DD
	Status    FindingStatus
	RaisedBy  Signer
	RaisedAt  connectors.Instant
	Controls  []string
	History   []FindingChange
}

// FindingChange is one step in a finding's history.
type FindingChange struct {
	At   connectors.Instant `json:"at"`
	By   Signer             `json:"by"`
	From FindingStatus      `json:"from"`
	To   FindingStatus      `json:"to"`
	Note string             `json:"note"`
}

// RuleVerdict is how an independence rule (domain.md §3.2) came out.
type RuleVerdict struct {
	Rule   string `json:"rule"`   // "R1"
	Text   string `json:"text"`   // "Reviewer and approver differ"
	Result string `json:"result"` // "holds", "broken", "not evaluated"
	Detail string `json:"detail"`
}
