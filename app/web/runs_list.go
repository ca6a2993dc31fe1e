package web

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/runs"
	"logreeve/app/web/chart"
	"logreeve/app/web/part"
	"logreeve/reports"
)

// runsPage lists runs, newest first.
type runsPage struct {
	Page
	Head  part.Head
	Tabs  part.Tabs
	Table part.Table
}

// runsShown is how many runs a page lists.
const runsShown = 50

func newRunsPage(frame Page, all []runs.RunSummary, before string) *runsPage {
	f := frame.Format()
	p := &runsPage{
		Page: frame, Tabs: resultTabs("runs"),
		Head: part.Head{Title: "Runs", Lede: "A run reads all sources once, judges every check and keeps what it found. It never changes afterwards.", Actions: startAction(frame)},
		Table: part.Table{ID: "runs", Caption: "Runs, newest first", Quiet: true, Stacked: true,
			Columns: []part.Column{{Text: "Window"}, {Text: "For"}, {Text: "State"}, {Text: "Outcomes"}, {Text: "Events", Number: true}, {Text: "Started"}},
			Empty:   &part.Empty{Kind: part.Nothing, Title: "No run yet", Text: "Every night one is started by itself, and one for each review that opens. You can start one now."}},
	}
	for i := range all {
		p.Table.Rows = append(p.Table.Rows, runRow(f, &all[i]))
	}
	if len(all) == runsShown {
		p.Table.Pager = &part.Pager{Text: chart.Count(int64(len(all))) + " runs on this page", Next: "/runs?before=" + all[len(all)-1].ID}
	} else if before != "" {
		p.Table.Pager = &part.Pager{Text: "these are the oldest"}
	}
	if before != "" && p.Table.Pager != nil {
		p.Table.Pager.Previous = "/runs"
	}
	return p
}

func runRow(f Format, r *runs.RunSummary) part.Row {
	text, href := purposeWords(r.Purpose)
	state := part.Cell{Chips: []part.Chip{statusChip(r.Status)}}
	if r.Status == runs.Failed {
		state.Sub = f.Sentence(r.Problem)
	}
	events := part.Cell{Number: true}
	if r.Status == runs.Done {
		events.Text = chart.Count(r.Events)
	}
	return part.Row{Cells: []part.Cell{{Text: windowWords(f, r.Window), Href: "/runs/" + r.ID, Name: true}, {Text: text, Href: href, Small: true}, state, {Chips: outcomeChips(r.Outcomes)}, events, timeCell(f, r.CreatedAt)}}
}

// outcomeChips counts outcomes in few words.
func outcomeChips(n map[reports.Outcome]int) []part.Chip {
	words := map[reports.Outcome]string{reports.Fail: "fail", reports.NeedsReview: "to review", reports.Errored: "error", reports.Inconclusive: "inconclusive", reports.Pass: "pass", reports.NotApplicable: "n/a"}
	kinds := map[reports.Outcome]string{reports.Fail: "bad", reports.NeedsReview: "warn", reports.Errored: "bad", reports.Inconclusive: "dim", reports.Pass: "good"}
	icons := map[reports.Outcome]string{reports.Fail: "cross", reports.NeedsReview: "eye", reports.Errored: "warn", reports.Inconclusive: "inconclusive", reports.Pass: "check", reports.NotApplicable: "dash"}
	var chips []part.Chip
	for _, o := range outcomesInOrder() {
		if n[o] > 0 {
			chips = append(chips, part.Chip{Text: chart.Count(int64(n[o])) + " " + words[o], Kind: kinds[o], Icon: icons[o]})
		}
	}
	return chips
}

func statusChip(s runs.Status) part.Chip {
	switch s {
	case runs.Queued:
		return part.Chip{Text: "waiting", Icon: "clock"}
	case runs.Running:
		return part.Chip{Text: "reading", Icon: "play"}
	case runs.Done:
		return part.Chip{Text: "done"}
	case runs.Failed:
		return part.Chip{Text: "failed", Kind: "bad", Icon: "warn"}
	case runs.Cancelled:
		return part.Chip{Text: "cancelled", Icon: "stop"}
	}
	return part.Chip{Text: string(s)}
}

// purposeWords says what a run is for, and where that is.
func purposeWords(purpose string) (text, href string) {
	if id, ok := strings.CutPrefix(purpose, "review "); ok {
		return "Review " + id, "/reviews/" + id
	}
	if day, ok := strings.CutPrefix(purpose, "nightly "); ok {
		if t, err := time.Parse(time.DateOnly, day); err == nil {
			return "Nightly, " + t.Format("2 Jan 2006"), ""
		}
	}
	if purpose == "on demand" {
		return "On demand", ""
	}
	return purpose, ""
}

func (s *Server) runsList(c *fiber.Ctx) error {
	before := c.Query("before")
	all, err := s.Runs.Runs(c.UserContext(), runsShown, before)
	if err != nil {
		return err
	}
	return s.render(c, "runs_list", newRunsPage(s.page(c, "Runs", "results"), all, before))
}
