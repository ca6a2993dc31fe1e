package reviews

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/reports"
)

// Blocker is something that must be done before a review can be attested.
type Blocker struct {
	Text  string // "6 items are not decided"
	Step  string // "queue", "sample", "health", "findings"
	Count int
}

// Blockers lists what stands between the review and the reviewer's attestation.
func (r *Review) Blockers() []Blocker {
	var b []Blocker
	items, picks := r.standings()
	if n := len(r.Items) - len(items); n > 0 {
		b = append(b, Blocker{Text: plural(n, "item is not decided", "items are not decided"), Step: "queue", Count: n})
	}
	if n := len(r.Picks) - len(picks); n > 0 {
		b = append(b, Blocker{Text: plural(n, "entry of the sample is not read", "entries of the sample are not read"), Step: "sample", Count: n})
	}
	open := 0
	for _, l := range r.Limits {
		if _, ok := r.Acknowledged(l.Check); !ok {
			open++
		}
	}
	if open > 0 {
		b = append(b, Blocker{Text: plural(open, "limit is not acknowledged", "limits are not acknowledged"), Step: "health", Count: open})
	}
	unsettled := 0
	for _, i := range r.Items {
		if d := items[i.Key]; d != nil && i.Violation && d.Choice != FindingC && d.Choice != Expected && d.Choice != Escalated {
			unsettled++
		}
	}
	if unsettled > 0 {
		b = append(b, Blocker{Text: plural(unsettled, "violation has neither a finding nor an exception", "violations have neither a finding nor an exception"), Step: "queue", Count: unsettled})
	}
	owed := 0
	for _, f := range r.OpenFindings() {
		if severe(f.Severity) && (f.Owner == "" || f.DueDate == "") {
			owed++
		}
	}
	if owed > 0 {
		b = append(b, Blocker{Text: plural(owed, "severe finding has no owner or due date", "severe findings have no owner or due date"), Step: "findings", Count: owed})
	}
	return b
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Conclusions are the four words in the order people see them.
func Conclusions() []Conclusion {
	return []Conclusion{Effective, EffectiveWithFindings, NotEffective, UnableToConclude}
}

// Impossible says why a conclusion cannot be chosen; "" when it can.
func (r *Review) Impossible(c Conclusion) string {
	findings := len(r.OpenFindings())
	switch c {
	case Effective:
		if findings > 0 {
			return "there are findings"
		}
		for _, l := range r.Limits {
			if _, ok := r.Acknowledged(l.Check); !ok && (l.Outcome == reports.Inconclusive || l.Outcome == reports.Errored) {
				return "a check could not conclude and nobody accepted that"
			}
		}
	case EffectiveWithFindings, NotEffective:
		if findings == 0 {
			return "there is no finding"
		}
	case UnableToConclude:
		if len(r.Limits) == 0 {
			return "nothing limited this review"
		}
	default:
		return "it is not one of the four"
	}
	return ""
}

// Attestation is the reviewer's statement (domain.md §3.4), text version 1.
func (r *Review) Attestation(c Conclusion) string {
	return fmt.Sprintf("I reviewed the population described in sections 1 to 4 for the period %s to %s (UTC). "+
		"I examined all exceptions raised by the checks and the sampled entries listed, using the queries recorded. "+
		"To the best of my knowledge the decisions and the conclusion “%s” are complete and correct. "+
		"I did not decide items concerning my own actions. Limitations: %s.",
		r.Period.From, r.Period.To, c, r.limitations())
}

// Approval is the approver's statement (domain.md §3.4), text version 1.
func (r *Review) Approval(reviewer string, c Conclusion, reperformed int) string {
	return fmt.Sprintf("I reviewed the work of %s, including limitations, undecided or inconclusive results and findings, "+
		"re-performed %d of the decisions, and approve the conclusion “%s”. "+
		"I am independent of the reviewer under rules R1, R2 and R4.", reviewer, reperformed, c)
}

func (r *Review) limitations() string {
	if len(r.Limits) == 0 {
		return "none"
	}
	checks := make([]string, len(r.Limits))
	for i, l := range r.Limits {
		checks[i] = l.Check
	}
	return strings.Join(checks, ", ") + " as acknowledged"
}

// Attester is the valid attestation of the reviewer, nil if there is none.
func (r *Review) Attester() *SignOffRecord { return r.signature(AsReviewer) }

// Approver is the approver's signature, nil if there is none.
func (r *Review) Approver() *SignOffRecord { return r.signature(AsApprover) }

func (r *Review) signature(role SignRole) *SignOffRecord {
	for i := len(r.SignOffs) - 1; i >= 0; i-- {
		if s := &r.SignOffs[i]; s.Role == role && !s.Void {
			return s
		}
	}
	return nil
}

// SetDigest is the SHA-256 over exactly what a signature covers: period, run
// and results, items and picks with their decisions, acknowledgements,
// findings, and the signatures so far. What is displayed on the sign-off page
// is this set; if it changes between page and signature the signature is
// refused.
func (r *Review) SetDigest() string {
	items, picks := r.standings()
	type decided struct {
		Key      string
		Decision *Decision
	}
	set := struct {
		Format           string
		ID               string
		Revision         int
		Period           connectors.Window
		Run              string
		Sample           SamplePlan
		Checks           []CheckSummary
		Limits           []Limit
		Items, Picks     []decided
		Acknowledgements []Acknowledgement
		Findings         []Finding
		SignOffs         []SignOffRecord
	}{
		Format: "review-set/v1", ID: r.ID, Revision: r.Revision, Period: r.Period, Run: r.RunID, Sample: r.Sample,
		Checks: r.Checks, Limits: r.Limits, Acknowledgements: r.Acknowledgements, Findings: r.Findings,
	}
	for _, i := range r.Items {
		set.Items = append(set.Items, decided{i.Key, items[i.Key]})
	}
	for _, p := range r.Picks {
		set.Picks = append(set.Picks, decided{p.Key, picks[p.Key]})
	}
	sort.Slice(set.Items, func(a, b int) bool { return set.Items[a].Key < set.Items[b].Key })
	sort.Slice(set.Picks, func(a, b int) bool { return set.Picks[a].Key < set.Picks[b].Key })
	for _, s := range r.SignOffs {
		if !s.Void {
			set.SignOffs = append(set.SignOffs, s)
		}
	}
	h := sha256.New()
	if err := json.NewEncoder(h).Encode(set); err != nil {
		panic(fmt.Sprintf("a review cannot be encoded: %v", err)) // only strings and numbers
	}
	return hex.EncodeToString(h.Sum(nil))
}

// mayAttest says whether this person may be the reviewer of record now.
func (r *Review) mayAttest(by Signer) error {
	if err := r.mayWork(by); err != nil {
		return err
	}
	if !by.has("reviewer") {
		return fault.New(fault.Forbidden, "Only a reviewer attests.")
	}
	if by.has("admin") {
		return fault.New(fault.Forbidden, "You administer this installation, so you cannot be its reviewer of record (rule R4).")
	}
	return nil
}

// Attest records the reviewer's signature over the set they saw. The caller has
// confirmed the password. fault.Conflict when the set changed or something is
// left to do; fault.Forbidden under R1, R4 or without the role.
func (r *Review) Attest(by Signer, set string, c Conclusion, now time.Time) error {
	if err := r.mayAttest(by); err != nil {
		return err
	}
	if b := r.Blockers(); len(b) > 0 {
		texts := make([]string, len(b))
		for i := range b {
			texts[i] = b[i].Text
		}
		return fault.New(fault.Conflict, "Not ready to attest: %s.", strings.Join(texts, "; "))
	}
	if v := r.ruleR2(); v.Result == Broken {
		return fault.New(fault.Forbidden, "%s (rule R2).", v.Detail)
	}
	if why := r.Impossible(c); why != "" {
		return fault.Field("conclusion", "“%s” is not possible: %s.", c, why)
	}
	if set != r.SetDigest() {
		return fault.New(fault.Conflict, "The review changed after you opened this page. Nothing was signed. Look at what changed and sign again.")
	}
	text := r.Attestation(c)
	r.SignOffs = append(r.SignOffs, signed(AsReviewer, by, now, c, text, set, nil))
	r.move(by.Account, SignOff, "attested", now)
	return nil
}

// mayApprove says whether the signer may act as the approver of this review.
func (r *Review) mayApprove(by Signer) error {
	if by.Account == "" {
		return fault.New(fault.Unauthenticated, "Sign in to approve.")
	}
	if !by.has("approver") {
		return fault.New(fault.Forbidden, "Only an approver signs off a review.")
	}
	if by.has("admin") {
		return fault.New(fault.Forbidden, "You administer this installation, so you cannot approve its reviews (rule R4).")
	}
	attested := r.Attester()
	if attested == nil {
		return fault.New(fault.Conflict, "No reviewer has attested this review.")
	}
	if v := r.ruleR1(&attested.By, &by); v.Result != Holds {
		return fault.New(fault.Forbidden, "You cannot approve this review: %s (rule R1).", v.Detail)
	}
	return nil
}

// Approve records the approver's signature and closes the review, once they
// re-performed the decisions it asks for (ToReperform) and disagree with none.
// The caller has confirmed the password and seals the package in the same
// transaction.
func (r *Review) Approve(by Signer, set string, c Conclusion, now time.Time) error {
	if r.State != SignOff {
		return fault.New(fault.Conflict, "This review does not wait for an approver.")
	}
	if err := r.mayApprove(by); err != nil {
		return err
	}
	if why := r.Impossible(c); why != "" {
		return fault.Field("conclusion", "“%s” is not possible: %s.", c, why)
	}
	if set != r.SetDigest() {
		return fault.New(fault.Conflict, "The review changed after you opened this page. Nothing was signed. Look at what changed and sign again.")
	}
	keys := r.ReperformedBy(by)
	if err := r.enoughReperformed(by); err != nil {
		return err
	}
	text := r.Approval(r.Attester().By.Name, c, len(keys))
	r.SignOffs = append(r.SignOffs, signed(AsApprover, by, now, c, text, set, keys))
	r.move(by.Account, Closed, "approved", now)
	r.ClosedAt = connectors.At(now)
	return nil
}

// Return sends the review back to the reviewer with reasons. The attestation
// stays readable and no longer counts.
func (r *Review) Return(by Signer, reason string, now time.Time) error {
	if r.State != SignOff {
		return fault.New(fault.Conflict, "This review does not wait for an approver.")
	}
	if err := r.mayApprove(by); err != nil {
		return err
	}
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return fault.Field("reason", "Say what is missing.")
	}
	if len(reason) > maxReason {
		return fault.Field("reason", "The reason is too long: at most %d characters.", maxReason)
	}
	s := r.Attester()
	s.Void, s.VoidReason = true, reason
	r.move(by.Account, InReview, reason, now)
	return nil
}

