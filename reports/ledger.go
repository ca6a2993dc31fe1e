package reports

import (
	"cmp"
	"net/netip"
	"slices"

	"logreeve/connectors"
	"logreeve/reports/roster"
)

// Sighting is when a principal was first and last seen, at all (Network is "")
// or from one network.
type Sighting struct {
	System    string             `json:"system"`    // as in roster.Principal
	Principal string             `json:"principal"` // the name the record holds responsible
	Network   string             `json:"network"`   // the /24 or /48 of the client's address; "" for all
	First     connectors.Instant `json:"first"`
	Last      connectors.Instant `json:"last"`
	Events    int64              `json:"events"`
}

// Ledger collects the sightings of one run, for the record that G10, REG-04 and
// REG-05 look back in. Who was not let in is not seen: names tried by strangers
// do not fill it. Its memory grows with identities and their networks.
type Ledger struct {
	seen   map[sightingKey]*Sighting
	recent map[recentKey][2]*Sighting
}

type sightingKey struct{ system, principal, network string }

// recentKey is what is compared per event; the address is not cut to its network yet.
type recentKey struct {
	kind          connectors.Kind
	actor, client string
}

// maxRecent bounds the short cut from an event to its sightings.
const maxRecent = 50_000

// NewLedger makes an empty ledger.
func NewLedger() *Ledger {
	return &Ledger{seen: map[sightingKey]*Sighting{}, recent: map[recentKey][2]*Sighting{}}
}

// Watcher collects the sightings of a run.
func (l *Ledger) Watcher() Watcher {
	return Watcher{Select: connectors.Exists("actor"), Observe: l.observe, Count: &Counter{
		Select: connectors.And(connectors.Exists("actor"), connectors.Not(connectors.And(
			connectors.In("outcome", string(connectors.Denied)), connectors.In("code", "401")))),
		By:   []string{"login", "effective", "client_ip"},
		Take: l.count,
	}}
}

// count takes what a store counted of each principal from each address. Where
// records of a principal list several, the store cannot tell which of them is the
// client's: its networks are then not known, rather than known in part.
func (l *Ledger) count(groups []connectors.Group) {
	unclear := map[string]bool{}
	for i := range groups {
		unclear[groups[i].Event.Actor] = unclear[groups[i].Event.Actor] || groups[i].Event.ClientIP == ""
	}
	for i := range groups {
		g := &groups[i]
		if anonymous(&g.Event) {
			continue
		}
		both := l.sightings(&g.Event)
		if unclear[g.Event.Actor] {
			both[1] = nil
		}
		for _, s := range both {
			s.note(g.First, g.Last, g.Count)
		}
	}
}

// note counts events between two times; nil is nobody.
func (s *Sighting) note(first, last connectors.Instant, events int64) {
	if s == nil {
		return
	}
	if s.Events == 0 || first < s.First {
		s.First = first
	}
	s.Last = max(s.Last, last)
	s.Events += events
}

func anonymous(e *connectors.Event) bool {
	return e.ActorKind == connectors.Anonymous || e.ActorKind == connectors.Unauthenticated
}

func (l *Ledger) observe(e *connectors.Event) {
	if anonymous(e) || refusedEntry(e) {
		return
	}
	for _, s := range l.sightings(e) {
		s.note(e.Time, e.Time, 1)
	}
}

// sightings are those of who is responsible, at all and from the network; the
// second is nil without an address.
func (l *Ledger) sightings(e *connectors.Event) [2]*Sighting {
	key := recentKey{e.Kind, e.Actor, e.ClientIP}
	both, ok := l.recent[key]
	if !ok {
		if len(l.recent) >= maxRecent {
			clear(l.recent)
		}
		system := roster.SystemOf(e.Kind)
		both[0] = l.sighting(sightingKey{system, e.Actor, ""})
		if network := networkOf(e.ClientIP); network != "" {
			both[1] = l.sighting(sightingKey{system, e.Actor, network})
		}
		l.recent[key] = both
	}
	return both
}

// refusedEntry says whether the record shows that someone was not let in, as
// opposed to someone known who was refused a deed (HTTP 403).
func refusedEntry(e *connectors.Event) bool {
	return e.Outcome == connectors.Denied && (e.Code == "401" || e.Category == connectors.CategoryLogin)
}

func (l *Ledger) sighting(key sightingKey) *Sighting {
	s := l.seen[key]
	if s == nil {
		s = &Sighting{System: key.system, Principal: key.principal, Network: key.network}
		l.seen[key] = s
	}
	return s
}

// networkOf cuts an address to the network that counts as one place: /24, or
// /48 for IPv6; "" when it is none.
func networkOf(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	ip = ip.Unmap().WithZone("")
	length := 48
	if ip.Is4() {
		length = 24
	}
	network, err := ip.Prefix(length)
	if err != nil {
		return ""
	}
	return network.String()
}

// Sightings gives everything seen, by system, principal and network.
func (l *Ledger) Sightings() []Sighting {
	out := make([]Sighting, 0, len(l.seen))
	for _, s := range l.seen {
		if s.Events > 0 {
			out = append(out, *s)
		}
	}
	slices.SortFunc(out, func(a, b Sighting) int {
		return cmp.Or(cmp.Compare(a.System, b.System), cmp.Compare(a.Principal, b.Principal), cmp.Compare(a.Network, b.Network))
	})
	return out
}

// pastLedger answers from sightings in memory.
type pastLedger struct {
	since connectors.Instant
	first map[[2]string]connectors.Instant
}

// LookBack makes a LedgerView of sightings that were kept since a time.
func LookBack(since connectors.Instant, sightings []Sighting) LedgerView {
	v := &pastLedger{since: since, first: map[[2]string]connectors.Instant{}}
	for _, s := range sightings {
		who := [2]string{s.System, s.Principal}
		if have, ok := v.first[who]; !ok || s.First < have {
			v.first[who] = s.First
		}
	}
	return v
}

func (v *pastLedger) Since() connectors.Instant { return v.since }

func (v *pastLedger) FirstSeen(system, principal string) connectors.Instant {
	return v.first[[2]string{system, principal}]
}
