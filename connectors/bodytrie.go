package connectors

import (
	"bytes"
	"slices"

	"logreeve/connectors/rawjson"
)

// bodies answers what several filters ask of the bodies of one event. The first
// question about a body is answered together with all others that filters still
// in question ask, in one walk; it is used from one goroutine.
type bodies struct {
	walks  []*bodyWalk
	filter int // whose leaves are being compiled
}

// bodyWalk is up to 64 questions about one of the two bodies, one bit each.
type bodyWalk struct {
	response bool
	root     bodyNode
	size     int
	asked    []uint64 // by filter: the bits that it asks for
	known    bool     // found holds the answers for the current event
	found    uint64
}

// bodyNode is a place in a body that questions are about or lie below.
type bodyNode struct {
	below uint64 // the questions here and below
	here  []bodyQuestion
	keys  []bodyKey
	each  *bodyNode // the elements of an array
}

type bodyQuestion struct {
	bit   uint64
	holds func(value []byte) bool
}

type bodyKey struct {
	name string
	node *bodyNode
}

// leaf adds a question and gives the predicate that answers it.
func (b *bodies) leaf(p BodyPath, holds func(value []byte) bool) predicate {
	at := slices.IndexFunc(b.walks, func(w *bodyWalk) bool { return w.response == p.response && w.size < 64 })
	if at < 0 {
		at = len(b.walks)
		b.walks = append(b.walks, &bodyWalk{response: p.response})
	}
	w := b.walks[at]
	bit := uint64(1) << w.size
	w.size++
	for len(w.asked) <= b.filter {
		w.asked = append(w.asked, 0)
	}
	w.asked[b.filter] |= bit
	w.root.add(p.steps, bodyQuestion{bit: bit, holds: holds})
	return func(e *Event) bool {
		return w.known && w.found&bit != 0
	}
}

func (n *bodyNode) add(steps []step, q bodyQuestion) {
	n.below |= q.bit
	if len(steps) == 0 {
		n.here = append(n.here, q)
		return
	}
	s := steps[0]
	if s.each {
		if n.each == nil {
			n.each = &bodyNode{}
		}
		n.each.add(steps[1:], q)
		return
	}
	i := slices.IndexFunc(n.keys, func(k bodyKey) bool { return k.name == s.key })
	if i < 0 {
		i = len(n.keys)
		n.keys = append(n.keys, bodyKey{name: s.key, node: &bodyNode{}})
	}
	n.keys[i].node.add(steps[1:], q)
}

// answer walks the value that begins at b[i] and gives the questions among
// wanted that it answers with yes, and the index after it. What is not valid
// JSON answers nothing.
func (n *bodyNode) answer(b []byte, i int, wanted uint64) (yes uint64, end int, err error) {
	if i >= len(b) {
		return 0, 0, rawjson.ErrSyntax
	}
	switch {
	case b[i] == '{' && len(n.keys) > 0:
		yes, end, err = n.members(b, i, wanted)
	case b[i] == '[' && n.each != nil:
		yes, end, err = n.elements(b, i, wanted)
	default:
		end, err = rawjson.Skip(b, i)
	}
	if err != nil {
		// What is wrong inside does not reach further than the value itself.
		if end, err = rawjson.Skip(b, i); err != nil {
			return 0, 0, err
		}
	}
	for _, q := range n.here {
		if q.bit&wanted != 0 && q.holds(b[i:end]) {
			yes |= q.bit
		}
	}
	return yes, end, nil
}

// key gives which of the keys a raw key is, -1 for none.
func (n *bodyNode) key(raw []byte) int {
	for k := range n.keys {
		if string(raw) == n.keys[k].name {
			return k
		}
	}
	if bytes.IndexByte(raw, '\\') >= 0 { // spelt with escapes
		return slices.IndexFunc(n.keys, func(k bodyKey) bool { return rawjson.KeyIs(raw, k.name) })
	}
	return -1
}

// members answers from an object. Of a key that stands twice the last counts.
func (n *bodyNode) members(b []byte, i int, wanted uint64) (yes uint64, end int, err error) {
	var few [8]uint64
	byKey := few[:]
	if len(n.keys) > len(few) {
		byKey = make([]uint64, len(n.keys))
	}
	i = rawjson.Space(b, i+1)
	if i < len(b) && b[i] == '}' {
		return 0, i + 1, nil
	}
	for {
		if i >= len(b) || b[i] != '"' {
			return 0, 0, rawjson.ErrSyntax
		}
		after, err := rawjson.Skip(b, i)
		if err != nil {
			return 0, 0, err
		}
		key := b[i+1 : after-1]
		if i = rawjson.Space(b, after); i >= len(b) || b[i] != ':' {
			return 0, 0, rawjson.ErrSyntax
		}
		i = rawjson.Space(b, i+1)
		if at := n.key(key); at >= 0 && n.keys[at].node.below&wanted != 0 {
			byKey[at], i, err = n.keys[at].node.answer(b, i, wanted)
		} else {
			i, err = rawjson.Skip(b, i)
		}
		if err != nil {
			return 0, 0, err
		}
		i = rawjson.Space(b, i)
		switch {
		case i >= len(b):
			return 0, 0, rawjson.ErrSyntax
		case b[i] == '}':
			for _, found := range byKey {
				yes |= found
			}
			return yes, i + 1, nil
		case b[i] != ',':
			return 0, 0, rawjson.ErrSyntax
		}
		i = rawjson.Space(b, i+1)
	}
}

// elements answers from an array: a question about any element is answered by
// one that says yes, also where the rest cannot be read.
func (n *bodyNode) elements(b []byte, i int, wanted uint64) (yes uint64, end int, err error) {
	i = rawjson.Space(b, i+1)
	if i < len(b) && b[i] == ']' {
		return 0, i + 1, nil
	}
	for {
		found, end, err := n.each.answer(b, i, wanted)
		if err != nil {
			return yes, 0, err
		}
		yes |= found
		i = rawjson.Space(b, end)
		switch {
		case i >= len(b):
			return yes, 0, rawjson.ErrSyntax
		case b[i] == ']':
			return yes, i + 1, nil
		case b[i] != ',':
			return yes, 0, rawjson.ErrSyntax
		}
		i = rawjson.Space(b, i+1)
	}
}

// forget ends an event: its answers are not the next one's.
func (b *bodies) forget() {
	for _, w := range b.walks {
		w.known = false
	}
}

// look answers what the filters of a set ask of the event's bodies, unless it is
// known already.
func (b *bodies) look(e *Event, filters []uint64) {
	for _, w := range b.walks {
		if w.known {
			continue
		}
		w.known, w.found = true, 0
		var wanted uint64
		for i, bits := range w.asked {
			if bits != 0 && filters[i/64]&(1<<(i%64)) != 0 {
				wanted |= bits
			}
		}
		if wanted == 0 {
			continue
		}
		body := e.Request()
		if w.response {
			body = e.Response()
		}
		if body == nil {
			continue
		}
		w.found, _, _ = w.root.answer(body, rawjson.Space(body, 0), wanted)
	}
}
