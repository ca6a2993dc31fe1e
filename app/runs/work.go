package runs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"logreeve/app/actor"
	"logreeve/app/fault"
	"logreeve/app/trail"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/checks"
	"logreeve/reports/policy"
	"logreeve/reports/roster"
	"logreeve/reviews"
)

// lease is how long a run is held without news before another process may take
// it over.
const lease = 45 * time.Second

// beat is how often a run reports progress and asks whether to stop.
const beat = 700 * time.Millisecond

// Work carries out queued runs until the context ends, one at a time. Any
// process may do it; a lease keeps two from doing the same run.
func (s *Service) Work(ctx context.Context) error {
	for {
		did, err := s.WorkOnce(ctx)
		if err != nil && ctx.Err() == nil {
			s.Log.Error("run failed to be worked on", "error", err)
		}
		if did {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(beat):
		}
	}
}

// WorkOnce carries out one queued run, if there is one.
func (s *Service) WorkOnce(ctx context.Context) (bool, error) {
	now := connectors.At(s.Now())
	r, err := s.store.ClaimRun(ctx, s.holder, now, now.Add(lease))
	if err != nil || r == nil {
		return false, err
	}
	return true, s.carryOut(ctx, r)
}

// carryOut runs the checks of a claimed run and keeps what they found.
func (s *Service) carryOut(ctx context.Context, r *Run) error {
	r.StartedAt = connectors.At(s.Now())
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	pulse := &pulse{started: s.Now()}
	var held sync.WaitGroup
	held.Go(func() { s.hold(running, r.ID, pulse, stop) })
	found, err := s.pass(running, r, pulse.read)
	cause := context.Cause(running)
	stop(nil)
	held.Wait()
	r.FinishedAt = connectors.At(s.Now())
	var states []policy.State
	var seen []Seen
	switch {
	case err == nil:
		r.Status, states, seen = Done, found.states, found.seen
	case ctx.Err() != nil:
		return ctx.Err() // shutting down: the lease runs out and another process takes over
	case errors.Is(cause, errLost):
		return fmt.Errorf("run %s: %w", r.ID, errLost)
	case errors.Is(cause, errCancelled):
		r.Status, r.Problem = Cancelled, "The run was cancelled. Nothing of it was kept."
	default:
		r.Status, r.Problem = Failed, fault.Message(err)
		s.Log.Error("run failed", "run", r.ID, "error", err)
	}
	e := trail.Entry{Action: "run." + string(r.Status), ObjectKind: "run", ObjectID: r.ID, Detail: map[string]string{"results_sha256": r.Digest, "results": fmt.Sprint(len(r.Results))}}
	if r.Changes != nil && r.Changes.Baseline != nil {
		e.Detail["policy_baseline_sha256"] = r.Changes.Baseline.SHA256
	}
	if err := s.store.FinishRun(ctx, actor.System(), *r, states, seen, e); err != nil {
		return fmt.Errorf("keep run %s: %w", r.ID, err)
	}
	if r.Status == Done {
		// Without notes the next run reads everything; that is no reason to fail.
		if err := s.store.SaveReadingNotes(ctx, found.notes); err != nil {
			s.Log.Warn("reading notes not kept", "run", r.ID, "error", err)
		}
	}
	if found != nil && len(found.population) > 0 {
		if err := s.store.SavePopulation(ctx, r.ID, found.population, found.populationDigest); err != nil {
			return fmt.Errorf("keep the population of run %s: %w", r.ID, err)
		}
	}
	return nil
}

var (
	errCancelled = errors.New("cancelled by a person")
	errLost      = errors.New("the lease went to another process")
)

