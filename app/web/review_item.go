package web

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/trail"
	"logreeve/app/web/part"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/csv"
	"logreeve/reports/policy"
	"logreeve/reports/roster"
	"logreeve/reviews"
)

// itemView is one item of a queue, or one entry of the sample, as a reader
// needs it to decide: in words, with its difference or events, and the raw
// record folded.
type itemView struct {
	Check, CheckHref string // "NET-02 · Allow-all introduced"
	Severity         string
	Violation        bool
	Short            string // beginning of the key
	Key              string
	Title, Text      string
	Now, Before      string // of a policy change, what the object permits
	Diff             *part.Diff
	DiffHref         string
	Pairs            []part.Pair
	Events           part.Table
	EventsText       string
	CSV              string
	Raw              []rawView
	RawText          string
	Around           string // where what else the actor did is read, "" nowhere
	Actor            string
	History          []historyLine
	Decide           part.Decide
	Base             string
}

// rawView is a raw record and where it lies.
type rawView struct{ Where, Text string }

// historyLine is one decision about the item, with what became of it.
type historyLine struct {
	Text, Reason string
	At           connectors.Instant
}

// itemGround is what itemView is made from.
type itemGround struct {
	Item   *reports.Item
	Change *policy.Change // the change it is about, nil if it is about none
	People []roster.Person
}

// eventsShown and rawShown bound what one item shows; the rest is in the CSV
// and the package.
const (
	eventsShown = 20
	rawShown    = 5
)

func newItemView(frame Page, v reviewSeen, it reviews.Item, facts itemGround, no refusal) *itemView {
	r, f := v.Review, frame.Format()
	w := &itemView{
		Check: it.Check, CheckHref: "/checks/" + url.PathEscape(it.Check), Severity: string(it.Severity), Violation: it.Violation, Short: short(it.Key), Key: it.Key,
		Title: logText(it.Title), Text: logText(it.Summary), Base: reviewPath(r.ID, "items", it.Key),
	}
	for _, c := range r.Checks {
		if c.Check == it.Check {
			w.Check += " · " + c.Title
		}
	}
	var evidence []reports.EvidenceEvent
	if facts.Item != nil {
		evidence = facts.Item.Evidence
	}
	w.Pairs = itemPairs(f, it, facts)
	w.Events, w.EventsText = eventTable(f, evidence, it.Count)
	for i := range evidence {
		if len(evidence[i].Raw) > 0 && len(w.Raw) < rawShown {
			w.Raw = append(w.Raw, rawOf(evidence[i].Record, evidence[i].Raw))
		}
	}
	w.RawText = rawText(len(w.Raw), it.Count)
	if len(evidence) > 0 {
		w.CSV = w.Base + "/events.csv"
		w.Around, w.Actor = w.Base+"/around", cmp.Or(logText(evidence[0].Record.Actor), "this address")
		if evidence[0].Record.Actor == "" && evidence[0].Record.ClientIP == "" {
			w.Around = ""
		}
	}
	if facts.Change != nil {
		d := differenceOf(facts.Change)
		if len(d.Lines) > 0 {
			w.Diff = &d
		}
		now, before := policy.Sentence(facts.Change)
		w.Now, w.Before = logText(now), logText(before)
		w.DiffHref = "/changes?event=" + url.QueryEscape(facts.Change.Event.Key) + "&object=" + url.QueryEscape(facts.Item.Change.Object)
	}
	w.History = historyOf(f, r, it.Key, false)
	w.Decide = decideBar(frame, v, it.Key, false, w.Base)
	if w.Decide.Locked == "" && w.Decide.Offers == nil {
		w.Decide.Offers = itemOffers(frame, r, it, w.Decide.Decided == nil, no)
	}
	return w
}

