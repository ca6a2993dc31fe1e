package checks_test

import (
	"fmt"
	"testing"
	"time"

	"logreeve/connectors"
	"logreeve/connectors/kubernetes"
	"logreeve/reports"
	"logreeve/reports/checks"
	"logreeve/reports/roster"
)

// policyChecks are the checks that replay the writes on policies.
func policyChecks(tb testing.TB) (all []reports.Check) {
	tb.Helper()
	for _, id := range []string{"NET-01", "NET-02", "NET-03", "NET-06", "CHG-02"} {
		c, ok := checks.Find(id)
		if !ok {
			tb.Fatalf("there is no check %s", id)
		}
		all = append(all, c)
	}
	return all
}

// mixed are events of an API server of which three in a hundred write a network
// policy, each another specification than before, in turn on 200 policies.
func mixed(tb testing.TB, n int) []*connectors.Event {
	tb.Helper()
	begin := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	parser := kubernetes.NewParser()
	events := make([]*connectors.Event, 0, n)
	writes := 0
	for i := range n {
		at := begin.Add(time.Duration(i) * 10 * time.Millisecond).Format("2006-01-02T15:04:05.000000Z")
		verb, object, bodies := "get", `{"resource":"pods","namespace":"shop","name":"web-1","apiVersion":"v1"}`, ""
		if i%100 < 3 {
			name := fmt.Sprintf("allow-%d", writes%200)
			body := fmt.Sprintf(`{"kind":"NetworkPolicy","apiVersion":"networking.k8s.io/v1","metadata":{"name":%q,"namespace":"shop","uid":"u-%s","generation":%d,"annotations":{"example.org/ticket":"CHG-%d"},"labels":{"app":"web"}},`+
				`"spec":{"podSelector":{"matchLabels":{"app":"web"}},"ingress":[{"from":[{"podSelector":{"matchLabels":{"app":"api"}}},{"ipBlock":{"cidr":"10.0.0.0/8","except":["10.1.0.0/16"]}}],"ports":[{"protocol":"TCP","port":%d}]}],"egress":[{"to":[{"namespaceSelector":{"matchLabels":{"name":"db"}}}],"ports":[{"protocol":"TCP","port":5432}]}],"policyTypes":["Ingress","Egress"]}}`,
				name, name, 1+writes/200, writes, 1024+writes)
			verb, object = "update", fmt.Sprintf(`{"resource":"networkpolicies","namespace":"shop","name":%q,"apiGroup":"networking.k8s.io","apiVersion":"v1"}`, name)
			bodies = `,"requestObject":` + body + `,"responseObject":` + body
			writes++
		}
		line := fmt.Sprintf(`{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","stage":"ResponseComplete","auditID":"%08d-0000-4000-8000-000000000000","verb":%q,"requestURI":"/apis/x",`+
			`"user":{"username":"alice@example.com","groups":["system:authenticated"]},"sourceIPs":["192.0.2.7"],"userAgent":"kubectl","objectRef":%s,"responseStatus":{"code":200},"requestReceivedTimestamp":%q,"stageTimestamp":%q%s}`,
			i, verb, object, at, at, bodies)
		parsed, err := parser.Parse([]byte(line), connectors.Ref{}, nil)
		if err != nil || len(parsed) != 1 {
			tb.Fatalf("%s: %v", line, err)
		}
		e := parsed[0].Keep()
		(&connectors.Attribution{}).Apply(e)
		events = append(events, e)
	}
	return events
}

// BenchmarkPolicyChecks runs the checks on policies over events of which three
// in a hundred write one, without reading and parsing.
func BenchmarkPolicyChecks(b *testing.B) {
	events := mixed(b, 20_000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (reports.Engine{}).Run(b.Context(), reports.Input{
			Sources: []connectors.Source{replay{events: events, rounds: 1}}, Checks: policyChecks(b), Roster: &roster.Roster{},
			Tickets: connectors.TicketRule{Pattern: connectors.DefaultTicketPattern}, Now: today,
		}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(events)), "ns/event")
}
