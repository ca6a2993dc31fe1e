package search

import (
	"slices"
	"strings"
	"testing"
)

// complete is an account of a read that lacks nothing.
func complete() Account {
	return Account{
		Store: "https://store", Pattern: "audit*", Indices: []Index{{Name: "audit-1"}, {Name: "audit-2"}}, Told: []string{"audit-2", "audit-1"},
		Time: Field{Path: "time", shape: date}, Needed: []Field{{Path: "auditID", shape: exact, whole: "auditID"}},
		Opened: &Shards{Total: 2, Successful: 2}, Wanted: 7, Received: 7,
	}
}

// TestGate holds each rule of the gate: it alone must make the difference.
func TestGate(t *testing.T) {
	if p := complete().Problems(); len(p) != 0 {
		t.Fatalf("a complete read has problems: %+v", p)
	}
	tests := map[string]struct {
		change func(*Account)
		says   string
	}{
		"no index":                      {func(a *Account) { a.Indices, a.Told = nil, nil }, "matches no open index"},
		"only closed indices":           {func(a *Account) { a.Indices, a.Told = []Index{{"audit-1", true}}, nil }, "matches no open index"},
		"a closed index":                {func(a *Account) { a.Indices = append(a.Indices, Index{"audit-3", true}) }, "is closed"},
		"an index without fields":       {func(a *Account) { a.Told = []string{"audit-1"} }, "does not say which fields"},
		"an index that joined":          {func(a *Account) { a.Told = append(a.Told, "audit-9") }, "joined the pattern"},
		"indices that failed":           {func(a *Account) { a.Untold = 1 }, "could not say which fields"},
		"rights not proven":             {func(a *Account) { a.Unproven = "a right is missing" }, "a right is missing"},
		"a list that moved":             {func(a *Account) { a.Moved = true }, "changed while it was read"},
		"no time field":                 {func(a *Account) { a.Time.shape = unmapped }, "no index has the time field"},
		"time of two types":             {func(a *Account) { a.Time.shape = conflict }, "do not fit together"},
		"time as text":                  {func(a *Account) { a.Time.shape = doubled }, "as a date"},
		"a field nobody has":            {func(a *Account) { a.Needed[0].shape = unmapped }, "hidden from this user"},
		"a field of two types":          {func(a *Account) { a.Needed[0].shape = conflict }, "do not fit together"},
		"documents without time":        {func(a *Account) { a.Untimed = 1 }, "lack the time field"},
		"a view without a part":         {func(a *Account) { a.Opened.Successful = 1 }, "1 of 2 parts"},
		"an answer that lacks":          {func(a *Account) { a.note("time ran out") }, "time ran out"},
		"fewer received":                {func(a *Account) { a.Received-- }, "7 documents were counted and 6 received"},
		"more received":                 {func(a *Account) { a.Received++ }, "and 8 received"},
		"a list with other things":      {func(a *Account) { a.Partly = 1 }, "a part is no record"},
		"stopped":                       {func(a *Account) { a.Stopped = "the store is gone" }, "the store is gone"},
		"a view over nothing that said": {func(a *Account) { a.Opened = &Shards{} }, "no part of any index"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := complete()
			test.change(&a)
			p := a.Problems()
			if len(p) == 0 || !strings.Contains(p[0].Reason, test.says) || p[0].Where == "" {
				t.Errorf("problems %+v, want one that says %q", p, test.says)
			}
		})
	}
}

// full is an answer that lacks nothing.
func full() Answer {
	no := false
	return Answer{Status: 200, TimedOut: &no, Shards: &Shards{Total: 8, Successful: 8}, Total: &Total{3, "eq"}, Hits: 3}
}

