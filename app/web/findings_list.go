package web

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/web/chart"
	"logreeve/app/web/part"
	"logreeve/reviews"
)

// findingsPage lists findings.
type findingsPage struct {
	Page
	Head     part.Head
	Filters  part.Filters
	Table    part.Table
	Ages     *chart.Ages
	AgesText string
}

// findingWish is how the list is narrowed.
type findingWish struct{ Status, Severity, Owner, Review string }

// Address is the list narrowed that way.
func (w findingWish) Address() string {
	q := url.Values{}
	for key, value := range map[string]string{"status": w.Status, "severity": w.Severity, "owner": w.Owner, "review": w.Review} {
		if value != "" {
			q.Set(key, value)
		}
	}
	if len(q) == 0 {
		return "/findings"
	}
	return "/findings?" + q.Encode()
}

func (w findingWish) holds(f reviews.Finding) bool {
	status := w.Status == "all" || w.Status == string(f.Status) || w.Status == "" && openFinding(f)
	owner := w.Owner == "" || w.Owner == f.Owner || w.Owner == "nobody" && f.Owner == ""
	return status && owner && (w.Severity == "" || w.Severity == string(f.Severity)) && (w.Review == "" || w.Review == f.Review)
}

func openFinding(f reviews.Finding) bool {
	return f.Status != reviews.FindingClosed && f.Status != reviews.FindingDismissed
}

var findingStatuses = [...]reviews.FindingStatus{reviews.FindingConfirmed, reviews.FindingAssigned, reviews.FindingInProgress, reviews.FindingRemediated, reviews.FindingClosed, reviews.FindingDismissed}

func statusWord(s reviews.FindingStatus) string { return strings.ReplaceAll(string(s), "_", " ") }

func newFindingsPage(frame Page, all []reviews.Finding, w findingWish) *findingsPage {
	f := frame.Format()
	p := &findingsPage{Page: frame, Head: part.Head{Title: "Findings"}}
	var open []reviews.Finding
	for _, x := range all {
		if openFinding(x) {
			open = append(open, x)
		}
	}
	p.Head.Lede = findingsLede(frame, open)
	if len(open) > 0 {
		ages, text := agesOf(frame, open)
		p.Ages, p.AgesText = &ages, text
	}
	p.Table = part.Table{ID: "findings", Caption: "Findings", Quiet: true, Stacked: true, Columns: []part.Column{{Text: "Severity", Hush: true}, {Text: "Finding"}, {Text: "Owner"}, {Text: "Due"}, {Text: "State"}, {Text: "Raised"}}}
	var shown []reviews.Finding
	for _, x := range all {
		if w.holds(x) {
			shown = append(shown, x)
		}
	}
	for _, x := range sortedBy(shown, func(a, b reviews.Finding) int {
		return cmp.Or(cmp.Compare(severityRank(a.Severity), severityRank(b.Severity)), cmp.Compare(cmp.Or(a.DueDate, "9999"), cmp.Or(b.DueDate, "9999")), cmp.Compare(a.RaisedAt, b.RaisedAt))
	}) {
		due, late := findingDue(frame, x)
		dueCell := part.Cell{Text: due, Small: true}
		if late {
			dueCell = part.Cell{Chips: []part.Chip{{Text: due, Kind: "bad"}}}
		}
		owner := part.Cell{Text: logText(x.Owner), Small: true}
		if x.Owner == "" {
			owner = part.Cell{Chips: []part.Chip{{Text: "nobody", Kind: "warn"}}}
		}
		p.Table.Rows = append(p.Table.Rows, part.Row{Past: !openFinding(x), Cells: []part.Cell{
			{Severity: string(x.Severity)}, {Text: logText(x.Title), Sub: x.ID + " · " + x.Check, Name: true, Href: "/findings/" + url.PathEscape(x.ID)},
			owner, dueCell, {Chips: []part.Chip{{Text: statusWord(x.Status)}}}, {Text: f.Date(x.RaisedAt), Time: x.RaisedAt.String(), UTC: f.UTC(x.RaisedAt), Small: true},
		}})
	}
	p.Filters = findingFilters(all, w, len(shown))
	p.Table.Empty = &part.Empty{Kind: part.NoMatch, Title: "No finding matches these filters", Text: plural(len(all)-len(shown), "finding is", "findings are") + " hidden by them.", Actions: []part.Action{{Text: "Show all findings", Href: "/findings?status=all"}}}
	if len(all) == 0 {
		p.Table.Empty = &part.Empty{Kind: part.Nothing, Title: "No finding was ever raised", Text: "A reviewer raises one from an item of a review, when it is confirmed that something is wrong.", Actions: []part.Action{{Text: "Go to reviews", Href: "/reviews"}}}
	}
	return p
}

