package web

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"logreeve/app/actor"
	"logreeve/app/runs"
	"logreeve/app/web/chart"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/controls"
	"logreeve/reports/policy"
	"logreeve/reports/roster"
	"logreeve/reviews"
)

const dayLong = connectors.Instant(24 * 3600 * 1_000_000)

func reviewer() reviews.Signer {
	return reviews.Signer{Account: "u_1", Name: hostile, Email: "omar@example.org", Person: "omar@example.org", Roles: []string{"reviewer"}}
}

func approver() reviews.Signer {
	return reviews.Signer{Account: "u_2", Name: "Lena Vogt", Email: "lena@example.org", Person: "lena@example.org", Roles: []string{"approver"}}
}

func fixtureRecord(key string) connectors.Record {
	return connectors.Record{Key: key, Source: "prod", Kind: connectors.Kubernetes, Cluster: hostile, Time: fixtureNow - 3*dayLong, Verb: "patch", Outcome: connectors.OK, Actor: hostile, ClientIP: "192.0.2.7",
		UserAgent: hostile, Object: &connectors.RecordObject{Resource: "secrets", Namespace: "payments", Name: hostile}, Ref: connectors.Ref{File: hostile, Line: 12431}, SHA256: strings.Repeat("ab", 32)}
}

// fixtureReview is an open review: a violation, an item that is not one, one
// about the reviewer, two entries of a sample and three limits of two causes.
func fixtureReview() *reviews.Review {
	gap := []reports.Gate{{ID: reports.G4, Detail: "silent for 3 h " + hostile}}
	return &reviews.Review{
		ID: "W0-2026-W46", Template: "RT-W0", Title: "Weekly log review, week 46 of 2026", Revision: 1, Version: 4, Zone: "UTC", LocalDate: "2026-11-09", State: reviews.Open,
		Period: connectors.Window{From: fixtureNow - 12*dayLong, To: fixtureNow - 5*dayLong}, DueAt: fixtureNow - 2*dayLong, MissedAt: fixtureNow + 10*dayLong, OpenedAt: fixtureNow - 5*dayLong,
		RunID: "r_1", Figures: reviews.Figures{EventsTested: 1_482_113, EventsRead: 1_500_000, Population: 12_431, Sources: 2},
		Sample: reviews.SamplePlan{Algorithm: "sample/v1", Strata: []reviews.Stratum{{Name: hostile, Size: 12_431, Drawn: 2}}},
		Checks: []reviews.CheckSummary{{Check: "NET-02", Version: 2, Title: "Allow-all introduced", Outcome: reports.Fail, Items: 1, Reason: hostile}, {Check: "PRV-04", Version: 1, Title: hostile, Outcome: reports.NeedsReview, Items: 2},
			{Check: "LOG-01", Title: "Gaps", Outcome: reports.Inconclusive}, {Check: "ACC-01", Title: "Bursts", Outcome: reports.Inconclusive}, {Check: "IDN-01", Title: "Known", Outcome: reports.Pass}},
		Items: []reviews.Item{
			{Key: "k1", Check: "NET-02", Title: hostile, Subject: hostile, Summary: hostile, Severity: reports.Critical, Violation: true, Count: 1, First: fixtureNow - 6*dayLong, Last: fixtureNow - 6*dayLong, Actors: []string{"k8s:" + hostile}, Persons: []string{"alice@example.org"}},
			{Key: "k2", Check: "PRV-04", Title: "bob read a secret", Severity: reports.High, Count: 143, First: fixtureNow - 7*dayLong, Last: fixtureNow - 6*dayLong},
			{Key: "k3", Check: "PRV-04", Title: "omar read a secret", Severity: reports.Medium, Count: 2, First: fixtureNow - 7*dayLong, Last: fixtureNow - 6*dayLong, Persons: []string{"omar@example.org"}},
		},
		Picks:  []reviews.Pick{{Rank: 1, Key: "p1", Stratum: hostile, Record: fixtureRecord("p1"), Raw: []byte(`{"a":"` + "<script>alert('x')</script>" + `"}`)}, {Rank: 2, Key: "p2", Record: fixtureRecord("p2"), Persons: []string{"omar@example.org"}}},
		Limits: []reviews.Limit{{Check: "LOG-01", Outcome: reports.Inconclusive, Reason: "x", Gates: gap}, {Check: "ACC-01", Outcome: reports.Inconclusive, Reason: "y", Gates: gap}, {Check: "PRV-04", Outcome: reports.NeedsReview, Reason: hostile}},
		Events: []reviews.Event{{At: fixtureNow - 5*dayLong, By: "system", From: reviews.Scheduled, To: reviews.Open}},
	}
}

