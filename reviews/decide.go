package reviews

import (
	"slices"
	"strings"
	"time"

	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/reports"
)

// maxReason bounds what one person may write in one box, in bytes.
const maxReason = 8000

// Request is what a person asks to decide.
type Request struct {
	Key     string // item key, or event key of a pick
	Pick    bool
	Version int // how many times the item had been decided when the person saw it
	Choice  Choice
	Reason  string
	Until   string // YYYY-MM-DD, for Expected
	Ticket  string
	// Finding: id reserved by the caller and what is known; for Choice FindingC.
	Finding *Finding
}

// Item finds an item by key.
func (r *Review) Item(key string) (Item, bool) {
	i := slices.IndexFunc(r.Items, func(i Item) bool { return i.Key == key })
	if i < 0 {
		return Item{}, false
	}
	return r.Items[i], true
}

// PickOf finds an entry of the sample by event key.
func (r *Review) PickOf(key string) (Pick, bool) {
	i := slices.IndexFunc(r.Picks, func(p Pick) bool { return p.Key == key })
	if i < 0 {
		return Pick{}, false
	}
	return r.Picks[i], true
}

// Standing is where an item or pick stands: its last decision, if it counts,
// and how many were made (its version).
func (r *Review) Standing(key string, pick bool) (last *Decision, version int) {
	for i := range r.Decisions {
		d := &r.Decisions[i]
		if d.Key != key || d.Pick != pick || d.Choice == Reperformed {
			continue
		}
		version++
		last = d
	}
	if last != nil && last.Choice == Withdrawn {
		last = nil
	}
	return last, version
}

// standings is Standing for everything, in one pass.
func (r *Review) standings() (items, picks map[string]*Decision) {
	items, picks = map[string]*Decision{}, map[string]*Decision{}
	for i := range r.Decisions {
		d := &r.Decisions[i]
		m := items
		if d.Pick {
			m = picks
		}
		switch d.Choice {
		case Reperformed:
		case Withdrawn:
			delete(m, d.Key)
		default:
			m[d.Key] = d
		}
	}
	return items, picks
}

// Progress counts what is decided.
func (r *Review) Progress() (items, picks int) {
	i, p := r.standings()
	return len(i), len(p)
}

// Concerns says whether deciding about these persons would be deciding about
// one's own actions (rule R2). It compares persons, not account names.
func (s Signer) Concerns(persons []string) bool {
	return s.Person != "" && slices.Contains(persons, s.Person)
}

// Decide records a decision. fault.Conflict when the review is not open for
// decisions or the item was decided meanwhile; fault.Forbidden under R2 and for
// people without the role; fault.Invalid when the choice does not fit.
func (r *Review) Decide(by Signer, q Request, now time.Time) error {
	violation, err := r.mayDecide(by, q)
	if err != nil {
		return err
	}
	last, version := r.Standing(q.Key, q.Pick)
	if version != q.Version {
		who := "somebody"
		if last != nil {
			who = last.By.Name
		}
		return fault.New(fault.Conflict, "%s decided this while you were looking at it. Your decision was not recorded.", who)
	}
	if err := q.check(violation, last, now); err != nil {
		return err
	}
	d := Decision{
		Seq: int64(len(r.Decisions)) + 1, Key: q.Key, Pick: q.Pick, Choice: q.Choice,
		Reason: strings.TrimSpace(q.Reason), Until: q.Until, Ticket: strings.TrimSpace(q.Ticket),
		By: by, At: connectors.At(now),
	}
	if last != nil && last.Finding != "" {
		r.dropFinding(last.Finding, q.Key, by, now)
	}
	if q.Choice == FindingC {
		if d.Finding, err = r.raise(by, q, now); err != nil {
			return err
		}
	}
	r.Decisions = append(r.Decisions, d)
	if r.State != InReview {
		r.move(by.Account, InReview, "", now)
	}
	return nil
}

// mayDecide says whether this person may decide this item or pick now, and
// whether it is a violation.
func (r *Review) mayDecide(by Signer, q Request) (violation bool, err error) {
	if err := r.mayWork(by); err != nil {
		return false, err
	}
	persons, violation, err := r.subject(q)
	if err != nil {
		return false, err
	}
	if by.Concerns(persons) {
		return false, fault.New(fault.Forbidden, "This is about your own actions, so somebody else must decide it.")
	}
	if !by.has("reviewer") && !r.attesterWouldBeRecused(persons) {
		return false, fault.New(fault.Forbidden, "An approver decides only what the reviewers may not decide themselves.")
	}
	return violation, nil
}

// mayWork says whether decisions can be recorded now, by this person.
func (r *Review) mayWork(by Signer) error {
	switch r.State {
	case Open, InReview:
	case Scheduled:
		return fault.New(fault.Conflict, "This review is not open yet: its period has not ended.")
	case SignOff:
		return fault.New(fault.Conflict, "This review waits for the approver. It can be changed again only if the approver returns it.")
	case Missed:
		return fault.New(fault.Conflict, "This review was missed. Choose to perform it late first; it stays marked as late.")
	default:
		return fault.New(fault.Conflict, "This review is %s and cannot be changed.", strings.ReplaceAll(string(r.State), "_", " "))
	}
	if by.Account == "" {
		return fault.New(fault.Unauthenticated, "Sign in to decide.")
	}
	if !by.has("reviewer") && !by.has("approver") {
		return fault.New(fault.Forbidden, "Only reviewers decide items. Ask an administrator for the role.")
	}
	return nil
}