// hold renews the lease, writes progress and stops the run when asked to.
func (s *Service) hold(ctx context.Context, id string, p *pulse, stop context.CancelCauseFunc) {
	t := time.NewTicker(beat)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			cancel, err := s.store.HoldRun(ctx, id, s.holder, connectors.At(s.Now()).Add(lease), p.progress(s.Now()))
			switch {
			case ctx.Err() != nil:
				return
			case err != nil && fault.KindOf(err) == fault.Conflict:
				stop(errLost)
				return
			case cancel:
				stop(errCancelled)
				return
			}
		}
	}
}

// pulse gathers progress from the reading goroutine.
type pulse struct {
	mu      sync.Mutex
	started time.Time
	sources map[string]connectors.Progress
	last    string
}

func (p *pulse) read(c connectors.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sources == nil {
		p.sources = map[string]connectors.Progress{}
	}
	p.sources[c.Source] = c
	p.last = c.Source
}

func (p *pulse) progress(now time.Time) Progress {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := Progress{LeftSeconds: -1, Source: p.last}
	known := true
	for _, c := range p.sources {
		out.Bytes += c.Bytes
		out.Total += c.Total
		out.Events += c.Events
		known = known && c.Total > 0
	}
	seconds := now.Sub(p.started).Seconds()
	if seconds > 0 {
		out.PerSecond = float64(out.Events) / seconds
	}
	if known && out.Bytes > 0 && seconds > 0 {
		out.LeftSeconds = int64(seconds * float64(out.Total-out.Bytes) / float64(out.Bytes))
	}
	return out
}

// findings of one pass that are kept beside the run.
type passResult struct {
	states           []policy.State
	seen             []Seen
	population       []byte
	populationDigest string
	notes            map[string]*connectors.Notes // of the files that were read
}

// input gathers what a run depends on and freezes it in the run.
func (s *Service) input(ctx context.Context, r *Run) (reports.Input, error) {
	settings, err := s.store.Settings(ctx)
	if err != nil {
		return reports.Input{}, fmt.Errorf("load settings: %w", err)
	}
	snap, err := s.Current(ctx)
	if r.Snapshot != "" {
		snap, err = s.store.Snapshot(ctx, r.Snapshot)
	}
	if err != nil {
		return reports.Input{}, fmt.Errorf("load people: %w", err)
	}
	r.Snapshot, r.SnapshotDigest = snap.ID, snap.Digest
	picked, err := s.pick(r.Checks)
	if err != nil {
		return reports.Input{}, err
	}
	ledger, err := s.store.Ledger(ctx)
	if err != nil {
		return reports.Input{}, fmt.Errorf("load the ledger: %w", err)
	}
	in := reports.Input{
		Window: connectors.Window{From: r.Window.From, To: r.Window.To}, Checks: picked, Params: r.Params,
		Roster: roster.New(*snap.Roster), Tickets: settings.Tickets(), Ledger: ledger, Now: s.Now,
	}
	if settings.AuditPolicy != "" {
		if in.Policy, err = s.ReadAuditPolicy(strings.NewReader(settings.AuditPolicy), "audit policy"); err != nil {
			return reports.Input{}, fmt.Errorf("read the supplied audit policy: %w", err)
		}
		r.PolicyDigest = in.Policy.Digest
	}
	in.Sources, err = s.openAll(ctx, r.Only)
	return in, err
}

// openAll opens the named sources, or all enabled ones.
func (s *Service) openAll(ctx context.Context, only []string) ([]connectors.Source, error) {
	configured, err := s.store.Sources(ctx)
	if err != nil {
		return nil, fmt.Errorf("list sources: %w", err)
	}
	named := map[string]bool{}
	for _, n := range only {
		named[n] = true
	}
	var opened []connectors.Source
	for _, c := range configured {
		if (len(only) > 0 && !named[c.Name]) || (len(only) == 0 && c.Disabled) {
			continue
		}
		o, err := s.open(c)
		if err != nil {
			s.Log.Warn("source not opened", "source", c.ID, "error", err)
			o = []connectors.Source{unopened{c, err}}
		}
		opened = append(opened, o...)
	}
	return opened, nil
}

