package web

import (
	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/web/part"
)

// passwordPage changes the reader's own password.
type passwordPage struct {
	Page
	Must    bool // it was set by somebody else
	Errors  []part.FieldError
	Current part.Field
	New     part.Field
}

func newPasswordPage(frame Page, must bool, faults Faults) *passwordPage {
	frame.Bare = must // the navigation would lead nowhere yet
	return &passwordPage{
		Page: frame, Must: must, Errors: faults.List("current", "password"),
		Current: part.Field{ID: "current", Name: "current", Label: "Current password", Kind: "password", Error: faults.For("current"), Required: true, Autocomplete: "current-password"},
		New: part.Field{ID: "password", Name: "password", Label: "New password", Kind: "password", Error: faults.For("password"), Required: true, Autocomplete: "new-password",
			Hint: "At least 12 characters. A few unrelated words are easy to keep in mind."},
	}
}

func (s *Server) passwordShow(c *fiber.Ctx) error {
	return s.passwordAsk(c, fiber.StatusOK, nil)
}

func (s *Server) passwordAsk(c *fiber.Ctx, status int, faults Faults) error {
	frame := s.page(c, "Change your password", "account")
	return s.renderStatus(c, status, "password_change", newPasswordPage(frame, of(c).account.MustChange, faults))
}

func (s *Server) passwordChange(c *fiber.Ctx) error {
	form := readForm(c)
	r := of(c)
	token, err := s.Auth.ChangePassword(c.UserContext(), *r.account, form.Get("current"), form.Get("password"), r.address, c.Get(fiber.HeaderUserAgent))
	if faults, ok := faultsOf(err); ok {
		return s.passwordAsk(c, fiber.StatusUnprocessableEntity, faults)
	}
	if fault.KindOf(err) == fault.Unavailable {
		return s.passwordAsk(c, fiber.StatusTooManyRequests, Faults{"current": fault.Message(err)})
	}
	if err != nil {
		return err
	}
	first := r.account.MustChange
	if err := s.openSession(c, token); err != nil {
		return err
	}
	s.flash(c, "ok", "Your password is changed. All your other sessions have ended.")
	if first {
		return s.redirect(c, "/")
	}
	return s.redirect(c, "/account")
}
