package runs

import (
	"context"
	"fmt"

	"logreeve/app/fault"
	"logreeve/connectors"
)

// Overview asks a search store, with its stored credentials, what it counts.
// What runs noted of the store counts: what it has lost since is a problem of the
// overview. fault.NotFound says that the source cannot count: it lies in files.
func (s *Service) Overview(ctx context.Context, src Source, q connectors.OverviewQuery) (*connectors.Overview, error) {
	if src.Store != Files {
		opened, err := s.open(src)
		if err != nil {
			return nil, err
		}
		notes, err := s.store.ReadingNotes(ctx, src.Name)
		if err != nil {
			return nil, fmt.Errorf("load reading notes: %w", err)
		}
		if n := notes[src.Name]; n != nil {
			q.Noted = n.Store
		}
		for _, o := range opened {
			if counts, ok := o.(connectors.Overviewer); ok {
				return counts.Overview(ctx, q)
			}
		}
	}
	return nil, fault.New(fault.NotFound, "%s lies in files, which count nothing by themselves. An overview is of a search store.", src.Name)
}