// PerformLate takes up a missed review. It stays marked as late for ever.
func (r *Review) PerformLate(by Signer, reason string, now time.Time) error {
	if r.State != Missed {
		return fault.New(fault.Conflict, "This review was not missed.")
	}
	if !by.has("reviewer") {
		return fault.New(fault.Forbidden, "Only a reviewer takes up a review.")
	}
	if strings.TrimSpace(reason) == "" {
		return fault.Field("reason", "Say why it was missed.")
	}
	if r.RunID == "" {
		return fault.New(fault.Conflict, "This review was never opened: its logs were not read in time.")
	}
	r.move(by.Account, InReview, strings.TrimSpace(reason), now)
	return nil
}

// Miss marks a review that was not closed in time. It reports whether it did.
func (r *Review) Miss(now time.Time) bool {
	switch r.State {
	case Scheduled, Open, InReview:
		if connectors.At(now) >= r.MissedAt {
			late := slices.ContainsFunc(r.Events, func(e Event) bool { return e.To == Missed })
			if !late {
				r.move("system", Missed, "not finished in time", now)
				return true
			}
		}
	}
	return false
}

// Overdue says whether the review should have been closed by now.
func (s Summary) Overdue(now time.Time) bool {
	return s.State != Closed && s.State != Cancelled && s.DueAt != 0 && connectors.At(now) >= s.DueAt
}

