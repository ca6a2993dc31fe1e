package search

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"logreeve/app/fault"
)

// Index is one index that the pattern resolves to.
type Index struct {
	Name   string
	Closed bool
}

// maxTarget is how long a list of indices may be in an address: a server
// refuses a first line of more than 4,096 bytes.
const maxTarget = 1_800

// resolve freezes the list of indices that the pattern means. Aliases and data
// streams stand for the indices behind them. Names that begin with a dot are
// the store's own and taken only when the pattern begins with one.
func resolve(ctx context.Context, t *transport, s Server, pattern string) ([]Index, error) {
	var found []Index
	for _, part := range strings.Split(pattern, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		if rest, ok := strings.CutPrefix(part, "-"); ok {
			found = slices.DeleteFunc(found, func(i Index) bool { return matches(rest, i.Name) })
			continue
		}
		more, err := resolvePart(ctx, t, s, part)
		if err != nil {
			return nil, err
		}
		if len(more) == 0 && !strings.Contains(part, "*") {
			return nil, fault.New(fault.NotFound, "No index is named %s. Check the pattern, and whether this user may read the index.", part)
		}
		for _, i := range more {
			if !slices.ContainsFunc(found, func(o Index) bool { return o.Name == i.Name }) {
				found = append(found, i)
			}
		}
	}
	slices.SortFunc(found, func(a, b Index) int { return strings.Compare(a.Name, b.Name) })
	return found, nil
}

func resolvePart(ctx context.Context, t *transport, s Server, part string) ([]Index, error) {
	hidden := strings.HasPrefix(part, ".")
	path := url.PathEscape(part)
	r, err := t.do(ctx, request{method: http.MethodGet, path: "/_resolve/index/" + path, query: url.Values{"expand_wildcards": {"all"}}})
	if err != nil {
		return nil, err
	}
	if r.status == http.StatusNotFound && refused(r).kind == "index_not_found_exception" {
		return nil, nil
	}
	if (r.status == http.StatusBadRequest || r.status == http.StatusNotFound || r.status == http.StatusMethodNotAllowed) && s.Product == Elasticsearch {
		return listed(ctx, t, path, hidden) // before 7.9
	}
	if r.status != http.StatusOK || !r.json() {
		return nil, refused(r).fault()
	}
	var answer struct {
		Indices []struct {
			Name       string   `json:"name"`
			Attributes []string `json:"attributes"`
		} `json:"indices"`
		Aliases []struct {
			Indices names `json:"indices"`
		} `json:"aliases"`
		Streams []struct {
			Backing names `json:"backing_indices"`
		} `json:"data_streams"`
	}
	if err := json.Unmarshal(r.body, &answer); err != nil {
		return nil, refused(r).fault()
	}
	var out []Index
	add := func(i Index) {
		if !slices.ContainsFunc(out, func(o Index) bool { return o.Name == i.Name }) {
			out = append(out, i)
		}
	}
	for _, i := range answer.Indices {
		if hidden || !strings.HasPrefix(i.Name, ".") {
			add(Index{Name: i.Name, Closed: slices.Contains(i.Attributes, "closed")})
		}
	}
	for _, a := range answer.Aliases {
		for _, name := range a.Indices {
			add(Index{Name: name})
		}
	}
	for _, d := range answer.Streams {
		for _, name := range d.Backing {
			add(Index{Name: name})
		}
	}
	return out, nil
}

// names is a list that some servers write as one string.
type names []string

// UnmarshalJSON reads a list, or one name.
func (n *names) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		var one string
		err := json.Unmarshal(b, &one)
		*n = names{one}
		return err
	}
	return json.Unmarshal(b, (*[]string)(n))
}

// listed is how servers without _resolve list indices.
func listed(ctx context.Context, t *transport, path string, hidden bool) ([]Index, error) {
	r, err := t.do(ctx, request{
		method: http.MethodGet, path: "/_cat/indices/" + path, query: url.Values{"format": {"json"}, "h": {"index,status"}},
	})
	if err != nil {
		return nil, err
	}
	if r.status == http.StatusNotFound {
		return nil, nil
	}
	var rows []struct {
		Index  string `json:"index"`
		Status string `json:"status"`
	}
	if r.status != http.StatusOK || json.Unmarshal(r.body, &rows) != nil {
		return nil, refused(r).fault()
	}
	var out []Index
	for _, row := range rows {
		if hidden || !strings.HasPrefix(row.Index, ".") {
			out = append(out, Index{Name: row.Index, Closed: row.Status == "close"})
		}
	}
	return out, nil
}

// matches says whether a pattern of names and stars means a name.
func matches(pattern, name string) bool {
	first, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == name
	}
	if name, star = strings.CutPrefix(name, first); !star {
		return false
	}
	parts := strings.Split(rest, "*")
	for _, p := range parts[:len(parts)-1] {
		i := strings.Index(name, p)
		if i < 0 {
			return false
		}
		name = name[i+len(p):]
	}
	return strings.HasSuffix(name, parts[len(parts)-1])
}

// open are the names of the indices that can be searched.
func open(indices []Index) []string {
	var out []string
	for _, i := range indices {
		if !i.Closed {
			out = append(out, i.Name)
		}
	}
	return out
}

// target is what a request names: the indices of the frozen list, or the
// pattern when the list is too long for an address. What the pattern meant is
// then compared with the list.
func target(indices []string, pattern string) string {
	escaped := make([]string, len(indices))
	for i, name := range indices {
		escaped[i] = url.PathEscape(name)
	}
	if list := strings.Join(escaped, ","); len(list) <= maxTarget {
		return list
	}
	parts := strings.Split(pattern, ",")
	for i := range parts {
		parts[i] = url.PathEscape(strings.TrimSpace(parts[i]))
	}
	return strings.Join(parts, ",")
}
