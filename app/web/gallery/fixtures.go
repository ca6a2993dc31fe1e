package gallery

import (
	"fmt"

	"logreeve/app/actor"
	"logreeve/app/web/chart"
	"logreeve/app/web/part"
)

// Sheets gives every page of the gallery.
func Sheets() []Sheet {
	home, review, change, result, signoff, list, settings := frame("home"), frame("reviews"), frame("changes"), frame("results"), frame("reviews"), frame("findings"), frame("settings")
	home.Data, review.Data, change.Data, result.Data, signoff.Data, list.Data = homeData(), reviewData(), changeData(), resultData(), signoffData(), listData()
	settings.Actor.Roles, settings.Actor.RoleWord, settings.Sample = []actor.Role{actor.Admin}, "Administrator", true
	settings.Flash = &Flash{"ok", "The source prod-kubeaudit is saved. Its first run starts at 02:00."}
	settings.Data = partsData()
	signin := Page{CSRF: "token", Organisation: "Nordhaven Energy AG", Flash: &Flash{"error", "The e-mail or the password is not right."}}
	signin.Data = []part.Field{
		{ID: "email", Name: "email", Label: "E-mail", Kind: "email", Value: "omar@example.com", Autocomplete: "username", Required: true},
		{ID: "password", Name: "password", Label: "Password", Kind: "password", Autocomplete: "current-password", Required: true},
	}
	return []Sheet{
		{"home", "page", home}, {"review", "page", review}, {"change", "page", change}, {"result", "page", result},
		{"signoff", "page", signoff}, {"list", "page", list}, {"parts", "page", settings}, {"signin", "bare", signin},
	}
}

func frame(nav string) Page {
	return Page{
		Nav: nav, CSRF: "token", Organisation: "Nordhaven Energy AG",
		Actor:  Actor{Name: "Omar Keita", Email: "omar@example.com", Initials: "OK", RoleWord: "Reviewer", Roles: []actor.Role{actor.Reviewer}},
		Counts: Counts{ReviewsDue: 2, ReviewsOverdue: 1, FindingsOpen: 7, ChangesWeek: 25, SourcesSilent: 1},
	}
}

// Home is the first page.
type Home struct {
	Head     part.Head
	Needs    []part.Need
	Sources  []SourceLine
	Year     chart.Heat
	Ages     chart.Ages
	Controls part.Table
}

// SourceLine is a source on the first page.
type SourceLine struct {
	Name, Store string
	Strip       chart.Strip
	Last, Left  string
	Silent      bool
}

