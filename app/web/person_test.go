package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/actor"
	"logreeve/app/auth"
	"logreeve/app/trail"
)

// brokenAuth is a service whose database does not answer.
type brokenAuth struct{ Auth }

var errBroken = errors.New("dial dsn: connection refused")

func (brokenAuth) NeedsSetup(context.Context) (bool, error) { return false, nil }
func (brokenAuth) Organisation(context.Context) (auth.Organisation, error) {
	return auth.Organisation{}, errBroken
}
func (brokenAuth) Resolve(context.Context, string) (auth.Account, auth.Session, error) {
	return auth.Account{}, auth.Session{}, errBroken
}

// withHome is the product's table with a start page that only greets: the real
// one needs services that these tests do not have.
func withHome() []Route {
	table := routes()
	for i := range table {
		if table[i].Method == "GET" && table[i].Path == "/" {
			table[i].Handler = func(s *Server, c *fiber.Ctx) error {
				p := s.page(c, "Home", "home")
				if p.Flash != nil {
					return c.SendString("home of " + p.Actor.Name + ": " + p.Flash.Text)
				}
				return c.SendString("home of " + p.Actor.Name)
			}
		}
	}
	return table
}

func TestSetupInTheBrowser(t *testing.T) {
	w := emptyWorld(t, withHome(), nil)
	token, err := w.auth.SetupToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b := w.browser(t)
	for _, target := range []string{"/", "/sign-in", "/account"} {
		b.get(target).wantRedirect(t, "/setup")
	}
	fields := []string{"organisation", "Beckhof & Söhne", "zone", "Europe/Berlin", "name", "Ines Roth", "email", "ines@example.org", "password", password}
	b.submit("/setup", "/setup", append(fields, "token", "guess")...).want(t, 422, "This is not the set-up token", `value="Beckhof &amp; Söhne"`)
	if got := b.submit("/setup", "/setup", append(fields, "token", "guess")...); strings.Contains(got.text, password) {
		t.Error("the page repeats the password")
	}
	b.submit("/setup", "/setup", append(fields, "token", token)...).wantRedirect(t, "/")
	b.get("/").want(t, 200, "home of Ines Roth: Set up.")
	b.get("/").want(t, 200, "home of Ines Roth")
	b.get("/account").want(t, 200, "Administrator, Officer", "21 Nov 2026, 10:00")
	if o, err := w.auth.Organisation(t.Context()); err != nil || o != (auth.Organisation{Name: "Beckhof & Söhne", Zone: "Europe/Berlin"}) {
		t.Errorf("%+v, %v", o, err)
	}
	w.browser(t).get("/setup").want(t, 404)
}

func TestSignInInTheBrowser(t *testing.T) {
	w := newWorld(t, withHome(), nil)
	b := w.browser(t)
	b.get("/account?x=1").wantRedirect(t, "/sign-in?next=%2Faccount%3Fx%3D1")
	const page = "/sign-in?next=%2Faccount%3Fx%3D1"
	b.submit(page, "/sign-in", "email", "reviewer@example.org", "password", "wrong", "next", "/account?x=1").
		want(t, 401, "The e-mail address or the password is not right.", `value="reviewer@example.org"`, `value="/account?x=1"`)
	b.submit(page, "/sign-in", "email", "reviewer@example.org", "password", password, "next", "/account?x=1").wantRedirect(t, "/account?x=1")
	b.get("/sign-in").wantRedirect(t, "/")
	b.get("/account").want(t, 200, "Person reviewer", "this one")
	b.submit("/account", "/sign-out").wantRedirect(t, "/sign-in?left=1")
	b.get("/sign-in?left=1").want(t, 200, "You are signed out.")
	b.get("/account").wantRedirect(t, "/sign-in?next=%2Faccount")

	evil := w.browser(t)
	evil.submit("/sign-in?next=//evil.example", "/sign-in", "email", "reviewer@example.org", "password", password, "next", "//evil.example").wantRedirect(t, "/")

	script := w.browser(t).do("GET", "/account", nil, func(r *http.Request) { r.Header.Set("Accept", "application/json") })
	script.want(t, 401, `{"error":"You are not signed in."`)
}

