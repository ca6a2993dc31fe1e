package kubernetes_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"logreeve/connectors"
	"logreeve/connectors/kubernetes"
)

// witness reads a record with encoding/json alone, the plain way: exact names,
// of two members with one name the last, what has another type is not there.
// It answers nil where the line is no record, and knows nothing of lists.
func witness(line []byte) map[string]string {
	var raw map[string]json.RawMessage
	reader := json.NewDecoder(bytes.NewReader(line))
	reader.UseNumber()
	var m map[string]any
	if json.Unmarshal(line, &raw) != nil || reader.Decode(&m) != nil {
		return nil
	}
	kind, version := str(m["kind"]), str(m["apiVersion"])
	at := cmp.Or(instant(m["requestReceivedTimestamp"]), instant(m["stageTimestamp"]), instant(m["timestamp"]), instant(obj(m["metadata"])["creationTimestamp"]))
	if kind != "" && kind != "Event" || version != "" && !strings.HasPrefix(version, "audit.k8s.io/") || str(m["auditID"]) == "" || str(m["stage"]) == "" || at == 0 {
		return nil
	}
	user, effective, object, status := obj(m["user"]), obj(m["impersonatedUser"]), obj(m["objectRef"]), obj(m["responseStatus"])
	code := ""
	if n, ok := status["code"].(json.Number); ok && n[0] >= '1' && n[0] <= '9' {
		code = string(n)
	}
	reason := str(status["message"])
	if reason == "" {
		reason = str(status["reason"])
	}
	as, asGroups := str(effective["username"]), strs(effective["groups"])
	if as == "" || as == str(user["username"]) {
		as, asGroups = "", nil
	}
	credential := ""
	if ids, ok := obj(user["extra"])["authentication.kubernetes.io/credential-id"].([]any); ok && len(ids) > 0 {
		credential = str(ids[0])
	}
	dry := false
	if u, err := url.Parse(str(m["requestURI"])); err == nil {
		dry = slices.ContainsFunc(u.Query()["dryRun"], func(s string) bool { return s != "" })
	}
	outcome := connectors.Failed
	switch {
	case code == "401", code == "403", str(obj(m["annotations"])["authorization.k8s.io/decision"]) == "forbid":
		outcome = connectors.Denied
	case len(code) == 3 && code[0] <= '3':
		outcome = connectors.OK
	case code == "":
		outcome = connectors.Unknown
	}
	return map[string]string{
		"level": str(m["level"]), "stage": str(m["stage"]), "audit id": str(m["auditID"]), "URI": str(m["requestURI"]), "verb": str(m["verb"]),
		"user agent": str(m["userAgent"]), "login": str(user["username"]), "groups": fmt.Sprint(strs(user["groups"])), "credential": credential,
		"effective": as, "effective groups": fmt.Sprint(asGroups), "addresses": fmt.Sprint(strs(m["sourceIPs"])),
		"resource": str(object["resource"]), "namespace": str(object["namespace"]), "name": str(object["name"]), "group": str(object["apiGroup"]),
		"version": str(object["apiVersion"]), "subresource": str(object["subresource"]), "code": code, "reason": reason,
		"request": body(raw["requestObject"]), "response": body(raw["responseObject"]), "time": at.String(), "logged": instant(m["stageTimestamp"]).String(),
		"cluster": str(m["cluster.name"]), "outcome": string(outcome), "dry run": fmt.Sprint(dry),
	}
}

func str(v any) string { s, _ := v.(string); return s }

func obj(v any) map[string]any { m, _ := v.(map[string]any); return m }

