package reviews

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"logreeve/app/actor"
	"logreeve/app/fault"
	"logreeve/app/trail"
	"logreeve/connectors"
)

// Authenticator confirms a password again before a signature.
type Authenticator interface {
	// Confirm fails with fault.Invalid on "password" when it is wrong.
	Confirm(ctx context.Context, by actor.Actor, password string) error
}

// People links an account to the person it belongs to.
type People interface {
	// PersonOf gives the roster person id of an e-mail, "" when the current list
	// of people does not know it.
	PersonOf(ctx context.Context, email string) (string, error)
}

// Service opens, decides and signs reviews. Each method applies one rule of
// Review inside the store's transaction.
type Service struct {
	Store     Store
	Runner    Runner
	Sealer    Sealer
	Auth      Authenticator
	People    People
	Templates []Template
	Now       func() time.Time
}

// Signer is the actor as they sign now.
func (s *Service) Signer(ctx context.Context, by actor.Actor) (Signer, error) {
	person, err := s.People.PersonOf(ctx, by.Email)
	if err != nil {
		return Signer{}, fmt.Errorf("link account %s to a person: %w", by.ID, err)
	}
	roles := make([]string, len(by.Roles))
	for i, r := range by.Roles {
		roles[i] = string(r)
	}
	return Signer{Account: by.ID, Name: by.Name, Email: by.Email, Person: person, Roles: roles}, nil
}

// EnsureDue makes every occurrence exist from the first known one (or the
// period that contains now) up to the period that contains now, in the zone.
// It may run anywhere, any number of times.
func (s *Service) EnsureDue(ctx context.Context, zone string) error {
	for _, t := range s.Templates {
		current, err := t.OccurrenceAt(s.Now(), zone)
		if err != nil {
			return err
		}
		known, err := s.Store.Reviews(ctx, ReviewFilter{Template: t.ID, Limit: 1})
		if err != nil {
			return fmt.Errorf("list reviews of %s: %w", t.ID, err)
		}
		next := current
		if len(known) > 0 {
			last, err := t.OccurrenceAt(known[0].Period.From.Time().Add(24*time.Hour), zone)
			if err != nil {
				return err
			}
			if next, err = t.Next(last, zone); err != nil {
				return err
			}
		}
		for next.LocalDate <= current.LocalDate {
			if err := s.schedule(ctx, t, next, zone); err != nil && fault.KindOf(err) != fault.Conflict {
				return err
			}
			if next, err = t.Next(next, zone); err != nil {
				return err
			}
		}
	}
	return nil
}

// Schedule makes the occurrence of a template that contains the instant.
func (s *Service) Schedule(ctx context.Context, t Template, at time.Time, zone string) (string, error) {
	o, err := t.OccurrenceAt(at, zone)
	if err != nil {
		return "", err
	}
	return o.ID, s.schedule(ctx, t, o, zone)
}

func (s *Service) schedule(ctx context.Context, t Template, o Occurrence, zone string) error {
	var nonce [16]byte
	if _, err := rand.Read(nonce[:]); err != nil {
		return fmt.Errorf("draw a nonce: %w", err)
	}
	text := hex.EncodeToString(nonce[:])
	sum := sha256.Sum256([]byte(text))
	r := &Review{
		ID: o.ID, Template: t.ID, Title: o.Title, Revision: 1, Version: 1,
		Period: o.Period, Zone: zone, LocalDate: o.LocalDate, State: Scheduled, DueAt: o.DueAt, MissedAt: o.MissedAt,
		Sample: SamplePlan{
			Algorithm: SampleAlgorithm, Size: t.SampleSize, MinPerStratum: t.MinPerStratum,
			Nonce: text, NonceSHA256: hex.EncodeToString(sum[:]),
		},
	}
	return s.Store.CreateReview(ctx, actor.System(), r, trail.Entry{
		Action: "review.scheduled", ObjectKind: "review", ObjectID: r.ID,
		Detail: map[string]string{"template": t.ID, "period_from": r.Period.From.String(), "period_to": r.Period.To.String(), "nonce_sha256": r.Sample.NonceSHA256},
	})
}

