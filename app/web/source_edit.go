package web

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/app/web/part"
	"logreeve/connectors"
)

// sourceEditPage is the form for a new source or a changed one.
type sourceEditPage struct {
	Page
	Head    part.Head
	Post    string // where Save goes
	ID      string
	Version int64
	Errors  []part.FieldError
	Fields  []part.Field
	Look    *look // what a look at it found
	Ready   bool  // it can be read: Save is the thing to do
}

// sourceFields is the order of the form.
var sourceFields = [...]string{"name", "target", "kind", "zone", "year"}

func newSourceEditPage(frame Page, src runs.Source, year string, l *look, faults Faults) *sourceEditPage {
	p := &sourceEditPage{
		Page: frame, ID: src.ID, Version: src.Version, Look: l, Errors: faults.List(sourceFields[:]...), Post: "/sources",
		Head: part.Head{Crumbs: []part.Link{{Text: "Sources", Href: "/sources"}, {Text: "Connect a source"}}, Title: "Connect a source",
			Lede: "Say where the logs lie and look at them before you save. Nothing is copied: runs read the logs where they are."},
		Fields: []part.Field{
			{ID: "name", Name: "name", Label: "Name", Value: src.Name, Error: faults.For("name"), Required: true, MaxLength: 60, Autocomplete: "off",
				Hint: "How pages and evidence call it, without spaces: kubernetes, ssh-bastion."},
			{ID: "target", Name: "target", Label: "File, folder or pattern", Value: src.Target, Error: faults.For("target"), Required: true, Mono: true, MaxLength: 4000, Autocomplete: "off",
				Placeholder: "/var/log/apiserver/audit*.log", Hint: "The whole path on the machine that runs Logreeve. Rotated and compressed files are read too."},
			{ID: "kind", Name: "kind", Label: "Kind of log", Kind: "select", Error: faults.For("kind"), Options: kindOptions(src.Kind)},
			{ID: "zone", Name: "zone", Label: "Time zone of stamps without one", Value: src.Zone, Error: faults.For("zone"), Optional: true, MaxLength: 60, Placeholder: "UTC", Autocomplete: "off",
				Hint: "For syslog of hosts whose clock shows local time: Europe/Stockholm."},
			{ID: "year", Name: "year", Label: "Year of stamps without one", Value: year, Error: faults.For("year"), Optional: true, Short: true, InputMode: "numeric", MaxLength: 4, Autocomplete: "off",
				Hint: "Traditional syslog has no year. Left empty, it follows from the time of the file."},
		},
	}
	p.Ready = l != nil && l.Problem == nil && len(l.Found) > 0
	if src.ID != "" {
		p.Post = "/sources/" + src.ID
		p.Head.Crumbs[1] = part.Link{Text: src.Name, Href: "/sources/" + src.ID}
		p.Head.Crumbs = append(p.Head.Crumbs, part.Link{Text: "Change"})
		p.Head.Title, p.Head.Lede = "Change "+src.Name, "Runs use what stands here from the next one on. Results of earlier runs stay as they are."
	}
	return p
}

func kindOptions(chosen connectors.Kind) []part.Option {
	var options []part.Option
	for _, k := range []connectors.Kind{"", connectors.Kubernetes, connectors.AuthLog} {
		options = append(options, part.Option{Value: string(k), Text: kindWord(k), Selected: k == chosen})
	}
	return options
}

// sourceOf reads the form of a source. The year is also given as typed.
func sourceOf(form url.Values) (src runs.Source, year string, faults Faults) {
	year = strings.TrimSpace(form.Get("year"))
	src = runs.Source{
		ID: form.Get("id"), Name: strings.TrimSpace(form.Get("name")), Target: strings.TrimSpace(form.Get("target")),
		Kind: connectors.Kind(form.Get("kind")), Zone: strings.TrimSpace(form.Get("zone")),
	}
	faults = Faults{}
	src.Version, _ = strconv.ParseInt(form.Get("version"), 10, 64)
	if year != "" {
		var err error
		if src.Year, err = strconv.Atoi(year); err != nil {
			faults["year"] = "Write the year with four digits, such as 2026."
		}
	}
	switch src.Kind {
	case "", connectors.Kubernetes, connectors.AuthLog:
	default:
		faults["kind"] = "Choose one of the kinds in the list."
	}
	return src, year, faults
}

