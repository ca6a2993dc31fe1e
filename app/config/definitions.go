package config

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/definitions"
)

// ReadDefinitions reads a file of check definitions (docs/definitions.md): YAML,
// and so JSON as well. Taken says which ids are defined already and where; the
// ids of the file are added to it. Everything wrong is listed, each with file,
// line and reason, in one fault.Invalid, and then nothing of the file applies.
func ReadDefinitions(r io.Reader, file string, taken map[string]string) ([]definitions.Definition, error) {
	text, err := readFile(r, file)
	if err != nil {
		return nil, err
	}
	d, root, err := open(text, file)
	if err != nil {
		return nil, err
	}
	if root == nil {
		return nil, fault.New(fault.Invalid, "%s is empty. It holds checks.", file)
	}
	in := &definitionsReader{document: d, named: map[string]connectors.Filter{}}
	all := in.file(root)
	for _, p := range definitions.Validate(all, taken) {
		if !in.refused[place{p.Index, p.Key}] {
			d.wrong(in.line(p), "%s", p.Reason)
		}
	}
	if err := d.every(); err != nil {
		return nil, err
	}
	for i := range all {
		taken[all[i].ID] = fmt.Sprintf("%s, line %d", file, in.lines[place{i, ""}])
	}
	return all, nil
}

