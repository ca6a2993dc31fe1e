package web

import (
	"strings"
	"testing"
	"time"

	"logreeve/app/actor"
	"logreeve/app/config"
	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/checks"
	"logreeve/reports/controls"
	"logreeve/reports/roster"
	"logreeve/reviews"
)

const hour = connectors.Instant(3_600_000_000)

// madeSource is a source as a run saw it, with hostile names.
func madeSource() runs.Source {
	return runs.Source{
		ID: "s_1", Version: 3, Name: "kubernetes", Kind: connectors.Kubernetes, Target: "/logs/" + hostile, Zone: "Europe/Stockholm", Year: 2026, AddedAt: fixtureNow - 500*hour,
		LastRead: &runs.SourceReading{RunID: "r_1", At: fixtureNow - hour, Events: 1204, Oldest: fixtureNow - 100*hour, Newest: fixtureNow - hour,
			Daily: []runs.DayCount{{Day: "2026-11-19", Events: 0}, {Day: "2026-11-20", Events: 1000}, {Day: "2026-11-21", Events: 204}}},
	}
}

func madeSnapshot() *runs.Snapshot {
	return &runs.Snapshot{ID: "p_1", TakenAt: fixtureNow - 24*hour, By: "u_1", Note: hostile, Digest: strings.Repeat("ab", 32), People: 3, Keys: 1, Entries: 2, Roster: &roster.Snapshot{
		TakenAt: fixtureNow - 24*hour, HasPeople: true, HasKeys: true, HasRegisters: true,
		People: []roster.Person{
			{ID: "alice@example.com", Name: hostile, Email: "alice@example.com", JoinedAt: fixtureNow - 9000*hour, Manager: "erin@example.com", Principals: []roster.Principal{{System: "linux", Host: hostile, Pattern: hostile}}},
			{ID: "carol@example.com", Name: "Carol Clark", Email: "carol@example.com", LeftAt: fixtureNow - 48*hour},
			{ID: "dave@example.com", Name: "Dave Dunn", Email: "dave@example.com", LeftAt: fixtureNow + 48*hour},
		},
		Keys: []roster.Key{{Fingerprint: "SHA256:" + strings.Repeat("x", 43), Owner: "alice@example.com", Type: "ssh-ed25519"}},
		Registers: roster.Registers{
			Entries:   []roster.Entry{{Register: roster.SharedAccounts, Value: hostile, Owner: hostile, Reason: hostile, Expires: fixtureNow - hour}, {Register: roster.ProdScope, Value: "namespace:web"}},
			Expected:  []roster.ExpectedSource{{Name: "kubernetes", MaxGap: 3600}, {Name: hostile}},
			Witnesses: []string{"PRV-04"},
		},
	}}
}

func madeItem() reports.Item {
	return reports.Item{
		Key: strings.Repeat("0f", 16), Subject: hostile, Title: hostile, Summary: hostile + " at 2026-11-20T09:11:41.000000Z.", Severity: reports.Critical, Violation: true, First: fixtureNow - 5*hour, Last: fixtureNow - hour, Count: 1200,
		Actors: []string{hostile}, Persons: []string{"alice@example.com", hostile}, Facts: []reports.Fact{{Label: "From", Value: "192.0.2.7"}, {Label: hostile, Value: hostile}},
		Change: &reports.ChangeRef{Object: "networking.k8s.io/v1/NetworkPolicy/web/" + hostile},
		Evidence: []reports.EvidenceEvent{
			{Record: connectors.Record{Key: "b", Time: fixtureNow - hour, Login: hostile, Category: connectors.CategoryLogin, Outcome: connectors.Denied, Message: "‮" + hostile, Ref: connectors.Ref{File: hostile, Line: 12}}},
			{Record: connectors.Record{Key: "a", Time: fixtureNow - 5*hour, Actor: hostile, ActorKind: connectors.Human, Verb: "get", Outcome: connectors.OK, Code: "200", ClientIP: hostile, UserAgent: hostile,
				Object: &connectors.RecordObject{Resource: "secrets", Namespace: "payments", Name: hostile}}, Raw: []byte(`{"a":"<script>alert(1)</script>"}`)},
		},
	}
}

