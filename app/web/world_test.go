package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/actor"
	"logreeve/app/auth"
	"logreeve/app/auth/authtest"
)

const password = "violet tram under glass"

type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// world is a server over memory with one account of each role, whose e-mail
// address is role@example.org.
type world struct {
	*Server
	auth  *auth.Service
	store *authtest.Store
	clock *clock
	ids   map[actor.Role]string
}

// newWorld makes a server over a table; nil is the product's own. Change may
// alter the settings.
func newWorld(t *testing.T, table []Route, change func(*Config)) *world {
	t.Helper()
	w := emptyWorld(t, table, change)
	for _, r := range actor.Roles() {
		a, _, err := w.auth.CreateAccount(t.Context(), actor.System(), auth.NewAccount{Name: "Person " + string(r), Email: string(r) + "@example.org", Roles: []actor.Role{r}, Password: password})
		if err != nil {
			t.Fatal(err)
		}
		w.ids[r] = a.ID
	}
	return w
}

// emptyWorld is newWorld before set-up.
func emptyWorld(t *testing.T, table []Route, change func(*Config)) *world {
	t.Helper()
	w := &world{store: &authtest.Store{}, clock: &clock{t: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}, ids: map[actor.Role]string{}}
	w.auth = auth.New(auth.Config{Store: w.store, Now: w.clock.now, Cost: auth.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}})
	if table == nil {
		table = routes()
	}
	c := Config{Services: Services{Auth: w.auth}, Now: w.clock.now}
	if change != nil {
		change(&c)
	}
	s, err := newServer(c, table, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.end)
	w.Server = s
	return w
}

// browser keeps cookies and sends what browsers send.
type browser struct {
	t       *testing.T
	w       *world
	cookies map[string]string
}

func (w *world) browser(t *testing.T) *browser {
	return &browser{t: t, w: w, cookies: map[string]string{}}
}

// as is a browser in which the account of the role is signed in, without the
// sign-in page.
func (w *world) as(t *testing.T, r actor.Role) *browser {
	t.Helper()
	b := w.browser(t)
	token, err := w.auth.SignIn(t.Context(), string(r)+"@example.org", password, "192.0.2.1", "test", "")
	if err != nil {
		t.Fatal(err)
	}
	b.cookies[w.cookieName(sessionCookie)] = token
	return b
}

// token is the CSRF token of the browser's session.
func (b *browser) token() string {
	_, session, err := b.w.auth.Resolve(b.t.Context(), b.cookies[b.w.cookieName(sessionCookie)])
	if err != nil {
		b.t.Fatal(err)
	}
	return tokenFrom(session.Secret)
}

type response struct {
	*http.Response
	text string
}

func (b *browser) do(method, target string, form url.Values, change ...func(*http.Request)) response {
	b.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req := httptest.NewRequest(method, target, body)
	req.Header.Set("Accept", "text/html")
	if form != nil {
		req.Header.Set("Content-Type", fiber.MIMEApplicationForm)
		req.Header.Set("Origin", "http://"+req.Host)
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for name, value := range b.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for _, f := range change {
		f(req)
	}
	resp, err := b.w.app.Test(req, -1)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range resp.Cookies() {
		if c.MaxAge < 0 || c.Value == "" {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return response{resp, string(text)}
}

func (b *browser) get(target string) response { b.t.Helper(); return b.do("GET", target, nil) }

var csrfInput = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// submit opens a page, takes the token of its form and posts.
func (b *browser) submit(page, target string, pairs ...string) response {
	b.t.Helper()
	shown := b.get(page)
	found := csrfInput.FindStringSubmatch(shown.text)
	if found == nil {
		b.t.Fatalf("%s has no form: %d %s", page, shown.StatusCode, shown.text)
	}
	form := url.Values{csrfField: {found[1]}}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return b.do("POST", target, form)
}

func (r response) wantRedirect(t *testing.T, to string) {
	t.Helper()
	if r.StatusCode != 303 || r.Header.Get("Location") != to {
		t.Errorf("%d to %q, want 303 to %q\n%s", r.StatusCode, r.Header.Get("Location"), to, r.text)
	}
}

func (r response) want(t *testing.T, status int, texts ...string) {
	t.Helper()
	if r.StatusCode != status {
		t.Errorf("status %d, want %d\n%.2000s", r.StatusCode, status, r.text)
	}
	for _, text := range texts {
		if !strings.Contains(r.text, text) {
			t.Errorf("the page does not say %q:\n%.6000s", text, r.text)
		}
	}
}

// probe is the given table with handlers that only say that they were reached.
func probe(table []Route) []Route {
	out := make([]Route, len(table))
	for i, r := range table {
		r.Handler = func(_ *Server, c *fiber.Ctx) error { return c.Status(fiber.StatusOK).SendString("reached") }
		out[i] = r
	}
	return out
}

var parameter = regexp.MustCompile(`:[a-z_]+|\*`)

// address is a path of a route with its parameters filled.
func (r Route) address() string { return parameter.ReplaceAllString(r.Path, "x1") }
