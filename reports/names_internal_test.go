package reports

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"logreeve/connectors"
)

// TestNamedListsAreThoseOfKeptEvents puts the same events, most of them in order,
// into lists that keep them and lists that name them, in parts that are merged.
func TestNamedListsAreThoseOfKeptEvents(t *testing.T) {
	for _, room := range []string{"a spool", "no room for a spool"} {
		for seed := range uint64(40) {
			r := rand.New(rand.NewPCG(seed, 0))
			keeping, naming := &vault{}, &vault{spool: &spool{full: room != "a spool"}}
			lists, named := make([]listing, 4), make([]listing, 4)
			most := []int{0, 1, 7, 500}[r.IntN(4)]
			for i := range lists {
				lists[i].most, named[i].most = most, most
			}
			seq := uint64(0)
			for range r.IntN(6000) {
				seq++
				i := r.IntN(len(lists))
				at := connectors.Instant(1_700_000_000_000_000 + int64(seq)*1000 - int64(r.ExpFloat64()*float64(r.IntN(50_000))))
				k := kept{seq: seq, time: at, key: fmt.Sprintf("%032x", seq), nativeID: fmt.Sprint("id-", seq)}
				if full, last := named[i].full, named[i].last; full && k.when().compare(last) > 0 {
					lists[i].insert(keeping, &k) // add would leave it out; the other list is to do so by itself
					continue
				}
				lists[i].insert(keeping, &k)
				named[i].insert(naming, &k)
			}
			for i := 1; i < len(lists); i++ {
				lists[0].merge(keeping, &lists[i])
				named[0].merge(naming, &named[i])
			}
			got, err := named[0].wanted(naming.spool, &desk{})
			if err != nil {
				t.Fatal(err)
			}
			var want, have []string
			for _, k := range lists[0].events {
				want = append(want, k.time.String()+k.key+k.nativeID)
			}
			for _, n := range got {
				have = append(have, n.time.String()+string(n.key)+string(n.nativeID))
			}
			if !slices.Equal(have, want) {
				t.Fatalf("with %s, seed %d, at most %d: %d names, not the %d that were kept", room, seed, most, len(have), len(want))
			}
			for i := range named {
				if n := &named[i]; n.names != nil && room == "a spool" && len(n.names.tail) >= 2*pageSize {
					t.Errorf("seed %d: %d bytes of a list stay in memory", seed, len(n.names.tail))
				}
			}
			naming.spool.close()
		}
	}
}

// TestSpoolLeavesNothingBehind looks for the temporary file, and at what happens
// when it cannot be read any more.
func TestSpoolLeavesNothingBehind(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	v := &vault{spool: &spool{}}
	var l listing
	for i := range uint64(500) {
		l.insert(v, &kept{seq: i + 1, time: connectors.Instant(i + 1), key: fmt.Sprintf("%032x", i), nativeID: "id"})
	}
	if v.spool.size == 0 {
		t.Fatal("500 names need no spool, so this test shows nothing")
	}
	if list, err := l.wanted(v.spool, &desk{}); err != nil || len(list) != 500 {
		t.Fatalf("%d names, %v", len(list), err)
	}
	v.spool.close()
	if left, err := os.ReadDir(folder); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if _, err := l.wanted(v.spool, &desk{}); err == nil {
		t.Error("names that are gone are read without a word")
	}
	gone := func(yield func(Result, error) bool) { yield(Result{Items: []Item{{named: &naming{&l, v.spool}}}}, nil) }
	if err := WriteJSON(io.Discard, Outcomes{}, gone); err == nil {
		t.Error("names that are gone are printed without a word")
	}
}