func homeData() Home {
	h := Home{
		Head: part.Head{Title: "Saturday, 21 November", Lede: "One review is overdue and one source has been silent since Thursday 14:05. Until it reports again, no check that reads it can pass."},
		Needs: []part.Need{
			{Name: "Network policy changes, October", Href: "review.html", Text: "Production · 3 clusters · sign-off by Lena Vogt", Chip: &part.Chip{Text: "2 days overdue", Kind: "bad"}, Progress: &part.Progress{Done: 41, Of: 47, Verb: "decided"}, Note: "2 go to Lena Vogt: they are your own changes", Action: &part.Action{Text: "Continue", Href: "review.html", Kind: "primary"}},
			{Name: "Identity and privileged access, week 46", Href: "review.html", Text: "Kubernetes, hosts, billing database · 1,482,113 events tested", Chip: &part.Chip{Text: "due Friday"}, Progress: &part.Progress{Of: 52, Verb: "decided"}, Action: &part.Action{Text: "Start", Href: "review.html"}},
			{Name: "Recertify database roles, Q4", Href: "review.html", Text: "3 systems · 64 entitlements", Chip: &part.Chip{Text: "due 4 Dec"}, Progress: &part.Progress{Done: 12, Of: 64, Verb: "decided"}, Action: &part.Action{Text: "Continue", Href: "review.html"}},
		},
		Controls: part.Table{ID: "controls", Caption: "Controls and their last results", Quiet: true, Stacked: true, Columns: []part.Column{{Text: "Control"}, {Text: "Last result"}, {Text: "By what"}}},
	}
	for i, s := range []SourceLine{
		{Name: "prod-kubeaudit", Store: "OpenSearch · kubeaudit*", Last: "2 min ago", Left: "27 days left"},
		{Name: "prod-authlog", Store: "OpenSearch · authlog*", Last: "silent since Thu 14:05", Left: "27 days left", Silent: true},
		{Name: "calico-audit", Store: "Elasticsearch · tigera_secure_ee_audit*", Last: "1 min ago", Left: "88 days left"},
		{Name: "billing-db", Store: "pgaudit CSV", Last: "38 s ago", Left: "kept 400 days"},
	} {
		var days []chart.Day
		for d := range 30 {
			day := chart.Day{Label: fmt.Sprintf("%d Nov", d+1), Count: int64(40000 + (d*7919*(i+3))%38000), Hearing: chart.Heard}
			switch {
			case s.Silent && d >= 28:
				day.Count, day.Hearing = 0, chart.Silent
			case i == 2 && d == 11:
				day.Count, day.Hearing = 14000, chart.Gap
			case i == 3 && d < 4:
				day.Count, day.Hearing = 0, chart.Unasked
			}
			days = append(days, day)
		}
		s.Strip = chart.NewStrip(fmt.Sprintf("strip-%d", i), "Events a day of "+s.Name, days)
		h.Sources = append(h.Sources, s)
	}
	months := []string{"Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov"}
	row := func(name, marks string) chart.HeatRow {
		r := chart.HeatRow{Name: name}
		for _, m := range marks {
			c := chart.HeatCell{Standing: map[rune]chart.Standing{'s': chart.Signed, 'l': chart.Late, 'o': chart.Open, 'm': chart.Missed, 'n': chart.NotDue}[m]}
			if c.Standing != chart.NotDue {
				c.Href = "review.html"
			}
			r.Cells = append(r.Cells, c)
		}
		return r
	}
	h.Year = chart.NewHeat("year", "The year in reviews", months, []chart.HeatRow{
		row("Identity and privileged access", "sssssslsssso"), row("Network policy changes", "ssssssssslon"), row("Workload and data access", "ssmssssssssn"),
		row("Audit logging health", "sssssssssssn"), row("Access recertification, quarterly", "nsnnsnnsnnsn"),
	})
	h.Ages = chart.NewAges("ages", "Open findings by age", []chart.Band{
		{Label: "0–7 d", Shares: []chart.Share{{Severity: "high", Count: 1}, {Severity: "medium", Count: 2}}},
		{Label: "8–30 d", Shares: []chart.Share{{Severity: "high", Count: 1}, {Severity: "medium", Count: 1}, {Severity: "low", Count: 1}}},
		{Label: "31–60 d", Shares: []chart.Share{{Severity: "medium", Count: 1}}}, {Label: "> 60 d", Shares: []chart.Share{{Severity: "high", Count: 1}}},
	})
	for _, c := range [][5]string{
		{"5.16 Identity management", "formerly A.9.2.1", "fail", "1 fail", "23 checks · Sat 02:14"}, {"8.2 Privileged access rights", "formerly A.9.2.3", "needs_review", "9 to review", "14 checks · Sat 02:14"},
		{"8.15 Logging", "formerly A.12.4.1–3", "inconclusive", "2 inconclusive", "12 checks · authlog silent"}, {"8.22 Segregation of networks", "formerly A.13.1.3", "pass", "Pass", "8 checks · Sat 02:14"},
	} {
		h.Controls.Rows = append(h.Controls.Rows, part.Row{Cells: []part.Cell{{Text: c[0], Sub: c[1], Name: true, Href: "result.html"}, {Badge: &part.Badge{Outcome: c[2], Text: c[3]}}, {Text: c[4], Small: true}}})
	}
	return h
}

// Review is the queue with one item open.
type Review struct {
	Head      part.Head
	Steps     []part.Step
	Procedure string
	Progress  part.Progress
	Queue     part.Queue
	Item      Item
}

// Item is one item of a queue.
type Item struct {
	Key, Check, Severity, Digest string
	Title, Before                string
	Diff                         part.Diff
	Pairs                        []part.Pair
	Raw                          string
	Decide                       part.Decide
}

