package seed_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"logreeve/app"
	"logreeve/app/actor"
	"logreeve/app/auth"
	"logreeve/app/config"
	"logreeve/app/runs"
	"logreeve/connectors"
	"logreeve/reports/dossier"
	"logreeve/reviews"
	"logreeve/seed"
)

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(time.Millisecond)
	return c.at
}

func (c *clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// open starts the program over a data folder, with nothing happening by itself
// unless the test ticks.
func open(t *testing.T, dir string, c *clock) *app.App {
	t.Helper()
	a, err := app.New(t.Context(), app.Options{
		Config: config.Server{
			Listen: "127.0.0.1:0", DataDir: dir, Database: config.NewSecret("sqlite:" + filepath.Join(dir, "logreeve.db")), SourceRoots: []string{dir},
			Session: config.Session{Idle: auth.DefaultIdle, Absolute: auth.DefaultAbsolute},
		},
		Tool: dossier.Tool{Name: "Logreeve", Version: "test"}, Log: slog.New(slog.DiscardHandler), Now: c.now, Idle: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

// tick lets everything happen that is due, until nothing more does.
func tick(t *testing.T, apps ...*app.App) {
	t.Helper()
	for range 3 {
		var done sync.WaitGroup
		for _, a := range apps {
			done.Go(func() {
				a.Ticker.Tick(t.Context())
				for {
					did, err := a.Runs.WorkOnce(context.WithoutCancel(t.Context()))
					if err != nil {
						t.Error(err)
					}
					if !did || err != nil {
						return
					}
				}
			})
		}
		done.Wait()
	}
}

// Ensure that the weekly review and the nightly runs come by themselves, that
// ten days of downtime skip none of them, and that two processes on one
// database make none twice.
func TestReviewsAndRunsComeByThemselves(t *testing.T) {
	dir := t.TempDir()
	wednesday := time.Date(2026, 11, 4, 10, 0, 0, 0, time.UTC)
	c := &clock{at: wednesday}
	a := open(t, dir, c)
	if err := a.Runs.SaveSettings(t.Context(), actor.System(), runs.Settings{Organisation: "Test", Zone: "Europe/Berlin"}); err != nil {
		t.Fatal(err)
	}
	logs := filepath.Join(dir, "logs")
	if err := os.MkdirAll(logs, 0o750); err != nil {
		t.Fatal(err)
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for i, day := range []int{2, 9} {
		w := seed.GenerateWeek(seed.WeekOptions{Seed: uint64(i + 1), Scale: 2, From: time.Date(2026, 11, day, 0, 0, 0, 0, berlin)})
		if err := os.WriteFile(filepath.Join(logs, "audit-"+time.Date(2026, 11, day, 0, 0, 0, 0, berlin).Format(time.DateOnly)+".log"), w.Audit, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.Runs.SaveSource(t.Context(), actor.System(), runs.Source{Name: "cluster", Kind: connectors.Kubernetes, Target: logs}); err != nil {
		t.Fatal(err)
	}
	tick(t, a)
	states := func(a *app.App) string {
		all, err := a.Store.Reviews(t.Context(), reviews.ReviewFilter{})
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for i := len(all) - 1; i >= 0; i-- {
			out = append(out, all[i].ID+" "+string(all[i].State))
		}
		return strings.Join(out, ", ")
	}
	if got := states(a); got != "W0-2026-W45 scheduled" {
		t.Fatalf("after the first tick: %s", got)
	}
	nights := func() string {
		all, err := a.Runs.Runs(t.Context(), 100, "")
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for i := len(all) - 1; i >= 0; i-- {
			if day, ok := strings.CutPrefix(all[i].Purpose, "nightly "); ok && all[i].Status == runs.Done {
				out = append(out, day[len("2026-11-"):])
			}
		}
		return strings.Join(out, " ")
	}
	if got := nights(); got != "03" {
		t.Fatalf("nightly runs after the first tick: %s", got)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}

	c.set(wednesday.AddDate(0, 0, 13)) // down for thirteen days
	a = open(t, dir, c)
	b := open(t, dir, c)
	tick(t, a, b)
	if got, want := states(a), "W0-2026-W45 open, W0-2026-W46 open, W0-2026-W47 scheduled"; got != want {
		t.Errorf("after the downtime:\n%s, want\n%s", got, want)
	}
	if got, want := nights(), "03 04 05 06 07 08 09 10 11 12 13 14 15 16"; got != want {
		t.Errorf("nightly runs after the downtime: %s, want %s", got, want)
	}
	if breaks, n, err := a.Store.VerifyTrail(t.Context()); err != nil || len(breaks) > 0 || n == 0 {
		t.Errorf("trail: %d records, %v, %v", n, breaks, err)
	}
	if since, err := a.Store.LedgerSince(t.Context()); err != nil || since == 0 {
		t.Errorf("the ledger is empty after the first runs: %v, %v", since, err)
	}

	// The first of them is missed in the end, and taken up late.
	c.set(wednesday.AddDate(0, 2, 0))
	tick(t, a)
	if got := states(a); !strings.Contains(got, "W0-2026-W45 missed") {
		t.Errorf("two months later: %s", got)
	}
}
