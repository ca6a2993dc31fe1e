// Package dossiertest builds dossiers for tests of the renderers: a rich one as
// a real week of a real organisation would give, a small one for tests that
// alter every byte, and hostile ones. They go through the rules of reviews, so
// digests and texts are the ones those make.
package dossiertest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"time"

	"logreeve/app/trail"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/dossier"
	"logreeve/reports/roster"
	"logreeve/reviews"
)

const zone = "Europe/Zurich"

// The people who sign.
var (
	Omar = reviews.Signer{Account: "u_omar", Name: "Omar Keita", Email: "omar.keita@nordhaven.example", Person: "p-0006", Roles: []string{"reviewer"}}
	Lena = reviews.Signer{Account: "u_lena", Name: "Lena Vogt", Email: "lena.vogt@nordhaven.example", Person: "p-0009", Roles: []string{"approver"}}
)

func at(day int, clock string) connectors.Instant {
	t, err := time.Parse("15:04:05.000000", clock)
	if err != nil {
		panic(err)
	}
	return connectors.At(time.Date(2026, 11, day, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC))
}

func hexOf(parts ...any) string {
	sum := sha256.Sum256([]byte(fmt.Sprint(parts...)))
	return hex.EncodeToString(sum[:])
}

type checkRow struct {
	id, title string
	controls  []string
	severity  reports.Severity
	kind      reports.Type
	outcome   reports.Outcome
	tested    int64
	items     int
	objective string
}

func catalogue() []checkRow {
	a, r, h := reports.Assertion, reports.RegisterT, reports.Health
	return []checkRow{
		{"IDN-01", "Every action of a person resolves to exactly one person", []string{"5.16", "8.15"}, reports.High, a, reports.Fail, 1380102, 2, "Each login that acted is compared with the list of people; one that belongs to nobody, or to several, cannot be held to account."},
		{"IDN-02", "Built-in administrator credential used", []string{"8.2", "5.16"}, reports.High, r, reports.NeedsReview, 1380102, 1, "Built-in administrators are nobody in particular; each use needs a reason."},
		{"IDN-03", "system:masters in use", []string{"8.2"}, reports.High, r, reports.NeedsReview, 1380102, 1, "Members of this group pass every authorisation check."},
		{"IDN-05", "Same SSH key used by several people", []string{"5.17"}, reports.High, a, reports.Fail, 312, 1, "A key that opens accounts of several people identifies none of them."},
		{"IDN-06", "One account opened with several keys", []string{"5.17"}, reports.Medium, r, reports.NeedsReview, 312, 2, "Shared accounts show by the number of keys that open them."},
		{"IDN-08", "Login not attributable to a key owner", []string{"5.16", "5.17"}, reports.High, a, reports.Fail, 312, 1, "Every key that opens an account belongs to a registered person."},
		{"IDN-11", "Impersonation outside approved proxies", []string{"8.2"}, reports.High, r, reports.NeedsReview, 1380102, 2, "Acting as somebody else hides who acted, unless an approved proxy does it."},
		{"REG-01", "Active principals not on the roster", []string{"5.16", "5.18"}, reports.Medium, a, reports.Pass, 1391870, 0, "Whoever acts is known to the list of people."},
		{"REG-02", "Activity after the leaving date", []string{"6.5", "5.18"}, reports.Critical, a, reports.Fail, 1391870, 1, "Nobody acts after the day they left."},
		{"REG-06", "Register of changes to access rights", []string{"5.18"}, reports.Medium, r, reports.NeedsReview, 1380102, 3, "Every change to bindings is seen by a person."},
		{"PRV-01", "Administrator role granted", []string{"8.2", "5.18"}, reports.Critical, r, reports.NeedsReview, 1380102, 1, "A grant of cluster-wide administration is ordered and no wider than ordered."},
		{"PRV-04", "Secrets read by people", []string{"8.3", "8.15"}, reports.Medium, r, reports.NeedsReview, 18204, 4, "People read secrets only when their work needs it."},
		{"PRV-05", "Interactive access to workloads", []string{"8.18"}, reports.Medium, r, reports.NeedsReview, 1380102, 3, "Shells in workloads leave no change behind that could be reviewed; each is looked at."},
		{"ACC-01", "Anonymous request allowed", []string{"8.5"}, reports.Critical, a, reports.Pass, 1380102, 0, "No request without identity succeeds, except health checks."},
		{"ACC-02", "Burst of unauthenticated requests", []string{"8.16"}, reports.Medium, a, reports.NeedsReview, 35, 1, "Many refused requests in a short time are somebody trying."},
		{"ACC-09", "SSH brute force", []string{"8.5", "8.16"}, reports.Medium, a, reports.NeedsReview, 11420, 2, "Many failed logins from one address are somebody guessing."},
		{"CHG-01", "Production changed outside the delivery pipeline", []string{"8.32"}, reports.Medium, r, reports.NeedsReview, 18204, 6, "People change production by hand only with a reason."},
		{"CHG-02", "Change without a ticket", []string{"8.32"}, reports.High, a, reports.Fail, 211, 3, "Every change of a network policy names the ticket it was ordered by."},
		{"NET-01", "Network policy opened to everybody", []string{"8.20", "8.22"}, reports.High, a, reports.Fail, 211, 1, "No change opens a protected workload to every address."},
		{"NET-02", "Default deny removed", []string{"8.22"}, reports.High, a, reports.Pass, 211, 0, "Namespaces keep a policy that denies what is not allowed."},
		{"NET-03", "Register of network-policy changes", []string{"8.20"}, reports.Low, r, reports.NeedsReview, 211, 5, "Every change of a network policy is seen by a person."},
		{"NET-06", "Network policy deleted", []string{"8.20", "8.22"}, reports.Medium, r, reports.NeedsReview, 211, 1, "A deleted policy is no longer needed."},
		{"LOG-01", "Gaps in audit logs", []string{"8.15"}, reports.High, h, reports.Pass, 1391870, 0, "No source is silent for longer than is normal for it."},
		{"LOG-05", "Every expected source reports", []string{"8.15"}, reports.High, h, reports.Pass, 9, 0, "Each declared source has an event in the period."},
		{"LOG-13", "Secret material recorded in audit logs", []string{"8.15", "8.3"}, reports.High, a, reports.Inconclusive, 0, 0, "Audit logs hold no passwords, keys or tokens."},
	}
}

