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
	"logreeve/connectors"
	"logreeve/reviews"
)

func noReview() error { return fault.New(fault.NotFound, "There is no such review.") }

// Review implements reviews.Store.
func (s *Store) Review(ctx context.Context, id string) (*reviews.Review, error) {
	var out *reviews.Review
	err := s.read(ctx, func(tx *gorm.DB) (err error) {
		out, err = s.loadReview(ctx, tx, id)
		return err
	})
	return out, err
}

// Reviews implements reviews.Store.
func (s *Store) Reviews(ctx context.Context, f reviews.ReviewFilter) ([]reviews.Summary, error) {
	q := of[reviewRow](s.reader).Order("period_from DESC, id DESC")
	if len(f.States) > 0 {
		states := make([]text, len(f.States))
		for i, st := range f.States {
			states[i] = text(st)
		}
		q = q.Where("state IN ?", states)
	}
	if f.Template != "" {
		q = q.Where("template = ?", text(f.Template))
	}
	if f.From != 0 {
		q = q.Where("period_from >= ?", int64(f.From))
	}
	if f.To != 0 {
		q = q.Where("period_from < ?", int64(f.To))
	}
	if f.Before != "" {
		q = q.Where("(period_from, id) < (SELECT period_from, id FROM reviews WHERE id = ?)", text(f.Before))
	}
	if f.Limit > 0 {
		q = q.Limit(f.Limit)
	}
	rows, err := q.Find(ctx)
	if err != nil {
		return nil, translate(fmt.Errorf("list reviews: %w", err))
	}
	return each(rows, reviewRow.summary)
}

// CountReviews implements reviews.Store.
func (s *Store) CountReviews(ctx context.Context) (map[reviews.State]int, error) {
	var rows []struct {
		State text
		N     int
	}
	if err := s.reader.WithContext(ctx).Raw("SELECT state, count(*) AS n FROM reviews GROUP BY state").Scan(&rows).Error; err != nil {
		return nil, translate(fmt.Errorf("count reviews: %w", err))
	}
	out := make(map[reviews.State]int, len(rows))
	for _, row := range rows {
		out[reviews.State(row.State)] = row.N
	}
	return out, nil
}

// CreateReview implements reviews.Store.
func (s *Store) CreateReview(ctx context.Context, by actor.Actor, r *reviews.Review, e trail.Entry) error {
	return s.told(ctx, by, e, func(tx *gorm.DB) error {
		head, err := reviewRowOf(r)
		if err != nil {
			return err
		}
		err = of[reviewRow](tx).Create(ctx, &head)
		if duplicate(err) {
			return fault.Wrap(fault.Conflict, err, "The review %s exists already.", r.ID)
		}
		if err != nil {
			return fmt.Errorf("create review %s: %w", r.ID, err)
		}
		if err := freeze(ctx, tx, r, frozen{}); err != nil {
			return fmt.Errorf("create review %s: %w", r.ID, err)
		}
		if err := s.keepSaid(ctx, tx, by, r, &said{}); err != nil {
			return fmt.Errorf("create review %s: %w", r.ID, err)
		}
		return nil
	})
}

// UpdateReview implements reviews.Store. change runs inside the transaction and
// may read from the store; writing to it from there would wait for ever.
func (s *Store) UpdateReview(ctx context.Context, by actor.Actor, id string, change func(*reviews.Review) (trail.Entry, error)) (*reviews.Review, error) {
	return s.updateReview(ctx, by, id, func(tx *gorm.DB, r *reviews.Review) (trail.Entry, error) { return change(r) })
}

// CloseReview implements reviews.Store.
func (s *Store) CloseReview(ctx context.Context, by actor.Actor, id string, change func(*reviews.Review) (reviews.Package, trail.Entry, error)) (*reviews.Review, error) {
	return s.updateReview(ctx, by, id, func(tx *gorm.DB, r *reviews.Review) (trail.Entry, error) {
		p, e, err := change(r)
		if err != nil {
			return e, err
		}
		return e, keepPackage(ctx, tx, id, p)
	})
}

