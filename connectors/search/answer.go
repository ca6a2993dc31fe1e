package search

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"

	"logreeve/connectors/rawjson"
)

// Answer is what a search answered, as far as its completeness depends on it.
type Answer struct {
	Status   int
	TimedOut *bool // nil: it does not say
	Shards   *Shards
	Clusters *Clusters // nil: no other clusters were asked
	Total    *Total    // nil: it does not count
	// Terminated says that the search was ended early. Some servers say so of
	// complete answers that count only, so it is judged only with hits.
	Terminated bool
	Hits       int64
}

// Shards counts the parts of the indices that were asked. Those skipped are
// among the successful.
type Shards struct {
	Total      int64 `json:"total"`
	Successful int64 `json:"successful"`
	Failed     int64 `json:"failed"`
	Failures   []struct {
		Index  string `json:"index"`
		Reason struct {
			Type   string `json:"type"`
			Reason string `json:"reason"`
		} `json:"reason"`
	} `json:"failures"`
}

// Clusters counts the clusters that were asked.
type Clusters struct {
	Total      int64 `json:"total"`
	Successful int64 `json:"successful"`
	Skipped    int64 `json:"skipped"`
}

// Total is how many documents a search matches: exactly with the relation "eq".
type Total struct {
	Value    int64
	Relation string
}

// UnmarshalJSON reads the object that newer servers give and the number of older ones.
func (t *Total) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] != '{' {
		t.Relation = "eq"
		return json.Unmarshal(b, &t.Value)
	}
	var v struct {
		Value    *int64 `json:"value"`
		Relation string `json:"relation"`
	}
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	if v.Value == nil {
		return errUnreadable
	}
	t.Value, t.Relation = *v.Value, v.Relation
	return nil
}

// errUnreadable says that an answer is not the JSON document it should be.
var errUnreadable = errors.New("the answer is not the JSON document it should be")

// page is an answer with its hits as views into the body.
type page struct {
	Answer
	documents    []document
	aggregations []byte
	view         string // the newest id of the point in time, or of the scroll
	size         int
}

// readPage reads an answer of a search with status 200.
func readPage(r reply) (page, error) {
	p := page{Answer: Answer{Status: r.status}, size: len(r.body)}
	if r.status != http.StatusOK {
		return p, refused(r)
	}
	if !r.json() {
		return p, refused(r)
	}
	seen := map[string]bool{}
	var failed error
	decode := func(b []byte, into any) {
		if err := json.Unmarshal(b, into); err != nil {
			failed = errUnreadable
		}
	}
	w := rawjson.Object(r.body, 0)
	for w.Next() {
		name, v := string(w.Name()), w.Value()
		if seen[name] {
			return p, errUnreadable
		}
		seen[name] = true
		switch name {
		case "timed_out":
			decode(v, &p.TimedOut)
		case "terminated_early":
			decode(v, &p.Terminated)
		case "_shards":
			decode(v, &p.Shards)
		case "_clusters":
			decode(v, &p.Clusters)
		case "pit_id", "_scroll_id":
			decode(v, &p.view)
		case "aggregations":
			p.aggregations = v
		case "hits":
			if err := p.hits(v); err != nil {
				failed = err
			}
		}
	}
	if w.Err() != nil || failed != nil || rawjson.Space(r.body, w.After()) != len(r.body) || !seen["hits"] {
		return p, errUnreadable
	}
	p.Hits = int64(len(p.documents))
	return p, nil
}

func (p *page) hits(b []byte) error {
	listed := false
	w := rawjson.Object(b, 0)
	for w.Next() {
		switch string(w.Key) {
		case "total":
			if err := json.Unmarshal(w.Value(), &p.Total); err != nil {
				return errUnreadable
			}
		case "hits":
			listed = true
			bad := false
			if err := rawjson.Elements(w.Value(), func(hit []byte) bool {
				d, ok := readHit(hit)
				bad = bad || !ok
				p.documents = append(p.documents, d)
				return true
			}); err != nil || bad {
				return errUnreadable
			}
		}
	}
	if w.Err() != nil || !listed {
		return errUnreadable
	}
	return nil
}

func readHit(hit []byte) (d document, ok bool) {
	inside := func(v []byte) []byte {
		if len(v) < 2 || v[0] != '"' {
			return nil
		}
		return v[1 : len(v)-1]
	}
	w := rawjson.Object(hit, 0)
	for w.Next() {
		v := w.Value()
		switch string(w.Key) {
		case "_index":
			d.index = inside(v)
		case "_id":
			d.id = inside(v)
		case "_source":
			d.source = v
		case "sort":
			d.sort = v
		case "fields":
			d.fields = v
		}
	}
	return d, w.Err() == nil && d.index != nil && d.id != nil
}

// aggregation reads one aggregation of an answer into v.
func (p page) aggregation(name string, v any) error {
	b := rawjson.Get(p.aggregations, name)
	if b == nil {
		return errUnreadable // an answer over no index has none
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(v); err != nil {
		return errUnreadable
	}
	return nil
}