func TestAnswerLacks(t *testing.T) {
	if l := full().lack(); l != nil {
		t.Fatalf("a complete answer lacks %q", l)
	}
	fine := map[string]func(*Answer){
		"a count that ended early":  func(a *Answer) { a.Terminated, a.Hits = true, 0 },
		"clusters that all answer":  func(a *Answer) { a.Clusters = &Clusters{Total: 2, Successful: 2} },
		"no hit, none asked for":    func(a *Answer) { a.Hits = 0 },
		"nothing matches, all seen": func(a *Answer) { a.Total, a.Hits = &Total{0, "eq"}, 0 },
	}
	for name, change := range fine {
		a := full()
		change(&a)
		if l := a.lack(); l != nil {
			t.Errorf("%s: lacks %q", name, l)
		}
	}
	yes := true
	wrong := map[string]func(*Answer){
		"another status":              func(a *Answer) { a.Status = 206 },
		"no word of time":             func(a *Answer) { a.TimedOut = nil },
		"out of time, total exact":    func(a *Answer) { a.TimedOut = &yes },
		"no shards":                   func(a *Answer) { a.Shards = nil },
		"no shard asked":              func(a *Answer) { a.Shards = &Shards{} },
		"one missing, none failed":    func(a *Answer) { a.Shards.Successful = 7 },
		"one failed":                  func(a *Answer) { a.Shards.Failed = 1 },
		"a cluster skipped":           func(a *Answer) { a.Clusters = &Clusters{Total: 2, Successful: 1, Skipped: 1} },
		"a cluster silent":            func(a *Answer) { a.Clusters = &Clusters{Total: 2, Successful: 1} },
		"no total":                    func(a *Answer) { a.Total = nil },
		"a total that is a bound":     func(a *Answer) { a.Total.Relation = "gte" },
		"a total without relation":    func(a *Answer) { a.Total.Relation = "" },
		"a total that is not counted": func(a *Answer) { a.Total.Value, a.Hits = -1, 0 },
		"more hits than the total":    func(a *Answer) { a.Hits = 4 },
		"hits that ended early":       func(a *Answer) { a.Terminated = true },
	}
	for name, change := range wrong {
		a := full()
		change(&a)
		if l := a.lack(); len(l) == 0 {
			t.Errorf("%s: lacks nothing", name)
		}
	}
}

const whole = `{"took":3,"timed_out":false,"_shards":{"total":2,"successful":2,"skipped":1,"failed":0},"pit_id":"p\u0041","hits":{"total":{"value":1,"relation":"eq"},"max_score":null,"hits":[{"_index":"a-1","_id":"x","_score":null,"_source":{"a":"}]"},"sort":[1735689600123456789,"k"]}]}}`

func answered(status int, media, body string) reply {
	return reply{status: status, header: map[string][]string{"Content-Type": {media}}, body: []byte(body)}
}

func TestReadPage(t *testing.T) {
	p, err := readPage(answered(200, "application/json; charset=UTF-8", whole))
	if err != nil || len(p.lack()) != 0 || p.view != "pA" || len(p.documents) != 1 {
		t.Fatalf("%+v, %v", p, err)
	}
	d := p.documents[0]
	if string(d.index) != "a-1" || string(d.id) != "x" || string(d.source) != `{"a":"}]"}` || string(d.sort) != `[1735689600123456789,"k"]` {
		t.Errorf("document %s %s %s %s", d.index, d.id, d.source, d.sort)
	}
	if p, err := readPage(answered(200, "application/json", strings.Replace(whole, `{"value":1,"relation":"eq"}`, "1", 1))); err != nil || len(p.lack()) != 0 {
		t.Errorf("a total as a number: %v, %v", p.lack(), err)
	}
	t.Run("cut at every byte", func(t *testing.T) {
		for n := range len(whole) {
			if p, err := readPage(answered(200, "application/json", whole[:n])); err == nil && len(p.lack()) == 0 {
				t.Fatalf("the first %d bytes pass as a complete answer", n)
			}
		}
	})
	for name, r := range map[string]reply{
		"a sign-in page":        answered(200, "text/html", "<html>sign in</html>"),
		"a page that says JSON": answered(200, "application/json", "<html>sign in</html>"),
		"JSON that says text":   answered(200, "text/plain", whole),
		"nothing":               answered(200, "application/json", ""),
		"an empty object":       answered(200, "application/json", "{}"),
		"a list":                answered(200, "application/json", "["+whole+"]"),
		"two documents":         answered(200, "application/json", whole+whole),
		"a member twice":        answered(200, "application/json", strings.Replace(whole, `"took":3`, `"timed_out":true`, 1)),
		"a total of text":       answered(200, "application/json", strings.Replace(whole, `"value":1`, `"value":"1"`, 1)),
		"no list of hits":       answered(200, "application/json", `{"timed_out":false,"_shards":{"total":1,"successful":1,"failed":0},"hits":{"total":0}}`),
		"an error":              answered(503, "application/json", `{"error":{"root_cause":[],"type":"search_phase_execution_exception","reason":"","caused_by":{"type":"x","reason":"Search rejected due to missing shards [[red-1][0]]"}},"status":503}`),
	} {
		if p, err := readPage(r); err == nil {
			t.Errorf("%s passes: %+v", name, p)
		}
	}
}

