package stores_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"logreeve/connectors"
)

// Mappings. Bodies are left out of the index, as pipelines that keep them do:
// their field names are beyond what a mapping takes. Text becomes text with
// ".keyword" by itself, or keyword where a pipeline says so.
const (
	bodies   = `"requestObject":{"type":"object","enabled":false},"responseObject":{"type":"object","enabled":false}`
	texts    = `{"properties":{` + bodies + `}}`
	keywords = `{"dynamic_templates":[{"text":{"match_mapping_type":"string","mapping":{"type":"keyword"}}}],` +
		`"properties":{` + bodies + `,"requestReceivedTimestamp":{"type":"date"},"stageTimestamp":{"type":"date"}}}`
	below  = `{"properties":{"kubernetes":{"properties":{"audit":{"properties":{` + bodies + `}}}}}}`
	calico = `{"dynamic":"false","properties":{` + bodies + `,"auditID":{"type":"keyword"},"verb":{"type":"keyword"},"stage":{"type":"text"},"userAgent":{"type":"text"},"sourceIPs":{"type":"text"},` +
		`"user":{"properties":{"username":{"type":"keyword"},"groups":{"type":"keyword"}}},` +
		`"objectRef":{"properties":{"resource":{"type":"keyword"},"apiGroup":{"type":"keyword"},"name":{"type":"keyword"}}},` +
		`"responseStatus":{"properties":{"code":{"type":"long"}}},"requestReceivedTimestamp":{"type":"date"},"stageTimestamp":{"type":"date"}}}`
)

// A pipeline is how records of requests become documents.
type pipeline struct {
	name, profile, mapping string
	document               func(t testing.TB, record map[string]json.RawMessage, line []byte) any // nil: the line itself
}

// through is a log of requests after a pipeline.
func (p pipeline) through(t testing.TB, path string) part {
	out := part{kind: connectors.Kubernetes, path: path, profile: p.profile, mapping: p.mapping}
	if p.document != nil {
		out.document = func(line []byte) []byte {
			var record map[string]json.RawMessage
			if err := json.Unmarshal(line, &record); err != nil {
				t.Fatal(err)
			}
			return must(t, p.document(t, record, line))
		}
	}
	return out
}

func plain() pipeline { return pipeline{name: "text", profile: "kubernetes", mapping: texts} }

// pipelines are the ways in which connectors/search has profiles for requests.
func pipelines() []pipeline {
	return []pipeline{
		plain(), {name: "keywords", profile: "kubernetes", mapping: keywords}, {name: "Calico", profile: "calico", mapping: calico}, welkin(),
		{name: "fluent-bit", profile: "fluent-bit", mapping: texts, document: func(t testing.TB, record map[string]json.RawMessage, _ []byte) any {
			return underscored(t, record)
		}},
		{name: "Elastic Agent", profile: "elastic-agent", mapping: below, document: func(t testing.TB, record map[string]json.RawMessage, _ []byte) any {
			return map[string]any{"@timestamp": "2026-11-21T00:00:00Z", "kubernetes": map[string]any{"audit": underscored(t, record)}}
		}},
		{name: "wrapped", profile: "wrapped", document: func(_ testing.TB, record map[string]json.RawMessage, line []byte) any {
			return map[string]any{"@timestamp": record["stageTimestamp"], "message": string(line) + "\n"}
		}},
	}
}

// welkin makes bodies text, or "none", and gives the time another name and form.
func welkin() pipeline {
	return pipeline{name: "Welkin", profile: "welkin", document: func(t testing.TB, record map[string]json.RawMessage, _ []byte) any {
		for _, body := range []string{"requestObject", "responseObject"} {
			text := "none"
			if v, ok := record[body]; ok {
				text = string(v)
			}
			record[body] = must(t, text)
		}
		var at string
		if err := json.Unmarshal(record["stageTimestamp"], &at); err != nil {
			t.Fatal(err)
		}
		delete(record, "stageTimestamp")
		record["@timestamp"] = must(t, strings.Replace(at, "Z", "000+00:00", 1))
		return record
	}}
}

// underscored writes the keys of annotations as pipelines do that replace dots.
func underscored(t testing.TB, record map[string]json.RawMessage) map[string]json.RawMessage {
	var annotations map[string]json.RawMessage
	if err := json.Unmarshal(record["annotations"], &annotations); err != nil {
		t.Fatal(err)
	}
	out := map[string]json.RawMessage{}
	for k, v := range annotations {
		out[strings.ReplaceAll(k, ".", "_")] = v
	}
	record["annotations"] = must(t, out)
	return record
}

func must(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var syslogLine = regexp.MustCompile(`^(\w+ +\d+ [\d:]+) (\S+) ([^\[: ]+)(?:\[(\d+)\])?: (.*)$`)

// takenApart is a line of syslog as a pipeline makes a document of it.
func takenApart(t testing.TB, line []byte) []byte {
	t.Helper()
	parts := syslogLine.FindStringSubmatch(string(line))
	if parts == nil {
		t.Fatalf("no line of syslog: %s", line)
	}
	at, err := time.Parse("2006 Jan _2 15:04:05", "2026 "+parts[1])
	if err != nil {
		t.Fatal(err)
	}
	return must(t, map[string]string{
		"@timestamp": at.Format("2006-01-02T15:04:05.000Z"), "host": parts[2], "ident": parts[3], "pid": parts[4], "message": parts[5],
	})
}
