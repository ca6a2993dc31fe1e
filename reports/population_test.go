package reports_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"time"

	"logreeve/connectors"
	"logreeve/reports"
)

func TestPopulation(t *testing.T) {
	source := log(reading(0, "alice@example.com", "a"), reading(1, "system:node:n", "b"),
		deed{at: after(2 * time.Minute), login: "alice@example.com", verb: "create", resource: "secrets", place: "eu-1"},
		deed{at: after(3 * time.Minute), login: "alice@example.com", verb: "get", resource: "pods"})
	p := reports.NewPopulation(connectors.In("resource", "secrets"))
	in := input(secretReads(), source, &memory{name: "again", kind: connectors.Kubernetes, deeds: source.deeds[:1]}) // the same event twice
	in.Watch = []reports.Watcher{p.Watcher()}
	runAll(t, in)

	var keys, strata []string
	for m := range p.Members {
		keys, strata = append(keys, m.Key), append(strata, m.Stratum)
	}
	slices.Sort(strata)
	want := []string{"kubernetes|eu-1|human|write", "kubernetes||human|read", "kubernetes||node|read"}
	if p.Len() != 3 || !slices.Equal(strata, want) || !slices.IsSorted(keys) {
		t.Fatalf("%d members, strata %v, keys %v", p.Len(), strata, keys)
	}
	sum := sha256.Sum256([]byte(strings.Join(keys, "\n")))
	if p.Digest() != hex.EncodeToString(sum[:]) {
		t.Error("the digest is not that of the sorted keys")
	}

	gone := strings.Repeat("0", 32)
	found, missing, err := reports.Fetch(context.Background(), in, connectors.In("resource", "secrets"), []string{keys[2], gone, keys[0]})
	if err != nil || len(found) != 2 || found[0].Record.Key != keys[2] || found[1].Record.Key != keys[0] || !slices.Equal(missing, []string{gone}) {
		t.Errorf("fetched %d, missing %v, %v", len(found), missing, err)
	}
	if len(found[0].Raw) == 0 {
		t.Error("fetched without the raw record")
	}
}

func TestLedger(t *testing.T) {
	l := reports.NewLedger()
	in := input(secretReads(),
		log(deed{at: after(time.Hour), login: "alice", address: "10.0.1.7"}, deed{at: noon, login: "alice", address: "10.0.1.200"},
			deed{at: after(time.Minute), login: "alice", address: "10.0.2.1"}, deed{at: noon, login: "alice", address: "2001:db8:1:2::1"},
			deed{at: noon, login: "system:anonymous", address: "10.0.1.7"}, deed{at: noon, login: "bob", outcome: connectors.Denied}),
		&memory{name: "authlog", kind: connectors.AuthLog, deeds: []deed{{at: noon, login: "bob", place: "h", outcome: connectors.Denied}, {at: noon, login: "alice", place: "h"}}})
	in.Watch = []reports.Watcher{l.Watcher()}
	runAll(t, in)
	want := []reports.Sighting{
		{"k8s", "alice", "", noon, after(time.Hour), 4},
		{"k8s", "alice", "10.0.1.0/24", noon, after(time.Hour), 2},
		{"k8s", "alice", "10.0.2.0/24", after(time.Minute), after(time.Minute), 1},
		{"k8s", "alice", "2001:db8:1::/48", noon, noon, 1},
		{"k8s", "bob", "", noon, noon, 1}, // known, but refused a deed
		{"linux", "alice", "", noon, noon, 1},
	}
	if got := l.Sightings(); !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	view := reports.LookBack(noon, l.Sightings())
	if view.Since() != noon || view.FirstSeen("k8s", "alice") != noon || view.FirstSeen("k8s", "eve") != 0 {
		t.Error("the view does not answer from the sightings")
	}
}
