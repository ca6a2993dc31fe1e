package reports

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/reports/roster"
)

// pass is one run while it goes on.
type pass struct {
	in    Input
	facts Facts
	vault *vault

	running []*running
	jobs    []job
	index   *index
	off     set // jobs that want no more events
	here    set // jobs that want none of the source being read: it counted for them
	told    set // jobs whose population the source being read has counted

	attribution *connectors.Attribution

	seq         uint64
	first, last connectors.Instant
	inWindow    int64 // of the source being read
	lead        time.Duration
	reading     int                // the index of the source being read
	newest      connectors.Instant // of it, so far
	context     contextKeeper      // of it, for the next run

	// Where the pass is, so that a panic is laid to whom it belongs and the
	// others go on.
	at     int    // the event in the batch
	before bool   // it lies before the window
	may    set    // the jobs that may want it
	word   int    // the word of that set
	rest   uint64 // the jobs of that word still to do
	job    int    // the job being done; -1 between jobs
}

// running is one check while it runs.
type running struct {
	check      *Check
	scope      *Scope
	observe    func(*connectors.Event)
	lead       func(*connectors.Event) // nil: it looks at nothing before the window
	finish     func()
	population int64
	witnessed  int64
	failure    string
	fed        bool // it gets events: nothing it needs is missing
}

// job is one reader of events: a check, the witness of a check, or a watcher.
type job struct {
	check   *running
	witness bool
	unseen  bool                    // its events are undecidable
	observe func(*connectors.Event) // of a watcher
	counter *Counter                // of a watcher that a store can count for
	selects connectors.Filter
	name    string
}

// read reads every source. With a spool, events are only named.
func read(ctx context.Context, in Input, names *spool) (p *pass, err error) {
	defer func() {
		if v := recover(); v != nil {
			p, err = nil, panicked(v)
		}
	}()
	if in.Now == nil {
		return nil, errors.New("run: no clock given")
	}
	if in.Roster == nil {
		in.Roster = &roster.Roster{}
	}
	if in.Shared == nil {
		in.Shared = &Shared{}
	}
	p = &pass{in: in, facts: startingFacts(in)}
	p.vault = &vault{tickets: in.Tickets, lists: p.lists, spool: names}
	if err := p.prepare(); err != nil {
		return nil, err
	}
	for i, s := range in.Sources {
		p.reading, p.newest, p.context = i, 0, contextKeeper{lead: p.lead}
		if err := p.read(ctx, s); err != nil {
			return nil, err
		}
	}
	p.closeFacts()
	return p, nil
}

func panicked(v any) error { return fmt.Errorf("run: panic: %v", v) }

func startingFacts(in Input) Facts {
	f := Facts{
		Now:      connectors.At(in.Now()),
		Expected: in.Roster.Registers.Expected, Witnesses: in.Roster.Registers.Witnesses,
		HasPeople: in.Roster.HasPeople, HasKeys: in.Roster.HasKeys, RosterTakenAt: in.Roster.TakenAt,
		Policy: in.Policy,
	}
	for _, e := range in.Roster.Registers.Entries {
		if !slices.Contains(f.Registers, e.Register) {
			f.Registers = append(f.Registers, e.Register)
		}
	}
	if in.Ledger != nil {
		f.HasLedger, f.LedgerSince = true, in.Ledger.Since()
	}
	for _, s := range in.Sources {
		// Kinds are known before anything is read: they decide which checks run.
		f.Sources = append(f.Sources, SourceFacts{Name: s.Name(), Kind: s.Kind()})
	}
	return f
}

