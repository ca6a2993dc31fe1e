package search_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/connectors/search"
	"logreeve/connectors/searchtest"
)

// readRole is the least that a reader needs, as docs/stores.md prints it.
var readRole = []string{
	"indices:data/read/search", "indices:data/read/field_caps*", "indices:data/read/point_in_time/create", "indices:data/read/point_in_time/delete",
	"indices:admin/mappings/get", "indices:monitor/stats", "indices:admin/resolve/index",
}

const rightsPassword = "Str0ng!Passw0rd#2"

// user makes a user of OpenSearch who has the rights to the indices.
func user(t *testing.T, server searchtest.Server, name, indices string, rights []string) search.Credentials {
	t.Helper()
	quoted := `"` + strings.Join(rights, `","`) + `"`
	for _, put := range [][2]string{
		{"roles/" + name, fmt.Sprintf(`{"cluster_permissions":["cluster:monitor/main"],"index_permissions":[{"index_patterns":[%q],"allowed_actions":[%s]}]}`, indices, quoted)},
		{"internalusers/" + name, fmt.Sprintf(`{"password":%q}`, rightsPassword)},
		{"rolesmapping/" + name, fmt.Sprintf(`{"users":[%q]}`, name)},
	} {
		server.Must(t, http.MethodPut, "/_plugins/_security/api/"+put[0], []byte(put[1]))
	}
	return search.Credentials{User: name, Password: rightsPassword, CA: server.Authority(t)}
}

func without(rights []string, part string) []string {
	var out []string
	for _, r := range rights {
		if !strings.Contains(r, part) {
			out = append(out, r)
		}
	}
	return out
}

