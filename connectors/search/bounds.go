package search

import (
	"context"
	"errors"
	"time"

	"logreeve/connectors"
)

// bounds is what a store holds as a whole, whatever the window.
type bounds struct {
	answer         Answer
	oldest, newest connectors.Instant // in whole milliseconds, rounded down
	future         int64              // documents dated after the read
	untimed        int64              // documents without a time
	documents      int64
}

// bounds asks for the first and the last document, for those dated after now,
// and for those without a time, which every window leaves out.
func (v *view) bounds(ctx context.Context, field string, now time.Time) (bounds, error) {
	aggregations := object{
		"min": object{"min": object{"field": field}}, "max": object{"max": object{"field": field}},
		"untimed": object{"missing": object{"field": field}},
	}
	if !now.IsZero() {
		aggregations["future"] = object{"filter": between(field, now.UnixMilli(), 0, false, true)}
	}
	p, err := v.search(ctx, object{"size": 0, "query": object{"match_all": object{}}, "aggs": aggregations})
	if err != nil {
		return bounds{}, err
	}
	b := bounds{answer: p.Answer}
	if p.Total != nil {
		b.documents = p.Total.Value
	}
	var s span
	var untimed, future struct {
		Count int64 `json:"doc_count"`
	}
	err = errors.Join(p.aggregation("min", &s.Min), p.aggregation("max", &s.Max), p.aggregation("untimed", &untimed))
	if !now.IsZero() {
		err = errors.Join(err, p.aggregation("future", &future))
	}
	if err != nil {
		return bounds{}, errUnreadable
	}
	b.untimed, b.future = untimed.Count, future.Count
	if s.Min.Value != nil && s.Max.Value != nil {
		b.oldest, b.newest = connectors.Instant(*s.Min.Value)*1000, connectors.Instant(*s.Max.Value)*1000
	}
	return b, nil
}

// widen lets the account of a window know how far the store reaches, which a
// read of files knows from reading everything. What an event showed more
// exactly stays.
func (b bounds) widen(c *connectors.Completeness) {
	const ms = 1000
	if b.oldest != 0 && (c.Oldest == 0 || b.oldest < c.Oldest/ms*ms) {
		c.Oldest = b.oldest
	}
	if b.newest != 0 && b.newest > c.Newest {
		c.Newest = b.newest
	}
	c.Future = max(c.Future, b.future)
}