func strs(v any) (out []string) {
	list, _ := v.([]any)
	for _, x := range list {
		if s := str(x); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func instant(v any) connectors.Instant {
	t, err := time.Parse(time.RFC3339Nano, str(v))
	if err != nil {
		return 0
	}
	return connectors.At(t)
}

// body is what a body says: pipelines write bodies as strings, too.
func body(raw json.RawMessage) string {
	var s string
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return ""
	case raw[0] == '"':
		if json.Unmarshal(raw, &s) != nil || s == "none" && string(raw) == `"none"` {
			return ""
		}
		return s
	}
	return string(raw)
}

func testimony(e *connectors.Event) map[string]string {
	return map[string]string{
		"level": e.Level, "stage": e.Stage, "audit id": e.NativeID(), "URI": e.URI(), "verb": e.Verb, "user agent": e.UserAgent(), "login": e.Login,
		"groups": fmt.Sprint(e.Groups), "credential": e.Credential, "effective": e.Effective, "effective groups": fmt.Sprint(e.EffGroups),
		"addresses": fmt.Sprint(e.Addresses), "resource": e.Object.Resource, "namespace": e.Object.Namespace, "name": e.Name(), "group": e.Object.Group,
		"version": e.Object.Version, "subresource": e.Object.Subresource, "code": e.Code, "reason": e.Reason(), "request": string(e.Request()),
		"response": string(e.Response()), "time": e.Time.String(), "logged": e.Logged.String(), "cluster": e.Cluster, "outcome": string(e.Outcome),
		"dry run": fmt.Sprint(e.DryRun),
	}
}

// disagreement says where the parser and encoding/json read a valid line
// otherwise, "" where they agree.
func disagreement(p *kubernetes.Parser, line []byte) string {
	var shape struct{ Kind any }
	if !json.Valid(line) || json.Unmarshal(line, &shape) == nil && shape.Kind == "EventList" {
		return ""
	}
	want := witness(line)
	events, err := p.Parse(line, connectors.Ref{}, nil)
	switch {
	case (err != nil) != (want == nil):
		return fmt.Sprintf("%v; encoding/json reads %v", err, want)
	case err != nil:
		return ""
	}
	got := testimony(&events[0])
	for what := range want {
		if got[what] != want[what] {
			return fmt.Sprintf("%s is %q, want %q", what, got[what], want[what])
		}
	}
	return ""
}

// FuzzAgreement holds the parser against encoding/json over whatever comes.
func FuzzAgreement(f *testing.F) {
	for _, l := range recording(f)[:10] {
		f.Add(l)
	}
	for seed := range uint64(10) {
		f.Add(strange(rand.New(rand.NewPCG(seed, 1))))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		if fault := disagreement(kubernetes.NewParser(), line); fault != "" {
			t.Errorf("%s\n%s", fault, line)
		}
	})
}

// TestStrangeRecordsAgree reads thousands of records with members in any order,
// doubled, escaped, missing and of other types, through one parser, whose
// memories must not leak from one record into the next.
func TestStrangeRecordsAgree(t *testing.T) {
	p := kubernetes.NewParser()
	read := 0
	for seed := range uint64(4000) {
		line := strange(rand.New(rand.NewPCG(seed, 3)))
		if !json.Valid(line) {
			t.Fatalf("not valid: %s", line)
		}
		if fault := disagreement(p, line); fault != "" {
			t.Fatalf("seed %d: %s\n%s", seed, fault, line)
		}
		if witness(line) != nil {
			read++
		}
	}
	if read < 1500 {
		t.Errorf("only %d records were read: the test says little", read)
	}
}

