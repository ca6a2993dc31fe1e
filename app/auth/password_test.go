package auth_test

import (
	"strings"
	"testing"
	"time"

	"logreeve/app/actor"
	"logreeve/app/auth"
	"logreeve/app/auth/authtest"
	"logreeve/app/fault"
	"logreeve/app/trail"
)

func entry() trail.Entry { return trail.Entry{Action: "test", ObjectKind: "account"} }

func TestCheckPassword(t *testing.T) {
	about := []string{"Beckhof Energie", "Ines Roth", "ines.roth@example.org"}
	for _, p := range []string{
		"short", "elevenchars", "", "aaaaaaaaaaaaaaaa", "password1234", "Passw0rd2026!", "123456789012", "qwertyuiop12", "Logreeve-2026", "logreevelogreeve",
		"beckhof-audit-1", "Energie2026Energie", "inesroth2026!!", "example.org.org", "correcthorsebatterystaple", "admin-admin-admin", "1q2w3e4r5t6y", "ABABABABABAB",
		strings.Repeat("x", auth.MaxPasswordBytes+1), "violet tram \xff under",
	} {
		if err := auth.CheckPassword("password", p, about...); fault.FieldOf(err) != "password" {
			t.Errorf("%q is accepted", p)
		}
	}
	for _, p := range []string{
		good, another, "violettramglass", "VIOLETTRAMGLASS", "85203917460628", " leading and trailing ", "ありがとうございます地図帳", "🜁🜂🜃🜄🜁🜂🜃🜄 wind",
		strings.Repeat("grumbling otters ", 8), strings.Repeat("otter velvet drum ", 50),
	} {
		if err := auth.CheckPassword("password", p, about...); err != nil {
			t.Errorf("%q: %v", p, err)
		}
	}
}

// Stored passwords are PHC strings at the documented cost, salted, and matched
// exactly as typed, also past bcrypt's 72 bytes.
func TestStoredPasswords(t *testing.T) {
	store := &authtest.Store{}
	s := auth.New(auth.Config{Store: store, Now: time.Now})
	long := strings.Repeat("grumbling otters ", 8)
	hashes := map[string]bool{}
	for _, email := range []string{"a@example.org", "b@example.org"} {
		a, _, err := s.CreateAccount(t.Context(), system(), auth.NewAccount{Name: "N", Email: email, Roles: []actor.Role{actor.Reviewer}, Password: long})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(a.PasswordHash, "$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Errorf("stored as %q", a.PasswordHash)
		}
		hashes[a.PasswordHash] = true
	}
	if len(hashes) != 2 {
		t.Error("equal passwords are stored equally")
	}
	for p, right := range map[string]bool{long: true, long[:len(long)-1]: false, long + "x": false, long[:72]: false, strings.ToUpper(long): false} {
		if _, err := s.SignIn(t.Context(), "a@example.org", p, "192.0.2."+string("123456789"[len(hashes)]), "", ""); (err == nil) != right {
			t.Errorf("%d characters: %v", len(p), err)
		}
	}
}

func TestUnreadableStoredPasswordsAreErrorsOfOurs(t *testing.T) {
	w := newWorld(t)
	for _, phc := range []string{"x", "$argon2id$v=19$m=4194304,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", "$argon2i$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=19$m=64,t=0,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$"} {
		w.store.Tamper(w.ids["reviewer"], func(a *auth.Account) { a.PasswordHash = phc })
		if _, err := w.SignIn(t.Context(), "reviewer@example.org", good, "192.0.2.50", "", ""); err == nil || fault.KindOf(err) != fault.Internal {
			t.Errorf("%q: %v", phc, err)
		}
	}
}

// Accounts that do not exist cost what existing ones cost.
func TestUnknownAccountsCostTheSame(t *testing.T) {
	store := &authtest.Store{}
	s := auth.New(auth.Config{Store: store, Now: time.Now, Limits: auth.Limits{Address: auth.Limit{Burst: 1000, Every: time.Second}, Account: auth.Limit{Burst: 1000, Every: time.Second}}})
	if _, _, err := s.CreateAccount(t.Context(), system(), auth.NewAccount{Name: "N", Email: "known@example.org", Roles: []actor.Role{actor.Reviewer}, Password: good}); err != nil {
		t.Fatal(err)
	}
	best := func(email string) time.Duration {
		least := time.Hour
		for range 7 {
			start := time.Now()
			if _, err := s.SignIn(t.Context(), email, "wrong wrong wrong", here, "", ""); err == nil {
				t.Fatal("signed in")
			}
			least = min(least, time.Since(start))
		}
		return least
	}
	known, unknown := best("known@example.org"), best("unknown@example.org")
	if unknown < known/2 || known < unknown/2 {
		t.Errorf("known %v, unknown %v", known, unknown)
	}
}
