package definitions_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"logreeve/app/config"
	"logreeve/reports"
	"logreeve/reports/roster"
)

// written reads definitions written as checks in YAML.
func written(t *testing.T, text string) []reports.Check {
	t.Helper()
	defs, err := config.ReadDefinitions(strings.NewReader("checks:\n"+text), "w.yaml", map[string]string{})
	if err != nil {
		t.Fatal(err)
	}
	var out []reports.Check
	for i := range defs {
		out = append(out, defs[i].Check())
	}
	return out
}

// TestSortOfEvents says which events show that those are logged which a definition
// selects.
func TestSortOfEvents(t *testing.T) {
	for _, c := range []struct{ selects, want string }{
		{`all`, `every event`},
		{`{field: login, equals: eve}`, `every event`},
		{`{field: resource, equals: secrets}`, `resource is secrets`},
		{`[{field: verb, in: [get, list]}, {field: resource, equals: secrets}, {field: login, equals: eve}, {field: outcome, equals: ok}]`,
			`verb is one of get, list and resource is secrets`},
		{`{or: [{field: verb, equals: get}, {field: login, equals: eve}]}`, `every event`},
		{`{or: [{field: verb, equals: get}, {and: [{field: verb, equals: list}, {field: login, equals: eve}]}]}`, `verb is get or verb is list`},
		{`{not: {field: verb, in: [get, list, watch]}}`, `not verb is one of get, list, watch`},
		{`{not: {or: [{field: verb, equals: get}, {field: login, equals: eve}]}}`, `not verb is get`},
		{`{not: {and: [{field: verb, equals: get}, {field: login, equals: eve}]}}`, `every event`},
		{`[{every: {field: "request.spec.containers[*].image", prefix: x/}}, {hour: {from: 22, to: 6}}, {field: resource, equals: pods}, {field: subresource, exists: false}]`,
			`resource is pods and not there is subresource`},
		{`{field: login, equals: eve}, witness: {field: verb, equals: create}`, `verb is create`},
		{`{field: verb, equals: get}, witness: all`, `every event`},
	} {
		got := written(t, "- {id: A, title: a, select: "+c.selects+"}")[0].Needs.Witness
		if text := got.Text(); text != c.want {
			t.Errorf("%s\nhas %s\nnot %s", c.selects, text, c.want)
		}
	}
}

// TestPolicyShowsWhatIsLogged says what an audit policy must log for a definition to
// pass over a log that holds nothing of the sort.
func TestPolicyShowsWhatIsLogged(t *testing.T) {
	for _, c := range []struct{ selects, want string }{
		{`{field: login, equals: eve}`, ``},
		{`{field: verb, equals: delete}`, ``},
		{`{field: resource, prefix: se}`, ``},
		{`{or: [{field: resource, equals: secrets}, {field: resource, equals: pods}]}`, ``},
		{`{field: resource, equals: secrets}`, `[] * secrets secrets/*`},
		{`[{field: verb, in: [get, list]}, {field: resource, in: [secrets, pods]}, {field: group, equals: apps}]`, `[get list] apps secrets secrets/* pods pods/*`},
		{`[{field: resource, equals: pods}, {field: subresource, in: [exec, attach]}, {field: actor_kind, equals: human}]`, `[] * pods/exec pods/attach`},
		{`[{field: resource, equals: pods}, {field: subresource, exists: false}]`, `[] * pods`},
		{`{field: resource, equals: pods}, witness: {field: resource, equals: secrets}`, `[] * pods pods/*`},
		{`{field: resource, equals: group}, kind: authlog`, ``},
		{`{field: resource, equals: group}, kind: [kubernetes, authlog]`, ``},
		{`{field: resource, equals: networkpolicies}, changes: network_policies`, `[create update patch delete deletecollection] * networkpolicies`},
	} {
		got := ""
		for _, n := range written(t, "- {id: A, title: a, select: "+c.selects+"}")[0].Needs.PolicyNeeds {
			got += fmt.Sprint(n.Verbs, " ", n.Group, " ", strings.Join(n.Resources, " "))
			if n.Level != "Metadata" || !n.Anyone {
				t.Errorf("%s needs %+v", c.selects, n)
			}
		}
		if got != c.want {
			t.Errorf("%s\nneeds %q\nnot %q", c.selects, got, c.want)
		}
	}
}

// TestSilenceOfASortIsNoPass runs checks that find nothing over a log that holds such
// events, or none.
func TestSilenceOfASortIsNoPass(t *testing.T) {
	line := func(second, verb, resource string) string {
		return `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"` + second + `","stage":"ResponseComplete","requestURI":"/x","verb":"` + verb +
			`","user":{"username":"alice"},"objectRef":{"resource":"` + resource + `"},"responseStatus":{"code":200},"requestReceivedTimestamp":"2026-01-01T00:00:` + second + `.000000Z","stageTimestamp":"2026-01-01T00:00:` + second + `.000000Z"}` + "\n"
	}
	path := filepath.Join(t.TempDir(), "audit.ndjson")
	if err := os.WriteFile(path, []byte(line("01", "get", "secrets")+line("02", "list", "pods")+line("03", "patch", "networkpolicies")), 0o600); err != nil {
		t.Fatal(err)
	}
	results := over(t, written(t, `
- {id: HELD, title: a, select: [{field: verb, equals: get}, {field: resource, equals: secrets}, {field: login, equals: eve}]}
- {id: TYPO, title: a, select: [{field: verb, equals: get}, {field: resource, equals: secrtes}, {field: login, equals: eve}]}
- {id: VERB, title: a, select: [{field: verb, equals: delete}, {field: resource, equals: secrets}, {field: login, equals: eve}]}
- {id: SAID, title: a, witness: all, select: [{field: verb, equals: delete}, {field: login, equals: eve}]}
- {id: MANY, title: a, select: {field: resource, equals: secrtes}, grouping: {by: login, at_least: 5}}
- {id: FEW, title: a, select: {field: resource, equals: secrets}, grouping: {by: login, at_least: 5}}
- {id: NEW, title: a, select: {field: namespace, equals: other}, changes: network_policies}
- {id: GONE, title: a, select: {field: group, equals: projectcalico.org}, changes: network_policies}
`), roster.New(roster.Snapshot{}), path)
	for id, want := range map[string]reports.Outcome{
		"HELD": reports.Pass, "TYPO": reports.Inconclusive, "VERB": reports.Inconclusive, "SAID": reports.Pass,
		"MANY": reports.Inconclusive, "FEW": reports.Pass, "NEW": reports.Pass, "GONE": reports.Inconclusive,
	} {
		r := results[id]
		silent := slices.ContainsFunc(r.Gates, func(g reports.Gate) bool { return g.ID == reports.G7 && !g.OK })
		if r.Outcome != want || silent != (want == reports.Inconclusive) {
			t.Errorf("%s is %s, not %s: %s", id, r.Outcome, want, r.Reason)
		}
	}
	own := written(t, `- {id: A, title: a, witness_text: deletions, select: {field: verb, equals: delete}}`)[0].Needs
	if own.WitnessText != "deletions" || own.Witness.Text() != "verb is delete" {
		t.Errorf("with words of its own it has %q, %s", own.WitnessText, own.Witness.Text())
	}
	if got := results["TYPO"].Reason; !strings.Contains(got, "nothing shows that the log records events where verb is get and resource is secrtes at all") {
		t.Error(got)
	}
}
