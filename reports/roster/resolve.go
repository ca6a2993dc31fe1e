package roster

import (
	"slices"
	"strings"

	"logreeve/connectors"
)

// Roster answers from one snapshot. It never changes and may be used from
// several goroutines. Slices it gives out are shared: they are read, not written.
type Roster struct {
	Snapshot

	byID   map[string]Person
	exact  map[Principal][]Person // principals without "*", names folded, hosts in lower case
	globs  []personPattern        // principals with "*"
	logins map[string][]Person    // by Linux login, whatever the host
	locals map[string][]Person    // by the part of the e-mail before "@"
	keys   map[string]keyOwner    // by fingerprint
	books  map[Register]*book
}

type personPattern struct {
	Principal
	person Person
}

type keyOwner struct {
	owner   string
	persons []Person
}

// New makes a roster of a snapshot. Lists are put in canonical order, so that
// snapshots with the same Digest answer alike. The registers are expected to be
// valid (Validate); an entry that is not covers nothing.
func New(s Snapshot) *Roster {
	r := &Roster{
		Snapshot: s.canonical(),
		byID:     map[string]Person{}, exact: map[Principal][]Person{}, keys: map[string]keyOwner{},
		logins: map[string][]Person{}, locals: map[string][]Person{},
	}
	for _, p := range r.People {
		r.addPerson(p)
	}
	r.addKeys()
	r.books = books(r.Registers.Entries)
	return r
}

func (r *Roster) addPerson(p Person) {
	r.byID[p.ID] = p
	mail := strings.ToLower(p.Email)
	for _, system := range []string{"k8s", "paralus"} {
		r.addExact(Principal{System: system, Pattern: mail}, p)
	}
	local, _, _ := strings.Cut(mail, "@")
	r.locals[local] = with(r.locals[local], p)
	for _, q := range p.Principals {
		if strings.Contains(q.Host, "*") || strings.Contains(q.Pattern, "*") {
			r.globs = append(r.globs, personPattern{q, p})
			continue
		}
		r.addExact(q, p)
		if q.System == "linux" {
			r.logins[q.Pattern] = with(r.logins[q.Pattern], p)
		}
	}
}

func (r *Roster) addExact(q Principal, p Person) {
	q = Principal{System: q.System, Host: strings.ToLower(q.Host), Pattern: folded(q.Pattern)}
	r.exact[q] = with(r.exact[q], p)
}

func (r *Roster) addKeys() {
	for _, k := range r.Keys {
		o := r.keys[k.Fingerprint]
		if k.Owner != "" {
			if o.owner != "" {
				o.owner += ", "
			}
			o.owner += k.Owner
			for _, p := range r.named(k.Owner) {
				o.persons = with(o.persons, p)
			}
		}
		r.keys[k.Fingerprint] = o
	}
	for q, persons := range r.exact {
		if q.System != "sshkey" {
			continue
		}
		o := r.keys[q.Pattern]
		for _, p := range persons {
			o.persons = with(o.persons, p)
		}
		r.keys[q.Pattern] = o
	}
	for fingerprint, o := range r.keys {
		if o.owner == "" && len(o.persons) > 0 {
			mails := make([]string, len(o.persons))
			for i, p := range o.persons {
				mails[i] = p.Email
			}
			o.owner = strings.Join(mails, ", ")
			r.keys[fingerprint] = o
		}
	}
}

// named finds the persons whom the comment of a key names: by e-mail, else by
// Linux login, else by the part of the e-mail before "@".
func (r *Roster) named(owner string) []Person {
	if p, ok := r.byID[strings.ToLower(owner)]; ok {
		return []Person{p}
	}
	if persons := r.logins[owner]; len(persons) > 0 {
		return persons
	}
	return r.locals[strings.ToLower(owner)]
}

// with adds a person once, keeping the order of ids.
func with(persons []Person, p Person) []Person {
	i, there := slices.BinarySearchFunc(persons, p.ID, func(q Person, id string) int { return strings.Compare(q.ID, id) })
	if there {
		return persons
	}
	return slices.Insert(slices.Clone(persons), i, p)
}

