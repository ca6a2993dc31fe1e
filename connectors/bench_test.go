package connectors_test

import (
	"testing"

	"logreeve/connectors"
)

// BenchmarkMatcher asks one event what checks ask: of fields only, and of a body.
func BenchmarkMatcher(b *testing.B) {
	e := event(b, `{"auditID":"a","stage":"ResponseComplete","verb":"create","user":{"username":"alice@example.com"},"objectRef":{"resource":"pods","namespace":"web"},`+
		`"responseStatus":{"code":201},"requestReceivedTimestamp":"2026-11-20T09:00:00.000001Z","requestObject":{"spec":{"containers":[{"image":"a"},{"image":"b","securityContext":{"privileged":true}}]}}}`)
	for name, f := range map[string]connectors.Filter{
		"fields": connectors.And(connectors.In("resource", "pods", "secrets"), connectors.In("verb", "create", "update"), connectors.Prefix("login", "alice")),
		"body":   connectors.And(connectors.In("resource", "pods"), connectors.In("request.spec.containers[*].securityContext.privileged", "true")),
	} {
		m, err := connectors.Compile(f)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !m.Match(e) {
					b.Fatal("not selected")
				}
			}
		})
	}
}
