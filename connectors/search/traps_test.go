package search_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"logreeve/connectors"
	"logreeve/connectors/search"
	"logreeve/connectors/searchtest"
)

// answered is what a server says to a request written by hand.
type answered struct {
	ID    string `json:"id"`
	PIT   string `json:"pit_id"`
	Shard struct {
		Total, Successful, Failed int
	} `json:"_shards"`
	Hits struct {
		Total struct{ Value int }
		Hits  []struct{ Sort json.RawMessage }
	}
	Aggregations struct {
		Only struct {
			Count  int `json:"doc_count"`
			Groups struct {
				Buckets []struct {
					Count int `json:"doc_count"`
				}
			}
		}
	}
}

func byHand(t *testing.T, server searchtest.Server, method, path, body string) (out answered) {
	t.Helper()
	if err := json.Unmarshal(server.Must(t, method, path, []byte(body)), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestTraps shows answers of servers that look right and are not, as whoever
// writes the request in the usual way gets them, and that ours are right or say
// that they are not.
func TestTraps(t *testing.T) {
	opensearch := searchtest.Start(t, searchtest.OpenSearch2)
	elastic := searchtest.Start(t, searchtest.Elasticsearch7)
	fill := func(t *testing.T, server searchtest.Server, documents [][]byte) (prefix string, s *search.Source) {
		prefix = server.Prefix(t)
		server.Create(t, prefix+"-1", 2, auditMapping)
		server.Load(t, prefix+"-1", documents)
		return prefix, open(t, search.Config{URL: server.URL, Pattern: prefix + "*"}, search.Options{PageBytes: 200_000})
	}
	red := func(t *testing.T, server searchtest.Server, prefix string) {
		server.Must(t, http.MethodPut, "/"+prefix+"-red?wait_for_active_shards=0&timeout=1s", []byte(
			`{"settings":{"number_of_replicas":0,"number_of_shards":1,"index.routing.allocation.require._name":"nobody"},"mappings":`+auditMapping+`}`))
	}
	t.Run("a part is missing and none failed", func(t *testing.T) {
		prefix, s := fill(t, opensearch, small(t, 20))
		red(t, opensearch, prefix)
		a := byHand(t, opensearch, http.MethodPost, "/"+prefix+"*/_search", `{}`)
		if a.Shard.Failed != 0 || a.Shard.Successful >= a.Shard.Total {
			t.Errorf("the server no longer hides it: %+v", a.Shard)
		}
		partial(t, s, 20, "parts of the indices answered")
	})
	t.Run("a point in time over a part looks whole", func(t *testing.T) {
		prefix, s := fill(t, opensearch, small(t, 20))
		red(t, opensearch, prefix)
		view := byHand(t, opensearch, http.MethodPost, "/"+prefix+"*/_search/point_in_time?keep_alive=1m", "").PIT
		a := byHand(t, opensearch, http.MethodPost, "/_search?allow_partial_search_results=false", fmt.Sprintf(`{"pit":{"id":%q}}`, view))
		if a.Shard.Successful != a.Shard.Total || a.Shard.Total != 2 || a.Hits.Total.Value != 20 {
			t.Errorf("the server no longer hides it: %+v", a.Shard)
		}
		opensearch.Must(t, http.MethodDelete, "/_search/point_in_time", fmt.Appendf(nil, `{"pit_id":[%q]}`, view))
		partial(t, s, 20, "parts of the indices answered")
	})
	for _, server := range []searchtest.Server{opensearch, elastic} {
		t.Run("a closed index is left out on "+server.Name, func(t *testing.T) {
			prefix, s := fill(t, server, small(t, 20))
			server.Create(t, prefix+"-2", 1, auditMapping)
			server.Load(t, prefix+"-2", small(t, 30)[20:])
			server.Must(t, http.MethodPost, "/"+prefix+"-2/_close", nil)
			a := byHand(t, server, http.MethodPost, "/"+prefix+"*/_search?allow_partial_search_results=false&allow_no_indices=false", `{"track_total_hits":true}`)
			if a.Shard.Successful != a.Shard.Total || a.Hits.Total.Value != 20 {
				t.Errorf("the server no longer hides it: %+v %+v", a.Shard, a.Hits.Total)
			}
			partial(t, s, 20, "is closed")
		})
	}
	t.Run("a view of nothing", func(t *testing.T) {
		view := byHand(t, elastic, http.MethodPost, "/nothing-at-all*/_pit?keep_alive=1m", "").ID
		if a := byHand(t, elastic, http.MethodPost, "/_search", fmt.Sprintf(`{"pit":{"id":%q},"track_total_hits":true}`, view)); a.Hits.Total.Value != 0 || a.Shard.Total != 0 {
			t.Errorf("the server no longer answers it: %+v", a)
		}
		if _, err := open(t, search.Config{URL: elastic.URL, Pattern: "nothing-at-all*"}, search.Options{}).View(t.Context(), connectors.Query{}); err == nil {
			t.Error("a pattern without an index is read")
		}
	})
	t.Run("documents fall out of pages that do not count", func(t *testing.T) {
		lines := recorded(t, "real-cluster/audit.ndjson")
		early := append([][]byte{}, lines[:200]...)
		for i := range early {
			if i%10 == 0 {
				early[i] = []byte(strings.Replace(string(early[i]), `"requestReceivedTimestamp"`, `"lost"`, 1))
			}
		}
		prefix, s := fill(t, opensearch, early)
		opensearch.Create(t, prefix+"-2", 1, auditMapping)
		opensearch.Load(t, prefix+"-2", lines[len(lines)-200:])
		paged := func(track string) (read int) {
			after := ""
			for {
				a := byHand(t, opensearch, http.MethodPost, "/"+prefix+"*/_search", `{"size":40,"_source":false,"track_total_hits":`+track+
					`,"sort":[{"requestReceivedTimestamp":"asc"},{"_seq_no":"asc"},{"auditID.keyword":"asc"},{"_index":"asc"}]`+after+`}`)
				if len(a.Hits.Hits) == 0 {
					return read
				}
				read += len(a.Hits.Hits)
				after = `,"search_after":` + string(a.Hits.Hits[len(a.Hits.Hits)-1].Sort)
			}
		}
		if whole, short := paged("true"), paged("false"); whole != 400 || short >= whole {
			t.Errorf("the server no longer loses them: %d counting, %d not", whole, short)
		}
		partial(t, s, 374, "20 documents lack the time field") // 380 documents, six of them earlier stages of others
	})
	t.Run("a filter around groups is not looked at", func(t *testing.T) {
		prefix, s := fill(t, opensearch, recorded(t, "real-cluster/audit.ndjson")[:400])
		a := byHand(t, opensearch, http.MethodPost, "/"+prefix+"*/_search", `{"size":0,"aggs":{"only":{"filter":{"term":{"verb.keyword":"get"}},`+
			`"aggs":{"groups":{"composite":{"size":1000,"sources":[{"who":{"terms":{"field":"user.username.keyword"}}}]}}}}}}`)
		sum := 0
		for _, b := range a.Aggregations.Only.Groups.Buckets {
			sum += b.Count
		}
		truth := byHand(t, opensearch, http.MethodPost, "/"+prefix+"*/_search", `{"track_total_hits":true,"query":{"term":{"verb.keyword":"get"}}}`).Hits.Total.Value
		if sum == truth || truth == 0 {
			t.Errorf("the server counts right by now: %d of %d", sum, truth)
		}
		v, err := s.View(t.Context(), connectors.Query{})
		if err != nil {
			t.Fatal(err)
		}
		defer v.Close(t.Context())
		groups, err := v.Group(t.Context(), connectors.In("verb", "get"), "login")
		if err != nil {
			t.Fatal(err)
		}
		var ours int64
		for _, g := range groups {
			ours += g.Count
		}
		if ours != int64(truth) {
			t.Errorf("%d events in groups, the filter selects %d", ours, truth)
		}
	})
	t.Run("a day without an index", func(t *testing.T) {
		prefix := opensearch.Prefix(t)
		for i, day := range []string{"2026.11.18", "2026.11.20"} {
			opensearch.Create(t, prefix+"-"+day, 1, auditMapping)
			opensearch.Load(t, prefix+"-"+day, small(t, 20)[i*10:(i+1)*10])
		}
		s := open(t, search.Config{URL: opensearch.URL, Pattern: prefix + "*"}, search.Options{})
		partial(t, s, 20, prefix+"-2026.11.19")
	})
}
