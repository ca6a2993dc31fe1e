package web

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/web/part"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/controls"
	"logreeve/reviews"
)

// findingPage is one finding: what is, what should be, why, what follows, and
// what is done about it.
type findingPage struct {
	Page
	Head    part.Head
	Parts   []findingPart
	Facts   []part.Pair
	Items   part.Table
	History []findingStep
	Moves   []findingMove
	Edit    []part.Field
	Open    bool // the form for changes is shown open
	Errors  []part.FieldError
	Action  string
	Version int64
	Locked  string
}

// findingPart is condition, criteria, cause or effect.
type findingPart struct{ Title, Text, Missing string }

// findingStep is one step in the history.
type findingStep struct {
	Text, Note string
	At         connectors.Instant
}

// findingMove is a status the finding may go to, with what it asks for.
type findingMove struct {
	Confirm part.Confirm
}

// findingForm is a finding as it was typed.
type findingForm struct {
	Title, Condition, Criteria, Cause, Effect, Severity, Owner, Due, Status, Note string
	Version                                                                       int64
}

func formOf(x *reviews.Finding) findingForm {
	return findingForm{Title: x.Title, Condition: x.Condition, Criteria: x.Criteria, Cause: x.Cause, Effect: x.Effect, Severity: string(x.Severity), Owner: x.Owner, Due: x.DueDate, Version: x.Version}
}

func newFindingPage(frame Page, x *reviews.Finding, r *reviews.Review, catalogue *controls.Catalogue, in findingForm, faults Faults) *findingPage {
	f := frame.Format()
	see := logText
	address := "/findings/" + url.PathEscape(x.ID)
	p := &findingPage{Page: frame, Action: address, Version: x.Version}
	due, late := findingDue(frame, *x)
	p.Head = part.Head{Crumbs: []part.Link{{Text: "Findings", Href: "/findings"}, {Text: x.ID}}, Title: see(x.Title), Chips: []part.Chip{{Text: statusWord(x.Status)}}, Lede: findingLede(frame, x)}
	p.Parts = []findingPart{
		{"Condition", see(x.Condition), "Nobody has written down what is."},
		{"Criteria", see(x.Criteria), "Nobody has written down what should be."},
		{"Cause", see(x.Cause), "Nobody has written down why it came about."},
		{"Effect", see(x.Effect), "Nobody has written down what follows from it."},
	}
	owner := part.Pair{Key: "Who must act", Text: see(x.Owner), Strong: true}
	if x.Owner == "" {
		owner = part.Pair{Key: "Who must act", Text: "nobody yet", Chips: []part.Chip{{Text: "needed before sign-off if severe", Kind: "warn"}}}
	}
	dueP := part.Pair{Key: "Due", Text: due}
	if late {
		dueP.Chips = []part.Chip{{Text: "past due", Kind: "bad"}}
	}
	p.Facts = []part.Pair{
		owner, dueP, {Key: "Severity", Text: severityWord(x.Severity)}, {Key: "Check", Text: x.Check, Href: "/checks/" + url.PathEscape(x.Check)},
		{Key: "Review", Text: x.Review, Href: reviewPath(x.Review)}, {Key: "Raised", Text: x.RaisedBy.Name + ", " + f.Time(x.RaisedAt), Sub: f.UTC(x.RaisedAt)},
	}
	if x.Check == "" {
		p.Facts = slices.DeleteFunc(p.Facts, func(x part.Pair) bool { return x.Key == "Check" })
	}
	var labels []string
	for _, id := range x.Controls {
		labels = append(labels, catalogue.Label(id))
	}
	if len(labels) > 0 {
		p.Facts = append(p.Facts, part.Pair{Key: "Controls", Text: strings.Join(labels, "; ")})
	}
	p.Items = findingItems(f, x, r)
	for _, h := range x.History {
		p.History = append(p.History, findingStep{Text: historyWord(h) + " by " + h.By.Name, Note: see(h.Note), At: h.At})
	}
	slices.Reverse(p.History)
	if !frame.Actor.Has("officer", "reviewer", "approver") {
		p.Locked = "Officers, reviewers and approvers change findings."
		return p
	}
	for _, to := range x.NextStatuses() {
		p.Moves = append(p.Moves, moveOf(frame, x, to, in, faults))
	}
	editing := len(faults) > 0 && in.Status == ""
	p.Open = editing
	if len(faults) > 0 {
		p.Errors = faults.List("title", "severity", "owner", "due", "note")
		if !editing {
			for i := range p.Errors {
				p.Errors[i].ID += "-" + in.Status
			}
		}
	}
	shown := formOf(x)
	if editing {
		shown = in
	} else {
		faults = nil
	}
	p.Edit = []part.Field{
		{ID: "title", Name: "title", Label: "Title", Value: shown.Title, Required: true, MaxLength: 300, Error: faults.For("title")},
		{ID: "severity", Name: "severity", Label: "Severity", Kind: "select", Options: severityOptions(reports.Severity(shown.Severity)), Error: faults.For("severity")},
		{ID: "owner", Name: "owner", Label: "Who must act", Kind: "email", Value: shown.Owner, MaxLength: 254, Optional: true, Error: faults.For("owner")},
		{ID: "due", Name: "due", Label: "Due", Kind: "date", Value: shown.Due, Optional: true, Short: true, Error: faults.For("due")},
		{ID: "condition", Name: "condition", Label: "Condition: what is", Kind: "textarea", Value: shown.Condition, MaxLength: 8000},
		{ID: "criteria", Name: "criteria", Label: "Criteria: what should be", Kind: "textarea", Value: shown.Criteria, Optional: true, MaxLength: 8000},
		{ID: "cause", Name: "cause", Label: "Cause: why it came about", Kind: "textarea", Value: shown.Cause, Optional: true, MaxLength: 8000},
		{ID: "effect", Name: "effect", Label: "Effect: what follows from it", Kind: "textarea", Value: shown.Effect, Optional: true, MaxLength: 8000},
		{ID: "note", Name: "note", Label: "Why it is changed", Value: shown.Note, Optional: true, MaxLength: 2000, Error: faults.For("note")},
	}
	return p
}

