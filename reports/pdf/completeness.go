package pdf

import (
	"fmt"
	"strings"

	"logreeve/reports"
)

// completeness is section 2: what was read, and why it is all there was.
func (p *document) completeness() {
	d := p.d
	complete, inWindow := 0, int64(0)
	for i := range d.Sources {
		if len(d.Sources[i].Problems) == 0 {
			complete++
		}
		inWindow += d.Sources[i].InWindow
	}
	unmet := 0
	gates := p.gates()
	for _, g := range gates {
		if !g.gate.OK {
			unmet++
		}
	}
	sentence := fmt.Sprintf("%d of %s were read to the end, with %s in the period. ", complete, counted(int64(len(d.Sources)), "source"), counted(inWindow, "event"))
	if unmet == 0 {
		sentence += "Every condition on the data was met."
	} else {
		sentence += counted(int64(unmet), "condition") + " on the data did not hold; no check that needed one of them could pass."
	}
	p.section("completeness", "2 Was everything there?", sentence)
	p.sources()
	p.hourly()
	p.gateTable(gates)
	p.limits()
}

func (p *document) sources() {
	var rows []row
	for i := range p.d.Sources {
		s := &p.d.Sources[i]
		var longest reports.Place
		for _, place := range s.Places {
			if place.LongestGap >= longest.LongestGap {
				longest = place
			}
		}
		silence := "not measured"
		if len(s.Places) > 0 {
			silence = duration(longest.LongestGap)
		}
		state, m := "complete", &mark{disc, green}
		if n := len(s.Problems); n > 0 {
			state, m = counted(int64(n), "problem"), &mark{ring, violet}
		}
		var notes []string
		for _, pr := range s.Problems {
			notes = append(notes, "Not complete: "+short(pr.Where, "data/run.json")+": "+short(pr.Reason, "data/run.json"))
		}
		if x := s.Store; x != nil {
			notes = append(notes, "Read from "+short(x.Where, "data/run.json")+": "+strings.TrimSpace(x.Product+" "+x.Version)+", "+counted(int64(len(x.Indices)), "index")+" (listed in data/run.json).")
		}
		if s.Counted > 0 {
			notes = append(notes, "The store counted its events of the period; read were those that a check had to look at.")
		}
		if n := len(s.Skipped); n > 0 {
			notes = append(notes, fmt.Sprintf("%s not read, for example %s: %s", counted(int64(n), "file"), short(s.Skipped[0].File, "data/run.json"), short(s.Skipped[0].Reason, "data/run.json")))
		}
		if longest.AllowedGap > 0 && longest.LongestGap > longest.AllowedGap {
			notes = append(notes, fmt.Sprintf("Silent for %s from %s%s; at most %s is allowed.", duration(longest.LongestGap), exact(longest.GapFrom), atPlace(shortTo(longest.Name, 120, "data/run.json")), duration(longest.AllowedGap)))
		}
		rows = append(rows, row{cells: []cell{{text: shortTo(s.Name, 120, "data/run.json")}, {text: string(s.Kind)}, {text: thousands(s.Records)}, {text: thousands(s.Events)}, {text: thousands(s.InWindow)}, {text: thousands(s.Unparsed)}, {text: silence}, {text: state, mark: m}},
			note: strings.Join(notes, "\n")})
	}
	p.table([]column{{head: "Source", least: 28}, {head: "Kind", keep: true}, {head: "Read", right: true, keep: true}, {head: "Events", right: true, keep: true}, {head: "In the period", right: true, keep: true},
		{head: "Unread", right: true, keep: true}, {head: "Longest silence", right: true, keep: true}, {head: "Completeness", keep: true}}, rows)
}

func atPlace(name string) string {
	if name == "" {
		return ""
	}
	return " on " + name
}

// gateGroup is one judgement that several checks share.
type gateGroup struct {
	gate   reports.Gate
	checks []string
}

