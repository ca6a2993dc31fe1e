package reports_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/roster"
)

const second = connectors.Instant(1_000_000)

// noon is the time the tests' logs begin.
var noon = connectors.At(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC))

func after(d time.Duration) connectors.Instant { return noon.Add(d) }

// deed is one event of a test log.
type deed struct {
	at                        connectors.Instant
	kind                      connectors.Kind
	login, verb, resource, ns string
	name                      string
	outcome                   connectors.Outcome
	place                     string
	credential, address       string
}

func (d deed) event(n int) connectors.Event {
	if d.kind == "" {
		d.kind = connectors.Kubernetes
	}
	if d.outcome == "" {
		d.outcome = connectors.OK
	}
	e := connectors.Event{
		Kind: d.kind, Source: string(d.kind), Time: d.at, TimeBasis: connectors.Received, Category: connectors.CategoryAPI,
		Verb: d.verb, Outcome: d.outcome, Login: d.login, Credential: d.credential,
		Object: connectors.Object{Resource: d.resource, Namespace: d.ns},
	}
	if d.address != "" {
		e.Addresses = []string{d.address}
	}
	id := fmt.Sprintf("id-%d", n)
	raw := fmt.Sprintf(`{"auditID":"%s","name":"%s","verb":"%s"}`, id, d.name, d.verb)
	if d.kind == connectors.AuthLog {
		e.Category, e.Host = connectors.CategoryLogin, d.place
		raw = fmt.Sprintf("Nov 20 12:00:00 %s sshd[%d]: %s", d.place, n, d.login)
	} else {
		e.Cluster = d.place
	}
	e.SetRaw([]byte(raw), connectors.Ref{File: "memory", Line: int64(n)})
	if at := strings.Index(raw, id); at >= 0 {
		e.SetText(connectors.TextNativeID, at, len(id), false)
	}
	if at := strings.Index(raw, d.name); at >= 0 && d.name != "" {
		e.SetText(connectors.TextName, at, len(d.name), false)
	}
	e.SetIdentity(id, d.at.String(), d.login)
	return e
}

// memory is a source that holds its events.
type memory struct {
	name   string
	kind   connectors.Kind
	deeds  []deed
	batch  int
	broken func(*connectors.Completeness)
	fails  error
}

func log(deeds ...deed) *memory {
	return &memory{name: "kubernetes", kind: connectors.Kubernetes, deeds: deeds}
}

func (m *memory) Name() string                                    { return m.name }
func (m *memory) Kind() connectors.Kind                           { return m.kind }
func (m *memory) Probe(context.Context) (connectors.Probe, error) { return connectors.Probe{}, nil }
func (m *memory) Read(_ context.Context, q connectors.Query, emit func([]connectors.Event) error) (connectors.Completeness, error) {
	if m.fails != nil {
		return connectors.Completeness{}, m.fails
	}
	c := connectors.Completeness{Source: m.name, Kind: m.kind, Coverage: map[string]*connectors.Coverage{}}
	size := max(1, m.batch)
	var batch []connectors.Event
	for i, d := range m.deeds {
		d.kind = m.kind
		e := d.event(i + 1)
		q.Attribution.Apply(&e)
		c.Lines++
		c.Records++
		c.Events++
		if c.Oldest == 0 || e.Time < c.Oldest {
			c.Oldest = e.Time
		}
		c.Newest = max(c.Newest, e.Time)
		if !q.Window.Contains(e.Time) {
			continue
		}
		if c.First == 0 || e.Time < c.First {
			c.First = e.Time
		}
		c.Last = max(c.Last, e.Time)
		if c.Coverage[d.place] == nil {
			c.Coverage[d.place] = connectors.NewCoverage()
		}
		c.Coverage[d.place].Observe(e.Time)
		if batch = append(batch, e); len(batch) == size {
			if err := emit(batch); err != nil {
				return c, err
			}
			clear(batch) // what was handed out is no longer valid
			batch = batch[:0]
		}
	}
	if err := emit(batch); err != nil {
		return c, err
	}
	if m.broken != nil {
		m.broken(&c)
	}
	return c, nil
}

// input makes a run of one check over sources, read a day later.
func input(check reports.Check, sources ...connectors.Source) reports.Input {
	return reports.Input{
		Sources: sources, Checks: []reports.Check{check}, Roster: people(),
		Now: func() time.Time { return noon.Time().Add(24 * time.Hour) },
	}
}

func people() *roster.Roster {
	return roster.New(roster.Snapshot{
		TakenAt: noon, HasPeople: true, HasKeys: true,
		People: []roster.Person{
			{ID: "alice@example.com", Email: "alice@example.com", Name: "Alice"},
			{ID: "bob@example.com", Email: "bob@example.com", Name: "Bob", Principals: []roster.Principal{{System: "linux", Pattern: "bob"}}},
		},
		Keys: []roster.Key{{Fingerprint: "SHA256:alicekey", Owner: "alice@example.com"}},
	})
}

// each is an Observer of two functions.
type each struct {
	observe func(*connectors.Event)
	finish  func()
}

func (o each) Observe(e *connectors.Event) { o.observe(e) }
func (o each) Finish() {
	if o.finish != nil {
		o.finish()
	}
}

// secretReads reports every read of a secret, one item a person.
func secretReads() reports.Check {
	return reports.Check{
		ID: "PRV-04", Version: 1, Title: "Secrets read by people", Type: reports.Assertion, Severity: reports.High,
		Controls: []string{"8.3"},
		Select:   connectors.And(connectors.In("resource", "secrets"), connectors.In("verb", "get", "list")),
		Needs:    reports.Needs{Kinds: []connectors.Kind{connectors.Kubernetes}},
		Each: func(s *reports.Scope) reports.Observer {
			return each{observe: func(e *connectors.Event) {
				d := s.Item(e.Actor)
				d.Subject = e.Actor
				d.Add(e)
			}}
		},
	}
}