// story gives titles and sentences that items of a check could carry.
func story(check string, n int) (title, summary, actor string) {
	stories := map[string][][3]string{
		"IDN-01": {{"shared-ops acted and belongs to nobody", "shared-ops patched deployment web/front; no person in the list has this login.", "k8s:shared-ops"}, {"ubuntu on worker-2 belongs to nobody", "ubuntu logged in on worker-2 and ran sudo; the account is not in the list of people.", "linux:worker-2:ubuntu"}},
		"REG-02": {{"Carol Meier acted after leaving", "carol@nordhaven.example listed pods in web three times on 6 November; she left on 2 November.", "k8s:carol@nordhaven.example"}},
		"PRV-01": {{"dave@nordhaven.example was made administrator", "alice@nordhaven.example bound dave@nordhaven.example to cluster-admin by the binding dave-admin.", "k8s:alice@nordhaven.example"}},
		"NET-01": {{"payments/allow-web-to-api opened to every address", "alice@nordhaven.example replaced the rule that allowed only pods labelled app=web by one that allows everything.", "k8s:alice@nordhaven.example"}},
		"PRV-04": {{"dave@nordhaven.example read secrets in payments", "dave@nordhaven.example read the secrets db and card-api in payments four times.", "k8s:dave@nordhaven.example"}},
		"PRV-05": {{"bob@nordhaven.example opened a shell in payments/api-7c9d", "bob@nordhaven.example ran sh and cat /etc/passwd in the pod api-7c9d of payments.", "k8s:bob@nordhaven.example"}},
		"IDN-05": {{"One key opened accounts of two people", "SHA256:Jd3n0mT7Ck2y9QWq5e1ZrXo8bV4uLs6hPfGaKiDcM2w opened bob and alice on worker-1 within 20 minutes.", "linux:worker-1:bob"}},
	}
	s := stories[check]
	if len(s) == 0 {
		s = [][3]string{{"erin@nordhaven.example changed web/front", "erin@nordhaven.example patched the deployment front in web with kubectl, outside the pipeline.", "k8s:erin@nordhaven.example"},
			{"system:serviceaccount:ci:deployer changed payments/api", "The delivery pipeline updated the deployment api in payments; the change names CHG-4439.", "k8s:system:serviceaccount:ci:deployer"},
			{"203.0.113.66 tried 24 times without an identity", "24 requests without a valid token came from 203.0.113.66 within 8 minutes; all were refused.", "k8s:system:anonymous"}}
	}
	x := s[n%len(s)]
	return x[0], x[1], x[2]
}

