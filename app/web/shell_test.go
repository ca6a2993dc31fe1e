package web

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/actor"
	"logreeve/app/fault"
)

func newBody(text string) io.ReadCloser { return io.NopCloser(strings.NewReader(text)) }

var securityHeaders = map[string]string{
	"Content-Security-Policy":      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	"X-Content-Type-Options":       "nosniff",
	"Referrer-Policy":              "same-origin",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
}

// troubled is the product's table and routes that go wrong.
func troubled() []Route {
	return append(probe(routes()),
		Route{Method: "GET", Path: "/panic", Name: "x.panic", Access: Public(), Handler: func(*Server, *fiber.Ctx) error { panic("postgres://secret@db") }},
		Route{Method: "GET", Path: "/leak", Name: "x.leak", Access: Public(), Handler: func(*Server, *fiber.Ctx) error { return errors.New("postgres://secret@db") }},
		Route{Method: "GET", Path: "/wrapped", Name: "x.wrapped", Access: Public(), Handler: func(*Server, *fiber.Ctx) error {
			return fault.Wrap(fault.Unavailable, errors.New("postgres://secret@db"), "The source prod-audit does not answer.")
		}},
		Route{Method: "GET", Path: "/internal", Name: "x.internal", Access: Public(), Handler: func(*Server, *fiber.Ctx) error {
			return fault.New(fault.Internal, "postgres://secret@db")
		}},
		Route{Method: "GET", Path: "/conflict", Name: "x.conflict", Access: AnyRole(), Handler: func(*Server, *fiber.Ctx) error {
			return fault.New(fault.Conflict, "Omar <decided> this item first.")
		}},
		Route{Method: "GET", Path: "/slow", Name: "x.slow", Access: Public(), Timeout: 20 * time.Millisecond, Handler: func(_ *Server, c *fiber.Ctx) error {
			<-c.UserContext().Done()
			return fmt.Errorf("read store: %w", c.UserContext().Err())
		}},
	)
}

func TestSecurityHeadersAreOnEveryAnswer(t *testing.T) {
	for _, tls := range []bool{false, true} {
		w := newWorld(t, troubled(), func(c *Config) { c.TLS = tls })
		b := w.as(t, actor.Auditor)
		check := func(what string, h http.Header) {
			t.Helper()
			for name, want := range securityHeaders {
				if got := h.Get(name); got != want {
					t.Errorf("%s: %s is %q", what, name, got)
				}
			}
			if got := h.Get("Strict-Transport-Security") != ""; got != tls {
				t.Errorf("%s: HSTS is %v with TLS %v", what, got, tls)
			}
			if h.Get("Server") != "" {
				t.Errorf("%s: the server names itself", what)
			}
		}
		for _, route := range troubled() {
			for _, visitor := range []*browser{b, w.browser(t)} {
				got := visitor.do(route.Method, route.address(), nil)
				check(route.Name, got.Header)
				if got.Header.Get("Cache-Control") != "no-store" {
					t.Errorf("%s: Cache-Control %q", route.Name, got.Header.Get("Cache-Control"))
				}
			}
		}
		for _, target := range []string{"/nothing", "/static/x/../../secret", "/a%00b", "/" + strings.Repeat("a", 3000)} {
			check(target, b.get(target).Header)
		}
		check("405", b.do("DELETE", "/account", nil).Header)
		check("unknown method", b.do("BREW", "/account", nil).Header)
	}
}

// Requests that cannot be read, over the wire: the answers carry the headers
// and say nothing of us, and the process lives.
func TestUnreadableRequests(t *testing.T) {
	w := newWorld(t, nil, func(c *Config) { c.BodyLimit = 1000 })
	address := serve(t, w.Server)
	for name, raw := range map[string]string{
		"nonsense":      "\x00\x01\x02 nonsense\r\n\r\n",
		"large header":  "GET / HTTP/1.1\r\nHost: x\r\nX-A: " + strings.Repeat("a", 40_000) + "\r\n\r\n",
		"large body":    "POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n\r\n" + strings.Repeat("a", 5000),
		"two lengths":   "POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\naaaaaa",
		"unknown verb":  "BREW / HTTP/1.1\r\nHost: x\r\n\r\n",
		"bad multipart": "POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 3\r\n\r\nabc",
	} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
		_, _ = conn.Write([]byte(raw))
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			_ = conn.Close()
			continue
		}
		if resp.StatusCode < 400 || resp.StatusCode >= 500 {
			t.Errorf("%s: status %d", name, resp.StatusCode)
		}
		for header, want := range securityHeaders {
			if got := resp.Header.Get(header); got != want {
				t.Errorf("%s: %s is %q", name, header, got)
			}
		}
		_ = resp.Body.Close()
		_ = conn.Close()
	}
	resp, err := http.Get("http://" + address + "/healthz")
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("healthz afterwards: %v, %v", resp, err)
	}
	_ = resp.Body.Close()
}

// serve answers on a port of this machine until the test ends.
func serve(t *testing.T, s *Server) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(l)
	t.Cleanup(func() { _ = s.Shutdown(t.Context()) })
	return l.Addr().String()
}

