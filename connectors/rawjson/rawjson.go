// Package rawjson walks JSON as bytes, without building values: it finds
// members and elements, skips what nobody wants and decodes single strings. It
// trusts nothing (every index is checked, depth is limited) but it does not
// judge what it skips: a record that becomes evidence is validated whole by
// encoding/json before it is kept.
package rawjson

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// ErrSyntax says that the bytes are not the JSON that was expected.
var ErrSyntax = errors.New("not valid JSON")

// MaxDepth is the deepest nesting that is walked.
const MaxDepth = 512

// Space gives the index of the first byte at or after i that is not white space.
func Space(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r') {
		i++
	}
	return i
}

// Skip gives the index just after the value that begins at i.
func Skip(b []byte, i int) (int, error) {
	if i >= len(b) {
		return 0, ErrSyntax
	}
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		return skipNested(b, i)
	default:
		start := i
		for i < len(b) {
			switch b[i] {
			case ',', '}', ']', ' ', '\t', '\n', '\r':
				if i == start {
					return 0, ErrSyntax
				}
				return i, nil
			}
			i++
		}
		if i == start {
			return 0, ErrSyntax
		}
		return i, nil
	}
}

const (
	ones    = 0x0101010101010101
	highs   = 0x8080808080808080
	quotes  = ones * '"'
	slashes = ones * '\\'
)

// skipString gives the index just after the string that begins at b[i] == '"'.
// It looks at eight bytes at a time: x-ones&^x&highs marks the first zero byte
// of x exactly.
func skipString(b []byte, i int) (int, error) {
	i++
	for {
		for wide && i+32 <= len(b) {
			if m := stringMask(&b[i]); m != 0 {
				i += bits.TrailingZeros32(m)
				goto found
			}
			i += 32
		}
		for i+8 <= len(b) {
			w := binary.LittleEndian.Uint64(b[i:])
			q, s := w^quotes, w^slashes
			if m := ((q-ones)&^q | (s-ones)&^s) & highs; m != 0 {
				i += bits.TrailingZeros64(m) >> 3
				break
			}
			i += 8
		}
		for i < len(b) && b[i] != '"' && b[i] != '\\' {
			i++
		}
		if i >= len(b) {
			return 0, ErrSyntax
		}
	found:
		if b[i] == '"' {
			return i + 1, nil
		}
		i += 2
	}
}