// strange writes a record of known members with usual and unusual values.
func strange(r *rand.Rand) []byte {
	words := func(list ...string) func() string {
		return func() string { return quoted(r, list[r.IntN(len(list))]) }
	}
	name := words("", "alice", "alice@example.com", "system:serviceaccount:a:b", "é", "system:anonymous")
	list := func(of func() string) func() string {
		return func() string {
			parts := []string{}
			for range r.IntN(4) {
				parts = append(parts, of())
			}
			return "[" + strings.Join(parts, " , ") + "]"
		}
	}
	object := func(members map[string]func() string) func() string {
		return func() string {
			var parts []string
			for _, key := range slices.Sorted(maps.Keys(members)) {
				for range []int{0, 1, 1, 1, 1, 1, 2}[r.IntN(7)] {
					value := members[key]()
					if r.IntN(25) == 0 { // of another type
						value = []string{"null", "7", "true", `"x"`, "[]", "{}", `[null,"y",3]`, `{"username":5}`}[r.IntN(8)]
					}
					parts = append(parts, quoted(r, key)+[]string{":", " : ", ":\t"}[r.IntN(3)]+value)
				}
			}
			r.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
			return "{" + strings.Join(parts, []string{",", ", ", " ,\n"}[r.IntN(3)]) + "}"
		}
	}
	times := words("2026-11-20T09:00:00.000001Z", "2026-11-20T23:59:59.999999Z", "2026-11-21T09:00:00Z", "2026-11-20T09:00:00.123456789+02:00", "2026-02-30T09:00:00.000001Z", "2026-11-20T24:00:00.000001Z", "soon")
	who := object(map[string]func() string{
		"username": name, "groups": list(name), "uid": name,
		"extra": object(map[string]func() string{"authentication.kubernetes.io/credential-id": list(name)}),
	})
	bodies := func() string {
		return []string{`{"spec":{"a":[1,"}"]}}`, "null", `""`, `"none"`, `"{\"kind\":\"Pod\"}"`, `"no\u006ee"`, "[]"}[r.IntN(7)]
	}
	return []byte(object(map[string]func() string{
		"kind": words("Event", "Event", "Event", ""), "apiVersion": words("audit.k8s.io/v1", "audit.k8s.io/v1", "audit.k8s.io/v1beta1", ""), "level": words("Metadata", "Request"),
		"auditID": words("a", "b-c"), "stage": words("ResponseComplete", "Panic"), "requestURI": words("/api?dryRun=All", "/api?dryRun=", "/api", "/%zz?dryRun=All", "/a?b=1&dryRun=All#c", "/a?dry%52un=All", "/a?b=dryRun", "/a?b=%25&dryRun=None#c"),
		"verb": words("get", "create", "delete"), "user": who, "impersonatedUser": who, "sourceIPs": list(words("10.0.0.1", "::1", "")), "userAgent": name,
		"objectRef": object(map[string]func() string{
			"resource": words("pods", "secrets"), "namespace": name, "name": name, "apiGroup": words("", "apps"), "apiVersion": words("v1"), "subresource": words("", "exec", "log"),
		}),
		"responseStatus": object(map[string]func() string{
			"metadata": func() string { return "{}" }, "code": func() string { return []string{"200", "403", "0", "2e2", "1000", "-1"}[r.IntN(6)] },
			"message": name, "reason": words("", "Forbidden", "NotFound"),
		}),
		"requestObject": bodies, "responseObject": bodies, "requestReceivedTimestamp": times, "stageTimestamp": times, "timestamp": times,
		"metadata":     object(map[string]func() string{"creationTimestamp": times}),
		"annotations":  object(map[string]func() string{"authorization.k8s.io/decision": words("allow", "forbid"), "authorization.k8s.io/reason": words("forbid", "")}),
		"cluster.name": words("one", "two"),
	})())
}

// quoted writes a string with some of its letters as escapes.
func quoted(r *rand.Rand, s string) string {
	if r.IntN(6) > 0 {
		j, _ := json.Marshal(s)
		return string(j)
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range s {
		if r.IntN(3) == 0 {
			fmt.Fprintf(&b, `\u%04x`, c)
		} else {
			b.WriteRune(c)
		}
	}
	return b.String() + `"`
}

// TestKnownBeginningsAgree: what a parser learnt of how records begin must not
// hide what comes later in them.
func TestKnownBeginningsAgree(t *testing.T) {
	p := kubernetes.NewParser()
	beginnings := []string{
		`{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata",`, `{"level":"Request","kind":"Event",`,
		`{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request", `, `{"kind":"Other","apiVersion":"audit.k8s.io/v1",`, `{"level":"Metadata",`,
	}
	for _, b := range beginnings {
		if fault := disagreement(p, []byte(b+`"auditID":"a","stage":"Panic","stageTimestamp":"2026-11-21T09:00:00Z"}`)); fault != "" {
			t.Fatal(fault)
		}
	}
	read := 0
	for seed := range uint64(4000) {
		line := append([]byte(beginnings[seed%5]), strange(rand.New(rand.NewPCG(seed, 7)))[1:]...)
		if fault := disagreement(p, line); fault != "" {
			t.Fatalf("seed %d: %s\n%s", seed, fault, line)
		}
		if witness(line) != nil {
			read++
		}
	}
	if read < 1000 {
		t.Errorf("only %d records were read: the test says little", read)
	}
}