func record(check string, item, n int, actor string) connectors.Record {
	when := at(2+(item+n)%7, fmt.Sprintf("%02d:%02d:%02d.%06d", (9+item*3)%24, (7*n)%60, (13*n+item)%60, 123456+n))
	r := connectors.Record{
		Key: hexOf(check, item, n)[:32], NativeID: hexOf("native", check, item, n)[:36], Source: "prod-kubeaudit", Kind: connectors.Kubernetes, Cluster: "prod",
		Time: when, TimeBasis: "received", Category: connectors.CategoryAPI, Verb: []string{"get", "patch", "update", "list"}[n%4], Outcome: connectors.OK, Code: "200",
		Login: strings.TrimPrefix(actor, "k8s:"), Actor: strings.TrimPrefix(actor, "k8s:"), ActorKind: connectors.Human, ClientIP: fmt.Sprintf("10.20.1.%d", 10+n%6), UserAgent: "kubectl/v1.34.1 (linux/amd64) kubernetes/8adc0f0",
		Object: &connectors.RecordObject{Version: "v1", Resource: "secrets", Namespace: "payments", Name: []string{"db", "card-api"}[n%2]}, SHA256: hexOf("raw", check, item, n),
	}
	if strings.HasPrefix(actor, "linux:") {
		parts := strings.Split(actor, ":")
		r.Source, r.Kind, r.Cluster, r.Host, r.Category, r.Verb, r.Code, r.Object, r.UserAgent = "auth-"+parts[1], connectors.AuthLog, "", parts[1], connectors.CategoryCommand, "sudo", "", nil, ""
		r.Login, r.Actor, r.Effective, r.Command = parts[2], parts[2], "root", "/usr/bin/systemctl restart kubelet"
	}
	return r
}

// Rich is a closed week of Nordhaven Energy: 25 checks, 41 items, 25 picks, five
// policy changes, two findings, two limits, an attestation that was returned and
// both signatures.
func Rich() *dossier.Dossier { return build(catalogue(), 25, 24, true, 60) }

// Small is the least that is still a whole package: one check with one item.
func Small() *dossier.Dossier {
	rows := []checkRow{catalogue()[8], catalogue()[24]}
	return build(rows, 2, 4, false, 3)
}

func build(rows []checkRow, sample, eventsAtMost int, changes bool, chain int) *dossier.Dossier {
	template := reviews.Templates(nil)[0]
	period := connectors.Window{From: at(1, "23:00:00.000000"), To: at(8, "23:00:00.000000")}
	r := &reviews.Review{
		ID: "W0-2026-W45", Template: template.ID, Title: "Weekly log review, week 45 of 2026", Revision: 1, Version: 71, Period: period, Zone: zone, LocalDate: "2026-11-02",
		State: reviews.Scheduled, DueAt: at(12, "23:00:00.000000"), MissedAt: at(19, "23:00:00.000000"),
	}
	d := &dossier.Dossier{
		Organisation: "Nordhaven Energy AG", Classification: "Confidential · evidence for auditors", Zone: zone, Review: r, Template: template,
		Window: reports.RunWindow{From: period.From, To: period.To, Given: true}, Tool: dossier.Tool{Name: "Logreeve", Version: "0.1.0", Commit: "3f9c2a71d0"},
		PreviousRoot: hexOf("previous root"),
	}
	opening := reviews.Opening{RunID: "run_2026W45_01J9", Figures: reviews.Figures{EventsTested: 1391870, EventsRead: 1391870, Population: 1200, Sources: 4}}
	for _, c := range rows {
		addCheck(d, &opening, c, eventsAtMost)
		template.Checks = append(template.Checks, c.id)
	}
	d.Template = template
	addSources(d, changes)
	addSnapshot(d)
	addSample(d, &opening, r.ID, sample)
	must(r.OpenWith(opening, at(9, "06:00:00.000000").Time()))
	decide(d, changes)
	addControls(d)
	if changes {
		must(json.Unmarshal([]byte(changesJSON), &d.Changes))
		d.PolicyText = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n"
	}
	previous := trail.Genesis
	for i := range chain {
		rec := trail.Record{Seq: int64(i + 1), At: at(9, "07:00:00.000000").Add(time.Duration(i) * time.Minute), By: "u_omar", Address: "10.20.1.15", Action: "review.decided", Kind: "review", Object: r.ID,
			Detail: map[string]string{"seq": fmt.Sprint(i + 1)}, Previous: previous}
		rec.Hash = rec.Sum()
		previous = rec.Hash
		d.Chain = append(d.Chain, rec)
	}
	d.Head = dossier.Head{Seq: int64(chain), Hash: previous}
	attester, approver := r.Attester(), r.Approver()
	d.Rules = r.Rules(&attester.By, &approver.By)
	d.SealedAt = at(12, "08:05:49.000000")
	return d
}

