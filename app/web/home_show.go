package web

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/actor"
	"logreeve/app/runs"
	"logreeve/app/web/chart"
	"logreeve/app/web/part"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/controls"
	"logreeve/reviews"
)

// homePage is the first page: what waits, what is wrong, how the year went.
type homePage struct {
	Page
	Head     part.Head
	First    []firstCard // the first day: nothing is connected yet
	Waiting  string      // the heading of what waits
	Needs    []part.Need
	Idle     *part.Empty
	Sources  []homeSource
	Year     chart.Heat
	Ages     chart.Ages
	AgesText string
	NoAges   *part.Empty
	Controls part.Table
	RunText  string
}

// firstCard is one step of the first day.
type firstCard struct {
	Title, Text string
	Action      *part.Action
	Done        bool
}

// homeSource is a source with its last thirty days.
type homeSource struct {
	Name, Kind, Href string
	Strip            chart.Strip
	Newest           string
	When, UTC        string
	Note             string
	Bad              bool
}

// homeFacts is what the first page is made from.
type homeFacts struct {
	Reviews   []reviews.Summary
	Own       map[string]int // pending items about the reader, by review
	Handed    map[string]int // pending items that the reader decides as the approver, by review
	Findings  []reviews.Finding
	Sources   []runs.Source
	Latest    []runs.LatestResult
	People    bool // a list of people was imported
	Catalogue *controls.Catalogue
}

func newHomePage(frame Page, h homeFacts) *homePage {
	f := frame.Format()
	p := &homePage{Page: frame, Head: part.Head{Title: f.Day(frame.Now), Lede: homeSentence(frame, h)}}
	if len(h.Sources) == 0 {
		p.First = firstDay(frame, h)
		return p
	}
	p.Waiting, p.Needs = needs(frame, h)
	if len(p.Needs) == 0 {
		p.Idle = &part.Empty{Kind: part.Nothing, Title: "Nothing waits", Text: nextReview(f, h.Reviews)}
	}
	for i, src := range h.Sources {
		p.Sources = append(p.Sources, newHomeSource(frame, i, src))
	}
	p.Year = yearOf(frame, h.Reviews)
	p.Ages, p.AgesText = agesOf(frame, h.Findings)
	if len(h.Findings) == 0 {
		p.NoAges = &part.Empty{Kind: part.Nothing, Title: "No finding is open", Text: "A finding comes from a review: an item that somebody confirmed to be wrong."}
	}
	p.Controls, p.RunText = controlsOf(frame, h)
	return p
}

// homeSentence says what is true and what it means, worst first.
func homeSentence(frame Page, h homeFacts) string {
	f, now := frame.Format(), frame.Now.Time()
	if len(h.Sources) == 0 {
		return "Nothing is connected yet. Four steps lead to the first signed review."
	}
	var said []string
	overdue := 0
	for _, r := range h.Reviews {
		if r.State != reviews.Scheduled && r.Overdue(now) {
			overdue++
		}
	}
	if overdue > 0 {
		said = append(said, plural(overdue, "review is", "reviews are")+" overdue")
	}
	silence, unread, broken := "", 0, 0
	silent := 0
	for _, s := range h.Sources {
		switch {
		case s.Disabled:
		case s.Silent(now):
			silent++
			silence = f.in(s.LastRead.Newest).Format("Monday 15:04")
			if frame.Now.Sub(s.LastRead.Newest) > 6*24*time.Hour {
				silence = f.Time(s.LastRead.Newest)
			}
		case s.LastRead == nil:
			unread++
		case len(s.LastRead.Problems) > 0:
			broken++
		}
	}
	tail := ""
	switch {
	case silent == 1:
		said = append(said, "one source has been silent since "+silence)
		tail = " Until it reports again, no check that reads it can pass."
	case silent > 1:
		said = append(said, countWord(silent)+" sources are silent")
		tail = " Until they report again, no check that reads them can pass."
	}
	if broken > 0 {
		said = append(said, plural(broken, "source", "sources")+" could not be read whole")
	}
	if past := pastDue(frame, h.Findings); past > 0 {
		said = append(said, plural(past, "finding is", "findings are")+" past due")
	}
	if len(said) > 0 {
		return sentence(said) + tail
	}
	waiting := 0
	for _, r := range h.Reviews {
		if slices.Contains(reviewViews[0].states, r.State) {
			waiting++
		}
	}
	switch {
	case unread > 0:
		return plural(unread, "source has", "sources have") + " not been read yet. The first run comes by itself, and can be started from Checks."
	case waiting > 0:
		return "Nothing is overdue and every source reports. " + plural(waiting, "review waits", "reviews wait") + " to be done."
	}
	return "Nothing is overdue and every source reports. " + nextReview(f, h.Reviews)
}

