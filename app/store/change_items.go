package store

import (
	"context"
	"fmt"

	"logreeve/app/runs"
	"logreeve/reports"
	"logreeve/reports/policy"
)

// changeItemRow is an item and the run it belongs to.
type changeItemRow struct {
	RunID    text
	Purpose  text
	ItemKey  text
	CheckID  text
	Title    text
	Severity text
}

func (changeItemRow) TableName() string { return "change_items" }

// ItemsOfChange implements runs.Store.
func (s *Store) ItemsOfChange(ctx context.Context, c *policy.Change) ([]runs.ItemOfChange, error) {
	const query = `SELECT items.run_id, runs.purpose, items.item_key, items.check_id, items.title, items.severity
		FROM item_changes JOIN items ON items.run_id = item_changes.run_id AND items.item_key = item_changes.item_key
		JOIN runs ON runs.id = item_changes.run_id
		WHERE item_changes.object = ? AND item_changes.event_key = ?
		ORDER BY runs.finished_at DESC, items.run_id, items.check_id, items.position LIMIT 200`
	rows, err := of[changeItemRow](s.reader).Raw(query, text(c.Object()), text(c.Event.Key)).Find(ctx)
	if err != nil {
		return nil, translate(fmt.Errorf("list the items about %s: %w", c.Object(), err))
	}
	return each(rows, func(row changeItemRow) (runs.ItemOfChange, error) {
		return runs.ItemOfChange{
			Run: string(row.RunID), Purpose: string(row.Purpose), Key: string(row.ItemKey), Check: string(row.CheckID),
			Title: string(row.Title), Severity: reports.Severity(row.Severity),
		}, nil
	})
}
