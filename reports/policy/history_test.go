package policy_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"logreeve/connectors"
	"logreeve/reports/policy"
)

// tell writes a change in one line.
func tell(c policy.Change) string {
	var flags []string
	for name, set := range map[string]bool{
		"before unknown": !c.BeforeKnown, "content unknown": !c.ContentKnown, "as requested": c.AsRequested,
		"implied": c.Implied, "with namespace": c.WithNamespace, "missed": c.Missed,
		"uncovered": c.Uncovered, "supposed": c.Supposed(),
	} {
		if set {
			flags = append(flags, name)
		}
	}
	slices.Sort(flags)
	show := func(spec json.RawMessage) string {
		switch string(spec) {
		case "":
			return "-"
		case denyAll:
			return "deny"
		case allowAll:
			return "allow"
		}
		return string(spec)
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s by %s: %s > %s %s", c.Operation, c.Name, c.Actor, show(c.Before), show(c.After), strings.Join(flags, ", ")))
}

func TestChain(t *testing.T) {
	created := request{at: 1, verb: "create", response: of(denyAll, `"uid":"u1"`, `"generation":1`, `"labels":{"app":"web"}`)}
	tests := []struct {
		name      string
		requests  []request
		want      []string
		unchanged int
	}{
		{"an update after a creation", []request{created, {at: 2, verb: "update", response: of(allowAll)}},
			[]string{"created p by alice@example.com: - > deny", "modified p by alice@example.com: deny > allow"}, 0},
		{"an object never seen", []request{{verb: "update", response: of(allowAll)}},
			[]string{"modified p by alice@example.com: - > allow before unknown"}, 0},
		{"a deletion of an object never seen", []request{{verb: "delete"}},
			[]string{"deleted p by alice@example.com: - > - before unknown"}, 0},
		{"a deletion that answers with the object", []request{{verb: "delete", response: of(denyAll)}},
			[]string{"deleted p by alice@example.com: deny > -"}, 0},
		{"metadata only", []request{created, {at: 2, verb: "patch"}, {at: 3, verb: "update", response: of(allowAll)}},
			[]string{"created p by alice@example.com: - > deny", "modified p by alice@example.com: deny > - content unknown", "modified p by alice@example.com: - > allow before unknown"}, 0},
		{"an answer that was not recorded", []request{created, {at: 2, verb: "update", request: of(allowAll)}},
			[]string{"created p by alice@example.com: - > deny", "modified p by alice@example.com: deny > allow as requested"}, 0},
		{"a merge patch without its answer", []request{created, {at: 2, verb: "patch", request: `{"spec":{"policyTypes":["Ingress"]}}`}},
			[]string{"created p by alice@example.com: - > deny", `modified p by alice@example.com: deny > {"podSelector":{},"policyTypes":["Ingress"]} as requested`}, 0},
		{"a JSON patch without its answer", []request{created, {at: 2, verb: "patch", request: `[{"op":"remove","path":"/spec/policyTypes/1"}]`}},
			[]string{"created p by alice@example.com: - > deny", `modified p by alice@example.com: deny > {"podSelector":{},"policyTypes":["Ingress"]} as requested`}, 0},
		{"an apply without its answer", []request{created, {at: 2, verb: "patch", request: of(allowAll)}},
			[]string{"created p by alice@example.com: - > deny", "modified p by alice@example.com: deny > - content unknown"}, 0},
		{"a patch that creates", []request{{verb: "patch", code: 201, response: of(denyAll)}},
			[]string{"created p by alice@example.com: - > deny"}, 0},
		{"the same in another order", []request{created, {at: 2, verb: "update", response: of(`{"policyTypes":["Egress","Ingress"],"podSelector":{}}`)}},
			[]string{"created p by alice@example.com: - > deny"}, 1},
		{"a label on an object never seen", []request{{verb: "patch", request: `{"metadata":{"labels":{"a":"b"}}}`, response: of(denyAll)}, {at: 2, verb: "delete"}},
			[]string{"deleted p by alice@example.com: deny > -"}, 1},
		{"the same generation though unknown", []request{created, {at: 2, verb: "patch"},
			{at: 3, verb: "update", response: of(allowAll, `"uid":"u1"`, `"generation":2`)}, {at: 4, verb: "update", response: of(allowAll, `"uid":"u1"`, `"generation":2`)}},
			[]string{"created p by alice@example.com: - > deny", "modified p by alice@example.com: deny > - content unknown", "modified p by alice@example.com: - > allow before unknown"}, 1},
		{"a change that the log lacks", []request{created, {at: 2, verb: "update", response: of(allowAll, `"uid":"u1"`, `"generation":3`)}},
			[]string{"created p by alice@example.com: - > deny", "modified p by alice@example.com: - > allow before unknown, missed"}, 0},
		{"an object made anew without a record", []request{created, {at: 2, verb: "update", response: of(allowAll, `"uid":"u2"`, `"generation":1`)}},
			[]string{"created p by alice@example.com: - > deny", "modified p by alice@example.com: - > allow before unknown, missed"}, 0},
		{"status and dry runs", []request{created, {at: 2, verb: "update", sub: "status", response: of(allowAll)}, {at: 3, verb: "update", query: "?dryRun=All", response: of(allowAll)}},
			[]string{"created p by alice@example.com: - > deny"}, 0},
		{"refused writes", []request{created, {at: 2, verb: "update", code: 422, request: of(allowAll)}, {at: 3, verb: "update", response: of(allowAll)}},
			[]string{"created p by alice@example.com: - > deny", "modified p by alice@example.com: deny > allow"}, 0},
		{"what the API server makes itself", []request{{verb: "create", user: "system:apiserver", response: of(denyAll)}, {at: 2, verb: "update", response: of(allowAll)}},
			[]string{"modified p by alice@example.com: deny > allow"}, 0},
		{"a legacy group", []request{{at: 1, verb: "create", group: "extensions", version: "v1beta1", response: of(denyAll)}, {at: 2, verb: "update", response: of(allowAll)}},
			[]string{"created p by alice@example.com: - > deny", "modified p by alice@example.com: deny > allow"}, 0},
		{"waiting for finalizers", []request{created, {at: 2, verb: "delete", response: of(denyAll, `"uid":"u1"`, `"deletionTimestamp":"2026-11-20T09:00:02Z"`)},
			{at: 3, verb: "patch", response: of(denyAll, `"uid":"u1"`, `"deletionTimestamp":"2026-11-20T09:00:02Z"`)}},
			[]string{"created p by alice@example.com: - > deny", "deleted p by alice@example.com: deny > -"}, 1},
		{"a collection listed in the answer", []request{created, {at: 2, verb: "deletecollection", response: `{"kind":"NetworkPolicyList","metadata":{},"items":[{"metadata":{"name":"q","namespace":"shop"},"spec":` + allowAll + `}]}`}},
			[]string{"created p by alice@example.com: - > deny", "deleted q by alice@example.com: allow > -"}, 0},
		{"a collection of known objects", []request{created, {at: 1, verb: "create", name: "q", response: of(allowAll)}, {at: 1, verb: "create", namespace: "other", response: of(allowAll)}, {at: 2, verb: "deletecollection"}},
			[]string{"created p by alice@example.com: - > allow", "created p by alice@example.com: - > deny", "created q by alice@example.com: - > allow", "deleted p by alice@example.com: deny > -", "deleted q by alice@example.com: allow > -"}, 0},
		{"a collection chosen by label", []request{created, {at: 1, verb: "create", name: "q", response: of(allowAll)}, {at: 2, verb: "deletecollection", query: "?labelSelector=app+in+(web,api),!x"}},
			[]string{"created p by alice@example.com: - > deny", "created q by alice@example.com: - > allow", "deleted p by alice@example.com: deny > -"}, 0},
		{"a collection that nobody knows", []request{{verb: "deletecollection"}},
			[]string{"deleted  by alice@example.com: - > - before unknown, content unknown"}, 0},
		{"an empty collection", []request{{verb: "deletecollection", response: `{"kind":"NetworkPolicyList","metadata":{},"items":[]}`}}, nil, 0},
		{"a namespace without further records", []request{created, {at: 1, verb: "create", namespace: "other", name: "q", response: of(allowAll)}, {at: 2, verb: "delete", resource: "namespaces", name: "shop", namespace: "shop"}},
			[]string{"created p by alice@example.com: - > deny", "created q by alice@example.com: - > allow", "deleted p by alice@example.com: deny > - implied, with namespace"}, 0},
		{"a namespace and its controller", []request{created, {at: 2, verb: "delete", resource: "namespaces", name: "shop"}, {at: 3, verb: "deletecollection", user: "system:serviceaccount:kube-system:namespace-controller"}},
			[]string{"created p by alice@example.com: - > deny", "deleted p by system:serviceaccount:kube-system:namespace-controller: deny > - with namespace"}, 0},
		{"a namespace that comes again", []request{created, {at: 2, verb: "delete", resource: "namespaces", name: "shop"}, {at: 9, verb: "create", response: of(allowAll)}},
			[]string{"created p by alice@example.com: - > deny", "deleted p by alice@example.com: deny > - implied, with namespace", "created p by alice@example.com: - > allow"}, 0},
		{"requests that overlap", []request{created, {at: 2, took: 5, verb: "update", user: "slow", response: of(denyAll, `"resourceVersion":"9"`)}, {at: 3, verb: "update", user: "fast", response: of(allowAll, `"resourceVersion":"8"`)}},
			[]string{"created p by alice@example.com: - > deny", "modified p by slow: allow > deny", "modified p by fast: deny > allow"}, 0},
		{"the same instant", []request{created, {at: 2, id: "z", verb: "update", response: of(allowAll, `"resourceVersion":"7"`)}, {at: 2, id: "a", verb: "update", response: of(denyAll, `"resourceVersion":"10"`)}},
			[]string{"created p by alice@example.com: - > deny", "modified p by alice@example.com: allow > deny", "modified p by alice@example.com: deny > allow"}, 0},
		{"an event seen twice", []request{created, created}, []string{"created p by alice@example.com: - > deny"}, 0},
		{"other objects", []request{{verb: "create", resource: "ingresses", response: of(denyAll)}, {verb: "delete", group: "apps", resource: "networkpolicies"}}, nil, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			report := observe(t, nil, test.requests...).Report()
			var got []string
			for _, c := range report.Changes {
				got = append(got, tell(c))
			}
			sorted := slices.Clone(test.want)
			if test.name == "a collection of known objects" || test.name == "a collection chosen by label" || strings.HasPrefix(test.name, "a namespace without") || test.name == "the same instant" {
				slices.Sort(got) // of the same instant, told in the order of their keys
				slices.Sort(sorted)
			}
			if !slices.Equal(got, sorted) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(sorted, "\n"))
			}
			if report.Summary.Unchanged != test.unchanged {
				t.Errorf("%d unchanged, want %d", report.Summary.Unchanged, test.unchanged)
			}
		})
	}
}

