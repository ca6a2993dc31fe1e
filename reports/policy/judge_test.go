package policy_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"logreeve/reports/policy"
)

const (
	k8sAPI = "networking.k8s.io/v1"
	calico = "projectcalico.org/v3"
)

// changed makes the change from one specification to another; "" is none.
func changed(api, kind, before, after string) *policy.Change {
	c := &policy.Change{API: api, Kind: kind, Name: "p", Operation: policy.Modified, BeforeKnown: true, ContentKnown: true}
	if before != "" {
		c.Before = json.RawMessage(before)
	} else {
		c.Operation = policy.Created
	}
	if after != "" {
		c.After = json.RawMessage(after)
	} else {
		c.Operation = policy.Deleted
	}
	return c
}

func TestJudge(t *testing.T) {
	k8s := func(rest string) string { return `{"podSelector":{"matchLabels":{"a":"b"}}` + rest + `}` }
	in := func(rule string) string { return k8s(`,"policyTypes":["Ingress"],"ingress":[` + rule + `]`) }
	out := func(rule string) string { return k8s(`,"policyTypes":["Egress"],"egress":[` + rule + `]`) }
	global := func(rules string) string { return `{"selector":"all()","types":["Egress"],"egress":[` + rules + `]}` }
	nothing := in(`{"from":[{"podSelector":{"matchLabels":{"x":"y"}}}]}`)
	tests := []struct {
		name                string
		api, kind           string
		before, after, want string
	}{
		{"a rule without conditions", k8sAPI, "NetworkPolicy", nothing, in(`{}`), "NET-02 critical, NET-05 high"},
		{"it held before", k8sAPI, "NetworkPolicy", in(`{}`), in(`{},{"ports":[{"port":1}]}`), ""},
		{"an empty from is none", k8sAPI, "NetworkPolicy", nothing, in(`{"from":[],"ports":[]}`), "NET-02 critical, NET-05 high"},
		{"ingress rules of a policy about egress", k8sAPI, "NetworkPolicy", nothing, k8s(`,"policyTypes":["Egress"],"ingress":[{}]`), ""},
		{"types by default", k8sAPI, "NetworkPolicy", nothing, k8s(`,"ingress":[{}]`), "NET-02 critical, NET-05 high"},
		{"egress by default", k8sAPI, "NetworkPolicy", nothing, k8s(`,"egress":[{}]`), "NET-02 critical, NET-04 high"},
		{"all pods of all namespaces", k8sAPI, "NetworkPolicy", nothing, in(`{"from":[{"podSelector":{},"namespaceSelector":{}}]}`), "NET-02 critical"},
		{"all namespaces", k8sAPI, "NetworkPolicy", nothing, in(`{"from":[{"namespaceSelector":{}}]}`), "NET-02 critical"},
		{"all pods on a port", k8sAPI, "NetworkPolicy", nothing, in(`{"from":[{"podSelector":{},"namespaceSelector":{}}],"ports":[{"port":53}]}`), "NET-02 medium"},
		{"all namespaces on a port", k8sAPI, "NetworkPolicy", nothing, in(`{"from":[{"namespaceSelector":{}}],"ports":[{"port":53}]}`), ""},
		{"all pods of the namespace", k8sAPI, "NetworkPolicy", nothing, in(`{"from":[{"podSelector":{}}]}`), ""},
		{"every address", k8sAPI, "NetworkPolicy", nothing, out(`{"to":[{"ipBlock":{"cidr":"0.0.0.0/0"}}]}`), "NET-04 high"},
		{"every address but some", k8sAPI, "NetworkPolicy", nothing, out(`{"to":[{"ipBlock":{"cidr":"0.0.0.0/0","except":["10.0.0.0/8"]}}]}`), "NET-04 high"},
		{"every address of the other family", k8sAPI, "NetworkPolicy", nothing, out(`{"to":[{"ipBlock":{"cidr":"::/0"}}]}`), "NET-04 high"},
		{"every address in two halves", k8sAPI, "NetworkPolicy", nothing, out(`{"to":[{"ipBlock":{"cidr":"0.0.0.0/1"}},{"ipBlock":{"cidr":"128.0.0.0/1"}}]}`), "NET-04 high"},
		{"every address in two rules", k8sAPI, "NetworkPolicy", nothing, out(`{"to":[{"ipBlock":{"cidr":"0.0.0.0/1"}}]},{"to":[{"ipBlock":{"cidr":"128.0.0.0/1"}}],"ports":[{"port":80}]}`), "NET-04 medium"},
		{"half of all addresses", k8sAPI, "NetworkPolicy", nothing, out(`{"to":[{"ipBlock":{"cidr":"0.0.0.0/1"}}]}`), ""},
		{"no to on a port", k8sAPI, "NetworkPolicy", nothing, out(`{"ports":[{"protocol":"UDP","port":53}]}`), "NET-04 medium"},
		{"a port more", k8sAPI, "NetworkPolicy", out(`{"ports":[{"port":53}]}`), out(`{"ports":[{"port":53},{"port":54}]}`), "NET-04 medium"},
		{"a port less", k8sAPI, "NetworkPolicy", out(`{"ports":[{"port":53},{"port":54}]}`), out(`{"ports":[{"port":53}]}`), ""},
		{"a range inside what was open", k8sAPI, "NetworkPolicy", out(`{"ports":[{"port":50,"endPort":99}]}`), out(`{"ports":[{"port":60,"endPort":70}]}`), ""},
		{"all of a protocol", k8sAPI, "NetworkPolicy", nothing, out(`{"ports":[{"protocol":"TCP"}]}`), "NET-04 high"},
		{"from anywhere", k8sAPI, "NetworkPolicy", nothing, in(`{"ports":[{"port":443}]}`), "NET-05 medium"},
		{"created open", k8sAPI, "NetworkPolicy", "", in(`{}`), "NET-02 critical, NET-05 high"},

		{"default deny deleted", k8sAPI, "NetworkPolicy", denyAll, "", "NET-03 critical, NET-06 high"},
		{"default deny gains a rule", k8sAPI, "NetworkPolicy", denyAll, `{"podSelector":{},"ingress":[{"ports":[{"port":1}],"from":[{"podSelector":{}}]}],"policyTypes":["Ingress","Egress"]}`, "NET-03 critical"},
		{"default deny loses a direction", k8sAPI, "NetworkPolicy", denyAll, `{"podSelector":{},"policyTypes":["Ingress"]}`, "NET-03 critical"},
		{"default deny of fewer", k8sAPI, "NetworkPolicy", denyAll, `{"podSelector":{"matchLabels":{"a":"b"}},"policyTypes":["Ingress","Egress"]}`, "NET-03 critical"},
		{"deny of some deleted", k8sAPI, "NetworkPolicy", k8s(`,"policyTypes":["Ingress"]`), "", "NET-06 high"},
		{"default deny in other words", k8sAPI, "NetworkPolicy", `{"podSelector":{}}`, `{"podSelector":{"matchLabels":{}},"ingress":[],"policyTypes":["Ingress"]}`, ""},
		{"Calico default deny", calico, "GlobalNetworkPolicy", `{"types":["Ingress","Egress"]}`, "", "NET-03 critical, NET-06 high"},
		{"Calico default deny by a rule", calico, "GlobalNetworkPolicy", `{"types":["Ingress"],"ingress":[{"action":"Deny"}]}`, `{"types":["Ingress"],"ingress":[{"action":"Pass"}]}`, "NET-03 critical"},
		{"Calico default deny of fewer namespaces", calico, "GlobalNetworkPolicy", `{"types":["Ingress"]}`, `{"namespaceSelector":"a == 'b'","types":["Ingress"]}`, "NET-03 critical"},

		{"Calico allows all", calico, "GlobalNetworkPolicy", global(`{"action":"Pass"}`), global(`{"action":"Allow"}`), "NET-02 critical, NET-04 high"},
		{"Calico with empty ends", calico, "GlobalNetworkPolicy", global(`{"action":"Pass"}`), global(`{"action":"Allow","source":{},"destination":{}}`), "NET-02 critical, NET-04 high"},
		{"Calico allows TCP", calico, "GlobalNetworkPolicy", global(`{"action":"Pass"}`), global(`{"action":"Allow","protocol":"TCP"}`), "NET-02 critical, NET-04 high"},
		{"Calico allows ICMP", calico, "GlobalNetworkPolicy", global(`{"action":"Pass"}`), global(`{"action":"Allow","protocol":"ICMP"}`), "NET-04 high"},
		{"Calico allows after a deny of all", calico, "GlobalNetworkPolicy", global(`{"action":"Pass"}`), global(`{"action":"Deny"},{"action":"Allow"}`), ""},
		{"Calico allows after a log", calico, "GlobalNetworkPolicy", global(`{"action":"Pass"}`), global(`{"action":"Log"},{"action":"Allow"}`), "NET-02 critical, NET-04 high"},
		{"Calico allows some all, in the default tier", calico, "NetworkPolicy", `{"selector":"a","egress":[{"action":"Pass"}]}`, `{"selector":"a","egress":[{"action":"Allow"}]}`, "NET-04 high"},
		{"Calico allows some all, in another tier", calico, "NetworkPolicy", `{"tier":"t","selector":"a","egress":[{"action":"Pass"}]}`, `{"tier":"t","selector":"a","egress":[{"action":"Allow"}]}`, "NET-02 critical, NET-04 high"},
		{"Calico to nets", calico, "GlobalNetworkPolicy", global(`{"action":"Pass"}`), global(`{"action":"Allow","destination":{"nets":["::/0"],"ports":[443,"8000:8100"]},"protocol":"TCP"}`), "NET-04 medium"},
		{"Calico to domains", calico, "GlobalNetworkPolicy", global(`{"action":"Pass"}`), global(`{"action":"Allow","destination":{"domains":["a.example"]}}`), ""},
		{"Calico moved ahead", calico, "GlobalNetworkPolicy", `{"order":20}`, `{"order":9.5}`, "NET-08 low"},
		{"Calico moved back", calico, "GlobalNetworkPolicy", `{"order":9}`, `{"order":20}`, ""},
		{"Calico given an order", calico, "GlobalNetworkPolicy", `{}`, `{"order":20}`, "NET-08 low"},
		{"Calico in another tier", calico, "GlobalNetworkPolicy", `{"tier":"a"}`, `{}`, "NET-08 medium"},
		{"staged", calico, "StagedGlobalNetworkPolicy", global(`{"action":"Pass"}`), global(`{"action":"Allow"}`), ""},
		{"staged deleted", calico, "StagedNetworkPolicy", `{}`, "", "NET-06 low"},

		{"a tier", calico, "Tier", "", `{"order":1}`, "NET-08 low"},
		{"a tier moved", calico, "Tier", `{"order":1}`, `{"order":2}`, "NET-08 low"},
		{"a tier passes", calico, "Tier", `{"order":1}`, `{"order":1,"defaultAction":"Pass"}`, "NET-08 high"},
		{"a tier removed", calico, "Tier", `{"order":1}`, "", "NET-08 medium"},
		{"a set widened", calico, "NetworkSet", `{"nets":["10.0.0.0/16"]}`, `{"nets":["10.0.0.0/8"]}`, "NET-08 medium"},
		{"a set widened to anywhere", calico, "NetworkSet", `{"nets":["10.0.0.0/16"]}`, `{"nets":["0.0.0.0/1","128.0.0.0/1"]}`, "NET-08 high"},
		{"a set made with anywhere in it", calico, "GlobalNetworkSet", "", `{"nets":["::/0"]}`, "NET-08 high"},
		{"a set narrowed", calico, "NetworkSet", `{"nets":["10.0.0.0/8"]}`, `{"nets":["10.1.0.0/16","10.2.3.4"]}`, ""},
		{"a host endpoint removed", calico, "HostEndpoint", `{"node":"n"}`, "", "NET-08 medium"},
		{"the baseline removed", "policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy", `{}`, "", "NET-03 critical, NET-06 high"},
		{"Cilium", "cilium.io/v2", "CiliumNetworkPolicy", `{}`, `{"ingress":[{}]}`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, v := range policy.Judge(changed(test.api, test.kind, test.before, test.after)) {
				got = append(got, v.Check+" "+string(v.Severity))
				if v.Sentence == "" || v.Title == "" || !v.Sure {
					t.Errorf("%+v", v)
				}
			}
			if s := strings.Join(got, ", "); s != test.want {
				t.Errorf("got %q, want %q", s, test.want)
			}
		})
	}
}

