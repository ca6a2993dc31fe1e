package checks_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"logreeve/connectors"
	"logreeve/connectors/file"
	"logreeve/reports"
	"logreeve/reports/checks"
	"logreeve/reports/roster"
)

// today is when every run of these tests runs: after all of its events.
func today() time.Time { return time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC) }

// given is what a run is given.
type given struct {
	sources []connectors.Source
	roster  roster.Snapshot
	params  map[string]map[string]string
	window  connectors.Window
	ids     []string // checks; none: all
}

// outcomes runs checks through the real engine.
func outcomes(t *testing.T, g given) map[string]reports.Result {
	t.Helper()
	var chosen []reports.Check
	if len(g.ids) == 0 {
		chosen = checks.All()
	}
	for _, id := range g.ids {
		c, ok := checks.Find(id)
		if !ok {
			t.Fatalf("there is no check %s", id)
		}
		chosen = append(chosen, c)
	}
	if g.roster.TakenAt == 0 {
		g.roster.TakenAt = connectors.At(today())
	}
	in := reports.Input{
		Sources: g.sources, Window: g.window, Checks: chosen, Params: g.params, Roster: roster.New(g.roster),
		Tickets: connectors.TicketRule{Pattern: connectors.DefaultTicketPattern}, Now: today,
	}
	out, err := reports.Engine{}.Run(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	sameWhenCounted(t, in, out.Results)
	sameWhenPrinted(t, in, out)
	results := map[string]reports.Result{}
	for _, r := range out.Results {
		results[r.Check] = r
	}
	return results
}

// open reads a log file or folder.
func open(t testing.TB, spec string) []connectors.Source {
	t.Helper()
	parsed, err := file.ParseSpec(spec)
	if err != nil {
		t.Fatal(err)
	}
	sources, err := file.Open(parsed, file.Options{Year: 2026, Now: today})
	if err != nil {
		t.Fatal(err)
	}
	return sources
}

// logs writes the files of a text in the way of txtar ("-- NAME --" before each
// file) and opens them, each as a source of its own with the name before the dot.
func logs(t *testing.T, text string) []connectors.Source {
	t.Helper()
	dir := t.TempDir()
	var sources []connectors.Source
	name, lines := "", []string{}
	flush := func() {
		if name == "" {
			return
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		source, _, _ := strings.Cut(name, ".")
		sources = append(sources, open(t, source+"="+source+":"+path)...)
	}
	for line := range strings.SplitSeq(text, "\n") {
		if next, ok := strings.CutPrefix(line, "-- "); ok {
			flush()
			name, lines = strings.TrimSuffix(next, " --"), nil
		} else if strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		}
	}
	flush()
	return sources
}

// people reads a people file.
func people(t testing.TB, csv string) []roster.Person {
	t.Helper()
	p, err := roster.ReadPeople(strings.NewReader(csv), "people.csv")
	if err != nil {
		t.Fatal(err)
	}
	return p
}
