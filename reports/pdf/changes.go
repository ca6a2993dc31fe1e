package pdf

import (
	"fmt"
	"strings"

	"logreeve/reports/policy"
)

// How much of the changes is printed.
const (
	maxChanges   = 300
	maxDiffLines = 120
)

// changes is section 6: each change of a network policy with its difference.
func (p *document) changes() {
	all := p.d.Changes.Changes
	s := p.d.Changes.Summary
	sentence := fmt.Sprintf("%d created, %d modified, %d deleted; %d writes changed nothing and %d were dry runs.", s.Created, s.Modified, s.Deleted, s.Unchanged, s.DryRun)
	if len(all) == 0 {
		sentence = "No network policy changed in the period, as far as the logs show."
	}
	if s.Implied > 0 {
		sentence += fmt.Sprintf(" %d went with their namespace.", s.Implied)
	}
	if n := len(p.d.Changes.Attempts); n > 0 {
		sentence += fmt.Sprintf(" %s refused or failed.", counted(int64(n), "write"))
	}
	p.section("changes", "6 Policy changes", sentence)
	for i := range all[:min(len(all), maxChanges)] {
		p.change(i+1, &all[i])
	}
	if n := len(all); n > maxChanges {
		p.paragraph(note, fmt.Sprintf("First %d of %s changes; all are in data/changes.json and data/diffs/.", maxChanges, thousands(int64(n))))
	}
	p.attempts()
}

// attempts lists writes that were refused or failed.
func (p *document) attempts() {
	all := p.d.Changes.Attempts
	if len(all) == 0 {
		return
	}
	p.part("Refused or failed", 18)
	const where = "data/changes.json"
	var rows []row
	for i := range all[:min(len(all), maxChanges)] {
		a := &all[i]
		name := a.Name
		if a.Namespace != "" {
			name = a.Namespace + "/" + a.Name
		}
		line := texts(exact(a.Time), shortTo(a.Actor, 200, where), string(a.Operation)+" "+a.Kind+" "+shortTo(name, 160, where), string(a.Outcome)+" "+shortTo(a.Code, 12, where))
		line.note = oneLine(short(a.Reason, where))
		rows = append(rows, line)
	}
	p.table([]column{{head: "Time (UTC)", keep: true, style: note}, {head: "Actor"}, {head: "What"}, {head: "Outcome", keep: true}}, rows)
	if n := len(all); n > maxChanges {
		p.paragraph(note, fmt.Sprintf("First %d of %s; all are in %s.", maxChanges, thousands(int64(n)), where))
	}
}

func (p *document) change(number int, c *policy.Change) {
	name := c.Name
	if c.Namespace != "" {
		name = c.Namespace + "/" + c.Name
	}
	p.mayEnd()
	p.skip(3)
	p.need(30)
	title := fmt.Sprintf("%s %s %s", upperFirst(string(c.Operation)), c.Kind, shortTo(name, 160, "data/changes.json"))
	p.bookmark(title, 1)
	p.write(side, smallB, p.wrap(smallB, title, p.width, false))
	from, ticket := c.ClientIP, c.Ticket
	if from == "" {
		from = "an unknown address"
	}
	ticket = shortTo(ticket, 80, "data/changes.json")
	switch {
	case ticket == "":
		ticket = "no ticket"
	case string(c.TicketSource) == "inherited":
		ticket = "ticket " + ticket + ", already on the object before"
	default:
		ticket = "ticket " + ticket
	}
	p.paragraph(note, oneLine(fmt.Sprintf("%s UTC by %s from %s · %s · %s", exact(c.Time), shortTo(c.Actor, 200, "data/changes.json"), from, ticket, c.API)))
	p.paragraph(codeS, oneLine("event "+c.Event.Key))
	if now, before := policy.Sentence(c); now != "" || before != "" {
		const where = "data/changes.json"
		if now != "" {
			p.paragraph(small, oneLine(shortTo(now, 1000, where)))
		}
		if before != "" {
			p.paragraph(note, oneLine(shortTo(before, 1000, where)))
		}
	}
	if !c.BeforeKnown {
		why := "the logs read do not show an earlier state"
		if c.Missed {
			why = "the object changed at least once since it was last seen"
		}
		p.paragraph(smallB, "What was there before is not known: "+why+".")
	}
	p.y += 0.8
	p.diff(policy.UnifiedChange(c), fmt.Sprintf("data/diffs/%03d.diff", number))
}

// diff prints a unified difference: signs in a column of their own, a full bar
// beside what was added and a broken one beside what was removed, so that both
// are told apart in black and white.
func (p *document) diff(text, where string) {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if text == "" {
		return
	}
	count := 0
	for _, l := range lines {
		if strings.HasPrefix(l, "--- ") || strings.HasPrefix(l, "+++ ") {
			continue
		}
		if count == maxDiffLines {
			p.paragraph(note, fmt.Sprintf("First %d of %d lines; all are in %s.", maxDiffLines, len(lines), where))
			return
		}
		count++
		p.diffLine(l)
	}
	p.y += 1
	p.paragraph(note, "The same difference as a file: "+where+".")
}

func (p *document) diffLine(l string) {
	sign, rest := " ", l
	if l != "" {
		sign, rest = l[:1], l[1:]
	}
	if strings.HasPrefix(l, "@@") {
		p.need(codeS.leading())
		p.draw(side+8, p.y+codeS.ascent(), codeS, p.fit(codeS, p.gate(codeS, l), p.width-8))
		p.y += codeS.leading()
		return
	}
	const step = 3.75 // mm from line to line
	rest = strings.ReplaceAll(shortTo(strings.TrimRight(rest, "\r"), 2000, "the file of this difference"), "\t", "    ")
	for n, t := range p.wrap(code, rest, p.width-10, false) {
		p.need(step)
		mark := shown("")
		switch sign {
		case "+":
			p.fill(side, p.y, p.width, step, colour{227, 240, 231})
			p.fill(side, p.y, 0.9, step, green)
			mark = "+"
		case "-":
			p.fill(side, p.y, p.width, step, colour{250, 228, 226})
			p.fill(side, p.y, 0.9, step*0.3, red)
			p.fill(side, p.y+step*0.6, 0.9, step*0.3, red)
			mark = "−"
		}
		if n == 0 && mark != "" {
			p.draw(side+3, p.y+step*0.72, style{mono, 8, ink}, mark)
		}
		p.draw(side+8, p.y+step*0.72, code, t)
		p.y += step
	}
}
