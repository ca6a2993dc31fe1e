package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"logreeve/app/runs"
	"logreeve/connectors"
	"logreeve/reports/policy"
)

type runChangesRow struct {
	RunID  text `gorm:"primaryKey"`
	SHA256 text `gorm:"column:sha256"`
	Body   []byte
}

func (runChangesRow) TableName() string { return "run_changes" }

type changeRow struct {
	Object   text `gorm:"primaryKey"`
	EventKey text `gorm:"primaryKey"`
	At       int64
	RunID    text
	Actor    text
	Body     text
}

func (changeRow) TableName() string { return "changes" }

type policyStateRow struct {
	Object text `gorm:"primaryKey"`
	At     int64
	RunID  text
	Body   text
}

func (policyStateRow) TableName() string { return "policy_states" }

// storedChange and storedReport are kept as they are: policy.Change writes
// itself for readers of JSON, which would respell the raw specifications in it.
type storedChange policy.Change

type storedReport struct {
	Summary  policy.Summary   `json:"summary"`
	Changes  []storedChange   `json:"changes"`
	Attempts []policy.Attempt `json:"attempts"`

	Baseline *policy.BaselineRef `json:"baseline,omitempty"`
}

// policyRows is what a run found of policies.
type policyRows struct {
	report  *runChangesRow
	changes []changeRow
	states  []policyStateRow
}

func policyRowsOf(r runs.Run, states []policy.State) (policyRows, error) {
	var out policyRows
	run := text(r.ID)
	if r.Changes != nil {
		report := storedReport{Summary: r.Changes.Summary, Attempts: spelling(escape).attempts(r.Changes.Attempts), Baseline: spelling(escape).baseline(r.Changes.Baseline)}
		if r.Changes.Changes != nil {
			report.Changes = make([]storedChange, len(r.Changes.Changes))
		}
		for i := range r.Changes.Changes {
			c := &r.Changes.Changes[i]
			report.Changes[i] = storedChange(spelling(escape).policyChange(*c))
			body, err := encode(report.Changes[i])
			if err != nil {
				return out, err
			}
			out.changes = append(out.changes, changeRow{
				Object: text(c.Object()), EventKey: text(c.Event.Key), At: int64(c.Time), RunID: run, Actor: text(c.Actor), Body: body,
			})
		}
		packed, digest, err := packJSON(report)
		if err != nil {
			return out, err
		}
		out.report = &runChangesRow{RunID: run, SHA256: text(digest), Body: packed}
	}
	for _, st := range states {
		body, err := encode(spelling(escape).policyState(st))
		if err != nil {
			return out, err
		}
		out.states = append(out.states, policyStateRow{
			Object: text(st.Object), At: int64(st.At), RunID: run, Body: body,
		})
	}
	out.changes = lastOfEach(out.changes, func(a, b changeRow) int {
		return cmp.Or(cmp.Compare(a.Object, b.Object), cmp.Compare(a.EventKey, b.EventKey))
	})
	out.states = lastOfEach(out.states, func(a, b policyStateRow) int { return cmp.Compare(a.Object, b.Object) })
	return out, nil
}

// lastOfEach sorts rows and keeps the last of those that are about the same.
func lastOfEach[R any](rows []R, order func(a, b R) int) []R {
	slices.SortStableFunc(rows, order)
	out := rows[:0]
	for i, row := range rows {
		if i+1 == len(rows) || order(row, rows[i+1]) != 0 {
			out = append(out, row)
		}
	}
	return out
}