// OpenDue opens every scheduled review whose period has ended and settled, and
// marks those that were not finished in time. A review whose run is not ready
// stays scheduled until the next call; other failures are joined.
func (s *Service) OpenDue(ctx context.Context) error {
	var failed []error
	waiting, err := s.Store.Reviews(ctx, ReviewFilter{States: []State{Scheduled, Open, InReview}})
	if err != nil {
		return fmt.Errorf("list reviews to open: %w", err)
	}
	for _, w := range waiting {
		if w.State == Scheduled && connectors.At(s.Now()) >= w.Period.To.Add(SettleDelay) {
			if err := s.Open(ctx, w.ID); err != nil && fault.KindOf(err) != fault.Unavailable && fault.KindOf(err) != fault.Conflict {
				failed = append(failed, fmt.Errorf("open review %s: %w", w.ID, err))
			}
		}
		if connectors.At(s.Now()) >= w.MissedAt {
			if err := s.miss(ctx, w.ID); err != nil {
				failed = append(failed, fmt.Errorf("miss review %s: %w", w.ID, err))
			}
		}
	}
	return errors.Join(failed...)
}

// Open freezes the run of a review's period and opens it. fault.Unavailable
// while the run is still going.
func (s *Service) Open(ctx context.Context, id string) error {
	r, err := s.Store.Review(ctx, id)
	if err != nil {
		return err
	}
	t, ok := TemplateByID(s.Templates, r.Template)
	if !ok {
		return fault.New(fault.NotFound, "The template %s is not part of this version.", r.Template)
	}
	if r.State != Scheduled {
		return fault.New(fault.Conflict, "This review is open already.")
	}
	o, err := s.Runner.OpenRun(ctx, actor.System(), r, t)
	if err != nil {
		return err
	}
	_, err = s.Store.UpdateReview(ctx, actor.System(), id, func(r *Review) (trail.Entry, error) {
		if err := r.OpenWith(*o, s.Now()); err != nil {
			return trail.Entry{}, err
		}
		return trail.Entry{Action: "review.opened", ObjectKind: "review", ObjectID: id, Detail: map[string]string{
			"run": o.RunID, "items": fmt.Sprint(len(o.Items)), "sample": fmt.Sprint(len(o.Picks)),
			"population_sha256": o.Sample.PopulationDigest, "seed": o.Sample.Seed,
		}}, nil
	})
	return err
}

func (s *Service) miss(ctx context.Context, id string) error {
	_, err := s.Store.UpdateReview(ctx, actor.System(), id, func(r *Review) (trail.Entry, error) {
		if !r.Miss(s.Now()) {
			return trail.Entry{}, fault.New(fault.Conflict, "This review is not to be missed.")
		}
		return trail.Entry{Action: "review.missed", ObjectKind: "review", ObjectID: id}, nil
	})
	if fault.KindOf(err) == fault.Conflict {
		return nil
	}
	return err
}

// change is the frame of every act of a person on a review.
func (s *Service) change(ctx context.Context, by actor.Actor, id string, act func(*Review, Signer) (trail.Entry, error)) (*Review, error) {
	signer, err := s.Signer(ctx, by)
	if err != nil {
		return nil, err
	}
	return s.Store.UpdateReview(ctx, by, id, func(r *Review) (trail.Entry, error) {
		e, err := act(r, signer)
		e.ObjectKind, e.ObjectID = "review", id
		return e, err
	})
}

// Decide records one decision. A finding without an id gets the next one.
func (s *Service) Decide(ctx context.Context, by actor.Actor, id string, q Request) (*Review, error) {
	if err := s.reserve(ctx, q.Finding); err != nil {
		return nil, err
	}
	return s.change(ctx, by, id, func(r *Review, signer Signer) (trail.Entry, error) {
		if err := r.Decide(signer, q, s.Now()); err != nil {
			return trail.Entry{}, err
		}
		return trail.Entry{Action: "review.decided", Detail: map[string]string{"key": q.Key, "choice": string(q.Choice)}}, nil
	})
}

// Bulk records several decisions with one reason, all or nothing.
func (s *Service) Bulk(ctx context.Context, by actor.Actor, id string, qs []Request) (*Review, error) {
	if len(qs) > 0 {
		if err := s.reserve(ctx, qs[0].Finding); err != nil {
			return nil, err
		}
	}
	return s.change(ctx, by, id, func(r *Review, signer Signer) (trail.Entry, error) {
		if err := r.Bulk(signer, qs, s.Now()); err != nil {
			return trail.Entry{}, err
		}
		return trail.Entry{Action: "review.decided_in_bulk", Detail: map[string]string{"items": fmt.Sprint(len(qs)), "choice": string(qs[0].Choice)}}, nil
	})
}

func (s *Service) reserve(ctx context.Context, f *Finding) error {
	if f == nil || f.ID != "" {
		return nil
	}
	id, err := s.Store.NextFindingID(ctx)
	if err != nil {
		return fmt.Errorf("reserve a finding id: %w", err)
	}
	f.ID = id
	return nil
}