func TestCalicoIdentity(t *testing.T) {
	spec := `{"selector":"a","types":["Ingress"]}`
	v1 := request{at: 1, verb: "create", group: "crd.projectcalico.org", name: "default.p", response: of(spec)}
	v3 := request{at: 2, verb: "update", group: "projectcalico.org", version: "v3", name: "p", response: of(`{"selector":"b","types":["Ingress"]}`)}
	h := observe(t, nil, v1, v3)
	changes := h.Changes()
	if len(changes) != 2 || string(changes[1].Before) != spec || changes[0].Object() != changes[1].Object() {
		t.Fatalf("%+v", changes)
	}
	if changes[0].Name != "default.p" || changes[0].API != "crd.projectcalico.org/v1" || changes[1].Name != "p" {
		t.Errorf("names are not as in the events: %s %s", changes[0].Name, changes[1].Name)
	}
	if len(h.States()) != 1 {
		t.Errorf("%d states", len(h.States()))
	}
	named := v1
	named.name, named.response = "x", of(spec, `"annotations":{"projectcalico.org/metadata":"{\"name\":\"p\",\"labels\":{\"a\":\"b\"}}"}`)
	if other := observe(t, nil, named).Changes()[0]; other.Object() != changes[0].Object() {
		t.Errorf("the name inside the annotation is not used: %s", other.Object())
	}
	if tier := observe(t, nil, request{verb: "create", group: "projectcalico.org", version: "v3", resource: "tiers", name: "default.x", cluster: true}).Changes()[0]; tier.Object() != "projectcalico.org/Tier/-/default.x" {
		t.Errorf("a tier is called %s", tier.Object())
	}
}

