package runs

import (
	"context"

	"logreeve/reports/policy"
)

// ObjectHistory lists the known changes of one policy object, oldest first.
func (s *Service) ObjectHistory(ctx context.Context, object string) ([]policy.Change, error) {
	return s.store.ObjectHistory(ctx, object)
}
