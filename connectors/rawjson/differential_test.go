package rawjson_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"logreeve/connectors/rawjson"
)

// errDeep says that a value is nested deeper than the walk goes.
var errDeep = errors.New("deep")

// decode builds a value with the walk alone, as encoding/json builds it: of
// members that stand twice the last counts, numbers keep their digits.
func decode(b []byte, depth int) (any, error) {
	if depth > rawjson.MaxDepth {
		return nil, errDeep
	}
	if len(b) == 0 {
		return nil, rawjson.ErrSyntax
	}
	switch b[0] {
	case '{':
		m := map[string]any{}
		w := rawjson.Object(b, 0)
		for w.Next() {
			v, err := decode(w.Value(), depth+1)
			if err != nil {
				return nil, err
			}
			m[string(w.Name())] = v
		}
		if w.Err() == nil && w.After() != len(b) {
			return nil, fmt.Errorf("the walk ends at %d of %d", w.After(), len(b))
		}
		return m, w.Err()
	case '[':
		list := []any{}
		var inner error
		err := rawjson.Elements(b, func(v []byte) bool {
			var x any
			if x, inner = decode(v, depth+1); inner != nil {
				return false
			}
			list = append(list, x)
			return true
		})
		return list, errors.Join(err, inner)
	case '"':
		s, ok := rawjson.String(b)
		if !ok {
			return nil, rawjson.ErrSyntax
		}
		return s, nil
	case 't':
		return true, nil
	case 'f':
		return false, nil
	case 'n':
		return nil, nil
	}
	return json.Number(b), nil
}

// judge holds the walk over b against encoding/json, both ways of comparing.
func judge(t testing.TB, b []byte) {
	t.Helper()
	b = bytes.Trim(b, " \t\r\n")
	reader := json.NewDecoder(bytes.NewReader(b))
	reader.UseNumber()
	var want any
	valid := reader.Decode(&want) == nil && json.Valid(b)
	rawjson.Twins(func(name string) {
		end, err := rawjson.Skip(b, 0)
		if !valid {
			return // what is skipped is not judged; it must only not crash
		}
		if err == nil && end != len(b) {
			t.Fatalf("%s: %q ends at %d", name, b, end)
		}
		got, decoded := decode(b, 1)
		if errors.Is(decoded, errDeep) || err != nil && depth(b) > rawjson.MaxDepth {
			return
		}
		if err != nil || decoded != nil {
			t.Fatalf("%s: %q: %v, %v", name, b, err, decoded)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%s: %q is\n%#v, want\n%#v", name, b, got, want)
		}
		// A record that was cut off is never a record.
		if b[0] == '{' || b[0] == '[' || b[0] == '"' {
			for _, cut := range []int{1, len(b) / 3, len(b) / 2, len(b) - 1} {
				if end, err := rawjson.Skip(b[:cut:cut], 0); err == nil {
					t.Fatalf("%s: %q, cut at %d, ends at %d", name, b, cut, end)
				}
				w := rawjson.Object(b[:cut:cut], 0)
				for w.Next() {
				}
				if w.Err() == nil {
					t.Fatalf("%s: %q, cut at %d, is walked to its end", name, b, cut)
				}
			}
		}
	})
}

// depth is the deepest nesting of a valid value.
func depth(b []byte) (deepest int) {
	reader := json.NewDecoder(bytes.NewReader(b))
	now := 0
	for {
		token, err := reader.Token()
		if err != nil {
			return deepest
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			now++
			deepest = max(deepest, now)
		case json.Delim('}'), json.Delim(']'):
			now--
		}
	}
}

