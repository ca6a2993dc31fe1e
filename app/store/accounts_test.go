package store_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"logreeve/app/actor"
	"logreeve/app/auth"
	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/app/trail"
)

func account(id string, roles ...actor.Role) auth.Account {
	return auth.Account{ID: id, Name: "Name " + id, Email: id + "@example.com", PasswordHash: "$argon2id$" + id, PasswordAt: 7, Roles: roles, CreatedAt: 5, Version: 1}
}

func session(id, of string) auth.Session {
	return auth.Session{ID: id, TokenHash: "hash of " + id, AccountID: of, CreatedAt: 10, LastSeen: 20, ExpiresAt: 1000, Secret: "s", UserAgent: hostile, Address: "192.0.2.1"}
}

func TestSetup(t *testing.T) {
	both(t, func(t *testing.T, db *database) {
		if any := must[bool](t)(db.AnyAccount(ctx)); any {
			t.Fatal("an account before the set-up")
		}
		set := auth.Setup{TokenHash: "t1", Organisation: auth.Organisation{Name: "Example & Sons", Zone: "Europe/Berlin"}, Admin: account("u_1", actor.Admin), Session: session("ss_1", "u_1")}
		wantKind(t, db.CompleteSetup(ctx, set, auth.Anonymous("192.0.2.1"), entry("setup.completed")), fault.Conflict) // no token yet
		for _, hash := range []string{"t0", "t1"} {
			if err := db.SaveSetupToken(ctx, hash); err != nil {
				t.Fatal(err)
			}
		}
		if got := must[string](t)(db.SetupTokenHash(ctx)); got != "t1" {
			t.Fatalf("token %q", got)
		}
		var wg sync.WaitGroup
		var won, lost sync.Map
		for i := range 8 { // eight browsers at once: one of them sets it up
			wg.Go(func() {
				one := set
				one.Admin, one.Session = account(fmt.Sprintf("u_%d", i), actor.Admin), session(fmt.Sprintf("ss_%d", i), fmt.Sprintf("u_%d", i))
				switch err := db.CompleteSetup(ctx, one, auth.Anonymous("192.0.2.1"), entry("setup.completed")); {
				case err == nil:
					won.Store(i, true)
				case fault.KindOf(err) == fault.Conflict:
					lost.Store(i, true)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if size(&won) != 1 || size(&lost) != 7 {
			t.Fatalf("%d set it up, %d were refused", size(&won), size(&lost))
		}
		if o := must[auth.Organisation](t)(db.Organisation(ctx)); o != set.Organisation {
			t.Fatalf("organisation %+v", o)
		}
		if left := must[string](t)(db.SetupTokenHash(ctx)); left != "" {
			t.Fatal("the set-up token can be used again")
		}
		wantTrail(t, db, 1)
		s := runs.Settings{Organisation: "Other", Zone: "Asia/Kolkata", TicketPattern: hostile, AuditPolicy: hostile, Classification: "c", Sample: true}
		if err := db.SaveSettings(ctx, alice, s, entry("settings.changed")); err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "settings", must[runs.Settings](t)(db.Settings(ctx)), s)
		s.Sample = false
		if err := db.SaveSettings(ctx, alice, s, entry("settings.changed")); err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "settings", must[runs.Settings](t)(db.Settings(ctx)), s)
	})
}

func size(m *sync.Map) int {
	n := 0
	m.Range(func(any, any) bool { n++; return true })
	return n
}

func TestAccounts(t *testing.T) {
	both(t, func(t *testing.T, db *database) {
		full := fill[auth.Account](t)
		full.Version = 1
		for _, a := range []auth.Account{account("u_b", actor.Admin), full, account("u_a")} {
			if err := db.CreateAccount(ctx, a, alice, entry("account.made")); err != nil {
				t.Fatal(err)
			}
			wantEqual(t, "account", must[auth.Account](t)(db.Account(ctx, a.ID)), a)
			wantEqual(t, "account by e-mail", must[auth.Account](t)(db.AccountByEmail(ctx, a.Email)), a)
		}
		taken := account("u_c")
		taken.Email = "u_a@example.com"
		err := db.CreateAccount(ctx, taken, alice, entry("account.made"))
		wantKind(t, err, fault.Conflict)
		if fault.FieldOf(err) != "email" {
			t.Errorf("the field is %q", fault.FieldOf(err))
		}
		if all := must[[]auth.Account](t)(db.Accounts(ctx)); len(all) != 3 {
			t.Fatalf("accounts: %+v", all)
		}
		for _, id := range []string{"", "1 OR 1=1", "u_none", "\x00"} { // nothing selects everything
			_, err := db.Account(ctx, id)
			wantKind(t, err, fault.NotFound)
			_, err = db.AccountByEmail(ctx, id)
			wantKind(t, err, fault.NotFound)
		}
		wantTrail(t, db, 3)

		got := must[auth.Account](t)(db.UpdateAccount(ctx, "u_b", alice, auth.SessionEffect{}, func(a *auth.Account, others int) (trail.Entry, error) {
			if others != 0 {
				t.Errorf("%d other administrators", others)
			}
			a.Disabled, a.Roles, a.MustChange = true, nil, false // a right that is taken away is gone
			return entry("account.disabled"), nil
		}))
		if got.Version != 2 {
			t.Errorf("version %d", got.Version)
		}
		wantEqual(t, "changed account", must[auth.Account](t)(db.Account(ctx, "u_b")), got)
		_, err = db.UpdateAccount(ctx, "u_b", alice, auth.SessionEffect{EndAll: true}, func(a *auth.Account, _ int) (trail.Entry, error) {
			a.Name = "changed"
			return entry("x"), fault.New(fault.Forbidden, "No.")
		})
		wantKind(t, err, fault.Forbidden)
		_, err = db.UpdateAccount(ctx, "u_a", alice, auth.SessionEffect{}, func(a *auth.Account, _ int) (trail.Entry, error) {
			a.Email = "u_b@example.com"
			return entry("x"), nil
		})
		wantKind(t, err, fault.Conflict)
		_, err = db.UpdateAccount(ctx, "u_none", alice, auth.SessionEffect{}, nil)
		wantKind(t, err, fault.NotFound)
		wantEqual(t, "account after refusals", must[auth.Account](t)(db.Account(ctx, "u_b")), got)
		wantTrail(t, db, 4)
	})
}

// TestLastAdministrator: two administrators who disable each other at the same
// moment: one stays.
func TestLastAdministrator(t *testing.T) {
	both(t, func(t *testing.T, db *database) {
		for round := range 10 {
			ids := []string{fmt.Sprintf("u_%d_a", round), fmt.Sprintf("u_%d_b", round)}
			for _, id := range ids {
				if err := db.CreateAccount(ctx, account(id, actor.Admin), alice, entry("account.made")); err != nil {
					t.Fatal(err)
				}
			}
			last := errors.New("the last one")
			var wg sync.WaitGroup
			var refused sync.Map
			for _, id := range ids {
				wg.Go(func() {
					_, err := db.UpdateAccount(ctx, id, alice, auth.SessionEffect{}, func(a *auth.Account, others int) (trail.Entry, error) {
						if others == 0 {
							return trail.Entry{}, last
						}
						a.Disabled = true
						return entry("account.disabled"), nil
					})
					if err != nil {
						refused.Store(id, true)
					}
				})
			}
			wg.Wait()
			all := must[[]auth.Account](t)(db.Accounts(ctx))
			enabled := slices.IndexFunc(all, func(a auth.Account) bool { return !a.Disabled })
			if size(&refused) != 1 || enabled < 0 {
				t.Fatalf("round %d: %d refused, an administrator left: %v", round, size(&refused), enabled >= 0)
			}
			for _, a := range all {
				if _, err := db.UpdateAccount(ctx, a.ID, alice, auth.SessionEffect{}, func(a *auth.Account, _ int) (trail.Entry, error) {
					a.Disabled, a.Roles = true, nil
					return entry("account.disabled"), nil
				}); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

func TestSessions(t *testing.T) {
	both(t, func(t *testing.T, db *database) {
		for _, id := range []string{"u_1", "u_2"} {
			if err := db.CreateAccount(ctx, account(id, actor.Reviewer), alice, entry("account.made")); err != nil {
				t.Fatal(err)
			}
		}
		open := func(s auth.Session, version int64, replaces string) error {
			return db.OpenSession(ctx, s, version, replaces, alice, entry("account.signed_in"))
		}
		full := fill[auth.Session](t)
		full.AccountID, full.LastSeen, full.ExpiresAt = "u_1", 30, 2000
		for _, err := range []error{open(session("ss_1", "u_1"), 1, ""), open(full, 1, ""), open(session("ss_2", "u_2"), 1, "")} {
			if err != nil {
				t.Fatal(err)
			}
		}
		wantKind(t, open(session("ss_3", "u_1"), 2, ""), fault.Conflict)
		wantKind(t, open(session("ss_3", "u_none"), 1, ""), fault.Conflict)
		got, of, err := db.SessionByToken(ctx, full.TokenHash)
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "session", got, full)
		wantEqual(t, "account of a session", of, account("u_1", actor.Reviewer))
		for _, hash := range []string{"", "none", "' OR '1'='1"} {
			_, _, err = db.SessionByToken(ctx, hash)
			wantKind(t, err, fault.NotFound)
		}
		list := must[[]auth.Session](t)(db.Sessions(ctx, "u_1"))
		if len(list) != 2 || list[0].ID != full.ID {
			t.Fatalf("sessions %+v", list)
		}
		if none := must[[]auth.Session](t)(db.Sessions(ctx, "")); len(none) != 0 {
			t.Fatalf("sessions of nobody: %+v", none)
		}
		if err := db.TouchSession(ctx, "ss_1", 99); err != nil {
			t.Fatal(err)
		}
		earlier := session("ss_1", "u_1").TokenHash
		got, _, err = db.SessionByToken(ctx, earlier)
		if err != nil || got.LastSeen != 99 || got.ID != "ss_1" {
			t.Fatalf("%+v %v", got, err)
		}
		if err := open(session("ss_4", "u_1"), 1, earlier); err != nil {
			t.Fatal(err)
		}
		_, _, err = db.SessionByToken(ctx, earlier)
		wantKind(t, err, fault.NotFound)
		wantKind(t, db.EndSession(ctx, "u_2", "ss_4", alice, entry("x")), fault.NotFound) // somebody else's
		if err := db.EndSession(ctx, "u_1", "ss_4", alice, entry("session.ended")); err != nil {
			t.Fatal(err)
		}
		if n, err := db.EndSessions(ctx, "u_1", full.ID, alice, entry("session.ended")); n != 0 || err != nil {
			t.Fatal(n, err)
		}
		if _, err := db.UpdateAccount(ctx, "u_1", alice, auth.SessionEffect{EndAll: true, Open: new(session("ss_5", "u_1"))}, func(a *auth.Account, _ int) (trail.Entry, error) {
			a.PasswordHash = "other"
			return entry("account.password_changed"), nil
		}); err != nil {
			t.Fatal(err)
		}
		if list := must[[]auth.Session](t)(db.Sessions(ctx, "u_1")); len(list) != 1 || list[0].ID != "ss_5" {
			t.Fatalf("sessions %+v", list)
		}
		if n := must[int](t)(db.DeleteSessions(ctx, 5, 1000)); n != 2 { // both end at 1000
			t.Fatalf("%d sessions were swept", n)
		}
		if n, err := db.EndSessions(ctx, "u_1", "", alice, entry("session.ended")); n != 0 || err != nil {
			t.Fatal(n, err)
		}
		wantTrail(t, db, 10)
	})
}
