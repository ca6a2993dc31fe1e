package web

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/web/part"
	"logreeve/reviews"
)

// reviewsPage lists the reviews.
type reviewsPage struct {
	Page
	Head  part.Head
	Tabs  part.Tabs
	Table part.Table
}

// reviewViews are the ways to narrow the list.
var reviewViews = [...]struct {
	key, text string
	states    []reviews.State
}{
	{"", "To do", []reviews.State{reviews.Open, reviews.InReview, reviews.SignOff, reviews.Missed}},
	{"closed", "Closed", []reviews.State{reviews.Closed}},
	{"scheduled", "Scheduled", []reviews.State{reviews.Scheduled}},
	{"all", "All", nil},
}

// reviewsShown is how many reviews a page lists.
const reviewsShown = 60

// reviewsSeen is what the page is made from.
type reviewsSeen struct {
	View   string
	Before string            // the last review of the page before
	ToDo   []reviews.Summary // all that are in work
	Shown  []reviews.Summary // of the view, one more than is listed if there are more
	Counts map[reviews.State]int
}

// viewOf is the known view of that key, or the first.
func viewOf(key string) (view string, states []reviews.State) {
	for _, v := range reviewViews {
		if v.key == key {
			return key, v.states
		}
	}
	return "", reviewViews[0].states
}

func newReviewsPage(frame Page, seen reviewsSeen) *reviewsPage {
	now := frame.Now.Time()
	p := &reviewsPage{Page: frame, Head: part.Head{Title: "Reviews", Lede: reviewsLede(frame, seen.ToDo)}}
	p.Tabs.Label = "Reviews"
	view, _ := viewOf(seen.View)
	all := 0
	for _, n := range seen.Counts {
		all += n
	}
	for _, v := range reviewViews {
		n := 0
		for state, count := range seen.Counts {
			if v.states == nil || slices.Contains(v.states, state) {
				n += count
			}
		}
		href := "/reviews"
		if v.key != "" {
			href += "?state=" + v.key
		}
		p.Tabs.Tabs = append(p.Tabs.Tabs, part.Tab{Text: v.text, Href: href, Count: countWord(n), Current: v.key == view})
	}
	shown := seen.Shown
	at := url.Values{}
	if view != "" {
		at.Set("state", view)
	}
	first := strings.TrimSuffix("/reviews?"+at.Encode(), "?")
	if len(shown) > reviewsShown {
		shown = shown[:reviewsShown]
		at.Set("before", shown[reviewsShown-1].ID)
		p.Table.Pager = &part.Pager{Text: countWord(reviewsShown) + " reviews on this page", Next: "/reviews?" + at.Encode()}
	} else if seen.Before != "" {
		p.Table.Pager = &part.Pager{Text: "these are the oldest"}
	}
	if seen.Before != "" {
		p.Table.Pager.Previous = first
	}
	p.Table = part.Table{ID: "reviews", Pager: p.Table.Pager, Caption: "Reviews", Quiet: true, Stacked: true, Columns: []part.Column{{Text: "Review"}, {Text: "State"}, {Text: "Due"}, {Text: "Items"}, {Text: "Sample"}, {Text: "Findings", Number: true}, {Text: "Conclusion"}}}
	for _, r := range overdueFirst(shown, now) {
		p.Table.Rows = append(p.Table.Rows, reviewRow(frame, r))
	}
	p.Table.Empty = &part.Empty{Kind: part.NoMatch, Title: "No review is in this state", Text: "The other tabs show the rest.", Actions: []part.Action{{Text: "Show all", Href: "/reviews?state=all"}}}
	switch {
	case all == 0:
		p.Table.Empty = &part.Empty{Kind: part.Nothing, Title: "No review exists yet", Text: "Reviews come by themselves, one for each week, once a log source is connected.", Actions: []part.Action{{Text: "Connect a log source", Href: "/sources"}}}
	case view == "":
		p.Table.Empty = &part.Empty{Kind: part.Nothing, Title: "Nothing is to be done", Text: "Every review that has opened is closed. The next one opens when its week has ended.", Actions: []part.Action{{Text: "Show closed reviews", Href: "/reviews?state=closed"}}}
	}
	return p
}

func reviewsLede(frame Page, all []reviews.Summary) string {
	overdue, waiting := 0, 0
	for _, r := range all {
		if slices.Contains(reviewViews[0].states, r.State) {
			waiting++
			if r.Overdue(frame.Now.Time()) {
				overdue++
			}
		}
	}
	switch {
	case overdue > 0:
		return plural(waiting, "review is", "reviews are") + " to be done; " + plural(overdue, "is", "are") + " overdue."
	case waiting > 0:
		return plural(waiting, "review is", "reviews are") + " to be done; none is overdue."
	}
	return "A review opens by itself when its week has ended and its logs were read."
}