// A panic or an error is one failed request in words of ours; no error text
// leaves unless it is the sentence of a fault (guarantees D2, D5, P38).
func TestFailuresSayNothingOfUs(t *testing.T) {
	var log strings.Builder
	w := newWorld(t, troubled(), func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	b := w.as(t, actor.Auditor)
	for target, want := range map[string]struct {
		status int
		says   string
	}{
		"/panic":    {500, "Something went wrong on our side"},
		"/leak":     {500, "Something went wrong on our side"},
		"/internal": {500, "Something went wrong on our side"},
		"/wrapped":  {503, "The source prod-audit does not answer."},
		"/conflict": {409, "Omar &lt;decided&gt; this item first."},
		"/slow":     {503, "It took too long"},
		"/nothing":  {404, "There is nothing at this address"},
	} {
		for _, accept := range []string{"text/html", "application/json"} {
			got := b.do("GET", target, nil, func(r *http.Request) { r.Header.Set("Accept", accept) })
			if accept == "text/html" {
				got.want(t, want.status, want.says)
			} else if got.StatusCode != want.status || !strings.HasPrefix(got.text, `{"error":"`) {
				t.Errorf("%s as JSON: %d %s", target, got.StatusCode, got.text)
			}
			for _, never := range []string{"postgres", "secret", "goroutine", "deadline", ".go:"} {
				if strings.Contains(got.text, never) {
					t.Errorf("%s says %q", target, never)
				}
			}
			if want.status == 500 && !strings.Contains(got.text, got.Header.Get("X-Request-Id")) {
				t.Errorf("%s does not give its number", target)
			}
		}
	}
	b.do("DELETE", "/account", nil).want(t, 405, "This address cannot be used that way")
	b.get("/account").want(t, 200)
	if !strings.Contains(log.String(), "postgres://secret@db") || !strings.Contains(log.String(), "shell_test.go") {
		t.Error("the operator's log does not have the cause and the stack")
	}
}

// When even the store of accounts fails there is still a page.
func TestErrorPagesNeedNothing(t *testing.T) {
	w := newWorld(t, nil, nil)
	b := w.as(t, actor.Auditor)
	w.Server.Services.Auth = brokenAuth{w.auth}
	for _, target := range []string{"/account", "/nothing", "/sign-in"} {
		got := b.get(target)
		if got.StatusCode < 400 || !strings.Contains(got.text, "<h1>") || strings.Contains(got.text, "dsn") {
			t.Errorf("%s: %d %s", target, got.StatusCode, got.text)
		}
	}
}

func TestStaticFiles(t *testing.T) {
	files := fstest.MapFS{"css/a.css": {Data: []byte("a{}")}, "js/app.js": {Data: []byte("1")}, "css/secret.conf": {Data: []byte("x")}, "img/mark.svg": {Data: []byte("<svg/>")}, "img/icons.svg": {Data: []byte("<svg/>")}}
	for _, name := range []string{"tokens", "base", "frame", "parts", "forms", "tables", "diff", "review", "evidence", "charts", "print"} {
		files["css/"+name+".css"] = &fstest.MapFile{Data: []byte("b{}")}
	}
	w := newWorld(t, nil, func(c *Config) { c.Static = files })
	b := w.browser(t)
	path, err := w.assets.Path("css/a.css")
	if err != nil {
		t.Fatal(err)
	}
	got := b.get(path)
	got.want(t, 200, "a{}")
	if got.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || got.Header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("headers %v", got.Header)
	}
	old := b.get("/static/0000/css/a.css")
	old.want(t, 200, "a{}")
	if old.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("an earlier digest is kept: %v", old.Header)
	}
	for _, target := range []string{"/static/", "/static/x/", "/static/x/css", "/static/x/css/", "/static/x/css/none.css", "/static/x/../shell_test.go", "/static/x/css/..%2f..%2fa.css", "/static/x/css/secret.conf", "/static/x//css/a.css"} {
		b.get(target).want(t, 404)
	}
	changed := fstest.MapFS{"css/a.css": {Data: []byte("a{} ")}}
	other, err := NewAssets(changed, false)
	if err != nil {
		t.Fatal(err)
	}
	if p, _ := other.Path("css/a.css"); p == path {
		t.Error("another content has the same address")
	}
	if _, err := other.Path("css/none.css"); err == nil {
		t.Error("a file that is not there has an address")
	}
}

func TestHealth(t *testing.T) {
	w := emptyWorld(t, nil, nil)
	w.browser(t).get("/healthz").want(t, 200, "ok")
}

