package web

import (
	"encoding/json"
	"strings"

	"logreeve/app/runs"
)

// storeRole is a role that may read what a source needs and nothing else, to be
// copied into the store.
type storeRole struct {
	Title string
	Text  string // requests, for the store's console
	After string // what to do with it
}

// newStoreRole writes the role for the store and pattern of a source. The rights
// were tried with this role alone (docs/stores.md).
func newStoreRole(src runs.Source) storeRole {
	var patterns []string
	for p := range strings.SplitSeq(placeOf(src.Target).Pattern, ",") {
		if p = strings.TrimSpace(p); p != "" {
			patterns = append(patterns, p)
		}
	}
	if len(patterns) == 0 {
		patterns = []string{"kubeaudit*"}
	}
	if src.Store == runs.OpenSearch {
		return openSearchRole(patterns)
	}
	return elasticsearchRole(patterns)
}

func openSearchRole(patterns []string) storeRole {
	type index struct {
		Patterns []string `json:"index_patterns"`
		Actions  []string `json:"allowed_actions"`
	}
	role := struct {
		Cluster []string `json:"cluster_permissions"`
		Index   []index  `json:"index_permissions"`
	}{
		Cluster: []string{"cluster:monitor/main", "indices:data/read/msearch", "indices:data/read/scroll", "indices:data/read/scroll/clear"},
		Index: []index{{patterns, []string{
			"indices:data/read/search", "indices:data/read/field_caps*", "indices:data/read/point_in_time/create", "indices:data/read/point_in_time/delete",
			"indices:admin/mappings/get", "indices:monitor/settings/get", "indices:monitor/stats", "indices:admin/resolve/index",
		}}},
	}
	return storeRole{
		Title: "A role for OpenSearch that reads this pattern and nothing else",
		Text: "PUT _plugins/_security/api/roles/logreeve_read\n" + roleJSON(role) +
			"\n\nPUT _plugins/_security/api/rolesmapping/logreeve_read\n" + roleJSON(map[string][]string{"users": {"logreeve"}}),
		After: "Send both with Dev Tools or the security API, and make the user logreeve with a password of its own.",
	}
}

func elasticsearchRole(patterns []string) storeRole {
	type index struct {
		Names      []string `json:"names"`
		Privileges []string `json:"privileges"`
	}
	role := struct {
		Cluster []string `json:"cluster"`
		Indices []index  `json:"indices"`
	}{Cluster: []string{"monitor"}, Indices: []index{{patterns, []string{"read", "view_index_metadata", "monitor"}}}}
	return storeRole{
		Title: "A role for Elasticsearch that reads this pattern and nothing else",
		Text:  "PUT _security/role/logreeve_read\n" + roleJSON(role),
		After: "Send it with Dev Tools or the security API, then make a user or an API key with this role.",
	}
}

// roleJSON writes a role as people do.
func roleJSON(v any) string {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return "" // plain strings and lists always encode
	}
	return string(b)
}
