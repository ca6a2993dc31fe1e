package reviews_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reviews"
)

var now = time.Date(2026, 11, 17, 9, 0, 0, 0, time.UTC)

func signer(name string, roles ...string) reviews.Signer {
	return reviews.Signer{Account: "u_" + name, Name: name, Email: name + "@example.com", Person: name + "@example.com", Roles: roles}
}

var (
	omar = signer("omar", "reviewer")
	erin = signer("erin", "reviewer")
	lena = signer("lena", "approver")
)

// review is an open review: a violation, an item about omar, an ordinary item,
// two picks and one limit.
func review(t testing.TB) *reviews.Review {
	t.Helper()
	nonce := "00"
	sum := sha256.Sum256([]byte(nonce))
	r := &reviews.Review{ID: "W0-2026-W46", Template: "RT-W0", Revision: 1, Version: 1, State: reviews.Scheduled,
		Period: connectors.Window{From: 1, To: 2}, DueAt: connectors.At(now.AddDate(0, 0, 2)), MissedAt: connectors.At(now.AddDate(0, 0, 9)),
		Sample: reviews.SamplePlan{NonceSHA256: hex.EncodeToString(sum[:])}}
	o := reviews.Opening{RunID: "r_1", Sample: reviews.SamplePlan{Nonce: nonce, NonceSHA256: hex.EncodeToString(sum[:])},
		Checks: []reviews.CheckSummary{{Check: "NET-02", Outcome: reports.Fail}, {Check: "PRV-04", Outcome: reports.NeedsReview}, {Check: "LOG-05", Outcome: reports.Inconclusive}},
		Items: []reviews.Item{
			{Key: "violation", Check: "NET-02", Severity: reports.Critical, Violation: true},
			{Key: "own", Check: "PRV-04", Severity: reports.High, Persons: []string{omar.Person}},
			{Key: "plain", Check: "PRV-04", Severity: reports.High},
		},
		Picks:  []reviews.Pick{{Rank: 1, Key: "p1"}, {Rank: 2, Key: "p2", Persons: []string{omar.Person}}},
		Limits: []reviews.Limit{{Check: "LOG-05", Outcome: reports.Inconclusive}},
	}
	if err := r.OpenWith(o, now); err != nil {
		t.Fatal(err)
	}
	return r
}

func decide(r *reviews.Review, by reviews.Signer, key string, pick bool, c reviews.Choice) error {
	_, version := r.Standing(key, pick)
	q := reviews.Request{Key: key, Pick: pick, Choice: c, Version: version, Reason: "looked at it", Until: "2027-01-31", Ticket: "INC-1"}
	if c == reviews.FindingC {
		q.Finding = &reviews.Finding{ID: "F-0001", Title: "Opened to everybody", Severity: reports.Critical, Owner: "alice@example.com", DueDate: "2026-12-01"}
	}
	return r.Decide(by, q, now)
}

// ready does everything that must be done before the attestation.
func ready(t testing.TB, r *reviews.Review) {
	t.Helper()
	for _, step := range []error{
		decide(r, omar, "violation", false, reviews.FindingC),
		decide(r, omar, "plain", false, reviews.Explained),
		decide(r, erin, "own", false, reviews.Explained),
		decide(r, omar, "p1", true, reviews.Read),
		decide(r, erin, "p2", true, reviews.Read),
		r.Acknowledge(omar, "LOG-05", "host replaced", "not in scope this week", now),
	} {
		if step != nil {
			t.Fatal(step)
		}
	}
}

func kind(t *testing.T, err error, want fault.Kind, part string) {
	t.Helper()
	if err == nil || fault.KindOf(err) != want || !strings.Contains(err.Error(), part) {
		t.Fatalf("got %v, want kind %d with %q", err, want, part)
	}
}

