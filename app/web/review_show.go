package web

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/trail"
	"logreeve/app/web/part"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reviews"
)

// reviewSeen is a review as one reader sees it.
type reviewSeen struct {
	Review   *reviews.Review
	Template reviews.Template
	By       reviews.Signer // the reader, as they would sign
}

// reviewSeen loads the review of the address.
func (s *Server) reviewSeen(c *fiber.Ctx) (reviewSeen, error) {
	r, err := s.Reviews.Review(c.UserContext(), c.Params("id"))
	if err != nil {
		return reviewSeen{}, err
	}
	return s.seen(c, r)
}

// seen is a loaded review as the reader of the request sees it.
func (s *Server) seen(c *fiber.Ctx, r *reviews.Review) (reviewSeen, error) {
	by, err := s.Reviews.Signer(c.UserContext(), s.actor(c))
	if err != nil {
		return reviewSeen{}, err
	}
	t, _ := s.Reviews.Template(r.Template)
	return reviewSeen{Review: r, Template: t, By: by}, nil
}

// reviewPath is an address below a review.
func reviewPath(id string, below ...string) string {
	path := "/reviews/" + url.PathEscape(id)
	for _, b := range below {
		path += "/" + url.PathEscape(b)
	}
	return path
}

// reviewFrame is what every page of a review has: head, steps, procedure.
type reviewFrame struct {
	Page
	Head      part.Head
	Steps     []part.Step
	Procedure string
	Late      *part.Notice
}

// The steps of a review, as in its addresses.
const (
	stepOverview = ""
	stepQueue    = "queue"
	stepSample   = "sample"
	stepHealth   = "health"
	stepSignOff  = "sign-off"
)

func newReviewFrame(frame Page, v reviewSeen, step string) reviewFrame {
	r, f := v.Review, frame.Format()
	out := reviewFrame{Page: frame, Steps: reviewSteps(r, step), Procedure: v.Template.Procedure}
	out.Head = part.Head{
		Crumbs: []part.Link{{Text: "Reviews", Href: "/reviews"}, {Text: r.Title, Href: reviewPath(r.ID)}, {Text: stepWord(step)}},
		Title:  r.Title, Near: true, Facts: reviewFacts(frame, r),
	}
	if r.RunID != "" && r.State != reviews.Closed {
		out.Head.Actions = []part.Action{{Text: "Draft PDF", Href: reviewPath(r.ID, "draft.pdf"), Icon: "download"}}
	}
	if r.State == reviews.Missed {
		out.Late = &part.Notice{Kind: "error", Title: "This review was missed: it was not finished by " + f.Date(r.MissedAt) + ".", Text: "It can still be performed. It stays marked as late, in the year and in the evidence."}
	}
	return out
}

func stepWord(step string) string {
	switch step {
	case stepQueue:
		return "Queue"
	case stepSample:
		return "Sample"
	case stepHealth:
		return "Health"
	case stepSignOff:
		return "Sign-off"
	}
	return "Overview"
}

// reviewFacts is the line under the title: period, due, state, who signed.
func reviewFacts(frame Page, r *reviews.Review) []part.Fact {
	f := frame.Format()
	facts := []part.Fact{{Text: f.Span(r.Period)}}
	switch {
	case r.State == reviews.Closed:
		facts = append(facts, part.Fact{Text: "closed " + f.Time(r.ClosedAt), Kind: "good"})
		if r.Late() {
			facts = append(facts, part.Fact{Text: "signed late", Kind: "warn"})
		}
	case r.State == reviews.Cancelled:
		facts = append(facts, part.Fact{Text: "cancelled"})
	default:
		facts = append(facts, dueFact(f, frame.Now, r.DueAt))
		facts = append(facts, part.Fact{Text: stateWord(r.State)})
	}
	if a := r.Attester(); a != nil {
		facts = append(facts, part.Fact{Text: a.By.Name + " attested"})
	}
	if a := r.Approver(); a != nil {
		facts = append(facts, part.Fact{Text: a.By.Name + " approved"})
	}
	return facts
}

