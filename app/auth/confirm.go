package auth

import (
	"context"

	"logreeve/app/actor"
	"logreeve/app/fault"
	"logreeve/app/trail"
)

// Confirm checks the password of a person again before they sign something. It
// counts as an attempt to sign in and stands in the trail. It implements
// reviews.Authenticator, so that no signature can be made without it. Faults:
// Invalid on "password", Unavailable when too many attempts failed, Forbidden
// for anybody who is not a person with an account.
func (s *Service) Confirm(ctx context.Context, by actor.Actor, password string) error {
	if by.System {
		return fault.New(fault.Forbidden, "Only people sign.")
	}
	account, err := s.store.Account(ctx, by.ID)
	if err != nil {
		return err
	}
	if account.Disabled || account.MustChange {
		return fault.New(fault.Forbidden, "This account cannot sign now.")
	}
	if err := s.attempt(ctx, by, account.Email, "signature"); err != nil {
		return err
	}
	right, err := s.hasher.verify(ctx, account.PasswordHash, password)
	if err != nil {
		return err
	}
	e := trail.Entry{Action: "account.reauthenticated", ObjectKind: "account", ObjectID: account.ID, Detail: map[string]string{"for": "signature"}}
	if !right {
		e.Action = "account.reauthentication_failed"
		if err := s.store.Record(ctx, by, e); err != nil {
			return err
		}
		return fault.Field("password", "The password is not right. Nothing was signed.")
	}
	if err := s.store.Record(ctx, by, e); err != nil {
		return err
	}
	s.guard.giveBack(s.now(), by.Address, account.Email)
	return nil
}
