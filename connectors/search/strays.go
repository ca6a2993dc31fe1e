package search

import (
	"context"
	"errors"
	"maps"
	"slices"

	"logreeve/connectors"
)

// maxStrays is how many requests, or documents, are looked at one by one before
// it is better to read everything.
const maxStrays = 10_000

// errManyStrays says that there are more.
var errManyStrays = errors.New("too many records stand alone, or twice")

// strays are what is not counted as one event a document: requests of which no
// last record was written, those of which one was written twice, documents that
// cannot be told apart, and those at the edge of the window, whose time the store
// knows too roughly. They are read and judged one by one.
type strays struct {
	ids    []string           // of requests
	events []connectors.Event // of the window, joined
}

// strays finds them in the window and the lead before it.
func (n *narrowing) strays(ctx context.Context, kind connectors.Kind, w connectors.Window) (*strays, error) {
	ids := map[string]bool{}
	if err := errors.Join(n.unfinished(ctx, ids), n.repeated(ctx, ids)); err != nil {
		return nil, err
	}
	if len(ids) > maxStrays {
		return nil, errManyStrays
	}
	out := &strays{ids: slices.Sorted(maps.Keys(ids))}
	var events []connectors.Event
	var marks []mark
	take := func(p page) {
		for _, d := range p.documents {
			events, marks, _ = n.parser.parse(d, events, marks) // what cannot be read is counted when it is read for good
		}
	}
	if err := n.ofRequests(ctx, out.ids, nil, true, take); err != nil {
		return nil, err
	}
	rest := []object{n.odd()}
	if n.edges != nil {
		rest = append(rest, n.edges)
	}
	if err := n.few(ctx, all(n.window, joined(rest, "should", nothing, everything), negate(n.oneOf(out.ids))), take); err != nil {
		return nil, err
	}
	out.events = joinedUp(events, marks, kind, w)
	return out, nil
}

// odd are documents that lack what makes them a record of a request: they may be
// none, or hold several.
func (n *narrowing) odd() object {
	return negate(all(object{"exists": object{"field": n.id}}, object{"exists": object{"field": n.stage}}))
}

// oneOf are all documents of some requests; nil for none.
func (n *narrowing) oneOf(ids []string) object {
	if len(ids) == 0 {
		return nothing()
	}
	return object{"terms": object{n.id: ids}}
}

// joinedUp joins records to the events of a window.
func joinedUp(events []connectors.Event, marks []mark, kind connectors.Kind, w connectors.Window) (out []connectors.Event) {
	order := make([]int, len(events))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(min(1, max(-1, events[a].Time-events[b].Time))) })
	joiner := newJoiner(kind)
	keep := func(e *connectors.Event) {
		if w.Contains(e.Time) {
			out = append(out, *e.Keep())
		}
	}
	var group grouper
	give := func(ready []connectors.Event, marks []mark) {
		for i := range ready {
			if joiner.add(&ready[i], marks[i], keep) {
				keep(&ready[i])
			}
		}
	}
	for _, i := range order {
		give(group.add([]connectors.Event{events[i]}, []mark{marks[i]}))
	}
	give(group.rest())
	joiner.flush(keep)
	return out
}

// few reads documents, if they are few.
func (n *narrowing) few(ctx context.Context, query object, take func(page)) error {
	c, err := n.view.count(ctx, n.account, query)
	if err != nil || c == 0 {
		return err
	}
	if c > maxStrays {
		return errManyStrays
	}
	parts, _, lacks, err := n.view.plan(ctx, query, n.time)
	if err != nil {
		return err
	}
	n.account.note(lacks...)
	pages := &pager{view: n.view, query: query, field: n.time, sort: n.order}
	var got int64
	for _, part := range parts {
		if _, err := pages.all(ctx, part, func(p page) bool {
			n.account.note(p.lack()...)
			got += int64(len(p.documents))
			take(p)
			return true
		}); err != nil {
			return err
		}
	}
	if got != c {
		n.account.note("not every document that was counted was received")
	}
	return nil
}

