package app

import (
	"strings"
	"testing"
	"time"

	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/connectors"
	"logreeve/connectors/search"
)

// Profiles of the operator's own reach every kind of store, and the pages.
func TestProfilesReachEveryStore(t *testing.T) {
	t.Parallel()
	own := []search.Profile{{Name: "vector", Kind: connectors.Kubernetes, Time: "t"}, {Name: "vector", Kind: connectors.AuthLog, Time: "t", Message: []string{"m"}}}
	for _, kind := range []runs.StoreKind{runs.OpenSearch, runs.Elasticsearch, runs.Calico} {
		src := runs.Source{Name: "x", Kind: connectors.Kubernetes, Store: kind, Target: "https://search.example.org:9200/audit*?profile=vector"}
		if _, err := StoreOpener(time.Now, nil, own)(src, runs.Credentials{}); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if _, err := StoreOpener(time.Now, nil, nil)(src, runs.Credentials{}); fault.FieldOf(err) != "profile" || !strings.Contains(err.Error(), `no profile "vector"`) {
			t.Errorf("%s without the profile: %v", kind, err)
		}
	}
	if names := profileNames(own); len(names) != 2 || names[0].Name != "vector" || names[1].Kind != connectors.AuthLog {
		t.Errorf("the pages are told %v", names)
	}
}