func addCheck(d *dossier.Dossier, o *reviews.Opening, c checkRow, eventsAtMost int) {
	def := dossier.Definition{ID: c.id, Version: 1, Title: c.title, Objective: c.objective, Logic: "Selects events of the kinds the check needs, groups them by who acted and on what, and judges each group once.",
		Severity: c.severity, Type: c.kind, Select: connectors.In("kind", "kubernetes", "authlog"), Params: map[string]string{}, Digest: hexOf("definition", c.id), Controls: c.controls}
	if c.id == "ACC-09" {
		def.Params = map[string]string{"failures": "10", "within": "10m"}
	}
	d.Checks = append(d.Checks, def)
	res := reports.Result{Check: c.id, Version: 1, Title: c.title, Kind: c.kind, Severity: c.severity, Controls: c.controls, Outcome: c.outcome, Population: c.tested, Params: def.Params, Digest: def.Digest, Items: []reports.Item{}}
	res.Gates = []reports.Gate{{ID: reports.G1, OK: true, Detail: "1,391,870 records of 4 sources were read to the end."}, {ID: reports.G2, OK: true, Detail: "1,391,870 events from 4 sources in the window; all 4 expected sources report."},
		{ID: reports.G3, OK: true, Detail: "The data reaches back to the start of the window, 2026-11-01T23:00:00.000000Z."}, {ID: reports.G4, OK: true, Detail: "The longest silence is 3 hours 10 minutes; at most 6 hours is allowed."},
		{ID: reports.G5, OK: true, Detail: "The window ended at 2026-11-08T23:00:00.000000Z and every event in it has arrived."}, {ID: reports.G8, OK: true, Detail: "1,391,866 of 1,391,870 lines were understood."}}
	switch {
	case c.id == "LOG-13":
		res.Gates = append(res.Gates, reports.Gate{ID: reports.G6, OK: false, Detail: "2,118 events could not be judged because the log does not hold the content."})
		res.Undecidable = 2118
		res.Reason = "Nothing was found, but that proves nothing, because G6 is not met: 2,118 events could not be judged because the log does not hold the content."
		for i := range 5 {
			res.Undecided = append(res.Undecided, reports.UndecidedRef{EventRef: reports.EventRef{Key: hexOf("undecided", i)[:32], Time: at(3, "10:00:00.000001")}, Reason: "the request body was not recorded"})
		}
	case c.id == "PRV-05":
		res.Limited = true
		res.Gates = append(res.Gates, reports.Gate{ID: reports.G7, OK: false, Detail: "Nothing shows that the log records port forwarding at all: the window holds none, by anyone."})
		res.Reason = "3 items need a decision, and there may be more, because G7 is not met: nothing shows that the log records port forwarding at all: the window holds none, by anyone."
	case c.items == 0:
		res.Reason = fmt.Sprintf("Nothing was found in %d events tested, and all 6 gates are met.", c.tested)
	default:
		res.Reason = fmt.Sprintf("%d items need a decision.", c.items)
	}
	if c.id == "IDN-02" {
		res.Suppressions = []reports.Suppression{{Register: roster.BreakGlass, Value: "kubernetes-admin", Expires: at(30, "23:59:59.000000"), Events: 3}}
		res.Suppressed = 3
	}
	for i := range c.items {
		title, summary, actor := story(c.id, i)
		n := 1 + (i*7+len(c.id)*3)%max(eventsAtMost, 1)
		it := reports.Item{Key: hexOf("item", c.id, i), Subject: actor + " " + c.id, Title: title, Summary: summary, Severity: c.severity, Violation: c.outcome == reports.Fail, Count: int64(n), Actors: []string{actor}}
		if c.id == "REG-02" {
			it.Persons = []string{"p-0003"}
		}
		if i == 0 {
			it.Facts = []reports.Fact{{Label: "From", Value: "10.20.1.10, the office network"}, {Label: "Person", Value: "Alice Brunner, platform engineering"}}
		}
		for e := range n {
			rec := record(c.id, i, e, actor)
			it.Events = append(it.Events, reports.EventRef{Key: rec.Key, NativeID: rec.NativeID, Time: rec.Time})
			it.Evidence = append(it.Evidence, reports.EvidenceEvent{Record: rec})
		}
		sort.Slice(it.Evidence, func(a, b int) bool { return it.Evidence[a].Record.Time < it.Evidence[b].Record.Time })
		sort.Slice(it.Events, func(a, b int) bool { return it.Events[a].Time < it.Events[b].Time })
		it.First, it.Last = it.Events[0].Time, it.Events[n-1].Time
		res.Matched += it.Count
		res.Items = append(res.Items, it)
		o.Items = append(o.Items, reviews.Item{Key: it.Key, Check: c.id, Title: title, Subject: it.Subject, Summary: summary, Severity: it.Severity, Violation: it.Violation, Count: it.Count, First: it.First, Last: it.Last, Actors: it.Actors, Persons: it.Persons})
	}
	res.Matched += res.Suppressed
	d.Results = append(d.Results, res)
	o.Checks = append(o.Checks, reviews.CheckSummary{Check: c.id, Version: 1, Title: c.title, Severity: c.severity, Controls: c.controls, Outcome: c.outcome, Limited: res.Limited, Reason: res.Reason, Population: c.tested, Matched: res.Matched, Suppressed: res.Suppressed, Items: c.items, Digest: def.Digest})
	if res.Limited || c.outcome == reports.Inconclusive {
		o.Limits = append(o.Limits, reviews.Limit{Check: c.id, Outcome: c.outcome, Reason: res.Reason, Gates: res.Gates[len(res.Gates)-1:]})
	}
}