// The session's token is new at each sign-in, never one a browser brought, and
// its cookie is as narrow as it can be (guarantees D4, P21).
func TestSessionCookie(t *testing.T) {
	for _, tls := range []bool{false, true} {
		w := newWorld(t, withHome(), func(c *Config) { c.TLS = tls })
		name := map[bool]string{false: "logreeve", true: "__Host-logreeve"}[tls]
		b := w.browser(t)
		sameOrigin := func(r *http.Request) {
			if tls {
				r.Header.Set("Origin", "https://"+r.Host)
			}
		}
		in := func() response {
			shown := b.get("/sign-in")
			form := url.Values{"csrf": {csrfInput.FindStringSubmatch(shown.text)[1]}, "email": {"reviewer@example.org"}, "password": {password}}
			return b.do("POST", "/sign-in", form, sameOrigin)
		}
		const chosen = "chosen-by-an-attacker-0123456789-0123456789"
		b.cookies[name] = chosen
		first := in()
		one := b.cookies[name]
		if first.StatusCode != 303 || one == chosen || len(one) < 43 {
			t.Fatalf("TLS %v: %d, token %q", tls, first.StatusCode, one)
		}
		for _, c := range first.Cookies() {
			if c.Value == "" {
				continue
			}
			if !c.HttpOnly || c.Secure != tls || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 0 || !c.Expires.IsZero() || strings.HasPrefix(c.Name, "__Host-") != tls {
				t.Errorf("TLS %v: cookie %+v", tls, c)
			}
		}
		// Signing in again in the same browser ends the earlier session.
		b.cookies = map[string]string{}
		second := w.browser(t)
		second.cookies[name] = one
		token, err := w.auth.SignIn(t.Context(), "reviewer@example.org", password, "192.0.2.1", "", one)
		if err != nil || token == one {
			t.Fatal(err)
		}
		if second.get("/account").StatusCode != 303 {
			t.Error("the replaced session still opens pages")
		}
		// A cookie of the other kind opens nothing.
		other := w.browser(t)
		other.cookies[map[bool]string{true: "logreeve", false: "__Host-logreeve"}[tls]] = token
		if other.get("/account").StatusCode != 303 {
			t.Error("a cookie of the other kind works")
		}
	}
}

func TestSessionLimitsInTheBrowser(t *testing.T) {
	w := newWorld(t, withHome(), nil)
	b := w.as(t, actor.Reviewer)
	w.clock.pass(29 * time.Minute)
	b.get("/account").want(t, 200)
	w.clock.pass(31 * time.Minute)
	b.get("/account").wantRedirect(t, "/sign-in?next=%2Faccount")
}

func TestSignInLimitInTheBrowser(t *testing.T) {
	w := newWorld(t, withHome(), nil)
	b := w.browser(t)
	forge := 0
	try := func() response {
		shown := b.get("/sign-in")
		forge++
		return b.do("POST", "/sign-in", url.Values{"csrf": {csrfInput.FindStringSubmatch(shown.text)[1]}, "email": {"admin@example.org"}, "password": {"wrong"}},
			func(r *http.Request) { r.Header.Set("X-Forwarded-For", "203.0.113."+strconv.Itoa(forge)) })
	}
	for range 5 {
		try().want(t, 401)
	}
	try().want(t, 429, "Too many attempts failed from your address.")
	w.clock.pass(time.Minute)
	try().want(t, 401)
	try().want(t, 429)
}

func TestPasswordChangeInTheBrowser(t *testing.T) {
	w := newWorld(t, withHome(), nil)
	here, elsewhere := w.as(t, actor.Reviewer), w.as(t, actor.Reviewer)
	here.submit("/password", "/password", "current", "wrong", "password", "seven paper lanterns").want(t, 422, "The current password is not right.")
	here.submit("/password", "/password", "current", password, "password", "short").want(t, 422, "at least 12")
	here.submit("/password", "/password", "current", password, "password", "seven paper lanterns").wantRedirect(t, "/account")
	here.get("/account").want(t, 200, "Your password is changed.")
	elsewhere.get("/account").wantRedirect(t, "/sign-in?next=%2Faccount")
}