// attestedReview is the same, decided, read, acknowledged and attested.
func attestedReview(t testing.TB) *reviews.Review {
	r, now := fixtureReview(), fixtureNow.Time()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	erin := reviews.Signer{Account: "u_3", Name: "Erin", Email: "erin@example.org", Roles: []string{"reviewer"}}
	must(r.Decide(reviewer(), reviews.Request{Key: "k1", Choice: reviews.FindingC, Reason: hostile, Finding: &reviews.Finding{ID: "F-0007", Title: hostile, Severity: reports.High, Owner: "alice@example.org", DueDate: "2026-11-30"}}, now))
	must(r.Decide(reviewer(), reviews.Request{Key: "k2", Choice: reviews.Explained, Reason: hostile}, now))
	must(r.Decide(erin, reviews.Request{Key: "k3", Choice: reviews.Expected, Until: "2026-12-31", Reason: "planned"}, now))
	must(r.Decide(reviewer(), reviews.Request{Key: "p1", Pick: true, Choice: reviews.Read}, now))
	must(r.Decide(erin, reviews.Request{Key: "p2", Pick: true, Choice: reviews.Read}, now))
	for _, l := range r.Limits {
		must(r.Acknowledge(reviewer(), l.Check, hostile, hostile, now))
	}
	must(r.Attest(reviewer(), r.SetDigest(), reviews.EffectiveWithFindings, now))
	return r
}

func fixtureFindings() []reviews.Finding {
	raised := reviews.Signer{Account: "u_1", Name: hostile}
	return []reviews.Finding{
		{ID: "F-0007", Version: 2, Review: "W0-2026-W46", Items: []string{"k1", "p1"}, Check: "NET-02", Title: hostile, Condition: hostile, Severity: reports.High, Owner: hostile, DueDate: "2026-11-01", Status: reviews.FindingAssigned, RaisedBy: raised, RaisedAt: fixtureNow - 9*dayLong, Controls: []string{"5.16"},
			History: []reviews.FindingChange{{At: fixtureNow, By: raised, To: reviews.FindingAssigned, Note: hostile}}},
		{ID: "F-0008", Title: "Second", Severity: reports.Low, Status: reviews.FindingConfirmed, RaisedAt: fixtureNow},
		{ID: "F-0009", Title: "Third", Severity: reports.Medium, Status: reviews.FindingClosed, RaisedAt: fixtureNow - 70*dayLong},
	}
}

func summaryOf(r *reviews.Review) reviews.Summary {
	items, picks := r.Progress()
	s := reviews.Summary{ID: r.ID, Title: r.Title, Template: r.Template, LocalDate: r.LocalDate, Zone: r.Zone, Period: r.Period, State: r.State, DueAt: r.DueAt, OpenedAt: r.OpenedAt, ClosedAt: r.ClosedAt,
		Items: len(r.Items), Decided: items, Picks: len(r.Picks), PicksDecided: picks, Limits: len(r.Limits), Figures: r.Figures}
	if a := r.Attester(); a != nil {
		s.Attested, s.AttestedAt = &a.By, a.At
	}
	return s
}

func fixtureSources() []runs.Source {
	day := func(n int) string { return (fixtureNow - connectors.Instant(n)*dayLong).Time().Format("2006-01-02") }
	return []runs.Source{
		{ID: "s_1", Name: hostile, Kind: connectors.Kubernetes, LastRead: &runs.SourceReading{At: fixtureNow, Newest: fixtureNow - 2*dayLong, Oldest: fixtureNow - 20*dayLong, Events: 9, Daily: []runs.DayCount{{Day: day(5), Events: 40}, {Day: day(3), Events: 30}, {Day: day(2), Events: 9}}}},
		{ID: "s_2", Name: "hosts", Kind: connectors.AuthLog},
		{ID: "s_3", Name: "old", Disabled: true},
	}
}

