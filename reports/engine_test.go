package reports_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/roster"
)

func runAll(t *testing.T, in reports.Input) *reports.Outcomes {
	t.Helper()
	out, err := reports.Engine{}.Run(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func reading(minutes int, login, name string) deed {
	return deed{at: after(time.Duration(minutes) * time.Minute), login: login, verb: "get", resource: "secrets", ns: "payments", name: name}
}

func TestRunMakesItems(t *testing.T) {
	source := log(
		reading(0, "bob@example.com", "late"), reading(2, "alice@example.com", "b"),
		deed{at: after(time.Minute), login: "alice@example.com", verb: "list", resource: "pods"},
		reading(1, "alice@example.com", "a"),
		deed{at: after(3 * time.Minute), login: "alice@example.com", verb: "delete", resource: "secrets"},
	)
	out := runAll(t, input(secretReads(), source))
	if w := out.Window; w.From != noon || w.To != after(3*time.Minute)+1 || w.Given {
		t.Errorf("window %+v", w)
	}
	r := out.Results[0]
	if r.Outcome != reports.Fail || r.Reason != "2 violations." || r.Limited {
		t.Errorf("%s %q limited %v", r.Outcome, r.Reason, r.Limited)
	}
	if r.Population != 3 || r.Matched != 3 {
		t.Errorf("population %d, matched %d, want 3, 3", r.Population, r.Matched)
	}
	bob, alice := r.Items[0], r.Items[1] // same severity: the earlier first
	if bob.Subject != "bob@example.com" || alice.Subject != "alice@example.com" {
		t.Fatalf("items %s, %s", bob.Subject, alice.Subject)
	}
	if alice.Count != 2 || alice.First != after(time.Minute) || alice.Last != after(2*time.Minute) ||
		alice.Events[0].NativeID != "id-4" || alice.Events[1].NativeID != "id-2" {
		t.Errorf("alice: %+v", alice)
	}
	if !slices.Equal(alice.Actors, []string{"k8s:alice@example.com"}) || !slices.Equal(alice.Persons, []string{"alice@example.com"}) {
		t.Errorf("alice: actors %v, persons %v", alice.Actors, alice.Persons)
	}
	if len(alice.Evidence) != 2 || alice.Evidence[0].Record.Key != alice.Events[0].Key || !bytes.Contains(alice.Evidence[0].Raw, []byte("id-4")) {
		t.Errorf("evidence %+v", alice.Evidence)
	}
	if alice.Key != reports.ItemKey("PRV-04", "alice@example.com") || len(alice.Key) != 64 {
		t.Errorf("key %s", alice.Key)
	}
	if s := out.Sources[0]; s.InWindow != 5 || len(s.Places) != 1 || s.Places[0].LongestGap != 60 || len(s.Hourly) != 1 || s.Hourly[0].Count != 5 {
		t.Errorf("source %+v", s)
	}
}

// The key of an item never changes: the value was worked out apart from this code,
// as sha256 over 8-byte big-endian lengths and texts.
func TestItemKeyIsForEver(t *testing.T) {
	if got := reports.ItemKey("PRV-04", "alice", "x"); got != "42203cdfda5dedba1cb9d7fdf0f7de46a2697d04fb3a8182a7221424d762cd6a" {
		t.Error(got)
	}
	if reports.ItemKey("A", "bc") == reports.ItemKey("A", "b", "c") || reports.ItemKey("AB", "c") == reports.ItemKey("A", "Bc") {
		t.Error("parts run into each other")
	}
}

func TestWindowGivenIsHalfOpen(t *testing.T) {
	in := input(secretReads(), log(reading(0, "a", "x"), reading(1, "b", "x"), reading(2, "c", "x"), reading(3, "d", "x")))
	in.Window = connectors.Window{From: after(time.Minute), To: after(3 * time.Minute)}
	out := runAll(t, in)
	var who []string
	for _, i := range out.Results[0].Items {
		who = append(who, i.Subject)
	}
	if !slices.Equal(who, []string{"b", "c"}) || !out.Window.Given || out.Results[0].Population != 2 {
		t.Errorf("items %v, window %+v, population %d", who, out.Window, out.Results[0].Population)
	}
}

// A source that ignores the window changes nothing.
type ignorant struct{ *memory }

func (s ignorant) Read(ctx context.Context, q connectors.Query, emit func([]connectors.Event) error) (connectors.Completeness, error) {
	q.Window = connectors.Window{}
	return s.memory.Read(ctx, q, emit)
}

func TestSelectIsMatchedAfterTheWindow(t *testing.T) {
	in := input(secretReads(), ignorant{log(reading(0, "a", "x"), reading(1, "b", "x"))})
	in.Window = connectors.Window{From: after(time.Minute), To: after(2 * time.Minute)}
	if r := runAll(t, in).Results[0]; r.Population != 1 || len(r.Items) != 1 || r.Items[0].Subject != "b" {
		t.Errorf("%+v", r)
	}
}

func TestRunIsDeterministic(t *testing.T) {
	var deeds []deed
	for i := range 3000 {
		deeds = append(deeds, reading(i*7919%500, []string{"alice@example.com", "bob@example.com", "eve"}[i%3], "x"))
	}
	auth := &memory{name: "authlog", kind: connectors.AuthLog, deeds: []deed{{at: after(time.Minute), login: "bob", verb: "login", place: "worker-1"}}}
	var first []byte
	for _, batch := range []int{1, 7, 5000, 7} {
		source := log(deeds...)
		source.batch = batch
		in := input(secretReads(), source, auth)
		in.Checks = append(in.Checks, groupedReads())
		out, err := json.Marshal(runAll(t, in))
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = out
		}
		if !bytes.Equal(first, out) {
			t.Fatalf("batches of %d give another result", batch)
		}
	}
}

func TestItemListsTheEarliestThousand(t *testing.T) {
	var deeds []deed
	const n = 2500
	for i := range n {
		deeds = append(deeds, deed{at: noon + connectors.Instant((i*1777)%n)*second, login: "eve", verb: "get", resource: "secrets"})
	}
	item := runAll(t, input(secretReads(), log(deeds...))).Results[0].Items[0]
	if item.Count != n || len(item.Events) != reports.MaxEvents || len(item.Evidence) != reports.MaxEvents {
		t.Fatalf("count %d, %d events, %d in full", item.Count, len(item.Events), len(item.Evidence))
	}
	for i, e := range item.Events {
		if e.Time != noon+connectors.Instant(i)*second {
			t.Fatalf("event %d is of %s", i, e.Time)
		}
		if got := len(item.Evidence[i].Raw) > 0; got != (i < reports.MaxRaw) {
			t.Fatalf("event %d has its raw record: %v", i, got)
		}
	}
}

// An event that is kept and added later, in two items, and added twice: matched
// counts it once and each item once.
func TestMatchedCountsDifferentEvents(t *testing.T) {
	check := secretReads()
	check.Each = func(s *reports.Scope) reports.Observer {
		var kept []*connectors.Event
		return each{
			observe: func(e *connectors.Event) {
				kept = append(kept, e.Keep())
				s.Item("all").Add(e)
				s.Item("all").Add(e)
				s.Item("gone").Add(e)
				s.Item(e.Actor).Add(kept[0])
				if e.Actor == "b" {
					s.Suppress(e, roster.Entry{Register: roster.BreakGlass, Value: "x"})
					s.Suppress(e, roster.Entry{Register: roster.BreakGlass, Value: "y"})
					s.Undecidable(e, "content not recorded")
					s.Undecidable(e, "content not recorded")
				}
			},
			finish: func() {
				slices.Reverse(kept)
				for _, e := range kept {
					s.Item("late").Add(e)
					s.Item("late").Add(e)
					s.Item("all").Add(e)
				}
				s.Drop(s.Item("gone"))
				s.Drop(s.Item("all"))
				s.Drop(s.Item("a"))
				s.Drop(s.Item("c"))
			},
		}
	}
	r := runAll(t, input(check, log(reading(0, "a", "x"), reading(1, "b", "x"), reading(2, "c", "x")))).Results[0]
	counts := map[int64]int{}
	for _, i := range r.Items {
		counts[i.Count]++
	}
	if len(r.Items) != 2 || counts[3] != 1 || counts[1] != 1 || r.Matched != 3 {
		t.Errorf("items of %v events, matched %d; want one of 3 and one of 1, matched 3", counts, r.Matched)
	}
	if r.Suppressed != 1 || len(r.Suppressions) != 2 || r.Undecidable != 1 || len(r.Undecided) != 1 || r.Undecided[0].NativeID != "id-2" {
		t.Errorf("suppressed %d %v, undecidable %d %v", r.Suppressed, r.Suppressions, r.Undecidable, r.Undecided)
	}
}

func TestItemsAreSortedWorstFirst(t *testing.T) {
	check := secretReads()
	check.Type = reports.RegisterT
	check.Each = func(s *reports.Scope) reports.Observer {
		return each{observe: func(e *connectors.Event) {
			d := s.Item(e.Actor)
			d.Subject = e.Actor
			d.Violation = strings.Contains(e.Actor, "v")
			if strings.Contains(e.Actor, "low") {
				d.Severity = reports.Low
			}
			d.Add(e)
		}}
	}
	r := runAll(t, input(check, log(reading(0, "low", ""), reading(1, "second", ""), reading(1, "low-v", ""), reading(2, "third", ""), reading(4, "v", "")))).Results[0]
	var order []string
	for _, i := range r.Items {
		order = append(order, i.Subject)
	}
	if !slices.Equal(order, []string{"v", "low-v", "second", "third", "low"}) || r.Reason != "2 violations in 5 items." {
		t.Errorf("%v %s", order, r.Reason)
	}
}

// Both the owner of the credential and of the account are involved.
func TestPersonsAreOfPrincipalAndCredential(t *testing.T) {
	check := secretReads()
	check.Select, check.Needs.Kinds = connectors.Filter{}, nil
	auth := &memory{name: "authlog", kind: connectors.AuthLog, deeds: []deed{
		{at: noon, login: "bob", verb: "login", place: "worker-1", credential: "SHA256:alicekey"},
	}}
	item := runAll(t, input(check, auth)).Results[0].Items[0]
	if !slices.Equal(item.Actors, []string{"linux:worker-1:bob"}) || !slices.Equal(item.Persons, []string{"alice@example.com", "bob@example.com"}) {
		t.Errorf("actors %v, persons %v", item.Actors, item.Persons)
	}
}

func groupedReads() reports.Check {
	return reports.Check{
		ID: "GRP-01", Type: reports.RegisterT, Severity: reports.Low,
		Select: connectors.In("resource", "secrets"),
		Grouped: &reports.Grouping{By: []string{"namespace", "actor"}, Distinct: "name", Judge: func(s *reports.Scope, groups []reports.Group) {
			for _, g := range groups {
				if g.Count < 2 {
					continue
				}
				d := s.Item(g.Values[0])
				d.Subject, d.Summary = g.Values[0], strings.Join(g.Distinct, "+")
				d.AddGroup(g)
				d.AddGroup(g)
			}
		}},
	}
}

func TestGroupedCheck(t *testing.T) {
	r := runAll(t, input(groupedReads(), log(
		reading(4, "alice@example.com", "tls"), reading(1, "bob@example.com", "db"), reading(2, "alice@example.com", "db"),
		reading(3, "eve", "db"), reading(5, "bob@example.com", "db")))).Results[0]
	if len(r.Items) != 1 || r.Population != 5 || r.Matched != 4 {
		t.Fatalf("%d items, population %d, matched %d", len(r.Items), r.Population, r.Matched)
	}
	item := r.Items[0]
	if item.Count != 4 || item.First != after(time.Minute) || item.Last != after(5*time.Minute) || item.Summary != "db" || len(item.Persons) != 2 {
		t.Errorf("%+v", item)
	}
	var ids []string
	for _, e := range item.Events {
		ids = append(ids, e.NativeID)
	}
	if !slices.Equal(ids, []string{"id-2", "id-3", "id-1", "id-5"}) {
		t.Errorf("events %v", ids)
	}
}

// A check that panics is an error; the others see every event all the same.
func TestPanicStaysWithItsCheck(t *testing.T) {
	broken := func(id string, at string) reports.Check {
		c := secretReads()
		c.ID = id
		c.Needs.Witness = connectors.In("verb", "get")
		c.Each = func(s *reports.Scope) reports.Observer {
			if at == "start" {
				panic("boom")
			}
			return each{
				observe: func(e *connectors.Event) {
					s.Item("x").Add(e)
					if at == "observe" {
						panic("boom")
					}
				},
				finish: func() {
					if at == "finish" {
						s.Int("undeclared")
					}
				},
			}
		}
		return c
	}
	in := input(broken("B-1", "observe"), log(reading(0, "a", ""), reading(1, "b", ""), reading(2, "c", "")))
	both := secretReads()
	both.ID, both.Grouped = "B-4", &reports.Grouping{}
	field := groupedReads()
	field.ID, field.Grouped = "B-5", &reports.Grouping{By: []string{"nonsense"}, Judge: func(*reports.Scope, []reports.Group) {}}
	filter := secretReads()
	filter.ID, filter.Select = "B-6", connectors.In("nonsense", "x")
	in.Checks = append(in.Checks, secretReads(), broken("B-2", "start"), broken("B-3", "finish"), both, field, filter)
	in.Sources[0].(*memory).batch = 10
	out := runAll(t, in)
	for _, r := range out.Results {
		if r.Check == "PRV-04" {
			if r.Outcome != reports.Fail || r.Population != 3 || len(r.Items) != 3 {
				t.Errorf("the sound check: %s, population %d, %d items", r.Outcome, r.Population, len(r.Items))
			}
			continue
		}
		if r.Outcome != reports.Errored || len(r.Items) != 0 || r.Reason == "" {
			t.Errorf("%s: %s %q with %d items, want error", r.Check, r.Outcome, r.Reason, len(r.Items))
		}
	}
}

func TestRunFails(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	stop := secretReads()
	stop.Each = func(*reports.Scope) reports.Observer { return each{observe: func(*connectors.Event) { cancel() }} }
	if _, err := (reports.Engine{}).Run(ctx, input(stop, log(reading(0, "a", ""), reading(1, "b", "")))); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	gone := log()
	gone.fails = fault.New(fault.Unavailable, "The folder cannot be read.")
	if _, err := (reports.Engine{}).Run(context.Background(), input(secretReads(), gone)); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("source: %v", err)
	}
	in := input(secretReads(), log(reading(0, "a", "")))
	in.Watch = []reports.Watcher{{Observe: func(*connectors.Event) { panic("boom") }}}
	if _, err := (reports.Engine{}).Run(context.Background(), in); err == nil {
		t.Error("a watcher that fails must end the run")
	}
	in = input(secretReads(), log())
	in.Params = map[string]map[string]string{"PRV-4": {"x": "1"}}
	if _, err := (reports.Engine{}).Run(context.Background(), in); fault.KindOf(err) != fault.Invalid {
		t.Errorf("parameter of no check: %v", err)
	}
}

