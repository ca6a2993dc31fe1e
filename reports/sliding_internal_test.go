package reports

import (
	"testing"
	"time"

	"logreeve/connectors"
	"logreeve/reports/roster"
)

// TestRowsStayShort counts a group that never rests: all its events are found, and
// what is remembered of them depends on how late events may come, not on how
// many there are.
func TestRowsStayShort(t *testing.T) {
	const least, events = 20, 300_000
	var newest connectors.Instant
	s := &Scope{Roster: &roster.Roster{}, Shared: &Shared{}, horizon: func() connectors.Instant { return newest }}
	s.found = newCollector(&Check{}, s.Roster, IdentitiesOf(s.Shared), &vault{spool: &spool{full: true}})
	g, err := newGrouper(&Grouping{By: []string{"login"}, AtLeast: least, Windows: &Windows{Length: time.Minute, Sliding: true, Late: time.Hour}}, s)
	if err != nil {
		t.Fatal(err)
	}
	most := 0
	for i := range events {
		newest = connectors.Instant(time.Hour/time.Microsecond) + connectors.Instant(i)*100_000 // ten a second
		g.Observe(&connectors.Event{Login: "a", Actor: "a", Time: newest, Seq: uint64(i + 1)})
		most = max(most, g.windows.marks)
	}
	if n := len(g.windows.rows[string(appendParts(nil, []string{"a"}))].marks); n != g.windows.marks {
		t.Errorf("the row has %d marks, %d are counted", n, g.windows.marks)
	}
	// An hour, what is late of looking, and two lengths, twice what a stretch must hold in each.
	if bound := 2 * least * (60 + 4 + 2 + 1); most > bound {
		t.Errorf("%d marks are remembered, more than %d", most, bound)
	}
	groups := g.Groups()
	if len(groups) != 1 || groups[0].Count != events || groups[0].Stretches != 1 {
		t.Errorf("found %+v", groups)
	}
}
