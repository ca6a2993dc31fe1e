package web

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/web/part"
	"logreeve/reports"
	"logreeve/reviews"
)

// refusal is a decision that was not accepted, to be shown again.
type refusal struct {
	input  decisionInput
	faults Faults
}

// decideBar is the bar under an item without its offers: where it stands, and
// why the reader may not decide.
func decideBar(frame Page, v reviewSeen, key string, pick bool, base string) part.Decide {
	r, f := v.Review, frame.Format()
	last, version := r.Standing(key, pick)
	bar := part.Decide{Action: base + "/decision", CSRF: frame.CSRF, Version: int64(version)}
	why, own := r.WhyNot(v.By, key, pick)
	if last != nil {
		bar.Decided = &part.Decided{State: string(last.Choice), Text: decisionWord(last) + " by " + last.By.Name + ", " + f.Time(last.At), Reason: last.Reason}
		if why == "" {
			bar.Undo = base + "/undo"
		}
	}
	switch {
	case own && last == nil && (r.State == reviews.Open || r.State == reviews.InReview):
		bar.Decided = &part.Decided{State: "own", Text: "Goes to somebody else"}
		bar.Locked = "These are your own actions, so another reviewer or the approver decides."
	case r.State == reviews.SignOff && !pick && last != nil && r.WhyNotApprove(v.By) == "":
		bar.Action, bar.Undo = base+"/reperform", ""
		bar.Offers = []part.Offer{
			{Decision: "agree", Text: "I would decide the same", Plain: true, Reload: true, Suggested: true},
			{Decision: "disagree", Text: "I would not…", Ask: "What would you have decided, and why?", Hint: "Then return the review with your reasons.", Do: "Record that I disagree", Reload: true},
		}
		if judged := r.Reperformance(v.By, key); judged != nil && judged.Agrees() {
			bar.Offers, bar.Locked = nil, "You judged this decision yourself."
		}
	default:
		bar.Locked = why
	}
	return bar
}

// itemOffers is what may be decided, with the parts of a finding, and with what
// was typed when it was refused.
func itemOffers(frame Page, r *reviews.Review, it reviews.Item, fresh bool, no refusal) []part.Offer {
	suggested := ""
	switch {
	case fresh && it.Violation:
		suggested = "finding"
	case fresh:
		suggested = "explained"
	}
	offers := part.Offers(it.Violation, suggested)
	for i := range offers {
		o := &offers[i]
		o.UntilMax = frame.Now.Time().AddDate(1, 0, 0).Format("2006-01-02")
		if o.Decision == "finding" {
			o.Fields, o.More = findingFields(r, it.Title, it.Severity, no)
		}
		no.show(o)
	}
	return offers
}

// show puts a refused decision back into its offer.
func (no refusal) show(o *part.Offer) {
	if no.input.Decision != o.Decision || len(no.faults) == 0 {
		return
	}
	o.Reason = cmp.Or(no.input.Reason, " ")
	for _, field := range []string{"reason", "until", "ticket", "decision", "finding", "title", "severity", "owner", "due"} {
		if text := no.faults.For(field); text != "" && o.Error == "" {
			o.Error = text
		}
	}
}

