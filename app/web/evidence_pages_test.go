package web

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"logreeve/app/actor"
	"logreeve/app/runs"
	"logreeve/app/sealing"
	"logreeve/app/trail"
	"logreeve/app/web/part"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/checks"
	"logreeve/reports/controls"
	"logreeve/reports/evidence"
	"logreeve/reports/policy"
	"logreeve/reviews"
)

const (
	closedSpec = `{"podSelector":{"matchLabels":{"app":"api"}},"ingress":[{"from":[{"podSelector":{"matchLabels":{"app":"web"}}}]}]}`
	openSpec   = `{"podSelector":{"matchLabels":{"app":"api"}},"ingress":[{}]}`
)

// madeChange is a change of one policy, hostile where the log speaks.
func madeChange(n int, op policy.Operation, before, after string) policy.Change {
	c := policy.Change{
		Time: fixtureNow - connectors.Instant(10-n)*hour, Actor: "alice@example.com", ActorKind: connectors.Human, ClientIP: hostile, UserAgent: "\u202e" + hostile, Operation: op, Verb: "update",
		API: "networking.k8s.io/v1", Kind: "NetworkPolicy", Namespace: "payments", Name: hostile, Identity: "networking.k8s.io/NetworkPolicy/payments/x",
		TicketSource: policy.NoTicket, BeforeKnown: true, ContentKnown: true, Source: hostile, Cluster: hostile, Event: policy.EventRef{Key: fmt.Sprintf("%032x", n), NativeID: hostile},
	}
	if before != "" {
		c.Before = json.RawMessage(before)
	}
	if after != "" {
		c.After = json.RawMessage(after)
	}
	return c
}

// madeHistory is created, opened wide, and deleted, by three deeds.
func madeHistory() []policy.Change {
	created, opened, gone := madeChange(1, policy.Created, "", closedSpec), madeChange(2, policy.Modified, closedSpec, openSpec), madeChange(3, policy.Deleted, openSpec, "")
	created.Ticket, created.TicketSource, created.Actor = "CHG-1", policy.FromRequest, "system:serviceaccount:ci:deployer"
	return []policy.Change{created, opened, gone}
}

// oddChanges are changes of which not everything is known.
func oddChanges() []policy.Change {
	unknown := madeChange(4, policy.Modified, "", "")
	unknown.BeforeKnown, unknown.ContentKnown = false, false
	implied := madeChange(5, policy.Deleted, closedSpec, "")
	implied.Implied, implied.WithNamespace = true, true
	missed := madeChange(6, policy.Modified, "", openSpec)
	missed.BeforeKnown, missed.Missed, missed.AsRequested = false, true, true
	inherited := madeChange(7, policy.Modified, closedSpec, openSpec)
	inherited.Ticket, inherited.TicketSource = hostile, policy.Inherited
	return []policy.Change{unknown, implied, missed, inherited}
}

func kubernetesSource() runs.Source {
	s := madeSource()
	s.LastRead = &runs.SourceReading{RunID: "r_1", At: fixtureNow, Newest: fixtureNow, Events: 12}
	return s
}

func known(string) bool { return true }

