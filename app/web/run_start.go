package web

import (
	"net/url"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/runs"
	"logreeve/app/web/part"
	"logreeve/connectors"
	"logreeve/reports"
)

// runStartPage is the form that starts a run.
type runStartPage struct {
	Page
	Head     part.Head
	Errors   []part.FieldError
	Window   part.Choice
	Between  []part.Field
	Which    part.Choice
	Families []pickFamily
	Sources  []part.Field
	Picking  bool // single checks are chosen
	Empty    *part.Empty
}

// pickFamily is the checks of one family to choose from.
type pickFamily struct {
	Title  string
	Checks []part.Field
}

// startForm is the form as filled in.
type startForm struct {
	Window, From, To, Which string
	Checks, Sources         []string
}

// localTime is how browsers write a date with a time, without a zone.
const localTime = "2006-01-02T15:04"

func newRunStartPage(frame Page, form startForm, checks []reports.Check, sources []runs.Source, faults Faults) *runStartPage {
	p := &runStartPage{
		Page: frame, Errors: faults.List("window", "from", "to", "check", "source"), Picking: form.Which == "chosen",
		Head: part.Head{Crumbs: []part.Link{{Text: "Results", Href: "/results"}, {Text: "Runs", Href: "/runs"}, {Text: "Start a run"}}, Title: "Start a run",
			Lede: "A run reads the sources once for all checks. It goes on while you do something else, and it can be cancelled."},
		Window: part.Choice{ID: "window", Name: "window", Legend: "Which time", Error: faults.For("window"), Options: []part.Option{
			{Value: "day", Text: "The last 24 hours"}, {Value: "week", Text: "The last 7 days"},
			{Value: "all", Text: "Everything there is", Note: "from the first to just after the last event of the sources"},
			{Value: "between", Text: "From a time to a time", Note: "as given below"}}},
		Between: []part.Field{
			{ID: "from", Name: "from", Label: "From", Kind: "datetime-local", Value: form.From, Error: faults.For("from"), Hint: "In " + frame.Zone.String() + "."},
			{ID: "to", Name: "to", Label: "To, not included", Kind: "datetime-local", Value: form.To, Error: faults.For("to"), Hint: "In " + frame.Zone.String() + "."}},
		Which: part.Choice{ID: "check", Name: "which", Legend: "Which checks", Error: faults.For("check"), Options: []part.Option{
			{Value: "all", Text: "All " + plural(len(checks), "check", "checks")}, {Value: "chosen", Text: "Only those ticked below"}}},
	}
	mark(p.Window.Options, form.Window)
	mark(p.Which.Options, form.Which)
	for i := range checks {
		ch := &checks[i]
		title := familyTitle(ch.ID[:3])
		at := slices.IndexFunc(p.Families, func(f pickFamily) bool { return f.Title == title })
		if at < 0 {
			at = len(p.Families)
			p.Families = append(p.Families, pickFamily{Title: title})
		}
		p.Families[at].Checks = append(p.Families[at].Checks, part.Field{ID: "check-" + ch.ID, Name: "check", Kind: "check", Value: ch.ID, Label: ch.ID + " " + ch.Title, Checked: slices.Contains(form.Checks, ch.ID)})
	}
	enabled := 0
	for _, src := range sources {
		label := src.Name
		if src.Disabled {
			label += " (not read by default)"
		} else {
			enabled++
		}
		p.Sources = append(p.Sources, part.Field{ID: "source-" + src.ID, Name: "source", Kind: "check", Value: src.Name, Label: label, Checked: slices.Contains(form.Sources, src.Name)})
	}
	if enabled == 0 {
		p.Empty = &part.Empty{Kind: part.Nothing, Title: "There is no source to read", Text: "A run needs a log source that is connected and read.", Actions: []part.Action{{Text: "See sources", Href: "/sources", Kind: "primary"}}}
	}
	return p
}

func mark(options []part.Option, chosen string) {
	for i := range options {
		options[i].Selected = options[i].Value == chosen
	}
}

// wanted reads what a person asks for. The zone is that of the times typed.
func (form startForm) wanted(now time.Time, zone *time.Location) (runs.Wanted, Faults) {
	faults := Faults{}
	w := runs.Wanted{Only: form.Sources}
	at := func(field, text string) connectors.Instant {
		t, err := time.ParseInLocation(localTime, text, zone)
		if err != nil {
			faults[field] = "Give a day and a time."
		}
		return connectors.At(t)
	}
	switch form.Window {
	case "day":
		w.Window = connectors.Window{From: connectors.At(now.Add(-24 * time.Hour)), To: connectors.At(now)}
	case "week":
		w.Window = connectors.Window{From: connectors.At(now.AddDate(0, 0, -7)), To: connectors.At(now)}
	case "all":
	case "between":
		w.Window = connectors.Window{From: at("from", form.From), To: at("to", form.To)}
	default:
		faults["window"] = "Choose which time to look at."
	}
	switch {
	case form.Which == "chosen" && len(form.Checks) == 0:
		faults["check"] = "Tick at least one check, or choose all."
	case form.Which == "chosen":
		w.Checks = form.Checks
	}
	return w, faults
}

func startFormOf(v url.Values) startForm {
	return startForm{Window: v.Get("window"), From: v.Get("from"), To: v.Get("to"), Which: v.Get("which"), Checks: v["check"], Sources: v["source"]}
}

func (s *Server) runNew(c *fiber.Ctx) error {
	form := startForm{Window: "week", Which: "all"}
	if check := c.Query("check"); check != "" {
		form.Which, form.Checks = "chosen", []string{check}
	}
	return s.runStartForm(c, fiber.StatusOK, form, nil)
}

func (s *Server) runStartForm(c *fiber.Ctx, status int, form startForm, faults Faults) error {
	sources, err := s.Runs.Sources(c.UserContext())
	if err != nil {
		return err
	}
	return s.renderStatus(c, status, "run_start", newRunStartPage(s.page(c, "Start a run", "results"), form, s.Runs.Checks, sources, faults))
}

func (s *Server) runStart(c *fiber.Ctx) error {
	form := startFormOf(readForm(c))
	w, faults := form.wanted(s.now(), s.bare(c, "").Zone)
	if len(faults) > 0 {
		return s.runStartForm(c, fiber.StatusUnprocessableEntity, form, faults)
	}
	id, err := s.Runs.Start(c.UserContext(), s.actor(c), w)
	if faults, ok := faultsOf(err); ok {
		return s.runStartForm(c, fiber.StatusUnprocessableEntity, form, faults)
	}
	if err != nil {
		return err
	}
	return s.redirect(c, "/runs/"+id)
}
