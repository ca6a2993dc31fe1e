package search

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"logreeve/connectors"
)

// topValues is how many values are told of one group.
const topValues = 6

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
			sources = append(sources, terms(f.whole))
			at = append(at, i)
		}
	}
	if len(sources) == 0 {
		total, _ := c.count(ctx, query)
		return []combination{{values: unset, count: total.Count}}, 0, total.Lack
	}
	var counted int64
	total, err := c.p.view.groups(ctx, c.account, grouping{query: query, sources: sources, most: maxGroups}, func(b bucket) {
		g := combination{values: slices.Clone(unset), count: b.count}
		for n, i := range at {
			if b.values[n] != nil {
				g.values[i] = value{text: scalar(b.values[n])}
			}
		}
		out = append(out, g)
		counted += b.count
	})
	switch left = max(total-counted, 0); {
	case err == nil:
		return out, 0, ""
	case errors.Is(err, errManyGroups):
		return out, left, "there are more different ones than are counted at once"
	case errors.Is(err, errUneven):
		return out, left, "the groups that were counted do not add up to the records"
	}
	return out, left, c.unanswered(err)
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