func madeResult(o reports.Outcome) reports.Result {
	r := reports.Result{
		Check: "PRV-04", Version: 1, Title: "Secrets read by people", Kind: reports.RegisterT, Severity: reports.High, Controls: []string{"8.3", "8.2"}, Outcome: o, Limited: o == reports.Fail,
		Reason: "Nothing was found.", Population: 18204, Matched: 7, Suppressed: 2, Undecidable: 3, Params: map[string]string{"x": hostile}, Digest: strings.Repeat("cd", 32),
		Gates:        []reports.Gate{{ID: reports.G1, OK: true, Detail: "1 record of 1 source was read to the end."}, {ID: reports.G9, Detail: "People and keys are from 2026-11-09T09:11:41.000000Z, 12 days before the end of the window; at most 7 days is allowed."}},
		Suppressions: []reports.Suppression{{Register: roster.SharedAccounts, Value: hostile, Expires: fixtureNow, Events: 2}},
		Undecided:    []reports.UndecidedRef{{EventRef: reports.EventRef{Key: "k", NativeID: hostile, Time: fixtureNow}, Reason: hostile}},
	}
	if o == reports.Fail || o == reports.NeedsReview {
		r.Items = []reports.Item{madeItem()}
	}
	return r
}

func madeRun(status runs.Status, outcomes ...reports.Outcome) *runs.Run {
	r := &runs.Run{
		ID: "r_1", Status: status, Purpose: "review W0-2026-W46", Window: reports.RunWindow{From: fixtureNow - 168*hour, To: fixtureNow, Given: true}, Only: []string{hostile}, Snapshot: "p_1", SnapshotDigest: strings.Repeat("ab", 32),
		Tool: "1.0", By: "u_1", CreatedAt: fixtureNow - hour, FinishedAt: fixtureNow, Problem: hostile, Digest: strings.Repeat("ef", 32),
		Progress: runs.Progress{Bytes: 412_000_000, Total: 1_200_000_000, Events: 1_204_000, PerSecond: 350_000, LeftSeconds: 130, Source: hostile},
	}
	if status != runs.Done {
		return r
	}
	for _, o := range outcomes {
		r.Results = append(r.Results, madeResult(o))
	}
	r.Sources = []reports.SourceSummary{{Name: hostile, Kind: connectors.Kubernetes, Lines: 10, Records: 9, Events: 8, InWindow: 7, Unparsed: 1, Requests: 41, BytesReceived: 5_200_000, TookMillis: 12_400, First: fixtureNow - 20*hour, Last: fixtureNow,
		Problems: []connectors.Problem{{Where: hostile, Reason: hostile}}, Skipped: []connectors.Skipped{{File: hostile, Reason: hostile}},
		Places: []reports.Place{{Name: hostile, Events: 7, LongestGap: 7200, AllowedGap: 3600, GapFrom: fixtureNow - 10*hour}, {LongestGap: 5, AllowedGap: 3600}}}}
	return r
}

func madeLatest(outcomes ...reports.Outcome) []runs.LatestResult {
	var out []runs.LatestResult
	for i, o := range outcomes {
		r := madeResult(o)
		r.Check = []string{"PRV-04", "IDN-01", "REG-02", "LOG-01", "NET-02", "ACC-01"}[i]
		r.Title, r.Reason = hostile, hostile
		out = append(out, runs.LatestResult{Run: "r_1", FinishedAt: fixtureNow, Window: reports.RunWindow{From: fixtureNow - 24*hour, To: fixtureNow}, Result: r})
	}
	return out
}

func madeCourse() []runs.CheckCourse {
	return []runs.CheckCourse{
		{RunID: "r_1", Window: reports.RunWindow{From: fixtureNow - 24*hour, To: fixtureNow}, Outcome: reports.Fail, Limited: true, Matched: 7, Items: 3, Version: 1},
		{RunID: "r_0", Window: reports.RunWindow{From: fixtureNow - 48*hour, To: fixtureNow - 24*hour}, Outcome: reports.Inconclusive, Version: 1},
		{RunID: "r_z", Window: reports.RunWindow{From: fixtureNow - 72*hour, To: fixtureNow - 48*hour}, Outcome: reports.Pass, Version: 1},
	}
}

