package reports

import (
	"fmt"
	"slices"

	"logreeve/connectors"
)

// maxDistinct is how many distinct values of a group are kept.
const maxDistinct = 1000

// grouper groups the selected events of a Grouped check while they stream. Its
// memory grows with groups, not with events.
type grouper struct {
	found    *collector
	by       []connectors.FieldReader
	distinct connectors.FieldReader // nil: none
	groups   map[string]*grouped
	values   []string
	key      []byte
}

// grouped is one group.
type grouped struct {
	values      []string
	count       int64
	first, last connectors.Instant
	distinct    map[string]struct{}
	listed      listing
	who         actors
}

func newGrouper(g *Grouping, found *collector) (*grouper, error) {
	out := &grouper{found: found, groups: map[string]*grouped{}, values: make([]string, len(g.By))}
	for _, name := range g.By {
		read, err := connectors.ReadField(name)
		if err != nil {
			return nil, fmt.Errorf("group by %s: %w", name, err)
		}
		out.by = append(out.by, read)
	}
	if g.Distinct != "" {
		read, err := connectors.ReadField(g.Distinct)
		if err != nil {
			return nil, fmt.Errorf("count distinct %s: %w", g.Distinct, err)
		}
		out.distinct = read
	}
	return out, nil
}

// Observe puts an event into its group.
func (g *grouper) Observe(e *connectors.Event) {
	for i, read := range g.by {
		g.values[i] = read(e)
	}
	g.key = appendParts(g.key[:0], g.values)
	into := g.groups[string(g.key)]
	if into == nil {
		into = &grouped{values: slices.Clone(g.values), first: e.Time, last: e.Time}
		g.groups[string(g.key)] = into
	}
	into.count++
	into.first = min(into.first, e.Time)
	into.last = max(into.last, e.Time)
	if g.distinct != nil && len(into.distinct) < maxDistinct {
		if v := g.distinct(e); v != "" {
			if into.distinct == nil {
				into.distinct = map[string]struct{}{}
			}
			into.distinct[v] = struct{}{}
		}
	}
	into.who.add(g.found.whoOf(e))
	into.listed.add(g.found.vault, e)
}

// Groups gives the groups in the order of their values.
func (g *grouper) Groups() []Group {
	out := make([]Group, 0, len(g.groups))
	for _, in := range g.groups {
		out = append(out, Group{
			Values: in.values, Count: in.count, Distinct: sortedKeys(in.distinct),
			First: in.first, Last: in.last, of: in,
		})
	}
	slices.SortFunc(out, func(a, b Group) int { return slices.Compare(a.Values, b.Values) })
	return out
}

func (g *grouper) lists(do func(*listing)) {
	for _, in := range g.groups {
		do(&in.listed)
	}
}