func reviewData() Review {
	r := Review{
		Procedure: "Decide every change. Was it ordered, is it no wider than ordered, and would you approve it today? If you cannot tell, ask the person: the answer becomes part of this record.",
		Head: part.Head{
			Crumbs: []part.Link{{Text: "Reviews", Href: "list.html"}, {Text: "Network policy changes", Href: "list.html"}, {Text: "October 2026"}}, Title: "Network policy changes, October", Near: true,
			Facts: []part.Fact{{Text: "1–31 October"}, {Text: "production"}, {Text: "3 clusters"}, {Text: "2 days overdue", Kind: "bad"}, {Text: "Lena Vogt is reading the sample"}},
		},
		Steps: []part.Step{
			{Text: "Overview", Href: "review.html", State: "done"}, {Text: "Queue", Href: "review.html", State: "now", Count: "41 of 47"}, {Text: "Sample", Href: "list.html", State: "todo", Count: "0 of 25"},
			{Text: "Health", Href: "result.html", State: "todo", Count: "2 to accept"}, {Text: "Sign-off", State: "blocked"},
		},
		Progress: part.Progress{ID: "queue-progress", Done: 41, Of: 47, Verb: "decided", Slim: true, Label: "Items"},
		Queue:    part.Queue{Review: "NET-2026-10", CSRF: "token", Bulk: true},
	}
	item := func(key, state, title, by, word, severity string) part.QueueItem {
		return part.QueueItem{Key: key, Href: "review.html?item=" + key, Version: 1, State: state, Title: title, By: by, Word: word, Severity: severity, Current: key == "k1", Violation: key == "k2"}
	}
	r.Queue.Groups = []part.QueueGroup{{Items: []part.QueueItem{
		item("k1", "pending", "Calico: allow-all egress in security.block-metadata", "shared-ops · 1 change", "", "high"),
		item("k2", "pending", "default-deny removed from data", "alice@example.com · 1 deletion", "", "high"),
		item("k3", "pending", "Policy changed without a ticket", "deployer (CI) · 3 changes", "", "medium"),
		item("k4", "own", "allow-web-to-api opened to everything", "alice@example.com · 1 change", "goes to Lena", "high"),
	}}, {Title: "Decided", Items: []part.QueueItem{
		item("k5", "finding", "GlobalNetworkSet partners now holds 0.0.0.0/0", "deployer (CI) · CHG-7004", "Finding F-118", "medium"),
		item("k6", "explained", "Namespace ci: 2 policies removed in one request", "alice@example.com", "Explained", "low"),
		item("k7", "expected", "allow-dns widened to 10.0.0.0/8", "deployer (CI) · CHG-7001", "Expected", "low"),
		item("k8", "escalated", "Tier security created", "deployer (CI) · CHG-7002", "Escalated", "info"),
	}}}
	r.Item = ItemData("k1", false)
	return r
}

// ItemData gives the item of a key, for the preview's server; a violation
// offers no explanation.
func ItemData(key string, violation bool) Item {
	return Item{
		Key: key, Check: "NET-02 · Allow-all introduced", Severity: "critical", Digest: "2b8f…91ac", Title: "Now allows egress to anywhere on all ports, for every workload.",
		Before: "Before: egress to 169.254.169.254/32 and two private ranges was denied; everything else passed on to the next tier.",
		Diff: part.Diff{Caption: "Change of security.block-metadata, line by line", Lines: []part.Line{
			{Old: 7, New: 7, Op: "same", Spans: []part.Span{{Text: "egress:"}}},
			{Old: 8, Op: "del", Spans: []part.Span{{Text: "- action: "}, {Text: "Deny", Mark: true}}}, {Old: 9, Op: "del", Spans: []part.Span{{Text: "  protocol: TCP"}}},
			{Old: 10, Op: "del", Spans: []part.Span{{Text: "  destination: {nets: [169.254.169.254/32, 10.0.0.0/16]}"}}}, {Old: 11, Op: "del", Spans: []part.Span{{Text: "- action: "}, {Text: "Pass", Mark: true}}},
			{New: 8, Op: "add", Spans: []part.Span{{Text: "- action: "}, {Text: "Allow", Mark: true}}}, {Op: "skip", Spans: []part.Span{{Text: "12 lines that did not change"}}},
		}},
		Pairs: []part.Pair{
			{Key: "Who", Text: "shared-ops", Strong: true, Chips: []part.Chip{{Text: "shared account · register entry expires 31 Jan"}}, Sub: "resolved to nobody: three people know this account"},
			{Key: "What", Text: "patched GlobalNetworkPolicy security.block-metadata in tier security"},
			{Key: "When", Text: "Fri 20 Nov 2026, 10:10:41 Berlin", Time: "2026-11-20T09:10:41Z", UTC: "09:10:41 UTC"},
			{Key: "From", Text: "127.0.1.21", Mono: true, Sub: "kubectl 1.36 · last hop, trusted"}, {Key: "Why", Text: "Ask the owner of shared-ops", Href: "review.html", Sub: "no ticket on the object"},
		},
		Raw:    `{"kind":"Event","auditID":"2b8f6c1e-0d2b-4a8f-9f6e-7a0c31d791ac","verb":"patch","user":{"username":"shared-ops"}}`,
		Decide: part.Decide{Action: "/reviews/NET-2026-10/items/" + key + "/decision", CSRF: "token", Version: 1, Offers: part.Offers(violation, "finding")},
	}
}

// Change is the change log with one change open.
type Change struct {
	Head    part.Head
	Filters part.Filters
	Days    []part.Day
	Change  part.Change
}

