package web

import (
	"context"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/app/web/chart"
	"logreeve/app/web/part"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/controls"
	"logreeve/reviews"
)

// resultPage is what one check found in one run, and why that can be believed.
type resultPage struct {
	Page
	Head      part.Head
	Figures   []part.Figure
	Items     part.Table
	Gates     []part.Rule
	Held      string // "7 of 8 conditions hold"
	Course    course
	Suppress  *part.Table
	Undecided *part.Table
	Query     []part.Pair // how it was asked
}

// itemsShown is how many items a result lists.
const itemsShown = 500

// resultSeen is what the page is made of.
type resultSeen struct {
	Run       *runs.Run
	Result    *reports.Result
	Check     reports.Check   // zero when this version no longer has it
	Review    *reviews.Review // the review the run is for, nil for none
	Course    []runs.CheckCourse
	Catalogue *controls.Catalogue
}

func newResultPage(frame Page, seen resultSeen) *resultPage {
	f, res, run := frame.Format(), seen.Result, seen.Run
	p := &resultPage{
		Page: frame, Items: itemTable(f, seen), Course: newCourse(f, res.Check, run.ID, seen.Course),
		Head: part.Head{
			Crumbs: []part.Link{{Text: "Results", Href: "/results"}, {Text: f.Span(windowOf(run.Window)), Href: "/runs/" + run.ID}, {Text: res.Check}},
			Title:  res.Title, Badge: resultBadge(res), Lede: resultLede(f, res),
			Facts:   []part.Fact{{Text: res.Check + " v" + chart.Count(int64(res.Version))}, {Text: f.Span(windowOf(run.Window))}, {Text: "supports ISO 27001 " + controlIDs(seen.Catalogue, res.Controls)}},
			Actions: []part.Action{{Text: "About this check", Href: "/checks/" + res.Check, Icon: "info"}},
		},
		Figures: resultFigures(seen), Query: resultQuery(seen),
	}
	if res.Limited {
		p.Head.Chips = []part.Chip{{Text: "limited"}}
	}
	if seen.Review != nil {
		p.Head.Actions = append(p.Head.Actions, part.Action{Text: "Open the review", Href: "/reviews/" + seen.Review.ID, Icon: "reviews"})
	}
	if frame.Actor.Has("admin", "officer", "reviewer") {
		p.Head.Actions = append(p.Head.Actions, part.Action{Text: "Run again", Href: "/runs/new?check=" + res.Check, Icon: "play"})
	}
	holds := 0
	for _, g := range res.Gates {
		rule := part.Rule{ID: string(g.ID), Text: gateWord(g.ID), Result: "broken", Detail: f.Sentence(g.Detail)}
		if g.OK {
			rule.Result, holds = "holds", holds+1
		}
		p.Gates = append(p.Gates, rule)
	}
	p.Held = chart.Count(int64(holds)) + " of " + plural(len(res.Gates), "condition holds", "conditions hold")
	if holds == 1 && len(res.Gates) > 1 {
		p.Held = "1 of " + chart.Count(int64(len(res.Gates))) + " conditions holds"
	}
	p.Suppress, p.Undecided = suppressTable(f, res), undecidedTable(f, res)
	return p
}

func resultBadge(res *reports.Result) *part.Badge {
	b := &part.Badge{Outcome: string(res.Outcome)}
	switch n := len(res.Items); res.Outcome {
	case reports.NeedsReview:
		b.Text = chart.Count(int64(n)) + " to review"
	case reports.Fail:
		b.Text = "fail: " + plural(n, "item", "items")
	}
	return b
}

// resultLede says what was found and what limits it.
func resultLede(f Format, res *reports.Result) string {
	var broken []reports.Gate
	for _, g := range res.Gates {
		if !g.OK {
			broken = append(broken, g)
		}
	}
	limits := ""
	if len(broken) > 0 {
		limits = " The answer is limited: " + lowerFirst(f.Sentence(broken[0].Detail))
		if n := len(broken) - 1; n > 0 {
			limits += " And " + plural(n, "other condition does", "other conditions do") + " not hold either."
		}
	}
	items := plural(len(res.Items), "item", "items")
	events := plural(res.Matched, "event", "events")
	switch res.Outcome {
	case reports.Fail:
		n := 0
		for i := range res.Items {
			if res.Items[i].Violation {
				n++
			}
		}
		said := items + " in " + events + " break the rule of this check."
		if len(res.Items) == 1 {
			said = "1 item in " + events + " breaks the rule of this check."
		}
		if n < len(res.Items) {
			said = chart.Count(int64(n)) + " of " + items + " break the rule of this check; a person looks at the others."
		}
		return said + limits
	case reports.NeedsReview:
		if len(res.Items) == 1 {
			return "1 item in " + events + " needs a person to look at it." + limits
		}
		return items + " in " + events + " need a person to look at them." + limits
	}
	return f.Sentence(res.Reason)
}

