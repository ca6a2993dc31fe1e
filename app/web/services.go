package web

import (
	"context"

	"logreeve/app/actor"
	"logreeve/app/auth"
	"logreeve/app/runs"
	"logreeve/app/sealing"
	"logreeve/app/trail"
	"logreeve/reviews"
)

// Services are what handlers call, one small interface for each subject,
// declared beside the pages that use it. Embedded in Server.
type Services struct {
	Auth    Auth
	Counter Counter // nil: the navigation shows no counts
	Runs    *runs.Service
	Reviews *reviews.Service
	Sealer  Sealer
	Trail   Trail
}

// Sealer is what pages need of app/sealing: drafts of reports and the key.
type Sealer interface {
	Draft(ctx context.Context, r *reviews.Review) (sealing.Draft, error)
	Key() sealing.KeyInfo
}

// Trail is what pages need of the product's own trail.
type Trail interface {
	Trail(ctx context.Context, f trail.Filter, before int64, limit int) ([]trail.Record, error)
	// TrailRecent tells once who did what on which kind of object in the newest records.
	TrailRecent(ctx context.Context, newest int) ([]trail.Record, error)
	TrailFor(ctx context.Context, kind, id string) ([]trail.Record, error)
	TrailHead(ctx context.Context) (int64, string, error)
	VerifyTrail(ctx context.Context) ([]trail.Break, int64, error)
	Principals(ctx context.Context, ids []string) (map[string]actor.Actor, error)
	// Append writes an entry of something that was read or exported.
	Append(ctx context.Context, by actor.Actor, e trail.Entry) error
}

// Auth is what the shell and the account pages need of auth.Service.
type Auth interface {
	NeedsSetup(ctx context.Context) (bool, error)
	CompleteSetup(ctx context.Context, f auth.FirstSetup, address, userAgent string) (token string, err error)
	Organisation(ctx context.Context) (auth.Organisation, error)

	SignIn(ctx context.Context, email, password, address, userAgent, earlier string) (token string, err error)
	SignOut(ctx context.Context, by actor.Actor, session auth.Session) error
	Resolve(ctx context.Context, token string) (auth.Account, auth.Session, error)
	ChangePassword(ctx context.Context, account auth.Account, current, password, address, userAgent string) (token string, err error)

	Sessions(ctx context.Context, by actor.Actor, accountID string) ([]auth.Session, error)
	EndSession(ctx context.Context, by actor.Actor, accountID, sessionID string) error
	EndSessions(ctx context.Context, by actor.Actor, accountID, except string) (int, error)

	ListAccounts(ctx context.Context, by actor.Actor) ([]auth.Account, error)
	CreateAccount(ctx context.Context, by actor.Actor, n auth.NewAccount) (auth.Account, string, error)
	SetRoles(ctx context.Context, by actor.Actor, id string, roles []actor.Role) (auth.Account, error)
	SetDisabled(ctx context.Context, by actor.Actor, id string, disabled bool) (auth.Account, error)
	ResetPassword(ctx context.Context, by actor.Actor, id string) (auth.Account, string, error)

	Record(ctx context.Context, by actor.Actor, e trail.Entry) error
}

var _ Auth = (*auth.Service)(nil)

// Counter counts what the navigation shows.
type Counter interface {
	Counts(ctx context.Context, by actor.Actor) (Counts, error)
}

// Counts are the numbers in the navigation, as far as they concern the reader.
type Counts struct {
	ReviewsDue     int // waiting for the reader
	ReviewsOverdue int
	ChangesWeek    int
	FindingsOpen   int
	SourcesSilent  int
}
