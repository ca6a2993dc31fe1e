package search

import (
	"slices"
	"strconv"
	"strings"

	"logreeve/connectors"
)

// question is a filter as a store can be asked: once so that no event that the
// filter selects is missed, and once so that every document found is selected.
// Nil says that the store cannot tell: the wider one is then everything, the
// narrower one nothing. "not" swaps the two, so that a part which is cut never
// loses an event.
type question struct{ wide, narrow object }

func (q question) not() question { return question{negate(q.narrow), negate(q.wide)} }

func negate(o object) object {
	switch {
	case o == nil:
		return nil
	case o["match_none"] != nil:
		return everything()
	case o["match_all"] != nil:
		return nothing()
	}
	return object{"bool": object{"must_not": []object{o}}}
}

func everything() object { return object{"match_all": object{}} }
func nothing() object    { return object{"match_none": object{}} }

// exactly is a question that the store answers as we do.
func exactly(o object) question { return question{o, o} }

// constant is a question whose answer is the same for every event.
func constant(holds bool) question {
	if holds {
		return exactly(everything())
	}
	return exactly(nothing())
}

// longestTerm is the longest value that is asked for as a whole: an index of the
// usual kind keeps none that is longer.
const longestTerm = 256

// maxTerms is how many values are asked for at once.
const maxTerms = 10_000

// asker turns filters to questions for the last records of requests, which hold
// everything; those before lack the outcome and more.
type asker struct {
	profile Profile
	fields  Fields
	source  string
	// who are the identities in the store; nil when it cannot tell them.
	who *identities
}

// ask turns a filter to a question. Parts that the identities decide are asked
// for together: they shrink to a list of names.
func (a asker) ask(f connectors.Filter) question {
	if a.who.decides(f) {
		return a.who.ask(a, f)
	}
	switch f.Op {
	case connectors.OpAll:
		return constant(true)
	case connectors.OpNot:
		if len(f.Args) != 1 {
			return question{}
		}
		return a.ask(f.Args[0]).not()
	case connectors.OpAnd:
		return both(a.each(a.who.gather(f))...)
	case connectors.OpOr:
		return either(a.each(a.who.gather(f))...)
	}
	if len(a.profile.Wrapped) > 0 {
		return question{} // the record's fields are not the document's
	}
	if a.profile.Kind == connectors.AuthLog {
		return a.syslog(f)
	}
	return a.record(f)
}

func (a asker) each(args []connectors.Filter) []question {
	out := make([]question, len(args))
	for i, f := range args {
		out[i] = a.ask(f)
	}
	return out
}

// both asks for what all questions select.
func both(parts ...question) question { return combined(parts, "filter", everything, nothing) }

// either asks for what any question selects.
func either(parts ...question) question { return combined(parts, "should", nothing, everything) }

func combined(parts []question, how string, neutral, final func() object) question {
	var wide, narrow []object
	for _, q := range parts {
		w, n := q.wide, q.narrow
		if w == nil {
			w = everything()
		}
		if n == nil {
			n = nothing()
		}
		wide, narrow = append(wide, w), append(narrow, n)
	}
	return question{joined(wide, how, neutral, final), joined(narrow, how, neutral, final)}
}

// joined joins requests: neutral is what changes nothing, final what decides alone.
func joined(list []object, how string, neutral, final func() object) object {
	same := func(o object, like func() object) bool {
		for k := range like() {
			return len(o) == 1 && o[k] != nil
		}
		return false
	}
	list = distinct(slices.DeleteFunc(flat(list, how), func(o object) bool { return same(o, neutral) }))
	switch {
	case slices.ContainsFunc(list, func(o object) bool { return same(o, final) }):
		return final()
	case len(list) == 0:
		return neutral()
	case len(list) == 1:
		return list[0]
	case how == "should":
		return object{"bool": object{"should": list, "minimum_should_match": 1}}
	}
	return object{"bool": object{"filter": list}}
}

// flat takes requests joined in the same way out of each other.
func flat(list []object, how string) (out []object) {
	for _, o := range list {
		inner, ok := o["bool"].(object)
		parts, joins := inner[how].([]object)
		switch {
		case ok && joins && how == "filter" && len(inner) == 1, ok && joins && how == "should" && len(inner) == 2 && inner["minimum_should_match"] == 1:
			out = append(out, flat(parts, how)...)
		default:
			out = append(out, o)
		}
	}
	return out
}

// distinct keeps each request once.
func distinct(list []object) (out []object) {
	seen := map[string]bool{}
	for _, o := range list {
		if text := string(encode(o)); !seen[text] {
			seen[text] = true
			out = append(out, o)
		}
	}
	return out
}

// clauses counts the leaves of a request as servers do that limit them: a short
// list of terms counts each.
func clauses(v any) (n int64) {
	switch v := v.(type) {
	case []object:
		for _, o := range v {
			n += clauses(o)
		}
	case object:
		for kind, inside := range v {
			switch kind {
			case "bool":
				for _, list := range inside.(object) { //nolint:forcetypeassert // we wrote it
					n += clauses(list)
				}
			case "terms":
				for _, values := range inside.(object) { //nolint:forcetypeassert // we wrote it
					if names, ok := values.([]string); ok && len(names) <= 16 {
						n += int64(len(names)) - 1
					}
				}
				n++
			default:
				n++
			}
		}
	}
	return n
}

