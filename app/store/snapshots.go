package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"logreeve/app/actor"
	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/app/trail"
	"logreeve/connectors"
	"logreeve/reports/roster"
)

type snapshotRow struct {
	ID         text `gorm:"primaryKey"`
	TakenAt    int64
	ByID       text
	Note       text
	Digest     text
	People     int64
	KeyCount   int64
	Entries    int64
	BodySHA256 text `gorm:"column:body_sha256"`
	Body       []byte
}

func (snapshotRow) TableName() string { return "snapshots" }

// snapshotHead is a snapshot without its content.
const snapshotHead = "id, taken_at, by_id, note, digest, people, key_count, entries"

type snapshotPersonRow struct {
	SnapshotID text `gorm:"primaryKey"`
	PersonID   text `gorm:"primaryKey"`
	Name       text
	Email      text
}

func (snapshotPersonRow) TableName() string { return "snapshot_people" }

func (row snapshotRow) snapshot() (runs.Snapshot, error) {
	return runs.Snapshot{
		ID: string(row.ID), TakenAt: connectors.Instant(row.TakenAt), By: string(row.ByID), Note: string(row.Note), Digest: string(row.Digest),
		People: int(row.People), Keys: int(row.KeyCount), Entries: int(row.Entries),
	}, nil
}

// Snapshots implements runs.Store. The newest comes first.
func (s *Store) Snapshots(ctx context.Context, limit int) ([]runs.Snapshot, error) {
	rows, err := of[snapshotRow](s.reader).Select(snapshotHead).Order("taken_at DESC, id DESC").Limit(limit).Find(ctx)
	if err != nil {
		return nil, translate(fmt.Errorf("list snapshots: %w", err))
	}
	return each(rows, snapshotRow.snapshot)
}

// Snapshot implements runs.Store.
func (s *Store) Snapshot(ctx context.Context, id string) (*runs.Snapshot, error) {
	q := of[snapshotRow](s.reader).Order("taken_at DESC, id DESC")
	if id != "" {
		q = q.Where("id = ?", text(id))
	}
	row, err := q.Take(ctx)
	if missing(err) {
		if id == "" {
			return nil, fault.New(fault.NotFound, "No people were imported yet.")
		}
		return nil, fault.New(fault.NotFound, "There is no such import of people.")
	}
	if err != nil {
		return nil, translate(fmt.Errorf("load snapshot %s: %w", id, err))
	}
	out, err := row.snapshot()
	if err != nil {
		return nil, err
	}
	content, err := unpackJSON[roster.Snapshot](row.Body, string(row.BodySHA256))
	if err != nil {
		return nil, fmt.Errorf("load snapshot %s: %w", row.ID, err)
	}
	content = spelling(unescape).roster(content)
	out.Roster = &content
	return &out, nil
}

// SaveSnapshot implements runs.Store.
func (s *Store) SaveSnapshot(ctx context.Context, by actor.Actor, snap runs.Snapshot, e trail.Entry) error {
	if snap.Roster == nil {
		return errors.New("a snapshot without a roster")
	}
	body, digest, err := packJSON(spelling(escape).roster(*snap.Roster))
	if err != nil {
		return fmt.Errorf("save snapshot %s: %w", snap.ID, err)
	}
	row := snapshotRow{
		ID: text(snap.ID), TakenAt: int64(snap.TakenAt), ByID: text(snap.By), Note: text(snap.Note), Digest: text(snap.Digest),
		People: int64(snap.People), KeyCount: int64(snap.Keys), Entries: int64(snap.Entries), BodySHA256: text(digest), Body: body,
	}
	people := make([]snapshotPersonRow, 0, len(snap.Roster.People))
	seen := map[string]bool{}
	for _, p := range snap.Roster.People {
		if !seen[p.ID] {
			seen[p.ID] = true
			people = append(people, snapshotPersonRow{SnapshotID: row.ID, PersonID: text(p.ID), Name: text(p.Name), Email: text(p.Email)})
		}
	}
	return s.told(ctx, by, e, func(tx *gorm.DB) error {
		err := of[snapshotRow](tx).Create(ctx, &row)
		if duplicate(err) {
			return fault.Wrap(fault.Conflict, err, "This import of people exists already.")
		}
		if err != nil {
			return fmt.Errorf("save snapshot %s: %w", snap.ID, err)
		}
		if err := insert(ctx, tx, people); err != nil {
			return fmt.Errorf("save the people of snapshot %s: %w", snap.ID, err)
		}
		return nil
	})
}
