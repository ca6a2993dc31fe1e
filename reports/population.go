package reports

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"logreeve/connectors"
)

// Population is the events a reviewer's sample is drawn from (domain.md §3.7):
// the key of every selected event, and the stratum it belongs to. It costs 20
// bytes an event; the records of those drawn are read again with Fetch.
type Population struct {
	filter  connectors.Filter
	members []member
	strata  []string
	numbers map[string]uint32
	sorted  bool
}

type member struct {
	key     [16]byte
	stratum uint32
}

// Member is one event of a population.
type Member struct {
	Key     string // connectors.Event.Key
	Stratum string // kind|cluster or host|actor kind|class of deed
}

// NewPopulation makes an empty population of the events a filter selects.
func NewPopulation(filter connectors.Filter) *Population {
	return &Population{filter: filter, numbers: map[string]uint32{}}
}

// Watcher collects the population in a run.
func (p *Population) Watcher() Watcher { return Watcher{Select: p.filter, Observe: p.observe} }

func (p *Population) observe(e *connectors.Event) {
	m := member{stratum: p.number(e)}
	if _, err := hex.Decode(m.key[:], []byte(e.Key())); err != nil {
		panic(err) // a key is 32 hex digits
	}
	p.members = append(p.members, m)
	p.sorted = false
}

func (p *Population) number(e *connectors.Event) uint32 {
	place := e.Cluster
	if place == "" {
		place = e.Host
	}
	name := string(e.Kind) + "|" + place + "|" + string(e.ActorKind) + "|" + deed(e)
	n, ok := p.numbers[name]
	if !ok {
		n = uint32(len(p.strata)) //nolint:gosec // kinds, hosts and deeds are few
		p.strata = append(p.strata, name)
		p.numbers[name] = n
	}
	return n
}

// deed is the class of what was done: read, write, or the category.
func deed(e *connectors.Event) string {
	switch {
	case e.Write():
		return "write"
	case e.Verb == "get" || e.Verb == "list" || e.Verb == "watch":
		return "read"
	}
	return string(e.Category)
}

// sort puts the members in the order of their keys, each key once.
func (p *Population) sort() {
	if p.sorted {
		return
	}
	slices.SortStableFunc(p.members, func(a, b member) int { return bytes.Compare(a.key[:], b.key[:]) })
	p.members = slices.CompactFunc(p.members, func(a, b member) bool { return a.key == b.key })
	p.sorted = true
}

// Len is how many different events the population has.
func (p *Population) Len() int {
	p.sort()
	return len(p.members)
}

// Members gives the events in the order of their keys until yield says no.
func (p *Population) Members(yield func(Member) bool) {
	p.sort()
	for _, m := range p.members {
		if !yield(Member{Key: hex.EncodeToString(m.key[:]), Stratum: p.strata[m.stratum]}) {
			return
		}
	}
}

// Digest is SHA256(join("\n", sorted keys)) in hex (domain.md §3.7).
func (p *Population) Digest() string {
	p.sort()
	h := sha256.New()
	var line [33]byte
	line[0] = '\n'
	for i, m := range p.members {
		hex.Encode(line[1:], m.key[:])
		if i == 0 {
			h.Write(line[1:])
			continue
		}
		h.Write(line[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Fetch reads the window of in again and gives the events with these keys in
// full, in the order of keys. An event that is no longer there is left out and
// named in missing. Only the events that filter selects are looked at.
func Fetch(ctx context.Context, in Input, filter connectors.Filter, keys []string) (found []EvidenceEvent, missing []string, err error) {
	at := make(map[string]int, len(keys))
	for i, k := range keys {
		at[k] = i
	}
	events := make([]*EvidenceEvent, len(keys))
	in.Checks, in.Params = nil, nil
	in.Watch = []Watcher{{Select: filter, Observe: func(e *connectors.Event) {
		if i, ok := at[e.Key()]; ok && events[i] == nil {
			events[i] = &EvidenceEvent{Record: e.Record(in.Tickets), Raw: connectors.Redact(e)}
		}
	}}}
	if _, err := (Engine{}).Run(ctx, in); err != nil {
		return nil, nil, fmt.Errorf("fetch %d events: %w", len(keys), err)
	}
	for i, e := range events {
		if e == nil {
			missing = append(missing, keys[i])
			continue
		}
		found = append(found, *e)
	}
	return found, missing, nil
}
