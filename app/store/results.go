package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/reports"
	"logreeve/reports/policy"
)

type resultRow struct {
	RunID       text `gorm:"primaryKey"`
	CheckID     text `gorm:"primaryKey"`
	Position    int64
	FinishedAt  int64
	WindowFrom  int64
	WindowTo    int64
	WindowGiven bool
	Version     int64
	Title       text
	Kind        text
	Severity    text
	Outcome     text
	Limited     bool
	Reason      text
	Population  int64
	Matched     int64
	Suppressed  int64
	Undecidable int64
	ItemCount   int64
	Digest      text
	Body        text
}

func (resultRow) TableName() string { return "results" }

// resultBody is what of a result is never queried.
type resultBody struct {
	Controls     []string               `json:"controls"`
	Gates        []reports.Gate         `json:"gates"`
	Params       map[string]string      `json:"params"`
	Suppressions []reports.Suppression  `json:"suppressions"`
	Undecided    []reports.UndecidedRef `json:"undecided"`
}

type itemRow struct {
	RunID     text `gorm:"primaryKey"`
	ItemKey   text `gorm:"primaryKey"`
	CheckID   text
	Position  int64
	Subject   text
	Title     text
	Summary   text
	Severity  text
	Violation bool
	FirstAt   int64
	LastAt    int64
	Events    int64
	Body      text
}

func (itemRow) TableName() string { return "items" }

// itemBody is what of an item is never queried.
type itemBody struct {
	Events  []reports.EventRef `json:"events"`
	Actors  []string           `json:"actors"`
	Persons []string           `json:"persons"`
	Facts   []reports.Fact     `json:"facts"`
	Change  *reports.ChangeRef `json:"change"`
	Data    map[string]string  `json:"data"`
}

type evidenceRow struct {
	RunID   text `gorm:"primaryKey"`
	ItemKey text `gorm:"primaryKey"`
	SHA256  text `gorm:"column:sha256"`
	Body    []byte
}

func (evidenceRow) TableName() string { return "item_evidence" }

type latestRow struct {
	CheckID    text `gorm:"primaryKey"`
	RunID      text
	FinishedAt int64
}

func (latestRow) TableName() string { return "latest_results" }

func (row resultRow) window() reports.RunWindow {
	return reports.RunWindow{From: instant(row.WindowFrom), To: instant(row.WindowTo), Given: row.WindowGiven}
}

func (row resultRow) result() (reports.Result, error) {
	body, err := decode[resultBody](row.Body)
	if err != nil {
		return reports.Result{}, fmt.Errorf("result of %s: %w", row.CheckID, err)
	}
	body = spelling(unescape).resultBody(body)
	return reports.Result{
		Check: string(row.CheckID), Version: int(row.Version), Title: string(row.Title), Kind: reports.Type(row.Kind), Severity: reports.Severity(row.Severity),
		Controls: body.Controls, Outcome: reports.Outcome(row.Outcome), Limited: row.Limited, Reason: string(row.Reason),
		Population: row.Population, Matched: row.Matched, Suppressed: row.Suppressed, Undecidable: row.Undecidable,
		Gates: body.Gates, Params: body.Params, Digest: string(row.Digest), Suppressions: body.Suppressions, Undecided: body.Undecided,
	}, nil
}

func (row itemRow) item() (reports.Item, error) {
	body, err := decode[itemBody](row.Body)
	if err != nil {
		return reports.Item{}, fmt.Errorf("item %s: %w", row.ItemKey, err)
	}
	body = spelling(unescape).itemBody(body)
	return reports.Item{
		Key: string(row.ItemKey), Subject: string(row.Subject), Title: string(row.Title), Summary: string(row.Summary),
		Severity: reports.Severity(row.Severity), Violation: row.Violation, First: instant(row.FirstAt), Last: instant(row.LastAt), Count: row.Events,
		Events: body.Events, Actors: body.Actors, Persons: body.Persons, Facts: body.Facts, Change: body.Change, Data: body.Data,
	}, nil
}

