package roster

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"logreeve/connectors"
)

// Digest is the SHA-256 of a snapshot's content, in hex. It does not depend on
// the order of lists nor on when the snapshot was taken: snapshots that answer
// alike have one digest.
func Digest(s Snapshot) string {
	c := s.canonical()
	c.TakenAt = 0
	b, err := json.Marshal(c)
	if err != nil {
		panic("roster: a snapshot cannot be written: " + err.Error()) // it holds only strings, numbers and times
	}
	sum := sha256.Sum256(append([]byte("logreeve roster 1\n"), b...))
	return hex.EncodeToString(sum[:])
}

// canonical gives a copy with every list sorted, without repetitions, and never nil.
func (s Snapshot) canonical() Snapshot {
	s.People = sorted(s.People, func(a, b Person) int { return strings.Compare(a.ID, b.ID) })
	for i := range s.People {
		s.People[i].Principals = distinct(s.People[i].Principals, func(a, b Principal) int {
			return cmp.Or(strings.Compare(a.System, b.System), strings.Compare(a.Host, b.Host), strings.Compare(a.Pattern, b.Pattern))
		})
	}
	s.Keys = distinct(s.Keys, func(a, b Key) int {
		return cmp.Or(strings.Compare(a.Fingerprint, b.Fingerprint), strings.Compare(a.Owner, b.Owner), strings.Compare(a.Type, b.Type))
	})
	s.Registers.Entries = distinct(s.Registers.Entries, func(a, b Entry) int {
		return cmp.Or(
			strings.Compare(string(a.Register), string(b.Register)), strings.Compare(a.Value, b.Value), cmp.Compare(a.Expires, b.Expires),
			strings.Compare(a.Owner, b.Owner), strings.Compare(a.Approver, b.Approver), strings.Compare(a.Ticket, b.Ticket), strings.Compare(a.Reason, b.Reason),
		)
	})
	s.Registers.Expected = distinct(s.Registers.Expected, func(a, b ExpectedSource) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Host, b.Host), cmp.Compare(a.MaxGap, b.MaxGap))
	})
	s.Registers.Witnesses = distinct(s.Registers.Witnesses, strings.Compare)
	return s
}

func sorted[T any](list []T, order func(a, b T) int) []T {
	list = append(make([]T, 0, len(list)), list...)
	slices.SortStableFunc(list, order)
	return list
}

func distinct[T comparable](list []T, order func(a, b T) int) []T {
	return slices.Compact(sorted(list, order))
}

// Counts says how much a snapshot holds.
type Counts struct {
	People     int `json:"people"`
	Left       int `json:"left"` // of them who had left by then
	Principals int `json:"principals"`
	Keys       int `json:"keys"`
	Entries    int `json:"entries"`
	Expired    int `json:"expired"` // of them expired by then
	Expected   int `json:"expected_sources"`
}

// Counts counts the snapshot as of a time.
func (s Snapshot) Counts(at connectors.Instant) Counts {
	c := Counts{People: len(s.People), Keys: len(s.Keys), Entries: len(s.Registers.Entries), Expected: len(s.Registers.Expected)}
	for _, p := range s.People {
		c.Principals += len(p.Principals)
		if p.LeftBefore(at) {
			c.Left++
		}
	}
	for _, e := range s.Registers.Entries {
		if e.ExpiredAt(at) {
			c.Expired++
		}
	}
	return c
}
