package policy_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"logreeve/reports/policy"
)

// sides draws the side-by-side view; what is marked stands in brackets.
func sides(d policy.Difference) string {
	var out strings.Builder
	draw := func(l *policy.Line, number int) string {
		if l == nil {
			return ""
		}
		s := fmt.Sprintf("%d %-4s ", number, l.Op)
		for _, span := range l.Spans() {
			if span.Mark {
				s += "«" + span.Text + "»"
			} else {
				s += span.Text
			}
		}
		return s
	}
	for _, p := range d.Pairs() {
		left, right := 0, 0
		if p.Left != nil {
			left = p.Left.Old
		}
		if p.Right != nil {
			right = p.Right.New
		}
		fmt.Fprintf(&out, "%s\n", strings.TrimRight(fmt.Sprintf("%-44s|%s", draw(p.Left, left), draw(p.Right, right)), " "))
	}
	return out.String()
}

func TestSideBySide(t *testing.T) {
	d := policy.Diff(
		json.RawMessage(`{"egress":[{"action":"Deny","destination":{"nets":["169.254.169.254/32","10.0.0.0/16"]},"protocol":"TCP"},{"action":"Pass"}],"order":11,"selector":"all()","tier":"security","types":["Egress"]}`),
		json.RawMessage(`{"egress":[{"action":"Allow"}],"order":10,"selector":"all()","tier":"security","types":["Egress"]}`))
	want := `1 same spec:                                |1 same spec:
2 del    order: «11»                        |2 add    order: «10»
3 same   selector: all()                    |3 same   selector: all()
4 same   tier: security                     |4 same   tier: security
5 same   types: [Egress]                    |5 same   types: [Egress]
6 same   egress:                            |6 same   egress:
7 del    - action: «Deny»                   |7 add    - action: «Allow»
8 del      protocol: TCP                    |
9 del      destination:                     |
10 del        nets:                         |
11 del        - 169.254.169.254/32          |
12 del        - 10.0.0.0/16                 |
13 del    - action: Pass                    |
`
	if got := sides(d); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if d.Added != 2 || d.Removed != 8 {
		t.Errorf("%d added, %d removed", d.Added, d.Removed)
	}
}

func TestMarks(t *testing.T) {
	d := policy.Diff(json.RawMessage(`{"ingress":[{"source":{"selector":"role in {'c0'}"}},{"source":{"nets":["18.0.0.0/16"]}}]}`), json.RawMessage(`{"ingress":[{"source":{"selector":"role in {'c0', 'c1'}"}},{"source":{"nets":["0.0.0.0/0"]}}]}`))
	want := `1 same spec:                                |1 same spec:
2 same   ingress:                           |2 same   ingress:
3 same   - source:                          |3 same   - source:
4 del        selector: role in {'c0'}       |4 add        selector: role in {'c0'«, 'c1'»}
5 same   - source:                          |5 same   - source:
6 same       nets:                          |6 same       nets:
7 del        - «18.0.0.0/16»                |7 add        - «0.0.0.0/0»
`
	if got := sides(d); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestDiffEdges(t *testing.T) {
	if d := policy.Diff(nil, nil); len(d.Lines) != 0 {
		t.Errorf("%+v", d)
	}
	one := json.RawMessage(`{"a":"b"}`)
	if d := policy.Diff(one, one); d.Added != 0 || d.Removed != 0 || len(d.Lines) != 2 {
		t.Errorf("%+v", d)
	}
	if d := policy.Diff(nil, one); d.Added != 2 || d.Lines[1].New != 2 || d.Lines[1].Old != 0 {
		t.Errorf("%+v", d)
	}
	if d := policy.Diff(one, nil); d.Removed != 2 {
		t.Errorf("%+v", d)
	}
	if u := policy.Unified(one, one, "a", "b"); u != "" {
		t.Errorf("%q", u)
	}
	unknown := changed(k8sAPI, "NetworkPolicy", denyAll, allowAll)
	unknown.ContentKnown = false
	if u := policy.UnifiedChange(unknown); !strings.Contains(u, "# What it says now is not in the log.") || strings.Contains(u, "\n+") {
		t.Errorf("%q", u)
	}
}

// What is written must not be taken for something else, whatever the values are.
func TestRendering(t *testing.T) {
	got := policy.Unified(nil, json.RawMessage(`{"zeta":[],"podSelector":{},"x":"true","y":true,"n":"5","m":5,"s":"a: b","t":" a","u":"","v":"\u202eabc\u001b[0m","w":[[1],[{"b":1,"a":2}],{}],"null":null,"- a":"*","l":"line\nbreak"}`), "a", "b")
	want := `--- a
+++ b
@@ -0,0 +1,20 @@
+spec:
+  podSelector: {}
+  "- a": "*"
+  l: "line\nbreak"
+  m: 5
+  n: "5"
+  "null": null
+  s: "a: b"
+  t: " a"
+  u: ""
+  v: "\u202eabc\x1b[0m"
+  w:
+  -
+    - 1
+  -
+    - a: 2
+      b: 1
+  - {}
+  x: "true"
+  y: true
+  zeta: []
`
	if strings.SplitN(got, "\n", 4)[3] != strings.SplitN(want, "\n", 4)[3] {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
