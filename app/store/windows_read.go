package store

import (
	"context"
	"fmt"
	"slices"

	"logreeve/connectors"
	"logreeve/reports"
)

// readRow is what one check's result says of how its run read the window.
type readRow struct {
	WindowFrom int64
	WindowTo   int64
	Only       text `gorm:"column:only_sources"`
	Body       text
}

// WindowsRead implements runs.Store.
func (s *Store) WindowsRead(ctx context.Context, check string, before connectors.Instant) ([]connectors.Window, error) {
	rows, err := of[readRow](s.reader).Raw(`SELECT results.window_from, results.window_to, runs.only_sources, results.body FROM results
		JOIN runs ON runs.id = results.run_id
		WHERE results.check_id = ? AND results.outcome <> ? AND results.window_from < ? AND results.window_from > 0
		ORDER BY results.window_to DESC, results.run_id`, text(check), text(reports.Errored), int64(before)).Find(ctx)
	if err != nil {
		return nil, translate(fmt.Errorf("list the windows %s read: %w", check, err))
	}
	var read []connectors.Window
	for _, row := range rows {
		only, err := decode[[]string](row.Only)
		if err != nil {
			return nil, fmt.Errorf("windows that %s read: %w", check, err)
		}
		body, err := decode[resultBody](row.Body)
		if err != nil {
			return nil, fmt.Errorf("windows that %s read: %w", check, err)
		}
		if len(only) == 0 && readWhole(body.Gates) {
			read = append(read, connectors.Window{From: instant(row.WindowFrom), To: instant(row.WindowTo)})
		}
	}
	return read, nil
}

// readWhole says whether the gates about reading are all there and all met.
func readWhole(gates []reports.Gate) bool {
	for _, id := range []reports.GateID{reports.G1, reports.G2, reports.G3, reports.G4, reports.G5, reports.G8} {
		if !slices.ContainsFunc(gates, func(g reports.Gate) bool { return g.ID == id && g.OK }) {
			return false
		}
	}
	return true
}
