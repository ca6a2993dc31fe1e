// Package auth owns the people who use the product: their accounts, passwords
// and sessions, the first set-up, and the limits on guessing. It knows neither
// HTTP nor SQL: app/web and app/api ask the Service, app/store keeps what the
// Store interface names and writes the trail entry of each change in the same
// transaction. Who may open which page is decided by the routes table of
// app/web; who may change accounts is decided here as well.
//
// Passwords are kept as argon2id (19 MiB, 2 passes, 1 lane), the second choice
// of the OWASP Password Storage Cheat Sheet. At most two are worked out at
// once, and the work is the same whether or not the account exists.
//
// Limits on guessing, per process (see Limits): an address may fail 5 times for
// one e-mail address and then once a minute, and 30 times in all and then once
// every 10 seconds. Attempts that succeed do not count. Nothing is counted per
// account alone, so nobody can lock another person out from elsewhere.
//
// A session ends after 30 minutes without a request, after 12 hours in any
// case, at sign-out, and when the account is disabled, its password changes or
// its roles change. A person may have several sessions and sees them all.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"logreeve/app/actor"
	"logreeve/app/trail"
	"logreeve/connectors"
)

// Account is a person who may sign in.
type Account struct {
	ID           string // "u_…"
	Name         string
	Email        string // folded to lower case, unique
	PasswordHash string // PHC string, see HashPassword
	PasswordAt   connectors.Instant
	Roles        []actor.Role // in the order of actor.Roles
	Disabled     bool
	MustChange   bool   // the password was set by somebody else and works only to choose another
	PersonID     string // the person in the roster, by e-mail address; "" when not linked
	CreatedAt    connectors.Instant
	Version      int64 // counts changes; the store adds one on each
}

// Actor is the account as the one who acts, from an address.
func (a Account) Actor(address string) actor.Actor {
	return actor.Actor{ID: a.ID, Name: a.Name, Email: a.Email, Roles: slices.Clone(a.Roles), Address: address}
}

// Anonymous is somebody who has not signed in, at an address.
func Anonymous(address string) actor.Actor {
	return actor.Actor{ID: "anonymous", Name: "Somebody not signed in", Address: address}
}

// Session is one sign-in of one browser. The token itself is only in the
// browser; the store has its hash.
type Session struct {
	ID        string // "ss_…", for lists and the trail; no secret
	TokenHash string // SHA-256 of the token, hex
	AccountID string
	CreatedAt connectors.Instant
	LastSeen  connectors.Instant // up to a minute old, see Resolve
	ExpiresAt connectors.Instant // the absolute end
	Secret    string             // 32 random bytes, base64url: the key of the session's CSRF token
	UserAgent string             // at most 200 bytes, for the person's own list
	Address   string
}

// Organisation is whom the installation serves.
type Organisation struct {
	Name string
	Zone string // IANA time zone, "Europe/Berlin"
}

// Setup is everything the first set-up writes at once.
type Setup struct {
	TokenHash    string
	Organisation Organisation
	Admin        Account
	Session      Session
}

// AccountRule changes an account inside the store's transaction and says what
// it did. otherAdmins is the number of other accounts that are enabled and hold
// the role of administrator. An error leaves everything as it was.
type AccountRule func(a *Account, otherAdmins int) (trail.Entry, error)

// SessionEffect is what happens to the sessions of an account when it changes.
type SessionEffect struct {
	EndAll bool     // end every session of the account first
	Open   *Session // then open this one; nil for none
}

