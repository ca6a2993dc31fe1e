package store_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"logreeve/app/actor"
	"logreeve/app/auth"
	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/app/store"
	"logreeve/app/trail"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reviews"
)

var (
	reviewer = reviews.Signer{Account: "u_alice", Name: "Alice Adler", Email: "alice@example.com", Person: "alice@example.com", Roles: []string{"reviewer"}}
	approver = reviews.Signer{Account: "u_bob", Name: "Bob Berg", Email: "bob@example.com", Person: "bob@example.com", Roles: []string{"approver"}}
	when     = time.Date(2026, 11, 17, 10, 0, 0, 0, time.UTC)
)

func scheduled(id, date string) *reviews.Review {
	return &reviews.Review{
		ID: id, Template: "RT-W0", Title: "Weekly log review " + id, Revision: 1, Version: 1, Zone: "Europe/Berlin", LocalDate: date, State: reviews.Scheduled,
		Period: connectors.Window{From: 1, To: 2}, DueAt: 3, MissedAt: 4,
	}
}

// opening is what a run hands over: items and picks with every field set.
func opening(t testing.TB, items, picks int) reviews.Opening {
	o := fill[reviews.Opening](t)
	o.Sample.Nonce = "00"
	item, pick := o.Items[0], o.Picks[0]
	o.Items, o.Picks = nil, nil
	for i := range items {
		item.Key, item.Check, item.Violation, item.Persons = fmt.Sprintf("item-%d", i), o.Checks[i%2].Check, i%2 == 1, []string{"carol@example.com"}
		o.Items = append(o.Items, item)
	}
	for i := range picks {
		pick.Rank, pick.Key, pick.Persons = i+1, fmt.Sprintf("pick-%d", i), nil
		o.Picks = append(o.Picks, pick)
	}
	o.Picks[0].Raw = nil
	o.Limits = o.Limits[:1]
	return o
}

// opened makes a review that is open.
func opened(t testing.TB, db *database, id string, items, picks int) *reviews.Review {
	t.Helper()
	o := opening(t, items, picks)
	r := scheduled(id, id)
	sum := sha256.Sum256([]byte(o.Sample.Nonce))
	r.Sample.NonceSHA256 = hex.EncodeToString(sum[:])
	if err := db.CreateReview(ctx, actor.System(), r, entry("review.scheduled")); err != nil {
		t.Fatal(err)
	}
	return must[*reviews.Review](t)(db.UpdateReview(ctx, actor.System(), id, func(r *reviews.Review) (trail.Entry, error) {
		return entry("review.opened"), r.OpenWith(o, when)
	}))
}

// act applies a rule to a review as its reviewer.
func act(t testing.TB, db *database, id string, rule func(*reviews.Review) error) *reviews.Review {
	t.Helper()
	return must[*reviews.Review](t)(db.UpdateReview(ctx, alice, id, told(rule)))
}

func told(rule func(*reviews.Review) error) func(*reviews.Review) (trail.Entry, error) {
	return func(r *reviews.Review) (trail.Entry, error) { return entry("review.changed"), rule(r) }
}

func explain(key string) func(*reviews.Review) error {
	return func(r *reviews.Review) error {
		return r.Decide(reviewer, reviews.Request{Key: key, Choice: reviews.Explained, Reason: "planned " + hostile}, when)
	}
}

func raise(key, id string) func(*reviews.Review) error {
	return func(r *reviews.Review) error {
		return r.Decide(reviewer, reviews.Request{Key: key, Choice: reviews.FindingC, Reason: "not planned",
			Finding: &reviews.Finding{ID: id, Title: "Secrets read " + hostile, Severity: reports.High, Owner: "carol@example.com", DueDate: "2026-12-01"}}, when)
	}
}

// decided decides everything in a review of four items, one finding among them.
func decided(t testing.TB, db *database, id string) *reviews.Review {
	t.Helper()
	act(t, db, id, explain("item-0"))
	act(t, db, id, explain("item-2"))
	for _, key := range []string{"item-1", "item-3"} {
		act(t, db, id, raise(key, must[string](t)(db.NextFindingID(ctx))))
	}
	act(t, db, id, func(r *reviews.Review) error {
		for _, p := range r.Picks {
			if err := r.Decide(reviewer, reviews.Request{Key: p.Key, Pick: true, Choice: reviews.Read}, when); err != nil {
				return err
			}
		}
		return nil
	})
	return act(t, db, id, func(r *reviews.Review) error {
		return r.Acknowledge(reviewer, r.Limits[0].Check, "the disk was full "+hostile, "one hour is not covered", when)
	})
}

