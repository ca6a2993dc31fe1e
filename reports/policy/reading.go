package policy

import (
	"net/netip"
	"strconv"
	"strings"
)

// Direction is which way traffic goes, seen from the workloads of a policy.
type Direction string

// Directions.
const (
	Ingress Direction = "ingress"
	Egress  Direction = "egress"
)

// directions in the order in which they are told.
func directions() []Direction { return []Direction{Ingress, Egress} }

// reading is one policy object, understood.
type reading struct {
	ordered   bool // rules are taken in order (Calico); else all of them together
	staged    bool // not enforced
	tier      string
	order     string // as written, "" none
	everyone  bool   // it is about every workload it can be about
	selects   bool   // its selector of workloads selects all, whatever of namespaces
	workloads string // which, in words: "every workload", "workloads labelled app=api"
	in, out   side
}

// side is what a policy says about one direction.
type side struct {
	governed bool // the policy is about this direction at all
	rules    []rule
}

func (r *reading) side(d Direction) *side {
	if d == Ingress {
		return &r.in
	}
	return &r.out
}

// action is what becomes of traffic that a rule matches.
type action string

const (
	allow action = "Allow"
	deny  action = "Deny"
	pass  action = "Pass"
	log   action = "Log"
)

// rule is one rule of a policy in one direction.
type rule struct {
	action action
	peers  []peer // the far end; none: everywhere
	ports  Ports  // none: all
	near   string // what restricts the workloads further, in words
	other  bool   // it has conditions that this version does not put in words
}

// peer is one far end of a rule.
type peer struct {
	words  string
	nets   []netip.Prefix
	except []string
	// pods says that the peer is every pod of every namespace; spelled that both
	// selectors are written out as empty.
	pods, spelled bool
}

// everything says whether a rule matches all traffic.
func (r rule) everything() bool { return len(r.peers) == 0 && len(r.ports) == 0 && r.free() }

// free says whether a rule has no conditions beside far end and ports.
func (r rule) free() bool { return r.near == "" && !r.other }

// everywhere says whether the rule's far end is every address.
func (r rule) everywhere() bool { return len(r.peers) == 0 || coversAll(nets(r.peers)) }

func nets(peers []peer) []netip.Prefix {
	var all []netip.Prefix
	for _, p := range peers {
		all = append(all, p.nets...)
	}
	return all
}

// effective are the rules that can decide anything: in a policy whose rules are
// taken in order, those up to the first that matches everything.
func (r *reading) effective(d Direction) []rule {
	rules := r.side(d).rules
	if !r.ordered {
		return rules
	}
	for i, x := range rules {
		if x.everything() && x.action != log {
			return rules[:i+1]
		}
	}
	return rules
}

// understand reads the specification of a policy; ok is false for a kind or a
// specification that this version does not understand.
func understand(api, kind string, spec []byte) (r *reading, ok bool) {
	n, ok := parse(spec)
	if !ok || n.kind != object {
		return nil, false
	}
	group, _, _ := strings.Cut(api, "/")
	switch f := family(group); {
	case f == kubernetesFamily, kind == "StagedKubernetesNetworkPolicy":
		r = readKubernetes(n)
	case f == calicoFamily && decidesTraffic(kind):
		r = readCalico(kind, n)
	default:
		return nil, false
	}
	r.staged = staged(kind)
	return r, true
}

// readKubernetes reads k8s.io/api/networking/v1 NetworkPolicySpec.
func readKubernetes(n *node) *reading {
	r := &reading{tier: "default"}
	selector := n.get("podSelector")
	r.everyone = matchesAll(selector)
	r.selects = r.everyone
	r.workloads = "every workload in its namespace"
	if !r.everyone {
		r.workloads = "workloads " + labelled(selector)
	}
	types := n.get("policyTypes").strings()
	if len(types) == 0 {
		types = kubernetesTypes(n)
	}
	for _, t := range types {
		switch t {
		case "Ingress":
			r.in = side{governed: true, rules: readKubernetesRules(n.get("ingress"), "from")}
		case "Egress":
			r.out = side{governed: true, rules: readKubernetesRules(n.get("egress"), "to")}
		}
	}
	return r
}

