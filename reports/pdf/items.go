package pdf

import (
	"fmt"
	"strings"

	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reviews"
)

// How much of what was found is printed; the package holds all of it.
const (
	maxItems  = 10_000 // items a check
	maxListed = 5      // events an item
)

// items is section 4: what had to be decided, and what was.
func (p *document) items() {
	r := p.d.Review
	decided, _ := r.Progress()
	sentence := "No check raised anything, so nothing had to be decided."
	if len(r.Items) > 0 {
		sentence = fmt.Sprintf("%s raised, %d decided. Each shows what happened, by whom, and who decided what about it and why.", counted(int64(len(r.Items)), "item"), decided)
	}
	p.section("items", "4 Items and decisions", sentence)
	for i := range p.d.Results {
		p.check(&p.d.Results[i])
	}
}

// check writes what a check is for and what it found. Its first item begins on the
// same page.
func (p *document) check(r *reports.Result) {
	p.mayEnd()
	p.skip(4)
	name := p.wrap(strong, r.Check+" "+r.Title, p.width-markWidth, false)
	var objective []shown
	for i := range p.d.Checks {
		if c := &p.d.Checks[i]; c.ID == r.Check && c.Objective != "" {
			objective = p.wrap(note, c.Objective, p.width, true)
		}
	}
	word := outcomeWord(r.Outcome)
	if r.Limited {
		word += ", limited"
	}
	said := p.wrap(small, word+". "+shortTo(r.Reason, 1000, "data/run.json"), p.width, true)
	room := float64(len(name))*strong.leading() + float64(len(objective)+len(said)+1)*small.leading()
	if len(r.Items) > 0 {
		room += itemRoom + 4
	}
	p.need(min(room, p.bottom-top))
	p.bookmark(r.Check+" "+r.Title, 1)
	p.drawMark(*outcomeMark(r.Outcome), side, p.y+strong.leading()/2)
	p.write(side+markWidth, strong, name)
	p.y += 0.6
	p.write(side, note, objective)
	p.write(side, small, said)
	decided := 0
	for i := range r.Items {
		if p.standing(r.Items[i].Key, false).last != nil {
			decided++
		}
	}
	p.funnel(r, decided)
	for _, u := range r.Undecided[:min(len(r.Undecided), 3)] {
		p.aside(markWidth, note, fmt.Sprintf("Could not be judged: event %s of %s: %s", u.Key, exact(u.Time), short(u.Reason, "data/run.json")))
	}
	if n := len(r.Undecided); n > 3 {
		p.aside(markWidth, note, fmt.Sprintf("First 3 of %s that could not be judged; more are in data/run.json.", counted(r.Undecidable, "event")))
	}
	for i := range r.Items[:min(len(r.Items), maxItems)] {
		p.item(r, &r.Items[i])
	}
	if n := len(r.Items); n > maxItems {
		p.paragraph(note, fmt.Sprintf("First %d of %s items of this check; all are in data/items.jsonl and data/items.csv.", maxItems, thousands(int64(n))))
	}
	p.y += 1.5
	p.rule(side, p.y, side+p.width, line, 0.15)
}

// funnel draws the figures from population to decisions in one line.
func (p *document) funnel(r *reports.Result, decided int) {
	parts := []struct {
		n    int64
		text string
	}{{r.Population, "tested"}, {r.Matched, "matched"}, {r.Suppressed, "held back as declared"}, {int64(len(r.Items)), strings.TrimLeft(counted(int64(len(r.Items)), "item"), "0123456789, ")}, {int64(decided), "decided"}}
	if r.Undecidable > 0 {
		parts = append(parts, struct {
			n    int64
			text string
		}{r.Undecidable, "could not be judged"})
	}
	p.need(small.leading() + 1)
	x := side
	for i, part := range parts {
		if i > 0 {
			p.draw(x, p.y+small.ascent(), note, "→")
			x += 5
		}
		n := p.gate(smallB, thousands(part.n))
		t := p.gate(note, part.text)
		p.draw(x, p.y+small.ascent(), smallB, n)
		x += p.measure(smallB, n) + 1.2
		p.draw(x, p.y+small.ascent(), note, t)
		x += p.measure(note, t) + 2.4
	}
	p.y += small.leading()
}

// itemRoom is what an item needs to begin on a page, in mm.
const itemRoom = 25

func (p *document) item(r *reports.Result, it *reports.Item) {
	const in = markWidth
	p.mayEnd()
	p.y += 2.4
	p.need(itemRoom)
	kind := severityWord(it.Severity)
	if it.Violation {
		kind += " · breaks a rule"
	} else {
		kind += " · needs a person's judgement"
	}
	wide := p.drawSeverity(it.Severity, side+in, p.y+small.ascent())
	k := p.gate(note, kind)
	p.drawRight(side+p.width, p.y+small.ascent(), note, k)
	room := p.width - in - wide - p.measure(note, k) - 4
	p.write(side+in+wide, smallB, p.wrap(smallB, short(it.Title, "data/items.jsonl"), room, false))
	if it.Summary != it.Title {
		p.aside(in, small, oneLine(shortTo(it.Summary, 1200, "data/items.jsonl")))
	}
	var who []string
	if len(it.Actors) > 0 {
		who = append(who, "by "+few(it.Actors, 4))
	}
	who = append(who, counted(it.Count, "event"))
	if it.First == it.Last || it.Last == 0 {
		who = append(who, "at "+second(it.First)+" UTC")
	} else {
		who = append(who, second(it.First)+" to "+second(it.Last)+" UTC")
	}
	p.aside(in, note, oneLine(strings.Join(who, " · ")))
	for _, f := range it.Facts[:min(len(it.Facts), 8)] {
		p.aside(in, note, oneLine(shortTo(f.Label, 60, "data/items.jsonl")+": "+short(f.Value, "data/items.jsonl")))
	}
	p.decision(in, it.Key, false)
	p.events(it)
}

