package command_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// Ensure that definitions run instead of the catalogue, that ids pick from both,
// and that wrong files are refused as a whole with every place.
func TestDefinitions(t *testing.T) {
	defined := file(t, "checks.yaml", "checks:\n  - {id: MINE-01, title: Requests, violation: false, select: all, grouping: {by: login}}\n  - {id: MINE-02, title: None, select: {field: verb, equals: nothing}}\n")
	for name, c := range map[string]struct {
		args []string
		want []string
	}{
		"instead of the catalogue": {nil, []string{"MINE-01", "MINE-02"}},
		"picked from both":         {[]string{"--check", "MINE-02,NET-01"}, []string{"MINE-02", "NET-01"}},
	} {
		code, out, errs := run(t, "", append([]string{"check", "--source", cluster, "--format", "json", "--definitions", defined}, c.args...)...)
		if errs != "" || code != 1 {
			t.Fatalf("%s: exit code %d, %s", name, code, errs)
		}
		var got struct {
			Results []struct {
				Check  string
				Digest string `json:"definition_sha256"`
				Items  []struct{ Summary string }
			}
		}
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, r := range got.Results {
			ids = append(ids, r.Check)
			if len(r.Digest) != 64 || r.Check == "MINE-01" && len(r.Items) == 0 {
				t.Errorf("%s: %+v", name, r)
			}
		}
		if !slices.Equal(ids, c.want) {
			t.Errorf("%s: ran %v, want %v", name, ids, c.want)
		}
	}
	one := file(t, "one.yaml", "checks:\n  - {id: A, title: T, select: {field: verbs, equals: x}}\n")
	two := file(t, "two.yaml", "checks:\n  - {id: NET-01, title: T, select: all, severity: awful}\n")
	code, out, errs := run(t, "", "check", "--source", cluster, "--definitions", one, "--definitions", two)
	if code != 64 || out != "" {
		t.Errorf("wrong definitions: exit code %d, printed %q", code, out)
	}
	for _, part := range []string{one + ", line 2: the filter asks for", two + ", line 2: the id NET-01", two + ", line 2: severity"} {
		if !strings.Contains(errs, part) {
			t.Errorf("%q does not say %q", errs, part)
		}
	}
	if code, _, errs := run(t, "", "check", "--source", cluster, "--definitions", "/nowhere.yaml"); code != 64 || !strings.Contains(errs, "/nowhere.yaml") {
		t.Errorf("a missing file: exit code %d, %s", code, errs)
	}
}
