package reports

import (
	"testing"

	"pgregory.net/rapid"
)

// A seqSet is a set, and unionCount counts a union, whatever the order.
func TestSeqSetIsASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sets := make([]*seqSet, rapid.IntRange(0, 4).Draw(t, "sets"))
		union := map[uint64]bool{}
		for i := range sets {
			sets[i] = &seqSet{}
			model := map[uint64]bool{}
			far := rapid.SampledFrom([]uint64{20, 5_000_000}).Draw(t, "far")
			for range rapid.IntRange(0, 60).Draw(t, "adds") {
				n := rapid.Uint64Range(0, far).Draw(t, "n")
				if sets[i].add(n) == model[n] {
					t.Fatalf("add %d says new=%v", n, !model[n])
				}
				model[n], union[n] = true, true
			}
			if int(sets[i].count) != len(model) {
				t.Fatalf("count %d, want %d", sets[i].count, len(model))
			}
		}
		if got := unionCount(sets); int(got) != len(union) {
			t.Fatalf("union %d, want %d", got, len(union))
		}
	})
}
