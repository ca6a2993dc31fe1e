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
	"logreeve/reports"
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
type findingWish struct {
	Status, Severity, Owner, Review string
	Before                          string // the last finding of the page before
}

// Address is the list narrowed that way.
func (w findingWish) Address() string {
	q := url.Values{}
	for key, value := range map[string]string{"status": w.Status, "severity": w.Severity, "owner": w.Owner, "review": w.Review, "before": w.Before} {
		if value != "" {
			q.Set(key, value)
		}
	}
	if len(q) == 0 {
		return "/findings"
	}
	return "/findings?" + q.Encode()
}

func (w findingWish) holds(c reviews.FindingCount) bool {
	status := w.Status == "all" || w.Status == string(c.Status) || w.Status == "" && openStatus(c.Status)
	owner := w.Owner == "" || w.Owner == c.Owner || w.Owner == "nobody" && c.Owner == ""
	return status && owner && (w.Severity == "" || w.Severity == string(c.Severity))
}

// filter is what the store is asked for. Open findings are all shown, worst
// first: they are as many as people work on. The others come page by page.
func (w findingWish) filter() reviews.FindingFilter {
	f := reviews.FindingFilter{Review: w.Review, Severity: reports.Severity(w.Severity), Owner: w.Owner, Before: w.Before, Limit: findingsShown + 1}
	if w.Owner == "nobody" {
		f.Owner, f.Nobody = "", true
	}
	switch w.Status {
	case "":
		f.Open, f.Before, f.Limit = true, "", 0
	case "all":
	default:
		f.Statuses = []reviews.FindingStatus{reviews.FindingStatus(w.Status)}
	}
	return f
}

// findingsShown is how many findings that are not open a page lists.
const findingsShown = 50

// findingsSeen is what the page is made from.
type findingsSeen struct {
	Wish   findingWish
	Open   []reviews.Finding
	Shown  []reviews.Finding // that the wish asks for, one more than is listed if there are more
	Counts []reviews.FindingCount
}

func openStatus(s reviews.FindingStatus) bool {
	return s != reviews.FindingClosed && s != reviews.FindingDismissed
}

func openFinding(f reviews.Finding) bool {
	return openStatus(f.Status)
}

var findingStatuses = [...]reviews.FindingStatus{reviews.FindingConfirmed, reviews.FindingAssigned, reviews.FindingInProgress, reviews.FindingRemediated, reviews.FindingClosed, reviews.FindingDismissed}

func statusWord(s reviews.FindingStatus) string { return strings.ReplaceAll(string(s), "_", " ") }

func newFindingsPage(frame Page, seen findingsSeen) *findingsPage {
	f, w, shown := frame.Format(), seen.Wish, seen.Shown
	p := &findingsPage{Page: frame, Head: part.Head{Title: "Findings", Lede: findingsLede(frame, seen.Open)}}
	if len(seen.Open) > 0 {
		ages, text := agesOf(frame, seen.Open)
		p.Ages, p.AgesText = &ages, text
	}
	p.Table = part.Table{ID: "findings", Caption: "Findings", Quiet: true, Stacked: true, Columns: []part.Column{{Text: "Severity", Hush: true}, {Text: "Finding"}, {Text: "Owner"}, {Text: "Due"}, {Text: "State"}, {Text: "Raised"}}}
	if w.Status == "" {
		shown = sortedBy(shown, func(a, b reviews.Finding) int {
			return cmp.Or(cmp.Compare(severityRank(a.Severity), severityRank(b.Severity)), cmp.Compare(cmp.Or(a.DueDate, "9999"), cmp.Or(b.DueDate, "9999")), cmp.Compare(a.RaisedAt, b.RaisedAt))
		})
	} else if len(shown) > findingsShown {
		shown = shown[:findingsShown]
		next, first := w, w
		next.Before, first.Before = shown[findingsShown-1].ID, ""
		p.Table.Pager = &part.Pager{Text: countWord(findingsShown) + " findings on this page, newest first", Next: next.Address()}
		if w.Before != "" {
			p.Table.Pager.Previous = first.Address()
		}
	} else if w.Before != "" {
		first := w
		first.Before = ""
		p.Table.Pager = &part.Pager{Text: "these are the oldest", Previous: first.Address()}
	}
	for _, x := range shown {
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
	all := 0
	for _, c := range seen.Counts {
		all += c.Count
	}
	p.Filters = findingFilters(seen.Counts, w, len(shown), all)
	p.Table.Empty = &part.Empty{Kind: part.NoMatch, Title: "No finding matches these filters", Text: plural(all-len(shown), "finding is", "findings are") + " hidden by them.", Actions: []part.Action{{Text: "Show all findings", Href: "/findings?status=all"}}}
	if all == 0 {
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

// findingFilters offers the ways to narrow the list, each with its count.
func findingFilters(counts []reviews.FindingCount, w findingWish, shown, all int) part.Filters {
	w.Before = ""
	count := func(w findingWish) string {
		n := 0
		for _, c := range counts {
			if w.holds(c) {
				n += c.Count
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
	for _, c := range counts {
		if c.Owner != "" {
			owners = append(owners, c.Owner)
		}
	}
	slices.Sort(owners)
	owners = slices.Compact(owners)
	for _, o := range owners {
		to.Owner = o
		owner.Options = append(owner.Options, option(logText(o), to))
	}
	out := part.Filters{Filters: []part.Filter{status, severity, owner}, Text: countWord(shown) + " of " + countWord(all) + " shown"}
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
	ctx := c.UserContext()
	seen := findingsSeen{Wish: findingWish{Status: c.Query("status"), Severity: c.Query("severity"), Owner: c.Query("owner"), Review: c.Query("review"), Before: c.Query("before")}}
	var err error
	if seen.Open, err = s.Reviews.Findings(ctx, reviews.FindingFilter{Open: true}); err != nil {
		return err
	}
	if seen.Shown, err = s.Reviews.Findings(ctx, seen.Wish.filter()); err != nil {
		return err
	}
	if seen.Counts, err = s.Reviews.CountFindings(ctx, seen.Wish.Review); err != nil {
		return err
	}
	return s.render(c, "findings_list", newFindingsPage(s.page(c, "Findings", "findings"), seen))
}
