package web

import (
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/actor"
	"logreeve/app/auth"
)

var update = flag.Bool("update", false, "write golden files anew")

// Every route as everybody (guarantee P19). What each gets is written in
// testdata/access.golden, which is read in review like code.
func TestAccessMatrix(t *testing.T) {
	w := newWorld(t, probe(routes()), nil)
	type visitor struct {
		name string
		b    *browser
	}
	visitors := []visitor{{"anonymous", w.browser(t)}, {"forged", w.browser(t)}}
	visitors[1].b.cookies[sessionCookie] = strings.Repeat("A", 43)
	for _, r := range actor.Roles() {
		visitors = append(visitors, visitor{string(r), w.as(t, r)})
	}
	// A disabled account with a session that the store kept by mistake.
	disabled := w.browser(t)
	gone, _, err := w.auth.CreateAccount(t.Context(), actor.System(), auth.NewAccount{Name: "Gone", Email: "gone@example.org", Roles: actor.Roles(), Password: password})
	if err != nil {
		t.Fatal(err)
	}
	token, err := w.auth.SignIn(t.Context(), "gone@example.org", password, "192.0.2.1", "", "")
	if err != nil {
		t.Fatal(err)
	}
	disabled.cookies[sessionCookie] = token
	w.store.Tamper(gone.ID, func(a *auth.Account) { a.Disabled = true })
	visitors = append(visitors, visitor{"disabled", disabled})

	var out strings.Builder
	out.WriteString("route")
	for _, v := range visitors {
		out.WriteString(" | " + v.name)
	}
	out.WriteString("\n")
	for _, route := range routes() {
		out.WriteString(route.Method + " " + route.Path)
		for _, v := range visitors {
			form := url.Values(nil)
			if writes(route.Method) {
				form = url.Values{}
				if route.Access.public {
					v.b.cookies[formCookie] = strings.Repeat("f", 43)
					form.Set(csrfField, tokenFrom(strings.Repeat("f", 43)))
				} else if v.b.signedIn() {
					form.Set(csrfField, v.b.token())
				}
			}
			before := len(w.store.Trail())
			got := v.b.do(route.Method, route.address(), form)
			said := map[int]string{200: "yes", 303: "sign in", 403: "no"}[got.StatusCode]
			if said == "" {
				said = fmt.Sprint(got.StatusCode)
			}
			out.WriteString(" | " + said)
			reached := got.text == "reached"
			if (said == "yes") != reached {
				t.Errorf("%s as %s: %s, but reached is %v", route.Name, v.name, said, reached)
			}
			if said == "sign in" && !strings.HasPrefix(got.Header.Get("Location"), "/sign-in") {
				t.Errorf("%s as %s leads to %s", route.Name, v.name, got.Header.Get("Location"))
			}
			recorded := w.store.Trail()[before:]
			if said == "no" && (len(recorded) != 1 || recorded[0].Entry.Action != "access.denied" || recorded[0].Entry.ObjectID != route.Name || recorded[0].By.ID == "") {
				t.Errorf("%s as %s was denied and recorded as %v", route.Name, v.name, recorded)
			}
			if said == "no" && !strings.Contains(got.text, "You may not do this") {
				t.Errorf("%s as %s: not our words: %s", route.Name, v.name, got.text)
			}
			// Independent of the golden file: nobody passes without an account.
			if reached && !v.b.signedIn() && !route.Access.public && !route.Access.open {
				t.Errorf("%s was reached as %s", route.Name, v.name)
			}
		}
		out.WriteString("\n")
	}
	const golden = "testdata/access.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(out.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("who may do what changed; look at it, and if it is meant: go test ./app/web -run TestAccessMatrix -update\n%s", out.String())
	}
}

func (b *browser) signedIn() bool {
	_, _, err := b.w.auth.Resolve(b.t.Context(), b.cookies[b.w.cookieName(sessionCookie)])
	return err == nil
}

