package policy

import (
	"slices"
	"strconv"
	"strings"
)

// Canonical writes a specification so that two of them are equal when they mean
// the same: keys sorted, defaults filled in, lists sorted where order says
// nothing. It only compares; people are shown what was recorded. The rules are
// those of formats.md 6.4: of a Kubernetes NetworkPolicy the rules are a set, of
// Calico and the admin policies their order decides. A specification that
// cannot be read is its own canonical form.
func Canonical(api, kind string, spec []byte) []byte {
	n, ok := parse(spec)
	if !ok {
		return slices.Clone(spec)
	}
	canonise(api, kind, n)
	return n.json()
}

func canonise(api, kind string, n *node) {
	group, _, _ := strings.Cut(api, "/")
	switch f := family(group); {
	case n.kind != object:
	case f == kubernetesFamily || kind == "StagedKubernetesNetworkPolicy":
		canoniseKubernetes(n)
	case f == calicoFamily:
		canoniseCalico(kind, n)
	}
	tidy(n)
}

// tidy sorts keys, forgets nulls and writes numbers in one way.
func tidy(n *node) {
	if n.kind == scalar {
		if f, ok := n.number(); ok && f < 1<<53 && f > -1<<53 && f == float64(int64(f)) {
			n.text = strconv.FormatInt(int64(f), 10)
		}
		return
	}
	if n.kind == object {
		order := slices.Clone(n.keys)
		slices.Sort(order)
		members := make([]*node, 0, len(order))
		keys := make([]string, 0, len(order))
		for _, key := range order {
			if m := n.get(key); m.kind != absent {
				keys, members = append(keys, key), append(members, m)
			}
		}
		n.keys, n.list = keys, members
	}
	for _, e := range n.list {
		tidy(e)
	}
}

// asSet sorts a list whose order says nothing and forgets repetitions.
func asSet(n *node) {
	if n.kind != list {
		return
	}
	for _, e := range n.list {
		tidy(e)
	}
	slices.SortFunc(n.list, func(a, b *node) int { return strings.Compare(string(a.json()), string(b.json())) })
	n.list = slices.CompactFunc(n.list, func(a, b *node) bool { return string(a.json()) == string(b.json()) })
}

// dropEmpty takes members away that say nothing: null, an empty list or object.
func dropEmpty(n *node, keys ...string) {
	for _, key := range keys {
		if n.get(key).empty() {
			n.drop(key)
		}
	}
}

func texts(values ...string) *node {
	n := &node{kind: list}
	for _, v := range values {
		n.list = append(n.list, &node{kind: text, text: v})
	}
	return n
}

// canoniseKubernetes: see k8s.io/api/networking/v1 NetworkPolicySpec. Without
// policyTypes a policy is about ingress, and about egress when it has egress
// rules; "from", "to" and "ports" that are empty mean the same as none.
func canoniseKubernetes(n *node) {
	if n.get("policyTypes").empty() {
		n.set("policyTypes", texts(kubernetesTypes(n)...))
	}
	asSet(n.get("policyTypes"))
	dropEmpty(n, "ingress", "egress")
	if !n.has("podSelector") {
		n.set("podSelector", &node{kind: object})
	}
	canoniseSelector(n.get("podSelector"))
	for _, direction := range []string{"ingress", "egress"} {
		for _, rule := range n.get(direction).elements() {
			dropEmpty(rule, "from", "to", "ports")
			for _, peers := range []*node{rule.get("from"), rule.get("to")} {
				for _, peer := range peers.elements() {
					canoniseSelector(peer.get("podSelector"))
					canoniseSelector(peer.get("namespaceSelector"))
					block := peer.get("ipBlock")
					dropEmpty(block, "except")
					asSet(block.get("except"))
				}
				asSet(peers)
			}
			for _, port := range rule.get("ports").elements() {
				if port.kind == object && !port.has("protocol") {
					port.set("protocol", &node{kind: text, text: "TCP"})
				}
			}
			asSet(rule.get("ports"))
		}
		asSet(n.get(direction))
	}
}

func kubernetesTypes(n *node) []string {
	if n.get("egress").empty() {
		return []string{"Ingress"}
	}
	return []string{"Ingress", "Egress"}
}

func canoniseSelector(n *node) {
	if n.kind != object {
		return
	}
	dropEmpty(n, "matchLabels", "matchExpressions")
	for _, e := range n.get("matchExpressions").elements() {
		asSet(e.get("values"))
	}
	asSet(n.get("matchExpressions"))
}

// canoniseCalico: see projectcalico api/pkg/apis/projectcalico/v3. An empty
// selector is all(), an empty source or destination restricts nothing, the order
// of rules decides.
func canoniseCalico(kind string, n *node) {
	switch kind {
	case "NetworkSet", "GlobalNetworkSet":
		asSet(n.get("nets"))
		asSet(n.get("allowedEgressDomains"))
	case "Tier":
		if !n.has("defaultAction") {
			n.set("defaultAction", &node{kind: text, text: "Deny"})
		}
	case "HostEndpoint":
		asSet(n.get("expectedIPs"))
		asSet(n.get("profiles"))
	default:
		if n.get("types").empty() {
			n.set("types", texts(calicoTypes(n)...))
		}
		asSet(n.get("types"))
		if isAll(n.get("selector").str()) {
			n.set("selector", &node{kind: text, text: "all()"})
		}
		if n.get("tier").str() == "" {
			n.set("tier", &node{kind: text, text: "default"})
		}
		if staged(kind) && n.get("stagedAction").str() == "" {
			n.set("stagedAction", &node{kind: text, text: "Set"})
		}
		for _, direction := range []string{"ingress", "egress"} {
			for _, rule := range n.get(direction).elements() {
				for _, end := range []*node{rule.get("source"), rule.get("destination")} {
					for _, set := range []string{"nets", "notNets", "ports", "notPorts", "domains"} {
						asSet(end.get(set))
					}
				}
			}
		}
	}
	forgetEmpty(n)
}

// calicoTypes are the directions a Calico policy is about when it does not say.
func calicoTypes(n *node) []string {
	in, out := !n.get("ingress").empty(), !n.get("egress").empty()
	switch {
	case in && out:
		return []string{"Ingress", "Egress"}
	case out:
		return []string{"Egress"}
	}
	return []string{"Ingress"}
}

// isAll says whether a Calico selector selects everything.
func isAll(selector string) bool {
	switch strings.Join(strings.Fields(selector), "") {
	case "", "all()":
		return true
	}
	return false
}

// forgetEmpty takes away what Calico's servers add or leave out without a
// difference in meaning: empty texts, lists and objects, and false. Elements of
// lists stay: an empty rule is a rule.
func forgetEmpty(n *node) {
	for _, e := range n.list {
		forgetEmpty(e)
	}
	if n.kind != object {
		return
	}
	for _, key := range slices.Clone(n.keys) {
		m := n.get(key)
		if m.empty() || m.kind == text && m.text == "" || m.kind == scalar && m.text == "false" {
			n.drop(key)
		}
	}
}