func addSources(d *dossier.Dossier, all bool) {
	sources := []struct {
		name   string
		kind   connectors.Kind
		place  string
		events int64
		gap    int64
	}{{"prod-kubeaudit", connectors.Kubernetes, "prod", 1380102, 48}, {"auth-bastion-1", connectors.AuthLog, "bastion-1", 8420, 2460}, {"auth-worker-1", connectors.AuthLog, "worker-1", 1910, 11400}, {"auth-worker-2", connectors.AuthLog, "worker-2", 1438, 11400}}
	if !all {
		sources = sources[:1]
	}
	for n, s := range sources {
		sum := reports.SourceSummary{Name: s.name, Kind: s.kind, Lines: s.events + 12, Records: s.events + 8, Events: s.events, Unparsed: int64(n), First: d.Window.From.Add(3 * time.Second), Last: d.Window.To.Add(-9 * time.Second), InWindow: s.events,
			Places: []reports.Place{{Name: s.place, Events: s.events, LongestGap: s.gap, GapFrom: at(5, "02:00:00.000000"), AllowedGap: 21600}}}
		hours := 168
		if !all {
			hours = 24
		}
		for h := range hours {
			count := s.events / 168
			switch hour := h % 24; {
			case hour >= 8 && hour < 18 && h/24 < 5:
				count = count * 9 / 5
			default:
				count = count*2/3 + int64(h*7%5)
			}
			if hours == 168 && h == 167 { // the last hour takes what is left of the sum
				count = s.events
				for _, before := range sum.Hourly {
					count -= before.Count
				}
			}
			if n > 1 && (h == 75 || h == 76 || h == 77) {
				count = 0
			}
			sum.Hourly = append(sum.Hourly, reports.HourCount{Hour: d.Window.From.Add(time.Duration(h) * time.Hour), Count: count})
		}
		d.Sources = append(d.Sources, sum)
	}
	if all {
		d.Sources[3].Skipped = []connectors.Skipped{{File: "auth.log.4.gz", Reason: "older than the period"}}
	}
}

