package auth_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"logreeve/app/actor"
	"logreeve/app/auth"
	"logreeve/app/auth/authtest"
	"logreeve/app/fault"
)

const (
	good    = "violet tram under glass"
	another = "seven paper lanterns drift"
	here    = "198.51.100.7"
)

type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// world is a service over memory with one account of each role, whose e-mail
// address is role@example.org and whose password is good.
type world struct {
	*auth.Service
	store *authtest.Store
	clock *clock
	ids   map[actor.Role]string
}

func system() actor.Actor { return actor.System() }

func newWorld(t *testing.T) world {
	t.Helper()
	w := world{store: &authtest.Store{}, clock: &clock{t: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}, ids: map[actor.Role]string{}}
	w.Service = auth.New(auth.Config{Store: w.store, Now: w.clock.now, Cost: auth.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}})
	for _, r := range actor.Roles() {
		a, shown, err := w.CreateAccount(t.Context(), system(), auth.NewAccount{Name: string(r) + " person", Email: string(r) + "@example.org", Roles: []actor.Role{r}, Password: good})
		if err != nil || shown != "" {
			t.Fatalf("create %s: %v, shown %q", r, err, shown)
		}
		w.ids[r] = a.ID
	}
	return w
}

func (w world) signIn(t *testing.T, email, password string) string {
	t.Helper()
	token, err := w.SignIn(t.Context(), email, password, here, "test", "")
	if err != nil {
		t.Fatalf("sign in %s: %v", email, err)
	}
	return token
}

func (w world) account(t *testing.T, r actor.Role) auth.Account {
	t.Helper()
	a, err := w.store.Account(t.Context(), w.ids[r])
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func last(actions []string) string { return actions[len(actions)-1] }

func TestSetup(t *testing.T) {
	store := &authtest.Store{}
	c := &clock{t: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}
	s := auth.New(auth.Config{Store: store, Now: c.now})
	ctx := t.Context()
	if needs, err := s.NeedsSetup(ctx); err != nil || !needs {
		t.Fatalf("an empty installation needs set-up: %v, %v", needs, err)
	}
	first, err := s.SetupToken(ctx)
	if err != nil || len(first) < 26 {
		t.Fatalf("token %q, %v", first, err)
	}
	token, err := s.SetupToken(ctx)
	if err != nil || token == first {
		t.Fatalf("a later start makes another token: %q, %v", token, err)
	}
	f := auth.FirstSetup{Token: token, Organisation: "Beckhof", Zone: "Europe/Berlin", Name: "Ines Roth", Email: " Ines@Example.org ", Password: good}
	for _, tc := range []struct {
		field  string
		change func(*auth.FirstSetup)
	}{
		{"token", func(f *auth.FirstSetup) { f.Token = first }},
		{"token", func(f *auth.FirstSetup) { f.Token = "" }},
		{"organisation", func(f *auth.FirstSetup) { f.Organisation = " " }},
		{"zone", func(f *auth.FirstSetup) { f.Zone = "Local" }},
		{"zone", func(f *auth.FirstSetup) { f.Zone = "Europe/Atlantis" }},
		{"name", func(f *auth.FirstSetup) { f.Name = "Ines\u202eRoth" }},
		{"email", func(f *auth.FirstSetup) { f.Email = "ines" }},
		{"password", func(f *auth.FirstSetup) { f.Password = "beckhof-2026-ines" }},
	} {
		wrong := f
		tc.change(&wrong)
		if _, err := s.CompleteSetup(ctx, wrong, here, "ua"); fault.FieldOf(err) != tc.field {
			t.Errorf("%s: got %v", tc.field, err)
		}
	}
	session, err := s.CompleteSetup(ctx, f, here, "ua")
	if err != nil {
		t.Fatal(err)
	}
	a, _, err := s.Resolve(ctx, session)
	if err != nil || a.Email != "ines@example.org" || !slices.Equal(a.Roles, []actor.Role{actor.Admin, actor.Officer}) {
		t.Fatalf("%+v, %v", a, err)
	}
	if o, _ := s.Organisation(ctx); o != (auth.Organisation{Name: "Beckhof", Zone: "Europe/Berlin"}) {
		t.Errorf("organisation %+v", o)
	}
	if _, err := s.CompleteSetup(ctx, f, here, "ua"); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a second set-up: %v", err)
	}
	if again, err := s.SetupToken(ctx); err != nil || again != "" {
		t.Errorf("a token after set-up: %q, %v", again, err)
	}
	if got := last(store.Actions()); got != "setup.completed" {
		t.Errorf("last action %s", got)
	}
}