// dueFact says when something is or was due.
func dueFact(f Format, now, due connectors.Instant) part.Fact {
	text, late := dueWord(f, now, due)
	if late {
		return part.Fact{Text: text, Kind: "bad"}
	}
	return part.Fact{Text: text}
}

// dueWord says "2 days overdue", "due today", "due Friday" or "due 4 Dec". Due
// is the first instant after the last day.
func dueWord(f Format, now, due connectors.Instant) (text string, late bool) {
	const day = 24 * time.Hour
	last := due.Add(-time.Microsecond)
	left := due.Sub(now)
	switch {
	case due == 0:
		return "no due date", false
	case left <= 0:
		if days := int(-left / day); days > 0 {
			return plural(days, "day", "days") + " overdue", true
		}
		return "overdue since today", true
	case left < day && f.in(last).YearDay() == f.in(now).YearDay():
		return "due today", false
	case left < 6*day:
		return "due " + f.in(last).Format("Monday"), false
	}
	return "due " + f.in(last).Format("2 Jan"), false
}

// stateWord says a state to a reader.
func stateWord(s reviews.State) string {
	switch s {
	case reviews.Scheduled:
		return "not open yet"
	case reviews.Open:
		return "open"
	case reviews.InReview:
		return "in review"
	case reviews.SignOff:
		return "waits for approval"
	case reviews.Closed:
		return "closed"
	case reviews.Missed:
		return "missed"
	case reviews.Cancelled:
		return "cancelled"
	}
	return string(s)
}

// reviewSteps says how far each step is.
func reviewSteps(r *reviews.Review, now string) []part.Step {
	items, picks := r.Progress()
	left := 0
	for _, l := range r.Limits {
		if _, ok := r.Acknowledged(l.Check); !ok {
			left++
		}
	}
	opened := r.RunID != ""
	steps := []struct {
		step, count string
		done        bool
	}{
		{stepOverview, "", opened},
		{stepQueue, fmt.Sprintf("%s of %s", countWord(items), countWord(len(r.Items))), opened && items == len(r.Items)},
		{stepSample, fmt.Sprintf("%s of %s", countWord(picks), countWord(len(r.Picks))), opened && picks == len(r.Picks)},
		{stepHealth, fmt.Sprintf("%s to accept", countWord(left)), opened && left == 0},
		{stepSignOff, "", r.State == reviews.Closed},
	}
	if left == 0 {
		steps[3].count = ""
	}
	if r.State == reviews.SignOff {
		steps[4].count = "approver"
	}
	var out []part.Step
	for _, st := range steps {
		s := part.Step{Text: stepWord(st.step), Href: reviewPath(r.ID), Count: st.count, State: "todo"}
		if st.step != stepOverview {
			s.Href = reviewPath(r.ID, st.step)
		}
		switch {
		case !opened && st.step != stepOverview:
			s.State, s.Href, s.Count = "blocked", "", ""
		case st.step == now:
			s.State = "now"
		case st.done:
			s.State = "done"
		}
		out = append(out, s)
	}
	return out
}

func countWord(n int) string {
	said, err := count(n)
	if err != nil {
		return ""
	}
	return said
}

// reviewPage is the overview of a review.
type reviewPage struct {
	reviewFrame
	Lede    string
	Figures []part.Figure
	Next    *part.Action
	Facts   []part.Pair
	Checks  part.Table
	Outcome string      // "12 pass · 3 need review · …"
	Plan    []part.Pair // how the sample was drawn
	Strata  part.Table
	Events  []part.Day
	LateBox *part.Confirm
	Not     *part.Empty // instead of figures while it is not open
}

