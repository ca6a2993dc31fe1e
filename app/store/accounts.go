package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"logreeve/app/actor"
	"logreeve/app/auth"
	"logreeve/app/fault"
	"logreeve/app/trail"
	"logreeve/connectors"
)

type accountRow struct {
	ID           text `gorm:"primaryKey"`
	Version      int64
	Name         text
	Email        text
	PasswordHash text
	PasswordAt   int64
	Roles        text
	Disabled     bool
	MustChange   bool
	PersonID     text
	Created      int64 `gorm:"column:created_at"`
}

func (accountRow) TableName() string { return "accounts" }

type setupRow struct {
	ID        int64 `gorm:"primaryKey"`
	TokenHash text
}

func (setupRow) TableName() string { return "setup" }

func accountRowOf(a auth.Account) (accountRow, error) {
	roles, err := encode(a.Roles)
	if err != nil {
		return accountRow{}, err
	}
	return accountRow{
		ID: text(a.ID), Version: a.Version, Name: text(a.Name), Email: text(a.Email), PasswordHash: text(a.PasswordHash),
		PasswordAt: int64(a.PasswordAt), Roles: roles, Disabled: a.Disabled, MustChange: a.MustChange,
		PersonID: text(a.PersonID), Created: int64(a.CreatedAt),
	}, nil
}

func (row accountRow) account() (auth.Account, error) {
	roles, err := decode[[]actor.Role](row.Roles)
	if err != nil {
		return auth.Account{}, fmt.Errorf("account %s: %w", row.ID, err)
	}
	return auth.Account{
		ID: string(row.ID), Version: row.Version, Name: string(row.Name), Email: string(row.Email), PasswordHash: string(row.PasswordHash),
		PasswordAt: connectors.Instant(row.PasswordAt), Roles: roles, Disabled: row.Disabled, MustChange: row.MustChange,
		PersonID: string(row.PersonID), CreatedAt: connectors.Instant(row.Created),
	}, nil
}

func noAccount() error { return fault.New(fault.NotFound, "There is no such account.") }

// AnyAccount implements auth.Store.
func (s *Store) AnyAccount(ctx context.Context) (bool, error) {
	rows, err := of[accountRow](s.reader).Limit(1).Find(ctx)
	if err != nil {
		return false, translate(fmt.Errorf("look for an account: %w", err))
	}
	return len(rows) > 0, nil
}

// SaveSetupToken implements auth.Store.
func (s *Store) SaveSetupToken(ctx context.Context, hash string) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		_, err := exec(ctx, tx, "UPDATE setup SET token_hash = ? WHERE id = 1", text(hash))
		return err
	})
}

// SetupTokenHash implements auth.Store.
func (s *Store) SetupTokenHash(ctx context.Context) (string, error) {
	row, err := of[setupRow](s.reader).Where("id = 1").Take(ctx)
	if err != nil {
		return "", translate(fmt.Errorf("read the set-up token: %w", err))
	}
	return string(row.TokenHash), nil
}

// CompleteSetup implements auth.Store.
func (s *Store) CompleteSetup(ctx context.Context, set auth.Setup, by actor.Actor, e trail.Entry) error {
	admin, err := accountRowOf(set.Admin)
	if err != nil {
		return err
	}
	return s.told(ctx, by, e, func(tx *gorm.DB) error {
		kept, err := of[setupRow](tx, forUpdate).Where("id = 1").Take(ctx)
		if err != nil {
			return fmt.Errorf("read the set-up token: %w", err)
		}
		there, err := of[accountRow](tx).Limit(1).Find(ctx)
		if err != nil {
			return fmt.Errorf("look for an account: %w", err)
		}
		if len(there) > 0 || kept.TokenHash == "" || string(kept.TokenHash) != set.TokenHash {
			return fault.New(fault.Conflict, "This installation is set up already. Sign in instead.")
		}
		if _, err := exec(ctx, tx, "UPDATE setup SET token_hash = '' WHERE id = 1"); err != nil {
			return fmt.Errorf("remove the set-up token: %w", err)
		}
		if err := saveOrganisation(ctx, tx, set.Organisation); err != nil {
			return err
		}
		if err := of[accountRow](tx).Create(ctx, &admin); err != nil {
			return fmt.Errorf("add the administrator: %w", err)
		}
		return addSession(ctx, tx, set.Session)
	})
}

