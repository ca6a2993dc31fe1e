package stores_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"logreeve/reports/checks"
	"logreeve/reports/roster"
)

// million is how many events the wide form of the transfer test has.
const million = 1_000_000

// What a run may receive of a store: a part of what is indexed, and the
// documents that violate something, with room for what is counted.
const (
	mostOfIndexed = 0.02
	mostOfFound   = 1.5
	mostBesides   = 5 << 20
)

// few is a question to which few of the made-up events are an answer: everybody
// who works is on the roster, and production is what few touch.
func few(t testing.TB) question {
	t.Helper()
	s := generatedRoster(t)
	s.People[7].LeftAt = 0
	people := func(format string, n int) {
		for i := range n {
			name := fmt.Sprintf(format, i)
			s.People = append(s.People, roster.Person{
				ID: name, Email: name, Name: name, Principals: []roster.Principal{{System: "k8s", Pattern: name}},
			})
		}
	}
	people("netops%02d@corp.example", 6)
	people("adm-%02d@corp.example", 10)
	people("roamer%02d@corp.example", 60)
	people("contractor%02d@vendor.example", 40)
	var entries []roster.Entry
	for _, e := range s.Registers.Entries {
		if e.Register != roster.ProdScope {
			entries = append(entries, e)
		}
	}
	s.Registers.Entries = append(entries, roster.Entry{Register: roster.ProdScope, Value: "namespace:kube-system"})
	return question{
		checks: checks.All(), roster: s, now: time.Date(2025, 3, 4, 12, 0, 0, 0, time.UTC),
		params: map[string]map[string]string{"ACC-02": {"count": "50"}}, // more than a planted burst has
	}
}

// found is what a file finds to a question: the documents that are in an item.
type found struct {
	question  question
	events    int64
	documents int
	bytes     int64
}

func finds(t testing.TB, q question, l log) found {
	t.Helper()
	a := ask(t, q, l.files(t, q.clock))
	lines := map[int64]bool{}
	for _, r := range a.outcomes.Results {
		for _, i := range r.Items {
			if int64(len(i.Evidence)) != i.Count {
				t.Fatalf("%s: %d events of %q are found and %d named: what a run must receive is not known", r.Check, i.Count, i.Subject, len(i.Evidence))
			}
			for _, e := range i.Evidence {
				lines[e.Record.Ref.Line] = true
			}
		}
	}
	f := found{question: q, events: a.outcomes.Sources[0].Events, documents: len(lines)}
	line := int64(0)
	eachLine(t, l[0].path, func(b []byte) {
		if line++; lines[line] {
			f.bytes += int64(len(b))
		}
	})
	if n := int64(f.documents); n < f.events/4000 || n > f.events/1000 {
		t.Fatalf("%d of %d events are found, about one of 2000 should be", n, f.events)
	}
	return f
}

// transfer runs the catalogue over a store and measures what it receives: as
// the run says it, and between it and the server.
func transfer(t *testing.T, f found, store filled) {
	wire := tap(t, store.server.URL)
	a := ask(t, f.question, store.sources(t, wire.address, f.question.clock))
	s := a.outcomes.Sources[0]
	received := wire.received.Load()
	part := float64(received) / float64(store.bytes)
	t.Logf("%d events, %d bytes indexed; %d documents of %d bytes in items; %d requests, %d bytes received as the run says, %d between (%.2f %%), %d sent; %.1f s",
		f.events, store.bytes, f.documents, f.bytes, s.Requests, s.BytesReceived, received, part*100, wire.sent.Load(), a.took.Seconds())
	if s.InWindow != f.events || len(s.Problems) > 0 {
		t.Errorf("%d events of %d, problems %+v", s.InWindow, f.events, s.Problems)
	}
	// Between run and server there are headers, too.
	if s.BytesReceived > received || received-s.BytesReceived > s.Requests*1024 {
		t.Errorf("the run says that it received %d bytes in %d requests; %d went through", s.BytesReceived, s.Requests, received)
	}
	if !pushedDown {
		return
	}
	if part > mostOfIndexed {
		t.Errorf("%.2f %% of the indexed bytes are received, %.0f %% are allowed", part*100, mostOfIndexed*100)
	}
	if most := int64(mostOfFound*float64(f.bytes)) + mostBesides; received > most {
		t.Errorf("%d bytes are received for %d bytes of documents in items, %d are allowed", received, f.bytes, most)
	}
}

// wire is what goes between a client and a server.
type wire struct {
	address        string // of the near end
	received, sent atomic.Int64
}

// tap puts a proxy before a server that counts every byte, until the test ends.
func tap(t testing.TB, address string) *wire {
	t.Helper()
	target, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	near, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{address: "http://" + near.Addr().String()}
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			client, err := near.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil {
				continue
			}
			server, err := net.Dial("tcp", target.Host)
			if err != nil {
				_ = client.Close()
				continue
			}
			both := func(to, from net.Conn, n *atomic.Int64) {
				_, _ = io.Copy(counted{to, n}, from)
				_ = to.Close()
				_ = from.Close()
			}
			wait.Go(func() { both(client, server, &w.received) })
			wait.Go(func() { both(server, client, &w.sent) })
			t.Cleanup(func() { _ = client.Close() })
		}
	})
	t.Cleanup(wait.Wait)
	t.Cleanup(func() { _ = near.Close() })
	return w
}

// counted counts what is written.
type counted struct {
	to io.Writer
	n  *atomic.Int64
}

func (c counted) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.n.Add(int64(n))
	return n, err //nolint:wrapcheck // of a connection, for io.Copy
}