func attest(r *reviews.Review) error {
	return r.Attest(reviewer, r.SetDigest(), reviews.EffectiveWithFindings, when)
}

func approve(bytes string) func(*reviews.Review) (reviews.Package, trail.Entry, error) {
	return func(r *reviews.Review) (reviews.Package, trail.Entry, error) {
		for _, i := range r.Items {
			if err := r.Reperform(approver, i.Key, false, true, "", when); err != nil {
				return reviews.Package{}, trail.Entry{}, err
			}
		}
		err := r.Approve(approver, r.SetDigest(), reviews.EffectiveWithFindings, when)
		sum := sha256.Sum256([]byte(bytes))
		return reviews.Package{
			Review: r.ID, Revision: 1, Name: "EV-" + r.ID + ".zip", Root: "root", SHA256: hex.EncodeToString(sum[:]), Size: int64(len(bytes)),
			SealedAt: connectors.At(when), Fingerprint: "SHA256:x", Bytes: []byte(bytes),
		}, entry("review.closed"), err
	}
}

// everything puts rows into every table.
func everything(t testing.TB, db *database) {
	t.Helper()
	set := auth.Setup{TokenHash: "t", Organisation: auth.Organisation{Name: "Example", Zone: "UTC"}, Admin: account("u_admin", actor.Admin), Session: session("ss_1", "u_admin")}
	if err := errors.Join(db.SaveSetupToken(ctx, "t"), db.CompleteSetup(ctx, set, auth.Anonymous(""), entry("setup.completed"))); err != nil {
		t.Fatal(err)
	}
	if err := db.SaveSource(ctx, alice, runs.Source{ID: "s_1", Name: "source 0"}, entry("source.added")); err != nil {
		t.Fatal(err)
	}
	if err := db.SaveSnapshot(ctx, alice, fill[runs.Snapshot](t), entry("people.imported")); err != nil {
		t.Fatal(err)
	}
	r, states, seen := finished(t, "r_1", 20000*24*hour)
	do(t, db, r, states, seen)
	if err := db.SavePopulation(ctx, "r_1", []byte("x"), "d"); err != nil {
		t.Fatal(err)
	}
	if err := db.SaveReadingNotes(ctx, map[string]*connectors.Notes{"source 0": {}}); err != nil {
		t.Fatal(err)
	}
	opened(t, db, "W0-1", 4, 3)
	decided(t, db, "W0-1")
	act(t, db, "W0-1", attest)
	if _, err := db.UpdateReview(ctx, bob, "W0-1", told(func(r *reviews.Review) error { return r.Return(approver, "look again "+hostile, when) })); err != nil {
		t.Fatal(err)
	}
	act(t, db, "W0-1", attest)
	if _, err := db.CloseReview(ctx, bob, "W0-1", approve("a package")); err != nil {
		t.Fatal(err)
	}
	for _, table := range db.tables(t) {
		if len(dumpCount(t, db, table)) == 0 {
			t.Errorf("no row in %s", table)
		}
	}
}