// Overdue says whether the review should have been closed by now.
func (r *Review) Overdue(now time.Time) bool {
	return r.State != Closed && r.State != Cancelled && r.DueAt != 0 && connectors.At(now) >= r.DueAt
}

// Late says whether the review was closed after it was due.
func (r *Review) Late() bool { return r.ClosedAt != 0 && r.ClosedAt > r.DueAt }

// OpenWith freezes what a run found and opens the review.
func (r *Review) OpenWith(o Opening, now time.Time) error {
	if r.State != Scheduled {
		return fault.New(fault.Conflict, "This review is open already.")
	}
	if sum := sha256.Sum256([]byte(o.Sample.Nonce)); r.Sample.NonceSHA256 != "" && hex.EncodeToString(sum[:]) != r.Sample.NonceSHA256 {
		return fault.New(fault.Conflict, "The sample's nonce is not the one that was promised.")
	}
	r.RunID, r.Figures, r.Checks, r.Items, r.Picks, r.Limits, r.Sample = o.RunID, o.Figures, o.Checks, o.Items, o.Picks, o.Limits, o.Sample
	r.OpenedAt = connectors.At(now)
	r.move("system", Open, "", now)
	return nil
}

func signed(role SignRole, by Signer, now time.Time, c Conclusion, text, set string, keys []string) SignOffRecord {
	sum := sha256.Sum256([]byte(text))
	return SignOffRecord{
		Role: role, By: by, At: connectors.At(now), Method: "password", Conclusion: c,
		Text: text, TextSHA256: hex.EncodeToString(sum[:]), Set: set, Reperformed: keys,
	}
}
