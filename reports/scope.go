package reports

import (
	"regexp"
	"slices"
	"time"

	"logreeve/connectors"
	"logreeve/reports/roster"
)

// Scope is what a check sees of its run, and where it reports what it found.
// It is used from one goroutine.
type Scope struct {
	Roster  *roster.Roster
	Tickets connectors.TicketRule
	Ledger  LedgerView // nil: none
	Shared  *Shared    // with the other checks of the run; never nil

	params  Values
	found   *collector
	facts   *Facts
	horizon func() connectors.Instant
}

// Int gives a parameter of kind ParamInt. A parameter that is not declared, or
// of another kind, is a broken invariant of the check and panics.
func (s *Scope) Int(name string) int64 {
	s.params.expect(name, ParamInt)
	return s.params.ints[name]
}

// Duration gives a parameter of kind ParamDuration.
func (s *Scope) Duration(name string) time.Duration {
	s.params.expect(name, ParamDuration)
	return s.params.durs[name]
}

// Text gives a parameter of kind ParamText.
func (s *Scope) Text(name string) string {
	s.params.expect(name, ParamText)
	return s.params.text[name]
}

// List gives a parameter of kind ParamList, without empty entries.
func (s *Scope) List(name string) []string {
	s.params.expect(name, ParamList)
	return s.params.lists[name]
}

// Pattern gives a parameter of kind ParamPattern, nil when it is empty.
func (s *Scope) Pattern(name string) *regexp.Regexp {
	s.params.expect(name, ParamPattern)
	if s.params.text[name] == "" {
		return nil
	}
	return regexp.MustCompile(s.params.text[name]) // it was compiled when it was read
}

// Facts is what the run knows of its data: what was read, the window, gaps and
// presence. It is nil until every source has been read, so it is for Finish and
// Judge only.
func (s *Scope) Facts() *Facts { return s.facts }

// Horizon is the instant before which, while events are observed, only late
// ones are still to come: the newest event of the source being read, or where
// begins what was not begun to be read, if that is earlier. What is 0 says that
// anything may come. It looks at sources of the check's kinds.
func (s *Scope) Horizon() connectors.Instant { return s.horizon() }

// Item gives the draft with these subject parts, making it when it is new. The
// parts identify the item within the check for ever, so they hold names of
// things (a person, a policy, an account on a host), never counts or times.
func (s *Scope) Item(parts ...string) *Draft { return s.found.draft(parts) }

// Has says whether a draft with these parts was made and not dropped.
func (s *Scope) Has(parts ...string) bool { return s.found.has(parts) }

// Drafts lists the drafts made so far, in the order of their parts.
func (s *Scope) Drafts() []*Draft {
	out := make([]*Draft, 0, len(s.found.drafts))
	for _, d := range s.found.drafts {
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b *Draft) int { return slices.Compare(a.Parts, b.Parts) })
	return out
}

// Drop takes a draft back, with its events: it turned out to be no item.
func (s *Scope) Drop(d *Draft) { s.found.drop(d) }

// Suppress counts an event as held back by a register entry. An event is
// counted once, whatever number of entries cover it.
func (s *Scope) Suppress(e *connectors.Event, entry roster.Entry) { s.found.suppress(e, entry) }

// Undecidable counts an event that could not be judged, with the reason in a
// few words ("content not recorded"). It breaks G6 of a check that needs bodies.
func (s *Scope) Undecidable(e *connectors.Event, reason string) {
	s.found.undecide(e.Seq, reason, func() EventRef { return EventRef{Key: e.Key(), NativeID: e.NativeID(), Time: e.Time} })
}

// UndecidableKept is Undecidable for an event that was kept.
func (s *Scope) UndecidableKept(k *Kept, reason string) {
	s.found.undecide(k.seq, reason, k.ref)
}

// Kept is an event that lives on after it was observed, for items of which is known
// only later that it belongs in them.
type Kept struct {
	kept
	who who
}

// Keep keeps an event. Where events are only named it is little more than its name.
func (s *Scope) Keep(e *connectors.Event) *Kept {
	return &Kept{kept: s.found.vault.apart(e), who: s.found.who(e)}
}

// Draft is an item while a run collects it. A check may change the exported
// fields of the first group until Finish returns; it need not set Severity and
// Violation when the check's own severity and type say it (Violation starts as
// true for an Assertion, false otherwise).
type Draft struct {
	Parts     []string
	Subject   string // what the item is about, for people: "alice@example.com", "payments/allow-web-to-api"
	Title     string // a few words for a list
	Summary   string // one sentence: what happened and why it matters
	Severity  Severity
	Violation bool
	Facts     []Fact
	Change    *ChangeRef
	Data      map[string]string

	// Kept by Add: exact count, first and last time, the events in time order
	// (at most MaxEvents, the earliest), who acted. An item without events, such
	// as a silent source, may have First and Last set by the check.
	Count       int64
	First, Last connectors.Instant

	found  *collector
	number int     // in the order they were made
	alone  int64   // events observed that are in no other draft
	kept   *seqSet // events that were put in later than they came; nil: none
	groups []*grouped
	listed listing
	who    actors
}

// Add puts an event into the item. An event that the item has already counts
// once. The event may be a copy that the check made and adds later or in Finish;
// but not one that it added to any item when it observed it.
func (d *Draft) Add(e *connectors.Event) {
	if now := d.found.now; e.Seq != 0 && e.Seq == now {
		if !d.found.members.join(now, d) {
			return
		}
	} else if !d.later(e.Seq) {
		return
	}
	d.tally(1, e.Time, e.Time)
	d.who.add(d.found.who(e))
	d.listed.add(d.found.vault, e)
}

// AddKept is Add for an event that was kept.
func (d *Draft) AddKept(k *Kept) {
	if !d.later(k.seq) {
		return
	}
	d.tally(1, k.time, k.time)
	d.who.add(k.who)
	d.listed.again(d.found.vault, &k.kept)
}

// later puts in the number of an event that is not the one being observed, and says
// whether it is new.
func (d *Draft) later(seq uint64) bool {
	if d.kept == nil {
		d.kept = &seqSet{}
	}
	return d.kept.add(seq)
}

// AddGroup puts all events of a group into the item of a Grouped check.
func (d *Draft) AddGroup(g Group) {
	if g.of == nil || slices.Contains(d.groups, g.of) {
		return
	}
	d.groups = append(d.groups, g.of)
	d.tally(g.Count, g.First, g.Last)
	d.who.merge(&g.of.who)
	d.listed.merge(d.found.vault, &g.of.listed)
}

func (d *Draft) tally(n int64, first, last connectors.Instant) {
	if d.Count == 0 || first < d.First {
		d.First = first
	}
	if d.Count == 0 || last > d.Last {
		d.Last = last
	}
	d.Count += n
}
