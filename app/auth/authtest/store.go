// Package authtest owns an auth.Store in memory for tests. It keeps the rules
// that app/store keeps in SQL, and the trail entries it was given, so that a
// test can say what was recorded. It can be told to fail.
package authtest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"logreeve/app/actor"
	"logreeve/app/auth"
	"logreeve/app/fault"
	"logreeve/app/trail"
	"logreeve/connectors"
)

// Recorded is a trail entry and who it tells of.
type Recorded struct {
	By    actor.Actor
	Entry trail.Entry
}

// Store keeps everything in memory. The zero value is empty and ready.
type Store struct {
	mu           sync.Mutex
	organisation auth.Organisation
	setupHash    string
	accounts     map[string]auth.Account
	sessions     map[string]auth.Session // by id
	trail        []Recorded
	failTrail    error
	touches      int
}

var _ auth.Store = (*Store)(nil)

// FailTrail makes every later write of a trail entry fail with the error; nil
// ends that.
func (s *Store) FailTrail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failTrail = err
}

// Trail is what was recorded so far, in order.
func (s *Store) Trail() []Recorded {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.trail)
}

// Actions are the actions recorded so far, in order.
func (s *Store) Actions() []string {
	var out []string
	for _, r := range s.Trail() {
		out = append(out, r.Entry.Action)
	}
	return out
}

// Touches is how often a session was noted as seen.
func (s *Store) Touches() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.touches
}

// TokenHashes are the token hashes of all sessions.
func (s *Store) TokenHashes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, one := range s.sessions {
		out = append(out, one.TokenHash)
	}
	return out
}

// Tamper changes an account behind the service's back.
func (s *Store) Tamper(id string, change func(*auth.Account)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[id]
	change(&a)
	s.accounts[id] = a
}

// write records an entry and then makes the change, or does neither.
func (s *Store) write(by actor.Actor, e trail.Entry, change func()) error {
	if s.failTrail != nil {
		return s.failTrail
	}
	e.Detail = maps.Clone(e.Detail)
	s.trail = append(s.trail, Recorded{by, e})
	if s.accounts == nil {
		s.accounts = map[string]auth.Account{}
		s.sessions = map[string]auth.Session{}
	}
	if change != nil {
		change()
	}
	return nil
}

func notFound(what string) error { return fault.New(fault.NotFound, "There is no such %s.", what) }

func clone(a auth.Account) auth.Account {
	a.Roles = slices.Clone(a.Roles)
	return a
}

// AnyAccount implements auth.Store.
func (s *Store) AnyAccount(context.Context) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.accounts) > 0, nil
}

// Organisation implements auth.Store.
func (s *Store) Organisation(context.Context) (auth.Organisation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.organisation, nil
}

// SaveSetupToken implements auth.Store.
func (s *Store) SaveSetupToken(_ context.Context, hash string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setupHash = hash
	return nil
}

// SetupTokenHash implements auth.Store.
func (s *Store) SetupTokenHash(context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.setupHash, nil
}

// CompleteSetup implements auth.Store.
func (s *Store) CompleteSetup(_ context.Context, set auth.Setup, by actor.Actor, e trail.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.accounts) > 0 || s.setupHash == "" || s.setupHash != set.TokenHash {
		return fault.New(fault.Conflict, "This installation is set up already. Sign in instead.")
	}
	return s.write(by, e, func() {
		s.organisation, s.setupHash = set.Organisation, ""
		s.accounts[set.Admin.ID] = clone(set.Admin)
		s.sessions[set.Session.ID] = set.Session
	})
}

// Account implements auth.Store.
func (s *Store) Account(_ context.Context, id string) (auth.Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.accounts[id]
	if !ok {
		return auth.Account{}, notFound("account")
	}
	return clone(a), nil
}

// AccountByEmail implements auth.Store.
func (s *Store) AccountByEmail(_ context.Context, email string) (auth.Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.accounts {
		if a.Email == email {
			return clone(a), nil
		}
	}
	return auth.Account{}, notFound("account")
}

// Accounts implements auth.Store.
func (s *Store) Accounts(context.Context) ([]auth.Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]auth.Account, 0, len(s.accounts))
	for _, a := range s.accounts {
		out = append(out, clone(a))
	}
	slices.SortFunc(out, func(a, b auth.Account) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return out, nil
}

