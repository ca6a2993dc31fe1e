package web

import (
	"path/filepath"
	"strings"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/app/web/part"
)

// importPage takes files of people, keys and registers.
type importPage struct {
	Page
	Head   part.Head
	Errors []part.FieldError
	Forms  []importForm
}

// importForm is the form for one part of the list.
type importForm struct {
	Part    runs.Part
	Title   string
	Means   string // what is replaced
	Columns []part.Pair
	Field   part.Field
	Example string // name of the file to download
	Do      string
	Primary bool
}

func newImportPage(frame Page, wrong runs.Part, reason string) *importPage {
	p := &importPage{
		Page: frame,
		Head: part.Head{Crumbs: []part.Link{{Text: "People", Href: "/people"}, {Text: "Import"}}, Title: "Import",
			Lede: "Each import replaces one part as a whole and keeps the earlier state. A file with anything wrong in it changes nothing; you are told the line and the reason."},
		Forms: []importForm{
			{Part: runs.PartPeople, Title: "People", Example: "people.csv", Do: "Import people", Primary: true, Means: "A CSV file. It replaces the whole list of people.",
				Columns: []part.Pair{
					{Key: "name", Text: "Full name"},
					{Key: "email", Text: "E-mail address. It identifies the person, and counts as Kubernetes and Paralus name."},
					{Key: "joined_at", Text: "First day, 2026-01-31 or RFC 3339. May be empty."},
					{Key: "left_at", Text: "Last day; it counts to its end, UTC. Empty for those who have not left."},
					{Key: "manager", Text: "E-mail address of the manager. May be empty."},
					{Key: "principals", Text: "Technical names, separated by a semicolon: k8s:NAME, linux:LOGIN, linux:HOST:LOGIN, sshkey:SHA256:…, pg:ROLE, paralus:NAME. A * stands for anything."},
				},
				Field: part.Field{ID: "file-people", Label: "People file", Accept: ".csv,text/csv"}},
			{Part: runs.PartKeys, Title: "SSH keys", Example: "authorized_keys", Do: "Import keys", Means: "An authorized_keys file. It replaces all registered keys. Only fingerprints and owners are kept.",
				Columns: []part.Pair{{Key: "a line", Text: "One public key. Its comment names the owner by e-mail address or login; a key without one is known but nobody's."}},
				Field:   part.Field{ID: "file-keys", Label: "Keys file"}},
			{Part: runs.PartRegisters, Title: "Registers", Example: "registers.yaml", Do: "Import registers", Means: "A YAML file of what is declared as expected. It replaces all registers and expected sources.",
				Columns: []part.Pair{
					{Key: "registers", Text: "Entries by register, each with value and, as they apply, owner, reason, approver, ticket and expires."},
					{Key: "expected_sources", Text: "Sources that must report, with name and max_gap such as 1h."},
				},
				Field: part.Field{ID: "file-registers", Label: "Registers file", Accept: ".yaml,.yml"}},
		},
	}
	for i := range p.Forms {
		f := &p.Forms[i].Field
		f.Name, f.Kind, f.Required = "file", "file", true
		if p.Forms[i].Part == wrong && reason != "" {
			f.Error = reason
			p.Errors = []part.FieldError{{ID: f.ID, Text: reason + " Nothing was changed."}}
		}
	}
	return p
}

func (s *Server) importShow(c *fiber.Ctx) error {
	return s.render(c, "people_import", newImportPage(s.page(c, "Import", "people"), "", ""))
}

func (s *Server) importDo(c *fiber.Ctx) error {
	wanted := runs.Part(readForm(c).Get("part"))
	refused := func(reason string) error {
		return s.renderInvalid(c, "people_import", newImportPage(s.page(c, "Import", "people"), wanted, reason))
	}
	sent, err := c.FormFile("file")
	if err != nil || sent.Size == 0 {
		return refused("Choose a file that is not empty.")
	}
	in, err := sent.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	name := filepath.Base(strings.ReplaceAll(sent.Filename, `\`, "/"))
	snap, err := s.Runs.Import(c.UserContext(), s.actor(c), wanted, logText(name), in)
	switch {
	case err == nil:
		s.flash(c, "ok", "The import is kept. Runs use it from now on.")
		return s.redirect(c, "/people/history/"+snap.ID)
	case fault.KindOf(err) == fault.Invalid:
		return refused(logText(fault.Message(err)))
	}
	return err
}
