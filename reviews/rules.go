package reviews

import (
	"fmt"
	"strings"
)

// Results of a rule.
const (
	Holds        = "holds"
	Broken       = "broken"
	NotEvaluated = "not evaluated"
)

// same says whether two signers are one human, by account, person or e-mail.
func (s Signer) same(o Signer) bool {
	return s.Account == o.Account ||
		(s.Person != "" && s.Person == o.Person) ||
		(s.Email != "" && strings.EqualFold(s.Email, o.Email))
}

// Rules evaluates the independence rules (domain.md §3.2) for an attester and
// an approver. Either may be nil while nobody has signed. R1, R2 and R4 are
// enforced by Decide, Attest and Approve; the others need facts this release
// does not hold, and say so.
func (r *Review) Rules(attester, approver *Signer) []RuleVerdict {
	return []RuleVerdict{
		r.ruleR1(attester, approver),
		r.ruleR2(),
		{Rule: "R3", Text: "Reviewers cannot delete or alter the logs they review", Result: NotEvaluated, Detail: "who may delete logs is not recorded here"},
		r.ruleR4(attester, approver),
		{Rule: "R5", Text: "The approver does not report to the reviewer", Result: NotEvaluated, Detail: "reporting lines are not compared in this release"},
		{Rule: "R6", Text: "Requester and approver of exceptions differ", Result: NotEvaluated, Detail: "exceptions are approved with the review, by its approver"},
	}
}

func (r *Review) ruleR1(attester, approver *Signer) RuleVerdict {
	v := RuleVerdict{Rule: "R1", Text: "Reviewer and approver are two people", Result: NotEvaluated, Detail: "nobody has signed yet"}
	if attester == nil || approver == nil {
		return v
	}
	if attester.same(*approver) {
		v.Result, v.Detail = Broken, "reviewer and approver are the same person"
		return v
	}
	own := 0
	items, picks := r.standings()
	for _, m := range []map[string]*Decision{items, picks} {
		for _, d := range m {
			if !d.By.same(*approver) {
				continue
			}
			persons, _, err := r.subject(Request{Key: d.Key, Pick: d.Pick})
			if err != nil || !attester.Concerns(persons) {
				v.Result, v.Detail = Broken, "the approver decided items that the reviewer could have decided"
				return v
			}
			own++
		}
	}
	v.Result, v.Detail = Holds, attester.Name+" reviewed, "+approver.Name+" approves"
	if own > 0 {
		v.Detail += fmt.Sprintf("; %d of the reviewer's own items were decided by the approver", own)
	}
	return v
}

func (r *Review) ruleR2() RuleVerdict {
	v := RuleVerdict{Rule: "R2", Text: "Nobody decided about their own actions", Result: Holds}
	items, picks := r.standings()
	linked, unlinked := 0, 0
	for _, m := range []map[string]*Decision{items, picks} {
		for _, d := range m {
			persons, _, err := r.subject(Request{Key: d.Key, Pick: d.Pick})
			if err != nil || d.By.Concerns(persons) {
				v.Result, v.Detail = Broken, d.By.Name+" decided about their own actions"
				return v
			}
			if d.By.Person == "" {
				unlinked++
			} else {
				linked++
			}
		}
	}
	v.Detail = fmt.Sprintf("%d decisions compared with the list of people", linked)
	if unlinked > 0 {
		v.Result = NotEvaluated
		v.Detail = fmt.Sprintf("%d of %d decisions were made by accounts that the list of people does not know", unlinked, linked+unlinked)
	}
	return v
}

func (r *Review) ruleR4(attester, approver *Signer) RuleVerdict {
	v := RuleVerdict{Rule: "R4", Text: "No administrator of this installation signed", Result: NotEvaluated, Detail: "nobody has signed yet"}
	for _, s := range []*Signer{attester, approver} {
		if s == nil {
			continue
		}
		if s.has("admin") {
			v.Result, v.Detail = Broken, s.Name+" administers this installation"
			return v
		}
		v.Result, v.Detail = Holds, "the checks are built in and were changed by nobody here"
	}
	return v
}