// A v3 request, audited without bodies, and what Calico's server stores for it.
func TestTwins(t *testing.T) {
	front := request{at: 5, took: 1, verb: "create", group: "projectcalico.org", version: "v3"}
	behind := request{at: 5, verb: "create", group: "crd.projectcalico.org", name: "default.p", user: "system:serviceaccount:calico-apiserver:calico-apiserver",
		response: of(`{"selector":"a"}`, `"annotations":{"x/ticket":"CHG-1"}`)}
	for _, order := range [][]request{{front, behind}, {behind, front}} {
		h := observe(t, nil, order...)
		for range 2 { // also when it is asked again
			changes := h.Changes()
			if len(changes) != 1 || changes[0].Actor != "alice@example.com" || string(changes[0].After) != `{"selector":"a"}` || changes[0].API != "projectcalico.org/v3" || changes[0].Ticket != "CHG-1" {
				t.Fatalf("%+v", changes)
			}
			h.Observe(request{at: 60, verb: "create", name: "q"}.event(t))
			if len(h.Changes()) != 2 {
				t.Fatalf("%+v", h.Changes())
			}
			h = observe(t, nil, order...)
		}
	}
	late := behind
	late.at = 60
	if changes := observe(t, nil, front, late).Changes(); len(changes) != 2 {
		t.Errorf("a write a minute later was taken for the same: %+v", changes)
	}
}

