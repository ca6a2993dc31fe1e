package auth

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"logreeve/app/actor"
	"logreeve/app/fault"
	"logreeve/app/trail"
)

// wrong is the one answer to every sign-in that fails, so that nobody learns
// which part was wrong or who has an account.
func wrong() error {
	return fault.New(fault.Unauthenticated, "The e-mail address or the password is not right.")
}

// attempt uses up one attempt of an address for a key, or says how long to
// wait. The first refusal of a run of them goes to the trail, the others do
// not: a stranger must not be able to fill it.
func (s *Service) attempt(ctx context.Context, by actor.Actor, key, subject string) error {
	wait, first := s.guard.take(s.now(), by.Address, key)
	if wait == 0 {
		return nil
	}
	if first {
		e := trail.Entry{Action: "account.sign_in_limited", ObjectKind: "account", Detail: map[string]string{"for": subject}}
		if err := s.store.Record(ctx, by, e); err != nil {
			return err
		}
	}
	return fault.New(fault.Unavailable, "Too many attempts failed from your address. Wait %s and try again.", inWords(wait))
}

func inWords(d time.Duration) string {
	n := int((d + time.Second - 1) / time.Second)
	switch {
	case n == 1:
		return "one second"
	case n < 120:
		return fmt.Sprintf("%d seconds", n)
	default:
		return fmt.Sprintf("%d minutes", (n+59)/60)
	}
}

// SignIn checks an e-mail address and a password and opens a session with a new
// token, which the browser keeps. The session of the token earlier, if the
// browser had one, ends. Faults: Unauthenticated with one sentence for every
// reason, Unavailable when too many attempts failed.
func (s *Service) SignIn(ctx context.Context, email, password, address, userAgent, earlier string) (token string, err error) {
	email = foldEmail(email)
	by := Anonymous(address)
	if err := s.attempt(ctx, by, email, "sign-in"); err != nil {
		return "", err
	}
	account, err := s.store.AccountByEmail(ctx, email)
	known := err == nil
	if !known && fault.KindOf(err) != fault.NotFound {
		return "", err
	}
	right, err := s.hasher.verify(ctx, account.PasswordHash, password)
	if err != nil {
		return "", err
	}
	if !right || account.Disabled {
		reason := "wrong password"
		switch {
		case !known:
			reason = "no such account"
		case account.Disabled:
			reason = "account disabled"
		}
		// The typed e-mail address is not recorded: people type passwords into that field.
		e := trail.Entry{Action: "account.sign_in_failed", ObjectKind: "account", ObjectID: account.ID, Detail: map[string]string{"reason": reason}}
		if err := s.store.Record(ctx, by, e); err != nil {
			return "", err
		}
		return "", wrong()
	}
	if account.MustChange && s.instant().Sub(account.PasswordAt) > InitialPasswordLife {
		e := trail.Entry{Action: "account.sign_in_failed", ObjectKind: "account", ObjectID: account.ID, Detail: map[string]string{"reason": "initial password expired"}}
		if err := s.store.Record(ctx, by, e); err != nil {
			return "", err
		}
		return "", fault.New(fault.Unauthenticated, "This initial password has expired. Ask an administrator for a new one.")
	}
	session, token := s.newSession(account.ID, address, userAgent)
	replaces := ""
	if earlier != "" {
		replaces = hashToken(earlier)
	}
	e := trail.Entry{Action: "account.signed_in", ObjectKind: "account", ObjectID: account.ID, Detail: map[string]string{"session": session.ID, "method": "password"}}
	if err := s.store.OpenSession(ctx, session, account.Version, replaces, account.Actor(address), e); err != nil {
		if fault.KindOf(err) == fault.Conflict {
			return "", wrong()
		}
		return "", err
	}
	s.guard.giveBack(s.now(), address, email)
	return token, nil
}

// ChangePassword sets a person's own password. It needs the current one, ends
// every session of the account and opens one new session for this browser.
// Faults: Invalid on "current" or "password".
func (s *Service) ChangePassword(ctx context.Context, account Account, current, password, address, userAgent string) (token string, err error) {
	by := account.Actor(address)
	if err := s.attempt(ctx, by, account.Email, "password change"); err != nil {
		return "", err
	}
	right, err := s.hasher.verify(ctx, account.PasswordHash, current)
	if err != nil {
		return "", err
	}
	if !right {
		e := trail.Entry{Action: "account.password_change_failed", ObjectKind: "account", ObjectID: account.ID}
		if err := s.store.Record(ctx, by, e); err != nil {
			return "", err
		}
		return "", fault.Field("current", "The current password is not right. Your password was not changed.")
	}
	s.guard.giveBack(s.now(), address, account.Email)
	if current == password {
		return "", fault.Field("password", "The new password is the same as the current one.")
	}
	organisation, err := s.store.Organisation(ctx)
	if err != nil {
		return "", err
	}
	if err := CheckPassword("password", password, organisation.Name, account.Name, account.Email); err != nil {
		return "", err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return "", err
	}
	session, token := s.newSession(account.ID, address, userAgent)
	_, err = s.store.UpdateAccount(ctx, account.ID, by, SessionEffect{EndAll: true, Open: &session}, func(a *Account, _ int) (trail.Entry, error) {
		if a.Disabled || a.PasswordHash != account.PasswordHash {
			return trail.Entry{}, fault.New(fault.Conflict, "The account changed in the meantime. Sign in again.")
		}
		a.PasswordHash, a.PasswordAt, a.MustChange = hash, s.instant(), false
		return trail.Entry{Action: "account.password_changed", ObjectKind: "account", ObjectID: a.ID, Detail: map[string]string{"session": session.ID}}, nil
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// newSession makes a session and its token: 256 random bits, never one that a
// browser brought along.
func (s *Service) newSession(accountID, address, userAgent string) (Session, string) {
	now := s.instant()
	token := secret(32)
	return Session{
		ID: newID("ss_"), TokenHash: hashToken(token), AccountID: accountID,
		CreatedAt: now, LastSeen: now, ExpiresAt: now.Add(s.absolute),
		Secret: secret(32), UserAgent: cut(userAgent, 200), Address: address,
	}, token
}

// cut shortens text to at most n bytes of whole, valid characters.
func cut(text string, n int) string {
	if len(text) > n {
		text = text[:n]
		for len(text) > 0 && !utf8.ValidString(text[max(0, len(text)-utf8.UTFMax):]) {
			text = text[:len(text)-1]
		}
	}
	return printable(text)
}