func TestSignInGivesOneAnswerForEveryReason(t *testing.T) {
	w := newWorld(t)
	if _, err := w.SetDisabled(t.Context(), system(), w.ids[actor.Auditor], true); err != nil {
		t.Fatal(err)
	}
	var sentences []string
	for _, try := range [][2]string{{"reviewer@example.org", "not the password"}, {"nobody@example.org", good}, {"auditor@example.org", good}, {"reviewer@example.org", ""}, {"reviewer@example.org", good + " "}, {"", ""}} {
		recorded := len(w.store.Trail())
		_, err := w.SignIn(t.Context(), try[0], try[1], here, "ua", "")
		if fault.KindOf(err) != fault.Unauthenticated || err == nil {
			t.Fatalf("%q: %v", try, err)
		}
		if got := len(w.store.Trail()) - recorded; got != 1 {
			t.Errorf("%q: %d trail entries", try, got)
		}
		sentences = append(sentences, err.Error())
		if got := last(w.store.Actions()); got != "account.sign_in_failed" {
			t.Errorf("%q: last action %s", try, got)
		}
	}
	if slices.Sort(sentences); sentences[0] != sentences[len(sentences)-1] {
		t.Errorf("different answers: %q", sentences)
	}
	for _, r := range w.store.Trail() {
		for _, v := range r.Entry.Detail {
			if strings.Contains(v, "example.org") || strings.Contains(v, "glass") {
				t.Errorf("the trail holds what was typed: %v", r.Entry)
			}
		}
	}
	w.signIn(t, " Reviewer@Example.ORG ", good)
	r := w.store.Trail()[len(w.store.Trail())-1]
	if r.Entry.Action != "account.signed_in" || r.By.ID != w.ids[actor.Reviewer] || r.By.Address != here {
		t.Errorf("recorded %+v", r)
	}
}

func TestSessionsHaveFreshHashedTokensAndEnd(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	chosen := "chosen-by-somebody-else"
	token, err := w.SignIn(ctx, "reviewer@example.org", good, here, "ua", chosen)
	if err != nil || token == chosen || len(token) < 43 {
		t.Fatalf("token %q, %v", token, err)
	}
	if slices.Contains(w.store.TokenHashes(), token) {
		t.Error("the store holds the token itself")
	}
	second, err := w.SignIn(ctx, "reviewer@example.org", good, here, "ua", token)
	if err != nil || second == token {
		t.Fatalf("second sign-in: %q, %v", second, err)
	}
	if _, _, err := w.Resolve(ctx, token); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("the session that was replaced still works: %v", err)
	}
	if _, _, err := w.Resolve(ctx, ""); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("no token: %v", err)
	}

	// Idle: a request every 29 minutes keeps it, 30 minutes end it.
	for range 3 {
		w.clock.pass(29 * time.Minute)
		if _, _, err := w.Resolve(ctx, second); err != nil {
			t.Fatal(err)
		}
	}
	w.clock.pass(30 * time.Minute)
	if _, _, err := w.Resolve(ctx, second); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("after 30 idle minutes: %v", err)
	}

	// Absolute: requests all the time, and it ends after 12 hours.
	third := w.signIn(t, "reviewer@example.org", good)
	var lived time.Duration
	for ; lived < 24*time.Hour; lived += 10 * time.Minute {
		if _, _, err := w.Resolve(ctx, third); err != nil {
			break
		}
		w.clock.pass(10 * time.Minute)
	}
	if lived != 12*time.Hour {
		t.Errorf("the session lived %v", lived)
	}
	if n, err := w.Sweep(ctx); err != nil || n != 2 {
		t.Errorf("swept %d, %v", n, err)
	}
}