func changeData() Change {
	same := func(o, n int, t string) part.Line {
		return part.Line{Old: o, New: n, Op: "same", Spans: []part.Span{{Text: t}}}
	}
	word := func(op string, n int, t, mark string) part.Line {
		l := part.Line{Op: op, Spans: []part.Span{{Text: t}, {Text: mark, Mark: true}}}
		if op == "del" {
			l.Old = n
		} else {
			l.New = n
		}
		return l
	}
	out := func(n int, t string) part.Line { return part.Line{Op: "del", Old: n, Spans: []part.Span{{Text: t}}} }
	entry := func(at, op, name, kind, text, warning, severity string) part.Entry {
		return part.Entry{At: at, Time: "2026-11-20T" + at + "Z", UTC: at + " UTC", Op: op, Name: name, Kind: kind, Text: text, Warning: warning, Severity: severity, Href: "change.html", Current: at == "09:10:41"}
	}
	return Change{
		Head: part.Head{Title: "Policy changes", Lede: "15–21 November: 9 created, 14 modified, 2 deleted, 3 implied by a namespace deletion. Four have no ticket.", Near: true, Actions: []part.Action{{Text: "Export", Href: "change.html", Icon: "download"}}},
		Filters: part.Filters{Text: "All 28 shown · content recorded for 28", Clear: "change.html", Filters: []part.Filter{
			{Label: "Cluster", Value: "prod-1", Options: []part.FilterOption{{Text: "Any", Href: "change.html", Count: "41"}, {Text: "prod-1", Href: "change.html", Count: "28", Current: true}}},
			{Label: "Namespace", Options: []part.FilterOption{{Text: "payments", Href: "change.html", Count: "9"}}}, {Label: "Kind"}, {Label: "Who"}, {Label: "Ticket"},
		}},
		Days: []part.Day{{Title: "Friday 20 November", Entries: []part.Entry{
			entry("09:10:41", "updated", "security.block-metadata", "GlobalNetworkPolicy", "updated by shared-ops", "no ticket", "critical"), entry("09:10:39", "deleted", "data / default-deny", "NetworkPolicy", "deleted by alice@example.com", "no ticket", "high"),
			entry("09:10:38", "updated", "payments / allow-web-to-api", "NetworkPolicy", "updated by alice@example.com", "no ticket", "high"), entry("09:10:36", "updated", "payments / allow-web-to-api", "NetworkPolicy", "updated by deployer · CHG-4439", "", ""),
			entry("09:10:31", "created", "web / default-deny", "NetworkPolicy", "created by deployer · CHG-7219", "", ""),
		}}, {Title: "Thursday 19 November", Entries: []part.Entry{
			entry("16:22:05", "updated", "partners", "GlobalNetworkSet", "updated by deployer · CHG-7004", "", "medium"), entry("16:20:11", "created", "security", "Tier", "created by deployer · CHG-7002", "", ""), entry("16:02:44", "implied", "ci / allow-registry", "NetworkPolicy", "gone with its namespace", "", "low"),
		}}},
		Change: part.Change{
			Title: "security.block-metadata", Kind: "GlobalNetworkPolicy", Version: "version 4 of 4", History: "change.html",
			From: &part.Link{Text: "v3 · deployer · 09:10:37", Href: "change.html"}, To: &part.Link{Text: "v4 · shared-ops · 09:10:41", Href: "change.html"},
			Now:      "Now allows egress to anywhere on all ports, for every workload.",
			Before:   "Before: TCP to 169.254.169.254/32 and 10.0.0.0/16 was denied; everything else passed on to the next tier.",
			Verdicts: []part.Badge{{Outcome: "fail", Text: "NET-02 Allows all egress", Href: "change.html"}}, Chips: []part.Chip{{Text: "NET-08 order 11 → 10: evaluated earlier"}},
			Notices: []part.Notice{{Kind: "info", Title: "This is what was asked for", Text: "The server's answer, in which it may have changed it, is not in the log."}},
			Toggle:  part.Tabs{Label: "How the difference is drawn", Tabs: []part.Tab{{Text: "Side by side", Href: "change.html", Current: true}, {Text: "Unified", Href: "change.html"}}},
			Pairs:   []part.Pair{{Key: "Who", Text: "shared-ops", Strong: true, Sub: "a person"}, {Key: "Why", Chips: []part.Chip{{Text: "no ticket", Kind: "bad"}}}},
			Items:   []part.Link{{Text: "NET-02, decided in review W0-2026-W46", Href: "change.html"}},
			Diff: &part.Diff{Caption: "security.block-metadata before and after", Before: "v3 · deployer · 09:10:37", After: "v4 · shared-ops · 09:10:41", Lines: []part.Line{
				same(4, 4, "spec:"), word("del", 5, "  order: ", "11"), word("add", 5, "  order: ", "10"), same(6, 6, "  selector: all()"), same(7, 7, "  tier: security"), same(8, 8, "  types: [Egress]"), same(9, 9, "  egress:"),
				word("del", 10, "  - action: ", "Deny"), out(11, "    protocol: TCP"), out(12, "    destination:"), out(13, "      nets:"), out(14, "      - 169.254.169.254/32"), out(15, "      - 10.0.0.0/16"), word("del", 16, "  - action: ", "Pass"), word("add", 10, "  - action: ", "Allow"),
				{Op: "skip", Spans: []part.Span{{Text: "8 lines that did not change"}}},
			}},
		},
	}
}

