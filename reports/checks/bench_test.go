package checks_test

import (
	"context"
	"testing"

	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/checks"
	"logreeve/reports/roster"
)

// replay is a source that hands over the same events again and again.
type replay struct {
	events []*connectors.Event
	rounds int
}

func (r replay) Name() string                                    { return "replay" }
func (r replay) Kind() connectors.Kind                           { return connectors.Kubernetes }
func (r replay) Probe(context.Context) (connectors.Probe, error) { return connectors.Probe{}, nil }
func (r replay) Read(_ context.Context, _ connectors.Query, emit func([]connectors.Event) error) (connectors.Completeness, error) {
	batch := make([]connectors.Event, len(r.events))
	for range r.rounds {
		for i, e := range r.events {
			batch[i] = *e
		}
		if err := emit(batch); err != nil {
			return connectors.Completeness{}, err
		}
	}
	return connectors.Completeness{Source: "replay", Kind: connectors.Kubernetes}, nil
}

// BenchmarkChecks runs all checks over the recorded cluster again and again: an
// event as checks see it, without reading and parsing.
func BenchmarkChecks(b *testing.B) {
	var kept []*connectors.Event
	for _, s := range open(b, recordings+"real-cluster/audit.ndjson") {
		if _, err := s.Read(b.Context(), connectors.Query{}, func(batch []connectors.Event) error {
			for i := range batch {
				kept = append(kept, batch[i].Keep())
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
	source := replay{events: kept, rounds: b.N/len(kept) + 1}
	b.ReportAllocs()
	b.ResetTimer()
	if _, err := (reports.Engine{}).Run(b.Context(), reports.Input{
		Sources: []connectors.Source{source}, Checks: checks.All(), Roster: roster.New(recordedRoster(b)), Now: today,
	}); err != nil {
		b.Fatal(err)
	}
}
