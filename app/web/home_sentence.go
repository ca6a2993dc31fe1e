package web

import (
	"slices"
	"strings"
	"time"

	"logreeve/app/runs"
	"logreeve/app/web/chart"
	"logreeve/connectors"
	"logreeve/reviews"
)

// homeSentence says what is true and what it means, worst first.
func homeSentence(frame Page, h homeFacts) string {
	f, now := frame.Format(), frame.Now.Time()
	if len(h.Sources) == 0 {
		return "Nothing is connected yet. Four steps lead to the first signed review."
	}
	var said []string
	overdue := 0
	for _, r := range h.Reviews {
		if r.State != reviews.Scheduled && r.Overdue(now) {
			overdue++
		}
	}
	if overdue > 0 {
		said = append(said, plural(overdue, "review is", "reviews are")+" overdue")
	}
	if past := pastDue(frame, h.Findings); past > 0 {
		said = append(said, plural(past, "finding is", "findings are")+" past due")
	}
	unread := 0
	var broken []string
	for _, s := range h.Sources {
		switch {
		case s.Disabled:
		case s.LastRead == nil:
			unread++
		case len(s.LastRead.Problems) > 0:
			broken = append(broken, s.Name)
		}
	}
	switch n := len(broken); {
	case n == 1:
		said = append(said, "the source "+broken[0]+" could not be read whole")
	case n > 1:
		said = append(said, "the sources "+and(broken)+" could not be read whole")
	}
	quiet := unheard(frame, h.Sources)
	if len(said) > 0 {
		quiet = append([]string{sentence(said)}, quiet...)
	}
	if len(quiet) > 0 {
		return strings.Join(quiet, " ")
	}
	waiting := 0
	for _, r := range h.Reviews {
		if slices.Contains(reviewViews[0].states, r.State) {
			waiting++
		}
	}
	switch {
	case unread > 0:
		return plural(unread, "source has", "sources have") + " not been read yet. The first run comes by itself, and can be started from Checks."
	case waiting > 0:
		return "Nothing is overdue and every source reports. " + plural(waiting, "review waits", "reviews wait") + " to be done."
	}
	return "Nothing is overdue and every source reports. " + nextReview(f, h.Reviews)
}

// unheard says which sources are silent now, and which had a day without any
// event in the last week, with what that means.
func unheard(frame Page, sources []runs.Source) []string {
	f, now := frame.Format(), frame.Now.Time()
	var silent, since, said []string
	for _, s := range sources {
		if s.Silent(now) {
			silent, since = append(silent, s.Name), append(since, sinceWord(frame, s.LastRead.Newest))
		}
	}
	switch len(silent) {
	case 0:
	case 1:
		said = append(said, "The source "+silent[0]+" has been silent since "+since[0]+". Until it reports again, no check that reads it can pass.")
	default:
		said = append(said, "The sources "+and(silent)+" are silent, since "+and(since)+". Until they report again, no check that reads them can pass.")
	}
	for _, s := range sources {
		var days []string
		for _, d := range homeDays(f, s, frame.Now)[homeSourceDays-homeWeek:] {
			if d.Hearing == chart.Silent && !s.Disabled && !s.Silent(now) {
				days = append(days, d.Label)
			}
		}
		if len(days) > 0 {
			said = append(said, "The source "+s.Name+" has no event of "+and(days)+": what happened then is not known, and no check over that time can pass.")
		}
	}
	return said
}

// sinceWord is a time of the last days by its weekday, and an older one in full.
func sinceWord(frame Page, at connectors.Instant) string {
	if frame.Now.Sub(at) > 6*24*time.Hour {
		return frame.Format().Time(at)
	}
	return frame.Format().in(at).Format("Monday 15:04")
}

// sentence joins what is said: "A, b and c."
func sentence(said []string) string {
	s := and(said)
	s = strings.ToUpper(s[:1]) + s[1:] + "."
	for n, word := range [...]string{"Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"} {
		if rest, ok := strings.CutPrefix(s, countWord(n)+" "); ok {
			return word + " " + rest
		}
	}
	return s
}

// and joins words: "a, b and c".
func and(words []string) string {
	n := len(words)
	if n < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
}
