package connectors

import (
	"context"
	"time"
)

// Overviewer is a source whose store can count its records without giving them.
type Overviewer interface {
	Source
	// Overview counts the records of a window. fault.Invalid names what of the
	// query is wrong; any other error means that nothing can be said.
	Overview(ctx context.Context, q OverviewQuery) (*Overview, error)
}

// OverviewQuery says what an overview is of. Before is the window that words are
// compared with; zero is the one of the same length that ends where Window
// begins. The selectors hold whole values, of
// which a record has one; an empty selector selects every record. They narrow
// Overview.Audit and Overview.Course only. Noted is what an earlier read noted of
// the store: what it held of the windows and holds no more is a problem.
type OverviewQuery struct {
	Window, Before          Window // half-open, both ends given
	Users, Resources, Verbs []string
	Noted                   *StoreNote // nil: nobody has read it
}

// Tally is a number that a store counted.
type Tally struct {
	Count int64
	// Lack says why Count may be less than there is, as the end of a sentence; ""
	// when it is all there is.
	Lack string
	// Unknown says that nothing could be counted, for the reason in Lack.
	Unknown bool
}

// Overview is what a store counts of its records in a window. Records are
// documents: one request leaves several, one for each stage that is logged.
type Overview struct {
	Kind   Kind
	Window Window
	Time   string // the field that the window is asked of
	// Oldest and Newest span all records of the store, in whole milliseconds.
	Oldest, Newest Instant
	// Unsettled says that records of the window may still arrive.
	Unsettled bool
	Records   Tally

	// Of a Kubernetes source: records of the stage ResponseComplete, those that the
	// authoriser refused, and those with a status of 400–499 and of 500–599.
	Requests, Forbidden, ClientErrors, ServerErrors Tally
	Audit                                           *Audit // nil for other kinds

	// Sessions are lines with the word "opened", of an auth log.
	Sessions Tally

	Course Course
	Words  Words

	// Problems are the reasons why the store's answers may not be all there is.
	// Lack is the first of what every number lacks, as Tally.Lack; "" when the
	// store answered whole and reaches back to the beginning of the window.
	Problems []Problem
	Lack     string

	// What the store was asked: requests with their repetitions, bytes of their
	// answers as they came over the wire, and the time they took together.
	AskedRequests, AskedBytes int64
	Took                      time.Duration
}

// Audit is who did what, as far as the selectors select it.
type Audit struct {
	Records Tally
	// Allowed, Forbidden and Undecided count records by what the authoriser noted;
	// the last have no note.
	Allowed, Forbidden, Undecided Tally
	// Decisions are the records by decision, below by resource, verb and namespace.
	Decisions []Portion
	// Unbroken is why Decisions are not all records, as Tally.Lack.
	Unbroken string
	// Users, Resources and Verbs are what may be selected, each under the other two
	// selectors.
	Users, Resources, Verbs Choices
	// Newest are the newest records, newest first.
	Newest []AuditEntry
	// Unread is why Newest may lack some.
	Unread string
}

// Portion is the records that have one value of a field.
type Portion struct {
	Value string
	None  bool // they have none
	Blind bool // the store cannot tell which they have
	Count int64
	Below []Portion // by the next field, most records first
	// Others and OtherValues are how many more records and values lie below.
	Others, OtherValues int64
}

// Choices are the values of a field, most records first, and how many are left
// out. Lack is why they may not be all.
type Choices struct {
	Values              []Portion
	Others, OtherValues int64
	Lack                string
}

// AuditEntry is one record in words; "" is not recorded. URI is the path that was
// asked for, which alone says it of a request for no resource.
type AuditEntry struct {
	Time                                   Instant
	Stage, Decision, User, Impersonated    string
	Verb, Resource, Subresource, URI, Code string
	Namespace, Name, Index, ID             string
}

// Course is how many records lie in each step of the window: Kubernetes records
// of the stage ResponseComplete, or lines of an auth log.
type Course struct {
	Step   time.Duration
	Counts []int64 // the first begins with the window; the last may be cut by its end
	Lack   string  // as Tally.Lack
	Blind  bool    // nothing could be counted, for the reason in Lack
}

// Words are how often the keywords of a log review are found, in the window and
// in the one before it.
type Words struct {
	Before  Window
	Records Tally // in the window before
	Words   []Word
	// Searched are the fields in which words are looked for, Codes the one for
	// status codes ("" when codes are words too), and Passed over the ones that the
	// store keeps so that no word is found in them.
	Searched   []string
	Codes      string
	PassedOver []string
}

// Word is one keyword.
type Word struct {
	Word        string
	Now, Before Tally
}

// Limit says why every number may be less than there is. A number that has a
// reason of its own keeps it.
func (o *Overview) Limit(lack string) {
	o.Lack = lack
	limits := []*string{
		&o.Records.Lack, &o.Requests.Lack, &o.Forbidden.Lack, &o.ClientErrors.Lack, &o.ServerErrors.Lack, &o.Sessions.Lack, &o.Course.Lack, &o.Words.Records.Lack,
	}
	if a := o.Audit; a != nil {
		limits = append(limits, &a.Records.Lack, &a.Allowed.Lack, &a.Forbidden.Lack, &a.Undecided.Lack, &a.Unbroken, &a.Users.Lack, &a.Resources.Lack, &a.Verbs.Lack, &a.Unread)
	}
	for i := range o.Words.Words {
		limits = append(limits, &o.Words.Words[i].Now.Lack, &o.Words.Words[i].Before.Lack)
	}
	for _, l := range limits {
		if *l == "" {
			*l = lack
		}
	}
}

// Keywords are the words that the log review of Welkin looks for ("go wide" of
// its procedure, ciso-guide/log-review).
func Keywords() []string {
	return []string{
		"error", "failed", "failure", "deny", "denied", "blocked", "invalid", "expired", "unable", "unauthorized", "bad", "401", "403", "500", "unknown",
	}
}