// overdueFirst puts what is overdue first, the longest overdue at the top, then
// what is open by due date, then the rest, newest first.
func overdueFirst(all []reviews.Summary, now time.Time) []reviews.Summary {
	class := func(r reviews.Summary) int {
		switch {
		case r.State == reviews.Scheduled:
			return 2
		case r.Overdue(now):
			return 0
		case slices.Contains(reviewViews[0].states, r.State):
			return 1
		}
		return 3
	}
	return sortedBy(all, func(a, b reviews.Summary) int {
		if c := cmp.Compare(class(a), class(b)); c != 0 {
			return c
		}
		if class(a) < 3 {
			return cmp.Compare(a.DueAt, b.DueAt)
		}
		return cmp.Compare(b.Period.From, a.Period.From)
	})
}

// sortedBy is a sorted copy.
func sortedBy[T any](list []T, by func(a, b T) int) []T {
	out := slices.Clone(list)
	slices.SortStableFunc(out, by)
	return out
}

func reviewRow(frame Page, r reviews.Summary) part.Row {
	f := frame.Format()
	state := part.Cell{Chips: []part.Chip{stateChip(r.State)}}
	if r.Attested != nil && r.State == reviews.SignOff {
		state.Sub = "attested by " + r.Attested.Name
	}
	if r.Approved != nil {
		state.Sub = "approved by " + r.Approved.Name
	}
	due := part.Cell{Small: true}
	switch {
	case r.State == reviews.Closed:
		due.Text, due.Time, due.UTC = "closed "+f.Date(r.ClosedAt), r.ClosedAt.String(), f.UTC(r.ClosedAt)
		if r.ClosedAt > r.DueAt {
			due.Chips = []part.Chip{{Text: "late", Kind: "warn"}}
		}
	case r.State == reviews.Scheduled:
		due.Text = "opens " + f.Date(r.Period.To)
	default:
		text, late := dueWord(f, frame.Now, r.DueAt)
		due.Text = text
		if late {
			due.Text, due.Chips = "", []part.Chip{{Text: text, Kind: "bad"}}
		}
	}
	items, sample := part.Cell{Small: true, Text: "–"}, part.Cell{Small: true, Text: "–"}
	if r.OpenedAt != 0 {
		items = part.Cell{Progress: &part.Progress{Done: r.Decided, Of: r.Items, Label: "Items decided"}}
		sample = part.Cell{Small: true, Text: countWord(r.PicksDecided) + " of " + countWord(r.Picks) + " read"}
	}
	conclusion := string(r.Conclusion)
	if conclusion == "" {
		conclusion = "–"
	}
	return part.Row{Past: r.State == reviews.Closed || r.State == reviews.Cancelled, Cells: []part.Cell{
		{Text: r.Title, Sub: f.Span(r.Period), Name: true, Href: reviewPath(r.ID)}, state, due, items, sample, {Text: countWord(r.Findings), Number: true}, {Text: conclusion, Small: true},
	}}
}

func stateChip(s reviews.State) part.Chip {
	chip := part.Chip{Text: stateWord(s)}
	switch s {
	case reviews.Closed:
		chip.Kind, chip.Icon = "good", "seal"
	case reviews.Missed:
		chip.Kind = "bad"
	case reviews.SignOff:
		chip.Kind = "warn"
	}
	return chip
}

func (s *Server) reviewsList(c *fiber.Ctx) error {
	ctx := c.UserContext()
	seen := reviewsSeen{View: c.Query("state"), Before: c.Query("before")}
	var err error
	if seen.Counts, err = s.Reviews.CountReviews(ctx); err != nil {
		return err
	}
	if seen.ToDo, err = s.Reviews.List(ctx, reviews.ReviewFilter{States: reviewViews[0].states}); err != nil {
		return err
	}
	view, states := viewOf(seen.View)
	if seen.Shown = seen.ToDo; view != "" {
		if seen.Shown, err = s.Reviews.List(ctx, reviews.ReviewFilter{States: states, Before: seen.Before, Limit: reviewsShown + 1}); err != nil {
			return err
		}
	} else {
		seen.Before = ""
	}
	return s.render(c, "reviews_list", newReviewsPage(s.page(c, "Reviews", "reviews"), seen))
}
