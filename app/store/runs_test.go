package store_test

import (
	"fmt"
	"sync"
	"testing"

	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/app/store"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/policy"
	"logreeve/reports/roster"
)

const hour = connectors.Instant(3_600_000_000)

func TestSources(t *testing.T) {
	both(t, func(t *testing.T, db *database) {
		full := fill[runs.Source](t)
		full.Version, full.LastRead = 0, nil
		for _, s := range []runs.Source{full, {ID: "s_1", Name: "cluster", Kind: connectors.Kubernetes, Target: "/var/log/*.log", AddedAt: 3}} {
			if err := db.SaveSource(ctx, alice, s, entry("source.added")); err != nil {
				t.Fatal(err)
			}
			s.Version = 1
			wantEqual(t, "source", *must[*runs.Source](t)(db.Source(ctx, s.ID)), s)
		}
		if all := must[[]runs.Source](t)(db.Sources(ctx)); len(all) != 2 {
			t.Fatalf("%+v", all)
		}
		wantKind(t, db.SaveSource(ctx, alice, runs.Source{ID: "s_2", Name: "cluster"}, entry("x")), fault.Conflict)
		change := runs.Source{ID: "s_1", Version: 1, Name: "cluster two", Disabled: true}
		if err := db.SaveSource(ctx, alice, change, entry("source.changed")); err != nil {
			t.Fatal(err)
		}
		got := must[*runs.Source](t)(db.Source(ctx, "s_1"))
		if got.Version != 2 || got.Target != "" || !got.Disabled || got.Kind != "" || got.AddedAt != 3 {
			t.Fatalf("%+v", got)
		}
		wantKind(t, db.SaveSource(ctx, alice, change, entry("x")), fault.Conflict) // stale
		wantKind(t, db.SaveSource(ctx, alice, runs.Source{ID: "s_9", Version: 1, Name: "z"}, entry("x")), fault.NotFound)
		wantKind(t, db.SaveSource(ctx, alice, runs.Source{ID: "s_1", Version: 2, Name: full.Name}, entry("x")), fault.Conflict)
		_, err := db.Source(ctx, "")
		wantKind(t, err, fault.NotFound)
		wantTrail(t, db, 3)
	})
}

func TestSnapshots(t *testing.T) {
	both(t, func(t *testing.T, db *database) {
		_, err := db.Snapshot(ctx, "")
		wantKind(t, err, fault.NotFound)
		full := fill[runs.Snapshot](t)
		full.Roster.People[1].ID = full.Roster.People[0].ID // named twice in the file
		newer := runs.Snapshot{ID: "p_2", TakenAt: full.TakenAt + 1, Roster: &roster.Snapshot{People: []roster.Person{{ID: "x", Name: "Xenia Xu", Email: "x@example.com"}}}}
		for _, s := range []runs.Snapshot{full, newer} {
			if err := db.SaveSnapshot(ctx, alice, s, entry("people.imported")); err != nil {
				t.Fatal(err)
			}
			wantEqual(t, "snapshot", *must[*runs.Snapshot](t)(db.Snapshot(ctx, s.ID)), s)
		}
		if got := must[*runs.Snapshot](t)(db.Snapshot(ctx, "")); got.ID != "p_2" {
			t.Fatalf("the newest is %s", got.ID)
		}
		wantKind(t, db.SaveSnapshot(ctx, alice, newer, entry("x")), fault.Conflict)
		list := must[[]runs.Snapshot](t)(db.Snapshots(ctx, 1))
		if len(list) != 1 || list[0].ID != "p_2" || list[0].Roster != nil {
			t.Fatalf("%+v", list)
		}
		found := must[[]runs.Found](t)(db.Find(ctx, "XENIA example", 5))
		if len(found) != 1 || found[0].Kind != "person" || found[0].Title != "Xenia Xu" || found[0].Path != "/people/x" {
			t.Fatalf("%+v", found)
		}
		wantTrail(t, db, 2)
	})
}

// queued is a run as it is asked for.
func queued(id string, at connectors.Instant) runs.Run {
	return runs.Run{
		ID: id, Status: runs.Queued, Purpose: "nightly", Window: reports.RunWindow{From: 1, To: 2, Given: true}, Checks: []string{"IAM-01"},
		Params: map[string]map[string]string{"IAM-01": {"max": "3"}}, Tool: "1.0", By: "u_alice", CreatedAt: at,
	}
}

