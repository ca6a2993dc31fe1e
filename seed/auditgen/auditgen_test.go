package auditgen

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func generate(t *testing.T, o Options) ([]byte, *Truth) {
	t.Helper()
	var b bytes.Buffer
	tr, err := Generate(&b, o)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), tr
}

// at returns every value at the path, by the plain reading of checks.go.
func at(v any, segs []string) []any {
	if len(segs) == 0 {
		if v == nil {
			return nil
		}
		return []any{v}
	}
	switch x := v.(type) {
	case map[string]any:
		return at(x[segs[0]], segs[1:])
	case []any:
		if segs[0] == "[]" {
			var out []any
			for _, e := range x {
				out = append(out, at(e, segs[1:])...)
			}
			return out
		}
		if i, err := strconv.Atoi(segs[0]); err == nil && i < len(x) {
			return at(x[i], segs[1:])
		}
	}
	return nil
}

func text(v any) string {
	if f, ok := v.(float64); ok {
		return strconv.Itoa(int(f))
	}
	return fmt.Sprint(v)
}

func holds(ev any, c Clause) bool {
	vals := at(ev, strings.Split(c.Path, "|"))
	has := func(v any, f func(s, x string) bool) bool {
		return slices.ContainsFunc(c.Vals, func(x string) bool { return f(text(v), x) })
	}
	some := func(f func(v any) bool) bool { return slices.ContainsFunc(vals, f) }
	eqs := func(s, x string) bool { return s == x }
	switch c.Op {
	case "eq", "in":
		return some(func(v any) bool { return has(v, eqs) })
	case "prefix":
		return some(func(v any) bool { return has(v, strings.HasPrefix) })
	case "suffix":
		return some(func(v any) bool { return has(v, strings.HasSuffix) })
	case "contains":
		return some(func(v any) bool { return has(v, strings.Contains) })
	case "notPrefix":
		return len(vals) > 0 && !some(func(v any) bool { return has(v, strings.HasPrefix) })
	case "anyNotPrefix":
		return some(func(v any) bool { return !has(v, strings.HasPrefix) })
	case "exists":
		return len(vals) > 0
	case "absent":
		return len(vals) == 0
	case "lt":
		return some(func(v any) bool { f, ok := v.(float64); return ok && f < float64(c.Num) })
	case "gte":
		return some(func(v any) bool { f, ok := v.(float64); return ok && f >= float64(c.Num) })
	case "hourOutside":
		return some(func(v any) bool {
			tm, err := time.Parse(time.RFC3339Nano, text(v))
			return err == nil && (tm.Hour() < c.Num || tm.Hour() >= c.Num2)
		})
	}
	panic(c.Op)
}

func sets(m map[string]map[string]bool, least int) map[string]int {
	out := map[string]int{}
	for k, v := range m {
		if len(v) >= least {
			out[k] = len(v)
		}
	}
	return out
}