// subject finds what a request is about.
func (r *Review) subject(q Request) (persons []string, violation bool, err error) {
	if q.Pick {
		p, ok := r.PickOf(q.Key)
		if !ok {
			return nil, false, fault.New(fault.NotFound, "This entry is not in the sample of this review.")
		}
		return p.Persons, false, nil
	}
	i, ok := r.Item(q.Key)
	if !ok {
		return nil, false, fault.New(fault.NotFound, "This item is not in this review.")
	}
	return i.Persons, i.Violation, nil
}

// attesterWouldBeRecused says whether at least one reviewer who worked on this
// review may not decide about these persons, so that an approver may. While no
// reviewer has worked on it, any item about persons may turn out to be such.
// Approve looks again, when it is known who attested.
func (r *Review) attesterWouldBeRecused(persons []string) bool {
	worked := false
	for i := range r.Decisions {
		d := &r.Decisions[i]
		if !d.By.has("reviewer") {
			continue
		}
		worked = true
		if d.By.Concerns(persons) {
			return true
		}
	}
	return !worked && len(persons) > 0
}

func (q Request) check(violation bool, last *Decision, now time.Time) error {
	reason := strings.TrimSpace(q.Reason)
	if len(reason) > maxReason {
		return fault.Field("reason", "The reason is too long: at most %d characters.", maxReason)
	}
	needsReason := true
	switch q.Choice {
	case Withdrawn:
		if last == nil {
			return fault.New(fault.Conflict, "There is no decision to undo.")
		}
		return nil
	case Read:
		if !q.Pick {
			return fault.Field("decision", "An item is decided as explained, expected, finding or escalated.")
		}
		needsReason = false
	case Explained:
		if violation {
			return fault.Field("decision", "This breaks a rule, so an explanation alone does not settle it. Raise a finding, or accept it as expected until a date.")
		}
	case Expected:
		until, err := time.Parse(time.DateOnly, q.Until)
		switch {
		case q.Until == "" && !violation:
		case err != nil:
			return fault.Field("until", "Say until when this is expected, as a date.")
		case !until.After(now.UTC().AddDate(0, 0, -1)):
			return fault.Field("until", "The end of an exception lies in the future.")
		case until.After(now.UTC().AddDate(1, 0, 1)):
			return fault.Field("until", "An exception lasts at most twelve months.")
		}
	case Escalated:
		if strings.TrimSpace(q.Ticket) == "" {
			return fault.Field("ticket", "Name the incident this was escalated to.")
		}
	case FindingC:
		if q.Finding == nil {
			return fault.Field("finding", "Describe the finding.")
		}
	default:
		return fault.Field("decision", "Unknown decision %q.", string(q.Choice))
	}
	if needsReason && reason == "" {
		return fault.Field("reason", "Give a reason: the auditor reads it without you.")
	}
	return nil
}

// Bulk decides several items with one reason. It is all or nothing.
func (r *Review) Bulk(by Signer, qs []Request, now time.Time) error {
	if len(qs) == 0 {
		return fault.New(fault.Invalid, "Nothing is selected.")
	}
	for _, q := range qs {
		if q.Choice == FindingC && q.Finding == nil {
			return fault.Field("finding", "Describe the finding.")
		}
		if err := r.Decide(by, q, now); err != nil {
			return err
		}
	}
	return nil
}

// Acknowledge records that a limit was seen: why it is so and what follows.
func (r *Review) Acknowledge(by Signer, check, cause, consequence string, now time.Time) error {
	if err := r.mayWork(by); err != nil {
		return err
	}
	if !by.has("reviewer") {
		return fault.New(fault.Forbidden, "A reviewer acknowledges limits.")
	}
	if !slices.ContainsFunc(r.Limits, func(l Limit) bool { return l.Check == check }) {
		return fault.New(fault.NotFound, "%s has nothing to acknowledge in this review.", check)
	}
	cause, consequence = strings.TrimSpace(cause), strings.TrimSpace(consequence)
	if cause == "" {
		return fault.Field("cause", "Say why it is so.")
	}
	if consequence == "" {
		return fault.Field("consequence", "Say what follows from it.")
	}
	if len(cause) > maxReason || len(consequence) > maxReason {
		return fault.Field("cause", "The text is too long: at most %d characters.", maxReason)
	}
	r.Acknowledgements = append(r.Acknowledgements, Acknowledgement{
		Check: check, Cause: cause, Consequence: consequence, By: by, At: connectors.At(now),
	})
	if r.State != InReview {
		r.move(by.Account, InReview, "", now)
	}
	return nil
}

// Acknowledged gives the last acknowledgement of a check's limit.
func (r *Review) Acknowledged(check string) (Acknowledgement, bool) {
	for i := len(r.Acknowledgements) - 1; i >= 0; i-- {
		if r.Acknowledgements[i].Check == check {
			return r.Acknowledgements[i], true
		}
	}
	return Acknowledgement{}, false
}

func (s Signer) has(role string) bool { return slices.Contains(s.Roles, role) }

func (r *Review) move(by string, to State, note string, now time.Time) {
	r.Events = append(r.Events, Event{At: connectors.At(now), By: by, From: r.State, To: to, Note: note})
	r.State = to
}

// severe says whether findings of the severity need an owner and a due date
// before a review can be signed.
func severe(s reports.Severity) bool { return s == reports.Critical || s == reports.High }
