package command_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestState runs over a log that grows: the second run reads only what is new
// and says so, and finds what a run without a state finds. A state file that is
// damaged is refused.
func TestState(t *testing.T) {
	content, err := os.ReadFile(cluster)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(content), "\n")
	path, state := file(t, "audit.log", strings.Join(lines[:len(lines)/2], "")), filepath.Join(t.TempDir(), "state.json")
	check := func(args ...string) (stdout string) {
		t.Helper()
		code, stdout, stderr := run(t, "", append([]string{"check", "--source", "kubernetes:" + path}, args...)...)
		if code > 2 {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
		return stdout
	}
	check("--state", state)
	var kept struct {
		WindowTo string `json:"window_to"`
	}
	b, err := os.ReadFile(state)
	if err == nil {
		err = json.Unmarshal(b, &kept)
	}
	if err != nil || kept.WindowTo == "" {
		t.Fatalf("state %s: %v", b, err)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(strings.Join(lines[len(lines)/2:], "")); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	whole := check("--from", kept.WindowTo)
	resumed := check("--from", kept.WindowTo, "--state", state)
	said := regexp.MustCompile(`(?m)^  .*The first \d+ bytes were read at .*\n`)
	if !said.MatchString(resumed) {
		t.Errorf("it does not say what was not read:\n%s", resumed)
	}
	if got := said.ReplaceAllString(resumed, ""); got != whole {
		t.Errorf("with state:\n%s\nwithout:\n%s", got, whole)
	}
	damaged := file(t, "state.json", "{")
	if code, _, stderr := run(t, "", "check", "--source", "kubernetes:"+path, "--state", damaged); code != 64 || !strings.Contains(stderr, damaged) {
		t.Errorf("a damaged state file: %d, %s", code, stderr)
	}
}
