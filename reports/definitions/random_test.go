package definitions_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"logreeve/app/config"
	"logreeve/reports"
	"logreeve/reports/roster"
	"logreeve/seed/auditgen"
)

// record is an audit record as encoding/json reads it. What follows answers
// definitions over such records the plain way, one record and one question after the
// other, as docs/definitions.md says them; it shares no code with the product.
type record map[string]any

// paths are where the fields of docs/definitions.md stand in a record; "*" is every
// element.
var paths = map[string][]string{
	"verb": {"verb"}, "resource": {"objectRef", "resource"}, "subresource": {"objectRef", "subresource"}, "group": {"objectRef", "apiGroup"},
	"namespace": {"objectRef", "namespace"}, "name": {"objectRef", "name"}, "version": {"objectRef", "apiVersion"}, "code": {"responseStatus", "code"},
	"login": {"user", "username"}, "groups": {"user", "groups", "*"}, "user_agent": {"userAgent"}, "uri": {"requestURI"}, "level": {"level"},
	"native_id": {"auditID"}, "addresses": {"sourceIPs", "*"}, "annotations.authorization.k8s.io/decision": {"annotations", "authorization.k8s.io/decision"},
	"request.spec.containers[*].image": {"requestObject", "spec", "containers", "*", "image"}, "request.kind": {"requestObject", "kind"},
	"request.spec.replicas": {"requestObject", "spec", "replicas"}, "response.metadata.name": {"responseObject", "metadata", "name"},
	"request.spec.containers[*].securityContext.privileged": {"requestObject", "spec", "containers", "*", "securityContext", "privileged"},
}

// values are those of a field that are not empty.
func (r record) values(field string) (out []string) {
	var visit func(v any, path []string)
	visit = func(v any, path []string) {
		switch v := v.(type) {
		case map[string]any:
			if len(path) > 0 {
				visit(v[path[0]], path[1:])
			}
		case []any:
			if len(path) > 0 && path[0] == "*" {
				for _, element := range v {
					visit(element, path[1:])
				}
			}
		case nil:
		default:
			if text := fmt.Sprint(v); len(path) == 0 && text != "" {
				out = append(out, text)
			}
		}
	}
	visit(map[string]any(r), paths[field])
	return out
}

func (r record) first(field string) string {
	return strings.Join(r.values(field)[:min(1, len(r.values(field)))], "")
}

func (r record) micros() int64 {
	for _, name := range []string{"requestReceivedTimestamp", "stageTimestamp"} {
		if at, err := time.Parse(time.RFC3339Nano, fmt.Sprint(r[name])); err == nil {
			return at.UnixMicro()
		}
	}
	return 0
}

// question is a filter as it is written and what it asks.
type question struct {
	text  any
	holds func(record) bool
}

// asker draws questions that records of a log may answer.
type asker struct {
	*rand.Rand
	log    []record
	fields []string
}

func (a *asker) pick(from []string) string { return from[a.IntN(len(from))] }

