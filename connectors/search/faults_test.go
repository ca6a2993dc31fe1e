package search_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/connectors/search"
	"logreeve/connectors/searchtest"
)

// small is the first records of the recording.
func small(t testing.TB, n int) [][]byte {
	t.Helper()
	return recorded(t, "real-cluster/audit.ndjson")[:n]
}

// partial reads and demands that the read says that it lacks something.
func partial(t *testing.T, s connectors.Source, events int, says string) {
	t.Helper()
	got, c := readAll(t, s, connectors.Query{})
	if len(got) != events {
		t.Errorf("%d events, want %d: what is there counts", len(got), events)
	}
	said := func(problems []connectors.Problem) bool {
		return slices.ContainsFunc(problems, func(p connectors.Problem) bool { return strings.Contains(p.Reason, says) })
	}
	if !said(c.Problems) {
		t.Errorf("problems %+v, want one that says %q", c.Problems, says)
	}
	if own, ok := s.(*search.Source); ok {
		if counted, err := tell(t, own); err != nil || !said(counted.problems) {
			t.Errorf("counted: %v, problems %+v, want one that says %q", err, counted.problems, says)
		}
	}
}

// TestIncompleteStores shows stores that answer with success although something
// is missing. None may pass as complete.
func TestIncompleteStores(t *testing.T) {
	for _, version := range searchtest.Versions() {
		t.Run(version, func(t *testing.T) {
			server := searchtest.Start(t, version)
			fill := func(t *testing.T) (prefix string, s *search.Source) {
				prefix = server.Prefix(t)
				server.Create(t, prefix+"-1", 1, auditMapping)
				server.Load(t, prefix+"-1", small(t, 20))
				return prefix, open(t, search.Config{URL: server.URL, Pattern: prefix + "*"}, search.Options{})
			}
			t.Run("nothing is missing", func(t *testing.T) {
				_, s := fill(t)
				if got, c := readAll(t, s, connectors.Query{}); len(got) != 20 || len(c.Problems) > 0 {
					t.Errorf("%d events, problems %+v", len(got), c.Problems)
				}
			})
			t.Run("a closed index", func(t *testing.T) {
				prefix, s := fill(t)
				server.Create(t, prefix+"-2", 1, auditMapping)
				server.Must(t, http.MethodPost, "/"+prefix+"-2/_close", nil)
				partial(t, s, 20, "is closed")
			})
			t.Run("a part that is not assigned", func(t *testing.T) {
				prefix, s := fill(t)
				mapping := auditMapping
				if server.Old() {
					mapping = `{"_doc":` + mapping + `}`
				}
				server.Must(t, http.MethodPut, "/"+prefix+"-red?wait_for_active_shards=0&timeout=1s", []byte(
					`{"settings":{"number_of_replicas":0,"number_of_shards":1,"index.routing.allocation.require._name":"nobody"},"mappings":`+mapping+`}`))
				partial(t, s, 20, "parts of the indices answered")
			})
			t.Run("a field of two types", func(t *testing.T) {
				prefix, s := fill(t)
				server.Create(t, prefix+"-2", 1, `{"properties":{"verb":{"type":"long","ignore_malformed":true},"requestReceivedTimestamp":{"type":"date"}}}`)
				partial(t, s, 20, "do not fit together")
			})
			t.Run("a document without time", func(t *testing.T) {
				prefix, s := fill(t)
				server.Load(t, prefix+"-1", [][]byte{[]byte(`{"auditID":"x","verb":"get"}`)})
				partial(t, s, 20, "lack the time field")
			})
			t.Run("the time is text", func(t *testing.T) {
				prefix := server.Prefix(t)
				server.Create(t, prefix+"-1", 1, `{"properties":{`+bodies+`,"requestReceivedTimestamp":{"type":"keyword"}}}`)
				server.Load(t, prefix+"-1", small(t, 3))
				partial(t, open(t, search.Config{URL: server.URL, Pattern: prefix + "*"}, search.Options{}), 0, "as a date")
			})
			t.Run("no index", func(t *testing.T) {
				_, err := open(t, search.Config{URL: server.URL, Pattern: "nothing-here*"}, search.Options{}).Read(t.Context(), connectors.Query{}, nil)
				if fault.KindOf(err) != fault.NotFound || !strings.Contains(fault.Message(err), "Check the pattern") {
					t.Errorf("%v", err)
				}
			})
			t.Run("one of two names", func(t *testing.T) {
				prefix, _ := fill(t)
				_, err := open(t, search.Config{URL: server.URL, Pattern: prefix + "-1," + prefix + "-gone"}, search.Options{}).Read(t.Context(), connectors.Query{}, nil)
				if fault.KindOf(err) != fault.NotFound || !strings.Contains(fault.Message(err), prefix+"-gone") {
					t.Errorf("%v", err)
				}
			})
			t.Run("thousands in one instant", func(t *testing.T) { oneInstant(t, server) })
		})
	}
}

