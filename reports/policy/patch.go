package policy

import (
	"slices"
	"strconv"
	"strings"

	"logreeve/connectors/rawjson"
)

// touchesSpec says whether a patch can change a specification. A patch that says
// apiVersion and kind may be a server-side apply, which takes away what it does
// not mention, so it can.
func touchesSpec(patch []byte) bool {
	n, ok := parse(patch)
	switch {
	case !ok:
		return true
	case n.kind == list:
		for _, op := range n.list {
			if at := op.get("path").str(); !strings.HasPrefix(at, "/metadata/") && at != "/metadata" {
				return true
			}
			if from := op.get("from").str(); strings.HasPrefix(from, "/spec") {
				return true
			}
		}
		return false
	case n.kind == object:
		return slices.ContainsFunc(n.keys, func(key string) bool { return key != "metadata" })
	}
	return true
}

// patched applies a patch to a specification, where the log holds the patch but
// not its result. ok is false when the outcome is not certain: a server-side
// apply depends on who owns which field, and directives of a strategic merge
// patch on its schema.
func patched(spec, patch []byte) (result []byte, ok bool) {
	before, ok := parse(spec)
	if !ok {
		return nil, false
	}
	p, ok := parse(patch)
	if !ok {
		return nil, false
	}
	whole := &node{kind: object, keys: []string{"spec"}, list: []*node{before}}
	switch {
	case p.kind == list:
		for _, op := range p.list {
			at := op.get("path").str()
			if at != "/spec" && !strings.HasPrefix(at, "/spec/") {
				if at == "" || strings.HasPrefix(op.get("from").str(), "/spec") {
					return nil, false
				}
				continue
			}
			if !operate(whole, op) {
				return nil, false
			}
		}
	case p.kind != object || p.has("kind") || directive(p):
		return nil, false
	default:
		merge(whole, &node{kind: object, keys: []string{"spec"}, list: []*node{p.get("spec").clone()}}, p.has("spec"))
	}
	after := whole.get("spec")
	if after.kind != object {
		return nil, false
	}
	return after.json(), true
}

// directive says whether a patch has a directive of strategic merge patches.
func directive(n *node) bool {
	return slices.ContainsFunc(n.keys, func(key string) bool { return strings.HasPrefix(key, "$") }) || slices.ContainsFunc(n.list, directive)
}

// merge is RFC 7386.
func merge(into, from *node, apply bool) {
	if !apply {
		return
	}
	for i, key := range from.keys {
		v := from.list[i]
		switch {
		case v.kind == absent:
			into.drop(key)
		case v.kind == object:
			target := into.get(key)
			if target.kind != object {
				target = &node{kind: object}
				into.set(key, target)
			}
			merge(target, v, true)
		default:
			into.set(key, v)
		}
	}
}

// operate is one operation of RFC 6902; move and copy are not attempted.
func operate(whole, op *node) bool {
	path := strings.Split(op.get("path").str(), "/")[1:]
	for i, p := range path {
		path[i] = unpoint(p)
	}
	parent := whole
	for _, p := range path[:len(path)-1] {
		if parent.kind == list {
			i, err := strconv.Atoi(p)
			if err != nil || i < 0 || i >= len(parent.list) {
				return false
			}
			parent = parent.list[i]
			continue
		}
		if parent = parent.get(p); parent.kind == absent {
			return false
		}
	}
	last, verb := path[len(path)-1], op.get("op").str()
	if verb == "test" {
		return true // it held, or the request had been refused
	}
	value := op.get("value").clone()
	switch parent.kind {
	case object:
		switch verb {
		case "add", "replace":
			parent.set(last, value)
			return true
		case "remove":
			parent.drop(last)
			return true
		}
	case list:
		i, err := strconv.Atoi(last)
		if last == "-" {
			i, err = len(parent.list), nil
		}
		if err != nil || i < 0 || i > len(parent.list) || i == len(parent.list) && verb != "add" {
			return false
		}
		switch verb {
		case "add":
			parent.list = slices.Insert(parent.list, i, value)
			return true
		case "replace":
			parent.list[i] = value
			return true
		case "remove":
			parent.list = slices.Delete(parent.list, i, i+1)
			return true
		}
	}
	return false
}

// unpoint decodes one part of a JSON pointer (RFC 6901).
func unpoint(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "~1", "/"), "~0", "~")
}

// asMerge writes what a JSON patch sets in metadata as the object it adds to, so
// that a change reference is found in it as in any object; nil when nothing.
func asMerge(patch []byte) []byte {
	metadata := &node{kind: object}
	_ = rawjson.Elements(patch, func(b []byte) bool {
		op, ok := parse(b)
		if !ok || op.get("op").str() != "add" && op.get("op").str() != "replace" {
			return true
		}
		path := strings.Split(op.get("path").str(), "/")
		if len(path) < 2 || path[1] != "metadata" {
			return true
		}
		value := op.get("value")
		for i := len(path) - 1; i > 1; i-- {
			value = &node{kind: object, keys: []string{unpoint(path[i])}, list: []*node{value}}
		}
		if value.kind == object {
			merge(metadata, value, true)
		}
		return true
	})
	if metadata.empty() {
		return nil
	}
	return (&node{kind: object, keys: []string{"metadata"}, list: []*node{metadata}}).json()
}
