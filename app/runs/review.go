package runs

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"logreeve/app/actor"
	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/roster"
	"logreeve/reviews"
)

// reviewPurpose is the purpose of the run that a review rests on.
func reviewPurpose(id string) string { return "review " + id }

// templateOf finds the template of the review a run is for.
func (s *Service) templateOf(purpose string) (reviews.Template, bool) {
	id, ok := strings.CutPrefix(purpose, "review ")
	if !ok {
		return reviews.Template{}, false
	}
	for _, t := range s.Templates {
		if strings.HasPrefix(id, strings.TrimPrefix(t.ID, "RT-")+"-") {
			return t, true
		}
	}
	return reviews.Template{}, false
}

// OpenRun implements reviews.Runner: it starts the run of a review's period,
// or, when that is done, draws the sample and hands over what was frozen.
// fault.Unavailable while the run is going.
func (s *Service) OpenRun(ctx context.Context, by actor.Actor, r *reviews.Review, t reviews.Template) (*reviews.Opening, error) {
	id := "r_" + r.ID
	run, err := s.store.Run(ctx, id)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		if _, err := s.Start(ctx, by, Wanted{ID: id, Window: r.Period, Checks: t.Checks, Purpose: reviewPurpose(r.ID)}); err != nil && fault.KindOf(err) != fault.Conflict {
			return nil, err
		}
		return nil, fault.New(fault.Unavailable, "The logs of this review's period are being read.")
	}
	if err != nil {
		return nil, err
	}
	switch run.Status {
	case Done:
		return s.opening(ctx, run, r, t)
	case Queued, Running:
		return nil, fault.New(fault.Unavailable, "The logs of this review's period are being read.")
	default:
		return nil, fault.New(fault.Internal, "the run %s of review %s ended as %s: %s", run.ID, r.ID, run.Status, run.Problem)
	}
}

// opening turns a done run into what a review freezes.
func (s *Service) opening(ctx context.Context, run *Run, r *reviews.Review, t reviews.Template) (*reviews.Opening, error) {
	o := &reviews.Opening{RunID: run.ID}
	for _, src := range run.Sources {
		o.Figures.EventsTested += src.InWindow
		o.Figures.EventsRead += src.Events
		o.Figures.Sources++
	}
	for i := range run.Results {
		res := &run.Results[i]
		o.Checks = append(o.Checks, reviews.CheckSummary{
			Check: res.Check, Version: res.Version, Title: res.Title, Severity: res.Severity, Controls: res.Controls, Outcome: res.Outcome,
			Limited: res.Limited, Reason: res.Reason, Population: res.Population, Matched: res.Matched, Suppressed: res.Suppressed, Items: len(res.Items), Digest: res.Digest,
		})
		if res.Outcome == reports.Inconclusive || res.Outcome == reports.Errored || res.Limited {
			limit := reviews.Limit{Check: res.Check, Outcome: res.Outcome, Reason: res.Reason}
			for _, g := range res.Gates {
				if !g.OK {
					limit.Gates = append(limit.Gates, g)
				}
			}
			o.Limits = append(o.Limits, limit)
		}
		for j := range res.Items {
			it := &res.Items[j]
			o.Items = append(o.Items, reviews.Item{
				Key: it.Key, Check: res.Check, Title: it.Title, Subject: it.Subject, Summary: it.Summary, Severity: it.Severity, Violation: it.Violation,
				Count: it.Count, First: it.First, Last: it.Last, Actors: it.Actors, Persons: it.Persons,
			})
		}
	}
	lines, _, err := s.store.Population(ctx, run.ID)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return nil, fmt.Errorf("load the population of run %s: %w", run.ID, err)
	}
	members := parsePopulation(lines)
	var chosen []reports.Member
	o.Sample, chosen = reviews.Draw(r.ID, r.Sample.Nonce, members, t.SampleSize, t.MinPerStratum)
	o.Figures.Population = int64(len(members))
	if len(chosen) == 0 {
		return o, nil
	}
	in, err := s.input(ctx, run)
	if err != nil {
		return nil, err
	}
	keys := make([]string, len(chosen))
	stratum := map[string]string{}
	for i, c := range chosen {
		keys[i], stratum[c.Key] = c.Key, c.Stratum
	}
	found, missing, err := reports.Fetch(ctx, in, t.SampleFilter, keys)
	if err != nil {
		return nil, fmt.Errorf("read the sample of review %s: %w", r.ID, err)
	}
	if len(missing) > 0 {
		return nil, fault.New(fault.Internal, "%d events of the sample of review %s are no longer in the source", len(missing), r.ID)
	}
	for i, e := range found {
		o.Picks = append(o.Picks, reviews.Pick{
			Rank: i + 1, Key: e.Record.Key, Stratum: stratum[e.Record.Key], Record: e.Record, Raw: e.Raw, Persons: personsOf(in.Roster, e.Record),
		})
	}
	return o, nil
}

