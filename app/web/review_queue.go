package web

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/web/part"
	"logreeve/reviews"
)

// queueMax is how many lines a queue shows. What is pending comes first, so
// that nothing is left out before it is decided.
const queueMax = 1000

// queuePage is the queue of a review, or its sample, with one item open.
type queuePage struct {
	reviewFrame
	Heading  string // "47 items"
	Left     string
	Progress part.Progress
	Queue    part.Queue
	More     string // how much is not shown
	Item     *itemView
	Empty    *part.Empty
}

// newQueuePage lists the items of a review. Open is the key of the item shown,
// "" for the first that is pending.
func newQueuePage(frame Page, v reviewSeen, open string) *queuePage {
	r := v.Review
	p := &queuePage{reviewFrame: newReviewFrame(frame, v, stepQueue), Heading: plural(len(r.Items), "item", "items")}
	decided, _ := r.Progress()
	p.fill(v, decided, len(r.Items), "decided")
	p.Queue.Bulk = v.hasRole("reviewer") && (r.State == reviews.Open || r.State == reviews.InReview)
	p.Queue.Expects = frame.Now.Time().AddDate(1, 0, 0).Format("2006-01-02")
	p.Queue.Groups, p.More = grouped(itemLines(v), open)
	if len(r.Items) == 0 {
		p.Empty = &part.Empty{Kind: part.Nothing, Title: "No check raised anything", Text: "The sample is read all the same: it shows whether the checks miss something.", Actions: []part.Action{{Text: "Go to the sample", Href: reviewPath(r.ID, stepSample), Kind: "primary"}}}
	}
	return p
}

// fill sets what the queue and the sample have in common.
func (p *queuePage) fill(v reviewSeen, done, of int, verb string) {
	p.Progress = part.Progress{ID: "queue-progress", Done: done, Of: of, Verb: verb, Slim: true, Label: p.Heading}
	p.Queue = part.Queue{Review: v.Review.ID, CSRF: p.CSRF, Verb: verb}
	p.Left = countWord(of-done) + " left"
	if done == of {
		p.Left = "all " + verb
	}
}

// itemLines is every item as a line of the queue, in the order of work: worst
// first, then by check, so that what is alike lies together.
func itemLines(v reviewSeen) []part.QueueItem {
	r := v.Review
	stands := r.Stands(false)
	locked := v.lockedLast(r.Items)
	lines := make([]part.QueueItem, 0, len(r.Items))
	for _, it := range sortedBy(r.Items, func(a, b reviews.Item) int {
		return cmp.Or(cmp.Compare(locked[a.Key], locked[b.Key]), cmp.Compare(severityRank(a.Severity), severityRank(b.Severity)), cmp.Compare(a.Check, b.Check), cmp.Compare(a.First, b.First), cmp.Compare(a.Key, b.Key))
	}) {
		st := stands[it.Key]
		l := part.QueueItem{
			Key: it.Key, Href: reviewPath(r.ID, "items", it.Key), Version: int64(st.Version), State: "pending", Severity: string(it.Severity), Violation: it.Violation,
			Title: logText(it.Title), By: it.Check + " · " + plural(it.Count, "event", "events"),
		}
		l.State, l.Word = standing(v, st.Last, it.Key, false)
		lines = append(lines, l)
	}
	return lines
}

// lockedLast ranks, for an approver, the items that they may decide before the
// others: those that the reviewers may not decide themselves.
func (v reviewSeen) lockedLast(items []reviews.Item) map[string]int {
	if v.hasRole("reviewer") || !v.hasRole("approver") {
		return nil
	}
	rank := map[string]int{}
	for _, it := range items {
		if why, _ := v.Review.WhyNot(v.By, it.Key, false); why != "" {
			rank[it.Key] = 1
		}
	}
	return rank
}

// standing is the state of an item and the word beside it.
func standing(v reviewSeen, last *reviews.Decision, key string, pick bool) (state, word string) {
	if last != nil {
		return string(last.Choice), decisionWord(last)
	}
	if _, own := v.Review.WhyNot(v.By, key, pick); own {
		return "own", "goes to somebody else"
	}
	return "pending", ""
}

// decisionWord says a decision in a word or two.
func decisionWord(d *reviews.Decision) string {
	switch d.Choice {
	case reviews.Explained:
		return "Explained"
	case reviews.Expected:
		if d.Until != "" {
			return "Expected until " + dayWord(d.Until)
		}
		return "Expected"
	case reviews.FindingC:
		return strings.TrimSpace("Finding " + d.Finding)
	case reviews.Escalated:
		return strings.TrimSpace("Escalated " + d.Ticket)
	case reviews.Read:
		return "Read"
	}
	return string(d.Choice)
}

