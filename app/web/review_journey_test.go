package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/actor"
	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/app/sealing"
	"logreeve/app/store"
	"logreeve/app/trail"
	"logreeve/reports"
	"logreeve/reviews"
)

// stubs stand for what a review needs besides its store.
type stubs struct{ trailDown bool }

func (*stubs) Confirm(_ context.Context, _ actor.Actor, given string) error {
	if given != password {
		return fault.Field("password", "The password is not right.")
	}
	return nil
}

func (*stubs) PersonOf(_ context.Context, email string) (string, error) { return email, nil }

func (*stubs) Seal(_ context.Context, r *reviews.Review) (reviews.Package, error) {
	sum := sha256.Sum256([]byte("zip"))
	return reviews.Package{Review: r.ID, Revision: 1, Name: "EV.zip", Root: strings.Repeat("a", 64), SHA256: hex.EncodeToString(sum[:]), Size: 3, SealedAt: r.ClosedAt, Bytes: []byte("zip")}, nil
}

func (*stubs) Draft(context.Context, *reviews.Review) (sealing.Draft, error) {
	return sealing.Draft{Name: "draft-W0-2026-W46.pdf", Kind: "application/pdf", Bytes: []byte("%PDF-")}, nil
}
func (*stubs) Key() sealing.KeyInfo { return sealing.KeyInfo{} }

// shakyTrail is a trail that can refuse.
type shakyTrail struct {
	*store.Store
	down *stubs
}

func (t shakyTrail) Append(ctx context.Context, by actor.Actor, e trail.Entry) error {
	if t.down.trailDown {
		return errors.New("the trail is down")
	}
	return t.Store.Append(ctx, by, e)
}

const journeyReview = "/reviews/W0-2026-W46"

// newReviewWorld is a world with an open review: fixtureReview, of whose items
// k3 is about the reviewer, over a real database.
func newReviewWorld(t *testing.T) (*runWorld, *stubs) {
	t.Helper()
	w, with := newRunWorld(t), &stubs{}
	ctx, by, e := t.Context(), actor.System(), trail.Entry{Action: "x.made", ObjectKind: "x", ObjectID: "x"}
	w.Server.Reviews = &reviews.Service{Store: w.db, Sealer: with, Auth: with, People: with, Templates: reviews.Templates(nil), Now: w.now}
	w.Server.Sealer, w.Server.Trail = with, shakyTrail{w.db, with}
	r := fixtureReview()
	r.Items[2].Persons = []string{"reviewer@example.org"}
	r.Picks[1].Persons = []string{"reviewer@example.org"}
	if err := w.db.CreateRun(ctx, by, runs.Run{ID: "r_1", Status: runs.Queued, CreatedAt: fixtureNow}, e); err != nil {
		t.Fatal(err)
	}
	var items []reports.Item
	for _, it := range r.Items {
		items = append(items, reports.Item{Key: it.Key, Title: it.Title, Severity: it.Severity, Count: 1, Evidence: []reports.EvidenceEvent{{Record: fixtureRecord("e" + it.Key), Raw: []byte(hostile)}}})
	}
	if err := w.db.FinishRun(ctx, by, runs.Run{ID: "r_1", Status: runs.Done, FinishedAt: fixtureNow, Results: []reports.Result{{Check: "NET-02", Outcome: reports.Fail, Items: items}}}, nil, nil, e); err != nil {
		t.Fatal(err)
	}
	if err := w.db.CreateReview(ctx, by, r, e); err != nil {
		t.Fatal(err)
	}
	return w, with
}

// send posts JSON as review.js does.
func (b *browser) send(target string, value any) (response, decided) {
	b.t.Helper()
	body, err := json.Marshal(value)
	if err != nil {
		b.t.Fatal(err)
	}
	got := b.do("POST", target, url.Values{}, func(r *http.Request) {
		fresh, _ := http.NewRequestWithContext(r.Context(), "POST", "http://"+r.Host+target, strings.NewReader(string(body)))
		fresh.Header, fresh.RequestURI = r.Header.Clone(), target
		fresh.Header.Set("Content-Type", fiber.MIMEApplicationJSON)
		fresh.Header.Set("Accept", fiber.MIMEApplicationJSON)
		fresh.Header.Set("X-CSRF-Token", b.token())
		*r = *fresh
	})
	var answer decided
	_ = json.Unmarshal([]byte(got.text), &answer)
	return got, answer
}