// Store keeps accounts, sessions and the organisation. Each method is one
// transaction; a method that takes a trail entry writes it in that transaction
// and fails as a whole if it cannot. Times, ids and hashes come from the caller.
// Errors: fault.NotFound where there is nothing, fault.Conflict where it says
// so, fault.Unavailable when the database does not answer.
type Store interface {
	// AnyAccount says whether there is an account, disabled or not.
	AnyAccount(ctx context.Context) (bool, error)
	// Organisation is the organisation; the zero value before the set-up.
	Organisation(ctx context.Context) (Organisation, error)
	// SaveSetupToken keeps the hash of the set-up token in place of an earlier one.
	SaveSetupToken(ctx context.Context, hash string) error
	// SetupTokenHash is the hash of the set-up token, "" when there is none.
	SetupTokenHash(ctx context.Context) (string, error)
	// CompleteSetup writes organisation, administrator and session, and removes
	// the set-up token. Conflict when there is an account already or the token is
	// not the kept one.
	CompleteSetup(ctx context.Context, s Setup, by actor.Actor, e trail.Entry) error

	// Account finds an account by id.
	Account(ctx context.Context, id string) (Account, error)
	// AccountByEmail finds an account by its folded e-mail address.
	AccountByEmail(ctx context.Context, email string) (Account, error)
	// Accounts lists all accounts in order of name.
	Accounts(ctx context.Context) ([]Account, error)
	// CreateAccount adds an account. Conflict when the e-mail address is taken.
	CreateAccount(ctx context.Context, a Account, by actor.Actor, e trail.Entry) error
	// UpdateAccount applies the rule to the account, adds one to its version, and
	// lets the effect on sessions happen, all at once.
	UpdateAccount(ctx context.Context, id string, by actor.Actor, effect SessionEffect, rule AccountRule) (Account, error)

	// OpenSession adds a session and ends the one whose token hash is replaces,
	// if there is one. Conflict when the account is disabled or no longer has the
	// given version, so that a change during sign-in wins.
	OpenSession(ctx context.Context, s Session, accountVersion int64, replaces string, by actor.Actor, e trail.Entry) error
	// SessionByToken finds a session and its account.
	SessionByToken(ctx context.Context, tokenHash string) (Session, Account, error)
	// Sessions lists the sessions of an account, last seen first.
	Sessions(ctx context.Context, accountID string) ([]Session, error)
	// TouchSession notes when a session was last seen. It is no change of state
	// that anybody decides, so it has no trail entry.
	TouchSession(ctx context.Context, id string, seen connectors.Instant) error
	// EndSession removes a session of an account. NotFound when it is not one of
	// that account.
	EndSession(ctx context.Context, accountID, id string, by actor.Actor, e trail.Entry) error
	// EndSessions removes the sessions of an account except the one with the id
	// except ("" for none), and says how many.
	EndSessions(ctx context.Context, accountID, except string, by actor.Actor, e trail.Entry) (int, error)
	// DeleteSessions removes sessions that were last seen or end before the given
	// instants. They cannot be used any more, so it has no trail entry.
	DeleteSessions(ctx context.Context, seenBefore, endBefore connectors.Instant) (int, error)

	// Record writes a trail entry of something that changed nothing: a failed
	// sign-in, a refused request.
	Record(ctx context.Context, by actor.Actor, e trail.Entry) error
}

// Config is what a Service needs. Zero durations and costs mean the documented
// defaults.
type Config struct {
	Store    Store
	Now      func() time.Time
	Log      *slog.Logger
	Idle     time.Duration // DefaultIdle
	Absolute time.Duration // DefaultAbsolute
	Limits   Limits        // DefaultLimits
	Cost     Cost          // DefaultCost
}

// Life of sessions and initial passwords.
const (
	DefaultIdle     = 30 * time.Minute
	DefaultAbsolute = 12 * time.Hour
	// InitialPasswordLife is how long a password that an administrator had made
	// can be used to choose another.
	InitialPasswordLife = 72 * time.Hour
	touchEvery          = time.Minute
)

// Service is what app/web, app/api and the command line ask.
type Service struct {
	store    Store
	now      func() time.Time
	log      *slog.Logger
	idle     time.Duration
	absolute time.Duration
	hasher   *hasher
	guard    *limiter
	settled  atomic.Bool // an account exists; that never becomes false again
}

// New makes a Service. Store and Now must be given.
func New(c Config) *Service {
	if c.Idle == 0 {
		c.Idle = DefaultIdle
	}
	if c.Absolute == 0 {
		c.Absolute = DefaultAbsolute
	}
	if c.Limits == (Limits{}) {
		c.Limits = DefaultLimits()
	}
	if c.Cost == (Cost{}) {
		c.Cost = DefaultCost()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{
		store: c.Store, now: c.Now, log: c.Log, idle: c.Idle, absolute: c.Absolute,
		hasher: newHasher(c.Cost), guard: newLimiter(c.Limits),
	}
}

// Organisation is whom the installation serves; the zero value before set-up.
func (s *Service) Organisation(ctx context.Context) (Organisation, error) {
	return s.store.Organisation(ctx)
}

// Record writes a trail entry of something that was refused and changed nothing.
func (s *Service) Record(ctx context.Context, by actor.Actor, e trail.Entry) error {
	return s.store.Record(ctx, by, e)
}

func (s *Service) instant() connectors.Instant { return connectors.At(s.now()) }

// secret is n random bytes as base64url. crypto/rand does not fail.
func secret(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// newID is a prefix and 96 random bits.
func newID(prefix string) string {
	b := make([]byte, 12)
	_, _ = rand.Read(b)
	return prefix + hex.EncodeToString(b)
}
