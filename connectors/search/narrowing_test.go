package search_test

import (
	"slices"
	"strings"
	"testing"

	"logreeve/connectors"
	"logreeve/connectors/search"
	"logreeve/reports/policy"
)

// filters ask for what checks ask for, and for what stores answer otherwise
// than we do.
func filters() map[string]connectors.Filter {
	return map[string]connectors.Filter{
		"policy changes":          policy.Select,
		"denied":                  connectors.In("outcome", "denied"),
		"not denied, by a person": connectors.And(connectors.Not(connectors.In("outcome", "denied")), connectors.In("actor_kind", "human", "unknown")),
		"failed":                  connectors.In("outcome", "failed"),
		"no outcome":              connectors.In("outcome", "unknown"),
		"ok":                      connectors.In("outcome", "ok"),
		"no code":                 connectors.Not(connectors.Exists("code")),
		"client errors":           connectors.Range("code", "400", "500"),
		"people":                  connectors.In("actor_kind", "human"),
		"machines":                connectors.In("actor_kind", "service", "system", "node"),
		"exec":                    connectors.In("subresource", "exec", "attach", "portforward"),
		"not watch":               connectors.Not(connectors.In("verb", "watch", "get", "list")),
		"beginning":               connectors.And(connectors.Prefix("namespace", "kube-"), connectors.In("verb", "update")),
		"not beginning":           connectors.Not(connectors.Prefix("uri", "/apis/coordination")),
		"long values":             connectors.Prefix("uri", "/api"),
		"secrets":                 connectors.And(connectors.In("resource", "secrets"), connectors.Not(connectors.In("login", "system:apiserver"))),
		"as another":              connectors.Exists("effective"),
		"not as another":          connectors.And(connectors.Not(connectors.Exists("effective")), connectors.In("verb", "delete")),
		"cut: contains":           connectors.And(connectors.Contains("user_agent", "kubectl"), connectors.In("verb", "create")),
		"cut: a body":             connectors.And(connectors.Exists("request.spec"), connectors.In("verb", "create", "patch")),
		"cut: hours":              {Op: connectors.OpHour, Values: []string{"9", "10"}},
		"cut inside or":           connectors.Or(connectors.Contains("user_agent", "curl"), connectors.In("verb", "delete")),
		"groups":                  connectors.In("groups", "system:masters"),
		"no groups":               connectors.Not(connectors.In("groups", "system:authenticated")),
		"by address":              connectors.CIDR("client_ip", "127.0.0.0/8"),
		"actor":                   connectors.Not(connectors.In("actor", "system:apiserver", "system:admin")),
		"nothing":                 connectors.In("resource", "no-such-thing"),
		"another kind":            connectors.In("kind", "authlog"),
	}
}

// narrowedReads compares what a filter selects of a file with what it selects
// of what a store delivers for it, and the coverage of the whole window.
func narrowedReads(t *testing.T, source func(testing.TB, search.Options) *search.Source) {
	want, wantC := readAll(t, fileOf(t, connectors.Kubernetes), connectors.Query{})
	_, whole := readAll(t, source(t, search.Options{}), connectors.Query{})
	for name, f := range filters() {
		t.Run(name, func(t *testing.T) {
			selected := keysOf(t, fileOf(t, connectors.Kubernetes), f, connectors.Query{})
			s := source(t, search.Options{PageBytes: 100_000})
			got := keysOf(t, s, f, connectors.Query{Filter: f})
			var expected []connectors.Record
			for _, r := range want {
				if slices.Contains(selected, r.Key) {
					expected = append(expected, r)
				}
			}
			if !slices.Equal(selected, got) {
				t.Fatalf("%d events, the file has %d", len(got), len(selected))
			}
			events, c := readAll(t, s, connectors.Query{Filter: f})
			if len(c.Problems) > 0 {
				t.Fatalf("problems %+v", c.Problems)
			}
			events = slices.DeleteFunc(events, func(r connectors.Record) bool { return !slices.Contains(selected, r.Key) })
			if !slices.EqualFunc(events, expected, equalRecords) {
				t.Error("the events differ from the file's")
			}
			coverageInMilliseconds(t, c.Coverage, wantC.Coverage)
			if !strings.HasPrefix(name, "cut") && len(selected) < 40 && c.Lines > whole.Lines/2 {
				t.Errorf("%d of %d documents came for %d events", c.Lines, whole.Lines, len(selected))
			}
		})
	}
}

// keysOf are the keys of what a filter selects among what a source delivers.
func keysOf(t testing.TB, s connectors.Source, f connectors.Filter, q connectors.Query) []string {
	t.Helper()
	m, err := connectors.Compile(f)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	if _, err := s.Read(t.Context(), q, func(batch []connectors.Event) error {
		for i := range batch {
			if m.Match(&batch[i]) {
				out = append(out, batch[i].Key())
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

func coverageInMilliseconds(t testing.TB, got, want map[string]*connectors.Coverage) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("coverage of %d places, want %d", len(got), len(want))
	}
	for place, w := range want {
		g := got[place]
		if g == nil || len(g.Minutes) != len(w.Minutes) {
			t.Fatalf("coverage of %q: %+v, want %+v", place, g, w)
		}
		for m, b := range w.Minutes {
			x := g.Minutes[m]
			if x == nil || x.Count != b.Count || x.First/1000 != b.First/1000 || x.Last/1000 != b.Last/1000 {
				t.Fatalf("minute %d of %q: %+v, want %+v", m, place, x, b)
			}
		}
	}
}
