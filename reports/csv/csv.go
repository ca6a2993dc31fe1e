// Package csv owns the spreadsheet form of items and events: RFC 4180, UTF-8, a
// header row, and a guard so that no cell of log text can become a formula. The
// JSON lines beside it in a package are the authoritative form.
package csv

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"unicode/utf8"

	"logreeve/reports"
)

// Guard makes a cell of text harmless in a spreadsheet: text that begins with
// = + - @ or a control character (also in full width) is preceded by an
// apostrophe (CWE-1236), and so is text that begins with an apostrophe, so that
// Unguard is exact. Invalid UTF-8 and control characters other than tab and line
// feed, which readers of RFC 4180 lose or change, are written visibly.
func Guard(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "�")
	}
	if strings.IndexFunc(s, control) >= 0 {
		s = strings.Map(func(r rune) rune {
			switch {
			case r == 0x7f:
				return '␡'
			case control(r):
				return '␀' + r // the block Control Pictures
			}
			return r
		}, s)
	}
	if s == "" {
		return s
	}
	switch r, _ := utf8.DecodeRuneInString(s); r {
	case '=', '+', '-', '@', '\t', '\n', '\'', '＝', '＋', '－', '＠':
		return "'" + s
	}
	return s
}

func control(r rune) bool { return r < ' ' && r != '\t' && r != '\n' || r == 0x7f }

// Unguard takes Guard's apostrophe away.
func Unguard(s string) string { return strings.TrimPrefix(s, "'") }

// Items writes items, one row each, with what was decided about them.
func Items(results []reports.Result, decided func(item string) (choice, reason, by, at string)) ([]byte, error) {
	return write([]string{"check", "severity", "violation", "title", "subject", "summary", "events", "first", "last", "actors", "decision", "reason", "decided_by", "decided_at", "item_key"},
		func(row func(cells ...string)) {
			for i := range results {
				for j := range results[i].Items {
					it := &results[i].Items[j]
					choice, reason, by, at := decided(it.Key)
					row(results[i].Check, string(it.Severity), strconv.FormatBool(it.Violation), Guard(it.Title), Guard(it.Subject), Guard(it.Summary),
						strconv.FormatInt(it.Count, 10), it.First.String(), it.Last.String(), Guard(strings.Join(it.Actors, "; ")),
						choice, Guard(reason), Guard(by), at, it.Key)
				}
			}
		})
}

// Events writes the listed events of an item, one row each.
func Events(item *reports.Item) ([]byte, error) {
	return write([]string{"time", "source", "cluster", "host", "actor", "actor_kind", "effective", "verb", "resource", "subresource", "namespace", "name", "outcome", "code",
		"client_ip", "user_agent", "command", "message", "ticket", "event_key", "native_id", "sha256"},
		func(row func(cells ...string)) {
			for i := range item.Evidence {
				r := &item.Evidence[i].Record
				var resource, sub, ns, name string
				if o := r.Object; o != nil {
					resource, sub, ns, name = o.Resource, o.Subresource, o.Namespace, o.Name
				}
				row(r.Time.String(), Guard(r.Source), Guard(r.Cluster), Guard(r.Host), Guard(r.Actor), string(r.ActorKind), Guard(r.Effective), Guard(r.Verb),
					Guard(resource), Guard(sub), Guard(ns), Guard(name), string(r.Outcome), Guard(r.Code), Guard(r.ClientIP), Guard(r.UserAgent), Guard(r.Command),
					Guard(r.Message), Guard(r.Ticket), r.Key, Guard(r.NativeID), r.SHA256)
			}
		})
}

// Coverage writes the events an hour of each source.
func Coverage(sources []reports.SourceSummary) ([]byte, error) {
	return write([]string{"source", "hour", "events"}, func(row func(cells ...string)) {
		for i := range sources {
			for _, h := range sources[i].Hourly {
				row(Guard(sources[i].Name), h.Hour.String(), strconv.FormatInt(h.Count, 10))
			}
		}
	})
}

func write(header []string, rows func(row func(cells ...string))) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	if err := w.Write(header); err != nil {
		return nil, err
	}
	var failed error
	rows(func(cells ...string) {
		if err := w.Write(cells); err != nil && failed == nil {
			failed = err
		}
	})
	w.Flush()
	if failed != nil {
		return nil, failed
	}
	return out.Bytes(), w.Error()
}
