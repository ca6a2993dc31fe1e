// Package outbound owns where the server may connect to: the hosts the operator
// opened, and never a place where a cloud hands out its own credentials. It
// checks each resolved address right before the connection is made to it, so
// that a name that changes its mind in between leads nowhere. What is sent over
// the connection is the caller's business.
package outbound

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Host is one entry of the operator's list: a name, all names below one, an
// address or a network, with a port or for any port.
type Host struct {
	Name    string       // in lower case; "*.example.org" stands for all names below; "" for a network
	Network netip.Prefix // of one address when an address was given
	Port    uint16       // 0: any
}

// ParseHost reads search.example.org, search.example.org:9200, *.example.org,
// 10.0.0.5, 10.0.0.0/8, [fd00::5]:9200 or fd00::/8.
func ParseHost(text string) (Host, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	if network, err := netip.ParsePrefix(text); err == nil {
		return checked(Host{Network: network.Masked()}, text)
	}
	host, port, err := splitPort(text)
	if err != nil {
		return Host{}, err
	}
	if address, err := netip.ParseAddr(host); err == nil {
		address = plain(address)
		return checked(Host{Network: netip.PrefixFrom(address, address.BitLen()), Port: port}, text)
	}
	if !hostName(strings.TrimPrefix(host, "*.")) {
		return Host{}, fmt.Errorf("%q is not a host, address or network like search.example.org, *.example.org, 10.0.0.5:9200 or 10.0.0.0/8", text)
	}
	return Host{Name: host, Port: port}, nil
}

// checked refuses entries that could never be reached, so that nobody believes
// they opened them.
func checked(h Host, text string) (Host, error) {
	if h.Network.Bits() == h.Network.Addr().BitLen() && forbidden(h.Network.Addr()) {
		return Host{}, fmt.Errorf("%q is an address that is never asked: link-local, metadata of a cloud, multicast or a tunnel", text)
	}
	return h, nil
}

// splitPort cuts a port off, if there is one.
func splitPort(text string) (host string, port uint16, err error) {
	host = text
	if i := strings.LastIndexByte(text, ':'); i >= 0 && (strings.Count(text, ":") == 1 || strings.Contains(text, "]:")) {
		n, err := strconv.ParseUint(text[i+1:], 10, 16)
		if err != nil || n == 0 {
			return "", 0, fmt.Errorf("%q does not end in a port between 1 and 65535", text)
		}
		host, port = text[:i], uint16(n)
	}
	return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"), port, nil
}

// hostName says whether text could be a name of DNS that is not an address in
// disguise (127.1, 0x7f000001).
func hostName(text string) bool {
	if text == "" || len(text) > 253 {
		return false
	}
	letter := false
	for label := range strings.SplitSeq(text, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		letter = label[0] < '0' || label[0] > '9' // of the last label
		for _, r := range label {
			if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' {
				return false
			}
		}
	}
	return letter
}

// names says whether the entry names the host.
func (h Host) names(host string) bool {
	if below, ok := strings.CutPrefix(h.Name, "*"); ok {
		return strings.HasSuffix(host, below) && len(host) > len(below)
	}
	return h.Name != "" && h.Name == host
}

// String writes the entry as ParseHost reads it.
func (h Host) String() string {
	text := h.Name
	if text == "" {
		text = h.Network.String()
		if h.Network.IsSingleIP() {
			text = h.Network.Addr().String()
		}
		if h.Port != 0 && h.Network.Addr().Is6() {
			text = "[" + text + "]"
		}
	}
	if h.Port != 0 {
		text += ":" + strconv.Itoa(int(h.Port))
	}
	return text
}

// never are networks that no entry opens: what every cloud keeps its metadata
// and credentials on, what is no single machine, and forms in which an IPv4
// address hides in an IPv6 one.
var never = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),          // this host
	netip.MustParsePrefix("169.254.0.0/16"),     // link-local (RFC 3927), metadata of most clouds
	netip.MustParsePrefix("100.100.100.200/32"), // metadata of Alibaba Cloud
	netip.MustParsePrefix("168.63.129.16/32"),   // host of Azure
	netip.MustParsePrefix("192.0.0.0/24"),       // protocol assignments (RFC 6890), metadata of Oracle Cloud
	netip.MustParsePrefix("224.0.0.0/4"),        // multicast
	netip.MustParsePrefix("240.0.0.0/4"),        // reserved, broadcast
	netip.MustParsePrefix("::/96"),              // unspecified, IPv4-compatible (::1 is excepted below)
	netip.MustParsePrefix("64:ff9b::/96"),       // NAT64 (RFC 6052)
	netip.MustParsePrefix("64:ff9b:1::/48"),     // local NAT64 (RFC 8215)
	netip.MustParsePrefix("2001::/32"),          // Teredo
	netip.MustParsePrefix("2002::/16"),          // 6to4
	netip.MustParsePrefix("fd00:ec2::254/128"),  // metadata of AWS
	netip.MustParsePrefix("fd20:ce::254/128"),   // metadata of Google Cloud
	netip.MustParsePrefix("fe80::/10"),          // link-local
	netip.MustParsePrefix("fec0::/10"),          // site-local, deprecated
	netip.MustParsePrefix("ff00::/8"),           // multicast
}

// plain takes an address out of its IPv4-in-IPv6 form and its zone.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// forbidden says whether nothing opens the address.
func forbidden(a netip.Addr) bool {
	a = plain(a)
	if !a.IsValid() {
		return true
	}
	if a.IsLoopback() {
		return false
	}
	for _, n := range never {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

// ThisMachine is what opens stores on this machine, for the demo.
func ThisMachine() []Host {
	return []Host{{Name: "localhost"}, {Network: netip.MustParsePrefix("127.0.0.0/8")}, {Network: netip.MustParsePrefix("::1/128")}}
}
