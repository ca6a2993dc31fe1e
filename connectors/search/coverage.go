package search

import (
	"context"
	"errors"

	"logreeve/connectors"
	"logreeve/connectors/rawjson"
)

// coverage counts the requests that ended, by place and minute: a read that a
// filter narrows does not see them. Its times are whole milliseconds, as the
// store keeps them.
func (n *narrowing) coverage(ctx context.Context, query object) (map[string]*connectors.Coverage, error) {
	out := map[string]*connectors.Coverage{}
	name, value := n.view.server.every(60_000)
	g := grouping{query: query, span: n.time, sources: []object{{"date_histogram": object{"field": n.time, name: value}}}}
	if n.place != "" {
		g.sources = append(g.sources, terms(n.place))
	}
	_, err := n.view.groups(ctx, n.account, g, func(b bucket) {
		place := ""
		if len(b.values) > 1 {
			place = scalar(b.values[1])
		}
		minute := placed(out, place).Minutes
		at := integer(b.values[0]) / 60_000
		if m := minute[at]; m != nil { // the place is named "" and not named
			m.Count, m.First, m.Last = m.Count+b.count, min(m.First, b.first), max(m.Last, b.last)
			return
		}
		minute[at] = &connectors.Minute{Count: b.count, First: b.first, Last: b.last}
	})
	if errors.Is(err, errUneven) {
		n.account.note(errUneven.Error())
		err = nil
	}
	return out, err
}

// placed is the coverage of a place, made when it is new.
func placed(all map[string]*connectors.Coverage, place string) *connectors.Coverage {
	c := all[place]
	if c == nil {
		c = connectors.NewCoverage()
		all[place] = c
	}
	return c
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
