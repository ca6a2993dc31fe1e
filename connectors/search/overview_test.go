package search_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/connectors/search"
	"logreeve/connectors/searchtest"
)

// The recording lies within these two minutes.
var (
	overviewFrom = connectors.At(time.Date(2026, 11, 20, 9, 10, 0, 0, time.UTC))
	overviewTo   = connectors.At(time.Date(2026, 11, 20, 9, 12, 0, 0, time.UTC))
)

// made are records on the edges of what is counted, from one of the recording.
func made(t testing.TB, base []byte) [][]byte {
	t.Helper()
	var out [][]byte
	add := func(change func(r map[string]any)) {
		var r map[string]any
		if err := json.Unmarshal(base, &r); err != nil {
			t.Fatal(err)
		}
		r["auditID"] = fmt.Sprintf("made-%03d", len(out))
		r["requestReceivedTimestamp"], r["stageTimestamp"] = "2026-11-20T09:11:30.000000Z", "2026-11-20T09:11:30.100000Z"
		change(r)
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	status := func(r map[string]any, code int, message string) {
		r["responseStatus"] = map[string]any{"metadata": map[string]any{}, "code": code, "message": message, "reason": "Other"}
	}
	for _, code := range []int{399, 400, 401, 403, 499, 500, 599, 600} {
		add(func(r map[string]any) { status(r, code, "connection failed: an error") })
	}
	add(func(r map[string]any) { delete(r, "annotations") })
	add(func(r map[string]any) { r["annotations"] = map[string]any{"other.example.org/note": "unknown"} })
	add(func(r map[string]any) {
		delete(r, "annotations")
		delete(r, "responseStatus")
		r["stage"] = "RequestReceived"
	})
	add(func(r map[string]any) { // a request for no resource
		delete(r, "objectRef")
		r["verb"], r["user"], r["requestURI"] = "get", map[string]any{"username": "alice@example.com, of \"x\""}, "/healthz"
	})
	// On the bounds: the first is in the window, the second is not any more.
	add(func(r map[string]any) { r["requestReceivedTimestamp"] = "2026-11-20T09:10:00.000000Z" })
	add(func(r map[string]any) { r["requestReceivedTimestamp"] = "2026-11-20T09:12:00.000000Z" })
	// Of the two minutes before, and before those.
	for _, at := range []string{"2026-11-20T09:09:59.999000Z", "2026-11-20T09:08:00.000000Z", "2026-11-20T09:07:00.000000Z"} {
		add(func(r map[string]any) {
			r["requestReceivedTimestamp"] = at
			status(r, 500, "Internal error occurred: denied")
		})
	}
	return out
}

// welkinDocuments is the recording with the made records, as Welkin keeps them.
func auditDocuments(t testing.TB, p pipeline) [][]byte {
	t.Helper()
	lines := recorded(t, "real-cluster/audit.ndjson")
	lines = append(slices.Clone(lines), made(t, lines[1])...)
	var out [][]byte
	for _, line := range lines {
		var record map[string]any
		if err := json.Unmarshal(line, &record); err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(p.document(record, string(line)))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

func pipelineOf(t testing.TB, name string) pipeline {
	t.Helper()
	all := pipelines()
	i := slices.IndexFunc(all, func(p pipeline) bool { return p.profile == name })
	if i < 0 {
		t.Fatal(name)
	}
	return all[i]
}

// hand asks a server as a person would, and gives the answer's number at a path.
func hand(t testing.TB, s searchtest.Server, pattern, body string) (answer struct {
	Hits struct {
		Total json.RawMessage
		Hits  []struct {
			Source map[string]json.RawMessage `json:"_source"`
			ID     string                     `json:"_id"`
		}
	}
	Aggregations map[string]struct {
		Buckets []struct {
			Key   any   `json:"key"`
			Count int64 `json:"doc_count"`
			Below struct {
				Buckets []struct {
					Key   string `json:"key"`
					Count int64  `json:"doc_count"`
				} `json:"buckets"`
			} `json:"below"`
		} `json:"buckets"`
	}
}) {
	t.Helper()
	if err := json.Unmarshal(s.Must(t, http.MethodPost, "/"+pattern+"/_search?track_total_hits=true", []byte(body)), &answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

// handCount is how many documents a query of a person finds.
func handCount(t testing.TB, s searchtest.Server, pattern, filters string) int64 {
	t.Helper()
	var counted struct{ Count int64 }
	if err := json.Unmarshal(s.Must(t, http.MethodPost, "/"+pattern+"/_count", []byte(`{"query":{"bool":{"filter":[`+filters+`]}}}`)), &counted); err != nil {
		t.Fatal(err)
	}
	return counted.Count
}

const (
	inPeriod  = `{"range":{"requestReceivedTimestamp":{"gte":"2026-11-20T09:10:00.000Z","lt":"2026-11-20T09:12:00.000Z"}}}`
	before    = `{"range":{"requestReceivedTimestamp":{"gte":"2026-11-20T09:08:00.000Z","lt":"2026-11-20T09:10:00.000Z"}}}`
	completed = `{"term":{"stage.keyword":"ResponseComplete"}}`
	decided   = `annotations.authorization.k8s.io/decision`
)

func overview(t testing.TB, s *search.Source, q connectors.OverviewQuery) *connectors.Overview {
	t.Helper()
	if q.Window == (connectors.Window{}) {
		q.Window = connectors.Window{From: overviewFrom, To: overviewTo}
	}
	o, err := s.Overview(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestOverviewEqualsQueriesByHand compares every number with what a person gets
// who asks the same of the store, in Welkin's shape.
func TestOverviewEqualsQueriesByHand(t *testing.T) {
	for _, version := range searchtest.Versions() {
		t.Run(version, func(t *testing.T) {
			server := searchtest.Start(t, version)
			pattern := server.Prefix(t) + "-1"
			server.Create(t, pattern, 3, "")
			server.Load(t, pattern, auditDocuments(t, pipelineOf(t, "welkin")))
			s := open(t, search.Config{Name: "store", URL: server.URL, Pattern: pattern, Profile: "welkin"}, search.Options{})
			o := overview(t, s, connectors.OverviewQuery{})
			if len(o.Problems) > 0 || o.Lack != "" || o.Unsettled != (overviewTo > connectors.At(time.Now().Add(-2*time.Hour))) {
				t.Fatalf("problems %+v, lack %q, unsettled %v", o.Problems, o.Lack, o.Unsettled)
			}
			same := func(name string, got connectors.Tally, filters ...string) {
				t.Helper()
				want := handCount(t, server, pattern, strings.Join(filters, ","))
				if got != (connectors.Tally{Count: want}) {
					t.Errorf("%s: %+v, by hand %d", name, got, want)
				}
			}
			same("records", o.Records, inPeriod)
			same("all API requests", o.Requests, inPeriod, completed)
			same("forbid error", o.Forbidden, inPeriod, `{"term":{"`+decided+`.keyword":"forbid"}}`)
			same("client error", o.ClientErrors, inPeriod, `{"range":{"responseStatus.code":{"gte":400,"lt":500}}}`)
			same("server error", o.ServerErrors, inPeriod, `{"range":{"responseStatus.code":{"gte":500,"lt":600}}}`)
			// The bounds of Welkin's dashboards count 399 in, and 499 twice.
			if upstream := handCount(t, server, pattern, inPeriod+`,{"range":{"responseStatus.code":{"gte":399,"lt":500}}}`); upstream != o.ClientErrors.Count+1 {
				t.Errorf("from 399 on there are %d, from 400 on %d: the edge is not in the test", upstream, o.ClientErrors.Count)
			}
			if upstream := handCount(t, server, pattern, inPeriod+`,{"range":{"responseStatus.code":{"gte":499,"lt":600}}}`); upstream != o.ServerErrors.Count+1 {
				t.Errorf("from 499 on there are %d, from 500 on %d: the edge is not in the test", upstream, o.ServerErrors.Count)
			}
			audited(t, server, pattern, o, inPeriod, same)
			if o.Audit.Undecided.Count != 35+3 {
				t.Errorf("%d without a decision, 35 are recorded and 3 made", o.Audit.Undecided.Count)
			}
			for i, w := range connectors.Keywords() {
				query := `{"multi_match":{"query":"` + w + `","fields":["responseStatus.reason","responseStatus.message","annotations.authorization.k8s.io/reason"]}}`
				if w >= "400" && w <= "599" {
					query = `{"term":{"responseStatus.code":` + w + `}}`
				}
				same(w, o.Words.Words[i].Now, inPeriod, query)
				same(w+" before", o.Words.Words[i].Before, before, query)
			}
			same("records before", o.Words.Records, before)
			if o.Words.Records.Count != 2 || o.Words.Words[slices.Index(connectors.Keywords(), "denied")].Before.Count != 2 {
				t.Errorf("before: %+v", o.Words)
			}

			// Selectors narrow what is audited, and nothing else.
			chosen := connectors.OverviewQuery{Users: []string{"system:apiserver", `alice@example.com, of "x"`}, Verbs: []string{"get", "create"}}
			narrow := overview(t, s, chosen)
			if narrow.Requests != o.Requests || narrow.Audit.Records.Count >= o.Audit.Records.Count || narrow.Audit.Records.Count == 0 {
				t.Errorf("selected %+v of %+v", narrow.Audit.Records, o.Audit.Records)
			}
			audited(t, server, pattern, narrow, inPeriod+`,{"terms":{"user.username.keyword":["system:apiserver","alice@example.com, of \"x\""]}},{"terms":{"verb.keyword":["get","create"]}}`, same)
		})
	}
}

// audited compares who did what with the same asked by hand.
func audited(t *testing.T, server searchtest.Server, pattern string, o *connectors.Overview, filters string, same func(string, connectors.Tally, ...string)) {
	t.Helper()
	a := o.Audit
	same("selected records", a.Records, filters)
	same("allow", a.Allowed, filters, `{"term":{"`+decided+`.keyword":"allow"}}`)
	same("forbid", a.Forbidden, filters, `{"term":{"`+decided+`.keyword":"forbid"}}`)
	same("none", a.Undecided, filters, `{"bool":{"must_not":[{"exists":{"field":"`+decided+`"}}]}}`)
	if a.Unbroken != "" || a.Unread != "" || o.Course.Lack != "" {
		t.Fatalf("broken down: %q, newest: %q, over time: %q", a.Unbroken, a.Unread, o.Course.Lack)
	}

	// Requests over time, minute by minute.
	if o.Course.Step != time.Minute || len(o.Course.Counts) != 2 {
		t.Fatalf("course %+v", o.Course)
	}
	for i, minute := range []string{`"gte":"2026-11-20T09:10:00Z","lt":"2026-11-20T09:11:00Z"`, `"gte":"2026-11-20T09:11:00Z","lt":"2026-11-20T09:12:00Z"`} {
		same("requests of minute "+fmt.Sprint(i), connectors.Tally{Count: o.Course.Counts[i]}, filters, completed, `{"range":{"requestReceivedTimestamp":{`+minute+`}}}`)
	}

	// Decision, resource, verb, namespace: each told group, and the sums.
	var walk func(groups []connectors.Portion, others int64, whole int64, within string, fields []string)
	walk = func(groups []connectors.Portion, others, whole int64, within string, fields []string) {
		sum := others
		for i, g := range groups {
			if i > 0 && g.Count > groups[i-1].Count {
				t.Errorf("%q stands after fewer", g.Value)
			}
			sum += g.Count
			filter := `{"term":{"` + fields[0] + `.keyword":` + quoted(g.Value) + `}}`
			if g.None {
				filter = `{"bool":{"must_not":[{"exists":{"field":"` + fields[0] + `"}}]}}`
			}
			same(fields[0]+" "+g.Value, connectors.Tally{Count: g.Count}, filters+within, filter)
			if len(fields) > 1 {
				walk(g.Below, g.Others, g.Count, within+","+filter, fields[1:])
			}
		}
		if sum != whole {
			t.Errorf("the groups of %s add up to %d of %d: something is left out in silence", fields[0], sum, whole)
		}
	}
	walk(a.Decisions, 0, a.Records.Count, "", []string{decided, "objectRef.resource", "verb", "objectRef.namespace"})

	// The newest fifty, newest first.
	newest := hand(t, server, pattern, `{"size":50,"query":{"bool":{"filter":[`+filters+`]}},"sort":[{"requestReceivedTimestamp":"desc"},{"auditID.keyword":"asc"}]}`)
	if len(newest.Hits.Hits) != len(a.Newest) {
		t.Fatalf("%d entries, by hand %d", len(a.Newest), len(newest.Hits.Hits))
	}
	for i, h := range newest.Hits.Hits {
		var r struct {
			Verb string
			User struct{ Username string }
			Ref  struct{ Resource, Namespace string } `json:"objectRef"`
			Note map[string]string                    `json:"annotations"`
			At   string                               `json:"requestReceivedTimestamp"`
		}
		b, err := json.Marshal(h.Source)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &r); err != nil {
			t.Fatal(err)
		}
		e := a.Newest[i]
		if e.Time.String() != r.At || e.Verb != r.Verb || e.User != r.User.Username || e.Resource != r.Ref.Resource || e.Namespace != r.Ref.Namespace || e.Decision != r.Note["authorization.k8s.io/decision"] {
			t.Errorf("entry %d is %+v, by hand %+v", i, e, r)
		}
	}
}

func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// TestOverviewOfEveryProfile counts the same documents as each pipeline leaves
// them: what a store cannot tell is not known, and never zero.
func TestOverviewOfEveryProfile(t *testing.T) {
	server := searchtest.Start(t, searchtest.OpenSearch2)
	counts := func(o *connectors.Overview) string {
		a := o.Audit
		return fmt.Sprint(o.Records, o.Requests, o.Forbidden, o.ClientErrors, o.ServerErrors, a.Allowed, a.Forbidden, a.Undecided, o.Course.Counts, len(a.Newest), o.Words.Words)
	}
	first := ""
	for _, p := range pipelines() {
		t.Run(p.profile, func(t *testing.T) {
			pattern := server.Prefix(t) + "-1"
			server.Create(t, pattern, 2, p.mapping)
			server.Load(t, pattern, auditDocuments(t, p))
			o := overview(t, open(t, search.Config{Name: "store", URL: server.URL, Pattern: pattern, Profile: p.profile}, search.Options{}), connectors.OverviewQuery{})
			if len(o.Problems) > 0 {
				t.Fatal(o.Problems)
			}
			switch p.profile {
			case "wrapped": // the record is one text
				for name, tally := range map[string]connectors.Tally{"requests": o.Requests, "forbid": o.Forbidden, "client": o.ClientErrors, "allow": o.Audit.Allowed, "none": o.Audit.Undecided} {
					if !tally.Unknown || !strings.Contains(tally.Lack, "in one field") {
						t.Errorf("%s: %+v", name, tally)
					}
				}
				if !o.Course.Blind || o.Records.Unknown || len(o.Audit.Newest) != 50 || o.Audit.Newest[0].Verb == "" {
					t.Errorf("records %+v, course %+v, newest %+v", o.Records, o.Course, o.Audit.Newest)
				}
				return
			case "calico": // annotations and stage are not kept to be asked for
				for name, tally := range map[string]connectors.Tally{"requests": o.Requests, "forbid": o.Forbidden, "none": o.Audit.Undecided} {
					if !tally.Unknown {
						t.Errorf("%s: %+v", name, tally)
					}
				}
				if o.ClientErrors.Unknown || o.ClientErrors.Count == 0 || len(o.Audit.Decisions) != 1 || !o.Audit.Decisions[0].Blind || len(o.Audit.Decisions[0].Below) == 0 {
					t.Errorf("client errors %+v, decisions %+v", o.ClientErrors, o.Audit.Decisions)
				}
				return
			}
			if got := counts(o); first == "" {
				first = got
			} else if got != first {
				t.Errorf("counts\n%s\nwant\n%s", got, first)
			}
		})
	}
}

// TestOverviewOfLines counts an auth log.
func TestOverviewOfLines(t *testing.T) {
	for _, version := range searchtest.Versions() {
		t.Run(version, func(t *testing.T) {
			server := searchtest.Start(t, version)
			pattern := server.Prefix(t) + "-1"
			server.Create(t, pattern, 2, "")
			documents := syslogDocuments(t)
			server.Load(t, pattern, documents)
			w := connectors.Window{From: connectors.At(time.Date(2026, 11, 20, 9, 1, 39, 0, time.UTC)), To: connectors.At(time.Date(2026, 11, 20, 9, 5, 39, 0, time.UTC))}
			s := open(t, search.Config{Name: "store", Kind: connectors.AuthLog, URL: server.URL, Pattern: pattern}, search.Options{})
			o := overview(t, s, connectors.OverviewQuery{Window: w})
			const period = `{"range":{"@timestamp":{"gte":"2026-11-20T09:01:39Z","lt":"2026-11-20T09:05:39Z"}}}`
			same := func(name string, got connectors.Tally, filters string) {
				t.Helper()
				want := handCount(t, server, pattern, filters)
				if got.Unknown || got.Count != want {
					t.Errorf("%s: %+v, by hand %d", name, got, want)
				}
			}
			same("lines", o.Records, period)
			same("sessions opened", o.Sessions, period+`,{"match":{"message":"opened"}}`)
			if o.Sessions.Count == 0 || o.Sessions.Lack != "" || o.Audit != nil {
				t.Errorf("sessions %+v", o.Sessions)
			}
			for i, word := range connectors.Keywords() {
				same(word, o.Words.Words[i].Now, period+`,{"match":{"message":"`+word+`"}}`)
				// The log begins within the period before: what is counted there is at least so.
				if b := o.Words.Words[i].Before; !strings.Contains(b.Lack, "nothing from before 20 November 2026") {
					t.Errorf("%s before: %+v", word, b)
				}
			}
			var sum int64
			for _, n := range o.Course.Counts {
				sum += n
			}
			if sum != o.Records.Count || o.Course.Step != time.Minute || len(o.Course.Counts) != 4 {
				t.Errorf("%d lines over time of %d, steps %v × %d", sum, o.Records.Count, o.Course.Step, len(o.Course.Counts))
			}
			if early := overview(t, s, connectors.OverviewQuery{Window: connectors.Window{From: w.From.Add(-time.Hour), To: w.To}}); !strings.Contains(early.Records.Lack, "nothing from before") {
				t.Errorf("a period that begins before the log is whole: %+v", early.Records)
			}
		})
	}
}

// TestOverviewIsLimitedByWhatIsMissing shows that a number of a store that lacks
// a part is never a plain one, and that a store without an answer has none.
func TestOverviewIsLimitedByWhatIsMissing(t *testing.T) {
	for _, version := range searchtest.Versions() {
		t.Run(version, func(t *testing.T) {
			server := searchtest.Start(t, version)
			prefix := server.Prefix(t)
			server.Create(t, prefix+"-1", 1, "")
			server.Load(t, prefix+"-1", auditDocuments(t, pipelineOf(t, "welkin")))
			s := open(t, search.Config{Name: "store", URL: server.URL, Pattern: prefix + "-*", Profile: "welkin"}, search.Options{})
			whole := overview(t, s, connectors.OverviewQuery{})
			if whole.Requests.Lack != "" { // the control
				t.Fatalf("a whole store lacks %q", whole.Requests.Lack)
			}
			server.Must(t, http.MethodPut, "/"+prefix+"-red?wait_for_active_shards=0&timeout=1s", []byte(
				`{"settings":{"number_of_replicas":0,"number_of_shards":1,"index.routing.allocation.require._name":"nobody"}}`))
			o := overview(t, s, connectors.OverviewQuery{})
			if len(o.Problems) == 0 || o.Requests.Count != whole.Requests.Count {
				t.Fatalf("problems %+v, requests %+v", o.Problems, o.Requests)
			}
			tallies := map[string]connectors.Tally{
				"records": o.Records, "requests": o.Requests, "forbid": o.Forbidden, "client": o.ClientErrors, "server": o.ServerErrors,
				"selected": o.Audit.Records, "allow": o.Audit.Allowed, "forbidden": o.Audit.Forbidden, "none": o.Audit.Undecided, "before": o.Words.Records,
			}
			for _, w := range o.Words.Words {
				tallies[w.Word], tallies[w.Word+" before"] = w.Now, w.Before
			}
			for name, tally := range tallies {
				if tally.Lack == "" {
					t.Errorf("%s is %d without a reservation", name, tally.Count)
				}
			}
			if o.Audit.Unbroken == "" || o.Audit.Unread == "" || o.Course.Lack == "" || o.Audit.Users.Lack == "" {
				t.Error("lists are given as whole")
			}
			server.Must(t, http.MethodDelete, "/"+prefix+"-red", nil)

			// A time field that is no date: no period can be asked for.
			server.Create(t, prefix+"-text", 1, `{"properties":{"requestReceivedTimestamp":{"type":"keyword"}}}`)
			if o = overview(t, s, connectors.OverviewQuery{}); !o.Requests.Unknown || !o.Records.Unknown || len(o.Problems) == 0 {
				t.Errorf("requests %+v, problems %+v", o.Requests, o.Problems)
			}
			for _, q := range []connectors.OverviewQuery{{}, {Window: connectors.Window{From: overviewTo, To: overviewTo}}, {Window: connectors.Window{From: 1, To: overviewTo}}} {
				if _, err := s.Overview(t.Context(), q); fault.FieldOf(err) != "to" {
					t.Errorf("%+v: %v", q.Window, err)
				}
			}
		})
	}
}
