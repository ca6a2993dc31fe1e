package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"logreeve/app/actor"
	"logreeve/app/trail"
	"logreeve/connectors"
)

// trailRow holds the bytes as they are kept, not text: verifying compares them.
type trailRow struct {
	Seq        int64 `gorm:"primaryKey;autoIncrement:false"`
	At         int64
	ByID       string
	Address    string
	Action     string
	ObjectKind string
	ObjectID   string
	Detail     string
	Previous   string
	Hash       string
}

func (trailRow) TableName() string { return "trail" }

type headRow struct {
	ID   int64 `gorm:"primaryKey"`
	Seq  int64
	Hash text
}

func (headRow) TableName() string { return "trail_head" }

type principalRow struct {
	ID    text `gorm:"primaryKey"`
	Name  text
	Email text
}

func (principalRow) TableName() string { return "principals" }

// appendTrail writes the record of a change. It is the last thing a transaction
// does: the head row stays locked until the commit, so that the sequence has no
// gap and no other order than that of the commits.
func (s *Store) appendTrail(ctx context.Context, tx *gorm.DB, by actor.Actor, e trail.Entry) error {
	if by.ID == "" || e.Action == "" {
		return errors.New("a trail record without who or what")
	}
	if err := keepPrincipal(ctx, tx, by); err != nil {
		return err
	}
	head, err := of[headRow](tx, forUpdate).Where("id = 1").Take(ctx)
	if err != nil {
		return fmt.Errorf("read the head of the trail: %w", err)
	}
	r := trail.Record{
		Seq: head.Seq + 1, At: s.instant(), By: by.ID, Address: by.Address,
		Action: e.Action, Kind: e.ObjectKind, Object: e.ObjectID, Detail: e.Detail, Previous: string(head.Hash),
	}
	r.Hash = r.Sum()
	row, err := trailRowOf(r)
	if err != nil {
		return err
	}
	if err := of[trailRow](tx).Create(ctx, &row); err != nil {
		return fmt.Errorf("append to the trail: %w", err)
	}
	n, err := exec(ctx, tx, "UPDATE trail_head SET seq = ?, hash = ? WHERE id = 1 AND seq = ?", r.Seq, text(r.Hash), head.Seq)
	if err != nil {
		return fmt.Errorf("move the head of the trail: %w", err)
	}
	if n != 1 {
		return errors.New("the head of the trail moved under a lock")
	}
	return nil
}

// keepPrincipal keeps who an id is, apart from the chain.
func keepPrincipal(ctx context.Context, tx *gorm.DB, by actor.Actor) error {
	row := principalRow{ID: text(by.ID), Name: text(by.Name), Email: text(by.Email)}
	known, err := of[principalRow](tx).Where("id = ?", row.ID).Take(ctx)
	if err == nil && (known == row || (row.Name == "" && row.Email == "")) {
		return nil
	}
	if err != nil && !missing(err) {
		return fmt.Errorf("find principal %s: %w", by.ID, err)
	}
	keep := clause.OnConflict{Columns: []clause.Column{{Name: "id"}}, DoUpdates: clause.AssignmentColumns([]string{"name", "email"})}
	if err := of[principalRow](tx, keep).Create(ctx, &row); err != nil {
		return fmt.Errorf("keep principal %s: %w", by.ID, err)
	}
	return nil
}

func trailRowOf(r trail.Record) (trailRow, error) {
	detail, err := encode(spelling(escape).pairs(r.Detail))
	if err != nil {
		return trailRow{}, err
	}
	return trailRow{
		Seq: r.Seq, At: int64(r.At), ByID: escape(r.By), Address: escape(r.Address), Action: escape(r.Action),
		ObjectKind: escape(r.Kind), ObjectID: escape(r.Object), Detail: string(detail), Previous: r.Previous, Hash: r.Hash,
	}, nil
}

func (row trailRow) record() (trail.Record, error) {
	detail, err := decode[map[string]string](text(row.Detail))
	if err != nil {
		return trail.Record{}, fmt.Errorf("trail record %d: %w", row.Seq, err)
	}
	return trail.Record{
		Seq: row.Seq, At: connectors.Instant(row.At), By: unescape(row.ByID), Address: unescape(row.Address), Action: unescape(row.Action),
		Kind: unescape(row.ObjectKind), Object: unescape(row.ObjectID), Detail: spelling(unescape).pairs(detail),
		Previous: row.Previous, Hash: row.Hash,
	}, nil
}

// Append writes a trail entry of something that changed nothing here: an
// export, a download, a refusal.
func (s *Store) Append(ctx context.Context, by actor.Actor, e trail.Entry) error {
	return s.told(ctx, by, e, func(*gorm.DB) error { return nil })
}

// Record implements auth.Store; it is Append.
func (s *Store) Record(ctx context.Context, by actor.Actor, e trail.Entry) error {
	return s.Append(ctx, by, e)
}

// TrailFilter narrows the trail.
type TrailFilter = trail.Filter

// Trail lists records, newest first: those before the sequence number before
// (0: from the newest), at most limit.
func (s *Store) Trail(ctx context.Context, f TrailFilter, before int64, limit int) ([]trail.Record, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	q := of[trailRow](s.reader).Where("seq < ?", before)
	if f.By != "" {
		q = q.Where("by_id = ?", text(f.By))
	}
	if len(f.Actions) > 0 {
		q = q.Where("action IN ?", texts(f.Actions))
	}
	if f.Kind != "" {
		q = q.Where("object_kind = ?", text(f.Kind))
	}
	if f.Object != "" {
		q = q.Where("object_id = ?", text(f.Object))
	}
	if f.From != 0 {
		q = q.Where("at >= ?", int64(f.From))
	}
	if f.To != 0 {
		q = q.Where("at < ?", int64(f.To))
	}
	rows, err := q.Order("seq DESC").Limit(limit).Find(ctx)
	if err != nil {
		return nil, translate(fmt.Errorf("list the trail: %w", err))
	}
	return each(rows, trailRow.record)
}

