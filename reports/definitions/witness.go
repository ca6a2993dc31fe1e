package definitions

import (
	"slices"

	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/policy"
)

// sortFields say of what sort an event is: by them API servers and hosts are told
// what to log. Who did it, to what and with what outcome is not among them.
func sortFields() []string { return []string{"category", "verb", "group", "resource", "subresource"} }

// witness is what shows that the log holds such events as the check selects, and
// what they are in words: events of the same sort, by anyone. The zero filter:
// whatever the log holds shows it.
func (d *Definition) witness() (f connectors.Filter, text string) {
	if d.Witness != nil {
		return *d.Witness, d.WitnessText
	}
	f, text = d.sort(), d.WitnessText
	if text == "" && f.Op != connectors.OpAll {
		text = "events where " + phrase(f)
	}
	return f, text
}

// sort selects events of the sort that the check selects.
func (d *Definition) sort() connectors.Filter {
	selects := d.Select
	if d.Changes != "" {
		selects = connectors.And(selects, policy.Writes, connectors.Not(connectors.Exists("subresource")))
	}
	return bound(selects, true, func(test connectors.Filter) bool { return !slices.Contains(sortFields(), test.Field) })
}

// logged is what an audit policy must log so that all events of the sort would be
// there, whatever the witness: at least what tests for single values say, since what
// else is asked only narrows that. Nil where they name no resource, and where the check
// also looks at logs that no audit policy decides on.
func (d *Definition) logged() []reports.PolicyNeed {
	if !slices.Equal(d.Kinds, []connectors.Kind{connectors.Kubernetes}) {
		return nil
	}
	said := map[string][]string{}
	whole := false // no subresource
	var read func(connectors.Filter)
	read = func(f connectors.Filter) {
		switch {
		case f.Op == connectors.OpAnd:
			for _, a := range f.Args {
				read(a)
			}
		case f.Op == connectors.OpIn && said[f.Field] == nil:
			said[f.Field] = f.Values
		case f.Op == connectors.OpNot && len(f.Args) == 1 && f.Args[0].Op == connectors.OpExists && f.Args[0].Field == "subresource":
			whole = true
		}
	}
	read(d.sort())
	var resources []string
	for _, r := range said["resource"] {
		for _, sub := range said["subresource"] {
			resources = append(resources, r+"/"+sub)
		}
		if said["subresource"] == nil {
			resources = append(resources, r)
			if !whole {
				resources = append(resources, r+"/*")
			}
		}
	}
	if len(resources) == 0 {
		return nil
	}
	groups := said["group"]
	if groups == nil {
		groups = []string{reports.AnyGroup}
	}
	var needs []reports.PolicyNeed
	for _, group := range groups {
		needs = append(needs, reports.PolicyNeed{Verbs: said["verb"], Group: group, Resources: resources, Level: "Metadata", Anyone: true})
	}
	return needs
}

// bound is what is left of a filter when every test that is open is answered so that
// as many events as possible are selected, or as few.
func bound(f connectors.Filter, most bool, open func(test connectors.Filter) bool) connectors.Filter {
	all, none := connectors.Filter{}, connectors.Or()
	switch f.Op {
	case connectors.OpAll:
		return all
	case connectors.OpNot:
		if len(f.Args) == 0 {
			return f
		}
		switch a := bound(f.Args[0], !most, open); {
		case a.Op == connectors.OpAll:
			return none
		case a.None():
			return all
		default:
			return connectors.Not(a)
		}
	case connectors.OpAnd, connectors.OpOr:
		out := connectors.Filter{Op: f.Op}
		for _, a := range f.Args {
			a = bound(a, most, open)
			decides, adds := a.None(), a.Op != connectors.OpAll
			if f.Op == connectors.OpOr {
				decides, adds = !adds, !decides
			}
			if decides {
				return a
			}
			if adds {
				out.Args = append(out.Args, a)
			}
		}
		switch len(out.Args) {
		case 0:
			if f.Op == connectors.OpAnd {
				return all
			}
			return none
		case 1:
			return out.Args[0]
		}
		return out
	}
	switch {
	case !open(f):
		return f
	case most:
		return all
	}
	return none
}