func newReviewPage(frame Page, v reviewSeen, faults Faults) *reviewPage {
	r, f := v.Review, frame.Format()
	p := &reviewPage{reviewFrame: newReviewFrame(frame, v, stepOverview), Events: reviewTimeline(f, r)}
	p.Head.Lede = reviewLede(frame, r)
	if r.State == reviews.Missed && v.hasRole("reviewer") {
		p.LateBox = &part.Confirm{
			Open: "Perform it late…", Kind: "primary", Title: "Perform this review late", Text: "It goes on where it stood. The reason is kept in the evidence.",
			Href: reviewPath(r.ID, "late"), CSRF: frame.CSRF, Do: "Perform it late", Expand: len(faults) > 0,
			Fields: []part.Field{{ID: "reason", Name: "reason", Label: "Why was it missed?", Kind: "textarea", Required: true, MaxLength: 4000, Error: faults.For("reason")}},
		}
	}
	if r.RunID == "" {
		p.Not = &part.Empty{Kind: part.Nothing, Title: "This review is not open yet", Text: "It opens by itself when its period has ended, the logs have settled and the checks have run: after " + f.Time(r.Period.To.Add(reviews.SettleDelay)) + "."}
		return p
	}
	items, picks := r.Progress()
	findings := len(r.OpenFindings())
	p.Figures = []part.Figure{
		{Value: countWord64(r.Figures.EventsTested), Label: "events tested", Note: "of " + countWord64(r.Figures.EventsRead) + " read from " + plural(r.Figures.Sources, "source", "sources")},
		{Value: countWord(items) + " of " + countWord(len(r.Items)), Label: "items decided", Href: reviewPath(r.ID, stepQueue)},
		{Value: countWord(picks) + " of " + countWord(len(r.Picks)), Label: "sample read", Note: "drawn from " + countWord64(r.Figures.Population), Href: reviewPath(r.ID, stepSample)},
		{Value: countWord(len(r.Limits)), Label: "limits", Note: "of " + plural(len(r.Checks), "check", "checks"), Href: reviewPath(r.ID, stepHealth)},
		{Value: countWord(findings), Label: "open findings", Href: "/findings?review=" + url.QueryEscape(r.ID)},
	}
	if findings > 0 {
		p.Figures[4].Kind = "bad"
	}
	p.Next = reviewNext(v)
	p.Outcome = reviewOutcomes(r.Checks)
	p.Checks = checksTable(f, r)
	p.Plan, p.Strata = samplePlan(r, v.Template)
	return p
}

func countWord64(n int64) string {
	said, err := count(n)
	if err != nil {
		return ""
	}
	return said
}

func (v reviewSeen) hasRole(role string) bool {
	for _, have := range v.By.Roles {
		if have == role {
			return true
		}
	}
	return false
}

// reviewLede is the sentence of the overview.
func reviewLede(frame Page, r *reviews.Review) string {
	f := frame.Format()
	switch r.State {
	case reviews.Scheduled:
		return "The period runs until " + f.Time(r.Period.To) + ". There is nothing to decide before that."
	case reviews.SignOff:
		return r.Attester().By.Name + " attested this review. It waits for an approver, and nothing in it can be changed meanwhile."
	case reviews.Closed:
		s := "This review is closed and its evidence is sealed."
		if a := r.Approver(); a != nil {
			s = "This review is closed as “" + string(a.Conclusion) + "” and its evidence is sealed."
		}
		return s
	case reviews.Missed:
		return "This review was not finished in time."
	case reviews.Cancelled:
		return "This review was cancelled. It stays readable."
	}
	if b := r.Blockers(); len(b) > 0 {
		texts := make([]string, len(b))
		for i := range b {
			texts[i] = b[i].Text
		}
		return "Before the reviewer can attest: " + strings.Join(texts, ", ") + "."
	}
	return "Everything is decided, read and acknowledged. The reviewer can attest."
}

// reviewNext is the one thing to do next, for those who can.
func reviewNext(v reviewSeen) *part.Action {
	r := v.Review
	switch {
	case r.State == reviews.SignOff && v.hasRole("approver"):
		return &part.Action{Text: "Go to sign-off", Href: reviewPath(r.ID, stepSignOff), Kind: "primary"}
	case r.State != reviews.Open && r.State != reviews.InReview, !v.hasRole("reviewer"):
		return nil
	}
	if b := r.Blockers(); len(b) > 0 {
		return &part.Action{Text: "Continue: " + b[0].Text, Href: blockerHref(r.ID, b[0].Step), Kind: "primary"}
	}
	return &part.Action{Text: "Go to sign-off", Href: reviewPath(r.ID, stepSignOff), Kind: "primary"}
}

func blockerHref(id, step string) string {
	if step == "findings" {
		return "/findings?review=" + url.QueryEscape(id)
	}
	return reviewPath(id, step)
}