// TrailRecent tells who did what on which kind of object in the newest records:
// each combination once, in no order, with nothing else in the records.
func (s *Store) TrailRecent(ctx context.Context, newest int) ([]trail.Record, error) {
	rows, err := of[trailRow](s.reader).Raw(`SELECT DISTINCT by_id, action, object_kind
		FROM (SELECT by_id, action, object_kind FROM trail ORDER BY seq DESC LIMIT ?) AS newest`, newest).Find(ctx)
	if err != nil {
		return nil, translate(fmt.Errorf("list what the newest records are about: %w", err))
	}
	return each(rows, func(row trailRow) (trail.Record, error) {
		return trail.Record{By: unescape(row.ByID), Action: unescape(row.Action), Kind: unescape(row.ObjectKind)}, nil
	})
}

// TrailFor lists the records of one object, oldest first.
func (s *Store) TrailFor(ctx context.Context, kind, id string) ([]trail.Record, error) {
	rows, err := of[trailRow](s.reader).Where("object_kind = ? AND object_id = ?", text(kind), text(id)).Order("seq").Find(ctx)
	if err != nil {
		return nil, translate(fmt.Errorf("list the trail of %s %s: %w", kind, id, err))
	}
	return each(rows, trailRow.record)
}

// TrailHead gives the sequence number and hash of the newest record; 0 and
// trail.Genesis when there is none.
func (s *Store) TrailHead(ctx context.Context) (int64, string, error) {
	head, err := of[headRow](s.reader).Where("id = 1").Take(ctx)
	if err != nil {
		return 0, "", translate(fmt.Errorf("read the head of the trail: %w", err))
	}
	return head.Seq, string(head.Hash), nil
}

// VerifyTrail checks every record of the chain, its end included, and lists all
// breaks with the number of records it read. A record counts as changed when
// its bytes in the database are not exactly those this program writes.
func (s *Store) VerifyTrail(ctx context.Context) ([]trail.Break, int64, error) {
	const page = 1000
	var breaks []trail.Break
	var count int64
	err := s.read(ctx, func(tx *gorm.DB) error {
		breaks, count = nil, 0
		previous, hash := int64(0), trail.Genesis
		for after := int64(math.MinInt64); ; {
			rows, err := of[trailRow](tx).Where("seq > ?", after).Order("seq").Limit(page).Find(ctx)
			if err != nil {
				return fmt.Errorf("read the trail after %d: %w", after, err)
			}
			records := make([]trail.Record, 0, len(rows))
			for _, row := range rows {
				r, broken := row.verified()
				if broken {
					breaks = append(breaks, trail.Break{Seq: row.Seq, What: "the record is not written as this program writes it"})
				}
				records = append(records, r)
			}
			breaks = append(breaks, trail.Verify(records, previous, hash)...)
			count += int64(len(rows))
			if n := len(records); n > 0 {
				after, previous, hash = rows[n-1].Seq, records[n-1].Seq, records[n-1].Hash
			}
			if len(rows) < page {
				break
			}
		}
		head, err := of[headRow](tx).Where("id = 1").Take(ctx)
		if missing(err) {
			breaks = append(breaks, trail.Break{Seq: previous, What: "the head of the trail is missing"})
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the head of the trail: %w", err)
		}
		if head.Seq != previous || string(head.Hash) != hash {
			breaks = append(breaks, trail.Break{Seq: head.Seq, What: fmt.Sprintf("the head of the trail says %d records and the last one is %d: records were removed or added at the end", head.Seq, previous)})
		}
		return nil
	})
	return breaks, count, err
}

// verified reads a row and says whether it differs from what would be written.
func (row trailRow) verified() (r trail.Record, broken bool) {
	r, err := row.record()
	if err != nil {
		row.Detail = "null"
		r, _ = row.record()
		return r, true
	}
	again, err := trailRowOf(r)
	return r, err != nil || again != row
}

// Principals tells who actor ids are. An id that is not known, or was
// forgotten, is missing from the map.
func (s *Store) Principals(ctx context.Context, ids []string) (map[string]actor.Actor, error) {
	unique := map[string]bool{}
	for _, id := range ids {
		unique[id] = true
	}
	known := make(map[string]actor.Actor, len(unique))
	if len(unique) == 0 {
		return known, nil
	}
	asked := make([]text, 0, len(unique))
	for id := range maps.Keys(unique) {
		asked = append(asked, text(id))
	}
	rows, err := of[principalRow](s.reader).Where("id IN ?", asked).Find(ctx)
	if err != nil {
		return nil, translate(fmt.Errorf("find principals: %w", err))
	}
	for _, p := range rows {
		known[string(p.ID)] = actor.Actor{ID: string(p.ID), Name: string(p.Name), Email: string(p.Email), System: p.ID == "system"}
	}
	return known, nil
}

// each turns rows into what they stand for.
func each[R, T any](rows []R, of func(R) (T, error)) ([]T, error) {
	out := make([]T, len(rows))
	for i, row := range rows {
		v, err := of(row)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

func texts(in []string) []text {
	out := make([]text, len(in))
	for i, s := range in {
		out[i] = text(s)
	}
	return out
}
