package web

import (
	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/web/part"
)

// signInPage asks who somebody is.
type signInPage struct {
	Page
	Problem  string // why the last attempt did not succeed
	Left     bool   // the reader just signed out
	Next     string
	Email    part.Field
	Password part.Field
}

func newSignInPage(frame Page, next, email, problem string) *signInPage {
	return &signInPage{
		Page: frame, Next: next, Problem: problem,
		Email:    part.Field{ID: "email", Name: "email", Label: "E-mail address", Kind: "email", Value: email, Required: true, MaxLength: 254, Autocomplete: "username"},
		Password: part.Field{ID: "password", Name: "password", Label: "Password", Kind: "password", Required: true, Autocomplete: "current-password"},
	}
}

func (s *Server) signInShow(c *fiber.Ctx) error {
	next := safeNext(c.Query("next", "/"))
	if err := s.resolve(c); err != nil {
		return err
	}
	if of(c).account != nil {
		return s.redirect(c, next)
	}
	page := newSignInPage(s.formFrame(c, "Sign in"), next, "", "")
	page.Left = c.Query("left") != ""
	return s.render(c, "sign_in", page)
}

func (s *Server) signInDo(c *fiber.Ctx) error {
	form := readForm(c)
	next, email := safeNext(form.Get("next")), form.Get("email")
	token, err := s.Auth.SignIn(c.UserContext(), email, form.Get("password"), Address(c), c.Get(fiber.HeaderUserAgent), s.cookie(c, sessionCookie))
	status := 0
	switch fault.KindOf(err) {
	case fault.Unauthenticated:
		status = fiber.StatusUnauthorized
	case fault.Unavailable:
		status = fiber.StatusTooManyRequests
	}
	if err != nil && status != 0 {
		return s.renderStatus(c, status, "sign_in", newSignInPage(s.formFrame(c, "Sign in"), next, email, fault.Message(err)))
	}
	if err != nil {
		return err
	}
	if err := s.openSession(c, token); err != nil {
		return err
	}
	return s.redirect(c, next)
}

func (s *Server) signOutDo(c *fiber.Ctx) error {
	if err := s.Auth.SignOut(c.UserContext(), s.actor(c), *of(c).session); err != nil {
		return err
	}
	s.dropCookie(c, sessionCookie)
	s.dropCookie(c, flashCookie)
	return s.redirect(c, "/sign-in?left=1")
}
