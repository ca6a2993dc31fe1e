package search

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"logreeve/connectors"
)

const (
	sliceShare  = 4_096 // bytes of a document, as guessed before one was seen
	maxPage     = 5_000 // documents of one page at most
	firstPage   = 500   // documents of the first page: nothing is known of their size
	planBuckets = 1_000 // buckets of the histogram that slices are made of
)

// slice is a stretch of time [from, to) in milliseconds since the epoch, and
// how many documents were counted in it.
type slice struct {
	from, to int64
	want     int64
}

// milliseconds rounds an instant down, or up.
func milliseconds(i connectors.Instant, up bool) int64 {
	ms := i.Time().UnixMilli()
	if up && i%1000 != 0 {
		ms++
	}
	return ms
}

// moment writes milliseconds as servers keep dates: finer bounds would be cut.
func moment(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z") }

// between selects documents whose time lies in [from, to); a zero bound is
// open. A document without a time is not selected.
func between(field string, from, to int64, openFrom, openTo bool) object {
	if openFrom && openTo {
		return object{"exists": object{"field": field}}
	}
	r := object{"format": "strict_date_optional_time"}
	if !openFrom {
		r["gte"] = moment(from)
	}
	if !openTo {
		r["lt"] = moment(to)
	}
	return object{"range": object{field: r}}
}

// window is what selects the documents that may hold events of a window: in
// whole milliseconds around it, and later by the profile's lag.
func (p Profile) window(w connectors.Window) object {
	to := w.To
	if to != 0 {
		to = to.Add(p.Lag)
	}
	return between(p.Time, milliseconds(w.From, false), milliseconds(to, true), w.From == 0, w.To == 0)
}

// all joins conditions that do not score.
func all(conditions ...object) object {
	var list []object
	for _, c := range conditions {
		if c != nil {
			list = append(list, c)
		}
	}
	if len(list) == 0 {
		return object{"match_all": object{}}
	}
	return object{"bool": object{"filter": list}}
}

// every is the parameter of a histogram that this server calls its width.
func (s Server) every(ms int64) (name, value string) {
	name = "fixed_interval"
	if s.Product == Elasticsearch && s.major() == 6 {
		name = "interval"
	}
	return name, strconv.FormatInt(ms, 10) + "ms"
}

// span is the smallest and the largest value of a date, in milliseconds.
type span struct {
	Min, Max struct {
		Value *float64 `json:"value"`
	}
}

// plan cuts what a query selects into stretches of time of about as many
// documents as fit a page, if they are of the usual size.
func (v *view) plan(ctx context.Context, query object, field string) (parts []slice, total int64, lacks []string, err error) {
	p, err := v.search(ctx, object{"size": 0, "query": query, "aggs": object{
		"min": object{"min": object{"field": field}}, "max": object{"max": object{"field": field}},
	}})
	if err != nil {
		return nil, 0, nil, err
	}
	lacks = p.lack()
	if p.Total == nil || p.Total.Value == 0 {
		return nil, 0, lacks, nil
	}
	total = p.Total.Value
	var s span
	if err := errors.Join(p.aggregation("min", &s.Min), p.aggregation("max", &s.Max)); err != nil {
		return nil, total, lacks, err
	}
	if s.Min.Value == nil || s.Max.Value == nil {
		return nil, total, lacks, errUnreadable
	}
	first, last := int64(*s.Min.Value), int64(*s.Max.Value)+1
	fits := int64(max(1, v.t.options.PageBytes/sliceShare))
	if total <= fits {
		return []slice{{first, last, total}}, total, lacks, nil
	}
	width := max(1, (last-first+planBuckets-1)/planBuckets)
	name, value := v.server.every(width)
	h, err := v.search(ctx, object{"size": 0, "query": query, "aggs": object{
		"time": object{"date_histogram": object{"field": field, name: value, "min_doc_count": 1}},
	}})
	if err != nil {
		return nil, total, lacks, err
	}
	lacks = append(lacks, h.lack()...)
	var histogram struct {
		Buckets []struct {
			Key   json.Number `json:"key"`
			Count int64       `json:"doc_count"`
		} `json:"buckets"`
	}
	if err := h.aggregation("time", &histogram); err != nil {
		return nil, total, lacks, err
	}
	open := slice{from: first}
	for _, b := range histogram.Buckets {
		at, err := b.Key.Int64()
		if err != nil {
			return nil, total, lacks, errUnreadable
		}
		if open.want > 0 && open.want+b.Count > fits {
			open.to = max(at, open.from)
			parts = append(parts, open)
			open = slice{from: open.to}
		}
		open.want += b.Count
	}
	open.to = last
	return append(parts, open), total, lacks, nil
}

// pager reads slices page by page.
type pager struct {
	view  *view
	query object // what is selected besides the slice
	field string // the time
	sort  []object
	bare  []string     // asks for these fields alone and no source; nil: for the source
	scale atomic.Int64 // bytes a document has on average, as seen so far
}

// order puts documents in time order, with a sort that is unique: what is not
// unique loses documents between pages.
func (v *view) order(p Profile, f Fields) []object {
	sort := []object{{p.Time: object{"order": "asc", "unmapped_type": "date"}}}
	if p.Kind == connectors.Kubernetes && len(p.Wrapped) == 0 {
		if id := f.at(p.path("auditID")); id.whole != "" {
			return append(sort, object{id.whole: object{"order": "asc", "unmapped_type": "keyword"}},
				bySequence(), object{"_index": object{"order": "asc", "unmapped_type": "keyword"}})
		}
	}
	// _seq_no is the order in which one part of an index took documents in.
	sort = append(sort, bySequence())
	if f.sortableID {
		sort = append(sort, object{"_id": object{"order": "asc", "unmapped_type": "keyword"}})
	}
	return append(sort, object{"_index": object{"order": "asc", "unmapped_type": "keyword"}})
}

// bySequence orders by _seq_no, which an index without any document, such as
// tomorrow's, does not have on some servers.
func bySequence() object {
	return object{"_seq_no": object{"order": "asc", "unmapped_type": "long"}}
}

// size is how many documents fit a page.
func (g *pager) size() int {
	per := g.scale.Load()
	if per == 0 {
		return firstPage
	}
	return int(min(max(int64(g.view.t.options.PageBytes)/per, 1), maxPage))
}

func (g *pager) seen(p page) {
	if n := len(p.documents); n > 0 {
		per := int64(p.size/n + 1)
		if old := g.scale.Load(); old != 0 {
			per = (3*old + per) / 4
		}
		g.scale.Store(per)
	}
}

// all gives the pages of a slice to take until it answers false. wanted is how
// many documents the slice has, as its pages say.
func (g *pager) all(ctx context.Context, s slice, take func(page) bool) (wanted int64, err error) {
	query := all(g.query, between(g.field, s.from, s.to, false, false))
	size := g.size()
	if g.view.way == byScroll && s.want > int64(size) && !g.view.unscrolled.Load() {
		wanted, err = g.scrolled(ctx, query, size, take)
		if !errors.Is(err, errNoScroll) {
			return wanted, err
		}
	}
	var after json.RawMessage
	var got int64
	for {
		body := g.body(size, query)
		if after != nil {
			body["search_after"] = after
		}
		p, err := g.view.search(ctx, body)
		if errors.Is(err, errTooLarge) && size > 1 {
			size = max(1, size/4)
			continue
		}
		if err != nil {
			return wanted, err
		}
		g.seen(p)
		if p.Total != nil {
			wanted = max(wanted, p.Total.Value)
		}
		n := len(p.documents)
		got += int64(n)
		if n > 0 {
			after = append(json.RawMessage(nil), p.documents[n-1].sort...)
		}
		if !take(p) {
			return wanted, nil
		}
		if n < size || got == wanted || after == nil {
			return wanted, nil
		}
		size = g.size()
	}
}

func (g *pager) body(size int, query object) object {
	body := object{"size": size, "query": query, "sort": g.sort}
	if g.bare != nil {
		body["_source"] = false
		if len(g.bare) > 0 {
			body["docvalue_fields"] = g.bare
		}
	}
	return body
}

// errNoScroll says that the rights allow no scroll.
var errNoScroll = errors.New("no scroll is allowed")

// scrolled reads a slice by a scroll.
func (g *pager) scrolled(ctx context.Context, query object, size int, take func(page) bool) (wanted int64, err error) {
	p, err := g.view.scroll(ctx, g.body(size, query))
	if r := refusalOf(err); r != nil && r.status == http.StatusForbidden {
		g.view.unscrolled.Store(true)
		return 0, errNoScroll
	}
	id := p.view
	defer func() { g.view.scrollEnd(ctx, id) }()
	for {
		if err != nil {
			return wanted, err
		}
		g.seen(p)
		if p.Total != nil {
			wanted = max(wanted, p.Total.Value)
		}
		if p.view != "" {
			id = p.view
		}
		if len(p.documents) == 0 || !take(p) {
			return wanted, nil
		}
		p, err = g.view.scrollOn(ctx, id)
	}
}
