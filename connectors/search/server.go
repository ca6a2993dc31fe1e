package search

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"logreeve/app/fault"
)

// Product is what a server is.
type Product string

// The products whose dialect is spoken.
const (
	OpenSearch    Product = "OpenSearch"
	Elasticsearch Product = "Elasticsearch"
)

// Server is a server as it was found.
type Server struct {
	Product Product
	Version string // "" when it may not be asked or is not to be believed
	Cluster string // the cluster's unique id, "" when not known
}

// major is the first number of the version, 0 when it is not known.
func (s Server) major() int {
	first, _, _ := strings.Cut(s.Version, ".")
	n, _ := strconv.Atoi(first)
	return n
}

// detect finds out what the server is: by the header that only one product
// sends, by what GET / says, and where that is refused by which of the two ways
// to open a point in time exists. pattern is one that exists.
func detect(ctx context.Context, t *transport, pattern string) (Server, error) {
	root, err := t.do(ctx, request{method: http.MethodGet, path: "/"})
	if err != nil {
		return Server{}, err
	}
	s, known := readRoot(root)
	if known {
		if s.Product == OpenSearch && s.Version == "" {
			s.Version = trueVersion(ctx, t)
		}
		return s, nil
	}
	switch {
	case root.status == http.StatusUnauthorized:
		return Server{}, refused(root).fault()
	case root.status == http.StatusForbidden, root.status == http.StatusMethodNotAllowed:
		return probe(ctx, t, pattern)
	case refused(root).html, root.status >= 300 && root.status != http.StatusNotFound:
		return Server{}, refused(root).fault()
	}
	return Server{}, neither(root)
}

func neither(r reply) error {
	return fault.Wrap(fault.Unavailable, refused(r),
		"What answers at the address is neither OpenSearch nor Elasticsearch. Check host and port; the port of the store is often 9200.")
}

// readRoot reads an answer to GET /.
func readRoot(r reply) (Server, bool) {
	var root struct {
		Cluster string `json:"cluster_uuid"`
		Tagline string `json:"tagline"`
		Version struct {
			Number       string `json:"number"`
			Distribution string `json:"distribution"`
		} `json:"version"`
	}
	success := r.status >= 200 && r.status < 300
	if success && r.json() {
		_ = json.Unmarshal(r.body, &root) // what cannot be read is not known
	}
	s := Server{Version: root.Version.Number, Cluster: root.Cluster}
	own := r.header.Get("X-OpenSearch-Version") // "OpenSearch/3.4.0 (opensearch)"
	switch {
	case own != "":
		s.Product = OpenSearch
		if _, number, ok := strings.Cut(own, "/"); ok {
			s.Version, _, _ = strings.Cut(number, " ")
		}
	case strings.EqualFold(r.header.Get("X-Elastic-Product"), "Elasticsearch"):
		s.Product = Elasticsearch
	case strings.EqualFold(root.Version.Distribution, "opensearch"):
		s.Product = OpenSearch
	case strings.Contains(root.Tagline, "OpenSearch"):
		s.Product, s.Version = OpenSearch, "" // it claims to be 7.10.2
	case root.Tagline == "You Know, for Search":
		s.Product = Elasticsearch
	default:
		return Server{}, false
	}
	return s, true
}

// trueVersion asks the nodes, which do not claim to be another version.
func trueVersion(ctx context.Context, t *transport) string {
	r, err := t.do(ctx, request{method: http.MethodGet, path: "/_cat/nodes", query: url.Values{"h": {"version"}, "format": {"json"}}})
	var nodes []struct {
		Version string `json:"version"`
	}
	if err != nil || r.status != http.StatusOK || json.Unmarshal(r.body, &nodes) != nil || len(nodes) == 0 {
		return ""
	}
	lowest := nodes[0].Version
	for _, n := range nodes[1:] {
		if older(n.Version, lowest) {
			lowest = n.Version
		}
	}
	return lowest
}

// older compares versions by their numbers.
func older(a, b string) bool {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		m, _ := strconv.Atoi(x[i])
		n, _ := strconv.Atoi(y[i])
		if m != n {
			return m < n
		}
	}
	return len(x) < len(y)
}

// probe tries both ways to open a point in time, without a body: the one that
// does not exist is refused, and what was opened is closed.
func probe(ctx context.Context, t *transport, pattern string) (Server, error) {
	for _, s := range []Server{{Product: OpenSearch}, {Product: Elasticsearch}} {
		r, err := t.do(ctx, pitDialects[s.Product].open(pattern, false))
		if err != nil {
			return Server{}, err
		}
		if elastic := r.header.Get("X-Elastic-Product"); elastic != "" {
			s.Product = Elasticsearch
		}
		if r.status == http.StatusOK {
			if id := pitDialects[s.Product].id(r.body); id != "" {
				_, _ = t.do(ctx, pitDialects[s.Product].close(id))
				return s, nil
			}
		}
		if (r.status == http.StatusForbidden || r.status == http.StatusNotFound) && strings.Contains(string(r.body), "exception") {
			if right := refused(r).right(); strings.Contains(right, "point_in_time") || refused(r).kind == "index_not_found_exception" {
				return s, nil // the way exists
			}
		}
	}
	return Server{}, fault.New(fault.Unavailable,
		"The store does not say what it is. Give this user the right cluster:monitor/main (OpenSearch) or the cluster privilege monitor (Elasticsearch).")
}