func TestLastSeenIsWrittenAtMostOnceAMinute(t *testing.T) {
	w := newWorld(t)
	token := w.signIn(t, "reviewer@example.org", good)
	for range 180 {
		w.clock.pass(time.Second)
		if _, _, err := w.Resolve(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.store.Touches(); got != 3 {
		t.Errorf("%d writes in 3 minutes", got)
	}
}

func TestWhatEndsSessions(t *testing.T) {
	for _, tc := range []struct {
		name string
		act  func(w world, ctx context.Context, a auth.Account, s auth.Session) error
	}{
		{"sign-out", func(w world, ctx context.Context, a auth.Account, s auth.Session) error {
			return w.SignOut(ctx, a.Actor(here), s)
		}},
		{"disable", func(w world, ctx context.Context, a auth.Account, _ auth.Session) error {
			_, err := w.SetDisabled(ctx, system(), a.ID, true)
			return err
		}},
		{"reset", func(w world, ctx context.Context, a auth.Account, _ auth.Session) error {
			_, _, err := w.ResetPassword(ctx, system(), a.ID)
			return err
		}},
		{"roles", func(w world, ctx context.Context, a auth.Account, _ auth.Session) error {
			_, err := w.SetRoles(ctx, system(), a.ID, []actor.Role{actor.Auditor})
			return err
		}},
		{"password change", func(w world, ctx context.Context, a auth.Account, _ auth.Session) error {
			_, err := w.ChangePassword(ctx, a, good, another, here, "ua")
			return err
		}},
		{"ended from a list", func(w world, ctx context.Context, a auth.Account, s auth.Session) error {
			return w.EndSession(ctx, a.Actor(here), a.ID, s.ID)
		}},
		{"ended by an administrator", func(w world, ctx context.Context, a auth.Account, _ auth.Session) error {
			n, err := w.EndSessions(ctx, w.mustAdmin(), a.ID, "")
			if n != 1 {
				return errors.New("not one session")
			}
			return err
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			token := w.signIn(t, "reviewer@example.org", good)
			a, s, err := w.Resolve(t.Context(), token)
			if err != nil {
				t.Fatal(err)
			}
			recorded := len(w.store.Trail())
			if err := tc.act(w, t.Context(), a, s); err != nil {
				t.Fatal(err)
			}
			if _, _, err := w.Resolve(t.Context(), token); fault.KindOf(err) != fault.Unauthenticated {
				t.Errorf("the token still works: %v", err)
			}
			if got := len(w.store.Trail()) - recorded; got != 1 {
				t.Errorf("%d trail entries", got)
			}
		})
	}
}

func (w world) mustAdmin() actor.Actor {
	return actor.Actor{ID: w.ids[actor.Admin], Roles: []actor.Role{actor.Admin}, Address: here}
}

func TestGuessingIsLimitedAndLocksNobodyOutElsewhere(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	guess := func(email, address string) bool {
		_, err := w.SignIn(ctx, email, "guess guess guess", address, "ua", "")
		return fault.KindOf(err) == fault.Unauthenticated && err != nil
	}
	tried := 0
	for range 10_000 {
		if guess("reviewer@example.org", here) {
			tried++
		}
	}
	if tried != 5 {
		t.Errorf("%d of 10,000 guesses at one account were evaluated, documented are 5", tried)
	}
	limited := 0
	for _, a := range w.store.Actions() {
		if a == "account.sign_in_limited" {
			limited++
		}
	}
	if limited != 1 {
		t.Errorf("%d entries for one run of refusals", limited)
	}
	// The victim elsewhere signs in; the right password does not help here.
	if _, err := w.SignIn(ctx, "reviewer@example.org", good, "203.0.113.9", "ua", ""); err != nil {
		t.Errorf("the victim is locked out: %v", err)
	}
	if _, err := w.SignIn(ctx, "reviewer@example.org", good, here, "ua", ""); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("an attempt past the limit was evaluated: %v", err)
	}
	// Other accounts share the address: 30 in all.
	for i := range 1000 {
		if guess(strings.Repeat("x", 1+i%50)+"@example.org", here) {
			tried++
		}
	}
	if tried != 30 {
		t.Errorf("%d guesses from one address were evaluated, documented are 30", tried)
	}
	// IPv6 clients choose within their network.
	six := 0
	for i := range 200 {
		if guess("officer@example.org", "2001:db8::"+string("0123456789abcdef"[i%16])) {
			six++
		}
	}
	if six != 5 {
		t.Errorf("%d guesses from one IPv6 network", six)
	}
	w.clock.pass(time.Minute)
	if !guess("reviewer@example.org", here) || guess("reviewer@example.org", here) {
		t.Error("after a minute there is exactly one more attempt")
	}
}

func TestSignInsThatSucceedDoNotCount(t *testing.T) {
	w := newWorld(t)
	for range 100 {
		w.signIn(t, "reviewer@example.org", good)
	}
}

func TestFailedConfirmationCountsAsSignIn(t *testing.T) {
	w := newWorld(t)
	a, _, err := w.Resolve(t.Context(), w.signIn(t, "approver@example.org", good))
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if err := w.Confirm(t.Context(), a.Actor(here), "wrong wrong wrong"); fault.FieldOf(err) != "password" {
			t.Fatal(err)
		}
	}
	if err := w.Confirm(t.Context(), a.Actor(here), good); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("the sixth: %v", err)
	}
	if _, err := w.SignIn(t.Context(), a.Email, good, here, "ua", ""); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("sign-in after it: %v", err)
	}
}

