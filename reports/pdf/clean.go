package pdf

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// shown is text that has passed the gate: only runes the font can draw, nothing
// invisible, nothing that turns the direction of writing. Only gate makes it,
// and only shown text reaches the PDF library.
type shown string

// gate makes text safe and visible. What cannot be drawn, or would not be seen,
// stands as ‹U+1F600›, an invalid byte as ‹0xFF›, an end of line as ↵.
func (f *face) gate(s string) shown {
	plain := true
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			plain = false
			break
		}
	}
	if plain {
		return shown(s)
	}
	var out strings.Builder
	out.Grow(len(s) + 16)
	marks := 0 // combining marks in a row
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if unicode.Is(unicode.Mn, r) {
			marks++
		} else {
			marks = 0
		}
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&out, "‹0x%02X›", s[i])
		case r == '\n':
			out.WriteRune('↵')
		case r == '\t':
			out.WriteByte(' ')
		case r > 0xFFFF, marks > 2, hidden(r), !f.drawn[r]:
			fmt.Fprintf(&out, "‹U+%04X›", r)
		default:
			out.WriteRune(r)
		}
		i += n
	}
	return shown(out.String())
}

// hidden says whether a reader would not see the rune, or would be misled by
// it: controls, format characters such as those for direction, odd spaces.
func hidden(r rune) bool {
	switch {
	case r == ' ', r == '\u00a0':
		return false
	case r < ' ', r >= 0x7f && r < 0xa0, unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs, unicode.Z):
		return true
	}
	switch r {
	case 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, 0xFFFC:
		return true
	}
	return unicode.Is(unicode.Variation_Selector, r)
}

// maxLogText is how many characters of one field of a log are printed.
const maxLogText = 400

// short keeps the beginning and the end of a text of a log, and says how much
// it left out and where that stands.
func short(s, where string) string { return shortTo(s, maxLogText, where) }

// shortTo does the same with a limit of its own. Line ends of the text are
// shown, so that it cannot pass for lines of the report.
func shortTo(s string, most int, where string) string {
	count := len(s)
	if count > most {
		count = utf8.RuneCountInString(s)
	}
	if count <= most {
		return oneLine(s)
	}
	tail := most / 8
	runes := []rune(s[:min(len(s), 4*most)])
	head := string(runes[:min(len(runes), most-tail)])
	end := s[len(s)-min(len(s), 4*tail):]
	for len(end) > 0 && !utf8.RuneStart(end[0]) {
		end = end[1:]
	}
	if r := []rune(end); len(r) > tail {
		end = string(r[len(r)-tail:])
	}
	return fmt.Sprintf("%s … [%s characters left out, all in %s] … %s", oneLine(head), thousands(int64(count-most)), where, oneLine(end))
}

// oneLine shows line ends instead of keeping them.
func oneLine(s string) string { return strings.ReplaceAll(s, "\n", "↵") }

// thousands writes a number with commas between thousands.
func thousands(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// counted is "1 event", "1,204 events".
func counted(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	if strings.HasSuffix(thing, "index") {
		return thousands(n) + " " + strings.TrimSuffix(thing, "ex") + "ices"
	}
	if strings.HasSuffix(thing, "entry") {
		return thousands(n) + " " + strings.TrimSuffix(thing, "y") + "ies"
	}
	return thousands(n) + " " + thing + "s"
}
