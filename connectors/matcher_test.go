package connectors_test

import (
	"encoding/json"
	"testing"

	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/connectors/kubernetes"
)

const policyWrite = `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"a-1","stage":"ResponseComplete",
"requestURI":"/apis/networking.k8s.io/v1/namespaces/web/networkpolicies/allow?a=1\u0026dryRun=All","verb":"update",
"user":{"username":"alice@example.com","groups":["platform-admins","system:authenticated"]},"sourceIPs":["203.0.113.9","10.1.2.3"],
"userAgent":"kubectl/v1","objectRef":{"resource":"networkpolicies","namespace":"web","name":"allow","apiGroup":"networking.k8s.io","apiVersion":"v1"},
"responseStatus":{"metadata":{},"code":200},"requestReceivedTimestamp":"2026-11-20T22:30:00.000000Z","stageTimestamp":"2026-11-20T22:30:00.100000Z",
"annotations":{"authorization.k8s.io/decision":"allow","x.io/ticket":"CHG-1"},
"requestObject":{"metadata":{"labels":{"a.b/c":"v"}},"spec":{"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/8"}}]},{"ports":[{"port":80}]}],"egress":[],"empty":""}},
"responseObject":{"items":[{"metadata":{"name":"one"}},{"metadata":{"name":"two"}}],"count":7}}`

func event(t testing.TB, record string) *connectors.Event {
	t.Helper()
	events, err := kubernetes.NewParser().Parse([]byte(record), connectors.Ref{}, nil)
	if err != nil || len(events) != 1 {
		t.Fatalf("%d events: %v", len(events), err)
	}
	var a *connectors.Attribution
	a.Apply(&events[0])
	return &events[0]
}

func TestMatcher(t *testing.T) {
	e := event(t, policyWrite)
	in, not := connectors.In, connectors.Not
	hour := func(v ...string) connectors.Filter { return connectors.Filter{Op: connectors.OpHour, Values: v} }
	for _, c := range []struct {
		name   string
		filter connectors.Filter
		want   bool
	}{
		{"all", connectors.Filter{}, true},
		{"and of nothing", connectors.And(), true},
		{"or of nothing", connectors.Or(), false},
		{"verb", in("verb", "create", "update"), true},
		{"other verb", in("verb", "create"), false},
		{"no values", in("verb"), false},
		{"empty equals nothing", in("subresource", ""), false},
		{"absent does not exist", connectors.Exists("subresource"), false},
		{"groups", in("groups", "platform-admins"), true},
		{"other group", connectors.Prefix("groups", "dev"), false},
		{"name", in("name", "allow"), true},
		{"escaped URI", connectors.Contains("uri", "1&dryRun"), true},
		{"prefix", connectors.Prefix("actor", "alice@"), true},
		{"suffix", connectors.Suffix("actor", "@example.com"), true},
		{"dry run", in("dry_run", "true"), true},
		{"range", connectors.Range("code", "200", "300"), true},
		{"range is half open", connectors.Range("code", "100", "200"), false},
		{"open range", connectors.Range("code", "", "201"), true},
		{"range of text", connectors.Range("verb", "0", ""), false},
		{"the last address counts", connectors.CIDR("client_ip", "10.0.0.0/8", "fd00::/8"), true},
		{"a single address", connectors.CIDR("client_ip", "203.0.113.9"), false},
		{"annotation", in("annotations.x.io/ticket", "CHG-1"), true},
		{"no such annotation", connectors.Exists("annotations.x.io/other"), false},
		{"any element", connectors.Exists("request.spec.ingress[*].from"), true},
		{"nested elements", in("request.spec.ingress[*].from[*].ipBlock.cidr", "10.0.0.0/8"), true},
		{"number", in("request.spec.ingress[*].ports[*].port", "80"), true},
		{"number in range", connectors.Range("response.count", "7", "8"), true},
		{"an array is no value", in("request.spec.ingress", "x"), false},
		{"an array without elements is empty", connectors.Exists("request.spec.egress"), false},
		{"an empty string is empty", connectors.Exists("request.spec.empty"), false},
		{"a quoted key", in(`request.metadata.labels["a.b/c"]`, "v"), true},
		{"later element", in("response.items[*].metadata.name", "two"), true},
		{"the body itself", connectors.Exists("response"), true},
		{"hour", hour("22", "23"), true},
		{"hour wraps", hour("20", "6"), true},
		{"hour outside", hour("6", "20"), false},
		{"hour in a zone", hour("23", "24", "Europe/Paris"), true},
		{"any address", in("addresses", "203.0.113.9"), true},
		{"the first address is a claim", in("claimed_ip", "203.0.113.9"), true},
		{"every element", connectors.Every(connectors.Prefix("response.items[*].metadata.name", "o", "t")), true},
		{"not every element", connectors.Every(connectors.Prefix("response.items[*].metadata.name", "o")), false},
		{"every of nothing", connectors.Every(in("request.spec.egress[*].to", "x")), true},
		{"every group", connectors.Every(connectors.Prefix("groups", "system:", "platform-")), true},
		{"not every group", connectors.Every(connectors.Prefix("groups", "system:")), false},
		{"every of one", connectors.Every(in("verb", "get")), false},
		{"not", not(in("verb", "update")), false},
		{"or", connectors.Or(in("verb", "x"), in("resource", "networkpolicies")), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := connectors.Compile(c.filter)
			if err != nil {
				t.Fatal(err)
			}
			if got := m.Match(e); got != c.want {
				t.Errorf("Match = %t, want %t", got, c.want)
			}
			both, err := connectors.CompileAll([]connectors.Filter{connectors.Not(c.filter), c.filter})
			if err != nil {
				t.Fatal(err)
			}
			if got := selected(both, e, 2); got[0] == c.want || got[1] != c.want {
				t.Errorf("a selection says %t, and %t of its contrary", got[1], got[0])
			}
		})
	}
}

func TestCompileNamesWhatIsWrong(t *testing.T) {
	for field, f := range map[string]connectors.Filter{
		"verbs":                 connectors.In("verbs", "x"),
		"annotations.":          connectors.Exists("annotations."),
		"request..x":            connectors.Exists("request..x"),
		"request.a[0]":          connectors.Exists("request.a[0]"),
		"requests":              connectors.Exists("requests"),
		"client_ip":             connectors.CIDR("client_ip", "10.0.0.0/99"),
		"code":                  connectors.Range("code", "two", ""),
		"hour":                  {Op: connectors.OpHour, Values: []string{"7", "7"}},
		"like":                  {Op: "like", Field: "verb"},
		"not":                   {Op: connectors.OpNot},
		"name":                  {Op: connectors.OpEvery, Field: "name"},
		"exists":                connectors.Every(connectors.Exists("groups")),
		"response.items[*]name": connectors.And(connectors.Exists("response.items[*]name")),
	} {
		_, err := connectors.Compile(f)
		if fault.KindOf(err) != fault.Invalid || fault.FieldOf(err) != field {
			t.Errorf("%s: error %v names %q", field, err, fault.FieldOf(err))
		}
	}
}

func TestFilterIsData(t *testing.T) {
	var f connectors.Filter
	if err := json.Unmarshal([]byte(`{"op":"and","args":[{"op":"in","field":"verb","values":["update"]},{"op":"not","args":[{"op":"exists","field":"subresource"}]}]}`), &f); err != nil {
		t.Fatal(err)
	}
	m, err := connectors.Compile(f)
	if err != nil || !m.Match(event(t, policyWrite)) {
		t.Errorf("the filter from JSON does not match: %v", err)
	}
}