// lowerFirst makes a sentence fit after a colon, unless it begins with a name.
func lowerFirst(s string) string {
	first, _, _ := strings.Cut(s, " ")
	switch first {
	case "The", "There", "No", "Nothing", "It", "People", "Every", "A":
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}

// resultFigures lead from all events to what is to be decided.
func resultFigures(seen resultSeen) []part.Figure {
	res := seen.Result
	var events int64
	for i := range seen.Run.Sources {
		if s := &seen.Run.Sources[i]; len(seen.Check.Needs.Kinds) == 0 || slices.Contains(seen.Check.Needs.Kinds, s.Kind) {
			events += s.InWindow
		}
	}
	undecidable := part.Figure{Value: chart.Count(res.Suppressed), Label: "held back by a register"}
	if res.Undecidable > 0 {
		undecidable.Note = chart.Count(res.Undecidable) + " could not be judged"
	}
	return []part.Figure{
		{Value: chart.Count(events), Label: "events in the window"},
		{Value: chart.Count(res.Population), Label: "this check looked at"},
		{Value: chart.Count(res.Matched), Label: "in an item"},
		{Value: chart.Count(int64(len(res.Items))), Label: "things to decide"},
		undecidable,
	}
}

func itemTable(f Format, seen resultSeen) part.Table {
	res := seen.Result
	t := part.Table{ID: "items", Caption: "Items", Quiet: true, Stacked: true,
		Columns: []part.Column{{Text: "Severity", Hush: true}, {Text: "Who and what"}, {Text: "Events", Number: true}, {Text: "First seen"}, {Text: "From"}},
		Empty:   itemsEmpty(res)}
	if seen.Review != nil {
		t.Columns = append(t.Columns, part.Column{Text: "Decision"})
	}
	sorted := slices.Clone(res.Items)
	slices.SortStableFunc(sorted, func(a, b reports.Item) int { return severityRank(a.Severity) - severityRank(b.Severity) })
	for i := range sorted[:min(len(sorted), itemsShown)] {
		it := &sorted[i]
		name := part.Cell{Text: logText(or(it.Title, it.Subject)), Sub: f.Sentence(it.Summary), Href: itemHref(seen.Run.ID, it.Key), Name: true}
		if it.Violation && res.Outcome == reports.Fail && res.Kind == reports.RegisterT {
			name.Chips = []part.Chip{{Text: "breaks the rule", Kind: "bad"}}
		}
		cells := []part.Cell{{Severity: string(it.Severity)}, name, {Text: chart.Count(it.Count), Number: true}, timeCell(f, it.First), {Text: logText(factOf(it, "From")), Mono: true}}
		if seen.Review != nil {
			cells = append(cells, decisionCell(f, seen.Review, it.Key))
		}
		t.Rows = append(t.Rows, part.Row{Cells: cells})
	}
	if n := len(sorted); n > itemsShown {
		t.Pager = &part.Pager{Text: "first " + chart.Count(itemsShown) + " of " + chart.Count(int64(n)) + " items, worst first"}
	}
	return t
}

// itemsEmpty says what it means that there are no items, which depends on the
// outcome.
func itemsEmpty(res *reports.Result) *part.Empty {
	switch res.Outcome {
	case reports.Pass:
		return &part.Empty{Kind: part.Nothing, Title: "Nothing was found", Text: "And all conditions hold, so that means something. See below by what."}
	case reports.Inconclusive:
		return &part.Empty{Kind: part.Down, Title: "Nothing was found, and that shows nothing", Text: "A condition below does not hold. Mend it and run the check again."}
	case reports.NotApplicable:
		return &part.Empty{Kind: part.Nothing, Title: "This check was declared not to apply", Text: "Nobody looked."}
	}
	return &part.Empty{Kind: part.Down, Title: "The check could not be carried out", Text: "Nothing was found because nobody could look. Run it again; if it stays so, tell the operator."}
}

func factOf(it *reports.Item, label string) string {
	for _, f := range it.Facts {
		if f.Label == label {
			return f.Value
		}
	}
	return ""
}

// decisionCell is what a review decided about an item.
func decisionCell(f Format, r *reviews.Review, key string) part.Cell {
	last, _ := r.Standing(key, false)
	if last == nil {
		if _, there := r.Item(key); !there {
			return part.Cell{}
		}
		return part.Cell{Badge: &part.Badge{Outcome: "needs_review", Text: "to decide", Href: "/reviews/" + r.ID}}
	}
	cell := part.Cell{Sub: logText(last.By.Name) + ", " + f.Time(last.At)}
	switch last.Choice {
	case reviews.FindingC, reviews.Escalated:
		cell.Badge = &part.Badge{Outcome: "fail", Text: string(last.Choice)}
	default:
		cell.Badge = &part.Badge{Outcome: "pass", Text: string(last.Choice)}
	}
	return cell
}

func suppressTable(f Format, res *reports.Result) *part.Table {
	if len(res.Suppressions) == 0 {
		return nil
	}
	t := &part.Table{ID: "suppressed", Caption: "Held back by register entries", Quiet: true, Tight: true, Stacked: true, Columns: []part.Column{{Text: "Entry"}, {Text: "Register"}, {Text: "Ends"}, {Text: "Events", Number: true}}}
	for _, s := range res.Suppressions {
		ends := part.Cell{Text: "no end", Small: true}
		if s.Expires != 0 {
			ends = dateCell(f, lastDay(s.Expires))
		}
		t.Rows = append(t.Rows, part.Row{Cells: []part.Cell{{Text: logText(s.Value), Name: true}, {Text: string(s.Register), Href: "/registers", Small: true}, ends, {Text: chart.Count(s.Events), Number: true}}})
	}
	return t
}

func undecidedTable(f Format, res *reports.Result) *part.Table {
	if res.Undecidable == 0 {
		return nil
	}
	t := &part.Table{ID: "undecided", Caption: "Events that could not be judged", Quiet: true, Tight: true, Stacked: true, Columns: []part.Column{{Text: "When"}, {Text: "Why"}, {Text: "Event"}}}
	for _, u := range res.Undecided {
		t.Rows = append(t.Rows, part.Row{Cells: []part.Cell{timeCell(f, u.Time), {Text: f.Sentence(u.Reason)}, {Text: logText(or(u.NativeID, short(u.Key))), Mono: true}}})
	}
	t.Pager = &part.Pager{Text: "all " + plural(res.Undecidable, "event", "events") + " shown"}
	if n := int64(len(res.Undecided)); n < res.Undecidable {
		t.Pager.Text = "first " + chart.Count(n) + " of " + plural(res.Undecidable, "event", "events")
	}
	return t
}

// resultQuery is how the question was asked, so that it can be asked again.
func resultQuery(seen resultSeen) []part.Pair {
	res := seen.Result
	pairs := []part.Pair{
		{Key: "Window", Text: seen.Run.Window.From.String() + " to " + seen.Run.Window.To.String() + ", the end not included", Mono: true},
		{Key: "Definition", Text: res.Digest, Mono: true, Sub: "SHA-256 of id, version, logic, selection and parameters"},
	}
	if seen.Check.Logic != "" && seen.Check.Version == res.Version {
		pairs = append(pairs, part.Pair{Key: "How it judges", Text: seen.Check.Logic})
	}
	names := make([]string, 0, len(res.Params))
	for name := range res.Params {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		pairs = append(pairs, part.Pair{Key: name, Text: or(res.Params[name], "empty"), Mono: true})
	}
	return append(pairs, part.Pair{Key: "Run", Text: seen.Run.ID, Href: "/runs/" + seen.Run.ID, Mono: true})
}

func (s *Server) resultShow(c *fiber.Ctx) error {
	run, err := s.Runs.Run(c.UserContext(), c.Params("id"))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(run.Results, func(r reports.Result) bool { return r.Check == c.Params("check") })
	if i < 0 {
		return fault.New(fault.NotFound, "This run has no result of that check. A run that is not done has none at all.")
	}
	seen := resultSeen{Run: run, Result: &run.Results[i], Catalogue: s.controls}
	seen.Check, _ = s.Runs.Check(seen.Result.Check)
	if seen.Course, err = s.Runs.Course(c.UserContext(), seen.Result.Check, courseShown); err != nil {
		return err
	}
	if seen.Review, err = s.reviewOf(c.UserContext(), run); err != nil {
		return err
	}
	return s.render(c, "result_show", newResultPage(s.page(c, seen.Result.Title, "results"), seen))
}

// reviewOf finds the review a run is for; nil when it is for none.
func (s *Server) reviewOf(ctx context.Context, run *runs.Run) (*reviews.Review, error) {
	id, ok := strings.CutPrefix(run.Purpose, "review ")
	if !ok || s.Reviews == nil {
		return nil, nil
	}
	r, err := s.Reviews.Store.Review(ctx, id)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return nil, nil
	}
	return r, err
}

// eventsInOrder puts evidence in order of time.
func eventsInOrder(events []reports.EvidenceEvent) []reports.EvidenceEvent {
	events = slices.Clone(events)
	slices.SortStableFunc(events, func(a, b reports.EvidenceEvent) int {
		return int(min(max(a.Record.Time-b.Record.Time, -1), connectors.Instant(1)))
	})
	return events
}
