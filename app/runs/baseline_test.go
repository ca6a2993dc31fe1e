package runs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"logreeve/app/actor"
	"logreeve/app/runs"
	kept "logreeve/app/store"
	"logreeve/app/trail"
	"logreeve/connectors"
	"logreeve/connectors/file"
	"logreeve/reports"
	"logreeve/reports/checks"
	"logreeve/reports/policy"
)

const day = 24 * time.Hour

var monday = time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)

// cluster is an audit log of four days with a request every four minutes; a
// policy that denies by default is created on Monday and opened on Wednesday.
func cluster(t *testing.T) string {
	t.Helper()
	const (
		metadata = `"metadata":{"name":"deny","namespace":"shop"}`
		deny     = `{"kind":"NetworkPolicy",` + metadata + `,"spec":{"podSelector":{},"policyTypes":["Ingress"]}}`
		opened   = `{"kind":"NetworkPolicy",` + metadata + `,"spec":{"podSelector":{},"ingress":[{}],"policyTypes":["Ingress"]}}`
	)
	var lines []string
	add := func(at time.Time, verb, object, body string) {
		stamp := at.Format("2006-01-02T15:04:05.000000Z")
		lines = append(lines, fmt.Sprintf(`{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","stage":"ResponseComplete","auditID":"%08d-0000-4000-8000-000000000000","verb":%q,"requestURI":"/x",`+
			`"user":{"username":"alice@example.com","groups":["system:authenticated"]},"sourceIPs":["192.0.2.7"],"objectRef":%s,"responseStatus":{"code":200},"requestReceivedTimestamp":%q,"stageTimestamp":%q%s}`,
			len(lines), verb, object, stamp, stamp, body))
	}
	const object = `{"resource":"networkpolicies","namespace":"shop","name":"deny","apiGroup":"networking.k8s.io","apiVersion":"v1"}`
	for after := time.Duration(0); after < 4*day; after += 4 * time.Minute {
		add(monday.Add(after), "get", `{"resource":"pods","namespace":"shop","name":"web","apiVersion":"v1"}`, "")
		switch after {
		case 12 * time.Hour:
			add(monday.Add(after+time.Minute), "create", object, `,"responseObject":`+deny)
		case 60 * time.Hour:
			add(monday.Add(after+time.Minute), "update", object, `,"responseObject":`+opened)
		}
	}
	path := filepath.Join(t.TempDir(), "audit.log")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// organisation runs checks on policies over a cluster's log, with a database.
func organisation(t *testing.T) (*runs.Service, *kept.Store) {
	t.Helper()
	now := func() time.Time { return monday.Add(7 * day) }
	db, err := kept.Open(t.Context(), kept.Config{Driver: kept.SQLite, DSN: filepath.Join(t.TempDir(), "a.db"), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.SaveSource(t.Context(), actor.System(), runs.Source{ID: "s_1", Name: "cluster", Target: cluster(t)}, trail.Entry{Action: "source.added", ObjectKind: "source", ObjectID: "s_1"}); err != nil {
		t.Fatal(err)
	}
	var all []reports.Check
	for _, id := range []string{"NET-01", "NET-03"} {
		c, _ := checks.Find(id)
		all = append(all, c)
	}
	return runs.New(runs.Config{Store: db, Checks: all, Now: now, Open: func(s runs.Source) ([]connectors.Source, error) {
		return file.Open(file.Spec{Name: s.Name, Target: s.Target}, file.Options{Now: now})
	}}), db
}

// over carries out a run over days of the week, Monday 0, and gives it back.
func over(t *testing.T, s *runs.Service, w runs.Wanted, from, to int) *runs.Run {
	t.Helper()
	w.Window = connectors.Window{From: connectors.At(monday.Add(time.Duration(from) * day)), To: connectors.At(monday.Add(time.Duration(to) * day))}
	id, err := s.Start(t.Context(), actor.System(), w)
	if err != nil {
		t.Fatal(err)
	}
	if did, err := s.WorkOnce(t.Context()); err != nil || !did {
		t.Fatalf("worked %v: %v", did, err)
	}
	r, err := s.Run(t.Context(), id)
	if err != nil || r.Status != runs.Done {
		t.Fatalf("%+v, %v", r, err)
	}
	return r
}

// judged is what a run over Wednesday says of the change in it.
func judged(t *testing.T, r *runs.Run) (policy.Change, reports.Result) {
	t.Helper()
	if len(r.Changes.Changes) != 1 {
		t.Fatalf("%d changes", len(r.Changes.Changes))
	}
	for _, x := range r.Results {
		if x.Check == "NET-03" {
			return r.Changes.Changes[0], x
		}
	}
	t.Fatal("NET-03 did not run")
	return policy.Change{}, reports.Result{}
}

func TestRunsStartFromEarlierOnes(t *testing.T) {
	type earlier struct {
		runs.Wanted
		from, to int
	}
	for _, test := range []struct {
		name      string
		earlier   []earlier
		outcome   reports.Outcome
		known     bool
		uncovered bool
		baseline  bool
	}{
		{name: "nothing was read before", outcome: reports.Inconclusive},
		{name: "every day before", earlier: []earlier{{from: 0, to: 1}, {from: 1, to: 2}}, outcome: reports.Fail, known: true, baseline: true},
		{name: "in another order", earlier: []earlier{{from: 1, to: 2}, {from: 0, to: 1}}, outcome: reports.Fail, known: true, baseline: true},
		{name: "a day is missing", earlier: []earlier{{from: 0, to: 1}}, outcome: reports.Inconclusive, uncovered: true, baseline: true},
		{name: "a day of some sources only", earlier: []earlier{{from: 0, to: 1}, {from: 1, to: 2, Wanted: runs.Wanted{Only: []string{"cluster"}}}}, outcome: reports.Inconclusive, uncovered: true, baseline: true},
		{name: "a day of other checks", earlier: []earlier{{from: 0, to: 1}, {from: 1, to: 2, Wanted: runs.Wanted{Checks: []string{"NET-03"}}}}, outcome: reports.Inconclusive, uncovered: true, baseline: true},
		{name: "later days too", earlier: []earlier{{from: 0, to: 1}, {from: 1, to: 2}, {from: 2, to: 3}, {from: 3, to: 4}}, outcome: reports.Fail, known: true, baseline: true},
		{name: "only later", earlier: []earlier{{from: 2, to: 3}, {from: 3, to: 4}}, outcome: reports.Inconclusive},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, db := organisation(t)
			for _, e := range test.earlier {
				over(t, s, e.Wanted, e.from, e.to)
			}
			r := over(t, s, runs.Wanted{}, 2, 3)
			c, result := judged(t, r)
			if c.BeforeKnown != test.known || c.Uncovered != test.uncovered || result.Outcome != test.outcome {
				t.Errorf("before known %v, uncovered %v, %s: %s", c.BeforeKnown, c.Uncovered, result.Outcome, result.Reason)
			}
			if used := r.Changes.Baseline; (used != nil) != test.baseline || used != nil && (used.Objects != 1 || used.Uncovered == 1 != test.uncovered || len(used.SHA256) != 64) {
				t.Errorf("baseline %+v", used)
			}
			if states, err := db.PolicyStates(t.Context()); err != nil || len(states) != 1 || !strings.Contains(string(states[0].Spec), "ingress") {
				t.Errorf("kept %+v, %v", states, err)
			}
		})
	}
}
