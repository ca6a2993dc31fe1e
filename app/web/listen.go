package web

import (
	"net"
	"net/netip"

	"logreeve/app/fault"
)

// CheckListen refuses to serve over plain HTTP where others could read along:
// without TLS an address must be loopback, unless a declared proxy in front does
// TLS. The fault is Invalid on "addr".
func CheckListen(addr string, tls, behindTLSProxy bool) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fault.Field("addr", "%q is not an address to listen on; it looks like 127.0.0.1:8080.", addr)
	}
	if tls || behindTLSProxy || loopback(host) {
		return nil
	}
	return fault.Field("addr", "%s can be reached from other machines, and without TLS passwords and sessions could be read on the way. Listen on 127.0.0.1, give a certificate, or name the proxy that does TLS and the public https address.", addr)
}

// loopback says whether a host is this machine alone. Names other than
// localhost are not looked up: what they mean can change.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}