// Silence of any sort is never a pass: the window of P2 as files can show it.
func TestSilenceIsNeverAPass(t *testing.T) {
	deeds := func() []deed {
		var out []deed
		for m := range 60 {
			out = append(out, deed{at: after(time.Duration(m) * time.Minute), login: "system:apiserver", verb: "get", resource: "secrets"})
		}
		return out
	}
	window := connectors.Window{From: noon, To: after(time.Hour)}
	for name, c := range map[string]struct {
		change  func(*memory, *reports.Input)
		outcome reports.Outcome
		gate    reports.GateID
	}{
		"control: complete": {func(*memory, *reports.Input) {}, reports.Pass, ""},
		"empty log":         {func(m *memory, _ *reports.Input) { m.deeds = nil }, reports.Inconclusive, reports.G2},
		"empty, no window":  {func(m *memory, in *reports.Input) { m.deeds = nil; in.Window = connectors.Window{} }, reports.Inconclusive, reports.G2},
		"begins too late":   {func(m *memory, _ *reports.Input) { m.deeds = m.deeds[10:] }, reports.Inconclusive, reports.G3},
		"stopped early":     {func(m *memory, _ *reports.Input) { m.deeds = m.deeds[:50] }, reports.Inconclusive, reports.G4},
		"hole":              {func(m *memory, _ *reports.Input) { m.deeds = slices.Delete(m.deeds, 20, 30) }, reports.Inconclusive, reports.G4},
		"window not over": {func(_ *memory, in *reports.Input) {
			in.Now = func() time.Time { return after(30 * time.Minute).Time() }
		}, reports.Inconclusive, reports.G5},
		"cut off": {func(m *memory, _ *reports.Input) {
			m.broken = func(c *connectors.Completeness) { c.Problems = []connectors.Problem{{Where: "f", Reason: "truncated"}} }
		}, reports.Inconclusive, reports.G1},
		"unreadable lines": {func(m *memory, _ *reports.Input) { m.broken = func(c *connectors.Completeness) { c.Unparsed = 1 } }, reports.Inconclusive, reports.G8},
		"future events":    {func(m *memory, _ *reports.Input) { m.broken = func(c *connectors.Completeness) { c.Future = 1 } }, reports.Inconclusive, reports.G5},
		"source not given": {func(_ *memory, in *reports.Input) { in.Sources = nil }, reports.Inconclusive, reports.G2},
		"expected is missing": {func(_ *memory, in *reports.Input) {
			in.Roster = roster.New(roster.Snapshot{Registers: roster.Registers{Expected: []roster.ExpectedSource{{Name: "eu-2"}}}})
		}, reports.Inconclusive, reports.G2},
		"reads of secrets are not logged": {func(m *memory, _ *reports.Input) {
			for i := range m.deeds {
				m.deeds[i].resource = "pods"
			}
		}, reports.Inconclusive, reports.G7},
		"another source is silent": {func(_ *memory, in *reports.Input) {
			in.Sources = append(in.Sources, &memory{name: "eu-2", kind: connectors.Kubernetes})
		}, reports.Inconclusive, reports.G2},
	} {
		check := secretReads()
		check.Select = connectors.And(check.Select, connectors.In("actor_kind", "human", "unknown"))
		check.Needs.Witness = connectors.In("resource", "secrets")
		m := log(deeds()...)
		in := input(check, m)
		in.Window = window
		c.change(m, &in)
		r := runAll(t, in).Results[0]
		if r.Outcome != c.outcome || c.gate != "" && !strings.Contains(r.Reason, string(c.gate)) {
			t.Errorf("%s: %s (%s), want %s by %s", name, r.Outcome, r.Reason, c.outcome, c.gate)
		}
	}
}