func TestRefusals(t *testing.T) {
	tests := map[string]struct {
		reply reply
		says  string
	}{
		"a page":     {answered(200, "text/html", "<html>"), "web page"},
		"text":       {answered(401, "text/plain", "Unauthorized"), "does not accept the credentials"},
		"nothing":    {answered(503, "", ""), "could not answer (status 503)"},
		"a string":   {answered(400, "application/json", `{"error":"no handler found for uri [/x]"}`), "does not understand"},
		"OpenSearch": {answered(403, "application/json", `{"error":{"root_cause":[{"type":"security_exception","reason":"no permissions for [indices:data/read/search] and User [name=x]"}],"type":"security_exception"},"status":403}`), "the right indices:data/read/search is missing"},
		"Elastic":    {answered(403, "application/json", `{"error":{"root_cause":[{"type":"security_exception","reason":"action [indices:data/read/search] is unauthorized for user [x] with roles [x] on indices [kubeaudit-2025.04], this"}],"type":"security_exception"},"status":403}`), "indices:data/read/search on kubeaudit-2025.04 is missing"},
		"cause":      {answered(503, "application/json", `{"error":{"root_cause":[],"type":"x","reason":"","caused_by":{"type":"x","reason":"Search rejected due to missing shards [[red-1][0]]"}}}`), "shards are missing"},
		"no index":   {answered(404, "application/json", `{"error":{"root_cause":[{"type":"index_not_found_exception","reason":"no such index [x]"}],"type":"index_not_found_exception"}}`), "no index that matches"},
		"elsewhere":  {answered(302, "", ""), "leads elsewhere"},
	}
	for name, test := range tests {
		if got := refused(test.reply).sentence(); !strings.Contains(got, test.says) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestReadRoot(t *testing.T) {
	with := func(r reply, name, value string) reply {
		r.header.Set(name, value)
		return r
	}
	const open = "The OpenSearch Project: https://opensearch.org/"
	tests := map[string]struct {
		reply reply
		want  Server
		known bool
	}{
		"OpenSearch":               {answered(200, "application/json", `{"cluster_uuid":"u","version":{"distribution":"opensearch","number":"2.19.3"},"tagline":"`+open+`"}`), Server{OpenSearch, "2.19.3", "u"}, true},
		"one that claims to be 7":  {answered(200, "application/json", `{"version":{"number":"7.10.2"},"tagline":"`+open+`"}`), Server{Product: OpenSearch}, true},
		"OpenSearch by its header": {with(answered(403, "", ""), "X-Opensearch-Version", "OpenSearch/3.4.0 (opensearch)"), Server{Product: OpenSearch, Version: "3.4.0"}, true},
		"Elasticsearch":            {answered(200, "application/json", `{"version":{"number":"7.10.2"},"tagline":"You Know, for Search"}`), Server{Product: Elasticsearch, Version: "7.10.2"}, true},
		"one without GET /":        {with(answered(405, "application/json", `{"error":"no"}`), "X-Elastic-Product", "Elasticsearch"), Server{Product: Elasticsearch}, true},
		"another service":          {answered(200, "application/json", `{"tagline":"Hello"}`), Server{}, false},
		"a web page":               {answered(200, "text/html", `<html>`), Server{}, false},
		"refused":                  {answered(403, "application/json", `{}`), Server{}, false},
	}
	for name, test := range tests {
		if got, known := readRoot(test.reply); got != test.want || known != test.known {
			t.Errorf("%s: %+v, %v", name, got, known)
		}
	}
	if !older("2.9.0", "2.19.3") || older("2.19.3", "2.19.3") || older("3.0.0", "2.19.3") {
		t.Error("versions are compared as text")
	}
}

func TestMatches(t *testing.T) {
	for _, yes := range [][2]string{{"a*", "a-1"}, {"*", "x"}, {"a-*-b", "a-1-b"}, {"a", "a"}, {"*b*", "abc"}} {
		if !matches(yes[0], yes[1]) {
			t.Errorf("%s does not match %s", yes[0], yes[1])
		}
	}
	for _, no := range [][2]string{{"a*", "b"}, {"a", "ab"}, {"a-*-b", "a-1-c"}, {"a*a", "a"}} {
		if matches(no[0], no[1]) {
			t.Errorf("%s matches %s", no[0], no[1])
		}
	}
}

func TestSignatureOfAWS(t *testing.T) {
	// The example of "Signing AWS API requests" in the AWS General Reference.
	c := Credentials{AWSAccessKey: "AKIDEXAMPLE", AWSSecretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", AWSRegion: "us-east-1", AWSService: "iam"}
	r := awsExample(t)
	got := c.authorization(r.request, hash(nil), r.at, []string{"content-type", "host", "x-amz-date"})
	if !strings.HasSuffix(got, "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7") {
		t.Error(got)
	}
	if !slices.Contains(strings.Split(got, " "), "Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request,") {
		t.Error(got)
	}
}
