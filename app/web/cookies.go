package web

import (
	"crypto/rand"
	"encoding/base64"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
)

// Cookies. All are HttpOnly, SameSite=Lax (a link in a mail finds the reader
// signed in; forms of other sites do not) and end with the browser. Over TLS
// they are Secure and have the prefix __Host-, so that no other host or path can
// set them. Over plain HTTP, which is for loopback alone, browsers refuse both.
const (
	sessionCookie = "logreeve"
	formCookie    = "logreeve-form" // before sign-in: what form tokens are derived from
	flashCookie   = "logreeve-flash"
)

func (s *Server) cookieName(name string) string {
	if s.secure {
		return "__Host-" + name
	}
	return name
}

func (s *Server) cookie(c *fiber.Ctx, name string) string { return c.Cookies(s.cookieName(name)) }

func (s *Server) setCookie(c *fiber.Ctx, name, value string) {
	c.Cookie(&fiber.Cookie{
		Name: s.cookieName(name), Value: value, Path: "/",
		Secure: s.secure, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode, SessionOnly: true,
	})
}

func (s *Server) dropCookie(c *fiber.Ctx, name string) {
	c.Cookie(&fiber.Cookie{
		Name: s.cookieName(name), Path: "/", MaxAge: -1,
		Secure: s.secure, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode,
	})
}

// resolve finds who the session cookie belongs to and notes it in the request;
// nobody is no error.
func (s *Server) resolve(c *fiber.Ctx) error {
	r := of(c)
	token := s.cookie(c, sessionCookie)
	if r.account != nil || token == "" {
		return nil
	}
	account, session, err := s.Auth.Resolve(c.UserContext(), token)
	if err != nil {
		if fault.KindOf(err) == fault.Unauthenticated {
			return nil
		}
		return err
	}
	r.account, r.session = &account, &session
	return nil
}

// openSession gives the browser a session and makes the rest of the request act
// in it.
func (s *Server) openSession(c *fiber.Ctx, token string) error {
	account, session, err := s.Auth.Resolve(c.UserContext(), token)
	if err != nil {
		return err
	}
	s.setCookie(c, sessionCookie, token)
	s.dropCookie(c, formCookie)
	r := of(c)
	r.account, r.session = &account, &session
	return nil
}

func randomText(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}
