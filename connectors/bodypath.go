package connectors

import (
	"strings"

	"logreeve/connectors/rawjson"
)

// BodyPath is a place inside a request or response body, as filters name it:
// request.spec.ingress[*].from, response.metadata.labels["a.b/c"].
type BodyPath struct {
	response bool
	steps    []step
}

// step goes from a JSON value to some inside it: the member called key, or with
// each every element of an array.
type step struct {
	key  string
	each bool
}

// bodyPath reads a path; ok is false when it is none.
func bodyPath(s string) (p BodyPath, ok bool) {
	rest, ok := strings.CutPrefix(s, "request")
	if !ok {
		if rest, ok = strings.CutPrefix(s, "response"); !ok {
			return p, false
		}
		p.response = true
	}
	for rest != "" {
		switch {
		case strings.HasPrefix(rest, "[*]"):
			p.steps = append(p.steps, step{each: true})
			rest = rest[3:]
		case strings.HasPrefix(rest, `["`):
			key, after, found := strings.Cut(rest[2:], `"]`)
			if !found || key == "" {
				return p, false
			}
			p.steps = append(p.steps, step{key: key})
			rest = after
		case rest[0] == '.':
			end := strings.IndexAny(rest[1:], ".[") + 1
			if end == 0 {
				end = len(rest)
			}
			if end == 1 {
				return p, false
			}
			p.steps = append(p.steps, step{key: rest[1:end]})
			rest = rest[end:]
		default:
			return p, false
		}
	}
	return p, true
}

// any says whether the test holds for any value at the path.
func (p BodyPath) any(e *Event, holds func(value []byte) bool) bool {
	body := e.Request()
	if p.response {
		body = e.Response()
	}
	if body == nil {
		return false
	}
	return anyAt(body, p.steps, holds)
}

func anyAt(value []byte, steps []step, holds func([]byte) bool) bool {
	for i, s := range steps {
		if s.each {
			found := false
			_ = rawjson.Elements(value, func(element []byte) bool {
				found = anyAt(element, steps[i+1:], holds)
				return !found
			})
			return found
		}
		if value = rawjson.Get(value, s.key); value == nil {
			return false
		}
	}
	return holds(value)
}
