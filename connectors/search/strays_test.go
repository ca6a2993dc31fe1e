package search_test

import (
	"fmt"
	"testing"
	"time"

	"logreeve/connectors"
	"logreeve/connectors/search"
	"logreeve/connectors/searchtest"
)

// TestRepeatedRecordsAreCountedOnce: shippers send again what they are not sure
// of. Events crowd into moments years apart, so that stretches of time of equal
// length hold none or very many.
func TestRepeatedRecordsAreCountedOnce(t *testing.T) {
	record := func(id string, at time.Time) []byte {
		return fmt.Appendf(nil, `{"kind":"Event","auditID":%q,"stage":"ResponseComplete","verb":"get","requestURI":"/x","user":{"username":"u","groups":["system:authenticated"]},`+
			`"responseStatus":{"code":200},"requestReceivedTimestamp":%q}`, id, at.Format("2006-01-02T15:04:05.000000Z"))
	}
	crowd := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	const single, twice = 9_000, 40
	documents := [][]byte{record("old", crowd.AddDate(-3, 0, 0))}
	for i := range single {
		documents = append(documents, record(fmt.Sprintf("id-%05d", i), crowd.Add(time.Duration(i)*3*time.Millisecond)))
	}
	for i := range twice {
		documents = append(documents, documents[1+i*200])
	}
	// The same id of another request is another event.
	documents = append(documents, record("id-00007", crowd.Add(time.Hour)))
	for _, version := range searchtest.Versions() {
		t.Run(version, func(t *testing.T) {
			server := searchtest.Start(t, version)
			prefix := server.Prefix(t)
			server.Create(t, prefix+"-1", 2, "")
			server.Create(t, prefix+"-2", 1, "")
			server.Load(t, prefix+"-1", documents[:single-500])
			server.Load(t, prefix+"-2", documents[single-500:])
			s := open(t, search.Config{URL: server.URL, Pattern: prefix + "*"}, search.Options{})
			v, err := s.View(t.Context(), connectors.Query{})
			if err != nil {
				t.Fatal(err)
			}
			defer v.Close(t.Context())
			groups, err := v.Group(t.Context(), connectors.In("verb", "get"), "login")
			if err != nil || len(groups) != 1 || groups[0].Count != single+2 {
				t.Errorf("%+v %v, want %d events", groups, err, single+2)
			}
			c, err := v.Read(t.Context(), connectors.In("verb", "nothing"), connectors.Filter{}, func([]connectors.Event) error { return nil })
			if err != nil || len(c.Problems) > 0 || c.Counted != single+2 || c.Records > 2*twice+10 || c.BytesReceived > 400_000 {
				t.Errorf("%d events counted, %d records read, %d bytes, %v %+v", c.Counted, c.Records, c.BytesReceived, err, c.Problems)
			}
		})
	}
}

// TestEventsNewerThanTheRun: a clock that ran ahead is seen also where the window
// ends before, and whether events are read or counted (gate G5 judges it).
func TestEventsNewerThanTheRun(t *testing.T) {
	server := searchtest.Start(t, searchtest.OpenSearch2)
	prefix := server.Prefix(t)
	server.Create(t, prefix+"-1", 1, auditMapping)
	server.Load(t, prefix+"-1", append(small(t, 20), []byte(`{"kind":"Event","auditID":"ahead","stage":"ResponseComplete","verb":"get","requestURI":"/x",`+
		`"user":{"username":"u"},"requestReceivedTimestamp":"2099-01-01T00:00:00.000000Z"}`)))
	s := open(t, search.Config{URL: server.URL, Pattern: prefix + "*"}, search.Options{})
	window := connectors.Window{From: connectors.At(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)), To: connectors.At(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))}
	for name, f := range map[string]connectors.Filter{"read": {}, "counted": connectors.In("verb", "delete")} {
		for _, q := range []connectors.Query{{Filter: f}, {Filter: f, Window: window}} {
			if _, c := readAll(t, s, q); c.Future != 1 {
				t.Errorf("%s in %v: %d events of the future", name, q.Window, c.Future)
			}
		}
	}
}