func TestReviewFromScheduleToSeal(t *testing.T) {
	both(t, func(t *testing.T, db *database) {
		after := opened(t, db, "W0-1", 4, 3)
		same := func(r *reviews.Review) {
			t.Helper()
			wantEqual(t, "review", *must[*reviews.Review](t)(db.Review(ctx, "W0-1")), *r)
		}
		same(after)
		wantKind(t, db.CreateReview(ctx, actor.System(), scheduled("W0-other", "W0-1"), entry("x")), fault.Conflict)
		wantKind(t, db.CreateReview(ctx, actor.System(), scheduled("W0-1", "other"), entry("x")), fault.Conflict)
		same(decided(t, db, "W0-1"))
		after = act(t, db, "W0-1", func(r *reviews.Review) error { // undo: the finding is dismissed and stays readable
			return r.Decide(reviewer, reviews.Request{Key: "item-3", Version: 1, Choice: reviews.Withdrawn}, when)
		})
		if f := after.Findings[1]; f.Status != reviews.FindingDismissed || f.Version != 2 || len(f.History) != 2 {
			t.Fatalf("%+v", f)
		}
		same(after)
		after = act(t, db, "W0-1", func(r *reviews.Review) error { // into the finding that exists
			return r.Decide(reviewer, reviews.Request{Key: "item-3", Version: 2, Choice: reviews.FindingC, Reason: "same", Finding: &reviews.Finding{ID: "F-0001"}}, when)
		})
		if f := after.Findings[0]; len(f.Items) != 2 || f.Version != 2 {
			t.Fatalf("%+v", f)
		}
		same(after)
		same(act(t, db, "W0-1", attest))
		after = must[*reviews.Review](t)(db.UpdateReview(ctx, bob, "W0-1", told(func(r *reviews.Review) error { return r.Return(approver, "look again", when) })))
		if !after.SignOffs[0].Void || after.SignOffs[0].VoidReason != "look again" || after.Attester() != nil {
			t.Fatalf("%+v", after.SignOffs)
		}
		same(after)
		s := must[[]reviews.Summary](t)(db.Reviews(ctx, reviews.ReviewFilter{}))[0]
		if s.Attested != nil || s.Conclusion != "" {
			t.Fatalf("a returned signature is in the list: %+v", s)
		}
		same(act(t, db, "W0-1", attest))
		after = must[*reviews.Review](t)(db.CloseReview(ctx, bob, "W0-1", approve("a package")))
		same(after)
		if after.State != reviews.Closed || len(after.SignOffs) != 3 || after.Version != 14 {
			t.Fatalf("state %s, %d signatures, version %d", after.State, len(after.SignOffs), after.Version)
		}
		s = must[[]reviews.Summary](t)(db.Reviews(ctx, reviews.ReviewFilter{States: []reviews.State{reviews.Closed}, Template: "RT-W0", From: 1, To: 2, Limit: 5}))[0]
		wantEqual(t, "summary", s, reviews.Summary{
			ID: "W0-1", Template: "RT-W0", Title: after.Title, LocalDate: "W0-1", Zone: after.Zone, Period: after.Period, State: reviews.Closed, Revision: 1, Version: after.Version,
			DueAt: 3, MissedAt: 4, ClosedAt: after.ClosedAt, OpenedAt: after.OpenedAt, RunID: after.RunID, Items: 4, Decided: 4, Picks: 3, PicksDecided: 3,
			Limits: 1, Acknowledged: 1, Findings: 2, Attested: &reviewer, AttestedAt: connectors.At(when), Approved: &approver, Conclusion: reviews.EffectiveWithFindings, Figures: after.Figures,
		})
		p := must[*reviews.Package](t)(db.Package(ctx, "W0-1", 1))
		list := must[[]reviews.Package](t)(db.Packages(ctx))
		if string(p.Bytes) != "a package" || len(list) != 1 || list[0].Bytes != nil || list[0].SHA256 != p.SHA256 {
			t.Fatalf("%+v %+v", p, list)
		}
		_, err := db.Package(ctx, "W0-1", 2)
		wantKind(t, err, fault.NotFound)
		_, err = db.UpdateReview(ctx, alice, "W0-1", told(explain("item-0")))
		if err == nil {
			t.Fatal("a closed review was changed")
		}
		_, err = db.Review(ctx, "")
		wantKind(t, err, fault.NotFound)
		wantTrail(t, db, 14)

		dropTriggers(t, db, "package_bytes")
		db.exec(t, "UPDATE package_bytes SET body = (SELECT CAST('other' AS "+map[string]string{store.SQLite: "blob", store.Postgres: "bytea"}[db.driver]+"))")
		_, err = db.Package(ctx, "W0-1", 1)
		wantKind(t, err, fault.Unavailable)
	})
}

