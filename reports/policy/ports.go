package policy

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Port is a range of ports of one protocol, or one port by its name. The zero
// Port is every port of every protocol.
type Port struct {
	Protocol string // "TCP"; empty: every protocol
	Name     string // of a named port
	From, To int    // inclusive; both 0: every port
}

// All says whether it is every port of every protocol.
func (p Port) All() bool { return p == Port{} }

// covers says whether p includes all of q.
func (p Port) covers(q Port) bool {
	if p.Protocol != "" && p.Protocol != q.Protocol {
		return false
	}
	switch {
	case p.Name != "":
		return p.Name == q.Name
	case p.whole():
		return true
	case q.Name != "" || q.whole():
		return false
	}
	return p.From <= q.From && q.To <= p.To
}

// whole says whether it is every port of its protocol.
func (p Port) whole() bool { return p.Name == "" && p.From <= 1 && (p.To == 0 || p.To >= 65535) }

// String is the port in words without its protocol: "8080", "1000 to 2000".
func (p Port) String() string {
	switch {
	case p.Name != "":
		return shorten(p.Name)
	case p.From == p.To:
		return strconv.Itoa(p.From)
	}
	return strconv.Itoa(p.From) + " to " + strconv.Itoa(p.To)
}

// Ports are the ports that a rule is about, sorted, adjacent ranges joined.
type Ports []Port

func portsOf(all []Port) Ports {
	slices.SortFunc(all, func(a, b Port) int {
		return cmp.Or(cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.Name, b.Name), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	var out Ports
	for _, p := range all {
		if n := len(out) - 1; n >= 0 {
			last := &out[n]
			if last.Protocol == p.Protocol && last.Name == "" && p.Name == "" && (last.whole() || !p.whole() && p.From <= last.To+1) {
				last.To = max(last.To, p.To)
				continue
			}
		}
		if p.whole() {
			p.From, p.To = 0, 0
		}
		out = append(out, p)
	}
	return out
}

// Covers says whether the ports include all of one.
func (ps Ports) Covers(q Port) bool {
	return slices.ContainsFunc(ps, func(p Port) bool { return p.covers(q) })
}

// Without gives what the ports include and others do not. What is included
// in part counts whole.
func (ps Ports) Without(others Ports) Ports {
	var out Ports
	for _, p := range ps {
		if !others.Covers(p) {
			out = append(out, p)
		}
	}
	return out
}

// All says whether every port of every protocol is among them.
func (ps Ports) All() bool { return slices.ContainsFunc(ps, Port.All) }

// Named says whether they are single ports and ranges, not all of a protocol.
func (ps Ports) Named() bool { return !slices.ContainsFunc(ps, Port.whole) }

// String is the ports in words: "TCP 8080 and 8081", "all ports", "UDP" for all
// ports of it.
func (ps Ports) String() string {
	if ps.All() || len(ps) == 0 {
		return "all ports"
	}
	var protocols []string
	ports := map[string][]string{}
	for _, p := range ps {
		if !slices.Contains(protocols, p.Protocol) {
			protocols = append(protocols, p.Protocol)
		}
		switch {
		case p.whole():
		case p.Name == "" && p.To == p.From+1: // two ports, not a range
			ports[p.Protocol] = append(ports[p.Protocol], strconv.Itoa(p.From), strconv.Itoa(p.To))
		default:
			ports[p.Protocol] = append(ports[p.Protocol], p.String())
		}
	}
	var parts []string
	for _, name := range protocols {
		parts = append(parts, strings.TrimSpace(shorten(name)+" "+and(ports[name], maxListed)))
	}
	return and(parts, maxListed)
}
