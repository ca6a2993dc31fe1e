package runs

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"logreeve/app/actor"
	"logreeve/app/fault"
	"logreeve/app/trail"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/roster"
	"logreeve/reviews"
)

// Config is what a Service needs.
type Config struct {
	Store  Store
	Checks []reports.Check // the catalogue
	// Templates are the reviews whose runs draw a sample.
	Templates []reviews.Template
	Version   string // of the product
	Now       func() time.Time
	Log       *slog.Logger
	// Open opens a configured source, as one source per kind of log in it.
	Open func(Source) ([]connectors.Source, error)
	// Allowed says whether a file source may lie at a path; nil: anywhere.
	Allowed func(path string) bool
	// OpenStore opens a search store with credentials, without asking it yet.
	// CheckStore says what is wrong with where one is, or that the operator has
	// not opened it. nil: there are no search stores.
	OpenStore  func(Source, Credentials) ([]connectors.Source, error)
	CheckStore func(Source) error
	Secrets    Sealer // for credentials of search stores
	// ReadRegisters and ReadAuditPolicy read the two files people supply.
	ReadRegisters   func(r io.Reader, name string) (roster.Registers, error)
	ReadAuditPolicy func(r io.Reader, name string) (*reports.AuditPolicy, error)
}

// Service is what pages, jobs and reviews ask of runs.
type Service struct {
	Config
	store  Store
	holder string // names this process in leases

	mu       sync.Mutex
	linked   map[string]string // e-mail in lower case → person id, of the snapshot linkedTo
	linkedTo string
}

// New makes a Service.
func New(c Config) *Service {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{Config: c, store: c.Store, holder: newID("h")}
}

// Settings gives the organisation's settings.
func (s *Service) Settings(ctx context.Context) (Settings, error) { return s.store.Settings(ctx) }

// SaveSettings changes the organisation's settings.
func (s *Service) SaveSettings(ctx context.Context, by actor.Actor, set Settings) error {
	if !by.System && !by.HasAny(actor.Admin, actor.Officer) {
		return fault.New(fault.Forbidden, "Only administrators and officers change settings.")
	}
	set.Organisation = strings.TrimSpace(set.Organisation)
	if set.Organisation == "" {
		return fault.Field("organisation", "Name the organisation.")
	}
	if _, err := time.LoadLocation(set.Zone); err != nil || set.Zone == "" {
		return fault.Field("zone", "There is no time zone %q.", set.Zone)
	}
	if _, err := regexp.Compile(set.TicketPattern); err != nil {
		return fault.Field("ticket_pattern", "The pattern for change references cannot be read: %s.", err.Error())
	}
	if set.AuditPolicy != "" {
		if _, err := s.ReadAuditPolicy(strings.NewReader(set.AuditPolicy), "audit policy"); err != nil {
			return err
		}
	}
	return s.store.SaveSettings(ctx, by, set, trail.Entry{Action: "settings.changed", ObjectKind: "settings", ObjectID: "organisation", Detail: map[string]string{"zone": set.Zone}})
}

// Tickets is the rule for change references in force.
func (set Settings) Tickets() connectors.TicketRule {
	if set.TicketPattern == "" {
		return connectors.TicketRule{Pattern: connectors.DefaultTicketPattern}
	}
	p, err := regexp.Compile(set.TicketPattern)
	if err != nil {
		return connectors.TicketRule{Pattern: connectors.DefaultTicketPattern}
	}
	return connectors.TicketRule{Pattern: p}
}

// Wanted is what a person asks a run for.
type Wanted struct {
	Window  connectors.Window // zero bounds: what the data holds
	Checks  []string          // empty: all
	Only    []string          // source names; empty: all enabled
	Params  map[string]map[string]string
	Purpose string // "" for on demand
	ID      string // "" for a new one; jobs give one so that a run exists once
}

