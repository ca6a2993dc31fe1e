package stores_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/checks"
	"logreeve/reports/policy"
	"logreeve/reports/roster"
)

// question is what a run is asked, whatever holds the log.
type question struct {
	checks []reports.Check
	params map[string]map[string]string
	window connectors.Window
	roster roster.Snapshot
	now    time.Time
}

func (q question) clock() time.Time { return q.now }

// answer is what a run says, with what its watchers saw.
type answer struct {
	outcomes *reports.Outcomes
	report   policy.Report
	states   []policy.State
	seen     []reports.Sighting
	took     time.Duration
}

// ask runs the checks as the product runs them: with the policy history and the
// ledger watching.
func ask(t testing.TB, q question, sources []connectors.Source) answer {
	t.Helper()
	began := time.Now()
	tickets := connectors.TicketRule{Pattern: connectors.DefaultTicketPattern}
	shared := &reports.Shared{}
	policies := checks.PoliciesOf(shared, tickets)
	ledger := reports.NewLedger()
	q.roster.TakenAt = connectors.At(q.now)
	out, err := reports.Engine{}.Run(t.Context(), reports.Input{
		Sources: sources, Window: q.window, Checks: q.checks, Params: q.params, Roster: roster.New(q.roster), Tickets: tickets, Now: q.clock,
		Ledger: reports.LookBack(connectors.At(q.now).Add(-200*24*time.Hour), nil),
		Watch:  []reports.Watcher{policies.Watcher(), ledger.Watcher()}, Shared: shared,
	})
	if err != nil {
		t.Fatal(err)
	}
	return answer{out, policies.History().Report(), policies.History().States(), ledger.Sightings(), time.Since(began)}
}

// facts are what an answer says, by what it says it of.
type facts map[string]string

func (f facts) say(of string, format string, values ...any) { f[of] = fmt.Sprintf(format, values...) }

// millis is an instant as a store keeps it: a date has whole milliseconds there,
// so what was counted in the store is as exact as that.
func millis(i connectors.Instant) string { return (i - i%1000).String() }

// written is a value as JSON.
func written(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// facts are what a file and a store must say alike. Left out is where records
// lie, what reading them cost, and what depends on how much was read besides the
// window, which a file has to read and a store does not: how many lines could
// not be understood, and the words of gates and reasons that name such figures.
// Of records that a pipeline wrote anew also their text and its digest are left out.
func (a answer) facts(verbatim bool) facts {
	f := facts{}
	f.say("window", "%s to %s, given %t", millis(a.outcomes.Window.From), millis(a.outcomes.Window.To), a.outcomes.Window.Given)
	for _, r := range a.outcomes.Results {
		f.say(r.Check, "%s limited=%t population=%d matched=%d suppressed=%d undecidable=%d items=%d: %s",
			r.Outcome, r.Limited, r.Population, r.Matched, r.Suppressed, r.Undecidable, len(r.Items), reason(r))
		f.say(r.Check+" params", "%s %s", written(r.Params), r.Digest)
		f.say(r.Check+" suppressions", "%s", written(r.Suppressions))
		f.say(r.Check+" undecided", "%s", written(inOrder(r.Undecided, func(u reports.UndecidedRef) reports.EventRef { return u.EventRef })))
		for _, g := range r.Gates {
			f.say(r.Check+" gate "+string(g.ID), "%t", g.OK)
		}
		for _, i := range r.Items {
			f.item(r.Check+" item "+i.Key, i, verbatim)
		}
	}
	for _, s := range a.outcomes.Sources {
		of := "source " + s.Name
		f.say(of, "%s, %d events in the window, first %s, last %s; read %s to %s, problems %s",
			s.Kind, s.InWindow, millis(s.First), millis(s.Last), millis(s.Oldest), millis(s.Newest), written(s.Problems))
		if !a.outcomes.Window.Given {
			f.say(of+" unparsed", "%d", s.Unparsed)
		}
		for _, p := range s.Places {
			f.say(of+" place "+p.Name, "%d events, first %s, last %s, silent at most %d s from %s, allowed %d s",
				p.Events, millis(p.First), millis(p.Last), p.LongestGap, millis(p.GapFrom), p.AllowedGap)
		}
		for _, h := range s.Hourly {
			f.say(of+" hour "+h.Hour.String(), "%d", h.Count)
		}
	}
	f.say("policies", "%s", written(a.report.Summary))
	for i := range a.report.Changes {
		c := &a.report.Changes[i]
		f.say("policy change "+c.Event.Key+" "+c.Object(), "%s", written(c))
	}
	for _, w := range a.report.Attempts {
		f.say("policy attempt "+w.Event.Key, "%s", written(w))
	}
	f.say("policy states", "%d %s", len(a.states), policy.Digest(a.states))
	for _, s := range a.seen {
		f.say(strings.Join([]string{"seen", s.System, s.Principal, s.Network}, " "), "%d events, first %s, last %s", s.Events, millis(s.First), millis(s.Last))
	}
	return f
}

// reason is the reason of an outcome as far as it does not explain a gate.
func reason(r reports.Result) string {
	if slices.ContainsFunc(r.Gates, func(g reports.Gate) bool { return !g.OK }) {
		before, _, _ := strings.Cut(r.Reason, ", because ")
		return before
	}
	return r.Reason
}

func (f facts) item(of string, i reports.Item, verbatim bool) {
	f.say(of, "%d events, first %s, last %s, %s, violation=%t", i.Count, millis(i.First), millis(i.Last), i.Severity, i.Violation)
	f.say(of+" events", "%d: %s", len(i.Events), written(inOrder(i.Events, func(e reports.EventRef) reports.EventRef { return e })))
	f.say(of+" words", "%s | %s | %s | %s", i.Subject, i.Title, i.Summary, written(i.Facts))
	f.say(of+" who", "%s %s", written(i.Actors), written(i.Persons))
	f.say(of+" what", "%s %s", written(i.Change), written(i.Data))
	for _, e := range inOrder(i.Evidence, func(e reports.EvidenceEvent) reports.EventRef {
		return reports.EventRef{Key: e.Record.Key, Time: e.Record.Time}
	}) {
		r := e.Record
		r.Ref = connectors.Ref{}
		if !verbatim || r.Kind == connectors.AuthLog {
			r.SHA256 = ""
		}
		f.say(of+" evidence "+r.Key, "%s", written(r))
		if verbatim && r.Kind != connectors.AuthLog && len(i.Events) <= reports.MaxRaw {
			f.say(of+" raw "+r.Key, "%s", e.Raw)
		}
	}
}

// inOrder puts what happened at the same time into the order of keys: in which
// order records of one instant come is the store's.
func inOrder[T any](list []T, of func(T) reports.EventRef) []T {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b T) int {
		x, y := of(a), of(b)
		return cmp.Or(cmp.Compare(x.Time, y.Time), cmp.Compare(x.Key, y.Key))
	})
	return list
}

