package definitions_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"logreeve/reports"
)

// TestEveryChangeIsTold: of an object that changes often, each change says what was
// before and after, up to as many as an item lists.
func TestEveryChangeIsTold(t *testing.T) {
	var log strings.Builder
	begin := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	const writes = reports.MaxEvents + 50
	for i := range writes {
		at := begin.Add(time.Duration(i) * time.Second).Format(time.RFC3339)
		fmt.Fprintf(&log, `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"a%d","stage":"ResponseComplete","requestURI":"/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/web","verb":"update","user":{"username":"eve"},"objectRef":{"resource":"networkpolicies","namespace":"shop","name":"web","apiGroup":"networking.k8s.io"},"responseStatus":{"code":200},"responseObject":{"metadata":{"name":"web","namespace":"shop"},"spec":{"podSelector":{},"policyTypes":["Ingress"],"ingress":[{"ports":[{"port":%d}]}]}},"requestReceivedTimestamp":"%s","stageTimestamp":"%s"}`+"\n", i, i+1, at, at)
	}
	path := filepath.Join(t.TempDir(), "audit.ndjson")
	if err := os.WriteFile(path, []byte(log.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	var check []reports.Check
	for _, c := range defined(t, forty) {
		if c.ID == "S06" {
			check = append(check, c)
		}
	}
	items := over(t, check, nil, path)["S06"].Items
	if len(items) != 1 || items[0].Count != writes {
		t.Fatalf("%d items: %+v", len(items), items)
	}
	item := items[0]
	if len(item.Events) != reports.MaxEvents || len(item.Facts) != len(item.Events) {
		t.Fatalf("%d events are listed and %d changes told, want %d of each", len(item.Events), len(item.Facts), reports.MaxEvents)
	}
	after := ""
	for i, f := range item.Facts {
		_, specs, _ := strings.Cut(f.Value, "specification before ")
		before, now, told := strings.Cut(specs, ", after ")
		if !told || i > 0 && before != after || before == now {
			t.Fatalf("change %d says %q after %q", i, f.Value, after)
		}
		after = now
	}
}