func fixtureHome(people bool) homeFacts {
	open := fixtureReview()
	late := summaryOf(open)
	late.ID, late.State, late.LocalDate, late.ClosedAt = "W0-2026-W40", reviews.Closed, "2026-09-28", late.DueAt+dayLong
	missed := late
	missed.ID, missed.State, missed.LocalDate = "W0-2026-W41", reviews.Missed, "2026-10-05"
	return homeFacts{
		Reviews: []reviews.Summary{summaryOf(open), late, missed}, Own: map[string]int{"W0-2026-W46": 1}, Findings: fixtureFindings()[:2], Sources: fixtureSources(), People: people, Catalogue: controls.Catalog(),
		Latest: []runs.LatestResult{{Run: "r_1", FinishedAt: fixtureNow, Result: reports.Result{Check: "IDN-01", Outcome: reports.Pass}}, {Run: "r_1", FinishedAt: fixtureNow, Result: reports.Result{Check: "PRV-04", Outcome: reports.Fail}}},
		Days:   []runs.DayOutcome{{Day: fixtureNow, Check: "PRV-04", Outcome: reports.Fail, Results: 1, Items: 2, Run: "r_1", FinishedAt: fixtureNow}},
	}
}

// reviewFixtures is home, reviews and findings in their states.
func reviewFixtures(t testing.TB) []fixture {
	open, attested := fixtureReview(), attestedReview(t)
	closed := attestedReview(t)
	for _, key := range closed.LeftToReperform(approver()) {
		if err := closed.Reperform(approver(), key, false, true, "", fixtureNow.Time()); err != nil {
			t.Fatal(err)
		}
	}
	if err := closed.Approve(approver(), closed.SetDigest(), reviews.EffectiveWithFindings, fixtureNow.Time()); err != nil {
		t.Fatal(err)
	}
	scheduled := &reviews.Review{ID: "W0-2026-W47", Title: "Weekly log review, week 47 of 2026", State: reviews.Scheduled, Period: connectors.Window{From: fixtureNow, To: fixtureNow + 7*dayLong}}
	missed := fixtureReview()
	missed.State = reviews.Missed
	empty := fixtureReview()
	empty.Items, empty.Picks, empty.Limits = nil, nil, nil
	template := reviews.Templates(nil)[0]
	by := func(r *reviews.Review, who reviews.Signer) reviewSeen {
		return reviewSeen{Review: r, Template: template, By: who}
	}
	frame := func(roles ...actor.Role) Page { return fixtureFrame("Review", "reviews", roles...) }
	evidence := &reports.Item{Key: "k1", Change: &reports.ChangeRef{Object: hostile, EventKey: hostile}, Facts: []reports.Fact{{Label: hostile, Value: hostile}}, Evidence: []reports.EvidenceEvent{{Record: fixtureRecord("e1"), Raw: []byte("<script>alert('x')</script>")}, {Record: fixtureRecord("e2")}}}
	people := []roster.Person{{ID: "alice@example.org", Name: hostile}}
	withItem := func(r *reviews.Review, who reviews.Signer, key string, no refusal) *queuePage {
		p := newQueuePage(frame(actor.Reviewer), by(r, who), key)
		it, _ := r.Item(key)
		p.Item = newItemView(p.Page, by(r, who), it, itemGround{Item: evidence, People: people, Change: &policy.Change{Kind: hostile, Name: hostile, Operation: policy.Modified, BeforeKnown: true, ContentKnown: true, Before: []byte(`{"a":"x"}`), After: []byte(`{"a":"<script>alert(1)</script>"}`)}}, no)
		return p
	}
	withPick := func(key string, no refusal) *queuePage {
		p := newSamplePage(frame(actor.Reviewer), by(open, reviewer()))
		pick, _ := open.PickOf(key)
		p.Item = newPickView(p.Page, by(open, reviewer()), pick, people, no)
		return p
	}
	bad := Faults{"reason": hostile, "cause": hostile, "consequence": hostile, "check": hostile, "title": hostile, "owner": hostile, "conclusion": hostile, "password": hostile, "note": hostile, "due": hostile}
	refused := refusal{decisionInput{Decision: "finding", Reason: hostile, Title: hostile, Owner: hostile}, bad}
	first := fixtureHome(true)
	first.Sources = nil
	findings := fixtureFindings()
	catalogue := controls.Catalog()
	found := &runs.Around{Events: []connectors.Record{fixtureRecord("e1"), fixtureRecord("e2")}, More: true, Problems: []connectors.Problem{{}}}
	return []fixture{
		{"home_show", "first day", newHomePage(fixtureFrame("Home", "home", actor.Admin), first)},
		{"home_show", "first day, reader", newHomePage(fixtureFrame("Home", "home", actor.Auditor), homeFacts{})},
		{"home_show", "reviewer", newHomePage(fixtureFrame("Home", "home", actor.Reviewer), fixtureHome(true))},
		{"home_show", "nothing waits", newHomePage(fixtureFrame("Home", "home", actor.Approver), homeFacts{Sources: fixtureSources(), Catalogue: catalogue})},
		{"home_show", "approver", newHomePage(fixtureFrame("Home", "home", actor.Approver), homeFacts{Sources: fixtureSources(), Reviews: []reviews.Summary{summaryOf(attested)}})},
		{"reviews_list", "to do", newReviewsPage(frame(actor.Reviewer), reviewsSeen{ToDo: fixtureHome(true).Reviews, Shown: fixtureHome(true).Reviews, Counts: map[reviews.State]int{reviews.Open: 1, reviews.Missed: 1}})},
		{"reviews_list", "none", newReviewsPage(frame(actor.Reviewer), reviewsSeen{View: "closed"})},
		{"review_show", "open", newReviewPage(frame(actor.Reviewer), by(open, reviewer()), nil)},
		{"review_show", "scheduled", newReviewPage(frame(actor.Reviewer), by(scheduled, reviewer()), nil)},
		{"review_show", "missed", newReviewPage(frame(actor.Reviewer), by(missed, reviewer()), bad)},
		{"review_show", "closed", newReviewPage(frame(actor.Auditor), by(closed, reviews.Signer{}), nil)},
		{"review_queue", "violation", withItem(open, reviewer(), "k1", refusal{})},
		{"review_queue", "refused", withItem(open, reviewer(), "k1", refused)},
		{"review_queue", "own", withItem(open, reviewer(), "k3", refusal{})},
		{"review_queue", "approver", withItem(attested, approver(), "k2", refusal{})},
		{"review_queue", "empty", newQueuePage(frame(actor.Reviewer), by(empty, reviewer()), "")},
		{"review_queue", "sample", withPick("p1", refused)},
		{"review_queue", "sample, own", withPick("p2", refusal{})},
		{"review_queue", "sample, empty", newSamplePage(frame(actor.Reviewer), by(empty, reviewer()))},
		{"review_around", "cut", newAroundPage(frame(actor.Reviewer), open, "k1", newAroundView(frame(), fixtureRecord("e1"), found))},
		{"review_around", "nothing", newAroundPage(frame(actor.Reviewer), open, "k1", newAroundView(frame(), fixtureRecord("e1"), &runs.Around{}))},
		{"review_health", "open", newHealthPage(frame(actor.Reviewer), by(open, reviewer()), acknowledgement{Group: "1", Cause: hostile}, bad)},
		{"review_health", "accepted", newHealthPage(frame(actor.Approver), by(attested, approver()), acknowledgement{}, nil)},
		{"review_health", "nothing", newHealthPage(frame(actor.Reviewer), by(empty, reviewer()), acknowledgement{}, nil)},
		{"review_signoff", "blocked", newSignOffPage(frame(actor.Reviewer), by(open, reviewer()), signInput{}, nil)},
		{"review_signoff", "approver", newSignOffPage(frame(actor.Approver), by(attested, approver()), signInput{Conclusion: "not effective"}, bad)},
		{"review_signoff", "waits", newSignOffPage(frame(actor.Auditor), by(attested, reviewer()), signInput{}, nil)},
		{"review_signoff", "closed", newSignOffPage(frame(actor.Auditor), by(closed, reviews.Signer{}), signInput{}, nil)},
		{"findings_list", "open", newFindingsPage(fixtureFrame("Findings", "findings", actor.Officer), findingsSeen{Wish: findingWish{Owner: hostile}, Open: findings[:2], Shown: findings[:1], Counts: []reviews.FindingCount{{Status: reviews.FindingAssigned, Severity: reports.High, Owner: hostile, Count: 1}}})},
		{"findings_list", "none", newFindingsPage(fixtureFrame("Findings", "findings", actor.Officer), findingsSeen{})},
		{"finding_show", "assigned", newFindingPage(fixtureFrame("F-0007", "findings", actor.Officer), &findings[0], open, catalogue, findingForm{}, nil)},
		{"finding_show", "faults", newFindingPage(fixtureFrame("F-0007", "findings", actor.Officer), &findings[0], open, catalogue, findingForm{Title: hostile, Severity: "high"}, bad)},
		{"finding_show", "move refused", newFindingPage(fixtureFrame("F-0007", "findings", actor.Officer), &findings[0], open, catalogue, findingForm{Status: "remediated", Note: hostile}, Faults{"note": "Say why."})},
		{"finding_show", "auditor", newFindingPage(fixtureFrame("F-0009", "findings", actor.Auditor), &findings[2], open, catalogue, findingForm{}, nil)},
	}
}

