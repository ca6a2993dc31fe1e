package search

import (
	"context"
	"encoding/json"

	"logreeve/connectors"
	"logreeve/connectors/rawjson"
)

// groupPage is how many groups one answer holds.
const groupPage = 1_000

// coverage counts the events of the whole window in the store, by place and
// minute: a read that a filter narrows does not see them. Requests that ended
// are counted by their last record; those that did not, one by one. Its times
// are whole milliseconds, as the store keeps them.
func (n *narrowing) coverage(ctx context.Context) (map[string]*connectors.Coverage, error) {
	out := map[string]*connectors.Coverage{}
	name, value := n.view.server.every(60_000)
	sources := []object{{"minute": object{"date_histogram": object{"field": n.time, name: value}}}}
	if n.place != "" {
		sources = append(sources, object{"place": object{"terms": object{"field": n.place, "missing_bucket": true}}})
	}
	var after json.RawMessage
	var counted, total int64
	for {
		composite := object{"size": groupPage, "sources": sources}
		if after != nil {
			composite["after"] = after
		}
		// The condition is the query and never a filter aggregation around the
		// composite, which some servers ignore.
		p, err := n.view.search(ctx, object{"size": 0, "query": all(n.window, n.ends.wide), "aggs": object{"groups": object{
			"composite": composite,
			"aggs":      object{"first": object{"min": object{"field": n.time}}, "last": object{"max": object{"field": n.time}}},
		}}})
		if err != nil {
			return nil, err
		}
		n.account.note(p.lack()...)
		if p.Total != nil {
			total = p.Total.Value
		}
		var groups struct {
			After   json.RawMessage `json:"after_key"`
			Buckets []struct {
				Key struct {
					Minute int64   `json:"minute"`
					Place  *string `json:"place"`
				} `json:"key"`
				Count       int64 `json:"doc_count"`
				First, Last struct {
					Value float64 `json:"value"`
				}
			} `json:"buckets"`
		}
		if err := p.aggregation("groups", &groups); err != nil {
			if total == 0 {
				break
			}
			return nil, err
		}
		for _, b := range groups.Buckets {
			place := ""
			if b.Key.Place != nil {
				place = *b.Key.Place
			}
			placed(out, place).Minutes[b.Key.Minute/60_000] = &connectors.Minute{
				Count: b.Count, First: connectors.Instant(b.First.Value) * 1000, Last: connectors.Instant(b.Last.Value) * 1000,
			}
			counted += b.Count
		}
		if len(groups.Buckets) == 0 || groups.After == nil {
			break
		}
		after = groups.After
	}
	if counted != total {
		n.account.note("the groups that were counted do not add up to the documents")
	}
	return out, n.unfinished(ctx, out)
}

// unfinished counts the requests of which no last record was written.
func (n *narrowing) unfinished(ctx context.Context, out map[string]*connectors.Coverage) error {
	fields := []string{}
	if n.place != "" {
		fields = append(fields, n.place)
	}
	pages := &pager{view: n.view, query: all(n.window, negate(n.ends.narrow)), field: n.time, bare: fields, sort: []object{
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
			failed = n.ended(ctx, open, false, func(found page) {
				for _, d := range found.documents {
					if k, ok := sortKey(d.sort); ok {
						delete(open, k)
					}
				}
			})
			for k := range open {
				placed(out, places[k]).Observe(k.at)
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
