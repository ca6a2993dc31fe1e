package policy

import (
	"slices"
)

// Exposure is what one object by itself allows and refuses. It does not know
// other policies: what a workload can really reach they decide together.
type Exposure struct {
	// Understood is false for a kind or a specification that this version cannot
	// judge; nothing else is then said.
	Understood bool
	Staged     bool   // a preview: what follows would hold if it were enforced
	Workloads  string // whom it is about, in words
	Ingress    Reach
	Egress     Reach
}

// Reach is what a policy says about one direction.
type Reach struct {
	Governed    bool // the policy is about this direction at all
	DefaultDeny bool // it is about all workloads and lets nothing through
	// AllowsAll says that a rule lets everything through (NET-02): a Kubernetes
	// rule without conditions or for all pods of all namespaces, a Calico rule
	// Allow without source, destination and ports in a policy for all workloads,
	// or in a tier that is evaluated before the default one.
	AllowsAll bool
	// AllowsAllPods says that a rule lets all pods of all namespaces through, on
	// certain ports only.
	AllowsAllPods bool
	// Anywhere are the ports on which every address is reached (NET-04, NET-05).
	Anywhere Ports
	Except   []string // networks taken out of it
}

// ExposureOf judges one specification. A specification that is nil, of an object
// that is not there, exposes nothing and is understood.
func ExposureOf(api, kind string, spec []byte) Exposure {
	if spec == nil {
		return Exposure{Understood: true, Staged: staged(kind)}
	}
	r, ok := understand(api, kind, spec)
	if !ok {
		return Exposure{Staged: staged(kind)}
	}
	return r.exposure()
}

// Reach gives what is said about a direction.
func (e *Exposure) Reach(d Direction) *Reach {
	if d == Ingress {
		return &e.Ingress
	}
	return &e.Egress
}

func (r *reading) exposure() Exposure {
	e := Exposure{Understood: true, Staged: r.staged, Workloads: r.workloads}
	for _, d := range directions() {
		reach := e.Reach(d)
		if reach.Governed = r.side(d).governed; !reach.Governed {
			continue
		}
		rules := r.effective(d)
		reach.DefaultDeny = r.selects && !slices.ContainsFunc(rules, rule.lets)
		for _, x := range rules {
			if x.action != allow || x.other {
				continue
			}
			if r.ordered {
				reach.AllowsAll = reach.AllowsAll || x.unrestricted() && (r.selects || r.ahead())
			} else {
				reach.AllowsAll = reach.AllowsAll || x.everything() || len(x.ports) == 0 && slices.ContainsFunc(x.peers, func(p peer) bool { return p.pods })
				reach.AllowsAllPods = reach.AllowsAllPods || slices.ContainsFunc(x.peers, func(p peer) bool { return p.spelled })
			}
			if !coveringWith(x, rules) {
				continue
			}
			if len(x.ports) == 0 {
				reach.Anywhere = append(reach.Anywhere, Port{})
			}
			reach.Anywhere = append(reach.Anywhere, x.ports...)
			for _, p := range x.peers {
				reach.Except = append(reach.Except, p.except...)
			}
		}
		reach.Anywhere = portsOf(reach.Anywhere)
	}
	return e
}

// lets says whether a rule lets anything through: a rule of a sort we do not
// know might.
func (r rule) lets() bool { return r.action != deny && r.action != log }

// unrestricted says whether a Calico rule names no source, destination or ports.
// A protocol that carries applications does not restrict it.
func (r rule) unrestricted() bool {
	return len(r.peers) == 0 && r.near == "" && !slices.ContainsFunc(r.ports, func(p Port) bool {
		return !p.whole() || p.Protocol != "" && p.Protocol != "TCP" && p.Protocol != "UDP"
	})
}

// ahead says whether the policy stands in a tier that is evaluated before the
// one Kubernetes policies are in, as far as the tier's name says.
func (r *reading) ahead() bool {
	switch r.tier {
	case "default", "baseline", "kube-baseline", "baselineadminnetworkpolicy":
		return false
	}
	return true
}

// coveringWith says whether every address is reached on all ports of a rule, by
// it alone or together with others.
func coveringWith(x rule, rules []rule) bool {
	if x.everywhere() {
		return true
	}
	all := nets(x.peers)
	for _, o := range rules {
		if o.action == allow && !o.other && o.near == x.near && o.coversPorts(x.ports) {
			all = append(all, nets(o.peers)...)
		}
	}
	return len(nets(x.peers)) > 0 && coversAll(all)
}

func (r rule) coversPorts(ports Ports) bool {
	if len(r.ports) == 0 {
		return true
	}
	return len(ports) > 0 && !slices.ContainsFunc(ports, func(p Port) bool { return !r.ports.Covers(p) })
}