// outcome is everything a finished run found, as rows.
type outcome struct {
	results  []resultRow
	items    []itemRow
	evidence []evidenceRow
	latest   []latestRow
	days     []dayRow
	changes  []itemChangeRow
	ledger   []ledgerRow
	policy   policyRows
}

func outcomeOf(r runs.Run, states []policy.State, seen []runs.Seen) (*outcome, error) {
	o := &outcome{ledger: ledgerRowsOf(seen)}
	run := text(r.ID)
	for i, x := range r.Results {
		body, err := encode(spelling(escape).resultBody(resultBody{
			Controls: x.Controls, Gates: x.Gates, Params: x.Params, Suppressions: x.Suppressions, Undecided: x.Undecided,
		}))
		if err != nil {
			return nil, err
		}
		o.results = append(o.results, resultRow{
			RunID: run, CheckID: text(x.Check), Position: int64(i), FinishedAt: int64(r.FinishedAt),
			WindowFrom: int64(r.Window.From), WindowTo: int64(r.Window.To), WindowGiven: r.Window.Given,
			Version: int64(x.Version), Title: text(x.Title), Kind: text(x.Kind), Severity: text(x.Severity),
			Outcome: text(x.Outcome), Limited: x.Limited, Reason: text(x.Reason),
			Population: x.Population, Matched: x.Matched, Suppressed: x.Suppressed, Undecidable: x.Undecidable,
			ItemCount: int64(len(x.Items)), Digest: text(x.Digest), Body: body,
		})
		if len(r.Only) == 0 { // a run over some sources only does not speak for the organisation
			o.latest = append(o.latest, latestRow{CheckID: text(x.Check), RunID: run, FinishedAt: int64(r.FinishedAt)})
		}
		for k, item := range x.Items {
			if err := o.addItem(run, x.Check, k, item); err != nil {
				return nil, err
			}
		}
	}
	if len(r.Only) == 0 {
		o.days = dayRowsOf(o.results)
	}
	var err error
	o.policy, err = policyRowsOf(r, states)
	return o, err
}

func (o *outcome) addItem(run text, check string, position int, x reports.Item) error {
	body, err := encode(spelling(escape).itemBody(itemBody{
		Events: x.Events, Actors: x.Actors, Persons: x.Persons, Facts: x.Facts, Change: x.Change, Data: x.Data,
	}))
	if err != nil {
		return err
	}
	o.items = append(o.items, itemRow{
		RunID: run, ItemKey: text(x.Key), CheckID: text(check), Position: int64(position),
		Subject: text(x.Subject), Title: text(x.Title), Summary: text(x.Summary), Severity: text(x.Severity), Violation: x.Violation,
		FirstAt: int64(x.First), LastAt: int64(x.Last), Events: x.Count, Body: body,
	})
	if x.Change != nil {
		o.changes = append(o.changes, itemChangeRow{Object: text(x.Change.Object), EventKey: text(x.Change.EventKey), RunID: run, ItemKey: text(x.Key)})
	}
	if len(x.Evidence) == 0 {
		return nil
	}
	packed, digest, err := packJSON(spelling(escape).evidence(x.Evidence))
	if err != nil {
		return err
	}
	o.evidence = append(o.evidence, evidenceRow{RunID: run, ItemKey: text(x.Key), SHA256: text(digest), Body: packed})
	return nil
}

