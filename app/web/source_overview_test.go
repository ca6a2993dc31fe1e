package web

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"logreeve/app/actor"
	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/connectors"
)

// countedStore is what a store counts of a window, with hostile names.
func countedStore(w connectors.Window) *connectors.Overview {
	n := func(count int64) connectors.Tally { return connectors.Tally{Count: count} }
	who := []connectors.Portion{{Value: hostile, Count: 900}, {Value: "alice@example.com", Count: 300}}
	o := &connectors.Overview{
		Kind: connectors.Kubernetes, Window: w, Time: "requestReceivedTimestamp", Oldest: w.From - 60*day, Newest: w.To + hour,
		Records: n(1500), Requests: n(1400), Forbidden: n(26), ClientErrors: n(88), ServerErrors: n(3),
		Course: connectors.Course{Step: 24 * time.Hour, Counts: []int64{200, 0, 400, 100, 100, 300, 300}},
		Audit: &connectors.Audit{
			Records: n(1500), Allowed: n(1400), Forbidden: n(26), Undecided: n(74),
			Decisions: []connectors.Portion{
				{Value: "allow", Count: 1400, Others: 100, OtherValues: 4, Below: []connectors.Portion{{Value: "pods", Count: 1300, Others: 300, OtherValues: 2, Below: []connectors.Portion{
					{Value: "get", Count: 1000, Others: 60, OtherValues: 3, Below: []connectors.Portion{{Value: hostile, Count: 900}, {None: true, Count: 40}}},
				}}}},
				{Value: "forbid", Count: 26, Below: []connectors.Portion{{Value: "secrets", Count: 26, Below: []connectors.Portion{{Value: "list", Count: 26, Below: []connectors.Portion{{Value: "payments", Count: 26}}}}}}},
				{None: true, Count: 74, Below: []connectors.Portion{{None: true, Count: 74, Below: []connectors.Portion{{Value: "get", Count: 74, Below: []connectors.Portion{{None: true, Count: 74}}}}}}},
			},
			Users: connectors.Choices{Values: who, Others: 300, OtherValues: 12}, Resources: connectors.Choices{Values: []connectors.Portion{{Value: "pods", Count: 1300}}}, Verbs: connectors.Choices{Lack: "no index keeps verb so that it can be asked for"},
			Newest: []connectors.AuditEntry{
				{Time: w.To - hour, Decision: "forbid", User: hostile, Verb: "list", Resource: "secrets", Subresource: "x", Namespace: hostile, Name: hostile, Code: "403", Impersonated: "root"},
				{Time: w.To - 2*hour, Verb: "get", URI: "/healthz?" + hostile, Code: "401"},
			},
		},
		Words: connectors.Words{Before: connectors.Window{From: w.From - (w.To - w.From), To: w.From}, Records: n(1200), Searched: []string{"responseStatus.reason", "responseStatus.message"}, Codes: "responseStatus.code", PassedOver: []string{"annotations.x"}},
	}
	for i, word := range connectors.Keywords() {
		o.Words.Words = append(o.Words.Words, connectors.Word{Word: word, Now: n(int64(i)), Before: n(6)})
	}
	o.AskedRequests, o.AskedBytes, o.Took = 21, 13_000, 75*time.Millisecond
	return o
}

// limitedStore is the same of a store of which a part is missing.
func limitedStore(w connectors.Window) *connectors.Overview {
	o := countedStore(w)
	o.Problems = []connectors.Problem{{Where: "https://search.example.org/" + hostile, Reason: "1 of its answers: 1 of 2 parts of the indices answered " + hostile}}
	o.ServerErrors = connectors.Tally{Unknown: true, Lack: "the indices keep responseStatus.code in ways that do not fit together"}
	o.Limit(o.Problems[0].Where + " " + o.Problems[0].Reason)
	return o
}

func countedLines(w connectors.Window) *connectors.Overview {
	o := countedStore(w)
	o.Kind, o.Audit, o.Sessions, o.Records, o.Time = connectors.AuthLog, nil, connectors.Tally{Count: 17}, connectors.Tally{Count: 173}, "@timestamp"
	o.Words.Codes, o.Words.Searched = "", []string{"message"}
	return o
}

