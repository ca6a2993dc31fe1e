package pdf

import (
	"fmt"
	"strings"

	"logreeve/reports"
)

// results is section 1: the matrix of checks and how they came out.
func (p *document) results() {
	p.newPage()
	count := map[reports.Outcome]int{}
	for i := range p.d.Results {
		count[p.d.Results[i].Outcome]++
	}
	var parts []string
	for _, o := range []reports.Outcome{reports.Fail, reports.NeedsReview, reports.Errored, reports.Inconclusive, reports.Pass, reports.NotApplicable} {
		if n := count[o]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ToLower(outcomeWord(o))))
		}
	}
	p.section("results", "1 Results", fmt.Sprintf("%s ran: %s. “Needs review” means a person decided every item; what was decided is in section 4. "+
		"A pass is given only where the data was complete.", counted(int64(len(p.d.Results)), "check"), strings.Join(parts, ", ")))
	var rows []row
	for i := range p.d.Results {
		r := &p.d.Results[i]
		word := outcomeWord(r.Outcome)
		if r.Limited {
			word += ", limited"
		}
		s := small
		if r.Outcome == reports.Fail || r.Outcome == reports.Errored {
			s = smallB
		}
		items := thousands(int64(len(r.Items)))
		population := thousands(r.Population)
		if r.Outcome == reports.Inconclusive && r.Population == 0 {
			population, items = "–", "–"
		}
		line := row{cells: []cell{{text: r.Check}, {text: r.Title}, {text: strings.Join(r.Controls, ", ")}, {text: word, mark: outcomeMark(r.Outcome), style: &s}, {text: population}, {text: items}}}
		rows = append(rows, line)
	}
	p.table([]column{{head: "Check", style: code, keep: true}, {head: "What it asserts"}, {head: "Control", least: 15}, {head: "Result", keep: true},
		{head: "Events tested", right: true, keep: true}, {head: "Items", right: true, keep: true}}, rows)
	p.legend()
}

// legend says what the shapes stand for.
func (p *document) legend() {
	p.y += 2.2
	p.need(note.leading())
	x := side
	for _, o := range []reports.Outcome{reports.Pass, reports.Fail, reports.NeedsReview, reports.Inconclusive, reports.Errored, reports.NotApplicable} {
		t := p.gate(note, outcomeWord(o))
		p.drawMark(*outcomeMark(o), x, p.y+note.leading()/2)
		p.draw(x+3.8, p.y+note.ascent(), note, t)
		x += 3.8 + p.measure(note, t) + 5
	}
	p.y += note.leading()
}