func findingsLede(frame Page, open []reviews.Finding) string {
	if len(open) == 0 {
		return "No finding is open."
	}
	said := plural(len(open), "finding is", "findings are") + " open"
	past, nobody := pastDue(frame, open), 0
	for _, x := range open {
		if x.Owner == "" {
			nobody++
		}
	}
	switch {
	case past > 0:
		return said + "; " + plural(past, "is", "are") + " past the due date."
	case nobody > 0:
		return said + "; " + plural(nobody, "has", "have") + " nobody who must act."
	}
	return said + "; none is past its due date."
}

// findingDue says when a finding is due, and whether that has passed.
func findingDue(frame Page, x reviews.Finding) (text string, late bool) {
	at, err := time.Parse(time.DateOnly, x.DueDate)
	if err != nil {
		return "no date", false
	}
	text = at.Format("2 Jan 2006")
	today := frame.Format().in(frame.Now).Format(time.DateOnly)
	if openFinding(x) && x.DueDate < today {
		return "was due " + text, true
	}
	return text, false
}

func findingFilters(all []reviews.Finding, w findingWish, shown int) part.Filters {
	count := func(w findingWish) string {
		n := 0
		for _, x := range all {
			if w.holds(x) {
				n++
			}
		}
		return countWord(n)
	}
	option := func(text string, to findingWish) part.FilterOption {
		return part.FilterOption{Text: text, Href: to.Address(), Count: count(to), Current: to == w}
	}
	status := part.Filter{Label: "State", Value: statusWord(reviews.FindingStatus(w.Status))}
	to := w
	to.Status = ""
	status.Options = append(status.Options, option("open", to))
	for _, s := range findingStatuses {
		to.Status = string(s)
		status.Options = append(status.Options, option(statusWord(s), to))
	}
	to.Status = "all"
	status.Options = append(status.Options, option("all", to))
	severity := part.Filter{Label: "Severity", Value: w.Severity}
	to = w
	to.Severity = ""
	severity.Options = append(severity.Options, option("any", to))
	for _, s := range []string{"critical", "high", "medium", "low", "info"} {
		to.Severity = s
		severity.Options = append(severity.Options, option(s, to))
	}
	owner := part.Filter{Label: "Owner", Value: logText(w.Owner)}
	to = w
	to.Owner = ""
	owner.Options = append(owner.Options, option("anybody", to))
	to.Owner = "nobody"
	owner.Options = append(owner.Options, option("nobody", to))
	var owners []string
	for _, x := range all {
		if x.Owner != "" && !slices.Contains(owners, x.Owner) {
			owners = append(owners, x.Owner)
		}
	}
	slices.Sort(owners)
	for _, o := range owners {
		to.Owner = o
		owner.Options = append(owner.Options, option(logText(o), to))
	}
	out := part.Filters{Filters: []part.Filter{status, severity, owner}, Text: countWord(shown) + " of " + countWord(len(all)) + " shown"}
	if w.Review != "" {
		to = w
		to.Review = ""
		out.Filters = append(out.Filters, part.Filter{Label: "Review", Value: logText(w.Review), Options: []part.FilterOption{option("any", to)}})
	}
	if w != (findingWish{}) {
		out.Clear = "/findings"
	}
	return out
}

func (s *Server) findingsList(c *fiber.Ctx) error {
	all, err := s.Reviews.Findings(c.UserContext(), reviews.FindingFilter{})
	if err != nil {
		return err
	}
	w := findingWish{Status: c.Query("status"), Severity: c.Query("severity"), Owner: c.Query("owner"), Review: c.Query("review")}
	return s.render(c, "findings_list", newFindingsPage(s.page(c, "Findings", "findings"), all, w))
}
