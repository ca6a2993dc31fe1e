// Package policy owns the history of network policies: who changed which
// object, what it said before and after, what that difference is line by line,
// what it opens or closes, and all of that in words, and what earlier runs can
// say of the time before a window. It reads events and judges single changes;
// which events become items, and what is an accepted deviation, is for
// reports/checks.
package policy

import (
	"maps"
	"slices"

	"logreeve/connectors"
)

// Families of API groups that name the same objects (formats.md 6.2).
const (
	kubernetesFamily = "networking.k8s.io"
	calicoFamily     = "projectcalico.org"
	adminFamily      = "policy.networking.k8s.io"
	ciliumFamily     = "cilium.io"
)

// family joins API groups whose objects are the same; "" for a group without policies.
func family(group string) string {
	switch group {
	case "networking.k8s.io", "extensions":
		return kubernetesFamily
	case "projectcalico.org", "crd.projectcalico.org":
		return calicoFamily
	case adminFamily, ciliumFamily:
		return group
	}
	return ""
}

// kinds are the kinds of object by family and resource (formats.md 6.1).
var kinds = map[string]map[string]string{
	kubernetesFamily: {"networkpolicies": "NetworkPolicy"},
	calicoFamily: {
		"networkpolicies":                 "NetworkPolicy",
		"globalnetworkpolicies":           "GlobalNetworkPolicy",
		"stagednetworkpolicies":           "StagedNetworkPolicy",
		"stagedglobalnetworkpolicies":     "StagedGlobalNetworkPolicy",
		"stagedkubernetesnetworkpolicies": "StagedKubernetesNetworkPolicy",
		"tiers":                           "Tier",
		"networksets":                     "NetworkSet",
		"globalnetworksets":               "GlobalNetworkSet",
		"hostendpoints":                   "HostEndpoint",
	},
	adminFamily: {
		"adminnetworkpolicies":         "AdminNetworkPolicy",
		"baselineadminnetworkpolicies": "BaselineAdminNetworkPolicy",
		"clusternetworkpolicies":       "ClusterNetworkPolicy",
	},
	ciliumFamily: {
		"ciliumnetworkpolicies":            "CiliumNetworkPolicy",
		"ciliumclusterwidenetworkpolicies": "CiliumClusterwideNetworkPolicy",
	},
}

// kindOf is the kind of a policy object, "" when the object is none.
func kindOf(o connectors.Object) string { return kinds[family(o.Group)][o.Resource] }

// IsPolicy says whether an object is one of those whose history this package
// keeps: a network policy or something that decides what policies mean.
func IsPolicy(o connectors.Object) bool { return kindOf(o) != "" }

// Writes selects writes on policy objects, whatever came of them.
var Writes = connectors.And(
	connectors.In("verb", "create", "update", "patch", "delete", "deletecollection"),
	connectors.In("resource", Resources()...),
)

// Select selects the events that a History observes: writes on policy objects,
// whatever came of them, and deletions of namespaces, which take policies along.
var Select = connectors.And(
	connectors.In("kind", string(connectors.Kubernetes)),
	connectors.Or(
		Writes,
		connectors.And(connectors.In("verb", "delete"), connectors.In("resource", "namespaces")),
	),
)

// Resources lists the resources of all families, each once, in order.
func Resources() []string {
	var all []string
	for _, byResource := range kinds {
		all = slices.AppendSeq(all, maps.Keys(byResource))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// staged says whether a kind is a preview that is not enforced.
func staged(kind string) bool {
	switch kind {
	case "StagedNetworkPolicy", "StagedGlobalNetworkPolicy", "StagedKubernetesNetworkPolicy":
		return true
	}
	return false
}

// decidesTraffic says whether a kind is a policy, staged or not, and not one of
// the objects that policies refer to.
func decidesTraffic(kind string) bool {
	switch kind {
	case "Tier", "NetworkSet", "GlobalNetworkSet", "HostEndpoint":
		return false
	}
	return true
}