// sentence joins what is said: "A, b and c."
func sentence(said []string) string {
	s := said[0]
	if n := len(said); n > 1 {
		s = strings.Join(said[:n-1], ", ") + " and " + said[n-1]
	}
	s = strings.ToUpper(s[:1]) + s[1:] + "."
	for n, word := range [...]string{"Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"} {
		if rest, ok := strings.CutPrefix(s, countWord(n)+" "); ok {
			return word + " " + rest
		}
	}
	return s
}

// nextReview says when the next review opens.
func nextReview(f Format, all []reviews.Summary) string {
	var next connectors.Instant
	for _, r := range all {
		if r.State == reviews.Scheduled && (next == 0 || r.Period.To < next) {
			next = r.Period.To
		}
	}
	if next == 0 {
		return "Reviews come by themselves, one for each week."
	}
	return "The next review opens on " + f.Day(next) + "."
}

// pastDue counts findings whose due date has passed.
func pastDue(frame Page, findings []reviews.Finding) int {
	today := frame.Format().in(frame.Now).Format(time.DateOnly)
	n := 0
	for _, x := range findings {
		if x.DueDate != "" && x.DueDate < today {
			n++
		}
	}
	return n
}

func firstDay(frame Page, h homeFacts) []firstCard {
	sources := firstCard{Title: "Connect a log source", Text: "The audit log of a cluster, or the auth logs of hosts: a file, a folder or a pattern. What is there is shown before anything is kept."}
	people := firstCard{Title: "Add people", Text: "So that actions resolve to somebody, and nobody decides about their own. A spreadsheet with names, e-mail addresses and logins is enough.", Done: h.People}
	if frame.Actor.Has("admin", "officer") {
		sources.Action = &part.Action{Text: "Connect a source", Href: "/sources", Kind: "primary"}
		people.Action = &part.Action{Text: "Import people", Href: "/people"}
	} else {
		sources.Text += " An administrator or officer does it."
	}
	return []firstCard{
		sources, people,
		{Title: "Reviews come by themselves", Text: "Every Monday a review of the week before opens, once its logs were read and the checks have run. Nothing needs to be planned."},
		{Title: "Or look around first", Text: "On the command line, “logreeve demo” starts a second installation with made-up people, systems and logs. Nothing of it touches this one."},
	}
}

// needs is what waits for the reader: for a reviewer what is open, for an
// approver what was attested, for others everything.
func needs(frame Page, h homeFacts) (heading string, out []part.Need) {
	f, now := frame.Format(), frame.Now.Time()
	reviewer, approver := frame.Actor.Has("reviewer"), frame.Actor.Has("approver")
	heading = "Waiting for you"
	if !reviewer && !approver {
		heading = "Waiting for somebody"
	}
	for _, r := range overdueFirst(h.Reviews, now) {
		mine := reviewer && (r.State == reviews.Open || r.State == reviews.InReview || r.State == reviews.Missed) ||
			approver && r.State == reviews.SignOff && (r.Attested == nil || r.Attested.Account != frame.Actor.ID) ||
			!reviewer && h.Handed[r.ID] > 0
		all := !reviewer && !approver && slices.Contains(reviewViews[0].states, r.State)
		if !mine && !all {
			continue
		}
		n := part.Need{Name: r.Title, Href: reviewPath(r.ID), Text: f.Span(r.Period) + " · " + countWord64(r.Figures.EventsTested) + " events tested"}
		due, late := dueWord(f, frame.Now, r.DueAt)
		n.Chip = &part.Chip{Text: due}
		if late {
			n.Chip.Kind = "bad"
		}
		n.Action = &part.Action{Text: "Open", Href: n.Href}
		switch {
		case r.State == reviews.SignOff:
			if r.Attested != nil {
				n.Text = r.Attested.Name + " attested on " + f.Time(r.AttestedAt) + " · " + countWord64(r.Figures.EventsTested) + " events tested"
			}
			n.Note = "waits for an approver"
			if mine {
				n.Note, n.Action = "", &part.Action{Text: "Approve", Href: reviewPath(r.ID, stepSignOff)}
			}
		case !reviewer && h.Handed[r.ID] > 0:
			n.Text = plural(h.Handed[r.ID], "item is", "items are") + " about the reviewers themselves, so you decide"
			n.Action = &part.Action{Text: "Decide", Href: reviewPath(r.ID, stepQueue)}
		case r.State == reviews.Missed:
			n.Chip = &part.Chip{Text: "missed", Kind: "bad"}
			n.Progress = &part.Progress{Done: r.Decided, Of: r.Items, Verb: "decided"}
		default:
			n.Progress = &part.Progress{Done: r.Decided, Of: r.Items, Verb: "decided"}
			if own := h.Own[r.ID]; own > 0 {
				n.Note = plural(own, "goes", "go") + " to somebody else: your own actions"
			}
			if mine {
				n.Action = &part.Action{Text: "Start", Href: reviewPath(r.ID, stepQueue)}
				if r.Decided > 0 || r.PicksDecided > 0 {
					n.Action.Text = "Continue"
				}
				if r.Items == r.Decided {
					n.Action.Href = reviewPath(r.ID)
				}
			}
		}
		if len(out) == 0 && mine {
			n.Action.Kind = "primary"
		}
		out = append(out, n)
	}
	return heading, out
}