// Ensure that decisions follow the rules, one by one.
func TestDecide(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(*reviews.Review) error
		kind fault.Kind
		part string
	}{
		"own actions go to somebody else":            {func(r *reviews.Review) error { return decide(r, omar, "own", false, reviews.Explained) }, fault.Forbidden, "own actions"},
		"own actions in the sample too":              {func(r *reviews.Review) error { return decide(r, omar, "p2", true, reviews.Read) }, fault.Forbidden, "own actions"},
		"a violation is not explained away":          {func(r *reviews.Review) error { return decide(r, omar, "violation", false, reviews.Explained) }, fault.Invalid, "finding"},
		"an approver decides nothing a reviewer may": {func(r *reviews.Review) error { return decide(r, lena, "plain", false, reviews.Explained) }, fault.Forbidden, "approver"},
		"an auditor decides nothing": {func(r *reviews.Review) error {
			return decide(r, signer("falk", "auditor"), "plain", false, reviews.Explained)
		}, fault.Forbidden, "reviewers"},
		"a reason is needed": {func(r *reviews.Review) error {
			return r.Decide(omar, reviews.Request{Key: "plain", Choice: reviews.Explained, Reason: "  "}, now)
		}, fault.Invalid, "reason"},
		"a stale version": {func(r *reviews.Review) error {
			if err := decide(r, erin, "plain", false, reviews.Explained); err != nil {
				return err
			}
			return r.Decide(omar, reviews.Request{Key: "plain", Choice: reviews.Explained, Reason: "x"}, now)
		}, fault.Conflict, "erin decided this"},
		"an exception without an end": {func(r *reviews.Review) error {
			return r.Decide(omar, reviews.Request{Key: "violation", Choice: reviews.Expected, Reason: "x"}, now)
		}, fault.Invalid, "date"},
		"an exception in the past": {func(r *reviews.Review) error {
			return r.Decide(omar, reviews.Request{Key: "violation", Choice: reviews.Expected, Reason: "x", Until: "2026-11-01"}, now)
		}, fault.Invalid, "future"},
		"an exception without end in sight": {func(r *reviews.Review) error {
			return r.Decide(omar, reviews.Request{Key: "violation", Choice: reviews.Expected, Reason: "x", Until: "2029-11-01"}, now)
		}, fault.Invalid, "twelve months"},
		"nothing to undo":      {func(r *reviews.Review) error { return decide(r, omar, "plain", false, reviews.Withdrawn) }, fault.Conflict, "undo"},
		"no such item":         {func(r *reviews.Review) error { return decide(r, omar, "nope", false, reviews.Explained) }, fault.NotFound, "not in this review"},
		"unknown choice":       {func(r *reviews.Review) error { return decide(r, omar, "plain", false, "maybe") }, fault.Invalid, "maybe"},
		"reading is for picks": {func(r *reviews.Review) error { return decide(r, omar, "plain", false, reviews.Read) }, fault.Invalid, "explained"},
	} {
		t.Run(name, func(t *testing.T) {
			r := review(t)
			before := len(r.Decisions)
			kind(t, c.do(r), c.kind, c.part)
			if len(r.Decisions) > before+1 {
				t.Errorf("%d decisions were recorded", len(r.Decisions))
			}
		})
	}
}

// Ensure that undo keeps the history and takes the finding back.
func TestUndo(t *testing.T) {
	r := review(t)
	if err := decide(r, omar, "violation", false, reviews.FindingC); err != nil {
		t.Fatal(err)
	}
	if err := decide(r, omar, "violation", false, reviews.Withdrawn); err != nil {
		t.Fatal(err)
	}
	if d, version := r.Standing("violation", false); d != nil || version != 2 {
		t.Errorf("standing %v, version %d", d, version)
	}
	if len(r.Decisions) != 2 || r.Findings[0].Status != reviews.FindingDismissed {
		t.Errorf("decisions %d, finding %s", len(r.Decisions), r.Findings[0].Status)
	}
}

// Ensure that a bulk decision is all or nothing when the store rolls back: the
// first refusal stops it.
func TestBulkStopsAtTheFirstRefusal(t *testing.T) {
	r := review(t)
	err := r.Bulk(omar, []reviews.Request{
		{Key: "plain", Choice: reviews.Explained, Reason: "same"}, {Key: "own", Choice: reviews.Explained, Reason: "same"},
	}, now)
	kind(t, err, fault.Forbidden, "own actions")
}

