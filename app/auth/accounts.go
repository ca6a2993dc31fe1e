package auth

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"logreeve/app/actor"
	"logreeve/app/fault"
	"logreeve/app/trail"
)

// administers says who may change accounts: administrators, and the operator at
// the command line or the system itself.
func administers(by actor.Actor) bool { return by.System || by.Has(actor.Admin) }

func mayNot() error { return fault.New(fault.Forbidden, "Only administrators change accounts.") }

// NewAccount is what an administrator gives for a new account.
type NewAccount struct {
	Name     string
	Email    string
	Roles    []actor.Role
	PersonID string // e-mail address in the roster, "" when not linked
	// Password is for the system alone (demo, command line); "" makes a random
	// one that must be changed at the first sign-in.
	Password string
}

// CreateAccount adds an account. The initial password is returned once and kept
// nowhere; it is "" when the caller gave one. Faults: Forbidden; Invalid on
// "name", "email", "roles" or "password"; Conflict when the e-mail address is
// taken.
func (s *Service) CreateAccount(ctx context.Context, by actor.Actor, n NewAccount) (Account, string, error) {
	if !administers(by) || (n.Password != "" && !by.System) {
		return Account{}, "", mayNot()
	}
	a, err := s.newAccount(n.Name, n.Email, n.Roles, n.PersonID)
	if err != nil {
		return Account{}, "", err
	}
	password, shown := n.Password, ""
	if password == "" {
		shown = initialPassword()
		password, a.MustChange = shown, true
	} else if err := CheckPassword("password", password, a.Name, a.Email); err != nil {
		return Account{}, "", err
	}
	if a.PasswordHash, err = s.hasher.hash(ctx, password); err != nil {
		return Account{}, "", err
	}
	err = s.store.CreateAccount(ctx, a, by, trail.Entry{
		Action: "account.created", ObjectKind: "account", ObjectID: a.ID, Detail: map[string]string{"roles": joinRoles(a.Roles)},
	})
	if err != nil {
		return Account{}, "", err
	}
	s.settled.Store(true)
	return a, shown, nil
}

// SetRoles replaces the roles of an account and ends its sessions, so that the
// person works with the new ones under a new session. Faults: Forbidden;
// Invalid on "roles"; NotFound; Conflict when the last administrator would go.
func (s *Service) SetRoles(ctx context.Context, by actor.Actor, id string, roles []actor.Role) (Account, error) {
	if !administers(by) {
		return Account{}, mayNot()
	}
	roles, err := cleanRoles(roles)
	if err != nil {
		return Account{}, err
	}
	return s.store.UpdateAccount(ctx, id, by, SessionEffect{EndAll: true}, func(a *Account, otherAdmins int) (trail.Entry, error) {
		was := a.Roles
		a.Roles = roles
		if err := keepsAdmin(was, a, otherAdmins); err != nil {
			return trail.Entry{}, err
		}
		return trail.Entry{Action: "account.roles_changed", ObjectKind: "account", ObjectID: a.ID,
			Detail: map[string]string{"from": joinRoles(was), "to": joinRoles(roles)}}, nil
	})
}

// SetDisabled disables an account, which ends its sessions, or enables it
// again. Faults: Forbidden; NotFound; Conflict when the last administrator would
// go.
func (s *Service) SetDisabled(ctx context.Context, by actor.Actor, id string, disabled bool) (Account, error) {
	if !administers(by) {
		return Account{}, mayNot()
	}
	return s.store.UpdateAccount(ctx, id, by, SessionEffect{EndAll: disabled}, func(a *Account, otherAdmins int) (trail.Entry, error) {
		a.Disabled = disabled
		if err := keepsAdmin(a.Roles, a, otherAdmins); err != nil {
			return trail.Entry{}, err
		}
		action := "account.enabled"
		if disabled {
			action = "account.disabled"
		}
		return trail.Entry{Action: action, ObjectKind: "account", ObjectID: a.ID}, nil
	})
}

// keepsAdmin refuses a change after which nobody could administer.
func keepsAdmin(was []actor.Role, a *Account, otherAdmins int) error {
	still := slices.Contains(a.Roles, actor.Admin) && !a.Disabled
	if slices.Contains(was, actor.Admin) && !still && otherAdmins == 0 {
		return fault.New(fault.Conflict, "%s is the last administrator. Make somebody else administrator first.", a.Name)
	}
	return nil
}