func TestOnlyAdministratorsChangeAccounts(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	calls := map[string]func(by actor.Actor) error{
		"create": func(by actor.Actor) error {
			_, _, err := w.CreateAccount(ctx, by, auth.NewAccount{Name: "New", Email: by.ID + "@new.example", Roles: []actor.Role{actor.Reviewer}})
			return err
		},
		"roles": func(by actor.Actor) error {
			_, err := w.SetRoles(ctx, by, w.ids[actor.Officer], []actor.Role{actor.Officer})
			return err
		},
		"disable": func(by actor.Actor) error {
			_, err := w.SetDisabled(ctx, by, w.ids[actor.Officer], false)
			return err
		},
		"reset": func(by actor.Actor) error { _, _, err := w.ResetPassword(ctx, by, w.ids[actor.Officer]); return err },
		"link": func(by actor.Actor) error {
			_, err := w.LinkPerson(ctx, by, w.ids[actor.Officer], "o@example.org")
			return err
		},
		"list":     func(by actor.Actor) error { _, err := w.ListAccounts(ctx, by); return err },
		"sessions": func(by actor.Actor) error { _, err := w.Sessions(ctx, by, w.ids[actor.Officer]); return err },
		"end":      func(by actor.Actor) error { _, err := w.EndSessions(ctx, by, w.ids[actor.Officer], ""); return err },
	}
	for name, call := range calls {
		for _, r := range []actor.Role{actor.Admin, actor.Reviewer, actor.Approver, actor.Auditor, ""} {
			by := actor.Actor{ID: w.ids[r], Roles: []actor.Role{r}}
			err := call(by)
			if r == actor.Admin && err != nil {
				t.Errorf("%s as administrator: %v", name, err)
			}
			if r != actor.Admin && fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%s as %q: %v", name, r, err)
			}
		}
	}
	if _, _, err := w.CreateAccount(ctx, w.mustAdmin(), auth.NewAccount{Name: "New", Email: "n@example.org", Roles: actor.Roles(), Password: another}); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("an administrator chose a password: %v", err)
	}
}