// dayWord writes a date, YYYY-MM-DD, for people.
func dayWord(date string) string {
	at, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return logText(date)
	}
	return at.Format("2 Jan 2006")
}

// grouped puts lines into what is to be decided, what goes to somebody else and
// what is decided, and marks the open one.
func grouped(lines []part.QueueItem, open string) (groups []part.QueueGroup, more string) {
	var pending, own, decided []part.QueueItem
	for _, l := range lines {
		l.Current = l.Key == open
		switch l.State {
		case "pending":
			pending = append(pending, l)
		case "own":
			own = append(own, l)
		default:
			decided = append(decided, l)
		}
	}
	room := queueMax
	for _, g := range []part.QueueGroup{{Items: pending}, {Title: "For somebody else: your own actions", Items: own}, {Title: "Done", Items: decided}} {
		if len(g.Items) > room {
			g.Items = g.Items[:room]
			more = "The first " + countWord(queueMax) + " of " + countWord(len(lines)) + " are listed, what is to be done first. The rest follows as you decide."
		}
		room -= len(g.Items)
		if len(g.Items) > 0 {
			groups = append(groups, g)
		}
	}
	return groups, more
}

// firstOf is the key of the first line: what is to be decided next.
func firstOf(groups []part.QueueGroup) string {
	if len(groups) == 0 {
		return ""
	}
	return groups[0].Items[0].Key
}

// nextPending is the key of the pending line after a key, in the order of the
// list, "" when nothing is left.
func nextPending(lines []part.QueueItem, after string) string {
	at := -1
	for i := range lines {
		if lines[i].Key == after {
			at = i
		}
	}
	for i := range lines {
		l := lines[(at+1+i)%len(lines)]
		if l.State == "pending" && l.Key != after {
			return l.Key
		}
	}
	return ""
}

func (s *Server) reviewQueue(c *fiber.Ctx) error {
	v, err := s.reviewSeen(c)
	if err != nil {
		return err
	}
	p := newQueuePage(s.page(c, v.Review.Title, "reviews"), v, "")
	return s.showItem(c, fiber.StatusOK, p, v, firstOf(p.Queue.Groups), refusal{})
}

// showItem shows the queue with an item in it.
func (s *Server) showItem(c *fiber.Ctx, status int, p *queuePage, v reviewSeen, key string, no refusal) error {
	if key != "" {
		item, err := s.itemView(c, p.Page, v, key, no)
		if err != nil {
			return err
		}
		p.Item = item
		for g := range p.Queue.Groups {
			for i := range p.Queue.Groups[g].Items {
				l := &p.Queue.Groups[g].Items[i]
				l.Current = l.Key == key
			}
		}
	}
	return s.renderStatus(c, status, "review_queue", p)
}

// bulkInput is several decisions at once, as review.js sends them.
type bulkInput struct {
	Keys     []string       `json:"keys"`
	Versions map[string]int `json:"versions"`
	Decision string         `json:"decision"`
	Reason   string         `json:"reason"`
	Until    string         `json:"until"`
	Ticket   string         `json:"ticket"`
}

func (in bulkInput) requests() []reviews.Request {
	qs := make([]reviews.Request, len(in.Keys))
	for i, key := range in.Keys {
		qs[i] = reviews.Request{Key: key, Version: in.Versions[key], Choice: reviews.Choice(in.Decision), Reason: in.Reason, Until: in.Until, Ticket: in.Ticket}
	}
	return qs
}

// bulkAnswer is what review.js needs to know afterwards.
type bulkAnswer struct {
	Versions map[string]int `json:"versions"`
	Decided  int            `json:"decided"`
	Total    int            `json:"total"`
}

func (s *Server) reviewBulk(c *fiber.Ctx) error {
	var in bulkInput
	if err := json.Unmarshal(c.Body(), &in); err != nil {
		return fault.New(fault.Invalid, "The decisions could not be read.")
	}
	r, err := s.Reviews.Bulk(c.UserContext(), s.actor(c), c.Params("id"), in.requests())
	if err != nil {
		return err
	}
	decided, _ := r.Progress()
	answer := bulkAnswer{Versions: map[string]int{}, Decided: decided, Total: len(r.Items)}
	stands := r.Stands(false)
	for _, key := range in.Keys {
		answer.Versions[key] = stands[key].Version
	}
	return s.json(c, fiber.StatusOK, answer)
}