// updateReview is the frame: lock, load, apply, keep what was appended. The
// lock on the review's row makes changes of one review follow each other, so
// that a signature is always over what was there.
func (s *Store) updateReview(ctx context.Context, by actor.Actor, id string, change func(*gorm.DB, *reviews.Review) (trail.Entry, error)) (*reviews.Review, error) {
	var after *reviews.Review
	err := s.change(ctx, by, func(tx *gorm.DB) (trail.Entry, error) {
		r, err := s.loadReview(ctx, tx, id, forUpdate)
		if err != nil {
			return trail.Entry{}, err
		}
		before, err := saidIn(r)
		if err != nil {
			return trail.Entry{}, err
		}
		was, version := frozenIn(r), r.Version
		e, err := change(tx, r)
		if err != nil {
			return trail.Entry{}, err
		}
		if r.ID != id {
			return trail.Entry{}, errors.New("a rule changed the id of a review")
		}
		r.Version = version + 1
		if err := freeze(ctx, tx, r, was); err != nil {
			return trail.Entry{}, fmt.Errorf("change review %s: %w", id, err)
		}
		if err := s.keepSaid(ctx, tx, by, r, before); err != nil {
			return trail.Entry{}, fmt.Errorf("change review %s: %w", id, err)
		}
		if err := saveReviewHead(ctx, tx, r, version); err != nil {
			return trail.Entry{}, fmt.Errorf("change review %s: %w", id, err)
		}
		after = r
		return e, nil
	})
	if err != nil {
		return nil, err
	}
	return after, nil
}

func saveReviewHead(ctx context.Context, tx *gorm.DB, r *reviews.Review, version int64) error {
	row, err := reviewRowOf(r)
	if err != nil {
		return err
	}
	n, err := exec(ctx, tx, `UPDATE reviews SET version = ?, title = ?, state = ?, due_at = ?, missed_at = ?, opened_at = ?, closed_at = ?,
		run_id = ?, sample = ?, figures = ?, items = ?, decided = ?, picks = ?, picks_decided = ?, limits = ?, acknowledged = ?,
		findings = ?, attested = ?, attested_at = ?, approved = ?, conclusion = ? WHERE id = ? AND version = ?`,
		row.Version, row.Title, row.State, row.DueAt, row.MissedAt, row.OpenedAt, row.ClosedAt,
		row.RunID, row.Sample, row.Figures, row.Items, row.Decided, row.Picks, row.PicksDecided, row.Limits, row.Acknowledged,
		row.Findings, row.Attested, row.AttestedAt, row.Approved, row.Conclusion, row.ID, version)
	if err != nil {
		return err
	}
	if n != 1 {
		return fault.New(fault.Conflict, "The review changed meanwhile. Nothing was recorded. Look at it again.")
	}
	return nil
}

// frozen counts what is fixed at opening.
type frozen struct{ checks, items, picks, limits int }

func frozenIn(r *reviews.Review) frozen {
	return frozen{len(r.Checks), len(r.Items), len(r.Picks), len(r.Limits)}
}

// freeze inserts what is fixed at opening, once; later it cannot change.
func freeze(ctx context.Context, tx *gorm.DB, r *reviews.Review, was frozen) error {
	if was == frozenIn(r) {
		return nil
	}
	if was != (frozen{}) {
		return errors.New("a rule changed what is frozen since the review was opened")
	}
	id := text(r.ID)
	checks := make([]reviewCheckRow, len(r.Checks))
	for i, c := range r.Checks {
		body, err := encode(spelling(escape).check(c))
		if err != nil {
			return err
		}
		checks[i] = reviewCheckRow{ReviewID: id, Position: int64(i), CheckID: text(c.Check), Body: body}
	}
	items := make([]reviewItemRow, len(r.Items))
	for i, x := range r.Items {
		body, err := encode(spelling(escape).reviewItem(x))
		if err != nil {
			return err
		}
		items[i] = reviewItemRow{ReviewID: id, Position: int64(i), ItemKey: text(x.Key), Body: body}
	}
	picks := make([]reviewPickRow, len(r.Picks))
	for i, p := range r.Picks {
		raw := p.Raw
		p.Raw = nil
		body, err := encode(spelling(escape).pick(p))
		if err != nil {
			return err
		}
		picks[i] = reviewPickRow{ReviewID: id, Position: int64(i), EventKey: text(p.Key), Body: body, Raw: raw}
	}
	limits := make([]reviewLimitRow, len(r.Limits))
	for i, l := range r.Limits {
		body, err := encode(spelling(escape).limit(l))
		if err != nil {
			return err
		}
		limits[i] = reviewLimitRow{ReviewID: id, Position: int64(i), CheckID: text(l.Check), Body: body}
	}
	return errors.Join(insert(ctx, tx, checks), insert(ctx, tx, items), insert(ctx, tx, picks), insert(ctx, tx, limits))
}

