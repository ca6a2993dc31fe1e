package reports

import (
	"iter"
	"time"

	"logreeve/connectors"
)

// outcomes is what a run found that has read its sources.
func (p *pass) outcomes() (out *Outcomes, err error) {
	defer func() {
		if v := recover(); v != nil {
			out, err = nil, panicked(v)
		}
	}()
	for _, r := range p.running {
		p.finish(r)
	}
	p.vault.settle()
	out = p.frame()
	out.Results = make([]Result, len(p.running))
	inParallel(len(p.running), func(i int) { out.Results[i] = p.result(p.running[i]) })
	return out, nil
}

// frame is the outcomes without results.
func (p *pass) frame() *Outcomes {
	return &Outcomes{Window: p.facts.Window, Sources: p.summaries(), Notes: p.noted()}
}

// Reading is a run for those who print what it found: its sources are read, its
// results are still to be worked out, and events are only named.
type Reading struct {
	Outcomes // without results
	pass     *pass
}

// Results gives what each check found, in the order of the checks, once. What a
// check held is let go of when the next is asked for, so that those who print the
// results need the memory of the largest only.
func (r *Reading) Results() iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		for _, of := range r.pass.running {
			result, err := r.one(of)
			if !yield(result, err) || err != nil {
				return
			}
		}
	}
}

func (r *Reading) one(of *running) (result Result, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = panicked(v)
		}
	}()
	r.pass.finish(of)
	result = r.pass.result(of)
	of.scope.found, of.observe, of.lead, of.finish = nil, nil, nil, nil // the observer holds its items, too
	return result, nil
}

// Close gives up the names of events that lie in the temporary file.
func (r *Reading) Close() { r.pass.vault.spool.close() }

// finish lets a check finish.
func (p *pass) finish(r *running) {
	p.vault.current = nil
	r.scope.facts = &p.facts
	if r.fed && r.failure == "" {
		func() {
			defer r.caught()
			r.finish()
		}()
	}
	r.scope.found.close(r.failure != "")
	if p.vault.full() {
		p.vault.settle()
	}
}

func (p *pass) result(r *running) Result { return r.result(&p.facts, p.in.NotApplicable[r.check.ID]) }

// result is what one check found, with its outcome.
func (r *running) result(f *Facts, declared string) Result {
	c, found := r.check, r.scope.found
	result := Result{
		Check: c.ID, Version: c.Version, Title: c.Title, Kind: c.Type, Severity: c.Severity,
		Controls: append([]string{}, c.Controls...), Items: []Item{}, Params: r.scope.params.text, Digest: c.Digest(),
		Gates: Judge(f, CheckFacts{ID: c.ID, Needs: c.Needs, Undecidable: found.undecidable.total(), Why: found.why(), Witnessed: r.witnessed}),
	}
	missing := missingInput(f, c.Needs)
	if missing != nil {
		result.Gates = withGate(result.Gates, *missing)
	}
	decided := Case{Declared: declared, Missing: missing, Failure: r.failure, Gates: result.Gates}
	if r.fed && r.failure == "" { // what a check that failed had found so far may be wrong
		result.Population, result.Matched = r.population, found.matched()
		if c.Type == Health { // it judges what is known of all events
			for _, source := range f.Of(c.Needs.Kinds) {
				result.Population += source.Events
			}
		}
		result.Suppressed, result.Suppressions = found.heldBack(), found.suppressions()
		result.Undecidable, result.Undecided = found.undecidable.total(), found.undecided
		result.Items = found.items()
	}
	decided.Population, decided.Items = result.Population, result.Items
	result.Outcome, result.Limited, result.Reason = Decide(decided)
	return result
}

// withGate puts a gate in the place of the one with its id, else at the end.
func withGate(gates []Gate, g Gate) []Gate {
	for i := range gates {
		if gates[i].ID == g.ID {
			gates[i] = g
			return gates
		}
	}
	return append(gates, g)
}

// summaries says what was read of each source.
func (p *pass) summaries() []SourceSummary {
	out := make([]SourceSummary, 0, len(p.facts.Sources))
	for _, s := range p.facts.Sources {
		c := s.Read
		out = append(out, SourceSummary{
			Name: s.Name, Kind: s.Kind, Lines: c.Lines, Records: c.Records, Events: c.Events, Unparsed: c.Unparsed,
			First: c.First, Last: c.Last, Oldest: c.Oldest, Newest: c.Newest, InWindow: s.Events, Problems: c.Problems, Files: c.Files, Skipped: c.Skipped, Resumed: c.Resumed,
			Places: p.facts.Places(s), Hourly: p.hourly(s), ByOutcome: c.ByOutcome,
			Store: c.Store, Counted: c.Counted, Requests: c.Requests, BytesReceived: c.BytesReceived, TookMillis: c.Took.Milliseconds(),
		})
	}
	return out
}

// hourly counts a source's events by hour over the whole window.
func (p *pass) hourly(s SourceFacts) []HourCount {
	sum := connectors.NewCoverage()
	for _, name := range sortedKeys(s.Read.Coverage) {
		sum.Merge(s.Read.Coverage[name])
	}
	const hour = connectors.Instant(3_600_000_000)
	w := p.facts.bounds()
	w.From -= w.From % hour
	var out []HourCount
	for _, b := range sum.Buckets(w, time.Hour) {
		out = append(out, HourCount{Hour: b.From, Count: b.Count})
	}
	return out
}
