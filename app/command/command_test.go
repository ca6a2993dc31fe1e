package command_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"logreeve/app/command"
)

const (
	cluster = "../../seed/recordings/real-cluster/audit.ndjson"
	host    = "../../seed/recordings/real-host/auth.log"
)

func run(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = command.Main(command.Build{Version: "test", Commit: "none"}, args, strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Ensure that every wrong input gets one clear sentence that names what and
// where, the exit code of the contract, and no result.
func TestBadInput(t *testing.T) {
	content, err := os.ReadFile(cluster)
	if err != nil {
		t.Fatal(err)
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write(content)
	_ = z.Close()
	truncated := file(t, "audit.log.gz", zipped.String()[:zipped.Len()/2])
	garbage := file(t, "garbage.bin", strings.Repeat("\x00\xff\x13binary\n", 4000))
	empty := t.TempDir()
	people := file(t, "people.csv", "name,email,joined,left_at,manager,principals\nA,a@example.com,,,,\n")
	registers := file(t, "registers.yaml", "registers:\n  ci_principals: []\n  no_such_register: []\n")
	network := file(t, "network.yaml", "registers:\n  ci_networks:\n    - {value: 300.1.2.3/99}\n")
	inUse := file(t, "logreeve.yaml", "listen: 127.0.0.1:99999\n")
	for name, c := range map[string]struct {
		args []string
		code int
		says []string
	}{
		"missing file":            {[]string{"check", "--source", "kubernetes:/nowhere/audit.log"}, 66, []string{"/nowhere/audit.log"}},
		"folder without logs":     {[]string{"check", "--source", empty}, 66, []string{empty}},
		"truncated gzip":          {[]string{"check", "--source", "kubernetes:" + truncated}, 66, []string{truncated}},
		"binary garbage":          {[]string{"check", "--source", garbage}, 66, []string{garbage}},
		"garbage named as a kind": {[]string{"check", "--source", "kubernetes:" + garbage}, 66, []string{garbage}},
		"no source":               {[]string{"check"}, 64, []string{"--source"}},
		"unknown check":           {[]string{"check", "--source", cluster, "--check", "XYZ-99"}, 64, []string{"XYZ-99"}},
		"unknown parameter":       {[]string{"check", "--source", cluster, "--param", "ACC-09.nonsense=5"}, 64, []string{"ACC-09", "nonsense"}},
		"bad parameter":           {[]string{"check", "--source", cluster, "--param", "ACC-09.failures=many"}, 64, []string{"ACC-09", "many"}},
		"malformed parameter":     {[]string{"check", "--source", cluster, "--param", "failures"}, 64, []string{"failures"}},
		"wrong column":            {[]string{"check", "--source", cluster, "--people", people}, 64, []string{people, "joined"}},
		"missing people file":     {[]string{"check", "--source", cluster, "--people", "/nowhere.csv"}, 64, []string{"/nowhere.csv"}},
		"unknown register":        {[]string{"check", "--source", cluster, "--registers", registers}, 64, []string{registers, "line 3", "no_such_register"}},
		"bad network":             {[]string{"check", "--source", cluster, "--registers", network}, 64, []string{network, "line 3", "300.1.2.3/99"}},
		"window backwards":        {[]string{"check", "--source", cluster, "--from", "2026-11-21", "--to", "2026-11-20"}, 64, []string{"ends before"}},
		"window not a time":       {[]string{"check", "--source", cluster, "--from", "yesterday"}, 64, []string{"yesterday"}},
		"unknown format":          {[]string{"check", "--source", cluster, "--format", "xml"}, 64, []string{"xml"}},
		"unknown flag":            {[]string{"check", "--sauce", cluster}, 64, []string{"--sauce"}},
		"unknown command":         {[]string{"frobnicate"}, 64, []string{"frobnicate"}},
		"two sources of a name":   {[]string{"check", "--source", cluster, "--source", cluster}, 64, []string{"kubernetes"}},
		"unknown zone":            {[]string{"events", "--source", host, "--source-timezone", "Mars/Olympus"}, 64, []string{"Mars/Olympus"}},
		"changes without audit":   {[]string{"changes", "--source", host}, 66, []string{"Kubernetes"}},
		"settings wrong":          {[]string{"serve", "--config", inUse}, 64, []string{"127.0.0.1:99999"}},
		"settings missing":        {[]string{"serve", "--config", "/nowhere.yaml"}, 66, []string{"/nowhere.yaml"}},
		"not a package":           {[]string{"verify", cluster}, 2, []string{cluster}},
		"package missing":         {[]string{"verify", "/nowhere.zip"}, 2, []string{"/nowhere.zip"}},
		"verify nothing":          {[]string{"verify"}, 64, nil},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := run(t, "", c.args...)
			if code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			if out != "" {
				t.Errorf("something was printed as a result: %.200s", out)
			}
			if n := strings.Count(strings.TrimSpace(errs), "\n"); n > 0 {
				t.Errorf("not one sentence: %s", errs)
			}
			for _, part := range c.says {
				if !strings.Contains(errs, part) {
					t.Errorf("%q does not say %q", errs, part)
				}
			}
		})
	}
}

// Ensure that a window in which there is nothing is never a pass.
func TestWindowOutsideTheData(t *testing.T) {
	code, out, errs := run(t, "", "check", "--source", cluster, "--from", "2020-01-01", "--to", "2020-01-02", "--format", "json")
	if code != 2 || errs != "" {
		t.Fatalf("exit code %d, %s", code, errs)
	}
	var got struct {
		Results []struct{ Check, Outcome, Reason string }
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	for _, r := range got.Results {
		if r.Outcome != "inconclusive" || r.Reason == "" {
			t.Errorf("%s: %s, %q", r.Check, r.Outcome, r.Reason)
		}
	}
}

// Ensure that a line that is too long, and garbage between lines, are counted
// and that reading goes on.
func TestLongAndBrokenLines(t *testing.T) {
	content, err := os.ReadFile(cluster)
	if err != nil {
		t.Fatal(err)
	}
	long := `{"kind":"Event","x":"` + strings.Repeat("a", 17<<20) + "\"}\n"
	path := file(t, "audit.log", string(content[:200_000])+"\n"+long+"\x00\x01 not json\n\n"+string(content))
	code, out, errs := run(t, "", "events", "--stats", "--source", "kubernetes:"+path)
	if code != 0 {
		t.Fatalf("exit code %d, %s", code, errs)
	}
	var s struct{ Lines, Blank, Records, Merged, Events, Unparsed, Late int64 }
	if err := json.Unmarshal([]byte(out), &s); err != nil {
		t.Fatal(err)
	}
	if s.Unparsed < 2 || s.Blank < 1 || s.Events < 700 || s.Lines != s.Blank+s.Unparsed+s.Records || s.Records != s.Events+s.Merged+s.Late {
		t.Errorf("%+v", s)
	}
}

// Ensure that standard input is a source like any other.
func TestStandardInput(t *testing.T) {
	content, err := os.ReadFile(host)
	if err != nil {
		t.Fatal(err)
	}
	code, out, errs := run(t, string(content), "events", "--source", "-", "--year", "2026")
	if code != 0 || strings.Count(out, "\n") < 150 {
		t.Errorf("exit code %d, %d events, %s", code, strings.Count(out, "\n"), errs)
	}
}
