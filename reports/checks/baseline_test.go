package checks_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"logreeve/connectors"
	"logreeve/connectors/kubernetes"
	"logreeve/reports"
	"logreeve/reports/checks"
	"logreeve/reports/policy"
	"logreeve/reports/roster"
)

// after runs the checks on policies over a window that begins with states known.
func after(t *testing.T, known []policy.State, w connectors.Window, tickets connectors.TicketRule, sources []connectors.Source, all ...reports.Check) (map[string]reports.Result, *policy.History) {
	t.Helper()
	shared := &reports.Shared{}
	checks.KnowPolicies(shared, known)
	policies := checks.PoliciesOf(shared, tickets)
	out, err := reports.Engine{}.Run(context.Background(), reports.Input{
		Sources: sources, Window: w, Checks: all, Roster: roster.New(recordedRoster(t)), Tickets: tickets,
		Watch: []reports.Watcher{policies.Watcher()}, Shared: shared, Now: today,
	})
	if err != nil {
		t.Fatal(err)
	}
	results := map[string]reports.Result{}
	for _, r := range out.Results {
		results[r.Check] = r
	}
	return results, policies.History()
}

func defaultTickets() connectors.TicketRule {
	return connectors.TicketRule{Pattern: connectors.DefaultTicketPattern}
}

