package search

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"logreeve/connectors"
)

type signedExample struct {
	request *http.Request
	at      time.Time
}

func awsExample(t *testing.T) signedExample {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	r.Header.Set("X-Amz-Date", "20150830T123600Z")
	return signedExample{r, time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)}
}

// dynamic are fields as a store maps them that nobody told how.
func dynamic() asker {
	fields := Fields{byPath: map[string]Field{}, limits: limits{known: true, special: map[string]bool{}, closed: map[string]bool{}}}
	for _, path := range recordFields {
		fields.byPath[path] = Field{Path: path, shape: doubled, whole: path + ".keyword"}
	}
	fields.byPath["responseStatus.code"] = Field{Path: "responseStatus.code", shape: number}
	fields.byPath["impersonatedUser.username"] = Field{Path: "impersonatedUser.username"}
	fields.byPath["stage"] = Field{Path: "stage", shape: words}
	fields.byPath["objectRef.name"] = Field{Path: "objectRef.name", shape: conflict}
	p := Profile{Name: "kubernetes", Kind: connectors.Kubernetes, Time: "time"}
	return asker{profile: p, fields: fields, source: "store"}
}

// TestAsk holds how filters become requests: wide finds all that the filter
// selects, narrow nothing that it does not, null is not asked.
func TestAsk(t *testing.T) {
	in := connectors.In
	tests := map[string]struct {
		filter       connectors.Filter
		wide, narrow string
	}{
		"everything":        {connectors.Filter{}, `{"match_all":{}}`, `{"match_all":{}}`},
		"whole value":       {in("verb", "get"), `{"terms":{"verb.keyword":["get"]}}`, `{"terms":{"verb.keyword":["get"]}}`},
		"no value":          {in("verb"), `{"match_none":{}}`, `{"match_none":{}}`},
		"number":            {in("code", "403", "x", "0403"), `{"terms":{"responseStatus.code":[403]}}`, `{"terms":{"responseStatus.code":[403]}}`},
		"number is there":   {connectors.Exists("code"), `{"range":{"responseStatus.code":{"gte":1}}}`, `{"range":{"responseStatus.code":{"gte":1}}}`},
		"numbers":           {connectors.Range("code", "400", "500"), `{"range":{"responseStatus.code":{"gte":400,"lt":500}}}`, `{"range":{"responseStatus.code":{"gte":400,"lt":500}}}`},
		"fraction":          {connectors.Range("code", "400.5", ""), `null`, `null`},
		"text only":         {in("name", "x"), `null`, `null`},
		"contains":          {connectors.Contains("uri", "x"), `null`, `null`},
		"suffix":            {connectors.Suffix("uri", "x"), `null`, `null`},
		"body":              {connectors.Exists("request.spec"), `null`, `null`},
		"nobody has it":     {in("effective", "x"), `{"match_none":{}}`, `null`},
		"there":             {connectors.Exists("verb"), `{"exists":{"field":"verb"}}`, `null`},
		"not there":         {connectors.Not(connectors.Exists("verb")), `null`, `{"bool":{"must_not":[{"exists":{"field":"verb"}}]}}`},
		"not cut":           {connectors.Not(connectors.Contains("uri", "x")), `null`, `null`},
		"not":               {connectors.Not(in("verb", "get")), `{"bool":{"must_not":[{"terms":{"verb.keyword":["get"]}}]}}`, `{"bool":{"must_not":[{"terms":{"verb.keyword":["get"]}}]}}`},
		"and with a cut":    {connectors.And(in("verb", "get"), connectors.Contains("uri", "x")), `{"terms":{"verb.keyword":["get"]}}`, `{"match_none":{}}`},
		"or with a cut":     {connectors.Or(in("verb", "get"), connectors.Contains("uri", "x")), `{"match_all":{}}`, `{"terms":{"verb.keyword":["get"]}}`},
		"not or with a cut": {connectors.Not(connectors.Or(in("verb", "get"), connectors.Contains("uri", "x"))), `{"bool":{"must_not":[{"terms":{"verb.keyword":["get"]}}]}}`, `{"match_none":{}}`},
		"constant":          {connectors.And(in("kind", "kubernetes"), in("source", "store"), in("category", "api")), `{"match_all":{}}`, `{"match_all":{}}`},
		"another kind":      {in("kind", "authlog"), `{"match_none":{}}`, `{"match_none":{}}`},
		"not another kind":  {connectors.Not(in("kind", "authlog")), `{"match_all":{}}`, `{"match_all":{}}`},
		"an address":        {in("client_ip", "10.0.0.1"), `{"terms":{"sourceIPs.keyword":["10.0.0.1"]}}`, `null`},
		"several, by start": {connectors.Prefix("groups", "a"), `null`, `null`},
		"beginning": {
			connectors.Prefix("namespace", "kube-"),
			`{"bool":{"minimum_should_match":1,"should":[{"prefix":{"objectRef.namespace.keyword":"kube-"}},{"bool":{"filter":[{"exists":{"field":"objectRef.namespace"}}],"must_not":[{"exists":{"field":"objectRef.namespace.keyword"}}]}}]}}`,
			`{"prefix":{"objectRef.namespace.keyword":"kube-"}}`,
		},
		"machines": {in("actor_kind", "service"), `null`, `null`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			q := dynamic().ask(test.filter)
			if got := written(t, q.wide); got != test.wide {
				t.Errorf("wide\n%s, want\n%s", got, test.wide)
			}
			if got := written(t, q.narrow); got != test.narrow {
				t.Errorf("narrow\n%s, want\n%s", got, test.narrow)
			}
		})
	}
	t.Run("words", func(t *testing.T) {
		a := dynamic()
		on := a.fields.at("stage")
		if got := written(t, a.in(on, []string{"ResponseComplete"}).wide); got != `{"match_phrase":{"stage":"ResponseComplete"}}` {
			t.Error(got)
		}
		if q := a.in(on, []string{"---"}); q.wide != nil {
			t.Error("a value without a word is searched for as words")
		}
	})
	t.Run("a mapping that does not tell", func(t *testing.T) {
		a := dynamic()
		a.fields.limits = limits{}
		if q := a.ask(in("effective", "x")); q.wide != nil {
			t.Error("a field that no index maps counts as absent although nobody knows")
		}
	})
}

func written(t *testing.T, o object) string {
	t.Helper()
	b, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestLimits(t *testing.T) {
	l := readLimits([]byte(`{"a-1":{"mappings":{"properties":{"user":{"properties":{"username":{"type":"text","fields":{"keyword":{"ignore_above":256}}},"short":{"ignore_above":10}}},"requestObject":{"enabled":false}}}},
		"a-2":{"mappings":{"_doc":{"properties":{"x":{"dynamic":"false","properties":{"y":{"normalizer":"lower"}}}}}}}}`))
	if !l.known || l.special["user.username.keyword"] || !l.special["user.short"] || !l.special["x.y"] {
		t.Errorf("%+v", l)
	}
	for path, absent := range map[string]bool{"impersonatedUser.username": true, "requestObject.spec": false, "x.z": false} {
		if l.absent(path) != absent {
			t.Errorf("%s absent: %v", path, !absent)
		}
	}
	if !l.bounded["user.username.keyword"] || l.bounded["user"] {
		t.Errorf("bounded %v", l.bounded)
	}
	if (limits{}).absent("a") {
		t.Error("a field is absent although the mappings are not known")
	}
}
