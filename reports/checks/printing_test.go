package checks_test

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"

	"logreeve/reports"
)

// sameWhenPrinted runs checks as those do who print what is found, which names events,
// keeps none and lets go of one check after the other, and holds the text against what
// a run gave that keeps everything.
func sameWhenPrinted(t *testing.T, in reports.Input, kept *reports.Outcomes) {
	t.Helper()
	read, err := reports.Engine{}.Read(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	var got bytes.Buffer
	if err := reports.WriteJSON(&got, read.Outcomes, read.Results()); err != nil {
		t.Fatal(err)
	}
	want, err := json.MarshalIndent(kept, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want)+"\n" {
		t.Errorf("printed:\n%s\nkept:\n%s", got.String(), want)
	}
}