// findingFields asks for what a finding needs.
func findingFields(r *reviews.Review, title string, severity reports.Severity, no refusal) (fields, more []part.Field) {
	in := no.input
	open := part.Field{ID: "finding-id", Name: "finding", Label: "Finding", Kind: "select", Options: []part.Option{{Value: "", Text: "A new one"}}}
	for _, f := range r.OpenFindings() {
		open.Options = append(open.Options, part.Option{Value: f.ID, Text: f.ID + " " + f.Title, Selected: in.Finding == f.ID})
	}
	levels := part.Field{ID: "finding-severity", Name: "severity", Label: "Severity", Kind: "select", Options: severityOptions(cmp.Or(reports.Severity(in.Severity), severity))}
	fields = []part.Field{
		{ID: "finding-title", Name: "title", Label: "Title", Value: cmp.Or(in.Title, logText(title)), MaxLength: 300, Error: no.faults.For("title")},
		levels,
		{ID: "finding-owner", Name: "owner", Label: "Who must act", Kind: "email", Value: in.Owner, MaxLength: 254, Autocomplete: "off", Placeholder: "name@example.org", Error: no.faults.For("owner")},
		{ID: "finding-due", Name: "due", Label: "Due", Kind: "date", Value: in.Due, Error: no.faults.For("due")},
	}
	if len(open.Options) > 1 {
		fields = append([]part.Field{open}, fields...)
	}
	more = []part.Field{
		{ID: "finding-criteria", Name: "criteria", Label: "Criteria: what should be", Kind: "textarea", Rows: 2, Value: in.Criteria, Optional: true, MaxLength: 4000},
		{ID: "finding-cause", Name: "cause", Label: "Cause: why it came about", Kind: "textarea", Rows: 2, Value: in.Cause, Optional: true, MaxLength: 4000},
		{ID: "finding-effect", Name: "effect", Label: "Effect: what follows from it", Kind: "textarea", Rows: 2, Value: in.Effect, Optional: true, MaxLength: 4000},
	}
	return fields, more
}

func severityOptions(selected reports.Severity) []part.Option {
	var options []part.Option
	for _, s := range []reports.Severity{reports.Critical, reports.High, reports.Medium, reports.Low, reports.Info} {
		options = append(options, part.Option{Value: string(s), Text: severityWord(s), Selected: s == selected})
	}
	return options
}

// decisionInput is a decision as a form or review.js sends it. Finding is the
// id of a finding that exists, "" for a new one.
type decisionInput struct {
	Decision string `json:"decision"`
	Reason   string `json:"reason"`
	Note     string `json:"note"`
	Version  int    `json:"version"`
	Until    string `json:"until"`
	Ticket   string `json:"ticket"`
	Finding  string `json:"finding"`
	Title    string `json:"title"`
	Severity string `json:"severity"`
	Owner    string `json:"owner"`
	Due      string `json:"due"`
	Criteria string `json:"criteria"`
	Cause    string `json:"cause"`
	Effect   string `json:"effect"`
}

func readDecision(c *fiber.Ctx) (decisionInput, error) {
	var in decisionInput
	if strings.HasPrefix(c.Get(fiber.HeaderContentType), fiber.MIMEApplicationJSON) {
		if err := json.Unmarshal(c.Body(), &in); err != nil {
			return in, fault.New(fault.Invalid, "The decision could not be read.")
		}
		return in, nil
	}
	form := readForm(c)
	version, err := strconv.Atoi(cmp.Or(form.Get("version"), "0"))
	if err != nil {
		return in, fault.New(fault.Invalid, "The decision could not be read.")
	}
	return decisionInput{
		Decision: form.Get("decision"), Reason: form.Get("reason"), Note: form.Get("note"), Version: version, Until: form.Get("until"), Ticket: form.Get("ticket"),
		Finding: form.Get("finding"), Title: form.Get("title"), Severity: form.Get("severity"), Owner: form.Get("owner"), Due: form.Get("due"),
		Criteria: form.Get("criteria"), Cause: form.Get("cause"), Effect: form.Get("effect"),
	}, nil
}

// request makes of the input what the review understands. A note to the
// approver is kept with the reason: both are read together.
func (in decisionInput) request(key string, pick bool) reviews.Request {
	q := reviews.Request{Key: key, Pick: pick, Version: in.Version, Choice: reviews.Choice(in.Decision), Reason: strings.TrimSpace(in.Reason), Until: in.Until, Ticket: in.Ticket}
	if note := strings.TrimSpace(in.Note); note != "" && q.Reason != "" {
		q.Reason += "\nNote to the approver: " + note
	}
	if q.Choice == reviews.FindingC {
		q.Finding = &reviews.Finding{
			ID: in.Finding, Title: in.Title, Condition: strings.TrimSpace(in.Reason), Criteria: in.Criteria, Cause: in.Cause, Effect: in.Effect,
			Severity: reports.Severity(in.Severity), Owner: strings.TrimSpace(in.Owner), DueDate: in.Due,
		}
	}
	return q
}

