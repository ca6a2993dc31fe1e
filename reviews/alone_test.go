package reviews_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"logreeve/reviews"
)

// everyone is all sorts of people: two accounts of one person, an administrator
// with every role, people with several roles.
func everyone() []reviews.Signer {
	second := signer("omar2", "approver", "reviewer")
	second.Person = omar.Person
	twin := signer("twin", "approver")
	twin.Email = omar.Email
	return []reviews.Signer{omar, erin, lena, second, twin,
		signer("ada", "admin", "reviewer", "approver", "officer"), signer("both", "reviewer", "approver"), signer("falk", "auditor"), {}}
}

// act tries one random thing as one random person, with whatever digest is
// right: from 0 anything, from 5 no decisions.
func act(t *rapid.T, r *reviews.Review, from int, at time.Time) {
	people := everyone()
	by := people[rapid.IntRange(0, len(people)-1).Draw(t, "who")]
	keys := []string{"violation", "own", "plain", "p1", "p2"}
	key := keys[rapid.IntRange(0, len(keys)-1).Draw(t, "key")]
	pick := key[0] == 'p' && len(key) == 2
	choices := []reviews.Choice{reviews.Explained, reviews.Expected, reviews.FindingC, reviews.Escalated, reviews.Read, reviews.Withdrawn}
	conclusions := reviews.Conclusions()
	c := conclusions[rapid.IntRange(0, len(conclusions)-1).Draw(t, "conclusion")]
	switch rapid.IntRange(from, 10).Draw(t, "act") {
	case 0, 1, 2, 3, 4:
		_ = decide(r, by, key, pick, choices[rapid.IntRange(0, len(choices)-1).Draw(t, "choice")])
	case 5:
		_ = r.Acknowledge(by, "LOG-05", "cause", "consequence", at)
	case 6, 7:
		_ = r.Attest(by, r.SetDigest(), c, at)
	case 8:
		_ = r.Approve(by, r.SetDigest(), c, at)
	case 9:
		_ = r.Return(by, "again", at)
	case 10:
		judge(r, by, at)
	}
}

// finish does what is left as the people who may, so that many sequences end.
func finish(r *reviews.Review, at time.Time) {
	judge(r, lena, at)
	for _, i := range r.Items {
		if last, _ := r.Standing(i.Key, false); last == nil {
			c := reviews.Explained
			if i.Violation {
				c = reviews.Expected
			}
			if decide(r, omar, i.Key, false, c) != nil {
				_ = decide(r, erin, i.Key, false, c)
			}
		}
	}
	for _, p := range r.Picks {
		if last, _ := r.Standing(p.Key, true); last == nil {
			if decide(r, omar, p.Key, true, reviews.Read) != nil {
				_ = decide(r, erin, p.Key, true, reviews.Read)
			}
		}
	}
	_ = r.Acknowledge(omar, "LOG-05", "cause", "consequence", at)
}

// signedByTwo says whether a closed review really has two people behind it, by
// its own records and not by the rules under test.
func signedByTwo(r *reviews.Review) string {
	var reviewer, approver *reviews.SignOffRecord
	for i := range r.SignOffs {
		s := &r.SignOffs[i]
		if s.Void {
			continue
		}
		if s.Role == reviews.AsReviewer {
			reviewer = s
		} else {
			approver = s
		}
	}
	switch {
	case reviewer == nil || approver == nil:
		return "a signature is missing"
	case reviewer.By.Account == approver.By.Account, reviewer.By.Person == approver.By.Person, reviewer.By.Email == approver.By.Email:
		return "one human signed twice"
	}
	for _, s := range []*reviews.SignOffRecord{reviewer, approver} {
		for _, role := range s.By.Roles {
			if role == "admin" {
				return "an administrator signed"
			}
		}
	}
	last, again := map[string]reviews.Decision{}, map[string]bool{}
	for _, d := range r.Decisions {
		if d.Choice != reviews.Reperformed {
			last[d.Key] = d
		} else if d.By.Account == approver.By.Account {
			again[d.Key] = true
		}
	}
	about := map[string]string{"own": omar.Person, "p2": omar.Person}
	for _, key := range []string{"violation", "own", "plain", "p1", "p2"} {
		d, ok := last[key]
		if !ok || d.Choice == reviews.Withdrawn {
			return key + " is not decided"
		}
		if d.By.Person == about[key] && about[key] != "" {
			return key + " was decided by the person it is about"
		}
		if d.By.Account == approver.By.Account && about[key] != reviewer.By.Person {
			return key + " was decided by the approver although the reviewer could"
		}
		if len(key) > 2 && d.By.Account != approver.By.Account && !again[key] {
			return key + " was not judged again"
		}
	}
	return ""
}

// Ensure that nobody signs alone, by no sequence of acts of whatever people.
func TestNobodySignsAlone(t *testing.T) {
	closed := 0
	rapid.Check(t, func(t *rapid.T) {
		r := review(testing.TB(fixtureTB{}))
		at := now
		steps := rapid.IntRange(10, 60).Draw(t, "steps")
		for i := range steps {
			from := 0
			if i >= steps/3 && i%9 != 0 {
				finish(r, at)
				from = 6
			}
			act(t, r, from, at)
			at = at.Add(time.Minute)
			if r.State == reviews.Closed {
				break
			}
		}
		if r.State != reviews.Closed {
			return
		}
		closed++
		if why := signedByTwo(r); why != "" {
			t.Fatalf("a review was closed although %s", why)
		}
	})
	if closed < 3 {
		t.Errorf("only %d sequences closed a review; the test shows little", closed)
	}
}

// Ensure that the oracle above sees what it looks for (control).
func TestTheOracleSeesASoloSignature(t *testing.T) {
	r := review(t)
	ready(t, r)
	r.SignOffs = []reviews.SignOffRecord{{Role: reviews.AsReviewer, By: omar}, {Role: reviews.AsApprover, By: omar}}
	if signedByTwo(r) == "" {
		t.Error("one human with both signatures was not seen")
	}
	r.SignOffs[1].By = lena
	if signedByTwo(r) == "" {
		t.Error("an approver who judged nothing again was not seen")
	}
	for _, key := range []string{"violation", "own", "plain"} {
		r.Decisions = append(r.Decisions, reviews.Decision{Key: key, Choice: reviews.Reperformed, By: lena})
	}
	if why := signedByTwo(r); why != "" {
		t.Errorf("two humans were refused: %s", why)
	}
	r.Decisions[1].By = lena
	if signedByTwo(r) == "" {
		t.Error("an approver who judged what they approve was not seen")
	}
}

// fixtureTB is a testing.TB for building fixtures inside rapid, which has its own.
type fixtureTB struct{ testing.TB }

func (fixtureTB) Helper()           {}
func (fixtureTB) Fatal(args ...any) { panic(args) }
