// Package searchtest starts real OpenSearch and Elasticsearch servers for tests
// and fills them. A server is started once on a machine and found again by every
// test that asks for it; tests keep apart by the names of their indices. It owns
// no judgement: what a store should answer is for the tests to say.
package searchtest

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Versions that make test starts, and those that make test-stores adds.
const (
	OpenSearch2    = "opensearch-2.19.3"
	Elasticsearch7 = "elasticsearch-7.17.28"
)

// Versions are the servers that tests run on: two, or with the variable
// LOGREEVE_TEST_STORES=all every one of the table in docs/stores.md.
func Versions() []string {
	two := []string{OpenSearch2, Elasticsearch7}
	if os.Getenv("LOGREEVE_TEST_STORES") != "all" {
		return two
	}
	return append(two, "opensearch-1.3.20", "opensearch-3.4.0", "elasticsearch-6.8.23", "elasticsearch-7.10.2", "elasticsearch-8.11.0")
}

// Server is a server that runs.
type Server struct {
	Name     string `json:"name"`
	URL      string `json:"url"`
	User     string `json:"user"`     // of a secure server
	Password string `json:"password"` // of the user
	CA       string `json:"ca"`       // file of the authority, "" without TLS
}

// Start gives the server of that name, such as "opensearch-2.19.3". The first
// start on a machine downloads it. Without Java or the download the test fails
// and says what is missing.
func Start(t testing.TB, name string) Server {
	t.Helper()
	return start(t, name)
}

// StartSecure is Start for the server with users and roles, and OpenSearch with TLS.
func StartSecure(t testing.TB, name string) Server {
	t.Helper()
	more := []string{name, "--secure"}
	if strings.HasPrefix(name, "opensearch-") {
		more = append(more, "--set", "plugins.security.unsupported.restapi.allow_securityconfig_modification=true")
	}
	return start(t, more...)
}

// Reader makes a user of a secure Elasticsearch who may read the indices of a
// pattern, and waits until the server knows it. The password is the server's.
func (s Server) Reader(t testing.TB, name, pattern string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), filepath.Join(root(t), ".ci", "searchserver"), "reader", s.Name, name, pattern)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("no user %s: %v\n%s", name, err, out)
	}
	as := s
	as.User = name
	for range 120 {
		if status, _ := as.Ask(t, http.MethodGet, "/_security/_authenticate", nil); status == http.StatusOK {
			if _, body := as.Ask(t, http.MethodPost, "/_security/user/_has_privileges", fmt.Appendf(nil, `{"index":[{"names":[%q],"privileges":["read"]}]}`, pattern)); bytes.Contains(body, []byte(`"has_all_requested":true`)) {
				return
			}
		}
		time.Sleep(250 * time.Millisecond)
	}
	t.Fatalf("the server does not know the user %s after 30 s", name)
}

func start(t testing.TB, arguments ...string) Server {
	t.Helper()
	name := arguments[0]
	var errors bytes.Buffer
	command := exec.CommandContext(t.Context(), filepath.Join(root(t), ".ci", "searchserver"), append([]string{"start"}, arguments...)...)
	command.Stderr = &errors
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s does not start, so nothing about it can be tested: %v\n%s", name, err, errors.String())
	}
	var s Server
	if err := json.Unmarshal(out, &s); err != nil {
		t.Fatalf("%s: %v in %q", name, err, out)
	}
	return s
}

// root is the folder of the module.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("the module's root is not above the test")
		}
		dir = up
	}
}

// Old says whether the server is of Elasticsearch 6, whose mappings have types.
func (s Server) Old() bool { return strings.HasPrefix(s.Name, "elasticsearch-6.") }

