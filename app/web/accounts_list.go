package web

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/actor"
	"logreeve/app/auth"
	"logreeve/app/fault"
	"logreeve/app/web/part"
	"logreeve/connectors"
)

// accountsPage is the accounts of the installation, for administrators.
type accountsPage struct {
	Page
	Head     part.Head
	Accounts []accountLine
	Open     bool // the form for a new account is shown open
	Errors   []part.FieldError
	New      []part.Field
	NewRoles []roleBox
	RolesBad string // what is wrong with the roles
}

// accountLine is one account.
type accountLine struct {
	ID, Name, Email, Person string
	Roles                   []roleBox
	RoleWord                string
	Disabled, MustChange    bool
	Self                    bool // the reader's own
	Created                 connectors.Instant
}

// roleBox is a role that may be ticked.
type roleBox struct {
	Role    actor.Role
	Word    string
	Means   string
	Checked bool
}

func roleBoxes(checked []actor.Role) []roleBox {
	means := map[actor.Role]string{
		actor.Admin:    "runs the installation: accounts, sources, keys",
		actor.Officer:  "owns people, registers, reviews and findings",
		actor.Reviewer: "decides items and attests",
		actor.Approver: "signs what a reviewer attested",
		actor.Auditor:  "reads everything and changes nothing",
	}
	var boxes []roleBox
	for _, r := range actor.Roles() {
		boxes = append(boxes, roleBox{Role: r, Word: roleWord(r), Means: means[r], Checked: slices.Contains(checked, r)})
	}
	return boxes
}

func newAccountsPage(frame Page, accounts []auth.Account, n auth.NewAccount, faults Faults) *accountsPage {
	p := &accountsPage{
		Page: frame,
		Head: part.Head{Crumbs: []part.Link{{Text: "Settings", Href: "/settings"}, {Text: "Accounts"}}, Title: "Accounts", Lede: accountsLede(accounts)},
		Open: len(faults) > 0, Errors: faults.List("name", "email", "person", "roles"),
		New: []part.Field{
			{ID: "name", Name: "name", Label: "Name", Value: n.Name, Error: faults.For("name"), Required: true, MaxLength: 100, Autocomplete: "off"},
			{ID: "email", Name: "email", Label: "E-mail address", Kind: "email", Value: n.Email, Error: faults.For("email"), Required: true, MaxLength: 254, Autocomplete: "off"},
			{ID: "person", Name: "person", Label: "Person in the roster", Kind: "email", Value: n.PersonID, Error: faults.For("person"), Optional: true, MaxLength: 254, Autocomplete: "off",
				Hint: "The e-mail address there. It keeps people from deciding about their own actions."},
		},
		NewRoles: roleBoxes(n.Roles), RolesBad: faults.For("roles"),
	}
	for _, a := range accounts {
		p.Accounts = append(p.Accounts, accountLine{
			ID: a.ID, Name: a.Name, Email: a.Email, Person: a.PersonID, Roles: roleBoxes(a.Roles), RoleWord: roleWords(a.Roles),
			Disabled: a.Disabled, MustChange: a.MustChange, Self: a.ID == frame.Actor.ID, Created: a.CreatedAt,
		})
	}
	return p
}

// accountsLede says what stands in the way of a review, if something does.
func accountsLede(accounts []auth.Account) string {
	holders := map[actor.Role]int{}
	for _, a := range accounts {
		for _, r := range a.Roles {
			if !a.Disabled {
				holders[r]++
			}
		}
	}
	switch {
	case holders[actor.Reviewer] == 0:
		return "Nobody is a reviewer yet, so no review can be worked on. Give the role to somebody."
	case holders[actor.Approver] == 0:
		return "Nobody is an approver yet, so no review can be signed off. Give the role to somebody other than the reviewer."
	case holders[actor.Admin] == 1:
		return "There is one administrator. If that person is away, nobody can help others to sign in."
	}
	return "Everybody who may sign in, and what they may do."
}

func (s *Server) accountsList(c *fiber.Ctx) error {
	return s.accountsShow(c, fiber.StatusOK, auth.NewAccount{}, nil)
}

func (s *Server) accountsShow(c *fiber.Ctx, status int, n auth.NewAccount, faults Faults) error {
	accounts, err := s.Auth.ListAccounts(c.UserContext(), s.actor(c))
	if err != nil {
		return err
	}
	return s.renderStatus(c, status, "accounts_list", newAccountsPage(s.page(c, "Accounts", "settings"), accounts, n, faults))
}

func (s *Server) accountsCreate(c *fiber.Ctx) error {
	form := readForm(c)
	n := auth.NewAccount{Name: form.Get("name"), Email: form.Get("email"), PersonID: form.Get("person"), Roles: rolesOf(form["roles"])}
	a, password, err := s.Auth.CreateAccount(c.UserContext(), s.actor(c), n)
	if faults, ok := faultsOf(err); ok {
		return s.accountsShow(c, fiber.StatusUnprocessableEntity, n, faults)
	}
	if err != nil {
		return err
	}
	return s.secretShow(c, a, password, "The account is created")
}

func rolesOf(values []string) []actor.Role {
	roles := make([]actor.Role, len(values))
	for i, v := range values {
		roles[i] = actor.Role(v)
	}
	return roles
}

func (s *Server) accountsSetRoles(c *fiber.Ctx) error {
	a, err := s.Auth.SetRoles(c.UserContext(), s.actor(c), c.Params("id"), rolesOf(readForm(c)["roles"]))
	return s.accountsChanged(c, err, a.Name+" now has other roles and signs in again to use them.")
}

func (s *Server) accountsDisable(c *fiber.Ctx) error {
	a, err := s.Auth.SetDisabled(c.UserContext(), s.actor(c), c.Params("id"), true)
	return s.accountsChanged(c, err, a.Name+" can no longer sign in; all sessions have ended.")
}

func (s *Server) accountsEnable(c *fiber.Ctx) error {
	a, err := s.Auth.SetDisabled(c.UserContext(), s.actor(c), c.Params("id"), false)
	return s.accountsChanged(c, err, a.Name+" can sign in again.")
}

func (s *Server) accountsEndSessions(c *fiber.Ctx) error {
	n, err := s.Auth.EndSessions(c.UserContext(), s.actor(c), c.Params("id"), "")
	return s.accountsChanged(c, err, plural(n, "session has", "sessions have")+" ended.")
}

// accountsChanged goes back to the list with what happened, or why it did not.
func (s *Server) accountsChanged(c *fiber.Ctx, err error, done string) error {
	switch {
	case err == nil:
		s.flash(c, "ok", done)
	case fault.KindOf(err) == fault.Invalid || fault.KindOf(err) == fault.Conflict:
		s.flash(c, "error", fault.Message(err)+" Nothing was changed.")
	default:
		return err
	}
	return s.redirect(c, "/settings/accounts")
}

func (s *Server) accountsReset(c *fiber.Ctx) error {
	a, password, err := s.Auth.ResetPassword(c.UserContext(), s.actor(c), c.Params("id"))
	if err != nil {
		return err
	}
	return s.secretShow(c, a, password, "The password is reset")
}
