package store

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Log text may hold anything, and PostgreSQL refuses text with a NUL or with
// bytes that are not UTF-8. So every string is kept in a reversible spelling
// that both databases accept and that leaves ordinary text as it is:
//
//	U+0000           is kept as U+0001 "0"
//	U+0001           is kept as U+0001 "1"
//	an invalid byte  is kept as U+0001 "x" and two hex digits
const mark = '\x01'

// text is a string column in that spelling. Conditions use it too: a key asked
// for may be as hostile as one stored.
type text string

// Value gives the spelling to keep.
func (t text) Value() (driver.Value, error) { return escape(string(t)), nil }

// Scan reads the spelling that was kept.
func (t *text) Scan(v any) error {
	switch v := v.(type) {
	case string:
		*t = text(unescape(v))
	case []byte:
		*t = text(unescape(string(v)))
	default:
		return fmt.Errorf("a text column gave %T", v)
	}
	return nil
}

func escape(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == 0:
			b.WriteString("\x010")
		case r == mark:
			b.WriteString("\x011")
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, "\x01x%02x", s[i])
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

func plain(s string) bool {
	return strings.IndexByte(s, 0) < 0 && strings.IndexByte(s, mark) < 0 && utf8.ValidString(s)
}

// unescape reads escape's spelling. What escape never wrote is left as it is.
func unescape(s string) string {
	if strings.IndexByte(s, mark) < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != mark || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		switch s[i+1] {
		case '0':
			b.WriteByte(0)
			i++
		case '1':
			b.WriteByte(mark)
			i++
		case 'x':
			c, err := strconv.ParseUint(s[min(i+2, len(s)):min(i+4, len(s))], 16, 8)
			if err != nil || i+4 > len(s) {
				b.WriteByte(s[i])
				continue
			}
			b.WriteByte(byte(c))
			i += 3
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}
