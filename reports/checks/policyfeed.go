package checks

import (
	"crypto/sha256"
	"slices"

	"logreeve/connectors"
	"logreeve/connectors/rawjson"
	"logreeve/reports"
	"logreeve/reports/policy"
)

// Policies is the history of network policies that the checks and watchers of
// one run share: each write is read once, and what all writes amount to is
// worked out once. Which writes are changes is known only at the end: what a
// write changed depends on what was before it.
type Policies struct {
	history *policy.History
	writes  map[string]*keptWrite // of checks, by the key of the event
	repeats map[string]*repeat    // by request path

	observed, kept uint64 // the newest event that the history, and writes, have
	busy           bool   // inside the history; still set when that failed
	changes        []*policyChange
	folded         bool // changes are those of all events
}

// keptWrite is a write that succeeded and may turn out to be a change, with what
// policy.Change does not say of it.
type keptWrite struct {
	*reports.Kept
	credential string
}

// repeat is how often in a row a write left the same specification.
type repeat struct {
	digest [32]byte
	times  int
}

// maxRepeats is how many writes in a row that leave the same specification are
// kept: controllers apply the same again and again, which changes nothing.
const maxRepeats = 16

// Keys under which a run shares what it knows of policies.
type (
	policiesKey struct{ ticketPattern string }
	knownKey    struct{}
)

// KnowPolicies tells the checks of a run what policies said when its window
// begins. It is called before the run, once; without it nothing is known.
func KnowPolicies(s *reports.Shared, before []policy.State) {
	reports.Share(s, knownKey{}, func() []policy.State { return slices.Clone(before) })
}

// PoliciesOf gives the history of policies that a run shares, for one rule that
// finds change references.
func PoliciesOf(s *reports.Shared, tickets connectors.TicketRule) *Policies {
	key := policiesKey{}
	if tickets.Pattern != nil {
		key.ticketPattern = tickets.Pattern.String()
	}
	return reports.Share(s, key, func() *Policies {
		known := reports.Share(s, knownKey{}, func() []policy.State { return nil })
		h := policy.NewHistory(known)
		h.Tickets = tickets
		return &Policies{history: h, writes: map[string]*keptWrite{}, repeats: map[string]*repeat{}}
	})
}

// Watcher lets the history also see what checks do not: writes that were
// refused or failed, and dry runs.
func (p *Policies) Watcher() reports.Watcher {
	return reports.Watcher{Select: policy.Select, Observe: p.observe}
}

// History is the history itself, whole once the run has ended.
func (p *Policies) History() *policy.History { return p.history }

// observe takes note of an event once, whoever shows it. A history that failed
// in the middle of an event would tell less than happened, so whoever uses it
// after that fails too.
func (p *Policies) observe(e *connectors.Event) {
	if e.Seq != 0 && e.Seq == p.observed {
		return
	}
	p.enter()
	p.history.Observe(e)
	p.busy, p.observed, p.folded = false, e.Seq, false
}

func (p *Policies) enter() {
	if p.busy {
		panic("the history of policies failed before")
	}
	p.busy = true
}

// see observes an event of a check and keeps it for items.
func (p *Policies) see(s *reports.Scope, e *connectors.Event) {
	p.observe(e)
	if e.Seq != 0 && e.Seq == p.kept {
		return
	}
	p.kept = e.Seq
	if e.Outcome == connectors.OK && !e.DryRun && !p.same(e) {
		p.writes[e.Key()] = &keptWrite{s.Keep(e), e.Credential}
	}
}

// same says whether the write is one of a long row that left one specification.
func (p *Policies) same(e *connectors.Event) bool {
	if e.Verb == "delete" || e.Verb == "deletecollection" {
		clear(p.repeats) // whatever comes back begins a new row
		return false
	}
	spec := rawjson.Get(e.Response(), "spec")
	if spec == nil || e.Verb != "update" && e.Verb != "patch" {
		return false
	}
	at := path(e)
	r, digest := p.repeats[at], sha256.Sum256(spec)
	if r == nil || r.digest != digest {
		p.repeats[at] = &repeat{digest: digest}
		return false
	}
	r.times++
	return r.times > maxRepeats
}

// policyChange is a change as checks share it: what they ask of it is worked
// out when the first of them asks. They do not change it.
type policyChange struct {
	*policy.Change
	write *keptWrite // nil: let go

	found     *[]policy.Verdict
	told      []reports.Fact
	unclear   *string
	intention *bool
}

// each visits the changes in order of time.
func (p *Policies) each(visit func(*policyChange)) {
	if !p.folded {
		p.enter()
		all := p.history.Changes()
		p.changes = make([]*policyChange, len(all))
		for i := range all {
			p.changes[i] = &policyChange{Change: &all[i], write: p.writes[all[i].Event.Key]}
		}
		p.busy, p.folded = false, true
	}
	for _, c := range p.changes {
		visit(c)
	}
}

// verdicts are what policy.Judge makes of the change.
func (c *policyChange) verdicts() []policy.Verdict {
	if c.found == nil {
		found := policy.Judge(c.Change)
		c.found = &found
	}
	return *c.found
}

// undecidable says why the change cannot be judged, "" when it can.
func (c *policyChange) undecidable() string {
	if c.unclear == nil {
		why := policy.Undecidable(c.Change)
		c.unclear = &why
	}
	return *c.unclear
}

// understood says whether this version can tell what the object does after the change.
func (c *policyChange) understood() bool {
	if c.intention == nil {
		ok := policy.ExposureOf(c.API, c.Kind, c.After).Understood
		c.intention = &ok
	}
	return *c.intention
}

// inWords says what the object does after the change and what it did before.
func (c *policyChange) inWords() []reports.Fact {
	if c.told == nil {
		c.told = inWords(c.Change)
	}
	return c.told
}
