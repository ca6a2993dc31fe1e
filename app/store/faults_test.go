package store_test

import (
	"slices"
	"testing"

	"logreeve/app/auth"
	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/app/store"
	"logreeve/app/trail"
	"logreeve/reviews"
)

// flow is one thing a person or the schedule does, on a database made ready
// for it. Its tables are those it must at least write.
type flow struct {
	name   string
	ready  func(t testing.TB, db *database)
	run    func(t testing.TB, db *database) error
	tables []string
}

func flows() []flow {
	signed := func(t testing.TB, db *database) {
		opened(t, db, "W0-1", 4, 3)
		decided(t, db, "W0-1")
	}
	attested := func(t testing.TB, db *database) {
		signed(t, db)
		act(t, db, "W0-1", attest)
	}
	update := func(rule func(*reviews.Review) error) func(testing.TB, *database) error {
		return func(_ testing.TB, db *database) error {
			_, err := db.UpdateReview(ctx, alice, "W0-1", told(rule))
			return err
		}
	}
	return []flow{
		{
			"decide", func(t testing.TB, db *database) { opened(t, db, "W0-1", 4, 3) }, update(explain("item-0")),
			[]string{"decisions", "review_events", "reviews", "trail", "trail_head", "principals"},
		},
		{
			"raise a finding", func(t testing.TB, db *database) { opened(t, db, "W0-1", 4, 3) }, update(raise("item-1", "F-1")),
			[]string{"decisions", "findings", "finding_changes", "reviews", "trail", "trail_head"},
		},
		{
			"open", func(t testing.TB, db *database) {
				if err := db.CreateReview(ctx, alice, scheduled("W0-1", "d"), entry("x")); err != nil {
					t.Fatal(err)
				}
			},
			func(t testing.TB, db *database) error {
				o := opening(t, 4, 3)
				_, err := db.UpdateReview(ctx, alice, "W0-1", told(func(r *reviews.Review) error { return r.OpenWith(o, when) }))
				return err
			},
			[]string{"review_checks", "review_items", "review_picks", "review_limits", "review_events", "reviews", "trail", "trail_head"},
		},
		{"attest", signed, update(attest), []string{"sign_offs", "review_events", "reviews", "trail", "trail_head"}},
		{
			"return", attested, update(func(r *reviews.Review) error { return r.Return(approver, "again", when) }),
			[]string{"sign_off_voids", "review_events", "reviews", "trail", "trail_head"},
		},
		{
			"approve", attested, func(_ testing.TB, db *database) error {
				_, err := db.CloseReview(ctx, bob, "W0-1", approve("a package"))
				return err
			},
			[]string{"sign_offs", "decisions", "review_events", "reviews", "packages", "package_bytes", "principals", "trail", "trail_head"},
		},
		{
			"change a finding", signed, func(_ testing.TB, db *database) error {
				_, err := db.UpdateFinding(ctx, alice, "F-0001", func(f *reviews.Finding) (trail.Entry, error) {
					return entry("finding.changed"), f.Update(reviewer, reviews.FindingUpdate{Version: f.Version, Effect: new("worse")}, when)
				})
				return err
			},
			[]string{"findings", "finding_changes", "trail", "trail_head"},
		},
		{
			"finish a run", func(t testing.TB, db *database) {
				if err := db.CreateRun(ctx, alice, queued("r_1", 1), entry("x")); err != nil {
					t.Fatal(err)
				}
			},
			func(t testing.TB, db *database) error {
				r, states, seen := finished(t, "r_1", 20000*24*hour)
				return db.FinishRun(ctx, alice, r, states, seen, entry("run.finished"))
			},
			[]string{"runs", "results", "items", "item_evidence", "latest_results", "run_changes", "changes", "policy_states", "ledger", "source_readings", "trail", "trail_head"},
		},
		{
			"change a password", func(t testing.TB, db *database) {
				if err := db.CreateAccount(ctx, account("u_1"), alice, entry("x")); err != nil {
					t.Fatal(err)
				}
				if err := db.OpenSession(ctx, session("ss_1", "u_1"), 1, "", alice, entry("x")); err != nil {
					t.Fatal(err)
				}
			},
			func(_ testing.TB, db *database) error {
				_, err := db.UpdateAccount(ctx, "u_1", alice, auth.SessionEffect{EndAll: true, Open: new(session("ss_2", "u_1"))}, func(a *auth.Account, _ int) (trail.Entry, error) {
					a.PasswordHash = "new"
					return entry("account.password_changed"), nil
				})
				return err
			},
			[]string{"accounts", "sessions", "trail", "trail_head"},
		},
		{
			"set up", func(t testing.TB, db *database) {
				if err := db.SaveSetupToken(ctx, "t"); err != nil {
					t.Fatal(err)
				}
			},
			func(_ testing.TB, db *database) error {
				return db.CompleteSetup(ctx, auth.Setup{TokenHash: "t", Organisation: auth.Organisation{Name: "x"}, Admin: account("u_1"), Session: session("ss_1", "u_1")}, alice, entry("x"))
			},
			[]string{"setup", "settings", "accounts", "sessions", "principals", "trail", "trail_head"},
		},
		{
			"import people", func(testing.TB, *database) {},
			func(t testing.TB, db *database) error {
				return db.SaveSnapshot(ctx, alice, fill[runs.Snapshot](t), entry("people.imported"))
			},
			[]string{"snapshots", "snapshot_people", "principals", "trail", "trail_head"},
		},
	}
}