func TestHealthCheckJudgesFacts(t *testing.T) {
	check := reports.Check{
		ID: "LOG-01", Type: reports.Health, Severity: reports.High, Needs: reports.Needs{Gates: []reports.GateID{reports.G8}},
		Each: func(s *reports.Scope) reports.Observer {
			return each{observe: func(*connectors.Event) {}, finish: func() {
				for _, source := range s.Facts().Sources {
					for _, p := range s.Facts().Places(source) {
						if p.TooQuiet() {
							d := s.Item(source.Name, p.Name)
							d.First = p.GapFrom
						}
					}
				}
			}}
		},
	}
	r := runAll(t, input(check, log(reading(0, "a", ""), reading(7, "a", "")))).Results[0]
	if r.Outcome != reports.NeedsReview || r.Limited || len(r.Items) != 1 || r.Items[0].First != noon || r.Items[0].Count != 0 {
		t.Errorf("%+v", r)
	}
	if r := runAll(t, input(check, log(reading(0, "a", ""), reading(4, "a", "")))).Results[0]; r.Outcome != reports.Pass {
		t.Errorf("control: %s", r.Reason)
	}
}

func TestWatchersSeeWhatTheySelect(t *testing.T) {
	var seen []string
	in := input(secretReads(), log(reading(0, "a", ""), deed{at: after(time.Minute), login: "b", verb: "get", resource: "pods"}))
	in.Watch = []reports.Watcher{
		{Select: connectors.In("resource", "pods"), Observe: func(e *connectors.Event) { seen = append(seen, "pods "+e.Actor) }},
		{Observe: func(e *connectors.Event) { seen = append(seen, e.Actor) }},
	}
	runAll(t, in)
	if !slices.Equal(seen, []string{"a", "pods b", "b"}) {
		t.Error(seen)
	}
}