// personsOf resolves who stood behind a record, as the engine does for items.
func personsOf(r *roster.Roster, rec connectors.Record) []string {
	e := connectors.Event{Kind: rec.Kind, Host: rec.Host, Time: rec.Time, Category: rec.Category, Login: rec.Login, Actor: rec.Actor, ActorKind: rec.ActorKind, Credential: rec.Credential}
	var ids []string
	for _, p := range r.PersonsOf(&e) {
		ids = append(ids, p.ID)
	}
	return ids
}

func parsePopulation(lines []byte) []reports.Member {
	var members []reports.Member
	for line := range bytes.Lines(lines) {
		key, stratum, ok := strings.Cut(strings.TrimSuffix(string(line), "\n"), " ")
		if ok {
			members = append(members, reports.Member{Key: key, Stratum: stratum})
		}
	}
	return members
}

// EnsureNightly makes the run of the local day that has ended and settled exist.
func (s *Service) EnsureNightly(ctx context.Context) error {
	settings, err := s.store.Settings(ctx)
	if err != nil {
		return fmt.Errorf("load settings: %w", err)
	}
	zone, err := time.LoadLocation(settings.Zone)
	if err != nil || settings.Zone == "" {
		return nil // not set up yet
	}
	sources, err := s.store.Sources(ctx)
	if err != nil {
		return fmt.Errorf("list sources: %w", err)
	}
	enabled := false
	for _, src := range sources {
		enabled = enabled || !src.Disabled
	}
	if !enabled {
		return nil
	}
	due, err := s.nightsDue(ctx, zone)
	if err != nil {
		return err
	}
	for _, day := range due {
		from := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, zone)
		to := time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, zone)
		_, err := s.Start(ctx, actor.System(), Wanted{
			ID: "r_nightly_" + from.Format("2006-01-02"), Purpose: "nightly " + from.Format("2006-01-02"),
			Window: connectors.Window{From: connectors.At(from), To: connectors.At(to)},
		})
		if err != nil && fault.KindOf(err) != fault.Conflict {
			return fmt.Errorf("start the nightly run of %s: %w", from.Format("2006-01-02"), err)
		}
	}
	return nil
}

// nightsDue lists the local days that have ended and settled since the last
// nightly run, oldest first; only the newest when there was none, and never
// more than a month.
func (s *Service) nightsDue(ctx context.Context, zone *time.Location) ([]time.Time, error) {
	const month = 31
	now := s.Now().In(zone)
	day := time.Date(now.Year(), now.Month(), now.Day()-1, 0, 0, 0, 0, zone)
	if now.Sub(day.AddDate(0, 0, 1)) < reviews.SettleDelay {
		day = day.AddDate(0, 0, -1)
	}
	last, err := s.lastNightly(ctx)
	if err != nil {
		return nil, err
	}
	if last == "" {
		return []time.Time{day}, nil
	}
	var due []time.Time
	for n := 0; n < month && day.Format(time.DateOnly) > last; n++ {
		due = append(due, day)
		day = day.AddDate(0, 0, -1)
	}
	slices.Reverse(due)
	return due, nil
}

// lastNightly is the day of the newest nightly run, "" when there is none.
func (s *Service) lastNightly(ctx context.Context) (string, error) {
	recent, err := s.store.Runs(ctx, 500, "")
	if err != nil {
		return "", fmt.Errorf("list runs: %w", err)
	}
	last := ""
	for _, r := range recent {
		if day, ok := strings.CutPrefix(r.Purpose, "nightly "); ok {
			last = max(last, day)
		}
	}
	return last, nil
}

// Around is what the same actor did shortly before and after an event: context
// while judging, read from the sources as they are now.
type Around struct {
	Events   []connectors.Record
	More     bool // there were more than are listed
	Problems []connectors.Problem
}

// around is how far to look, and how much to list.
const (
	aroundTime = 5 * time.Minute
	aroundMax  = 200
)

// Around reads the same actor's events within five minutes of an event.
func (s *Service) Around(ctx context.Context, rec connectors.Record) (*Around, error) {
	settings, err := s.store.Settings(ctx)
	if err != nil {
		return nil, err
	}
	snap, err := s.Current(ctx)
	if err != nil {
		return nil, err
	}
	sources, err := s.openAll(ctx, nil)
	if err != nil {
		return nil, err
	}
	field, value := "actor", rec.Actor
	if value == "" {
		field, value = "client_ip", rec.ClientIP
	}
	if value == "" {
		return &Around{}, nil
	}
	q := connectors.Query{
		Window: connectors.Window{From: rec.Time.Add(-aroundTime), To: rec.Time.Add(aroundTime + time.Microsecond)},
		Filter: connectors.In(field, value), Attribution: roster.New(*snap.Roster).Attribution(),
	}
	m, err := connectors.Compile(q.Filter)
	if err != nil {
		return nil, err
	}
	a := &Around{}
	for _, src := range sources {
		if src.Kind() != rec.Kind {
			continue
		}
		c, err := src.Read(ctx, q, func(events []connectors.Event) error {
			for i := range events {
				if !m.Match(&events[i]) {
					continue
				}
				if len(a.Events) >= aroundMax {
					a.More = true
					continue
				}
				a.Events = append(a.Events, events[i].Record(settings.Tickets()))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		a.Problems = append(a.Problems, c.Problems...)
	}
	sortRecords(a.Events)
	return a, nil
}
