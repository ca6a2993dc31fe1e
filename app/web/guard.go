package web

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/trail"
)

// guard lets a request reach its handler if the route's access allows it. Every
// route has exactly one; there is no other way to a handler.
func (s *Server) guard(route Route) fiber.Handler {
	return func(c *fiber.Ctx) error {
		r := of(c)
		r.route = route
		defer s.limit(c, route.Timeout)()
		if route.Access.open {
			return route.Handler(s, c)
		}
		needs, err := s.Auth.NeedsSetup(c.UserContext())
		if err != nil {
			return err
		}
		if needs && route.Path != "/setup" {
			return s.elsewhere(c, "/setup", "This installation is not set up yet.")
		}
		if route.Access.public {
			if writes(route.Method) {
				if err := s.ownRequest(c, s.cookie(c, formCookie)); err != nil {
					return err
				}
			}
			return route.Handler(s, c)
		}
		if err := s.resolve(c); err != nil {
			return err
		}
		if r.account == nil {
			return s.elsewhere(c, signInFor(c), "You are not signed in.")
		}
		if r.account.MustChange && !route.Access.forced {
			return s.elsewhere(c, "/password", "Your password was set by somebody else. Choose your own first.")
		}
		if !route.Access.allows(r.account.Roles) {
			return s.denied(c, "access.denied", fault.New(fault.Forbidden, "%s", route.Access.words()))
		}
		if writes(route.Method) {
			if err := s.ownRequest(c, r.session.Secret); err != nil {
				if fault.KindOf(err) == fault.Forbidden {
					return s.denied(c, "request.refused", err)
				}
				return err
			}
		}
		return route.Handler(s, c)
	}
}

// denied records that somebody tried what they may not do, and gives the answer.
func (s *Server) denied(c *fiber.Ctx, action string, answer error) error {
	r := of(c)
	err := s.Auth.Record(c.UserContext(), s.actor(c), trail.Entry{
		Action: action, ObjectKind: "page", ObjectID: r.route.Name, Detail: map[string]string{"method": r.route.Method, "session": r.session.ID},
	})
	if err != nil {
		return fmt.Errorf("record %s on %s: %w", action, r.route.Name, err)
	}
	return answer
}

// elsewhere sends a person to another page first, and tells a script why not.
func (s *Server) elsewhere(c *fiber.Ctx, to, why string) error {
	if wantsJSON(c) {
		return fault.New(fault.Unauthenticated, "%s", why)
	}
	return s.redirect(c, to)
}

// signInFor is the sign-in page that leads back to the page asked for.
func signInFor(c *fiber.Ctx) string {
	asked := c.OriginalURL()
	if c.Method() != fiber.MethodGet || asked == "/" || safeNext(asked) != asked {
		return "/sign-in"
	}
	return "/sign-in?next=" + url.QueryEscape(asked)
}

// safeNext gives a path within the product, or "/": nobody is led to another
// site by a link to ours.
func safeNext(next string) string {
	if len(next) > 1000 || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") {
		return "/"
	}
	if strings.ContainsFunc(next, func(r rune) bool { return r == '\\' || r < 0x20 || r == 0x7f }) {
		return "/"
	}
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.Contains(u.Path, "\\") {
		return "/"
	}
	if slices.Contains([]string{"/sign-in", "/sign-out", "/setup"}, u.Path) {
		return "/"
	}
	return next
}