func overviewFixtures() []fixture {
	frame := func(nav string) Page { return fixtureFrame("Log review overview", nav, actor.Reviewer) }
	asked := overviewAsked{base: "/sources/s_1/overview"}
	w, err := asked.window(Format{Zone: time.UTC}, fixtureNow)
	if err != nil {
		panic(err)
	}
	page := func(seen overviewSeen) *overviewPage { return newOverviewPage(frame("sources"), seen) }
	chosen := asked
	chosen.From, chosen.To, chosen.Users, chosen.Verbs = "2026-11-01", "2026-11-20", []string{hostile, "alice@example.com"}, []string{"get"}
	late, blind := countedStore(w), countedStore(w)
	late.Oldest, late.Unsettled = w.From+day, true
	late.Limit("the store holds nothing from before 15 November 2026")
	none := connectors.Tally{Unknown: true, Lack: "the store cannot be asked for a period"}
	blind.Records, blind.Requests, blind.Forbidden, blind.ClientErrors, blind.ServerErrors = none, none, none, none, none
	blind.Course = connectors.Course{Blind: true, Lack: none.Lack}
	blind.Audit = &connectors.Audit{Records: none, Allowed: none, Forbidden: none, Undecided: none, Unbroken: none.Lack, Unread: none.Lack}
	blind.Words.Words[0].Now = none
	faulty := asked
	faulty.From, faulty.To = hostile, ""
	_, bad := faulty.window(Format{Zone: time.UTC}, fixtureNow)
	faults, _ := faultsOf(bad)
	return []fixture{
		{"source_overview", "counted", page(overviewSeen{Source: storedSource(), Asked: asked, Overview: countedStore(w)})},
		{"source_overview", "selected", page(overviewSeen{Source: storedSource(), Asked: chosen, Overview: countedStore(w)})},
		{"source_overview", "limited", page(overviewSeen{Source: storedSource(), Asked: asked, Overview: limitedStore(w)})},
		{"source_overview", "begins late", page(overviewSeen{Source: storedSource(), Asked: asked, Overview: late})},
		{"source_overview", "blind", page(overviewSeen{Source: storedSource(), Asked: asked, Overview: blind})},
		{"source_overview", "nothing", page(overviewSeen{Source: storedSource(), Asked: asked, Overview: &connectors.Overview{Kind: connectors.Kubernetes, Window: w, Audit: &connectors.Audit{}}})},
		{"source_overview", "lines", page(overviewSeen{Source: storedSource(), Asked: asked, Overview: countedLines(w)})},
		{"source_overview", "unreachable", page(overviewSeen{Source: storedSource(), Asked: asked, Err: fault.New(fault.Unavailable, "%s. %s", hostile, hostile)})},
		{"source_overview", "faults", page(overviewSeen{Source: storedSource(), Asked: faulty, Faults: faults})},
		{"source_overview", "files", page(overviewSeen{Source: madeSource(), Asked: asked})},
	}
}

// countingStore is a store that notes what it is asked for.
type countingStore struct {
	connectors.Source
	asked *[]connectors.OverviewQuery
	says  func(connectors.Window) *connectors.Overview
	fails error
}

func (c countingStore) Overview(_ context.Context, q connectors.OverviewQuery) (*connectors.Overview, error) {
	*c.asked = append(*c.asked, q)
	if c.fails != nil {
		return nil, c.fails
	}
	return c.says(q.Window), nil
}

