package search

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"time"

	"logreeve/connectors/rawjson"
)

// document is one hit: where it lies and what it holds, as views into an answer.
type document struct {
	index, id []byte // insides of JSON strings
	source    []byte
	sort      []byte // the cursor after it, to be sent back byte for byte
	fields    []byte // values that were asked for by themselves
}

var (
	errNoSource = errors.New("the document has no source, or the store hides it")
	errNoRecord = errors.New("the document holds no record where the profile says")
)

// at finds a value by a dotted path: as nested objects, as one literal key, or
// as any mixture of both.
func at(b []byte, path string) []byte {
	if v := rawjson.Get(b, path); v != nil {
		return v
	}
	for i := range len(path) {
		if path[i] != '.' {
			continue
		}
		if inner := rawjson.Get(b, path[:i]); inner != nil && inner[0] == '{' {
			if v := at(inner, path[i+1:]); v != nil {
				return v
			}
		}
	}
	return nil
}

// text is the first of the paths that holds text, or a number as it is written.
func text(b []byte, paths []string) string {
	for _, p := range paths {
		v := at(b, p)
		if len(v) == 0 {
			continue
		}
		if s, ok := rawjson.String(v); ok {
			return s
		}
		if v[0] != '{' && v[0] != '[' && v[0] != 'n' {
			return string(v)
		}
	}
	return ""
}

// record gives the record inside a document. What it gives is a view of the
// document, or its own.
func (p Profile) record(source []byte) ([]byte, error) {
	if len(source) == 0 || source[0] != '{' {
		return nil, errNoSource
	}
	record := source
	if p.Root != "" {
		record = at(source, p.Root)
	}
	for _, path := range p.Wrapped {
		v := at(source, path)
		if len(v) == 0 {
			continue
		}
		if v[0] == '{' {
			record = v
			break
		}
		if s, ok := rawjson.String(v); ok {
			record = []byte(strings.TrimRight(s, "\r\n"))
			break
		}
	}
	if len(record) == 0 {
		return nil, errNoRecord
	}
	if p.Underscores {
		record = dotted(record)
	}
	return record, nil
}

// dotted writes the domains of annotation keys with dots again: they are names
// of DNS, which hold no underscore.
func dotted(record []byte) []byte {
	annotations := rawjson.Get(record, "annotations")
	if bytes.IndexByte(annotations, '_') < 0 {
		return record
	}
	out := slices.Clone(record)
	_ = rawjson.Members(annotations, func(key, _ []byte) bool {
		start := cap(record) - cap(key) // both end where the same array ends
		for i, c := range key {
			if c == '/' {
				break
			}
			if c == '_' {
				out[start+i] = '.'
			}
		}
		return true
	})
	return out
}

// instant reads a time of a document: RFC 3339, or milliseconds since the epoch.
func instant(b []byte) time.Time {
	if s, ok := rawjson.String(b); ok {
		t, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			return time.Time{}
		}
		return t.UTC()
	}
	var ms int64
	for _, c := range b {
		if c < '0' || c > '9' || ms > 1<<52 {
			return time.Time{}
		}
		ms = ms*10 + int64(c-'0')
	}
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// put sets a value at a dotted path of a nested object.
func put(o object, path string, value any) {
	for {
		first, rest, more := strings.Cut(path, ".")
		if !more {
			o[first] = value
			return
		}
		inner, ok := o[first].(object)
		if !ok {
			inner = object{}
			o[first] = inner
		}
		o, path = inner, rest
	}
}