func TestAccountsInTheBrowser(t *testing.T) {
	w := newWorld(t, withHome(), nil)
	admin := w.as(t, actor.Admin)
	const list = "/settings/accounts"
	admin.submit(list, list, "name", "", "email", "lena@example.org", "roles", "approver").want(t, 422, "Give the name of the person.", `value="lena@example.org"`)
	admin.submit(list, list, "name", "Lena", "email", "lena@example.org").want(t, 422, "Choose at least one role.")
	admin.submit(list, list, "name", "Lena", "email", "reviewer@example.org", "roles", "approver").want(t, 422, "already")
	made := admin.submit(list, list, "name", "Lena <b>Vogt", "email", "lena@example.org", "person", "lena@corp.example", "roles", "approver", "roles", "reviewer", "password", "ignored ignored", "id", "u_chosen", "disabled", "true")
	made.want(t, 200, "Lena &lt;b&gt;Vogt", "shown once")
	initial := regexp.MustCompile(`id="initial-password">([^<]+)<`).FindStringSubmatch(made.text)[1]
	admin.get(list).want(t, 200, "initial password", "lena@corp.example")

	// She must choose her own before anything else.
	lena := w.browser(t)
	lena.submit("/sign-in", "/sign-in", "email", "lena@example.org", "password", initial).wantRedirect(t, "/")
	lena.get("/").wantRedirect(t, "/password")
	lena.get("/account").wantRedirect(t, "/password")
	lena.submit("/password", "/password", "current", initial, "password", "seven paper lanterns").wantRedirect(t, "/")
	lena.get("/").want(t, 200, "home of Lena <b>Vogt")

	accounts, err := w.auth.ListAccounts(t.Context(), actor.System())
	if err != nil {
		t.Fatal(err)
	}
	id := accounts[slices.IndexFunc(accounts, func(a auth.Account) bool { return a.Email == "lena@example.org" })].ID
	if id == "u_chosen" {
		t.Error("the form chose the id")
	}
	admin.submit(list, list+"/"+id+"/roles", "roles", "auditor").wantRedirect(t, list)
	admin.get(list).want(t, 200, "now has other roles")
	lena.get("/").wantRedirect(t, "/sign-in")
	admin.submit(list, list+"/"+id+"/roles", "roles", "root").wantRedirect(t, list)
	admin.get(list).want(t, 200, "There is no role called")
	admin.submit(list, list+"/"+id+"/disable").wantRedirect(t, list)
	lena.submit("/sign-in", "/sign-in", "email", "lena@example.org", "password", "seven paper lanterns").want(t, 401)
	admin.submit(list, list+"/"+id+"/enable").wantRedirect(t, list)
	lena.submit("/sign-in", "/sign-in", "email", "lena@example.org", "password", "seven paper lanterns").wantRedirect(t, "/")
	admin.submit(list, list+"/"+id+"/end-sessions").wantRedirect(t, list)
	lena.get("/").wantRedirect(t, "/sign-in")
	admin.submit(list, list+"/"+id+"/reset").want(t, 200, "The password is reset", "initial-password")
	admin.submit(list, list+"/"+w.ids[actor.Admin]+"/disable").wantRedirect(t, list)
	admin.get(list).want(t, 200, "last administrator")
	admin.submit(list, list+"/u_nobody/disable").want(t, 404)
	admin.submit(list, list+"/u_nobody/reset").want(t, 404)
}

func TestOwnSessionsInTheBrowser(t *testing.T) {
	w := newWorld(t, withHome(), nil)
	here, there, stranger := w.as(t, actor.Reviewer), w.as(t, actor.Reviewer), w.as(t, actor.Auditor)
	shown := here.get("/account")
	ends := regexp.MustCompile(`/account/sessions/(ss_[0-9a-f]+)/end`).FindStringSubmatch(shown.text)
	if ends == nil {
		t.Fatal(shown.text)
	}
	// Somebody else's session is not there for a stranger.
	stranger.submit("/account", "/account/sessions/"+ends[1]+"/end").want(t, 404)
	there.get("/account").want(t, 200)
	here.submit("/account", "/account/sessions/"+ends[1]+"/end").wantRedirect(t, "/account")
	there.get("/account").wantRedirect(t, "/sign-in?next=%2Faccount")
	more := w.as(t, actor.Reviewer)
	here.submit("/account", "/account/sessions/end").wantRedirect(t, "/account")
	here.get("/account").want(t, 200, "1 other session has ended.")
	more.get("/account").wantRedirect(t, "/sign-in?next=%2Faccount")
}

// A flash that was not made in this session is not shown.
func TestFlashIsSigned(t *testing.T) {
	w := newWorld(t, withHome(), nil)
	b := w.as(t, actor.Reviewer)
	b.cookies[flashCookie] = "b2sKR2l2ZSB1cyB5b3VyIHBhc3N3b3Jk.AAAA"
	if got := b.get("/account"); strings.Contains(got.text, "Give us your password") {
		t.Error("a forged flash is shown")
	}
}

