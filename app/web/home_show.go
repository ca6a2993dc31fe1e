package web

import (
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/actor"
	"logreeve/app/runs"
	"logreeve/app/web/chart"
	"logreeve/app/web/part"
	"logreeve/connectors"
	"logreeve/reports/controls"
	"logreeve/reviews"
)

// homePage is the first page: what waits, what is wrong, how the year went.
type homePage struct {
	Page
	Head     part.Head
	First    []firstCard // the first day: nothing is connected yet
	Waiting  string      // the heading of what waits
	Needs    []part.Need
	Idle     *part.Empty
	Sources  []homeSource
	Year     chart.Heat
	Ages     chart.Ages
	AgesText string
	NoAges   *part.Empty
	Controls part.Table
	RunText  string
}

// firstCard is one step of the first day.
type firstCard struct {
	Title, Text string
	Action      *part.Action
	Done        bool
}

// homeSource is a source with its last thirty days.
type homeSource struct {
	Name, Kind, Href string
	Strip            chart.Strip
	Newest           string
	When, UTC        string
	Note             string
	Bad              bool
}

// homeFacts is what the first page is made from.
type homeFacts struct {
	Reviews   []reviews.Summary
	Own       map[string]int // pending items about the reader, by review
	Handed    map[string]int // pending items that the reader decides as the approver, by review
	Findings  []reviews.Finding
	Sources   []runs.Source
	Latest    []runs.LatestResult
	Days      []runs.DayOutcome // of the last week
	People    bool              // a list of people was imported
	Catalogue *controls.Catalogue
}

func newHomePage(frame Page, h homeFacts) *homePage {
	f := frame.Format()
	p := &homePage{Page: frame, Head: part.Head{Title: f.Day(frame.Now), Lede: homeSentence(frame, h)}}
	if len(h.Sources) == 0 {
		p.First = firstDay(frame, h)
		return p
	}
	p.Waiting, p.Needs = needs(frame, h)
	if len(p.Needs) == 0 {
		p.Idle = &part.Empty{Kind: part.Nothing, Title: "Nothing waits", Text: nextReview(f, h.Reviews)}
	}
	for i, src := range h.Sources {
		p.Sources = append(p.Sources, newHomeSource(frame, i, src))
	}
	p.Year = yearOf(frame, h.Reviews)
	p.Ages, p.AgesText = agesOf(frame, h.Findings)
	if len(h.Findings) == 0 {
		p.NoAges = &part.Empty{Kind: part.Nothing, Title: "No finding is open", Text: "A finding comes from a review: an item that somebody confirmed to be wrong."}
	}
	p.Controls, p.RunText = controlsOf(frame, h)
	return p
}

// nextReview says when the next review opens.
func nextReview(f Format, all []reviews.Summary) string {
	var next connectors.Instant
	for _, r := range all {
		if r.State == reviews.Scheduled && (next == 0 || r.Period.To < next) {
			next = r.Period.To
		}
	}
	if next == 0 {
		return "Reviews come by themselves, one for each week."
	}
	return "The next review opens on " + f.Day(next) + "."
}

// pastDue counts findings whose due date has passed.
func pastDue(frame Page, findings []reviews.Finding) int {
	today := frame.Format().in(frame.Now).Format(time.DateOnly)
	n := 0
	for _, x := range findings {
		if x.DueDate != "" && x.DueDate < today {
			n++
		}
	}
	return n
}

func firstDay(frame Page, h homeFacts) []firstCard {
	sources := firstCard{Title: "Connect a log source", Text: "The audit log of a cluster, or the auth logs of hosts: a file, a folder or a pattern. What is there is shown before anything is kept."}
	people := firstCard{Title: "Add people", Text: "So that actions resolve to somebody, and nobody decides about their own. A spreadsheet with names, e-mail addresses and logins is enough.", Done: h.People}
	if frame.Actor.Has("admin", "officer") {
		sources.Action = &part.Action{Text: "Connect a source", Href: "/sources", Kind: "primary"}
		people.Action = &part.Action{Text: "Import people", Href: "/people"}
	} else {
		sources.Text += " An administrator or officer does it."
	}
	return []firstCard{
		sources, people,
		{Title: "Reviews come by themselves", Text: "Every Monday a review of the week before opens, once its logs were read and the checks have run. Nothing needs to be planned."},
		{Title: "Or look around first", Text: "On the command line, “logreeve demo” starts a second installation with made-up people, systems and logs. Nothing of it touches this one."},
	}
}