// runFixtures is every page of sources, people, checks, runs and settings in
// its states.
func runFixtures() []fixture {
	frame := func(nav string, roles ...actor.Role) Page { return fixtureFrame(hostile, nav, roles...) }
	officer, auditor := actor.Officer, actor.Auditor
	silent, unread, off, broken := madeSource(), madeSource(), madeSource(), madeSource()
	silent.ID, silent.Name = "s_2", "ssh"
	silent.LastRead = &runs.SourceReading{RunID: "r_1", At: fixtureNow, Newest: fixtureNow - 70*hour, Events: 3}
	unread.ID, unread.LastRead = "s_3", nil
	off.ID, off.Disabled = "s_4", true
	broken.ID, broken.LastRead = "s_5", &runs.SourceReading{RunID: "r_1", At: fixtureNow, Newest: fixtureNow, Problems: []connectors.Problem{{Where: hostile, Reason: hostile}}}
	found := []connectors.Probe{{Where: hostile, Kind: connectors.Kubernetes, Files: 2, Bytes: 1_234_567, Oldest: fixtureNow - 99*hour, Newest: fixtureNow, Looked: 100, Parsed: 99, Hosts: []string{hostile, "b", "c", "d", "e", "f", "g"},
		Fields: []connectors.Field{{Name: "time", Found: true}, {Name: "client_ip"}}, Missing: []string{hostile}, Sample: &madeItem().Evidence[1].Record}, {Kind: connectors.AuthLog, Complete: true}}
	there := newLook(Format{}, fixtureNow, runs.Source{}, found, nil)
	gone := newLook(Format{}, fixtureNow, runs.Source{}, nil, fault.New(fault.NotFound, "%s does not exist.", hostile))
	bad := Faults{"name": hostile, "target": "Say where.", "kind": "None.", "zone": "None.", "year": "Wrong.", "organisation": "Name it.", "ticket_pattern": hostile, "window": "Choose.", "from": "When?", "to": "When?", "check": "Tick.", "source": hostile}
	empty := &runs.Snapshot{Roster: &roster.Snapshot{}}
	old := madeSnapshot()
	old.TakenAt = fixtureNow - 300*hour
	person := madeSnapshot().Roster.People[0]
	seen := []runs.Seen{{System: "k8s", Principal: hostile, Network: hostile, First: fixtureNow - 90*hour, Last: fixtureNow - hour, Events: 12}, {System: "linux", Principal: "alice", First: fixtureNow - 90*hour, Last: fixtureNow - 2*hour, Events: 3}}
	all, catalogue := checks.All(), controls.Catalog()
	latest := madeLatest(reports.Fail, reports.NeedsReview, reports.Inconclusive, reports.Pass, reports.Errored, reports.NotApplicable)
	prv, _ := checks.Find("PRV-04")
	net, _ := checks.Find("NET-02")
	reg, _ := checks.Find("REG-02")
	done := madeRun(runs.Done, reports.Fail, reports.Pass, reports.Inconclusive)
	review := &reviews.Review{ID: "W0-2026-W46", Items: []reviews.Item{{Key: madeItem().Key}}}
	decided := &reviews.Review{ID: "W0-2026-W46", Items: review.Items, Decisions: []reviews.Decision{{Seq: 1, Key: madeItem().Key, Choice: reviews.Explained, By: reviews.Signer{Name: hostile}, At: fixtureNow}}}
	result := func(o reports.Outcome, r *reviews.Review) resultSeen {
		run := madeRun(runs.Done, o)
		return resultSeen{Run: run, Result: &run.Results[0], Check: prv, Review: r, Course: madeCourse(), Catalogue: catalogue}
	}
	item := madeItem()
	policy, err := config.ReadAuditPolicy(strings.NewReader("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata, resources: [{group: \"\", resources: [secrets]}]}]\n"), "x")
	if err != nil {
		panic(err)
	}
	summary := runs.RunSummary{ID: "r_1", Purpose: "nightly 2026-11-20", Status: runs.Done, Window: done.Window, CreatedAt: fixtureNow, Events: 12, Outcomes: map[reports.Outcome]int{reports.Fail: 1, reports.Pass: 2}}
	failed := runs.RunSummary{ID: "r_2", Purpose: hostile, Status: runs.Failed, Problem: hostile}
	many := make([]runs.RunSummary, runsShown)
	return []fixture{
		{"sources_list", "none", newSourcesPage(frame("sources", officer), nil)},
		{"sources_list", "none, auditor", newSourcesPage(frame("sources", auditor), nil)},
		{"sources_list", "all", newSourcesPage(frame("sources", officer), []runs.Source{madeSource(), silent, unread, off, broken})},
		{"source_show", "read", newSourcePage(frame("sources", officer), madeSource(), "", nil)},
		{"source_show", "looked at", newSourcePage(frame("sources", auditor), broken, "", there)},
		{"source_show", "gone", newSourcePage(frame("sources", officer), off, "", gone)},
		{"source_show", "store", newSourcePage(frame("sources", auditor), storedSource(), hostile, newLook(Format{}, fixtureNow, storedSource(), storeFound(), nil))},
		{"source_show", "store, credentials removed", newSourcePage(frame("sources", officer), bareStore(), "", newLook(Format{}, fixtureNow, bareStore(), nil, fault.New(fault.Unavailable, "%s. %s", hostile, hostile)))},
		{"source_edit", "new store", newSourceEditPage(frame("sources", officer), blankSourceForm(runs.OpenSearch), nil, nil)},
		{"source_edit", "new Calico", newSourceEditPage(frame("sources", officer), blankSourceForm(runs.Calico), nil, nil)},
		{"source_edit", "store, looked at", newSourceEditPage(frame("sources", officer), newSourceForm(storedSource(), hostile), newLook(Format{}, fixtureNow, storedSource(), storeFound(), nil), nil)},
		{"source_edit", "store, faults", newSourceEditPage(frame("sources", officer), typedStore(), nil, Faults{"url": hostile, "pattern": hostile, "ca": hostile, "sign_in": hostile, "password": hostile, "client_key": hostile, "aws_region": hostile, "token": hostile, "time": hostile, "profile": hostile})},
		{"source_edit", "new", newSourceEditPage(frame("sources", officer), blankSourceForm(""), nil, nil)},
		{"source_edit", "looked at", newSourceEditPage(frame("sources", officer), newSourceForm(madeSource(), ""), there, nil)},
		{"source_edit", "gone", newSourceEditPage(frame("sources", officer), newSourceForm(madeSource(), ""), gone, nil)},
		{"source_edit", "faults", newSourceEditPage(frame("sources", officer), newSourceForm(madeSource(), ""), nil, bad)},
		{"people_list", "none", newPeoplePage(frame("people", officer), empty, peopleAsked{})},
		{"people_list", "full", newPeoplePage(frame("people", auditor), madeSnapshot(), peopleAsked{})},
		{"people_list", "old", newPeoplePage(frame("people", officer), old, peopleAsked{Show: "left"})},
		{"people_list", "no match", newPeoplePage(frame("people", officer), madeSnapshot(), peopleAsked{Words: hostile + "zzz"})},
		{"person_show", "full", newPersonPage(frame("people", auditor), person, "/people/erin@example.com", madeSnapshot().Roster.Keys, seen, []personItem{{"r_1", "PRV-04", item}})},
		{"person_show", "unseen", newPersonPage(frame("people", auditor), madeSnapshot().Roster.People[2], "", nil, nil, nil)},
		{"people_import", "first", newImportPage(frame("people", officer), "", "")},
		{"people_import", "wrong", newImportPage(frame("people", officer), runs.PartKeys, hostile)},
		{"people_history", "none", newHistoryPage(frame("people", auditor), empty, nil, nil)},
		{"people_history", "some", newHistoryPage(frame("people", auditor), madeSnapshot(), []runs.Snapshot{*madeSnapshot(), *madeSnapshot()}, map[string]string{"u_1": hostile})},
		{"import_show", "first", newImportedPage(frame("people", officer), madeSnapshot(), roster.Snapshot{}, hostile)},
		{"import_show", "emptied", newImportedPage(frame("people", auditor), empty, *madeSnapshot().Roster, hostile)},
		{"registers_show", "none", newRegistersPage(frame("people", auditor), empty)},
		{"registers_show", "full", newRegistersPage(frame("people", officer), madeSnapshot())},
		{"checks_list", "never run", newChecksPage(frame("checks", auditor), all, nil, catalogue)},
		{"checks_list", "run", newChecksPage(frame("checks", officer), all, latest, catalogue)},
		{"check_show", "never run", newCheckPage(frame("checks", auditor), reg, nil, nil, catalogue)},
		{"check_show", "run", newCheckPage(frame("checks", officer), net, &latest[0], madeCourse(), catalogue)},
		{"results_list", "none", newResultsPage(frame("results", auditor), len(all), nil)},
		{"results_list", "some", newResultsPage(frame("results", officer), len(all), latest)},
		{"runs_list", "none", newRunsPage(frame("results", auditor), nil, "")},
		{"runs_list", "some", newRunsPage(frame("results", officer), []runs.RunSummary{summary, failed}, "r_9")},
		{"runs_list", "many", newRunsPage(frame("results", officer), many, "")},
		{"run_start", "first", newRunStartPage(frame("results", officer), startForm{Window: "week", Which: "all"}, all, []runs.Source{madeSource(), off}, nil)},
		{"run_start", "faults", newRunStartPage(frame("results", officer), startForm{Window: "between", From: hostile, Which: "chosen", Checks: []string{"PRV-04"}, Sources: []string{"kubernetes"}}, all, []runs.Source{madeSource()}, bad)},
		{"run_start", "no source", newRunStartPage(frame("results", officer), startForm{}, all, []runs.Source{off}, nil)},
		{"run_show", "queued", newRunPage(frame("results", officer), madeRun(runs.Queued), hostile)},
		{"run_show", "running", newRunPage(frame("results", auditor), madeRun(runs.Running), hostile)},
		{"run_show", "failed", newRunPage(frame("results", officer), madeRun(runs.Failed), hostile)},
		{"run_show", "cancelled", newRunPage(frame("results", officer), madeRun(runs.Cancelled), hostile)},
		{"run_show", "done", newRunPage(frame("results", auditor), done, hostile)},
		{"result_show", "fail", newResultPage(frame("results", officer), result(reports.Fail, review))},
		{"result_show", "needs review", newResultPage(frame("results", auditor), result(reports.NeedsReview, decided))},
		{"result_show", "pass", newResultPage(frame("results", auditor), result(reports.Pass, nil))},
		{"result_show", "inconclusive", newResultPage(frame("results", auditor), result(reports.Inconclusive, nil))},
		{"result_show", "error", newResultPage(frame("results", auditor), result(reports.Errored, nil))},
		{"result_show", "not applicable", newResultPage(frame("results", auditor), result(reports.NotApplicable, nil))},
		{"item_show", "full", newItemPage(frame("results", auditor), done, &done.Results[0], &item)},
		{"settings_show", "first", newSettingsPage(frame("settings", actor.Admin), runs.Settings{}, nil)},
		{"settings_show", "faults", newSettingsPage(frame("settings", officer), runs.Settings{Organisation: hostile, AuditPolicy: "x", TicketPattern: hostile}, bad)},
		{"policy_coverage", "none", newCoveragePage(frame("settings", officer), all, "", nil, "")},
		{"policy_coverage", "wrong", newCoveragePage(frame("settings", officer), all, hostile, nil, hostile)},
		{"policy_coverage", "given", newCoveragePage(frame("settings", officer), all, hostile, policy, "")},
	}
}

