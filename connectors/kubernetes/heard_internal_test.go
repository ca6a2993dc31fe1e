package kubernetes

import "testing"

// TestHeard: what was heard is found, the oldest of five in one bucket is forgotten,
// and nothing is found that was not heard.
func TestHeard(t *testing.T) {
	h := newHeard[int]()
	if h.find(0) != nil || h.find(7) != nil {
		t.Error("found before anything was heard")
	}
	values := []int{0, 1, 2, 3, 4}
	for i := range values {
		h.keep(uint64(i)*heardBuckets, &values[i])
	}
	if h.find(0) != nil {
		t.Error("the oldest of five is still there")
	}
	for i := range values[1:] {
		if got := h.find(uint64(i+1) * heardBuckets); got != &values[i+1] {
			t.Errorf("%d gives %v", i+1, got)
		}
	}
	if h.find(5*heardBuckets) != nil || h.find(1) != nil {
		t.Error("control: what was not heard is found")
	}
}