// said is everything that people said in a review, as rows. Comparing the rows
// before and after a rule shows what it appended, and that it changed nothing
// that was said before.
type said struct {
	decisions []decisionRow
	acks      []acknowledgementRow
	signOffs  []signOffRow
	void      []bool // of signOffs
	events    []reviewEventRow
	findings  []findingRow
	history   map[text][]findingChangeRow // by finding id
}

func saidIn(r *reviews.Review) (*said, error) {
	v := &said{history: map[text][]findingChangeRow{}}
	id := text(r.ID)
	for i, d := range r.Decisions {
		signer, err := encodeSigner(d.By)
		if err != nil {
			return nil, err
		}
		if d.Seq != int64(i)+1 {
			return nil, fmt.Errorf("decision %d of review %s says that it is number %d", i+1, r.ID, d.Seq)
		}
		v.decisions = append(v.decisions, decisionRow{
			ReviewID: id, Seq: d.Seq, SubjectKey: text(d.Key), Pick: d.Pick, Choice: text(d.Choice), Reason: text(d.Reason),
			UntilDate: text(d.Until), Ticket: text(d.Ticket), FindingID: text(d.Finding), ByID: text(d.By.Account), Signer: signer, At: int64(d.At),
		})
	}
	for i, a := range r.Acknowledgements {
		signer, err := encodeSigner(a.By)
		if err != nil {
			return nil, err
		}
		v.acks = append(v.acks, acknowledgementRow{
			ReviewID: id, Seq: int64(i) + 1, CheckID: text(a.Check), Cause: text(a.Cause), Consequence: text(a.Consequence),
			ByID: text(a.By.Account), Signer: signer, At: int64(a.At),
		})
	}
	for i, x := range r.SignOffs {
		signer, err := encodeSigner(x.By)
		if err != nil {
			return nil, err
		}
		keys, err := encode(spelling(escape).list(x.Reperformed))
		if err != nil {
			return nil, err
		}
		v.signOffs = append(v.signOffs, signOffRow{
			ReviewID: id, Seq: int64(i) + 1, Role: text(x.Role), ByID: text(x.By.Account), Signer: signer, At: int64(x.At), Method: text(x.Method),
			Conclusion: text(x.Conclusion), Statement: text(x.Text), TextSHA256: text(x.TextSHA256), SetSHA256: text(x.Set), Reperformed: keys,
		})
		v.void = append(v.void, x.Void)
	}
	for i, e := range r.Events {
		v.events = append(v.events, reviewEventRow{
			ReviewID: id, Seq: int64(i) + 1, At: int64(e.At), ByID: text(e.By), FromState: text(e.From), ToState: text(e.To), Note: text(e.Note),
		})
	}
	for i, f := range r.Findings {
		row, history, err := findingRowsOf(f, r.ID, i)
		if err != nil {
			return nil, err
		}
		v.findings = append(v.findings, row)
		v.history[row.ID] = history
	}
	return v, nil
}

