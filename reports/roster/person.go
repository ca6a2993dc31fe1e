package roster

import "logreeve/connectors"

// ActiveAt says whether the person belonged to the organisation at a time:
// from JoinedAt on, until LeftAt.
func (p Person) ActiveAt(at connectors.Instant) bool { return p.joinedBy(at) && !p.LeftBefore(at) }

// LeftBefore says whether the person had left at a time. LeftAt is the first
// instant after leaving: a leaving date ends with its day, so an event at the
// following midnight is already late.
func (p Person) LeftBefore(at connectors.Instant) bool { return p.LeftAt != 0 && at >= p.LeftAt }

// joinedBy says whether the person had joined at a time; one whose joining is
// not known always had, and at an unknown time everybody has.
func (p Person) joinedBy(at connectors.Instant) bool {
	return p.JoinedAt == 0 || at == 0 || at >= p.JoinedAt
}