// unopened stands for a source that cannot be opened: the run says so of it and
// reads the others.
type unopened struct {
	source Source
	err    error
}

func (u unopened) Name() string          { return u.source.Name }
func (u unopened) Kind() connectors.Kind { return u.source.Kind }

func (u unopened) Read(context.Context, connectors.Query, func([]connectors.Event) error) (connectors.Completeness, error) {
	return connectors.Completeness{}, fault.Wrap(fault.Unavailable, u.err, "%s", fault.Message(u.err))
}

func (u unopened) Probe(context.Context) (connectors.Probe, error) { return connectors.Probe{}, u.err }

// pass reads the sources once: checks, policy history, ledger and, for a
// review, the population its sample is drawn from.
func (s *Service) pass(ctx context.Context, r *Run, progress func(connectors.Progress)) (*passResult, error) {
	in, err := s.input(ctx, r)
	if err != nil {
		return nil, err
	}
	known, err := s.baseline(ctx, r.Window.From)
	if err != nil {
		return nil, err
	}
	in.Shared = &reports.Shared{}
	checks.KnowPolicies(in.Shared, known)
	policies := checks.PoliciesOf(in.Shared, in.Tickets)
	ledger := reports.NewLedger()
	in.Watch = []reports.Watcher{policies.Watcher(), ledger.Watcher()}
	var population *reports.Population
	if t, ok := s.templateOf(r.Purpose); ok {
		population = reports.NewPopulation(t.SampleFilter)
		in.Watch = append(in.Watch, population.Watcher())
	}
	in.Progress, in.Apart = progress, true
	var names []string
	for _, source := range in.Sources {
		names = append(names, source.Name())
	}
	if in.Notes, err = s.store.ReadingNotes(ctx, names...); err != nil {
		return nil, fmt.Errorf("load reading notes: %w", err)
	}
	out, err := reports.Engine{}.Run(ctx, in)
	if err != nil {
		return nil, err
	}
	r.Window, r.Sources, r.Results = out.Window, out.Sources, out.Results
	report := policies.History().Report()
	report.Baseline = policy.Ref(known)
	r.Changes = &report
	if r.Digest, err = digest(out); err != nil {
		return nil, err
	}
	found := &passResult{states: policies.History().States(), notes: out.Notes}
	for _, l := range ledger.Sightings() {
		found.seen = append(found.seen, Seen{System: l.System, Principal: l.Principal, Network: l.Network, First: l.First, Last: l.Last, Events: l.Events})
	}
	if population != nil {
		found.population, found.populationDigest = s.populationLines(population, out.Results)
	}
	return found, nil
}

// populationLines writes "key stratum" lines of the events that no check raised.
func (s *Service) populationLines(p *reports.Population, results []reports.Result) ([]byte, string) {
	raised := map[string]bool{}
	for i := range results {
		for j := range results[i].Items {
			for _, e := range results[i].Items[j].Events {
				raised[e.Key] = true
			}
		}
	}
	var lines bytes.Buffer
	var keys []string
	p.Members(func(m reports.Member) bool {
		if !raised[m.Key] {
			fmt.Fprintf(&lines, "%s %s\n", m.Key, m.Stratum)
			keys = append(keys, m.Key)
		}
		return true
	})
	return lines.Bytes(), reviews.PopulationDigest(keys)
}

// digest is the SHA-256 over the results as they are printed, without what the
// reading cost: that differs each time.
func digest(out *reports.Outcomes) (string, error) {
	fixed := *out
	fixed.Sources = slices.Clone(out.Sources)
	for i := range fixed.Sources {
		fixed.Sources[i].Requests, fixed.Sources[i].BytesReceived, fixed.Sources[i].TookMillis = 0, 0, 0
	}
	h := sha256.New()
	if err := json.NewEncoder(h).Encode(&fixed); err != nil {
		return "", fmt.Errorf("hash the results: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