func readKubernetesRules(rules *node, far string) []rule {
	var all []rule
	for _, n := range rules.elements() {
		r := rule{action: allow}
		for _, p := range n.get(far).elements() {
			r.peers = append(r.peers, readPeer(p))
		}
		var ports []Port
		for _, p := range n.get("ports").elements() {
			ports = append(ports, readKubernetesPort(p))
		}
		r.ports = portsOf(ports)
		for _, key := range n.keys {
			r.other = r.other || key != far && key != "ports"
		}
		all = append(all, r)
	}
	return all
}

func readKubernetesPort(n *node) Port {
	p := Port{Protocol: n.get("protocol").str()}
	if p.Protocol == "" {
		p.Protocol = "TCP"
	}
	switch port := n.get("port"); port.kind {
	case text:
		p.Name = port.text
	case scalar:
		p.From, _ = strconv.Atoi(port.text)
		p.To = p.From
		if end, err := strconv.Atoi(n.get("endPort").plain()); err == nil && end > p.From {
			p.To = end
		}
	}
	return p
}

func readPeer(n *node) peer {
	if block := n.get("ipBlock"); block.kind == object {
		cidr := block.get("cidr").str()
		p := peer{words: netWords(cidr), except: block.get("except").strings()}
		if net, err := netip.ParsePrefix(cidr); err == nil {
			p.nets = []netip.Prefix{net}
		}
		if len(p.except) > 0 {
			p.words += " except " + and(shortenAll(p.except), maxListed)
		}
		return p
	}
	pods, namespaces := n.get("podSelector"), n.get("namespaceSelector")
	p := peer{
		pods:    namespaces.kind == object && matchesAll(namespaces) && matchesAll(pods),
		spelled: pods.kind == object && namespaces.kind == object && matchesAll(pods) && matchesAll(namespaces),
	}
	which := "all pods"
	if !matchesAll(pods) {
		which = "pods " + labelled(pods)
	}
	switch {
	case namespaces.kind != object:
		p.words = which + " in its namespace"
	case matchesAll(namespaces):
		p.words = which + " in all namespaces"
	default:
		p.words = which + " in namespaces " + labelled(namespaces)
	}
	return p
}

// matchesAll says whether a label selector selects everything. One that is not
// there does too, where it only narrows.
func matchesAll(selector *node) bool {
	return selector.get("matchLabels").empty() && selector.get("matchExpressions").empty()
}

// readCalico reads projectcalico.org/v3 NetworkPolicySpec and GlobalNetworkPolicySpec.
func readCalico(kind string, n *node) *reading {
	r := &reading{ordered: true, tier: n.get("tier").str(), order: n.get("order").plain()}
	if r.tier == "" {
		r.tier = "default"
	}
	r.everyone, r.selects, r.workloads = true, true, "every workload"
	if !strings.Contains(kind, "Global") {
		r.workloads = "every workload in its namespace"
	}
	if s := n.get("selector").str(); !isAll(s) {
		r.everyone, r.selects, r.workloads = false, false, "workloads matching "+shorten(s)
	}
	if s := n.get("namespaceSelector").str(); !isAll(s) {
		r.everyone = false
		r.workloads += " in namespaces matching " + shorten(s)
	}
	if s := n.get("serviceAccountSelector").str(); !isAll(s) {
		r.everyone, r.selects = false, false
		r.workloads += " with service accounts matching " + shorten(s)
	}
	types := n.get("types").strings()
	if len(types) == 0 {
		types = calicoTypes(n)
	}
	for _, t := range types {
		switch t {
		case "Ingress":
			r.in = side{governed: true, rules: readCalicoRules(n.get("ingress"), Ingress)}
		case "Egress":
			r.out = side{governed: true, rules: readCalicoRules(n.get("egress"), Egress)}
		}
	}
	return r
}

