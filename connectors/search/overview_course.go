package search

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"logreeve/connectors"
)

// courseSteps are the widths of the steps of a course, courseLength how many
// there are at most.
func courseStep(w connectors.Window) time.Duration {
	const courseLength = 62
	for _, step := range [...]time.Duration{
		time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
	} {
		if w.To.Sub(w.From) <= courseLength*step {
			return step
		}
	}
	return 7 * 24 * time.Hour
}

// course counts the documents of a query that are selected over time. The steps
// begin with the window.
func (c *tallier) course(ctx context.Context, query object, of selection) connectors.Course {
	w := c.q.Window
	out := connectors.Course{Step: courseStep(w)}
	step, from, to := out.Step.Milliseconds(), milliseconds(w.From, false), milliseconds(w.To, true)
	fail := func(why string) connectors.Course {
		return connectors.Course{Step: out.Step, Blind: true, Lack: why}
	}
	if c.blind != "" {
		return fail(c.blind)
	}
	if of.why != "" {
		return fail(of.why)
	}
	name, value := c.p.view.server.every(step)
	p, why := c.search(ctx, object{"size": 0, "query": all(query, of.query), "aggs": object{"steps": object{"date_histogram": object{
		"field": c.source.profile.Time, name: value, "offset": strconv.FormatInt(from%step, 10) + "ms", "min_doc_count": 1,
	}}}})
	if why != "" {
		return fail(why)
	}
	var steps struct {
		Buckets []struct {
			Key   json.Number `json:"key"`
			Count int64       `json:"doc_count"`
		} `json:"buckets"`
	}
	if err := p.aggregation("steps", &steps); err != nil && p.Total.Value > 0 {
		return fail("the store's answer lacks the course over time")
	}
	out.Counts = make([]int64, (to-from+step-1)/step)
	var counted int64
	for _, b := range steps.Buckets {
		at, err := b.Key.Int64()
		i := (at - from) / step
		if err != nil || at < from || i >= int64(len(out.Counts)) {
			return fail("the store's answer has steps outside the period")
		}
		out.Counts[i] += b.Count
		counted += b.Count
	}
	if counted != p.Total.Value {
		out.Lack = "the steps do not add up to the records"
	}
	return out
}