// needs is what waits for the reader: for a reviewer what is open, for an
// approver what was attested, for others everything.
func needs(frame Page, h homeFacts) (heading string, out []part.Need) {
	f, now := frame.Format(), frame.Now.Time()
	reviewer, approver := frame.Actor.Has("reviewer"), frame.Actor.Has("approver")
	heading = "Waiting for you"
	if !reviewer && !approver {
		heading = "Waiting for somebody"
	}
	for _, r := range overdueFirst(h.Reviews, now) {
		mine := reviewer && (r.State == reviews.Open || r.State == reviews.InReview || r.State == reviews.Missed) ||
			approver && r.State == reviews.SignOff && (r.Attested == nil || r.Attested.Account != frame.Actor.ID) ||
			!reviewer && h.Handed[r.ID] > 0
		all := !reviewer && !approver && slices.Contains(reviewViews[0].states, r.State)
		if !mine && !all {
			continue
		}
		n := part.Need{Name: r.Title, Href: reviewPath(r.ID), Text: f.Span(r.Period) + " · " + countWord64(r.Figures.EventsTested) + " events tested"}
		due, late := dueWord(f, frame.Now, r.DueAt)
		n.Chip = &part.Chip{Text: due}
		if late {
			n.Chip.Kind = "bad"
		}
		n.Action = &part.Action{Text: "Open", Href: n.Href}
		switch {
		case r.State == reviews.SignOff:
			if r.Attested != nil {
				n.Text = r.Attested.Name + " attested on " + f.Time(r.AttestedAt) + " · " + countWord64(r.Figures.EventsTested) + " events tested"
			}
			n.Note = "waits for an approver"
			if mine {
				n.Note, n.Action = "", &part.Action{Text: "Approve", Href: reviewPath(r.ID, stepSignOff)}
			}
		case !reviewer && h.Handed[r.ID] > 0:
			n.Text = plural(h.Handed[r.ID], "item is", "items are") + " about the reviewers themselves, so you decide"
			n.Action = &part.Action{Text: "Decide", Href: reviewPath(r.ID, stepQueue)}
		case r.State == reviews.Missed:
			n.Chip = &part.Chip{Text: "missed", Kind: "bad"}
			n.Progress = &part.Progress{Done: r.Decided, Of: r.Items, Verb: "decided"}
		default:
			n.Progress = &part.Progress{Done: r.Decided, Of: r.Items, Verb: "decided"}
			if own := h.Own[r.ID]; own > 0 {
				n.Note = plural(own, "goes", "go") + " to somebody else: your own actions"
			}
			if mine {
				n.Action = &part.Action{Text: "Start", Href: reviewPath(r.ID, stepQueue)}
				if r.Decided > 0 || r.PicksDecided > 0 {
					n.Action.Text = "Continue"
				}
				if r.Items == r.Decided {
					n.Action.Href = reviewPath(r.ID)
				}
			}
		}
		if len(out) == 0 && mine {
			n.Action.Kind = "primary"
		}
		out = append(out, n)
	}
	return heading, out
}

// homeReviews is how many reviews the first page looks back on: a year of
// weeks, and what was scheduled.
const homeReviews = 60

func (s *Server) homeShow(c *fiber.Ctx) error {
	facts, err := s.homeFacts(c)
	if err != nil {
		return err
	}
	return s.render(c, "home_show", newHomePage(s.page(c, "Home", "home"), facts))
}

func (s *Server) homeFacts(c *fiber.Ctx) (h homeFacts, err error) {
	ctx := c.UserContext()
	h.Catalogue = s.controls
	if h.Sources, err = s.Runs.Sources(ctx); err != nil {
		return h, err
	}
	snapshots, err := s.Runs.Snapshots(ctx, 1)
	if err != nil {
		return h, err
	}
	h.People = len(snapshots) > 0
	if h.Reviews, err = s.Reviews.List(ctx, reviews.ReviewFilter{Limit: homeReviews}); err != nil {
		return h, err
	}
	if h.Findings, err = s.Reviews.Findings(ctx, reviews.FindingFilter{Open: true}); err != nil {
		return h, err
	}
	if h.Latest, err = s.Runs.Latest(ctx); err != nil {
		return h, err
	}
	if h.Days, err = s.Runs.Days(ctx, connectors.At(s.now()).Add(-(homeWeek-1)*24*time.Hour)); err != nil {
		return h, err
	}
	h.Own, h.Handed, err = s.ownItems(c, h.Reviews)
	return h, err
}

// ownItems counts, for each review in work, the undecided items about the
// reader, which go to somebody else, and those that come to the reader because
// they approve and the reviewers may not decide them.
func (s *Server) ownItems(c *fiber.Ctx, all []reviews.Summary) (own, handed map[string]int, err error) {
	by, err := s.Reviews.Signer(c.UserContext(), s.actor(c))
	if err != nil {
		return nil, nil, err
	}
	reader := s.actor(c)
	approves := reader.Has(actor.Approver) && !reader.Has(actor.Reviewer)
	if by.Person == "" && !approves {
		return nil, nil, nil
	}
	own, handed = map[string]int{}, map[string]int{}
	for _, r := range all {
		if r.State != reviews.InReview && (approves || r.State != reviews.Open) {
			continue // before anybody has worked on it, nothing is handed over
		}
		full, err := s.Reviews.Review(c.UserContext(), r.ID)
		if err != nil {
			return nil, nil, err
		}
		stands := full.Stands(false)
		for _, it := range full.Items {
			if stands[it.Key].Last != nil {
				continue
			}
			why, mine := full.WhyNot(by, it.Key, false)
			switch {
			case mine:
				own[r.ID]++
			case approves && why == "":
				handed[r.ID]++
			}
		}
	}
	return own, handed, nil
}
