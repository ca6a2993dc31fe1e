package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"logreeve/app/actor"
	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/app/trail"
	"logreeve/connectors"
	"logreeve/reports"
)

// dailyKept is how many days of a source's counts are kept.
const dailyKept = 30

type sourceRow struct {
	ID       text `gorm:"primaryKey"`
	Version  int64
	Name     text
	Kind     text
	Store    text
	Target   text
	CA       text
	SignIn   text
	Secret   []byte
	SecretAt int64
	SecretBy text
	Zone     text
	Year     int64
	Disabled bool
	AddedAt  int64
}

func (sourceRow) TableName() string { return "sources" }

type readingRow struct {
	Name     text `gorm:"primaryKey"`
	RunID    text
	At       int64
	Events   int64
	Oldest   int64
	Newest   int64
	Problems text
	Daily    text
}

func (readingRow) TableName() string { return "source_readings" }

func (row sourceRow) source(readings map[text]*runs.SourceReading) runs.Source {
	return runs.Source{
		ID: string(row.ID), Version: row.Version, Name: string(row.Name), Kind: connectors.Kind(row.Kind), Store: runs.StoreKind(row.Store), Target: string(row.Target),
		CA: string(row.CA), SignIn: runs.SignIn(row.SignIn), Secret: runs.Secret{Sealed: row.Secret, SetAt: connectors.Instant(row.SecretAt), By: string(row.SecretBy)},
		Zone: string(row.Zone), Year: int(row.Year), Disabled: row.Disabled, AddedAt: connectors.Instant(row.AddedAt),
		LastRead: readings[row.Name],
	}
}

func (row readingRow) reading() (*runs.SourceReading, error) {
	problems, err := decode[[]connectors.Problem](row.Problems)
	if err != nil {
		return nil, fmt.Errorf("reading of source %s: %w", row.Name, err)
	}
	daily, err := decode[[]runs.DayCount](row.Daily)
	if err != nil {
		return nil, fmt.Errorf("reading of source %s: %w", row.Name, err)
	}
	return &runs.SourceReading{
		RunID: string(row.RunID), At: connectors.Instant(row.At), Events: row.Events,
		Oldest: connectors.Instant(row.Oldest), Newest: connectors.Instant(row.Newest),
		Problems: spelling(unescape).problems(problems), Daily: daily,
	}, nil
}

// Sources implements runs.Store. They come in order of name.
func (s *Store) Sources(ctx context.Context) ([]runs.Source, error) {
	var out []runs.Source
	err := s.read(ctx, func(tx *gorm.DB) error {
		rows, err := of[sourceRow](tx).Order("name").Find(ctx)
		if err != nil {
			return fmt.Errorf("list sources: %w", err)
		}
		names := make([]text, len(rows))
		for i, row := range rows {
			names[i] = row.Name
		}
		readings, err := loadReadings(ctx, tx, names)
		if err != nil {
			return err
		}
		out = make([]runs.Source, len(rows))
		for i, row := range rows {
			out[i] = row.source(readings)
		}
		return nil
	})
	return out, err
}

