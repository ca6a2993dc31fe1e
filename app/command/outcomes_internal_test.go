package command

import (
	"bytes"
	"fmt"
	"testing"

	"logreeve/reports"
)

// TestOutcomesArePrintedAsAnyValue holds the output that is put together against
// that of one encoder.
func TestOutcomesArePrintedAsAnyValue(t *testing.T) {
	for n := range 4 {
		out := &reports.Outcomes{Sources: []reports.SourceSummary{{Name: "kubernetes"}}, Results: []reports.Result{}}
		for i := range n {
			r := reports.Result{Check: fmt.Sprintf("X-%d", i), Title: "<&>", Items: []reports.Item{}, Gates: []reports.Gate{{ID: "G1"}}}
			for j := range i {
				r.Items = append(r.Items, reports.Item{Key: fmt.Sprint(j), Events: []reports.EventRef{{Key: "k", Time: 1}}})
			}
			out.Results = append(out.Results, r)
		}
		var got, want bytes.Buffer
		if err := printOutcomes(&got, out); err != nil {
			t.Fatal(err)
		}
		if err := printJSON(&want, out); err != nil {
			t.Fatal(err)
		}
		if got.String() != want.String() {
			t.Errorf("%d results are printed as\n%s\nnot as\n%s", n, got.String(), want.String())
		}
	}
}