// test draws a test of one field.
func (a *asker) test() question {
	field := a.pick(a.fields)
	op := a.pick([]string{"equals", "in", "prefix", "suffix", "contains", "exists", "range", "cidr", "every", "hour"})
	switch op {
	case "exists":
		there := a.IntN(2) == 0
		return question{map[string]any{"field": field, "exists": there}, func(r record) bool { return len(r.values(field)) > 0 == there }}
	case "hour":
		from, to := a.IntN(24), a.IntN(24)
		if from == to {
			to = 24 - from%2
		}
		return question{map[string]any{"hour": map[string]any{"from": from, "to": to}}, func(r record) bool {
			h := time.UnixMicro(r.micros()).UTC().Hour()
			return from < to && h >= from && h < to || from > to && (h >= from || h < to)
		}}
	case "range":
		from, to := float64(a.IntN(500)), float64(500+a.IntN(500))
		field = a.pick([]string{"code", "request.spec.replicas"})
		return a.any(field, "range", map[string]any{"from": from, "to": to}, func(v string) bool {
			n, err := strconv.ParseFloat(v, 64)
			return err == nil && n >= from && n < to
		})
	case "cidr":
		network := netip.PrefixFrom(netip.MustParseAddr(fmt.Sprintf("%d.%d.%d.0", 10+117*a.IntN(2), a.IntN(3), a.IntN(3))), 8*(1+a.IntN(3))).Masked()
		return a.any("addresses", "cidr", []string{network.String()}, func(v string) bool {
			ip, err := netip.ParseAddr(v)
			return err == nil && network.Contains(ip)
		})
	}
	var some []string
	for range 1 + a.IntN(10) {
		some = append(some, a.log[a.IntN(len(a.log))].values(field)...)
	}
	if len(some) == 0 {
		return a.test()
	}
	holds := func(v, w string) bool { return v == w }
	for i, w := range some {
		n := 1 + a.IntN(len(w))
		switch op {
		case "prefix":
			some[i], holds = w[:n], strings.HasPrefix
		case "suffix":
			some[i], holds = w[n-1:], strings.HasSuffix
		case "contains":
			some[i], holds = w[(n-1)/2:n], strings.Contains
		}
	}
	among := func(v string) bool { return slices.ContainsFunc(some, func(w string) bool { return holds(v, w) }) }
	switch op {
	case "equals":
		some = some[:1]
		return a.any(field, op, some[0], among)
	case "every":
		one := a.any(field, "in", some, among)
		return question{map[string]any{"every": one.text}, func(r record) bool {
			return !slices.ContainsFunc(r.values(field), func(v string) bool { return !among(v) })
		}}
	}
	return a.any(field, op, some, among)
}

func (a *asker) any(field, op string, operand any, holds func(string) bool) question {
	return question{map[string]any{"field": field, op: operand}, func(r record) bool { return slices.ContainsFunc(r.values(field), holds) }}
}

func (a *asker) filter(depth int) question {
	kind := a.IntN(6)
	if depth == 0 || kind < 3 {
		return a.test()
	}
	if kind == 3 {
		q := a.filter(depth - 1)
		return question{map[string]any{"not": q.text}, func(r record) bool { return !q.holds(r) }}
	}
	parts, texts := []question{}, []any{}
	for range 2 + a.IntN(2) {
		q := a.filter(depth - 1)
		parts, texts = append(parts, q), append(texts, q.text)
	}
	if kind == 4 {
		return question{map[string]any{"and": texts}, func(r record) bool {
			return !slices.ContainsFunc(parts, func(q question) bool { return !q.holds(r) })
		}}
	}
	return question{map[string]any{"or": texts}, func(r record) bool {
		return slices.ContainsFunc(parts, func(q question) bool { return q.holds(r) })
	}}
}

// definition draws a check and how many events each of its items has.
func (a *asker) definition(id string) (text map[string]any, answer map[string]int64) {
	q := a.filter(a.IntN(4))
	by := []string{a.pick([]string{"verb", "resource", "namespace", "code", "login"}), a.pick([]string{"level", "group", "subresource", "user_agent"})}[:1+a.IntN(2)]
	least := 2 + a.IntN(6)
	text = map[string]any{"id": id, "title": "t", "select": q.text}
	groups := map[string][]record{}
	for _, r := range a.log {
		if q.holds(r) {
			var key []string
			for _, name := range by {
				key = append(key, r.first(name))
			}
			groups[strings.Join(key, "\x00")] = append(groups[strings.Join(key, "\x00")], r)
		}
	}
	var count func(all []record) int
	switch form := a.IntN(4); form {
	case 0:
		text["grouping"] = map[string]any{"by": by, "at_least": least, "events": 1}
		count = func(all []record) int { return len(all) }
	case 1:
		text["grouping"] = map[string]any{"by": by, "distinct": "uri", "at_least": least, "events": 1}
		count = func(all []record) int {
			different := map[string]bool{}
			for _, r := range all {
				different[r.first("uri")] = true
			}
			if delete(different, ""); len(different) < least {
				return 0
			}
			return len(all)
		}
	default:
		within := []int64{1, 5, 60, 3600}[a.IntN(4)]
		text["threshold"] = map[string]any{
			"by": by, "within": fmt.Sprintf("%ds", within), "at_least": least, "windows": []string{"fixed", "sliding"}[form-2], "late": "744h",
		}
		count = func(all []record) int { return crowded(all, within*1e6, least, form == 2) }
	}
	answer = map[string]int64{}
	for key, all := range groups {
		if n := count(all); n > 0 && (text["grouping"] == nil || len(all) >= least) {
			answer[key] = int64(n)
		}
	}
	return text, answer
}