func newHomeSource(frame Page, n int, src runs.Source) homeSource {
	f := frame.Format()
	l := homeSource{Name: src.Name, Kind: kindWord(src.Kind), Href: "/sources/" + url.PathEscape(src.ID), Strip: chart.NewStrip("strip-"+countWord(n), "Events a day of "+src.Name, homeDays(f, src, frame.Now))}
	switch read := src.LastRead; {
	case src.Disabled:
		l.Newest, l.Note = "switched off", "not read any more"
		if read != nil && read.Newest != 0 {
			l.Note = "newest event " + f.Date(read.Newest)
		}
	case read == nil:
		l.Newest, l.Note = "not read yet", "the first run reads it"
	case read.Newest == 0:
		l.Newest, l.Note, l.Bad = "no events", "read "+ago(frame.Now, read.At), true
	default:
		l.Newest, l.When, l.UTC = "newest "+f.in(read.Newest).Format("Mon 2 Jan 15:04"), read.Newest.String(), f.UTC(read.Newest)
		l.Note = "read " + ago(frame.Now, read.At)
		if src.Silent(frame.Now.Time()) {
			l.Newest, l.Bad = "silent since "+f.in(read.Newest).Format("Mon 2 Jan 15:04"), true
		}
		if len(read.Problems) > 0 {
			l.Note, l.Bad = plural(len(read.Problems), "problem", "problems")+" while reading", true
		}
	}
	return l
}

// homeDays is the last thirty days of a source. A day that no run has read is
// not known; a day within what was read that has no event is silence for a
// cluster, which is never quiet for a day, and a quiet day for hosts.
func homeDays(f Format, src runs.Source, now connectors.Instant) []chart.Day {
	const days = 30
	counts := map[string]int64{}
	var read runs.SourceReading
	if src.LastRead != nil {
		read = *src.LastRead
	}
	for _, d := range read.Daily {
		counts[d.Day] = d.Events
	}
	day := func(i connectors.Instant) string { return i.Time().Format(time.DateOnly) }
	var out []chart.Day
	for n := days - 1; n >= 0; n-- {
		at := now.Time().AddDate(0, 0, -n)
		key := at.Format(time.DateOnly)
		d := chart.Day{Label: at.Format("2 Jan"), Count: counts[key], Hearing: chart.Heard}
		_, known := counts[key]
		switch {
		case d.Count > 0:
		case read.Newest == 0 || key < day(read.Oldest) || key > day(read.At):
			d.Hearing = chart.Unasked
		case key > day(read.Newest):
			d.Hearing = chart.Unasked
			if src.Silent(now.Time()) {
				d.Hearing = chart.Silent
			}
		case !known:
			d.Hearing = chart.Unasked
			if src.Kind == connectors.Kubernetes && len(read.Daily) > 1 && key > read.Daily[0].Day {
				d.Hearing = chart.Silent
			}
		case src.Kind == connectors.Kubernetes:
			d.Hearing = chart.Silent
		}
		out = append(out, d)
	}
	return out
}