// keepSaid inserts what the review has beyond before.
func (s *Store) keepSaid(ctx context.Context, tx *gorm.DB, by actor.Actor, r *reviews.Review, before *said) error {
	after, err := saidIn(r)
	if err != nil {
		return err
	}
	decisions, err := appended("decisions", before.decisions, after.decisions)
	if err != nil {
		return err
	}
	acks, err := appended("acknowledgements", before.acks, after.acks)
	if err != nil {
		return err
	}
	signOffs, err := appended("signatures", before.signOffs, after.signOffs)
	if err != nil {
		return err
	}
	events, err := appended("state changes", before.events, after.events)
	if err != nil {
		return err
	}
	var voids []signOffVoidRow
	for i, void := range after.void {
		was := i < len(before.void) && before.void[i]
		if was && !void {
			return errors.New("a rule took back that a signature was returned")
		}
		if void && !was {
			voids = append(voids, signOffVoidRow{
				ReviewID: text(r.ID), Seq: int64(i) + 1, ByID: text(by.ID), At: int64(s.instant()), Reason: text(r.SignOffs[i].VoidReason),
			})
		}
	}
	if err := keepFindings(ctx, tx, r, before, after); err != nil {
		return err
	}
	return errors.Join(insert(ctx, tx, decisions), insert(ctx, tx, acks), insert(ctx, tx, signOffs), insert(ctx, tx, voids), insert(ctx, tx, events))
}

// appended gives the rows after those before, which must not have changed.
func appended[R comparable](what string, before, after []R) ([]R, error) {
	if len(after) < len(before) || !slices.Equal(before, after[:len(before)]) {
		return nil, fmt.Errorf("a rule changed %s that were recorded already", what)
	}
	return after[len(before):], nil
}

func (s *Store) loadReview(ctx context.Context, tx *gorm.DB, id string, lock ...clause.Expression) (*reviews.Review, error) {
	row, err := of[reviewRow](tx, lock...).Where("id = ?", text(id)).Take(ctx)
	if missing(err) {
		return nil, noReview()
	}
	if err != nil {
		return nil, fmt.Errorf("load review %s: %w", id, err)
	}
	r, err := row.review()
	if err != nil {
		return nil, err
	}
	load := []func() error{
		func() error { return s.loadOpened(ctx, tx, r) },
		func() (err error) {
			r.Decisions, err = partsOf(ctx, tx, id, "seq", decisionRow.decision)
			return err
		},
		func() (err error) {
			r.Acknowledgements, err = partsOf(ctx, tx, id, "seq", acknowledgementRow.acknowledgement)
			return err
		},
		func() (err error) {
			r.SignOffs, err = partsOf(ctx, tx, id, "seq", signOffRow.record)
			return err
		},
		func() (err error) {
			r.Events, err = partsOf(ctx, tx, id, "seq", reviewEventRow.event)
			return err
		},
		func() (err error) {
			r.Findings, err = findingsOf(ctx, of[findingRow](tx, lock...).Where("review_id = ?", text(id)).Order("position"), tx)
			return err
		},
		func() error { return markVoid(ctx, tx, r) },
	}
	for _, part := range load {
		if err := part(); err != nil {
			return nil, fmt.Errorf("load review %s: %w", id, err)
		}
	}
	return r, nil
}

// partsOf loads one kind of part of a review; nil when there is none.
func partsOf[R, T any](ctx context.Context, tx *gorm.DB, id, order string, decoded func(R) (T, error)) ([]T, error) {
	rows, err := of[R](tx).Where("review_id = ?", text(id)).Order(order).Find(ctx)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return each(rows, decoded)
}

func markVoid(ctx context.Context, tx *gorm.DB, r *reviews.Review) error {
	if len(r.SignOffs) == 0 {
		return nil
	}
	rows, err := of[signOffVoidRow](tx).Where("review_id = ?", text(r.ID)).Find(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.Seq < 1 || row.Seq > int64(len(r.SignOffs)) {
			return fmt.Errorf("signature %d was returned but does not exist", row.Seq)
		}
		x := &r.SignOffs[row.Seq-1]
		x.Void, x.VoidReason = true, string(row.Reason)
	}
	return nil
}

func encodeSigner(s reviews.Signer) (text, error) { return encode(spelling(escape).signer(s)) }

func decodeSigner(t text) (reviews.Signer, error) {
	v, err := decode[reviews.Signer](t)
	return spelling(unescape).signer(v), err
}

func instant(v int64) connectors.Instant { return connectors.Instant(v) }
