package auth

import (
	"context"
	"crypto/subtle"
	"strings"
	"time"

	"logreeve/app/actor"
	"logreeve/app/fault"
	"logreeve/app/trail"
)

// NeedsSetup says whether nobody has an account yet.
func (s *Service) NeedsSetup(ctx context.Context) (bool, error) {
	if s.settled.Load() {
		return false, nil
	}
	any, err := s.store.AnyAccount(ctx)
	if err != nil {
		return false, err
	}
	if any {
		s.settled.Store(true)
	}
	return !any, nil
}

// SetupToken makes the one-time token of the first set-up, for the operator's
// terminal; only its hash is kept, and a later start replaces it. It is "" when
// there is an account already.
func (s *Service) SetupToken(ctx context.Context) (string, error) {
	needs, err := s.NeedsSetup(ctx)
	if err != nil || !needs {
		return "", err
	}
	token := secret(20)
	if err := s.store.SaveSetupToken(ctx, hashToken(token)); err != nil {
		return "", err
	}
	return token, nil
}

// FirstSetup is what the set-up page asks for.
type FirstSetup struct {
	Token        string
	Organisation string
	Zone         string // IANA
	Name         string
	Email        string
	Password     string
}

// CompleteSetup writes the organisation and the first administrator, who also
// is officer, and signs the administrator in. Faults: Invalid on "token",
// "organisation", "zone", "name", "email" or "password"; Conflict when somebody
// else was first.
func (s *Service) CompleteSetup(ctx context.Context, f FirstSetup, address, userAgent string) (token string, err error) {
	needs, err := s.NeedsSetup(ctx)
	if err != nil {
		return "", err
	}
	if !needs {
		return "", fault.New(fault.Conflict, "This installation is set up already. Sign in instead.")
	}
	by := Anonymous(address)
	// The key is fixed: there is one thing to guess here.
	if err := s.attempt(ctx, by, "set-up", "setup"); err != nil {
		return "", err
	}
	kept, err := s.store.SetupTokenHash(ctx)
	if err != nil {
		return "", err
	}
	given := hashToken(strings.TrimSpace(f.Token))
	if kept == "" || subtle.ConstantTimeCompare([]byte(given), []byte(kept)) != 1 {
		if err := s.store.Record(ctx, by, trail.Entry{Action: "setup.refused", ObjectKind: "installation", Detail: map[string]string{"reason": "wrong token"}}); err != nil {
			return "", err
		}
		return "", fault.Field("token", "This is not the set-up token that the server printed at its last start.")
	}
	s.guard.giveBack(s.now(), address, "set-up")

	organisation, err := cleanName("organisation", "organisation", f.Organisation)
	if err != nil {
		return "", err
	}
	if err := CheckZone("zone", f.Zone); err != nil {
		return "", err
	}
	admin, err := s.newAccount(f.Name, f.Email, []actor.Role{actor.Admin, actor.Officer}, "")
	if err != nil {
		return "", err
	}
	if err := CheckPassword("password", f.Password, organisation, admin.Name, admin.Email); err != nil {
		return "", err
	}
	if admin.PasswordHash, err = s.hasher.hash(ctx, f.Password); err != nil {
		return "", err
	}
	session, token := s.newSession(admin.ID, address, userAgent)
	err = s.store.CompleteSetup(ctx, Setup{
		TokenHash:    kept,
		Organisation: Organisation{Name: organisation, Zone: f.Zone},
		Admin:        admin,
		Session:      session,
	}, admin.Actor(address), trail.Entry{Action: "setup.completed", ObjectKind: "account", ObjectID: admin.ID, Detail: map[string]string{"zone": f.Zone}})
	if err != nil {
		return "", err
	}
	s.settled.Store(true)
	return token, nil
}

// CheckZone says whether the text names an IANA time zone.
func CheckZone(field, zone string) error {
	if zone == "" || zone == "Local" {
		return fault.Field(field, "Choose the time zone your organisation works in, for example Europe/Berlin.")
	}
	if _, err := time.LoadLocation(zone); err != nil {
		return fault.Field(field, "There is no time zone called %q. Zones have names like Europe/Berlin.", zone)
	}
	return nil
}
