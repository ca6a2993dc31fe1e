package pdf

import (
	"fmt"
	"slices"
	"strings"

	"logreeve/connectors"
	"logreeve/reports"
)

// method is section 3: what was done, so that it can be done again.
func (p *document) method() {
	d := p.d
	p.section("method", "3 Method", fmt.Sprintf("Every event of the period was given to each of the %s below; definitions, parameters and expectations are the ones in force when the run was frozen.",
		counted(int64(len(d.Checks)), "check")))
	p.entry("Tool", small, strings.TrimSpace(p.tool()+", commit "+d.Tool.Commit))
	p.entry("Run", code, d.Review.RunID)
	if d.Template.ID != "" {
		p.entry("Template", small, fmt.Sprintf("%s version %d: %s", d.Template.ID, d.Template.Version, d.Template.Procedure))
	}
	p.entry("Window", small, fmt.Sprintf("from %s, to before %s UTC", exact(d.Window.From), exact(d.Window.To)))
	if d.Snapshot.Digest != "" {
		p.entry("People", small, fmt.Sprintf("%s and %s, list of %s", countedPeople(d.Snapshot.People), counted(int64(d.Snapshot.Keys), "SSH key"), p.moment(d.Snapshot.TakenAt)))
		p.entry("List digest", code, d.Snapshot.Digest)
	} else {
		p.entry("People", small, "no list of people was given")
	}
	audit := "none was supplied"
	if d.PolicyText != "" {
		audit = "supplied; the text is in data/audit-policy.yaml"
	}
	p.entry("Audit policy", small, audit)
	p.definitions()
	p.expectations()
}

func countedPeople(n int) string {
	if n == 1 {
		return "1 person"
	}
	return thousands(int64(n)) + " people"
}

func (p *document) definitions() {
	p.part("Definitions", 18)
	var rows []row
	for i := range p.d.Checks {
		c := &p.d.Checks[i]
		names := make([]string, 0, len(c.Params))
		for name, value := range c.Params {
			names = append(names, name+"="+short(value, "data/definitions.json"))
		}
		slices.Sort(names)
		text := c.Logic
		if len(names) > 0 {
			text += "\nParameters: " + strings.Join(names, ", ") + "."
		}
		switch {
		case c.Select.None():
			text += "\nSelects no event: it judges what the run knows of its sources."
		case c.Select.Op != connectors.OpAll:
			text += "\nSelects events for which " + shortTo(c.Select.Text(), 500, "data/definitions.json") + "."
		}
		rows = append(rows, row{cells: []cell{{text: c.ID}, {text: c.Title}, {text: fmt.Sprint(c.Version)}, {text: string(c.Severity)}, {text: firstOf(c.Digest, 32)}}, note: text})
	}
	p.table([]column{{head: "Check", style: code, keep: true}, {head: "Title"}, {head: "Version", right: true, keep: true}, {head: "Severity", keep: true}, {head: "Definition, first 32 of 64 digits", style: code, keep: true}}, rows)
	p.y += 1.5
	p.paragraph(note, "The full text, query and digest of every definition are in data/definitions.json.")
}

// expectations lists declared exceptions that held events back, and those that
// could have.
func (p *document) expectations() {
	used := map[string]int64{}
	key := func(register, value string) string { return register + "\x00" + value }
	for i := range p.d.Results {
		for _, s := range p.d.Results[i].Suppressions {
			used[key(string(s.Register), s.Value)] += s.Events
		}
	}
	p.part("Declared expectations", 18)
	if len(p.d.Snapshot.Entries) == 0 && len(used) == 0 {
		p.paragraph(small, "None was declared, so nothing was held back.")
	} else {
		p.expectationTable(used, key)
	}
	if len(p.d.Snapshot.Expected) > 0 {
		p.part("Sources that must report", 18)
		var rows []row
		for _, e := range p.d.Snapshot.Expected {
			gap := "default of its kind"
			if e.MaxGap > 0 {
				gap = duration(e.MaxGap)
			}
			rows = append(rows, texts(e.Name, e.Host, gap))
		}
		p.table([]column{{head: "Source"}, {head: "Host or cluster"}, {head: "Longest silence allowed", right: true, keep: true}}, rows)
	}
}

func (p *document) expectationTable(used map[string]int64, key func(string, string) string) {
	listed := map[string]bool{}
	var rows []row
	for _, e := range p.d.Snapshot.Entries {
		k := key(string(e.Register), e.Value)
		listed[k] = true
		expires := "never"
		if e.Expires != 0 {
			expires = e.Expires.Time().Format("2 Jan 2006")
			if e.Expires < p.d.Window.From {
				expires += ", expired: did not apply"
			}
		}
		var why []string
		for _, w := range []struct{ name, value string }{{"", e.Reason}, {"owner ", e.Owner}, {"approved by ", e.Approver}, {"ticket ", e.Ticket}} {
			if w.value != "" {
				why = append(why, w.name+short(w.value, "data/registers.json"))
			}
		}
		rows = append(rows, row{cells: []cell{{text: registerWords(string(e.Register))}, {text: short(e.Value, "data/registers.json")}, {text: expires}, {text: thousands(used[k])}}, note: strings.Join(why, " · ")})
	}
	for i := range p.d.Results {
		for _, s := range p.d.Results[i].Suppressions {
			if k := key(string(s.Register), s.Value); !listed[k] {
				listed[k] = true
				expires := "never"
				if s.Expires != 0 {
					expires = s.Expires.Time().Format("2 Jan 2006")
				}
				rows = append(rows, texts(registerWords(string(s.Register)), short(s.Value, "data/registers.json"), expires, thousands(used[k])))
			}
		}
	}
	p.table([]column{{head: "Register", keep: true}, {head: "Entry", style: code}, {head: "Ends", keep: true}, {head: "Events held back", right: true, keep: true}}, rows)
}

func registerWords(s string) string { return strings.ReplaceAll(s, "_", " ") }

// severityWord begins a sentence with a severity.
func severityWord(s reports.Severity) string { return upperFirst(string(s)) }
