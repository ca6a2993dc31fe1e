package command_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestProfilesOfOnesOwn names a profile of the operator's own on the command
// line: the file that the environment names holds it, and says of which kind its
// log is.
func TestProfilesOfOnesOwn(t *testing.T) {
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }))
	defer store.Close()
	probe := func(profile string) string {
		t.Helper()
		code, _, stderr := run(t, "", "probe", "--source", "opensearch:"+store.URL+"/lines*?profile="+profile)
		if code == 0 {
			t.Fatal("a store that refuses is probed with success")
		}
		return stderr
	}
	if said := probe("vector"); !strings.Contains(said, `There is no profile "vector" for kubernetes.`) {
		t.Errorf("without a file: %s", said)
	}
	t.Setenv("LOGREEVE_PROFILES_FILE", file(t, "profiles.yaml", "profiles:\n  - {name: vector, kind: authlog, time: '@timestamp', message: line}\n  - {name: both, kind: authlog, time: t, message: m}\n  - {name: both, kind: kubernetes, time: t}\n"))
	for _, profile := range []string{"vector", "both", "welkin"} {
		if said := probe(profile); !strings.Contains(said, "does not accept the credentials") {
			t.Errorf("%s: %s", profile, said)
		}
	}
	if said := probe("other"); !strings.Contains(said, "both") || strings.Contains(said, "vector") {
		t.Errorf("the profiles of Kubernetes logs are not named: %s", said)
	}
	t.Setenv("LOGREEVE_PROFILES_FILE", file(t, "wrong.yaml", "profiles:\n  - {name: vector, kind: authlog, time: '@timestamp', message: line, lag: -1m}\n"))
	if said := probe("vector"); !strings.Contains(said, "wrong.yaml, line 2: lag is") {
		t.Errorf("a wrong file: %s", said)
	}
}