// Each trail entry made in a handler names the person and the object of its own
// request, also after the handler is gone (guarantee P8).
func TestEntriesNameTheirOwnRequestUnderLoad(t *testing.T) {
	if got := foreignMarkers(t, true, 10_000); got != 0 {
		t.Errorf("%d of 10,000 entries hold something of another request", got)
	}
	if got := foreignMarkers(t, false, 4_000); got < 1000 {
		t.Errorf("the control found only %d foreign entries: the harness sees nothing", got)
	}
}

type heard struct {
	by    actor.Actor
	entry trail.Entry
}

// foreignMarkers sends requests of 8 people with a marker of their own in path,
// query, header and body, keeps what the handlers made of them for a while, and
// counts entries whose parts do not belong together.
func foreignMarkers(t *testing.T, immutable bool, requests int) int {
	t.Helper()
	entries := make(chan heard, requests)
	table := append(routes(), Route{Method: "POST", Path: "/mark/:path", Name: "x.mark", Access: Only(actor.Reviewer), Handler: func(s *Server, c *fiber.Ctx) error {
		h := heard{s.actor(c), trail.Entry{Action: "test.marked", ObjectKind: "mark", ObjectID: c.Params("path"), Detail: map[string]string{
			"query": c.Query("q"), "header": c.Get("X-Marker"), "agent": c.Get("User-Agent"), "body": string(c.Body()), "form": readForm(c).Get("marker"), "cookie": c.Cookies("marker"),
		}}}
		entries <- h
		return c.SendString("ok")
	}})
	w := emptyWorld(t, table, nil)
	s, err := newServer(w.config, table, immutable)
	if err != nil {
		t.Fatal(err)
	}
	w.Server = s
	type person struct{ id, token, csrf string }
	people := make([]person, 8)
	for i := range people {
		email := "p" + strconv.Itoa(i) + "@example.org"
		a, _, err := w.auth.CreateAccount(t.Context(), actor.System(), auth.NewAccount{Name: "P" + strconv.Itoa(i), Email: email, Roles: []actor.Role{actor.Reviewer}, Password: password})
		if err != nil {
			t.Fatal(err)
		}
		token, err := w.auth.SignIn(t.Context(), email, password, "192.0.2.1", "", "")
		if err != nil {
			t.Fatal(err)
		}
		_, session, err := w.auth.Resolve(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		people[i] = person{a.ID, token, tokenFrom(session.Secret)}
	}
	address := serve(t, s)
	var wg sync.WaitGroup
	for i, p := range people {
		wg.Go(func() {
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2, DialContext: (&net.Dialer{}).DialContext}}
			defer client.CloseIdleConnections()
			for n := range requests / len(people) {
				marker := strconv.Itoa(i) + "-" + strconv.Itoa(1_000_000+n)
				form := url.Values{"csrf": {p.csrf}, "marker": {marker}}.Encode()
				req, err := http.NewRequestWithContext(t.Context(), "POST", "http://"+address+"/mark/"+marker+"?q="+marker, strings.NewReader(form))
				if err != nil {
					t.Error(err)
					return
				}
				req.Header.Set("Content-Type", fiber.MIMEApplicationForm)
				req.Header.Set("X-Marker", marker)
				req.Header.Set("User-Agent", "agent "+marker)
				req.AddCookie(&http.Cookie{Name: sessionCookie, Value: p.token})
				req.AddCookie(&http.Cookie{Name: "marker", Value: marker})
				resp, err := client.Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				_ = resp.Body.Close()
				if resp.StatusCode != 200 {
					t.Errorf("status %d", resp.StatusCode)
					return
				}
			}
		})
	}
	wg.Wait()
	close(entries)
	owner := map[string]int{}
	for i, p := range people {
		owner[p.id] = i
	}
	foreign, total := 0, 0
	seen := map[string]bool{}
	for h := range entries {
		total++
		m, d := h.entry.ObjectID, h.entry.Detail
		i, known := owner[h.by.ID]
		// The marker is read from what readForm copied; all others must agree.
		right := known && strings.HasPrefix(m, strconv.Itoa(i)+"-") && !seen[m] && d["query"] == m && d["header"] == m && d["agent"] == "agent "+m && d["form"] == m && d["cookie"] == m && strings.Contains(d["body"], "marker="+m)
		seen[m] = true
		if !right {
			foreign++
		}
	}
	if total != requests/len(people)*len(people) {
		t.Fatalf("%d entries", total)
	}
	return foreign
}