// prepare parses parameters, starts every check that has what it needs and
// builds the index over everything that wants events.
func (p *pass) prepare() error {
	if err := p.refuseStrayParams(); err != nil {
		return err
	}
	p.attribution = p.in.Roster.Attribution()
	var filters []connectors.Filter
	add := func(f connectors.Filter, j job) {
		j.selects = f
		filters = append(filters, f)
		p.jobs = append(p.jobs, j)
	}
	for i := range p.in.Checks {
		c := &p.in.Checks[i]
		values, err := c.Values(p.in.Params[c.ID])
		if err != nil {
			return err
		}
		r := &running{check: c}
		r.scope = &Scope{Roster: p.in.Roster, Tickets: p.in.Tickets, Ledger: p.in.Ledger, Shared: p.in.Shared, params: values}
		r.scope.horizon = func() connectors.Instant { return p.horizon(c.Needs.Kinds) }
		r.scope.found = newCollector(c, p.in.Roster, IdentitiesOf(p.in.Shared), p.vault)
		p.running = append(p.running, r)
		if p.in.NotApplicable[c.ID] != "" || missingInput(&p.facts, c.Needs) != nil {
			continue
		}
		if r.start(); r.failure != "" {
			continue
		}
		r.fed = true
		if r.lead != nil {
			p.lead = max(p.lead, r.before())
		}
		add(c.Select, job{check: r, name: c.ID})
		if c.Needs.Witness.Op != connectors.OpAll {
			add(c.Needs.Witness, job{check: r, witness: true, name: c.ID})
		}
		if c.Needs.Unseen.Op != connectors.OpAll {
			add(c.Needs.Unseen, job{check: r, unseen: true, name: c.ID})
		}
	}
	for _, w := range p.in.Watch {
		add(w.Select, job{observe: w.Observe, counter: w.Count, name: "watcher"})
	}
	index, err := newIndex(filters)
	if err != nil {
		return err
	}
	p.index, p.off, p.job = index, make(set, index.words), -1
	p.here, p.told = make(set, index.words), make(set, index.words)
	return nil
}

func (p *pass) refuseStrayParams() error {
	for _, id := range sortedKeys(p.in.Params) {
		known := false
		for i := range p.in.Checks {
			known = known || p.in.Checks[i].ID == id
		}
		if !known {
			return fault.Field(id, "There is no check %q in this run, so its parameters cannot be set.", id)
		}
	}
	return nil
}

// start makes the observer of a check. What goes wrong here is our failure.
func (r *running) start() {
	defer r.caught()
	c := r.check
	switch {
	case (c.Each == nil) == (c.Grouped == nil):
		r.failure = "The check is defined wrongly: it must have either Each or Grouped."
		return
	case c.Grouped != nil:
		g, err := newGrouper(c.Grouped, r.scope)
		if err != nil {
			r.failure = "The check is defined wrongly: " + err.Error() + "."
			return
		}
		r.scope.found.grouper = g
		r.observe = g.Observe
		r.finish = func() { c.Grouped.Judge(r.scope, g.Groups()) }
	default:
		o := c.Each(r.scope)
		r.observe, r.finish = o.Observe, o.Finish
		if l, ok := o.(Leader); ok && c.Lead != "" {
			r.lead = l.Lead
		}
	}
	for _, f := range []connectors.Filter{c.Select, c.Needs.Witness, c.Needs.Unseen} {
		if _, err := connectors.Compile(f); err != nil {
			r.failure = "The check is defined wrongly: " + fault.Message(err)
		}
	}
}

// caught turns a panic of a check into its failure.
func (r *running) caught() {
	if v := recover(); v != nil {
		r.failure = failureOf(v)
	}
}

func failureOf(v any) string {
	return fmt.Sprintf("The check itself failed, so it says nothing about the log (%v).", v)
}

// lists calls back with every list of kept events.
func (p *pass) lists(do func(*listing)) {
	for _, r := range p.running {
		r.scope.found.lists(do)
	}
}

// batch gives the events of the window to the jobs that want them. After a
// panic of one job it goes on where it was, without that job.
func (p *pass) batch(events []connectors.Event) error {
	p.at, p.word, p.rest = 0, -1, 0
	for {
		finished, err := p.step(events)
		if finished || err != nil {
			return err
		}
	}
}

