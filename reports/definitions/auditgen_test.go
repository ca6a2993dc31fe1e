package definitions_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"logreeve/app/config"
	"logreeve/connectors/file"
	"logreeve/reports"
	"logreeve/reports/roster"
	"logreeve/seed/auditgen"
)

const forty = "../../seed/auditgen/checks.yaml"

// defined reads a file of definitions.
func defined(t testing.TB, path string) []reports.Check {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all, err := config.ReadDefinitions(bytes.NewReader(text), path, map[string]string{})
	if err != nil {
		t.Fatal(err)
	}
	out := make([]reports.Check, len(all))
	for i := range all {
		out[i] = all[i].Check()
	}
	return out
}

// peopleOf is the roster of the generator.
func peopleOf(t testing.TB, users int) *roster.Roster {
	t.Helper()
	var b bytes.Buffer
	if err := auditgen.WritePeople(&b, users); err != nil {
		t.Fatal(err)
	}
	people, err := roster.ReadPeople(&b, "people.csv")
	if err != nil {
		t.Fatal(err)
	}
	return roster.New(roster.Snapshot{People: people, HasPeople: true})
}

// over runs checks over files.
func over(t testing.TB, checks []reports.Check, people *roster.Roster, path string) map[string]reports.Result {
	t.Helper()
	sources, err := file.Open(file.Spec{Kind: "kubernetes", Target: path}, file.Options{Zone: time.UTC, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	in := reports.Input{Sources: sources, Checks: checks, Roster: people, Now: time.Now}
	read, err := reports.Engine{}.Read(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	var text bytes.Buffer
	if err := reports.WriteJSON(&text, read.Outcomes, read.Results()); err != nil {
		t.Fatal(err)
	}
	var out reports.Outcomes
	if err := json.Unmarshal(text.Bytes(), &out); err != nil {
		t.Fatal(err)
	}
	results := map[string]reports.Result{}
	for _, r := range out.Results {
		results[r.Check] = r
	}
	return results
}

// differences lists what was missed and what was invented.
func differences(results map[string]reports.Result, tr *auditgen.Truth) []string {
	var out []string
	for _, c := range auditgen.Checks() {
		r, ran := results[c.ID]
		if !ran || r.Outcome == reports.Errored {
			out = append(out, c.ID+": did not run: "+r.Reason)
			continue
		}
		want, got := answers(c, tr), map[string]string{}
		for _, item := range r.Items {
			switch c.Kind {
			case auditgen.Filter:
				for _, e := range item.Events {
					got[e.NativeID] = ""
				}
			case "count-by-user":
				got[item.Data["login"]] = fmt.Sprint(item.Count)
			case "distinct-ips-by-user", "secret-spread":
				got[item.Data["login"]] = item.Data["distinct"]
			case "denied-burst":
				got[item.Data["claimed_ip"]] = ""
			case "dormant":
				got[item.Data["person"]] = ""
			case "policy-diff":
				for i, e := range item.Events {
					got[e.NativeID] = item.Data["namespace"] + "/" + item.Data["name"]
					if i < len(item.Facts) {
						got[e.NativeID] += " " + item.Facts[i].Value
					}
				}
			}
		}
		if maps.Equal(got, want) {
			continue
		}
		for k, v := range want {
			if g, ok := got[k]; !ok || g != v {
				out = append(out, fmt.Sprintf("%s: missed %q = %q, got %q", c.ID, k, v, g))
			}
		}
		for k, v := range got {
			if _, ok := want[k]; !ok {
				out = append(out, fmt.Sprintf("%s: invented %q = %q", c.ID, k, v))
			}
		}
	}
	slices.Sort(out)
	return out
}

// answers is what the truth says of a check, in the words of the result.
func answers(c auditgen.Check, tr *auditgen.Truth) map[string]string {
	want := map[string]string{}
	switch c.Kind {
	case auditgen.Filter:
		for _, id := range tr.FilterIDs[c.ID] {
			want[id] = ""
		}
	case "count-by-user":
		for u, n := range tr.CountByUser {
			want[u] = fmt.Sprint(n)
		}
	case "distinct-ips-by-user":
		for u, n := range tr.ManyIPs {
			want[u] = fmt.Sprint(n)
		}
	case "secret-spread":
		for u, n := range tr.SecretSpread {
			want[u] = fmt.Sprint(n)
		}
	case "denied-burst":
		for _, ip := range tr.BurstIPs {
			want[ip] = ""
		}
	case "dormant":
		for _, u := range tr.Dormant {
			want[u] = ""
		}
	case "policy-diff":
		for _, p := range tr.List {
			want[p.AuditID] = p.Told()
		}
	}
	return want
}

// TestFortyChecks holds the definitions of the generator's 40 checks to its
// answers, event by event, however the log is written.
func TestFortyChecks(t *testing.T) {
	t.Parallel()
	checks := defined(t, forty)
	if len(checks) != 40 {
		t.Fatalf("%d checks, want 40", len(checks))
	}
	type writer = func(*testing.T, string, []byte) string
	for _, c := range []struct {
		o       auditgen.Options
		writers map[string]writer
	}{
		{auditgen.Options{Events: 20_000, Seed: 1, Users: 500, IDs: true}, map[string]writer{"plain": plain, "gzip": gzipped}},
		{auditgen.Options{Events: 20_000, Seed: 7, Users: 500, Shuffle: true, IDs: true}, map[string]writer{"zstd": zstandard, "rotated": rotated}},
		{auditgen.Options{Events: 20_000, Seed: 3, Users: 2000, Metadata: true, IDs: true}, map[string]writer{"without bodies": plain}},
	} {
		var log bytes.Buffer
		tr, err := auditgen.Generate(&log, c.o)
		if err != nil {
			t.Fatal(err)
		}
		people := peopleOf(t, c.o.Users)
		for name, write := range c.writers {
			t.Run(fmt.Sprintf("seed %d %s", c.o.Seed, name), func(t *testing.T) {
				path := write(t, t.TempDir(), log.Bytes())
				for _, d := range differences(over(t, checks, people, path), tr) {
					t.Error(d)
				}
			})
		}
		if c.o.Seed == 1 {
			t.Run("a log that lacks a finding is told from the truth", func(t *testing.T) {
				line := lineWith(log.Bytes(), tr.FilterIDs["F06"][0])
				path := plain(t, t.TempDir(), bytes.Replace(log.Bytes(), line, nil, 1))
				got := differences(over(t, checks, people, path), tr)
				if !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "F06: missed") }) ||
					!slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "S01: missed") }) {
					t.Errorf("differences %q", got)
				}
			})
		}
	}
}

