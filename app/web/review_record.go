package web

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strings"

	"logreeve/app/web/part"
	"logreeve/connectors"
)

// verbPast says what a Kubernetes verb did.
func verbPast(verb string) string {
	switch verb {
	case "create":
		return "created"
	case "update":
		return "updated"
	case "patch":
		return "patched"
	case "delete":
		return "deleted"
	case "deletecollection":
		return "deleted all"
	case "get":
		return "read"
	case "list":
		return "listed"
	case "watch":
		return "watched"
	}
	return verb
}

// recordWords says an event in words, without its actor.
func recordWords(rec connectors.Record) string {
	said := ""
	switch o := rec.Object; {
	case rec.Command != "":
		said = "ran " + rec.Command
		if rec.Effective != "" {
			said += " as " + rec.Effective
		}
	case rec.Kind == connectors.Kubernetes && o != nil:
		said = verbPast(rec.Verb) + " " + o.Resource
		if o.Subresource != "" {
			said += "/" + o.Subresource
		}
		name := strings.Trim(o.Namespace+"/"+o.Name, "/")
		if name != "" {
			said += " " + name
		}
		if rec.Effective != "" {
			said += " as " + rec.Effective
		}
	case rec.Category == connectors.CategoryLogin:
		said = "signed in"
		if rec.Login != "" {
			said += " as " + rec.Login
		}
	case rec.Message != "":
		said = rec.Message
	default:
		said = cmp.Or(verbPast(rec.Verb), string(rec.Category))
	}
	if rec.Outcome != connectors.OK && rec.Outcome != "" {
		said += " (" + string(rec.Outcome) + ")"
	}
	return logText(said)
}

// recordTitle is an event as the title of a line.
func recordTitle(rec connectors.Record) string {
	who := cmp.Or(rec.Actor, rec.Login, rec.ClientIP, "somebody")
	return logText(who) + " " + recordWords(rec)
}

// recordTable lists events.
func recordTable(f Format, id, caption string, records []connectors.Record) part.Table {
	t := part.Table{ID: id, Caption: caption, Quiet: true, Tight: true, Columns: []part.Column{{Text: "Time"}, {Text: "Who"}, {Text: "What"}, {Text: "From"}}}
	for _, rec := range records {
		t.Rows = append(t.Rows, part.Row{Cells: []part.Cell{
			{Text: f.in(rec.Time).Format("2 Jan 15:04:05"), Time: rec.Time.String(), UTC: f.UTC(rec.Time), Small: true},
			{Text: logText(cmp.Or(rec.Actor, rec.Login)), Small: true},
			{Text: recordWords(rec), Sub: logText(cmp.Or(rec.Cluster, rec.Host)), Small: true}, {Text: logText(rec.ClientIP), Mono: true},
		}})
	}
	return t
}

// rawOf writes a raw record so that it can be read, and where it lies.
func rawOf(rec connectors.Record, raw []byte) rawView {
	where := rec.Source
	switch ref := rec.Ref; {
	case ref.File != "":
		where += " · " + ref.File
		if ref.Line > 0 {
			where += ", line " + countWord64(ref.Line)
		}
	case ref.Index != "":
		where += " · " + ref.Index + " " + ref.ID
	}
	text := string(raw)
	var out bytes.Buffer
	if json.Indent(&out, raw, "", "  ") == nil {
		text = out.String()
	}
	return rawView{Where: logText(where) + " · SHA-256 " + short(rec.SHA256), Text: logText(text)}
}
