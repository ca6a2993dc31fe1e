package policy

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of what a sentence carries: it must stay readable whatever stands in a log.
const (
	maxListed = 5  // things listed before "and n more"
	maxRules  = 4  // rules told
	maxWord   = 80 // characters of one name or selector
)

// and joins things for people, the first max of them.
func and(things []string, most int) string {
	if len(things) > most {
		return strings.Join(things[:most], ", ") + fmt.Sprintf(" and %d more", len(things)-most)
	}
	switch len(things) {
	case 0:
		return ""
	case 1:
		return things[0]
	}
	last := len(things) - 1
	return strings.Join(things[:last], ", ") + " and " + things[last]
}

// shorten cuts a text that would make a sentence unreadable.
func shorten(s string) string {
	if utf8.RuneCountInString(s) <= maxWord {
		return s
	}
	cut := 0
	for n := 0; n < maxWord; n++ {
		_, size := utf8.DecodeRuneInString(s[cut:])
		cut += size
	}
	return s[:cut] + "…"
}

func shortenAll(all []string) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = shorten(s)
	}
	return out
}

// upper begins a text with a capital letter; it begins with one of ours.
func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// labelled says which labels a selector asks for: "labelled app=api",
// "labelled tier in (a, b)".
func labelled(selector *node) string {
	var parts []string
	labels := selector.get("matchLabels")
	for i, key := range labels.keys {
		parts = append(parts, shorten(key)+"="+shorten(labels.list[i].str()))
	}
	for _, e := range selector.get("matchExpressions").elements() {
		key, values := shorten(e.get("key").str()), strings.Join(shortenAll(e.get("values").strings()), ", ")
		switch e.get("operator").str() {
		case "In":
			parts = append(parts, key+" in ("+shorten(values)+")")
		case "NotIn":
			parts = append(parts, key+" not in ("+shorten(values)+")")
		case "Exists":
			parts = append(parts, key)
		case "DoesNotExist":
			parts = append(parts, "without "+key)
		default:
			parts = append(parts, key+" in a way this version cannot put in words")
		}
	}
	return "labelled " + and(parts, maxListed)
}