func TestTicketSource(t *testing.T) {
	annotated := func(ticket string) string { return of(allowAll, `"annotations":{"x/ticket":"`+ticket+`"}`) }
	tests := []struct {
		name, request, response, ticket string
		source                          policy.TicketSource
	}{
		{"object", annotated("A-1"), annotated("A-1"), "A-1", policy.FromRequest},
		{"merge patch", `{"metadata":{"annotations":{"x/ticket":"A-1"}},"spec":{}}`, annotated("A-1"), "A-1", policy.FromRequest},
		{"JSON patch of one", `[{"op":"add","path":"/metadata/annotations/x~1ticket","value":"A-1"}]`, annotated("A-1"), "A-1", policy.FromRequest},
		{"JSON patch of all", `[{"op":"replace","path":"/metadata/annotations","value":{"x/ticket":"A-1"}}]`, annotated("A-1"), "A-1", policy.FromRequest},
		{"JSON patch that takes it away", `[{"op":"remove","path":"/metadata/annotations/x~1ticket"}]`, of(allowAll), "", policy.NoTicket},
		{"manifest of an apply", `{"metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"metadata\":{\"annotations\":{\"x/ticket\":\"A-1\"}}}"}},"spec":{}}`, annotated("A-1"), "A-1", policy.FromRequest},
		{"inherited", `{"spec":{}}`, annotated("A-1"), "A-1", policy.Inherited},
		{"inherited under a JSON patch", `[{"op":"add","path":"/spec/ingress","value":[{}]}]`, annotated("A-1"), "A-1", policy.Inherited},
		{"another one was asked for", `{"metadata":{"labels":{"ticket":"B-2"}}}`, annotated("A-1"), "A-1", policy.Inherited},
		{"none", `{"spec":{}}`, of(allowAll), "", policy.NoTicket},
		{"null in the patch", `{"metadata":{"annotations":{"x/ticket":null}}}`, of(allowAll), "", policy.NoTicket},
		{"by its form", `{"spec":{}}`, of(allowAll, `"labels":{"change":"CHG-12"}`), "CHG-12", policy.Inherited},
		{"answer not recorded", annotated("A-1"), "", "A-1", policy.FromRequest},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := observe(t, nil, request{verb: "patch", request: test.request, response: test.response}).Changes()
			if len(c) == 0 { // the patch cannot have changed the specification
				c = observe(t, nil, request{verb: "create", request: test.request, response: test.response}).Changes()
			}
			if len(c) != 1 || c[0].Ticket != test.ticket || c[0].TicketSource != test.source {
				t.Errorf("%+v, want %q from %s", c, test.ticket, test.source)
			}
		})
	}
	deleted := observe(t, nil, request{verb: "delete", response: annotated("A-1")}).Changes()[0]
	if deleted.Ticket != "" || deleted.TicketSource != policy.NoTicket {
		t.Errorf("a deletion has ticket %q", deleted.Ticket)
	}
}

