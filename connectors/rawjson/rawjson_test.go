package rawjson_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"logreeve/connectors/rawjson"
)

// FuzzUnescape compares with encoding/json on every string that is valid JSON.
func FuzzUnescape(f *testing.F) {
	for _, s := range []string{``, `plain`, `a\u0026b`, `\ud83d\ude00`, `\ud83d`, `\ud83d\u0041`, `\"\\\/\b\f\n\r\t`, "\xff\xfe", `ü\u00fc`, `\x`, `\u12`, "long enough for words \\u0041 and more"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, inside []byte) {
		quoted := append(append([]byte{'"'}, inside...), '"')
		var want string
		if json.Unmarshal(quoted, &want) != nil {
			_ = rawjson.Unescape(inside)
			return
		}
		if got := rawjson.Unescape(inside); got != want {
			t.Errorf("Unescape(%q) = %q, want %q", inside, got, want)
		}
	})
}

// FuzzWalk compares the walk over an object with encoding/json, which also takes
// the last of two equal keys.
func FuzzWalk(f *testing.F) {
	for _, s := range []string{
		`{}`, `{"a":1}`, ` { "a" : "x\"}" , "b":[1,{"c":"]"}], "a":null } `, `{"a":{"b":{"c":[[[]]]}},"\u0061":2}`,
		`{"a":"` + strings.Repeat("long ", 50) + `","b":"\\"}`, `{"a":1}}`, `{"a"}`, `{"a":1,}`, `{"a":"unclosed`, `[1]`, `{"a":[}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got := map[string]string{}
		w := rawjson.Object(b, 0)
		for w.Next() {
			got[string(w.Name())] = string(w.Value())
		}
		var want map[string]json.RawMessage
		if json.Unmarshal(b, &want) != nil || want == nil {
			return // the walk does not judge what it skips; it must only not crash
		}
		if w.Err() != nil {
			t.Fatalf("walk over %q: %v", b, w.Err())
		}
		if len(got) != len(want) {
			t.Fatalf("walk over %q found %v, want %v", b, got, want)
		}
		for k, v := range want {
			if got[k] != string(bytes.TrimSpace(v)) {
				t.Errorf("%q of %q = %s, want %s", k, b, got[k], v)
			}
		}
		if end := rawjson.Space(b, w.After()); end != len(b) {
			t.Errorf("walk over %q ends at %d of %d", b, end, len(b))
		}
	})
}

func TestGet(t *testing.T) {
	body := []byte(`{"a":{"b":1,"b":"two"},"list":[{"x":"1"},{"x":"2"}],"a.b":"dot"}`)
	for _, c := range []struct {
		path []string
		want string
	}{
		{[]string{"a", "b"}, "two"}, {[]string{"a.b"}, "dot"}, {[]string{"a", "c"}, ""}, {[]string{"list", "x"}, ""},
	} {
		if got := rawjson.Text(body, c.path...); got != c.want {
			t.Errorf("%v = %q, want %q", c.path, got, c.want)
		}
	}
}

func TestDepthIsLimited(t *testing.T) {
	deep := strings.Repeat("[", rawjson.MaxDepth+1) + strings.Repeat("]", rawjson.MaxDepth+1)
	if _, err := rawjson.Skip([]byte(deep), 0); err == nil {
		t.Error("deeper than MaxDepth is walked")
	}
	if _, err := rawjson.Skip([]byte(deep[1:len(deep)-1]), 0); err != nil {
		t.Errorf("MaxDepth is not walked: %v", err)
	}
}

func TestWordsKeepWhatTheyAreGiven(t *testing.T) {
	var w rawjson.Words
	for round := range 3 {
		for _, s := range []string{"get", "pods", "a\\u0026b", "", strings.Repeat("x", 300), "git", "gxt"} {
			if got, want := w.Of([]byte(s)), rawjson.Unescape([]byte(s)); got != want {
				t.Errorf("round %d: %q, want %q", round, got, want)
			}
		}
	}
}