// findingLede says where the finding stands and what comes next.
func findingLede(frame Page, x *reviews.Finding) string {
	_, late := findingDue(frame, *x)
	switch x.Status {
	case reviews.FindingClosed:
		return "This finding is closed: somebody other than its owner verified that it is solved."
	case reviews.FindingDismissed:
		return "This finding was dismissed. It stays readable with the reason."
	case reviews.FindingRemediated:
		return "The owner says that it is solved. Somebody else verifies it and closes the finding."
	case reviews.FindingConfirmed:
		return "It is confirmed that something is wrong, and nobody is named who must act."
	}
	if late {
		return logText(x.Owner) + " must act, and the due date has passed."
	}
	return logText(cmp.Or(x.Owner, "Nobody")) + " must act."
}

func findingItems(f Format, x *reviews.Finding, r *reviews.Review) part.Table {
	t := part.Table{ID: "items", Caption: "What it rests on", Quiet: true, Tight: true, Stacked: true, Columns: []part.Column{{Text: "Severity", Hush: true}, {Text: "Item"}, {Text: "Events", Number: true}, {Text: "First"}, {Text: "Last"}},
		Empty: &part.Empty{Kind: part.Nothing, Title: "No item leads here any more", Text: "The decisions it came from were withdrawn."}}
	for _, key := range x.Items {
		if it, ok := r.Item(key); ok {
			t.Rows = append(t.Rows, part.Row{Cells: []part.Cell{
				{Severity: string(it.Severity)}, {Text: logText(it.Title), Sub: it.Check, Name: true, Href: reviewPath(r.ID, "items", key)}, {Text: countWord64(it.Count), Number: true},
				{Text: f.Time(it.First), Time: it.First.String(), UTC: f.UTC(it.First), Small: true}, {Text: f.Time(it.Last), Time: it.Last.String(), UTC: f.UTC(it.Last), Small: true},
			}})
		} else if pick, ok := r.PickOf(key); ok {
			at := pick.Record.Time
			t.Rows = append(t.Rows, part.Row{Cells: []part.Cell{
				{Text: ""}, {Text: recordTitle(pick.Record), Sub: "sample", Name: true, Href: reviewPath(r.ID, "sample", key)}, {Text: "1", Number: true},
				{Text: f.Time(at), Time: at.String(), UTC: f.UTC(at), Small: true}, {Text: f.Time(at), Time: at.String(), UTC: f.UTC(at), Small: true},
			}})
		}
	}
	return t
}

func historyWord(h reviews.FindingChange) string {
	if h.From == h.To {
		return "Changed"
	}
	word := statusWord(h.To)
	return strings.ToUpper(word[:1]) + word[1:]
}