// gates gathers equal judgements of all checks, those not met first.
func (p *document) gates() []gateGroup {
	var groups []gateGroup
	at := map[reports.Gate]int{}
	for i := range p.d.Results {
		r := &p.d.Results[i]
		for _, g := range r.Gates {
			if n, ok := at[g]; ok {
				groups[n].checks = append(groups[n].checks, r.Check)
				continue
			}
			at[g] = len(groups)
			groups = append(groups, gateGroup{g, []string{r.Check}})
		}
	}
	var out []gateGroup
	for _, met := range []bool{false, true} {
		for _, id := range []reports.GateID{reports.G1, reports.G2, reports.G3, reports.G4, reports.G5, reports.G6, reports.G7, reports.G8, reports.G9, reports.G10} {
			for _, g := range groups {
				if g.gate.ID == id && g.gate.OK == met {
					out = append(out, g)
				}
			}
		}
	}
	return out
}

func gateWords(id reports.GateID) string {
	switch id {
	case reports.G1:
		return "Read to the end"
	case reports.G2:
		return "Every expected source answered"
	case reports.G3:
		return "Still kept by the source"
	case reports.G4:
		return "No gap"
	case reports.G5:
		return "Nothing more can arrive"
	case reports.G6:
		return "Content was recorded"
	case reports.G7:
		return "Such events are logged at all"
	case reports.G8:
		return "Understood"
	case reports.G9:
		return "List of people is recent"
	case reports.G10:
		return "History is long enough"
	}
	return ""
}

func (p *document) gateTable(groups []gateGroup) {
	if len(groups) == 0 {
		return
	}
	p.part("Conditions on the data", 16)
	var rows []row
	for _, g := range groups {
		state, m := "met", &mark{disc, green}
		if !g.gate.OK {
			state, m = "not met", &mark{ring, violet}
		}
		checks := strings.Join(g.checks, ", ")
		if len(g.checks) == len(p.d.Results) {
			checks = "every check"
		} else if len(g.checks) > 4 {
			checks = fmt.Sprintf("%s and %d more", strings.Join(g.checks[:3], ", "), len(g.checks)-3)
		}
		rows = append(rows, row{cells: []cell{{text: string(g.gate.ID)}, {text: gateWords(g.gate.ID)}, {text: state, mark: m}, {text: short(g.gate.Detail, "data/run.json")}, {text: checks}}})
	}
	p.table([]column{{head: "Gate", style: code, keep: true}, {head: "Condition", fixed: 33}, {head: "State", keep: true}, {head: "With which figures"}, {head: "Needed by", fixed: 29}}, rows)
}

func (p *document) limits() {
	r := p.d.Review
	p.part("Limits of this review", 14)
	if len(r.Limits) == 0 {
		p.paragraph(small, "None. Every check ran on data that met all its conditions.")
		return
	}
	for _, l := range r.Limits {
		p.y += 1
		p.need(3 * small.leading())
		p.drawMark(*outcomeMark(l.Outcome), side, p.y+small.leading()/2)
		p.write(side+markWidth, smallB, p.wrap(smallB, l.Check+" "+p.checkTitle(l.Check)+": "+strings.ToLower(outcomeWord(l.Outcome)), p.width-markWidth, false))
		p.aside(markWidth, small, shortTo(l.Reason, 1000, "data/review.json"))
		if a, ok := r.Acknowledged(l.Check); ok {
			p.aside(markWidth, small, "Cause: "+a.Cause)
			p.aside(markWidth, small, "Consequence: "+a.Consequence)
			p.aside(markWidth, note, "Accepted by "+a.By.Name+", "+p.moment(a.At)+".")
		} else {
			p.aside(markWidth, smallB, "Nobody has accepted this limit.")
		}
		p.y += 1
	}
}

func (p *document) checkTitle(id string) string {
	for i := range p.d.Results {
		if p.d.Results[i].Check == id {
			return p.d.Results[i].Title
		}
	}
	return ""
}

// duration writes seconds with the two largest units: "3 h 10 min".
func duration(seconds int64) string {
	if seconds < 1 {
		return "0 s"
	}
	units := []struct {
		size int64
		name string
	}{{86_400, "d"}, {3_600, "h"}, {60, "min"}, {1, "s"}}
	var out []string
	for _, u := range units {
		if n := seconds / u.size; n > 0 {
			out = append(out, thousands(n)+" "+u.name)
			seconds %= u.size
		} else if len(out) > 0 {
			break
		}
		if len(out) == 2 {
			break
		}
	}
	return strings.Join(out, " ")
}
