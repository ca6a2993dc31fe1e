package search

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"logreeve/connectors"
)

const (
	maxCombinations = 50_000 // combinations that are held at once
	combinationPage = 1_000  // that one answer holds
	topValues       = 6      // values that are told of one group
)

// value is what documents have in a field: a text, none, or what the store cannot
// tell.
type value struct {
	text        string
	none, blind bool
}

// combination is the documents that share the values of several fields.
type combination struct {
	values []value
	count  int64
}

// combinations counts the documents of a query by the values of fields, all of
// them. lack says why what is given is not all, left how many it is short of.
func (c *tallier) combinations(ctx context.Context, query object, fields []Field) (out []combination, left int64, lack string) {
	unset := make([]value, len(fields))
	var sources []object
	var at []int // the place of each source among the fields
	for i, f := range fields {
		unset[i].blind = c.uncountable(f) != ""
		unset[i].none = !unset[i].blind
		if f.whole != "" && !unset[i].blind {
			sources = append(sources, object{strconv.Itoa(i): object{"terms": object{"field": f.whole, "missing_bucket": true}}})
			at = append(at, i)
		}
	}
	if len(sources) == 0 {
		total, _ := c.count(ctx, query)
		return []combination{{values: unset, count: total.Count}}, 0, total.Lack
	}
	var after json.RawMessage
	var counted, total int64
	for {
		composite := object{"size": combinationPage, "sources": sources}
		if after != nil {
			composite["after"] = after
		}
		p, why := c.search(ctx, object{"size": 0, "query": query, "aggs": object{"groups": object{"composite": composite}}})
		if why != "" {
			return out, max(total-counted, 0), why
		}
		total = p.Total.Value
		var groups struct {
			After   json.RawMessage `json:"after_key"`
			Buckets []struct {
				Key   map[string]*string `json:"key"`
				Count int64              `json:"doc_count"`
			} `json:"buckets"`
		}
		if err := p.aggregation("groups", &groups); err != nil {
			if total == 0 {
				return nil, 0, ""
			}
			return out, max(total-counted, 0), "the store's answer lacks the groups"
		}
		for _, b := range groups.Buckets {
			g := combination{values: slices.Clone(unset), count: b.Count}
			for _, i := range at {
				if text := b.Key[strconv.Itoa(i)]; text != nil {
					g.values[i] = value{text: *text}
				}
			}
			out = append(out, g)
			counted += b.Count
		}
		if len(groups.Buckets) == 0 || groups.After == nil {
			break
		}
		if len(out) >= maxCombinations {
			return out, max(total-counted, 0), "there are more different ones than are counted at once"
		}
		after = groups.After
	}
	if counted != total {
		return out, max(total-counted, 0), "the groups that were counted do not add up to the records"
	}
	return out, 0, ""
}

// tree puts combinations below one another, the most frequent values first, and
// sums up those beyond the top.
func tree(all []combination, top int) (groups []connectors.Portion, others, values int64) {
	if len(all) == 0 || len(all[0].values) == 0 {
		return nil, 0, 0
	}
	type branch struct {
		connectors.Portion
		below []combination
	}
	var branches []*branch
	byValue := map[value]*branch{}
	for _, c := range all {
		v := c.values[0]
		b := byValue[v]
		if b == nil {
			b = &branch{Portion: connectors.Portion{Value: v.text, None: v.none, Blind: v.blind}}
			byValue[v] = b
			branches = append(branches, b)
		}
		b.Count += c.count
		b.below = append(b.below, combination{c.values[1:], c.count})
	}
	slices.SortFunc(branches, func(a, b *branch) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value)) })
	for i, b := range branches {
		if i >= top {
			others += b.Count
			values++
			continue
		}
		b.Below, b.Others, b.OtherValues = tree(b.below, top)
		groups = append(groups, b.Portion)
	}
	return groups, others, values
}