// itemPairs says who, what, when, from where and why.
func itemPairs(f Format, it reviews.Item, facts itemGround) []part.Pair {
	var evidence []reports.EvidenceEvent
	if facts.Item != nil {
		evidence = facts.Item.Evidence
	}
	var pairs []part.Pair
	if len(it.Actors) > 0 {
		pairs = append(pairs, part.Pair{Key: "Who", Text: logText(namesOf(it.Actors)), Strong: true, Sub: personsWord(it.Persons, facts.People)})
	}
	var did, on, from, with, tickets distinct
	for i := range evidence {
		rec := &evidence[i].Record
		did.add(recordWords(*rec))
		on.add(cmp.Or(rec.Cluster, rec.Host))
		from.add(rec.ClientIP)
		with.add(rec.UserAgent)
		tickets.add(rec.Ticket)
	}
	if len(did.all) > 0 {
		pairs = append(pairs, part.Pair{Key: "What", Text: did.all[0], Sub: did.more("other kind of event", "other kinds of event")})
	}
	when := part.Pair{Key: "When", Text: f.Time(it.First), Time: it.First.String(), UTC: f.UTC(it.First)}
	if it.First != 0 {
		when.Sub = f.UTC(it.First)
	}
	if it.Last != it.First && it.Last != 0 {
		when.Text += " – " + f.Time(it.Last)
		when.UTC += " – " + f.UTC(it.Last)
		when.Sub = f.UTC(it.First) + " – " + f.UTC(it.Last)
	}
	pairs = append(pairs, when)
	if len(on.all) > 0 {
		pairs = append(pairs, part.Pair{Key: "On", Text: on.list(5)})
	}
	if len(from.all) > 0 {
		pairs = append(pairs, part.Pair{Key: "From", Text: from.list(5), Mono: true, Sub: with.list(2)})
	}
	for _, fact := range factsOf(facts.Item) {
		if slices.ContainsFunc(pairs, func(p part.Pair) bool { return p.Key == fact.Label }) || fact.Label == "Client" && len(with.all) > 0 || facts.Change != nil && (fact.Label == "After" || fact.Label == "Before" || it.Count == 1 && strings.HasSuffix(fact.Label, " UTC")) {
			continue // said already, from the events or the change
		}
		pairs = append(pairs, part.Pair{Key: logText(fact.Label), Text: logText(fact.Value)})
	}
	if len(evidence) > 0 && !slices.ContainsFunc(pairs, func(p part.Pair) bool { return p.Key == "Ticket" || p.Key == "Why" }) {
		why := part.Pair{Key: "Why", Text: "no change reference on the events"}
		if len(tickets.all) > 0 {
			why.Text = tickets.list(5)
		}
		pairs = append(pairs, why)
	}
	return pairs
}

func factsOf(it *reports.Item) []reports.Fact {
	if it == nil {
		return nil
	}
	return it.Facts
}

// distinct collects different texts in the order they come.
type distinct struct{ all []string }

func (d *distinct) add(s string) {
	if s = logText(s); s != "" && !slices.Contains(d.all, s) {
		d.all = append(d.all, s)
	}
}

func (d *distinct) list(n int) string {
	if len(d.all) <= n {
		return strings.Join(d.all, ", ")
	}
	return strings.Join(d.all[:n], ", ") + " and " + plural(len(d.all)-n, "other", "others")
}

func (d *distinct) more(one, many string) string {
	if len(d.all) < 2 {
		return ""
	}
	return "and " + plural(len(d.all)-1, one, many)
}

// namesOf writes principals without their system, which the rest of the item
// tells anyway.
func namesOf(actors []string) string {
	var names distinct
	for _, a := range actors {
		if system, rest, ok := strings.Cut(a, ":"); ok && slices.Contains(roster.Systems(), system) {
			a = rest
		}
		names.add(a)
	}
	return names.list(5)
}

// personsWord says who stands behind the actors.
func personsWord(ids []string, people []roster.Person) string {
	if len(ids) == 0 {
		return "resolved to nobody"
	}
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = id
		for _, p := range people {
			if p.ID == id && p.Name != "" {
				names[i] = p.Name + ", " + id
			}
		}
	}
	return strings.Join(names, "; ")
}

func eventTable(f Format, evidence []reports.EvidenceEvent, of int64) (part.Table, string) {
	records := make([]connectors.Record, 0, min(len(evidence), eventsShown))
	for i := range evidence[:min(len(evidence), eventsShown)] {
		records = append(records, evidence[i].Record)
	}
	said := "all " + countWord64(of) + " shown"
	switch {
	case of == 1 && len(records) == 1:
		said = "the only one"
	case int64(len(records)) < of:
		said = "first " + countWord(len(records)) + " of " + countWord64(of)
	}
	return recordTable(f, "events", "Events", records), said
}