// TestRightsOfOpenSearch reads with users who may read all, a part, or lack one
// right. Only the first may pass as complete.
func TestRightsOfOpenSearch(t *testing.T) {
	server := searchtest.StartSecure(t, searchtest.OpenSearch2)
	prefix := server.Prefix(t)
	for _, index := range []string{prefix + "-1", prefix + "-2"} {
		server.Create(t, index, 1, auditMapping)
	}
	server.Load(t, prefix+"-1", small(t, 20)[:10])
	server.Load(t, prefix+"-2", small(t, 20)[10:])
	source := func(c search.Credentials) *search.Source {
		return open(t, search.Config{URL: server.URL, Pattern: prefix + "*", Credentials: c}, search.Options{PageBytes: 20_000})
	}
	complete := func(t *testing.T, c search.Credentials) {
		t.Helper()
		if got, done := readAll(t, source(c), connectors.Query{}); len(got) != 20 || len(done.Problems) > 0 {
			t.Errorf("%d events, problems %+v", len(got), done.Problems)
		}
	}
	all := user(t, server, prefix+"all", prefix+"*", readRole)
	t.Run("everything that is needed", func(t *testing.T) {
		complete(t, all)
		p, err := source(all).Probe(t.Context())
		if err != nil || !p.Store.TLS || len(p.Store.Lacking) > 0 || len(p.Missing) > 0 || p.Store.Indices != 2 || p.Store.Version != "2.19.3" || p.Bytes == 0 {
			t.Errorf("%+v %+v, %v", p, p.Store, err)
		}
	})
	t.Run("no point in time", func(t *testing.T) {
		complete(t, user(t, server, prefix+"scroll", prefix+"*", without(readRole, "point_in_time")))
	})
	t.Run("no proof", func(t *testing.T) {
		s := source(user(t, server, prefix+"unproven", prefix+"*", without(readRole, "mappings")))
		partial(t, s, 20, "the right indices:admin/mappings/get is missing")
		if p, err := s.Probe(t.Context()); err != nil || len(p.Store.Lacking) != 1 || p.Store.Lacking[0] != "indices:admin/mappings/get" {
			t.Errorf("%+v, %v", p.Store, err)
		}
	})
	t.Run("fields that hide", func(t *testing.T) {
		rights := append(without(readRole, "field_caps"), "indices:data/read/field_caps")
		partial(t, source(user(t, server, prefix+"fields", prefix+"*", rights)), 0, "does not say which fields")
	})
	part := user(t, server, prefix+"part", prefix+"-1", readRole)
	t.Run("a part, refused", func(t *testing.T) {
		_, err := source(part).Read(t.Context(), connectors.Query{}, nil)
		if fault.KindOf(err) != fault.Unavailable || !strings.Contains(fault.Message(err), "the right indices:") {
			t.Errorf("%v", err)
		}
	})
	t.Run("a part, left out in silence", func(t *testing.T) {
		set := func(v string) {
			server.Must(t, http.MethodPatch, "/_plugins/_security/api/securityconfig", []byte(`[{"op":"add","path":"/config/dynamic/do_not_fail_on_forbidden","value":`+v+`}]`))
		}
		set("true")
		defer set("false")
		partial(t, source(part), 10, "not certain that every index of the pattern may be read")
		complete(t, all)
	})
	t.Run("wrong password", func(t *testing.T) {
		_, err := source(search.Credentials{User: "nobody", Password: "wrong", CA: all.CA}).Probe(t.Context())
		if !strings.Contains(fault.Message(err), "does not accept the credentials") {
			t.Errorf("%v", err)
		}
	})
	t.Run("a client certificate", func(t *testing.T) {
		beside := filepath.Dir(server.CA)
		read := func(name string) string {
			b, err := os.ReadFile(filepath.Join(beside, name))
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		complete(t, search.Credentials{ClientCert: read("kirk.pem"), ClientKey: read("kirk-key.pem"), CA: all.CA})
		_, err := source(search.Credentials{CA: all.CA}).Probe(t.Context())
		if !strings.Contains(fault.Message(err), "credentials") {
			t.Errorf("control: without it %v", err)
		}
	})
	t.Run("an authority nobody gave", func(t *testing.T) {
		_, err := source(search.Credentials{User: all.User, Password: all.Password}).Probe(t.Context())
		if !strings.Contains(fault.Message(err), "CA bundle") {
			t.Errorf("%v", err)
		}
	})
}

// TestRightsOfElasticsearch reads with users who may read all or a part. Searches
// of a pattern leave out in silence what a user may not read; only the question
// for the privilege tells.
func TestRightsOfElasticsearch(t *testing.T) {
	server := searchtest.StartSecure(t, searchtest.Elasticsearch7)
	prefix := server.Prefix(t)
	for i, index := range []string{prefix + "-1", prefix + "-2"} {
		server.Create(t, index, 1, auditMapping)
		server.Load(t, index, small(t, 20)[i*10:(i+1)*10])
	}
	server.Reader(t, prefix+"all", prefix+"*")
	server.Reader(t, prefix+"part", prefix+"-1")
	source := func(user string) *search.Source {
		return open(t, search.Config{URL: server.URL, Pattern: prefix + "*", Credentials: search.Credentials{User: user, Password: server.Password}}, search.Options{})
	}
	if got, c := readAll(t, source(prefix+"all"), connectors.Query{}); len(got) != 20 || len(c.Problems) > 0 {
		t.Errorf("%d events, problems %+v", len(got), c.Problems)
	}
	partial(t, source(prefix+"part"), 10, "lacks the privilege read on a part of the pattern")
	if _, err := source(prefix + "nobody").Probe(t.Context()); !strings.Contains(fault.Message(err), "does not accept the credentials") {
		t.Errorf("%v", err)
	}
}

// TestCredentials holds what is refused before anything is sent.
func TestCredentials(t *testing.T) {
	for name, test := range map[string]struct {
		url  string
		with search.Credentials
		ok   bool
	}{
		"none":                  {"http://store:9200", search.Credentials{}, true},
		"in the clear":          {"http://store:9200", search.Credentials{User: "u", Password: "p"}, false},
		"on this machine":       {"http://127.0.0.1:9200", search.Credentials{User: "u", Password: "p"}, true},
		"a name that looks so":  {"http://127.0.0.1.example.org:9200", search.Credentials{Token: "t"}, false},
		"two ways":              {"https://store", search.Credentials{APIKey: "k", Token: "t"}, false},
		"half a certificate":    {"https://store", search.Credentials{ClientCert: "x"}, false},
		"no certificate":        {"https://store", search.Credentials{CA: "x"}, false},
		"half a key of AWS":     {"https://store", search.Credentials{AWSAccessKey: "k"}, false},
		"keys of AWS":           {"https://store", search.Credentials{AWSAccessKey: "k", AWSSecretKey: "s", AWSRegion: "eu-west-1", AWSService: "es"}, true},
		"another service there": {"https://store", search.Credentials{AWSAccessKey: "k", AWSSecretKey: "s", AWSRegion: "eu-west-1", AWSService: "s3"}, false},
	} {
		_, err := search.Open(search.Config{URL: test.url, Pattern: "a*", Credentials: test.with}, search.Store{Profile: "kubernetes"}, search.Options{Now: fixed})
		if (err == nil) != test.ok {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v is not about what was given", name, err)
		}
	}
}
