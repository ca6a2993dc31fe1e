package search

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// shape is how the indices keep a field.
type shape int

const (
	unmapped  shape = iota
	exact           // whole values: keyword and its kin
	doubled         // text, with the whole value beside it in a field of its own
	words           // text only: whole values cannot be asked for
	number          // long and its kin
	date            // date or date_nanos
	address         // ip
	conflict        // different indices keep it in ways that do not fit together
	invisible       // it is there but may not be searched
)

// Field is a field of the documents as the indices keep it.
type Field struct {
	Path  string
	shape shape
	whole string // the field that holds whole values: Path, or the one beside it
	types []string
}

// Fields are the fields of the documents, by path.
type Fields struct {
	byPath map[string]Field
	limits limits
	// Indices are those that said how they keep fields; nil when the server does
	// not tell.
	Indices []string
	// Failed is how many indices could not say it.
	Failed int
	// sortableID says whether documents can be put in order by their id.
	sortableID bool
}

// at is a field by its path.
func (f Fields) at(path string) Field {
	if found, ok := f.byPath[path]; ok {
		return found
	}
	return Field{Path: path}
}

// capability is what an answer of _field_caps says of one type of a field.
type capability struct {
	Searchable   bool `json:"searchable"`
	Aggregatable bool `json:"aggregatable"`
}

// askFields asks how the indices keep fields; that a whole value stands in
// X.keyword is found out and never assumed.
func askFields(ctx context.Context, t *transport, target string, paths []string) (Fields, error) {
	var ask []string
	for _, p := range paths {
		ask = append(ask, p, p+".keyword")
		if i := strings.LastIndexByte(p, '/'); i < 0 {
			continue
		}
		if parent, _, ok := strings.Cut(p, "annotations."); ok && !slices.Contains(ask, parent+"annotations") {
			ask = append(ask, parent+"annotations") // it may be flattened
		}
	}
	ask = append(ask, "_id")
	r, err := t.do(ctx, request{method: http.MethodGet, path: "/" + target + "/_field_caps?allow_no_indices=false&fields=" + strings.Join(ask, ",")})
	if err != nil {
		return Fields{}, err
	}
	var answer struct {
		Indices names                            `json:"indices"`
		Failed  int                              `json:"failed_indices"`
		Fields  map[string]map[string]capability `json:"fields"`
	}
	if r.status != http.StatusOK || !r.json() {
		return Fields{}, refused(r).fault()
	}
	if err := json.Unmarshal(r.body, &answer); err != nil {
		return Fields{}, refused(r).fault()
	}
	f := Fields{byPath: map[string]Field{}, Indices: answer.Indices, Failed: answer.Failed}
	f.sortableID = answer.Fields["_id"]["_id"].Aggregatable
	for _, p := range paths {
		f.byPath[p] = fieldFrom(p, answer.Fields)
	}
	return f, nil
}

// families are types that can be asked alike.
var families = map[string]shape{
	"keyword": exact, "constant_keyword": exact, "wildcard": exact, "version": exact,
	"text": words, "match_only_text": words,
	"long": number, "integer": number, "short": number, "byte": number, "unsigned_long": number,
	"double": number, "float": number, "half_float": number, "scaled_float": number,
	"date": date, "date_nanos": date, "ip": address,
}

func fieldFrom(path string, all map[string]map[string]capability) Field {
	f := Field{Path: path}
	shapes := map[shape]bool{}
	searchable, whole := true, true
	for kind, c := range all[path] {
		if kind == "unmapped" || kind == "object" || kind == "nested" {
			continue // there is no value at this path itself
		}
		f.types = append(f.types, kind)
		s, known := families[kind]
		if !known {
			s = conflict
		}
		shapes[s] = true
		searchable = searchable && c.Searchable
		whole = whole && c.Aggregatable
	}
	slices.Sort(f.types)
	beside := all[path+".keyword"]
	_, plain := beside["keyword"]
	switch {
	case len(shapes) == 0:
		if i := strings.Index(path, "annotations."); i >= 0 {
			parent := all[path[:i]+"annotations"]
			if _, ok := parent["flattened"]; ok && len(parent) == 1 {
				f.shape, f.whole, f.types = exact, path, []string{"flattened"}
			}
		}
		return f
	case !searchable:
		f.shape = invisible
		return f
	case len(shapes) == 2 && shapes[exact] && shapes[words]:
		f.shape = words // a phrase finds both
		return f
	case len(shapes) > 1 || shapes[conflict]:
		f.shape = conflict
		return f
	}
	for s := range shapes {
		f.shape = s
	}
	switch {
	case f.shape == words && plain && len(beside) == 1 && beside["keyword"].Searchable:
		f.shape, f.whole = doubled, path+".keyword"
	case f.shape == exact && whole:
		f.whole = path
	}
	return f
}