func offered(d *itemView, decision string) bool {
	for _, o := range d.Decide.Offers {
		if o.Decision == decision {
			return true
		}
	}
	return false
}

// A violation is never merely explained, one's own items are never offered, and
// a closed review offers nothing.
func TestOffersFollowTheRules(t *testing.T) {
	see := func(r *reviews.Review, by reviews.Signer, key string) *itemView {
		it, _ := r.Item(key)
		return newItemView(fixtureFrame("", "", actor.Reviewer), reviewSeen{Review: r, By: by}, it, itemGround{}, refusal{})
	}
	open := fixtureReview()
	if v := see(open, reviewer(), "k1"); offered(v, "explained") || !offered(v, "finding") || !offered(v, "expected") {
		t.Errorf("a violation offers %+v", v.Decide.Offers)
	}
	if v := see(open, reviewer(), "k2"); !offered(v, "explained") {
		t.Error("another item does not offer an explanation")
	}
	if v := see(open, reviewer(), "k3"); v.Decide.Locked == "" || len(v.Decide.Offers) != 0 || v.Decide.Decided.State != "own" {
		t.Errorf("one's own item: %+v", v.Decide)
	}
	if v := see(open, reviews.Signer{Account: "u_9", Roles: []string{"auditor"}}, "k2"); v.Decide.Locked == "" || len(v.Decide.Offers) != 0 {
		t.Errorf("an auditor: %+v", v.Decide)
	}
	attested := attestedReview(t)
	if v := see(attested, approver(), "k2"); !offered(v, "agree") || v.Decide.Undo != "" {
		t.Errorf("the approver: %+v", v.Decide)
	}
	if v := see(attested, reviewer(), "k2"); v.Decide.Locked == "" || v.Decide.Undo != "" {
		t.Errorf("after attesting the reviewer may still decide: %+v", v.Decide)
	}
}

