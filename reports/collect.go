package reports

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"

	"logreeve/connectors"
	"logreeve/reports/roster"
)

// maxUndecided is how many events that could not be judged are named.
const maxUndecided = 100

// collector holds what one check has found so far.
type collector struct {
	check  *Check
	roster *roster.Roster
	actors *Identities
	vault  *vault

	drafts  map[string]*Draft
	made    int      // drafts, also those dropped since
	grouper *grouper // of a Grouped check, else nil
	parts   []byte   // of the draft looked for; reused

	now         uint64 // the event being observed; 0 between events
	members     membership
	suppressed  counter
	held        map[heldBy]*counter
	withheld    map[heldBy][]*Draft
	undecidable counter
	undecided   []UndecidedRef
	late        int64 // events that came when their stretch of time was over
}

type heldBy struct {
	register roster.Register
	value    string
	expires  connectors.Instant
}

func newCollector(c *Check, r *roster.Roster, i *Identities, v *vault) *collector {
	return &collector{
		check: c, roster: r, actors: i, vault: v,
		drafts: map[string]*Draft{}, held: map[heldBy]*counter{}, withheld: map[heldBy][]*Draft{},
	}
}

func (c *collector) draft(parts []string) *Draft {
	c.parts = appendParts(c.parts[:0], parts)
	if d := c.drafts[string(c.parts)]; d != nil {
		return d
	}
	d := &Draft{
		number: c.made, Parts: slices.Clone(parts), Severity: c.check.Severity, Violation: c.check.Type == Assertion, found: c,
	}
	c.made++
	c.drafts[string(c.parts)] = d
	return d
}

func (c *collector) has(parts []string) bool {
	c.parts = appendParts(c.parts[:0], parts)
	return c.drafts[string(c.parts)] != nil
}

func (c *collector) drop(d *Draft) {
	c.parts = appendParts(c.parts[:0], d.Parts)
	if c.drafts[string(c.parts)] == d {
		delete(c.drafts, string(c.parts))
	}
}

func (c *collector) suppress(e *connectors.Event, entry roster.Entry) {
	c.suppressed.add(e.Seq, c.now)
	by := heldBy{entry.Register, entry.Value, entry.Expires}
	if c.held[by] == nil {
		c.held[by] = &counter{}
	}
	c.held[by].add(e.Seq, c.now)
}

func (c *collector) undecide(seq uint64, reason string, ref func() EventRef) {
	if c.undecidable.add(seq, c.now) && len(c.undecided) < maxUndecided {
		c.undecided = append(c.undecided, UndecidedRef{EventRef: ref(), Reason: reason})
	}
}

// why the first event that could not be judged could not.
func (c *collector) why() string {
	if len(c.undecided) == 0 {
		return ""
	}
	return c.undecided[0].Reason
}

// lists calls back with the list of every draft and group, for the vault.
func (c *collector) lists(do func(*listing)) {
	if c.grouper != nil {
		c.grouper.lists(do)
	}
	for _, d := range c.drafts {
		do(&d.listed)
	}
}

// close lets go of what is no evidence: groups that no draft took, and
// everything of a check that failed.
func (c *collector) close(failed bool) {
	c.grouper = nil
	if failed {
		clear(c.drafts)
	}
}

// matched is how many different events are in a draft.
func (c *collector) matched() int64 {
	var drafts []*Draft
	groups := map[*grouped]struct{}{}
	for _, d := range c.drafts {
		drafts = append(drafts, d)
		for _, g := range d.groups {
			groups[g] = struct{}{}
		}
	}
	n := c.members.count(drafts)
	for g := range groups {
		n += g.count
	}
	return n
}

