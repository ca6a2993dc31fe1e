package connectors

import (
	"encoding/json"
	"fmt"
	"time"
)

// Instant is a point in time: microseconds since the Unix epoch, UTC. It is
// what databases keep without loss and what evidence is hashed over. The zero
// Instant means "not known".
type Instant int64

// At cuts a time to an Instant. The zero time gives the zero Instant.
func At(t time.Time) Instant {
	if t.IsZero() {
		return 0
	}
	return Instant(t.UnixMicro())
}

// Time gives the instant as a time in UTC; the zero Instant gives the zero time.
func (i Instant) Time() time.Time {
	if i == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(i)).UTC()
}

// Add moves an instant.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d.Microseconds()) }

// Sub is the time from j to i.
func (i Instant) Sub(j Instant) time.Duration { return time.Duration(i-j) * time.Microsecond }

const layout = "2006-01-02T15:04:05.000000Z"

// String is RFC 3339 in UTC with six fractional digits; empty when not known.
func (i Instant) String() string {
	if i == 0 {
		return ""
	}
	var b [len(layout)]byte
	return string(i.append(b[:0]))
}

// MarshalJSON writes the instant as its string, or null when not known.
func (i Instant) MarshalJSON() ([]byte, error) { return i.AppendJSON(nil), nil }

// AppendJSON appends what MarshalJSON gives.
func (i Instant) AppendJSON(b []byte) []byte {
	if i == 0 {
		return append(b, "null"...)
	}
	b = append(b, '"')
	b = i.append(b)
	return append(b, '"')
}

// append appends what String gives of an instant that is known.
func (i Instant) append(b []byte) []byte {
	t := i.Time()
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return t.AppendFormat(b, layout)
	}
	hour, minute, second := t.Clock()
	b = append(digits(b, year, 4), '-')
	b = append(digits(b, int(month), 2), '-')
	b = append(digits(b, day, 2), 'T')
	b = append(digits(b, hour, 2), ':')
	b = append(digits(b, minute, 2), ':')
	b = append(digits(b, second, 2), '.')
	return append(digits(b, t.Nanosecond()/1000, 6), 'Z')
}

// digits appends a number with so many digits.
func digits(b []byte, n, width int) []byte {
	b = append(b, "000000"[:width]...)
	for at := len(b) - 1; n > 0; at-- {
		b[at] = byte('0' + n%10)
		n /= 10
	}
	return b
}

// UnmarshalJSON reads what MarshalJSON wrote, and any RFC 3339 time.
func (i *Instant) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*i = 0
		return nil
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	if s == "" {
		*i = 0
		return nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return fmt.Errorf("time %q: %w", s, err)
	}
	*i = At(t)
	return nil
}

// Window is a half-open stretch of time [From, To). A zero bound is open.
type Window struct {
	From Instant `json:"from"`
	To   Instant `json:"to"`
}

// Contains says whether the instant lies in the window.
func (w Window) Contains(i Instant) bool {
	return (w.From == 0 || i >= w.From) && (w.To == 0 || i < w.To)
}
