package search_test

import (
	"hash/maphash"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"logreeve/connectors"
)

var (
	seed       = maphash.MakeSeed()
	syslogLine = regexp.MustCompile(`^\w+ +\d+ [\d:]+ (\S+) ([^\[: ]+)(?:\[(\d+)\])?: (.*)$`)
)

func fixed() time.Time { return time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC) }

// readAll reads a window and writes every event out, in the order of keys.
func readAll(t testing.TB, s connectors.Source, q connectors.Query) ([]connectors.Record, connectors.Completeness) {
	t.Helper()
	var out []connectors.Record
	c, err := s.Read(t.Context(), q, func(batch []connectors.Event) error {
		for i := range batch {
			out = append(out, batch[i].Record(connectors.TicketRule{Pattern: connectors.DefaultTicketPattern}))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(out, func(a, b connectors.Record) int { return strings.Compare(a.Key, b.Key) })
	return out, c
}

// equalRecords compares all but where the records lie; the digest of a line
// that a pipeline took apart is another.
func equalRecords(a, b connectors.Record) bool {
	a.Ref, b.Ref = connectors.Ref{}, connectors.Ref{}
	if a.Kind == connectors.AuthLog {
		a.SHA256, b.SHA256 = "", ""
	}
	return reflect.DeepEqual(a, b)
}

func equalCoverage(t testing.TB, got, want map[string]*connectors.Coverage) {
	t.Helper()
	if !slices.Equal(slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want))) {
		t.Fatalf("coverage of %v, want %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
	for place := range want {
		if !reflect.DeepEqual(got[place].Minutes, want[place].Minutes) {
			t.Errorf("coverage of %q differs", place)
		}
	}
}
