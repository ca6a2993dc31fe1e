package runs

import (
	"context"

	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/policy"
)

// ItemOfChange is an item of a finished run that is about a policy change.
type ItemOfChange struct {
	Run, Purpose string
	Key, Check   string
	Title        string
	Severity     reports.Severity
}

// Changes lists the policy changes of a window in order of time, at most limit.
func (s *Service) Changes(ctx context.Context, w connectors.Window, limit int) ([]policy.Change, error) {
	return s.store.Changes(ctx, w, limit)
}

// ObjectHistory lists the known changes of one policy object, oldest first.
func (s *Service) ObjectHistory(ctx context.Context, object string) ([]policy.Change, error) {
	return s.store.ObjectHistory(ctx, object)
}

// PolicyStates lists the last known state of every policy object.
func (s *Service) PolicyStates(ctx context.Context) ([]policy.State, error) {
	return s.store.PolicyStates(ctx)
}

// ItemsOfChange lists the items about a policy change, newest run first: where
// its raw record lies and where it was decided.
func (s *Service) ItemsOfChange(ctx context.Context, c *policy.Change) ([]ItemOfChange, error) {
	return s.store.ItemsOfChange(ctx, c)
}