func rawText(shown int, of int64) string {
	switch {
	case shown == 0:
		return ""
	case shown == 1 && of == 1:
		return "Raw record and where it lies"
	}
	return "Raw records and where they lie, first " + countWord(shown) + " of " + countWord64(of)
}

// historyOf is every decision about an item, oldest first, when there is more
// than the last one to tell.
func historyOf(f Format, r *reviews.Review, key string, pick bool) []historyLine {
	var lines []historyLine
	for i := range r.Decisions {
		d := &r.Decisions[i]
		if d.Key != key || d.Pick != pick {
			continue
		}
		word := decisionWord(d)
		switch d.Choice {
		case reviews.Withdrawn:
			word = "Undone"
		case reviews.Reperformed:
			word = "Judged again"
		}
		lines = append(lines, historyLine{Text: word + " by " + d.By.Name, Reason: d.Reason, At: d.At})
	}
	return lines
}

// itemView loads what an item needs and makes its view.
func (s *Server) itemView(c *fiber.Ctx, frame Page, v reviewSeen, key string, no refusal) (*itemView, error) {
	it, ok := v.Review.Item(key)
	if !ok {
		return nil, fault.New(fault.NotFound, "This item is not in this review.")
	}
	full, err := s.Runs.Item(c.UserContext(), v.Review.RunID, key)
	if err != nil {
		return nil, fmt.Errorf("load item %s of review %s: %w", key, v.Review.ID, err)
	}
	facts := itemGround{Item: full}
	if len(it.Persons) > 0 {
		if facts.People, err = s.people(c); err != nil {
			return nil, err
		}
	}
	if full.Change != nil {
		history, err := s.Runs.ObjectHistory(c.UserContext(), full.Change.Object)
		if err != nil {
			return nil, fmt.Errorf("load the changes of %s: %w", full.Change.Object, err)
		}
		for i := range history {
			if history[i].Event.Key == full.Change.EventKey {
				facts.Change = &history[i]
			}
		}
	}
	return newItemView(frame, v, it, facts, no), nil
}

func (s *Server) people(c *fiber.Ctx) ([]roster.Person, error) {
	snap, err := s.Runs.Current(c.UserContext())
	if err != nil {
		return nil, fmt.Errorf("load the list of people: %w", err)
	}
	if snap.Roster == nil {
		return nil, nil
	}
	return snap.Roster.People, nil
}

// fragmentFrame is the frame of a part that a script puts into a page: it takes
// no flash.
func (s *Server) fragmentFrame(c *fiber.Ctx) Page {
	p := s.bare(c, "")
	p.Actor, p.CSRF = newReader(s.actor(c)), tokenFrom(of(c).session.Secret)
	return p
}

func (s *Server) reviewItem(c *fiber.Ctx) error {
	v, err := s.reviewSeen(c)
	if err != nil {
		return err
	}
	key := c.Params("key")
	if c.Query("fragment") == "" {
		return s.showItem(c, fiber.StatusOK, newQueuePage(s.page(c, v.Review.Title, "reviews"), v, key), v, key, refusal{})
	}
	frame := s.fragmentFrame(c)
	item, err := s.itemView(c, frame, v, key, refusal{})
	if err != nil {
		return err
	}
	return s.renderPart(c, "review_queue", "item", frame.Zone, item)
}

// reviewEvents sends the events of an item as a spreadsheet. That they were
// taken is in the trail before they leave.
func (s *Server) reviewEvents(c *fiber.Ctx) error {
	r, err := s.Reviews.Review(c.UserContext(), c.Params("id"))
	if err != nil {
		return err
	}
	key := c.Params("key")
	item, err := s.Runs.Item(c.UserContext(), r.RunID, key)
	if err != nil {
		return err
	}
	table, err := csv.Events(item)
	if err != nil {
		return fmt.Errorf("write the events of item %s: %w", key, err)
	}
	e := trail.Entry{Action: "evidence.downloaded", ObjectKind: "review", ObjectID: r.ID, Detail: map[string]string{"item": key, "what": "events.csv", "events": fmt.Sprint(len(item.Evidence))}}
	if err := s.Trail.Append(c.UserContext(), s.actor(c), e); err != nil {
		return fmt.Errorf("record the download of events of item %s: %w", key, err)
	}
	return sendFile(c, "text/csv; charset=utf-8", "events-"+short(strings.Trim(key, "/"))+".csv", table)
}