// Ensure that attesting needs everything, and signs exactly what was seen.
func TestAttest(t *testing.T) {
	r := review(t)
	kind(t, r.Attest(omar, r.SetDigest(), reviews.Effective, now), fault.Conflict, "3 items are not decided")
	ready(t, r)
	seen := r.SetDigest()
	kind(t, r.Attest(omar, seen, reviews.Effective, now), fault.Invalid, "there are findings")
	kind(t, r.Attest(lena, seen, reviews.EffectiveWithFindings, now), fault.Forbidden, "reviewer")
	admin := signer("ada", "admin", "reviewer")
	kind(t, r.Attest(admin, seen, reviews.EffectiveWithFindings, now), fault.Forbidden, "R4")
	if err := decide(r, erin, "plain", false, reviews.Escalated); err != nil {
		t.Fatal(err)
	}
	kind(t, r.Attest(omar, seen, reviews.EffectiveWithFindings, now), fault.Conflict, "changed")
	if err := r.Attest(omar, r.SetDigest(), reviews.EffectiveWithFindings, now); err != nil {
		t.Fatal(err)
	}
	if r.State != reviews.SignOff {
		t.Errorf("state %s", r.State)
	}
	kind(t, decide(r, erin, "plain", false, reviews.Withdrawn), fault.Conflict, "waits for the approver")
}

// Ensure that every way to be the same human is seen, and that the approver has
// not judged what they approve.
func TestApproveNeedsAnotherPerson(t *testing.T) {
	same := func(change func(*reviews.Signer)) reviews.Signer { s := lena; change(&s); return s }
	for name, by := range map[string]reviews.Signer{
		"same account": {Account: omar.Account, Name: "x", Roles: []string{"approver"}},
		"same person":  same(func(s *reviews.Signer) { s.Person = omar.Person }),
		"same e-mail":  same(func(s *reviews.Signer) { s.Email = "OMAR@example.com" }),
	} {
		r := review(t)
		ready(t, r)
		if err := r.Attest(omar, r.SetDigest(), reviews.EffectiveWithFindings, now); err != nil {
			t.Fatal(err)
		}
		if err := r.Approve(by, r.SetDigest(), reviews.EffectiveWithFindings, now); fault.KindOf(err) != fault.Forbidden || !strings.Contains(err.Error(), "R1") {
			t.Errorf("%s: %v", name, err)
		}
	}
	r := review(t)
	ready(t, r)
	if err := decide(r, signer("lena", "approver", "reviewer"), "plain", false, reviews.Escalated); err != nil {
		t.Fatal(err)
	}
	if err := r.Attest(omar, r.SetDigest(), reviews.EffectiveWithFindings, now); err != nil {
		t.Fatal(err)
	}
	kind(t, r.Approve(lena, r.SetDigest(), reviews.EffectiveWithFindings, now), fault.Forbidden, "could have decided")
}

