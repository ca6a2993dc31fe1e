package file_test

import (
	"bytes"
	"encoding/json"
	"testing"
)

// indent writes JSON over many lines.
func indent(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func each(lines [][]byte, f func([]byte) []byte) [][]byte {
	out := make([][]byte, len(lines))
	for i, l := range lines {
		out[i] = f(l)
	}
	return out
}