// weekNames are the rows of the year: the weeks of a month.
var weekNames = [...]string{"First week", "Second week", "Third week", "Fourth week", "Fifth week"}

// yearOf is the last twelve months of weekly reviews: a column a month, a row
// for each of its weeks, counted by the day the week begins.
func yearOf(frame Page, all []reviews.Summary) chart.Heat {
	f := frame.Format()
	today := f.in(frame.Now)
	first := time.Date(today.Year(), today.Month()-11, 1, 0, 0, 0, 0, today.Location())
	columns := make([]string, 12)
	rows := make([]chart.HeatRow, len(weekNames))
	for i := range columns {
		columns[i] = first.AddDate(0, i, 0).Format("Jan")
	}
	for i := range rows {
		rows[i] = chart.HeatRow{Name: weekNames[i], Cells: make([]chart.HeatCell, len(columns))}
	}
	for _, r := range all {
		at, err := time.Parse(time.DateOnly, r.LocalDate)
		if err != nil {
			continue
		}
		month := (at.Year()-first.Year())*12 + int(at.Month()) - int(first.Month())
		if month < 0 || month >= len(columns) {
			continue
		}
		cell := chart.HeatCell{Href: reviewPath(r.ID), Note: r.Title}
		switch {
		case r.State == reviews.Closed && r.ClosedAt > r.DueAt:
			cell.Standing = chart.Late
		case r.State == reviews.Closed:
			cell.Standing = chart.Signed
		case r.State == reviews.Missed:
			cell.Standing = chart.Missed
		case r.State == reviews.Scheduled || r.State == reviews.Cancelled:
			cell.Standing = chart.NotDue
		default:
			cell.Standing = chart.Open
		}
		rows[(at.Day()-1)/7].Cells[month] = cell
	}
	return chart.NewHeat("year", "The year in reviews", columns, rows)
}

// agesOf is the open findings by age.
func agesOf(frame Page, findings []reviews.Finding) (chart.Ages, string) {
	bands := []chart.Band{{Label: "0–7 d"}, {Label: "8–30 d"}, {Label: "31–60 d"}, {Label: "> 60 d"}}
	counts := make([]map[string]int64, len(bands))
	for i := range counts {
		counts[i] = map[string]int64{}
	}
	for _, x := range findings {
		days := int(frame.Now.Sub(x.RaisedAt) / (24 * time.Hour))
		b := 3
		switch {
		case days <= 7:
			b = 0
		case days <= 30:
			b = 1
		case days <= 60:
			b = 2
		}
		counts[b][string(x.Severity)]++
	}
	for i := range bands {
		for _, s := range []string{"critical", "high", "medium", "low", "info"} {
			if counts[i][s] > 0 {
				bands[i].Shares = append(bands[i].Shares, chart.Share{Severity: s, Count: counts[i][s]})
			}
		}
	}
	said := countWord(len(findings)) + " open"
	if past := pastDue(frame, findings); past > 0 {
		said += " · " + countWord(past) + " past due"
	}
	return chart.NewAges("ages", "Open findings by age", bands), said
}