func (s *Server) sourceNew(c *fiber.Ctx) error {
	return s.render(c, "source_edit", newSourceEditPage(s.page(c, "Connect a source", "sources"), runs.Source{}, "", nil, nil))
}

func (s *Server) sourceEdit(c *fiber.Ctx) error {
	src, err := s.Runs.Source(c.UserContext(), c.Params("id"))
	if err != nil {
		return err
	}
	year := ""
	if src.Year != 0 {
		year = strconv.Itoa(src.Year)
	}
	return s.render(c, "source_edit", newSourceEditPage(s.page(c, "Change "+src.Name, "sources"), *src, year, nil, nil))
}

// sourceProbe looks at the source as the form describes it and shows the form
// again with what it found. Nothing is saved.
func (s *Server) sourceProbe(c *fiber.Ctx) error {
	src, year, faults := sourceOf(readForm(c))
	frame := s.page(c, "Connect a source", "sources")
	var l *look
	if len(faults) == 0 {
		if src.Name == "" {
			src.Name = suggestedName(src) // to look, it needs no name of its own
		}
		probes, err := s.Runs.Probe(c.UserContext(), src)
		found, bad := faultsOf(err)
		switch {
		case bad:
			faults = found
		case err != nil && fault.KindOf(err) == fault.Internal:
			return err
		default:
			l = newLook(frame.Format(), frame.Now, probes, err)
		}
	}
	page := newSourceEditPage(frame, src, year, l, faults)
	if len(faults) > 0 {
		return s.renderInvalid(c, "source_edit", page)
	}
	return s.render(c, "source_edit", page)
}

// sourceProbeForm leads those who load the answer of a look again to the form.
func (s *Server) sourceProbeForm(c *fiber.Ctx) error { return s.redirect(c, "/sources/new") }

// suggestedName is a name for a source that has none yet.
func suggestedName(src runs.Source) string {
	if src.Kind != "" {
		return string(src.Kind)
	}
	return "logs"
}

func (s *Server) sourceSave(c *fiber.Ctx) error {
	src, year, faults := sourceOf(readForm(c))
	src.ID = c.Params("id")
	var saved *runs.Source
	if len(faults) == 0 {
		if src.ID != "" {
			now, err := s.Runs.Source(c.UserContext(), src.ID)
			if err != nil {
				return err
			}
			src.AddedAt, src.Disabled = now.AddedAt, now.Disabled
		}
		var err error
		saved, err = s.Runs.SaveSource(c.UserContext(), s.actor(c), src)
		found, bad := faultsOf(err)
		if err != nil && !bad {
			return err
		}
		faults = found
	}
	if len(faults) > 0 {
		return s.renderInvalid(c, "source_edit", newSourceEditPage(s.page(c, "Connect a source", "sources"), src, year, nil, faults))
	}
	return s.sourceSaved(c, saved)
}

// sourceSaved goes to the saved source, which is looked at there and then, so
// that nobody trusts a source that cannot be read.
func (s *Server) sourceSaved(c *fiber.Ctx, src *runs.Source) error {
	if _, err := s.Runs.Probe(c.UserContext(), *src); err != nil {
		s.flash(c, "warn", src.Name+" is saved, but it cannot be read now. See below what to do.")
	} else {
		s.flash(c, "ok", src.Name+" is saved. The next run reads it.")
	}
	return s.redirect(c, "/sources/"+src.ID+"?look=now")
}

// formNumber is a whole number of a form; 0 when there is none.
func formNumber(c *fiber.Ctx, name string) int64 {
	n, _ := strconv.ParseInt(readForm(c).Get(name), 10, 64)
	return n
}