// finished is a run that found something: full in every field, with hostile text.
func finished(t testing.TB, id string, at connectors.Instant) (runs.Run, []policy.State, []runs.Seen) {
	r := fill[runs.Run](t)
	r.ID, r.Status, r.By, r.CreatedAt, r.FinishedAt = id, runs.Done, "u_alice", at, at+hour
	r.Only = nil // over all sources: what it found is the newest there is
	for i := range r.Results {
		res := &r.Results[i]
		res.Check, res.Outcome = fmt.Sprintf("IAM-%02d", i), []reports.Outcome{reports.Fail, reports.Pass}[i%2]
		for k := range res.Items {
			res.Items[k].Key = fmt.Sprintf("key-%d-%d", i, k)
		}
	}
	r.Results[1].Items = []reports.Item{}
	for i := range r.Sources {
		r.Sources[i].Name, r.Sources[i].InWindow = fmt.Sprintf("source %d", i), 10
		r.Sources[i].Hourly = []reports.HourCount{{Hour: at - at%(24*hour), Count: 5}, {Hour: at - at%(24*hour) + 24*hour, Count: 7}}
		r.Sources[i].ByOutcome = map[connectors.Outcome]int64{connectors.OK: 4}
	}
	r.Changes.Changes[1].Before, r.Changes.Changes[1].Ticket = nil, "" // it was created, without a reference
	return r, fill[[]policy.State](t), fill[[]runs.Seen](t)
}

// Ensure that a run over some sources only keeps its results and is nobody's
// newest result: it does not speak for the organisation.
func TestRunOverSomeSourcesIsNotTheNewestResult(t *testing.T) {
	both(t, func(t *testing.T, db *database) {
		r, states, seen := finished(t, "r_1", 20000*24*hour)
		do(t, db, r, states, seen)
		other, _, _ := finished(t, "r_2", 20001*24*hour)
		other.Only = []string{"one\x00source", "another"}
		do(t, db, other, nil, nil)
		if got := must[*runs.Run](t)(db.Run(ctx, "r_2")); len(got.Results) != len(other.Results) || len(got.Only) != 2 || got.Only[0] != other.Only[0] {
			t.Errorf("%d results of %q", len(got.Results), got.Only)
		}
		for _, l := range must[[]runs.LatestResult](t)(db.LatestResults(ctx)) {
			if l.Run != "r_1" {
				t.Errorf("the newest result of %s is of %s", l.Result.Check, l.Run)
			}
		}
	})
}

// do carries a run through from the queue to its end.
func do(t testing.TB, db *database, r runs.Run, states []policy.State, seen []runs.Seen) {
	t.Helper()
	if err := db.CreateRun(ctx, alice, r, entry("run.asked")); err != nil {
		t.Fatal(err)
	}
	if err := db.FinishRun(ctx, alice, r, states, seen, entry("run.finished")); err != nil {
		t.Fatal(err)
	}
}

