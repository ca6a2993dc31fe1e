package reports

import (
	"fmt"
	"testing"

	"logreeve/connectors"
)

// TestIdentitiesTellWhoActs asks about more identities than are remembered, in
// changing order, and holds every answer against the event.
func TestIdentitiesTellWhoActs(t *testing.T) {
	ids := IdentitiesOf(&Shared{})
	var numbers PerIdentity[string]
	again := 0
	for round := range 3 {
		for i := range maxIdentities/2 + 10_000*round {
			e := &connectors.Event{Kind: connectors.Kubernetes, Actor: "a", Login: fmt.Sprint(i / 2), Credential: fmt.Sprint(i % 2), Seq: uint64(i + 1)}
			for range 2 {
				id := ids.Of(e)
				if !id.acts(e) {
					t.Fatalf("%+v is taken for %+v", e, id)
				}
				name := e.Login + "/" + e.Credential
				if got, ok := numbers.Get(id); ok && got != name {
					t.Fatalf("what is kept for %s is given for %s", got, name)
				} else if ok {
					again++
				}
				numbers.Set(id, name)
			}
		}
	}
	if again == 0 {
		t.Error("nothing was found again: the test shows nothing")
	}
	// The same event, looked at as somebody else's, is somebody else's.
	e := connectors.Event{Actor: "x", Seq: 7}
	first := ids.Of(&e)
	other := e
	other.Actor = "y"
	if ids.Of(&other) == first {
		t.Error("a copy of an event with another actor is taken for the event")
	}
}

// TestWhoIsAskedOncePerHour shows that an answer holds for an hour, and that the
// same answer later is the same thing.
func TestWhoIsAskedOncePerHour(t *testing.T) {
	ids, asked, answer := IdentitiesOf(&Shared{}), 0, "p1"
	ask := func(at connectors.Instant) *who {
		e := &connectors.Event{Actor: "a", Time: at}
		return ids.who(e, func(*connectors.Event) who { asked++; return who{principal: "k8s:a", persons: []string{answer}} })
	}
	const hour = 3_600_000_000
	first := ask(1)
	if second := ask(hour - 1); second != first || asked != 1 {
		t.Errorf("within the hour it is asked %d times", asked)
	}
	if later := ask(hour); later != first || asked != 2 {
		t.Errorf("in the next hour it is asked %d times, and the answer is the same: %t", asked, later == first)
	}
	answer = "p2"
	if changed := ask(2 * hour); changed == first || changed.persons[0] != "p2" {
		t.Error("somebody who follows is taken for who was there before")
	}
}
