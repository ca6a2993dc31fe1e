package runs

import (
	"context"

	"logreeve/app/actor"
	"logreeve/app/fault"
	"logreeve/reports/roster"
)

// Seen lists when and from where principals were seen, the last first. A
// principal is written "system:pattern", where * stands for anything.
func (s *Service) Seen(ctx context.Context, systemPrincipals []string) ([]Seen, error) {
	if len(systemPrincipals) == 0 {
		return nil, nil
	}
	return s.store.Seen(ctx, systemPrincipals)
}

// Snapshot gives one import with what it holds.
func (s *Service) Snapshot(ctx context.Context, id string) (*Snapshot, error) {
	if id == "" {
		return nil, fault.New(fault.NotFound, "There is no such import.")
	}
	return s.store.Snapshot(ctx, id)
}

// SnapshotWithPrevious gives one import and the roster as it was before it; an
// empty one when it was the first.
func (s *Service) SnapshotWithPrevious(ctx context.Context, id string) (*Snapshot, *roster.Snapshot, error) {
	snap, err := s.Snapshot(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	all, err := s.store.Snapshots(ctx, maxSnapshots)
	if err != nil {
		return nil, nil, err
	}
	for i := range all {
		if all[i].ID == id && i+1 < len(all) {
			before, err := s.store.Snapshot(ctx, all[i+1].ID)
			if err != nil {
				return nil, nil, err
			}
			return snap, before.Roster, nil
		}
	}
	return snap, &roster.Snapshot{}, nil
}

// maxSnapshots is how far back imports are listed.
const maxSnapshots = 1000

// SetSourceDisabled stops or resumes the reading of a source. What was read
// before stays. fault.Conflict when the source changed since version.
func (s *Service) SetSourceDisabled(ctx context.Context, by actor.Actor, id string, version int64, disabled bool) (*Source, error) {
	src, err := s.store.Source(ctx, id)
	if err != nil {
		return nil, err
	}
	if src.Version != version {
		return nil, fault.New(fault.Conflict, "The source %s was changed meanwhile. Look at it again.", src.Name)
	}
	src.Disabled = disabled
	return s.SaveSource(ctx, by, *src)
}
