package connectors_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"logreeve/connectors"
)

// selected gives what the first n filters of a selection say of an event.
func selected(s *connectors.Selection, e *connectors.Event, n int) []bool {
	may := s.May(e)
	out := make([]bool, n)
	for i := range out {
		out[i] = may[i/64]&(1<<(i%64)) != 0 && s.Selects(i, e)
	}
	return out
}

// drawFilter draws a filter over fields, bodies and groups.
func drawFilter(t *rapid.T, depth int) connectors.Filter {
	values := map[string][]string{
		"verb": {"get", "create", "delete"}, "resource": {"pods", "secrets"}, "login": {"a", "b", "ab"},
		"code": {"200", "403", "500"}, "user_agent": {"curl/8", "kubectl"}, "groups": {"g", "h"}, "addresses": {"10.", "10.0.0.1"}, "claimed_ip": {"10.0.0.1"},
		"request.spec.c[*].image": {"r/x", "q/y"}, "request.spec.c[*].p": {"true", "1"}, "request.spec.n": {"1", "x"},
		"response.c[*].image": {"r/x"}, `request.meta["a.b/c"]`: {"v"}, "request.spec": {"x"}, "request": {"x"},
	}
	if depth == 0 || rapid.IntRange(0, 2).Draw(t, "leaf") == 0 {
		field := rapid.SampledFrom([]string{
			"verb", "resource", "login", "code", "user_agent", "groups", "addresses", "claimed_ip", "request.spec.c[*].image", "request.spec.c[*].p",
			"request.spec.n", "response.c[*].image", `request.meta["a.b/c"]`, "request.spec", "request",
		}).Draw(t, "field")
		value := rapid.SliceOfN(rapid.SampledFrom(append(values[field], "")), 0, 2)
		f := connectors.Filter{Field: field}
		switch rapid.IntRange(0, 5).Draw(t, "op") {
		case 0:
			f.Op = connectors.OpExists
		case 1:
			f.Op, f.Values = connectors.OpPrefix, value.Draw(t, "values")
		case 2:
			f.Op, f.Values = connectors.OpContains, value.Draw(t, "values")
		case 3:
			f.Op, f.Values = connectors.OpRange, []string{"", "300"}
		case 4:
			f = connectors.Every(connectors.Prefix(field, value.Draw(t, "values")...))
		default:
			f.Op, f.Values = connectors.OpIn, value.Draw(t, "values")
		}
		return f
	}
	f := connectors.Filter{Op: rapid.SampledFrom([]connectors.Op{connectors.OpAnd, connectors.OpOr, connectors.OpNot}).Draw(t, "group")}
	n := 1
	if f.Op != connectors.OpNot {
		n = rapid.IntRange(0, 3).Draw(t, "n")
	}
	for range n {
		f.Args = append(f.Args, drawFilter(t, depth-1))
	}
	return f
}

// drawRecord draws an audit record, its body with keys that stand twice, escaped
// keys and shapes that the filters do not expect.
func drawRecord(t *rapid.T) string {
	pick := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	container := func() string {
		return pick("container", `{"image":"r/x","p":true}`, `{"image":"q/y","p":1}`, `{"image":null}`, `"r/x"`, `{"image":{"x":["r"]}}`, `{"\u0069mage":"q/\u0079","image":""}`)
	}
	spec := func() string {
		return `{"c":` + pick("list", "[]", "["+container()+"]", "["+container()+" , "+container()+"]", container()) + `,"n":` + pick("n", `"x"`, "1", `""`, "[1]", `{"c":[]}`) + "}"
	}
	body := pick("body", "", `"x"`, "[]", "{}",
		`{"spec":`+spec()+`,"meta":{"a.b/c":"`+pick("label", "v", "w")+`"}}`,
		`{"spec":`+spec()+`, "spec":`+spec()+`,"meta":[{"a.b/c":"v"}],"c":[`+container()+"]}")
	if body != "" && rapid.Bool().Draw(t, "as text") {
		b, _ := json.Marshal(body)
		body = string(b)
	}
	record := fmt.Sprintf(`{"kind":"Event","auditID":"a","stage":"ResponseComplete","requestReceivedTimestamp":"2026-11-20T22:30:00.000000Z","verb":%q,`+
		`"user":{"username":%q,"groups":%s},"sourceIPs":%s,"userAgent":"%s","objectRef":{"resource":%q},"responseStatus":{"code":%s}`,
		pick("verb", "get", "create", "delete", ""), pick("login", "a", "b", "ab", ""), pick("groups", `["g"]`, `["h","g"]`, `["","h"]`, `[""]`, "[]"), pick("addresses", `["10.0.0.1"]`, `["x","10.0.0.1"]`, `[]`),
		pick("agent", "curl/8", `kubec\u0074l`, "other", ""), pick("resource", "pods", "secrets", ""), pick("code", "200", "403", "500"))
	if body != "" {
		record += `,"requestObject":` + body + `,"responseObject":` + body
	}
	return record + "}"
}

// TestSelectionIsTheMatcher draws many filters and records: compiled together
// they say what each says by itself.
func TestSelectionIsTheMatcher(outer *testing.T) {
	matched, excluded := 0, 0
	rapid.Check(outer, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{1, 5, 70}).Draw(t, "filters")
		var filters []connectors.Filter
		var matchers []*connectors.Matcher
		for range n {
			f := drawFilter(t, 3)
			m, err := connectors.Compile(f)
			if err != nil {
				t.Fatal(err)
			}
			filters, matchers = append(filters, f), append(matchers, m)
		}
		s, err := connectors.CompileAll(filters)
		if err != nil {
			t.Fatal(err)
		}
		for range 6 {
			record := drawRecord(t)
			e := event(outer, record)
			got := selected(s, e, n)
			for i, m := range matchers {
				want := m.Match(e)
				if got[i] != want {
					t.Fatalf("filter %+v of\n%s\n is %t alone and %t in a selection", filters[i], record, want, got[i])
				}
				if want {
					matched++
				} else if s.May(e)[i/64]&(1<<(i%64)) == 0 {
					excluded++
				}
			}
		}
	})
	if matched == 0 || excluded == 0 {
		outer.Errorf("%d matches, %d excluded without being asked: the test shows nothing", matched, excluded)
	}
}

func TestSelectionNamesWhatIsWrong(t *testing.T) {
	if _, err := connectors.CompileAll([]connectors.Filter{{}, connectors.In("verbs", "x")}); err == nil || !strings.Contains(err.Error(), "verbs") {
		t.Errorf("error %v", err)
	}
}

// TestSelectionAnswersManyBodyQuestions has more questions than one walk holds.
func TestSelectionAnswersManyBodyQuestions(t *testing.T) {
	var filters []connectors.Filter
	for i := range 200 {
		filters = append(filters, connectors.In(fmt.Sprintf("request.k%d", i), "x"))
	}
	s, err := connectors.CompileAll(filters)
	if err != nil {
		t.Fatal(err)
	}
	e := event(t, strings.Replace(policyWrite, `"requestObject":{`, `"requestObject":{"k3":"x","k150":"x","k199":"y",`, 1))
	for i, got := range selected(s, e, len(filters)) {
		if want := i == 3 || i == 150; got != want {
			t.Errorf("question %d is answered %t", i, got)
		}
	}
}