func addSnapshot(d *dossier.Dossier) {
	d.Snapshot = dossier.Snapshot{ID: "snap_0007", TakenAt: at(7, "04:00:00.000000"), Digest: hexOf("people"), People: 42, Keys: 57,
		Entries: []roster.Entry{{Register: roster.BreakGlass, Value: "kubernetes-admin", Owner: "omar.keita@nordhaven.example", Reason: "Emergency access, sealed envelope in the safe", Approver: "lena.vogt@nordhaven.example", Ticket: "CHG-7001", Expires: at(30, "23:59:59.000000")},
			{Register: roster.CIPrincipals, Value: "system:serviceaccount:ci:deployer", Owner: "alice@nordhaven.example", Reason: "Delivery pipeline", Approver: "lena.vogt@nordhaven.example", Ticket: "CHG-6120"}},
		Expected: []roster.ExpectedSource{{Name: "prod-kubeaudit", MaxGap: 900}, {Name: "auth-bastion-1", MaxGap: 21600, Host: "bastion-1"}}}
}

func addSample(d *dossier.Dossier, o *reviews.Opening, review string, size int) {
	strata := []string{"CHG kubernetes prod human", "HST authlog bastion-1 human", "HST authlog worker-1 human", "PRV kubernetes prod human"}
	var population []reports.Member
	many := 1200
	if size < 5 {
		many = 40
	}
	var lines []string
	for i := range many {
		m := reports.Member{Key: hexOf("member", i)[:32], Stratum: strata[i*i%len(strata)*i%len(strata)]}
		population = append(population, m)
		lines = append(lines, m.Key+" "+m.Stratum+"\n")
	}
	sort.Strings(lines)
	d.Population = []byte(strings.Join(lines, ""))
	plan, drawn := reviews.Draw(review, hexOf("nonce")[:32], population, size, 2)
	o.Sample = plan
	for i, m := range drawn {
		rec := record("sample", i, i, []string{"k8s:alice@nordhaven.example", "linux:worker-1:bob", "k8s:erin@nordhaven.example"}[i%3])
		rec.Key = m.Key
		o.Picks = append(o.Picks, reviews.Pick{Rank: i + 1, Key: m.Key, Stratum: m.Stratum, Record: rec})
	}
}

func decide(d *dossier.Dossier, whole bool) {
	r := d.Review
	now := at(11, "13:02:11.000000").Time()
	tick := func() time.Time { now = now.Add(47 * time.Second); return now }
	findings := 0
	for i, it := range r.Items {
		q := reviews.Request{Key: it.Key, Choice: reviews.Explained, Reason: "Ordered with CHG-7004 and no wider than ordered; I compared the ticket with the events.", Ticket: "CHG-7004"}
		switch {
		case it.Violation && findings < 2 && (it.Check == "REG-02" || it.Check == "NET-01"):
			findings++
			f := &reviews.Finding{ID: fmt.Sprintf("F-%04d", 6+findings), Title: it.Title, Condition: it.Summary, Criteria: "Access ends on the last day of work; changes to network policies are ordered by a ticket.",
				Cause: "The leaver process removes the account from the directory but not from the cluster's certificates.", Effect: "A person without a contract could read workload data for four days.", Severity: it.Severity, Owner: "alice@nordhaven.example", DueDate: "2026-12-01"}
			q = reviews.Request{Key: it.Key, Choice: reviews.FindingC, Reason: "This should not have been possible. I asked Alice to revoke the certificate today.", Finding: f}
		case it.Violation:
			q = reviews.Request{Key: it.Key, Choice: reviews.Expected, Reason: "Known and accepted until the shared accounts are gone; Lena agreed in writing.", Until: "2026-12-31", Ticket: "RISK-31"}
		case i%9 == 4:
			q = reviews.Request{Key: it.Key, Choice: reviews.Escalated, Reason: "Looks like a scan from outside. Handed to the incident team.", Ticket: "INC-2041"}
		}
		must(r.Decide(Omar, q, tick()))
	}
	for _, k := range r.Picks {
		must(r.Decide(Omar, reviews.Request{Key: k.Key, Pick: true, Choice: reviews.Read}, tick()))
	}
	for _, l := range r.Limits {
		must(r.Acknowledge(Omar, l.Check, "The audit policy records these requests without their content, to keep secrets out of the log.", "We cannot say that no secret was logged by these requests. The rule rollout CHG-7011 is due on 1 December.", tick()))
	}
	conclusion := reviews.EffectiveWithFindings
	must(r.Attest(Omar, r.SetDigest(), conclusion, tick()))
	if whole {
		must(r.Return(Lena, "The reason for the shell in payments is missing: who asked for it?", tick()))
		for _, it := range r.Items {
			if it.Check == "PRV-05" {
				_, version := r.Standing(it.Key, false)
				must(r.Decide(Omar, reviews.Request{Key: it.Key, Version: version, Choice: reviews.Explained, Reason: "Bob looked for the cause of INC-2040, as the incident's log shows at 10:21.", Ticket: "INC-2040"}, tick()))
				break
			}
		}
		must(r.Attest(Omar, r.SetDigest(), conclusion, tick()))
	}
	now = at(12, "08:01:03.000000").Time()
	for _, key := range r.LeftToReperform(Lena) {
		must(r.Reperform(Lena, key, false, true, "The events show the same.", tick()))
	}
	must(r.Approve(Lena, r.SetDigest(), conclusion, tick()))
}

