package policy_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"logreeve/connectors"
	"logreeve/connectors/file"
	"logreeve/reports/policy"
)

const recording = "../../seed/recordings/real-cluster"

// recorded reads the events of the recording that a history selects.
func recorded(t testing.TB) []*connectors.Event {
	t.Helper()
	sources, err := file.Open(file.Spec{Target: filepath.Join(recording, "audit.ndjson")}, file.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := connectors.Compile(policy.Select)
	if err != nil {
		t.Fatal(err)
	}
	var events []*connectors.Event
	for _, s := range sources {
		_, err := s.Read(t.Context(), connectors.Query{Filter: policy.Select}, func(batch []connectors.Event) error {
			for i := range batch {
				if m.Match(&batch[i]) {
					events = append(events, batch[i].Keep())
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(events) == 0 {
		t.Fatal("the recording has no events of policies")
	}
	return events
}

func historyOf(baseline []policy.State, events []*connectors.Event) *policy.History {
	h := policy.NewHistory(baseline)
	for _, e := range events {
		h.Observe(e)
	}
	return h
}

type truthVersion struct {
	By      string          `json:"by"`
	Ticket  *string         `json:"ticket"`
	Deleted bool            `json:"deleted"`
	Spec    json.RawMessage `json:"spec"`
}

func truth(t testing.TB) (versions map[string][]truthVersion, planted map[string]int) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(recording, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Planted  map[string]int            `json:"planted"`
		Versions map[string][]truthVersion `json:"policy_versions"`
	}
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	return all.Versions, all.Planted
}

// within says whether everything of want is in got: the server adds defaults.
func within(want, got any) bool {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return false
		}
		for k, v := range w {
			if !within(v, g[k]) {
				return false
			}
		}
		return true
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for i := range w {
			if !within(w[i], g[i]) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(want, got)
}

func value(t testing.TB, raw json.RawMessage) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return v
}

func TestRecordingIsReproduced(t *testing.T) {
	versions, _ := truth(t)
	report := historyOf(nil, recorded(t)).Report()
	got := map[string][]policy.Change{}
	for _, c := range report.Changes {
		namespace := c.Namespace
		if namespace == "" {
			namespace = "-"
		}
		id := c.API + "/" + c.Kind + "/" + namespace + "/" + c.Name
		got[id] = append(got[id], c)
	}
	for id, want := range versions {
		if len(got[id]) != len(want) {
			t.Errorf("%s: %d changes, want %d", id, len(got[id]), len(want))
			continue
		}
		var before json.RawMessage
		for i, w := range want {
			c := got[id][i]
			operation := policy.Modified
			switch {
			case w.Deleted:
				operation = policy.Deleted
			case before == nil:
				operation = policy.Created
			}
			if c.Actor != w.By || c.Operation != operation || !c.BeforeKnown || !c.ContentKnown {
				t.Errorf("%s version %d: %s by %s, before known %v, content known %v; want %s by %s", id, i+1, c.Operation, c.Actor, c.BeforeKnown, c.ContentKnown, operation, w.By)
			}
			ticket := ""
			if w.Ticket != nil {
				ticket = *w.Ticket
			}
			if c.Ticket != ticket {
				t.Errorf("%s version %d: ticket %q, want %q", id, i+1, c.Ticket, ticket)
			}
			if string(c.Before) != string(before) {
				t.Errorf("%s version %d: before is %s, want what the version before left, %s", id, i+1, c.Before, before)
			}
			if w.Deleted {
				if c.After != nil {
					t.Errorf("%s version %d: deleted, but after is %s", id, i+1, c.After)
				}
			} else if !within(value(t, w.Spec), value(t, c.After)) {
				t.Errorf("%s version %d: after is %s, want at least %s", id, i+1, c.After, w.Spec)
			}
			before = c.After
		}
	}
	for id := range got {
		if _, ok := versions[id]; !ok {
			t.Errorf("%s changed, which the truth does not know", id)
		}
	}
	if !slices.IsSortedFunc(report.Changes, func(a, b policy.Change) int { return int(a.Time - b.Time) }) {
		t.Error("the changes are not in order of time")
	}
}

func TestRecordingCounts(t *testing.T) {
	versions, planted := truth(t)
	report := historyOf(nil, recorded(t)).Report()
	var created, modified, deleted int
	for _, all := range versions {
		for i, v := range all {
			switch {
			case v.Deleted:
				deleted++
			case i == 0:
				created++
			default:
				modified++
			}
		}
	}
	s := report.Summary
	if s.Created != created || s.Modified != modified || s.Deleted != deleted {
		t.Errorf("counted %d, %d, %d; want %d created, %d modified, %d deleted", s.Created, s.Modified, s.Deleted, created, modified, deleted)
	}
	if s.DryRun != planted["policy_dry_run"] || len(report.Attempts) != planted["policy_refused_forbidden"]+planted["policy_refused_invalid"] || s.Attempts != len(report.Attempts) {
		t.Errorf("%d dry runs, %d attempts", s.DryRun, len(report.Attempts))
	}
	// The label, and three writes of a server-side apply that left the specification.
	if s.Unchanged != 4 || s.Implied != 0 || s.ContentUnknown != 0 {
		t.Errorf("unchanged %d, implied %d, content unknown %d", s.Unchanged, s.Implied, s.ContentUnknown)
	}
	var refused []string
	for _, a := range report.Attempts {
		if a.Reason == "" {
			t.Errorf("the attempt of %s has no reason", a.Actor)
		}
		refused = append(refused, strings.Join([]string{a.Actor, string(a.Operation), string(a.Outcome), a.Code, a.Kind, a.Namespace, a.Name}, " "))
	}
	want := []string{
		"system:serviceaccount:ci:deployer modified failed 422 NetworkPolicy web allow-dns",
		"bob@example.com deleted denied 403 NetworkPolicy web allow-dns",
	}
	if !slices.Equal(refused, want) {
		t.Errorf("attempts are %q, want %q", refused, want)
	}
}

func TestRecordingVerdicts(t *testing.T) {
	_, planted := truth(t)
	var got []string
	count := map[string]int{}
	report := historyOf(nil, recorded(t)).Report()
	for i := range report.Changes {
		c := &report.Changes[i]
		if why := policy.Undecidable(c); why != "" {
			t.Errorf("%s cannot be judged: %s", c.Object(), why)
		}
		for _, v := range policy.Judge(c) {
			if !v.Sure {
				t.Errorf("%s of %s is not sure", v.Check, c.Object())
			}
			count[v.Check]++
			got = append(got, strings.Join([]string{v.Check, string(v.Severity), c.Namespace + "/" + c.Name, v.Sentence}, " | "))
		}
	}
	golden(t, "verdicts.txt", strings.Join(got, "\n")+"\n")
	if count["NET-02"] != planted["allow_all_introduced"] || count["NET-03"] != planted["default_deny_removed"] || count["NET-06"] != planted["policy_deleted"] {
		t.Errorf("counted %v, planted %v", count, planted)
	}
	wide := 0
	for _, line := range got {
		if strings.HasPrefix(line, "NET-08 | high") {
			wide++
		}
	}
	if wide != planted["network_set_widened_to_anywhere"] {
		t.Errorf("%d sets were widened to anywhere", wide)
	}
}

func TestRecordingInWords(t *testing.T) {
	var out strings.Builder
	report := historyOf(nil, recorded(t)).Report()
	for i := range report.Changes {
		c := &report.Changes[i]
		now, before := policy.Sentence(c)
		out.WriteString(string(c.Operation) + " " + c.Kind + " " + c.Namespace + "/" + c.Name + " ticket " + c.Ticket + " (" + string(c.TicketSource) + ")\n  " + now + "\n  " + before + "\n")
	}
	golden(t, "words.txt", out.String())
}

func TestRecordingAsDifferences(t *testing.T) {
	var out strings.Builder
	report := historyOf(nil, recorded(t)).Report()
	for i := range report.Changes {
		out.WriteString(policy.UnifiedChange(&report.Changes[i]))
	}
	golden(t, "differences.diff", out.String())
}

// golden compares with a file of testdata; LOGREEVE_GOLDEN=write writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("LOGREEVE_GOLDEN") == "write" {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; got\n%s", path, got)
	}
}