// decided is what review.js needs to know after a decision.
type decided struct {
	State   string `json:"state"`
	Word    string `json:"word"`
	Version int    `json:"version"`
	Decided int    `json:"decided"`
	Total   int    `json:"total"`
	Finding string `json:"finding,omitempty"`
}

func decidedAnswer(r *reviews.Review, key string, pick bool) decided {
	last, version := r.Standing(key, pick)
	items, picks := r.Progress()
	a := decided{State: "pending", Version: version, Decided: items, Total: len(r.Items)}
	if pick {
		a.Decided, a.Total = picks, len(r.Picks)
	}
	if last != nil {
		a.State, a.Word, a.Finding = string(last.Choice), decisionWord(last), last.Finding
	}
	return a
}

func (s *Server) reviewItemDecide(c *fiber.Ctx) error {
	in, err := readDecision(c)
	if err != nil {
		return err
	}
	id, key := c.Params("id"), c.Params("key")
	r, err := s.Reviews.Decide(c.UserContext(), s.actor(c), id, in.request(key, false))
	if faults, ok := faultsOf(err); ok && !wantsJSON(c) {
		v, err := s.reviewSeen(c)
		if err != nil {
			return err
		}
		return s.showItem(c, fiber.StatusUnprocessableEntity, newQueuePage(s.page(c, v.Review.Title, "reviews"), v, key), v, key, refusal{in, faults})
	}
	return s.afterDecision(c, r, err, key, false)
}

func (s *Server) reviewItemUndo(c *fiber.Ctx) error {
	return s.undo(c, false)
}

// undo withdraws the last decision about an item or pick.
func (s *Server) undo(c *fiber.Ctx, pick bool) error {
	in, err := readDecision(c)
	if err != nil {
		return err
	}
	key := c.Params("key")
	r, err := s.Reviews.Decide(c.UserContext(), s.actor(c), c.Params("id"), reviews.Request{Key: key, Pick: pick, Version: in.Version, Choice: reviews.Withdrawn})
	if err != nil || wantsJSON(c) {
		return s.afterDecision(c, r, err, key, pick)
	}
	s.flash(c, "ok", "Undone: it is to be decided again.")
	return s.redirect(c, reviewPath(r.ID, baseOf(pick), key))
}

func baseOf(pick bool) string {
	if pick {
		return "sample"
	}
	return "items"
}

// afterDecision answers a decision: a script with where things stand, a person
// with the next thing to decide.
func (s *Server) afterDecision(c *fiber.Ctx, r *reviews.Review, err error, key string, pick bool) error {
	if err != nil {
		return err
	}
	answer := decidedAnswer(r, key, pick)
	if wantsJSON(c) {
		return s.json(c, fiber.StatusOK, answer)
	}
	v, err := s.seen(c, r)
	if err != nil {
		return err
	}
	lines := itemLines(v)
	if pick {
		lines = pickLines(v)
	}
	next := nextPending(lines, key)
	if next == "" {
		s.flash(c, "ok", "Saved: "+answer.Word+". Nothing is left here.")
		return s.redirect(c, reviewPath(r.ID, baseOf(pick), key))
	}
	s.flash(c, "ok", "Saved: "+answer.Word+". This is the next one.")
	return s.redirect(c, reviewPath(r.ID, baseOf(pick), next))
}

func (s *Server) reviewReperform(c *fiber.Ctx) error {
	form := readForm(c)
	id, key := c.Params("id"), c.Params("key")
	_, err := s.Reviews.Reperform(c.UserContext(), s.actor(c), id, key, form.Get("pick") == "yes", form.Get("decision") == "agree", form.Get("reason"))
	if fault.KindOf(err) == fault.Invalid {
		s.flash(c, "error", fault.Message(err))
		return s.redirect(c, reviewPath(id, stepSignOff))
	}
	if err != nil {
		return err
	}
	s.flash(c, "ok", "Your judgement is recorded.")
	return s.redirect(c, reviewPath(id, stepSignOff)+"#reperform")
}
