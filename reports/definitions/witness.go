package definitions

import (
	"slices"

	"logreeve/connectors"
)

// sortFields say of what sort an event is: by them API servers and hosts are told
// what to log. Who did it, to what and with what outcome is not among them.
func sortFields() []string { return []string{"category", "verb", "group", "resource", "subresource"} }

// witness is what shows that the log holds such events as the check selects, and
// what they are in words: events of the same sort, by anyone. The zero filter:
// whatever the log holds shows it.
func (d *Definition) witness(selects connectors.Filter) (f connectors.Filter, text string) {
	if d.Witness != nil {
		return *d.Witness, d.WitnessText
	}
	sort := bound(selects, true, func(test connectors.Filter) bool { return !slices.Contains(sortFields(), test.Field) })
	if sort.Op == connectors.OpAll {
		return sort, ""
	}
	kinds := make([]string, len(d.Kinds))
	for i, k := range d.Kinds {
		kinds[i] = string(k)
	}
	return connectors.And(connectors.In("kind", kinds...), sort), "events where " + phrase(sort)
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
		case isNone(a):
			return all
		default:
			return connectors.Not(a)
		}
	case connectors.OpAnd, connectors.OpOr:
		out := connectors.Filter{Op: f.Op}
		for _, a := range f.Args {
			a = bound(a, most, open)
			decides, adds := isNone(a), a.Op != connectors.OpAll
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

func isNone(f connectors.Filter) bool { return f.Op == connectors.OpOr && len(f.Args) == 0 }
