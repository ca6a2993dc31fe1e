package reports_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/reports"
)

// dead is a source that cannot be read, such as a store that does not answer.
type dead struct {
	*memory
	kind connectors.Kind
	err  error
}

func (d dead) Name() string          { return "dead" }
func (d dead) Kind() connectors.Kind { return d.kind }
func (d dead) Read(context.Context, connectors.Query, func([]connectors.Event) error) (connectors.Completeness, error) {
	return connectors.Completeness{}, d.err
}

// TestDeadSourceStandsApart: one source that cannot be read leaves the checks of
// other kinds as they are, and no check that needs it passes (P30).
func TestDeadSourceStandsApart(t *testing.T) {
	gone := fault.New(fault.Unavailable, "The store does not answer.")
	quiet := log(deed{at: after(time.Minute), login: "alice@example.com", verb: "list", resource: "pods"})
	outcome := func(kind connectors.Kind, err error, apart bool) (reports.Result, error) {
		in := input(secretReads(), quiet)
		in.Checks[0].Needs = reports.Needs{Kinds: []connectors.Kind{connectors.Kubernetes}, Gates: []reports.GateID{reports.G1}}
		in.Sources = append(in.Sources, dead{log(), kind, err})
		in.Apart = apart
		out, err := reports.Engine{}.Run(t.Context(), in)
		if err != nil {
			return reports.Result{}, err
		}
		if p := out.Sources[1].Problems; len(p) != 1 || p[0].Reason != "The store does not answer" {
			t.Errorf("problems %+v", p)
		}
		return out.Results[0], nil
	}
	for name, test := range map[string]struct {
		kind connectors.Kind
		want reports.Outcome
	}{
		"of the kind":        {connectors.Kubernetes, reports.Inconclusive},
		"of an unknown kind": {"", reports.Inconclusive},
		"of another kind":    {connectors.AuthLog, reports.Pass},
	} {
		r, err := outcome(test.kind, gone, true)
		if err != nil || r.Outcome != test.want {
			t.Errorf("%s: %s (%s) %v, want %s", name, r.Outcome, r.Reason, err, test.want)
		}
		if test.want == reports.Inconclusive && !strings.Contains(r.Reason, "does not answer") {
			t.Errorf("%s: %q does not say why", name, r.Reason)
		}
	}
	if _, err := outcome(connectors.AuthLog, gone, false); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("without Apart: %v", err)
	}
	if _, err := outcome(connectors.AuthLog, errors.New("ours"), true); err == nil {
		t.Error("a failure of ours is laid to the source")
	}
}