// TestOverviewPage reads the overview of a store as a reviewer does: the numbers
// and their reservations, the period, the selectors, and what is said when there
// is nothing to count.
func TestOverviewPage(t *testing.T) {
	t.Parallel()
	w := newStoreWorld(t)
	var asked []connectors.OverviewQuery
	store := countingStore{asked: &asked, says: countedStore}
	w.Runs.OpenStore = func(runs.Source, runs.Credentials) ([]connectors.Source, error) {
		return []connectors.Source{store}, nil
	}
	save := func(s runs.Source) string {
		t.Helper()
		saved, err := w.Runs.SaveSource(t.Context(), actor.System(), s)
		if err != nil {
			t.Fatal(err)
		}
		return "/sources/" + saved.ID
	}
	source := save(runs.Source{Name: "cluster", Kind: connectors.Kubernetes, Store: runs.OpenSearch, Target: "https://search.example.org:9200/kubeaudit*?profile=welkin"})
	files := save(runs.Source{Name: "files", Kind: connectors.Kubernetes, Target: w.folder + "/audit.log"})
	page := source + "/overview"
	reviewer := w.as(t, actor.Reviewer)

	reviewer.get(source).want(t, 200, `href="`+page+`"`, "Log review overview")
	if r := reviewer.get(files); strings.Contains(r.text, "/overview") {
		t.Error("a source of files leads to an overview")
	}
	r := reviewer.get(page)
	r.want(t, 200, "1,400 requests were answered in this period; the cluster refused 26 for lack of rights, and 3 failed on the server.",
		"All API requests", "Forbid error", "Client error", "Server error", "status 400–499", "Welkin&#39;s dashboards count a 399 as client error, and a 499 as both",
		"Forbid: 26 records", "4 other resources", "2 other verbs", "3 others 60", "No decision", "12 more values", "newest first, 2 of 1,500", "Same as a table", "unauthorized", "&#43;3 (&#43;50 %)", "<dd>1,400</dd>", "<dd>26</dd>")
	if strings.Contains(r.text, "at least") {
		t.Error("whole numbers have a reservation")
	}
	// The last seven whole days, in the organisation's days.
	if got := asked[0].Window; got.From.String() != "2026-11-14T00:00:00.000000Z" || got.To.String() != "2026-11-21T00:00:00.000000Z" {
		t.Errorf("asked for %v to %v", got.From, got.To)
	}

	if got := asked[0].Before; got.From.String() != "2026-11-07T00:00:00.000000Z" || got.To != asked[0].Window.From {
		t.Errorf("compares with %v to %v", got.From, got.To)
	}
	reviewer.get(page+"?period=today").want(t, 200, "The period is not over.")
	if got := asked[1].Before; got.From.String() != "2026-11-20T00:00:00.000000Z" || got.To.String() != "2026-11-20T09:00:00.000000Z" {
		t.Errorf("today so far compares with %v to %v", got.From, got.To)
	}

	// Selectors hold several whole values, also as the form without script writes them.
	r = reviewer.get(page + "?from=2026-11-01&to=2026-11-02&user=alice%40example.com&user=bob%0D%0Acarol&verb=get")
	r.want(t, 200, "User <b>3 chosen</b>", "Verb <b>get</b>", `value="2026-11-02"`, `name="user" value="bob"`, "alice@example.com\nbob\ncarol</textarea>")
	last := asked[len(asked)-1]
	if !slices.Equal(last.Users, []string{"alice@example.com", "bob", "carol"}) || !slices.Equal(last.Verbs, []string{"get"}) || last.Resources != nil || last.Window.To-last.Window.From != 2*day {
		t.Errorf("asked for %+v", last)
	}
	before := len(asked)
	reviewer.get(page+"?from=2026-11-09&to=2026-11-02").want(t, 422, "The period ends before it begins.")
	reviewer.get(page+"?from=yesterday&to=2026-11-02").want(t, 422, "is not a day")
	reviewer.get(page+"?from=2026-11-09").want(t, 422, "Give both days")
	if len(asked) > before {
		t.Error("a store was asked for a period that is none")
	}

	store.says = limitedStore
	r = reviewer.get(page)
	r.want(t, 200, "each number is the least there is", "at least 1,400", "at least 26", "not known", "do not fit together", "cannot be compared", "What could not be read", "parts of the indices answered", "Forbid: at least 26 records", "Records, at least", "Namespaces, at least", "requests, at least")
	if strings.Contains(r.text, "<dd>1,400</dd>") || strings.Contains(r.text, "<dd>26</dd>") {
		t.Error("a number of a partial answer is plain")
	}
	store.says = func(w connectors.Window) *connectors.Overview {
		return &connectors.Overview{Kind: connectors.Kubernetes, Window: w, Oldest: w.From, Audit: &connectors.Audit{}}
	}
	reviewer.get(page).want(t, 200, "no proof that nothing happened", "There is no record to show.")
	store.says = func(w connectors.Window) *connectors.Overview {
		return &connectors.Overview{Kind: connectors.Kubernetes, Window: w, Oldest: w.To, Audit: &connectors.Audit{}}
	}
	r = reviewer.get(page)
	r.want(t, 200, "The store holds nothing of this period", "nothing from before 21 Nov 2026, 00:00.")
	if strings.Contains(r.text, "All API requests") {
		t.Error("numbers stand for a period of which the store holds nothing")
	}
	store.says = countedLines
	reviewer.get(page).want(t, 200, "17 sessions were opened in this period, in 173 lines.", "Authlog sessions", "Lines over time", "Words are looked for in message")
	store.fails = fault.New(fault.Unavailable, "The store cannot be reached. Ask the operator.")
	r = reviewer.get(page)
	r.want(t, 200, "The store cannot be reached", "nothing here says that nothing happened", source+"?look=now")
	if strings.Contains(r.text, "Keywords") {
		t.Error("numbers are shown of a store that did not answer")
	}
	store.fails = fault.Field("to", "At most 400 days are counted at once.")
	reviewer.get(page+"?from=2020-11-09&to=2026-11-02").want(t, 422, "At most 400 days are counted at once.")

	reviewer.get(files+"/overview").want(t, 200, "This page is for search stores")
}

// TestChangeOfAWord says how a count changed, and nothing where that is not known.
func TestChangeOfAWord(t *testing.T) {
	n := func(count int64) connectors.Tally { return connectors.Tally{Count: count} }
	least, unknown := connectors.Tally{Count: 3, Lack: "x"}, connectors.Tally{Unknown: true, Lack: "x"}
	for _, c := range []struct {
		now, before connectors.Tally
		want        string
	}{
		{n(5), n(5), "same"}, {n(8), n(5), "+3 (+60 %)"}, {n(2), n(5), "−3 (−60 %)"}, {n(1001), n(1000), "+1 (under 1 %)"}, {n(4), n(0), "+4"},
		{n(1), n(3), "−2 (−67 %)"}, {least, n(3), "cannot be compared"}, {n(3), least, "cannot be compared"}, {unknown, n(3), "not known"}, {n(3), unknown, "not known"},
	} {
		if got := changeWords(c.now, c.before); got != c.want {
			t.Errorf("%+v after %+v: %q, want %q", c.now, c.before, got, c.want)
		}
	}
}

// TestPeriodBefore compares days with as many days, also when clocks change
// between.
func TestPeriodBefore(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	f := Format{Zone: berlin}
	a := overviewAsked{Period: "30"}
	w, err := a.window(f, fixtureNow)
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Span(w) + ", before " + f.Span(a.before(f, fixtureNow, w)); got != "22 Oct – 20 Nov 2026, before 22 Sep – 21 Oct 2026" {
		t.Error(got)
	}
}
