package definitions

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"logreeve/connectors"
)

// logic says how the check works, for the evidence.
func (d *Definition) logic() string {
	var b strings.Builder
	if d.Select.Op == connectors.OpAll {
		b.WriteString("Selects every event.")
	} else {
		b.WriteString("Selects events where " + phrase(d.Select) + ".")
	}
	switch {
	case d.Changes != "":
		b.WriteString(" Follows network policies through the successful writes among them, dry runs left out; a write that left another specification than the one seen before is a change. One item an object.")
	case d.NeverSeen != "":
		b.WriteString(" One item for each person on the roster, who belonged to the organisation in the window, to whom none of them leads.")
	default:
		g := d.grouping()
		b.WriteString(" One item for the same " + strings.Join(g.By, " and "))
		if t := d.Threshold; t != nil {
			kind := "a fixed window"
			if t.Sliding {
				kind = "any stretch"
			}
			fmt.Fprintf(&b, " with %s in %s of %s", atLeast(t.AtLeast, t.Distinct), kind, length(t.Within))
		} else if g.AtLeast > 1 || g.Distinct != "" {
			b.WriteString(" with " + atLeast(max(g.AtLeast, 1), g.Distinct))
		}
		b.WriteString(".")
	}
	return b.String()
}

func atLeast(n int64, distinct string) string {
	if distinct != "" {
		return fmt.Sprintf("%d or more different values of %s", n, distinct)
	}
	return fmt.Sprintf("%d or more events", n)
}

// phrase writes a filter as a clause.
func phrase(f connectors.Filter) string {
	switch f.Op {
	case connectors.OpAll:
		return "anything holds"
	case connectors.OpNot:
		if len(f.Args) == 1 && f.Args[0].Op == connectors.OpExists {
			return f.Args[0].Field + " is absent"
		}
		return "not (" + phrase(f.Args[0]) + ")"
	case connectors.OpAnd, connectors.OpOr:
		var parts []string
		for _, a := range f.Args {
			p := phrase(a)
			if (a.Op == connectors.OpAnd || a.Op == connectors.OpOr) && len(a.Args) > 1 {
				p = "(" + p + ")"
			}
			parts = append(parts, p)
		}
		if len(parts) == 0 {
			return map[connectors.Op]string{connectors.OpAnd: "anything holds", connectors.OpOr: "nothing holds"}[f.Op]
		}
		return strings.Join(parts, " "+string(f.Op)+" ")
	case connectors.OpEvery:
		return "for every value, " + phrase(f.Args[0])
	case connectors.OpExists:
		return f.Field + " is there"
	case connectors.OpRange:
		switch {
		case f.Values[0] == "":
			return f.Field + " is below " + f.Values[1]
		case f.Values[1] == "":
			return f.Field + " is " + f.Values[0] + " or more"
		}
		return f.Field + " is " + f.Values[0] + " or more and below " + f.Values[1]
	case connectors.OpHour:
		zone := "UTC"
		if len(f.Values) > 2 {
			zone = f.Values[2]
		}
		return "the hour is from " + f.Values[0] + " to " + f.Values[1] + " " + zone
	}
	verb := map[connectors.Op]string{
		connectors.OpIn: "is", connectors.OpPrefix: "begins with", connectors.OpSuffix: "ends with",
		connectors.OpContains: "contains", connectors.OpCIDR: "lies in",
	}[f.Op]
	values := make([]string, len(f.Values))
	for i, v := range f.Values {
		values[i] = shown(v)
	}
	if len(values) > 1 {
		verb += " one of"
	}
	return f.Field + " " + verb + " " + strings.Join(values, ", ")
}

func subject(by, values []string) string {
	parts := make([]string, len(by))
	for i, name := range by {
		parts[i] = valueOf(name, values[i])
	}
	return strings.Join(parts, ", ")
}

func valueOf(name, value string) string {
	if value == "" {
		return "no " + name
	}
	return shown(value)
}

// several lists values, the first ten by name.
func several(values []string) string {
	parts := make([]string, 0, 11)
	for i, v := range values {
		if i == 10 {
			parts = append(parts, fmt.Sprintf("%d more", len(values)-10))
			break
		}
		parts = append(parts, shown(v))
	}
	return strings.Join(parts, ", ")
}

// maxShown is how many characters of a value from a log a sentence shows.
const maxShown = 120

// shown writes a value from a log into a sentence: plain ones as they are, others
// quoted with odd characters escaped, so that they cannot pose as our words.
func shown(value string) string {
	cut := value
	if utf8.RuneCountInString(value) > maxShown {
		cut = string([]rune(value)[:maxShown]) + "…"
	}
	if strings.ContainsFunc(value, func(r rune) bool {
		return r == ' ' || r == '"' || r == '`' || r == utf8.RuneError || !unicode.IsPrint(r)
	}) {
		return strconv.Quote(cut)
	}
	return cut
}

// length writes a time as a definition does: 5m, 24h.
func length(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}

func count(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func moment(at connectors.Instant) string { return at.Time().Format("2006-01-02 15:04:05 UTC") }

func span(first, last connectors.Instant) string {
	if first == last {
		return moment(first)
	}
	return moment(first) + " to " + moment(last)
}
