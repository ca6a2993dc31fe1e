package policy

import (
	"net/url"
	"slices"
	"strings"
)

// chooser says which objects of a place a deletecollection takes.
type chooser struct {
	fields []requirement
	labels []requirement
	sure   bool // the selectors could be read
}

// requirement is one part of a selector.
type requirement struct {
	key    string
	values []string
	not    bool // must not be one of values
	exists bool // only presence is asked
}

// chooserOf reads labelSelector and fieldSelector from a request's address.
func chooserOf(uri string) chooser {
	_, query, _ := strings.Cut(uri, "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		return chooser{}
	}
	c := chooser{sure: true}
	var ok bool
	if c.labels, ok = requirements(q.Get("labelSelector")); !ok {
		c.sure = false
	}
	if c.fields, ok = requirements(q.Get("fieldSelector")); !ok {
		c.sure = false
	}
	for _, f := range c.fields {
		if f.key != "metadata.name" && f.key != "metadata.namespace" {
			c.sure = false
		}
	}
	return c
}

// takes says whether the selectors select an object; only to be asked when sure.
func (c chooser) takes(s *State) bool {
	labels, _ := parse(s.Labels)
	if labels == nil {
		labels = &node{}
	}
	for _, r := range c.labels {
		if s.LabelsUnknown {
			break // it may be chosen
		}
		if v := labels.get(r.key); !r.holds(v.str(), v.kind == text) {
			return false
		}
	}
	for _, r := range c.fields {
		value := s.Name
		if r.key == "metadata.namespace" {
			value = s.Namespace
		}
		if !r.holds(value, true) {
			return false
		}
	}
	return true
}

func (r requirement) holds(value string, there bool) bool {
	switch {
	case r.exists:
		return there != r.not
	case r.not:
		return !there || !slices.Contains(r.values, value)
	}
	return there && slices.Contains(r.values, value)
}

// requirements reads a selector as k8s.io/apimachinery writes it:
// "a=b,c!=d,e,!f,g in (h,i),j notin (k)".
func requirements(s string) (all []requirement, ok bool) {
	for s = strings.TrimSpace(s); s != ""; {
		end, depth := len(s), 0
		for i, c := range s {
			if c == '(' {
				depth++
			}
			if c == ')' {
				depth--
			}
			if c == ',' && depth == 0 {
				end = i
				break
			}
		}
		r, fine := requirementOf(strings.TrimSpace(s[:end]))
		if !fine {
			return nil, false
		}
		all = append(all, r)
		s = strings.TrimSpace(strings.TrimPrefix(s[end:], ","))
	}
	return all, true
}

func requirementOf(s string) (requirement, bool) {
	if key, set, found := strings.Cut(s, "("); found {
		set, closed := strings.CutSuffix(set, ")")
		words := strings.Fields(key)
		if !closed || len(words) != 2 || words[1] != "in" && words[1] != "notin" {
			return requirement{}, false
		}
		r := requirement{key: words[0], not: words[1] == "notin"}
		for _, v := range strings.Split(set, ",") {
			r.values = append(r.values, strings.TrimSpace(v))
		}
		return r, true
	}
	for _, op := range []string{"!=", "==", "="} {
		if key, value, found := strings.Cut(s, op); found {
			key = strings.TrimSpace(key)
			return requirement{key: key, values: []string{strings.TrimSpace(value)}, not: op == "!="}, key != ""
		}
	}
	key, not := strings.CutPrefix(s, "!")
	key = strings.TrimSpace(key)
	return requirement{key: key, not: not, exists: true}, key != "" && !strings.ContainsAny(key, " <>")
}