// syslog asks for lines. Only what all lines of an attempt share is asked for:
// an attempt to sign in is one event of several lines.
func (a asker) syslog(f connectors.Filter) question {
	switch f.Field {
	case "kind":
		return static(f, string(connectors.AuthLog))
	case "source":
		return static(f, a.source)
	}
	return question{}
}

// static asks for a field that is the same in every event of a source.
func static(f connectors.Filter, value string) question {
	m, err := connectors.Compile(connectors.Filter{Op: f.Op, Field: "source", Values: f.Values})
	if err != nil {
		return question{}
	}
	return constant(m.Match(&connectors.Event{Source: value}))
}

// leaf asks for one field of the record.
func (a asker) leaf(f connectors.Filter, path string) question {
	return a.field(f, a.fields.at(a.profile.path(path)))
}

// field asks for one field of the documents.
func (a asker) field(f connectors.Filter, on Field) question {
	values := slices.DeleteFunc(slices.Clone(f.Values), func(v string) bool { return v == "" })
	several := strings.HasSuffix(on.Path, "ser.groups") || strings.HasSuffix(on.Path, "sourceIPs")
	switch {
	case on.shape == unmapped && a.fields.limits.absent(on.Path):
		return constant(false) // no document has it
	case on.shape == number:
		return numbers(f, on, values)
	case f.Op == connectors.OpExists && (on.shape == doubled || on.shape == exact && a.fields.limits.known && !a.fields.limits.bounded[on.Path]):
		// An empty text is there for the store and not for us.
		return question{wide: object{"exists": object{"field": on.Path}}}
	case f.Op == connectors.OpIn:
		return a.in(on, values)
	case f.Op == connectors.OpPrefix && on.whole != "" && !several && !a.fields.limits.special[on.whole] && len(values) > 0 && len(values) <= 64:
		var list []object
		for _, v := range values {
			if len(v) > longestTerm {
				return question{}
			}
			list = append(list, object{"prefix": object{on.whole: v}})
		}
		return a.whole(on, joined(list, "should", nothing, everything))
	}
	return question{}
}

// in asks for whole values.
func (a asker) in(on Field, values []string) question {
	if len(values) == 0 {
		return constant(false)
	}
	if len(values) > maxTerms || slices.ContainsFunc(values, func(v string) bool { return len(v) > longestTerm }) {
		return question{}
	}
	if on.whole != "" && !a.fields.limits.special[on.whole] {
		o := object{"terms": object{on.whole: values}}
		if on.shape == doubled || a.fields.limits.known {
			return exactly(o) // a value that short is kept whole
		}
		return question{wide: o}
	}
	if on.shape == words || on.shape == doubled {
		var list []object
		for _, v := range values {
			if !strings.ContainsFunc(v, func(r rune) bool {
				return r < 128 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9')
			}) {
				return question{} // nothing of it would be searched for
			}
			list = append(list, object{"match_phrase": object{on.Path: v}})
		}
		if len(list) > 64 {
			return question{}
		}
		return question{wide: joined(list, "should", nothing, everything)}
	}
	return question{}
}

// whole lets a question of beginnings also find what is too long to be kept
// whole: text beside which there is none, or of a pure field what seems absent.
func (a asker) whole(on Field, o object) question {
	long := object{"bool": object{"must_not": []object{{"exists": object{"field": on.whole}}}}}
	if on.shape == doubled {
		long = object{"bool": object{
			"filter": []object{{"exists": object{"field": on.Path}}}, "must_not": []object{{"exists": object{"field": on.whole}}},
		}}
	}
	return question{wide: object{"bool": object{"should": []object{o, long}, "minimum_should_match": 1}}, narrow: o}
}

// numbers asks for a field that is kept as a number, such as the status code.
// Our own reading takes only codes from 1 on.
func numbers(f connectors.Filter, on Field, values []string) question {
	switch f.Op {
	case connectors.OpIn:
		var list []int64
		for _, v := range values {
			if n, err := strconv.ParseInt(v, 10, 32); err == nil && n > 0 && strconv.FormatInt(n, 10) == v {
				list = append(list, n)
			}
		}
		if len(list) == 0 {
			return constant(false)
		}
		return exactly(object{"terms": object{on.Path: list}})
	case connectors.OpExists:
		return exactly(object{"range": object{on.Path: object{"gte": 1}}})
	case connectors.OpRange:
		if len(f.Values) != 2 {
			return question{}
		}
		bounds := object{"gte": 1}
		for i, name := range []string{"gte", "lt"} {
			if f.Values[i] == "" {
				continue
			}
			n, err := strconv.ParseInt(f.Values[i], 10, 32)
			if err != nil {
				return question{}
			}
			if name == "gte" {
				n = max(n, 1)
			}
			bounds[name] = n
		}
		return exactly(object{"range": object{on.Path: bounds}})
	}
	return question{}
}
