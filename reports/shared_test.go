package reports_test

import (
	"testing"

	"logreeve/reports"
)

type (
	oneKey   struct{ name string }
	otherKey struct{ name string }
)

func TestShare(t *testing.T) {
	t.Parallel()
	s, made := &reports.Shared{}, 0
	get := func(name string) *int {
		return reports.Share(s, oneKey{name}, func() *int { made++; return new(int) })
	}
	first, again, other := get("a"), get("a"), get("b")
	if first != again || first == other || made != 2 {
		t.Errorf("%d things were made", made)
	}
	if reports.Share(s, otherKey{"a"}, func() string { return "mine" }) != "mine" {
		t.Error("a key of another type gives the same thing")
	}
}