// differences says where two answers differ, in order.
func differences(file, store facts) []string {
	names := map[string]bool{}
	for name := range file {
		names[name] = true
	}
	for name := range store {
		names[name] = true
	}
	sorted := slices.Sorted(maps.Keys(names))
	slices.SortStableFunc(sorted, func(a, b string) int { // what was read explains the rest
		first := func(name string) int {
			if strings.HasPrefix(name, "source ") {
				return 0
			}
			return 1
		}
		return cmp.Compare(first(a), first(b))
	})
	var out []string
	for _, name := range sorted {
		want, inFile := file[name]
		got, inStore := store[name]
		// Of a principal whose records list several addresses, a store knows no network,
		// and then none of them.
		if who, network := sighted(name); network && !inStore && !slices.ContainsFunc(sorted, func(o string) bool {
			same, also := sighted(o)
			_, known := store[o]
			return also && known && same == who
		}) {
			continue
		}
		switch {
		case !inStore:
			out = append(out, fmt.Sprintf("%s: only the file says %s", name, short(want, 0)))
		case !inFile:
			out = append(out, fmt.Sprintf("%s: only the store says %s", name, short(got, 0)))
		case got != want:
			at := 0
			for at < min(len(got), len(want)) && got[at] == want[at] {
				at++
			}
			out = append(out, fmt.Sprintf("%s:\n  file  %s\n  store %s", name, short(want, at), short(got, at)))
		}
	}
	return out
}

// sighted reads whom a fact says was seen, and whether it is about a network.
func sighted(name string) (who string, network bool) {
	rest, ok := strings.CutPrefix(name, "seen ")
	i := strings.LastIndexByte(rest, ' ')
	if !ok || i < 0 || !strings.Contains(rest[i:], "/") {
		return "", false
	}
	return rest[:i], true
}

// short is the part of a text around a place.
func short(s string, at int) string {
	from, to := max(0, at-80), min(len(s), at+400)
	out := s[from:to]
	if from > 0 {
		out = "…" + out
	}
	if to < len(s) {
		out += "…"
	}
	return out
}

// mostTold is how many differences a test tells.
const mostTold = 25

func tell(t testing.TB, all []string) {
	t.Helper()
	for _, d := range all[:min(len(all), mostTold)] {
		t.Error(d)
	}
	if len(all) > mostTold {
		t.Errorf("and %d more differences", len(all)-mostTold)
	}
}
