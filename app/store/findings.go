package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"logreeve/app/actor"
	"logreeve/app/fault"
	"logreeve/app/trail"
	"logreeve/reports"
	"logreeve/reviews"
)

// keys is the most values of one IN condition.
const keys = 500

func noFinding() error { return fault.New(fault.NotFound, "There is no such finding.") }

// Finding implements reviews.Store.
func (s *Store) Finding(ctx context.Context, id string) (*reviews.Finding, error) {
	var out *reviews.Finding
	err := s.read(ctx, func(tx *gorm.DB) (err error) {
		out, _, err = loadFinding(ctx, tx, id)
		return err
	})
	return out, err
}

// Findings implements reviews.Store. The newest come first.
func (s *Store) Findings(ctx context.Context, f reviews.FindingFilter) ([]reviews.Finding, error) {
	var out []reviews.Finding
	err := s.read(ctx, func(tx *gorm.DB) (err error) {
		q := of[findingRow](tx).Order("raised_at DESC, id DESC")
		if len(f.Statuses) > 0 {
			statuses := make([]text, len(f.Statuses))
			for i, st := range f.Statuses {
				statuses[i] = text(st)
			}
			q = q.Where("status IN ?", statuses)
		}
		if f.Review != "" {
			q = q.Where("review_id = ?", text(f.Review))
		}
		if f.Open {
			q = q.Where("status IN ?", openStatuses())
		}
		if f.Severity != "" {
			q = q.Where("severity = ?", text(f.Severity))
		}
		if f.Owner != "" || f.Nobody {
			q = q.Where("owner = ?", text(f.Owner))
		}
		if f.Before != "" {
			q = q.Where("(raised_at, id) < (SELECT raised_at, id FROM findings WHERE id = ?)", text(f.Before))
		}
		if f.Limit > 0 {
			q = q.Limit(f.Limit)
		}
		out, err = findingsOf(ctx, q, tx)
		return err
	})
	return out, err
}

// openStatuses are those of a finding that still asks for something.
func openStatuses() []text {
	return []text{text(reviews.FindingDraft), text(reviews.FindingConfirmed), text(reviews.FindingAssigned), text(reviews.FindingInProgress), text(reviews.FindingRemediated)}
}

// CountOpenFindings counts the findings that are neither closed nor dismissed.
func (s *Store) CountOpenFindings(ctx context.Context) (int, error) {
	n, err := of[findingRow](s.reader).Where("status IN ?", openStatuses()).Count(ctx)
	if err != nil {
		return 0, translate(fmt.Errorf("count open findings: %w", err))
	}
	return int(n), nil
}

// CountFindings implements reviews.Store.
func (s *Store) CountFindings(ctx context.Context, review string) ([]reviews.FindingCount, error) {
	var rows []struct {
		Status, Severity, Owner text
		N                       int
	}
	q := s.reader.WithContext(ctx).Raw("SELECT status, severity, owner, count(*) AS n FROM findings GROUP BY status, severity, owner")
	if review != "" {
		q = s.reader.WithContext(ctx).Raw("SELECT status, severity, owner, count(*) AS n FROM findings WHERE review_id = ? GROUP BY status, severity, owner", text(review))
	}
	if err := q.Scan(&rows).Error; err != nil {
		return nil, translate(fmt.Errorf("count findings: %w", err))
	}
	out := make([]reviews.FindingCount, len(rows))
	for i, row := range rows {
		out[i] = reviews.FindingCount{Status: reviews.FindingStatus(row.Status), Severity: reports.Severity(row.Severity), Owner: string(row.Owner), Count: row.N}
	}
	return out, nil
}

// UpdateFinding implements reviews.Store. It locks the finding's review first,
// as every change of a review does: a finding is part of what is signed.
func (s *Store) UpdateFinding(ctx context.Context, by actor.Actor, id string, change func(*reviews.Finding) (trail.Entry, error)) (*reviews.Finding, error) {
	var after *reviews.Finding
	err := s.change(ctx, by, func(tx *gorm.DB) (trail.Entry, error) {
		which, err := of[findingRow](tx).Where("id = ?", text(id)).Take(ctx)
		if missing(err) {
			return trail.Entry{}, noFinding()
		}
		if err != nil {
			return trail.Entry{}, fmt.Errorf("load finding %s: %w", id, err)
		}
		if _, err := of[reviewRow](tx, forUpdate).Where("id = ?", which.ReviewID).Take(ctx); err != nil {
			return trail.Entry{}, fmt.Errorf("lock the review of finding %s: %w", id, err)
		}
		f, position, err := loadFinding(ctx, tx, id, forUpdate)
		if err != nil {
			return trail.Entry{}, err
		}
		row, history, err := findingRowsOf(*f, f.Review, position)
		if err != nil {
			return trail.Entry{}, err
		}
		e, err := change(f)
		if err != nil {
			return trail.Entry{}, err
		}
		if f.ID != id || f.Review != string(row.ReviewID) {
			return trail.Entry{}, errors.New("a rule changed the id of a finding or its review")
		}
		f.Version = row.Version + 1
		after = f
		return e, keepFinding(ctx, tx, *f, position, row, history)
	})
	if err != nil {
		return nil, err
	}
	return after, nil
}

