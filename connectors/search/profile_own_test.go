package search_test

import (
	"encoding/json"
	"testing"
	"time"

	"logreeve/connectors"
	"logreeve/connectors/search"
	"logreeve/connectors/searchtest"
)

// TestProfileOfOnesOwn reads and counts the recording as the worked example of
// docs/stores.md shapes it: the record below "audit", the time of arrival beside
// it, the cluster among labels.
func TestProfileOfOnesOwn(t *testing.T) {
	server := searchtest.Start(t, searchtest.OpenSearch2)
	pattern := server.Prefix(t) + "-1"
	server.Create(t, pattern, 1, `{"properties":{"audit":{"properties":{`+bodies+`}}}}`)
	var documents [][]byte
	for _, line := range recorded(t, "real-cluster/audit.ndjson") {
		var record map[string]any
		if err := json.Unmarshal(line, &record); err != nil {
			t.Fatal(err)
		}
		received, err := time.Parse(time.RFC3339Nano, record["requestReceivedTimestamp"].(string))
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(map[string]any{
			"@timestamp": received.Add(3 * time.Minute).Format(time.RFC3339Nano), "labels": map[string]any{"cluster": "prod-eu"}, "audit": record,
		})
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, b)
	}
	server.Load(t, pattern, documents)
	own := search.Profile{Name: "vector", Kind: connectors.Kubernetes, Time: "@timestamp", Lag: 10 * time.Minute, Root: "audit", Cluster: []string{"labels.cluster"}}
	s, err := search.Open(search.Config{Name: "store", URL: server.URL, Pattern: pattern, Profile: "vector"}, search.Store{Name: "store", Profile: "kubernetes", Profiles: []search.Profile{own}}, search.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	window := connectors.Window{From: overviewFrom, To: overviewTo}
	want, _ := readAll(t, fileOf(t, connectors.Kubernetes), connectors.Query{Window: window})
	got, c := readAll(t, s, connectors.Query{Window: window})
	if len(c.Problems) > 0 || len(got) != len(want) || len(got) == 0 {
		t.Fatalf("%d events, the file has %d; problems %+v", len(got), len(want), c.Problems)
	}
	if got[0].Cluster != "prod-eu" || got[0].NativeID != want[0].NativeID {
		t.Errorf("the first is %+v", got[0])
	}
	// Counts go by the field itself: the documents arrived three minutes later.
	if o := overview(t, s, connectors.OverviewQuery{}); o.Records.Count != 0 {
		t.Errorf("%d records by the time of their events", o.Records.Count)
	}
	if o := overview(t, s, connectors.OverviewQuery{Window: connectors.Window{From: window.From, To: window.To.Add(3 * time.Minute)}}); o.Records.Count != 798 || o.Forbidden.Count != 26 || o.Time != "@timestamp" {
		t.Errorf("%+v records, %+v forbidden, by %s", o.Records, o.Forbidden, o.Time)
	}
	if _, err := search.Open(search.Config{URL: server.URL, Pattern: pattern, Profile: "vector"}, search.Store{Name: "store"}, search.Options{}); err == nil {
		t.Error("a profile that nobody set up is taken")
	}
}
