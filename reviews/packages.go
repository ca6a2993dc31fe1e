package reviews

import (
	"context"
	"fmt"
)

// Sealed is a sealed package and the review it is of.
type Sealed struct {
	Package
	Of Summary
}

// Sealed lists the sealed packages, newest first, without their bytes.
func (s *Service) Sealed(ctx context.Context) ([]Sealed, error) {
	packages, err := s.Store.Packages(ctx)
	if err != nil {
		return nil, fmt.Errorf("list packages: %w", err)
	}
	if len(packages) == 0 {
		return nil, nil
	}
	closed, err := s.Store.Reviews(ctx, ReviewFilter{States: []State{Closed}})
	if err != nil {
		return nil, fmt.Errorf("list closed reviews: %w", err)
	}
	of := make(map[string]Summary, len(closed))
	for _, r := range closed {
		of[r.ID] = r
	}
	sealed := make([]Sealed, len(packages))
	for i, p := range packages {
		sealed[i] = Sealed{Package: p, Of: of[p.Review]}
	}
	return sealed, nil
}

// Package loads a sealed package with its bytes. fault.NotFound.
func (s *Service) Package(ctx context.Context, review string, revision int) (*Package, error) {
	return s.Store.Package(ctx, review, revision)
}