func TestInitialPasswords(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	a, shown, err := w.CreateAccount(ctx, w.mustAdmin(), auth.NewAccount{Name: "Lena Vogt", Email: "lena@example.org", Roles: []actor.Role{actor.Approver, actor.Reviewer}})
	if err != nil || len(shown) != 23 || !a.MustChange {
		t.Fatalf("%q, %+v, %v", shown, a, err)
	}
	if !slices.Equal(a.Roles, []actor.Role{actor.Reviewer, actor.Approver}) {
		t.Errorf("roles %v", a.Roles)
	}
	if err := auth.CheckPassword("p", shown); err != nil {
		t.Errorf("our own password: %v", err)
	}
	_, shown2, err := w.ResetPassword(ctx, w.mustAdmin(), a.ID)
	if err != nil || shown2 == shown {
		t.Fatal(shown2, err)
	}
	got, _, err := w.Resolve(ctx, w.signIn(t, "lena@example.org", shown2))
	if err != nil || !got.MustChange {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := w.ChangePassword(ctx, got, shown2, shown2, here, "ua"); fault.FieldOf(err) != "password" {
		t.Errorf("the same password again: %v", err)
	}
	if _, err := w.ChangePassword(ctx, got, "not the current", another, here, "ua"); fault.FieldOf(err) != "current" {
		t.Errorf("wrong current: %v", err)
	}
	token, err := w.ChangePassword(ctx, got, shown2, another, here, "ua")
	if err != nil {
		t.Fatal(err)
	}
	if got, _, err = w.Resolve(ctx, token); err != nil || got.MustChange {
		t.Errorf("%+v, %v", got, err)
	}
	_, shown3, err := w.ResetPassword(ctx, w.mustAdmin(), a.ID)
	if err != nil {
		t.Fatal(err)
	}
	w.clock.pass(auth.InitialPasswordLife + time.Second)
	if _, err := w.SignIn(ctx, "lena@example.org", shown3, here, "ua", ""); fault.KindOf(err) != fault.Unauthenticated || !strings.Contains(err.Error(), "expired") {
		t.Errorf("after 72 hours: %v", err)
	}
	for _, r := range w.store.Trail() {
		for _, v := range r.Entry.Detail {
			if strings.Contains(v, shown) || strings.Contains(v, shown2) || strings.Contains(v, shown3) {
				t.Errorf("a password is in the trail: %v", r.Entry)
			}
		}
	}
}

func TestTheLastAdministratorStays(t *testing.T) {
	w := newWorld(t)
	ctx, id := t.Context(), w.ids[actor.Admin]
	if _, err := w.SetRoles(ctx, w.mustAdmin(), id, []actor.Role{actor.Officer}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("roles: %v", err)
	}
	if _, err := w.SetDisabled(ctx, w.mustAdmin(), id, true); fault.KindOf(err) != fault.Conflict {
		t.Errorf("disable: %v", err)
	}
	if _, err := w.SetRoles(ctx, w.mustAdmin(), w.ids[actor.Officer], []actor.Role{actor.Admin}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.SetDisabled(ctx, w.mustAdmin(), id, true); err != nil {
		t.Errorf("with another administrator: %v", err)
	}
}

// Every change fails, and leaves nothing behind, when its trail entry cannot be
// written (guarantee P7).
func TestNoChangeWithoutItsTrailEntry(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	token := w.signIn(t, "reviewer@example.org", good)
	a, s, err := w.Resolve(ctx, token)
	if err != nil {
		t.Fatal(err)
	}
	boom := errors.New("disk full")
	w.store.FailTrail(boom)
	for name, err := range map[string]error{
		"sign in":    second(w.SignIn(ctx, "officer@example.org", good, here, "ua", "")),
		"failed":     second(w.SignIn(ctx, "officer@example.org", "wrong wrong wrong", here, "ua", "")),
		"sign out":   w.SignOut(ctx, a.Actor(here), s),
		"change":     second(w.ChangePassword(ctx, a, good, another, here, "ua")),
		"reauth":     w.Confirm(ctx, a.Actor(here), good),
		"roles":      second(w.SetRoles(ctx, system(), a.ID, actor.Roles())),
		"disable":    second(w.SetDisabled(ctx, system(), a.ID, true)),
		"end":        w.EndSession(ctx, a.Actor(here), a.ID, s.ID),
		"end others": second(w.EndSessions(ctx, a.Actor(here), a.ID, "")),
	} {
		if !errors.Is(err, boom) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got, _, err := w.Resolve(ctx, token); err != nil || got.Disabled || len(got.Roles) != 1 || got.PasswordHash != a.PasswordHash {
		t.Errorf("something changed: %+v, %v", got, err)
	}
}

func second[T any](_ T, err error) error { return err }

// A change between checking the password and opening the session wins.
func TestAChangeDuringSignInWins(t *testing.T) {
	w := newWorld(t)
	a := w.account(t, actor.Reviewer)
	w.store.Tamper(a.ID, func(a *auth.Account) { a.Version++ })
	err := w.store.OpenSession(t.Context(), auth.Session{ID: "ss_x", AccountID: a.ID}, a.Version, "", system(), entry())
	if fault.KindOf(err) != fault.Conflict {
		t.Errorf("opened for an account that changed: %v", err)
	}
}
