package store_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"logreeve/app/store"
)

func TestEscape(t *testing.T) {
	for in, want := range map[string]string{
		"":                  "",
		"Zürich 😀\n":        "Zürich 😀\n",
		"a\x00b":            "a\x010b",
		"a\x01b":            "a\x011b",
		"a\xffb\xfe":        "a\x01xffb\x01xfe",
		"\x010":             "\x0110",
		"\u202egpj.exe":     "\u202egpj.exe",
		"\xed\xa0\x80":      "\x01xed\x01xa0\x01x80", // a surrogate in UTF-8 is invalid
		"replacement\ufffd": "replacement\ufffd",
	} {
		if got := store.Escape(in); got != want || store.Unescape(got) != in {
			t.Errorf("Escape(%q) = %q, back %q; want %q", in, got, store.Unescape(got), want)
		}
	}
}

func TestEscapeIsReversible(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := string(rapid.SliceOf(rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte{0, 1, '0', '1', 'x', 'f', 0xff, 0xc3}))).Draw(t, "bytes"))
		kept := store.Escape(in)
		if !utf8.ValidString(kept) || strings.ContainsRune(kept, 0) {
			t.Fatalf("PostgreSQL refuses %q", kept)
		}
		if back := store.Unescape(kept); back != in {
			t.Fatalf("%q came back as %q", in, back)
		}
	})
}
