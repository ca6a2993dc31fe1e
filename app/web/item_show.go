package web

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/app/trail"
	"logreeve/app/web/chart"
	"logreeve/app/web/part"
	"logreeve/reports"
	"logreeve/reports/csv"
)

// itemPage is one item with its events. Showing it is in the trail.
type itemPage struct {
	Page
	Head   part.Head
	Facts  []part.Pair
	Events []itemEvent
	Shown  string
}

// itemEvent is one event of an item.
type itemEvent struct {
	Number int
	When   part.Cell
	Who    string
	Deed   string
	How    string // outcome and code
	From   string
	Facts  []part.Pair
	Raw    string // redacted; "" beyond the first ones
}

// itemEventsShown is how many events the page lists; the CSV has all that are
// kept.
const itemEventsShown = 100

func newItemPage(frame Page, run *runs.Run, res *reports.Result, it *reports.Item) *itemPage {
	f := frame.Format()
	p := &itemPage{
		Page: frame,
		Head: part.Head{
			Crumbs:  []part.Link{{Text: "Results", Href: "/results"}, {Text: f.Span(windowOf(run.Window)), Href: "/runs/" + run.ID}, {Text: res.Check, Href: resultHref(run.ID, res.Check)}, {Text: "Item"}},
			Title:   logText(or(it.Title, it.Subject)),
			Lede:    f.Sentence(it.Summary),
			Facts:   []part.Fact{{Text: res.Check + " " + res.Title}, {Text: plural(it.Count, "event", "events")}, {Text: f.Time(it.First) + " – " + f.Time(it.Last)}},
			Actions: []part.Action{{Text: "Export events as CSV", Href: itemHref(run.ID, it.Key) + "/events.csv", Icon: "download"}},
		},
		Facts: knownOfItem(f, res, it),
	}
	if it.Violation {
		p.Head.Badge = &part.Badge{Outcome: "fail", Text: "breaks the rule"}
	} else {
		p.Head.Badge = &part.Badge{Outcome: "needs_review", Text: "needs a person to look"}
	}
	if it.Change != nil {
		p.Head.Actions = append(p.Head.Actions, part.Action{Text: "Show the change", Href: "/changes?object=" + url.QueryEscape(it.Change.Object), Icon: "changes"})
	}
	if text, href := purposeWords(run.Purpose); href != "" {
		p.Head.Actions = append(p.Head.Actions, part.Action{Text: text, Href: href, Icon: "reviews"})
	}
	events := eventsInOrder(it.Evidence)
	for i := range events[:min(len(events), itemEventsShown)] {
		p.Events = append(p.Events, newItemEvent(f, i+1, &events[i]))
	}
	p.Shown = "all " + chart.Count(it.Count) + " shown"
	if int64(len(p.Events)) < it.Count {
		p.Shown = "first " + chart.Count(int64(len(p.Events))) + " of " + chart.Count(it.Count)
		if len(events) > len(p.Events) {
			p.Shown += "; the CSV holds " + chart.Count(int64(len(events)))
		}
	}
	return p
}

func knownOfItem(f Format, res *reports.Result, it *reports.Item) []part.Pair {
	facts := []part.Pair{{Key: "Severity", Text: severityWord(it.Severity)}}
	for _, fact := range it.Facts {
		facts = append(facts, part.Pair{Key: logText(fact.Label), Text: f.Sentence(fact.Value)})
	}
	if len(it.Actors) > 0 {
		facts = append(facts, part.Pair{Key: "Principals", Text: firstFew(it.Actors, 20)})
	}
	for i, id := range it.Persons {
		key := "Resolved to"
		if i > 0 {
			key = "and"
		}
		facts = append(facts, part.Pair{Key: key, Text: logText(id), Href: personHref(id)})
	}
	if len(it.Persons) == 0 {
		facts = append(facts, part.Pair{Key: "Resolved to", Text: "nobody in the list of people"})
	}
	return append(facts, part.Pair{Key: "Item", Text: it.Key, Mono: true, Sub: "the same in every run of " + res.Check})
}

func newItemEvent(f Format, number int, e *reports.EvidenceEvent) itemEvent {
	r := e.Record
	facts := recordPairs(f, r)
	where := r.Ref.File
	if where != "" && r.Ref.Line > 0 {
		where += ":" + strconv.FormatInt(r.Ref.Line, 10)
	}
	facts = append(facts, part.Pair{Key: "Source", Text: logText(r.Source), Sub: logText(where)},
		part.Pair{Key: "Event", Text: r.Key, Mono: true, Sub: logText(r.NativeID)}, part.Pair{Key: "SHA-256 of the record", Text: r.SHA256, Mono: true})
	how := string(r.Outcome)
	if r.Code != "" {
		how += " " + r.Code
	}
	return itemEvent{
		Number: number, When: momentCell(f, r.Time), Who: logText(or(r.Actor, r.Login)), Deed: logText(or(r.Deed(), or(r.Message, string(r.Category)))), How: how, From: logText(r.ClientIP),
		Facts: facts, Raw: logText(indented(e.Raw)),
	}
}

// indented lays out a JSON record over several lines; other text stays as it is.
func indented(raw []byte) string {
	var out bytes.Buffer
	if len(raw) == 0 || raw[0] != '{' || json.Indent(&out, raw, "", "  ") != nil {
		return string(raw)
	}
	return out.String()
}

// itemOf loads an item and the result it belongs to.
func (s *Server) itemOf(c *fiber.Ctx) (*runs.Run, *reports.Result, *reports.Item, error) {
	run, err := s.Runs.Run(c.UserContext(), c.Params("id"))
	if err != nil {
		return nil, nil, nil, err
	}
	key := c.Params("key")
	for i := range run.Results {
		if slices.ContainsFunc(run.Results[i].Items, func(it reports.Item) bool { return it.Key == key }) {
			it, err := s.Runs.Item(c.UserContext(), run.ID, key)
			return run, &run.Results[i], it, err
		}
	}
	return nil, nil, nil, fault.New(fault.NotFound, "This run has no such item.")
}

// told writes to the trail that an item's evidence was read, before it is sent.
func (s *Server) told(c *fiber.Ctx, action string, run *runs.Run, res *reports.Result, it *reports.Item) error {
	return s.Trail.Append(c.UserContext(), s.actor(c), trail.Entry{Action: action, ObjectKind: "item", ObjectID: it.Key,
		Detail: map[string]string{"run": run.ID, "check": res.Check, "events": strconv.Itoa(len(it.Evidence))}})
}

func (s *Server) itemShow(c *fiber.Ctx) error {
	run, res, it, err := s.itemOf(c)
	if err != nil {
		return err
	}
	if err := s.told(c, "evidence.viewed", run, res, it); err != nil {
		return err
	}
	return s.render(c, "item_show", newItemPage(s.page(c, or(it.Title, it.Subject), "results"), run, res, it))
}

func (s *Server) itemEvents(c *fiber.Ctx) error {
	run, res, it, err := s.itemOf(c)
	if err != nil {
		return err
	}
	body, err := csv.Events(it)
	if err != nil {
		return err
	}
	if err := s.told(c, "evidence.downloaded", run, res, it); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+res.Check+"-"+short(it.Key)+`.csv"`)
	return c.Send(body)
}
