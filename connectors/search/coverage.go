package search

import (
	"context"
	"errors"
	"slices"

	"logreeve/connectors"
	"logreeve/connectors/rawjson"
)

// maxPending is how many requests without an end are looked at one by one.
const maxPending = 10_000

// census is what the store counted of a whole window.
type census struct {
	places map[string]*connectors.Coverage
	// pending are requests of which no last record was written: where they began
	// is all that is known of them. Nil when there are more than maxPending.
	pending map[requestKey]string // their place
	many    bool
}

// coverage counts the events of the whole window in the store, by place and
// minute: a read that a filter narrows does not see them. Requests that ended
// are counted by their last record; those that did not, one by one. Its times
// are whole milliseconds, as the store keeps them.
func (n *narrowing) coverage(ctx context.Context) (*census, error) {
	out := &census{places: map[string]*connectors.Coverage{}, pending: map[requestKey]string{}}
	name, value := n.view.server.every(60_000)
	g := grouping{query: all(n.window, n.ends.wide), span: n.time, sources: []object{{"date_histogram": object{"field": n.time, name: value}}}}
	if n.place != "" {
		g.sources = append(g.sources, terms(n.place))
	}
	_, err := n.view.groups(ctx, n.account, g, func(b bucket) {
		place := ""
		if len(b.values) > 1 {
			place = scalar(b.values[1])
		}
		minute := out.of(place).Minutes
		at := integer(b.values[0]) / 60_000
		if m := minute[at]; m != nil { // the place is named "" and not named
			m.Count, m.First, m.Last = m.Count+b.count, min(m.First, b.first), max(m.Last, b.last)
			return
		}
		minute[at] = &connectors.Minute{Count: b.count, First: b.first, Last: b.last}
	})
	switch {
	case errors.Is(err, errUneven):
		n.account.note(errUneven.Error())
	case err != nil:
		return nil, err
	}
	return out, n.unfinished(ctx, out)
}

// unfinished counts the requests of which no last record was written.
func (n *narrowing) unfinished(ctx context.Context, out *census) error {
	fields := []string{}
	if n.place != "" {
		fields = append(fields, n.place)
	}
	pages := &pager{view: n.view, query: all(n.reach, negate(n.ends.narrow)), field: n.time, bare: fields, sort: []object{
		{n.time: object{"order": "asc", "unmapped_type": "date"}}, {n.id: object{"order": "asc", "unmapped_type": "keyword"}},
		{"_seq_no": "asc"}, {"_index": "asc"},
	}}
	parts, _, lacks, err := n.view.plan(ctx, pages.query, n.time)
	if err != nil {
		return err
	}
	n.account.note(lacks...)
	for _, part := range parts {
		var failed error
		if _, err := pages.all(ctx, part, func(p page) bool {
			n.account.note(p.lack()...)
			places := map[requestKey]string{}
			open := map[requestKey]bool{}
			for _, d := range p.documents {
				if k, ok := sortKey(d.sort); ok {
					open[k] = true
					places[k] = docvalue(d.fields, n.place)
				}
			}
			failed = n.ofRequests(ctx, open, n.ends.wide, false, func(found page) {
				for _, d := range found.documents {
					if k, ok := sortKey(d.sort); ok {
						delete(open, k)
					}
				}
			})
			for k := range open {
				out.wait(k, places[k], n.within.Contains(k.at))
			}
			return failed == nil
		}); err != nil {
			return err
		}
		if failed != nil {
			return failed
		}
	}
	return nil
}

// wait counts a request without an end, once. Those of the lead before the window
// are known and not counted.
func (c *census) wait(k requestKey, place string, inside bool) {
	if _, known := c.pending[k]; known {
		return
	}
	if inside {
		c.of(place).Observe(k.at)
	}
	if len(c.pending) >= maxPending {
		c.many = true
		return
	}
	c.pending[k] = place
}

// ids are those of the requests without an end.
func (c *census) ids() []string {
	ids := make([]string, 0, len(c.pending))
	for k := range c.pending {
		ids = append(ids, k.id)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// of is the coverage of a place, made when it is new.
func (c *census) of(place string) *connectors.Coverage {
	found := c.places[place]
	if found == nil {
		found = connectors.NewCoverage()
		c.places[place] = found
	}
	return found
}

// sortKey reads time and id of a request from the cursor of a document.
func sortKey(sort []byte) (k requestKey, ok bool) {
	i := 0
	_ = rawjson.Elements(sort, func(v []byte) bool {
		switch i {
		case 0:
			k.at = connectors.At(instant(v))
		case 1:
			k.id, ok = rawjson.String(v)
		}
		i++
		return i < 2
	})
	return k, ok && k.at != 0
}

// docvalue is the first value of a field that was asked for by itself.
func docvalue(fields []byte, name string) (value string) {
	if name == "" {
		return ""
	}
	_ = rawjson.Elements(rawjson.Get(fields, name), func(v []byte) bool {
		value, _ = rawjson.String(v)
		return false
	})
	return value
}