func lineWith(log []byte, id string) []byte {
	for line := range bytes.Lines(log) {
		if bytes.Contains(line, []byte(id)) {
			return line
		}
	}
	return nil
}

func save(t *testing.T, path string, content []byte) string {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func plain(t *testing.T, dir string, log []byte) string {
	return save(t, filepath.Join(dir, "audit.log"), log)
}

func gzipped(t *testing.T, dir string, log []byte) string {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(log); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return save(t, filepath.Join(dir, "audit.log.gz"), b.Bytes())
}

// zstandard writes one frame of raw blocks (RFC 8878 §3.1.1).
func zstandard(t *testing.T, dir string, log []byte) string {
	const most = 128 << 10 // a block
	frame := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58}
	for len(log) > 0 {
		n := min(len(log), most)
		header := uint32(n) << 3
		if n == len(log) {
			header |= 1
		}
		frame = append(frame, byte(header), byte(header>>8), byte(header>>16))
		frame, log = append(frame, log[:n]...), log[n:]
	}
	return save(t, filepath.Join(dir, "audit.log.zst"), frame)
}

// rotated cuts the log into three files, as log rotation names them.
func rotated(t *testing.T, dir string, log []byte) string {
	rest := log
	for _, name := range []string{"audit-2025-03-03T05-00-00.000.log", "audit-2025-03-03T06-00-00.000.log", "audit.log"} {
		n := len(rest)
		if name != "audit.log" {
			n = len(log)/3 + bytes.IndexByte(rest[len(log)/3:], '\n') + 1
		}
		save(t, filepath.Join(dir, name), rest[:n])
		rest = rest[n:]
	}
	return dir
}
