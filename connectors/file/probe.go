package file

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"logreeve/connectors"
)

// Probe looks at the beginning and the end of every file.
func (s *Source) Probe(ctx context.Context) (connectors.Probe, error) {
	p := connectors.Probe{Where: s.where, Kind: s.format.kind, Files: len(s.inputs), Bytes: s.total(), Complete: true}
	look := prober{probe: &p, parser: s.format.session().parser(), source: s, found: map[string]bool{}}
	for _, in := range s.inputs {
		if err := ctx.Err(); err != nil {
			return p, fmt.Errorf("look at %s: %w", s.name, err)
		}
		head, err := in.readSample()
		if err != nil {
			p.Missing = append(p.Missing, in.path+" cannot be read: "+plain(err)+".")
			p.Complete = false
			continue
		}
		look.sample(in, head, true)
		if compressed, _ := in.compressed(); in.stream != nil || compressed || in.size > int64(len(head)) {
			p.Complete = false
			if tail, err := in.readTail(); err == nil && !in.document {
				_, tail, _ = bytes.Cut(tail, []byte("\n")) // the first line is cut
				look.sample(in, tail, false)
			}
		}
	}
	for _, f := range probed(s.format.kind) {
		p.Fields = append(p.Fields, connectors.Field{Name: f.name, Found: look.found[f.name]})
		if !look.found[f.name] && f.missing != "" && p.Parsed > 0 {
			p.Missing = append(p.Missing, f.missing)
		}
	}
	if p.Looked == 0 {
		p.Missing = append(p.Missing, "There are no records yet.")
	}
	for _, k := range s.skipped {
		p.Missing = append(p.Missing, k.File+" "+k.Reason+".")
	}
	slices.Sort(p.Hosts)
	return p, nil
}

type prober struct {
	probe  *connectors.Probe
	parser parser
	source *Source
	found  map[string]bool
}

// sample parses a piece of an input; a cut line at its end does not count.
func (l *prober) sample(in *input, sample []byte, head bool) {
	if !in.document {
		if end := bytes.LastIndexByte(sample, '\n'); end >= 0 && (head || len(sample) > 0) && int64(len(sample)) < max(in.size, sampleSize) {
			if int64(len(sample)) != in.size {
				sample = sample[:end+1]
			}
		}
	}
	p := l.probe
	fields := probed(l.source.format.kind)
	var attribution *connectors.Attribution
	lines(in, sample, func(record []byte) bool {
		if blank(record) {
			return true
		}
		events, _, _ := l.parser.parse(record, connectors.Ref{File: in.path}, in, nil, nil)
		p.Looked++
		if len(events) > 0 {
			p.Parsed++
		}
		for i := range events {
			e := &events[i]
			e.Source = l.source.name
			attribution.Apply(e)
			if p.Oldest == 0 || e.Time < p.Oldest {
				p.Oldest = e.Time
			}
			p.Newest = max(p.Newest, e.Time)
			if place := e.Host + e.Cluster; place != "" && !slices.Contains(p.Hosts, place) && len(p.Hosts) < 1000 {
				p.Hosts = append(p.Hosts, place)
			}
			if p.Sample == nil {
				r := e.Record(connectors.TicketRule{Pattern: connectors.DefaultTicketPattern})
				p.Sample = &r
			}
			for _, f := range fields {
				if !l.found[f.name] && f.has(e) {
					l.found[f.name] = true
				}
			}
		}
		return true
	})
}

// probedField is a field whose presence decides what can be checked.
type probedField struct {
	name    string
	has     func(*connectors.Event) bool
	missing string // what is missing and how to get it
}

func probed(kind connectors.Kind) []probedField {
	common := []probedField{
		{"time", func(e *connectors.Event) bool { return e.Time != 0 }, ""},
		{"login", func(e *connectors.Event) bool { return e.Login != "" }, ""},
		{"client_ip", func(e *connectors.Event) bool { return e.ClientIP != "" }, ""},
		{"outcome", func(e *connectors.Event) bool { return e.Outcome != connectors.Unknown }, ""},
		{"credential", func(e *connectors.Event) bool { return e.Credential != "" }, "No record names the key, certificate or token that was used, so shared credentials cannot be told apart."},
	}
	if kind == connectors.Kubernetes {
		return append(common,
			probedField{"verb", func(e *connectors.Event) bool { return e.Verb != "" }, ""},
			probedField{"resource", func(e *connectors.Event) bool { return e.Object.Resource != "" }, ""},
			probedField{"user_agent", func(e *connectors.Event) bool { return e.UserAgent() != "" }, ""},
			probedField{"annotations", func(e *connectors.Event) bool { return e.Annotations() != nil }, ""},
			probedField{"request", func(e *connectors.Event) bool { return e.Request() != nil }, "No record has a request body. Set the audit policy to level Request or RequestResponse for what you want to review."},
			probedField{"response", func(e *connectors.Event) bool { return e.Response() != nil }, "No record has a response body. Set the audit policy to level RequestResponse for network policies and bindings."},
		)
	}
	return append(common,
		probedField{"host", func(e *connectors.Event) bool { return e.Host != "" }, ""},
		probedField{"message", func(e *connectors.Event) bool { return e.Message() != "" }, ""},
		probedField{"logins", func(e *connectors.Event) bool { return e.Category == connectors.CategoryLogin }, "No login was seen in what was looked at."},
		probedField{"commands", func(e *connectors.Event) bool { return e.Category == connectors.CategoryCommand }, "No sudo or su command was seen in what was looked at."},
		probedField{"accounts", func(e *connectors.Event) bool { return e.Category == connectors.CategoryAccount }, "No change of an account was seen in what was looked at."},
	)
}