// What is to be done comes first, worst first; one's own items stand apart.
func TestQueueOrder(t *testing.T) {
	r := fixtureReview()
	v := reviewSeen{Review: r, By: reviewer()}
	groups, _ := grouped(itemLines(v), "k2")
	if len(groups) != 2 || groups[0].Items[0].Key != "k1" || groups[0].Items[1].Key != "k2" || groups[1].Items[0].Key != "k3" || groups[1].Items[0].State != "own" {
		t.Fatalf("%+v", groups)
	}
	if err := r.Decide(reviewer(), reviews.Request{Key: "k1", Choice: reviews.Expected, Until: "2026-12-01", Reason: "x"}, fixtureNow.Time()); err != nil {
		t.Fatal(err)
	}
	lines := itemLines(v)
	groups, _ = grouped(lines, "")
	last := groups[len(groups)-1].Items[0]
	if last.Key != "k1" || last.Version != 1 || last.State != "expected" || firstOf(groups) != "k2" {
		t.Errorf("after a decision: %+v", groups)
	}
	if next := nextPending(lines, "k2"); next != "" {
		t.Errorf("after the last pending item comes %q; own items are not next", next)
	}
	if next := nextPending(lines, "k3"); next != "k2" {
		t.Errorf("next is %q", next)
	}
}