// Ensure that an approver may decide what the attester may not, and still approve.
func TestApproverDecidesOwnItemsOfTheReviewer(t *testing.T) {
	r := review(t)
	for _, err := range []error{
		decide(r, omar, "violation", false, reviews.FindingC), decide(r, omar, "plain", false, reviews.Explained), decide(r, omar, "p1", true, reviews.Read),
		decide(r, lena, "own", false, reviews.Explained), decide(r, lena, "p2", true, reviews.Read),
		r.Acknowledge(omar, "LOG-05", "cause", "consequence", now),
		r.Attest(omar, r.SetDigest(), reviews.EffectiveWithFindings, now),
		r.Reperform(lena, "plain", false, true, "", now), r.Reperform(lena, "violation", false, true, "", now),
		r.Approve(lena, r.SetDigest(), reviews.EffectiveWithFindings, now),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if r.State != reviews.Closed || r.Approver() == nil || len(r.Approver().Reperformed) != 2 || r.Late() {
		t.Errorf("state %s, approver %+v", r.State, r.Approver())
	}
	for _, v := range r.Rules(&r.Attester().By, &r.Approver().By) {
		if v.Result == reviews.Broken {
			t.Errorf("%s is broken: %s", v.Rule, v.Detail)
		}
	}
}

// Ensure that returning keeps the void signature readable and opens the work again.
func TestReturn(t *testing.T) {
	r := review(t)
	ready(t, r)
	if err := r.Attest(omar, r.SetDigest(), reviews.EffectiveWithFindings, now); err != nil {
		t.Fatal(err)
	}
	kind(t, r.Return(lena, " ", now), fault.Invalid, "missing")
	if err := r.Return(lena, "explain the spike", now); err != nil {
		t.Fatal(err)
	}
	if r.State != reviews.InReview || r.Attester() != nil || len(r.SignOffs) != 1 || !r.SignOffs[0].Void {
		t.Errorf("state %s, signatures %+v", r.State, r.SignOffs)
	}
	if err := r.Attest(omar, r.SetDigest(), reviews.EffectiveWithFindings, now); err != nil {
		t.Error(err)
	}
}

// Ensure that the digest covers everything that is signed.
func TestSetDigestCoversTheSet(t *testing.T) {
	base := review(t)
	ready(t, base)
	for name, change := range map[string]func(*reviews.Review){
		"a decision":         func(r *reviews.Review) { r.Decisions[1].Reason = "other" },
		"a pick's decision":  func(r *reviews.Review) { r.Decisions[3].Reason = "other" },
		"an acknowledgement": func(r *reviews.Review) { r.Acknowledgements[0].Cause = "other" },
		"a finding":          func(r *reviews.Review) { r.Findings[0].Severity = reports.Low },
		"a check's outcome":  func(r *reviews.Review) { r.Checks[0].Outcome = reports.Pass },
		"a limit":            func(r *reviews.Review) { r.Limits[0].Reason = "other" },
		"the run":            func(r *reviews.Review) { r.RunID = "r_2" },
		"the period":         func(r *reviews.Review) { r.Period.To++ },
		"an item":            func(r *reviews.Review) { r.Items = r.Items[:2] },
		"the sample":         func(r *reviews.Review) { r.Sample.Seed = "other" },
	} {
		r := review(t)
		ready(t, r)
		if r.SetDigest() != base.SetDigest() {
			t.Fatal("two equal reviews have different digests")
		}
		change(r)
		if r.SetDigest() == base.SetDigest() {
			t.Errorf("changing %s leaves the digest as it was", name)
		}
	}
}

// Ensure that a missed review can be performed late, once, and stays late.
func TestMissedAndLate(t *testing.T) {
	r := review(t)
	after := now.AddDate(0, 0, 10)
	if r.Miss(now) || !r.Miss(after) || r.State != reviews.Missed {
		t.Fatalf("state %s", r.State)
	}
	kind(t, decide(r, omar, "plain", false, reviews.Explained), fault.Conflict, "perform it late")
	if err := r.PerformLate(omar, "was on leave", after); err != nil {
		t.Fatal(err)
	}
	if r.Miss(after) {
		t.Error("a review taken up late was missed again")
	}
	ready(t, r)
	if err := r.Attest(omar, r.SetDigest(), reviews.EffectiveWithFindings, after); err != nil {
		t.Fatal(err)
	}
	judge(r, lena, after)
	if err := r.Approve(lena, r.SetDigest(), reviews.EffectiveWithFindings, after); err != nil {
		t.Fatal(err)
	}
	if !r.Late() {
		t.Error("closed after it was due, and not late")
	}
}

// Ensure that the nonce promised at scheduling is the one that is used.
func TestNonceIsThePromisedOne(t *testing.T) {
	r := review(t)
	r.State = reviews.Scheduled
	kind(t, r.OpenWith(reviews.Opening{Sample: reviews.SamplePlan{Nonce: "another"}}, now), fault.Conflict, "nonce")
}

// Ensure that findings move only along their path, and by the right people.
func TestFindingUpdate(t *testing.T) {
	status := func(s reviews.FindingStatus) *reviews.FindingStatus { return &s }
	f := reviews.Finding{ID: "F-0001", Version: 1, Title: "t", Severity: reports.Critical, Owner: "alice@example.com", Status: reviews.FindingAssigned, RaisedBy: omar}
	kind(t, (&f).Update(omar, reviews.FindingUpdate{Version: 9}, now), fault.Conflict, "changed meanwhile")
	kind(t, (&f).Update(omar, reviews.FindingUpdate{Version: 1, Status: status(reviews.FindingClosed), Note: "x"}, now), fault.Conflict, "cannot become")
	kind(t, (&f).Update(omar, reviews.FindingUpdate{Version: 1, Status: status(reviews.FindingDismissed), Note: "x"}, now), fault.Forbidden, "second person")
	kind(t, (&f).Update(signer("falk", "auditor"), reviews.FindingUpdate{Version: 1}, now), fault.Forbidden, "officers")
	if err := f.Update(omar, reviews.FindingUpdate{Version: 1, Status: status(reviews.FindingRemediated), Note: "rolled back"}, now); err != nil {
		t.Fatal(err)
	}
	alice := signer("alice", "reviewer")
	kind(t, (&f).Update(alice, reviews.FindingUpdate{Version: 2, Status: status(reviews.FindingClosed), Note: "x"}, now), fault.Forbidden, "other than the owner")
	if err := f.Update(omar, reviews.FindingUpdate{Version: 2, Status: status(reviews.FindingClosed), Note: "checked"}, now); err != nil {
		t.Fatal(err)
	}
	if len(f.History) != 2 || f.Version != 3 {
		t.Errorf("history %d, version %d", len(f.History), f.Version)
	}
}

func TestConclusions(t *testing.T) {
	r := review(t)
	for c, want := range map[reviews.Conclusion]string{
		reviews.Effective: "nobody accepted", reviews.EffectiveWithFindings: "no finding", reviews.NotEffective: "no finding", reviews.UnableToConclude: "", "perfect": "not one of the four",
	} {
		if got := r.Impossible(c); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", c, got, want)
		}
	}
}

