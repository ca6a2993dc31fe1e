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
	of       *Grouping
	by       []connectors.FieldReader
	distinct connectors.FieldReader // nil: none
	groups   map[string]*grouped
	recent   connectors.Recent[*grouped] // of groups by one field
	windows  *windows                    // nil: counted over the whole run
	values   []string
	key      []byte
}

// grouped is one group, or one stretch of it.
type grouped struct {
	count       int64
	first, last connectors.Instant
	different   string // the value of distinct that came last
	enough      bool   // it has distinct values enough
	distinct    map[string]struct{}
	listed      listing
	whoLast     whoKey
	who         actors
	values      []string

	stretches, most int64
}

func newGrouper(g *Grouping, s *Scope) (*grouper, error) {
	out := &grouper{found: s.found, of: g, groups: map[string]*grouped{}, values: make([]string, len(g.By))}
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
	if g.Windows != nil {
		out.windows = newWindows(out, s.Horizon)
	}
	return out, nil
}

// Observe puts an event into its group.
func (g *grouper) Observe(e *connectors.Event) {
	for i, read := range g.by {
		g.values[i] = read(e)
	}
	if g.windows != nil {
		g.key = appendParts(g.key[:0], g.values)
		g.windows.observe(e)
		return
	}
	var into *grouped
	if len(g.values) == 1 {
		var known bool
		if into, known = g.recent.Get(g.values[0]); !known {
			if into = g.groups[g.values[0]]; into == nil {
				into = g.open(e)
				g.groups[g.values[0]] = into
			}
			g.recent.Set(g.values[0], into)
		}
	} else {
		g.key = appendParts(g.key[:0], g.values)
		if into = g.groups[string(g.key)]; into == nil {
			into = g.open(e)
			g.groups[string(g.key)] = into
		}
	}
	g.put(into, e)
}

// open makes a group of the event's values.
func (g *grouper) open(e *connectors.Event) *grouped {
	return &grouped{values: slices.Clone(g.values), first: e.Time, last: e.Time, listed: listing{most: g.of.Events}}
}

// put counts an event in a group.
func (g *grouper) put(into *grouped, e *connectors.Event) {
	into.count++
	into.first = min(into.first, e.Time)
	into.last = max(into.last, e.Time)
	told := g.distinct == nil || g.of.AtLeast == 0 || into.enough
	if g.distinct != nil && len(into.distinct) < maxDistinct {
		if v := g.distinct(e); v != "" && v != into.different {
			told = into.differs(v) || told
			into.enough = int64(len(into.distinct)) >= g.of.AtLeast
		}
	}
	if key := keyOfWho(e); key != into.whoLast {
		into.whoLast = key
		into.who.add(g.found.whoOf(e))
	}
	// Until a group has values enough, only what brings another is listed: most
	// groups never have, and are dropped.
	if told {
		into.listed.add(g.found.vault, e)
	}
}

// differs takes a value and says whether it is new.
func (in *grouped) differs(v string) bool {
	in.different = v
	if _, known := in.distinct[v]; known {
		return false
	}
	if in.distinct == nil {
		in.distinct = map[string]struct{}{}
	}
	in.distinct[v] = struct{}{}
	return true
}

// enough says whether a group, or a stretch of one, is not left out.
func (g *grouper) enough(in *grouped) bool {
	if g.distinct != nil {
		return int64(len(in.distinct)) >= g.of.AtLeast
	}
	return in.count >= g.of.AtLeast
}

// merge puts one stretch, or the rest of a run, into a group.
func (in *grouped) merge(o *grouped) {
	if in.count == 0 || o.first < in.first {
		in.first = o.first
	}
	in.last = max(in.last, o.last)
	in.count += o.count
	for v := range o.distinct {
		if in.distinct == nil {
			in.distinct = map[string]struct{}{}
		}
		if len(in.distinct) < maxDistinct {
			in.distinct[v] = struct{}{}
		}
	}
	in.listed.merge(&o.listed)
	in.who.merge(&o.who)
}

// Groups gives the groups in the order of their values.
func (g *grouper) Groups() []Group {
	if g.windows != nil {
		g.windows.close()
	}
	out := make([]Group, 0, len(g.groups))
	for _, in := range g.groups {
		if g.windows == nil && !g.enough(in) {
			continue
		}
		out = append(out, Group{
			Values: in.values, Count: in.count, Distinct: sortedKeys(in.distinct),
			First: in.first, Last: in.last, Stretches: in.stretches, Most: in.most, of: in,
		})
	}
	slices.SortFunc(out, func(a, b Group) int { return slices.Compare(a.Values, b.Values) })
	return out
}

func (g *grouper) lists(do func(*listing)) {
	for _, in := range g.groups {
		do(&in.listed)
	}
	if g.windows != nil {
		g.windows.lists(do)
	}
}