// ResetPassword gives an account a random password that must be changed at the
// next sign-in within 72 hours, and ends its sessions. The password is returned
// once and kept nowhere. Faults: Forbidden; NotFound.
func (s *Service) ResetPassword(ctx context.Context, by actor.Actor, id string) (Account, string, error) {
	if !administers(by) {
		return Account{}, "", mayNot()
	}
	password := initialPassword()
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return Account{}, "", err
	}
	a, err := s.store.UpdateAccount(ctx, id, by, SessionEffect{EndAll: true}, func(a *Account, _ int) (trail.Entry, error) {
		a.PasswordHash, a.PasswordAt, a.MustChange = hash, s.instant(), true
		return trail.Entry{Action: "account.password_reset", ObjectKind: "account", ObjectID: a.ID}, nil
	})
	if err != nil {
		return Account{}, "", err
	}
	return a, password, nil
}

// LinkPerson says which person of the roster an account belongs to, by e-mail
// address; "" unlinks. Faults: Forbidden; NotFound.
func (s *Service) LinkPerson(ctx context.Context, by actor.Actor, id, personID string) (Account, error) {
	if !administers(by) {
		return Account{}, mayNot()
	}
	personID = foldEmail(personID)
	return s.store.UpdateAccount(ctx, id, by, SessionEffect{}, func(a *Account, _ int) (trail.Entry, error) {
		a.PersonID = personID
		linked := strconv.FormatBool(personID != "")
		return trail.Entry{Action: "account.person_linked", ObjectKind: "account", ObjectID: a.ID, Detail: map[string]string{"linked": linked}}, nil
	})
}

// ListAccounts lists all accounts in order of name, for administrators.
func (s *Service) ListAccounts(ctx context.Context, by actor.Actor) ([]Account, error) {
	if !administers(by) {
		return nil, mayNot()
	}
	return s.store.Accounts(ctx)
}

// Account finds an account by id: one's own, or anybody's for an administrator.
func (s *Service) Account(ctx context.Context, by actor.Actor, id string) (Account, error) {
	if by.ID != id && !administers(by) {
		return Account{}, mayNot()
	}
	return s.store.Account(ctx, id)
}

// newAccount checks what was given and makes an account without a password.
func (s *Service) newAccount(name, email string, roles []actor.Role, personID string) (Account, error) {
	name, err := cleanName("name", "person", name)
	if err != nil {
		return Account{}, err
	}
	email = foldEmail(email)
	if err := checkEmail("email", email); err != nil {
		return Account{}, err
	}
	roles, err = cleanRoles(roles)
	if err != nil {
		return Account{}, err
	}
	now := s.instant()
	return Account{
		ID: newID("u_"), Name: name, Email: email, Roles: roles, PersonID: foldEmail(personID),
		CreatedAt: now, PasswordAt: now, Version: 1,
	}, nil
}

func cleanRoles(given []actor.Role) ([]actor.Role, error) {
	var roles []actor.Role
	for _, r := range actor.Roles() {
		if slices.Contains(given, r) {
			roles = append(roles, r)
		}
	}
	for _, r := range given {
		if !slices.Contains(actor.Roles(), r) {
			return nil, fault.Field("roles", "There is no role called %q.", printable(string(r)))
		}
	}
	if len(roles) == 0 {
		return nil, fault.Field("roles", "Choose at least one role.")
	}
	return roles, nil
}

func joinRoles(roles []actor.Role) string {
	words := make([]string, len(roles))
	for i, r := range roles {
		words[i] = string(r)
	}
	return strings.Join(words, " ")
}

// foldEmail makes e-mail addresses comparable.
func foldEmail(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

func checkEmail(field, email string) error {
	local, domain, ok := strings.Cut(email, "@")
	bad := func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) || r == '@' }
	if !ok || local == "" || domain == "" || len(email) > 254 || strings.ContainsFunc(local, bad) || strings.ContainsFunc(domain, bad) {
		return fault.Field(field, "This is not an e-mail address. It looks like name@example.org.")
	}
	return nil
}

func cleanName(field, of, name string) (string, error) {
	name = strings.TrimSpace(name)
	switch {
	case name == "":
		return "", fault.Field(field, "Give the name of the %s.", of)
	case utf8.RuneCountInString(name) > 100:
		return "", fault.Field(field, "The name is longer than 100 characters.")
	case name != printable(name):
		return "", fault.Field(field, "The name has characters that cannot be seen. Type it again.")
	}
	return name, nil
}

// printable drops what cannot be seen: controls, marks of writing direction,
// invalid bytes.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
}