// unfinished finds the requests of which records were written, but not the last.
func (n *narrowing) unfinished(ctx context.Context, ids map[string]bool) error {
	pages := &pager{view: n.view, query: all(n.reach, negate(n.ends), negate(n.odd())), field: n.time, bare: []string{}, sort: n.order}
	parts, _, lacks, err := n.view.plan(ctx, pages.query, n.time)
	if err != nil {
		return err
	}
	n.account.note(lacks...)
	for _, part := range parts {
		var failed error
		if _, err := pages.all(ctx, part, func(p page) bool {
			n.account.note(p.lack()...)
			open := map[requestKey]bool{}
			var asked []string
			for _, d := range p.documents {
				if k, ok := sortKey(d.sort); ok && !open[k] {
					open[k] = true
					asked = append(asked, k.id)
				}
			}
			failed = n.ofRequests(ctx, asked, n.ends, false, func(found page) {
				for _, d := range found.documents {
					if k, ok := sortKey(d.sort); ok {
						delete(open, k)
					}
				}
			})
			for k := range open {
				ids[k.id] = true
			}
			if failed == nil && len(ids) > maxStrays {
				failed = errManyStrays
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

const (
	// fewEnough is how many different values a server counts exactly: it keeps 25
	// bits of a hash of each and corrects for collisions, which up to here is
	// nothing (HyperLogLog++, linear counting). More than fewEnough are listed.
	fewEnough = 3_000
	// atOnce is how many stretches of time are counted in one request, each of
	// about usual documents.
	atOnce, usual = 1_000, 400
)

// repeated finds the requests of which the last record was written more than
// once, as shippers do that send again what they are not sure of. In each short
// stretch of time there are as many different requests as last records, or those
// of the stretch are listed.
func (n *narrowing) repeated(ctx context.Context, ids map[string]bool) error {
	query := all(n.reach, n.ends)
	count, first, last, err := n.extent(ctx, query)
	if err != nil || count == 0 {
		return err
	}
	return n.repeatedAmong(ctx, query, first, last+1, count, ids)
}

// repeatedAmong cuts a stretch of time, in milliseconds, that holds some number of
// last records into shorter ones of about usual records each.
func (n *narrowing) repeatedAmong(ctx context.Context, query object, from, to, records int64, ids map[string]bool) error {
	width := max(1, (to-from)*usual/records)
	for at := from; at < to; at += width * atOnce {
		if err := n.repeatedIn(ctx, query, at, min(to, at+width*atOnce), width, ids); err != nil {
			return err
		}
	}
	return nil
}

// repeatedIn looks at stretches of a width, in milliseconds.
func (n *narrowing) repeatedIn(ctx context.Context, query object, from, to, width int64, ids map[string]bool) error {
	name, value := n.view.server.every(width)
	p, err := n.view.search(ctx, object{"size": 0, "query": all(query, between(n.time, from, to, false, false)), "aggs": object{
		"time": object{
			"date_histogram": object{"field": n.time, name: value, "min_doc_count": 1},
			"aggs":           object{"different": object{"cardinality": object{"field": n.id, "precision_threshold": 2 * fewEnough}}},
		},
	}})
	if err != nil {
		return err
	}
	n.account.note(p.lack()...)
	var answer struct {
		Buckets []struct {
			Key       float64 `json:"key"`
			Count     int64   `json:"doc_count"`
			Different struct{ Value int64 }
		} `json:"buckets"`
	}
	if err := p.aggregation("time", &answer); err != nil {
		return err
	}
	for _, b := range answer.Buckets {
		if b.Count <= fewEnough && b.Different.Value == b.Count {
			continue
		}
		start, end := max(from, int64(b.Key)), min(to, int64(b.Key)+width)
		if b.Count > fewEnough && end-start > 1 { // events do not come evenly
			if err := n.repeatedAmong(ctx, query, start, end, b.Count, ids); err != nil {
				return err
			}
			continue
		}
		stretch := all(query, between(n.time, start, end, false, false))
		_, err := n.view.groups(ctx, n.account, grouping{query: stretch, sources: []object{terms(n.id)}, most: maxGroups}, func(b bucket) {
			if b.count > 1 {
				ids[scalar(b.values[0])] = true
			}
		})
		if err != nil {
			return err
		}
		if len(ids) > maxStrays {
			return errManyStrays
		}
	}
	return nil
}
