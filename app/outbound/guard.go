package outbound

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"logreeve/app/fault"
)

// dialTimeout is how long one connection may take to come about.
const dialTimeout = 10 * time.Second

// Guard lets connections through to the hosts the operator opened.
type Guard struct {
	hosts []Host
	// Resolve finds the addresses of a name; nil asks the system.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	// Dial connects to an address that was checked; nil is the net package's.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// NewGuard makes a guard over the operator's list; an empty list opens nothing.
func NewGuard(hosts []Host) *Guard { return &Guard{hosts: slices.Clone(hosts)} }

// refused is the one answer to everything that is not open. It is the same
// whether something listens there or not.
func refused(host string) error {
	return fault.Field("url", "The operator has not opened %q for log sources. Ask the operator to add it to sources.allow_hosts.", host)
}

// Check says, without asking anybody, whether the host and port may be open: an
// address must be, a name must be on the list or lie, once it is resolved, in a
// listed network. fault.Invalid on "url" otherwise.
func (g *Guard) Check(host string, port uint16) error {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if address, err := netip.ParseAddr(host); err == nil {
		if !g.open(host, address, port) {
			return refused(host)
		}
		return nil
	}
	network := slices.ContainsFunc(g.hosts, func(h Host) bool { return h.Name == "" && (h.Port == 0 || h.Port == port) })
	if hostName(host) && (network || g.named(host, port)) {
		return nil
	}
	return refused(host)
}

// named says whether the list names the host itself.
func (g *Guard) named(host string, port uint16) bool {
	return slices.ContainsFunc(g.hosts, func(h Host) bool { return (h.Port == 0 || h.Port == port) && h.names(host) })
}

// open says whether an address that a host resolved to may be connected to. A
// listed name opens its addresses, but none of this machine: that takes
// "localhost" or the address itself.
func (g *Guard) open(host string, address netip.Addr, port uint16) bool {
	if forbidden(address) {
		return false
	}
	address = plain(address)
	for _, h := range g.hosts {
		switch {
		case h.Port != 0 && h.Port != port:
		case h.Name == "" && h.Network.Contains(address):
			return true
		case h.names(host) && (!address.IsLoopback() || h.Name == "localhost"):
			return true
		}
	}
	return false
}

// DialContext connects like net.Dialer, to an open address of an open host
// only. It resolves the name itself and connects to an address it has checked;
// all addresses of a name must be open, so that none is slipped in. fault.Invalid
// on "url" says that the host is not open, fault.Unavailable that its name is
// not known; other errors are the connection's own.
func (g *Guard) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return nil, refused(address)
	}
	n, err := strconv.ParseUint(portText, 10, 16)
	if err != nil || (network != "tcp" && network != "tcp4" && network != "tcp6") {
		return nil, refused(host)
	}
	host, port := strings.ToLower(strings.TrimSuffix(host, ".")), uint16(n)
	if err := g.Check(host, port); err != nil {
		return nil, err
	}
	addresses, err := g.resolve(ctx, host)
	if err != nil && !g.named(host, port) {
		return nil, refused(host) // which names there are is not told either
	}
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "The name %q is not known here. Check it for typing mistakes, and that this machine asks a name server that knows it.", host)
	}
	for _, a := range addresses {
		if !g.open(host, a, port) {
			return nil, refused(host)
		}
	}
	var failed []error
	for _, a := range addresses {
		conn, err := g.dial(ctx, network, netip.AddrPortFrom(plain(a), port).String())
		if err == nil {
			return conn, nil
		}
		failed = append(failed, err)
	}
	return nil, errors.Join(failed...)
}

func (g *Guard) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	if g.Resolve != nil {
		return some(g.Resolve(ctx, host))
	}
	return some(net.DefaultResolver.LookupNetIP(ctx, "ip", host))
}

// some makes an empty answer an error.
func some(all []netip.Addr, err error) ([]netip.Addr, error) {
	if err == nil && len(all) == 0 {
		err = errors.New("the name has no address")
	}
	return all, err
}

func (g *Guard) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if g.Dial != nil {
		return g.Dial(ctx, network, address)
	}
	return (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, network, address)
}
