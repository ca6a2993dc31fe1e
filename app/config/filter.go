package config

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"logreeve/connectors"
	"logreeve/reports/definitions"
)

// operators are the tests of one field, as definitions write them.
func operators() []string {
	return []string{"equals", "in", "prefix", "suffix", "contains", "exists", "range", "cidr"}
}

// filter reads a filter as definitions write it (docs/definitions.md): the word
// all, a list that must hold as a whole, or a mapping that says one thing.
func (in *definitionsReader) filter(n *yaml.Node, what string) connectors.Filter {
	switch {
	case empty(n):
		in.wrong(n.Line, "%s is empty; write all for every event", what)
		return connectors.Filter{}
	case n.Kind == yaml.ScalarNode && n.Value == "all":
		return connectors.Filter{}
	case n.Kind == yaml.SequenceNode:
		return in.filters(n, what, connectors.And)
	case n.Kind != yaml.MappingNode:
		in.wrong(n.Line, "%s is no filter: it is not all, a list or a mapping", what)
		return connectors.Filter{}
	}
	given := in.fields(n, "a filter", append([]string{"and", "or", "not", "every", "filter", "hour", "field"}, operators()...))
	if slices.ContainsFunc(given, func(f field) bool { return f.key == "field" }) {
		return in.test(n, given)
	}
	if len(given) != 1 {
		if len(given)*2 == len(n.Content) { // otherwise an unknown key was named
			in.wrong(n.Line, "a filter says one thing: and, or, not, every, filter, hour, or a field with its test")
		}
		return connectors.Filter{}
	}
	switch f := given[0]; f.key {
	case "and":
		return in.filters(f.value, "and", connectors.And)
	case "or":
		return in.filters(f.value, "or", connectors.Or)
	case "not":
		return connectors.Not(in.filter(f.value, "not"))
	case "every":
		before := len(in.problems)
		inner := in.filter(f.value, "every")
		if len(in.problems) > before {
			return connectors.Filter{}
		}
		if inner.Field == "" || inner.Op == connectors.OpExists || inner.Op == connectors.OpEvery {
			in.wrong(f.line, "every takes one field with one test, such as {field: groups, prefix: \"team:\"}")
			return connectors.Filter{}
		}
		return connectors.Every(inner)
	case "filter":
		name := in.text(f.value, "filter")
		named, ok := in.named[name]
		if !ok {
			in.wrong(f.line, "there is no filter %q above, under filters", name)
		}
		return named
	case "hour":
		return in.hour(f)
	default:
		in.wrong(f.line, "%s asks of no field; write {field: NAME, %s: …}", f.key, f.key)
		return connectors.Filter{}
	}
}

func (in *definitionsReader) filters(n *yaml.Node, what string, join func(...connectors.Filter) connectors.Filter) connectors.Filter {
	var args []connectors.Filter
	for _, arg := range in.list(n, what) {
		args = append(args, in.filter(arg, "an entry of "+what))
	}
	if len(args) == 0 {
		in.wrong(n.Line, "%s has no entry", what)
	}
	return join(args...)
}

// test reads a field with one test.
func (in *definitionsReader) test(n *yaml.Node, given []field) connectors.Filter {
	f := connectors.Filter{}
	var tests []field
	for _, g := range given {
		switch {
		case g.key == "field":
			f.Field = in.text(g.value, g.key)
		case slices.Contains(operators(), g.key):
			tests = append(tests, g)
		default:
			in.wrong(g.line, "%s does not go together with a field", g.key)
			return connectors.Filter{}
		}
	}
	if len(tests) != 1 {
		if len(given)*2 == len(n.Content) {
			in.wrong(n.Line, "the field %s has %d tests, not one; tests are %s", f.Field, len(tests), strings.Join(operators(), ", "))
		}
		return connectors.Filter{}
	}
	not := false
	switch t := tests[0]; t.key {
	case "exists":
		f.Op = connectors.OpExists
		switch word := in.text(t.value, "exists"); word {
		case "true":
		case "false":
			not = true
		default:
			in.wrong(t.line, "exists is %q, not true or false", word)
		}
	case "range":
		if f.Op, f.Values = connectors.OpRange, in.bounds(t); f.Values == nil {
			return connectors.Filter{}
		}
	case "equals":
		f.Op, f.Values = connectors.OpIn, in.values(t)
		if t.value.Kind == yaml.SequenceNode {
			in.wrong(t.line, "equals takes one value; for several write in")
		}
	default:
		f.Op, f.Values = connectors.Op(t.key), in.values(t)
	}
	if !in.valid(f, n.Line) {
		return connectors.Filter{}
	}
	if not {
		return connectors.Not(f)
	}
	return f
}

// valid says whether a filter can be compiled and pass at all, and else why not.
func (in *definitionsReader) valid(f connectors.Filter, line int) bool {
	_, err := connectors.Compile(f)
	if err == nil {
		err = f.Vain()
	}
	if err != nil {
		in.wrong(line, "%s", definitions.Reason(err))
	}
	return err == nil
}

// values takes the values of a test as written, blanks and all.
func (in *definitionsReader) values(f field) []string {
	nodes := []*yaml.Node{f.value}
	if f.value.Kind == yaml.SequenceNode {
		nodes = f.value.Content
	}
	var out []string
	for _, n := range nodes {
		if n.Kind != yaml.ScalarNode || empty(n) || n.Value == "" {
			in.wrong(n.Line, "a value of %s is empty or not a single value; for what is absent write exists: false", f.key)
			continue
		}
		out = append(out, written(n))
	}
	if len(nodes) == 0 {
		in.wrong(f.line, "%s has no value", f.key)
	}
	return out
}

// bounds takes from and to of a range; one of them may be missing, nil when both are.
func (in *definitionsReader) bounds(f field) []string {
	out := []string{"", ""}
	for _, b := range in.fields(f.value, "range", []string{"from", "to"}) {
		if b.key == "from" {
			out[0] = in.text(b.value, "from")
		} else {
			out[1] = in.text(b.value, "to")
		}
	}
	if out[0] == "" && out[1] == "" {
		in.wrong(f.line, "range has neither from nor to")
		return nil
	}
	return out
}

func (in *definitionsReader) hour(f field) connectors.Filter {
	values := []string{"", "", ""}
	for _, b := range in.fields(f.value, "hour", []string{"from", "to", "zone"}) {
		values[slices.Index([]string{"from", "to", "zone"}, b.key)] = in.text(b.value, b.key)
	}
	if values[2] == "" {
		values = values[:2]
	}
	hour := connectors.Filter{Op: connectors.OpHour, Values: values}
	if !in.valid(hour, f.line) {
		return connectors.Filter{}
	}
	return hour
}
