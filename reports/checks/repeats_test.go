package checks_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestRowOfRepeatsEndsWithDeletion: a controller that writes the same policy again
// and again fills no memory, but once the policy was deleted, writing it again is
// a change like the first time, and its event is evidence.
func TestRowOfRepeatsEndsWithDeletion(t *testing.T) {
	var lines []string
	write := func(verb, id string) {
		n := len(lines)
		object := `{"kind":"NetworkPolicy","apiVersion":"networking.k8s.io/v1","metadata":{"name":"web","namespace":"prod"},"spec":{"podSelector":{},"policyTypes":["Egress"]}}`
		lines = append(lines, fmt.Sprintf(`{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":%q,"stage":"ResponseComplete",`+
			`"requestURI":"/apis/networking.k8s.io/v1/namespaces/prod/networkpolicies/web","verb":%q,"user":{"username":"alice@example.com"},"sourceIPs":["10.0.0.1"],`+
			`"objectRef":{"resource":"networkpolicies","namespace":"prod","name":"web","apiGroup":"networking.k8s.io","apiVersion":"v1"},"responseStatus":{"code":200},`+
			`"requestObject":%s,"responseObject":%s,"requestReceivedTimestamp":"2026-11-20T10:%02d:00.000000Z","stageTimestamp":"2026-11-20T10:%02d:01.000000Z"}`,
			id, verb, object, object, n, n))
	}
	for i := range 20 {
		write("update", fmt.Sprintf("same-%d", i))
	}
	write("delete", "gone")
	write("update", "again")
	path := filepath.Join(t.TempDir(), "audit.log")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := outcomes(t, given{sources: open(t, "kubernetes=kubernetes:"+path), roster: recordedRoster(t), ids: []string{"NET-01"}})["NET-01"]
	found := nativeIDsFrom(r, 0)
	if !slices.Contains(found, "again") || !slices.Contains(found, "gone") || slices.Contains(found, "same-3") {
		t.Errorf("events %v", found)
	}
}