// Start queues a run. fault.Invalid names an unknown check or source or a
// window that ends before it begins.
func (s *Service) Start(ctx context.Context, by actor.Actor, w Wanted) (string, error) {
	if !by.System && !by.HasAny(actor.Admin, actor.Officer, actor.Reviewer) {
		return "", fault.New(fault.Forbidden, "Only officers, reviewers and administrators start runs.")
	}
	if w.Window.From != 0 && w.Window.To != 0 && w.Window.From >= w.Window.To {
		return "", fault.Field("to", "The window ends before it begins.")
	}
	checks, err := s.pick(w.Checks)
	if err != nil {
		return "", err
	}
	sources, err := s.store.Sources(ctx)
	if err != nil {
		return "", fmt.Errorf("list sources: %w", err)
	}
	enabled := 0
	for _, src := range sources {
		if !src.Disabled {
			enabled++
		}
	}
	for _, name := range w.Only {
		if !slices.ContainsFunc(sources, func(src Source) bool { return src.Name == name }) {
			return "", fault.Field("source", "There is no source named %q.", name)
		}
	}
	if enabled == 0 && len(w.Only) == 0 {
		return "", fault.New(fault.Invalid, "There is no source to read. Connect a log source first.")
	}
	if w.ID == "" {
		w.ID = newID("r")
	}
	if w.Purpose == "" {
		w.Purpose = "on demand"
	}
	ids := make([]string, len(checks))
	for i := range checks {
		ids[i] = checks[i].ID
	}
	r := Run{
		ID: w.ID, Status: Queued, Purpose: w.Purpose, Only: w.Only, Checks: ids, Params: w.Params, Tool: s.Version, By: by.ID,
		Window:    reports.RunWindow{From: w.Window.From, To: w.Window.To, Given: w.Window.From != 0 || w.Window.To != 0},
		CreatedAt: connectors.At(s.Now()),
	}
	return r.ID, s.store.CreateRun(ctx, by, r, trail.Entry{Action: "run.started", ObjectKind: "run", ObjectID: r.ID, Detail: map[string]string{
		"purpose": r.Purpose, "from": r.Window.From.String(), "to": r.Window.To.String(), "checks": fmt.Sprint(len(ids))}})
}

func (s *Service) pick(ids []string) ([]reports.Check, error) {
	if len(ids) == 0 {
		return s.Checks, nil
	}
	var picked []reports.Check
	for _, id := range ids {
		i := slices.IndexFunc(s.Checks, func(c reports.Check) bool { return c.ID == id })
		if i < 0 {
			return nil, fault.Field("check", "There is no check %q.", id)
		}
		picked = append(picked, s.Checks[i])
	}
	return picked, nil
}

// Cancel asks a run to stop. What it found so far is not kept.
func (s *Service) Cancel(ctx context.Context, by actor.Actor, id string) error {
	if !by.System && !by.HasAny(actor.Admin, actor.Officer, actor.Reviewer) {
		return fault.New(fault.Forbidden, "Only officers, reviewers and administrators cancel runs.")
	}
	return s.store.AskCancel(ctx, by, id, trail.Entry{Action: "run.cancel_asked", ObjectKind: "run", ObjectID: id})
}

// Run gives one run with its results.
func (s *Service) Run(ctx context.Context, id string) (*Run, error) { return s.store.Run(ctx, id) }

// Runs lists runs, newest first.
func (s *Service) Runs(ctx context.Context, limit int, before string) ([]RunSummary, error) {
	return s.store.Runs(ctx, limit, before)
}

// Latest gives the newest result of every check.
func (s *Service) Latest(ctx context.Context) ([]LatestResult, error) {
	return s.store.LatestResults(ctx)
}

// Days counts the results since a UTC day, by day, check and outcome.
func (s *Service) Days(ctx context.Context, since connectors.Instant) ([]DayOutcome, error) {
	return s.store.Days(ctx, since)
}

// Course gives the newest results of one check.
func (s *Service) Course(ctx context.Context, check string, limit int) ([]CheckCourse, error) {
	return s.store.Course(ctx, check, limit)
}

// Item gives one item with its evidence.
func (s *Service) Item(ctx context.Context, run, key string) (*reports.Item, error) {
	return s.store.Item(ctx, run, key)
}

// Find looks for people, policies, reviews, findings and runs by words.
func (s *Service) Find(ctx context.Context, words string, limit int) ([]Found, error) {
	words = strings.TrimSpace(words)
	if words == "" {
		return nil, nil
	}
	return s.store.Find(ctx, words, limit)
}

// Check finds a check of the catalogue.
func (s *Service) Check(id string) (reports.Check, bool) {
	i := slices.IndexFunc(s.Checks, func(c reports.Check) bool { return c.ID == id })
	if i < 0 {
		return reports.Check{}, false
	}
	return s.Checks[i], true
}
