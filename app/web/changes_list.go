package web

import (
	"context"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/runs"
	"logreeve/app/web/part"
	"logreeve/connectors"
	"logreeve/reports/policy"
)

// changesPage is the changes of network policies in a period, with one of them
// in words and line by line.
type changesPage struct {
	Page
	Head    part.Head
	Notice  *part.Notice
	Filters part.Filters
	Dates   []part.Field  // the period as two days, for a form
	Keep    []part.Hidden // what that form keeps
	Errors  []part.FieldError
	Days    []part.Day
	Pager   *part.Pager
	Change  *part.Change
	Empty   *part.Empty

	current *policy.Change // the one to show, nil for none
}

const (
	changesRead  = 5000 // of a period
	changesShown = 100  // a page
)

// changesSeen is what the page is made from.
type changesSeen struct {
	Changes []policy.Change // of the period, oldest first
	More    bool            // there are more than were read
	Asked   changesAsked
	Faults  Faults
	Sources []runs.Source
	// Watch is read only when there is nothing to show.
	Watched    int
	LastChange connectors.Instant
}

func newChangesPage(frame Page, seen changesSeen) *changesPage {
	f, a := frame.Format(), seen.Asked
	w, _ := a.window(f, frame.Now)
	p := &changesPage{Page: frame, Head: part.Head{Title: "Policy changes", Near: true}, Errors: seen.Faults.List("from", "to")}
	all := told(seen.Changes)
	filters := changeFilters()
	var shown []toldChange
	for i := len(all) - 1; i >= 0; i-- { // the newest first
		if a.holds(all[i], filters, -1) {
			shown = append(shown, all[i])
		}
	}
	p.Head.Lede = changesLede(f, w, all)
	p.Filters = changesFilters(f, frame.Now, all, a)
	p.dates(f, w, a, seen.Faults)
	if len(all) > 0 {
		p.Head.Actions = []part.Action{{Text: "Export CSV", Href: a.export("/export.csv"), Icon: "download"}, {Text: "Export JSON", Href: a.export("/export.json"), Icon: "download"}}
	}
	p.Notice = changesNotice(f, frame.Now, w, seen)
	if len(shown) == 0 {
		p.Empty = changesEmpty(frame, w, seen, len(all))
		return p
	}
	pages := (len(shown) + changesShown - 1) / changesShown
	a.Page = min(max(a.Page, 1), pages)
	listed := shown[(a.Page-1)*changesShown : min(a.Page*changesShown, len(shown))]
	p.Filters.Text = listedText(len(listed), len(shown), len(all), (a.Page-1)*changesShown)
	if unknown := countIf(shown, func(c toldChange) bool { return !c.ContentKnown }); unknown > 0 {
		p.Filters.Text += " · content recorded for " + countWord(len(shown)-unknown)
	}
	if pages > 1 {
		p.Pager = &part.Pager{Text: "page " + countWord(a.Page) + " of " + countWord(pages)}
		if a.Page > 1 {
			p.Pager.Previous = a.with(func(x *changesAsked) { x.Page = a.Page - 1 })
		}
		if a.Page < pages {
			p.Pager.Next = a.with(func(x *changesAsked) { x.Page = a.Page + 1 })
		}
	}
	current := listed[0]
	for _, c := range listed {
		if changeID(c.Change) == a.Change {
			current = c
		}
	}
	p.current = current.Change
	p.Days = changeDays(f, listed, a, changeID(current.Change))
	return p
}

func (p *changesPage) dates(f Format, w connectors.Window, a changesAsked, faults Faults) {
	from, to := a.From, a.To
	if from == "" && w.From != 0 && a.To == "" {
		from = f.in(w.From).Format(time.DateOnly)
	}
	if to == "" && w.To != 0 && a.From == "" {
		to = f.in(w.To).AddDate(0, 0, -1).Format(time.DateOnly)
	}
	p.Dates = []part.Field{
		{ID: "from", Name: "from", Label: "From", Kind: "date", Value: from, Error: faults.For("from")},
		{ID: "to", Name: "to", Label: "Until, with that day", Kind: "date", Value: to, Error: faults.For("to")},
	}
	for _, x := range changeFilters() {
		if v := *x.set(&a); v != "" {
			p.Keep = append(p.Keep, part.Hidden{Name: strings.ToLower(x.label), Value: v})
		}
	}
	for i := range p.Keep {
		if p.Keep[i].Name == "change" {
			p.Keep[i].Name = "does"
		}
	}
}

// changesSeen reads what the list needs.
func (s *Server) changesSeen(c *fiber.Ctx, f Format) (changesSeen, error) {
	ctx := c.UserContext()
	seen := changesSeen{Asked: readChangesAsked(c)}
	w, err := seen.Asked.window(f, connectors.At(s.now()))
	if faults, ok := faultsOf(err); ok {
		seen.Faults = faults
	}
	if seen.Changes, err = s.Runs.Changes(ctx, w, changesRead+1); err != nil {
		return seen, err
	}
	if seen.More = len(seen.Changes) > changesRead; seen.More {
		seen.Changes = seen.Changes[:changesRead]
	}
	if seen.Sources, err = s.Runs.Sources(ctx); err != nil {
		return seen, err
	}
	if len(seen.Changes) > 0 {
		return seen, nil
	}
	return seen, s.policyWatch(ctx, &seen)
}

func (s *Server) policyWatch(ctx context.Context, seen *changesSeen) error {
	states, err := s.Runs.PolicyStates(ctx)
	if err != nil {
		return err
	}
	for _, st := range states {
		if st.Exists {
			seen.Watched++
		}
		seen.LastChange = max(seen.LastChange, st.At)
	}
	return nil
}

func (s *Server) changesList(c *fiber.Ctx) error {
	if object := c.Query("object"); object != "" {
		return s.redirect(c, objectHref(object, c.Query("event")))
	}
	frame := s.page(c, "Changes", "changes")
	seen, err := s.changesSeen(c, frame.Format())
	if err != nil {
		return err
	}
	p := newChangesPage(frame, seen)
	if p.current != nil {
		if p.Change, err = s.changeView(c, frame, p.current, seen.Asked.View); err != nil {
			return err
		}
		p.Change.Toggle = viewToggle(seen.Asked.View, func(view string) string {
			a := seen.Asked
			a.View, a.Change = view, changeID(p.current)
			return a.href("") + "#change"
		})
	}
	status := fiber.StatusOK
	if len(p.Errors) > 0 {
		status = fiber.StatusUnprocessableEntity
	}
	return s.renderStatus(c, status, "changes_list", p)
}