func (p *pass) step(events []connectors.Event) (finished bool, err error) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if p.job < 0 {
			panic(v) // not a job's doing
		}
		finished, err = false, p.failed(p.job, v)
		p.job = -1
	}()
	for ; p.at < len(events); p.at++ {
		e := &events[p.at]
		if p.word < 0 {
			if p.before = p.leads(e); !p.before && !p.in.Window.Contains(e.Time) {
				continue
			}
			p.seq++
			e.Seq = p.seq
			p.newest = max(p.newest, e.Time)
			p.vault.current = nil
			if !p.before {
				p.inWindow++
				p.span(e.Time, e.Time)
			}
			p.may = p.index.may(e)
			p.word, p.rest = 0, p.wanted(0)
		}
		for p.word < p.index.words {
			for p.rest != 0 {
				p.do(p.word*64+next(&p.rest), e)
			}
			p.word++
			p.rest = p.wanted(p.word)
		}
		p.word = -1
		if p.vault.full() {
			p.vault.settle()
		}
	}
	return true, nil
}

// span notes the first and last time of events of the window.
func (p *pass) span(first, last connectors.Instant) {
	if p.first == 0 || first != 0 && first < p.first {
		p.first = first
	}
	p.last = max(p.last, last)
}

// wanted gives the jobs of one word of the set that want the event; none
// beyond the last word.
func (p *pass) wanted(word int) uint64 {
	if word >= p.index.words {
		return 0
	}
	return p.may[word] &^ p.off[word] &^ p.here[word]
}

// do gives an event to one job, if it selects it.
func (p *pass) do(i int, e *connectors.Event) {
	p.job = i
	if p.index.selects(i, e) {
		if c := p.jobs[i].check; c != nil && c.lead != nil && p.in.Notes != nil {
			p.context.add(e)
		}
		switch j := &p.jobs[i]; {
		case p.before:
			if j.check != nil && !j.witness && !j.unseen && j.check.lead != nil && p.within(j.check, e) {
				j.check.see(e, j.check.lead)
			}
		case j.check == nil:
			j.observe(e)
		case j.witness:
			j.check.witnessed++
			p.switchOff(i) // one is enough
		case j.unseen:
			j.check.scope.Undecidable(e, "content not recorded")
		default:
			if !p.told.has(i) {
				j.check.population++
			}
			j.check.see(e, j.check.observe)
		}
	}
	p.job = -1
}

// leads says whether an event lies before the window, near enough to be context.
func (p *pass) leads(e *connectors.Event) bool {
	from := p.in.Window.From
	return p.lead > 0 && from != 0 && e.Time < from && e.Time >= from.Add(-p.lead)
}

// see shows the check an event.
func (r *running) see(e *connectors.Event, how func(*connectors.Event)) {
	r.scope.found.now = e.Seq
	how(e)
	r.scope.found.now = 0
}

// before is how far before the window the check is shown events.
func (r *running) before() time.Duration { return 2 * r.scope.Duration(r.check.Lead) }

// within says whether an event before the window is as near as the check asks for.
func (p *pass) within(r *running, e *connectors.Event) bool {
	return e.Time >= p.in.Window.From.Add(-r.before())
}

func (p *pass) switchOff(i int) { p.off.put(i) }

// failed lays a panic to a check, which gets no more events. A watcher that
// fails ends the run: what it keeps would be wrong.
func (p *pass) failed(i int, v any) error {
	j := &p.jobs[i]
	if j.check == nil {
		return fmt.Errorf("%s: panic: %v", j.name, v)
	}
	j.check.failure = failureOf(v)
	p.drop(j.check)
	return nil
}

// drop takes a check off everything still to come.
func (p *pass) drop(c *running) {
	for k := range p.jobs {
		if p.jobs[k].check == c {
			p.switchOff(k)
		}
	}
}

// closeFacts fills what is known only after everything is read.
func (p *pass) closeFacts() {
	w := RunWindow{From: p.in.Window.From, To: p.in.Window.To, Given: p.in.Window != connectors.Window{}}
	if w.From == 0 {
		w.From = p.first
	}
	if w.To == 0 && p.last != 0 {
		w.To = p.last + 1
	}
	p.facts.Window = w
}