func addControls(d *dossier.Dossier) {
	all := []dossier.Control{
		{ID: "5.16", Title: "Identity management", Aliases: []string{"A.9.2.1"}, Coverage: "full", Others: []string{"PCI DSS 4.0.1 8.2.1", "NIST 800-53r5 IA-2", "NIS2 11.5"}, Missing: "That identities are issued on request is shown by tickets, not by logs."},
		{ID: "5.17", Title: "Authentication information", Aliases: []string{"A.9.2.4", "A.9.3.1", "A.9.4.3"}, Coverage: "partial", Others: []string{"PCI DSS 4.0.1 8.3"}, Missing: "How passwords are chosen and stored."},
		{ID: "5.18", Title: "Access rights", Aliases: []string{"A.9.2.2", "A.9.2.5", "A.9.2.6"}, Coverage: "partial", Others: []string{"NIST 800-53r5 AC-2"}, Missing: "Whether a right is still needed is decided in the quarterly access review."},
		{ID: "6.5", Title: "Responsibilities after termination or change of employment", Aliases: []string{"A.7.3.1"}, Coverage: "partial", Missing: "Return of devices and documents."},
		{ID: "8.2", Title: "Privileged access rights", Aliases: []string{"A.9.2.3"}, Coverage: "full", Others: []string{"PCI DSS 4.0.1 7.2", "CIS 5.1"}},
		{ID: "8.5", Title: "Secure authentication", Aliases: []string{"A.9.4.2"}, Coverage: "partial", Others: []string{"PCI DSS 4.0.1 10.2.1.4"}, Missing: "Strength of the second factor."},
		{ID: "8.15", Title: "Logging", Aliases: []string{"A.12.4.1", "A.12.4.2", "A.12.4.3"}, Coverage: "full", Others: []string{"PCI DSS 4.0.1 10.4.1", "DORA 12(2)(e)"}},
		{ID: "8.20", Title: "Networks security", Aliases: []string{"A.13.1.1"}, Coverage: "partial", Missing: "Devices outside the clusters."},
		{ID: "8.22", Title: "Segregation of networks", Aliases: []string{"A.13.1.3"}, Coverage: "partial"},
		{ID: "8.32", Title: "Change management", Aliases: []string{"A.12.1.2", "A.14.2.2"}, Coverage: "partial", Missing: "That the ticket was approved before the change."},
		{ID: "8.16", Title: "Monitoring activities", Coverage: "partial"},
	}
	for _, c := range all {
		for _, def := range d.Checks {
			for _, id := range def.Controls {
				if id == c.ID {
					c.Checks = append(c.Checks, def.ID)
				}
			}
		}
		if len(c.Checks) > 0 {
			d.Controls = append(d.Controls, c)
		}
	}
}

