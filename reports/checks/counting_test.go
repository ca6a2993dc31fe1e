package checks_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/checks"
	"logreeve/reports/roster"
)

// store is a source that counts as a search store does: exactly, in whole
// milliseconds, and without a filter it reads nothing that nobody asked for.
type store struct {
	connectors.Source
	read *int64 // events delivered
}

func (s store) View(_ context.Context, q connectors.Query) (connectors.View, error) {
	return &held{s: s, q: q}, nil
}

type held struct {
	s store
	q connectors.Query
}

func (h *held) Close(context.Context) {}

func (h *held) each(ctx context.Context, do func(*connectors.Event)) (connectors.Completeness, error) {
	return h.s.Source.Read(ctx, h.q, func(batch []connectors.Event) error {
		for i := range batch {
			do(&batch[i])
		}
		return nil
	})
}

func (h *held) Group(ctx context.Context, f connectors.Filter, by ...string) ([]connectors.Group, error) {
	if h.s.Kind() != connectors.Kubernetes {
		return nil, connectors.ErrUncountable
	}
	m, err := connectors.Compile(f)
	if err != nil {
		return nil, err
	}
	found := map[string]*connectors.Group{}
	var order []string
	_, err = h.each(ctx, func(e *connectors.Event) {
		if !h.q.Window.Contains(e.Time) || !m.Match(e) {
			return
		}
		only := connectors.Event{Kind: e.Kind, Category: e.Category, Source: e.Source}
		uri := ""
		for _, name := range by {
			switch name {
			case "login":
				only.Login = e.Login
			case "effective":
				only.Effective = e.Effective
			case "client_ip":
				only.Addresses = []string{e.ClientIP}
			case "resource":
				only.Object.Resource = e.Object.Resource
			case "group":
				only.Object.Group = e.Object.Group
			case "namespace":
				only.Object.Namespace = e.Object.Namespace
			case "verb":
				only.Verb = e.Verb
			case "level":
				only.Level = e.Level
			case "uri":
				uri = e.URI()
			default:
				panic("the store of this test does not group by " + name)
			}
		}
		if uri != "" {
			b, _ := json.Marshal(uri)
			only.SetRaw(b, connectors.Ref{})
			only.SetText(connectors.TextURI, 1, len(b)-2, true)
		}
		id := fmt.Sprint(only.Login, "\x00", only.Effective, "\x00", only.Addresses, "\x00", only.Object, "\x00", only.Verb, "\x00", only.Level, "\x00", uri)
		ms := e.Time / 1000 * 1000
		if found[id] == nil {
			found[id] = &connectors.Group{Event: only, First: ms, Last: ms}
			order = append(order, id)
		}
		g := found[id]
		g.Count, g.First, g.Last = g.Count+1, min(g.First, ms), max(g.Last, ms)
	})
	var out []connectors.Group
	for _, id := range order {
		out = append(out, *found[id])
	}
	return out, err
}

func (h *held) Read(ctx context.Context, f, lead connectors.Filter, emit func([]connectors.Event) error) (connectors.Completeness, error) {
	m, err := connectors.Compile(f)
	if err != nil {
		return connectors.Completeness{}, err
	}
	before, err := connectors.Compile(lead)
	if err != nil {
		return connectors.Completeness{}, err
	}
	var inWindow int64
	c, err := h.s.Source.Read(ctx, h.q, func(batch []connectors.Event) error {
		var wanted []connectors.Event
		for i := range batch {
			e := &batch[i]
			in := h.q.Window.Contains(e.Time)
			if in {
				inWindow++
			}
			if in && m.Match(e) || !in && before.Match(e) {
				wanted = append(wanted, *e)
			}
		}
		*h.s.read += int64(len(wanted))
		return emit(wanted)
	})
	c.Counted = inWindow
	return c, err
}

// counting makes stores of sources.
func counting(sources []connectors.Source) (stores []connectors.Source, read *int64) {
	read = new(int64)
	for _, s := range sources {
		stores = append(stores, store{s, read})
	}
	return stores, read
}

// sameWhenCounted runs the checks once more over sources that count, and holds
// that they find the same.
func sameWhenCounted(t *testing.T, in reports.Input, want []reports.Result) {
	t.Helper()
	in.Sources, _ = counting(in.Sources)
	out, err := reports.Engine{}.Run(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		if a, b := plainly(t, want[i]), plainly(t, out.Results[i]); a != b {
			t.Errorf("%s counted in a store finds\n%s\nand else\n%s", want[i].Check, b, a)
		}
	}
}

// plainly writes a result, without the words of the gates: what was read is told
// differently.
func plainly(t *testing.T, r reports.Result) string {
	t.Helper()
	r.Gates = append([]reports.Gate{}, r.Gates...)
	for i := range r.Gates {
		r.Gates[i].Detail = ""
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A scout that wants too little makes a difference that is seen, and the scouts
// of the catalogue spare most of the recording.
func TestScoutsSpareReading(t *testing.T) {
	in := reports.Input{
		Sources: open(t, recordings+"real-cluster/audit.ndjson"), Checks: checks.All(), Roster: roster.New(recordedRoster(t)),
		Tickets: defaultTickets(), Now: today,
	}
	whole, err := reports.Engine{}.Run(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	sources := in.Sources
	stores, read := counting(sources)
	in.Sources = stores
	ledger := reports.NewLedger()
	in.Watch = []reports.Watcher{ledger.Watcher()}
	if _, err := (reports.Engine{}).Run(context.Background(), in); err != nil {
		t.Fatal(err)
	}
	var all int64
	for _, s := range whole.Sources {
		all += s.InWindow
	}
	if *read == 0 || *read > all/2 {
		t.Errorf("%d of %d events were read", *read, all)
	}
	if len(ledger.Sightings()) == 0 {
		t.Error("nobody was sighted")
	}
	t.Run("control", func(t *testing.T) {
		in.Checks = checks.All()
		blind := 0
		for i := range in.Checks {
			if in.Checks[i].Scout != nil {
				in.Checks[i].Scout = &reports.Scout{By: in.Checks[i].Scout.By, Wants: func(*reports.Scope) func(*connectors.Event) bool {
					return func(*connectors.Event) bool { return false }
				}}
			}
		}
		out, err := reports.Engine{}.Run(context.Background(), in)
		if err != nil {
			t.Fatal(err)
		}
		for i := range out.Results {
			if plainly(t, out.Results[i]) != plainly(t, whole.Results[i]) {
				blind++
			}
		}
		if blind < 5 {
			t.Errorf("only %d checks find something else when their scouts want nothing", blind)
		}
	})
	t.Run("a scout that fails", func(t *testing.T) {
		c, _ := checks.Find("IDN-02")
		c.Scout = &reports.Scout{By: []string{"login"}, Wants: func(*reports.Scope) func(*connectors.Event) bool {
			return func(*connectors.Event) bool { panic("no") }
		}}
		in.Checks, in.Watch = []reports.Check{c}, nil
		out, err := reports.Engine{}.Run(context.Background(), in)
		if err != nil || out.Results[0].Outcome != reports.Errored || !strings.Contains(out.Results[0].Reason, "itself failed") {
			t.Errorf("%v %+v", err, out)
		}
	})
}