func (p policyRows) keep(ctx context.Context, tx *gorm.DB) error {
	if p.report != nil {
		if err := of[runChangesRow](tx).Create(ctx, p.report); err != nil {
			return fmt.Errorf("keep the report of policy changes: %w", err)
		}
	}
	newest := clause.OnConflict{
		Columns:   []clause.Column{{Name: "object"}, {Name: "event_key"}},
		DoUpdates: clause.AssignmentColumns([]string{"at", "run_id", "actor", "body"}),
	}
	if err := insert(ctx, tx, p.changes, newest); err != nil {
		return fmt.Errorf("keep policy changes: %w", err)
	}
	latest := clause.OnConflict{
		Columns:   []clause.Column{{Name: "object"}},
		DoUpdates: clause.AssignmentColumns([]string{"at", "run_id", "body"}),
		Where:     clause.Where{Exprs: []clause.Expression{gorm.Expr("excluded.at >= policy_states.at")}},
	}
	if err := insert(ctx, tx, p.states, latest); err != nil {
		return fmt.Errorf("keep policy states: %w", err)
	}
	return nil
}

// loadRunChanges loads what a run reported of policies; nil when nothing.
func loadRunChanges(ctx context.Context, tx *gorm.DB, run string) (*policy.Report, error) {
	row, err := of[runChangesRow](tx).Where("run_id = ?", text(run)).Take(ctx)
	if missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load policy changes: %w", err)
	}
	stored, err := unpackJSON[storedReport](row.Body, string(row.SHA256))
	if err != nil {
		return nil, fmt.Errorf("load policy changes: %w", err)
	}
	report := policy.Report{Summary: stored.Summary, Attempts: spelling(unescape).attempts(stored.Attempts), Baseline: spelling(unescape).baseline(stored.Baseline)}
	if stored.Changes != nil {
		report.Changes = make([]policy.Change, len(stored.Changes))
		for i, c := range stored.Changes {
			report.Changes[i] = spelling(unescape).policyChange(policy.Change(c))
		}
	}
	return &report, nil
}

// Changes implements runs.Store. A change that several runs saw is told as the
// newest of them tells it: it may know more of what was there before.
func (s *Store) Changes(ctx context.Context, w connectors.Window, limit int) ([]policy.Change, error) {
	q := of[changeRow](s.reader).Order("at, object, event_key")
	if w.From != 0 {
		q = q.Where("at >= ?", int64(w.From))
	}
	if w.To != 0 {
		q = q.Where("at < ?", int64(w.To))
	}
	if limit > 0 {
		q = q.Limit(limit)
	}
	rows, err := q.Find(ctx)
	if err != nil {
		return nil, translate(fmt.Errorf("list policy changes: %w", err))
	}
	return each(rows, changeRow.change)
}

// CountChanges counts the policy changes of a window whose bounds are both given.
func (s *Store) CountChanges(ctx context.Context, w connectors.Window) (int, error) {
	n, err := of[changeRow](s.reader).Where("at >= ? AND at < ?", int64(w.From), int64(w.To)).Count(ctx)
	if err != nil {
		return 0, translate(fmt.Errorf("count policy changes: %w", err))
	}
	return int(n), nil
}

// ObjectHistory implements runs.Store.
func (s *Store) ObjectHistory(ctx context.Context, object string) ([]policy.Change, error) {
	rows, err := of[changeRow](s.reader).Where("object = ?", text(object)).Order("at, event_key").Find(ctx)
	if err != nil {
		return nil, translate(fmt.Errorf("list the changes of %s: %w", object, err))
	}
	return each(rows, changeRow.change)
}

// PolicyStates implements runs.Store. They come in order of object.
func (s *Store) PolicyStates(ctx context.Context) ([]policy.State, error) {
	rows, err := of[policyStateRow](s.reader).Order("object").Find(ctx)
	if err != nil {
		return nil, translate(fmt.Errorf("list the states of policies: %w", err))
	}
	return each(rows, policyStateRow.state)
}

func (row changeRow) change() (policy.Change, error) {
	v, err := decode[storedChange](row.Body)
	if err != nil {
		return policy.Change{}, fmt.Errorf("policy change %s: %w", row.EventKey, err)
	}
	return spelling(unescape).policyChange(policy.Change(v)), nil
}

func (row policyStateRow) state() (policy.State, error) {
	v, err := decode[policy.State](row.Body)
	if err != nil {
		return policy.State{}, fmt.Errorf("state of policy %s: %w", row.Object, err)
	}
	return spelling(unescape).policyState(v), nil
}
