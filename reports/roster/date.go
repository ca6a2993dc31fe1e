package roster

import (
	"fmt"
	"time"

	"logreeve/connectors"
)

// StartOf reads "2026-01-31" as the start of that day, UTC, or an RFC 3339 time
// as itself. The error is a reason in a few words.
func StartOf(text string) (connectors.Instant, error) {
	day, _, err := parseDate(text)
	return day, err
}

// EndOf reads "2026-01-31" as the end of that day, UTC: the midnight that
// follows, which is the first instant after it. An RFC 3339 time is itself.
// The error is a reason in a few words.
func EndOf(text string) (connectors.Instant, error) {
	day, whole, err := parseDate(text)
	if err == nil && whole {
		day = day.Add(24 * time.Hour)
	}
	return day, err
}

func parseDate(text string) (at connectors.Instant, wholeDay bool, err error) {
	t, err := time.Parse(time.DateOnly, text)
	if err == nil {
		wholeDay = true
	} else if t, err = time.Parse(time.RFC3339Nano, text); err != nil {
		return 0, false, fmt.Errorf("%q is not a date like 2026-01-31 or 2026-01-31T09:00:00Z", text)
	}
	if t.Year() < 1971 || t.Year() > 9000 {
		return 0, false, fmt.Errorf("%q is not a date between 1971 and 9000", text)
	}
	return connectors.At(t), wholeDay, nil
}
