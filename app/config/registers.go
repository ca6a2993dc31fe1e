package config

import (
	"io"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"logreeve/app/fault"
	"logreeve/reports/roster"
)

// ReadRegisters reads a registers file (contract.md §3) with the keys
// registers, expected_sources and witnesses. An expiry date means the end of
// that day, UTC. The first thing wrong gives one fault.Invalid sentence with
// file, line and reason, and then nothing of the file applies.
func ReadRegisters(r io.Reader, file string) (roster.Registers, error) {
	text, err := readFile(r, file)
	if err != nil {
		return roster.Registers{}, err
	}
	d, root, err := open(text, file)
	if err != nil {
		return roster.Registers{}, err
	}
	if root == nil {
		return roster.Registers{}, fault.New(fault.Invalid, "%s is empty. It holds registers, expected_sources or witnesses.", file)
	}
	in := registersReader{document: d, lines: map[string][]int{}}
	for _, f := range d.fields(root, "the file", []string{roster.ListEntries, roster.ListExpected, roster.ListWitnesses}) {
		switch f.key {
		case roster.ListEntries:
			in.registers(f.value)
		case roster.ListExpected:
			in.expected(f.value)
		case roster.ListWitnesses:
			in.witnesses(f.value)
		}
	}
	for _, e := range roster.Validate(in.all) {
		d.wrong(in.lines[e.List][e.Index], "%s", e.Reason)
	}
	if err := d.first(); err != nil {
		return roster.Registers{}, err
	}
	return in.all, nil
}

// registersReader remembers in which line each element was, by list.
type registersReader struct {
	*document
	all   roster.Registers
	lines map[string][]int
}

func (in *registersReader) at(list string, line int) { in.lines[list] = append(in.lines[list], line) }

func (in *registersReader) registers(n *yaml.Node) {
	known := roster.AllRegisters()
	for _, f := range in.fields(n, "registers", nil) {
		register := roster.Register(f.key)
		if !slices.Contains(known, register) {
			in.wrong(f.line, "unknown register %q", f.key)
			continue
		}
		for _, entry := range in.list(f.value, f.key) {
			in.entry(register, entry)
		}
	}
}

func (in *registersReader) entry(register roster.Register, n *yaml.Node) {
	e := roster.Entry{Register: register}
	what := "an entry of " + string(register)
	if n.Kind != yaml.MappingNode {
		in.wrong(n.Line, `%s is not written as {value: …}`, what)
		return
	}
	for _, f := range in.fields(n, what, []string{"value", "owner", "reason", "approver", "ticket", "expires"}) {
		text := in.text(f.value, f.key)
		switch f.key {
		case "value":
			e.Value = text
		case "owner":
			e.Owner = text
		case "reason":
			e.Reason = text
		case "approver":
			e.Approver = text
		case "ticket":
			e.Ticket = text
		case "expires":
			if text == "" {
				in.wrong(f.line, "expires of %s is empty; leave it out if the entry never expires", what)
				continue
			}
			expires, err := roster.EndOf(text)
			if err != nil {
				in.wrong(f.line, "expires: %s", err)
				continue
			}
			e.Expires = expires
		}
	}
	in.all.Entries = append(in.all.Entries, e)
	in.at(roster.ListEntries, n.Line)
}

func (in *registersReader) expected(n *yaml.Node) {
	for _, source := range in.list(n, roster.ListExpected) {
		s := roster.ExpectedSource{}
		for _, f := range in.fields(source, "an expected source", []string{"name", "max_gap", "host"}) {
			text := in.text(f.value, f.key)
			switch f.key {
			case "name":
				s.Name = text
			case "host":
				s.Host = text
			case "max_gap":
				gap, err := time.ParseDuration(text)
				if err != nil || gap < time.Second || gap%time.Second != 0 {
					in.wrong(f.line, "max_gap: %q is not a time of whole seconds like 5m or 24h", text)
					continue
				}
				s.MaxGap = int64(gap / time.Second)
			}
		}
		in.all.Expected = append(in.all.Expected, s)
		in.at(roster.ListExpected, source.Line)
	}
}

func (in *registersReader) witnesses(n *yaml.Node) {
	for _, witness := range in.list(n, roster.ListWitnesses) {
		in.all.Witnesses = append(in.all.Witnesses, in.text(witness, "a witness"))
		in.at(roster.ListWitnesses, witness.Line)
	}
}
