package web

import (
	"cmp"
	"slices"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/runs"
	"logreeve/app/web/chart"
	"logreeve/app/web/part"
	"logreeve/reports"
)

// resultsPage is the newest result of every check.
type resultsPage struct {
	Page
	Head    part.Head
	Tabs    part.Tabs
	Figures []part.Figure
	Table   part.Table
}

func newResultsPage(frame Page, checks int, latest []runs.LatestResult) *resultsPage {
	f := frame.Format()
	p := &resultsPage{
		Page: frame, Tabs: resultTabs("results"), Head: part.Head{Title: "Results", Lede: latestLede(checks, latest), Actions: startAction(frame)},
		Table: part.Table{ID: "results", Caption: "Newest result of every check, worst first", Quiet: true, Stacked: true,
			Columns: []part.Column{{Text: "Severity", Hush: true}, {Text: "Check"}, {Text: "Outcome"}, {Text: "Why"}, {Text: "Window"}},
			Empty:   &part.Empty{Kind: part.Nothing, Title: "No check has run yet", Text: "Nothing is known, so nothing has passed. Connect a log source, then start a run.", Actions: []part.Action{{Text: "See sources", Href: "/sources"}}}},
	}
	n := map[reports.Outcome]int{}
	slices.SortStableFunc(latest, func(a, b runs.LatestResult) int { return compareResults(a.Result, b.Result) })
	for i := range latest {
		r := &latest[i].Result
		n[r.Outcome]++
		p.Table.Rows = append(p.Table.Rows, part.Row{Cells: []part.Cell{{Severity: string(r.Severity)}, {Text: r.Title, Sub: r.Check, Href: resultHref(latest[i].Run, r.Check), Name: true},
			outcomeCell(r), {Text: f.Sentence(r.Reason), Small: true}, {Text: f.Span(windowOf(latest[i].Window)), Small: true}}})
	}
	if len(latest) > 0 {
		p.Figures = outcomeFigures(n)
	}
	return p
}

// compareResults puts the worst first.
func compareResults(a, b reports.Result) int {
	order := outcomesInOrder()
	return cmp.Or(cmp.Compare(slices.Index(order, a.Outcome), slices.Index(order, b.Outcome)),
		cmp.Compare(severityRank(a.Severity), severityRank(b.Severity)), cmp.Compare(a.Check, b.Check))
}

func outcomeCell(r *reports.Result) part.Cell {
	cell := part.Cell{Badge: &part.Badge{Outcome: string(r.Outcome)}}
	if r.Limited {
		cell.Chips = []part.Chip{{Text: "limited"}}
	}
	return cell
}

// outcomeFigures counts outcomes, worst first.
func outcomeFigures(n map[reports.Outcome]int) []part.Figure {
	figures := []part.Figure{
		{Value: chart.Count(int64(n[reports.Fail])), Label: "fail"},
		{Value: chart.Count(int64(n[reports.NeedsReview])), Label: "need review"},
		{Value: chart.Count(int64(n[reports.Inconclusive])), Label: "inconclusive", Note: "the data cannot show it"},
		{Value: chart.Count(int64(n[reports.Pass])), Label: "pass", Note: "all conditions hold"},
	}
	if n[reports.Fail] > 0 {
		figures[0].Kind = "bad"
	}
	if n[reports.Errored] > 0 {
		figures = append(figures, part.Figure{Value: chart.Count(int64(n[reports.Errored])), Label: "could not be carried out", Kind: "bad"})
	}
	if n[reports.NotApplicable] > 0 {
		figures = append(figures, part.Figure{Value: chart.Count(int64(n[reports.NotApplicable])), Label: "declared not applicable"})
	}
	return figures
}

func resultTabs(current string) part.Tabs {
	return part.Tabs{Label: "Results", Tabs: []part.Tab{
		{Text: "By check", Href: "/results", Current: current == "results"},
		{Text: "Runs", Href: "/runs", Current: current == "runs"},
	}}
}

func startAction(frame Page) []part.Action {
	if !frame.Actor.Has("admin", "officer", "reviewer") {
		return nil
	}
	return []part.Action{{Text: "Start a run", Href: "/runs/new", Icon: "play", Kind: "primary"}}
}

func resultHref(run, check string) string { return "/runs/" + run + "/results/" + check }

func itemHref(run, key string) string { return "/runs/" + run + "/items/" + key }

func (s *Server) resultsList(c *fiber.Ctx) error {
	latest, err := s.Runs.Latest(c.UserContext())
	if err != nil {
		return err
	}
	return s.render(c, "results_list", newResultsPage(s.page(c, "Results", "results"), len(s.Runs.Checks), latest))
}