// NextFindingID implements reviews.Store. A number that is given out and not
// used is not given out again.
func (s *Store) NextFindingID(ctx context.Context) (string, error) {
	var n int64
	err := s.write(ctx, func(tx *gorm.DB) error {
		return tx.WithContext(ctx).Raw("UPDATE counters SET value = value + 1 WHERE name = 'finding' RETURNING value").Scan(&n).Error
	})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("F-%04d", n), nil
}

func loadFinding(ctx context.Context, tx *gorm.DB, id string, lock ...clause.Expression) (*reviews.Finding, int, error) {
	row, err := of[findingRow](tx, lock...).Where("id = ?", text(id)).Take(ctx)
	if missing(err) {
		return nil, 0, noFinding()
	}
	if err != nil {
		return nil, 0, fmt.Errorf("load finding %s: %w", id, err)
	}
	out, err := withHistory(ctx, tx, []findingRow{row})
	if err != nil {
		return nil, 0, fmt.Errorf("load finding %s: %w", id, err)
	}
	return &out[0], int(row.Position), nil
}

// findingsOf runs a query for findings; nil when there are none.
func findingsOf(ctx context.Context, q query[findingRow], tx *gorm.DB) ([]reviews.Finding, error) {
	rows, err := q.Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list findings: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return withHistory(ctx, tx, rows)
}

func withHistory(ctx context.Context, tx *gorm.DB, rows []findingRow) ([]reviews.Finding, error) {
	out, err := each(rows, findingRow.finding)
	if err != nil {
		return nil, err
	}
	at := map[text]int{}
	ids := make([]text, len(rows))
	for i, row := range rows {
		at[row.ID], ids[i] = i, row.ID
	}
	for part := range slices.Chunk(ids, keys) {
		changes, err := of[findingChangeRow](tx).Where("finding_id IN ?", part).Order("finding_id, seq").Find(ctx)
		if err != nil {
			return nil, fmt.Errorf("load the history of findings: %w", err)
		}
		for _, row := range changes {
			c, err := row.change()
			if err != nil {
				return nil, fmt.Errorf("finding %s: %w", row.FindingID, err)
			}
			f := &out[at[row.FindingID]]
			f.History = append(f.History, c)
		}
	}
	return out, nil
}

// keepFindings writes the findings a rule raised in a review, and those it changed.
func keepFindings(ctx context.Context, tx *gorm.DB, r *reviews.Review, before, after *said) error {
	if len(after.findings) < len(before.findings) {
		return errors.New("a rule removed findings")
	}
	for i := range after.findings {
		f := &r.Findings[i]
		if i < len(before.findings) {
			was := before.findings[i]
			if f.ID != string(was.ID) {
				return errors.New("a rule changed the order of findings")
			}
			if after.findings[i] == was && len(after.history[was.ID]) == len(before.history[was.ID]) {
				continue
			}
			f.Version = was.Version + 1
			if err := keepFinding(ctx, tx, *f, i, was, before.history[was.ID]); err != nil {
				return err
			}
			continue
		}
		row := after.findings[i]
		err := of[findingRow](tx).Create(ctx, &row)
		if duplicate(err) {
			return fault.Wrap(fault.Conflict, err, "The finding %s exists already.", f.ID)
		}
		if err != nil {
			return fmt.Errorf("raise finding %s: %w", f.ID, err)
		}
		f.Review = r.ID
		if err := insert(ctx, tx, after.history[row.ID]); err != nil {
			return fmt.Errorf("keep the history of finding %s: %w", f.ID, err)
		}
	}
	return nil
}

// keepFinding writes a changed finding and what was appended to its history.
func keepFinding(ctx context.Context, tx *gorm.DB, f reviews.Finding, position int, was findingRow, history []findingChangeRow) error {
	row, all, err := findingRowsOf(f, string(was.ReviewID), position)
	if err != nil {
		return err
	}
	added, err := appended("the history of a finding", history, all)
	if err != nil {
		return err
	}
	n, err := exec(ctx, tx, `UPDATE findings SET version = ?, items = ?, check_id = ?, title = ?, condition_text = ?, criteria = ?, cause = ?, effect = ?,
		severity = ?, owner = ?, due_date = ?, status = ?, controls = ? WHERE id = ? AND version = ?`,
		row.Version, row.Items, row.CheckID, row.Title, row.ConditionText, row.Criteria, row.Cause, row.Effect,
		row.Severity, row.Owner, row.DueDate, row.Status, row.Controls, row.ID, was.Version)
	if err != nil {
		return fmt.Errorf("change finding %s: %w", f.ID, err)
	}
	if n != 1 {
		return fault.New(fault.Conflict, "%s was changed meanwhile. Look at it again.", f.ID)
	}
	if err := insert(ctx, tx, added); err != nil {
		return fmt.Errorf("keep the history of finding %s: %w", f.ID, err)
	}
	return nil
}