// oneInstant reads more events of one millisecond than fit a page.
func oneInstant(t *testing.T, server searchtest.Server) {
	const n = 20_000
	documents := make([][]byte, n)
	for i := range documents {
		documents[i] = fmt.Appendf(nil, `{"kind":"Event","auditID":"id-%d","stage":"ResponseComplete","verb":"get","requestURI":"/x","user":{"username":"u"},"requestReceivedTimestamp":"2026-11-20T09:00:00.123456Z"}`, i)
	}
	prefix := server.Prefix(t)
	server.Create(t, prefix+"-1", 2, "")
	server.Create(t, prefix+"-2", 1, "")
	server.Load(t, prefix+"-1", documents[:n/2])
	server.Load(t, prefix+"-2", documents[n/2:])
	s := open(t, search.Config{URL: server.URL, Pattern: prefix + "*"}, search.Options{})
	got, c := readAll(t, s, connectors.Query{})
	if len(got) != n || len(c.Problems) > 0 {
		t.Errorf("%d events of %d, problems %+v", len(got), n, c.Problems)
	}
	if counted, err := tell(t, s); err != nil || counted.covered != n || len(counted.problems) > 0 {
		t.Errorf("%d events of %d counted: %v %+v", counted.covered, n, err, counted.problems)
	}
}

// between is a proxy that a test changes answers with: it is given the answer's
// number and body, and writes what comes of it.
func between(t *testing.T, server searchtest.Server, change func(w http.ResponseWriter, number int64, res *http.Response, body []byte)) string {
	t.Helper()
	var number atomic.Int64
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		req, err := http.NewRequestWithContext(r.Context(), r.Method, server.URL+r.URL.RequestURI(), r.Body)
		if err != nil {
			return
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			return
		}
		defer func() { _ = res.Body.Close() }()
		body, _ := io.ReadAll(res.Body)
		w.Header().Set("Content-Type", res.Header.Get("Content-Type"))
		change(w, number.Add(1), res, body)
	}))
	t.Cleanup(proxy.Close)
	return proxy.URL
}

func pass(w http.ResponseWriter, res *http.Response, body []byte) {
	w.WriteHeader(res.StatusCode)
	_, _ = w.Write(body)
}

// spoils are the ways in which an answer comes to harm.
func spoils() map[string]func(w http.ResponseWriter, res *http.Response, body []byte) {
	return map[string]func(w http.ResponseWriter, res *http.Response, body []byte){
		"a sign-in page": func(w http.ResponseWriter, _ *http.Response, _ []byte) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html>Sign in</html>")
		},
		"cut, and looks whole": func(w http.ResponseWriter, res *http.Response, body []byte) {
			pass(w, res, body[:len(body)-1-rand.IntN(len(body)-1)])
		},
		"cut on the way": func(w http.ResponseWriter, res *http.Response, body []byte) {
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			pass(w, res, body[:rand.IntN(len(body))])
			panic(http.ErrAbortHandler)
		},
		"stalled": func(w http.ResponseWriter, _ *http.Response, _ []byte) { time.Sleep(500 * time.Millisecond) },
		"time ran out": func(w http.ResponseWriter, res *http.Response, body []byte) {
			pass(w, res, bytes.Replace(body, []byte(`"timed_out":false`), []byte(`"timed_out":true`), 1))
		},
		"a part is missing": func(w http.ResponseWriter, res *http.Response, body []byte) {
			pass(w, res, bytes.Replace(body, []byte(`"successful":1`), []byte(`"successful":0`), 1))
		},
	}
}