// Source implements runs.Store.
func (s *Store) Source(ctx context.Context, id string) (*runs.Source, error) {
	var out runs.Source
	err := s.read(ctx, func(tx *gorm.DB) error {
		row, err := of[sourceRow](tx).Where("id = ?", text(id)).Take(ctx)
		if missing(err) {
			return noSource()
		}
		if err != nil {
			return fmt.Errorf("load source %s: %w", id, err)
		}
		readings, err := loadReadings(ctx, tx, []text{row.Name})
		out = row.source(readings)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &out, nil
}

func noSource() error { return fault.New(fault.NotFound, "There is no such source.") }

func loadReadings(ctx context.Context, tx *gorm.DB, names []text) (map[text]*runs.SourceReading, error) {
	out := map[text]*runs.SourceReading{}
	if len(names) == 0 {
		return out, nil
	}
	rows, err := of[readingRow](tx).Where("name IN ?", names).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the last readings of sources: %w", err)
	}
	for _, row := range rows {
		if out[row.Name], err = row.reading(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// SaveSource implements runs.Store.
func (s *Store) SaveSource(ctx context.Context, by actor.Actor, src runs.Source, e trail.Entry) error {
	row := sourceRow{
		ID: text(src.ID), Version: src.Version, Name: text(src.Name), Kind: text(src.Kind), Store: text(src.Store), Target: text(src.Target),
		CA: text(src.CA), SignIn: text(src.SignIn), Secret: src.Secret.Sealed, SecretAt: int64(src.Secret.SetAt), SecretBy: text(src.Secret.By),
		Zone: text(src.Zone), Year: int64(src.Year), Disabled: src.Disabled, AddedAt: int64(src.AddedAt),
	}
	return s.told(ctx, by, e, func(tx *gorm.DB) error {
		var err error
		var n int64 = 1
		if src.Version == 0 {
			row.Version = 1
			err = of[sourceRow](tx).Create(ctx, &row)
		} else {
			n, err = exec(ctx, tx, `UPDATE sources SET version = version + 1, name = ?, kind = ?, store = ?, target = ?, ca = ?, sign_in = ?, secret = ?, secret_at = ?, secret_by = ?,
				zone = ?, year = ?, disabled = ? WHERE id = ? AND version = ?`, row.Name, row.Kind, row.Store, row.Target, row.CA, row.SignIn, row.Secret, row.SecretAt, row.SecretBy, row.Zone, row.Year, row.Disabled, row.ID, row.Version)
		}
		switch {
		case duplicate(err):
			return &fault.Error{Kind: fault.Conflict, Field: "name", Message: fmt.Sprintf("There is a source called %s already.", src.Name), Cause: err}
		case err != nil:
			return fmt.Errorf("save source %s: %w", src.ID, err)
		case n == 1:
			return nil
		}
		if _, err := of[sourceRow](tx).Where("id = ?", row.ID).Take(ctx); missing(err) {
			return noSource()
		}
		return fault.New(fault.Conflict, "The source %s was changed meanwhile. Look at it again.", src.Name)
	})
}

// keepReadings notes what a finished run saw of each source.
func keepReadings(ctx context.Context, tx *gorm.DB, run string, at connectors.Instant, read []reports.SourceSummary) error {
	names := make([]text, 0, len(read))
	for _, r := range read {
		names = append(names, text(r.Name))
	}
	before, err := loadReadings(ctx, tx, names)
	if err != nil {
		return err
	}
	rows := make([]readingRow, 0, len(read))
	for _, r := range read {
		var known []runs.DayCount
		if b := before[text(r.Name)]; b != nil {
			known = b.Daily
		}
		problems, err := encode(spelling(escape).problems(r.Problems))
		if err != nil {
			return err
		}
		daily, err := encode(mergeDays(known, r.Hourly))
		if err != nil {
			return err
		}
		rows = append(rows, readingRow{
			Name: text(r.Name), RunID: text(run), At: int64(at), Events: r.Events,
			Oldest: int64(cmp.Or(r.Oldest, r.First)), Newest: int64(cmp.Or(r.Newest, r.Last)), Problems: problems, Daily: daily,
		})
	}
	keep := clause.OnConflict{
		Columns:   []clause.Column{{Name: "name"}},
		DoUpdates: clause.AssignmentColumns([]string{"run_id", "at", "events", "oldest", "newest", "problems", "daily"}),
	}
	if err := insert(ctx, tx, rows, keep); err != nil {
		return fmt.Errorf("keep the readings of sources: %w", err)
	}
	return nil
}

// mergeDays adds the days of a window to those known before. A window may
// begin or end inside a day, so the larger count of a day stands; that a day had
// no event is known only when all of it was asked for.
func mergeDays(known []runs.DayCount, hours []reports.HourCount) []runs.DayCount {
	counts, asked := map[string]int64{}, map[string]int{}
	for _, h := range hours {
		day := h.Hour.Time().Format("2006-01-02")
		counts[day] += h.Count
		asked[day]++
	}
	for day, hours := range asked {
		if hours < 24 && counts[day] == 0 {
			delete(counts, day)
		}
	}
	for _, d := range known {
		counts[d.Day] = max(counts[d.Day], d.Events)
	}
	days := make([]runs.DayCount, 0, len(counts))
	for day, n := range counts {
		days = append(days, runs.DayCount{Day: day, Events: n})
	}
	slices.SortFunc(days, func(a, b runs.DayCount) int { return strings.Compare(a.Day, b.Day) })
	return days[max(0, len(days)-dailyKept):]
}
