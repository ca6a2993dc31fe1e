package policy_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"logreeve/reports/policy"
)

func TestCanonical(t *testing.T) {
	tests := []struct {
		name, api, kind, a, b string
		same                  bool
	}{
		{"rules of Kubernetes are a set", k8sAPI, "NetworkPolicy", `{"ingress":[{"ports":[{"port":1}]},{}]}`, `{"ingress":[{},{"ports":[{"port":1}]}]}`, true},
		{"rules of Calico are in order", calico, "NetworkPolicy", `{"ingress":[{"action":"Deny"},{"action":"Allow"}]}`, `{"ingress":[{"action":"Allow"},{"action":"Deny"}]}`, false},
		{"TCP by default", k8sAPI, "NetworkPolicy", `{"ingress":[{"ports":[{"port":1}]}]}`, `{"ingress":[{"ports":[{"port":1,"protocol":"TCP"}]}],"podSelector":{},"policyTypes":["Ingress"]}`, true},
		{"no rules and an empty list", k8sAPI, "NetworkPolicy", `{"podSelector":{},"policyTypes":["Ingress"]}`, `{"podSelector":{},"ingress":[],"policyTypes":["Ingress"]}`, true},
		{"no rules and a rule for all", k8sAPI, "NetworkPolicy", `{"podSelector":{}}`, `{"podSelector":{},"ingress":[{}]}`, false},
		{"about egress or not", k8sAPI, "NetworkPolicy", `{"podSelector":{}}`, `{"podSelector":{},"policyTypes":["Ingress","Egress"]}`, false},
		{"an empty selector and none", k8sAPI, "NetworkPolicy", `{"ingress":[{"from":[{"podSelector":{}}]}]}`, `{"ingress":[{"from":[{"namespaceSelector":{}}]}]}`, false},
		{"a named port and a number", k8sAPI, "NetworkPolicy", `{"ingress":[{"ports":[{"port":80}]}]}`, `{"ingress":[{"ports":[{"port":"80"}]}]}`, false},
		{"exceptions as a set", k8sAPI, "NetworkPolicy", `{"ingress":[{"from":[{"ipBlock":{"cidr":"0.0.0.0/0","except":["a","b"]}}]}]}`, `{"ingress":[{"from":[{"ipBlock":{"cidr":"0.0.0.0/0","except":["b","a","a"]}}]}]}`, true},
		{"what Calico's server adds", calico, "NetworkPolicy", `{"selector":"","ingress":[{"action":"Allow","source":{},"destination":{"ports":[2,1]}}],"types":["Ingress"],"preDNAT":false}`, `{"tier":"default","selector":"all()","ingress":[{"action":"Allow","destination":{"ports":[1,2]}}]}`, true},
		{"a staged action", calico, "StagedNetworkPolicy", `{}`, `{"stagedAction":"Set"}`, true},
		{"a staged deletion", calico, "StagedNetworkPolicy", `{}`, `{"stagedAction":"Delete"}`, false},
		{"order as a number", calico, "NetworkPolicy", `{"order":10}`, `{"order":10.0}`, true},
		{"another order", calico, "NetworkPolicy", `{"order":10}`, `{"order":11}`, false},
		{"a tier's default", calico, "Tier", `{"order":1}`, `{"order":1,"defaultAction":"Deny"}`, true},
		{"sets of networks", calico, "NetworkSet", `{"nets":["b","a"]}`, `{"nets":["a","b"]}`, true},
		{"the same name, another API", "policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", `{"ingress":[1,2]}`, `{"ingress":[2,1]}`, false},
		{"null", "cilium.io/v2", "CiliumNetworkPolicy", `{"a":null}`, `{}`, true},
		{"not JSON", k8sAPI, "NetworkPolicy", `{`, `{ `, false},
	}
	for _, test := range tests {
		a, b := policy.Canonical(test.api, test.kind, []byte(test.a)), policy.Canonical(test.api, test.kind, []byte(test.b))
		if (string(a) == string(b)) != test.same {
			t.Errorf("%s: %s and %s; same is %v, want %v", test.name, a, b, !test.same, test.same)
		}
	}
}

// The canonical form does not depend on the order of keys, is its own canonical
// form, and a changed value changes it.
func TestCanonicalIsStable(t *testing.T) {
	report := historyOf(nil, recorded(t)).Report()
	rnd := rand.New(rand.NewPCG(1, 2))
	compared := 0
	for _, c := range report.Changes {
		if c.After == nil {
			continue
		}
		want := policy.Canonical(c.API, c.Kind, c.After)
		for range 10 {
			shuffled := shuffleKeys(t, rnd, c.After)
			compared++
			if got := policy.Canonical(c.API, c.Kind, shuffled); string(got) != string(want) {
				t.Fatalf("%s: %s, else %s", shuffled, got, want)
			}
		}
		if again := policy.Canonical(c.API, c.Kind, want); string(again) != string(want) {
			t.Errorf("%s becomes %s", want, again)
		}
		if i := strings.LastIndexAny(string(c.After), "0123456789"); i >= 0 {
			other := []byte(string(c.After))
			other[i] = '0' + (other[i]-'0'+1)%10
			if string(policy.Canonical(c.API, c.Kind, other)) == string(want) {
				t.Errorf("%s is taken for %s", other, c.After)
			}
		}
	}
	if compared == 0 {
		t.Fatal("nothing was compared")
	}
}

// shuffleKeys writes a JSON value with its keys in another order.
func shuffleKeys(t *testing.T, rnd *rand.Rand, raw []byte) []byte {
	var m map[string]json.RawMessage
	if json.Unmarshal(raw, &m) == nil && m != nil {
		keys := make([]string, 0, len(m))
		for k := range m {
			keys = append(keys, k)
		}
		rnd.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		parts := make([]string, len(keys))
		for i, k := range keys {
			parts[i] = fmt.Sprintf("%q : %s", k, shuffleKeys(t, rnd, m[k]))
		}
		return []byte("{" + strings.Join(parts, " ,") + "}")
	}
	var l []json.RawMessage
	if json.Unmarshal(raw, &l) == nil && l != nil {
		parts := make([]string, len(l))
		for i, e := range l {
			parts[i] = string(shuffleKeys(t, rnd, e))
		}
		return []byte("[" + strings.Join(parts, ", ") + "]")
	}
	return raw
}