func TestRunKeepsWhatItFound(t *testing.T) {
	both(t, func(t *testing.T, db *database) {
		day := 20000 * 24 * hour
		r, states, seen := finished(t, "r_1", day)
		do(t, db, r, states, seen)
		wantTrail(t, db, 2)

		count := store.CountQueries(t, db.Store)
		got := must[*runs.Run](t)(db.Run(ctx, "r_1"))
		if n := count.Load(); n > 5 {
			t.Errorf("loading a run takes %d queries", n)
		}
		want := r
		want.Results = nil
		for _, res := range r.Results {
			for i := range res.Items {
				one := must[*reports.Item](t)(db.Item(ctx, "r_1", res.Items[i].Key))
				wantEqual(t, "item with evidence", *one, res.Items[i])
			}
			plain := res
			plain.Items = make([]reports.Item, len(res.Items))
			for i, item := range res.Items {
				item.Evidence = nil
				plain.Items[i] = item
			}
			want.Results = append(want.Results, plain)
		}
		wantEqual(t, "run", *got, want)

		latest := must[[]runs.LatestResult](t)(db.LatestResults(ctx))
		if len(latest) != 2 || latest[0].Run != "r_1" || latest[0].FinishedAt != r.FinishedAt || latest[0].Window != r.Window {
			t.Fatalf("%+v", latest)
		}
		bare := want.Results[0]
		bare.Items = nil
		wantEqual(t, "latest result", latest[0].Result, bare)
		wantEqual(t, "policy changes", must[[]policy.Change](t)(db.Changes(ctx, connectors.Window{}, 0)), inOrder(r.Changes))
		if n := len(must[[]policy.State](t)(db.PolicyStates(ctx))); n != len(states) {
			t.Errorf("%d policy states", n)
		}
		for _, st := range states {
			if all := must[[]policy.State](t)(db.PolicyStates(ctx)); !contains(all, st) {
				t.Errorf("the state %q is not among %q", fmt.Sprintf("%+v", st), fmt.Sprintf("%+v", all))
			}
		}
		back := must[[]runs.Seen](t)(db.Seen(ctx, []string{seen[0].System + ":" + seen[0].Principal, seen[0].System + ":" + seen[0].Principal}))
		wantEqual(t, "ledger line", back, seen[:1])

		list := must[[]runs.RunSummary](t)(db.Runs(ctx, 10, ""))
		if len(list) != 1 || list[0].Events != 20 || list[0].Outcomes[reports.Fail] != 1 || list[0].Outcomes[reports.Pass] != 1 || list[0].Status != runs.Done {
			t.Fatalf("%+v", list)
		}
		if err := db.SaveSource(ctx, alice, runs.Source{ID: "s_1", Name: "source 0"}, entry("source.added")); err != nil {
			t.Fatal(err)
		}
		read := must[*runs.Source](t)(db.Source(ctx, "s_1")).LastRead
		if read == nil || read.RunID != "r_1" || read.Events != r.Sources[0].Events || len(read.Daily) != 2 || read.Daily[1].Events != 7 {
			t.Fatalf("%+v", read)
		}
		wantEqual(t, "problems", read.Problems, r.Sources[0].Problems)

		// A second run: newer results stand first, an older one changes nothing of that.
		next, states, seen := finished(t, "r_2", day+24*hour)
		next.Results = next.Results[:1]
		next.Results[0].Outcome = reports.Pass
		do(t, db, next, states, seen)
		old, states, seen := finished(t, "r_0", day-100*24*hour)
		do(t, db, old, states, seen)
		latest = must[[]runs.LatestResult](t)(db.LatestResults(ctx))
		if len(latest) != 2 || latest[0].Run != "r_2" || latest[1].Run != "r_1" {
			t.Fatalf("%+v", latest)
		}
		course := must[[]runs.CheckCourse](t)(db.Course(ctx, "IAM-00", 2))
		if len(course) != 2 || course[0].RunID != "r_2" || course[0].Outcome != reports.Pass || course[1].Items != 2 {
			t.Fatalf("%+v", course)
		}
		if n := len(must[[]policy.Change](t)(db.Changes(ctx, connectors.Window{}, 0))); n != len(r.Changes.Changes) {
			t.Errorf("%d changes: each stands once, whatever number of runs saw it", n)
		}
		if page := must[[]runs.RunSummary](t)(db.Runs(ctx, 1, "r_2")); len(page) != 1 || page[0].ID != "r_1" {
			t.Fatalf("%+v", page)
		}
		daily := must[*runs.Source](t)(db.Source(ctx, "s_1")).LastRead.Daily
		if len(daily) != 5 || daily[3].Events != 7 {
			t.Fatalf("daily %+v", daily)
		}

		for _, key := range []string{"", "none", "' OR 1=1 --", "\x00"} {
			_, err := db.Item(ctx, "r_1", key)
			wantKind(t, err, fault.NotFound)
			_, err = db.Run(ctx, key)
			wantKind(t, err, fault.NotFound)
		}
		wantKind(t, db.FinishRun(ctx, alice, r, nil, nil, entry("x")), fault.Conflict)
		wantKind(t, db.CreateRun(ctx, alice, r, entry("x")), fault.Conflict)
		wantKind(t, db.AskCancel(ctx, alice, "r_1", entry("x")), fault.Conflict)
		wantKind(t, db.AskCancel(ctx, alice, "r_9", entry("x")), fault.NotFound)
		missing := r
		missing.ID = "r_9"
		wantKind(t, db.FinishRun(ctx, alice, missing, nil, nil, entry("x")), fault.NotFound)
		wantTrail(t, db, 7)

		dropTriggers(t, db, "item_evidence") // evidence that was changed is not handed out
		other := must[*reports.Item](t)(db.Item(ctx, "r_1", "key-0-1"))
		if len(other.Evidence) == 0 {
			t.Fatal("no evidence")
		}
		db.exec(t, "UPDATE item_evidence SET body = (SELECT e.body FROM item_evidence e WHERE e.run_id = 'r_1' AND e.item_key = 'key-0-1') WHERE run_id = 'r_1' AND item_key = 'key-0-0'")
		_, err := db.Item(ctx, "r_1", "key-0-0")
		wantKind(t, err, fault.Unavailable)
	})
}