func TestCheckListen(t *testing.T) {
	for _, tc := range []struct {
		addr       string
		tls, proxy bool
		ok         bool
	}{
		{"127.0.0.1:8080", false, false, true}, {"localhost:8080", false, false, true}, {"[::1]:8080", false, false, true}, {"127.8.9.1:0", false, false, true}, {"[::ffff:127.0.0.1]:1", false, false, true},
		{":8080", false, false, false}, {"0.0.0.0:8080", false, false, false}, {"[::]:8080", false, false, false}, {"10.0.0.5:8080", false, false, false},
		{"localhost.evil.example:80", false, false, false}, {"127.0.0.1.evil.example:80", false, false, false}, {"example.org:80", false, false, false},
		{":8443", true, false, true}, {":8080", false, true, true}, {"8080", false, false, false}, {"8080", true, true, false},
	} {
		err := CheckListen(tc.addr, tc.tls, tc.proxy)
		if (err == nil) != tc.ok || (err != nil && fault.FieldOf(err) != "addr") {
			t.Errorf("%s, TLS %v, proxy %v: %v", tc.addr, tc.tls, tc.proxy, err)
		}
	}
}

// Only a trusted proxy says who the client is (guarantee D3).
func TestClientAddress(t *testing.T) {
	for _, tc := range []struct {
		trusted, forwarded, want string
	}{
		{"", "203.0.113.5", "0.0.0.0"},
		{"10.0.0.0/8", "203.0.113.5", "0.0.0.0"},
		{"0.0.0.0/32", "203.0.113.5", "203.0.113.5"},
		{"0.0.0.0/32", "192.0.2.99, 203.0.113.5", "203.0.113.5"},
		{"0.0.0.0/32 10.0.0.0/8", "192.0.2.99, 203.0.113.5, 10.1.1.1", "203.0.113.5"},
		{"0.0.0.0/32", "203.0.113.5, nonsense", "0.0.0.0"},
		{"0.0.0.0/32", "", "0.0.0.0"},
		{"0.0.0.0/32", "2001:db8::1", "2001:db8::1"},
	} {
		var got string
		table := append(routes(), Route{Method: "GET", Path: "/who", Name: "x.who", Access: Public(), Handler: func(_ *Server, c *fiber.Ctx) error {
			got = Address(c)
			return nil
		}})
		w := newWorld(t, table, func(c *Config) {
			for _, p := range strings.Fields(tc.trusted) {
				c.TrustedProxies = append(c.TrustedProxies, netip.MustParsePrefix(p))
			}
		})
		w.browser(t).do("GET", "/who", nil, func(r *http.Request) { r.Header.Set("X-Forwarded-For", tc.forwarded) })
		if got != tc.want {
			t.Errorf("trusting %q, %q: %q, want %q", tc.trusted, tc.forwarded, got, tc.want)
		}
	}
}

func TestSettingsThatCannotWork(t *testing.T) {
	for name, c := range map[string]Config{
		"public URL without a scheme": {PublicURL: "logreeve.example.org"},
		"public URL with a path":      {PublicURL: "https://example.org/logreeve"},
		"template without content":    {Templates: fstest.MapFS{"layouts/page.html": {Data: []byte(`{{define "page"}}{{end}}`)}, "partials/p.html": {}, "pages/x.html": {Data: []byte(`{{define "title"}}x{{end}}`)}}},
		"template with an error":      {Templates: fstest.MapFS{"layouts/page.html": {Data: []byte(`{{define "page"}}{{end}}`)}, "partials/p.html": {}, "pages/x.html": {Data: []byte(`{{define "title"}}{{nonsense}}{{end}}`)}}},
		"no error page":               {Templates: fstest.MapFS{"layouts/page.html": {Data: []byte(`{{define "page"}}{{end}}`)}, "partials/p.html": {}}},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// Shutting down answers what runs and ends every context.
func TestShutdown(t *testing.T) {
	started := make(chan struct{})
	release := make(chan struct{})
	table := append(routes(), Route{Method: "GET", Path: "/running", Name: "x.running", Access: Public(), Handler: func(_ *Server, c *fiber.Ctx) error {
		close(started)
		<-release
		return c.SendString("done")
	}})
	w := newWorld(t, table, nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- w.Serve(l) }()
	answer := make(chan string, 1)
	go func() {
		resp, err := http.Get("http://" + l.Addr().String() + "/running")
		if err != nil {
			answer <- err.Error()
			return
		}
		text, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		answer <- string(text)
	}()
	<-started
	stopped := make(chan error, 1)
	go func() { stopped <- w.Shutdown(t.Context()) }()
	time.Sleep(20 * time.Millisecond)
	close(release)
	if got := <-answer; got != "done" {
		t.Errorf("the running request got %q", got)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	if w.lifetime.Err() == nil {
		t.Error("contexts go on after shutdown")
	}
}

// Nothing of ours is a page that a template could break out of: only one file
// makes template.HTML, and no handler uses the context of fasthttp.
func TestForbiddenWords(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		text, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for word, only := range map[string]string{"template.HTML": "functions.go", "template.JS": "", "template.CSS": "", "template.URL": "", "c.Context()": "request.go", "c.FormValue": "form.go", "time.Now()": "", "context.Background": "server.go"} {
			if strings.Contains(strings.ReplaceAll(string(text), "never c or c.Context()", ""), word) && f.Name() != only {
				t.Errorf("%s uses %s", f.Name(), word)
			}
		}
	}
}
