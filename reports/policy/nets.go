package policy

import (
	"net/netip"
	"slices"
)

// everyNet is every address of both families.
func everyNet() []netip.Prefix {
	return []netip.Prefix{netip.PrefixFrom(netip.IPv4Unspecified(), 0), netip.PrefixFrom(netip.IPv6Unspecified(), 0)}
}

// coversAll says whether networks together are every IPv4 or every IPv6 address.
func coversAll(all []netip.Prefix) bool {
	return slices.ContainsFunc(joined(all), func(p netip.Prefix) bool { return p.Bits() == 0 })
}

// joined gives the fewest networks with the same addresses, in order.
func joined(all []netip.Prefix) []netip.Prefix {
	sorted := make([]netip.Prefix, 0, len(all))
	for _, p := range all {
		if p.IsValid() {
			sorted = append(sorted, p.Masked())
		}
	}
	slices.SortFunc(sorted, func(a, b netip.Prefix) int {
		if c := a.Addr().Compare(b.Addr()); c != 0 {
			return c
		}
		return a.Bits() - b.Bits()
	})
	var out []netip.Prefix
	for _, p := range sorted {
		if n := len(out); n > 0 && out[n-1].Overlaps(p) {
			continue // a part of the one before it
		}
		out = append(out, p)
		for n := len(out); n > 1; n = len(out) {
			a, b := out[n-2], out[n-1]
			if a.Bits() != b.Bits() || a.Bits() == 0 || a.Addr().BitLen() != b.Addr().BitLen() {
				break
			}
			parent := netip.PrefixFrom(a.Addr(), a.Bits()-1).Masked()
			if parent.Addr() != a.Addr() || !parent.Contains(b.Addr()) {
				break
			}
			out = append(out[:n-2], parent)
		}
	}
	return out
}

// covered says whether every address of a network is in one of the others.
func covered(p netip.Prefix, by []netip.Prefix) bool {
	return slices.ContainsFunc(joined(by), func(q netip.Prefix) bool {
		return q.Bits() <= p.Bits() && q.Contains(p.Addr())
	})
}

// netWords names a network for people.
func netWords(cidr string) string {
	switch cidr {
	case "0.0.0.0/0":
		return "every IPv4 address"
	case "::/0":
		return "every IPv6 address"
	}
	return shorten(cidr)
}