func TestLeases(t *testing.T) {
	both(t, func(t *testing.T, db *database) {
		if r, err := db.ClaimRun(ctx, "a", 100, 200); r != nil || err != nil {
			t.Fatal(r, err)
		}
		for i, id := range []string{"r_2", "r_1"} {
			if err := db.CreateRun(ctx, alice, queued(id, connectors.Instant(50-i)), entry("run.asked")); err != nil {
				t.Fatal(err)
			}
		}
		r := must[*runs.Run](t)(db.ClaimRun(ctx, "a", 100, 200))
		if r == nil || r.ID != "r_1" || r.Status != runs.Running || r.StartedAt != 100 || r.Params["IAM-01"]["max"] != "3" || !r.Window.Given {
			t.Fatalf("the oldest is %+v", r)
		}
		p := runs.Progress{Bytes: 1, Total: 2, PerSecond: 1.5, LeftSeconds: -1, Source: hostile}
		if cancel, err := db.HoldRun(ctx, "r_1", "a", 300, p); cancel || err != nil {
			t.Fatal(cancel, err)
		}
		_, err := db.HoldRun(ctx, "r_1", "b", 300, p)
		wantKind(t, err, fault.Conflict)
		if got := must[*runs.Run](t)(db.Run(ctx, "r_1")); got.Progress != p {
			t.Fatalf("progress %+v", got.Progress)
		}
		if err := db.AskCancel(ctx, alice, "r_1", entry("run.cancel_asked")); err != nil {
			t.Fatal(err)
		}
		if cancel, err := db.HoldRun(ctx, "r_1", "a", 300, p); !cancel || err != nil {
			t.Fatal(cancel, err)
		}
		if r := must[*runs.Run](t)(db.ClaimRun(ctx, "b", 250, 400)); r == nil || r.ID != "r_2" {
			t.Fatalf("%+v", r)
		}
		if r := must[*runs.Run](t)(db.ClaimRun(ctx, "c", 301, 400)); r == nil || r.ID != "r_1" || r.StartedAt != 100 { // the lease of a ended
			t.Fatalf("%+v", r)
		}
		_, err = db.HoldRun(ctx, "r_1", "a", 500, p)
		wantKind(t, err, fault.Conflict)
		over := queued("r_1", 0)
		over.Status, over.Problem, over.FinishedAt, over.Results = runs.Cancelled, "cancelled by Alice", 400, fill[[]reports.Result](t)
		if err := db.FinishRun(ctx, alice, over, nil, nil, entry("run.cancelled")); err != nil {
			t.Fatal(err)
		}
		got := must[*runs.Run](t)(db.Run(ctx, "r_1"))
		if got.Status != runs.Cancelled || got.Problem != over.Problem || len(got.Results) != 0 {
			t.Fatalf("%+v", got)
		}
		if latest := must[[]runs.LatestResult](t)(db.LatestResults(ctx)); len(latest) != 0 {
			t.Fatal("a cancelled run has results")
		}
		if err := db.CreateRun(ctx, alice, queued("r_3", 60), entry("run.asked")); err != nil {
			t.Fatal(err)
		}
		if err := db.AskCancel(ctx, alice, "r_3", entry("run.cancel_asked")); err != nil {
			t.Fatal(err)
		}
		if got := must[*runs.Run](t)(db.Run(ctx, "r_3")); got.Status != runs.Cancelled || got.FinishedAt == 0 {
			t.Fatalf("a run nobody began is %+v", got)
		}
	})
}

