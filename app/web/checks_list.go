package web

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/runs"
	"logreeve/app/web/chart"
	"logreeve/app/web/part"
	"logreeve/reports"
	"logreeve/reports/controls"
)

// checksPage is the catalogue of checks with their newest outcomes.
type checksPage struct {
	Page
	Head     part.Head
	Families []checkFamily
}

// checkFamily is the checks of one family.
type checkFamily struct {
	ID, Title string
	Table     part.Table
}

// familyTitle names a family of checks (domain.md §2.4).
func familyTitle(id string) string {
	switch id {
	case "IDN":
		return "Individual identification"
	case "REG":
		return "Registration and de-registration"
	case "PRV":
		return "Privileged access"
	case "ACC":
		return "Authentication and access anomalies"
	case "CHG":
		return "Change control"
	case "NET":
		return "Network policy"
	case "LOG":
		return "Health of audit logging"
	case "HST":
		return "Hosts"
	case "DBA":
		return "Databases"
	case "PRC":
		return "The review process itself"
	}
	return id
}

func typeWord(t reports.Type) string {
	switch t {
	case reports.Assertion:
		return "assertion"
	case reports.RegisterT:
		return "register"
	case reports.Health:
		return "health"
	}
	return string(t)
}

func newChecksPage(frame Page, checks []reports.Check, latest []runs.LatestResult, catalogue *controls.Catalogue) *checksPage {
	f := frame.Format()
	p := &checksPage{Page: frame, Head: part.Head{Title: "Checks", Lede: latestLede(len(checks), latest),
		Actions: []part.Action{{Text: "What your audit policy lets us check", Href: "/settings/audit-policy"}}}}
	if !frame.Actor.Has("admin", "officer") {
		p.Head.Actions = nil
	}
	newest := map[string]*runs.LatestResult{}
	for i := range latest {
		newest[latest[i].Result.Check] = &latest[i]
	}
	for i := range checks {
		ch := &checks[i]
		id, _, _ := strings.Cut(ch.ID, "-")
		at := slices.IndexFunc(p.Families, func(have checkFamily) bool { return have.ID == id })
		if at < 0 {
			at = len(p.Families)
			p.Families = append(p.Families, checkFamily{ID: id, Title: familyTitle(id), Table: part.Table{
				ID: "checks-" + strings.ToLower(id), Caption: familyTitle(id), Quiet: true, Stacked: true,
				Columns: []part.Column{{Text: "Severity", Hush: true}, {Text: "Check"}, {Text: "Supports"}, {Text: "Kind"}, {Text: "Newest outcome"}, {Text: "Window"}}}})
		}
		p.Families[at].Table.Rows = append(p.Families[at].Table.Rows, checkRow(f, ch, newest[ch.ID], catalogue))
	}
	return p
}

func checkRow(f Format, ch *reports.Check, l *runs.LatestResult, catalogue *controls.Catalogue) part.Row {
	row := part.Row{Cells: []part.Cell{{Severity: string(ch.Severity)}, {Text: ch.Title, Sub: ch.ID, Href: "/checks/" + ch.ID, Name: true}, {Text: controlIDs(catalogue, ch.Controls), Small: true}, {Text: typeWord(ch.Type), Small: true}}}
	if l == nil {
		return part.Row{Cells: append(row.Cells, part.Cell{Text: "never run", Small: true}, part.Cell{})}
	}
	outcome := part.Cell{Badge: &part.Badge{Outcome: string(l.Result.Outcome), Href: resultHref(l.Run, ch.ID)}}
	if l.Result.Limited {
		outcome.Chips = []part.Chip{{Text: "limited"}}
	}
	return part.Row{Cells: append(row.Cells, outcome, part.Cell{Text: f.Span(windowOf(l.Window)), Small: true})}
}

// controlIDs writes controls with the ids they had before: "8.3 (A.9.4.1)".
func controlIDs(catalogue *controls.Catalogue, ids []string) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = id
		if c, ok := catalogue.Control(id); ok && len(c.Aliases) > 0 {
			old := make([]string, len(c.Aliases))
			for j, a := range c.Aliases {
				old[j] = a.ID
			}
			words[i] += " (" + strings.Join(old, ", ") + ")"
		}
	}
	return strings.Join(words, "; ")
}

// outcomesInOrder lists outcomes, worst first.
func outcomesInOrder() []reports.Outcome {
	return []reports.Outcome{reports.Fail, reports.NeedsReview, reports.Errored, reports.Inconclusive, reports.Pass, reports.NotApplicable}
}

// latestLede says how the newest outcomes of all checks stand.
func latestLede(checks int, latest []runs.LatestResult) string {
	n := map[reports.Outcome]int{}
	for i := range latest {
		n[latest[i].Result.Outcome]++
	}
	if len(latest) == 0 {
		return "None of the " + plural(checks, "check", "checks") + " has run yet, so nothing is known. Connect a source and start a run."
	}
	return "In their newest runs, " + outcomeCounts(n) + ", of " + plural(checks, "check", "checks") + "." + neverRun(checks-len(latest))
}

func neverRun(n int) string {
	switch {
	case n <= 0:
		return ""
	case n == 1:
		return " 1 has never run."
	}
	return " " + chart.Count(int64(n)) + " have never run."
}

// outcomeCounts is "2 fail, 5 need review and 3 are inconclusive".
func outcomeCounts(n map[reports.Outcome]int) string {
	words := map[reports.Outcome][2]string{
		reports.Fail: {"fails", "fail"}, reports.NeedsReview: {"needs review", "need review"}, reports.Errored: {"could not be carried out", "could not be carried out"},
		reports.Inconclusive: {"is inconclusive", "are inconclusive"}, reports.Pass: {"passes", "pass"}, reports.NotApplicable: {"does not apply", "do not apply"},
	}
	var said []string
	for _, o := range outcomesInOrder() {
		if n[o] > 0 {
			said = append(said, plural(n[o], words[o][0], words[o][1]))
		}
	}
	if len(said) == 0 {
		return "nothing was checked"
	}
	if k := len(said); k > 1 {
		return strings.Join(said[:k-1], ", ") + " and " + said[k-1]
	}
	return said[0]
}

func (s *Server) checksList(c *fiber.Ctx) error {
	latest, err := s.Runs.Latest(c.UserContext())
	if err != nil {
		return err
	}
	return s.render(c, "checks_list", newChecksPage(s.page(c, "Checks", "checks"), s.Runs.Checks, latest, s.controls))
}
