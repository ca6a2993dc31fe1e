package search_test

import (
	"net/http"
	"strings"
	"testing"

	"logreeve/connectors"
	"logreeve/connectors/search"
	"logreeve/connectors/searchtest"
)

// TestRemembersIndices: an index that an earlier read found, and that is gone, is
// a gate not met on every server, though every answer looks complete.
func TestRemembersIndices(t *testing.T) {
	lines := recorded(t, "real-cluster/audit.ndjson")
	for _, version := range searchtest.Versions() {
		t.Run(version, func(t *testing.T) {
			server := searchtest.Start(t, version)
			prefix := server.Prefix(t)
			for i, name := range []string{"-1", "-2"} {
				server.Create(t, prefix+name, 1, auditMapping)
				server.Load(t, prefix+name, lines[i*300:(i+1)*300])
			}
			s := open(t, search.Config{Name: "store", URL: server.URL, Pattern: prefix + "*"}, search.Options{})
			read := func(n *connectors.Notes, f connectors.Filter) connectors.Completeness {
				_, c := readAll(t, s, connectors.Query{Notes: n, Filter: f})
				return c
			}
			first := read(&connectors.Notes{}, connectors.Filter{})
			if len(first.Problems) > 0 || first.Notes == nil || first.Notes.Store == nil || len(first.Notes.Store.Indices) != 2 {
				t.Fatalf("%+v", first)
			}
			for _, i := range first.Notes.Store.Indices {
				if i.Documents != 300 || i.Oldest == 0 || i.Newest < i.Oldest {
					t.Errorf("noted %+v", i)
				}
			}
			if again := read(first.Notes, connectors.In("verb", "delete")); len(again.Problems) > 0 {
				t.Fatalf("nothing changed: %+v", again.Problems)
			}
			server.Must(t, http.MethodDelete, "/"+prefix+"-2", nil)
			gone := read(first.Notes, connectors.In("verb", "delete"))
			if len(gone.Problems) != 1 || !strings.Contains(gone.Problems[0].Reason, prefix+"-2") {
				t.Errorf("problems %+v", gone.Problems)
			}
			if still := read(gone.Notes, connectors.Filter{}); len(still.Problems) != 1 {
				t.Errorf("what is gone is forgotten after one read: %+v", still.Problems)
			}
			for name, c := range map[string]struct {
				q    connectors.OverviewQuery
				gone bool
			}{
				"what is gone lay in the window":    {connectors.OverviewQuery{Noted: first.Notes.Store}, true},
				"control: nothing was noted":        {connectors.OverviewQuery{}, false},
				"control: it lay in another window": {connectors.OverviewQuery{Noted: first.Notes.Store, Window: connectors.Window{From: overviewTo, To: overviewTo + 1_000_000}}, false},
			} {
				o := overview(t, s, c.q)
				told := len(o.Problems) == 1 && strings.Contains(o.Problems[0].Reason, prefix+"-2") && strings.Contains(o.Records.Lack, prefix+"-2")
				if told != c.gone || !c.gone && len(o.Problems) > 0 {
					t.Errorf("overview, %s: problems %+v, lack %q", name, o.Problems, o.Records.Lack)
				}
			}
			later := overview(t, s, connectors.OverviewQuery{Noted: first.Notes.Store, Window: connectors.Window{From: overviewTo, To: overviewTo + 1_000_000}, Before: connectors.Window{From: overviewFrom, To: overviewTo}})
			if len(later.Problems) > 0 || !strings.Contains(later.Words.Records.Lack, prefix+"-2") {
				t.Errorf("what is gone lay in the window that words are compared with: problems %+v, lack %q", later.Problems, later.Words.Records.Lack)
			}
			if unasked := read(nil, connectors.Filter{}); len(unasked.Problems) > 0 || unasked.Notes != nil {
				t.Errorf("control: without notes nothing is known to be gone: %+v", unasked)
			}
		})
	}
}
