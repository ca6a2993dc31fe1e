package web

import (
	"github.com/gofiber/fiber/v2"

	"logreeve/app/auth"
	"logreeve/app/fault"
	"logreeve/app/web/part"
)

// setupPage asks for what a new installation needs first.
type setupPage struct {
	Page
	Errors []part.FieldError
	Token  part.Field
	Place  []part.Field // organisation, zone
	Person []part.Field // name, e-mail address, password
}

func newSetupPage(frame Page, f auth.FirstSetup, faults Faults) *setupPage {
	return &setupPage{
		Page:   frame,
		Errors: faults.List("token", "organisation", "zone", "name", "email", "password"),
		Token: part.Field{ID: "token", Name: "token", Label: "Set-up token", Value: f.Token, Error: faults.For("token"), Required: true, Mono: true, Autocomplete: "off",
			Hint: "The server prints it in its terminal at every start until set-up is done."},
		Place: []part.Field{
			{ID: "organisation", Name: "organisation", Label: "Organisation", Value: f.Organisation, Error: faults.For("organisation"), Required: true, MaxLength: 100, Autocomplete: "organization",
				Hint: "As it should stand in reports and evidence."},
			{ID: "zone", Name: "zone", Label: "Time zone", Value: f.Zone, Error: faults.For("zone"), Required: true, Placeholder: "Europe/Berlin", Autocomplete: "off",
				Hint: "Days, deadlines and times on pages follow it. Evidence always also says UTC."},
		},
		Person: []part.Field{
			{ID: "name", Name: "name", Label: "Your name", Value: f.Name, Error: faults.For("name"), Required: true, MaxLength: 100, Autocomplete: "name"},
			{ID: "email", Name: "email", Label: "Your e-mail address", Kind: "email", Value: f.Email, Error: faults.For("email"), Required: true, MaxLength: 254, Autocomplete: "username"},
			{ID: "password", Name: "password", Label: "Password", Kind: "password", Error: faults.For("password"), Required: true, Autocomplete: "new-password",
				Hint: "At least 12 characters. A few unrelated words are easy to keep in mind."},
		},
	}
}

func (s *Server) setupShow(c *fiber.Ctx) error {
	if err := s.onlyBeforeSetup(c); err != nil {
		return err
	}
	return s.render(c, "setup_complete", newSetupPage(s.formFrame(c, "Set up"), auth.FirstSetup{}, nil))
}

func (s *Server) setupComplete(c *fiber.Ctx) error {
	if err := s.onlyBeforeSetup(c); err != nil {
		return err
	}
	form := readForm(c)
	f := auth.FirstSetup{
		Token: form.Get("token"), Organisation: form.Get("organisation"), Zone: form.Get("zone"),
		Name: form.Get("name"), Email: form.Get("email"), Password: form.Get("password"),
	}
	token, err := s.Auth.CompleteSetup(c.UserContext(), f, Address(c), c.Get(fiber.HeaderUserAgent))
	if faults, ok := faultsOf(err); ok {
		return s.renderInvalid(c, "setup_complete", newSetupPage(s.formFrame(c, "Set up"), f, faults))
	}
	if err != nil {
		return err
	}
	if err := s.openSession(c, token); err != nil {
		return err
	}
	s.flash(c, "ok", "Set up. You are signed in as the first administrator.")
	return s.redirect(c, "/")
}

func (s *Server) onlyBeforeSetup(c *fiber.Ctx) error {
	needs, err := s.Auth.NeedsSetup(c.UserContext())
	if err == nil && !needs {
		return fault.New(fault.NotFound, "This installation is set up already.")
	}
	return err
}

// formFrame is the bare frame with a token for its form.
func (s *Server) formFrame(c *fiber.Ctx, title string) Page {
	p := s.bare(c, title)
	p.CSRF = s.formToken(c)
	return p
}