// judge re-performs what an approval asks for.
func judge(r *reviews.Review, by reviews.Signer, at time.Time) {
	for _, key := range r.LeftToReperform(by) {
		_ = r.Reperform(by, key, false, true, "", at)
	}
}

// Ensure that an approval needs the decisions picked by the attested set judged
// again, and the approver's agreement with each.
func TestApprovalNeedsReperformedDecisions(t *testing.T) {
	attested := func() *reviews.Review {
		r := review(t)
		ready(t, r)
		if err := r.Attest(omar, r.SetDigest(), reviews.EffectiveWithFindings, now); err != nil {
			t.Fatal(err)
		}
		return r
	}
	r := attested()
	keys, need := r.ToReperform(lena)
	if need != 3 || len(keys) != 3 {
		t.Fatalf("%d of %q are asked for", need, keys)
	}
	for i, key := range keys {
		kind(t, r.Approve(lena, r.SetDigest(), reviews.EffectiveWithFindings, now), fault.Conflict, fmt.Sprintf("%d are left", need-i))
		if err := r.Reperform(lena, key, false, true, "", now); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Approve(lena, r.SetDigest(), reviews.EffectiveWithFindings, now); err != nil {
		t.Fatal(err)
	}

	r = attested()
	judge(r, lena, now)
	if err := r.Reperform(lena, keys[0], false, false, "This was not planned.", now); err != nil {
		t.Fatal(err)
	}
	kind(t, r.Approve(lena, r.SetDigest(), reviews.EffectiveWithFindings, now), fault.Conflict, "disagree")
	if err := r.Reperform(lena, keys[0], false, true, "I see the ticket now.", now); err != nil {
		t.Fatal(err)
	}
	if err := r.Approve(lena, r.SetDigest(), reviews.EffectiveWithFindings, now); err != nil {
		t.Fatal(err)
	}

	// What was judged before a return does not count after the next attestation.
	r = attested()
	judge(r, lena, now)
	later := now.Add(time.Hour)
	if err := errors.Join(r.Return(lena, "again", later), r.Attest(omar, r.SetDigest(), reviews.EffectiveWithFindings, later.Add(time.Hour))); err != nil {
		t.Fatal(err)
	}
	kind(t, r.Approve(lena, r.SetDigest(), reviews.EffectiveWithFindings, later.Add(2*time.Hour)), fault.Conflict, "3 are left")
}
