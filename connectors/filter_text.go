package connectors

import (
	"strconv"
	"strings"
)

// Text is the filter in words for people who check what was asked:
//
//	kind is kubernetes and (verb is create or delete) and not login begins with "system:node:"
//
// It says all that the filter says, in the same order. It is no input format.
func (f Filter) Text() string { return f.text(false) }

// text renders the filter; inner says that it stands inside another one, so that
// what is joined needs brackets.
func (f Filter) text(inner bool) string {
	if f.None() {
		return "no event"
	}
	switch f.Op {
	case OpAll:
		return "every event"
	case OpAnd, OpOr:
		return f.joined(inner)
	case OpNot:
		if len(f.Args) == 0 {
			return "no event"
		}
		return "not " + f.Args[0].text(true)
	case OpIn:
		return f.Field + " is " + f.values()
	case OpPrefix:
		return f.Field + " begins with " + f.values()
	case OpSuffix:
		return f.Field + " ends with " + f.values()
	case OpContains:
		return f.Field + " contains " + f.values()
	case OpExists:
		return "there is " + f.Field
	case OpCIDR:
		return f.Field + " lies in " + f.values()
	case OpRange:
		return f.Field + f.between(" is at least ", " is below ")
	case OpHour:
		text := "the hour" + f.between(" is at least ", " is below ")
		if len(f.Values) > 2 && f.Values[2] != "" {
			return text + " in " + f.Values[2]
		}
		return text + " in UTC"
	}
	return "something unknown (" + string(f.Op) + ")"
}

// joined renders and, or; one argument is itself, none is its neutral meaning.
func (f Filter) joined(inner bool) string {
	switch len(f.Args) {
	case 0:
		return "every event" // an or over nothing is None
	case 1:
		return f.Args[0].text(inner)
	}
	parts := make([]string, len(f.Args))
	for i, a := range f.Args {
		parts[i] = a.text(true)
	}
	text := strings.Join(parts, " "+string(f.Op)+" ")
	if inner {
		return "(" + text + ")"
	}
	return text
}

func (f Filter) values() string {
	words := make([]string, len(f.Values))
	for i, v := range f.Values {
		words[i] = plainOrQuoted(v)
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return "one of " + strings.Join(words, ", ")
}

func (f Filter) between(from, to string) string {
	var low, high string
	if len(f.Values) > 0 {
		low = f.Values[0]
	}
	if len(f.Values) > 1 {
		high = f.Values[1]
	}
	switch {
	case low != "" && high != "":
		return from + low + " and below " + high
	case low != "":
		return from + low
	case high != "":
		return to + high
	}
	return " is a number"
}

// plainOrQuoted quotes what could be read as words of the sentence.
func plainOrQuoted(v string) string {
	for _, c := range v {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("-_.:/@*", c) {
			return strconv.Quote(v)
		}
	}
	if v == "" || v == "and" || v == "or" || v == "not" {
		return strconv.Quote(v)
	}
	return v
}