// Account implements auth.Store.
func (s *Store) Account(ctx context.Context, id string) (auth.Account, error) {
	return takeAccount(ctx, of[accountRow](s.reader).Where("id = ?", text(id)))
}

// AccountByEmail implements auth.Store.
func (s *Store) AccountByEmail(ctx context.Context, email string) (auth.Account, error) {
	return takeAccount(ctx, of[accountRow](s.reader).Where("email = ?", text(email)))
}

func takeAccount(ctx context.Context, q query[accountRow]) (auth.Account, error) {
	row, err := q.Take(ctx)
	if missing(err) {
		return auth.Account{}, noAccount()
	}
	if err != nil {
		return auth.Account{}, translate(fmt.Errorf("load an account: %w", err))
	}
	return row.account()
}

// Accounts implements auth.Store.
func (s *Store) Accounts(ctx context.Context) ([]auth.Account, error) {
	rows, err := of[accountRow](s.reader).Order("name, id").Find(ctx)
	if err != nil {
		return nil, translate(fmt.Errorf("list accounts: %w", err))
	}
	return each(rows, accountRow.account)
}

// CreateAccount implements auth.Store.
func (s *Store) CreateAccount(ctx context.Context, a auth.Account, by actor.Actor, e trail.Entry) error {
	row, err := accountRowOf(a)
	if err != nil {
		return err
	}
	return s.told(ctx, by, e, func(tx *gorm.DB) error {
		err := of[accountRow](tx).Create(ctx, &row)
		if duplicate(err) {
			return &fault.Error{Kind: fault.Conflict, Field: "email", Message: "Somebody has an account with this e-mail address already.", Cause: err}
		}
		return err
	})
}

// UpdateAccount implements auth.Store. It locks every account, so that two
// administrators cannot each disable the other at the same time.
func (s *Store) UpdateAccount(ctx context.Context, id string, by actor.Actor, effect auth.SessionEffect, rule auth.AccountRule) (auth.Account, error) {
	var after auth.Account
	err := s.change(ctx, by, func(tx *gorm.DB) (trail.Entry, error) {
		rows, err := of[accountRow](tx, forUpdate).Order("id").Find(ctx)
		if err != nil {
			return trail.Entry{}, fmt.Errorf("load account %s: %w", id, err)
		}
		all, err := each(rows, accountRow.account)
		if err != nil {
			return trail.Entry{}, err
		}
		var account *auth.Account
		others := 0
		for i := range all {
			switch a := &all[i]; {
			case a.ID == id:
				account = a
			case !a.Disabled && slices.Contains(a.Roles, actor.Admin):
				others++
			}
		}
		if account == nil {
			return trail.Entry{}, noAccount()
		}
		version := account.Version
		e, err := rule(account, others)
		if err != nil {
			return trail.Entry{}, err
		}
		account.ID, account.Version = id, version+1
		after = *account
		if err := saveAccount(ctx, tx, after, version); err != nil {
			return trail.Entry{}, err
		}
		if effect.EndAll {
			if _, err := exec(ctx, tx, "DELETE FROM sessions WHERE account_id = ?", text(id)); err != nil {
				return trail.Entry{}, fmt.Errorf("end the sessions of %s: %w", id, err)
			}
		}
		if effect.Open != nil {
			if err := addSession(ctx, tx, *effect.Open); err != nil {
				return trail.Entry{}, err
			}
		}
		return e, nil
	})
	if err != nil {
		return auth.Account{}, err
	}
	return after, nil
}

func saveAccount(ctx context.Context, tx *gorm.DB, a auth.Account, version int64) error {
	row, err := accountRowOf(a)
	if err != nil {
		return err
	}
	n, err := exec(ctx, tx, `UPDATE accounts SET version = ?, name = ?, email = ?, password_hash = ?, password_at = ?,
		roles = ?, disabled = ?, must_change = ?, person_id = ? WHERE id = ? AND version = ?`,
		row.Version, row.Name, row.Email, row.PasswordHash, row.PasswordAt,
		row.Roles, row.Disabled, row.MustChange, row.PersonID, row.ID, version)
	switch {
	case duplicate(err):
		return &fault.Error{Kind: fault.Conflict, Field: "email", Message: "Somebody has an account with this e-mail address already.", Cause: err}
	case err != nil:
		return fmt.Errorf("change account %s: %w", a.ID, err)
	case n != 1:
		return fault.New(fault.Conflict, "The account changed in the meantime. Look at it again.")
	}
	return nil
}