func (o *outcome) keep(ctx context.Context, tx *gorm.DB) error {
	newest := clause.OnConflict{
		Columns:   []clause.Column{{Name: "check_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"run_id", "finished_at"}),
		Where:     clause.Where{Exprs: []clause.Expression{gorm.Expr("excluded.finished_at >= latest_results.finished_at")}},
	}
	for _, err := range []error{
		insert(ctx, tx, o.results), insert(ctx, tx, o.items), insert(ctx, tx, o.evidence), insert(ctx, tx, o.latest, newest),
		keepDays(ctx, tx, o.days), insert(ctx, tx, o.changes), o.policy.keep(ctx, tx), keepLedger(ctx, tx, o.ledger),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// loadResults loads the results of a run with their items, without evidence.
func loadResults(ctx context.Context, tx *gorm.DB, run string) ([]reports.Result, error) {
	rows, err := of[resultRow](tx).Where("run_id = ?", text(run)).Order("position").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("load results: %w", err)
	}
	results, err := each(rows, resultRow.result)
	if err != nil {
		return nil, err
	}
	at := make(map[text]int, len(rows))
	for i, row := range rows {
		at[row.CheckID] = i
		results[i].Items = make([]reports.Item, 0, row.ItemCount)
	}
	items, err := of[itemRow](tx).Where("run_id = ?", text(run)).Order("check_id, position").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("load items: %w", err)
	}
	for _, row := range items {
		item, err := row.item()
		if err != nil {
			return nil, err
		}
		r := &results[at[row.CheckID]]
		r.Items = append(r.Items, item)
	}
	return results, nil
}

// LatestResults implements runs.Store. They come in order of check id. The
// CROSS JOIN makes SQLite begin with the few rows of latest_results: left to
// itself it walks all results, because an index has them in the wanted order.
func (s *Store) LatestResults(ctx context.Context) ([]runs.LatestResult, error) {
	rows, err := of[resultRow](s.reader).Raw(`SELECT results.* FROM latest_results CROSS JOIN results
		WHERE results.run_id = latest_results.run_id AND results.check_id = latest_results.check_id ORDER BY latest_results.check_id`).Find(ctx)
	if err != nil {
		return nil, translate(fmt.Errorf("load the latest results: %w", err))
	}
	return each(rows, func(row resultRow) (runs.LatestResult, error) {
		r, err := row.result()
		return runs.LatestResult{Run: string(row.RunID), FinishedAt: instant(row.FinishedAt), Window: row.window(), Result: r}, err
	})
}

// Course implements runs.Store.
func (s *Store) Course(ctx context.Context, check string, limit int) ([]runs.CheckCourse, error) {
	rows, err := of[resultRow](s.reader).Select("run_id, finished_at, window_from, window_to, window_given, outcome, limited, matched, item_count, version").
		Where("check_id = ?", text(check)).Order("finished_at DESC, run_id DESC").Limit(limit).Find(ctx)
	if err != nil {
		return nil, translate(fmt.Errorf("load the course of %s: %w", check, err))
	}
	return each(rows, func(row resultRow) (runs.CheckCourse, error) {
		return runs.CheckCourse{
			RunID: string(row.RunID), Window: row.window(), Outcome: reports.Outcome(row.Outcome), Limited: row.Limited,
			Matched: row.Matched, Items: int(row.ItemCount), Version: int(row.Version),
		}, nil
	})
}

// Item implements runs.Store.
func (s *Store) Item(ctx context.Context, run, key string) (*reports.Item, error) {
	row, err := of[itemRow](s.reader).Where("run_id = ? AND item_key = ?", text(run), text(key)).Take(ctx)
	if missing(err) {
		return nil, fault.New(fault.NotFound, "There is no such item in the run %s.", run)
	}
	if err != nil {
		return nil, translate(fmt.Errorf("load item %s of run %s: %w", key, run, err))
	}
	item, err := row.item()
	if err != nil {
		return nil, err
	}
	kept, err := of[evidenceRow](s.reader).Where("run_id = ? AND item_key = ?", text(run), text(key)).Take(ctx)
	if missing(err) {
		return &item, nil
	}
	if err != nil {
		return nil, translate(fmt.Errorf("load the evidence of item %s of run %s: %w", key, run, err))
	}
	evidence, err := unpackJSON[[]reports.EvidenceEvent](kept.Body, string(kept.SHA256))
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "The evidence of this item in the database is not what was recorded. Restore a backup.")
	}
	item.Evidence = spelling(unescape).evidence(evidence)
	return &item, nil
}