// moveOf is the second step of a change of status.
func moveOf(frame Page, x *reviews.Finding, to reviews.FindingStatus, in findingForm, faults Faults) findingMove {
	mine := in.Status == string(to) && len(faults) > 0
	words := map[reviews.FindingStatus][3]string{
		reviews.FindingAssigned:   {"Assign…", "Assign to the owner", "The owner is named above as the one who must act."},
		reviews.FindingInProgress: {"In progress…", "Set to in progress", "The owner works on it."},
		reviews.FindingRemediated: {"Solved…", "Set to solved", "Say what was done. Somebody other than the owner verifies it."},
		reviews.FindingClosed:     {"Verify and close…", "Close this finding", "Say how you verified that it is solved. You cannot be its owner."},
		reviews.FindingDismissed:  {"Dismiss…", "Dismiss this finding", "Say why it is none. A severe one is dismissed by a second person."},
	}[to]
	c := part.Confirm{
		Open: words[0], Title: words[1], Text: words[2], Do: words[1], Href: "/findings/" + url.PathEscape(x.ID), CSRF: frame.CSRF, Final: to == reviews.FindingDismissed, Expand: mine,
		Hidden: []part.Hidden{{Name: "version", Value: strconv.FormatInt(x.Version, 10)}, {Name: "status", Value: string(to)}},
	}
	note := part.Field{ID: "note-" + string(to), Name: "note", Label: "Note", Kind: "textarea", Rows: 2, MaxLength: 2000, Optional: true}
	if to == reviews.FindingRemediated || to == reviews.FindingClosed || to == reviews.FindingDismissed {
		note.Optional, note.Required = false, true
	}
	if to == reviews.FindingAssigned && x.Owner == "" {
		c.Text = "Name who must act."
		owner := part.Field{ID: "owner-" + string(to), Name: "owner", Label: "Who must act", Kind: "email", Required: true, MaxLength: 254}
		if mine {
			owner.Value, owner.Error = in.Owner, faults.For("owner")
		}
		c.Fields = append(c.Fields, owner)
	}
	if mine {
		note.Value, note.Error = in.Note, cmp.Or(faults.For("note"), faults.For("status"))
	}
	c.Fields = append(c.Fields, note)
	return findingMove{c}
}

// readFinding reads a change of a finding. Fields that the form does not have
// are left alone.
func readFinding(form url.Values) (findingForm, reviews.FindingUpdate, error) {
	in := findingForm{
		Title: form.Get("title"), Condition: form.Get("condition"), Criteria: form.Get("criteria"), Cause: form.Get("cause"), Effect: form.Get("effect"),
		Severity: form.Get("severity"), Owner: form.Get("owner"), Due: form.Get("due"), Status: form.Get("status"), Note: form.Get("note"),
	}
	version, err := strconv.ParseInt(form.Get("version"), 10, 64)
	if err != nil {
		return in, reviews.FindingUpdate{}, fault.New(fault.Invalid, "The change could not be read: it does not say which version it changes.")
	}
	in.Version = version
	u := reviews.FindingUpdate{Version: version, Note: in.Note}
	given := func(name string, value *string) *string {
		if _, ok := form[name]; ok {
			return value
		}
		return nil
	}
	u.Title, u.Condition, u.Criteria = given("title", &in.Title), given("condition", &in.Condition), given("criteria", &in.Criteria)
	u.Cause, u.Effect, u.Owner, u.DueDate = given("cause", &in.Cause), given("effect", &in.Effect), given("owner", &in.Owner), given("due", &in.Due)
	if in.Severity != "" {
		severity := reports.Severity(in.Severity)
		u.Severity = &severity
	}
	if in.Status != "" {
		status := reviews.FindingStatus(in.Status)
		u.Status = &status
	}
	return in, u, nil
}

func (s *Server) findingShow(c *fiber.Ctx) error {
	return s.findingShowWith(c, fiber.StatusOK, findingForm{}, nil)
}

func (s *Server) findingShowWith(c *fiber.Ctx, status int, in findingForm, faults Faults) error {
	x, err := s.Reviews.Finding(c.UserContext(), c.Params("id"))
	if err != nil {
		return err
	}
	r, err := s.Reviews.Review(c.UserContext(), x.Review)
	if err != nil {
		return err
	}
	return s.renderStatus(c, status, "finding_show", newFindingPage(s.page(c, x.ID, "findings"), x, r, s.controls, in, faults))
}

func (s *Server) findingChange(c *fiber.Ctx) error {
	in, u, err := readFinding(readForm(c))
	if err != nil {
		return err
	}
	x, err := s.Reviews.UpdateFinding(c.UserContext(), s.actor(c), c.Params("id"), u)
	if faults, ok := faultsOf(err); ok {
		return s.findingShowWith(c, fiber.StatusUnprocessableEntity, in, faults)
	}
	if err != nil {
		return err
	}
	s.flash(c, "ok", x.ID+" is changed.")
	return s.redirect(c, "/findings/"+url.PathEscape(x.ID))
}
