package policy_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"logreeve/connectors"
	"logreeve/reports/policy"
)

func TestCoveredSince(t *testing.T) {
	w := func(from, to int) connectors.Window { return connectors.Window{From: at(from), To: at(to)} }
	for _, test := range []struct {
		name string
		read []connectors.Window
		want int
	}{
		{"nothing was read", nil, 100},
		{"one window up to it", []connectors.Window{w(50, 100)}, 50},
		{"a chain, in any order", []connectors.Window{w(0, 25), w(75, 100), w(25, 75)}, 0},
		{"a gap", []connectors.Window{w(0, 25), w(26, 100)}, 26},
		{"a gap before it", []connectors.Window{w(0, 99)}, 100},
		{"windows that overlap", []connectors.Window{w(40, 80), w(60, 120), w(10, 45)}, 10},
		{"a short one inside a long one", []connectors.Window{w(90, 95), w(10, 100)}, 10},
		{"a later one", []connectors.Window{w(101, 200)}, 100},
	} {
		if got := policy.CoveredSince(at(100), test.read); got != at(test.want) {
			t.Errorf("%s: since %s, want %s", test.name, got, at(test.want))
		}
	}
}

// left gives the states that requests leave, as a store keeps them.
func left(t *testing.T, requests ...request) []policy.State {
	t.Helper()
	return observe(t, nil, requests...).States()
}

func noHistory(string) ([]policy.Change, error) { return nil, errors.New("nobody should ask") }

var created = request{at: 1, verb: "create", response: of(denyAll, `"uid":"u1"`, `"generation":1`, `"labels":{"app":"web"}`)}

// What a history makes of a state that is certain, and of one that is older
// than a time nobody read.
func TestUncovered(t *testing.T) {
	controller := "system:serviceaccount:kube-system:namespace-controller"
	tests := []struct {
		name      string
		requests  []request
		certain   string
		uncovered string
	}{
		{"an update", []request{{at: 9, verb: "update", response: of(allowAll)}},
			"modified p by alice@example.com: deny > allow", "modified p by alice@example.com: - > allow before unknown, uncovered"},
		{"an update whose generation is the next", []request{{at: 9, verb: "update", response: of(allowAll, `"uid":"u1"`, `"generation":2`)}},
			"modified p by alice@example.com: deny > allow", "modified p by alice@example.com: - > allow before unknown, uncovered"},
		{"an update whose generation shows others", []request{{at: 9, verb: "update", response: of(allowAll, `"uid":"u1"`, `"generation":5`)}},
			"modified p by alice@example.com: - > allow before unknown, missed", "modified p by alice@example.com: - > allow before unknown, missed"},
		{"an update whose generation is the same", []request{{at: 9, verb: "update", response: of(denyAll, `"uid":"u1"`, `"generation":1`)}}, "", ""},
		{"two updates", []request{{at: 8, verb: "update", response: of(denyAll)}, {at: 9, verb: "update", response: of(allowAll)}},
			"modified p by alice@example.com: deny > allow",
			"modified p by alice@example.com: - > deny before unknown, uncovered\nmodified p by alice@example.com: deny > allow"},
		{"a patch without its answer", []request{{at: 9, verb: "patch", request: `{"spec":{"ingress":[{}]}}`}},
			`modified p by alice@example.com: deny > {"podSelector":{},"policyTypes":["Ingress","Egress"],"ingress":[{}]} as requested`,
			"modified p by alice@example.com: - > - before unknown, content unknown, uncovered"},
		{"a deletion", []request{{at: 9, verb: "delete"}},
			"deleted p by alice@example.com: deny > -", "deleted p by alice@example.com: - > - before unknown, uncovered"},
		{"a deletion that says what it deleted", []request{{at: 9, verb: "delete", response: of(denyAll)}},
			"deleted p by alice@example.com: deny > -", "deleted p by alice@example.com: deny > -"},
		{"a creation", []request{{at: 9, verb: "create", response: of(allowAll)}},
			"created p by alice@example.com: - > allow", "created p by alice@example.com: - > allow"},
		{"a dry run, then an update", []request{{at: 8, verb: "update", query: "?dryRun=All", response: of(allowAll)}, {at: 9, verb: "update", response: of(allowAll)}},
			"modified p by alice@example.com: deny > allow", "modified p by alice@example.com: - > allow before unknown, uncovered"},
		{"a refused update", []request{{at: 9, verb: "update", code: 403}}, "", ""},
		{"a collection", []request{{at: 9, verb: "deletecollection"}},
			"deleted p by alice@example.com: deny > -", "deleted p by alice@example.com: - > - before unknown, supposed, uncovered"},
		{"a collection chosen otherwise", []request{{at: 9, verb: "deletecollection", query: "?labelSelector=app=api", user: controller}}, "", ""},
		{"its namespace", []request{{at: 9, verb: "delete", resource: "namespaces", name: "shop"}},
			"deleted p by alice@example.com: deny > - implied, with namespace", "deleted p by alice@example.com: - > - before unknown, implied, supposed, uncovered, with namespace"},
	}
	told := func(h *policy.History) string {
		var lines []string
		for _, c := range h.Changes() {
			lines = append(lines, tell(c))
		}
		return strings.Join(lines, "\n")
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			states := left(t, created)
			if got := told(observe(t, states, test.requests...)); got != test.certain {
				t.Errorf("certain: got\n%s\nwant\n%s", got, test.certain)
			}
			states[0].Uncovered = true
			if got := told(observe(t, states, test.requests...)); got != test.uncovered {
				t.Errorf("uncovered: got\n%s\nwant\n%s", got, test.uncovered)
			}
		})
	}
}