// The truth file must be what an independent, plain evaluation finds.
func TestTruth(t *testing.T) {
	noise := map[string]int64{}
	for _, o := range []Options{{Events: 20_000}, {Events: 20_000, Seed: 2, Shuffle: true}, {Events: 20_000, Seed: 3, Metadata: true, Users: 900}} {
		o.IDs = true
		data, tr := generate(t, o)
		if int64(len(data)) != tr.Bytes {
			t.Errorf("bytes %d, truth %d", len(data), tr.Bytes)
		}
		filters, ids := map[string]int64{}, map[string][]string{}
		for _, k := range Checks() {
			if k.Kind == Filter {
				filters[k.ID] = 0
			}
		}
		users := map[string]int64{}
		ips, spread := map[string]map[string]bool{}, map[string]map[string]bool{}
		denied := map[string]int{}
		specs, order := map[string]string{}, int64(0)
		var changes []PolicyChange
		last := ""
		for line := range bytes.Lines(data) {
			var ev map[string]any
			if err := json.Unmarshal(line, &ev); err != nil {
				t.Fatalf("line %d: %v", order, err)
			}
			s := func(p string) string {
				if v := at(ev, strings.Split(p, "|")); len(v) > 0 {
					return text(v[0])
				}
				return ""
			}
			for _, k := range Checks() {
				if k.Kind == Filter && !slices.ContainsFunc(k.Where, func(w Clause) bool { return !holds(ev, w) }) {
					filters[k.ID]++
					ids[k.ID] = append(ids[k.ID], s("auditID"))
				}
			}
			u, code := s(pUser), s(pCode)
			users[u]++
			if u != "" {
				add(ips, u, s(pIP))
			}
			recv := s("requestReceivedTimestamp")
			if recv < last {
				t.Fatalf("line %d: time goes back", order)
			}
			last = recv
			if code == "401" || code == "403" {
				tm, _ := time.Parse(time.RFC3339Nano, recv)
				denied[s(pIP)+" "+tm.Truncate(5*time.Minute).String()]++
			}
			verb, res := s(pVerb), s(pRes)
			if res == "secrets" && code < "300" && slices.Contains([]string{"get", "list", "watch"}, verb) {
				add(spread, u, s(pNS))
			}
			if (res == "networkpolicies" || res == "globalnetworkpolicies") && code < "300" && !strings.Contains(s("requestURI"), "dryRun=") &&
				slices.Contains([]string{"create", "update", "patch", "delete"}, verb) {
				id := s(pNS) + "/" + s("objectRef|name")
				before, seen := specs[id]
				after := ""
				if v := at(ev, []string{"responseObject", "spec"}); verb != "delete" && len(v) > 0 {
					j, _ := json.Marshal(v[0]) // Go sorts keys; so does the generator
					h := sha256.Sum256(j)
					after = hex.EncodeToString(h[:8])
				}
				if verb == "delete" || !seen || before != after {
					p := PolicyChange{Seq: order, AuditID: s("auditID"), User: u, Verb: verb, Policy: id, Before: before, After: after, BeforeInWindow: seen || verb == "create"}
					changes = append(changes, p)
				}
				specs[id] = after
			}
			order++
		}
		if order != o.Events {
			t.Errorf("%d lines, want %d", order, o.Events)
		}
		if !maps.Equal(filters, tr.Filters) {
			for k := range filters {
				if filters[k] != tr.Filters[k] {
					t.Errorf("%s: found %d, truth %d", k, filters[k], tr.Filters[k])
				}
			}
		}
		if !maps.EqualFunc(ids, tr.FilterIDs, slices.Equal) {
			t.Error("the events that filters find differ")
		}
		if !maps.Equal(users, tr.CountByUser) {
			t.Error("counts by user differ")
		}
		if got := sets(ips, 4); !maps.Equal(got, tr.ManyIPs) {
			t.Errorf("many addresses: found %v, truth %v", got, tr.ManyIPs)
		}
		if got := sets(spread, 11); !maps.Equal(got, tr.SecretSpread) {
			t.Errorf("secret spread: found %v, truth %v", got, tr.SecretSpread)
		}
		burst := map[string]bool{}
		for k, n := range denied {
			if n >= 20 {
				burst[strings.Fields(k)[0]] = true
			}
		}
		if got := slices.Sorted(maps.Keys(burst)); !slices.Equal(got, tr.BurstIPs) {
			t.Errorf("bursts: found %v, truth %v", got, tr.BurstIPs)
		}
		if !slices.Equal(changes, tr.List) || int64(len(changes)) != tr.Changes {
			t.Errorf("policy changes: found %d, truth %d", len(changes), tr.Changes)
			for i := range min(len(changes), len(tr.List)) {
				if changes[i] != tr.List[i] {
					t.Errorf("first difference:\n%+v\n%+v", changes[i], tr.List[i])
					break
				}
			}
		}
		for reason, n := range tr.Noise {
			if noise[reason] += n; len(tr.NoiseIDs[reason]) != int(n) {
				t.Errorf("%s: %d events, %d audit ids", reason, n, len(tr.NoiseIDs[reason]))
			}
		}
	}
	if noise["noop_update"] == 0 || noise["dry_run"] == 0 || noise["failed_update"] == 0 {
		t.Errorf("policy events that change nothing: %v, want some of each kind", noise)
	}
}

// TestSameBytes holds the stream to what it was when it was made: the same
// options give the same bytes, on every machine and with every Go version.
func TestSameBytes(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{Events: 20_000}, "7739a6fc6ddbba2031d3d83b7c093c727b346b5dfd6391f88b23075a9e4e5f3f"},
		{Options{Events: 20_000, Shuffle: true}, "d79528bf4697b32ae8e87beb12493d08edda796a04a3fe3c513c5087c2978420"},
		{Options{Events: 20_000, Seed: 3, Metadata: true, Users: 2000}, "218bf38c33a9afe037741f7ab99c090cb1a6717dee3fe0c9ec6874f91d4f613a"},
		{Options{Events: 20_000, Bulk: "x", Shuffle: true, Rate: 7}, "8c6074c2d07eefb0d3992d21d34a8a90a7850dc95a4fc32c9c0a085a1035e5d1"},
	} {
		data, _ := generate(t, c.o)
		if got := fmt.Sprintf("%x", sha256.Sum256(data)); got != c.want {
			t.Errorf("%+v: SHA-256 %s, want %s", c.o, got, c.want)
		}
	}
}

func TestWhatCannotBeGenerated(t *testing.T) {
	for want, o := range map[string]Options{
		"too few": {Events: 100}, "60000": {Users: 60_001}, "negative": {Events: -1},
	} {
		if _, err := Generate(io.Discard, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want an error with %q", o, err, want)
		}
	}
	if _, err := Generate(full{}, Options{Events: 20_000}); !errors.Is(err, errFull) {
		t.Errorf("a writer that fails: %v", err)
	}
}

var errFull = errors.New("full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }
