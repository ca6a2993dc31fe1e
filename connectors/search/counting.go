package search

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"logreeve/connectors"
	"logreeve/connectors/kubernetes"
)

// maxResidue is how many events, of which the store alone cannot tell whether a
// filter selects them, are read to be counted.
const maxResidue = 5_000

// grouped are the fields that can be grouped by: where the record has them.
var grouped = map[string]string{
	"login": "user.username", "effective": "impersonatedUser.username", "verb": "verb", "group": "objectRef.apiGroup", "version": "objectRef.apiVersion",
	"resource": "objectRef.resource", "subresource": "objectRef.subresource", "namespace": "objectRef.namespace", "name": "objectRef.name",
	"level": "level", "code": "responseStatus.code", "uri": "requestURI", "user_agent": "userAgent", "client_ip": "sourceIPs",
}

// uncountable says that the store answered, and that the answer is of no use or a
// refusal, as opposed to a store that cannot be asked: what would be counted is
// then read.
func uncountable(err error) bool {
	return errors.Is(err, errUneven) || errors.Is(err, errManyGroups) || errors.Is(err, errManyStrays) || refusalOf(err) != nil
}

// Group counts what ended in the store, by the last records of requests, what
// did not by the records there are, and reads what the store cannot tell apart.
func (v *survey) Group(ctx context.Context, f connectors.Filter, by ...string) ([]connectors.Group, error) {
	if err := v.prepare(ctx); err != nil {
		return nil, err
	}
	if !v.countable {
		return nil, connectors.ErrUncountable
	}
	found, err := v.group(ctx, f, by)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, connectors.ErrUncountable // it is read instead, and that says what is wrong
	}
	return found, nil
}

func (v *survey) group(ctx context.Context, f connectors.Filter, by []string) ([]connectors.Group, error) {
	matcher, err := connectors.Compile(f)
	if err != nil {
		return nil, connectors.ErrUncountable
	}
	readers := make([]connectors.FieldReader, len(by))
	var sources []object
	columns := make([]int, len(by)) // of sources; -1: no document has a value
	for i, name := range by {
		if readers[i], err = connectors.ReadField(name); err != nil {
			return nil, connectors.ErrUncountable
		}
		source, err := v.column(ctx, name)
		if err != nil {
			return nil, err
		}
		if columns[i] = -1; source != nil {
			columns[i] = len(sources)
			sources = append(sources, source)
		}
	}
	a := v.asker
	q := a.ask(f)
	wide, narrow := q.wide, q.narrow
	if wide == nil {
		wide = everything()
	}
	if narrow == nil {
		narrow = nothing()
	}
	var residue []connectors.Event
	if string(encode(wide)) != string(encode(narrow)) {
		if residue, err = v.residue(ctx, all(v.base, wide, negate(narrow))); err != nil {
			return nil, err
		}
	}
	out := newGroups(by, readers)
	for _, events := range [][]connectors.Event{v.strays.events, residue} {
		for i := range events {
			if matcher.Match(&events[i]) {
				out.add(&events[i])
			}
		}
	}
	certain := all(v.base, narrow)
	if len(sources) == 0 {
		return v.total(ctx, certain, out)
	}
	counted := newGroups(by, readers)
	err = v.columns(ctx, certain, sources, columns, counted)
	if i := slices.Index(by, "client_ip"); errors.Is(err, errUneven) && i >= 0 {
		columns[i] = -1
		whole := newGroups(by, readers)
		if err = v.columns(ctx, certain, sources, columns, whole); err == nil {
			counted = counted.believed(whole, i)
		}
	}
	if err != nil {
		return nil, err
	}
	out.merge(counted)
	return out.list(v.s.Name()), nil
}

// columns counts by the values of sources; columns says which of them each field is.
func (v *survey) columns(ctx context.Context, query object, sources []object, columns []int, into *groups) error {
	asked := make([]object, 0, len(sources))
	at := make([]int, len(columns))
	for i, c := range columns {
		if at[i] = -1; c >= 0 {
			at[i] = len(asked)
			asked = append(asked, sources[c])
		}
	}
	n := v.narrowing
	_, err := n.view.groups(ctx, n.account, grouping{query: query, sources: asked, span: n.time, most: maxGroups}, func(b bucket) {
		values := make([]string, len(columns))
		for i, c := range at {
			if c >= 0 {
				values[i] = scalar(b.values[c])
			}
		}
		into.count(values, b.count, b.first, b.last)
	})
	return err
}

// column is what composite groups a field by; nil when no document has a value.
func (v *survey) column(ctx context.Context, name string) (object, error) {
	path, known := grouped[name]
	if !known {
		return nil, connectors.ErrUncountable
	}
	f := v.asker.fields.at(v.asker.profile.path(path))
	ok, asked := v.fields[f.Path]
	if !asked {
		var err error
		if ok, err = v.narrowing.whole(ctx, v.asker, f); err != nil {
			return nil, err
		}
		v.fields[f.Path] = ok
	}
	switch {
	case !ok:
		return nil, connectors.ErrUncountable
	case f.shape == unmapped:
		return nil, nil
	case f.whole == "":
		return terms(f.Path), nil // a number, or an address
	}
	return terms(f.whole), nil
}

// residue reads the events that the store cannot tell apart, if they are few.
func (v *survey) residue(ctx context.Context, query object) ([]connectors.Event, error) {
	n := v.narrowing
	c, err := n.view.count(ctx, n.account, query)
	if err != nil || c == 0 {
		return nil, err
	}
	if c > maxResidue {
		return nil, connectors.ErrUncountable
	}
	var out []connectors.Event
	err = n.few(ctx, query, func(p page) {
		var events []connectors.Event
		for _, d := range p.documents {
			events, _, _ = n.parser.parse(d, events[:0], nil)
			for i := range events {
				out = append(out, *events[i].Keep())
			}
		}
	})
	if err == nil && int64(len(out)) != c {
		err = connectors.ErrUncountable // some hold no record, or several
	}
	return out, err
}

// total counts without grouping.
func (v *survey) total(ctx context.Context, query object, out *groups) ([]connectors.Group, error) {
	count, first, last, err := v.narrowing.extent(ctx, query)
	if err != nil {
		return nil, err
	}
	if count > 0 {
		out.count(make([]string, len(out.by)), count, connectors.Instant(first)*1000, connectors.Instant(last)*1000)
	}
	return out.list(v.s.Name()), nil
}

// groups gathers counts from the store and from events by the same values.
type groups struct {
	by      []string
	readers []connectors.FieldReader
	found   map[string]*connectors.Group
	values  map[string][]string
}

func newGroups(by []string, readers []connectors.FieldReader) *groups {
	return &groups{by: by, readers: readers, found: map[string]*connectors.Group{}, values: map[string][]string{}}
}

func (g *groups) add(e *connectors.Event) {
	values := make([]string, len(g.by))
	for i, read := range g.readers {
		values[i] = read(e)
	}
	ms := e.Time - e.Time%1000
	g.count(values, 1, ms, ms)
}

func (g *groups) count(values []string, n int64, first, last connectors.Instant) {
	if i := slices.Index(g.by, "effective"); i >= 0 { // who took the own name took none
		if j := slices.Index(g.by, "login"); j >= 0 && values[i] == values[j] {
			values[i] = ""
		}
	}
	id, _ := json.Marshal(values) // a list of strings can always be written
	into := g.found[string(id)]
	if into == nil {
		into = &connectors.Group{First: first, Last: last}
		g.found[string(id)], g.values[string(id)] = into, values
	}
	into.Count += n
	into.First, into.Last = min(into.First, first), max(into.Last, last)
}

// believed are the groups by a field of several values as far as they hold: where
// the records of the same other values list one value each. The others come from
// whole, which is counted without that field, and are without a value of it.
func (g *groups) believed(whole *groups, field int) *groups {
	without := func(values []string) string {
		v := slices.Clone(values)
		v[field] = ""
		id, _ := json.Marshal(v) // a list of strings can always be written
		return string(id)
	}
	sums := map[string]int64{}
	for id, c := range g.found {
		sums[without(g.values[id])] += c.Count
	}
	out := newGroups(g.by, g.readers)
	for id, c := range g.found {
		if key := without(g.values[id]); whole.found[key] != nil && sums[key] == whole.found[key].Count {
			out.count(g.values[id], c.Count, c.First, c.Last)
		}
	}
	for key, c := range whole.found {
		if sums[key] != c.Count {
			out.count(whole.values[key], c.Count, c.First, c.Last)
		}
	}
	return out
}

func (g *groups) merge(o *groups) {
	for id, c := range o.found {
		g.count(o.values[id], c.Count, c.First, c.Last)
	}
}

// list gives the groups, each with a record that has its values: what reads
// events reads groups alike.
func (g *groups) list(source string) []connectors.Group {
	parser := kubernetes.NewParser()
	out := make([]connectors.Group, 0, len(g.found))
	for _, id := range slices.Sorted(maps.Keys(g.found)) {
		into := g.found[id]
		e := recordOf(parser, g.by, g.values[id])
		e.Source, e.Time, e.TimeBasis, e.Logged = source, into.First, "", 0
		into.Event = e
		out = append(out, *into)
	}
	return out
}

// recordOf writes a record with the values and reads it.
func recordOf(parser *kubernetes.Parser, by, values []string) connectors.Event {
	record := object{"kind": "Event", "auditID": "group", "stage": "ResponseComplete", "requestReceivedTimestamp": "2000-01-01T00:00:00Z"}
	for i, name := range by {
		path, value := grouped[name], any(values[i])
		switch {
		case values[i] == "":
			continue
		case name == "client_ip":
			value = []string{values[i]}
		case name == "code":
			value = json.RawMessage(values[i])
		}
		put(record, path, value)
	}
	line, err := json.Marshal(record)
	if err != nil {
		return connectors.Event{Kind: connectors.Kubernetes}
	}
	events, err := parser.Parse(line, connectors.Ref{}, nil)
	if err != nil || len(events) != 1 {
		return connectors.Event{Kind: connectors.Kubernetes}
	}
	return *events[0].Keep()
}
