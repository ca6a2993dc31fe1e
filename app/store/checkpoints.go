package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"logreeve/connectors"
)

// ReadingNotes implements runs.Store. A note that is damaged is left out: its
// source is read whole.
func (s *Store) ReadingNotes(ctx context.Context, sources ...string) (map[string]*connectors.Notes, error) {
	names := make([]text, len(sources))
	for i, source := range sources {
		names[i] = text(source)
	}
	rows, err := of[noteRow](s.reader).Where("source IN ?", names).Find(ctx)
	if err != nil {
		return nil, translate(fmt.Errorf("load reading notes: %w", err))
	}
	out := make(map[string]*connectors.Notes, len(rows))
	for _, r := range rows {
		notes, err := unpackJSON[connectors.Notes](r.Body, string(r.SHA256))
		if err != nil {
			s.log.Warn("reading notes are damaged; the source is read whole", "source", string(r.Source), "error", err)
			continue
		}
		out[string(r.Source)] = &notes
	}
	return out, nil
}

// SaveReadingNotes implements runs.Store. Sources that are not named keep theirs.
func (s *Store) SaveReadingNotes(ctx context.Context, notes map[string]*connectors.Notes) error {
	var rows []noteRow
	for source, n := range notes {
		body, sum, err := packJSON(n)
		if err != nil {
			return fmt.Errorf("save reading notes of %s: %w", source, err)
		}
		rows = append(rows, noteRow{Source: text(source), NotedAt: int64(s.instant()), SHA256: text(sum), Body: body})
	}
	return s.write(ctx, func(tx *gorm.DB) error {
		return insert(ctx, tx, rows, clause.OnConflict{UpdateAll: true})
	})
}

type noteRow struct {
	Source  text `gorm:"primaryKey"`
	NotedAt int64
	SHA256  text `gorm:"column:sha256"`
	Body    []byte
}

func (noteRow) TableName() string { return "reading_notes" }
