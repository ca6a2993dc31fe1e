package search_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"logreeve/connectors"
	"logreeve/connectors/search"
	"logreeve/connectors/searchtest"
)

// ways are the fields that groups are asked by.
var ways = [][]string{nil, {"login", "effective"}, {"verb", "resource"}, {"namespace"}, {"level"}, {"code"}, {"uri"}, {"login", "effective", "client_ip"}}

// read are filters of which a store cannot count what they select, by nature:
// what decides is in no field that is searched.
func read(name string) bool {
	return strings.HasPrefix(name, "cut") || name == "by address" || name == "long values" || name == "not beginning"
}

// equalGroups compares what a store counts with what a file has, for every
// filter and way of grouping. Where it cannot count, it says so.
func equalGroups(t *testing.T, s *search.Source, q connectors.Query, mustCount bool) {
	t.Helper()
	v, err := s.View(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close(t.Context())
	counted := 0
	var events []connectors.Event
	if _, err := fileOf(t, connectors.Kubernetes).Read(t.Context(), q, func(batch []connectors.Event) error {
		for i := range batch {
			if q.Window.Contains(batch[i].Time) {
				events = append(events, *batch[i].Keep())
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for name, f := range filters() {
		for i, by := range ways {
			if i > 1 && !slices.Contains([]string{"denied", "not denied, by a person", "secrets", "policy changes"}, name) {
				continue // each way with some filters, each filter in some ways
			}
			want := regrouped(t, events, f, by)
			groups, err := v.Group(t.Context(), f, by...)
			if errors.Is(err, connectors.ErrUncountable) {
				if mustCount && !read(name) {
					t.Errorf("%s by %v is not counted", name, by)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			counted++
			got := map[string]string{}
			for _, g := range groups {
				dated := q.Attribution.At(g.Event, g.First)
				got[valuesOf(t, &dated, by)] += fmt.Sprint(g.Count, " ", g.First/1000, " ", g.Last/1000)
			}
			if !maps.Equal(got, want) {
				t.Errorf("%s by %v: %.600v, the file has %.600v", name, by, got, want)
			}
		}
	}
	if mustCount && counted < 50 {
		t.Errorf("only %d of the questions were counted", counted)
	}
}

func valuesOf(t *testing.T, e *connectors.Event, by []string) string {
	t.Helper()
	var values []string
	for _, name := range by {
		read, err := connectors.ReadField(name)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, read(e))
	}
	return strings.Join(values, "|")
}

// regrouped counts events by hand.
func regrouped(t *testing.T, events []connectors.Event, f connectors.Filter, by []string) map[string]string {
	t.Helper()
	m, err := connectors.Compile(f)
	if err != nil {
		t.Fatal(err)
	}
	type group struct {
		count       int64
		first, last connectors.Instant
	}
	found := map[string]*group{}
	for i := range events {
		e := &events[i]
		if !m.Match(e) {
			continue
		}
		id := valuesOf(t, e, by)
		if found[id] == nil {
			found[id] = &group{first: e.Time, last: e.Time}
		}
		g := found[id]
		g.count, g.first, g.last = g.count+1, min(g.first, e.Time), max(g.last, e.Time)
	}
	out := map[string]string{}
	for id, g := range found {
		out[id] = fmt.Sprint(g.count, " ", g.first/1000, " ", g.last/1000)
	}
	return out
}

// midway is the middle of the recording, in whole milliseconds.
func midway(t *testing.T) connectors.Instant {
	t.Helper()
	_, c := readAll(t, fileOf(t, connectors.Kubernetes), connectors.Query{})
	return (c.First + (c.Last-c.First)/2) / 1000 * 1000
}

// someTrust trusts and takes for machines some of those who act in the
// recording, until the middle of it.
func someTrust(until connectors.Instant) *connectors.Attribution {
	return &connectors.Attribution{
		Changes:             []connectors.Instant{until},
		TrustedImpersonator: func(_ string, at connectors.Instant) bool { return at < until },
		Machine: func(_ connectors.Kind, name string, at connectors.Instant) bool {
			return strings.Contains(name, "a") && (at < until || strings.Contains(name, "e"))
		},
	}
}

// groupsOfStore compares over the whole recording, over a window that cuts it, and
// with a register that changes in the middle.
func groupsOfStore(t *testing.T, s *search.Source, mustCount bool) {
	middle := midway(t)
	for name, q := range map[string]connectors.Query{
		"all":          {},
		"first half":   {Window: connectors.Window{To: middle}},
		"second half":  {Window: connectors.Window{From: middle}, Lead: time.Second},
		"some trusted": {Attribution: someTrust(middle)},
	} {
		t.Run(name, func(t *testing.T) { equalGroups(t, s, q, mustCount) })
	}
}

// leadBefore reads a window with the context before it.
func leadBefore(t *testing.T, s *search.Source) {
	middle := midway(t)
	q := connectors.Query{Window: connectors.Window{From: middle}, Lead: 2 * time.Second}
	f := connectors.In("verb", "create", "update", "patch", "delete")
	for name, lead := range map[string]connectors.Filter{"the same": f, "less": connectors.In("verb", "create"), "nothing": connectors.Not(connectors.Filter{})} {
		m, err := connectors.Compile(f)
		if err != nil {
			t.Fatal(err)
		}
		before, err := connectors.Compile(lead)
		if err != nil {
			t.Fatal(err)
		}
		keys := func(read func(func([]connectors.Event) error) (connectors.Completeness, error)) (out []string) {
			c, err := read(func(batch []connectors.Event) error {
				for i := range batch {
					e := &batch[i]
					if q.Window.Contains(e.Time) && m.Match(e) || !q.Window.Contains(e.Time) && q.Reach().Contains(e.Time) && before.Match(e) {
						out = append(out, e.Key())
					}
				}
				return nil
			})
			if err != nil || len(c.Problems) > 0 || c.First < q.Window.From/1000*1000 {
				t.Fatalf("%v %+v %s", err, c.Problems, c.First)
			}
			slices.Sort(out)
			return out
		}
		v, err := s.View(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		got := keys(func(emit func([]connectors.Event) error) (connectors.Completeness, error) {
			return v.Read(t.Context(), f, lead, emit)
		})
		v.Close(t.Context())
		want := keys(func(emit func([]connectors.Event) error) (connectors.Completeness, error) {
			return fileOf(t, connectors.Kubernetes).Read(t.Context(), q, emit)
		})
		if !slices.Equal(got, want) || len(want) == 0 {
			t.Errorf("%s: %d events, the file has %d", name, len(got), len(want))
		}
	}
}

// TestCountedThroughKeywords counts where every text is a keyword that is cut
// somewhere, so that a value too long for it seems absent: the mapping of many
// pipelines, and of the command import.
func TestCountedThroughKeywords(t *testing.T) {
	const mapping = `{"dynamic_templates":[{"text":{"match_mapping_type":"string","mapping":{"type":"keyword","ignore_above":1024}}}],` +
		`"properties":{"requestReceivedTimestamp":{"type":"date"},"stageTimestamp":{"type":"date"},` + bodies + `}}`
	for _, version := range []string{searchtest.OpenSearch2, searchtest.Elasticsearch7} {
		t.Run(version, func(t *testing.T) {
			server := searchtest.Start(t, version)
			prefix := server.Prefix(t)
			server.Create(t, prefix+"-1", 2, mapping)
			server.Load(t, prefix+"-1", recorded(t, "real-cluster/audit.ndjson"))
			s := open(t, search.Config{Name: "store", URL: server.URL, Pattern: prefix + "*"}, search.Options{})
			equalGroups(t, s, connectors.Query{}, true)
			// A name that was cut is not taken for nobody's.
			long := strings.Replace(string(small(t, 1)[0]), `"username":"`, `"username":"`+strings.Repeat("x", 1100), 1)
			server.Load(t, prefix+"-1", [][]byte{[]byte(long)})
			v, err := s.View(t.Context(), connectors.Query{})
			if err != nil {
				t.Fatal(err)
			}
			defer v.Close(t.Context())
			if groups, err := v.Group(t.Context(), connectors.Filter{}, "login"); !errors.Is(err, connectors.ErrUncountable) {
				t.Errorf("%d groups, %v", len(groups), err)
			}
		})
	}
}