// FuzzDecode holds the walk against encoding/json over whatever comes.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"a":1,"a":{"b":[1,2.5e-3,true,null,"x"]},"\u0061":{}}`, `[[],{},"",{"":""}]`, `{"k\\":"v\\\\","\"":"]}"}`,
		"{\"\xff\":\"\xfe\\ud800\"}", ` [ 1 , -0 , 1E+9 ] `, strings.Repeat("[", 600) + strings.Repeat("]", 600),
		`{"` + strings.Repeat("k", 40) + `":"` + strings.Repeat(`\"`, 40) + `"}`, `{"a":"` + strings.Repeat("é", 33) + `\\"}`, `"\u0000"`, `nul`, `{"a":tru}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) { judge(t, b) })
}

// FuzzGenerated does the same over values that are valid by construction, which
// random bytes seldom are.
func FuzzGenerated(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { judge(t, value(rand.New(rand.NewPCG(seed, 1)), nil, 0)) })
}

// TestGenerated makes sure that what FuzzGenerated makes is valid, and judges
// some thousands of it in every run of the tests.
func TestGenerated(t *testing.T) {
	objects, lengths := 0, 0
	for seed := range uint64(3000) {
		b := value(rand.New(rand.NewPCG(seed, 2)), nil, 0)
		if !json.Valid(b) {
			t.Fatalf("not valid: %q", b)
		}
		if b[0] == '{' {
			objects++
		}
		lengths += len(b)
		judge(t, b)
	}
	if objects < 500 || lengths < 300_000 {
		t.Errorf("%d objects, %d bytes: too little to mean anything", objects, lengths)
	}
}

// TestJudgeFindsFaults is the control: decode is told wrong from right.
func TestJudgeFindsFaults(t *testing.T) {
	for _, pair := range [][2]string{
		{`{"a":1,"a":2}`, `{"a":1}`}, {`"\u0041"`, `"B"`}, {`[1,2]`, `[1]`}, {`{"a":{}}`, `{"a":[]}`}, {`1.0`, `1`},
	} {
		got, err := decode([]byte(pair[0]), 1)
		if err != nil {
			t.Fatal(err)
		}
		reader := json.NewDecoder(strings.NewReader(pair[1]))
		reader.UseNumber()
		var other any
		if err := reader.Decode(&other); err != nil {
			t.Fatal(err)
		}
		if reflect.DeepEqual(got, other) {
			t.Errorf("%s and %s are taken for the same", pair[0], pair[1])
		}
	}
}

// value appends a random value.
func value(r *rand.Rand, b []byte, level int) []byte {
	kind := r.IntN(10)
	if level == 0 {
		kind = 6 + r.IntN(4)
	}
	if level > 7 {
		kind = r.IntN(6)
	}
	switch kind {
	case 0, 1, 2:
		return text(r, b)
	case 3:
		return append(b, []string{"0", "-0", "12", "-3.25", "1e9", "2E-7", "18446744073709551616"}[r.IntN(7)]...)
	case 4:
		return append(b, []string{"true", "false", "null"}[r.IntN(3)]...)
	case 5:
		return append(b, []string{"{}", "[]", `""`, "{ \t}", "[\r\n]"}[r.IntN(5)]...)
	case 6, 7, 8:
		b = append(b, '{')
		for i := range r.IntN(7) {
			if i > 0 {
				b = append(space(r, b), ',')
			}
			b = text(r, space(r, b))
			b = append(space(r, b), ':')
			b = value(r, space(r, b), level+1)
		}
		return append(space(r, b), '}')
	}
	b = append(b, '[')
	for i := range r.IntN(5) {
		if i > 0 {
			b = append(space(r, b), ',')
		}
		b = value(r, space(r, b), level+1)
	}
	return append(space(r, b), ']')
}

func space(r *rand.Rand, b []byte) []byte {
	for r.IntN(8) == 0 {
		b = append(b, " \t\r\n"[r.IntN(4)])
	}
	return b
}

// text appends a random string; a few short ones come often, so that keys repeat.
func text(r *rand.Rand, b []byte) []byte {
	b = append(b, '"')
	length := r.IntN(4)
	if r.IntN(6) == 0 {
		length = r.IntN(150)
	}
	for range length {
		switch r.IntN(24) {
		case 0:
			b = append(b, '\\', `"\/bfnrt`[r.IntN(8)])
		case 1:
			b = fmt.Appendf(b, `\u%04x`, r.IntN(1<<16)) // surrogates, too, alone and in pairs
		case 2:
			b = fmt.Appendf(b, `\u%04X\u%04X`, 0xD800+r.IntN(1024), 0xDC00+r.IntN(1024))
		case 3:
			b = append(b, byte(128+r.IntN(128))) // seldom UTF-8
		case 4:
			b = append(b, "é✓𝄞"...)
		case 5, 6, 7:
			b = append(b, `{}[]:,`[r.IntN(6)])
		case 8:
			b = append(b, `\\`...)
		default:
			b = append(b, "ab"[r.IntN(2)])
		}
	}
	return append(b, '"')
}