// Result is the answer of one check.
type Result struct {
	Head    part.Head
	Figures []part.Figure
	Items   part.Table
	Gates   []part.Rule
	Course  chart.Bars
	Trend   chart.Lines
}

func resultData() Result {
	r := Result{
		Head: part.Head{
			Crumbs: []part.Link{{Text: "Results", Href: "list.html"}, {Text: "Week 46", Href: "list.html"}, {Text: "PRV-04"}}, Title: "Secrets read by people", Badge: &part.Badge{Outcome: "needs_review", Text: "3 to review"}, Chips: []part.Chip{{Text: "limited", Kind: "dim"}},
			Lede:  "Three people read secrets 7 times. The answer is limited: the list of people is 12 days old, so a leaver of last week would not be recognised.",
			Facts: []part.Fact{{Text: "PRV-04 v3"}, {Text: "14–20 Nov, UTC"}, {Text: "supports ISO 27001 8.3 (A.9.4.1), PCI 10.2.1.1"}}, Actions: []part.Action{{Text: "Run again", Href: "/x", Post: true, CSRF: "token", Icon: "refresh"}, {Text: "Show query", Href: "result.html"}},
		},
		Figures: []part.Figure{{Value: "1,482,113", Label: "events in the window"}, {Value: "18,204", Label: "on secrets"}, {Value: "7", Label: "by people, allowed"}, {Value: "3", Label: "things to decide", Href: "review.html"}, {Value: "2", Label: "held back by the register"}},
		Items: part.Table{ID: "items", Caption: "Items", Quiet: true, Columns: []part.Column{{Text: "Severity", Hush: true}, {Text: "Who and what"}, {Text: "Events", Number: true, Href: "result.html", Sorted: "descending"}, {Text: "First seen", Href: "result.html"}, {Text: "From"}, {Text: "Decision"}},
			Rows: []part.Row{
				{Cells: []part.Cell{{Severity: "critical"}, {Text: "shared-ops read secret payments/db", Name: true, Href: "result.html", Sub: "to decide"}, {Text: "4", Number: true}, {Text: "20 Nov 09:11", Time: "2026-11-20T09:11:00Z", UTC: "09:11:00 UTC", Small: true}, {Text: "127.0.1.20–22", Mono: true}, {Badge: &part.Badge{Outcome: "needs_review", Text: "to decide"}}}},
				{Past: true, Cells: []part.Cell{{Severity: "high"}, {Text: "bob@example.com read secret web/tls-cert", Name: true, Href: "result.html", Sub: "explained by O. Keita: certificate rotation CHG-6931"}, {Text: "2", Number: true}, {Text: "18 Nov 13:40", Small: true}, {Text: "127.0.1.11", Mono: true}, {Badge: &part.Badge{Outcome: "pass", Text: "explained"}}}},
				{Now: true, Cells: []part.Cell{{Severity: "medium"}, {Text: "dave@example.com listed secrets in ci", Name: true, Href: "result.html", Sub: "to decide"}, {Text: "1", Number: true}, {Text: "17 Nov 08:02", Small: true}, {Text: "127.0.4.13", Mono: true}, {Badge: &part.Badge{Outcome: "needs_review", Text: "to decide"}}}},
			}, Pager: &part.Pager{Text: "First 3 of 12,431", Next: "result.html"}},
		Gates: []part.Rule{
			{ID: "G1", Text: "Complete read", Result: "holds", Detail: "41 of 41 pages, 1,482,113 of 1,482,113 events, no failed shard"}, {ID: "G2", Text: "Every source answered", Result: "holds", Detail: "3 API servers, 3 seen"}, {ID: "G3", Text: "Still retained", Result: "holds", Detail: "oldest event 24 Oct, window begins 14 Nov"},
			{ID: "G4", Text: "No gap", Result: "holds", Detail: "longest silence 48 s, allowed 5 min"}, {ID: "G6", Text: "Content recorded", Result: "unknown", Detail: "not needed by this check"}, {ID: "G9", Text: "Roster fresh", Result: "broken", Detail: "last import 12 days ago, allowed 7"},
		},
	}
	var points []chart.Point
	var labels []string
	var opened, closed []int64
	for i := range 28 {
		p := chart.Point{Label: fmt.Sprintf("%d Nov", i+1), Value: int64(1 + (i*5)%4)}
		if i == 19 || i == 20 {
			p.Value, p.Hot = 9, true
		}
		p.Missing = i == 24
		points, labels = append(points, p), append(labels, p.Label)
		opened, closed = append(opened, int64(12+(i*7)%9)), append(closed, int64(3+i/2))
	}
	opened[10] = -1
	r.Course = chart.NewBars("course", "Reads by people, 28 days", "reads", points)
	r.Trend = chart.NewLines("trend", "Findings, 28 days", "findings", labels, []chart.Series{{Name: "open", Values: opened}, {Name: "closed", Values: closed}})
	return r
}