// More matchers than one word of the index, each for its own value.
func TestIndexBeyondOneWord(t *testing.T) {
	in := input(secretReads(), log())
	in.Checks = nil
	verbs := []string{}
	for i := range 150 {
		c := secretReads()
		c.ID = "C-" + string(rune('A'+i/26)) + string(rune('A'+i%26))
		verbs = append(verbs, strings.ToLower(c.ID))
		c.Select = connectors.In("verb", verbs[i])
		in.Checks = append(in.Checks, c)
	}
	source := log()
	for i, v := range verbs {
		source.deeds = append(source.deeds, deed{at: noon + connectors.Instant(i), login: "a", verb: v})
	}
	in.Sources = []connectors.Source{source}
	for i, r := range runAll(t, in).Results {
		if r.Population != 1 || r.Items[0].Events[0].Time != noon+connectors.Instant(i) {
			t.Errorf("%s: population %d", r.Check, r.Population)
		}
	}
}

func TestDigestChangesWithTheDefinition(t *testing.T) {
	base := secretReads()
	for name, change := range map[string]func(*reports.Check){
		"version": func(c *reports.Check) { c.Version++ },
		"logic":   func(c *reports.Check) { c.Logic = "x" },
		"select":  func(c *reports.Check) { c.Select = connectors.In("verb", "get") },
		"param":   func(c *reports.Check) { c.Params = []reports.Param{{Name: "n"}} },
		"needs":   func(c *reports.Check) { c.Needs.Bodies = true },
	} {
		c := secretReads()
		if c.Digest() != base.Digest() {
			t.Fatal("the digest of the same definition changes")
		}
		if change(&c); c.Digest() == base.Digest() {
			t.Errorf("%s does not change the digest", name)
		}
	}
}

