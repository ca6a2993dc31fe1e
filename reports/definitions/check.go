package definitions

import (
	"logreeve/connectors"
	"logreeve/reports"
)

// Check makes a check of a definition that Validate finds nothing wrong with.
func (d *Definition) Check() reports.Check {
	c := reports.Check{
		ID: d.ID, Version: d.Version, Title: d.Title, Objective: d.Objective, Logic: d.Logic,
		Type: d.Type, Severity: d.Severity, Controls: d.Controls, Select: d.Select,
		Needs: reports.Needs{Kinds: d.Kinds},
	}
	c.Needs.Witness, c.Needs.WitnessText = d.witness()
	c.Needs.PolicyNeeds = d.logged()
	if c.Objective == "" {
		c.Objective = d.Title + "."
	}
	if c.Logic == "" {
		c.Logic = d.logic()
	}
	if len(connectors.BodyFields(d.Select)) > 0 {
		c.Needs.Bodies, c.Needs.Unseen = true, unseen(d.Select)
	}
	switch {
	case d.Changes != "":
		c.Select, c.Needs.Bodies = changeFilter(d.Select), true
		c.Each = func(s *reports.Scope) reports.Observer { return newReplay(d, s) }
		return c
	case d.NeverSeen != "":
		c.Needs.People = true
		c.Each = func(s *reports.Scope) reports.Observer { return newAbsence(d, s) }
		return c
	}
	g := d.grouping()
	c.Grouped = &reports.Grouping{By: g.By, Distinct: g.Distinct, AtLeast: max(g.AtLeast, 1), Events: g.Events, Judge: d.judge}
	if t := d.Threshold; t != nil {
		c.Grouped.Windows = &reports.Windows{Length: t.Within, Sliding: t.Sliding, Late: t.Late}
	}
	return c
}

// unseen selects events of which the filter cannot be told, since the content
// that it asks for was not recorded: an audit level of Metadata keeps no body,
// one of Request no response (audit.k8s.io/v1, Level).
func unseen(f connectors.Filter) connectors.Filter {
	absent := func(body string, levels ...string) connectors.Filter {
		return connectors.And(connectors.Not(connectors.In("level", levels...)), connectors.Not(connectors.Exists(body)))
	}
	request, response := false, false
	for _, name := range connectors.BodyFields(f) {
		if len(name) >= 8 && name[:8] == "response" {
			response = true
		} else {
			request = true
		}
	}
	var missing []connectors.Filter
	if request {
		missing = append(missing, absent("request", "Request", "RequestResponse"))
	}
	if response {
		missing = append(missing, absent("response", "RequestResponse"))
	}
	body := func(test connectors.Filter) bool { return len(connectors.BodyFields(test)) > 0 }
	return connectors.And(bound(f, true, body), connectors.Not(bound(f, false, body)), connectors.Or(missing...))
}