// TestClaimOnce: many workers, every run is claimed by exactly one.
func TestClaimOnce(t *testing.T) {
	both(t, func(t *testing.T, db *database) {
		const total = 30
		for i := range total {
			if err := db.CreateRun(ctx, alice, queued(fmt.Sprintf("r_%02d", i), connectors.Instant(i+1)), entry("run.asked")); err != nil {
				t.Fatal(err)
			}
		}
		var claimed sync.Map
		var wg sync.WaitGroup
		for w := range 6 {
			on := db
			if w%2 == 1 {
				on = openAt(t, db.driver, db.dsn)
			}
			wg.Go(func() {
				for {
					r, err := on.ClaimRun(ctx, fmt.Sprint(w), 100, 200)
					if err != nil {
						t.Error(err)
					}
					if r == nil {
						return
					}
					if _, twice := claimed.LoadOrStore(r.ID, w); twice {
						t.Errorf("%s was claimed twice", r.ID)
					}
				}
			})
		}
		wg.Wait()
		if size(&claimed) != total {
			t.Fatalf("%d of %d were claimed", size(&claimed), total)
		}
	})
}

func TestPopulation(t *testing.T) {
	both(t, func(t *testing.T, db *database) {
		if err := db.CreateRun(ctx, alice, queued("r_1", 1), entry("run.asked")); err != nil {
			t.Fatal(err)
		}
		_, _, err := db.Population(ctx, "r_1")
		wantKind(t, err, fault.NotFound)
		lines := []byte("k1 a\nk2 b\n\xff\x00")
		for range 2 {
			if err := db.SavePopulation(ctx, "r_1", lines, "d"); err != nil {
				t.Fatal(err)
			}
		}
		wantKind(t, db.SavePopulation(ctx, "r_1", []byte("other"), "d"), fault.Conflict)
		got, digest, err := db.Population(ctx, "r_1")
		if err != nil || string(got) != string(lines) || digest != "d" {
			t.Fatalf("%q %q %v", got, digest, err)
		}
	})
}

func TestLedger(t *testing.T) {
	both(t, func(t *testing.T, db *database) {
		if since := must[connectors.Instant](t)(db.LedgerSince(ctx)); since != 0 {
			t.Fatal(since)
		}
		see := func(id string, seen ...runs.Seen) {
			r := queued(id, 1)
			r.Status = runs.Done
			do(t, db, r, nil, seen)
		}
		see("r_1", runs.Seen{System: "k8s", Principal: "alice_1", Network: "n1", First: 100, Last: 200, Events: 5}, runs.Seen{System: "k8s", Principal: "alice_1", Network: "n1", First: 90, Last: 150, Events: 2},
			runs.Seen{System: "k8s", Principal: "aliceX1", Network: "n1", First: 300, Last: 300, Events: 1}, runs.Seen{System: "linux", Principal: "alice_1", Network: "n2", First: 50, Last: 60, Events: 1})
		see("r_2", runs.Seen{System: "k8s", Principal: "alice_1", Network: "n1", First: 150, Last: 250, Events: 6}) // overlaps: not added up
		see("r_3", runs.Seen{System: "k8s", Principal: "alice_1", Network: "n1", First: 400, Last: 500, Events: 3}) // later: added
		wantEqual(t, "ledger", must[[]runs.Seen](t)(db.Seen(ctx, []string{"k8s:alice_*"})), []runs.Seen{{System: "k8s", Principal: "alice_1", Network: "n1", First: 90, Last: 500, Events: 10}})
		if n := len(must[[]runs.Seen](t)(db.Seen(ctx, []string{"k8s:*", "linux:alice_1"}))); n != 3 {
			t.Errorf("%d lines", n)
		}
		if n := len(must[[]runs.Seen](t)(db.Seen(ctx, nil))); n != 0 {
			t.Errorf("no principal gives %d lines", n)
		}
		view := must[reports.LedgerView](t)(db.Ledger(ctx))
		if view.Since() != 50 || view.FirstSeen("k8s", "alice_1") != 90 || view.FirstSeen("k8s", "nobody") != 0 {
			t.Errorf("%v %v", view.Since(), view.FirstSeen("k8s", "alice_1"))
		}
	})
}