// Acknowledge records that a limit was seen.
func (s *Service) Acknowledge(ctx context.Context, by actor.Actor, id, check, cause, consequence string) (*Review, error) {
	return s.change(ctx, by, id, func(r *Review, signer Signer) (trail.Entry, error) {
		if err := r.Acknowledge(signer, check, cause, consequence, s.Now()); err != nil {
			return trail.Entry{}, err
		}
		return trail.Entry{Action: "review.limit_acknowledged", Detail: map[string]string{"check": check}}, nil
	})
}

// Reperform records an approver's own judgement of a decision.
func (s *Service) Reperform(ctx context.Context, by actor.Actor, id, key string, pick, agree bool, note string) (*Review, error) {
	return s.change(ctx, by, id, func(r *Review, signer Signer) (trail.Entry, error) {
		if err := r.Reperform(signer, key, pick, agree, note, s.Now()); err != nil {
			return trail.Entry{}, err
		}
		return trail.Entry{Action: "review.reperformed", Detail: map[string]string{"key": key, "agrees": fmt.Sprint(agree)}}, nil
	})
}

// Attest confirms the password and records the reviewer's signature over set.
func (s *Service) Attest(ctx context.Context, by actor.Actor, id, password, set string, c Conclusion) (*Review, error) {
	if err := s.Auth.Confirm(ctx, by, password); err != nil {
		return nil, err
	}
	return s.change(ctx, by, id, func(r *Review, signer Signer) (trail.Entry, error) {
		if err := r.Attest(signer, set, c, s.Now()); err != nil {
			return trail.Entry{}, err
		}
		return trail.Entry{Action: "review.attested", Detail: map[string]string{"set_sha256": set, "conclusion": string(c)}}, nil
	})
}

// Approve confirms the password, records the approver's signature over set,
// seals the package and closes the review, all in one transaction.
func (s *Service) Approve(ctx context.Context, by actor.Actor, id, password, set string, c Conclusion) (*Review, error) {
	if err := s.Auth.Confirm(ctx, by, password); err != nil {
		return nil, err
	}
	signer, err := s.Signer(ctx, by)
	if err != nil {
		return nil, err
	}
	return s.Store.CloseReview(ctx, by, id, func(r *Review) (Package, trail.Entry, error) {
		if err := r.Approve(signer, set, c, s.Now()); err != nil {
			return Package{}, trail.Entry{}, err
		}
		p, err := s.Sealer.Seal(ctx, r)
		if err != nil {
			return Package{}, trail.Entry{}, fmt.Errorf("seal review %s: %w", id, err)
		}
		return p, trail.Entry{Action: "review.closed", ObjectKind: "review", ObjectID: id, Detail: map[string]string{
			"set_sha256": set, "conclusion": string(c), "evidence_root": p.Root, "package_sha256": p.SHA256, "signing_key": p.Fingerprint,
		}}, nil
	})
}

// Return sends an attested review back with reasons.
func (s *Service) Return(ctx context.Context, by actor.Actor, id, reason string) (*Review, error) {
	return s.change(ctx, by, id, func(r *Review, signer Signer) (trail.Entry, error) {
		if err := r.Return(signer, reason, s.Now()); err != nil {
			return trail.Entry{}, err
		}
		return trail.Entry{Action: "review.returned"}, nil
	})
}

// PerformLate takes up a missed review.
func (s *Service) PerformLate(ctx context.Context, by actor.Actor, id, reason string) (*Review, error) {
	return s.change(ctx, by, id, func(r *Review, signer Signer) (trail.Entry, error) {
		if err := r.PerformLate(signer, reason, s.Now()); err != nil {
			return trail.Entry{}, err
		}
		return trail.Entry{Action: "review.taken_up_late"}, nil
	})
}

// UpdateFinding changes a finding.
func (s *Service) UpdateFinding(ctx context.Context, by actor.Actor, id string, u FindingUpdate) (*Finding, error) {
	signer, err := s.Signer(ctx, by)
	if err != nil {
		return nil, err
	}
	return s.Store.UpdateFinding(ctx, by, id, func(f *Finding) (trail.Entry, error) {
		if err := f.Update(signer, u, s.Now()); err != nil {
			return trail.Entry{}, err
		}
		return trail.Entry{Action: "finding.changed", ObjectKind: "finding", ObjectID: id, Detail: map[string]string{"status": string(f.Status), "severity": string(f.Severity)}}, nil
	})
}
