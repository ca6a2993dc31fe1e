package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/runs"
	"logreeve/app/web/part"
)

// settingsPage is the organisation's settings.
type settingsPage struct {
	Page
	Head   part.Head
	Errors []part.FieldError
	Fields []part.Field
	Links  []part.Need
}

// settingsFields is the order of the form.
var settingsFields = [...]string{"organisation", "zone", "classification", "ticket_pattern"}

func newSettingsPage(frame Page, set runs.Settings, faults Faults) *settingsPage {
	p := &settingsPage{
		Page: frame, Errors: faults.List(settingsFields[:]...),
		Head: part.Head{Title: "Settings", Lede: "What holds for the whole organisation. Changes are in the trail; signed reviews stay as they were."},
		Fields: []part.Field{
			{ID: "organisation", Name: "organisation", Label: "Organisation", Value: set.Organisation, Error: faults.For("organisation"), Required: true, MaxLength: 200, Autocomplete: "organization", Hint: "As it stands on reports."},
			{ID: "zone", Name: "zone", Label: "Time zone", Value: set.Zone, Error: faults.For("zone"), Required: true, MaxLength: 60, Autocomplete: "off", Placeholder: "Europe/Stockholm",
				Hint: "Times are shown in it, and review periods begin and end at its midnight. Reviews that exist keep the zone they were made in."},
			{ID: "classification", Name: "classification", Label: "Classification of reports", Value: set.Classification, Error: faults.For("classification"), Optional: true, MaxLength: 120, Autocomplete: "off", Placeholder: "Confidential · evidence for auditors"},
			{ID: "ticket_pattern", Name: "ticket_pattern", Label: "Pattern of change references", Value: set.TicketPattern, Error: faults.For("ticket_pattern"), Optional: true, Mono: true, MaxLength: 500, Autocomplete: "off", Placeholder: `\b[A-Z]{2,10}-\d+\b`,
				Hint: "A regular expression (RE2) that finds a ticket in annotations and labels. Left empty, the usual forms are found, such as CHG-1182."},
		},
	}
	policy := part.Need{Name: "What your audit policy lets us check", Href: "/settings/audit-policy", Text: "Paste the audit policy of your API servers and see for each check whether its answer can be conclusive."}
	if set.AuditPolicy == "" {
		policy.Chip = &part.Chip{Text: "none given", Kind: "warn"}
	} else {
		policy.Chip = &part.Chip{Text: "given", Kind: "good", Icon: "check"}
	}
	p.Links = []part.Need{policy}
	if frame.Actor.Has("admin") {
		p.Links = append(p.Links, part.Need{Name: "Accounts", Href: "/settings/accounts", Text: "Who may sign in, and what they may do."})
	}
	return p
}

func (s *Server) settingsShow(c *fiber.Ctx) error {
	set, err := s.Runs.Settings(c.UserContext())
	if err != nil {
		return err
	}
	return s.render(c, "settings_show", newSettingsPage(s.page(c, "Settings", "settings"), set, nil))
}

func (s *Server) settingsSave(c *fiber.Ctx) error {
	set, err := s.Runs.Settings(c.UserContext())
	if err != nil {
		return err
	}
	form := readForm(c)
	set.Organisation, set.Zone = strings.TrimSpace(form.Get("organisation")), strings.TrimSpace(form.Get("zone"))
	set.Classification, set.TicketPattern = strings.TrimSpace(form.Get("classification")), strings.TrimSpace(form.Get("ticket_pattern"))
	err = s.Runs.SaveSettings(c.UserContext(), s.actor(c), set)
	if faults, ok := faultsOf(err); ok {
		return s.renderInvalid(c, "settings_show", newSettingsPage(s.page(c, "Settings", "settings"), set, faults))
	}
	if err != nil {
		return err
	}
	s.flash(c, "ok", "The settings are saved.")
	return s.redirect(c, "/settings")
}