// nativeIDsFrom lists the events of a result's items since an instant, sorted.
func nativeIDsFrom(r reports.Result, from connectors.Instant) (ids []string) {
	for _, item := range r.Items {
		for _, e := range item.Events {
			if e.Time >= from {
				ids = append(ids, e.NativeID)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Wherever the recording is cut, the second part finds with the states of the
// first what a run over both finds there; without them it does not.
func TestBaselineContinues(t *testing.T) {
	open := func() []connectors.Source { return open(t, recordings+"real-cluster/audit.ndjson") }
	whole, history := after(t, nil, connectors.Window{}, defaultTickets(), open(), policyChecks(t)...)
	changes := history.Changes()
	if len(changes) < 20 {
		t.Fatalf("only %d changes", len(changes))
	}
	needed := 0
	for _, i := range []int{len(changes) / 4, len(changes) / 2, len(changes) * 3 / 4} {
		cut := changes[i].Time
		_, first := after(t, nil, connectors.Window{To: cut}, defaultTickets(), open())
		second := connectors.Window{From: cut}
		with, since := after(t, first.States(), second, defaultTickets(), open(), policyChecks(t)...)
		without, _ := after(t, nil, second, defaultTickets(), open(), policyChecks(t)...)
		for id, r := range with {
			want := nativeIDsFrom(whole[id], cut)
			if got := nativeIDsFrom(r, cut); !slices.Equal(got, want) {
				t.Errorf("%s since %s: got %v, want %v", id, cut, got, want)
			}
			if !slices.Equal(nativeIDsFrom(without[id], cut), want) || without[id].Undecidable > r.Undecidable {
				needed++
			}
		}
		for _, c := range since.Changes() {
			if !c.BeforeKnown {
				t.Errorf("since %s: what was before is not known of %s", cut, c.Object())
			}
		}
	}
	if needed == 0 {
		t.Error("the states make no difference: the test proves nothing")
	}
}

const (
	denyBody = `{"kind":"NetworkPolicy","metadata":{"name":"deny","namespace":"shop"},"spec":{"podSelector":{},"policyTypes":["Ingress"]}}`
	openBody = `{"kind":"NetworkPolicy","metadata":{"name":"deny","namespace":"shop"},"spec":{"podSelector":{},"ingress":[{}],"policyTypes":["Ingress"]}}`
)

// A state that may have changed unseen decides nothing, and says so.
func TestUncoveredBaseline(t *testing.T) {
	_, history := after(t, nil, connectors.Window{}, defaultTickets(), logs(t, kube(t, "alice create "+netpol+"shop/deny 201 at=0 resp="+denyBody)))
	certain := history.States()
	if len(certain) != 1 {
		t.Fatalf("%+v", certain)
	}
	uncovered := slices.Clone(certain)
	uncovered[0].Uncovered = true
	for _, test := range []struct {
		name, write        string
		known              []policy.State
		check              string
		violations, others int
		undecidable        int64
		outcome            reports.Outcome
		says               string
	}{
		{"weakened", "update " + netpol + "shop/deny 200 at=60 resp=" + openBody, certain, "NET-03", 1, 0, 0, reports.Fail, ""},
		{"weakened, perhaps", "update " + netpol + "shop/deny 200 at=60 resp=" + openBody, uncovered, "NET-03", 0, 0, 1, reports.Inconclusive, "nobody read all of the time"},
		{"weakened, nothing known", "update " + netpol + "shop/deny 200 at=60 resp=" + openBody, nil, "NET-03", 0, 0, 1, reports.Inconclusive, "what was before is not known"},
		{"opened", "update " + netpol + "shop/deny 200 at=60 resp=" + openBody, certain, "NET-02", 1, 0, 0, reports.Fail, ""},
		{"opened, perhaps before", "update " + netpol + "shop/deny 200 at=60 resp=" + openBody, uncovered, "NET-02", 0, 1, 0, reports.NeedsReview, "nobody read all of the time"},
		{"deleted", "delete " + netpol + "shop/deny 200 at=60", certain, "NET-03", 1, 0, 0, reports.Fail, ""},
		{"deleted, and surely so", "delete " + netpol + "shop/deny 200 at=60", uncovered, "NET-06", 1, 0, 0, reports.Fail, ""},
		{"gone with its namespace", "delete namespaces /shop 200 at=60", certain, "NET-06", 1, 0, 0, reports.Fail, "went with its namespace"},
		{"gone with its namespace, or before", "delete namespaces /shop 200 at=60", uncovered, "NET-06", 0, 1, 0, reports.NeedsReview, "unless it was gone before"},
		{"gone with its namespace, never seen", "delete namespaces /shop 200 at=60", nil, "NET-06", 0, 0, 0, reports.Inconclusive, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			check, _ := checks.Find(test.check)
			got, _ := after(t, test.known, connectors.Window{}, defaultTickets(), logs(t, kube(t, "bob "+test.write)), check)
			r := got[test.check]
			violations := 0
			for _, item := range r.Items {
				if item.Violation {
					violations++
				}
			}
			if violations != test.violations || len(r.Items)-violations != test.others || r.Undecidable != test.undecidable || r.Outcome != test.outcome {
				t.Errorf("%s with %d violations, %d other items, %d undecidable", r.Outcome, violations, len(r.Items)-violations, r.Undecidable)
			}
			if all, err := json.Marshal(r); err != nil || !strings.Contains(string(all), test.says) {
				t.Errorf("%q is not said in %s, %v", test.says, all, err)
			}
		})
	}
}

// A check finds the same by itself as with the others it shares the history
// with, and a rule of its own for tickets is no matter of theirs.
func TestSharingChangesNothing(t *testing.T) {
	open := func() []connectors.Source { return open(t, recordings+"real-cluster/audit.ndjson") }
	together, _ := after(t, nil, connectors.Window{}, defaultTickets(), open(), policyChecks(t)...)
	text := func(r reports.Result) string {
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for _, c := range policyChecks(t) {
		alone := outcomes(t, given{sources: open(), roster: recordedRoster(t), ids: []string{c.ID}})[c.ID]
		if text(alone) != text(together[c.ID]) {
			t.Errorf("%s: alone\n%s\ntogether\n%s", c.ID, text(alone), text(together[c.ID]))
		}
	}
	script := kube(t, `alice create `+netpol+`shop/deny 201 req={"metadata":{"labels":{"x":"T.7"}}} resp={"kind":"NetworkPolicy","metadata":{"name":"deny","labels":{"x":"T.7"}},"spec":{}}`)
	own := outcomes(t, given{sources: logs(t, script), ids: []string{"NET-01", "CHG-02"}, params: map[string]map[string]string{"CHG-02": {"ticket_pattern": `^T\.\d$`}}})
	if len(own["CHG-02"].Items) != 0 || !strings.Contains(text(own["NET-01"]), "no ticket") {
		t.Errorf("%s\n%s", text(own["CHG-02"]), text(own["NET-01"]))
	}
	if r := outcomes(t, given{sources: logs(t, script), ids: []string{"CHG-02"}})["CHG-02"]; len(r.Items) != 1 {
		t.Errorf("without the pattern: %s", text(r))
	}
}

// A history that failed in the middle of an event says nothing more.
func TestBrokenHistory(t *testing.T) {
	line := `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","stage":"ResponseComplete","auditID":"1","verb":"update","user":{"username":"a"},` +
		`"objectRef":{"resource":"networkpolicies","namespace":"shop","name":"p","apiGroup":"networking.k8s.io","apiVersion":"v1"},"responseStatus":{"code":200},"requestReceivedTimestamp":"2026-11-20T09:00:00.000000Z","stageTimestamp":"2026-11-20T09:00:00.000000Z"}`
	parsed, err := kubernetes.NewParser().Parse([]byte(line), connectors.Ref{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	good, bad := parsed[0].Keep(), parsed[0].Keep()
	bad.SetResponse(1<<20, 10, false) // beyond its record
	fails := func(p *checks.Policies, e *connectors.Event) (failed bool) {
		defer func() { failed = recover() != nil }()
		p.Watcher().Observe(e)
		return false
	}
	whole, broken := checks.PoliciesOf(&reports.Shared{}, defaultTickets()), checks.PoliciesOf(&reports.Shared{}, defaultTickets())
	if fails(whole, good) {
		t.Error("a good event fails")
	}
	if !fails(broken, bad) || !fails(broken, good) {
		t.Error("a history that failed goes on")
	}
}