// Limits of one cause are acknowledged together, others apart.
func TestLimitsAreGroupedByCause(t *testing.T) {
	r := fixtureReview()
	causes := limitCauses(fixtureFrame("", ""), r)
	if len(causes) != 2 || len(causes[0].Checks) != 2 || causes[0].Open != 2 || len(causes[1].Checks) != 1 {
		t.Fatalf("%+v", causes)
	}
	if err := r.Acknowledge(reviewer(), "LOG-01", "a", "b", fixtureNow.Time()); err != nil {
		t.Fatal(err)
	}
	if causes = limitCauses(fixtureFrame("", ""), r); causes[0].Open != 1 || causes[0].Checks[0].By == "" || causes[0].Checks[1].By != "" {
		t.Errorf("after one: %+v", causes[0])
	}
}

// The sign-off page shows exactly the set that would be signed, says what is in
// the way, and gives the approver decisions to judge.
func TestSignOffPage(t *testing.T) {
	open, attested := fixtureReview(), attestedReview(t)
	p := newSignOffPage(fixtureFrame("", ""), reviewSeen{Review: open, By: reviewer()}, signInput{}, nil)
	if p.Form == nil || p.Form.Why == "" || len(p.Blockers) == 0 || p.Return != nil {
		t.Errorf("an open review: %+v", p)
	}
	p = newSignOffPage(fixtureFrame("", ""), reviewSeen{Review: attested, By: approver()}, signInput{}, nil)
	if p.Form == nil || p.Form.Set != attested.SetDigest() || p.Return == nil || len(p.Judge) != 3 || p.Form.Why == "" {
		t.Fatalf("the approver: %+v", p.Form)
	}
	for _, key := range []string{"k1", "k2", "k3"} {
		if err := attested.Reperform(approver(), key, false, true, "", fixtureNow.Time()); err != nil {
			t.Fatal(err)
		}
	}
	p = newSignOffPage(fixtureFrame("", ""), reviewSeen{Review: attested, By: approver()}, signInput{}, nil)
	if p.Form.Why != "" || p.Judge[0].Said == "" {
		t.Errorf("after judging three: %q", p.Form.Why)
	}
	for _, o := range p.Form.Choice.Options {
		if o.Value == "effective" && (!o.Disabled || !strings.Contains(o.Note, "findings")) {
			t.Errorf("effective is offered with findings open: %+v", o)
		}
	}
	p = newSignOffPage(fixtureFrame("", ""), reviewSeen{Review: attested, By: reviewer()}, signInput{}, nil)
	if p.Form != nil || p.Waits == nil {
		t.Error("the reviewer may approve their own review")
	}
}

func TestDueWords(t *testing.T) {
	f, now := Format{}, fixtureNow
	for want, due := range map[string]connectors.Instant{
		"2 days overdue": now - 2*dayLong - 1, "1 day overdue": now - dayLong, "overdue since today": now - 1, "due Wednesday": now + 4*dayLong, "due 5 Dec": now + 14*dayLong, "no due date": 0,
	} {
		if got, _ := dueWord(f, now, due); got != want {
			t.Errorf("%d: %q, want %q", due-now, got, want)
		}
	}
}

