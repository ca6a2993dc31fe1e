package web

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/app/web/chart"
	"logreeve/app/web/part"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/controls"
)

// checkPage is one check of the catalogue: what it tests, how, what it needs to
// be believed, and how it went.
type checkPage struct {
	Page
	Head     part.Head
	Facts    []part.Pair
	Needs    []part.Pair
	Params   part.Table
	Controls []part.Pair
	Course   course
}

// course is how the outcomes of a check went, as a chart and as a list.
type course struct {
	Bars  *chart.Bars
	Table part.Table
}

// courseShown is how many results of a check are drawn.
const courseShown = 30

// newCourse draws results, given newest first. A result that could not be
// evaluated is not known, never zero.
func newCourse(f Format, check, current string, results []runs.CheckCourse) course {
	c := course{Table: part.Table{ID: "course", Caption: "Earlier results, newest first", Quiet: true, Tight: true,
		Columns: []part.Column{{Text: "Window"}, {Text: "Outcome"}, {Text: "Items", Number: true}, {Text: "Events in items", Number: true}, {Text: "Version", Number: true}},
		Empty:   &part.Empty{Kind: part.Nothing, Title: "This check has not run yet", Text: "Its course appears after the first run."}}}
	points := make([]chart.Point, 0, len(results))
	for _, r := range slices.Backward(results) {
		points = append(points, chart.Point{
			Label: f.in(r.Window.To.Add(-time.Microsecond)).Format("2 Jan"), Value: int64(r.Items), Hot: r.RunID == current,
			Missing: r.Outcome == reports.Errored || r.Outcome == reports.Inconclusive && r.Items == 0,
		})
	}
	if len(points) > 1 {
		bars := chart.NewBars("course-chart", "Items of "+check+" in each run", "items", points)
		c.Bars = &bars
	}
	for _, r := range results {
		outcome := part.Cell{Badge: &part.Badge{Outcome: string(r.Outcome)}}
		if r.Limited {
			outcome.Chips = []part.Chip{{Text: "limited"}}
		}
		c.Table.Rows = append(c.Table.Rows, part.Row{Now: r.RunID == current, Cells: []part.Cell{{Text: f.Span(windowOf(r.Window)), Href: resultHref(r.RunID, check), Name: true}, outcome,
			{Text: chart.Count(int64(r.Items)), Number: true}, {Text: chart.Count(r.Matched), Number: true}, {Text: chart.Count(int64(r.Version)), Number: true}}})
	}
	return c
}

func windowOf(w reports.RunWindow) connectors.Window {
	return connectors.Window{From: w.From, To: w.To}
}

