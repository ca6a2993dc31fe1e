package web

import (
	"time"
	"unicode"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/actor"
	"logreeve/connectors"
)

// Page is what every page has. Page structs embed it by value and are given to
// render by pointer.
type Page struct {
	Title        string
	Nav          string // which place of the navigation is current: "reviews"
	Actor        Reader
	CSRF         string // for the hidden field "csrf" of forms, and the meta tag
	Flash        *Flash
	Organisation string
	Zone         *time.Location // of the organisation; UTC before set-up
	Now          connectors.Instant
	Sample       bool
	Counts       Counts
	Path         string // of the request
	Bare         bool   // in the frame for those not signed in

	err error // why the frame could not be filled; render returns it
}

func (p *Page) framed() *Page { return p }

// Format is the organisation's way to write times and figures, for builders
// that fill the words of partials.
func (p *Page) Format() Format { return Format{Zone: p.Zone} }

// Reader is who looks at a page.
type Reader struct {
	ID       string
	Name     string
	Email    string
	Roles    []actor.Role
	Initials string
	RoleWord string // the roles in words: "Reviewer, Approver"
}

// Has says whether the reader holds one of the roles, for templates.
func (r Reader) Has(roles ...string) bool {
	for _, have := range r.Roles {
		for _, want := range roles {
			if string(have) == want {
				return true
			}
		}
	}
	return false
}

func newReader(by actor.Actor) Reader {
	return Reader{ID: by.ID, Name: by.Name, Email: by.Email, Roles: by.Roles, Initials: initials(by.Name), RoleWord: roleWords(by.Roles)}
}

// initials are the first letters of the first and last word of a name.
func initials(name string) string {
	var first, last rune
	start := true
	for _, r := range name {
		switch {
		case unicode.IsSpace(r) || r == '-':
			start = true
		case start && unicode.IsLetter(r):
			if first == 0 {
				first = unicode.ToUpper(r)
			} else {
				last = unicode.ToUpper(r)
			}
			start = false
		}
	}
	switch {
	case first == 0:
		return "?"
	case last == 0:
		return string(first)
	}
	return string(first) + string(last)
}

// page fills the frame of a page for the reader. Nav is the place in the
// navigation. What cannot be read makes render fail, so that handlers need not
// ask.
func (s *Server) page(c *fiber.Ctx, title, nav string) Page {
	p := s.bare(c, title)
	r := of(c)
	if r.account == nil {
		return p
	}
	p.Bare, p.Nav = false, nav
	p.Actor = newReader(s.actor(c))
	p.CSRF = tokenFrom(r.session.Secret)
	p.Flash = s.takeFlash(c)
	if s.Counter != nil && p.err == nil {
		p.Counts, p.err = s.Counter.Counts(c.UserContext(), s.actor(c))
	}
	return p
}

// bare fills the frame of a page for nobody in particular. It has no token; a
// page with a form sets CSRF to formToken.
func (s *Server) bare(c *fiber.Ctx, title string) Page {
	p := Page{Title: title, Bare: true, Zone: time.UTC, Now: connectors.At(s.now()), Sample: s.config.Sample, Path: c.Path()}
	organisation, err := s.Auth.Organisation(c.UserContext())
	if err != nil {
		p.err = err
		return p
	}
	p.Organisation = organisation.Name
	if organisation.Zone != "" {
		if p.Zone, p.err = time.LoadLocation(organisation.Zone); p.err != nil {
			p.Zone = time.UTC
		}
	}
	return p
}
