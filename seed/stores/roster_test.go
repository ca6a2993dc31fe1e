package stores_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"logreeve/connectors"
	"logreeve/reports/roster"
	"logreeve/seed/auditgen"
)

// recordedRoster are the people, keys and registers of the recordings.
func recordedRoster(t testing.TB) roster.Snapshot {
	t.Helper()
	people, err := roster.ReadPeople(strings.NewReader(read(t, "people.csv")), "people.csv")
	if err != nil {
		t.Fatal(err)
	}
	s := roster.Snapshot{People: people, Keys: keys(t), HasPeople: true, HasKeys: true, HasRegisters: true}
	s.Registers.Entries = []roster.Entry{
		{Register: roster.CIPrincipals, Value: "system:serviceaccount:ci:deployer"},
		{Register: roster.CINetworks, Value: "127.0.9.0/24"},
		{Register: roster.SharedAccounts, Value: "k8s:shared-ops"},
		{Register: roster.ProdScope, Value: "cluster-scoped"},
		{Register: roster.ProdScope, Value: "namespace:payments"},
		{Register: roster.ProdScope, Value: "namespace:web"},
		{Register: roster.ProdScope, Value: "namespace:data"},
	}
	s.Registers.Expected = []roster.ExpectedSource{{Name: "kubernetes", MaxGap: 3600}, {Name: "authlog", MaxGap: 600}}
	return s
}

// generatedRoster are the people of the generator, and registers that hold back
// some of what it plants and leave the rest.
func generatedRoster(t testing.TB) roster.Snapshot {
	t.Helper()
	var list bytes.Buffer
	if err := auditgen.WritePeople(&list, 500); err != nil {
		t.Fatal(err)
	}
	people, err := roster.ReadPeople(&list, "people.csv")
	if err != nil {
		t.Fatal(err)
	}
	people[7].LeftAt = connectors.At(auditgenStart())
	s := roster.Snapshot{People: people, Keys: keys(t), HasPeople: true, HasKeys: true, HasRegisters: true}
	expires, err := roster.EndOf("2025-12-31")
	if err != nil {
		t.Fatal(err)
	}
	s.Registers.Entries = []roster.Entry{
		{Register: roster.CIPrincipals, Value: "netops00@corp.example"},
		{Register: roster.CINetworks, Value: "10.0.2.0/24"},
		{Register: roster.SharedAccounts, Value: "k8s:shared", Expires: expires},
		{Register: roster.BreakGlass, Value: "k8s:ops-breakglass"},
		{Register: roster.TrustedImpersonators, Value: "k8s:anna.*"},
		{Register: roster.TrustedImpersonators, Value: "k8s:julia.*"},
		{Register: roster.TrustedProxies, Value: "10.0.0.5/32"},
		{Register: roster.AllowedNetworks, Value: "10.0.0.0/8"},
		{Register: roster.ProtectedPolicies, Value: "allow-*"},
		{Register: roster.ProdScope, Value: "cluster-scoped"},
		{Register: roster.ProdScope, Value: "namespace:payments-prod"},
		{Register: roster.ProdScope, Value: "namespace:web-prod"},
		{Register: roster.ProdScope, Value: "namespace:kube-system"},
	}
	s.Registers.Expected = []roster.ExpectedSource{{Name: "kubernetes", MaxGap: 600}, {Name: "authlog", MaxGap: 600}}
	return s
}

func keys(t testing.TB) []roster.Key {
	t.Helper()
	keys, err := roster.ReadKeys(strings.NewReader(read(t, "real-host/authorized_keys")), "authorized_keys")
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func read(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(recordings + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