// controlsOf is the controls with the newest result of their checks, worst
// first.
func controlsOf(frame Page, h homeFacts) (part.Table, string) {
	f := frame.Format()
	t := part.Table{ID: "controls", Caption: "Controls and their last results", Quiet: true, Stacked: true, Columns: []part.Column{{Text: "Control"}, {Text: "Last result"}, {Text: "By what"}},
		Empty: &part.Empty{Kind: part.Nothing, Title: "No check has run yet", Text: "The first run comes by itself in the night after a source is connected. It can be started from Checks at any time.", Actions: []part.Action{{Text: "Go to checks", Href: "/checks"}}}}
	if len(h.Latest) == 0 || h.Catalogue == nil {
		return t, ""
	}
	type line struct {
		control controls.Control
		worst   reports.Outcome
		href    string // the result that is worst
		n, all  int
		at      connectors.Instant
	}
	var lines []line
	var newest connectors.Instant
	for _, control := range h.Catalogue.Controls {
		l := line{control: control, worst: ""}
		for _, latest := range h.Latest {
			newest = max(newest, latest.FinishedAt)
			if !control.CheckedBy(latest.Result.Check) && !slices.Contains(latest.Result.Controls, control.ID) {
				continue
			}
			l.all++
			l.at = max(l.at, latest.FinishedAt)
			switch o := latest.Result.Outcome; {
			case l.worst == "" || outcomeRank(o) < outcomeRank(l.worst):
				l.worst, l.n, l.href = o, 1, resultHref(latest.Run, latest.Result.Check)
			case o == l.worst:
				l.n++
			}
		}
		if l.all > 0 {
			lines = append(lines, l)
		}
	}
	for _, l := range sortedBy(lines, func(a, b line) int { return cmp.Compare(outcomeRank(a.worst), outcomeRank(b.worst)) }) {
		former := make([]string, len(l.control.Aliases))
		for i, a := range l.control.Aliases {
			former[i] = a.ID
		}
		sub := "new in 2022"
		if len(former) > 0 {
			sub = "formerly " + strings.Join(former, ", ")
		}
		text := countWord(l.n) + " " + strings.ToLower(outcomeWord(l.worst))
		if l.worst == reports.Pass && l.n == l.all {
			text = "Pass"
		}
		if l.worst == reports.NeedsReview {
			text = countWord(l.n) + " to review"
		}
		t.Rows = append(t.Rows, part.Row{Cells: []part.Cell{
			{Text: l.control.ID + " " + l.control.Title, Sub: sub, Name: true, Href: "/find?q=" + url.QueryEscape(l.control.ID)},
			{Badge: &part.Badge{Outcome: string(l.worst), Text: text, Href: l.href}},
			{Text: plural(l.all, "check", "checks") + " · " + f.in(l.at).Format("Mon 15:04"), Time: l.at.String(), UTC: f.UTC(l.at), Small: true},
		}})
	}
	return t, "newest result " + f.Time(newest) + " · supports ISO/IEC 27001:2022 and 2013"
}

// homeReviews is how many reviews the first page looks back on: a year of
// weeks, and what was scheduled.
const homeReviews = 60

func (s *Server) homeShow(c *fiber.Ctx) error {
	facts, err := s.homeFacts(c)
	if err != nil {
		return err
	}
	return s.render(c, "home_show", newHomePage(s.page(c, "Home", "home"), facts))
}

func (s *Server) homeFacts(c *fiber.Ctx) (h homeFacts, err error) {
	ctx := c.UserContext()
	h.Catalogue = controls.Catalog()
	if h.Sources, err = s.Runs.Sources(ctx); err != nil {
		return h, err
	}
	snapshots, err := s.Runs.Snapshots(ctx, 1)
	if err != nil {
		return h, err
	}
	h.People = len(snapshots) > 0
	if h.Reviews, err = s.Reviews.List(ctx, reviews.ReviewFilter{Limit: homeReviews}); err != nil {
		return h, err
	}
	if h.Findings, err = s.Reviews.Findings(ctx, reviews.FindingFilter{Open: true}); err != nil {
		return h, err
	}
	if h.Latest, err = s.Runs.Latest(ctx); err != nil {
		return h, err
	}
	h.Own, h.Handed, err = s.ownItems(c, h.Reviews)
	return h, err
}

// ownItems counts, for each review in work, the undecided items about the
// reader, which go to somebody else, and those that come to the reader because
// they approve and the reviewers may not decide them.
func (s *Server) ownItems(c *fiber.Ctx, all []reviews.Summary) (own, handed map[string]int, err error) {
	by, err := s.Reviews.Signer(c.UserContext(), s.actor(c))
	if err != nil {
		return nil, nil, err
	}
	reader := s.actor(c)
	approves := reader.Has(actor.Approver) && !reader.Has(actor.Reviewer)
	if by.Person == "" && !approves {
		return nil, nil, nil
	}
	own, handed = map[string]int{}, map[string]int{}
	for _, r := range all {
		if r.State != reviews.InReview && (approves || r.State != reviews.Open) {
			continue // before anybody has worked on it, nothing is handed over
		}
		full, err := s.Reviews.Review(c.UserContext(), r.ID)
		if err != nil {
			return nil, nil, err
		}
		stands := full.Stands(false)
		for _, it := range full.Items {
			if stands[it.Key].Last != nil {
				continue
			}
			why, mine := full.WhyNot(by, it.Key, false)
			switch {
			case mine:
				own[r.ID]++
			case approves && why == "":
				handed[r.ID]++
			}
		}
	}
	return own, handed, nil
}
