package reports_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"logreeve/reports"
)

// samplePolicy is the minimal fragment of domain.md §2.5, with the rules against
// noise that most clusters have before it.
func samplePolicy() *reports.AuditPolicy {
	return &reports.AuditPolicy{
		OmitStages: []string{"RequestReceived"},
		Rules: []reports.PolicyRule{
			{Level: "None", Users: []string{"system:kube-proxy"}, Verbs: []string{"watch"}},
			{Level: "None", Groups: []string{"system:nodes"}},
			{Level: "None", NonResource: []string{"/healthz*"}},
			{Level: "Metadata", Resources: []reports.PolicyResources{{Resources: []string{"secrets", "configmaps", "serviceaccounts/token"}}}},
			{Level: "RequestResponse", Verbs: []string{"create", "update", "patch", "delete", "deletecollection"}, Resources: []reports.PolicyResources{
				{Group: "rbac.authorization.k8s.io"}, {Group: "networking.k8s.io", Resources: []string{"networkpolicies"}},
			}},
			{Level: "Metadata", Resources: []reports.PolicyResources{{Resources: []string{"pods/exec", "*/portforward", "nodes/*"}}}},
			{Level: "Request", Namespaces: []string{"payments"}, Resources: []reports.PolicyResources{{Resources: []string{"pods"}, Names: nil}}},
			{Level: "None", Verbs: []string{"get", "list", "watch"}, Resources: []reports.PolicyResources{{Resources: []string{"pods", "events"}}}},
		},
	}
}

