package web

import (
	"github.com/gofiber/fiber/v2"

	"logreeve/app/auth"
	"logreeve/app/web/part"
)

// secretPage shows an initial password, once. It is the answer to the form that
// made it and is kept nowhere, so there is no address to see it again.
type secretPage struct {
	Page
	Head     part.Head
	Name     string
	Email    string
	Password string
	Hours    int // until it can no longer be used
}

func newSecretPage(frame Page, a auth.Account, password, done string) *secretPage {
	return &secretPage{
		Page: frame, Name: a.Name, Email: a.Email, Password: password, Hours: int(auth.InitialPasswordLife.Hours()),
		Head: part.Head{Crumbs: []part.Link{{Text: "Settings", Href: "/settings"}, {Text: "Accounts", Href: "/settings/accounts"}, {Text: a.Name}},
			Title: done, Lede: "This password is shown once. Give it to " + a.Name + " in person or by another way than e-mail."},
	}
}

func (s *Server) secretShow(c *fiber.Ctx, a auth.Account, password, done string) error {
	return s.render(c, "account_secret", newSecretPage(s.page(c, done, "settings"), a, password, done))
}
