package reviews

import (
	"context"
	"strings"

	"logreeve/app/actor"
	"logreeve/app/fault"
	"logreeve/app/trail"
)

// Review gives one review whole. fault.NotFound.
func (s *Service) Review(ctx context.Context, id string) (*Review, error) {
	return s.Store.Review(ctx, id)
}

// List lists reviews, newest period first.
func (s *Service) List(ctx context.Context, f ReviewFilter) ([]Summary, error) {
	return s.Store.Reviews(ctx, f)
}

// Finding gives one finding. fault.NotFound.
func (s *Service) Finding(ctx context.Context, id string) (*Finding, error) {
	return s.Store.Finding(ctx, id)
}

// Findings lists findings, newest first.
func (s *Service) Findings(ctx context.Context, f FindingFilter) ([]Finding, error) {
	return s.Store.Findings(ctx, f)
}

// CountReviews counts the reviews in each state.
func (s *Service) CountReviews(ctx context.Context) (map[State]int, error) {
	return s.Store.CountReviews(ctx)
}

// CountFindings counts the findings, of one review or, with "", of all.
func (s *Service) CountFindings(ctx context.Context, review string) ([]FindingCount, error) {
	return s.Store.CountFindings(ctx, review)
}

// Template finds the template a review was made from.
func (s *Service) Template(id string) (Template, bool) { return TemplateByID(s.Templates, id) }

// AcknowledgeAll records that several limits of one cause were seen together,
// all or nothing.
func (s *Service) AcknowledgeAll(ctx context.Context, by actor.Actor, id string, checks []string, cause, consequence string) (*Review, error) {
	if len(checks) == 0 {
		return nil, fault.Field("check", "Choose at least one check.")
	}
	return s.change(ctx, by, id, func(r *Review, signer Signer) (trail.Entry, error) {
		for _, check := range checks {
			if err := r.Acknowledge(signer, check, cause, consequence, s.Now()); err != nil {
				return trail.Entry{}, err
			}
		}
		return trail.Entry{Action: "review.limit_acknowledged", Detail: map[string]string{"check": strings.Join(checks, ",")}}, nil
	})
}

// Stand is where an item or pick stands: its last decision if it counts, and
// how many were made (its version).
type Stand struct {
	Last    *Decision
	Version int
}

// Stands gives where every decided item stands, or every decided pick, in one
// pass over the decisions. What was never decided is not in it.
func (r *Review) Stands(pick bool) map[string]Stand {
	out := map[string]Stand{}
	for i := range r.Decisions {
		d := &r.Decisions[i]
		if d.Pick != pick || d.Choice == Reperformed {
			continue
		}
		s := out[d.Key]
		s.Version++
		s.Last = d
		if d.Choice == Withdrawn {
			s.Last = nil
		}
		out[d.Key] = s
	}
	return out
}

// WhyNot says why a person may not decide about an item or pick now, in a
// sentence; "" when they may. Own says that it is because of rule R2.
func (r *Review) WhyNot(by Signer, key string, pick bool) (why string, own bool) {
	q := Request{Key: key, Pick: pick}
	if persons, _, err := r.subject(q); err == nil && by.Concerns(persons) {
		own = true
	}
	if _, err := r.mayDecide(by, q); err != nil {
		return fault.Message(err), own
	}
	return "", false
}

// WhyNotApprove says why a person may not approve this review, "" when they may.
func (r *Review) WhyNotApprove(by Signer) string {
	if err := r.mayApprove(by); err != nil {
		return fault.Message(err)
	}
	return ""
}

// WhyNotAttest says why a person may not attest this review, leaving aside what
// is still to be done (Blockers); "" when they may.
func (r *Review) WhyNotAttest(by Signer) string {
	if err := r.mayAttest(by); err != nil {
		return fault.Message(err)
	}
	return ""
}