func TestNotSure(t *testing.T) {
	open := changed(k8sAPI, "NetworkPolicy", denyAll, allowAll)
	open.Before, open.BeforeKnown = nil, false
	verdicts := policy.Judge(open)
	if len(verdicts) == 0 || slices.ContainsFunc(verdicts, func(v policy.Verdict) bool { return v.Sure || v.Check == "NET-03" }) {
		t.Errorf("%+v", verdicts)
	}
	gone := changed(k8sAPI, "NetworkPolicy", denyAll, "")
	gone.Before, gone.BeforeKnown, gone.Name = nil, false, "default-deny"
	if v := policy.Judge(gone); len(v) != 2 || v[0].Check != "NET-03" || v[0].Sure || !v[1].Sure {
		t.Errorf("%+v", v)
	}
	with := changed(k8sAPI, "NetworkPolicy", denyAll, "")
	with.WithNamespace = true
	if v := policy.Judge(with); len(v) != 1 || v[0].Check != "NET-06" {
		t.Errorf("%+v", v)
	}
}

func TestUndecidable(t *testing.T) {
	tests := map[string]func(*policy.Change){
		"":                                     func(*policy.Change) {},
		"content not recorded":                 func(c *policy.Change) { c.ContentKnown = false },
		"what was before is not known":         func(c *policy.Change) { c.BeforeKnown = false },
		"changes before it are not in the log": func(c *policy.Change) { c.BeforeKnown, c.Missed = false, true },
		"this version cannot judge the content of a CiliumNetworkPolicy": func(c *policy.Change) { c.API, c.Kind = "cilium.io/v2", "CiliumNetworkPolicy" },
	}
	for want, set := range tests {
		c := changed(k8sAPI, "NetworkPolicy", denyAll, allowAll)
		set(c)
		if got := policy.Undecidable(c); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	c := changed(calico, "StagedNetworkPolicy", "", `{}`)
	c.BeforeKnown = false
	if got := policy.Undecidable(c); got != "" {
		t.Errorf("a staged policy: %q", got)
	}
}

func TestSentences(t *testing.T) {
	k8s := func(rest string) string { return `{"podSelector":{"matchLabels":{"app":"api"}}` + rest + `}` }
	tests := []struct{ api, kind, before, after, now, then string }{
		{
			calico, "GlobalNetworkPolicy",
			`{"order":11,"selector":"all()","tier":"security","types":["Egress"],"egress":[{"action":"Deny","protocol":"TCP","destination":{"nets":["169.254.169.254/32","10.0.0.0/16"]}},{"action":"Pass"}]}`,
			`{"order":10,"selector":"all()","tier":"security","types":["Egress"],"egress":[{"action":"Allow"}]}`,
			"Now allows egress to anywhere on all ports, for every workload.",
			"Before: TCP to 169.254.169.254/32 and 10.0.0.0/16 was denied; everything else passed on to the next tier.",
		},
		{
			k8sAPI, "NetworkPolicy", denyAll, `{"podSelector":{},"policyTypes":["Ingress"]}`,
			"Now denies all ingress that no other policy allows, for every workload in its namespace.",
			"Before: all ingress and egress that no other policy allowed was denied.",
		},
		{
			k8sAPI, "NetworkPolicy", k8s(`,"policyTypes":["Ingress","Egress"],"ingress":[{}]`), k8s(`,"policyTypes":["Ingress","Egress"],"ingress":[{"ports":[{"port":"web"}],"from":[{"podSelector":{"matchExpressions":[{"key":"tier","operator":"In","values":["a","b"]}]},"namespaceSelector":{}}]}],"egress":[{"to":[{"ipBlock":{"cidr":"10.0.0.0/8","except":["10.9.0.0/16"]}},{"podSelector":{}}]}]`),
			"Now allows TCP web from pods labelled tier in (a, b) in all namespaces, for workloads labelled app=api; it allows no other ingress. It allows egress to 10.0.0.0/8 except 10.9.0.0/16 and all pods in its namespace, for workloads labelled app=api; it allows no other egress.",
			"Before: ingress from anywhere on all ports was allowed; all egress that no other policy allowed was denied.",
		},
		{
			calico, "NetworkPolicy", `{"order":3,"selector":"a == 'b'","ingress":[{"action":"Log"}]}`, `{"order":4,"selector":"a == 'b'","ingress":[{"action":"Log"}]}`,
			"Now is evaluated later: order 4 instead of 3. Its rules are the same.",
			"Before: ingress from anywhere on all ports was logged; what no rule matched was left to the rest of tier default.",
		},
		{
			calico, "NetworkPolicy", "", `{"ingress":[{"action":"Allow","http":{"methods":["GET"]},"source":{"serviceAccounts":{"names":["ci"]}}},{"action":"Whatever"}]}`,
			"Now allows ingress from service accounts ci under conditions this version cannot put in words, and treats ingress from anywhere in a way this version cannot put in words, for every workload in its namespace; what no rule matches is left to the rest of tier default.",
			"Before: it did not exist.",
		},
		{
			"cilium.io/v2", "CiliumNetworkPolicy", `{"a":1}`, `{"a":2}`,
			"Now has rules this version cannot put in words: it is a CiliumNetworkPolicy; the difference shows them.",
			"Before: it had rules this version cannot put in words.",
		},
		{calico, "Tier", `{"order":1}`, `{"order":2,"defaultAction":"Pass"}`,
			"Now stands at order 2; what its policies leave undecided is passed on to the next tier.", "Before: it stood at order 1; what its policies left undecided was denied."},
		{calico, "HostEndpoint", `{"node":"n1","interfaceName":"eth0"}`, "", "It no longer exists.", "Before: it stood for interface eth0 of node n1."},
		{calico, "NetworkSet", "", `{}`, "Now holds no address.", "Before: it did not exist."},
	}
	for _, test := range tests {
		now, then := policy.Sentence(changed(test.api, test.kind, test.before, test.after))
		if now != test.now || then != test.then {
			t.Errorf("%s %s: got\n  %s\n  %s\nwant\n  %s\n  %s", test.kind, test.after, now, then, test.now, test.then)
		}
	}
	unknown := changed(k8sAPI, "NetworkPolicy", denyAll, allowAll)
	unknown.ContentKnown, unknown.BeforeKnown = false, false
	if now, then := policy.Sentence(unknown); !strings.Contains(now, "not in the log") || !strings.Contains(then, "not known") {
		t.Errorf("%s %s", now, then)
	}
}

// Whatever stands in a log, every function answers.
func TestHostileContent(t *testing.T) {
	long := strings.Repeat("a\u202e\x00\x1b[31m<script>", 120)
	quoted, err := json.Marshal(long)
	if err != nil {
		t.Fatal(err)
	}
	deep := strings.Repeat(`{"ingress":[`, 300) + strings.Repeat(`]}`, 300)
	specs := []string{
		``, `{}`, `[]`, `null`, `7`, `"x"`, `{`, `{"a":}`, deep, string(quoted), "{\"selector\":\"\xff\xfe\"}",
		fmt.Sprintf(`{"selector":%s,"tier":%s,"order":%s,"types":[%s,"Egress"],"egress":[{"action":%s,"protocol":%s,"destination":{"nets":[%s],"ports":[%s,99999999999999999999]}},5,null,{}]}`, quoted, quoted, quoted, quoted, quoted, quoted, quoted, quoted),
		fmt.Sprintf(`{"podSelector":{"matchLabels":{%s:%s},"matchExpressions":[{"key":%s,"operator":%s}]},"ingress":[{"from":[{"ipBlock":{"cidr":%s,"except":%s}},{"podSelector":7}],"ports":[{"port":1e400},{"port":{}},7]},7],"egress":{}}`, quoted, quoted, quoted, quoted, quoted, quoted),
		`{"podSelector":[],"policyTypes":"Ingress","ingress":[[{}]]}`, `{"order":1e999}`, `{"nets":[0,{},"1.2.3.4/99","::1"]}`,
		`{` + strings.Repeat(`"k":1,`, 9000) + `"z":1}`,
	}
	kinds := []struct{ api, kind string }{
		{k8sAPI, "NetworkPolicy"}, {calico, "GlobalNetworkPolicy"}, {calico, "StagedKubernetesNetworkPolicy"}, {calico, "Tier"},
		{calico, "NetworkSet"}, {calico, "HostEndpoint"}, {"cilium.io/v2", "CiliumNetworkPolicy"}, {long, long},
	}
	for _, k := range kinds {
		for _, before := range specs {
			policy.Canonical(k.api, k.kind, []byte(before))
			for _, after := range specs {
				c := changed(k.api, k.kind, before, after)
				now, then := policy.Sentence(c)
				for _, v := range policy.Judge(c) {
					now += v.Sentence
				}
				if len(k.kind) < 100 && len(now)+len(then) > 16_000 {
					t.Fatalf("%s: a sentence of %d bytes", k.kind, len(now)+len(then))
				}
				policy.Undecidable(c)
			}
			policy.UnifiedChange(changed(k.api, k.kind, before, `{"a":1}`))
			d := policy.Diff(json.RawMessage(before), json.RawMessage(`{"a":1}`))
			for _, p := range d.Pairs() {
				for _, l := range []*policy.Line{p.Left, p.Right} {
					if l == nil {
						continue
					}
					whole := ""
					for _, s := range l.Spans() {
						whole += s.Text
					}
					if whole != l.Text || strings.ContainsAny(l.Text, "\n\x00\x1b\u202e") {
						t.Fatalf("line %q", l.Text)
					}
				}
			}
		}
	}
	h := observe(t, nil, request{verb: "create", name: long, response: of(specs[11])}, request{at: 1, verb: "update", name: long, response: of(`{}`, `"annotations":{"projectcalico.org/metadata":"{"}`)})
	if b, err := json.Marshal(h.Report()); err != nil || !json.Valid(b) {
		t.Errorf("the report is no JSON: %v", err)
	}
}