func TestSourcesAreSaidAsTheyAre(t *testing.T) {
	good := madeSource()
	silent := madeSource()
	silent.Name, silent.LastRead = "ssh", &runs.SourceReading{At: fixtureNow, Newest: fixtureNow - 70*hour, Events: 1}
	unread := runs.Source{Name: "new"}
	off := madeSource()
	off.Disabled = true
	for _, c := range []struct {
		name    string
		sources []runs.Source
		want    string
	}{
		{"none", nil, "Nothing is connected"},
		{"good", []runs.Source{good}, "The one source that is read reported"},
		{"silent before unread", []runs.Source{good, unread, silent}, "ssh has been silent since Wednesday, 18 November, 11:23. Until it reports again, no check that reads it can pass."},
		{"unread", []runs.Source{good, unread}, "new is connected but no run has read it yet"},
		{"off", []runs.Source{off}, "No source is read at the moment"},
	} {
		if got := sourcesLede(Format{}, fixtureNow.Time(), c.sources); !strings.Contains(got, c.want) {
			t.Errorf("%s: said %q, want %q", c.name, got, c.want)
		}
	}
}

// A day without a reading is not known; only a day that was read and empty is
// silent.
func TestStripTellsSilenceFromIgnorance(t *testing.T) {
	s := sourceStrip("x", madeSource(), fixtureNow)
	states := map[string]string{}
	for _, row := range s.Figures.Rows {
		states[row[0]] = row[2]
	}
	for day, want := range map[string]string{"18 Nov": "unasked", "19 Nov": "silent", "20 Nov": "heard", "21 Nov": "heard"} {
		if states[day] != want {
			t.Errorf("%s is %q, want %q", day, states[day], want)
		}
	}
	if len(s.Days) != 30 {
		t.Errorf("%d days", len(s.Days))
	}
}

