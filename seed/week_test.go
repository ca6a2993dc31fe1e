package seed_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"logreeve/seed"
)

var monday = time.Date(2026, 11, 9, 0, 0, 0, 0, time.UTC)

// Ensure that a week is about as large as promised and the same for the same options.
func TestWeekIsReproducible(t *testing.T) {
	o := seed.WeekOptions{Seed: 7, From: monday, Scale: 150, Matters: true, Silence: true}
	a, b := seed.GenerateWeek(o), seed.GenerateWeek(o)
	if !bytes.Equal(a.Audit, b.Audit) || !bytes.Equal(a.Auth["worker-1"], b.Auth["worker-1"]) {
		t.Fatal("the same options gave different bytes")
	}
	o.Seed = 8
	if bytes.Equal(a.Audit, seed.GenerateWeek(o).Audit) {
		t.Fatal("another seed gave the same bytes")
	}
	if a.Events < 25_000 || a.Events > 40_000 {
		t.Errorf("a week has %d events, want about 30,000", a.Events)
	}
}

// Ensure that every audit line is an event and that the silent hour is silent.
func TestWeekHoldsEventsAndSilence(t *testing.T) {
	w := seed.GenerateWeek(seed.WeekOptions{Seed: 7, From: monday, Scale: 20, Matters: true, Silence: true})
	from, to := "2026-11-12T02:00:00", "2026-11-12T03:00:00"
	for _, l := range bytes.Split(bytes.TrimSpace(w.Audit), []byte("\n")) {
		var e struct{ AuditID, RequestReceivedTimestamp string }
		if err := json.Unmarshal(l, &e); err != nil || e.AuditID == "" {
			t.Fatalf("not an event: %s", l)
		}
		if at := e.RequestReceivedTimestamp; at >= from && at < to {
			t.Fatalf("an event at %s, in the silent hour", at)
		}
	}
}
