package policy_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"logreeve/connectors"
	"logreeve/connectors/kubernetes"
	"logreeve/reports/policy"
)

// request is one request as it stands in an audit log; what is empty gets a
// default that makes a successful change of one Kubernetes policy.
type request struct {
	at                int // seconds after the beginning
	took              int // seconds until the answer
	id                string
	verb, user        string
	group, version    string
	resource, sub     string
	namespace, name   string
	cluster           bool // the object has no namespace
	code              int
	query             string
	request, response string
	message           string
}

var begin = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

func at(seconds int) connectors.Instant {
	return connectors.At(begin.Add(time.Duration(seconds) * time.Second))
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// event makes the event that the log's parser makes of the request.
func (r request) event(t testing.TB) *connectors.Event {
	t.Helper()
	if r.code == 0 {
		r.code = 200
		if r.verb == "create" {
			r.code = 201
		}
	}
	ref := map[string]string{
		"apiGroup": or(r.group, "networking.k8s.io"), "apiVersion": or(r.version, "v1"), "resource": or(r.resource, "networkpolicies"),
	}
	if r.resource == "namespaces" {
		delete(ref, "apiGroup")
	}
	if !r.cluster {
		ref["namespace"] = or(r.namespace, "shop")
	}
	if r.verb != "deletecollection" {
		ref["name"] = or(r.name, "p")
	}
	if r.sub != "" {
		ref["subresource"] = r.sub
	}
	line := map[string]any{
		"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse", "stage": "ResponseComplete",
		"auditID":    or(r.id, fmt.Sprintf("%d-%s-%s-%s%s", r.at, r.verb, r.name, r.group, r.namespace)),
		"requestURI": "/apis/x" + r.query, "verb": r.verb, "user": map[string]any{"username": or(r.user, "alice@example.com")},
		"sourceIPs": []string{"192.0.2.7"}, "objectRef": ref,
		"responseStatus":           map[string]any{"code": r.code, "message": r.message},
		"requestReceivedTimestamp": begin.Add(time.Duration(r.at) * time.Second).Format("2006-01-02T15:04:05.000000Z"),
		"stageTimestamp":           begin.Add(time.Duration(r.at+r.took) * time.Second).Format("2006-01-02T15:04:05.000000Z"),
	}
	if r.request != "" {
		line["requestObject"] = json.RawMessage(r.request)
	}
	if r.response != "" {
		line["responseObject"] = json.RawMessage(r.response)
	}
	raw, err := json.Marshal(line)
	if err != nil {
		t.Fatal(err)
	}
	events, err := kubernetes.NewParser().Parse(raw, connectors.Ref{}, nil)
	if err != nil || len(events) != 1 {
		t.Fatalf("%s: %v", raw, err)
	}
	e := events[0].Keep()
	(&connectors.Attribution{}).Apply(e)
	return e
}

// of makes the body of a policy.
func of(spec string, meta ...string) string {
	name, more := "p", ""
	for _, m := range meta {
		more += "," + m
	}
	return fmt.Sprintf(`{"kind":"NetworkPolicy","apiVersion":"networking.k8s.io/v1","metadata":{"name":%q%s},"spec":%s}`, name, more, spec)
}

func observe(t testing.TB, baseline []policy.State, requests ...request) *policy.History {
	t.Helper()
	h := policy.NewHistory(baseline)
	for _, r := range requests {
		h.Observe(r.event(t))
	}
	return h
}

const (
	denyAll  = `{"podSelector":{},"policyTypes":["Ingress","Egress"]}`
	allowAll = `{"podSelector":{},"ingress":[{}],"policyTypes":["Ingress","Egress"]}`
)