// stamp finds the times that results carry in their sentences.
var stamp = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z`)

// Sentence writes the times within a sentence of a result in the organisation's
// zone.
func (f Format) Sentence(text string) string {
	return logText(stamp.ReplaceAllStringFunc(text, func(s string) string {
		t, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			return s
		}
		return f.Time(connectors.At(t))
	}))
}

// gateWord names a condition on the data.
func gateWord(id reports.GateID) string {
	switch id {
	case reports.G1:
		return "Complete read"
	case reports.G2:
		return "Every source answered"
	case reports.G3:
		return "Still retained"
	case reports.G4:
		return "No gap"
	case reports.G5:
		return "Settled"
	case reports.G6:
		return "Content recorded"
	case reports.G7:
		return "This is logged at all"
	case reports.G8:
		return "Understood"
	case reports.G9:
		return "People list fresh"
	case reports.G10:
		return "Ledger deep enough"
	}
	return string(id)
}

// needsInWords says what a check must have, and what must hold for its silence
// to mean something.
func needsInWords(n reports.Needs) []part.Pair {
	kinds := make([]string, len(n.Kinds))
	for i, k := range n.Kinds {
		kinds[i] = kindWord(k)
	}
	source := "Any log source"
	if len(kinds) > 0 {
		source = strings.Join(kinds, " or ")
	}
	pairs := []part.Pair{{Key: "Source", Text: source, Sub: "complete, retained, without a gap, settled and understood (G1 to G5, G8); without one it does not run"}}
	if n.Gates != nil {
		words := []string{gateWord(reports.G1)}
		for _, g := range n.Gates {
			if g != reports.G1 {
				words = append(words, gateWord(g))
			}
		}
		pairs[0].Sub = "conditions: " + strings.Join(words, ", ") + ". What other conditions would hold against it, this check reports as items."
	}
	if n.People {
		pairs = append(pairs, part.Pair{Key: "People", Text: "A list of people not older than 7 days (G9)", Href: "/people", Sub: "without one it does not run"})
	}
	if n.Keys {
		pairs = append(pairs, part.Pair{Key: "SSH keys", Text: "Registered keys not older than 7 days (G9)", Href: "/people", Sub: "without them it does not run"})
	}
	if n.Register != "" {
		pairs = append(pairs, part.Pair{Key: "Register", Text: "An entry in the register " + string(n.Register), Href: "/registers", Sub: "without one it does not run"})
	}
	if n.Expected {
		pairs = append(pairs, part.Pair{Key: "Expected sources", Text: "Declared sources that must report", Href: "/registers", Sub: "without them it does not run"})
	}
	if n.Bodies {
		pairs = append(pairs, part.Pair{Key: "Content", Text: "The content of what was written (G6)", Sub: "the audit policy must log it at level RequestResponse; events without it are listed as not judged"})
	}
	if n.Witness.Op != connectors.OpAll {
		what := n.WitnessText
		if what == "" {
			what = "events of this kind"
		}
		pairs = append(pairs, part.Pair{Key: "Witness", Text: "A sign that the log records " + what + " (G7)", Sub: "one such event by anybody, the audit policy, or a declaration"})
	}
	if n.LedgerDays > 0 {
		pairs = append(pairs, part.Pair{Key: "Ledger", Text: plural(n.LedgerDays, "day", "days") + " of who was seen before (G10)"})
	}
	return pairs
}

func newCheckPage(frame Page, ch reports.Check, latest *runs.LatestResult, results []runs.CheckCourse, catalogue *controls.Catalogue) *checkPage {
	f := frame.Format()
	p := &checkPage{
		Page: frame, Needs: needsInWords(ch.Needs), Course: newCourse(f, ch.ID, "", results),
		Head: part.Head{Crumbs: []part.Link{{Text: "Checks", Href: "/checks"}, {Text: ch.ID}}, Title: ch.Title, Lede: ch.Objective},
		Facts: []part.Pair{
			{Key: "How it judges", Text: ch.Logic},
			{Key: "Kind", Text: typeWord(ch.Type), Sub: typeMeans(ch.Type)},
			{Key: "Severity", Text: severityWord(ch.Severity)},
			{Key: "Version", Text: chart.Count(int64(ch.Version)), Sub: "a new version comes with any change of meaning"},
			{Key: "Definition", Text: ch.Digest(), Mono: true, Sub: "SHA-256; printed in evidence"},
		},
		Params: part.Table{ID: "params", Caption: "Parameters", Quiet: true, Tight: true, Columns: []part.Column{{Text: "Name"}, {Text: "Default"}, {Text: "What it does"}},
			Empty: &part.Empty{Kind: part.Nothing, Title: "This check has no parameters", Text: "It judges the same way everywhere."}},
	}
	if latest != nil {
		p.Head.Badge = &part.Badge{Outcome: string(latest.Result.Outcome), Href: resultHref(latest.Run, ch.ID)}
		p.Head.Facts = []part.Fact{{Text: "newest result: " + f.Span(windowOf(latest.Window))}}
		p.Head.Actions = []part.Action{{Text: "Open the newest result", Href: resultHref(latest.Run, ch.ID)}}
	} else {
		p.Head.Facts = []part.Fact{{Text: "has never run"}}
	}
	if frame.Actor.Has("admin", "officer", "reviewer") {
		p.Head.Actions = append(p.Head.Actions, part.Action{Text: "Run it", Href: "/runs/new?check=" + ch.ID, Icon: "play"})
	}
	for _, param := range ch.Params {
		p.Params.Rows = append(p.Params.Rows, part.Row{Cells: []part.Cell{{Text: ch.ID + "." + param.Name, Mono: true}, {Text: or(param.Default, "empty"), Mono: true}, {Text: param.Doc}}})
	}
	for _, id := range ch.Controls {
		control, ok := catalogue.Control(id)
		if !ok {
			p.Controls = append(p.Controls, part.Pair{Key: id, Text: id})
			continue
		}
		p.Controls = append(p.Controls, part.Pair{Key: id, Text: catalogue.Label(id), Sub: control.Objective})
	}
	return p
}

func typeMeans(t reports.Type) string {
	switch t {
	case reports.Assertion:
		return "every item breaks a rule unless the check says otherwise"
	case reports.RegisterT:
		return "items need a person to look; only those marked so break a rule"
	case reports.Health:
		return "judges the data itself"
	}
	return ""
}

func (s *Server) checkShow(c *fiber.Ctx) error {
	ch, ok := s.Runs.Check(strings.ToUpper(c.Params("id")))
	if !ok {
		return fault.New(fault.NotFound, "There is no check of this name in this version.")
	}
	latest, err := s.Runs.Latest(c.UserContext())
	if err != nil {
		return err
	}
	results, err := s.Runs.Course(c.UserContext(), ch.ID, courseShown)
	if err != nil {
		return err
	}
	var newest *runs.LatestResult
	if i := slices.IndexFunc(latest, func(l runs.LatestResult) bool { return l.Result.Check == ch.ID }); i >= 0 {
		newest = &latest[i]
	}
	return s.render(c, "check_show", newCheckPage(s.page(c, ch.Title, "checks"), ch, newest, results, s.controls))
}