// CreateAccount implements auth.Store.
func (s *Store) CreateAccount(_ context.Context, a auth.Account, by actor.Actor, e trail.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, other := range s.accounts {
		if other.Email == a.Email {
			return &fault.Error{Kind: fault.Conflict, Field: "email", Message: "Somebody has an account with this e-mail address already."}
		}
	}
	return s.write(by, e, func() { s.accounts[a.ID] = clone(a) })
}

// UpdateAccount implements auth.Store.
func (s *Store) UpdateAccount(_ context.Context, id string, by actor.Actor, effect auth.SessionEffect, rule auth.AccountRule) (auth.Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.accounts[id]
	if !ok {
		return auth.Account{}, notFound("account")
	}
	others := 0
	for _, o := range s.accounts {
		if o.ID != id && !o.Disabled && slices.Contains(o.Roles, actor.Admin) {
			others++
		}
	}
	a = clone(a)
	e, err := rule(&a, others)
	if err != nil {
		return auth.Account{}, err
	}
	a.Version++
	err = s.write(by, e, func() {
		s.accounts[id] = clone(a)
		if effect.EndAll {
			maps.DeleteFunc(s.sessions, func(_ string, one auth.Session) bool { return one.AccountID == id })
		}
		if effect.Open != nil {
			s.sessions[effect.Open.ID] = *effect.Open
		}
	})
	return a, err
}

// OpenSession implements auth.Store.
func (s *Store) OpenSession(_ context.Context, one auth.Session, version int64, replaces string, by actor.Actor, e trail.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.accounts[one.AccountID]
	if !ok || a.Disabled || a.Version != version {
		return fault.New(fault.Conflict, "The account changed in the meantime. Sign in again.")
	}
	return s.write(by, e, func() {
		maps.DeleteFunc(s.sessions, func(_ string, old auth.Session) bool { return replaces != "" && old.TokenHash == replaces })
		s.sessions[one.ID] = one
	})
}

// SessionByToken implements auth.Store.
func (s *Store) SessionByToken(_ context.Context, hash string) (auth.Session, auth.Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.sessions {
		if one.TokenHash == hash {
			return one, clone(s.accounts[one.AccountID]), nil
		}
	}
	return auth.Session{}, auth.Account{}, notFound("session")
}

// Sessions implements auth.Store.
func (s *Store) Sessions(_ context.Context, accountID string) ([]auth.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []auth.Session
	for _, one := range s.sessions {
		if one.AccountID == accountID {
			out = append(out, one)
		}
	}
	slices.SortFunc(out, func(a, b auth.Session) int {
		return cmp.Or(cmp.Compare(b.LastSeen, a.LastSeen), cmp.Compare(a.ID, b.ID))
	})
	return out, nil
}

// TouchSession implements auth.Store.
func (s *Store) TouchSession(_ context.Context, id string, seen connectors.Instant) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one, ok := s.sessions[id]; ok {
		one.LastSeen = seen
		s.sessions[id] = one
		s.touches++
	}
	return nil
}

// EndSession implements auth.Store.
func (s *Store) EndSession(_ context.Context, accountID, id string, by actor.Actor, e trail.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one, ok := s.sessions[id]; !ok || one.AccountID != accountID {
		return notFound("session")
	}
	return s.write(by, e, func() { delete(s.sessions, id) })
}

// EndSessions implements auth.Store.
func (s *Store) EndSessions(_ context.Context, accountID, except string, by actor.Actor, e trail.Entry) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.sessions)
	err := s.write(by, e, func() {
		maps.DeleteFunc(s.sessions, func(id string, one auth.Session) bool { return one.AccountID == accountID && id != except })
	})
	return before - len(s.sessions), err
}

// DeleteSessions implements auth.Store.
func (s *Store) DeleteSessions(_ context.Context, seenBefore, endBefore connectors.Instant) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.sessions)
	maps.DeleteFunc(s.sessions, func(_ string, one auth.Session) bool { return one.LastSeen <= seenBefore || one.ExpiresAt <= endBefore })
	return before - len(s.sessions), nil
}

// Record implements auth.Store.
func (s *Store) Record(_ context.Context, by actor.Actor, e trail.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.write(by, e, nil)
}
