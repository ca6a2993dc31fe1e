package reports_test

import (
	"context"
	"fmt"
	"testing"

	"logreeve/connectors"
	"logreeve/reports"
)

// prepared is a source that hands out the same batch again and again, so that a
// benchmark measures the engine and nothing else.
type prepared struct {
	events []connectors.Event
	total  int
}

func (p *prepared) Name() string          { return "kubernetes" }
func (p *prepared) Kind() connectors.Kind { return connectors.Kubernetes }
func (p *prepared) Probe(context.Context) (connectors.Probe, error) {
	return connectors.Probe{}, nil
}

func (p *prepared) Read(_ context.Context, _ connectors.Query, emit func([]connectors.Event) error) (connectors.Completeness, error) {
	for n := 0; n < p.total; n += len(p.events) {
		if err := emit(p.events); err != nil {
			return connectors.Completeness{}, err
		}
	}
	return connectors.Completeness{}, nil
}

// busy makes the events of a usual cluster: components at work, a few people.
func busy() *prepared {
	verbs := []string{"get", "list", "watch", "update", "patch", "create", "get", "get"}
	resources := []string{"leases", "pods", "configmaps", "endpoints", "nodes", "events", "secrets", "deployments"}
	p := &prepared{}
	for i := range 2000 {
		d := deed{
			at: noon + connectors.Instant(i)*1000, verb: verbs[i%8], resource: resources[(i/8)%8], ns: fmt.Sprintf("ns-%d", i%7),
			login: fmt.Sprintf("system:serviceaccount:ns-%d:app-%d", i%7, i%31), name: "x",
		}
		if i%25 == 0 {
			d.login = fmt.Sprintf("user-%d@example.com", i%13)
		}
		if i%40 == 3 {
			d.outcome = connectors.Denied
		}
		e := d.event(i)
		(*connectors.Attribution)(nil).Apply(&e)
		p.events = append(p.events, e)
	}
	return p
}

// catalogue makes n checks that select as real ones do: by verb and resource,
// by outcome, by kind of actor; one in five wants something of most events.
func catalogue(n int) []reports.Check {
	selects := []connectors.Filter{
		connectors.And(connectors.In("resource", "secrets"), connectors.In("verb", "get", "list", "watch"), connectors.In("actor_kind", "human", "unknown")),
		connectors.And(connectors.In("outcome", "denied"), connectors.In("actor_kind", "human")),
		connectors.And(connectors.In("resource", "rolebindings", "clusterrolebindings"), connectors.In("verb", "create", "update", "patch", "delete"), connectors.In("outcome", "ok")),
		connectors.In("subresource", "exec", "attach", "portforward"),
		connectors.And(connectors.In("actor_kind", "human"), connectors.In("outcome", "ok"), connectors.Prefix("user_agent", "kubectl")),
	}
	var out []reports.Check
	for i := range n {
		c := secretReads()
		c.ID, c.Select, c.Type = fmt.Sprintf("C-%02d", i), selects[i%len(selects)], reports.RegisterT
		c.Needs.Witness = connectors.In("verb", "get")
		out = append(out, c)
	}
	return out
}

func BenchmarkEngine(b *testing.B) {
	for _, n := range []int{0, 1, 25, 50} {
		b.Run(fmt.Sprintf("checks=%d", n), func(b *testing.B) {
			source := busy()
			source.total = b.N
			in := input(secretReads(), source)
			in.Checks = catalogue(n)
			b.ReportAllocs()
			b.ResetTimer()
			if _, err := (reports.Engine{}).Run(context.Background(), in); err != nil {
				b.Fatal(err)
			}
		})
	}
}