func readCalicoRules(rules *node, d Direction) []rule {
	var all []rule
	for _, n := range rules.elements() {
		farKey, nearKey := "source", "destination"
		if d == Egress {
			farKey, nearKey = nearKey, farKey
		}
		far, near := n.get(farKey), n.get(nearKey)
		r := rule{action: action(n.get("action").str())}
		switch r.action {
		case allow, deny, pass, log:
		case "Next-Tier", "next-tier":
			r.action = pass
		default:
			r.other = true
		}
		for _, key := range n.keys {
			switch key {
			case "action", "source", "destination", "protocol", "metadata":
			default:
				r.other = r.other || !n.get(key).empty()
			}
		}
		if p, restricts := readEnd(far); restricts {
			r.peers = []peer{p}
		}
		if p, restricts := readEnd(near); restricts {
			r.near = p.words
		}
		source, destination := n.get("source"), n.get("destination")
		r.ports = calicoPorts(protocolName(n.get("protocol")), destination.get("ports"))
		if !source.get("ports").empty() || !source.get("notPorts").empty() || !destination.get("notPorts").empty() {
			r.other = true
		}
		all = append(all, r)
	}
	return all
}

// protocolName is a protocol as people write it; numbers as Calico allows them.
func protocolName(n *node) string {
	switch name := n.plain(); name {
	case "6":
		return "TCP"
	case "17":
		return "UDP"
	case "132":
		return "SCTP"
	case "1":
		return "ICMP"
	default:
		return name
	}
}

func calicoPorts(protocol string, ports *node) Ports {
	var all []Port
	for _, p := range ports.strings() {
		port := Port{Protocol: protocol}
		from, to, ranged := strings.Cut(p, ":")
		low, err := strconv.Atoi(from)
		high := low
		if ranged && err == nil {
			high, err = strconv.Atoi(to)
		}
		if err != nil {
			port.Name = p
		} else {
			port.From, port.To = low, high
		}
		all = append(all, port)
	}
	if len(all) == 0 && protocol != "" {
		all = append(all, Port{Protocol: protocol})
	}
	return portsOf(all)
}

// readEnd reads one end of a Calico rule; restricts is false when it is any.
func readEnd(n *node) (p peer, restricts bool) {
	var parts []string
	for _, cidr := range n.get("nets").strings() {
		parts = append(parts, netWords(cidr))
		net, err := netip.ParsePrefix(cidr)
		if ip, failed := netip.ParseAddr(cidr); err != nil && failed == nil {
			net, err = netip.PrefixFrom(ip, ip.BitLen()), nil
		}
		if err == nil {
			p.nets = append(p.nets, net)
		}
	}
	words := []string{}
	if len(parts) > 0 {
		words = append(words, and(parts, maxListed))
	}
	if not := n.get("notNets").strings(); len(not) > 0 {
		p.except = not
		words = append(words, "addresses other than "+and(shortenAll(not), maxListed))
		if len(parts) == 0 {
			p.nets = everyNet()
		}
	}
	if s := n.get("selector").str(); s != "" {
		words, p.nets = append(words, "workloads and sets matching "+shorten(s)), nil
	}
	if s := n.get("notSelector").str(); s != "" {
		words, p.nets = append(words, "what does not match "+shorten(s)), nil
	}
	if s := n.get("namespaceSelector").str(); s != "" {
		words, p.nets = append(words, "in namespaces matching "+shorten(s)), nil
	}
	if domains := n.get("domains").strings(); len(domains) > 0 {
		words, p.nets = append(words, and(shortenAll(domains), maxListed)), nil
	}
	if accounts := n.get("serviceAccounts"); !accounts.empty() {
		if names := accounts.get("names").strings(); len(names) > 0 {
			words = append(words, "service accounts "+and(shortenAll(names), maxListed))
		}
		if s := accounts.get("selector").str(); s != "" {
			words = append(words, "service accounts matching "+shorten(s))
		}
		p.nets = nil
	}
	if service := n.get("services"); !service.empty() {
		words, p.nets = append(words, "the service "+shorten(strings.TrimPrefix(service.get("namespace").str()+"/"+service.get("name").str(), "/"))), nil
	}
	p.words = strings.Join(words, ", ")
	return p, len(words) > 0
}
