package outbound_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"logreeve/app/fault"
	"logreeve/app/outbound"
)

func hosts(t *testing.T, texts ...string) []outbound.Host {
	t.Helper()
	var all []outbound.Host
	for _, text := range texts {
		h, err := outbound.ParseHost(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, h)
	}
	return all
}

// watched is a guard over a made-up name server that notes what would have been
// connected to.
func watched(t *testing.T, names map[string]string, open ...string) (*outbound.Guard, *[]string) {
	t.Helper()
	var dialled []string
	g := outbound.NewGuard(hosts(t, open...))
	g.Resolve = func(_ context.Context, host string) ([]netip.Addr, error) {
		var all []netip.Addr
		for text := range strings.FieldsSeq(names[host]) {
			all = append(all, netip.MustParseAddr(text))
		}
		if all == nil {
			return nil, errors.New("no such host")
		}
		return all, nil
	}
	g.Dial = func(_ context.Context, _, address string) (net.Conn, error) {
		dialled = append(dialled, address)
		near, far := net.Pipe()
		_ = far.Close()
		return near, nil
	}
	return g, &dialled
}

// TestDial is the table of guarantee P26: where it says deny, nothing is
// connected to.
func TestDial(t *testing.T) {
	t.Parallel()
	names := map[string]string{
		"search.example.org": "192.0.2.10", "inside.example.org": "10.1.2.3", "six.example.org": "2001:db8::5", "other.example.net": "10.9.9.9", "public.example.net": "198.51.100.7",
		"meta.example.org": "169.254.169.254", "meta6.example.org": "fe80::1", "loop.example.org": "127.0.0.1", "loop6.example.org": "::1", "mapped.example.org": "::ffff:169.254.169.254",
		"mapped-loop.example.org": "::ffff:127.0.0.1", "nat64.example.org": "64:ff9b::a9fe:a9fe", "sixtofour.example.org": "2002:a9fe:a9fe::1", "teredo.example.org": "2001:0:1::1",
		"mixed.example.org": "192.0.2.10 169.254.169.254", "aws6.example.org": "fd00:ec2::254", "alibaba.example.org": "100.100.100.200", "azure.example.org": "168.63.129.16", "oracle.example.org": "192.0.0.192",
		"any.example.org": "0.0.0.0", "any6.example.org": "::", "many.example.org": "224.0.0.1", "all.example.org": "255.255.255.255", "compat.example.org": "::169.254.169.254", "cgnat.example.org": "100.64.1.1",
		"localhost": "127.0.0.1", "127.1": "127.0.0.1", "2130706433": "127.0.0.1", "0x7f000001": "127.0.0.1", "zone.example.org": "fe80::1%eth0",
	}
	listed := []string{"*.example.org", "10.0.0.0/8", "search.example.org:9200", "0.0.0.0/0", "::/0"}
	names4 := []string{"*.example.org"}
	tests := []struct {
		name, address string
		open          []string
		want          string // what is connected to; "" nothing
	}{
		{"nothing is open by default", "search.example.org:9200", nil, ""},
		{"nor this machine", "127.0.0.1:9200", nil, ""},
		{"a listed name", "search.example.org:9200", []string{"search.example.org"}, "192.0.2.10:9200"},
		{"in other letters, with the root's dot", "SEARCH.Example.ORG.:9200", []string{"search.example.org"}, "192.0.2.10:9200"},
		{"a name below", "search.example.org:9200", names4, "192.0.2.10:9200"},
		{"a private address of a listed name", "inside.example.org:9200", names4, "10.1.2.3:9200"},
		{"shared address space of a listed name", "cgnat.example.org:9200", names4, "100.64.1.1:9200"},
		{"a listed name with IPv6", "six.example.org:9200", names4, "[2001:db8::5]:9200"},
		{"a name in a listed network", "other.example.net:9200", []string{"10.0.0.0/8"}, "10.9.9.9:9200"},
		{"a listed address", "10.1.2.3:9200", []string{"10.1.2.3"}, "10.1.2.3:9200"},
		{"a listed port", "search.example.org:9200", []string{"search.example.org:9200"}, "192.0.2.10:9200"},
		{"this machine, listed", "localhost:9200", []string{"localhost"}, "127.0.0.1:9200"},
		{"this machine by address, listed", "127.0.0.1:9200", []string{"127.0.0.1:9200"}, "127.0.0.1:9200"},
		{"this machine in IPv6, listed", "[::1]:9200", []string{"::1"}, "[::1]:9200"},
		{"an address in disguise of a listed one", "[::ffff:10.1.2.3]:9200", []string{"10.0.0.0/8"}, "10.1.2.3:9200"},

		{"another port", "search.example.org:22", []string{"search.example.org:9200"}, ""},
		{"another name", "public.example.net:9200", names4, ""},
		{"the parent of a wildcard", "example.org:9200", names4, ""},
		{"a name that only ends alike", "evilexample.org:9200", names4, ""},
		{"a name outside the listed network", "public.example.net:9200", []string{"10.0.0.0/8"}, ""},
		{"an address outside the listed network", "192.168.1.1:9200", []string{"10.0.0.0/8"}, ""},
		{"a listed name that leads to this machine", "loop.example.org:9200", names4, ""},
		{"the same in IPv6", "loop6.example.org:9200", names4, ""},
		{"the same as IPv4 in IPv6", "mapped-loop.example.org:9200", names4, ""},
		{"this machine by a short address", "127.1:9200", names4, ""},
		{"by a number", "2130706433:9200", names4, ""},
		{"by a number in hex", "0x7f000001:9200", names4, ""},
		{"a short address, everything listed", "127.1:9200", listed, ""},
		{"metadata by address", "169.254.169.254:80", listed, ""},
		{"metadata by name", "meta.example.org:80", listed, ""},
		{"metadata as IPv4 in IPv6", "[::ffff:169.254.169.254]:80", listed, ""},
		{"the same by name", "mapped.example.org:80", listed, ""},
		{"metadata through NAT64", "nat64.example.org:80", listed, ""},
		{"through 6to4", "sixtofour.example.org:80", listed, ""},
		{"through Teredo", "teredo.example.org:80", listed, ""},
		{"as IPv4-compatible", "compat.example.org:80", listed, ""},
		{"one of two addresses is metadata", "mixed.example.org:80", listed, ""},
		{"metadata of AWS in IPv6", "aws6.example.org:80", listed, ""},
		{"metadata of Alibaba Cloud", "alibaba.example.org:80", listed, ""},
		{"host of Azure", "azure.example.org:80", listed, ""},
		{"metadata of Oracle Cloud", "oracle.example.org:80", listed, ""},
		{"link-local in IPv6", "meta6.example.org:80", listed, ""},
		{"link-local with a zone", "[fe80::1%eth0]:80", listed, ""},
		{"the same by name", "zone.example.org:80", listed, ""},
		{"unspecified", "any.example.org:80", listed, ""},
		{"unspecified in IPv6", "any6.example.org:80", listed, ""},
		{"unspecified by address", "0.0.0.0:80", listed, ""},
		{"multicast", "many.example.org:80", listed, ""},
		{"broadcast", "all.example.org:80", listed, ""},
		{"a name nobody knows", "gone.example.org:80", names4, ""},
		{"no port", "search.example.org", names4, ""},
		{"a port that is none", "search.example.org:99999", names4, ""},
		{"an empty host", ":9200", listed, ""},
		{"a path", "search.example.org/x:9200", names4, ""},
		{"a user", "meta.example.org@search.example.org:80", names4, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g, dialled := watched(t, names, test.open...)
			conn, err := g.DialContext(t.Context(), "tcp", test.address)
			if conn != nil {
				_ = conn.Close()
			}
			if got := strings.Join(*dialled, " "); got != test.want {
				t.Fatalf("connected to %q, want %q (%v)", got, test.want, err)
			}
			if (test.want == "") != (err != nil) {
				t.Errorf("error %v", err)
			}
			if k := fault.KindOf(err); err != nil && k != fault.Invalid && k != fault.Unavailable {
				t.Errorf("%v has no sentence for the user", err)
			}
		})
	}
}