// A write makes a state certain again, whoever asks next.
func TestWritesCover(t *testing.T) {
	states := left(t, created)
	states[0].Uncovered = true
	h := observe(t, states)
	if !h.States()[0].Uncovered {
		t.Error("without a write the state became certain")
	}
	if observe(t, states, request{at: 9, verb: "update", response: of(allowAll)}).States()[0].Uncovered {
		t.Error("the state is not certain after a write")
	}
}

func TestBaseline(t *testing.T) {
	other := request{at: 5, verb: "create", name: "q", response: of(allowAll)}
	window := func(from, to int) []connectors.Window { return []connectors.Window{{From: at(from), To: at(to)}} }
	known := left(t, created, other)

	got, err := policy.Baseline(at(10), known, window(3, 10), noHistory)
	if err != nil || len(got) != 2 || !got[0].Uncovered || got[1].Uncovered || got[1].Name != "q" {
		t.Errorf("%+v, %v", got, err)
	}
	if known[0].Uncovered {
		t.Error("what was given is changed")
	}
	if got, err := policy.Baseline(0, known, window(0, 10), noHistory); err != nil || len(got) != 0 {
		t.Errorf("without a beginning: %+v, %v", got, err)
	}
	if _, err := policy.Baseline(at(3), known, nil, noHistory); err == nil {
		t.Error("an error is not told")
	}
	if a, b := policy.Ref(got), policy.Ref(known); a.Objects != 2 || a.Uncovered != 1 || a.SHA256 == b.SHA256 {
		t.Errorf("%+v, %+v", a, b)
	}
	if policy.Ref(nil) != nil {
		t.Error("no states are a baseline")
	}
}

// A window of the past starts from what held then, not from what holds now.
func TestBaselineOfThePast(t *testing.T) {
	second := request{at: 20, verb: "update", response: of(allowAll, `"uid":"u1"`, `"generation":2`)}
	third := request{at: 30, verb: "delete", response: of(allowAll)}
	all := observe(t, nil, created, second, third)
	whole := []connectors.Window{{From: at(0), To: at(100)}}
	history := func(object string) (changes []policy.Change, err error) {
		for _, c := range all.Changes() {
			if c.Object() == object {
				changes = append(changes, c)
			}
		}
		return changes, nil
	}
	for _, test := range []struct {
		name string
		from int
		want string // of the writes since, from the baseline
	}{
		{"before it was created", 1, "created p by alice@example.com: - > deny\nmodified p by alice@example.com: deny > allow\ndeleted p by alice@example.com: allow > -"},
		{"after its creation", 2, "modified p by alice@example.com: deny > allow\ndeleted p by alice@example.com: allow > -"},
		{"at an update", 20, "modified p by alice@example.com: deny > allow\ndeleted p by alice@example.com: allow > -"},
		{"after an update", 21, "deleted p by alice@example.com: allow > -"},
	} {
		states, err := policy.Baseline(at(test.from), all.States(), whole, history)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range states {
			if s.At >= at(test.from) {
				t.Errorf("%s: a state of %s is used", test.name, s.At)
			}
		}
		var since []request
		for _, r := range []request{created, second, third} {
			if r.at >= test.from {
				since = append(since, r)
			}
		}
		if got := strings.Join(lines(observe(t, states, since...).Changes()), "\n"); got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, got, test.want)
		}
	}

	// What contradicts itself is not known: somebody changed it in between, unlisted.
	unlisted := func(string) ([]policy.Change, error) {
		changes := slices.Clone(all.Changes())[:2]
		changes[1].Before = []byte(`{"podSelector":{"matchLabels":{"a":"b"}}}`)
		return changes, nil
	}
	if states, err := policy.Baseline(at(2), all.States(), whole, unlisted); err != nil || len(states) != 0 {
		t.Errorf("a contradiction: %+v, %v", states, err)
	}
	sameTime := func(string) ([]policy.Change, error) {
		changes := slices.Clone(all.Changes())[:2]
		changes[1].Time = changes[0].Time
		return changes, nil
	}
	if states, err := policy.Baseline(at(2), all.States(), whole, sameTime); err != nil || len(states) != 0 {
		t.Errorf("two changes of one instant: %+v, %v", states, err)
	}
}

// A change does not tell labels, so a choice by labels is not certain.
func TestCollectionOfUnknownLabels(t *testing.T) {
	states := left(t, created)
	for _, test := range []struct {
		query, want string
	}{
		{"", "deleted p by alice@example.com: deny > -"},
		{"?labelSelector=app=api", "deleted p by alice@example.com: - > - before unknown, supposed, uncovered"},
		{"?labelSelector=app=api&fieldSelector=metadata.name=q", "deleted  by alice@example.com: - > - before unknown, content unknown"},
	} {
		unknown := slices.Clone(states)
		unknown[0].Labels, unknown[0].LabelsUnknown = nil, true
		got := lines(observe(t, unknown, request{at: 9, verb: "deletecollection", query: test.query}).Changes())
		if strings.Join(got, "\n") != test.want {
			t.Errorf("%s: got %q, want %q", test.query, got, test.want)
		}
	}
}