func TestFindings(t *testing.T) {
	both(t, func(t *testing.T, db *database) {
		opened(t, db, "W0-1", 4, 3)
		decided(t, db, "W0-1")
		f := must[*reviews.Finding](t)(db.Finding(ctx, "F-0001"))
		if f.Review != "W0-1" || len(f.History) != 1 || f.Status != reviews.FindingAssigned || !strings.Contains(f.Title, hostile) {
			t.Fatalf("%+v", f)
		}
		status := reviews.FindingInProgress
		change := func(f *reviews.Finding) (trail.Entry, error) {
			return entry("finding.changed"), f.Update(reviewer, reviews.FindingUpdate{Version: 1, Status: &status, Note: hostile, Effect: new("worse")}, when)
		}
		got := must[*reviews.Finding](t)(db.UpdateFinding(ctx, alice, "F-0001", change))
		wantEqual(t, "finding", *must[*reviews.Finding](t)(db.Finding(ctx, "F-0001")), *got)
		if got.Version != 2 || len(got.History) != 2 {
			t.Fatalf("%+v", got)
		}
		_, err := db.UpdateFinding(ctx, alice, "F-0001", change) // stale
		wantKind(t, err, fault.Conflict)
		_, err = db.UpdateFinding(ctx, alice, "F-9999", change)
		wantKind(t, err, fault.NotFound)
		for _, rule := range []func(*reviews.Finding){
			func(f *reviews.Finding) { f.History[0].Note = "never" }, func(f *reviews.Finding) { f.History = nil },
			func(f *reviews.Finding) { f.ID = "F-0002" }, func(f *reviews.Finding) { f.Review = "W0-2" },
		} {
			if _, err := db.UpdateFinding(ctx, alice, "F-0001", func(f *reviews.Finding) (trail.Entry, error) { rule(f); return entry("x"), nil }); err == nil {
				t.Error("a rule rewrote a finding")
			}
		}
		for _, c := range []struct {
			f    reviews.FindingFilter
			want int
		}{
			{reviews.FindingFilter{}, 2}, {reviews.FindingFilter{Statuses: []reviews.FindingStatus{reviews.FindingInProgress}}, 1}, {reviews.FindingFilter{Open: true}, 2},
			{reviews.FindingFilter{Review: "W0-1", Limit: 1}, 1}, {reviews.FindingFilter{Review: "none"}, 0},
		} {
			if got := must[[]reviews.Finding](t)(db.Findings(ctx, c.f)); len(got) != c.want {
				t.Errorf("%+v gives %d", c.f, len(got))
			}
		}
		_, err = db.UpdateReview(ctx, alice, "W0-1", told(func(r *reviews.Review) error {
			r.Findings = append(r.Findings, reviews.Finding{ID: "F-0001"})
			return nil
		}))
		if err == nil {
			t.Error("a finding was raised twice")
		}
		found := must[[]runs.Found](t)(db.Find(ctx, "f-0001 SECRETS", 5))
		if len(found) != 1 || found[0].Path != "/findings/F-0001" {
			t.Errorf("%+v", found)
		}
		if found := must[[]runs.Found](t)(db.Find(ctx, "% _", 5)); len(found) != 0 {
			t.Errorf("wildcards find %+v", found)
		}
		if found := must[[]runs.Found](t)(db.Find(ctx, "weekly", 5)); len(found) != 1 || found[0].Kind != "review" {
			t.Errorf("%+v", found)
		}
	})
}

// TestWhatWasSaidStays: a rule with a fault in it cannot rewrite a review.
func TestWhatWasSaidStays(t *testing.T) {
	both(t, func(t *testing.T, db *database) {
		opened(t, db, "W0-1", 4, 3)
		decided(t, db, "W0-1")
		act(t, db, "W0-1", attest)
		before := db.contents(t)
		for name, rule := range map[string]func(*reviews.Review){
			"decision changed":  func(r *reviews.Review) { r.Decisions[0].Reason = "never said" },
			"signer changed":    func(r *reviews.Review) { r.Decisions[0].By.Name = "Mallory" },
			"decision removed":  func(r *reviews.Review) { r.Decisions = r.Decisions[:1] },
			"decision numbered": func(r *reviews.Review) { r.Decisions = append(r.Decisions, reviews.Decision{Seq: 99}) },
			"acknowledgement":   func(r *reviews.Review) { r.Acknowledgements[0].Cause = "" },
			"signature changed": func(r *reviews.Review) { r.SignOffs[0].Conclusion = reviews.Effective },
			"signature removed": func(r *reviews.Review) { r.SignOffs = nil },
			"event changed":     func(r *reviews.Review) { r.Events[0].By = "u_mallory" },
			"findings removed":  func(r *reviews.Review) { r.Findings = nil },
			"findings swapped":  func(r *reviews.Review) { slices.Reverse(r.Findings) },
			"item added":        func(r *reviews.Review) { r.Items = append(r.Items, reviews.Item{}) },
			"picks removed":     func(r *reviews.Review) { r.Picks = nil },
			"id changed":        func(r *reviews.Review) { r.ID = "W0-2" },
		} {
			if _, err := db.UpdateReview(ctx, alice, "W0-1", told(func(r *reviews.Review) error { rule(r); return nil })); err == nil {
				t.Errorf("%s: accepted", name)
			}
		}
		wantEqual(t, "database", db.contents(t), before)
	})
}

