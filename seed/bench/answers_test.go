package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"logreeve/seed/auditgen"
)

func TestDifferences(t *testing.T) {
	t.Parallel()
	truth := answers{"F01": {"a": 1, "b": 1}, "F02": {}, "S01": {"alice": 3}}
	for name, c := range map[string]struct {
		said             answers
		missed, invented int64
		where            string
	}{
		"the same":                     {answers{"F01": {"a": 1, "b": 1}, "F02": {}, "S01": {"alice": 3}}, 0, 0, ""},
		"an unasked check":             {answers{"F01": {"a": 1, "b": 1}, "S01": {"alice": 3}, "X": {"x": 1}}, 0, 0, ""},
		"one exchanged for another":    {answers{"F01": {"a": 1, "c": 1}, "S01": {"alice": 3}}, 1, 1, "F01"},
		"nothing at all":               {answers{}, 5, 0, "F01 S01"},
		"invented where nothing is":    {answers{"F01": {"a": 1, "b": 1}, "F02": {"z": 1}, "S01": {"alice": 3}}, 0, 1, "F02"},
		"a number that is right":       {answers{"F01": {counted: 2}, "S01": {counted: 3}}, 0, 0, ""},
		"a number too small":           {answers{"F01": {counted: 1}, "S01": {counted: 3}}, 1, 0, "F01"},
		"a number where nothing is":    {answers{"F01": {counted: 2}, "F02": {counted: 4}, "S01": {counted: 3}}, 0, 4, "F02"},
		"counted twice":                {answers{"F01": {"a": 2, "b": 1}, "S01": {"alice": 3}}, 0, 1, "F01"},
		"counts of a user that differ": {answers{"F01": {"a": 1, "b": 1}, "S01": {"alice": 1, "bob": 2}}, 2, 2, "S01"},
	} {
		d := truth.against(c.said)
		if d.missed != c.missed || d.invented != c.invented || strings.Join(d.where, " ") != c.where {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

// TestAnswersAreRead makes what each program would print from the truth and
// expects no difference; then it loses one finding and expects one.
func TestAnswersAreRead(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	truth, err := auditgen.Generate(&log, auditgen.Options{Events: 20_000, IDs: true})
	if err != nil {
		t.Fatal(err)
	}
	var uniq strings.Builder
	for _, check := range slices.Sorted(maps.Keys(truth.Filters)) {
		if n := truth.Filters[check]; n > 0 {
			fmt.Fprintf(&uniq, "%7d %s\n", n, check)
		}
	}
	said, err := ofJQ([]byte(uniq.String()))
	if err != nil {
		t.Fatal(err)
	}
	want := truthOf(truth).only(isFilter)
	if d := want.against(said); d.missed+d.invented != 0 {
		t.Errorf("jq: %+v", d)
	}
	said["F09"][counted]--
	if d := want.against(said); d.missed != 1 {
		t.Errorf("jq, one lost: %+v", d)
	}

	changes := []map[string]any{}
	for _, c := range truth.List {
		changes = append(changes, map[string]any{"auditID": c.AuditID, "user": c.User, "verb": c.Verb, "policy": c.Policy, "before": c.Before, "after": c.After, "known": c.BeforeInWindow})
	}
	out, err := json.Marshal(map[string]any{
		"filters": truth.Filters, "S01": truth.CountByUser, "S02": truth.ManyIPs, "S03": truth.BurstIPs, "S04": truth.SecretSpread, "S05": truth.Dormant, "S06": changes,
	})
	if err != nil {
		t.Fatal(err)
	}
	if said, err = ofDuckDB(out); err != nil {
		t.Fatal(err)
	}
	if d := truthOf(truth).against(said); d.missed+d.invented != 0 {
		t.Errorf("DuckDB: %+v", d)
	}
	out = bytes.Replace(out, []byte(truth.List[0].AuditID), []byte("another"), 1)
	if said, err = ofDuckDB(out); err != nil {
		t.Fatal(err)
	}
	if d := truthOf(truth).against(said); d.missed != 1 || d.invented != 1 {
		t.Errorf("DuckDB, one exchanged: %+v", d)
	}
	if _, _, err := ofDefinitions([]byte(`{"Sources":[{"Events":5}]}`), truth); err == nil {
		t.Error("a run that read only a part of the log is believed")
	}
}

func TestMemoryOfAProcessIsSeen(t *testing.T) {
	t.Parallel()
	out, spent, err := execute(t.Context(), []stage{{args: []string{"sh", "-c", "echo first; sleep 0.1"}}, {args: []string{"cat"}}})
	if err != nil || string(out) != "first\n" || spent.anonymous == 0 || spent.wall.Milliseconds() < 100 {
		t.Errorf("%q, %+v, %v", out, spent, err)
	}
	if _, _, err := execute(t.Context(), []stage{{args: []string{"sh", "-c", "exit 3"}, codes: []int{1}}}); err == nil {
		t.Error("a program that fails is believed")
	}
}