// items makes items of the drafts; the vault is settled.
func (c *collector) items() []Item {
	items := make([]Item, 0, len(c.drafts))
	for _, d := range c.drafts {
		item := Item{
			Key: ItemKey(c.check.ID, d.Parts...), Subject: d.Subject, Title: d.Title, Summary: d.Summary,
			Severity: d.Severity, Violation: d.Violation, First: d.First, Last: d.Last, Count: d.Count,
			Facts: d.Facts, Change: d.Change, Data: d.Data,
			Actors: d.who.principals.sorted(), Persons: d.who.persons.sorted(),
		}
		if c.vault.spool != nil {
			item.Events, item.named = []EventRef{}, &naming{&d.listed, c.vault.spool}
		} else {
			item.Events, item.Evidence = d.listed.evidence()
		}
		items = append(items, item)
	}
	slices.SortFunc(items, worstFirst)
	return items
}

// heldBack is how many different events register entries held back.
func (c *collector) heldBack() int64 {
	var drafts []*Draft
	for _, more := range c.withheld {
		drafts = append(drafts, more...)
	}
	return c.suppressed.total() + c.members.count(drafts)
}

// suppressions says what each register entry held back, the most first.
func (c *collector) suppressions() []Suppression {
	var out []Suppression
	entries := map[heldBy]int64{}
	for by, events := range c.held {
		entries[by] += events.total()
	}
	for by, drafts := range c.withheld {
		entries[by] += c.members.count(drafts)
	}
	for by, events := range entries {
		out = append(out, Suppression{Register: by.register, Value: by.value, Expires: by.expires, Events: events})
	}
	slices.SortFunc(out, func(a, b Suppression) int {
		return cmp.Or(cmp.Compare(b.Events, a.Events), cmp.Compare(a.Register, b.Register),
			cmp.Compare(a.Value, b.Value), cmp.Compare(a.Expires, b.Expires))
	})
	return out
}

// worstFirst orders items as people read them: violations, then severity, then
// time, then key.
func worstFirst(a, b Item) int {
	if a.Violation != b.Violation {
		if a.Violation {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(a.Severity.Rank(), b.Severity.Rank()), cmp.Compare(a.First, b.First), cmp.Compare(a.Key, b.Key))
}

// Rank orders severities: 0 is the worst. One that does not exist ranks last.
func (s Severity) Rank() int {
	order := [...]Severity{Critical, High, Medium, Low, Info}
	for i, have := range order {
		if have == s {
			return i
		}
	}
	return len(order)
}

// ItemKey is the identity of an item in every run: 64 hex digits of SHA-256
// over the check id and the subject parts, each preceded by its length
// (contract.md §4).
func ItemKey(check string, parts ...string) string {
	b := appendParts(nil, []string{check})
	sum := sha256.Sum256(appendParts(b, parts))
	return hex.EncodeToString(sum[:])
}

func appendParts(b []byte, parts []string) []byte {
	for _, p := range parts {
		b = binary.BigEndian.AppendUint64(b, uint64(len(p)))
		b = append(b, p...)
	}
	return b
}

// who acted in an event.
type who struct {
	principal string   // "k8s:alice@example.com"; empty when nobody is named
	persons   []string // ids
}

// who says who acted in an event.
func (c *collector) who(e *connectors.Event) who { return *c.actors.who(e, c.whoOf) }

// whoOf works it out: the principal held responsible, and every person that the
// principal or the credential leads to (rule R2: both are involved).
func (c *collector) whoOf(e *connectors.Event) who {
	w := who{principal: roster.PrincipalOf(e)}
	for _, p := range c.roster.PersonsOf(e) {
		w.persons = append(w.persons, p.ID)
	}
	for _, p := range c.roster.Resolve(roster.ActingAs(e), e.Time) {
		if !slices.Contains(w.persons, p.ID) {
			w.persons = append(w.persons, p.ID)
		}
	}
	return w
}

// actors are who acted in the events of a draft or group.
type actors struct{ principals, persons nameSet }

func (a *actors) add(w who) {
	if w.principal != "" {
		a.principals.add(w.principal)
	}
	for _, p := range w.persons {
		a.persons.add(p)
	}
}

func (a *actors) merge(o *actors) {
	o.principals.each(func(name string) { a.principals.add(name) })
	o.persons.each(func(name string) { a.persons.add(name) })
}
