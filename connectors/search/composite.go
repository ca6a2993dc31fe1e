package search

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

	"logreeve/connectors"
	"logreeve/connectors/rawjson"
)

const (
	// groupPage is how many groups one answer holds, bareGroupPage how many where
	// nothing but their counts is asked.
	groupPage, bareGroupPage = 5_000, 10_000
	// maxGroups is how many groups are fetched before reading is the better way.
	maxGroups = 50_000
)

var (
	// errUneven says that the groups do not add up to the documents: a field has
	// several values in one document.
	errUneven = errors.New("the groups that were counted do not add up to the documents")
	// errManyGroups says that there are more groups than maxGroups.
	errManyGroups = errors.New("there are too many groups to count")
)

// grouping asks for the number of documents by the values of fields.
type grouping struct {
	query   object
	sources []object // what composite calls a source, each the inside of one
	span    string   // the time field, to also ask for the first and last time; "" not
	most    int      // groups; 0: any number
}

// bucket is one group: a value for each source, as JSON; nil where the document
// has none.
type bucket struct {
	values      [][]byte
	count       int64
	first, last connectors.Instant // 0 unless asked for
}

// scalar is a value as records write it, "" for none.
func scalar(value []byte) string {
	if s, ok := rawjson.String(value); ok {
		return s
	}
	return string(value)
}

// integer is a value that is a whole number, 0 for none.
func integer(value []byte) (n int64) {
	_ = json.Unmarshal(value, &n)
	return n
}

// groups gives every group to take, and how many documents there are. The
// condition is the query and never a filter aggregation around the composite,
// which some servers ignore; that the counts add up is looked after.
func (v *view) groups(ctx context.Context, account *Account, g grouping, take func(bucket)) (total int64, err error) {
	var sources []object
	for i, s := range g.sources {
		sources = append(sources, object{sourceName(i): s})
	}
	size, inner := bareGroupPage, object(nil)
	if g.span != "" {
		size = groupPage
		inner = object{"first": object{"min": object{"field": g.span}}, "last": object{"max": object{"field": g.span}}}
	}
	var after json.RawMessage
	var counted int64
	for found := 0; ; {
		composite := object{"size": size, "sources": sources}
		if after != nil {
			composite["after"] = after
		}
		ask := object{"composite": composite}
		if inner != nil {
			ask["aggs"] = inner
		}
		p, err := v.search(ctx, object{"size": 0, "query": g.query, "aggs": object{"groups": ask}})
		if err != nil {
			return total, err
		}
		account.note(p.lack()...)
		if p.Total != nil {
			total = p.Total.Value
		}
		var answer struct {
			After   json.RawMessage `json:"after_key"`
			Buckets []struct {
				Key         json.RawMessage
				Count       int64 `json:"doc_count"`
				First, Last struct{ Value float64 }
			} `json:"buckets"`
		}
		if err := p.aggregation("groups", &answer); err != nil {
			if total == 0 {
				return 0, nil
			}
			return total, err
		}
		for _, a := range answer.Buckets {
			b := bucket{count: a.Count, first: connectors.Instant(a.First.Value) * 1000, last: connectors.Instant(a.Last.Value) * 1000}
			for i := range g.sources {
				value := rawjson.Get(a.Key, sourceName(i))
				if string(value) == "null" {
					value = nil
				}
				b.values = append(b.values, value)
			}
			take(b)
			counted += a.Count
		}
		found += len(answer.Buckets)
		switch {
		case g.most > 0 && found > g.most:
			return total, errManyGroups
		case len(answer.Buckets) < size || answer.After == nil: // a page that is not full is the last
			if counted != total {
				return total, errUneven
			}
			return total, nil
		}
		after = answer.After
	}
}

func sourceName(i int) string { return "s" + strconv.Itoa(i) }

// terms groups by the whole values of a field.
func terms(field string) object {
	return object{"terms": object{"field": field, "missing_bucket": true}}
}

// count is how many documents a query selects.
func (v *view) count(ctx context.Context, account *Account, query object) (int64, error) {
	p, err := v.search(ctx, object{"size": 0, "query": query})
	if err != nil {
		return 0, err
	}
	account.note(p.lack()...)
	if p.Total == nil {
		return 0, errUnreadable
	}
	return p.Total.Value, nil
}
