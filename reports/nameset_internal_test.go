package reports

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A nameSet is a set, with few names and with many.
func TestNameSetIsASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s nameSet
		model := map[string]bool{}
		far := rapid.SampledFrom([]int{3, 40}).Draw(t, "far")
		for range rapid.IntRange(0, 80).Draw(t, "adds") {
			name := fmt.Sprint(rapid.IntRange(0, far).Draw(t, "name"))
			if s.add(name) == model[name] {
				t.Fatalf("add %q says new=%v", name, !model[name])
			}
			model[name] = true
		}
		want := slices.Sorted(maps.Keys(model))
		var each []string
		s.each(func(n string) { each = append(each, n) })
		slices.Sort(each)
		if got := s.sorted(); !slices.Equal(got, want) || !slices.Equal(each, want) || s.len() != len(want) {
			t.Fatalf("%d: %v, each %v, want %v", s.len(), got, each, want)
		}
	})
}
