package search

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"logreeve/connectors/rawjson"
)

// limits is what the mappings say of fields besides their types.
type limits struct {
	known bool
	// special are fields that keep only short values, or change them.
	special map[string]bool
	// bounded are fields that keep no value above some length, so that one that is
	// there may seem absent.
	bounded map[string]bool
	// closed are fields below which, or "" when in the document itself, a value may
	// be without being searchable.
	closed map[string]bool
}

// visible proves that no index of the pattern is left out for lack of rights:
// searches leave such indices out in silence, the mappings of OpenSearch and a
// question to Elasticsearch do not. unproven says what is missing, "" when the
// proof holds. The mappings also give the limits of fields.
func visible(ctx context.Context, t *transport, s Server, pattern, target string) (l limits, unproven string, err error) {
	scope := target
	if s.Product == OpenSearch {
		scope = escapePattern(pattern)
	}
	r, err := t.do(ctx, request{method: http.MethodGet, path: "/" + scope + "/_mapping", query: url.Values{
		"filter_path": {"**.ignore_above,**.normalizer,**.null_value,**.dynamic,**.enabled,**.index"},
	}})
	if err != nil {
		return limits{}, "", err
	}
	readable := r.status == http.StatusOK && r.json() && json.Valid(r.body)
	if readable {
		l = readLimits(r.body)
	}
	if s.Product == OpenSearch {
		switch {
		case r.status == http.StatusForbidden:
			right := refused(r).right()
			if right == "" {
				right = "indices:admin/mappings/get"
			}
			return l, "it is not certain that every index of the pattern may be read: the right " + right + " is missing for one or more of them", nil
		case !readable:
			return l, "it is not certain that every index of the pattern may be read: " + refused(r).sentence(), nil
		}
		return l, "", nil
	}
	unproven, err = privileged(ctx, t, pattern)
	return l, unproven, err
}

// privileged asks Elasticsearch for the rights to the whole pattern. A server
// without users has none to ask for.
func privileged(ctx context.Context, t *transport, pattern string) (unproven string, err error) {
	who, err := t.do(ctx, request{method: http.MethodGet, path: "/_security/_authenticate"})
	if err != nil || who.status != http.StatusOK {
		return "", err
	}
	r, err := t.do(ctx, request{method: http.MethodPost, path: "/_security/user/_has_privileges", body: encode(object{
		"index": []object{{"names": strings.Split(pattern, ","), "privileges": []string{"read"}}},
	})})
	if err != nil {
		return "", err
	}
	var answer struct {
		All bool `json:"has_all_requested"`
	}
	if r.status != http.StatusOK || json.Unmarshal(r.body, &answer) != nil {
		return "it is not certain that every index of the pattern may be read: " + refused(r).sentence(), nil
	}
	if !answer.All {
		return "this user lacks the privilege read on a part of the pattern, which searches leave out in silence", nil
	}
	return "", nil
}

func escapePattern(pattern string) string {
	parts := strings.Split(pattern, ",")
	for i := range parts {
		parts[i] = url.PathEscape(strings.TrimSpace(parts[i]))
	}
	return strings.Join(parts, ",")
}

// readLimits walks the filtered mappings of all indices.
func readLimits(body []byte) limits {
	l := limits{known: true, special: map[string]bool{}, bounded: map[string]bool{}, closed: map[string]bool{}}
	_ = rawjson.Members(body, func(_, index []byte) bool {
		m := rawjson.Get(index, "mappings")
		if doc := rawjson.Get(m, "_doc"); doc != nil && rawjson.Get(m, "properties") == nil {
			m = doc // Elasticsearch 6 has a level of types
		}
		l.walk(m, "")
		return true
	})
	return l
}

func (l *limits) walk(mapping []byte, path string) {
	_ = rawjson.Members(mapping, func(key, value []byte) bool {
		switch string(key) {
		case "ignore_above":
			l.bounded[path] = true
			if n := len(value); n < 3 || (n == 3 && string(value) < "256") {
				l.special[path] = true // shorter than what is asked for (longestTerm)
			}
		case "normalizer", "null_value":
			l.special[path] = true
		case "index":
			if string(value) == "false" {
				l.special[path] = true
			}
		case "dynamic":
			if s := strings.Trim(string(value), `"`); s != "true" {
				l.closed[path] = true
			}
		case "enabled":
			if string(value) == "false" {
				l.closed[path] = true
			}
		case "properties", "fields":
			_ = rawjson.Members(value, func(name, inner []byte) bool {
				below := rawjson.Unescape(name)
				if path != "" {
					below = path + "." + below
				}
				l.walk(inner, below)
				return true
			})
		}
		return true
	})
}

// absent says whether a field that no index maps is in no document.
func (l limits) absent(path string) bool {
	if !l.known {
		return false
	}
	for {
		if l.closed[path] {
			return false
		}
		i := strings.LastIndexByte(path, '.')
		if i < 0 {
			return !l.closed[""]
		}
		path = path[:i]
	}
}
