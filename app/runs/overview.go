package runs

import (
	"context"

	"logreeve/app/fault"
	"logreeve/connectors"
)

// Overview asks a search store, with its stored credentials, what it counts.
// fault.NotFound says that the source cannot count: it lies in files.
func (s *Service) Overview(ctx context.Context, src Source, q connectors.OverviewQuery) (*connectors.Overview, error) {
	if src.Store != Files {
		opened, err := s.open(src)
		if err != nil {
			return nil, err
		}
		for _, o := range opened {
			if counts, ok := o.(connectors.Overviewer); ok {
				return counts.Overview(ctx, q)
			}
		}
	}
	return nil, fault.New(fault.NotFound, "%s lies in files, which count nothing by themselves. An overview is of a search store.", src.Name)
}