func TestReviewInTheBrowser(t *testing.T) {
	w, with := newReviewWorld(t)
	reviewer, approver, auditor := w.as(t, actor.Reviewer), w.as(t, actor.Approver), w.as(t, actor.Auditor)
	item := func(key string) string { return journeyReview + "/items/" + key }

	// Everybody reads; what is shown is text.
	for _, target := range []string{"", "/queue", "/sample", "/health", "/sign-off", "/items/k2", "/sample/p1"} {
		got := auditor.get(journeyReview + target)
		got.want(t, 200, "Weekly log review, week 46 of 2026")
		if strings.Contains(got.text, "<script>alert") {
			t.Errorf("%s: log text became markup", target)
		}
	}
	fragment := reviewer.get(item("k1") + "?fragment=1")
	fragment.want(t, 200, `id="item"`, `data-decision="finding"`)
	if strings.Contains(fragment.text, "<html") || strings.Contains(fragment.text, `data-decision="explained"`) {
		t.Error("the part of a violation is a whole page, or offers to explain it")
	}
	reviewer.get(item("nothing")).want(t, 404)

	// Decisions: kept once, refused with words, never about oneself.
	if got, _ := auditor.send(item("k2")+"/decision", map[string]any{"decision": "explained", "reason": "x"}); got.StatusCode != 403 {
		t.Errorf("an auditor decides: %d", got.StatusCode)
	}
	if got, _ := reviewer.send(item("k1")+"/decision", map[string]any{"decision": "explained", "reason": "x"}); got.StatusCode != 422 || !strings.Contains(got.text, "breaks a rule") {
		t.Errorf("a violation is explained: %d %s", got.StatusCode, got.text)
	}
	if got, _ := reviewer.send(item("k3")+"/decision", map[string]any{"decision": "explained", "reason": "x"}); got.StatusCode != 403 || !strings.Contains(got.text, "your own actions") {
		t.Errorf("one's own item: %d %s", got.StatusCode, got.text)
	}
	got, a := reviewer.send(item("k2")+"/decision", map[string]any{"decision": "explained", "reason": "planned", "version": 0})
	if got.StatusCode != 200 || a.State != "explained" || a.Version != 1 || a.Decided != 1 || a.Total != 3 {
		t.Fatalf("%d %s", got.StatusCode, got.text)
	}
	if got, _ := reviewer.send(item("k2")+"/decision", map[string]any{"decision": "explained", "reason": "again", "version": 0}); got.StatusCode != 409 || !strings.Contains(got.text, "while you were looking") {
		t.Errorf("an old version: %d %s", got.StatusCode, got.text)
	}
	if got, a := reviewer.send(item("k2")+"/undo", map[string]any{"version": 1}); got.StatusCode != 200 || a.State != "pending" || a.Version != 2 || a.Decided != 0 {
		t.Errorf("undo: %d %s", got.StatusCode, got.text)
	}
	if got, _ := reviewer.send(journeyReview+"/decisions", map[string]any{"keys": []string{"k2", "k1"}, "versions": map[string]int{"k2": 2}, "decision": "explained", "reason": "x"}); got.StatusCode != 422 {
		t.Errorf("a bulk with a violation: %d", got.StatusCode)
	}
	if got, _ := reviewer.send(journeyReview+"/decisions", map[string]any{"keys": []string{"k2"}, "versions": map[string]int{"k2": 2}, "decision": "explained", "reason": "planned"}); got.StatusCode != 200 || !strings.Contains(got.text, `"k2":3`) {
		t.Errorf("bulk: %d %s", got.StatusCode, got.text)
	}
	// Without script: refused with what was typed, then a finding.
	reviewer.submit(item("k1"), item("k1")+"/decision", "decision", "expected", "version", "0", "reason", "kept-text", "until", "2040-01-01").want(t, 422, "at most twelve months", "kept-text")
	reviewer.submit(item("k1"), item("k1")+"/decision", "decision", "finding", "version", "0", "reason", "wrong", "title", "Open to all", "severity", "high", "owner", "a@example.org", "due", "2026-12-24").
		wantRedirect(t, item("k1"))
	reviewer.get("/findings").want(t, 200, "Open to all", "F-0001")
	reviewer.submit(item("k2"), journeyReview+"/sample/p1/decision", "decision", "read", "version", "0").wantRedirect(t, journeyReview+"/sample/p1")
	for _, target := range []string{item("k3"), journeyReview + "/sample/p2"} { // the reviewer's own: the approver decides
		choice := map[string]any{"decision": "read", "reason": "fine"}
		if strings.Contains(target, "items") {
			choice["decision"] = "explained"
		}
		if got, _ := approver.send(target+"/decision", choice); got.StatusCode != 200 {
			t.Errorf("%s by the approver: %d %s", target, got.StatusCode, got.text)
		}
	}

	// Limits of one cause together, then the rest.
	reviewer.submit(journeyReview+"/health", journeyReview+"/limits", "group", "0", "check", "LOG-01", "check", "ACC-01", "cause", "", "consequence", "c").want(t, 422, "Say why it is so.")
	reviewer.submit(journeyReview+"/health", journeyReview+"/limits", "group", "0", "check", "LOG-01", "check", "ACC-01", "cause", "down", "consequence", "c").wantRedirect(t, journeyReview+"/health")
	reviewer.get(journeyReview+"/sign-off").want(t, 200, "1 limit is not acknowledged", "to be done first")
	reviewer.submit(journeyReview+"/health", journeyReview+"/limits", "group", "1", "check", "PRV-04", "cause", "down", "consequence", "c").wantRedirect(t, journeyReview+"/health")

	// Signing: a wrong password, a set that changed, then the right one.
	set := func() string {
		r, err := w.Server.Reviews.Review(t.Context(), "W0-2026-W46")
		if err != nil {
			t.Fatal(err)
		}
		return r.SetDigest()
	}
	sign := func(b *browser, act, password, set string) response {
		return b.submit(journeyReview+"/sign-off", journeyReview+"/"+act, "conclusion", "effective with findings", "password", password, "set", set)
	}
	sign(reviewer, "attest", "guess", set()).want(t, 422, "The password is not right.")
	sign(reviewer, "attest", password, strings.Repeat("0", 64)).want(t, 409, "Nothing was signed.", "changed after you opened this page", set())
	sign(reviewer, "attest", password, set()).wantRedirect(t, journeyReview+"/sign-off")
	if got, _ := reviewer.send(item("k2")+"/decision", map[string]any{"decision": "explained", "reason": "late", "version": 3}); got.StatusCode != 409 {
		t.Errorf("a decision after the attestation: %d", got.StatusCode)
	}
	approver.submit(journeyReview+"/sign-off", journeyReview+"/return", "reason", "").want(t, 422, "Say what is missing.")
	approver.submit(journeyReview+"/sign-off", journeyReview+"/return", "reason", "Explain k2.").wantRedirect(t, journeyReview+"/sign-off")
	reviewer.get(journeyReview+"/sign-off").want(t, 200, "returned, no longer counts", "Explain k2.")
	sign(reviewer, "attest", password, set()).wantRedirect(t, journeyReview+"/sign-off")
	sign(approver, "approve", password, set()).want(t, 409, "Nothing was signed.", "Judge the decisions again")
	for _, key := range []string{"k1", "k2", "k3"} {
		approver.submit(journeyReview+"/sign-off", item(key)+"/reperform", "decision", "agree").wantRedirect(t, journeyReview+"/sign-off#reperform")
	}
	sign(approver, "approve", password, set()).wantRedirect(t, journeyReview+"/sign-off")
	auditor.get(journeyReview+"/sign-off").want(t, 200, "the evidence is sealed", "/evidence/W0-2026-W46")

	// What leaves is in the trail first, or does not leave.
	for _, target := range []string{item("k1") + "/events.csv", journeyReview + "/draft.pdf"} {
		before := trailLength(t, w)
		if got := auditor.get(target); got.StatusCode != 200 || !strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s: %d", target, got.StatusCode)
		}
		if after := trailLength(t, w); after != before+1 {
			t.Errorf("%s: %d records of it", target, after-before)
		}
		with.trailDown = true
		if got := auditor.get(target); got.StatusCode != 500 || strings.Contains(got.text, "%PDF") || strings.Contains(got.text, "event_key") {
			t.Errorf("%s left without a record: %d", target, got.StatusCode)
		}
		with.trailDown = false
	}

	// A finding: changed once, an old version is a conflict.
	officer := w.as(t, actor.Officer)
	officer.submit("/findings/F-0001", "/findings/F-0001", "version", "1", "status", "remediated", "note", "").want(t, 422, "Say why.")
	officer.submit("/findings/F-0001", "/findings/F-0001", "version", "1", "status", "in_progress", "note", "begun").wantRedirect(t, "/findings/F-0001")
	officer.submit("/findings/F-0001", "/findings/F-0001", "version", "1", "title", "Other").want(t, 409, "was changed meanwhile")
	officer.get("/findings/F-0001").want(t, 200, "in progress", "begun")
	officer.get("/").want(t, 200, "Nothing is connected yet")
}

func trailLength(t *testing.T, w *runWorld) int64 {
	t.Helper()
	n, _, err := w.db.TrailHead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}