// Encoded says whether the inside of a JSON string needs Unescape: it holds an
// escape or a byte beyond ASCII.
func Encoded(b []byte) bool {
	i := 0
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		s := w ^ slashes
		if (((s-ones)&^s)|w)&highs != 0 {
			return true
		}
	}
	for ; i < len(b); i++ {
		if b[i] == '\\' || b[i] >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

// Walk goes over the members of one object without calling back.
type Walk struct {
	b    []byte
	next int // just after '{' or ',' and white space; -1 when there is no more
	// Key is the raw key of the current member: the inside of its quotes.
	Key []byte
	// Start and End enclose the raw value of the current member.
	Start, End int
	last       int // just after the object
	err        error
}

// Object begins a walk over the object that begins at or after b[i].
func Object(b []byte, i int) Walk {
	i = Space(b, i)
	if i >= len(b) || b[i] != '{' {
		return Walk{next: -1, err: ErrSyntax}
	}
	i = Space(b, i+1)
	if i < len(b) && b[i] == '}' {
		return Walk{b: b, next: -1, last: i + 1}
	}
	return Walk{b: b, next: i}
}

// ObjectFrom goes on with a walk over the object in b at the member whose key
// begins at or after b[i], as if everything before it had been walked over.
func ObjectFrom(b []byte, i int) Walk { return Walk{b: b, next: Space(b, i)} }

// Next goes to the next member; false at the end or at a syntax error.
func (w *Walk) Next() bool {
	b, i := w.b, w.next
	if i < 0 {
		return false
	}
	if i >= len(b) || b[i] != '"' {
		return w.fail()
	}
	end, err := skipString(b, i)
	if err != nil {
		return w.fail()
	}
	w.Key = b[i+1 : end-1]
	if i = Space(b, end); i >= len(b) || b[i] != ':' {
		return w.fail()
	}
	if i = Space(b, i+1); i < len(b) && b[i] == '"' {
		end, err = skipString(b, i)
	} else {
		end, err = Skip(b, i)
	}
	if err != nil {
		return w.fail()
	}
	w.Start, w.End = i, end
	if i = Space(b, end); i >= len(b) {
		return w.fail()
	}
	switch b[i] {
	case ',':
		w.next = Space(b, i+1)
	case '}':
		w.next, w.last = -1, i+1
	default:
		return w.fail()
	}
	return true
}

func (w *Walk) fail() bool {
	w.next, w.err = -1, ErrSyntax
	return false
}

// Name is the decoded key of the current member.
func (w *Walk) Name() []byte {
	for _, c := range w.Key {
		if c == '\\' || c >= utf8.RuneSelf {
			return []byte(Unescape(w.Key))
		}
	}
	return w.Key
}

// Err is ErrSyntax when the walk met what is no JSON object.
func (w *Walk) Err() error { return w.err }

// After is the index just after the object, once Next has answered false.
func (w *Walk) After() int { return w.last }

// Value is the raw value of the current member.
func (w *Walk) Value() []byte { return w.b[w.Start:w.End] }

// Members calls f for every member of the object in b with the raw key (the
// inside of its quotes, escapes kept) and the raw value, until f returns false.
func Members(b []byte, f func(key, value []byte) bool) error {
	w := Object(b, 0)
	for w.Next() {
		if !f(w.Key, w.Value()) {
			return nil
		}
	}
	return w.Err()
}

// Elements calls f for every element of the array in b until f returns false.
func Elements(b []byte, f func(value []byte) bool) error {
	i := Space(b, 0)
	if i >= len(b) || b[i] != '[' {
		return ErrSyntax
	}
	i = Space(b, i+1)
	if i < len(b) && b[i] == ']' {
		return nil
	}
	for {
		end, err := Skip(b, i)
		if err != nil {
			return err
		}
		if !f(b[i:end]) {
			return nil
		}
		i = Space(b, end)
		if i >= len(b) {
			return ErrSyntax
		}
		if b[i] == ']' {
			return nil
		}
		if b[i] != ',' {
			return ErrSyntax
		}
		i = Space(b, i+1)
	}
}

// Get finds the value at a path of object keys, nil where there is none. Of a
// key that stands twice the last counts, as in encoding/json.
func Get(b []byte, path ...string) []byte {
	for _, want := range path {
		var found []byte
		if err := Members(b, func(key, value []byte) bool {
			if KeyIs(key, want) {
				found = value
			}
			return true
		}); err != nil || found == nil {
			return nil
		}
		b = found
	}
	return b
}

// KeyIs compares a raw key with a name, decoding escapes where there are any.
func KeyIs(key []byte, name string) bool {
	if string(key) == name {
		return true
	}
	for _, c := range key {
		if c == '\\' {
			return Unescape(key) == name
		}
	}
	return false
}

// String decodes a JSON string token; ok is false when b is no string.
func String(b []byte) (s string, ok bool) {
	if len(b) < 2 || b[0] != '"' || b[len(b)-1] != '"' {
		return "", false
	}
	return Unescape(b[1 : len(b)-1]), true
}

// Text gives the string at a path, or "" where there is none.
func Text(b []byte, path ...string) string {
	s, _ := String(Get(b, path...))
	return s
}

// Unescape decodes the inside of a JSON string. Invalid UTF-8 becomes U+FFFD,
// as in encoding/json; a bad escape is kept as it stands.
func Unescape(b []byte) string {
	if !Encoded(b) {
		return string(b)
	}
	var small [256]byte
	return string(AppendUnescaped(small[:0], b))
}

// AppendUnescaped appends what Unescape gives.
func AppendUnescaped(dst, b []byte) []byte {
	for i := 0; i < len(b); {
		switch c := b[i]; {
		case c == '\\':
			r, n := escape(b[i:])
			if n == 0 {
				dst = append(dst, c)
				i++
				continue
			}
			dst = utf8.AppendRune(dst, r)
			i += n
		case c < utf8.RuneSelf:
			dst = append(dst, c)
			i++
		default:
			r, n := utf8.DecodeRune(b[i:])
			dst = utf8.AppendRune(dst, r)
			i += n
		}
	}
	return dst
}

// escape reads one escape (RFC 8259 §7) and gives its length, 0 for a bad one.
func escape(b []byte) (r rune, n int) {
	if len(b) < 2 {
		return 0, 0
	}
	switch b[1] {
	case '"', '\\', '/':
		return rune(b[1]), 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		r, ok := hex4(b)
		if !ok {
			return 0, 0
		}
		if !utf16.IsSurrogate(r) {
			return r, 6
		}
		if low, ok := hex4(b[6:]); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return pair, 12
			}
		}
		return utf8.RuneError, 6
	}
	return 0, 0
}

// hex4 reads \uXXXX.
func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	for _, c := range b[2:6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
