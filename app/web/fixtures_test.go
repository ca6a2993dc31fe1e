package web

import (
	"bytes"
	"errors"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"logreeve/app/actor"
	"logreeve/app/auth"
	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/static"
	"logreeve/templates"
)

func fixtureFiles() fs.FS { return static.FS }

// fixture is a page in one of its states, with made-up content.
type fixture struct {
	page  string // the name of its template
	state string // full, empty, faults …
	data  framed
}

const fixtureNow = connectors.Instant(1_795_253_034_000_000) // 21 Nov 2026

// fixtureFrame is the frame of a signed-in reader.
func fixtureFrame(title, nav string, roles ...actor.Role) Page {
	by := actor.Actor{ID: "u_1", Name: "Omar Keita", Email: "omar@example.org", Roles: roles}
	return Page{
		Title: title, Nav: nav, Actor: newReader(by), CSRF: "token", Organisation: hostile, Zone: time.UTC, Now: fixtureNow,
		Flash: &Flash{Kind: "ok", Text: hostile}, Counts: Counts{ReviewsDue: 2, ReviewsOverdue: 1, ChangesWeek: 25, FindingsOpen: 7, SourcesSilent: 1}, Path: "/x",
	}
}

func fixtureBare(title string) Page {
	return Page{Title: title, Bare: true, CSRF: "token", Organisation: hostile, Zone: time.UTC, Now: fixtureNow}
}

// hostile is text from a log or a form that wants to be markup.
const hostile = `"><script>alert('x')</script>&<img src=x onerror=alert(1)>`

// fixtures is every page in its states. A page without one fails
// TestEveryPageRenders.
func fixtures() []fixture {
	account := auth.Account{ID: "u_1", Name: hostile, Email: "omar@example.org", Roles: []actor.Role{actor.Admin}, PersonID: hostile, CreatedAt: fixtureNow, PasswordAt: fixtureNow}
	other := auth.Account{ID: "u_2", Name: "Lena Vogt", Email: "lena@example.org", Roles: []actor.Role{actor.Approver}, Disabled: true, CreatedAt: fixtureNow}
	session := auth.Session{ID: "ss_1", UserAgent: hostile, Address: "192.0.2.1", CreatedAt: fixtureNow, LastSeen: fixtureNow, ExpiresAt: fixtureNow}
	bad := Faults{"token": hostile, "organisation": "Give the name.", "name": "Give the name.", "email": "Not one.", "password": "Too short.", "roles": "Choose one.", "current": "Wrong.", "zone": "None."}
	return []fixture{
		{"sign_in", "first", newSignInPage(fixtureBare("Sign in"), "/", "", "")},
		{"sign_in", "failed", newSignInPage(fixtureBare("Sign in"), "/x?y="+hostile, hostile, hostile)},
		{"setup_complete", "first", newSetupPage(fixtureBare("Set up"), auth.FirstSetup{}, nil)},
		{"setup_complete", "faults", newSetupPage(fixtureBare("Set up"), auth.FirstSetup{Token: hostile, Organisation: hostile, Name: hostile, Email: hostile, Password: "canary-password"}, bad)},
		{"password_change", "own", newPasswordPage(fixtureFrame("Change your password", "account", actor.Reviewer), false, bad)},
		{"password_change", "must", newPasswordPage(fixtureBare("Change your password"), true, nil)},
		{"account_show", "one session", newAccountPage(fixtureFrame("Your account", "account", actor.Auditor), other, []auth.Session{session}, "ss_1")},
		{"account_show", "two sessions", newAccountPage(fixtureFrame("Your account", "account", actor.Admin), account, []auth.Session{session, {ID: "ss_2"}}, "ss_1")},
		{"accounts_list", "one", newAccountsPage(fixtureFrame("Accounts", "settings", actor.Admin), []auth.Account{account}, auth.NewAccount{}, nil)},
		{"accounts_list", "faults", newAccountsPage(fixtureFrame("Accounts", "settings", actor.Admin), []auth.Account{account, other}, auth.NewAccount{Name: hostile, Email: hostile}, bad)},
		{"account_secret", "created", newSecretPage(fixtureFrame("The account is created", "settings", actor.Admin), account, "abcde-fghjk-mnpqr-stuvw", "The account is created")},
		{"error", "not found", newErrorPage(fixtureFrame("", "", actor.Auditor), fault.New(fault.NotFound, "%s", hostile), 404, "0123456789abcdef")},
		{"error", "forbidden", newErrorPage(fixtureFrame("", "", actor.Auditor), fault.New(fault.Forbidden, "%s", hostile), 403, "")},
		{"error", "signed out", newErrorPage(fixtureBare(""), fault.New(fault.Unauthenticated, "%s", hostile), 401, "")},
		{"error", "method", newErrorPage(fixtureBare(""), errors.New("x"), 405, "")},
		{"error", "conflict", newErrorPage(fixtureFrame("", "", actor.Reviewer), fault.New(fault.Conflict, "%s", hostile), 409, "")},
		{"error", "unavailable", newErrorPage(fixtureFrame("", "", actor.Reviewer), fault.New(fault.Unavailable, "%s", hostile), 503, "0123456789abcdef")},
		{"error", "ours", newErrorPage(fixtureFrame("", "", actor.Reviewer), errors.New("canary-cause"), 500, "0123456789abcdef")},
		{"error", "other", newErrorPage(fixtureBare(""), errors.New("canary-cause"), 418, "")},
	}
}

