package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/app/web/chart"
	"logreeve/app/web/part"
	"logreeve/connectors"
)

// overviewPage is what a search store counts of a period: the panels that
// reviewers know from Welkin's dashboards "Log review overview" and "Audit user",
// and the keywords of its procedure.
type overviewPage struct {
	Page
	Head     part.Head
	Notices  []part.Notice
	Periods  part.Filters
	Errors   []part.FieldError
	Dates    []part.Field  // the period as two days, for a form
	Keep     []part.Hidden // what that form keeps
	Href     string        // where forms lead
	Empty    *part.Empty   // there is nothing to count
	Figures  []part.Figure
	Said     string // what the figures are
	Audit    *overviewAudit
	Course   *overviewCourse
	Words    *overviewWords
	Problems *part.Table
}

// overviewCourse is a count over time.
type overviewCourse struct {
	Title, Step string
	Bars        chart.Bars
	Why         string // it may fall short, or is not there
	Blind       bool
}

// overviewSeen is what the page is made from.
type overviewSeen struct {
	Source   runs.Source
	Asked    overviewAsked
	Faults   Faults
	Overview *connectors.Overview // nil: it could not be had
	Err      error                // why
}

func newOverviewPage(frame Page, seen overviewSeen) *overviewPage {
	f, src, a := frame.Format(), seen.Source, seen.Asked
	p := &overviewPage{
		Page: frame, Href: a.base, Errors: seen.Faults.List("from", "to", "user", "resource", "verb"), Periods: a.periods(f, frame.Now),
		Head: part.Head{Crumbs: []part.Link{{Text: "Sources", Href: "/sources"}, {Text: src.Name, Href: "/sources/" + src.ID}, {Text: "Log review overview"}}, Title: "Log review overview"},
	}
	p.Dates, p.Keep = a.dates(f, frame.Now, seen.Faults), a.chosen()
	o := seen.Overview
	switch {
	case src.Store == runs.Files:
		p.Head.Lede = src.Name + " lies in files. They count nothing by themselves, so there is no overview of them."
		p.Empty = &part.Empty{Kind: part.Nothing, Title: "This page is for search stores", Text: "Start a run to read the files: its results, and the changes, say what is in them.",
			Actions: []part.Action{{Text: "See runs", Href: "/runs"}, {Text: "Back to " + src.Name, Href: "/sources/" + src.ID}}}
	case o != nil:
		p.counted(f, frame.Now, o, a)
	case seen.Err != nil:
		p.Head.Lede = "Nothing could be counted, and nothing here says that nothing happened."
		n := storeProblem(src, seen.Err)
		n.Actions = append(n.Actions, part.Action{Text: "Look at the source", Href: "/sources/" + src.ID + "?look=now"})
		p.Notices = []part.Notice{*n}
	default:
		p.Head.Lede = "Nothing was counted. Mend the period below."
	}
	return p
}

// counted fills the page with what the store counted.
func (p *overviewPage) counted(f Format, now connectors.Instant, o *connectors.Overview, a overviewAsked) {
	p.Head.Lede = overviewLede(o)
	if len(o.Problems) == 0 && (o.Oldest == 0 || o.Window.To <= o.Oldest) {
		p.Head.Lede = "The store holds nothing of this period, so nothing can be said of it."
		p.Head.Facts = []part.Fact{{Text: f.Span(o.Window)}, {Text: "counted by the time in " + logText(o.Time)}}
		p.Notices = []part.Notice{beginsLater(f, o)}
		return
	}
	p.Head.Facts = []part.Fact{{Text: f.Span(o.Window)}, {Text: "counted by the time in " + logText(o.Time)},
		{Text: plural(o.AskedRequests, "request", "requests") + " to the store, " + sizeWords(o.AskedBytes) + " received, " + millisWords(o.Took.Milliseconds())}}
	p.Notices = overviewNotices(f, now, o)
	if len(o.Problems) > 0 {
		p.Problems = problemTable(f, "problems", o.Problems)
	}
	course := overviewCourse{Title: "Requests over time", Step: stepWords(o.Course), Why: lackWords(o, o.Course.Lack), Blind: o.Course.Blind}
	unit := "requests"
	if o.Kind == connectors.AuthLog {
		course.Title, unit = "Lines over time", "lines"
		p.Figures = []part.Figure{
			tallyFigure(o, o.Sessions, "Authlog sessions", "lines with the word opened"),
			tallyFigure(o, o.Records, "Lines", "in all"),
		}
	} else {
		p.Figures = []part.Figure{
			tallyFigure(o, o.Requests, "All API requests", "stage ResponseComplete"),
			tallyFigure(o, o.Forbidden, "Forbid error", "refused by the authoriser"),
			tallyFigure(o, o.ClientErrors, "Client error", "status 400–499"),
			tallyFigure(o, o.ServerErrors, "Server error", "status 500–599"),
		}
		p.Said = "Of " + tallyWords(o.Records) + " records: a request leaves one for each stage that is logged. Welkin's dashboards count a 399 as client error, and a 499 as both."
		p.Audit = newOverviewAudit(f, o, a)
	}
	if !o.Course.Blind {
		course.Bars = chart.NewBars("course", course.Title, least(o.Course.Lack, unit), coursePoints(f, now, o))
	}
	p.Course = &course
	p.Words = newOverviewWords(f, o)
}

