package rawjson

import (
	"strings"
	"testing"
)

// FuzzSkipNested compares the ways to skip an object, at every alignment.
func FuzzSkipNested(f *testing.F) {
	for _, s := range []string{
		`{}`, `{"a":"\\"}`, `{"a":"\\\""}`, `{"a":"}"}x`, `[[[]]]`, `{"a":"` + strings.Repeat(`\\`, 70) + `"}`,
		`{"a":"` + strings.Repeat(`x\"`, 60) + `}"}`, `{` + strings.Repeat(`"a":[{`, 20), `{"a":"` + strings.Repeat(`\`, 63) + `"}`,
		strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1), strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth),
		`{\\"}"}`, strings.Repeat("[]", 40), `{"a":[` + strings.Repeat(`{"k":"v"},`, 30) + `1]}`,
	} {
		f.Add(s, uint8(0))
		f.Add(s, uint8(31))
	}
	f.Fuzz(func(t *testing.T, s string, pad uint8) {
		if len(s) == 0 || (s[0] != '{' && s[0] != '[') {
			return
		}
		b := []byte(strings.Repeat(" ", int(pad)) + s)
		want, wantErr := skipNestedPlain(b, int(pad))
		Twins(func(name string) {
			got, err := skipNested(b, int(pad))
			if got != want || (err == nil) != (wantErr == nil) {
				if escapesOutside(b) {
					return // no JSON: a backslash outside a string means nothing
				}
				t.Errorf("%s: skipNested(%q) = %d, %v; plain %d, %v", name, b, got, err, want, wantErr)
			}
		})
	})
}

// escapesOutside says that a backslash stands outside of strings.
func escapesOutside(b []byte) bool {
	inside := false
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] == '"':
			inside = !inside
		case b[i] == '\\' && !inside:
			return true
		case b[i] == '\\':
			i++
		}
	}
	return false
}
