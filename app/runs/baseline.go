package runs

import (
	"context"
	"fmt"

	"logreeve/connectors"
	"logreeve/reports/policy"
)

// readsPolicies is the check whose results say which windows were read whole:
// it looks at every write on network policies.
const readsPolicies = "NET-01"

// baseline is what is known of network policies when a window begins, from
// earlier runs (docs/decisions/0007).
func (s *Service) baseline(ctx context.Context, from connectors.Instant) ([]policy.State, error) {
	if from == 0 {
		return nil, nil
	}
	known, err := s.store.PolicyStates(ctx)
	if err != nil {
		return nil, fmt.Errorf("load policy states: %w", err)
	}
	read, err := s.store.WindowsRead(ctx, readsPolicies, from)
	if err != nil {
		return nil, fmt.Errorf("load what was read before: %w", err)
	}
	return policy.Baseline(from, known, read, func(object string) ([]policy.Change, error) {
		return s.store.ObjectHistory(ctx, object)
	})
}
