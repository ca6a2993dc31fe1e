package reports_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"logreeve/connectors"
	"logreeve/reports"
)

// TestPrintedRunsSayWhatKeptRunsSay prints a run that only names events, one check
// after the other, and holds it against one that keeps them: groups and single
// events, in order and not, more than are listed and more than lie in memory.
func TestPrintedRunsSayWhatKeptRunsSay(t *testing.T) {
	var deeds []deed
	for i := range 12_000 {
		at := noon + connectors.Instant(i-i%5*300)*second
		deeds = append(deeds, deed{at: at, login: fmt.Sprint("user", i%7), verb: "get", resource: "secrets", ns: "payments"})
	}
	single := secretReads()
	single.Each = func(s *reports.Scope) reports.Observer {
		return each{observe: func(e *connectors.Event) {
			s.Item(e.Actor).Add(e)
			if e.Seq%3 == 0 {
				s.Item("every third").Add(e)
			}
		}}
	}
	grouped := groupedReads()
	grouped.Grouped = &reports.Grouping{By: []string{"actor"}, Judge: func(s *reports.Scope, groups []reports.Group) {
		for _, g := range groups {
			s.Item(g.Values...).AddGroup(g)
			s.Item("all").AddGroup(g)
		}
	}}
	in := input(single, log(deeds...))
	in.Checks = append(in.Checks, grouped)
	kept := runAll(t, in)
	want, err := json.MarshalIndent(kept, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	read, err := reports.Engine{}.Read(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	var got bytes.Buffer
	if err := reports.WriteJSON(&got, read.Outcomes, read.Results()); err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want)+"\n" {
		t.Errorf("%d bytes are printed, %d are kept, and they differ", got.Len(), len(want)+1)
	}
	if n := bytes.Count(want, []byte(`"native_id"`)); n < 10_000 {
		t.Errorf("only %d events are listed, so this test shows little", n)
	}
}