var (
	inline   = regexp.MustCompile(`(?i)<script(?:>| [^>]*>[^<])|<style|\sstyle="|\son[a-z]+="|javascript:`)
	noAlt    = regexp.MustCompile(`<img(?:\s[^>]*)?>`)
	postForm = regexp.MustCompile(`(?s)<form[^>]*method="post".*?</form>`)
	labelFor = regexp.MustCompile(`<label[^>]* for="([^"]*)"`)
	idOf     = regexp.MustCompile(`\sid="([^"]*)"`)
)

// Every page renders in every state, with hostile content as text, a token in
// each form, nothing inline that the content policy forbids, and labels that
// lead somewhere.
func TestEveryPageRenders(t *testing.T) {
	assets, err := NewAssets(static.FS, false)
	if err != nil {
		t.Fatal(err)
	}
	renderer, err := NewRenderer(templates.FS, assets, false)
	if err != nil {
		t.Fatal(err)
	}
	names, err := renderer.Names()
	if err != nil {
		t.Fatal(err)
	}
	all := slices.Concat(fixtures(), reviewFixtures(t), runFixtures(), overviewFixtures(), evidenceFixtures(t))
	for _, name := range names {
		if !slices.ContainsFunc(all, func(f fixture) bool { return f.page == name }) {
			t.Errorf("page %s has no fixture", name)
		}
	}
	for _, f := range all {
		t.Run(f.page+"/"+f.state, func(t *testing.T) {
			var out bytes.Buffer
			if err := renderer.Page(&out, f.page, f.data); err != nil {
				t.Fatal(err)
			}
			html := out.String()
			for _, never := range []string{"<script>alert", "<img src=x", "canary-", "ZgotmplZ", "<no value>", "%!"} {
				if strings.Contains(html, never) {
					t.Errorf("holds %q", never)
				}
			}
			if found := inline.FindString(html); found != "" {
				t.Errorf("holds %q, which the content policy forbids", found)
			}
			for _, img := range noAlt.FindAllString(html, -1) {
				if !strings.Contains(img, " alt=") {
					t.Errorf("%s has no alt text", img)
				}
			}
			for _, form := range postForm.FindAllString(html, -1) {
				if !strings.Contains(form, `name="csrf" value="token"`) {
					t.Errorf("a form has no token: %s", form)
				}
			}
			ids := map[string]int{}
			for _, m := range idOf.FindAllStringSubmatch(html, -1) {
				ids[m[1]]++
			}
			for id, n := range ids {
				if n > 1 {
					t.Errorf("id %q stands %d times", id, n)
				}
			}
			for _, m := range labelFor.FindAllStringSubmatch(html, -1) {
				if m[1] != "" && ids[m[1]] == 0 {
					t.Errorf("a label is for %q, which is not there", m[1])
				}
			}
			if got := strings.Count(html, "<h1"); got != 1 {
				t.Errorf("%d first headings", got)
			}
			if !strings.HasPrefix(html, "<!doctype html>") || !strings.Contains(html, `lang="en"`) || !strings.Contains(html, `<title>`) {
				t.Error("not a whole page")
			}
		})
	}
}