func TestCourseNeverDrawsTheUnknownAsZero(t *testing.T) {
	c := newCourse(Format{}, "PRV-04", "r_1", madeCourse())
	if got := c.Bars.Columns; len(got) != 3 || got[0].Missing || !got[1].Missing || !got[2].Hot {
		t.Errorf("columns %+v", got)
	}
}

func TestWhatAPersonAsksARunFor(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	w, faults := startForm{Window: "between", From: "2026-11-20T00:00", To: "2026-11-21T00:00", Which: "all", Checks: []string{"PRV-04"}}.wanted(now, zone)
	if len(faults) > 0 || w.Window.From.String() != "2026-11-19T23:00:00.000000Z" || w.Window.To.String() != "2026-11-20T23:00:00.000000Z" || w.Checks != nil {
		t.Errorf("asked for %+v %v", w, faults)
	}
	w, _ = startForm{Window: "day", Which: "chosen", Checks: []string{"PRV-04"}}.wanted(now, zone)
	if w.Window.To.Sub(w.Window.From) != 24*time.Hour || len(w.Checks) != 1 {
		t.Errorf("asked for %+v", w)
	}
	_, faults = startForm{Window: "between", From: "x", Which: "chosen"}.wanted(now, zone)
	for _, field := range []string{"from", "to", "check"} {
		if faults.For(field) == "" {
			t.Errorf("nothing is said of %s", field)
		}
	}
}

