package roster

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"logreeve/connectors"
)

// AllRegisters lists every register, in the order of contract.md §3.
func AllRegisters() []Register {
	return []Register{
		CIPrincipals, CINetworks, SharedAccounts, BreakGlass, TrustedImpersonators, TrustedProxies,
		AllowedNetworks, Automation, ProdScope, ProtectedPolicies, AuditedTables, ApplicationRoles,
	}
}

// Networks says whether the register's values are networks.
func (r Register) Networks() bool {
	return r == CINetworks || r == AllowedNetworks || r == TrustedProxies
}

// Principals says whether the register's values are principals, bare or typed.
func (r Register) Principals() bool {
	switch r {
	case CIPrincipals, SharedAccounts, BreakGlass, TrustedImpersonators, Automation, ApplicationRoles:
		return true
	}
	return false
}

// ExpiredAt says whether the entry no longer applied at a time. At an unknown
// time an entry that expires is not relied on.
func (e Entry) ExpiredAt(at connectors.Instant) bool {
	return e.Expires != 0 && (at == 0 || at >= e.Expires)
}

// book is one register, ready for questions. Entries keep the canonical order.
type book struct {
	entries []declared
	exact   map[string][]int // values without "*", by name
	rest    []int            // networks, and values with "*"
}

// declared is an entry with its value understood.
type declared struct {
	Entry
	principal Principal
	network   netip.Prefix
}

func books(entries []Entry) map[Register]*book {
	all := map[Register]*book{}
	for _, e := range entries {
		b := all[e.Register]
		if b == nil {
			b = &book{exact: map[string][]int{}}
			all[e.Register] = b
		}
		d, n := declared{Entry: e}, len(b.entries)
		switch {
		case e.Register.Networks():
			network, err := ParseNetwork(e.Value)
			if err != nil {
				continue
			}
			d.network = network
			b.rest = append(b.rest, n)
		default:
			d.principal = e.Register.literal(e.Value)
			if strings.Contains(d.principal.Pattern, "*") {
				b.rest = append(b.rest, n)
			} else {
				name := folded(d.principal.Pattern)
				b.exact[name] = append(b.exact[name], n)
			}
		}
		b.entries = append(b.entries, d)
	}
	return all
}

// literal understands a value that is asked for, or declared: with its system
// in registers of principals, as one name in all others.
func (r Register) literal(value string) Principal {
	if !r.Principals() {
		return Principal{Pattern: value}
	}
	p, _ := split(value)
	return p
}

// find gives the first entry that stands for the name and is wanted.
func (b *book) find(reg Register, name Principal, wanted func(Entry) bool) (Entry, bool) {
	if b == nil || name.Pattern == "" {
		return Entry{}, false
	}
	best := -1
	try := func(i int, stands bool) {
		if stands && (best < 0 || i < best) && wanted(b.entries[i].Entry) {
			best = i
		}
	}
	if reg.Networks() {
		address, err := netip.ParseAddr(name.Pattern)
		if err != nil {
			return Entry{}, false
		}
		address = address.Unmap().WithZone("")
		for _, i := range b.rest {
			try(i, b.entries[i].network.Contains(address))
		}
	} else {
		for _, i := range b.exact[folded(name.Pattern)] {
			try(i, b.entries[i].principal.stands(name))
		}
		for _, i := range b.rest {
			try(i, b.entries[i].principal.stands(name))
		}
	}
	if best < 0 {
		return Entry{}, false
	}
	return b.entries[best].Entry, true
}

// Covers finds the entry of a register that covers a value at a time. An entry
// that has expired by then never does. The value is an address for registers of
// networks; a principal, typed ("k8s:NAME", "linux:HOST:LOGIN", see PrincipalOf)
// or bare, for registers of principals; else a name. An entry without a system
// covers the name in every system, one without a host the login on every host.
// E-mail addresses are compared without case.
func (r *Roster) Covers(reg Register, value string, at connectors.Instant) (Entry, bool) {
	return r.covers(reg, reg.literal(value), at)
}

// CoversActor is Covers for the principal held responsible for an event, at the
// time of the event. Unlike a typed value it cannot be misread, whatever
// characters an attacker put into the name of a login.
func (r *Roster) CoversActor(reg Register, e *connectors.Event) (Entry, bool) {
	return r.covers(reg, ActingAs(e), e.Time)
}

func (r *Roster) covers(reg Register, name Principal, at connectors.Instant) (Entry, bool) {
	return r.books[reg].find(reg, name, func(e Entry) bool { return !e.ExpiredAt(at) })
}

// Lapsed finds the entry that would cover a value had it not expired by then.
// It explains an item; it never holds one back.
func (r *Roster) Lapsed(reg Register, value string, at connectors.Instant) (Entry, bool) {
	return r.books[reg].find(reg, reg.literal(value), func(e Entry) bool { return e.ExpiredAt(at) })
}

// Declared lists the entries of a register that apply at a time.
func (r *Roster) Declared(reg Register, at connectors.Instant) []Entry {
	var entries []Entry
	for _, e := range r.Registers.Entries {
		if e.Register == reg && !e.ExpiredAt(at) {
			entries = append(entries, e)
		}
	}
	return entries
}

// Expired lists the entries of all registers that no longer apply at a time.
func (r *Roster) Expired(at connectors.Instant) []Entry {
	var entries []Entry
	for _, e := range r.Registers.Entries {
		if e.ExpiredAt(at) {
			entries = append(entries, e)
		}
	}
	return entries
}