// More evidence than is kept undecoded: it is written out on the way, and the
// result is the same as if it were not.
func TestEvidenceBeyondTheVault(t *testing.T) {
	const n = 1200
	source := log()
	source.batch = 10
	wide := strings.Repeat("x", 40_000) // 48 MB of raw records
	for i := range n {
		source.deeds = append(source.deeds, deed{at: noon + connectors.Instant(n-i)*second/4, login: "eve", verb: "get", resource: "secrets", name: wide})
	}
	in := input(secretReads(), source)
	grouped := groupedReads()
	grouped.Select = connectors.In("login", "eve")
	in.Checks = append(in.Checks, grouped)
	for _, r := range runAll(t, in).Results {
		item := r.Items[0]
		if item.Count != n || len(item.Evidence) != reports.MaxEvents || r.Matched != n {
			t.Fatalf("%s: count %d, %d listed, matched %d", r.Check, item.Count, len(item.Evidence), r.Matched)
		}
		for i, e := range item.Evidence {
			if e.Record.Time != noon+connectors.Instant(i+1)*second/4 || len(e.Record.SHA256) != 64 || e.Record.Key != item.Events[i].Key {
				t.Fatalf("%s: event %d is %s %q", r.Check, i, e.Record.Time, e.Record.Key)
			}
			if (len(e.Raw) > 0) != (i < reports.MaxRaw) {
				t.Fatalf("%s: event %d has its raw record: %v", r.Check, i, len(e.Raw) > 0)
			}
		}
	}
}

