package seed_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"logreeve/app"
	"logreeve/app/actor"
	"logreeve/app/auth"
	"logreeve/app/config"
	"logreeve/app/runs"
	"logreeve/app/trail"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/dossier"
	"logreeve/reviews"
	"logreeve/seed"
)

// What the load test stores, and how it asks.
const (
	loadResults  = 1_000_000
	loadReviews  = 500 // closed ones of the past, each with findings
	loadFindings = 10  // of each
	loadStored   = 200 // runs that are stored as the program does; the rest are copies
	loadRate     = 10 * time.Millisecond
	loadTime     = 20 * time.Second
)

// loadPages are the pages asked for, each as often as the others.
var loadPages = []struct{ name, path string }{
	{"home", "/"}, {"results", "/results"}, {"checks", "/checks"}, {"check", "/checks/PRV-04"}, {"runs", "/runs"}, {"older runs", "/runs?before=r_load_010000"},
	{"findings", "/findings"}, {"all findings", "/findings?status=all"}, {"reviews", "/reviews"}, {"closed reviews", "/reviews?state=closed"}, {"trail", "/trail"}, {"find", "/find?q=nightly+2026"},
}

// BenchmarkPages asks the running program for its pages, 100 times a second
// whether or not it keeps up, over a million stored results, while a run is
// stored every second. It prints the time of each page from when it was due.
// LOGREEVE_LOAD_DIR names a folder that keeps the filled database for the next
// time.
func BenchmarkPages(b *testing.B) {
	dir := os.Getenv("LOGREEVE_LOAD_DIR")
	if dir == "" {
		dir = b.TempDir()
	}
	a, accounts, err := seed.Open(b.Context(), app.Options{
		Config: config.Server{
			Listen: "127.0.0.1:0", DataDir: dir, Database: config.NewSecret("sqlite:" + filepath.Join(dir, "logreeve.db")), SourceRoots: []string{dir},
			Session: config.Session{Idle: auth.DefaultIdle, Absolute: auth.DefaultAbsolute},
		},
		Tool: dossier.Tool{Name: "Logreeve", Version: "test"}, Log: slog.New(slog.DiscardHandler), Now: time.Now, Idle: true, Sample: true,
	}, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer a.Close()
	fillPast(b, a, filepath.Join(dir, "logreeve.db"))
	if err := a.Listen(); err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Serve(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	}()
	reviewer := accounts[slices.IndexFunc(accounts, func(x seed.DemoAccount) bool { return slices.Contains(x.Roles, actor.Reviewer) })]
	token, err := a.Auth.SignIn(ctx, reviewer.Email, reviewer.Password, "127.0.0.1", "load", "")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		visit(b, a, token, 2*time.Second) // warm up
		if b.Failed() {
			return
		}
		each := alone(b, a, token)
		took, cpu := visit(b, a, token, loadTime)
		out := bufio.NewWriter(os.Stdout)
		fmt.Fprintf(out, "\n%-16s %8s %8s %8s %8s\n", "page", "CPU ms", "p50 ms", "p99 ms", "max ms")
		var all []time.Duration
		row := func(name string, alone time.Duration, t []time.Duration) {
			slices.Sort(t)
			fmt.Fprintf(out, "%-16s %8.1f %8.1f %8.1f %8.1f\n", name, ms(alone), ms(t[len(t)/2]), ms(t[len(t)*99/100]), ms(t[len(t)-1]))
		}
		for i, p := range loadPages {
			row(p.name, each[i], took[i])
			all = append(all, took[i]...)
		}
		row("all", cpu/time.Duration(len(all)), all)
		fmt.Fprintf(out, "%d requests, %.1f CPU seconds in %.0f s, the asking included\n", len(all), cpu.Seconds(), loadTime.Seconds())
		if err := out.Flush(); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(ms(all[len(all)*99/100]), "p99-ms")
		b.ReportMetric(ms(all[len(all)/2]), "p50-ms")
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// alone is the CPU time of each page when nothing else is asked for.
func alone(b *testing.B, a *app.App, token string) []time.Duration {
	b.Helper()
	const times = 30
	client := &http.Client{Timeout: time.Minute}
	defer client.CloseIdleConnections()
	out := make([]time.Duration, len(loadPages))
	for i, p := range loadPages {
		before := processor(b)
		for range times {
			if err := ask(client, a.URL()+p.path, token); err != nil {
				b.Fatalf("%s: %v", p.path, err)
			}
		}
		out[i] = (processor(b) - before) / times
	}
	return out
}

// visit asks for pages at the given rate, and gives how long each took.
func visit(b *testing.B, a *app.App, token string, long time.Duration) ([][]time.Duration, time.Duration) {
	b.Helper()
	took := make([][]time.Duration, len(loadPages))
	var mu sync.Mutex
	var asked, writing sync.WaitGroup
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}, Timeout: time.Minute}
	defer client.CloseIdleConnections()
	stop := make(chan struct{})
	writing.Go(func() {
		for t := time.NewTicker(time.Second); ; {
			select {
			case <-stop:
				t.Stop()
				return
			case <-t.C:
				keepRun(b, a, fmt.Sprintf("r_new_%d", time.Now().UnixNano()), time.Now())
			}
		}
	})
	before, began := processor(b), time.Now()
	for n := 0; time.Duration(n)*loadRate < long; n++ {
		due := began.Add(time.Duration(n) * loadRate)
		time.Sleep(time.Until(due))
		page := n % len(loadPages)
		asked.Go(func() {
			err := ask(client, a.URL()+loadPages[page].path, token)
			mu.Lock()
			defer mu.Unlock()
			if err != nil && !b.Failed() { // the first says enough
				b.Errorf("%s: %v", loadPages[page].path, err)
			}
			took[page] = append(took[page], time.Since(due))
		})
	}
	asked.Wait()
	close(stop)
	writing.Wait()
	return took, processor(b) - before
}

