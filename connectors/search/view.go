package search

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"logreeve/app/fault"
)

// way is how all documents of a search are read.
type way int

const (
	byPoint  way = iota // a point in time and search_after: the view does not change
	byScroll            // a scroll for each slice
	byValue             // search_after alone, where the rights allow nothing else
)

// view is what searches are asked of.
type view struct {
	t       *transport
	server  Server
	indices []string // the frozen list
	target  string   // what an address names them by
	way     way
	point   atomic.Pointer[string] // the newest id of the point in time
	opened  *Shards                // what opening it said, where it says so
	// lenient asks for what is there after a strict request was refused: what is
	// found still counts, and the gate says what is missing.
	lenient atomic.Bool
	// unscrolled says that the rights allow no scroll.
	unscrolled atomic.Bool
}

// openView opens a point in time where the server has them and the rights allow.
func openView(ctx context.Context, t *transport, s Server, indices []string, target string) (*view, error) {
	v := &view{t: t, server: s, indices: indices, target: target, way: byScroll}
	if s.Product == Elasticsearch && s.major() > 0 && s.major() < 7 {
		return v, nil
	}
	if s.Product == OpenSearch && s.major() == 1 {
		return v, nil
	}
	r, err := t.do(ctx, pitDialects[s.Product].open(target, true))
	if err != nil {
		return nil, err
	}
	if r.status != http.StatusOK && missingShards(r) {
		v.lenient.Store(true)
		if s.Product == Elasticsearch {
			v.way = byValue
			return v, nil
		}
		if r, err = t.do(ctx, pitDialects[s.Product].open(target, false)); err != nil {
			return nil, err
		}
	}
	if r.status != http.StatusOK {
		why := refused(r)
		switch {
		case r.status == http.StatusForbidden && strings.Contains(why.right(), "point_in_time"):
			return v, nil // a scroll may be allowed
		case r.status == http.StatusBadRequest && (why.kind == "parse_exception" || why.kind == ""), r.status == http.StatusMethodNotAllowed:
			return v, nil // there is none
		case r.status == http.StatusTooManyRequests:
			return v, nil // too many are open
		}
		return nil, why.fault()
	}
	point := pitDialects[s.Product].id(r.body)
	if point == "" {
		return nil, fault.Wrap(fault.Unavailable, errUnreadable, "The store did not answer as it should when a view was opened. Try again.")
	}
	v.point.Store(&point)
	var answer struct {
		Shards *Shards `json:"_shards"`
	}
	if json.Unmarshal(r.body, &answer) == nil {
		v.opened = answer.Shards
	}
	v.way = byPoint
	return v, nil
}

func missingShards(r reply) bool {
	why := refused(r)
	return r.status == http.StatusServiceUnavailable && (strings.Contains(why.reason, "missing shards") || why.kind == "no_shard_available_action_exception" || strings.Contains(string(r.body), "all shards failed"))
}

// closing is how long the closing of a view may take.
const closing = 10 * time.Second

// close gives the view back, also when the reader has gone.
func (v *view) close(ctx context.Context) {
	point := v.point.Load()
	if point == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
	defer cancel()
	_, _ = v.t.do(ctx, pitDialects[v.server.Product].close(*point)) // the store closes it by itself later
}

// search asks the view once. The body is changed.
func (v *view) search(ctx context.Context, body object) (page, error) {
	body["track_total_hits"] = true
	q := url.Values{"allow_partial_search_results": {"false"}}
	if v.lenient.Load() {
		q.Set("allow_partial_search_results", "true")
	}
	path := "/_search"
	point := v.point.Load()
	if point != nil {
		body["pit"] = object{"id": *point, "keep_alive": keepAlive}
	} else {
		path = "/" + v.target + path
		q.Set("allow_no_indices", "false")
	}
	r, err := v.t.do(ctx, request{method: http.MethodPost, path: path, query: q, body: encode(body)})
	if err != nil {
		return page{}, err
	}
	p, err := readPage(r)
	if p.view != "" && point != nil && p.view != *point {
		v.point.Store(&p.view)
	}
	if err != nil && point == nil && !v.lenient.Load() && missingShards(r) {
		v.lenient.Store(true)
		return v.search(ctx, body)
	}
	return p, err
}

// scroll opens a scroll over a search.
func (v *view) scroll(ctx context.Context, body object) (page, error) {
	delete(body, "track_total_hits")
	q := url.Values{"scroll": {keepAlive}, "allow_partial_search_results": {"false"}, "allow_no_indices": {"false"}}
	if v.lenient.Load() {
		q.Set("allow_partial_search_results", "true")
	}
	r, err := v.t.do(ctx, request{method: http.MethodPost, path: "/" + v.target + "/_search", query: q, body: encode(body)})
	if err != nil {
		return page{}, err
	}
	return readPage(r)
}

// scrollOn gives the next page of a scroll. It is asked for once: a page that
// was lost on the way does not come again.
func (v *view) scrollOn(ctx context.Context, id string) (page, error) {
	r, err := v.t.do(ctx, request{
		method: http.MethodPost, path: "/_search/scroll", body: encode(object{"scroll": keepAlive, "scroll_id": id}), once: true,
	})
	if err != nil {
		return page{}, err
	}
	return readPage(r)
}

func (v *view) scrollEnd(ctx context.Context, id string) {
	if id == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
	defer cancel()
	_, _ = v.t.do(ctx, request{method: http.MethodDelete, path: "/_search/scroll", body: encode(object{"scroll_id": []string{id}})})
}

// sentence says in plain words why reading failed.
func sentence(err error) string {
	if r := refusalOf(err); r != nil {
		return r.sentence()
	}
	switch {
	case errors.Is(err, errUnreadable):
		return "An answer of the store is not the JSON document it should be. Perhaps something between changes or cuts it."
	case errors.Is(err, errTooLarge):
		return "One document is larger than may be held in memory."
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "The time for reading was over."
	}
	return fault.Message(err)
}
