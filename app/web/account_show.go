package web

import (
	"github.com/gofiber/fiber/v2"

	"logreeve/app/auth"
	"logreeve/app/web/part"
	"logreeve/connectors"
)

// accountPage is the reader's own account and sessions.
type accountPage struct {
	Page
	Head     part.Head
	Facts    []part.Pair
	Sessions []sessionLine
}

// sessionLine is one of the reader's sessions.
type sessionLine struct {
	ID, Agent, Address string
	Created, Seen, End connectors.Instant
	Here               bool // the one that shows the page
}

// Others says whether there are sessions besides this one.
func (p *accountPage) Others() bool { return len(p.Sessions) > 1 }

func newAccountPage(frame Page, a auth.Account, sessions []auth.Session, here string) *accountPage {
	f := frame.Format()
	linked := a.PersonID
	if linked == "" {
		linked = "Not linked. Your own actions in the logs cannot be recognised as yours until an administrator links you."
	}
	p := &accountPage{
		Page: frame,
		Head: part.Head{Title: a.Name, Lede: "You can sign out everywhere here, and change your password. Your roles are set by an administrator.",
			Actions: []part.Action{{Text: "Change password", Href: "/password", Icon: "key"}}},
		Facts: []part.Pair{
			{Key: "E-mail address", Text: a.Email},
			{Key: "Roles", Text: roleWords(a.Roles)},
			{Key: "Person in the roster", Text: linked},
			{Key: "Password set", Text: f.Time(a.PasswordAt), Time: a.PasswordAt.String(), UTC: f.UTC(a.PasswordAt)},
		},
	}
	for _, one := range sessions {
		agent := one.UserAgent
		if agent == "" {
			agent = "A browser that does not say its name"
		}
		p.Sessions = append(p.Sessions, sessionLine{
			ID: one.ID, Agent: agent, Address: one.Address, Created: one.CreatedAt, Seen: one.LastSeen, End: one.ExpiresAt, Here: one.ID == here,
		})
	}
	return p
}

func (s *Server) accountShow(c *fiber.Ctx) error {
	r := of(c)
	sessions, err := s.Auth.Sessions(c.UserContext(), s.actor(c), r.account.ID)
	if err != nil {
		return err
	}
	return s.render(c, "account_show", newAccountPage(s.page(c, "Your account", "account"), *r.account, sessions, r.session.ID))
}

func (s *Server) accountEndSession(c *fiber.Ctx) error {
	r := of(c)
	if err := s.Auth.EndSession(c.UserContext(), s.actor(c), r.account.ID, c.Params("session")); err != nil {
		return err
	}
	s.flash(c, "ok", "The session has ended.")
	return s.redirect(c, "/account")
}

func (s *Server) accountEndOthers(c *fiber.Ctx) error {
	r := of(c)
	n, err := s.Auth.EndSessions(c.UserContext(), s.actor(c), r.account.ID, r.session.ID)
	if err != nil {
		return err
	}
	s.flash(c, "ok", plural(n, "other session has", "other sessions have")+" ended.")
	return s.redirect(c, "/account")
}