func ask(client *http.Client, address, token string) error {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "text/html")
	req.AddCookie(&http.Cookie{Name: "logreeve", Value: token})
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	if err == nil && (resp.StatusCode != http.StatusOK || resp.Request.URL.Path == "/sign-in" || n < 1000) {
		err = fmt.Errorf("answered %s at %s with %d bytes", resp.Status, resp.Request.URL.Path, n)
	}
	return err
}

// processor is the CPU time this process has used.
func processor(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// fillPast stores runs until there are a million results, unless they are there.
func fillPast(b *testing.B, a *app.App, db string) {
	b.Helper()
	began, before := time.Now(), processor(b)
	count := (loadResults + len(a.Runs.Checks) - 1) / len(a.Runs.Checks)
	if _, err := a.Runs.Run(b.Context(), loadRun(count-1)); err == nil {
		return
	}
	for n := range loadReviews {
		at := time.Now().AddDate(0, -2, -7*(n+1))
		id := fmt.Sprintf("W0-%d", 100_000+n)
		r := &reviews.Review{
			ID: id, Template: "RT-LOAD", Title: "Weekly log review, " + at.Format(time.DateOnly), State: reviews.Closed, LocalDate: at.Format(time.DateOnly), Zone: "UTC",
			Period: connectors.Window{From: connectors.At(at), To: connectors.At(at.AddDate(0, 0, 7))}, ClosedAt: connectors.At(at.AddDate(0, 0, 9)), DueAt: connectors.At(at.AddDate(0, 0, 10)),
		}
		for k := range loadFindings {
			r.Findings = append(r.Findings, reviews.Finding{
				ID: fmt.Sprintf("F-L%d-%d", n, k), Version: 1, Review: id, Check: "NET-02", Title: "A policy was widened without an order", Condition: "Seen in the review.", Severity: reports.Medium,
				Owner: fmt.Sprintf("owner-%d@nordhaven.example", k), DueDate: at.AddDate(0, 1, 0).Format(time.DateOnly), Status: reviews.FindingClosed, RaisedAt: connectors.At(at),
			})
		}
		if err := a.Store.CreateReview(b.Context(), actor.System(), r, trail.Entry{Action: "review.scheduled", ObjectKind: "review", ObjectID: id}); err != nil {
			b.Fatal(err)
		}
	}
	for n := range loadStored {
		keepRun(b, a, loadRun(n), time.Now().Add(time.Duration(n-loadStored)*time.Hour))
	}
	copyRuns(b, db, (count+loadStored-1)/loadStored)
	fmt.Printf("stored %d results in %.0f s, %.0f CPU seconds\n", count*len(a.Runs.Checks), time.Since(began).Seconds(), (processor(b) - before).Seconds())
}

// copyRuns makes older copies of the runs that were stored, in SQL: storing
// each as a program would, safe against a power cut, takes an hour.
func copyRuns(b *testing.B, path string, copies int) {
	b.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=synchronous(OFF)&_pragma=busy_timeout(5000)&_pragma=cache_size(-200000)")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	id := func(column string) string {
		return "printf('r_load_%06d', CAST(substr(" + column + ", 8) AS INTEGER) + n * " + strconv.Itoa(loadStored) + ")"
	}
	const numbers = "WITH RECURSIVE copies (n) AS (SELECT ? UNION ALL SELECT n - 1 FROM copies WHERE n > 1) "
	for _, table := range []string{"runs", "results", "items"} {
		var columns, values []string
		rows, err := db.Query("SELECT name FROM pragma_table_info(?)", table)
		if err != nil {
			b.Fatal(err)
		}
		for rows.Next() {
			var name, value string
			if err := rows.Scan(&name); err != nil {
				b.Fatal(err)
			}
			switch name {
			case "id", "run_id":
				value = id(table + "." + name)
			case "created_at", "started_at", "finished_at", "window_from", "window_to", "first_at", "last_at":
				value = name + " - n * " + strconv.FormatInt(int64(loadStored)*time.Hour.Microseconds(), 10)
			default:
				value = name
			}
			columns, values = append(columns, name), append(values, value)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			b.Fatal(err)
		}
		key := "run_id"
		if table == "runs" {
			key = "id"
		}
		must(b, db, "INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") "+numbers+"SELECT "+strings.Join(values, ", ")+
			" FROM copies CROSS JOIN (SELECT * FROM "+table+" WHERE "+key+" GLOB 'r_load_*') AS "+table, copies-1)
	}
	must(b, db, `INSERT INTO result_days (day, check_id, outcome, results, items, run_id, finished_at)
		SELECT (window_to - 1) / 86400000000, check_id, outcome, count(*), sum(item_count), max(run_id), max(finished_at)
		FROM results WHERE run_id GLOB 'r_load_*' GROUP BY 1, 2, 3 ON CONFLICT DO NOTHING`)
	must(b, db, numbers+`, head AS (SELECT max(seq) AS top FROM trail)
		INSERT INTO trail (seq, at, by_id, address, action, object_kind, object_id, detail, previous, hash)
		SELECT top + row_number() OVER (), at, by_id, address, action, object_kind, `+id("object_id")+`, detail, previous, hash
		FROM copies, head, trail WHERE object_id GLOB 'r_load_*'`, copies-1)
	must(b, db, "UPDATE trail_head SET seq = (SELECT max(seq) FROM trail)")
}

