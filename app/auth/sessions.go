package auth

import (
	"context"
	"slices"

	"logreeve/app/actor"
	"logreeve/app/fault"
	"logreeve/app/trail"
)

// Resolve finds who a token belongs to. It asks the store each time, so that
// every change acts on the next request of every replica. When the session was
// last seen is written at most once a minute; a session may therefore end up
// to a minute before it was idle for the full time, never after. Fault:
// Unauthenticated when the token opens nothing.
func (s *Service) Resolve(ctx context.Context, token string) (Account, Session, error) {
	session, account, err := s.store.SessionByToken(ctx, hashToken(token))
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return Account{}, Session{}, fault.New(fault.Unauthenticated, "You are not signed in.")
	}
	if err != nil {
		return Account{}, Session{}, err
	}
	now := s.instant()
	if account.Disabled || !s.alive(session) {
		return Account{}, Session{}, fault.New(fault.Unauthenticated, "Your session has ended. Sign in again.")
	}
	if now.Sub(session.LastSeen) >= touchEvery {
		if err := s.store.TouchSession(ctx, session.ID, now); err != nil {
			return Account{}, Session{}, err
		}
		session.LastSeen = now
	}
	return account, session, nil
}

func (s *Service) alive(session Session) bool {
	now := s.instant()
	return now < session.ExpiresAt && now.Sub(session.LastSeen) < s.idle
}

// SignOut ends the session.
func (s *Service) SignOut(ctx context.Context, by actor.Actor, session Session) error {
	return s.store.EndSession(ctx, session.AccountID, session.ID, by, trail.Entry{
		Action: "account.signed_out", ObjectKind: "account", ObjectID: session.AccountID, Detail: map[string]string{"session": session.ID},
	})
}

// Sessions lists the sessions of an account that can still be used.
func (s *Service) Sessions(ctx context.Context, by actor.Actor, accountID string) ([]Session, error) {
	if by.ID != accountID && !administers(by) {
		return nil, mayNot()
	}
	all, err := s.store.Sessions(ctx, accountID)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(one Session) bool { return !s.alive(one) }), nil
}

// EndSession ends one session of an account: one's own, or anybody's for an
// administrator.
func (s *Service) EndSession(ctx context.Context, by actor.Actor, accountID, sessionID string) error {
	if by.ID != accountID && !administers(by) {
		return mayNot()
	}
	return s.store.EndSession(ctx, accountID, sessionID, by, trail.Entry{
		Action: "account.session_ended", ObjectKind: "account", ObjectID: accountID, Detail: map[string]string{"session": sessionID},
	})
}

// EndSessions ends the sessions of an account except one ("" for none) and says
// how many.
func (s *Service) EndSessions(ctx context.Context, by actor.Actor, accountID, except string) (int, error) {
	if by.ID != accountID && !administers(by) {
		return 0, mayNot()
	}
	detail := map[string]string{}
	if except != "" {
		detail["except"] = except
	}
	return s.store.EndSessions(ctx, accountID, except, by, trail.Entry{
		Action: "account.sessions_ended", ObjectKind: "account", ObjectID: accountID, Detail: detail,
	})
}

// Sweep deletes sessions that cannot be used any more and says how many.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	now := s.instant()
	return s.store.DeleteSessions(ctx, now.Add(-s.idle), now)
}
