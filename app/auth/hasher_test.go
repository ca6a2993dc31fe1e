package auth

import (
	"context"
	"testing"

	"logreeve/app/fault"
)

// At most two passwords are worked out at once; the next waits as long as its
// request may, and then gives up without having done the work.
func TestHashingIsBounded(t *testing.T) {
	h := newHasher(Cost{MemoryKiB: 64, Passes: 1, Lanes: 1})
	for range 2 {
		if err := h.acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for range 20 { // often: with a place free, either case of the select may be taken
		if _, err := h.hash(over, "x"); err == nil || fault.KindOf(err) != fault.Unavailable {
			t.Fatalf("a third hash: %v", err)
		}
		if _, err := h.verify(over, "", "x"); err == nil || fault.KindOf(err) != fault.Unavailable {
			t.Fatalf("a third check: %v", err)
		}
	}
	done := make(chan error, 1)
	go func() {
		_, err := h.hash(t.Context(), "x")
		done <- err
	}()
	h.release()
	if err := <-done; err != nil {
		t.Errorf("after one is done: %v", err)
	}
	if len(h.slots) != 1 {
		t.Errorf("%d slots taken, want the one of this test", len(h.slots))
	}
}
