package search

import (
	"slices"
	"strings"
	"testing"
	"time"

	"logreeve/connectors"
)

func day(t *testing.T, s string) connectors.Instant {
	t.Helper()
	at, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return connectors.At(at)
}

func TestDaysWithoutAnIndex(t *testing.T) {
	window := connectors.Window{From: day(t, "2026-11-02"), To: day(t, "2026-11-06")}
	for name, test := range map[string]struct {
		names, missing string
		window         connectors.Window
	}{
		"all there":              {"k-2026.11.01 k-2026.11.02 k-2026.11.03", "", connectors.Window{}},
		"one missing":            {"k-2026.11.01 k-2026.11.03", "k-2026.11.02", connectors.Window{}},
		"several":                {"k-2026-11-01 k-2026-11-05", "k-2026-11-02 k-2026-11-03 k-2026-11-04", connectors.Window{}},
		"outside the window":     {"k-2026.10.01 k-2026.10.03 k-2026.11.01", "", connectors.Window{From: day(t, "2026-11-01"), To: day(t, "2026-11-02")}},
		"cut by the window":      {"k-2026.11.01 k-2026.11.09", "k-2026.11.02 k-2026.11.03 k-2026.11.04 k-2026.11.05", window},
		"before the first":       {"k-2026.11.04 k-2026.11.05", "", window},
		"two families":           {"a-2026.11.02 a-2026.11.04 b-2026.11.02 b-2026.11.03", "a-2026.11.03", window},
		"more than one of a day": {"k-2026.11.02-000001 k-2026.11.03-000002 k-2026.11.03-000003 k-2026.11.05-000004", "k-2026.11.04", window},
		"no dates":               {"k-000001 k-000003", "", window},
		"no day of any month":    {"k-2026.13.41 k-2026.13.43", "", window},
	} {
		if got := strings.Join(daysWithout(strings.Fields(test.names), test.window), " "); got != test.missing {
			t.Errorf("%s: %q, want %q", name, got, test.missing)
		}
	}
}

func TestRemembered(t *testing.T) {
	index := func(name string, n int64, from, to string) connectors.IndexNote {
		return connectors.IndexNote{Name: name, Documents: n, Oldest: day(t, from), Newest: day(t, to)}
	}
	before := &connectors.StoreNote{Where: "x/k*", Cluster: "one", Indices: []connectors.IndexNote{
		index("k-1", 10, "2026-10-01", "2026-10-31"), index("k-2", 20, "2026-11-01", "2026-11-30"),
	}}
	november := connectors.Window{From: day(t, "2026-11-01"), To: day(t, "2026-12-01")}
	for name, test := range map[string]struct {
		now  connectors.StoreNote
		says string // "" nothing
	}{
		"the same":                    {*before, ""},
		"gone, outside the window":    {connectors.StoreNote{Where: "x/k*", Indices: before.Indices[1:]}, ""},
		"gone":                        {connectors.StoreNote{Where: "x/k*", Indices: before.Indices[:1]}, "k-2, which held 20 documents"},
		"fewer":                       {connectors.StoreNote{Where: "x/k*", Indices: []connectors.IndexNote{index("k-2", 19, "2026-11-01", "2026-11-30")}}, "held 20 documents when it was read before and holds 19"},
		"more":                        {connectors.StoreNote{Where: "x/k*", Indices: []connectors.IndexNote{index("k-2", 21, "2026-11-01", "2026-11-30")}}, ""},
		"another cluster":             {connectors.StoreNote{Where: "x/k*", Cluster: "two", Indices: before.Indices}, "another cluster"},
		"a cluster that does not say": {connectors.StoreNote{Where: "x/k*", Indices: before.Indices}, ""},
		"another pattern":             {connectors.StoreNote{Where: "x/other*"}, ""},
	} {
		lost := remembered(before, test.now, november)
		if test.says == "" && len(lost) > 0 || test.says != "" && (len(lost) != 1 || !strings.Contains(lost[0], test.says)) {
			t.Errorf("%s: %q, want %q", name, lost, test.says)
		}
	}
	kept := keep(before, connectors.StoreNote{Where: "x/k*", Indices: before.Indices[:1]}, day(t, "2026-12-01"))
	if len(kept.Indices) != 2 || !slices.Contains(kept.Indices, before.Indices[1]) {
		t.Errorf("what is gone is forgotten: %+v", kept)
	}
	if later := keep(before, connectors.StoreNote{Where: "x/k*"}, day(t, "2028-12-01")); len(later.Indices) != 0 {
		t.Errorf("what was gone long ago is remembered: %+v", later)
	}
}
