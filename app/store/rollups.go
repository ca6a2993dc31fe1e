package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"logreeve/app/runs"
	"logreeve/connectors"
	"logreeve/reports"
)

// dayRow counts the results of one check with one outcome whose windows end on
// one UTC day. Only runs over all sources are counted, as in latest_results.
type dayRow struct {
	Day        int64 `gorm:"primaryKey;autoIncrement:false"` // since 1970-01-01
	CheckID    text  `gorm:"primaryKey"`
	Outcome    text  `gorm:"primaryKey"`
	Results    int64
	Items      int64
	RunID      text // the newest of them
	FinishedAt int64
}

func (dayRow) TableName() string { return "result_days" }

// itemChangeRow points from a policy change to an item about it.
type itemChangeRow struct {
	Object   text `gorm:"primaryKey"`
	EventKey text `gorm:"primaryKey"`
	RunID    text `gorm:"primaryKey"`
	ItemKey  text `gorm:"primaryKey"`
}

func (itemChangeRow) TableName() string { return "item_changes" }

const microsecondsADay = int64(24 * time.Hour / time.Microsecond)

// dayOf is the UTC day a window ends on. The end does not belong to a window,
// so one that ends at midnight ends on the day before.
func dayOf(w reports.RunWindow, finished connectors.Instant) int64 {
	if w.To > 0 {
		return (int64(w.To) - 1) / microsecondsADay
	}
	return int64(finished) / microsecondsADay
}

// dayRowsOf are the roll-ups of the results of one run, in one order, so that
// two runs that finish at once do not wait for each other.
func dayRowsOf(results []resultRow) []dayRow {
	rows := make([]dayRow, len(results))
	for i, r := range results {
		rows[i] = dayRow{
			Day: dayOf(r.window(), instant(r.FinishedAt)), CheckID: r.CheckID, Outcome: r.Outcome,
			Results: 1, Items: r.ItemCount, RunID: r.RunID, FinishedAt: r.FinishedAt,
		}
	}
	slices.SortFunc(rows, func(a, b dayRow) int { return cmp.Compare(a.CheckID, b.CheckID) })
	return rows
}

func keepDays(ctx context.Context, tx *gorm.DB, rows []dayRow) error {
	set := func(column, value string) clause.Assignment {
		return clause.Assignment{Column: clause.Column{Name: column}, Value: gorm.Expr(value)}
	}
	const newer = "(excluded.finished_at, excluded.run_id) > (result_days.finished_at, result_days.run_id)"
	add := clause.OnConflict{
		Columns: []clause.Column{{Name: "day"}, {Name: "check_id"}, {Name: "outcome"}},
		DoUpdates: clause.Set{
			set("results", "result_days.results + excluded.results"),
			set("items", "result_days.items + excluded.items"),
			set("run_id", "CASE WHEN "+newer+" THEN excluded.run_id ELSE result_days.run_id END"),
			set("finished_at", "CASE WHEN "+newer+" THEN excluded.finished_at ELSE result_days.finished_at END"),
		},
	}
	if err := insert(ctx, tx, rows, add); err != nil {
		return fmt.Errorf("keep the counts of results: %w", err)
	}
	return nil
}

// Days implements runs.Store. They come in order of day, check and outcome.
func (s *Store) Days(ctx context.Context, since connectors.Instant) ([]runs.DayOutcome, error) {
	rows, err := of[dayRow](s.reader).Where("day >= ?", int64(since)/microsecondsADay).Order("day, check_id, outcome").Find(ctx)
	if err != nil {
		return nil, translate(fmt.Errorf("load the outcomes by day: %w", err))
	}
	return each(rows, func(row dayRow) (runs.DayOutcome, error) {
		return runs.DayOutcome{
			Day: instant(row.Day * microsecondsADay), Check: string(row.CheckID), Outcome: reports.Outcome(row.Outcome),
			Results: int(row.Results), Items: int(row.Items), Run: string(row.RunID), FinishedAt: instant(row.FinishedAt),
		}, nil
	})
}