// TestChecksLookAtSourcesOfTheirKinds runs a check over a source of its kind and one
// of another, whose events it would select and take for a witness.
func TestChecksLookAtSourcesOfTheirKinds(t *testing.T) {
	check := secretReads()
	check.Needs = reports.Needs{Kinds: []connectors.Kind{connectors.Kubernetes}, Witness: connectors.In("verb", "login"), WitnessText: "logins"}
	check.Select = connectors.Filter{}
	hosts := &memory{name: "hosts", kind: connectors.AuthLog, deeds: []deed{{at: noon, login: "bob", verb: "login", place: "worker-1"}}}
	r := runAll(t, input(check, hosts, log(deed{at: noon, login: "alice", verb: "get", resource: "pods"}), hosts)).Results[0]
	if r.Population != 1 || len(r.Items) != 1 || r.Items[0].Subject != "alice" {
		t.Errorf("it looks at %d events and finds %d items", r.Population, len(r.Items))
	}
	for _, g := range r.Gates {
		if g.ID == reports.G7 && g.OK {
			t.Errorf("a record of another kind is a witness: %s", g.Detail)
		}
	}
	check.Needs.Kinds = append(check.Needs.Kinds, connectors.AuthLog)
	if r := runAll(t, input(check, hosts, log(deed{at: noon, login: "alice", verb: "get", resource: "pods"}))).Results[0]; r.Population != 2 {
		t.Errorf("of both kinds it looks at %d events", r.Population)
	}
}