func TestImportsSayWhatTheyChanged(t *testing.T) {
	before, after := *madeSnapshot().Roster, *madeSnapshot().Roster
	after.People = append([]roster.Person{{ID: "new@example.com", Email: "new@example.com"}}, after.People[1:]...)
	after.People[2].LeftAt = 0
	before.People = append([]roster.Person(nil), before.People...)
	before.People[2].LeftAt = 0
	after.People[1].LeftAt = fixtureNow
	before.People[1].LeftAt = 0
	after.Keys = nil
	got := importedLede(runs.CompareSnapshots(before, after))
	for _, want := range []string{"1 person was added", "1 person now has a leaving date", "1 person is no longer listed", "1 key was removed", "give leavers a leaving date"} {
		if !strings.Contains(got, want) {
			t.Errorf("said %q, without %q", got, want)
		}
	}
	if got := importedLede(runs.CompareSnapshots(before, before)); got != "Nothing is different from the import before." {
		t.Errorf("said %q of no change", got)
	}
}

func TestExamplesAreAccepted(t *testing.T) {
	people, _ := importExample("people.csv")
	if _, err := roster.ReadPeople(strings.NewReader(people.text), people.name); err != nil {
		t.Error(err)
	}
	keys, _ := importExample("authorized_keys")
	if _, err := roster.ReadKeys(strings.NewReader(keys.text), keys.name); err != nil {
		t.Error(err)
	}
	registers, _ := importExample("registers.yaml")
	if _, err := config.ReadRegisters(strings.NewReader(registers.text), registers.name); err != nil {
		t.Error(err)
	}
	policy, err := config.ReadAuditPolicy(strings.NewReader(recommendedPolicy), "policy")
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range reports.Coverage(checks.All(), policy) {
		if one.Verdict != reports.Conclusive {
			t.Errorf("with the recommended policy %s is %s: %s", one.Check, one.Verdict, one.Why)
		}
	}
}

func TestLogTextShowsWhatHides(t *testing.T) {
	for in, want := range map[string]string{
		"plain ä": "plain ä", "a\u202eb": "a⟨U+202E⟩b", "a\u200bb": "a⟨U+200B⟩b", "a\x00b": `a\x00b`, "two\nlines": "two\nlines",
	} {
		if got := logText(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}

func TestAmountsInWords(t *testing.T) {
	for n, want := range map[int64]string{0: "0 bytes", 999: "999 bytes", 1000: "1.0 kB", 1_234_567: "1.2 MB", 999_999: "1.0 MB", 412_000_000: "412 MB", 1_200_000_000_000: "1.2 TB"} {
		if got := sizeWords(n); got != want {
			t.Errorf("%d bytes are %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{48: "48 s", 300: "5 min", 7200: "2 h", 8040: "2 h 14 min", 180_000: "2 days 2 h"} {
		if got := secondsWords(n); got != want {
			t.Errorf("%d s are %q, want %q", n, got, want)
		}
	}
	r := madeRun(runs.Running)
	r.Progress.Source = "kubernetes"
	if got, want := newRunProgress(r), (runProgress{Done: 343, Of: 1000, Text: "412 MB of 1.2 GB · 1,204,000 events · 350,000 a second · about 2 min left · reading kubernetes", State: "running", Href: "/runs/r_1"}); got != want {
		t.Errorf("progress %+v, want %+v", got, want)
	}
}
