package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"logreeve/app/actor"
	"logreeve/app/auth"
	"logreeve/app/fault"
	"logreeve/app/trail"
	"logreeve/connectors"
)

type sessionRow struct {
	ID        text `gorm:"primaryKey"`
	TokenHash text
	AccountID text
	Created   int64 `gorm:"column:created_at"`
	LastSeen  int64
	ExpiresAt int64
	Secret    text
	UserAgent text
	Address   text
}

func (sessionRow) TableName() string { return "sessions" }

func (row sessionRow) session() (auth.Session, error) {
	return auth.Session{
		ID: string(row.ID), TokenHash: string(row.TokenHash), AccountID: string(row.AccountID),
		CreatedAt: connectors.Instant(row.Created), LastSeen: connectors.Instant(row.LastSeen), ExpiresAt: connectors.Instant(row.ExpiresAt),
		Secret: string(row.Secret), UserAgent: string(row.UserAgent), Address: string(row.Address),
	}, nil
}

func noSession() error { return fault.New(fault.NotFound, "There is no such session.") }

func addSession(ctx context.Context, tx *gorm.DB, one auth.Session) error {
	row := sessionRow{
		ID: text(one.ID), TokenHash: text(one.TokenHash), AccountID: text(one.AccountID),
		Created: int64(one.CreatedAt), LastSeen: int64(one.LastSeen), ExpiresAt: int64(one.ExpiresAt),
		Secret: text(one.Secret), UserAgent: text(one.UserAgent), Address: text(one.Address),
	}
	if err := of[sessionRow](tx).Create(ctx, &row); err != nil {
		return fmt.Errorf("open session %s: %w", one.ID, err)
	}
	return nil
}

// OpenSession implements auth.Store.
func (s *Store) OpenSession(ctx context.Context, one auth.Session, version int64, replaces string, by actor.Actor, e trail.Entry) error {
	return s.told(ctx, by, e, func(tx *gorm.DB) error {
		account, err := of[accountRow](tx, forUpdate).Where("id = ?", text(one.AccountID)).Take(ctx)
		if err != nil && !missing(err) {
			return fmt.Errorf("load account %s: %w", one.AccountID, err)
		}
		if err != nil || account.Disabled || account.Version != version {
			return fault.New(fault.Conflict, "The account changed in the meantime. Sign in again.")
		}
		if replaces != "" {
			if _, err := exec(ctx, tx, "DELETE FROM sessions WHERE token_hash = ?", text(replaces)); err != nil {
				return fmt.Errorf("end the session before: %w", err)
			}
		}
		return addSession(ctx, tx, one)
	})
}

// SessionByToken implements auth.Store.
func (s *Store) SessionByToken(ctx context.Context, tokenHash string) (auth.Session, auth.Account, error) {
	row, err := of[sessionRow](s.reader).Where("token_hash = ?", text(tokenHash)).Take(ctx)
	if missing(err) {
		return auth.Session{}, auth.Account{}, noSession()
	}
	if err != nil {
		return auth.Session{}, auth.Account{}, translate(fmt.Errorf("find a session: %w", err))
	}
	account, err := s.Account(ctx, string(row.AccountID))
	if err != nil {
		return auth.Session{}, auth.Account{}, err
	}
	session, err := row.session()
	return session, account, err
}

// Sessions implements auth.Store.
func (s *Store) Sessions(ctx context.Context, accountID string) ([]auth.Session, error) {
	rows, err := of[sessionRow](s.reader).Where("account_id = ?", text(accountID)).Order("last_seen DESC, id").Find(ctx)
	if err != nil {
		return nil, translate(fmt.Errorf("list sessions of %s: %w", accountID, err))
	}
	return each(rows, sessionRow.session)
}

// TouchSession implements auth.Store.
func (s *Store) TouchSession(ctx context.Context, id string, seen connectors.Instant) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		_, err := exec(ctx, tx, "UPDATE sessions SET last_seen = ? WHERE id = ? AND last_seen < ?", int64(seen), text(id), int64(seen))
		return err
	})
}

// EndSession implements auth.Store.
func (s *Store) EndSession(ctx context.Context, accountID, id string, by actor.Actor, e trail.Entry) error {
	return s.told(ctx, by, e, func(tx *gorm.DB) error {
		n, err := exec(ctx, tx, "DELETE FROM sessions WHERE id = ? AND account_id = ?", text(id), text(accountID))
		if err == nil && n == 0 {
			return noSession()
		}
		return err
	})
}

// EndSessions implements auth.Store.
func (s *Store) EndSessions(ctx context.Context, accountID, except string, by actor.Actor, e trail.Entry) (int, error) {
	var ended int64
	err := s.told(ctx, by, e, func(tx *gorm.DB) (err error) {
		ended, err = exec(ctx, tx, "DELETE FROM sessions WHERE account_id = ? AND id <> ?", text(accountID), text(except))
		return err
	})
	if err != nil {
		return 0, err
	}
	return int(ended), nil
}

// DeleteSessions implements auth.Store.
func (s *Store) DeleteSessions(ctx context.Context, seenBefore, endBefore connectors.Instant) (int, error) {
	var ended int64
	err := s.write(ctx, func(tx *gorm.DB) (err error) {
		ended, err = exec(ctx, tx, "DELETE FROM sessions WHERE last_seen <= ? OR expires_at <= ?", int64(seenBefore), int64(endBefore))
		return err
	})
	return int(ended), err
}
