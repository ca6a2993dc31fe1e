package kubernetes_test

import (
	"testing"

	"logreeve/connectors"
	"logreeve/connectors/kubernetes"
)

// BenchmarkParse parses the recording in memory on one core.
func BenchmarkParse(b *testing.B) {
	lines := recording(b)
	var size int64
	for _, l := range lines {
		size += int64(len(l))
	}
	p, seed := kubernetes.NewParser(), kubernetes.NewSeed()
	var events []connectors.Event
	b.SetBytes(size)
	for b.Loop() {
		events = events[:0]
		for _, l := range lines {
			events, _ = p.Parse(l, connectors.Ref{}, events)
			_ = seed.ID(&events[len(events)-1])
		}
	}
}
