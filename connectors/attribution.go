package connectors

import "net/netip"

// Attribution decides who is held responsible for an event and which address
// is believed (contract.md §2, domain.md D5). It is made from the registers.
// The same Attribution may be used from several goroutines.
type Attribution struct {
	// TrustedImpersonator says whether a login may act for others at a time, so
	// that the effective identity is responsible.
	TrustedImpersonator func(login string, at Instant) bool
	// Machine says whether a name that looks like a person is registered as a
	// machine (automation, ci_principals, application_roles) at a time.
	Machine func(kind Kind, name string, at Instant) bool
	// TrustedProxies are networks whose forwarded addresses are believed.
	TrustedProxies []netip.Prefix
	// Changes are the instants, in order, at which an answer of TrustedImpersonator
	// or Machine may change: between two of them all answers stay.
	Changes []Instant
}

// At gives the event with who is responsible had it happened at that time. Who
// was worked out before is forgotten, except for someone nobody knows.
func (a *Attribution) At(e Event, at Instant) Event {
	e.Time, e.Actor, e.ClientIP = at, "", ""
	if e.ActorKind != Unauthenticated {
		e.ActorKind = ""
	}
	a.Apply(&e)
	return e
}

// Instants are times that stand for all of [from, to]: whatever depends on time
// by Changes alone is the same at some of them as at any time between.
func Instants(changes []Instant, from, to Instant) []Instant {
	out := []Instant{from}
	for _, c := range changes {
		if c > from && c <= to {
			out = append(out, c-1, c)
		}
	}
	return append(out, to)
}

// Apply sets Actor, ActorKind and ClientIP from what the format decoded.
// A format that knows better (a cron session, a refused SSH attempt) has set
// ActorKind already, and it is kept; Actor set by a format is kept too.
func (a *Attribution) Apply(e *Event) {
	if e.ClientIP == "" {
		e.ClientIP = a.clientIP(e.Addresses)
	}
	if e.Actor == "" {
		e.Actor = e.Login
		if e.Effective != "" && a != nil && a.TrustedImpersonator != nil && a.TrustedImpersonator(e.Login, e.Time) {
			e.Actor = e.Effective
		}
	}
	if e.ActorKind != "" {
		return
	}
	groups := e.Groups
	if e.Actor == e.Effective && e.Effective != "" {
		groups = e.EffGroups
	}
	e.ActorKind = PrincipalKind(e.Actor, groups)
	if e.ActorKind == Human && a != nil && a.Machine != nil && a.Machine(e.Kind, e.Actor, e.Time) {
		e.ActorKind = Service
	}
}

// clientIP takes the address from the right: the last entry is the peer that
// connected; a trusted proxy's own forwarded entry is believed, no other.
func (a *Attribution) clientIP(addresses []string) string {
	for i := len(addresses) - 1; i >= 0; i-- {
		if i == 0 || a == nil || !a.trustedProxy(addresses[i]) {
			return addresses[i]
		}
	}
	return ""
}

func (a *Attribution) trustedProxy(address string) bool {
	if len(a.TrustedProxies) == 0 {
		return false
	}
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	for _, p := range a.TrustedProxies {
		if p.Contains(ip.Unmap()) {
			return true
		}
	}
	return false
}

// PrincipalKind classifies an authenticated name (contract.md §2, formats.md
// 1.3): human is any name that does not begin with "system:".
func PrincipalKind(name string, groups []string) ActorKind {
	switch {
	case name == "":
		return UnknownActor
	case name == "system:anonymous":
		return Anonymous
	case len(name) > 22 && name[:22] == "system:serviceaccount:":
		return Service
	case len(name) > 12 && name[:12] == "system:node:":
		return Node
	case len(name) >= 7 && name[:7] == "system:":
		return SystemActor
	}
	for _, g := range groups {
		if g == "system:unauthenticated" {
			return Anonymous
		}
	}
	return Human
}