func few(s []string, most int) string {
	var parts []string
	for _, v := range s[:min(len(s), most)] {
		parts = append(parts, shortTo(v, 120, "data/items.jsonl"))
	}
	if n := len(s) - most; n > 0 {
		parts = append(parts, fmt.Sprintf("%d more", n))
	}
	return strings.Join(parts, ", ")
}

// decision writes what was decided about an item or a pick, and by whom it was
// judged again.
func (p *document) decision(in float64, key string, pick bool) {
	s := p.standing(key, pick)
	last := s.last
	p.y += 0.7
	if last == nil {
		p.need(small.leading())
		p.drawMark(mark{ring, violet}, side+in, p.y+small.leading()/2)
		p.aside(in+markWidth, smallB, "Not decided.")
		return
	}
	text := decisionWords(last)
	p.need(2 * small.leading())
	from := p.y
	page := p.page
	p.aside(in+markWidth, smallB, text)
	if last.Reason != "" {
		p.aside(in+markWidth, small, "“"+last.Reason+"”")
	}
	by := fmt.Sprintf("Decided by %s, %s", last.By.Name, p.moment(last.At))
	if s.times > 1 {
		by += fmt.Sprintf("; decided %d times, all in data/decisions.jsonl", s.times)
	}
	p.aside(in+markWidth, note, oneLine(by)+".")
	for _, d := range s.again {
		p.aside(in+markWidth, note, oneLine(fmt.Sprintf("Judged again by %s, %s: %s", d.By.Name, p.moment(d.At), d.Reason)))
	}
	if p.page == page { // a bar beside the decision
		p.fill(side+in+1, from+0.3, 0.7, p.y-from-0.6, ink)
	} else {
		p.fill(side+in+1, top, 0.7, p.y-top-0.6, ink)
	}
}

func decisionWords(d *reviews.Decision) string {
	switch d.Choice {
	case reviews.Explained:
		return "Explained" + ticketWords(d.Ticket)
	case reviews.Expected:
		if d.Until != "" {
			return "Expected until " + d.Until + ticketWords(d.Ticket)
		}
		return "Expected" + ticketWords(d.Ticket)
	case reviews.FindingC:
		return "Finding " + d.Finding + ticketWords(d.Ticket)
	case reviews.Escalated:
		return "Escalated" + ticketWords(d.Ticket)
	case reviews.Read:
		return "Read, nothing to object"
	}
	return upperFirst(string(d.Choice))
}

func ticketWords(ticket string) string {
	if ticket == "" {
		return ""
	}
	return ", ticket " + shortTo(ticket, 80, "data/decisions.jsonl")
}

// events lists the first events of an item with their canonical fields.
func (p *document) events(it *reports.Item) {
	if len(it.Evidence) == 0 {
		p.aside(markWidth, note, fmt.Sprintf("%s, keys in data/items.jsonl, item %s.", counted(it.Count, "event"), firstOf(it.Key, 32)))
		return
	}
	p.y += 0.8
	n := min(len(it.Evidence), maxListed)
	var rows []row
	for i := range it.Evidence[:n] {
		rows = append(rows, p.eventRow(&it.Evidence[i].Record, "data/events.jsonl"))
	}
	ending := fmt.Sprintf("Item %s.", firstOf(it.Key, 32))
	if int64(n) < it.Count {
		ending = fmt.Sprintf("First %d of %s. %s listed in data/events.jsonl under item %s.", n, counted(it.Count, "event"), upperFirst(listedWords(len(it.Evidence), it.Count)), firstOf(it.Key, 32))
	}
	p.tableWithTail(eventColumns(), rows, 1+note.leading())
	p.y += 1
	p.paragraph(note, ending)
}

func listedWords(listed int, count int64) string {
	if int64(listed) >= count {
		return "all are"
	}
	return "the first " + thousands(int64(listed)) + " are"
}

func eventColumns() []column {
	return []column{{head: "Time (UTC)", keep: true, style: note}, {head: "Actor"}, {head: "What"}, {head: "From"}, {head: "Outcome", keep: true}}
}

func (p *document) eventRow(r *connectors.Record, where string) row {
	outcome := string(r.Outcome)
	if r.Code != "" {
		outcome += " " + shortTo(r.Code, 12, where)
	}
	actor := r.Actor
	if actor == "" {
		actor = r.Login
	}
	if r.Effective != "" && r.Effective != actor {
		actor += " as " + r.Effective
	}
	from := r.ClientIP
	if r.Host != "" {
		if from != "" {
			from += " "
		}
		from += "on " + r.Host
	}
	return row{cells: []cell{{text: exact(r.Time)}, {text: shortTo(actor, 200, where)}, {text: short(deed(r), where)}, {text: shortTo(from, 120, where)}, {text: outcome}},
		note: oneLine("key " + r.Key + agentWords(r, where)), mono: true}
}

// deed is what an event did, with the command or the text of the log.
func deed(r *connectors.Record) string {
	var parts []string
	if words := r.Deed(); words != "" {
		parts = append(parts, words)
	}
	if r.Command != "" {
		parts = append(parts, "“"+r.Command+"”")
	}
	if r.Message != "" && r.Command == "" {
		parts = append(parts, r.Message)
	}
	if len(parts) == 0 {
		return string(r.Category)
	}
	return strings.Join(parts, " ")
}

func agentWords(r *connectors.Record, where string) string {
	s := ""
	if r.UserAgent != "" {
		s += "  " + shortTo(r.UserAgent, 160, where)
	}
	if r.Ticket != "" {
		s += "  ticket " + shortTo(r.Ticket, 60, where)
	}
	return s
}