func TestHomeSentence(t *testing.T) {
	frame := fixtureFrame("", "", actor.Reviewer)
	h := fixtureHome(true)
	got := homeSentence(frame, h)
	for _, part := range []string{"Two reviews are overdue", " has been silent since Thursday 09:23", "no check that reads it can pass", "past due"} {
		if !strings.Contains(got, part) {
			t.Errorf("%q does not say %q", got, part)
		}
	}
	h.Sources, h.Reviews, h.Findings = h.Sources[2:], nil, nil
	if got := homeSentence(frame, h); !strings.HasPrefix(got, "Nothing is overdue") {
		t.Errorf("quiet: %q", got)
	}
	h.Sources = nil
	if got := homeSentence(frame, h); !strings.HasPrefix(got, "Nothing is connected") {
		t.Errorf("first day: %q", got)
	}
}

// What no run has read is not known; a day without events within what was read
// is silence of a cluster.
func TestDaysOfASource(t *testing.T) {
	days := homeDays(Format{}, fixtureSources()[0], fixtureNow)
	if len(days) != 30 {
		t.Fatalf("%d days", len(days))
	}
	at := func(n int) chart.Hearing { return days[29-n].Hearing }
	for n, want := range map[int]chart.Hearing{0: chart.Silent, 2: chart.Heard, 4: chart.Silent, 5: chart.Heard, 25: chart.Unasked} {
		if at(n) != want {
			t.Errorf("%d days ago: %s, want %s", n, at(n), want)
		}
	}
}

func TestYearOfReviews(t *testing.T) {
	heat := yearOf(fixtureFrame("", ""), fixtureHome(true).Reviews)
	if !strings.HasPrefix(heat.Desc, "0 signed, 1 signed late, 1 open, 1 missed") {
		t.Errorf("%q", heat.Desc)
	}
	if c := heat.Rows[1].Cells[11]; c.Standing != chart.Open || c.Href != "/reviews/W0-2026-W46" {
		t.Errorf("the week of 9 November: %+v", c)
	}
}

// What changed is shown with what stands around it; the rest is counted.
func TestDifferenceOfAChange(t *testing.T) {
	before := `{"a":1,"b":2,"c":3,"d":4,"e":5,"f":{"x":"Deny"},"g":7,"h":8,"i":9,"j":10,"k":11}`
	d := differenceOf(&policy.Change{Kind: "NetworkPolicy", Name: hostile, Before: []byte(before), After: []byte(strings.Replace(before, "Deny", "Allow", 1))})
	shown := map[string]int{}
	for _, l := range d.Lines {
		shown[l.Op]++
	}
	if shown["del"] != 1 || shown["add"] != 1 || shown["skip"] != 2 || shown["same"] != 6 {
		t.Errorf("%v: %+v", shown, d.Lines)
	}
	if same := differenceOf(&policy.Change{Before: []byte(before), After: []byte(before)}); len(same.Lines) != 0 {
		t.Errorf("no change has lines: %+v", same.Lines)
	}
}

func TestDecisionKeepsTheNoteWithTheReason(t *testing.T) {
	q := decisionInput{Decision: "finding", Reason: " wrong ", Note: "look", Version: 3, Title: "T", Severity: "high", Owner: " a@b.c ", Due: "2026-12-01"}.request("k", false)
	if q.Reason != "wrong\nNote to the approver: look" || q.Version != 3 || q.Finding == nil || q.Finding.Owner != "a@b.c" || q.Finding.Condition != "wrong" || q.Finding.ID != "" {
		t.Errorf("%+v %+v", q, q.Finding)
	}
	if q := (decisionInput{Decision: "read"}).request("k", true); q.Finding != nil || !q.Pick {
		t.Errorf("%+v", q)
	}
}

// A page's own field must not hide one of the frame: the layout reads those.
func TestPagesDoNotHideTheFrame(t *testing.T) {
	frame := reflect.TypeFor[Page]()
	for _, f := range slices.Concat(fixtures(), reviewFixtures(t)) {
		page := reflect.TypeOf(f.data).Elem()
		for i := range frame.NumField() {
			name := frame.Field(i).Name
			if field, ok := page.FieldByName(name); ok && field.Type != frame.Field(i).Type {
				t.Errorf("%s: its field %s hides the frame's", page.Name(), name)
			} else if ok && len(field.Index) < 2 {
				t.Errorf("%s: its field %s hides the frame's", page.Name(), name)
			}
		}
	}
}