// TestAllOrNothing makes every table in turn refuse what a flow writes: the
// flow fails and nothing at all is changed. Which tables a flow writes is seen
// from a run of it beside; that run is also the control.
func TestAllOrNothing(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *database) {
		pairs := 0
		for _, f := range flows() {
			t.Run(f.name, func(t *testing.T) {
				traced := open(t, db.driver)
				f.ready(t, traced)
				before := traced.contents(t)
				if err := f.run(t, traced); err != nil {
					t.Fatalf("the control failed: %v", err)
				}
				var written []string
				for table, hash := range traced.contents(t) {
					if hash != before[table] {
						written = append(written, table)
					}
				}
				for _, table := range f.tables {
					if !slices.Contains(written, table) && table != "principals" {
						t.Errorf("did not write %s", table)
					}
				}
				hurt := open(t, db.driver)
				f.ready(t, hurt)
				before = hurt.contents(t)
				for _, table := range written {
					remove := hurt.refuse(t, table)
					err := f.run(t, hurt)
					remove()
					if err == nil {
						t.Fatalf("succeeded although %s could not be written", table)
					}
					if fault.Message(err) == "" {
						t.Error("no sentence for the person")
					}
					for name, hash := range hurt.contents(t) {
						if hash != before[name] {
							t.Errorf("%s changed although %s could not be written", name, table)
						}
					}
					pairs++
				}
				if err := f.run(t, hurt); err != nil {
					t.Errorf("afterwards it cannot be done: %v", err)
				}
			})
		}
		t.Logf("%d pairs of flow and table", pairs)
	})
}

// refuse makes every write to a table fail until the function is called.
func (db *database) refuse(t testing.TB, table string) (remove func()) {
	t.Helper()
	if db.driver == store.Postgres {
		db.exec(t, `CREATE OR REPLACE FUNCTION hurt() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the disk of this table is broken'; END $$`)
		db.exec(t, "CREATE TRIGGER a_hurt BEFORE INSERT OR UPDATE OR DELETE ON "+table+" FOR EACH ROW EXECUTE FUNCTION hurt()")
		return func() { db.exec(t, "DROP TRIGGER a_hurt ON "+table) }
	}
	for _, verb := range []string{"INSERT", "UPDATE", "DELETE"} {
		db.exec(t, "CREATE TRIGGER hurt_"+verb+" BEFORE "+verb+" ON "+table+" BEGIN SELECT RAISE(ABORT, 'the disk of this table is broken'); END")
	}
	return func() {
		for _, verb := range []string{"INSERT", "UPDATE", "DELETE"} {
			db.exec(t, "DROP TRIGGER hurt_"+verb)
		}
	}
}

