package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"logreeve/app/actor"
	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/app/trail"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/policy"
)

type runRow struct {
	ID             text `gorm:"primaryKey"`
	Version        int64
	Status         text
	Purpose        text
	WindowFrom     int64
	WindowTo       int64
	WindowGiven    bool
	Only           text `gorm:"column:only_sources"`
	Checks         text
	Params         text
	SnapshotID     text
	SnapshotDigest text
	PolicyDigest   text
	Tool           text
	ByID           text
	Created        int64 `gorm:"column:created_at"`
	StartedAt      int64
	FinishedAt     int64
	Problem        text
	CancelAsked    bool
	Progress       text
	LeaseHolder    text
	LeaseUntil     int64
	Events         int64
	Outcomes       text
	Sources        text
	Digest         text
}

func (runRow) TableName() string { return "runs" }

// runHead is what a list of runs shows.
const runHead = "id, status, purpose, window_from, window_to, window_given, created_at, finished_at, problem, events, outcomes"

func noRun() error { return fault.New(fault.NotFound, "There is no such run.") }

func runRowOf(r runs.Run) (runRow, error) {
	row := runRow{
		ID: text(r.ID), Version: 1, Status: text(r.Status), Purpose: text(r.Purpose),
		WindowFrom: int64(r.Window.From), WindowTo: int64(r.Window.To), WindowGiven: r.Window.Given,
		SnapshotID: text(r.Snapshot), SnapshotDigest: text(r.SnapshotDigest), PolicyDigest: text(r.PolicyDigest), Tool: text(r.Tool), ByID: text(r.By),
		Created: int64(r.CreatedAt), StartedAt: int64(r.StartedAt), FinishedAt: int64(r.FinishedAt), Problem: text(r.Problem), CancelAsked: r.CancelAsked,
		Digest: text(r.Digest),
	}
	params := make(map[string]map[string]string, len(r.Params))
	for check, values := range r.Params {
		params[escape(check)] = spelling(escape).pairs(values)
	}
	outcomes := map[reports.Outcome]int{}
	for _, x := range r.Results {
		outcomes[x.Outcome]++
	}
	for _, x := range r.Sources {
		row.Events += x.InWindow
	}
	for _, part := range []struct {
		to   *text
		what any
	}{
		{&row.Only, spelling(escape).list(r.Only)}, {&row.Checks, spelling(escape).list(r.Checks)}, {&row.Params, params}, {&row.Progress, spelling(escape).progress(r.Progress)},
		{&row.Outcomes, outcomes}, {&row.Sources, spelling(escape).summaries(r.Sources)},
	} {
		var err error
		if *part.to, err = encode(part.what); err != nil {
			return runRow{}, fmt.Errorf("run %s: %w", r.ID, err)
		}
	}
	return row, nil
}

func (row runRow) window() reports.RunWindow {
	return reports.RunWindow{From: instant(row.WindowFrom), To: instant(row.WindowTo), Given: row.WindowGiven}
}

func (row runRow) run() (*runs.Run, error) {
	r := &runs.Run{
		ID: string(row.ID), Status: runs.Status(row.Status), Purpose: string(row.Purpose), Window: row.window(),
		Snapshot: string(row.SnapshotID), SnapshotDigest: string(row.SnapshotDigest), PolicyDigest: string(row.PolicyDigest), Tool: string(row.Tool), By: string(row.ByID),
		CreatedAt: instant(row.Created), StartedAt: instant(row.StartedAt), FinishedAt: instant(row.FinishedAt), Problem: string(row.Problem), CancelAsked: row.CancelAsked,
		Digest: string(row.Digest),
	}
	checks, err := decode[[]string](row.Checks)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", row.ID, err)
	}
	r.Checks = spelling(unescape).list(checks)
	only, err := decode[[]string](row.Only)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", row.ID, err)
	}
	r.Only = spelling(unescape).list(only)
	params, err := decode[map[string]map[string]string](row.Params)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", row.ID, err)
	}
	if len(params) > 0 {
		r.Params = make(map[string]map[string]string, len(params))
		for check, values := range params {
			r.Params[unescape(check)] = spelling(unescape).pairs(values)
		}
	}
	progress, err := decode[runs.Progress](row.Progress)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", row.ID, err)
	}
	r.Progress = spelling(unescape).progress(progress)
	sources, err := decode[[]reports.SourceSummary](row.Sources)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", row.ID, err)
	}
	r.Sources = spelling(unescape).summaries(sources)
	return r, nil
}

func (row runRow) summary() (runs.RunSummary, error) {
	outcomes, err := decode[map[reports.Outcome]int](row.Outcomes)
	if err != nil {
		return runs.RunSummary{}, fmt.Errorf("run %s: %w", row.ID, err)
	}
	return runs.RunSummary{
		ID: string(row.ID), Purpose: string(row.Purpose), Status: runs.Status(row.Status), Window: row.window(),
		CreatedAt: instant(row.Created), FinishedAt: instant(row.FinishedAt), Problem: string(row.Problem), Events: row.Events, Outcomes: outcomes,
	}, nil
}