// reaches says whether a way of spoiling does anything to an answer.
func reaches(name string, body []byte) bool {
	return len(body) >= 2 && (!strings.Contains(name, "ran out") || bytes.Contains(body, []byte(`"timed_out"`))) &&
		(!strings.Contains(name, "part") || bytes.Contains(body, []byte(`"_shards"`)))
}

// TestFaultsOnTheWay spoils one answer of a read after the other, in every way.
func TestFaultsOnTheWay(t *testing.T) {
	server := searchtest.Start(t, searchtest.OpenSearch2)
	prefix := server.Prefix(t)
	server.Create(t, prefix+"-1", 1, auditMapping)
	server.Load(t, prefix+"-1", small(t, 30))
	var count atomic.Int64
	address := between(t, server, func(w http.ResponseWriter, number int64, res *http.Response, body []byte) {
		count.Store(number)
		pass(w, res, body)
	})
	quick := search.Options{PageBytes: 30_000, Parallel: 1, Timeout: 400 * time.Millisecond}
	if _, c := readAll(t, open(t, search.Config{URL: address, Pattern: prefix + "*"}, quick), connectors.Query{}); len(c.Problems) > 0 {
		t.Fatalf("nothing is spoilt: %+v", c.Problems)
	}
	last := count.Load() - 1 // the last one closes the view, which takes nothing away
	for name, change := range spoils() {
		t.Run(name, func(t *testing.T) {
			for target := int64(1); target <= last; target++ {
				var touched atomic.Bool
				address := between(t, server, func(w http.ResponseWriter, number int64, res *http.Response, body []byte) {
					// What is repeated is spoilt again.
					if number >= target && (number == target || strings.HasPrefix(name, "cut on") || name == "stalled") {
						if !reaches(name, body) {
							pass(w, res, body)
							return
						}
						touched.Store(true)
						change(w, res, body)
						return
					}
					pass(w, res, body)
				})
				s := open(t, search.Config{URL: address, Pattern: prefix + "*"}, quick)
				c, err := s.Read(t.Context(), connectors.Query{}, func([]connectors.Event) error { return nil })
				if touched.Load() && err == nil && len(c.Problems) == 0 {
					t.Errorf("answer %d was spoilt and the read passes as complete", target)
				}
				if !touched.Load() && (err != nil || len(c.Problems) > 0) {
					t.Errorf("answer %d was left alone: %v %+v", target, err, c.Problems)
				}
			}
		})
	}
	t.Run("busy for a while", func(t *testing.T) {
		address := between(t, server, func(w http.ResponseWriter, number int64, res *http.Response, body []byte) {
			if number%3 == 0 {
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			pass(w, res, body)
		})
		s := open(t, search.Config{URL: address, Pattern: prefix + "*"}, search.Options{PageBytes: 30_000})
		if got, c := readAll(t, s, connectors.Query{}); len(got) != 30 || len(c.Problems) > 0 {
			t.Errorf("%d events, problems %+v", len(got), c.Problems)
		}
	})
	t.Run("endless answer", func(t *testing.T) {
		address := between(t, server, func(w http.ResponseWriter, number int64, res *http.Response, body []byte) {
			if !bytes.Contains(body, []byte(`"_source"`)) {
				pass(w, res, body)
				return
			}
			w.WriteHeader(http.StatusOK)
			for range 4096 {
				if _, err := w.Write(make([]byte, 1024)); err != nil {
					return
				}
			}
		})
		s := open(t, search.Config{URL: address, Pattern: prefix + "*"}, search.Options{PageBytes: 30_000})
		partial(t, s, 0, "larger than may be held in memory")
	})
	t.Run("views are closed", func(t *testing.T) {
		list := server.Must(t, http.MethodGet, "/_search/point_in_time/_all", nil)
		if n := bytes.Count(list, []byte(`"pit_id"`)); n > int(6*last) { // those whose opening was spoilt stay
			t.Errorf("%d views are open", n)
		}
		before := bytes.Count(list, []byte(`"pit_id"`))
		s := open(t, search.Config{URL: server.URL, Pattern: prefix + "*"}, quick)
		enough := errors.New("enough")
		if _, err := s.Read(t.Context(), connectors.Query{}, func([]connectors.Event) error { return enough }); !errors.Is(err, enough) {
			t.Fatal(err)
		}
		list = server.Must(t, http.MethodGet, "/_search/point_in_time/_all", nil)
		if after := bytes.Count(list, []byte(`"pit_id"`)); after > before {
			t.Errorf("%d views were open and %d are", before, after)
		}
	})
}

// TestWhatToDoNext holds the sentences for addresses that are wrong.
func TestWhatToDoNext(t *testing.T) {
	answer := func(status int, media, body string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", media)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	self := httptest.NewUnstartedServer(http.NotFoundHandler())
	self.Config.ErrorLog = log.New(io.Discard, "", 0)
	self.StartTLS()
	t.Cleanup(self.Close)
	for name, test := range map[string]struct{ url, says string }{
		"nobody listens":     {"http://127.0.0.1:1", "Nothing listens"},
		"another service":    {answer(200, "application/json", `{"hello":1}`), "neither OpenSearch nor Elasticsearch"},
		"a sign-in page":     {answer(200, "text/html", `<html>`), "web page"},
		"wrong password":     {answer(401, "text/plain", `Unauthorized`), "does not accept the credentials"},
		"not known":          {"http://no-such-host.invalid:9200", "name of the store is not known"},
		"nobody signed":      {self.URL, "CA bundle"},
		"https without TLS":  {strings.Replace(answer(200, "", ""), "http:", "https:", 1), "without encryption"},
		"it leads elsewhere": {answer(302, "", ""), "leads elsewhere"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := open(t, search.Config{URL: test.url, Pattern: "a*"}, search.Options{Timeout: 3 * time.Second}).Probe(t.Context())
			if fault.KindOf(err) != fault.Unavailable || !strings.Contains(fault.Message(err), test.says) {
				t.Errorf("%q (%v), want %q", fault.Message(err), err, test.says)
			}
		})
	}
}

// TestClaimsToBeAnother reads a server that says it is 7.10.2.
func TestClaimsToBeAnother(t *testing.T) {
	server := searchtest.Start(t, searchtest.OpenSearch2)
	prefix := server.Prefix(t)
	server.Create(t, prefix+"-1", 1, auditMapping)
	server.Load(t, prefix+"-1", small(t, 3))
	set := func(v string) {
		server.Must(t, http.MethodPut, "/_cluster/settings", []byte(`{"transient":{"compatibility.override_main_response_version":`+v+`}}`))
	}
	set("true")
	t.Cleanup(func() {
		req, err := http.NewRequest(http.MethodPut, server.URL+"/_cluster/settings", strings.NewReader(`{"transient":{"compatibility.override_main_response_version":null}}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		if res, err := http.DefaultClient.Do(req); err == nil {
			_ = res.Body.Close()
		}
	})
	if root := server.Must(t, http.MethodGet, "/", nil); !bytes.Contains(root, []byte("7.10.2")) {
		t.Fatalf("the server does not claim to be another: %s", root)
	}
	p, err := open(t, search.Config{URL: server.URL, Pattern: prefix + "*"}, search.Options{}).Probe(t.Context())
	if err != nil || p.Store.Product != "OpenSearch" || p.Store.Version != "2.19.3" || p.Store.Documents != 3 || len(p.Missing) > 0 {
		t.Errorf("%+v %+v, %v", p, p.Store, err)
	}
}
