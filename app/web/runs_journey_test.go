package web

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"logreeve/app/actor"
	"logreeve/app/config"
	"logreeve/app/runs"
	"logreeve/app/store"
	"logreeve/app/trail"
	"logreeve/connectors"
	"logreeve/connectors/file"
	"logreeve/reports/checks"
)

// runWorld is a world whose runs read real files into a real database.
type runWorld struct {
	*world
	db     *store.Store
	folder string
}

func newRunWorld(t *testing.T) *runWorld {
	t.Helper()
	folder := t.TempDir()
	ticks := &clock{t: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}
	now := func() time.Time { ticks.pass(time.Millisecond); return ticks.now() }
	db, err := store.Open(t.Context(), store.Config{Driver: store.SQLite, DSN: filepath.Join(folder, "db"), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	service := runs.New(runs.Config{
		Store: db, Checks: checks.All(), Version: "test", Now: now, ReadRegisters: config.ReadRegisters, ReadAuditPolicy: config.ReadAuditPolicy,
		Open: func(s runs.Source) ([]connectors.Source, error) {
			return file.Open(file.Spec{Name: s.Name, Kind: s.Kind, Target: s.Target}, file.Options{Year: s.Year, Zone: time.UTC, Now: now})
		},
	})
	w := &runWorld{db: db, folder: folder}
	w.world = newWorld(t, nil, func(c *Config) { c.Services.Runs, c.Services.Trail = service, db })
	return w
}

// upload posts a form with a file, as browsers do.
func (b *browser) upload(target, name, text string, pairs ...string) response {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i < len(pairs); i += 2 {
		_ = form.WriteField(pairs[i], pairs[i+1])
	}
	_ = form.WriteField(csrfField, b.token())
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		b.t.Fatal(err)
	}
	_, _ = io.WriteString(part, text)
	_ = form.Close()
	req := httptest.NewRequest("POST", target, nil)
	return b.do("POST", target, nil, func(r *http.Request) {
		*r = *httptest.NewRequest("POST", target, &body)
		r.Header.Set("Content-Type", form.FormDataContentType())
		r.Header.Set("Origin", "http://"+req.Host)
		for n, v := range b.cookies {
			r.AddCookie(&http.Cookie{Name: n, Value: v})
		}
	})
}

func (b *browser) link(text, pattern string) string {
	b.t.Helper()
	found := regexp.MustCompile(pattern).FindString(text)
	if found == "" {
		b.t.Fatalf("nothing like %s in\n%.4000s", pattern, text)
	}
	return found
}

// From an empty system to a result and its evidence (J1), as an officer.
func TestFromNothingToAnItem(t *testing.T) {
	w := newRunWorld(t)
	officer, auditor := w.as(t, actor.Officer), w.as(t, actor.Auditor)
	officer.get("/sources").want(t, 200, "No log source is connected", "/sources/new")
	officer.get("/people").want(t, 200, "checks about people are not evaluated, never passed")
	officer.get("/results").want(t, 200, "so nothing has passed")
	officer.get("/runs/new").want(t, 200, "There is no source to read")

	log, err := filepath.Abs("../../seed/recordings/real-cluster/audit.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	notLog := filepath.Join(w.folder, "notes.txt")
	if err := os.WriteFile(notLog, []byte("nothing like a log\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	// Looking tells what is there and saves nothing.
	officer.submit("/sources/new", "/sources/probe", "name", "kubernetes", "target", log).
		want(t, 200, "can be read", "fields recognised", "Newest event", "One event, as it is read")
	officer.submit("/sources/new", "/sources/probe", "name", "kubernetes", "target", "/nowhere/at/all.log").
		want(t, 200, "/nowhere/at/all.log does not exist", "mounted on the machine that runs Logreeve")
	officer.submit("/sources/new", "/sources/probe", "name", "kubernetes", "target", notLog).want(t, 200, "is no log that can be read")
	officer.submit("/sources/new", "/sources/probe", "name", "kubernetes", "target", "relative.log").want(t, 422, "Give the whole path", `value="relative.log"`)
	officer.get("/sources").want(t, 200, "No log source is connected")
	officer.submit("/sources/new", "/sources", "name", "two words", "target", log, "year", "soon").want(t, 422, "four digits")

	saved := officer.submit("/sources/new", "/sources", "name", "kubernetes", "target", log)
	page := strings.TrimSuffix(saved.Header.Get("Location"), "?look=now")
	officer.get(page+"?look=now").want(t, 200, "kubernetes is saved", "not read yet", "can be read")
	officer.submit("/sources/new", "/sources", "name", "kubernetes", "target", log).want(t, 422, "There is a source called kubernetes already")
	officer.get("/sources").want(t, 200, "not read yet", "no run has read it yet")
	if got := auditor.get("/sources/new").StatusCode; got != 403 {
		t.Errorf("an auditor connects a source: %d", got)
	}

	// People: a wrong file changes nothing and names the line.
	officer.upload("/people/import", "people.csv", "name,email,joined_at,left_at,manager,principals\nA,a@example.com,yesterday,,,\n", "part", "people").
		want(t, 422, "people.csv", "2", "Nothing was changed")
	officer.get("/people").want(t, 200, "never passed")
	e, _ := importExample("people.csv")
	imported := officer.upload("/people/import", "people.csv", e.text, "part", "people")
	officer.get(imported.Header.Get("Location")).want(t, 200, "3 people were added", "before: 0")
	officer.get("/people").want(t, 200, "3 people, 1 of whom has left", "alice@example.com")
	officer.get("/people?q=pg_admin+bob").want(t, 200, "Nobody matches")
	officer.get("/people/bob@example.com").want(t, 200, "Bob Brown", "hosts bastion-1", "Not seen yet")
	registers, _ := importExample("registers.yaml")
	officer.upload("/people/import", "registers.yaml", registers.text, "part", "registers")
	officer.get("/registers").want(t, 200, "system:serviceaccount:ci:deployer", "Sources that must report")

	// A run over everything, followed to its end.
	officer.submit("/runs/new", "/runs", "window", "between", "from", "x", "which", "all").want(t, 422, "Give a day and a time")
	started := officer.submit("/runs/new", "/runs", "window", "all", "which", "all")
	run := started.Header.Get("Location")
	officer.get(run).want(t, 200, `data-progress="`+run+`/progress"`, "Cancel", "js/run.js")
	officer.get(run+"/progress").want(t, 200, `"state":"queued"`, `"href":"`+run+`"`)
	if _, err := w.Runs.WorkOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	officer.get(run+"/progress").want(t, 200, `"state":"done"`)
	done := auditor.get(run)
	done.want(t, 200, "need review", "What was read", "798", "Silence by cluster or host")
	result := auditor.get(run + "/results/PRV-04")
	result.want(t, 200, "Secrets read by people", "Why you can believe this", "events in the window", "conditions hold")
	item := auditor.link(result.text, run+`/items/[0-9a-f]{64}`)

	// Reading evidence is told before it is shown.
	auditor.get(item).want(t, 200, "Details and record", "Export events as CSV")
	csv := auditor.get(item + "/events.csv")
	csv.want(t, 200, "event_key")
	if got := csv.Header.Get("Content-Disposition"); !strings.Contains(got, "attachment") {
		t.Errorf("the CSV is not a download: %q", got)
	}
	told, err := w.db.Trail(t.Context(), trail.Filter{Kind: "item"}, 0, 10)
	if err != nil || len(told) != 2 {
		t.Errorf("the trail holds %d entries of reading: %v", len(told), err)
	}
	auditor.get(run+"/items/"+strings.Repeat("0", 64)).want(t, 404, "no such item")
	auditor.get("/checks").want(t, 200, "Individual identification", "A.9.2.1")
	auditor.get("/checks/PRV-04").want(t, 200, "What it needs to be believed", run+"/results/PRV-04")
	auditor.get("/sources").want(t, 200, "kubernetes")

	// Stopped sources are said so; a second click on an old page is a conflict.
	shown := officer.get(page)
	version := regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(shown.text)
	officer.submit(page, page+"/disable", "version", version[1]).wantRedirect(t, page)
	officer.submit(page, page+"/disable", "version", version[1]).want(t, 409, "changed meanwhile")
	officer.get("/sources").want(t, 200, "No source is read at the moment")
}

func TestCancelledRunKeepsNothing(t *testing.T) {
	w := newRunWorld(t)
	reviewer := w.as(t, actor.Reviewer)
	log, _ := filepath.Abs("../../seed/recordings/real-cluster/audit.ndjson")
	if _, err := w.Runs.SaveSource(t.Context(), actor.System(), runs.Source{Name: "kubernetes", Target: log}); err != nil {
		t.Fatal(err)
	}
	run := reviewer.submit("/runs/new", "/runs", "window", "all", "which", "chosen", "check", "PRV-04").Header.Get("Location")
	reviewer.submit(run, run+"/cancel").wantRedirect(t, run)
	if _, err := w.Runs.WorkOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	shown := reviewer.get(run)
	shown.want(t, 200, "cancel")
	if strings.Contains(shown.text, "What was read") {
		t.Error("a cancelled run shows results")
	}
}

func TestSettingsAreSavedWhole(t *testing.T) {
	w := newRunWorld(t)
	admin := w.as(t, actor.Admin)
	if err := w.Runs.SaveSettings(t.Context(), actor.System(), runs.Settings{Organisation: "Nordhaven", Zone: "UTC", Sample: true}); err != nil {
		t.Fatal(err)
	}
	admin.submit("/settings", "/settings", "organisation", "Nordhaven", "zone", "Mars/Base", "ticket_pattern", "(").want(t, 422, "Mars/Base", "no time zone")
	admin.submit("/settings", "/settings", "organisation", "Nordhaven Energy", "zone", "Europe/Berlin", "ticket_pattern", "CHG-[0-9]+").wantRedirect(t, "/settings")
	admin.submit("/settings/audit-policy", "/settings/audit-policy", "policy", "apiVersion: v1").want(t, 422, "Nothing was changed", "apiVersion: v1")
	admin.submit("/settings/audit-policy", "/settings/audit-policy", "policy", recommendedPolicy).wantRedirect(t, "/settings/audit-policy")
	admin.get("/settings/audit-policy").want(t, 200, "This policy logs everything", "everything")
	set, err := w.Runs.Settings(t.Context())
	if err != nil || set.Organisation != "Nordhaven Energy" || set.Zone != "Europe/Berlin" || set.TicketPattern != "CHG-[0-9]+" || set.AuditPolicy == "" || !set.Sample {
		t.Errorf("kept %+v %v", set, err)
	}
	if got := w.as(t, actor.Auditor).get("/settings").StatusCode; got != 403 {
		t.Errorf("an auditor sees settings: %d", got)
	}
}
