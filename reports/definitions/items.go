package definitions

import (
	"fmt"
	"strings"

	"logreeve/connectors"
	"logreeve/reports"
)

// judge makes an item of every group.
func (d *Definition) judge(s *reports.Scope, groups []reports.Group) {
	by := d.grouping()
	for _, g := range groups {
		item := s.Item(g.Values...)
		item.AddGroup(g)
		item.Subject = subject(by.By, g.Values)
		item.Title = d.Title + ": " + item.Subject
		item.Summary = d.sentence(by, g)
		item.Data = map[string]string{}
		for i, name := range by.By {
			item.Data[name] = g.Values[i]
			item.Facts = append(item.Facts, reports.Fact{Label: name, Value: valueOf(name, g.Values[i])})
		}
		item.Facts = append(item.Facts, reports.Fact{Label: "When", Value: span(g.First, g.Last)})
		if by.Distinct != "" {
			item.Data["distinct"] = fmt.Sprint(len(g.Distinct))
			item.Facts = append(item.Facts, reports.Fact{Label: "Different " + by.Distinct, Value: several(g.Distinct)})
		}
		if d.Threshold != nil {
			item.Data["windows"] = fmt.Sprint(g.Stretches)
			item.Facts = append(item.Facts, reports.Fact{Label: "Windows of " + length(d.Threshold.Within), Value: fmt.Sprint(g.Stretches)})
		}
		item.Facts = append(item.Facts, reports.Fact{Label: "Why", Value: d.Title + "."})
	}
	d.late(s)
}

// late makes an item of what came too late to be counted, so that nobody takes
// its silence for a pass. Nothing else has an item without a value.
func (d *Definition) late(s *reports.Scope) {
	n := s.Late()
	if n == 0 {
		return
	}
	item := s.Item()
	item.Violation, item.Severity = false, reports.Low
	item.Subject = "records that came late"
	item.Title = d.Title + ": " + item.Subject
	item.Summary = fmt.Sprintf("%s came when the window of %s in time that they belong to was over and forgotten, so the threshold may have been reached without being found; read the source in the order of time, or lengthen late.",
		count(n, "record"), length(d.Threshold.Within))
	item.Data = map[string]string{"late": fmt.Sprint(n)}
}

// sentence says what happened.
func (d *Definition) sentence(by *Grouping, g reports.Group) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", d.Title, count(g.Count, "event"))
	for i, name := range by.By {
		if i == 0 {
			b.WriteString(" with ")
		} else {
			b.WriteString(" and ")
		}
		if g.Values[i] == "" {
			b.WriteString("no " + name)
		} else {
			b.WriteString(name + " " + shown(g.Values[i]))
		}
	}
	if g.First == g.Last {
		b.WriteString(" at " + moment(g.First))
	} else {
		b.WriteString(" from " + moment(g.First) + " to " + moment(g.Last))
	}
	if by.Distinct != "" {
		fmt.Fprintf(&b, ", %d different values of %s", len(g.Distinct), by.Distinct)
	}
	if t := d.Threshold; t != nil {
		fmt.Fprintf(&b, ", %s within %s", atLeast(t.AtLeast, t.Distinct), length(t.Within))
		if g.Stretches > 1 {
			fmt.Fprintf(&b, " in %d windows", g.Stretches)
		}
	}
	return b.String() + "."
}

// absence finds people to whom no selected event leads.
type absence struct {
	d      *Definition
	scope  *reports.Scope
	actors *reports.Identities
	seen   map[reports.Named]*sighting
	recent reports.PerIdentity[*sighting]
}

// sighting is when an identity was seen last.
type sighting struct{ last connectors.Instant }

func newAbsence(d *Definition, s *reports.Scope) *absence {
	return &absence{d: d, scope: s, actors: reports.IdentitiesOf(s.Shared), seen: map[reports.Named]*sighting{}}
}

// Observe remembers who acted. An identity is looked up once, at its last time:
// whoever it stands for then has been seen.
func (a *absence) Observe(e *connectors.Event) {
	id := a.actors.Of(e)
	s, known := a.recent.Get(id)
	if !known {
		if s = a.seen[id.Named]; s == nil {
			s = &sighting{}
			a.seen[id.Named] = s
		}
		a.recent.Set(id, s)
	}
	s.last = max(s.last, e.Time)
}

// Finish makes an item of everyone on the roster who belonged to the
// organisation in the window and was not seen.
func (a *absence) Finish() {
	present := map[string]bool{}
	for id, s := range a.seen {
		e := connectors.Event{Kind: id.Kind, Host: id.Host, Actor: id.Actor, Login: id.Login, Credential: id.Credential, Time: s.last}
		for _, p := range a.scope.Roster.PersonsOf(&e) {
			present[p.ID] = true
		}
	}
	window := a.scope.Facts().Window
	for _, p := range a.scope.Roster.People {
		if present[p.ID] || window.From != 0 && p.LeftBefore(window.From) || window.To != 0 && p.JoinedAt >= window.To {
			continue
		}
		item := a.scope.Item(p.ID)
		item.Subject = shown(p.Email)
		item.Title = a.d.Title + ": " + item.Subject
		item.Summary = fmt.Sprintf("%s: no selected event leads to %s, who is on the roster.", a.d.Title, item.Subject)
		item.First, item.Last = window.From, window.To
		item.Data = map[string]string{"person": p.ID}
		item.Facts = []reports.Fact{{Label: "Person", Value: shown(p.Name)}, {Label: "Why", Value: a.d.Title + "."}}
	}
}