// CreateRun implements runs.Store.
func (s *Store) CreateRun(ctx context.Context, by actor.Actor, r runs.Run, e trail.Entry) error {
	r.Status, r.Results, r.Sources = runs.Queued, nil, nil
	row, err := runRowOf(r)
	if err != nil {
		return err
	}
	return s.told(ctx, by, e, func(tx *gorm.DB) error {
		err := of[runRow](tx).Create(ctx, &row)
		if duplicate(err) {
			return fault.Wrap(fault.Conflict, err, "The run %s exists already.", r.ID)
		}
		return err
	})
}

// ClaimRun implements runs.Store. Whoever holds a lease says so with HoldRun;
// once it ended anybody may take the run over.
func (s *Store) ClaimRun(ctx context.Context, holder string, now, until connectors.Instant) (*runs.Run, error) {
	skip := ""
	if s.driver == Postgres {
		skip = "FOR UPDATE SKIP LOCKED"
	}
	var claimed []runRow
	err := s.write(ctx, func(tx *gorm.DB) (err error) {
		claimed, err = of[runRow](tx).Raw(`UPDATE runs SET status = 'running', lease_holder = ?, lease_until = ?, version = version + 1,
			started_at = CASE WHEN started_at = 0 THEN ? ELSE started_at END
			WHERE id = (SELECT id FROM runs WHERE status = 'queued' OR (status = 'running' AND lease_until < ?) ORDER BY created_at, id LIMIT 1 `+skip+`)
			RETURNING *`, text(holder), int64(until), int64(now), int64(now)).Find(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(claimed) == 0 {
		return nil, nil
	}
	return claimed[0].run()
}

// HoldRun implements runs.Store.
func (s *Store) HoldRun(ctx context.Context, id, holder string, until connectors.Instant, p runs.Progress) (cancel bool, err error) {
	progress, err := encode(spelling(escape).progress(p))
	if err != nil {
		return false, fmt.Errorf("progress of run %s: %w", id, err)
	}
	var held []runRow
	err = s.write(ctx, func(tx *gorm.DB) (err error) {
		held, err = of[runRow](tx).Raw(`UPDATE runs SET lease_until = ?, progress = ?
			WHERE id = ? AND status = 'running' AND lease_holder = ? RETURNING id, cancel_asked`, int64(until), progress, text(id), text(holder)).Find(ctx)
		return err
	})
	if err != nil {
		return false, err
	}
	if len(held) == 0 {
		return false, fault.New(fault.Conflict, "The run %s is being carried out by somebody else, or it is over.", id)
	}
	return held[0].CancelAsked, nil
}

// AskCancel implements runs.Store. A run that nobody began yet is over at once.
func (s *Store) AskCancel(ctx context.Context, by actor.Actor, id string, e trail.Entry) error {
	return s.told(ctx, by, e, func(tx *gorm.DB) error {
		n, err := exec(ctx, tx, `UPDATE runs SET cancel_asked = ?, version = version + 1,
			finished_at = CASE WHEN status = 'queued' THEN ? ELSE finished_at END,
			status = CASE WHEN status = 'queued' THEN 'cancelled' ELSE status END
			WHERE id = ? AND status IN ('queued', 'running')`, true, int64(s.instant()), text(id))
		if err != nil {
			return fmt.Errorf("cancel run %s: %w", id, err)
		}
		if n == 0 {
			return s.overOrMissing(ctx, tx, id)
		}
		return nil
	})
}

// overOrMissing says why a run could not be changed.
func (s *Store) overOrMissing(ctx context.Context, tx *gorm.DB, id string) error {
	row, err := of[runRow](tx).Select("id, status").Where("id = ?", text(id)).Take(ctx)
	if missing(err) {
		return noRun()
	}
	if err != nil {
		return fmt.Errorf("load run %s: %w", id, err)
	}
	return fault.New(fault.Conflict, "The run %s is %s already.", id, row.Status)
}

// FinishRun implements runs.Store. Everything is made ready before the
// transaction begins, so that others wait only for the writing.
func (s *Store) FinishRun(ctx context.Context, by actor.Actor, r runs.Run, states []policy.State, seen []runs.Seen, e trail.Entry) error {
	switch r.Status {
	case runs.Done, runs.Failed, runs.Cancelled:
	default:
		return fmt.Errorf("finish run %s: its status is %q", r.ID, r.Status)
	}
	if r.FinishedAt == 0 {
		r.FinishedAt = s.instant()
	}
	var found *outcome
	if r.Status == runs.Done {
		var err error
		if found, err = outcomeOf(r, states, seen); err != nil {
			return fmt.Errorf("finish run %s: %w", r.ID, err)
		}
	} else {
		r.Results, r.Sources, r.Changes, r.Digest = nil, nil, nil, ""
	}
	row, err := runRowOf(r)
	if err != nil {
		return err
	}
	return s.told(ctx, by, e, func(tx *gorm.DB) error {
		n, err := exec(ctx, tx, `UPDATE runs SET status = ?, version = version + 1, window_from = ?, window_to = ?, window_given = ?,
			started_at = CASE WHEN started_at = 0 THEN ? ELSE started_at END, finished_at = ?, problem = ?, progress = ?, lease_holder = '', lease_until = 0,
			snapshot_id = ?, snapshot_digest = ?, policy_digest = ?, events = ?, outcomes = ?, sources = ?, digest = ?
			WHERE id = ? AND status IN ('queued', 'running')`,
			row.Status, row.WindowFrom, row.WindowTo, row.WindowGiven,
			row.StartedAt, row.FinishedAt, row.Problem, row.Progress,
			row.SnapshotID, row.SnapshotDigest, row.PolicyDigest, row.Events, row.Outcomes, row.Sources, row.Digest, row.ID)
		if err != nil {
			return fmt.Errorf("finish run %s: %w", r.ID, err)
		}
		if n == 0 {
			return s.overOrMissing(ctx, tx, r.ID)
		}
		if found == nil {
			return nil
		}
		if err := found.keep(ctx, tx); err != nil {
			return fmt.Errorf("finish run %s: %w", r.ID, err)
		}
		return keepReadings(ctx, tx, r.ID, r.FinishedAt, r.Sources)
	})
}

// Runs implements runs.Store. The newest come first; before is the id of the
// last run of the page before.
func (s *Store) Runs(ctx context.Context, limit int, before string) ([]runs.RunSummary, error) {
	q := of[runRow](s.reader).Select(runHead).Order("created_at DESC, id DESC").Limit(limit)
	if before != "" {
		q = q.Where("(created_at, id) < (SELECT created_at, id FROM runs WHERE id = ?)", text(before))
	}
	rows, err := q.Find(ctx)
	if err != nil {
		return nil, translate(fmt.Errorf("list runs: %w", err))
	}
	return each(rows, runRow.summary)
}

// Run implements runs.Store.
func (s *Store) Run(ctx context.Context, id string) (*runs.Run, error) {
	var out *runs.Run
	err := s.read(ctx, func(tx *gorm.DB) error {
		row, err := of[runRow](tx).Where("id = ?", text(id)).Take(ctx)
		if missing(err) {
			return noRun()
		}
		if err != nil {
			return fmt.Errorf("load run %s: %w", id, err)
		}
		if out, err = row.run(); err != nil || out.Status != runs.Done {
			return err
		}
		if out.Results, err = loadResults(ctx, tx, id); err != nil {
			return fmt.Errorf("load run %s: %w", id, err)
		}
		if out.Changes, err = loadRunChanges(ctx, tx, id); err != nil {
			return fmt.Errorf("load run %s: %w", id, err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// SavePopulation implements runs.Store. Saving the same again changes nothing.
func (s *Store) SavePopulation(ctx context.Context, run string, lines []byte, digest string) error {
	body, sum, err := pack(lines)
	if err != nil {
		return fmt.Errorf("save the population of run %s: %w", run, err)
	}
	row := populationRow{RunID: text(run), Digest: text(digest), SHA256: text(sum), Body: body}
	return s.write(ctx, func(tx *gorm.DB) error {
		there, err := of[populationRow](tx).Select("run_id, digest, sha256").Where("run_id = ?", row.RunID).Take(ctx)
		switch {
		case missing(err):
			return of[populationRow](tx).Create(ctx, &row)
		case err != nil:
			return fmt.Errorf("load the population of run %s: %w", run, err)
		case there.Digest != row.Digest || there.SHA256 != row.SHA256:
			return fault.New(fault.Conflict, "The population of run %s is frozen already, and it is another one.", run)
		}
		return nil
	})
}

// Population implements runs.Store.
func (s *Store) Population(ctx context.Context, run string) (lines []byte, digest string, err error) {
	row, err := of[populationRow](s.reader).Where("run_id = ?", text(run)).Take(ctx)
	if missing(err) {
		return nil, "", fault.New(fault.NotFound, "The run %s has no frozen population.", run)
	}
	if err != nil {
		return nil, "", translate(fmt.Errorf("load the population of run %s: %w", run, err))
	}
	lines, err = unpack(row.Body, string(row.SHA256))
	if err != nil {
		return nil, "", fmt.Errorf("load the population of run %s: %w", run, err)
	}
	return lines, string(row.Digest), nil
}

type populationRow struct {
	RunID  text `gorm:"primaryKey"`
	Digest text
	SHA256 text `gorm:"column:sha256"`
	Body   []byte
}

func (populationRow) TableName() string { return "populations" }