// every gives all problems as one fault, in the order of lines, or nil.
func (d *document) every() error {
	if len(d.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(d.problems, func(a, b problem) int { return cmp.Compare(a.line, b.line) })
	said := make([]string, len(d.problems))
	for i, p := range d.problems {
		said[i] = p.in(d.file)
	}
	return fault.New(fault.Invalid, "%s", strings.Join(slices.Compact(said), "\n"))
}

// place is a key of a definition: "id", "grouping.by".
type place struct {
	index int
	key   string
}

// definitionsReader remembers in which line each key was.
type definitionsReader struct {
	*document
	named   map[string]connectors.Filter // filters that others refer to
	lines   map[place]int
	refused map[place]bool // what is wrong there has been said
	index   int
}

// line finds the line of a problem: of its key, of what the key is in, or of the
// definition.
func (in *definitionsReader) line(p definitions.Problem) int {
	key := p.Key
	for {
		if line, ok := in.lines[place{p.Index, key}]; ok {
			return line
		}
		i := strings.LastIndexByte(key, '.')
		key = key[:max(i, 0)]
	}
}

func (in *definitionsReader) at(key string, line int) { in.lines[place{in.index, key}] = line }

// refuse says what is wrong with a key, in place of what Validate would say.
func (in *definitionsReader) refuse(key string, line int, format string, args ...any) {
	in.refused[place{in.index, key}] = true
	in.wrong(line, format, args...)
}

func (in *definitionsReader) file(root *yaml.Node) []definitions.Definition {
	in.lines, in.refused = map[place]int{}, map[place]bool{}
	var all []definitions.Definition
	given := in.fields(root, "the file", []string{"filters", "checks"})
	for _, f := range given { // checks refer to filters, wherever these stand
		if f.key == "filters" {
			for _, named := range in.fields(f.value, "filters", nil) {
				in.named[named.key] = in.filter(named.value, "the filter "+named.key)
			}
		}
	}
	for _, f := range given {
		if f.key != "checks" {
			continue
		}
		for i, n := range in.list(f.value, "checks") {
			in.index = i
			all = append(all, in.definition(n))
		}
	}
	if len(all) == 0 && len(in.problems) == 0 {
		in.wrong(root.Line, "the file defines no check")
	}
	return all
}

func (in *definitionsReader) definition(n *yaml.Node) definitions.Definition {
	d := definitions.Definition{Version: 1, Severity: reports.Medium, Kinds: []connectors.Kind{connectors.Kubernetes}}
	in.at("", n.Line)
	if n.Kind != yaml.MappingNode {
		in.wrong(n.Line, "a check is not a mapping of keys to values")
		return d
	}
	violation, selects := "", false
	for _, f := range in.fields(n, "a check", []string{
		"id", "version", "title", "objective", "logic", "type", "severity", "controls", "kind", "select", "violation",
		"witness", "witness_text", "grouping", "threshold", "never_seen", "changes",
	}) {
		in.at(f.key, f.line)
		switch f.key {
		case "id":
			d.ID = in.text(f.value, f.key)
		case "version":
			d.Version = int(in.number(f.value, f.key, f.key))
		case "title":
			d.Title = strings.TrimSuffix(in.text(f.value, f.key), ".")
		case "objective":
			d.Objective = in.text(f.value, f.key)
		case "logic":
			d.Logic = in.text(f.value, f.key)
		case "type":
			d.Type = reports.Type(in.text(f.value, f.key))
		case "severity":
			d.Severity = reports.Severity(in.text(f.value, f.key))
		case "controls":
			d.Controls = in.texts(f.value, f.key)
		case "kind":
			d.Kinds = nil
			for _, k := range in.oneOrMore(f.value, f.key) {
				d.Kinds = append(d.Kinds, connectors.Kind(k))
			}
		case "select":
			selects = true
			d.Select = in.filter(f.value, "select")
		case "violation":
			violation = in.text(f.value, f.key)
		case "witness":
			witness := in.filter(f.value, "witness")
			d.Witness = &witness
		case "witness_text":
			d.WitnessText = in.text(f.value, f.key)
		case "grouping":
			d.Grouping = in.grouping(f.value)
		case "threshold":
			d.Threshold = in.threshold(f.value)
		case "never_seen":
			d.NeverSeen = in.word(f.value, f.key)
		case "changes":
			d.Changes = in.word(f.value, f.key)
		}
	}
	if !selects {
		in.wrong(n.Line, "the check %s has no select; write select: all for every event", d.ID)
	}
	in.kindOfItems(&d, violation)
	return d
}

// kindOfItems settles type and violation, which say the same in two ways.
func (in *definitionsReader) kindOfItems(d *definitions.Definition, violation string) {
	line := in.lines[place{in.index, "violation"}]
	want := reports.Assertion
	switch violation {
	case "", "true":
	case "false":
		want = reports.RegisterT
	default:
		in.wrong(line, "violation is %q, not true or false", violation)
		return
	}
	switch {
	case d.Type == "":
		d.Type = want
	case violation != "" && d.Type != want && (d.Type == reports.Assertion || d.Type == reports.RegisterT):
		in.wrong(line, "type %s and violation %s contradict each other: items of an assertion are violations, those of a register are not", d.Type, violation)
	}
}

// groupingKeys are what grouping and threshold have in common.
func groupingKeys(more ...string) []string {
	return append([]string{"by", "distinct", "at_least", "more_than", "events"}, more...)
}

func (in *definitionsReader) grouping(n *yaml.Node) *definitions.Grouping {
	g := &definitions.Grouping{}
	for _, f := range in.fields(n, "grouping", groupingKeys()) {
		in.groupingKey(g, "grouping", f)
	}
	return g
}

func (in *definitionsReader) threshold(n *yaml.Node) *definitions.Threshold {
	t := &definitions.Threshold{Late: definitions.DefaultLate}
	for _, f := range in.fields(n, "threshold", groupingKeys("within", "windows", "late")) {
		key := "threshold." + f.key
		in.at(key, f.line)
		switch f.key {
		case "within":
			t.Within = in.duration(f.value, key)
		case "late":
			t.Late = in.duration(f.value, key)
		case "windows":
			switch word := in.text(f.value, key); word {
			case "fixed":
			case "sliding":
				t.Sliding = true
			default:
				in.wrong(f.line, "windows is %q, not fixed or sliding", word)
			}
		default:
			in.groupingKey(&t.Grouping, "threshold", f)
		}
	}
	return t
}

func (in *definitionsReader) groupingKey(g *definitions.Grouping, of string, f field) {
	key := of + "." + f.key
	in.at(key, f.line)
	switch f.key {
	case "by":
		g.By = in.oneOrMore(f.value, key)
	case "distinct":
		g.Distinct = in.text(f.value, key)
	case "at_least", "more_than":
		if g.AtLeast != 0 {
			in.wrong(f.line, "%s has both at_least and more_than", of)
		}
		if g.AtLeast = in.number(f.value, key, of); f.key == "more_than" {
			g.AtLeast++
		}
	case "events":
		if g.Events = int(in.number(f.value, key, key)); g.Events == 0 {
			g.Events = -1
		}
	}
}

// number takes a whole number from 1 to a billion; what is none is said here,
// and Validate need not say it of the key again.
func (in *definitionsReader) number(n *yaml.Node, what, key string) int64 {
	text := in.text(n, what)
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil || v < 1 || v > 1_000_000_000 {
		in.refuse(key, n.Line, "%s is %q, not a whole number from 1 to 1,000,000,000", what, text)
		return 1
	}
	return v
}

func (in *definitionsReader) duration(n *yaml.Node, key string) time.Duration {
	text := in.text(n, key)
	d, err := time.ParseDuration(text)
	if err != nil {
		in.refuse(key, n.Line, "%s is %q, not a time such as 5m or 24h", key, text)
	}
	return d
}

// word takes a word that must not be empty.
func (in *definitionsReader) word(n *yaml.Node, what string) string {
	text := in.text(n, what)
	if text == "" {
		in.wrong(n.Line, "%s is empty", what)
	}
	return text
}

// oneOrMore takes a single value or a list of them.
func (in *definitionsReader) oneOrMore(n *yaml.Node, what string) []string {
	if n.Kind == yaml.SequenceNode {
		return in.texts(n, what)
	}
	if text := in.text(n, what); text != "" {
		return []string{text}
	}
	return nil
}
