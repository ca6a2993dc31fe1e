// Package config owns every YAML file and the settings of the server: it turns
// text into checked values and says, with file and line, what is wrong with it.
// What the values mean is left to those who use them; nothing here opens a
// database, a port or a log.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"logreeve/app/fault"
)

// maxFile is how large a YAML file may be, in bytes.
const maxFile = 4 << 20

// document is a YAML file while it is read strictly: keys are known and not
// repeated, there are no anchors, one file is one document. What is wrong is
// collected with its line.
type document struct {
	file     string
	problems []problem
}

// problem is one thing wrong, without a full stop. Line 0 means the whole file.
type problem struct {
	line   int
	reason string
}

func (p problem) in(file string) string {
	if p.line == 0 {
		return file + ": " + p.reason + "."
	}
	return fmt.Sprintf("%s, line %d: %s.", file, p.line, p.reason)
}

// readFile reads a file whole, up to its limit.
func readFile(r io.Reader, file string) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "%s cannot be read.", file)
	}
	if len(text) > maxFile {
		return nil, fault.New(fault.Invalid, "%s is larger than %d MiB.", file, maxFile>>20)
	}
	return text, nil
}

// open parses a file to its root; nil when the file is empty.
func open(text []byte, file string) (*document, *yaml.Node, error) {
	d := &document{file: file}
	in := yaml.NewDecoder(bytes.NewReader(text))
	var root, more yaml.Node
	err := in.Decode(&root)
	if errors.Is(err, io.EOF) {
		return d, nil, nil
	}
	if err != nil {
		return nil, nil, syntaxFault(text, file, err)
	}
	if err := in.Decode(&more); !errors.Is(err, io.EOF) {
		if err != nil {
			return nil, nil, syntaxFault(text, file, err)
		}
		return nil, nil, fault.New(fault.Invalid, "%s", problem{more.Line, "a second document begins; one file is one document"}.in(file))
	}
	if len(root.Content) == 0 || empty(root.Content[0]) {
		return d, nil, nil
	}
	return d, root.Content[0], nil
}

// yamlLine finds the line in the parser's own words.
var yamlLine = regexp.MustCompile(`^yaml: line ([0-9]+): (.*)$`)

// bracketed is a path with brackets that stands without quotes after a key.
var bracketed = regexp.MustCompile(`:\s+[A-Za-z][\w.-]*\[`)

func syntaxFault(text []byte, file string, err error) error {
	m := yamlLine.FindStringSubmatch(err.Error())
	if m == nil {
		return fault.Wrap(fault.Invalid, err, "%s: the text is not YAML: %s.", file, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	hint := ""
	lines := strings.Split(string(text), "\n")
	at, _ := strconv.Atoi(m[1]) // the parser names the line or the one before it
	for _, line := range lines[min(max(at-1, 0), len(lines)):min(at+1, len(lines))] {
		if bracketed.MatchString(line) {
			hint = " A path with brackets stands in quotes."
		}
	}
	return fault.Wrap(fault.Invalid, err, "%s, line %s: the text is not YAML: %s.%s", file, m[1], m[2], hint)
}

// wrong records a problem.
func (d *document) wrong(line int, format string, args ...any) {
	d.problems = append(d.problems, problem{line, fmt.Sprintf(format, args...)})
}

// first gives the problem nearest to the top of the file as a fault, or nil.
func (d *document) first() error {
	if len(d.problems) == 0 {
		return nil
	}
	top := slices.MinFunc(d.problems, func(a, b problem) int { return a.line - b.line })
	return fault.New(fault.Invalid, "%s", top.in(d.file))
}

func empty(n *yaml.Node) bool {
	return n == nil || n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// field is one key of a mapping and its value.
type field struct {
	key   string
	line  int
	value *yaml.Node
}

// fields takes a mapping apart in its order. What says what the mapping is.
// Unless any key goes (known is nil), keys are among the known ones.
func (d *document) fields(n *yaml.Node, what string, known []string) []field {
	if empty(n) {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		d.wrong(n.Line, "%s is not a mapping of keys to values", what)
		return nil
	}
	var all []field
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		switch {
		case k.Kind != yaml.ScalarNode:
			d.wrong(k.Line, "a key of %s is not a word", what)
		case known != nil && !slices.Contains(known, k.Value):
			d.wrong(k.Line, "unknown key %q of %s; known are %s", k.Value, what, strings.Join(known, ", "))
		case slices.ContainsFunc(all, func(f field) bool { return f.key == k.Value }):
			d.wrong(k.Line, "the key %q of %s is there twice", k.Value, what)
		default:
			all = append(all, field{k.Value, k.Line, v})
		}
	}
	return all
}

// list takes a list apart; nothing given is an empty list.
func (d *document) list(n *yaml.Node, what string) []*yaml.Node {
	if empty(n) {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		d.wrong(n.Line, "%s is not a list", what)
		return nil
	}
	return n.Content
}

// text takes a single value as it is written; nothing given is "".
func (d *document) text(n *yaml.Node, what string) string {
	if empty(n) {
		return ""
	}
	if n.Kind == yaml.AliasNode {
		d.wrong(n.Line, "%s is an alias; write the value itself", what)
		return ""
	}
	if n.Kind != yaml.ScalarNode {
		d.wrong(n.Line, "%s is not a single value", what)
		return ""
	}
	return strings.TrimSpace(written(n))
}

// written is a single value as it is written, truth values as JSON writes them.
func written(n *yaml.Node) string {
	if n.ShortTag() == "!!bool" {
		return strings.ToLower(n.Value)
	}
	return n.Value
}

// texts takes a list of single values.
func (d *document) texts(n *yaml.Node, what string) []string {
	var all []string
	for _, v := range d.list(n, what) {
		if s := d.text(v, "an entry of "+what); s != "" || v.Tag == "!!str" {
			all = append(all, s)
		} else if empty(v) {
			d.wrong(v.Line, "an entry of %s is empty", what)
		}
	}
	return all
}
