package policy

import (
	"encoding/json"
	"slices"
	"strconv"

	"logreeve/connectors/rawjson"
)

// node is a JSON value. Only what is asked of policies is offered.
type node struct {
	kind nodeKind
	text string   // of a text decoded, of a number or truth value as written
	keys []string // of an object, in the order they were written, each once
	list []*node  // elements of a list, or members of an object in the order of keys
}

type nodeKind byte

const (
	absent nodeKind = iota // null counts as not there
	scalar                 // number, true, false
	text
	list
	object
)

// No policy is nested deeper or has larger objects; what is, is not looked into.
const (
	maxNesting = 64
	maxMembers = 4096
)

// parse reads a JSON value; ok is false when it is not valid or nested too deep.
func parse(b []byte) (n *node, ok bool) {
	if !json.Valid(b) {
		return nil, false
	}
	return read(b[rawjson.Space(b, 0):], 0)
}

func read(b []byte, depth int) (*node, bool) {
	if depth > maxNesting || len(b) == 0 {
		return nil, false
	}
	switch b[0] {
	case 'n':
		return &node{}, true
	case '"':
		s, ok := rawjson.String(b)
		return &node{kind: text, text: s}, ok
	case '[':
		n := &node{kind: list}
		fine := true
		err := rawjson.Elements(b, func(v []byte) bool {
			var e *node
			if e, fine = read(v, depth+1); fine {
				n.list = append(n.list, e)
			}
			return fine
		})
		return n, fine && err == nil
	case '{':
		n := &node{kind: object}
		fine := true
		err := rawjson.Members(b, func(key, v []byte) bool {
			var m *node
			if m, fine = read(v, depth+1); fine {
				n.set(rawjson.Unescape(key), m)
				fine = len(n.keys) <= maxMembers
			}
			return fine
		})
		return n, fine && err == nil
	}
	end, err := rawjson.Skip(b, 0)
	if err != nil {
		return nil, false
	}
	return &node{kind: scalar, text: string(b[:end])}, true
}

// get finds a member; the empty node where there is none.
func (n *node) get(path ...string) *node {
	for _, key := range path {
		i := -1
		if n.kind == object {
			i = slices.Index(n.keys, key)
		}
		if i < 0 {
			return &node{}
		}
		n = n.list[i]
	}
	return n
}

func (n *node) has(key string) bool { return n.get(key).kind != absent }

// str is the value of a text, "" of anything else.
func (n *node) str() string {
	if n.kind != text {
		return ""
	}
	return n.text
}

// plain is the value of a text or scalar, "" of anything else.
func (n *node) plain() string {
	if n.kind != text && n.kind != scalar {
		return ""
	}
	return n.text
}

// elements are the elements of a list, none of anything else.
func (n *node) elements() []*node {
	if n.kind != list {
		return nil
	}
	return n.list
}

// strings are the values of the texts and scalars of a list.
func (n *node) strings() []string {
	var all []string
	for _, e := range n.elements() {
		if e.kind == text || e.kind == scalar {
			all = append(all, e.text)
		}
	}
	return all
}

// number is the value of a number.
func (n *node) number() (float64, bool) {
	if n.kind != scalar {
		return 0, false
	}
	f, err := strconv.ParseFloat(n.text, 64)
	return f, err == nil
}

// empty says whether there is nothing in an object or list, or nothing at all.
func (n *node) empty() bool {
	return n.kind == absent || (n.kind == object || n.kind == list) && len(n.list) == 0
}

// set puts a member in its place, or adds it.
func (n *node) set(key string, v *node) {
	if i := slices.Index(n.keys, key); i >= 0 {
		n.list[i] = v
		return
	}
	n.keys, n.list = append(n.keys, key), append(n.list, v)
}

// drop takes a member away.
func (n *node) drop(key string) {
	if i := slices.Index(n.keys, key); i >= 0 {
		n.keys, n.list = slices.Delete(n.keys, i, i+1), slices.Delete(n.list, i, i+1)
	}
}

// clone copies a value whole.
func (n *node) clone() *node {
	c := &node{kind: n.kind, text: n.text, keys: slices.Clone(n.keys)}
	for _, e := range n.list {
		c.list = append(c.list, e.clone())
	}
	return c
}

// json writes the value as JSON, members in their order.
func (n *node) json() []byte { return n.append(nil) }

func (n *node) append(out []byte) []byte {
	switch n.kind {
	case scalar:
		return append(out, n.text...)
	case text:
		return appendText(out, n.text)
	case list:
		out = append(out, '[')
		for i, e := range n.list {
			if i > 0 {
				out = append(out, ',')
			}
			out = e.append(out)
		}
		return append(out, ']')
	case object:
		out = append(out, '{')
		for i, e := range n.list {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(appendText(out, n.keys[i]), ':')
			out = e.append(out)
		}
		return append(out, '}')
	}
	return append(out, "null"...)
}

func appendText(out []byte, s string) []byte {
	b, err := json.Marshal(s)
	if err != nil { // a string cannot fail
		return append(out, `""`...)
	}
	return append(out, b...)
}