// A name that answers differently the second time is connected to where it was
// checked, or not at all: it is asked once a connection.
func TestChangingNames(t *testing.T) {
	t.Parallel()
	answers := []string{"192.0.2.10", "169.254.169.254"}
	g, dialled := watched(t, nil, "search.example.org")
	g.Resolve = func(context.Context, string) ([]netip.Addr, error) {
		next := answers[0]
		answers = answers[1:]
		return []netip.Addr{netip.MustParseAddr(next)}, nil
	}
	for range 2 {
		if conn, err := g.DialContext(t.Context(), "tcp", "search.example.org:9200"); err == nil {
			_ = conn.Close()
		}
	}
	if got := strings.Join(*dialled, " "); got != "192.0.2.10:9200" {
		t.Errorf("connected to %q", got)
	}
}

// The refusal is word for word the same whether something listens or not.
func TestRefusalTellsNothing(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	g := outbound.NewGuard(hosts(t, "search.example.org"))
	_, listening := g.DialContext(t.Context(), "tcp", l.Addr().String())
	_, silent := g.DialContext(t.Context(), "tcp", "127.0.0.1:1")
	if listening == nil || listening.Error() != silent.Error() {
		t.Errorf("%v against %v", listening, silent)
	}
	// Nor which names there are: with a network on the list, names are asked for.
	names, _ := watched(t, map[string]string{"there.example.net": "192.0.2.1"}, "10.0.0.0/8")
	_, there := names.DialContext(t.Context(), "tcp", "there.example.net:80")
	_, gone := names.DialContext(t.Context(), "tcp", "gone.example.net:80")
	if there == nil || strings.ReplaceAll(there.Error(), "there", "gone") != gone.Error() {
		t.Errorf("%v against %v", there, gone)
	}
}

