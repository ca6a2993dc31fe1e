package kubernetes_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"unsafe"

	"logreeve/connectors"
	"logreeve/connectors/kubernetes"
)

func namedRecord(login, more string, groups, addresses string) []byte {
	return fmt.Appendf(nil, `{"kind":"Event","auditID":"a","stage":"ResponseComplete","requestReceivedTimestamp":"2026-11-20T09:00:00.000001Z",`+
		`"user":{"username":%q,"groups":%s%s},"sourceIPs":%s}`, login, groups, more, addresses)
}

// TestParsersShareNames lets several parsers meet the same names at once, spelt
// in several ways and more of them than are remembered: every event has its own
// names, and the same name is mostly one string.
func TestParsersShareNames(t *testing.T) {
	names := kubernetes.NewNames()
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			p := names.Parser()
			for i := range 20_000 {
				login, address := fmt.Sprintf("user-%d", i), fmt.Sprintf("10.0.%d.%d", i/200, i%200)
				events, err := p.Parse(namedRecord(login, "", `["g","h"]`, `["`+address+`"]`), connectors.Ref{}, nil)
				if err != nil || events[0].Login != login || len(events[0].Groups) != 2 || events[0].Groups[1] != "h" ||
					len(events[0].Addresses) != 1 || events[0].Addresses[0] != address {
					t.Errorf("%s from %s is read as %+v, %v", login, address, events, err)
					return
				}
			}
		})
	}
	wait.Wait()
	var seen []connectors.Event
	for i, record := range [][]byte{
		namedRecord("alice", "", `["g","h"]`, `["10.0.0.1"]`),
		namedRecord("alice", `,"uid":"1"`, `["g" ,"h"]`, `["10.0.0.1","10.0.0.2"]`),
		namedRecord("alice", `,"extra":{"authentication.kubernetes.io/credential-id":["X"]}`, `["g","\u0068"]`, `["10.0.0.1"]`),
	} {
		events, err := names.Parser().Parse(record, connectors.Ref{}, nil)
		if err != nil {
			t.Fatal(i, err)
		}
		seen = append(seen, events[0])
	}
	for i := range seen[1:] {
		a, b := &seen[0], &seen[i+1]
		if unsafe.StringData(a.Login) != unsafe.StringData(b.Login) || &a.Groups[0] != &b.Groups[0] ||
			unsafe.StringData(a.Addresses[0]) != unsafe.StringData(b.Addresses[0]) {
			t.Errorf("the names of record %d are others than those of the first", i+1)
		}
	}
	if seen[0].Credential != "" || seen[2].Credential != "X" {
		t.Errorf("credentials %q and %q", seen[0].Credential, seen[2].Credential)
	}
}

// TestNamesInAnyOrder has one parser meet more names than it remembers, again and
// again in any order: every event has its own.
func TestNamesInAnyOrder(t *testing.T) {
	p := kubernetes.NewParser()
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 60_000 {
		i := random.IntN(1 + n/3) // few at first
		login, address := fmt.Sprintf("user-%d", i), fmt.Sprintf("10.0.%d.%d", i%7, i%1000)
		events, err := p.Parse(namedRecord(login, "", fmt.Sprintf(`["g%d"]`, i%3), `["`+address+`"]`), connectors.Ref{}, nil)
		if err != nil || events[0].Login != login || events[0].Groups[0] != fmt.Sprintf("g%d", i%3) || events[0].Addresses[0] != address {
			t.Fatalf("%s from %s is read as %+v, %v", login, address, events, err)
		}
	}
}
