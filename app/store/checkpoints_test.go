package store_test

import (
	"reflect"
	"testing"

	"logreeve/connectors"
)

// TestReadingNotes keeps notes per source, replaces them whole, and leaves out
// those that are damaged.
func TestReadingNotes(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *database) {
		note := func(path string, offset int64) *connectors.Notes {
			return &connectors.Notes{Files: []connectors.FileNote{{Path: path, Head: "ab", HeadSize: 2, Reading: "kubernetes", Places: []connectors.Place{{
				Offset: offset, Tail: "cd", TailSize: 1, ReadAt: 5, Oldest: 1, Newest: 4, Lines: 9, Records: 8,
				ByOutcome: map[connectors.Outcome]int64{connectors.OK: 8}, Samples: []connectors.UnparsedSample{{File: path, Line: 3, Reason: "is no JSON"}},
			}}}}}
		}
		if err := db.SaveReadingNotes(ctx, map[string]*connectors.Notes{"a": note("a.log", 100), "b": note("b.log", 200)}); err != nil {
			t.Fatal(err)
		}
		if err := db.SaveReadingNotes(ctx, map[string]*connectors.Notes{"a": note("a2.log", 300)}); err != nil {
			t.Fatal(err)
		}
		if err := db.SaveReadingNotes(ctx, nil); err != nil {
			t.Fatal(err)
		}
		got := must[map[string]*connectors.Notes](t)(db.ReadingNotes(ctx, "a", "b"))
		want := map[string]*connectors.Notes{"a": note("a2.log", 300), "b": note("b.log", 200)}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, not %+v", got, want)
		}
		if got := must[map[string]*connectors.Notes](t)(db.ReadingNotes(ctx, "b", "c")); len(got) != 1 || got["b"] == nil {
			t.Errorf("of b and c: %v", got)
		}
		if got := must[map[string]*connectors.Notes](t)(db.ReadingNotes(ctx)); got == nil || len(got) != 0 {
			t.Errorf("of no source: %v", got)
		}
		db.exec(t, "UPDATE reading_notes SET sha256 = 'ff' WHERE source = 'a'")
		if got := must[map[string]*connectors.Notes](t)(db.ReadingNotes(ctx, "a", "b")); got["a"] != nil || got["b"] == nil {
			t.Errorf("with one damaged: %v", got)
		}
	})
}