// TestNothingWithoutTrail: while the trail cannot be written, no method that
// takes an entry changes anything.
func TestNothingWithoutTrail(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *database) {
		for _, a := range []auth.Account{account("u_1"), account("u_2")} {
			if err := db.CreateAccount(ctx, a, alice, entry("x")); err != nil {
				t.Fatal(err)
			}
		}
		for _, err := range []error{
			db.OpenSession(ctx, session("ss_1", "u_1"), 1, "", alice, entry("x")), db.CreateRun(ctx, alice, queued("r_1", 1), entry("x")),
			db.CreateRun(ctx, alice, queued("r_2", 2), entry("x")),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		opened(t, db, "W0-1", 4, 3)
		decided(t, db, "W0-1")
		opened(t, db, "W0-2", 4, 3)
		decided(t, db, "W0-2")
		act(t, db, "W0-2", attest)
		writes := []struct {
			name string
			run  func() error
		}{
			{"Append", func() error { return db.Append(ctx, alice, entry("x")) }},
			{"Record", func() error { return db.Record(ctx, alice, entry("x")) }},
			{"CreateAccount", func() error { return db.CreateAccount(ctx, account("u_3"), alice, entry("x")) }},
			{"UpdateAccount", func() error {
				_, err := db.UpdateAccount(ctx, "u_2", alice, auth.SessionEffect{}, func(a *auth.Account, _ int) (trail.Entry, error) { a.Name = "z"; return entry("x"), nil })
				return err
			}},
			{"OpenSession", func() error { return db.OpenSession(ctx, session("ss_2", "u_1"), 1, "", alice, entry("x")) }},
			{"EndSession", func() error { return db.EndSession(ctx, "u_1", "ss_1", alice, entry("x")) }},
			{"EndSessions", func() error { _, err := db.EndSessions(ctx, "u_1", "", alice, entry("x")); return err }},
			{"SaveSettings", func() error { return db.SaveSettings(ctx, alice, runs.Settings{Organisation: "z"}, entry("x")) }},
			{"SaveSource", func() error { return db.SaveSource(ctx, alice, runs.Source{ID: "s", Name: "s"}, entry("x")) }},
			{"SaveSnapshot", func() error { return db.SaveSnapshot(ctx, alice, fill[runs.Snapshot](t), entry("x")) }},
			{"CreateRun", func() error { return db.CreateRun(ctx, alice, queued("r_3", 3), entry("x")) }},
			{"AskCancel", func() error { return db.AskCancel(ctx, alice, "r_2", entry("x")) }},
			{"FinishRun", func() error {
				r, states, seen := finished(t, "r_1", 1)
				return db.FinishRun(ctx, alice, r, states, seen, entry("x"))
			}},
			{"CreateReview", func() error { return db.CreateReview(ctx, alice, scheduled("W0-3", "z"), entry("x")) }},
			{"UpdateReview", func() error { _, err := db.UpdateReview(ctx, alice, "W0-1", told(attest)); return err }},
			{"CloseReview", func() error { _, err := db.CloseReview(ctx, bob, "W0-2", approve("p")); return err }},
			{"UpdateFinding", func() error {
				_, err := db.UpdateFinding(ctx, alice, "F-0001", func(f *reviews.Finding) (trail.Entry, error) { f.Effect = "z"; return entry("x"), nil })
				return err
			}},
		}
		before := db.contents(t)
		for _, table := range []string{"trail", "trail_head"} {
			remove := db.refuse(t, table)
			for _, w := range writes {
				if err := w.run(); err == nil {
					t.Errorf("%s succeeded without a record", w.name)
				}
			}
			remove()
			wantEqual(t, "database", db.contents(t), before)
		}
		db.exec(t, "UPDATE trail_head SET seq = seq - 1") // the sequence is taken
		for _, w := range writes {
			if err := w.run(); err == nil {
				t.Errorf("%s succeeded over a record that exists", w.name)
			}
		}
		db.exec(t, "UPDATE trail_head SET seq = seq + 1")
		wantEqual(t, "database", db.contents(t), before)
		for _, w := range writes { // the control: each of them does write
			was := db.contents(t)
			if err := w.run(); err != nil {
				t.Errorf("%s: %v", w.name, err)
			}
			if now := db.contents(t); now["trail"] == was["trail"] {
				t.Errorf("%s left no record", w.name)
			}
		}
	})
}