// Signoff is where an approver signs.
type Signoff struct {
	Head       part.Head
	Statements []Statement
	Figures    []part.Figure
	Lines      [][3]string
	Rules      []part.Rule
	Choice     part.Choice
	Fields     []part.Field
	Return     part.Confirm
}

// Statement is what is signed with one conclusion.
type Statement struct{ Conclusion, Text string }

func signoffData() Signoff {
	return Signoff{
		Statements: []Statement{{"effective with findings", "I reviewed the work of Omar Keita, including limitations, undecided or inconclusive results and findings, re-performed 3 of the decisions, and approve the conclusion “effective with findings”. I am independent of the reviewer under rules R1, R2 and R4."}},
		Head:       part.Head{Crumbs: []part.Link{{Text: "Reviews", Href: "list.html"}, {Text: "Identity and privileged access", Href: "list.html"}, {Text: "Week 45"}}, Title: "Approve and seal", Lede: "Omar Keita attested on 18 November, 16:40 UTC. You are independent of him and none of the 49 decisions is about your own actions."},
		Figures:    []part.Figure{{Value: "1,391,870", Label: "events tested"}, {Value: "49", Label: "decided, 49 of 49"}, {Value: "25", Label: "sampled and read"}, {Value: "2", Label: "findings", Kind: "bad"}},
		Lines:      [][3]string{{"pass", "31 checks pass", "complete reads, every source answered"}, {"needs_review", "6 reviewed", "49 items: 38 explained, 9 expected, 2 findings"}, {"inconclusive", "1 inconclusive", "HST-03: file writes are not recorded on 4 hosts · accepted by O. Keita: rule rollout CHG-7011"}},
		Rules: []part.Rule{
			{ID: "R1", Text: "Reviewer and approver differ", Result: "holds"}, {ID: "R2", Text: "Own actions were decided by another person", Result: "holds", Detail: "2 items by O. Keita were decided by L. Vogt"}, {ID: "R3", Text: "Reviewer cannot delete these logs", Result: "compensated", Detail: "copies leave for a second store every hour"},
			{ID: "R4", Text: "No check used here was changed by its approver", Result: "broken"}, {ID: "R5", Text: "Approver does not report to the reviewer", Result: "unknown"},
		},
		Choice: part.Choice{ID: "conclusion", Name: "conclusion", Legend: "Conclusion", Required: true, Options: []part.Option{
			{Value: "effective", Text: "Effective", Disabled: true, Note: "not possible: one check is inconclusive without an accepted limitation in scope"}, {Value: "effective with findings", Text: "Effective with findings", Selected: true}, {Value: "not effective", Text: "Not effective"}, {Value: "unable to conclude", Text: "Unable to conclude"},
		}},
		Fields: []part.Field{{ID: "password", Name: "password", Label: "Password", Kind: "password", Autocomplete: "current-password", Required: true}},
		Return: part.Confirm{Open: "Return with reasons…", Kind: "quiet", Title: "Return to Omar Keita", Text: "His signature becomes void and stays visible. He sees your reasons and can sign again.", Href: "/x", CSRF: "token", Do: "Return", Fields: []part.Field{{ID: "why", Name: "why", Label: "Reasons", Kind: "textarea", Required: true}}},
	}
}

// List is a plain list with filters.
type List struct {
	Head    part.Head
	Filters part.Filters
	Tabs    part.Tabs
	Table   part.Table
}

func listData() List {
	l := List{
		Head: part.Head{Title: "Findings", Lede: "Seven findings are open; one is past its due date.", Actions: []part.Action{{Text: "Raise a finding", Href: "list.html", Icon: "plus", Kind: "primary"}}},
		Tabs: part.Tabs{Label: "Findings", Tabs: []part.Tab{{Text: "Open", Href: "list.html", Count: "7", Current: true}, {Text: "To verify", Href: "list.html", Count: "2"}, {Text: "Closed", Href: "list.html", Count: "118"}}},
		Table: part.Table{ID: "findings", Caption: "Open findings", Quiet: true, Stacked: true, Columns: []part.Column{{Text: "Severity", Hush: true}, {Text: "Finding"}, {Text: "Owner"}, {Text: "Due", Href: "list.html", Sorted: "ascending"}, {Text: "Work"}, {Text: "State"}},
			Pager: &part.Pager{Text: "All 7 shown"}},
	}
	for i, f := range []string{"Default-deny removed from data without a ticket", "Unknown key signs in as ubuntu", "Root login permitted on worker-2", "Shared account used by three people"} {
		l.Table.Rows = append(l.Table.Rows, part.Row{Cells: []part.Cell{{Severity: []string{"critical", "high", "medium", "low"}[i]}, {Text: f, Name: true, Href: "list.html", Sub: fmt.Sprintf("F-%d · NET-0%d", 118+i, i+1)}, {Text: "alice@example.com", Small: true}, {Text: "27 Nov", Small: true, Chips: []part.Chip{{Text: "2 days left", Kind: "warn"}}}, {Progress: &part.Progress{Done: i, Of: 4}}, {Chips: []part.Chip{{Text: "assigned"}}}}})
	}
	return l
}