func must(err error) {
	if err != nil {
		panic(fmt.Sprintf("dossiertest: %v", err))
	}
}

const changesJSON = `{"summary":{"numCreatedPolicies":1,"numModifiedPolicies":3,"numDeletedPolicies":1,"unchanged":14,"dry_run":2},"attempts":[],"changes":[
{"time":"2026-11-03T13:05:00.100001Z","actor":"alice@nordhaven.example","actor_kind":"human","client_ip":"10.20.1.10","operation":"modified","api":"networking.k8s.io/v1","kind":"NetworkPolicy","namespace":"payments","name":"allow-web-to-api","ticket":"","ticket_source":"none","before_known":true,"before":{"podSelector":{"matchLabels":{"app":"api"}},"policyTypes":["Ingress"],"ingress":[{"from":[{"podSelector":{"matchLabels":{"app":"web"}}}]}]},"after":{"podSelector":{"matchLabels":{"app":"api"}},"policyTypes":["Ingress"],"ingress":[{}]},"content_known":true,"event":{"key":"aa10b4f2c9d84e7f9a10b4f2c9d84e7f","native_id":"9b0c7a52-6f42-4cf5-b7f1-6e0a1f0f7e11"}},
{"time":"2026-11-03T16:20:11.000412Z","actor":"system:serviceaccount:ci:deployer","actor_kind":"service","client_ip":"10.30.0.5","operation":"created","api":"networking.k8s.io/v1","kind":"NetworkPolicy","namespace":"web","name":"default-deny","ticket":"CHG-7219","ticket_source":"request","before_known":true,"before":null,"after":{"podSelector":{},"policyTypes":["Ingress","Egress"]},"content_known":true,"event":{"key":"bb10b4f2c9d84e7f9a10b4f2c9d84e7f","native_id":"9b0c7a52-6f42-4cf5-b7f1-6e0a1f0f7e12"}},
{"time":"2026-11-04T09:31:00.700000Z","actor":"omar.keita@nordhaven.example","actor_kind":"human","client_ip":"10.20.1.15","operation":"deleted","api":"networking.k8s.io/v1","kind":"NetworkPolicy","namespace":"data","name":"default-deny","ticket":"","ticket_source":"none","before_known":true,"before":{"podSelector":{},"policyTypes":["Ingress","Egress"]},"after":null,"content_known":true,"event":{"key":"cc10b4f2c9d84e7f9a10b4f2c9d84e7f","native_id":"9b0c7a52-6f42-4cf5-b7f1-6e0a1f0f7e13"}},
{"time":"2026-11-05T11:00:08.000100Z","actor":"system:serviceaccount:ci:deployer","actor_kind":"service","client_ip":"10.30.0.5","operation":"modified","api":"projectcalico.org/v3","kind":"GlobalNetworkPolicy","namespace":"","name":"security.block-metadata","ticket":"CHG-7002","ticket_source":"inherited","before_known":false,"before":null,"after":{"tier":"security","order":100,"selector":"all()","types":["Egress"],"egress":[{"action":"Deny","destination":{"nets":["169.254.169.254/32"]}},{"action":"Pass"}]},"content_known":true,"event":{"key":"dd10b4f2c9d84e7f9a10b4f2c9d84e7f","native_id":"9b0c7a52-6f42-4cf5-b7f1-6e0a1f0f7e14"}},
{"time":"2026-11-06T08:12:44.250000Z","actor":"erin@nordhaven.example","actor_kind":"human","client_ip":"10.20.1.14","operation":"modified","api":"projectcalico.org/v3","kind":"NetworkPolicy","namespace":"payments","name":"internal.allow-db","ticket":"CHG-7230","ticket_source":"request","before_known":true,"before":{"tier":"internal","selector":"app == 'db'","ingress":[{"action":"Allow","source":{"selector":"app == 'api'"},"destination":{"ports":[5432]}}]},"after":{"tier":"internal","selector":"app == 'db'","ingress":[{"action":"Allow","source":{"selector":"app in {'api','reports'}"},"destination":{"ports":[5432]}}]},"content_known":true,"event":{"key":"ee10b4f2c9d84e7f9a10b4f2c9d84e7f","native_id":"9b0c7a52-6f42-4cf5-b7f1-6e0a1f0f7e15"}}]}`