// Person finds a person by id, the e-mail in lower case.
func (r *Roster) Person(id string) (Person, bool) {
	p, ok := r.byID[strings.ToLower(id)]
	return p, ok
}

// Resolve says who stands behind a principal at a time, in the order of ids:
// none, one, or several when the roster is ambiguous. The principal is literal:
// its Pattern is a name as the log has it, its Host "" when the log does not
// say. Someone who joins later does not stand behind it yet; someone who has
// left still does, Person.LeftBefore tells. For k8s and paralus the e-mail
// counts, without case and without the prefix of an OIDC issuer.
func (r *Roster) Resolve(name Principal, at connectors.Instant) []Person {
	name = Principal{System: name.System, Host: strings.ToLower(name.Host), Pattern: folded(name.Pattern)}
	if name.Pattern == "" {
		return nil
	}
	persons := r.lookUp(name)
	if name.System == "k8s" || name.System == "paralus" {
		if mail, ok := withoutIssuer(name.Pattern); ok {
			persons = union(persons, r.lookUp(Principal{System: name.System, Pattern: mail}))
		}
	}
	return joined(persons, at)
}

// lookUp finds everyone a folded literal principal stands for, ever.
func (r *Roster) lookUp(name Principal) []Person {
	persons := r.exact[name]
	if name.Host != "" {
		persons = union(persons, r.exact[Principal{System: name.System, Pattern: name.Pattern}])
	}
	for _, g := range r.globs {
		if g.System == name.System && g.stands(name) {
			persons = with(persons, g.person)
		}
	}
	return persons
}

func union(a, b []Person) []Person {
	if len(a) == 0 {
		return b
	}
	for _, p := range b {
		a = with(a, p)
	}
	return a
}

// joined leaves out who had not joined yet; usually nobody, and nothing is copied.
func joined(persons []Person, at connectors.Instant) []Person {
	if !slices.ContainsFunc(persons, func(p Person) bool { return !p.joinedBy(at) }) {
		return persons
	}
	var kept []Person
	for _, p := range persons {
		if p.joinedBy(at) {
			kept = append(kept, p)
		}
	}
	return kept
}

// KeyOwner says to whom an SSH key belongs. Known says that the key was
// declared, in the keys file or as a principal; a known key without an owner
// has an empty one, and an owner who is not on the roster gives no persons.
// A key declared for several gives them all, the owner joined by ", ".
func (r *Roster) KeyOwner(fingerprint string) (owner string, persons []Person, known bool) {
	o, known := r.keys[fingerprint]
	return o.owner, o.persons, known
}

// PersonsOf says who acted in an event: the owners of the SSH key it was done
// with, if the key leads to someone, else who stands behind its principal.
func (r *Roster) PersonsOf(e *connectors.Event) []Person {
	if strings.HasPrefix(e.Credential, "SHA256:") {
		if _, persons, _ := r.KeyOwner(e.Credential); len(persons) > 0 {
			if persons = joined(persons, e.Time); len(persons) > 0 {
				return persons
			}
		}
		if persons := r.Resolve(Principal{System: "sshkey", Pattern: e.Credential}, e.Time); len(persons) > 0 {
			return persons
		}
	}
	return r.Resolve(ActingAs(e), e.Time)
}

// ActingAs is the principal held responsible for an event, literally; its
// Pattern is empty when the record names nobody.
func ActingAs(e *connectors.Event) Principal {
	p := Principal{System: SystemOf(e.Kind), Pattern: e.Actor}
	if p.Pattern == "" {
		p.Pattern = e.Login
	}
	if p.System == "linux" {
		p.Host = e.Host
	}
	return p
}

// PrincipalOf writes the principal held responsible with its system:
// "k8s:alice@example.com", "linux:worker-1:bob"; "" when the record names nobody.
func PrincipalOf(e *connectors.Event) string {
	p := ActingAs(e)
	if p.Pattern == "" {
		return ""
	}
	return p.String()
}