// Parts is everything else, in every state.
type Parts struct {
	Head       part.Head
	Notices    []part.Notice
	Outcomes   []string
	Severities []string
	Chips      []part.Chip
	Icons      []string
	Actions    []part.Action
	Figures    []part.Figure
	Empties    []part.Empty
	Progress   []part.Progress
	Confirms   []part.Confirm
	Errors     []part.FieldError
	Fields     []part.Field
	Pairs      []part.Pair
	Decides    []part.Decide
	Flashes    []Flash
	Table      part.Table
	Strip      chart.Strip
	Bars       []chart.Bars
	Ages       chart.Ages
}

func partsData() Parts {
	p := Parts{
		Head:       part.Head{Title: "Parts", Lede: "Every part in every state, in the order one reaches for them.", Confirm: &part.Confirm{Open: "Supersede…", Title: "Supersede revision 1", Text: "Revision 1 stays sealed and readable. Revision 2 begins with its decisions as proposals.", Href: "/x", CSRF: "token", Do: "Supersede", Final: true}},
		Outcomes:   []string{"pass", "fail", "needs_review", "inconclusive", "not_applicable", "error"},
		Severities: []string{"critical", "high", "medium", "low", "info"},
		Chips:      []part.Chip{{Text: "due 4 Dec"}, {Text: "2 days overdue", Kind: "bad"}, {Text: "expires soon", Kind: "warn"}, {Text: "sealed", Kind: "good", Icon: "seal"}, {Text: "limited", Kind: "dim"}, {Text: "7f3a 91c2", Kind: "mono"}, {Text: "A.9.2.1", Href: "parts.html"}},
		Icons:      Icons(),
		Actions:    []part.Action{{Text: "Sign and seal", Href: "/x", Kind: "primary", Icon: "seal"}, {Text: "Run again", Href: "/x", Post: true, CSRF: "t", Icon: "refresh"}, {Text: "Quiet", Href: "/x", Kind: "quiet"}, {Text: "Delete", Href: "/x", Kind: "danger"}, {Text: "Sign", Href: "/x", Kind: "primary", Why: "6 items are not decided"}, {Text: "Sign", Href: "/x", Post: true, CSRF: "t", Why: "6 items are not decided"}, {Text: "Keys", Href: "/x", Key: "?"}},
		Figures:    []part.Figure{{Value: "41 of 47", Label: "decided", Note: "6 left, 2 are yours to hand over"}, {Value: "3 h 10 min", Label: "longest silence", Kind: "warn"}, {Value: "2", Label: "findings past due", Kind: "bad", Href: "parts.html"}},
		Notices: []part.Notice{
			{Kind: "down", Title: "prod-authlog has been silent since Thursday 14:05.", Text: "No check that reads it can pass until it reports again.", Actions: []part.Action{{Text: "Open the source", Href: "/sources/2"}}, Detail: "dial tcp 127.0.0.1:9200: connect: connection refused"},
			{Kind: "warn", Title: "Events of 24 October disappear in 3 days.", Text: "Freeze what you need before then."}, {Kind: "info", Title: "This is the first month.", Text: "There is no comparison yet."},
		},
		Empties: []part.Empty{
			{Kind: part.Nothing, Title: "No reviews are scheduled", Text: "Start from a template: Kubernetes admin activity, SSH access, network policy changes, failed authentication.", Actions: []part.Action{{Text: "Choose reviews", Href: "/x", Kind: "primary"}}},
			{Kind: part.NoMatch, Title: "No change matches these filters", Text: "28 changes are hidden by cluster and ticket.", Actions: []part.Action{{Text: "Clear the filters", Href: "/x"}}},
			{Kind: part.Forbidden, Title: "You may not see the trail", Text: "Officers, auditors and administrators can. Ask Ingrid Dahl if you need it."},
			{Kind: part.Down, Title: "The changes could not be read", Text: "The source calico-audit did not answer. The last good copy is from 09:12.", Actions: []part.Action{{Text: "Try again", Href: "/x"}}, Detail: "POST /tigera_secure_ee_audit*/_search: 502 Bad Gateway"},
		},
		Progress: []part.Progress{{Done: 41, Of: 47, Verb: "decided"}, {Done: 0, Of: 52, Verb: "decided"}, {Done: 64, Of: 64, Text: "all 64 decided"}, {Done: 12, Of: 64, Fill: true, Verb: "read"}},
		Confirms: []part.Confirm{{Open: "Delete the source…", Title: "Delete prod-authlog", Text: "Its results and evidence stay. Checks that read it become inconclusive from tonight.", Href: "/x", CSRF: "t", Do: "Delete prod-authlog", Final: true, Expand: true, Fields: []part.Field{{ID: "c-name", Name: "name", Label: "Type prod-authlog to confirm", Required: true, Error: "That is not its name."}}}, {Open: "Record as missed…", Kind: "quiet", Title: "Record as missed", Text: "The reason is kept in the pack.", Href: "/x", CSRF: "t", Do: "Record as missed"}},
		Errors:   []part.FieldError{{ID: "f-url", Text: "The address must begin with http:// or https://"}, {ID: "f-window", Text: "The window ends before it begins"}},
		Fields: []part.Field{
			{ID: "f-name", Name: "name", Label: "Name", Value: "prod-kubeaudit", Hint: "Stands in every result and in the evidence.", Required: true}, {ID: "f-url", Name: "url", Label: "Address", Kind: "url", Value: "opensearch:9200", Error: "The address must begin with http:// or https://", Hint: "Without user and password.", Mono: true, Required: true},
			{ID: "f-window", Name: "window", Label: "Window ends", Kind: "date", Value: "2026-11-20", Short: true, Error: "The window ends before it begins"}, {ID: "f-kind", Name: "kind", Label: "Kind", Kind: "select", Options: []part.Option{{Value: "kubernetes", Text: "Kubernetes audit", Selected: true}, {Value: "authlog", Text: "Auth log"}}},
			{ID: "f-note", Name: "note", Label: "Note", Kind: "textarea", Optional: true, Placeholder: "What others should know"}, {ID: "f-file", Name: "file", Label: "People file", Kind: "file", Accept: ".yaml"}, {ID: "f-on", Name: "on", Label: "Read every night at 02:00", Kind: "check", Checked: true}, {ID: "f-off", Name: "off", Label: "Not possible yet", Kind: "check", Disabled: true, Hint: "Connect mail first."}, {ID: "f-ro", Name: "ro", Label: "Read only", Value: "cannot be changed", ReadOnly: true},
		},
		Pairs: []part.Pair{{Key: "Evidence root", Text: "7f3a91c204be55d09a17e2c4b8810f36", Mono: true}, {Key: "Conclusion", Text: "Effective with findings", Badge: &part.Badge{Outcome: "needs_review", Text: "limited"}}, {Key: "Review", Text: "Week 45", Href: "review.html"}},
		Decides: []part.Decide{
			{Action: "/x", CSRF: "t", Version: 3, Undo: "/u", Decided: &part.Decided{State: "finding", Text: "Finding F-118 by Omar Keita, 20 Nov 10:12", Reason: "The set now holds every address; CHG-7004 ordered 18.0.0.0/16."}, Offers: []part.Offer{{Decision: "p-expected", Text: "Expected…", Key: "e", Ask: "Why is this allowed?", Hint: "An exception ends.", Do: "Save", Until: true, Ticket: true, Error: "Say why this is allowed.", Reason: " "}}},
			{Locked: "These are your own actions: Lena Vogt decides this item.", Decided: &part.Decided{State: "own", Text: "Goes to Lena Vogt"}},
		},
		Flashes: []Flash{{"ok", "Saved."}, {"warn", "Saved, but mail is not set."}, {"error", "Not saved: the review was signed meanwhile."}, {"info", "Nothing changed."}},
		Table:   part.Table{ID: "none", Caption: "Nothing", Empty: &part.Empty{Kind: part.Nothing, Title: "No sessions yet", Text: "Sessions appear here when somebody signs in."}},
		Strip:   chart.NewStrip("p-strip", "Events a day", []chart.Day{{Label: "1 Nov", Count: 5, Hearing: chart.Heard}, {Label: "2 Nov", Count: 2, Hearing: chart.Gap}, {Label: "3 Nov", Hearing: chart.Silent}, {Label: "4 Nov", Hearing: chart.Unasked}}),
		Bars:    []chart.Bars{chart.NewBars("p-none", "Nothing known", "events", nil), chart.NewBars("p-zero", "All zero", "events", []chart.Point{{Label: "1 Nov"}, {Label: "2 Nov"}})},
		Ages:    chart.NewAges("p-ages", "No findings", []chart.Band{{Label: "0–7 d"}, {Label: "8–30 d"}}),
	}
	return p
}