// Over a real HTTP client and real sockets: an open host is reached, a redirect
// from it and a proxy in between are not. The first is the control.
func TestOverHTTP(t *testing.T) {
	t.Parallel()
	var reached atomic.Int32
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer inner.Close()
	outer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, inner.URL, http.StatusFound) }))
	defer outer.Close()
	address := func(s *httptest.Server) string { return strings.TrimPrefix(s.URL, "http://") }
	get := func(t *testing.T, g *outbound.Guard, proxy func(*http.Request) (*url.URL, error)) error {
		t.Helper()
		client := &http.Client{Transport: &http.Transport{DialContext: g.DialContext, Proxy: proxy, DisableKeepAlives: true}}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, outer.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		return err
	}
	if err := get(t, outbound.NewGuard(hosts(t, address(outer), address(inner))), nil); err != nil || reached.Load() != 1 {
		t.Fatalf("both are open: %v, reached %d times", err, reached.Load())
	}
	if err := get(t, outbound.NewGuard(hosts(t, address(outer))), nil); fault.KindOf(err) != fault.Invalid || reached.Load() != 1 {
		t.Errorf("a redirect elsewhere: %v, reached %d times", err, reached.Load())
	}
	proxy, err := url.Parse(inner.URL)
	if err != nil {
		t.Fatal(err)
	}
	if err := get(t, outbound.NewGuard(hosts(t, address(outer))), http.ProxyURL(proxy)); fault.KindOf(err) != fault.Invalid || reached.Load() != 1 {
		t.Errorf("through a proxy that is not open: %v, reached %d times", err, reached.Load())
	}
}

func TestParseHost(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Search.Example.org": "search.example.org", "search.example.org:9200": "search.example.org:9200", "*.example.org": "*.example.org", "localhost:9200": "localhost:9200",
		"10.0.0.5": "10.0.0.5", "10.0.0.5:9200": "10.0.0.5:9200", "10.1.2.3/8": "10.0.0.0/8", "[fd00::5]:9200": "[fd00::5]:9200", "fd00::5": "fd00::5", "fd00::/8": "fd00::/8",
		"::ffff:10.0.0.5": "10.0.0.5", "opensearch-node1": "opensearch-node1", "169.254.0.0/15": "169.254.0.0/15",
	} {
		h, err := outbound.ParseHost(text)
		if err != nil || h.String() != want {
			t.Errorf("%q: %q, %v; want %q", text, h.String(), err, want)
		}
	}
	for _, text := range []string{"", "*", "*.", "https://search.example.org", "search.example.org/path", "search.example.org:0", "search.example.org:99999", "a b", "127.1", "2130706433", "0x7f000001",
		"169.254.169.254", "[fe80::1]:80", "::ffff:169.254.169.254", "0.0.0.0", "224.0.0.1", "user@search.example.org", "10.0.0.0/99", "a*.example.org", "*.*.example.org", "-a.example.org"} {
		if h, err := outbound.ParseHost(text); err == nil {
			t.Errorf("%q is read as %q", text, h.String())
		}
	}
}
