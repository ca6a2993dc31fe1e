package reports

import (
	"fmt"
	"math"
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
	actors   *Identities
	recent   connectors.Recent[*grouped] // of groups by one field
	byActor  bool                        // that field says no more than who acts
	ofActor  PerIdentity[*grouped]       // of such groups
	windows  *windows                    // nil: counted over the whole run
	values   []string
	key      []byte
}

// grouped is one group, or one stretch of it. What most events change or ask
// about stands together in its first 64 bytes, which a processor fetches at once:
// there are more groups than its nearest memory holds.
type grouped struct {
	count       int64
	first, last connectors.Instant
	until       connectors.Instant // later events are not listed
	different   string             // the value of distinct that came last
	whoLast     *who               // who acted last
	enough      bool               // it has distinct values enough
	told        bool               // every event is listed, not only what brings another value

	distinct nameSet
	listed   listing
	who      actors
	values   []string

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
	out.actors = IdentitiesOf(s.Shared)
	out.byActor = len(g.By) == 1 && slices.Contains([]string{"login", "actor"}, g.By[0])
	if g.Windows != nil {
		out.windows = newWindows(out, s.Horizon)
	}
	return out, nil
}

// Observe puts an event into its group.
func (g *grouper) Observe(e *connectors.Event) {
	if g.byActor && g.windows == nil {
		id := g.actors.Of(e)
		into, known := g.ofActor.Get(id)
		if !known {
			g.values[0] = g.by[0](e)
			into = g.group(e)
			g.ofActor.Set(id, into)
		}
		g.put(into, e)
		return
	}
	for i, read := range g.by {
		g.values[i] = read(e)
	}
	if g.windows != nil {
		g.key = appendParts(g.key[:0], g.values)
		g.windows.observe(e)
		return
	}
	if len(g.values) > 1 {
		g.put(g.group(e), e)
		return
	}
	into, known := g.recent.Get(g.values[0])
	if !known {
		into = g.group(e)
		g.recent.Set(g.values[0], into)
	}
	g.put(into, e)
}

// group gives the group of the values that were read of the event.
func (g *grouper) group(e *connectors.Event) *grouped {
	g.key = appendParts(g.key[:0], g.values)
	into := g.groups[string(g.key)]
	if into == nil {
		into = g.open(e)
		g.groups[string(g.key)] = into
	}
	return into
}

// open makes a group of the event's values.
func (g *grouper) open(e *connectors.Event) *grouped {
	return &grouped{
		values: slices.Clone(g.values), first: e.Time, last: e.Time, listed: listing{most: g.of.Events},
		until: math.MaxInt64, told: g.distinct == nil || g.of.AtLeast == 0,
	}
}

// put counts an event in a group.
func (g *grouper) put(into *grouped, e *connectors.Event) {
	into.count++
	into.first = min(into.first, e.Time)
	into.last = max(into.last, e.Time)
	told := into.told || into.enough
	if g.distinct != nil {
		if v := g.distinct(e); v != "" && v != into.different && into.distinct.len() < maxDistinct {
			told = into.differs(v) || told
			into.enough = int64(into.distinct.len()) >= g.of.AtLeast
		}
	}
	if w := g.actors.who(e, g.found.whoOf); w != into.whoLast {
		into.whoLast = w
		into.who.add(*w)
	}
	// Until a group has values enough, only what brings another is listed: most
	// groups never have, and are dropped.
	if told && e.Time <= into.until {
		into.listed.add(g.found.vault, e)
		if into.listed.full {
			into.until = into.listed.last.time
		}
	}
}

// differs takes a value and says whether it is new.
func (in *grouped) differs(v string) bool {
	in.different = v
	return in.distinct.add(v)
}

// enough says whether a group, or a stretch of one, is not left out.
func (g *grouper) enough(in *grouped) bool {
	if g.distinct != nil {
		return int64(in.distinct.len()) >= g.of.AtLeast
	}
	return in.count >= g.of.AtLeast
}

// merge puts one stretch, or the rest of a run, into a group.
func (in *grouped) merge(v *vault, o *grouped) {
	if in.count == 0 || o.first < in.first {
		in.first = o.first
	}
	in.last = max(in.last, o.last)
	in.count += o.count
	o.distinct.each(func(v string) {
		if in.distinct.len() < maxDistinct {
			in.distinct.add(v)
		}
	})
	in.listed.merge(v, &o.listed)
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
			Values: in.values, Count: in.count, Distinct: in.distinct.sorted(),
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
