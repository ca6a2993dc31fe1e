package search

import (
	"encoding/json"
	"net/http"
	"net/url"
)

// keepAlive is how long the store keeps a view between two requests.
const keepAlive = "3m"

// pitDialect is how a product opens and closes a point in time.
type pitDialect struct {
	open  func(target string, strict bool) request
	id    func(body []byte) string
	close func(id string) request
}

// pitDialects are the two ways; each product knows only its own.
var pitDialects = map[Product]pitDialect{
	OpenSearch: {
		open: func(target string, strict bool) request {
			q := url.Values{"keep_alive": {keepAlive}}
			if strict {
				// Without it a missing shard is seen in this answer only, and every
				// search of the view looks complete.
				q.Set("allow_partial_pit_creation", "false")
			}
			return request{method: http.MethodPost, path: "/" + target + "/_search/point_in_time", query: q}
		},
		id: func(body []byte) string { return field(body, "pit_id") },
		close: func(id string) request {
			return request{method: http.MethodDelete, path: "/_search/point_in_time", body: encode(object{"pit_id": []string{id}})}
		},
	},
	Elasticsearch: {
		open: func(target string, _ bool) request {
			return request{method: http.MethodPost, path: "/" + target + "/_pit", query: url.Values{"keep_alive": {keepAlive}}}
		},
		id: func(body []byte) string { return field(body, "id") },
		close: func(id string) request {
			return request{method: http.MethodDelete, path: "/_pit", body: encode(object{"id": id})}
		},
	},
}

// object is a part of a request, written as JSON.
type object = map[string]any

// encode writes a request's body; it is made of strings, numbers and lists only.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // a programmer's mistake
	}
	return b
}

// field reads one string of an answer.
func field(body []byte, name string) string {
	var v map[string]json.RawMessage
	var s string
	if json.Unmarshal(body, &v) != nil || json.Unmarshal(v[name], &s) != nil {
		return ""
	}
	return s
}
