package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

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
	Body     text
}

func (changeItemRow) TableName() string { return "change_items" }

// ItemsOfChange implements runs.Store. Only runs whose window holds the change
// are looked through; the item's own reference decides.
func (s *Store) ItemsOfChange(ctx context.Context, c *policy.Change) ([]runs.ItemOfChange, error) {
	const query = `SELECT items.run_id, runs.purpose, items.item_key, items.check_id, items.title, items.severity, items.body
		FROM items JOIN runs ON runs.id = items.run_id
		WHERE items.run_id IN (SELECT id FROM runs WHERE status = ? AND window_from <= ? AND (window_to = 0 OR window_to > ?))
		AND items.body LIKE ? ESCAPE '\'
		ORDER BY runs.finished_at DESC, items.run_id, items.check_id, items.position LIMIT 200`
	at := int64(c.Time)
	rows, err := gorm.G[changeItemRow](s.reader).Raw(query, text(runs.Done), at, at, text("%"+likeLiteral(c.Event.Key)+"%")).Find(ctx)
	if err != nil {
		return nil, translate(fmt.Errorf("list the items about %s: %w", c.Object(), err))
	}
	var out []runs.ItemOfChange
	for _, row := range rows {
		body, err := decode[itemBody](row.Body)
		if err != nil {
			return nil, fmt.Errorf("item %s: %w", row.ItemKey, err)
		}
		body = spelling(unescape).itemBody(body)
		if body.Change == nil || body.Change.EventKey != c.Event.Key || body.Change.Object != c.Object() {
			continue
		}
		out = append(out, runs.ItemOfChange{
			Run: string(row.RunID), Purpose: string(row.Purpose), Key: string(row.ItemKey), Check: string(row.CheckID),
			Title: string(row.Title), Severity: reports.Severity(row.Severity),
		})
	}
	return out, nil
}