// crowded is how many records are in a stretch of time that holds enough: a fixed
// one, or one from some record to another.
func crowded(all []record, length int64, least int, fixed bool) (n int) {
	var at []int64
	stretches := map[int64]int{}
	for _, r := range all {
		at = append(at, r.micros())
		stretches[r.micros()/length]++
	}
	if fixed {
		for _, held := range stretches {
			if held >= least {
				n += held
			}
		}
		return n
	}
	slices.Sort(at)
	in := map[int]bool{}
	for i := range at {
		if last := i + least - 1; last < len(at) && at[last]-at[i] <= length {
			for k := i; k <= last; k++ {
				in[k] = true
			}
		}
	}
	return len(in)
}

// recordsOf reads a log, of each request the record of its last stage.
func recordsOf(t *testing.T, log []byte) (out []record) {
	last := map[string]int{}
	for line := range bytes.Lines(log) {
		reader := json.NewDecoder(bytes.NewReader(line))
		reader.UseNumber()
		var r record
		if err := reader.Decode(&r); err != nil {
			t.Fatal(err)
		}
		id := r.first("native_id")
		if i, known := last[id]; !known {
			last[id] = len(out)
			out = append(out, r)
		} else if r["stage"] != "RequestReceived" && out[i]["stage"] != "ResponseComplete" {
			out[i] = r
		}
	}
	return out
}

// TestDrawnDefinitions draws definitions of every form and compares each of their
// items with what the plain reader counts. The control holds every answer against the
// next definition's.
func TestDrawnDefinitions(t *testing.T) {
	recorded, err := os.ReadFile("../../seed/recordings/real-cluster/audit.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	var generated bytes.Buffer
	if _, err := auditgen.Generate(&generated, auditgen.Options{Events: 5000, Seed: 11, Shuffle: true}); err != nil {
		t.Fatal(err)
	}
	for name, log := range map[string][]byte{"a recording": recorded, "a generated log, shuffled": generated.Bytes()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "audit.ndjson")
			if err := os.WriteFile(path, log, 0o600); err != nil {
				t.Fatal(err)
			}
			a := &asker{Rand: rand.New(rand.NewPCG(1, 2)), log: recordsOf(t, log), fields: slices.Sorted(maps.Keys(paths))}
			var texts []any
			var answers []map[string]int64
			for i := range 200 {
				text, answer := a.definition(fmt.Sprintf("D%d", i))
				texts, answers = append(texts, text), append(answers, answer)
			}
			file, err := json.Marshal(map[string]any{"checks": texts})
			if err != nil {
				t.Fatal(err)
			}
			defs, err := config.ReadDefinitions(bytes.NewReader(file), "drawn", map[string]string{})
			if err != nil {
				t.Fatal(err)
			}
			var checks []reports.Check
			for i := range defs {
				checks = append(checks, defs[i].Check())
			}
			results := over(t, checks, roster.New(roster.Snapshot{}), path)
			found, alike := 0, 0
			for i, want := range answers {
				r := results[checks[i].ID]
				if r.Population > 0 && slices.ContainsFunc(r.Gates, func(g reports.Gate) bool { return g.ID == reports.G7 && !g.OK }) {
					t.Errorf("%v\nselects %d events, and nothing is said to show that such are logged", texts[i], r.Population)
				}
				got := map[string]int64{}
				by := checks[i].Grouped.By
				for _, item := range r.Items {
					var key []string
					for _, name := range by {
						key = append(key, item.Data[name])
					}
					got[strings.Join(key, "\x00")] = item.Count
				}
				if !maps.Equal(got, want) {
					t.Errorf("%v\nfound %v\nwant  %v", texts[i], got, want)
				}
				if len(want) > 0 {
					found++
					if maps.Equal(got, answers[(i+1)%len(answers)]) {
						alike++
					}
				}
			}
			if found < len(answers)/3 || alike > found/10 {
				t.Errorf("%d of %d definitions find something, %d of them as much as the next: the test shows little", found, len(answers), alike)
			}
		})
	}
}