// TestRacesLoseNothing: many people decide at once on two replicas, and every
// decision that was acknowledged is there, once, in one order.
func TestRacesLoseNothing(t *testing.T) {
	both(t, func(t *testing.T, db *database) {
		const people, each = 8, 6
		opened(t, db, "W0-1", 2*people*each, 1)
		other := openAt(t, db.driver, db.dsn)
		var wg sync.WaitGroup
		for p := range people {
			wg.Go(func() {
				on := []*database{db, other}[p%2]
				for i := range each {
					key := fmt.Sprintf("item-%d", 2*(p*each+i))
					if _, err := on.UpdateReview(ctx, alice, "W0-1", told(explain(key))); err != nil {
						t.Errorf("%s: %v", key, err)
					}
				}
			})
		}
		wg.Wait()
		r := must[*reviews.Review](t)(db.Review(ctx, "W0-1"))
		if items, _ := r.Progress(); items != people*each || len(r.Decisions) != people*each || r.Version != 2+people*each {
			t.Fatalf("%d items decided by %d decisions, version %d", items, len(r.Decisions), r.Version)
		}
		wantTrail(t, db, 2+people*each)

		// The same item, everybody at once: one is recorded, the others are told.
		var won, lost sync.Map
		for p := range people {
			wg.Go(func() {
				_, err := []*database{db, other}[p%2].UpdateReview(ctx, alice, "W0-1", told(func(r *reviews.Review) error {
					return r.Decide(reviewer, reviews.Request{Key: "item-1", Choice: reviews.Escalated, Ticket: "INC-1", Reason: "r"}, when)
				}))
				switch {
				case err == nil:
					won.Store(p, true)
				case fault.KindOf(err) == fault.Conflict:
					lost.Store(p, true)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if size(&won) != 1 || size(&lost) != people-1 {
			t.Fatalf("%d were recorded, %d refused", size(&won), size(&lost))
		}
	})
}

// TestSignedIsWhatWasThere: findings change while people sign. A signature is
// never over another set than the one that stands in the database with it.
func TestSignedIsWhatWasThere(t *testing.T) {
	both(t, func(t *testing.T, db *database) {
		opened(t, db, "W0-1", 4, 3)
		decided(t, db, "W0-1")
		for round := range 15 {
			seen := must[*reviews.Review](t)(db.Review(ctx, "W0-1"))
			set := seen.SetDigest()
			var wg sync.WaitGroup
			var signErr error
			wg.Go(func() {
				_, signErr = db.UpdateReview(ctx, alice, "W0-1", told(func(r *reviews.Review) error {
					return r.Attest(reviewer, set, reviews.EffectiveWithFindings, when)
				}))
			})
			wg.Go(func() {
				if _, err := db.UpdateFinding(ctx, alice, "F-0001", func(f *reviews.Finding) (trail.Entry, error) {
					return entry("finding.changed"), f.Update(reviewer, reviews.FindingUpdate{Version: f.Version, Effect: new(fmt.Sprint(round))}, when)
				}); err != nil {
					t.Error(err)
				}
			})
			wg.Wait()
			if signErr != nil {
				wantKind(t, signErr, fault.Conflict)
				continue
			}
			// It was signed first: the trail says so too.
			last := must[[]trail.Record](t)(db.Trail(ctx, store.TrailFilter{Actions: []string{"review.changed", "finding.changed"}}, 0, 2))
			if last[0].Action != "finding.changed" {
				t.Fatal("signed over a finding that had changed")
			}
			if _, err := db.UpdateReview(ctx, bob, "W0-1", told(func(r *reviews.Review) error { return r.Return(approver, "again", when) })); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestReviewQueries(t *testing.T) {
	both(t, func(t *testing.T, db *database) {
		opened(t, db, "W0-1", 400, 60)
		count := store.CountQueries(t, db.Store)
		queries := func(what string, limit int64, f func()) {
			before := count.Load()
			f()
			n := count.Load() - before
			t.Logf("%s: %d statements", what, n)
			if n > limit {
				t.Errorf("%s takes %d statements, more than %d", what, n, limit)
			}
		}
		queries("load a review of 400 items", 12, func() { must[*reviews.Review](t)(db.Review(ctx, "W0-1")) })
		queries("decide one of 400 items", 24, func() { act(t, db, "W0-1", explain("item-0")) })
		queries("raise a finding", 24, func() { act(t, db, "W0-1", raise("item-1", "F-1")) })
		queries("list reviews", 1, func() { must[[]reviews.Summary](t)(db.Reviews(ctx, reviews.ReviewFilter{})) })
		queries("list findings", 2, func() { must[[]reviews.Finding](t)(db.Findings(ctx, reviews.FindingFilter{})) })
	})
}