// outcomeOrder is how results are counted and listed: worst first.
var outcomeOrder = [...]reports.Outcome{reports.Fail, reports.NeedsReview, reports.Errored, reports.Inconclusive, reports.Pass, reports.NotApplicable}

func reviewOutcomes(checks []reviews.CheckSummary) string {
	n := map[reports.Outcome]int{}
	for _, c := range checks {
		n[c.Outcome]++
	}
	var said []string
	for _, o := range outcomeOrder {
		if n[o] > 0 {
			said = append(said, countWord(n[o])+" "+strings.ToLower(outcomeWord(o)))
		}
	}
	return strings.Join(said, " · ")
}

func outcomeRank(o reports.Outcome) int {
	for i, x := range outcomeOrder {
		if x == o {
			return i
		}
	}
	return len(outcomeOrder)
}

func checksTable(f Format, r *reviews.Review) part.Table {
	t := part.Table{ID: "checks", Caption: "Checks of this review", Quiet: true, Tight: true, Stacked: true, Columns: []part.Column{
		{Text: "Check"}, {Text: "Result"}, {Text: "Looked at", Number: true}, {Text: "Matched", Number: true}, {Text: "Items", Number: true}, {Text: "Why"},
	}}
	for _, c := range sortedChecks(r.Checks) {
		badge := part.Cell{Badge: &part.Badge{Outcome: string(c.Outcome)}}
		if c.Limited {
			badge.Chips = []part.Chip{{Text: "limited", Kind: "dim", Href: reviewPath(r.ID, stepHealth)}}
		}
		t.Rows = append(t.Rows, part.Row{Cells: []part.Cell{
			{Text: c.Title, Sub: c.Check + " v" + fmt.Sprint(c.Version), Name: true, Href: "/checks/" + url.PathEscape(c.Check)},
			badge, {Text: countWord64(c.Population), Number: true}, {Text: countWord64(c.Matched), Number: true}, {Text: countWord(c.Items), Number: true}, {Text: f.Sentence(c.Reason), Small: true},
		}})
	}
	return t
}

func samplePlan(r *reviews.Review, t reviews.Template) ([]part.Pair, part.Table) {
	pairs := []part.Pair{
		{Key: "Population", Text: t.SampleText, Sub: countWord64(r.Sample.Population) + " entries, SHA-256 of their keys " + r.Sample.PopulationDigest},
		{Key: "Drawn", Text: countWord(len(r.Picks)) + " entries, at least " + countWord(r.Sample.MinPerStratum) + " of each part", Sub: "by " + r.Sample.Algorithm + ": keys in order of HMAC-SHA-256 under the seed"},
		{Key: "Promise", Text: r.Sample.NonceSHA256, Mono: true, Sub: "SHA-256 of the nonce, kept in the trail when the review was scheduled"},
		{Key: "Nonce", Text: r.Sample.Nonce, Mono: true, Sub: "shown once the logs were frozen, so that nobody could know the sample before"},
		{Key: "Seed", Text: r.Sample.Seed, Mono: true},
	}
	strata := part.Table{ID: "strata", Caption: "Parts of the population", Quiet: true, Tight: true, Columns: []part.Column{{Text: "Part"}, {Text: "Entries", Number: true}, {Text: "Drawn", Number: true}},
		Empty: &part.Empty{Kind: part.Nothing, Title: "The population is empty", Text: "There was nothing of this kind in the period that no check raised."}}
	for _, s := range r.Sample.Strata {
		strata.Rows = append(strata.Rows, part.Row{Cells: []part.Cell{{Text: stratumWord(s.Name), Name: true}, {Text: countWord64(s.Size), Number: true}, {Text: countWord(s.Drawn), Number: true}}})
	}
	return pairs, strata
}