func TestPolicyLevelIsOfTheFirstRuleThatMatches(t *testing.T) {
	p := samplePolicy()
	for _, c := range []struct{ user, inGroup, verb, group, resource, sub, namespace, want string }{
		{"system:kube-proxy", "", "watch", "", "secrets", "", "x", "None"},
		{"system:kube-proxy", "", "list", "", "secrets", "", "x", "Metadata"},
		{"system:node:a", "system:nodes", "get", "", "secrets", "", "x", "None"},
		{"alice", "dev", "get", "", "secrets", "", "x", "Metadata"},
		{"alice", "dev", "create", "", "serviceaccounts", "token", "x", "Metadata"},
		{"alice", "dev", "create", "", "serviceaccounts", "", "x", "None"},
		{"alice", "dev", "create", "rbac.authorization.k8s.io", "roles", "", "x", "RequestResponse"},
		{"alice", "dev", "get", "rbac.authorization.k8s.io", "roles", "", "x", "None"},
		{"alice", "dev", "create", "networking.k8s.io", "ingresses", "", "x", "None"},
		{"alice", "dev", "create", "", "pods", "exec", "x", "Metadata"},
		{"alice", "dev", "create", "", "services", "portforward", "x", "Metadata"},
		{"alice", "dev", "get", "", "nodes", "proxy", "", "Metadata"},
		{"alice", "dev", "get", "", "nodes", "", "", "Metadata"},
		{"alice", "dev", "get", "", "pods", "", "payments", "Request"},
		{"alice", "dev", "get", "", "pods", "", "web", "None"},
		{"alice", "dev", "get", "", "", "", "", "None"},
	} {
		if got := p.Level(c.user, []string{c.inGroup}, c.verb, c.group, c.resource, c.sub, c.namespace); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
	all := &reports.AuditPolicy{Rules: []reports.PolicyRule{{Level: "Metadata"}}}
	if got := all.Level("alice", nil, "get", "", "", "", ""); got != "Metadata" {
		t.Errorf("a rule for everything: %s", got)
	}
}

func TestPolicyCoverage(t *testing.T) {
	need := func(group, level string, verbs []string, resources ...string) reports.Check {
		return reports.Check{ID: "C-1", Needs: reports.Needs{PolicyNeeds: []reports.PolicyNeed{
			{Verbs: verbs, Group: group, Resources: resources, Level: level},
		}}}
	}
	get, write := []string{"get"}, []string{"create", "delete"}
	anyone := need("", "Metadata", get, "secrets")
	anyone.Needs.PolicyNeeds[0].Anyone = true
	const everything = "The policy logs everything this check looks for."
	for name, c := range map[string]struct {
		check   reports.Check
		verdict reports.Verdict
		why     string
	}{
		"secrets":        {need("", "Metadata", get, "secrets"), reports.Conclusive, everything},
		"any verb":       {need("", "Metadata", nil, "secrets"), reports.Conclusive, everything},
		"nodes excluded": {anyone, reports.Partly, "Rule 2 of the policy logs get on secrets at level None, but Metadata is needed."},
		"level too low":  {need("", "Request", get, "secrets"), reports.Blind, "Rule 4 of the policy logs get on secrets at level Metadata, but Request is needed."},
		"bodies":         {need("rbac.authorization.k8s.io", "RequestResponse", write, "roles", "rolebindings"), reports.Conclusive, everything},
		"whole group":    {need("rbac.authorization.k8s.io", "Metadata", write), reports.Conclusive, everything},
		"no rule": {need("apps", "Metadata", write, "deployments"), reports.Blind,
			"Without a rule that matches, the policy logs create on deployments of apps at level None, but Metadata is needed."},
		"part of a group": {need("networking.k8s.io", "Metadata", write), reports.Partly,
			"Without a rule that matches, the policy logs create on everything of networking.k8s.io at level None, but Metadata is needed."},
		"one namespace": {need("", "Metadata", get, "pods"), reports.Partly,
			"Rule 8 of the policy logs get on pods at level None, but Metadata is needed."},
		"one of two verbs": {need("rbac.authorization.k8s.io", "Metadata", []string{"create", "get"}, "roles"), reports.Partly,
			"Without a rule that matches, the policy logs get on roles of rbac.authorization.k8s.io at level None, but Metadata is needed."},
	} {
		got := reports.Coverage([]reports.Check{{ID: "no needs"}, c.check}, samplePolicy())
		if len(got) != 1 || got[0].Verdict != c.verdict || got[0].Why != c.why {
			t.Errorf("%s: %+v, want %s %s", name, got, c.verdict, c.why)
		}
	}
	omits := samplePolicy()
	omits.OmitStages = []string{"ResponseComplete"}
	if v, why := omits.Logs(reports.PolicyNeed{Verbs: get, Resources: []string{"secrets"}, Level: "Metadata"}); v != reports.Blind {
		t.Errorf("results omitted: %s %s", v, why)
	}
	rule := &reports.AuditPolicy{Rules: []reports.PolicyRule{{Level: "Metadata", OmitStages: []string{"ResponseComplete"}}}}
	if v, _ := rule.Logs(reports.PolicyNeed{Level: "Metadata"}); v != reports.Blind {
		t.Errorf("results omitted by a rule: %s", v)
	}
}

// TestPolicyThatLogsAllLogsEach draws policies and needs, and asks of each policy that
// is said to log all that is needed about every request that the need may mean.
func TestPolicyThatLogsAllLogsEach(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	some := func(from ...string) (out []string) {
		for _, v := range from {
			if r.IntN(3) == 0 {
				out = append(out, v)
			}
		}
		return out
	}
	groups, verbs := []string{"", "apps", "other"}, []string{"get", "delete"}
	said := 0
	for range 20_000 {
		p := &reports.AuditPolicy{}
		for range r.IntN(5) {
			rule := reports.PolicyRule{Level: []string{"None", "Metadata", "Metadata", "Metadata"}[r.IntN(4)]}
			if r.IntN(2) == 0 {
				rule.Verbs = some(verbs...)
			}
			if r.IntN(8) == 0 {
				rule.Namespaces = some("a")
			}
			if r.IntN(8) == 0 {
				rule.Users = some("alice")
			}
			for _, group := range some(groups...) {
				rule.Resources = append(rule.Resources, reports.PolicyResources{Group: group, Resources: some("*", "pods", "pods/exec", "pods/*", "*/exec", "secrets")})
			}
			p.Rules = append(p.Rules, rule)
		}
		n := reports.PolicyNeed{Level: "Metadata", Anyone: true, Verbs: some(verbs...), Group: []string{"", "apps", reports.AnyGroup}[r.IntN(3)], Resources: some("pods", "pods/exec", "pods/*", "secrets")}
		if len(n.Resources) == 0 || !p.LogsAll([]reports.PolicyNeed{n}) {
			continue
		}
		said++
		in, with := []string{n.Group}, n.Verbs
		if n.Group == reports.AnyGroup {
			in = groups
		}
		if len(with) == 0 {
			with = verbs
		}
		for _, group := range in {
			for _, verb := range with {
				for _, whole := range n.Resources {
					resource, sub, _ := strings.Cut(whole, "/")
					subs := []string{sub}
					if sub == "*" {
						subs = []string{"exec", "log"}
					}
					for _, sub := range subs {
						for _, user := range []string{"alice", "bob"} {
							for _, namespace := range []string{"a", "b"} {
								if p.Level(user, nil, verb, group, resource, sub, namespace) == "None" {
									t.Fatalf("%+v\nis said to log %+v\nand logs nothing of %s %s/%s of %q by %s in %s", p.Rules, n, verb, resource, sub, group, user, namespace)
								}
							}
						}
					}
				}
			}
		}
	}
	if said < 500 {
		t.Errorf("only %d policies log what is needed: the test shows little", said)
	}
}