// overviewLede says what the numbers mean.
func overviewLede(o *connectors.Overview) string {
	switch {
	case o.Records.Unknown:
		return "The store could not be asked for this period, so nothing can be said of it."
	case len(o.Problems) > 0:
		return "A part of the store could not be counted, so each number is the least there is. What is missing stands below."
	case o.Records.Count == 0:
		return "The store holds no record of this period. That is no proof that nothing happened: look whether it reports."
	case o.Kind == connectors.AuthLog:
		return tallySentence(o.Sessions, "session was", "sessions were") + " opened in this period, in " + tallyWords(o.Records) + " lines."
	}
	return tallySentence(o.Requests, "request was", "requests were") + " answered in this period; the cluster refused " + noneOr(o.Forbidden) + " for lack of rights, and " + noneOr(o.ServerErrors) + " failed on the server."
}

// overviewNotices say what limits the numbers.
func overviewNotices(f Format, now connectors.Instant, o *connectors.Overview) []part.Notice {
	var out []part.Notice
	if len(o.Problems) > 0 {
		out = append(out, part.Notice{Kind: "down", Title: "The store is not whole: numbers say “at least”.", Text: logText(o.Problems[0].Where) + ": " + strings.TrimSuffix(f.Sentence(o.Problems[0].Reason), ".") + ". All that is missing stands at the end of the page."})
	} else if o.Oldest > o.Window.From {
		out = append(out, beginsLater(f, o))
	}
	switch {
	case o.Window.To > now:
		out = append(out, part.Notice{Kind: "info", Title: "The period is not over.", Text: "What happens until its end is not counted yet."})
	case o.Unsettled:
		out = append(out, part.Notice{Kind: "info", Title: "The period ended a short time ago.", Text: "Records of its last hours may still arrive."})
	}
	return out
}

// beginsLater says that the store does not reach back to the beginning.
func beginsLater(f Format, o *connectors.Overview) part.Notice {
	n := part.Notice{Kind: "warn", Title: "The store holds nothing from before " + f.Time(o.Oldest) + ".", Text: "It may have begun to log then, or it deleted what is older. A period that begins later is counted whole."}
	switch {
	case o.Oldest == 0:
		n.Title, n.Text = "The store holds no record at all.", "Either nothing was taken in yet, or the pattern means other indices. Look at the source."
	case o.Oldest < o.Window.To:
		n.Title = "The store holds nothing from before " + f.Time(o.Oldest) + ", and the period begins earlier: numbers say “at least”."
	}
	return n
}

// least names what a column counts when it may fall short.
func least(lack, name string) string {
	if lack != "" {
		return name + ", at least"
	}
	return name
}

// tallyWords writes a number as far as it is known.
func tallyWords(t connectors.Tally) string {
	switch {
	case t.Unknown:
		return "an unknown number"
	case t.Lack != "":
		return "at least " + chart.Count(t.Count)
	}
	return chart.Count(t.Count)
}

// noneOr is a number within a sentence, where 0 is none.
func noneOr(t connectors.Tally) string {
	if t.Count == 0 && !t.Unknown && t.Lack == "" {
		return "none"
	}
	return tallyWords(t)
}

// tallySentence begins a sentence with a number and what it counts.
func tallySentence(t connectors.Tally, one, many string) string {
	words := tallyWords(t)
	words = strings.ToUpper(words[:1]) + words[1:]
	if t.Count == 1 && !t.Unknown && t.Lack == "" {
		return words + " " + one
	}
	return words + " " + many
}

// tallyValue is a number alone, as a figure or a cell shows it.
func tallyValue(t connectors.Tally) string {
	if t.Unknown {
		return "not known"
	}
	return tallyWords(t)
}

// lackWords is why a number falls short; what the page says on top is not said
// again with every number.
func lackWords(o *connectors.Overview, lack string) string {
	switch {
	case lack == "":
		return ""
	case lack == o.Lack && len(o.Problems) > 0:
		return "a part of the store is missing"
	case lack == o.Lack:
		return "the period begins before the store does"
	}
	return logText(lack)
}

func tallyFigure(o *connectors.Overview, t connectors.Tally, label, note string) part.Figure {
	fig := part.Figure{Value: tallyValue(t), Label: label, Note: note}
	if t.Lack != "" {
		fig.Kind, fig.Note = "warn", note+". "+upper(lackWords(o, t.Lack))
	}
	return fig
}

// upper begins a sentence.
func upper(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func (s *Server) sourceOverview(c *fiber.Ctx) error {
	src, err := s.Runs.Source(c.UserContext(), c.Params("id"))
	if err != nil {
		return err
	}
	frame := s.page(c, "Log review overview", "sources")
	seen := overviewSeen{Source: *src}
	if seen.Asked, err = readOverviewAsked(string(c.Request().URI().QueryString()), "/sources/"+src.ID+"/overview"); err != nil {
		return err
	}
	w, err := seen.Asked.window(frame.Format(), frame.Now)
	seen.Faults, _ = faultsOf(err)
	if len(seen.Faults) == 0 && src.Store != runs.Files {
		seen.Overview, err = s.Runs.Overview(c.UserContext(), *src, connectors.OverviewQuery{Window: w, Before: seen.Asked.before(frame.Format(), frame.Now, w), Users: seen.Asked.Users, Resources: seen.Asked.Resources, Verbs: seen.Asked.Verbs})
		if fault.FieldOf(err) == "to" {
			seen.Faults, _ = faultsOf(err)
		} else if seen.Err = err; err != nil && fault.KindOf(err) == fault.Internal {
			return err
		}
	}
	status := fiber.StatusOK
	if len(seen.Faults) > 0 {
		status = fiber.StatusUnprocessableEntity
	}
	return s.renderStatus(c, status, "source_overview", newOverviewPage(frame, seen))
}
