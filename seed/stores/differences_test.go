package stores_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"logreeve/reports/checks"
)

// TestDifferencesAreTold is the control of the comparison: a log that lacks a
// record, has one more, or says one thing otherwise is told from the whole log,
// and where.
func TestDifferencesAreTold(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile(recordings + "real-cluster/audit.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	q := question{checks: checks.All(), roster: recordedRoster(t), now: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)}
	said := func(t *testing.T, text []byte) facts {
		path := filepath.Join(t.TempDir(), "audit.log")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return ask(t, q, log{plain().through(t, path)}.files(t, q.clock)).facts(true)
	}
	want := said(t, whole)
	if d := differences(want, said(t, whole)); len(d) > 0 {
		t.Fatalf("the same log differs from itself: %q", d)
	}
	var binding []byte // its last record
	for line := range bytes.Lines(whole) {
		if bytes.Contains(line, []byte(`"clusterrolebindings"`)) && bytes.Contains(line, []byte(`"verb":"create"`)) && bytes.Contains(line, []byte(`"alice@example.com"`)) {
			binding = line
		}
	}
	replaced := func(old, by string) []byte {
		if !bytes.Contains(binding, []byte(old)) {
			t.Fatalf("the record does not say %s: %s", old, binding)
		}
		return bytes.Replace(whole, binding, bytes.Replace(binding, []byte(old), []byte(by), 1), 1)
	}
	for name, c := range map[string]struct {
		text []byte
		told []string
	}{
		"a record less":   {bytes.Replace(whole, binding, nil, 1), []string{"PRV-01", "REG-06", "seen k8s alice@example.com ", "source kubernetes"}},
		"another outcome": {replaced(`"code":201`, `"code":403`), []string{"PRV-01", "REG-06"}},
		"another user":    {replaced(`"alice@example.com"`, `"mallory@example.com"`), []string{"REG-01", "seen k8s mallory@example.com "}},
		"another address": {replaced(`"sourceIPs":["127.`, `"sourceIPs":["126.`), []string{"seen k8s alice@example.com 126."}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := differences(want, said(t, c.text))
			for _, told := range c.told {
				if !slices.ContainsFunc(got, func(d string) bool { return strings.HasPrefix(d, told) }) {
					t.Errorf("no difference of %q among %q", told, got)
				}
			}
		})
	}
}