func goldenPackage(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile("../../reports/evidence/testdata/golden-v1.zip")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func madePackage(t testing.TB, b []byte) packageSeen {
	t.Helper()
	v, err := evidence.Verify("EV.zip", b)
	if err != nil {
		t.Fatal(err)
	}
	held, err := evidence.Open("EV.zip", b)
	if err != nil {
		t.Fatal(err)
	}
	return packageSeen{Package: &reviews.Package{Review: "W0-2026-W46", Revision: 1, Name: "EV-W0-2026-W46-r1.zip", Root: v.Root, SHA256: strings.Repeat("ab", 32), Size: int64(len(b)), SealedAt: fixtureNow, Fingerprint: v.Key},
		Contents: held, Verdict: v, Conclusion: reviews.EffectiveWithFindings, Own: v.Key}
}

func altered(t testing.TB, at string) []byte {
	t.Helper()
	b := slices.Clone(goldenPackage(t))
	i := strings.Index(string(b), at)
	if i < 0 {
		t.Fatalf("the golden package does not hold %q", at)
	}
	b[i+len(at)] ^= 1
	return b
}

func madeTrail(n int) []trail.Record {
	var all []trail.Record
	previous := trail.Genesis
	for i := 1; i <= n; i++ {
		r := trail.Record{Seq: int64(i), At: fixtureNow + connectors.Instant(i), By: "u_49d14704e402f29c96200c36", Address: hostile, Action: "review.decided", Kind: "review", Object: hostile, Detail: map[string]string{"key": strings.Repeat("ab", 32), hostile: hostile}, Previous: previous}
		if i%3 == 0 {
			r.By, r.Action, r.Kind, r.Object = "system", "run.done", "run", "r_1"
		}
		r.Hash = r.Sum()
		previous = r.Hash
		all = append(all, r)
	}
	slices.Reverse(all)
	return all
}

func madeTrailSeen(n int, a trailAsked) trailSeen {
	seen := trailSeen{Asked: a, Records: madeTrail(n), Recent: madeTrail(n), Names: map[string]actor.Actor{"u_49d14704e402f29c96200c36": {Name: hostile}}, Seq: int64(n), Hash: trail.Genesis}
	return seen
}

func madeFind(words string, found ...runs.Found) findSeen {
	return findSeen{Words: words, Found: found, Checks: checks.All(), Outcomes: map[string]reports.Outcome{"IDN-01": reports.Fail}, Catalogue: controls.Catalog()}
}

func changesFixture(seen changesSeen, change *part.Change) *changesPage {
	p := newChangesPage(fixtureFrame("Policy changes", "changes", actor.Officer), seen)
	if p.Empty == nil {
		p.Change = change
	}
	return p
}

// evidenceFixtures is every page of changes, evidence, trail and find in its
// states.
func evidenceFixtures(t testing.TB) []fixture {
	frame := func(nav string, roles ...actor.Role) Page { return fixtureFrame(hostile, nav, roles...) }
	all := slices.Concat(madeHistory(), oddChanges())
	toggle := viewToggle("", func(string) string { return "/changes" })
	view := func(c policy.Change, items ...runs.ItemOfChange) *part.Change {
		v := newChangeView(frame("changes", actor.Officer), changeGround{Change: &c, History: madeHistory(), Known: known, Items: items})
		v.Toggle = toggle
		return v
	}
	unified := view(all[1])
	unified.Unified = true
	item := runs.ItemOfChange{Run: "r_1", Purpose: hostile, Key: "k", Check: "NET-02", Title: hostile}
	decided := item
	decided.Purpose = "review W0-2026-W46"
	sources := []runs.Source{kubernetesSource()}
	silent := kubernetesSource()
	silent.LastRead.Newest = fixtureNow - 70*hour
	silent.LastRead.At = fixtureNow
	unread := kubernetesSource()
	unread.LastRead = nil
	good, key := madePackage(t, goldenPackage(t)), sealing.KeyInfo{Fingerprint: "SHA256:vnCPYZEYIJiZh2uBvM+OxoMWdgCDO4gKcg3xkFE6Riw", AllowedSigners: hostile, Path: "/data/" + hostile, Created: fixtureNow.Time()}
	bad := madePackage(t, altered(t, `"reason":"`))
	sealed := []reviews.Sealed{{Package: *good.Package, Of: summaryOf(attestedReview(t))}, {Package: reviews.Package{Review: hostile, Revision: 2, Fingerprint: hostile, SealedAt: fixtureNow}}}
	broken := newTrailPage(frame("trail", actor.Auditor), madeTrailSeen(3, trailAsked{}))
	broken.verified([]trail.Break{{Seq: 2, What: hostile}}, 3, trail.Genesis)
	holds := newTrailPage(frame("trail", actor.Auditor), madeTrailSeen(3, trailAsked{}))
	holds.verified(nil, 3, trail.Genesis)
	var many []policy.Change
	for i := range 120 {
		c := madeChange(2, policy.Modified, closedSpec, openSpec)
		c.Time, c.Event.Key, c.Namespace = fixtureNow-connectors.Instant(i)*hour, fmt.Sprint(i), fmt.Sprint("ns-", i%50)
		many = append(many, c)
	}
	slices.Reverse(many)
	return []fixture{
		{"changes_list", "full", changesFixture(changesSeen{Changes: all, Sources: sources}, view(all[1], item, decided))},
		{"changes_list", "unified", changesFixture(changesSeen{Changes: all, Sources: []runs.Source{silent}, Asked: changesAsked{View: "unified"}}, unified)},
		{"changes_list", "content not recorded", changesFixture(changesSeen{Changes: all, More: true, Sources: sources}, view(all[3]))},
		{"changes_list", "implied", changesFixture(changesSeen{Changes: all, Sources: sources, Asked: changesAsked{Does: "implied", Namespace: "payments"}}, view(all[4]))},
		{"changes_list", "missed", changesFixture(changesSeen{Changes: all, Sources: sources}, view(all[5]))},
		{"changes_list", "inherited", changesFixture(changesSeen{Changes: all, Sources: sources, Asked: changesAsked{Ticket: "inherited"}}, view(all[6]))},
		{"changes_list", "pages", changesFixture(changesSeen{Changes: many, Sources: sources, Asked: changesAsked{Period: "30", Page: 2}}, view(all[1]))},
		{"changes_list", "no match", changesFixture(changesSeen{Changes: all, Sources: sources, Asked: changesAsked{Who: hostile}}, nil)},
		{"changes_list", "none", changesFixture(changesSeen{Sources: sources, Watched: 41, LastChange: fixtureNow - 500*hour}, nil)},
		{"changes_list", "no source", changesFixture(changesSeen{}, nil)},
		{"changes_list", "not read", changesFixture(changesSeen{Sources: []runs.Source{unread}}, nil)},
		{"changes_list", "faults", changesFixture(changesSeen{Sources: sources, Asked: changesAsked{From: hostile}, Faults: Faults{"from": hostile}}, nil)},
		{"change_show", "last", newObjectPage(frame("changes", actor.Auditor), madeHistory(), []runs.ItemOfChange{item}, objectAsked{A: 2, B: 3}, known)},
		{"change_show", "far apart", newObjectPage(frame("changes", actor.Auditor), slices.Concat(madeHistory(), oddChanges()), nil, objectAsked{A: 0, B: 2, Unified: true}, known)},
		{"evidence_list", "full", newEvidencePage(frame("evidence", actor.Auditor), sealed, key.Fingerprint)},
		{"evidence_list", "empty", newEvidencePage(frame("evidence", actor.Auditor), nil, key.Fingerprint)},
		{"evidence_show", "valid", newPackagePage(frame("evidence", actor.Auditor), good)},
		{"evidence_show", "altered", newPackagePage(frame("evidence", actor.Auditor), bad)},
		{"verify_show", "first", newVerifyPage(frame("evidence", actor.Auditor), key.Fingerprint, nil, "")},
		{"verify_show", "refused", newVerifyPage(frame("evidence", actor.Auditor), key.Fingerprint, nil, hostile)},
		{"verify_show", "valid", newVerifyPage(frame("evidence", actor.Auditor), good.Own, good.Verdict, "")},
		{"verify_show", "another key", newVerifyPage(frame("evidence", actor.Auditor), key.Fingerprint, good.Verdict, "")},
		{"verify_show", "altered", newVerifyPage(frame("evidence", actor.Auditor), good.Own, &evidence.Verdict{File: hostile, Title: hostile, SignedBy: []string{hostile}, Key: hostile, Problems: []evidence.Problem{{Path: hostile, Record: hostile, What: hostile}}}, "")},
		{"key_show", "administrator", newKeyPage(frame("evidence", actor.Admin), key)},
		{"key_show", "auditor", newKeyPage(frame("evidence", actor.Auditor), key)},
		{"trail_list", "full", newTrailPage(frame("trail", actor.Auditor), madeTrailSeen(trailShown+1, trailAsked{By: "system", Object: hostile, Before: 300}))},
		{"trail_list", "no match", newTrailPage(frame("trail", actor.Reviewer), trailSeen{Seq: 12, Hash: trail.Genesis, Asked: trailAsked{Day: hostile}, Faults: Faults{"day": hostile}})},
		{"trail_list", "empty", newTrailPage(frame("trail", actor.Admin), trailSeen{Hash: trail.Genesis})},
		{"trail_list", "broken", broken},
		{"trail_list", "holds", holds},
		{"find_show", "first", newFindPage(frame(""), madeFind(""))},
		{"find_show", "control", newFindPage(frame(""), madeFind("A.9.2.1"))},
		{"find_show", "things", newFindPage(frame(""), madeFind(hostile, runs.Found{Kind: "person", Title: hostile, Text: hostile, Path: "/people/x"}, runs.Found{Kind: "policy", Title: hostile, Text: hostile, Path: "/changes?object=x"}, runs.Found{Kind: "run", Title: "nightly 2026-11-20", Text: "done", Path: "/runs/r_1"}))},
		{"find_show", "nothing", newFindPage(frame(""), madeFind(hostile))},
	}
}

func TestChangesSentence(t *testing.T) {
	f := Format{Zone: time.UTC}
	w, err := changesAsked{}.window(f, fixtureNow)
	if err != nil || f.Span(w) != "15 Nov – 21 Nov 2026" {
		t.Errorf("without a wish the period is %s: %v", f.Span(w), err)
	}
	got := changesLede(f, w, told(slices.Concat(madeHistory(), oddChanges())))
	if want := "15 Nov – 21 Nov 2026: 1 created, 4 modified, 1 deleted, 1 implied by a namespace deletion. 5 open or weaken something; 3 carry no ticket."; got != want {
		t.Errorf("said  %s\nwant %s", got, want)
	}
	if got := changesLede(f, w, nil); got != "15 Nov – 21 Nov 2026: no policy changes." {
		t.Error(got)
	}
}

func TestPeriodOfChanges(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	f := Format{Zone: zone}
	for _, x := range []struct {
		asked changesAsked
		want  string
		fault string
	}{
		{changesAsked{From: "2026-11-01", To: "2026-11-03"}, "1 Nov – 3 Nov 2026", ""},
		{changesAsked{From: "2026-10-25", To: "2026-10-25"}, "25 Oct 2026", ""}, // 25 hours
		{changesAsked{Period: "all"}, "all time", ""},
		{changesAsked{Period: "30"}, "23 Oct – 21 Nov 2026", ""},
		{changesAsked{Period: "x"}, "15 Nov – 21 Nov 2026", ""},
		{changesAsked{From: "2026-11-01"}, "from 1 Nov 2026, 00:00", ""},
		{changesAsked{From: "2026-11-03", To: "2026-11-01"}, "15 Nov – 21 Nov 2026", "to"},
		{changesAsked{From: "yesterday"}, "15 Nov – 21 Nov 2026", "from"},
		{changesAsked{To: "0001-01-01"}, "15 Nov – 21 Nov 2026", "to"},
	} {
		w, err := x.asked.window(f, fixtureNow)
		faults, _ := faultsOf(err)
		if got := f.Span(w); got != x.want || (x.fault == "") != (err == nil) || x.fault != "" && faults.For(x.fault) == "" {
			t.Errorf("%+v is %s: %v", x.asked, got, err)
		}
	}
	if _, err := (changesAsked{From: "a", To: "b"}).window(f, fixtureNow); err == nil {
		t.Error("two faults are none")
	} else if faults, _ := faultsOf(err); len(faults) != 2 {
		t.Errorf("one of two faults is told: %v", faults)
	}
}

// Filters leave what they say they leave, and count what choosing them would.
func TestChangesFiltersCountWhatTheyLeave(t *testing.T) {
	all := told(slices.Concat(madeHistory(), oddChanges()))
	filters := changeFilters()
	offered := changesFilters(Format{Zone: time.UTC}, fixtureNow, all, changesAsked{Ticket: "none"})
	tried := 0
	for _, x := range offered.Filters[1:] {
		for _, o := range x.Options[1:] {
			asked := changesAsked{Ticket: "none"}
			i := slices.IndexFunc(filters, func(f changeFilter) bool { return f.label == x.Label })
			value := ""
			for _, c := range all {
				for _, v := range filters[i].of(c) {
					word := filters[i].word
					if v == o.Text || word != nil && logText(word(v)) == o.Text {
						value = v
					}
				}
			}
			if value == "" {
				continue // hostile text, shown otherwise than it is
			}
			*filters[i].set(&asked) = value
			n := countIf(all, func(c toldChange) bool { return asked.holds(c, filters, -1) })
			if o.Count != countWord(n) {
				t.Errorf("%s %s says %s and leaves %d", x.Label, o.Text, o.Count, n)
			}
			tried++
		}
	}
	if tried < 8 {
		t.Errorf("only %d options", tried)
	}
}

// The absence of changes is never told as such when it is not known.
func TestNoChangesIsSaidOnlyWhenKnown(t *testing.T) {
	read, unread := kubernetesSource(), kubernetesSource()
	unread.LastRead = nil
	silent := kubernetesSource()
	silent.LastRead = &runs.SourceReading{At: fixtureNow, Newest: fixtureNow - 20*hour}
	w := connectors.Window{From: fixtureNow - 100*hour, To: fixtureNow + hour}
	frame := fixtureFrame("", "changes")
	for _, x := range []struct {
		name    string
		sources []runs.Source
		w       connectors.Window
		title   string
		holds   string
	}{
		{"read", []runs.Source{read}, w, "No policy changes in this period", "41 policy objects under watch; the last change was on 20 Nov 2026"},
		{"silent", []runs.Source{silent}, w, "No policy changes in this period", "may be changes that are not known"},
		{"no source", nil, w, "No Kubernetes audit log is connected", "not the same as no change"},
		{"never read", []runs.Source{unread}, w, "No run has read the audit log yet", "Nothing is known"},
		{"read before", []runs.Source{silent}, connectors.Window{From: fixtureNow - hour}, "This period has not been read", "is not known"},
	} {
		e := changesEmpty(frame, x.w, changesSeen{Sources: x.sources, Watched: 41, LastChange: fixtureNow - 24*hour}, 0)
		if e.Title != x.title || !strings.Contains(e.Text, x.holds) {
			t.Errorf("%s: %s %s", x.name, e.Title, e.Text)
		}
	}
	if n := changesNotice(frame.Format(), fixtureNow, w, changesSeen{Sources: []runs.Source{silent}}); n == nil || n.Kind != "down" {
		t.Errorf("a silent source is not told: %+v", n)
	}
	if n := changesNotice(frame.Format(), fixtureNow, connectors.Window{From: fixtureNow - 100*hour, To: fixtureNow - 50*hour}, changesSeen{Sources: []runs.Source{silent}}); n != nil {
		t.Errorf("silence after the period is told of it: %+v", n)
	}
}

func TestAnyTwoVersionsCompare(t *testing.T) {
	h := madeHistory()
	for _, x := range []struct {
		a, b          int
		op            policy.Operation
		before, after string
	}{
		{0, 1, policy.Created, "", closedSpec}, {1, 2, policy.Modified, closedSpec, openSpec}, {0, 2, policy.Created, "", openSpec}, {1, 3, policy.Deleted, closedSpec, ""}, {0, 3, policy.Deleted, "", ""},
	} {
		c := between(h, x.a, x.b)
		if c.Operation != x.op || string(c.Before) != x.before || string(c.After) != x.after || !c.BeforeKnown {
			t.Errorf("%d to %d: %s, %s → %s", x.a, x.b, c.Operation, c.Before, c.After)
		}
	}
	odd := slices.Concat(h, oddChanges())
	if c := between(odd, 4, 6); c.BeforeKnown {
		t.Error("what version 4 said is not in the log, but is shown as known")
	}
	if v := newChangeView(fixtureFrame("", "changes"), changeGround{Change: between(odd, 4, 6), History: odd, Known: known}); v.Diff == nil || v.Diff.Before != "Before: not known" {
		t.Errorf("the unknown side is not named: %+v", v.Diff)
	}
}

func TestChangeInWords(t *testing.T) {
	h := madeHistory()
	v := newChangeView(fixtureFrame("", "changes"), changeGround{Change: &h[1], History: h, Known: func(id string) bool { return id == "NET-02" }})
	if v.Version != "version 2 of 3" || v.From == nil || !strings.HasPrefix(v.From.Text, "v1 · ci/deployer") || !strings.HasPrefix(v.To.Text, "v2 · alice@example.com") {
		t.Errorf("%+v", v)
	}
	if !strings.HasPrefix(v.Now, "Now allows ingress") || !strings.HasPrefix(v.Before, "Before: ") || len(v.Verdicts) == 0 || v.Verdicts[0].Href != "/checks/NET-02" {
		t.Errorf("%s\n%s\n%+v", v.Now, v.Before, v.Verdicts)
	}
	for _, b := range v.Verdicts[1:] {
		if b.Href != "" {
			t.Errorf("leads to a check that is not part of this version: %+v", b)
		}
	}
	unknown := oddChanges()[0]
	v = newChangeView(fixtureFrame("", "changes", actor.Admin), changeGround{Change: &unknown, Known: known})
	if v.Diff != nil || !strings.Contains(v.Same, "not in the log") || len(v.Notices) != 1 || v.Notices[0].Actions[0].Href != "/settings/audit-policy" || v.Version != "" {
		t.Errorf("%+v", v)
	}
	if v := newChangeView(fixtureFrame("", "changes", actor.Auditor), changeGround{Change: &unknown, Known: known}); v.Notices[0].Actions != nil {
		t.Error("an auditor is sent to settings")
	}
}

func TestVerdictsAreNeverBetterThanTheyAre(t *testing.T) {
	frame := fixtureFrame("", "evidence")
	good := madePackage(t, goldenPackage(t))
	for name, x := range map[string]struct {
		own     string
		v       *evidence.Verdict
		outcome string
	}{
		"own key":     {good.Own, good.Verdict, "pass"},
		"another key": {"SHA256:other", good.Verdict, "needs_review"},
		"altered":     {good.Own, madePackage(t, altered(t, `"reason":"`)).Verdict, "fail"},
	} {
		if d := newVerdictSeen(frame, x.own, x.v); d.Badge.Outcome != x.outcome || (x.outcome == "fail") != (len(d.Problems.Rows) > 0) {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

func TestKeyIsToldToWhomItConcerns(t *testing.T) {
	key := sealing.KeyInfo{Fingerprint: "SHA256:vnCPYZEYIJiZh2uBvM+OxoMWdgCDO4gKcg3xkFE6Riw", AllowedSigners: "logreeve ssh-ed25519 AAAA\n", Path: "/data/it's/keys/signing_ed25519", Created: fixtureNow.Time()}
	for _, r := range actor.Roles() {
		p := newKeyPage(fixtureFrame("", "evidence", r), key)
		told := len(p.Backup) > 0
		if want := r == actor.Admin || r == actor.Officer; told != want {
			t.Errorf("%s is told where the key lies: %v", r, told)
		}
		if !told && strings.Contains(fmt.Sprint(p.Facts), "/data/") {
			t.Errorf("%s sees the path", r)
		}
		if p.Kind+strings.Join(p.Fingerprint, "") != key.Fingerprint || len(p.Fingerprint) != 9 {
			t.Errorf("the groups are not the fingerprint: %q", p.Fingerprint)
		}
		if told && !strings.HasPrefix(p.Backup[0].Command, `cp -p '/data/it'\''s/keys/signing_ed25519' `) {
			t.Error(p.Backup[0].Command)
		}
	}
}

func TestFindByOldNumberAndWords(t *testing.T) {
	titles := func(p *findPage) string {
		said := ""
		for _, g := range p.Groups {
			said += g.Title + " " + g.Count + " "
		}
		return strings.TrimSpace(said)
	}
	p := newFindPage(fixtureFrame("", ""), madeFind("A.9.2.1"))
	if len(p.Groups) != 2 || !strings.HasPrefix(p.Groups[0].Hits[0].Text, "5.16 ") || p.Groups[0].Hits[0].Badges[0].Outcome != "fail" || !strings.Contains(p.Groups[0].Hits[0].Badges[1].Text, "never run") {
		t.Errorf("%s: %+v", titles(p), p.Groups)
	}
	for _, h := range p.Groups[1].Hits {
		if !strings.HasPrefix(h.About, "Supports 5.16") {
			t.Errorf("%+v", h)
		}
	}
	if p := newFindPage(fixtureFrame("", ""), madeFind("prv-04")); titles(p) != "Checks 1" || p.Groups[0].Hits[0].Href != "/checks/PRV-04" {
		t.Error(titles(p))
	}
	if p := newFindPage(fixtureFrame("", ""), madeFind("secrets people")); !strings.Contains(titles(p), "Checks") {
		t.Error(titles(p))
	}
	if p := newFindPage(fixtureFrame("", ""), madeFind("zzzz")); p.Empty == nil || p.Head.Lede != "Nothing matches “zzzz”." {
		t.Errorf("%+v", p.Head)
	}
	many := make([]runs.Found, findShown)
	for i := range many {
		many[i] = runs.Found{Kind: "person", Title: "x", Path: "/people/x"}
	}
	if p := newFindPage(fixtureFrame("", ""), madeFind("zzzz", many...)); !strings.Contains(p.Head.Lede, "there are more") {
		t.Error(p.Head.Lede)
	}
}