// Authority is the certificate of who signed the server's, as PEM.
func (s Server) Authority(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile(s.CA)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func (s Server) client(t testing.TB) *http.Client {
	t.Helper()
	client := &http.Client{Timeout: time.Minute}
	if s.CA != "" {
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM([]byte(s.Authority(t)))
		secure := &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
		folder := filepath.Dir(s.CA) // the demo's certificate of the one who may change its rules
		if pair, err := tls.LoadX509KeyPair(filepath.Join(folder, "kirk.pem"), filepath.Join(folder, "kirk-key.pem")); err == nil {
			secure.Certificates = []tls.Certificate{pair}
		}
		client.Transport = &http.Transport{TLSClientConfig: secure, DisableKeepAlives: true}
	}
	return client
}

func (s Server) sign(req *http.Request) {
	if s.User != "" && !strings.HasSuffix(req.URL.Path, "/securityconfig") {
		req.SetBasicAuth(s.User, s.Password)
	}
}

// Ask sends a request and gives status and answer.
func (s Server) Ask(t testing.TB, method, path string, body []byte) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	s.sign(req)
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := s.client(t).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, answer
}

// Must is Ask for what must succeed.
func (s Server) Must(t testing.TB, method, path string, body []byte) []byte {
	t.Helper()
	status, answer := s.Ask(t, method, path, body)
	if status/100 != 2 {
		t.Fatalf("%s %s on %s: status %d: %s", method, path, s.Name, status, answer)
	}
	return answer
}

// Prefix is a name for the indices of one test, which are removed at its end.
func (s Server) Prefix(t testing.TB) string {
	t.Helper()
	var b [6]byte
	_, _ = rand.Read(b[:])
	prefix := "t" + hex.EncodeToString(b[:])
	t.Cleanup(func() {
		// A server may refuse to delete by a pattern, so the names are asked for.
		client := s.client(t)
		req, err := http.NewRequest(http.MethodGet, s.URL+"/_cat/indices/"+prefix+"*?h=index", nil) //nolint:noctx // the test's context is over
		if err != nil {
			return
		}
		s.sign(req)
		res, err := client.Do(req)
		if err != nil {
			return
		}
		list, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		for _, name := range strings.Fields(string(list)) {
			if !strings.HasPrefix(name, prefix) {
				continue
			}
			req, err := http.NewRequest(http.MethodDelete, s.URL+"/"+name, nil) //nolint:noctx // as above
			if err != nil {
				continue
			}
			s.sign(req)
			if res, err := client.Do(req); err == nil {
				_ = res.Body.Close()
			}
		}
	})
	return prefix
}

// Create makes an index of one part without copies. mapping is the inside of
// "mappings", "" for none.
func (s Server) Create(t testing.TB, index string, shards int, mapping string) {
	t.Helper()
	body := fmt.Sprintf(`{"settings":{"number_of_shards":%d,"number_of_replicas":0}`, shards)
	switch {
	case mapping == "":
	case s.Old():
		body += `,"mappings":{"_doc":` + mapping + `}`
	default:
		body += `,"mappings":` + mapping
	}
	s.Must(t, http.MethodPut, "/"+index, []byte(body+"}"))
}

// Load puts documents into an index, in order, and makes them visible.
func (s Server) Load(t testing.TB, index string, documents [][]byte) {
	t.Helper()
	const most = 8 << 20
	var bulk bytes.Buffer
	send := func() {
		if bulk.Len() == 0 {
			return
		}
		path := "/" + index + "/_bulk?refresh=true"
		if s.Old() {
			path = "/" + index + "/_doc/_bulk?refresh=true"
		}
		answer := s.Must(t, http.MethodPost, path, bulk.Bytes())
		if bytes.Contains(answer[:min(len(answer), 200)], []byte(`"errors":true`)) {
			i := max(bytes.Index(answer, []byte(`"error":`)), 0)
			t.Fatalf("%s takes not every document: %s", s.Name, answer[i:min(len(answer), i+600)])
		}
		bulk.Reset()
	}
	for _, d := range documents {
		bulk.WriteString("{\"index\":{}}\n")
		bulk.Write(d)
		bulk.WriteByte('\n')
		if bulk.Len() > most {
			send()
		}
	}
	send()
}