// reviewTimeline is what happened to the review, oldest day first.
func reviewTimeline(f Format, r *reviews.Review) []part.Day {
	var days []part.Day
	names := map[string]string{"system": "by itself"}
	for _, s := range r.SignOffs {
		names[s.By.Account] = "by " + s.By.Name
	}
	for i := range r.Decisions {
		names[r.Decisions[i].By.Account] = "by " + r.Decisions[i].By.Name
	}
	for _, a := range r.Acknowledgements {
		names[a.By.Account] = "by " + a.By.Name
	}
	for _, e := range r.Events {
		title := f.Day(e.At)
		if len(days) == 0 || days[len(days)-1].Title != title {
			days = append(days, part.Day{Title: title})
		}
		d := &days[len(days)-1]
		d.Entries = append(d.Entries, part.Entry{At: f.Clock(e.At), Time: e.At.String(), UTC: f.UTC(e.At), Name: eventWord(e), Kind: names[e.By], Text: eventNote(e)})
	}
	return days
}

// eventNote is what was said with a change of state, where it says more than
// the change itself.
func eventNote(e reviews.Event) string {
	if e.Note == "attested" || e.Note == "approved" {
		return ""
	}
	return logText(e.Note)
}

func eventWord(e reviews.Event) string {
	switch {
	case e.To == reviews.Open:
		return "Opened: the logs were read and frozen"
	case e.From == reviews.Missed:
		return "Taken up late"
	case e.From == reviews.SignOff && e.To == reviews.InReview:
		return "Returned to the reviewer"
	case e.To == reviews.InReview:
		return "Work began"
	case e.To == reviews.SignOff:
		return "Attested by the reviewer"
	case e.To == reviews.Closed:
		return "Approved and sealed"
	case e.To == reviews.Missed:
		return "Missed"
	}
	word := stateWord(e.To)
	return strings.ToUpper(word[:1]) + word[1:]
}

func (s *Server) reviewShow(c *fiber.Ctx) error { return s.reviewShowWith(c, fiber.StatusOK, nil) }

func (s *Server) reviewShowWith(c *fiber.Ctx, status int, faults Faults) error {
	v, err := s.reviewSeen(c)
	if err != nil {
		return err
	}
	return s.renderStatus(c, status, "review_show", newReviewPage(s.page(c, v.Review.Title, "reviews"), v, faults))
}

func (s *Server) reviewPerformLate(c *fiber.Ctx) error {
	id := c.Params("id")
	_, err := s.Reviews.PerformLate(c.UserContext(), s.actor(c), id, readForm(c).Get("reason"))
	if faults, ok := faultsOf(err); ok {
		return s.reviewShowWith(c, fiber.StatusUnprocessableEntity, faults)
	}
	if err != nil {
		return err
	}
	s.flash(c, "ok", "The review is taken up. It stays marked as late.")
	return s.redirect(c, reviewPath(id, stepQueue))
}

// reviewDraft sends the report as it stands, marked as a draft: a PDF, or a zip
// of its volumes when it is longer than one file holds well. That it was
// taken is in the trail before it leaves.
func (s *Server) reviewDraft(c *fiber.Ctx) error {
	r, err := s.Reviews.Review(c.UserContext(), c.Params("id"))
	if err != nil {
		return err
	}
	draft, err := s.Sealer.Draft(c.UserContext(), r)
	if err != nil {
		return err
	}
	if err := s.Trail.Append(c.UserContext(), s.actor(c), trail.Entry{Action: "review.draft_downloaded", ObjectKind: "review", ObjectID: r.ID, Detail: map[string]string{"set_sha256": r.SetDigest()}}); err != nil {
		return fmt.Errorf("record the download of a draft of review %s: %w", r.ID, err)
	}
	return sendFile(c, draft.Kind, draft.Name, draft.Bytes)
}

// sendFile answers with a file to keep. The name is made of our own ids.
func sendFile(c *fiber.Ctx, kind, name string, content []byte) error {
	if strings.ContainsAny(name, "\"\\\r\n/") {
		return fault.New(fault.Internal, "a file name with odd characters: %q", name)
	}
	c.Set(fiber.HeaderContentType, kind)
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+name+`"`)
	return c.Send(content)
}

// sortedChecks lists results worst first, then by check.
func sortedChecks(checks []reviews.CheckSummary) []reviews.CheckSummary {
	return sortedBy(checks, func(a, b reviews.CheckSummary) int {
		if d := outcomeRank(a.Outcome) - outcomeRank(b.Outcome); d != 0 {
			return d
		}
		return strings.Compare(a.Check, b.Check)
	})
}