func TestAttempts(t *testing.T) {
	h := observe(t, nil,
		request{at: 3, verb: "update", code: 403, message: "not you"},
		request{at: 2, verb: "create", code: 422, request: of(allowAll)},
		request{at: 1, verb: "delete", code: 403, query: "?dryRun=All"},
		request{at: 4, verb: "update", code: 409, sub: "status"},
		request{at: 5, verb: "delete", code: 404, resource: "namespaces", name: "shop"},
	)
	var got []string
	for _, a := range h.Attempts() {
		got = append(got, strings.TrimSpace(fmt.Sprint(a.Operation, " ", a.Outcome, " ", a.Code, " ", a.Name, " ", a.Reason)))
	}
	if want := []string{"created failed 422 p", "modified denied 403 p not you"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if s := h.Summary(); s.DryRun != 1 || s.Attempts != 2 {
		t.Errorf("%+v", s)
	}
}

func TestWindow(t *testing.T) {
	h := observe(t, nil,
		request{at: 1, verb: "create", response: of(denyAll)}, request{at: 2, verb: "update", response: of(denyAll)}, request{at: 2, verb: "update", query: "?dryRun=All"},
		request{at: 10, verb: "update", response: of(allowAll)}, request{at: 20, verb: "delete"})
	r := h.ReportWithin(connectors.Window{From: at(10), To: at(20)})
	if len(r.Changes) != 1 || tell(r.Changes[0]) != "modified p by alice@example.com: deny > allow" || r.Summary != (policy.Summary{Modified: 1}) {
		t.Errorf("%+v", r)
	}
}

// What a history leaves is what the next one starts from, also through JSON.
func TestStatesContinue(t *testing.T) {
	events := recorded(t)
	whole := historyOf(nil, events).Changes()
	needed := false
	for cut := range len(events) {
		without := lines(historyOf(nil, events[cut:]).Changes())
		needed = needed || !slices.Equal(without, lines(whole)[len(whole)-len(without):])
		first := historyOf(nil, events[:cut])
		stored, err := json.Marshal(first.States())
		if err != nil {
			t.Fatal(err)
		}
		var states []policy.State
		if err := json.Unmarshal(stored, &states); err != nil {
			t.Fatal(err)
		}
		got := append(first.Changes(), historyOf(states, events[cut:]).Changes()...)
		if !reflect.DeepEqual(lines(got), lines(whole)) {
			t.Fatalf("cut at %d: got\n%s\nwant\n%s", cut, strings.Join(lines(got), "\n"), strings.Join(lines(whole), "\n"))
		}
	}
	if !needed {
		t.Error("the states make no difference: the test proves nothing")
	}
}

func lines(changes []policy.Change) (all []string) {
	for _, c := range changes {
		all = append(all, tell(c))
	}
	return all
}

// The order in which events come makes no difference.
func TestOrderOfArrival(t *testing.T) {
	events := recorded(t)
	same := slices.Clone(events)
	for i, e := range same { // many at one instant: their versions tell the order
		k := e.Keep()
		k.Time -= k.Time % 1_000_000
		k.Logged = k.Time
		same[i] = k
	}
	for name, events := range map[string][]*connectors.Event{"recorded": events, "equal times": same} {
		want, states := lines(historyOf(nil, events).Changes()), historyOf(nil, events).States()
		for seed := range uint64(20) {
			shuffled := slices.Clone(events)
			rand.New(rand.NewPCG(seed, 1)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			h := historyOf(nil, shuffled)
			if got := lines(h.Changes()); !slices.Equal(got, want) {
				t.Fatalf("%s: got\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if got := h.States(); !reflect.DeepEqual(got, states) {
				t.Fatalf("%s: other states", name)
			}
		}
	}
}

// A controller that writes the same for ever does not make the history grow.
func TestRepetitionsAreBounded(t *testing.T) {
	const writes = 20_000
	made := func(same bool) (policy.Summary, uint64) {
		h := policy.NewHistory(nil)
		h.Observe(request{verb: "create", response: of(denyAll)}.event(t))
		e := request{at: 1, verb: "update", response: of(denyAll)}.event(t)
		other := request{at: 1, verb: "update", response: of(allowAll)}.event(t)
		before := inUse()
		for i := range writes {
			k := *e
			if !same && i%2 == 0 {
				k = *other
			}
			k.Time = at(1 + i)
			k.Logged = k.Time
			h.Observe(&k)
		}
		grown := inUse() - before
		return h.Summary(), grown
	}
	s, grown := made(true)
	if s.Unchanged != writes || s.Modified != 0 {
		t.Errorf("%+v", s)
	}
	if grown > 1<<20 {
		t.Errorf("%d writes that change nothing take %d bytes", writes, grown)
	}
	// The control: changes are kept.
	if s, all := made(false); s.Modified != writes || all < 2<<20 {
		t.Errorf("changes: %+v in %d bytes", s, all)
	}
}

func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestReportAsJSON(t *testing.T) {
	b, err := json.Marshal(observe(t, nil, request{verb: "create", response: of(denyAll)}).Report())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"summary":{"numCreatedPolicies":1,"numModifiedPolicies":0,"numDeletedPolicies":0,"unchanged":0,"dry_run":0`,
		`"ticket":null`, `"ticket_source":"none"`, `"before_known":true`, `"before":null`, `"after":` + denyAll, `"event":{"key":"`, `"native_id":"0-create--"`,
		`"operation":"created"`, `"api":"networking.k8s.io/v1"`, `"kind":"NetworkPolicy"`, `"namespace":"shop"`, `"name":"p"`, `"actor_kind":"human"`, `"client_ip":"192.0.2.7"`, `"attempts":[]`,
	} {
		if !strings.Contains(string(b), want) {
			t.Errorf("%s is not in %s", want, b)
		}
	}
	var back policy.Report
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if again, err := json.Marshal(back); err != nil || !bytes.Equal(again, b) {
		t.Errorf("came back as %s, %v", again, err)
	}
	empty, err := json.Marshal(policy.NewHistory(nil).Report())
	if err != nil || !strings.Contains(string(empty), `"changes":[],"attempts":[]`) {
		t.Errorf("%s %v", empty, err)
	}
}
