package web

import (
	"fmt"
	"html/template"
	"net/url"
	"reflect"
	"strings"
	"time"

	"logreeve/app/actor"
	"logreeve/app/web/chart"
	"logreeve/connectors"
)

// functions are what templates may call: formatting and nothing else. This is
// the only place that makes template.HTML.
func functions(assets *Assets, f Format) template.FuncMap {
	return template.FuncMap{
		"asset":    assets.Path,     // "css/base.css" → its address
		"time":     f.timeElement,   // Instant → <time>21 Nov 2026, 12:23</time>, UTC on hover
		"date":     f.dateElement,   // Instant → <time>21 Nov 2026</time>
		"clock":    f.clockElement,  // Instant → <time>12:23</time>
		"day":      f.Day,           // Instant → Saturday, 21 November
		"span":     f.Span,          // Window → 1 Nov – 30 Nov 2026
		"rfc3339":  rfc3339,         // Instant → 2026-11-21T11:23:54.000000Z
		"ago":      ago,             // now, Instant → 5 minutes ago
		"count":    count,           // 12431 → 12,431
		"plural":   plural,          // 2 "event" "events" → 2 events
		"short":    short,           // hash → its first 12 characters
		"severity": severityWord,    // "high" → High
		"outcome":  outcomeWord,     // "needs_review" → Needs review
		"role":     roleWord,        // "admin" → Administrator
		"roles":    roleWords,       // roles → Administrator, Officer
		"query":    url.QueryEscape, // for a value within a query
		"segment":  url.PathEscape,  // for a value within a path
		"join":     strings.Join,    // list, separator
		"initials": initials,        // Omar Keita → OK
	}
}

// Format writes times as the organisation reads them.
type Format struct{ Zone *time.Location }

func (f Format) in(i connectors.Instant) time.Time {
	if f.Zone == nil {
		return i.Time()
	}
	return i.Time().In(f.Zone)
}

const unknownTime = "time not known"

func (f Format) write(i connectors.Instant, layout string) string {
	if i == 0 {
		return unknownTime
	}
	return f.in(i).Format(layout)
}

// Time is "21 Nov 2026, 12:23" in the organisation's zone.
func (f Format) Time(i connectors.Instant) string { return f.write(i, "2 Jan 2006, 15:04") }

// Date is "21 Nov 2026".
func (f Format) Date(i connectors.Instant) string { return f.write(i, "2 Jan 2006") }

// Clock is "12:23".
func (f Format) Clock(i connectors.Instant) string { return f.write(i, "15:04") }

// Day is "Saturday, 21 November".
func (f Format) Day(i connectors.Instant) string { return f.write(i, "Monday, 2 January") }

// UTC is "2026-11-21 11:23:54 UTC", what is said on hover and in print.
func (f Format) UTC(i connectors.Instant) string {
	if i == 0 {
		return unknownTime
	}
	return i.Time().Format("2006-01-02 15:04:05 UTC")
}

// Span says a half-open window to people: whole days as "1 Nov – 30 Nov 2026"
// with the last day included, else with times.
func (f Format) Span(w connectors.Window) string {
	if w.From == 0 || w.To == 0 {
		switch {
		case w.From != 0:
			return "from " + f.Time(w.From)
		case w.To != 0:
			return "until " + f.Time(w.To)
		}
		return "all time"
	}
	from, to := f.in(w.From), f.in(w.To)
	if !midnight(from) || !midnight(to) {
		return f.Time(w.From) + " – " + f.Time(w.To)
	}
	last := to.AddDate(0, 0, -1)
	switch {
	case !last.After(from):
		return from.Format("2 Jan 2006")
	case from.Year() == last.Year():
		return from.Format("2 Jan") + " – " + last.Format("2 Jan 2006")
	}
	return from.Format("2 Jan 2006") + " – " + last.Format("2 Jan 2006")
}

func midnight(t time.Time) bool {
	return t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 && t.Nanosecond() == 0
}

func (f Format) element(i connectors.Instant, text string) template.HTML {
	if i == 0 {
		return template.HTML(`<span class="faint">` + unknownTime + `</span>`) //nolint:gosec // our own text
	}
	// All three are made of digits, letters and signs that HTML leaves alone.
	return template.HTML(`<time datetime="` + i.String() + `" title="` + f.UTC(i) + `">` + text + `</time>`) //nolint:gosec // see above
}

func (f Format) timeElement(i connectors.Instant) template.HTML  { return f.element(i, f.Time(i)) }
func (f Format) dateElement(i connectors.Instant) template.HTML  { return f.element(i, f.Date(i)) }
func (f Format) clockElement(i connectors.Instant) template.HTML { return f.element(i, f.Clock(i)) }

func rfc3339(i connectors.Instant) string { return i.String() }

// ago says how long before now something was.
func ago(now, i connectors.Instant) string {
	d := now.Sub(i)
	switch {
	case i == 0:
		return unknownTime
	case d < 0:
		return "in the future"
	case d < time.Minute:
		return "just now"
	case d < 2*time.Hour:
		return plural(int(d/time.Minute), "minute", "minutes") + " ago"
	case d < 48*time.Hour:
		return plural(int(d/time.Hour), "hour", "hours") + " ago"
	}
	return plural(int(d/(24*time.Hour)), "day", "days") + " ago"
}

// count writes a whole number with separators. Templates give int and int64;
// anything else is a mistake of the page and fails it.
func count(n any) (string, error) {
	v := reflect.ValueOf(n)
	if !v.IsValid() || !v.CanInt() {
		return "", fmt.Errorf("count: %T is not a whole number", n)
	}
	return chart.Count(v.Int()), nil
}

func plural(n any, one, many string) string {
	said, err := count(n)
	if err != nil {
		return ""
	}
	if said == "1" {
		return said + " " + one
	}
	return said + " " + many
}

func short(hash string) string {
	if len(hash) > 12 {
		return hash[:12]
	}
	return hash
}

// severityWord and outcomeWord take the domain's string types. A value they do
// not know is shown as it is: better odd than wrong.
func severityWord(severity any) string {
	s := fmt.Sprint(severity)
	switch s {
	case "critical", "high", "medium", "low", "info":
		return strings.ToUpper(s[:1]) + s[1:]
	}
	return s
}

func outcomeWord(outcome any) string {
	s := fmt.Sprint(outcome)
	switch s {
	case "pass":
		return "Pass"
	case "fail":
		return "Fail"
	case "needs_review":
		return "Needs review"
	case "inconclusive":
		return "Inconclusive"
	case "not_applicable":
		return "Not applicable"
	case "error":
		return "Error"
	}
	return s
}

func roleWord(r actor.Role) string {
	switch r {
	case actor.Admin:
		return "Administrator"
	case actor.Officer:
		return "Officer"
	case actor.Reviewer:
		return "Reviewer"
	case actor.Approver:
		return "Approver"
	case actor.Auditor:
		return "Auditor"
	}
	return string(r)
}

func roleWords(roles []actor.Role) string {
	words := make([]string, len(roles))
	for i, r := range roles {
		words[i] = roleWord(r)
	}
	return strings.Join(words, ", ")
}
