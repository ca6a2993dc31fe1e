package command_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// bulkServer is as much of a search store as importing needs.
type bulkServer struct {
	mu      sync.Mutex
	indices map[string]int
	user    string // who may; "" everybody
	refuse  string // records that hold it are refused
	lose    bool   // records are confirmed and not kept
	short   bool   // the answer leaves one out
}

func (s *bulkServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := func(status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	if user, _, _ := r.BasicAuth(); s.user != "" && user != s.user {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	index, action, _ := strings.Cut(strings.Trim(r.URL.Path, "/"), "/")
	kept, there := s.indices[index]
	switch {
	case action == "_bulk":
		var items []any
		lines := bufio.NewScanner(r.Body)
		lines.Buffer(nil, 1<<24)
		for n := 0; lines.Scan(); n++ {
			if n%2 == 0 {
				continue // the action; its record follows
			}
			status := map[string]any{"status": 201}
			if s.refuse != "" && strings.Contains(lines.Text(), s.refuse) {
				status = map[string]any{"status": 400, "error": map[string]string{"type": "mapper_parsing_exception", "reason": "no date"}}
			} else if !s.lose {
				kept++
			}
			items = append(items, map[string]any{"index": status})
		}
		s.indices[index] = kept
		if s.short {
			items = items[1:]
		}
		answer(200, map[string]any{"items": items})
	case action == "_refresh":
		answer(200, map[string]any{})
	case action == "_count":
		answer(200, map[string]any{"count": kept})
	case r.Method == http.MethodPut:
		body, _ := io.ReadAll(r.Body)
		if !json.Valid(body) {
			answer(400, map[string]any{"error": map[string]string{"type": "parse_exception", "reason": "mapping"}})
			return
		}
		s.indices[index] = 0
		answer(200, map[string]any{})
	case there:
		answer(200, map[string]any{})
	default:
		answer(404, map[string]any{"error": map[string]string{"type": "index_not_found_exception", "reason": index}})
	}
}

func TestImport(t *testing.T) {
	content, err := os.ReadFile(cluster)
	if err != nil {
		t.Fatal(err)
	}
	records := strings.Count(strings.TrimSpace(string(content)), "\n") + 1
	s := &bulkServer{indices: map[string]int{}}
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	to := "test=opensearch:" + web.URL + "/kubeaudit-1"

	code, out, errs := run(t, "", "import", "--source", "kubernetes:"+cluster, "--to", to)
	if want := fmt.Sprintf("%d records of %s written, %d documents in the index.", records, cluster, records); code != 0 || !strings.Contains(out, want) || s.indices["kubeaudit-1"] != records {
		t.Fatalf("%d %s %s: want %q", code, out, errs, want)
	}
	wants := func(t *testing.T, code int, says string, stdin string, args ...string) {
		t.Helper()
		got, out, errs := run(t, stdin, append([]string{"import"}, args...)...)
		if got != code || !strings.Contains(out+errs, says) {
			t.Errorf("%v: exit %d, %s%s; want %d and %q", args, got, out, errs, code, says)
		}
	}
	wants(t, 64, "exists already", "", "--source", cluster, "--to", to)
	if s.indices["kubeaudit-1"] != records {
		t.Error("a refused import wrote")
	}
	wants(t, 0, fmt.Sprintf("%d documents in the index", records+1), `{"a":1}`, "--source", "-", "--to", to, "--append")

	one := func(index string) string { return "test=elasticsearch:" + web.URL + "/" + index }
	wants(t, 66, "Line 2 of - is no JSON object. Nothing was written.", "{}\nnot json\n", "--source", "-", "--to", one("a"))
	wants(t, 66, "holds no record", "\n\n", "--source", "-", "--to", one("b"))
	if _, made := s.indices["b"]; made {
		t.Error("an empty log makes an index")
	}
	wants(t, 66, "cannot be opened", "", "--source", filepath.Join(t.TempDir(), "none"), "--to", one("c"))
	for _, index := range []string{"", "audit*", "a,b", "_all", "Upper", "a/b"} {
		wants(t, 64, "index", "{}", "--source", "-", "--to", one(index))
	}
	wants(t, 64, "names no store", "{}", "--source", "-", "--to", "/tmp/x")
	wants(t, 64, "only Kubernetes", "{}", "--source", "authlog:-", "--to", one("d"))
	wants(t, 64, "--source and", "")

	s.refuse = "bad"
	wants(t, 66, "took 1 of 2 records and refused 1: mapper_parsing_exception: no date", "{}\n{\"x\":\"bad\"}\n", "--source", "-", "--to", one("e"))
	s.refuse, s.lose = "", true
	wants(t, 66, "took 2 records, but holds 0 documents where 2 are expected", "{}\n{}\n", "--source", "-", "--to", one("f"))
	s.lose, s.short = false, true
	wants(t, 66, "answered for 1 of 2 records", "{}\n{}\n", "--source", "-", "--to", one("g"))
	s.short, s.user = false, "writer"
	wants(t, 66, "does not accept the credentials", "{}\n", "--source", "-", "--to", one("h"))
	web.Close()
	wants(t, 66, "cannot be reached", "{}\n", "--source", "-", "--to", one("i"))
}

// Credentials come from the environment, and no other way.
func TestCredentialsFromTheEnvironment(t *testing.T) {
	s := &bulkServer{indices: map[string]int{}, user: "writer"}
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	t.Setenv("LOGREEVE_SOURCE_MY_TEST_USER", "writer")
	t.Setenv("LOGREEVE_SOURCE_MY_TEST_PASSWORD", "canary-secret")
	code, out, errs := run(t, "{}\n", "import", "--source", "-", "--to", "my-test=opensearch:"+web.URL+"/x")
	if code != 0 || s.indices["x"] != 1 || strings.Contains(out+errs, "canary") {
		t.Errorf("%d %s%s", code, out, errs)
	}
	inside := strings.Replace(web.URL, "http://", "http://writer:canary-secret@", 1)
	for _, args := range [][]string{{"import", "--source", "-", "--to", "my-test=opensearch:" + inside + "/y"}, {"check", "--source", "my-test=opensearch:" + inside + "/x"}, {"probe", "--source", "opensearch:" + inside + "/x"}} {
		code, out, errs := run(t, "{}\n", args...)
		if code != 64 || !strings.Contains(errs, "credentials") || strings.Contains(out+errs, "canary") {
			t.Errorf("%v: %d %s%s", args[0], code, out, errs)
		}
	}
	t.Setenv("LOGREEVE_SOURCE_MY_TEST_CA_FILE", filepath.Join(t.TempDir(), "none.pem"))
	if code, _, errs := run(t, "{}\n", "probe", "--source", "my-test=opensearch:"+web.URL+"/x"); code != 64 || !strings.Contains(errs, "none.pem") {
		t.Errorf("a CA file that is not there: %d %s", code, errs)
	}
}

func TestProbe(t *testing.T) {
	code, out, errs := run(t, "", "probe", "--source", "kubernetes:"+cluster, "--format", "json")
	var got struct {
		Sources []struct {
			Name   string
			Kind   string
			Parsed int             `json:"understood"`
			Fields map[string]bool `json:"fields"`
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != 0 || len(got.Sources) != 1 || got.Sources[0].Parsed == 0 || len(got.Sources[0].Fields) == 0 {
		t.Fatalf("%d %s %s %v", code, out, errs, err)
	}
	if code, out, _ := run(t, "", "probe", "--source", "kubernetes:"+cluster); code != 0 || !strings.Contains(out, "newest event") {
		t.Errorf("%d %s", code, out)
	}
	if code, _, errs := run(t, "", "probe", "--source", "opensearch:http://127.0.0.1:1/x"); code != 66 || errs == "" {
		t.Errorf("%d %s", code, errs)
	}
}