// InProd says whether a namespace belongs to production at a time; the empty
// namespace stands for objects of the whole cluster.
func (r *Roster) InProd(namespace string, at connectors.Instant) bool {
	value := clusterScoped
	if namespace != "" {
		value = namespacePrefix + namespace
	}
	_, ok := r.Covers(ProdScope, value, at)
	return ok
}

const (
	clusterScoped   = "cluster-scoped"
	namespacePrefix = "namespace:"
)

// Changes are the instants, in order and each once, at which an answer of the
// roster may change: somebody joins or leaves, or an entry of a register expires.
func (r *Roster) Changes() []connectors.Instant {
	var at []connectors.Instant
	for _, p := range r.People {
		at = append(at, p.JoinedAt, p.LeftAt)
	}
	for _, e := range r.Registers.Entries {
		at = append(at, e.Expires)
	}
	slices.Sort(at)
	at = slices.Compact(at)
	return slices.DeleteFunc(at, func(i connectors.Instant) bool { return i == 0 })
}

// Attribution gives the rules by which events get the one responsible: who may
// act for others, which names are machines, which proxies are believed.
//
// A proxy is believed for every event of a read, so only networks without an
// expiry or whose expiry lies after the snapshot was taken are in it.
func (r *Roster) Attribution() *connectors.Attribution {
	a := &connectors.Attribution{
		Changes: r.Changes(),
		TrustedImpersonator: func(login string, at connectors.Instant) bool {
			_, ok := r.covers(TrustedImpersonators, Principal{System: "k8s", Pattern: login}, at)
			return ok
		},
		Machine: func(kind connectors.Kind, name string, at connectors.Instant) bool {
			system := SystemOf(kind)
			registers := []Register{Automation, CIPrincipals}
			if system == "pg" {
				registers = append(registers, ApplicationRoles)
			}
			return slices.ContainsFunc(registers, func(reg Register) bool {
				_, ok := r.covers(reg, Principal{System: system, Pattern: name}, at)
				return ok
			})
		},
	}
	if b := r.books[TrustedProxies]; b != nil {
		for _, d := range b.entries {
			if !d.ExpiredAt(r.TakenAt) {
				a.TrustedProxies = append(a.TrustedProxies, d.network)
			}
		}
	}
	return a
}

// ParseNetwork reads a network like 10.1.0.0/16, or one address. The error is a
// reason in a few words.
func ParseNetwork(text string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(text); err == nil && address.Zone() == "" {
		address = address.Unmap()
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	network, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is not a network like 10.1.0.0/16 or 2001:db8::/32", text)
	}
	if network.Addr().Is4In6() {
		return netip.Prefix{}, fmt.Errorf("%q is an IPv4 network written as IPv6; write it as IPv4", text)
	}
	if network.Masked() != network {
		return netip.Prefix{}, fmt.Errorf("%q has bits beyond its length; the network is %s", text, network.Masked())
	}
	return network, nil
}

// Lists of a registers file, for EntryError.
const (
	ListEntries   = "registers"
	ListExpected  = "expected_sources"
	ListWitnesses = "witnesses"
)

// EntryError says what is wrong with one element of Registers: List names the
// list, Index its place in Entries, Expected or Witnesses.
type EntryError struct {
	List   string
	Index  int
	Reason string // in a few words, without a full stop
}

// Error gives the reason.
func (e EntryError) Error() string { return e.Reason }

// Validate says everything that is wrong with registers, list by list in order.
func Validate(registers Registers) []EntryError {
	var wrong []EntryError
	report := func(list string, i int, reason string) {
		if reason != "" {
			wrong = append(wrong, EntryError{list, i, reason})
		}
	}
	for i, e := range registers.Entries {
		report(ListEntries, i, e.flaw())
	}
	names := map[string]bool{}
	for i, s := range registers.Expected {
		key := s.Name + "\x00" + s.Host
		switch {
		case s.Name == "":
			report(ListExpected, i, "an expected source has no name")
		case names[key]:
			report(ListExpected, i, "the source "+quoted(s.Name)+" is expected twice")
		case s.MaxGap < 0:
			report(ListExpected, i, "max_gap of "+quoted(s.Name)+" is negative")
		}
		names[key] = true
	}
	for i, id := range registers.Witnesses {
		if !checkID.MatchString(id) {
			report(ListWitnesses, i, quoted(id)+" is not a check like PRV-04")
		}
	}
	return wrong
}

// checkID is how checks are named: those of the catalogue, such as PRV-04, and those
// of definitions, whose ids are free. One with a digit in it is no slip of the pen.
var checkID = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*[0-9][A-Za-z0-9_-]*$`)

// flaw says what is wrong with an entry, or "".
func (e Entry) flaw() string {
	if !slices.Contains(AllRegisters(), e.Register) {
		return "unknown register " + quoted(string(e.Register))
	}
	if e.Value == "" {
		return "an entry of " + string(e.Register) + " has no value"
	}
	switch {
	case e.Register.Networks():
		if _, err := ParseNetwork(e.Value); err != nil {
			return err.Error()
		}
	case e.Register == ProdScope:
		if name, ok := strings.CutPrefix(e.Value, namespacePrefix); e.Value != clusterScoped && (!ok || name == "") {
			return quoted(e.Value) + " is neither namespace:NAME nor cluster-scoped"
		}
	case e.Register.Principals():
		p, typed := split(e.Value)
		if typed {
			if _, err := ParsePrincipal(e.Value); err != nil {
				return err.Error()
			}
		}
		if p.Host != "" && e.Register != SharedAccounts && e.Register != BreakGlass {
			return quoted(e.Value) + " names a host; " + string(e.Register) + " holds for all hosts"
		}
	}
	return ""
}