// A change of roles acts on the next request.
func TestRolesActAtOnce(t *testing.T) {
	w := newWorld(t, probe(routes()), nil)
	b := w.as(t, actor.Officer)
	b.get("/settings/accounts").want(t, 403)
	w.store.Tamper(w.ids[actor.Officer], func(a *auth.Account) { a.Roles = []actor.Role{actor.Admin} })
	b.get("/settings/accounts").want(t, 200)
	w.store.Tamper(w.ids[actor.Officer], func(a *auth.Account) { a.Roles = nil })
	b.get("/settings/accounts").want(t, 403)
}

// A refusal that cannot be recorded is still no access.
func TestDenialThatCannotBeRecordedIsAnError(t *testing.T) {
	w := newWorld(t, probe(routes()), nil)
	b := w.as(t, actor.Auditor)
	w.store.FailTrail(fmt.Errorf("disk full at /var/lib/secret"))
	got := b.get("/settings/accounts")
	got.want(t, 500)
	if strings.Contains(got.text, "disk full") || strings.Contains(got.text, "reached") {
		t.Error(got.text)
	}
}

func TestTablesThatLeaveAccessOpenAreRefused(t *testing.T) {
	handler := (*Server).healthShow
	for name, table := range map[string][]Route{
		"no access":      {{Method: "GET", Path: "/x", Name: "x", Handler: handler}},
		"no roles":       {{Method: "GET", Path: "/x", Name: "x", Handler: handler, Access: Only()}},
		"unknown role":   {{Method: "GET", Path: "/x", Name: "x", Handler: handler, Access: Only("root")}},
		"open writing":   {{Method: "POST", Path: "/x", Name: "x", Handler: handler, Access: Open()}},
		"no name":        {{Method: "GET", Path: "/x", Handler: handler, Access: Public()}},
		"no handler":     {{Method: "GET", Path: "/x", Name: "x", Access: Public()}},
		"two of a name":  {{Method: "GET", Path: "/x", Name: "x", Handler: handler, Access: Public()}, {Method: "GET", Path: "/y", Name: "x", Handler: handler, Access: Public()}},
		"two of a place": {{Method: "GET", Path: "/x", Name: "x", Handler: handler, Access: Public()}, {Method: "GET", Path: "/x", Name: "y", Handler: handler, Access: AnyRole()}},
	} {
		if checkRoutes(table) == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if err := checkRoutes(routes()); err != nil {
		t.Error(err)
	}
}

// Requests from elsewhere change nothing (guarantee P22): every state-changing
// route in every way of forging, and one way that works.
func TestCrossSiteRequests(t *testing.T) {
	w := newWorld(t, probe(routes()), nil)
	foreign := w.as(t, actor.Officer).token()
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Del(name)
			if value != "" {
				r.Header.Set(name, value)
			}
		}
	}
	body := func(kind, text string) func(*http.Request) {
		return func(r *http.Request) {
			n := newBody(text)
			r.Body, r.ContentLength = n, int64(len(text))
			r.Header.Set("Content-Type", kind)
		}
	}
	all := func(fs ...func(*http.Request)) []func(*http.Request) { return fs }
	routesTried := 0
	for _, route := range routes() {
		if !writes(route.Method) {
			continue
		}
		routesTried++
		role := actor.Admin
		if len(route.Access.roles) > 0 {
			role = route.Access.roles[0]
		}
		b := w.as(t, role)
		right := b.token()
		if route.Access.public {
			b.cookies[formCookie] = strings.Repeat("f", 43)
			right = tokenFrom(strings.Repeat("f", 43))
		}
		good := url.Values{csrfField: {right}}
		for _, tc := range []struct {
			name    string
			target  string
			form    url.Values
			changes []func(*http.Request)
			reaches bool
		}{
			{"a form of ours", "", good, nil, true},
			{"a form of ours, browser without Sec-Fetch-Site and Origin", "", good, all(header("Sec-Fetch-Site", ""), header("Origin", "")), true},
			{"JSON of ours", "", good, all(body("application/json", `{"a":1}`), header("X-CSRF-Token", right)), true},
			{"no body, token in the header", "", url.Values{}, all(body("", ""), header("Content-Type", ""), header("X-CSRF-Token", right)), true},
			{"no token", "", url.Values{}, nil, false},
			{"empty token", "", url.Values{csrfField: {""}}, nil, false},
			{"token of another session", "", url.Values{csrfField: {foreign}}, nil, false},
			{"token in the query", "?csrf=" + right, url.Values{}, nil, false},
			{"foreign Origin", "", good, all(header("Origin", "https://evil.example")), false},
			{"Origin null", "", good, all(header("Origin", "null")), false},
			{"Origin of another port", "", good, all(header("Origin", "http://example.com:81")), false},
			{"Origin of another scheme", "", good, all(header("Origin", "https://example.com")), false},
			{"forwarded host", "", good, all(header("Origin", "https://evil.example"), header("X-Forwarded-Host", "evil.example"), header("X-Forwarded-Proto", "https")), false},
			{"Sec-Fetch-Site cross-site", "", good, all(header("Sec-Fetch-Site", "cross-site")), false},
			{"Sec-Fetch-Site same-site", "", good, all(header("Sec-Fetch-Site", "same-site")), false},
			{"text/plain", "", good, all(body("text/plain", "csrf="+right)), false},
			{"text/plain with a token", "", good, all(body("text/plain", "{}"), header("X-CSRF-Token", right)), false},
			{"no content type", "", good, all(body("", "csrf="+right), header("Content-Type", ""), header("X-CSRF-Token", right)), false},
			{"JSON with the token in the body", "", good, all(body("application/json", `{"csrf":"`+right+`"}`)), false},
		} {
			before := len(w.store.Trail())
			got := b.do(route.Method, route.address()+tc.target, tc.form, tc.changes...)
			if (got.text == "reached") != tc.reaches {
				t.Errorf("%s, %s: %d, reached is %v\n%s", route.Name, tc.name, got.StatusCode, got.text == "reached", got.text)
			}
			if got.StatusCode == 403 && !route.Access.public {
				if new := w.store.Trail()[before:]; len(new) != 1 || new[0].Entry.Action != "request.refused" {
					t.Errorf("%s, %s: recorded %v", route.Name, tc.name, new)
				}
			}
		}
		for _, method := range []string{"GET", "HEAD", "PUT", "DELETE", "PATCH"} {
			if listed(method, route.Path) {
				continue
			}
			got := b.do(method, route.address(), nil, header("X-HTTP-Method-Override", "POST"))
			if got.StatusCode != 405 && got.StatusCode != 404 {
				t.Errorf("%s %s: %d", method, route.Path, got.StatusCode)
			}
		}
	}
	if routesTried < 10 {
		t.Errorf("only %d routes", routesTried)
	}
}

func listed(method, path string) bool {
	for _, r := range routes() {
		if r.Path == path && (r.Method == method || (r.Method == fiber.MethodGet && method == fiber.MethodHead)) {
			return true
		}
	}
	return false
}

func TestNextStaysWithUs(t *testing.T) {
	for next, want := range map[string]string{
		"/": "/", "/reviews/42?tab=queue#item-3": "/reviews/42?tab=queue#item-3", "/find?q=a%2Fb": "/find?q=a%2Fb",
		"": "/", "reviews": "/", "//evil.example": "/", "/\\evil.example": "/", "\\/evil.example": "/", "https://evil.example": "/", "javascript:alert(1)": "/",
		"/\t/evil.example": "/", "/%2F/evil": "/", "/%5Cevil": "/", " /reviews": "/", "/sign-out": "/", "/sign-in?next=/x": "/", "///": "/", "/a\r\nSet-Cookie: x=y": "/",
		"/" + strings.Repeat("a", 2000): "/",
	} {
		if got := safeNext(next); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
	}
}