func must(b *testing.B, db *sql.DB, statement string, args ...any) {
	b.Helper()
	if _, err := db.Exec(statement, args...); err != nil {
		b.Fatalf("%s: %v", statement, err)
	}
}

func loadRun(n int) string { return fmt.Sprintf("r_load_%06d", n) }

// keepRun stores a run of every check as a worker would: one in eight fails
// with two items.
func keepRun(b *testing.B, a *app.App, id string, at time.Time) {
	ctx := context.Background()
	to := connectors.At(at)
	r := runs.Run{
		ID: id, Status: runs.Done, Purpose: "nightly " + at.Format(time.DateOnly), Tool: "load", By: "system", CreatedAt: to, StartedAt: to, FinishedAt: to.Add(time.Second),
		Window: reports.RunWindow{From: to.Add(-24 * time.Hour), To: to, Given: true}, Digest: fmt.Sprintf("%064d", at.UnixNano()),
		Sources: []reports.SourceSummary{{Name: "load", InWindow: 5000}},
	}
	for i, c := range a.Runs.Checks {
		res := reports.Result{
			Check: c.ID, Version: c.Version, Title: c.Title, Kind: c.Type, Severity: c.Severity, Controls: c.Controls, Outcome: reports.Pass,
			Reason: "Nothing was found and all conditions hold: the logs of the window are complete, retained, without a gap and understood.", Population: 5000, Digest: r.Digest,
		}
		for _, g := range []reports.GateID{reports.G1, reports.G2, reports.G3, reports.G4, reports.G5, reports.G8} {
			res.Gates = append(res.Gates, reports.Gate{ID: g, OK: true, Detail: "Every source was read to its end, and what it held is accounted for."})
		}
		if (i+at.Hour())%8 == 0 {
			res.Outcome, res.Reason, res.Matched = reports.Fail, "2 violations.", 2
			for k := range 2 {
				res.Items = append(res.Items, reports.Item{
					Key: fmt.Sprintf("%s-%d", c.ID, k), Subject: "alice@nordhaven.example", Title: c.Title, Summary: "alice@nordhaven.example did what this check looks for, once, in the namespace payments.",
					Severity: c.Severity, Violation: true, First: to.Add(-time.Hour), Last: to.Add(-time.Hour), Count: 1, Actors: []string{"alice@nordhaven.example"}, Persons: []string{"alice@nordhaven.example"},
				})
			}
		}
		r.Results = append(r.Results, res)
		r.Checks = append(r.Checks, c.ID)
	}
	e := trail.Entry{Action: "run.done", ObjectKind: "run", ObjectID: id}
	if err := a.Store.CreateRun(ctx, actor.System(), r, trail.Entry{Action: "run.started", ObjectKind: "run", ObjectID: id}); err != nil {
		b.Fatal(err)
	}
	if err := a.Store.FinishRun(ctx, actor.System(), r, nil, nil, e); err != nil {
		b.Fatal(err)
	}
}
