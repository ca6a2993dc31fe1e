package checks

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"logreeve/connectors"
)

// maxShown is how many characters of a name from a log a sentence shows.
const maxShown = 120

// shown writes a name from a log into a sentence. A plain name stands as it is;
// one with blanks, quotation marks or characters that do not print is quoted
// with its odd characters escaped, so that it can be seen to be a name and
// cannot pose as our own words. Long ones are cut.
func shown(name string) string {
	cut := name
	if utf8.RuneCountInString(name) > maxShown {
		cut = string([]rune(name)[:maxShown]) + "…"
	}
	if name == "" || strings.ContainsFunc(name, odd) {
		return strconv.Quote(cut)
	}
	return cut
}

func odd(r rune) bool {
	return r == ' ' || r == '"' || r == '`' || r == utf8.RuneError || !unicode.IsPrint(r)
}

// visible makes characters that do not print, line ends among them, visible in a
// sentence that others wrote around values from a log.
func visible(sentence string) string {
	if !strings.ContainsFunc(sentence, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return sentence
	}
	var out strings.Builder
	for _, r := range sentence {
		if unicode.IsPrint(r) {
			out.WriteRune(r)
		} else {
			out.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	return out.String()
}

// times says how often: "once", "twice", "3 times".
func times(n int64) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return strconv.FormatInt(n, 10) + " times"
}

// count puts a number before a noun: "1 login", "3 logins". The noun forms its
// plural with "s".
func count(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// joinAnd joins words: "a", "a and b", "a, b and c".
func joinAnd(words []string) string {
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// moment writes a time for people, in UTC.
func moment(at connectors.Instant) string {
	if at == 0 {
		return "an unknown time"
	}
	return at.Time().Format("2006-01-02 15:04:05 UTC")
}

// span writes a stretch of time for people.
func span(first, last connectors.Instant) string {
	if first.Sub(last).Abs().Seconds() < 1 {
		return moment(first)
	}
	return moment(first) + " to " + moment(last)
}

// place names an object inside its namespace: "payments/api-token", "*" being
// all of them, "all namespaces" where none is named.
func place(namespace, name string) string {
	switch {
	case namespace == "" && name == "":
		return "the whole cluster"
	case namespace == "":
		return shown(name)
	case name == "":
		return shown(namespace)
	}
	return shown(namespace) + "/" + shown(name)
}
