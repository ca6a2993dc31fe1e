package web

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/actor"
)

// Route is one address and who may use it. Paths are matched exactly, case and
// trailing slash included. GET also answers HEAD.
type Route struct {
	Method  string
	Path    string
	Name    string // noun.verb, unique; in the trail and the log
	Access  Access
	Handler func(*Server, *fiber.Ctx) error
	Timeout time.Duration // 0: Config.Timeout
	Body    int           // largest body in bytes, for a path without parameters; 0: Config.BodyLimit
}

// Access says who may use a route. The zero value is nobody, and New refuses it.
type Access struct {
	open   bool // static files, health: not even a session is looked up
	public bool
	any    bool
	forced bool // also with a password that must be changed
	roles  []actor.Role
}

// Open is for what needs no person at all.
func Open() Access { return Access{open: true} }

// Public is for everybody; forms still need their token.
func Public() Access { return Access{public: true} }

// AnyRole is for everybody who is signed in.
func AnyRole() Access { return Access{any: true} }

// Forced is AnyRole, and also for those who must change their password first.
func Forced() Access { return Access{any: true, forced: true} }

// Only is for those who hold one of the roles.
func Only(roles ...actor.Role) Access { return Access{roles: roles} }

func (a Access) allows(roles []actor.Role) bool {
	if a.any {
		return true
	}
	return slices.ContainsFunc(roles, func(r actor.Role) bool { return slices.Contains(a.roles, r) })
}

// words says to somebody who may not use the route who may.
func (a Access) words() string {
	names := make([]string, len(a.roles))
	for i, r := range a.roles {
		names[i] = roleWord(r)
	}
	return fmt.Sprintf("This page is for those with the role of %s. Your roles do not include it.", strings.ToLower(oneOf(names)))
}

func oneOf(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

// routes is every address of the web pages. What is not here does not exist.
func routes() []Route {
	return slices.Concat(shellRoutes(), reviewRoutes(), runRoutes(), evidenceRoutes())
}

// shellRoutes are the frame itself, set-up, sessions and accounts.
func shellRoutes() []Route {
	const get, post = fiber.MethodGet, fiber.MethodPost
	return []Route{
		// The shell.
		{Method: get, Path: "/healthz", Name: "health.show", Access: Open(), Handler: (*Server).healthShow},
		{Method: get, Path: "/static/*", Name: "static.show", Access: Open(), Handler: (*Server).staticShow},

		// Set-up and sessions.
		{Method: get, Path: "/setup", Name: "setup.show", Access: Public(), Handler: (*Server).setupShow},
		{Method: post, Path: "/setup", Name: "setup.complete", Access: Public(), Handler: (*Server).setupComplete},
		{Method: get, Path: "/sign-in", Name: "sign_in.show", Access: Public(), Handler: (*Server).signInShow},
		{Method: post, Path: "/sign-in", Name: "sign_in.do", Access: Public(), Handler: (*Server).signInDo},
		{Method: post, Path: "/sign-out", Name: "sign_out.do", Access: Forced(), Handler: (*Server).signOutDo},
		{Method: get, Path: "/password", Name: "password.show", Access: Forced(), Handler: (*Server).passwordShow},
		{Method: post, Path: "/password", Name: "password.change", Access: Forced(), Handler: (*Server).passwordChange},

		// One's own account.
		{Method: get, Path: "/account", Name: "account.show", Access: AnyRole(), Handler: (*Server).accountShow},
		{Method: post, Path: "/account/sessions/end", Name: "account.end_others", Access: AnyRole(), Handler: (*Server).accountEndOthers},
		{Method: post, Path: "/account/sessions/:session/end", Name: "account.end_session", Access: AnyRole(), Handler: (*Server).accountEndSession},

		// Accounts, for administrators.
		{Method: get, Path: "/settings/accounts", Name: "accounts.list", Access: Only(actor.Admin), Handler: (*Server).accountsList},
		{Method: post, Path: "/settings/accounts", Name: "accounts.create", Access: Only(actor.Admin), Handler: (*Server).accountsCreate},
		{Method: post, Path: "/settings/accounts/:id/roles", Name: "accounts.set_roles", Access: Only(actor.Admin), Handler: (*Server).accountsSetRoles},
		{Method: post, Path: "/settings/accounts/:id/disable", Name: "accounts.disable", Access: Only(actor.Admin), Handler: (*Server).accountsDisable},
		{Method: post, Path: "/settings/accounts/:id/enable", Name: "accounts.enable", Access: Only(actor.Admin), Handler: (*Server).accountsEnable},
		{Method: post, Path: "/settings/accounts/:id/reset", Name: "accounts.reset", Access: Only(actor.Admin), Handler: (*Server).accountsReset},
		{Method: post, Path: "/settings/accounts/:id/end-sessions", Name: "accounts.end_sessions", Access: Only(actor.Admin), Handler: (*Server).accountsEndSessions},
	}
}

// checkRoutes refuses a table that leaves open who may use a route.
func checkRoutes(table []Route) error {
	var errs []error
	names, places := map[string]bool{}, map[string]bool{}
	for _, r := range table {
		kinds := 0
		for _, is := range []bool{r.Access.open, r.Access.public, r.Access.any, len(r.Access.roles) > 0} {
			if is {
				kinds++
			}
		}
		place := r.Method + " " + r.Path
		switch {
		case r.Name == "" || r.Handler == nil || r.Method == "" || !strings.HasPrefix(r.Path, "/"):
			errs = append(errs, fmt.Errorf("route %s: method, path, name and handler are needed", place))
		case kinds != 1:
			errs = append(errs, fmt.Errorf("route %s: needs exactly one of Open, Public, AnyRole or Only", place))
		case r.Access.open && writes(r.Method):
			errs = append(errs, fmt.Errorf("route %s: what changes something cannot be Open", place))
		case r.Body != 0 && strings.ContainsAny(r.Path, ":*"):
			errs = append(errs, fmt.Errorf("route %s: a limit of its own needs a path without parameters", place))
		case names[r.Name] || places[place]:
			errs = append(errs, fmt.Errorf("route %s (%s): listed twice", place, r.Name))
		}
		for _, role := range r.Access.roles {
			if !slices.Contains(actor.Roles(), role) {
				errs = append(errs, fmt.Errorf("route %s: unknown role %q", place, role))
			}
		}
		names[r.Name], places[place] = true, true
	}
	return errors.Join(errs...)
}
