package web

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/web/part"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reviews"
)

// healthPage is what limits the checks of a review, by cause.
type healthPage struct {
	reviewFrame
	Lede   string
	Causes []limitCause
	Empty  *part.Empty
	Locked string // why the reader cannot acknowledge, "" if they can
}

// limitCause is limits that exist for the same reason.
type limitCause struct {
	N      int
	Title  string      // "12 checks could not conclude or are limited"
	Gates  []part.Rule // what is not met, the same for all
	Text   string      // where there is no gate
	Checks []limitLine
	Said   []limitLine // the acknowledgements, each text once
	Open   int         // how many are not acknowledged
	Form   bool
	Action string
	CSRF   string
	Errors []part.FieldError
	Fields []part.Field
}

// limitLine is one check that is limited, and its acknowledgement.
type limitLine struct {
	Check, Title, Href string
	Outcome            string
	Limited            bool
	Reason             string
	Cause, Consequence string // as acknowledged, "" if it is not
	By                 string
	At                 connectors.Instant
	Checked            bool
}

// acknowledgement is what a reviewer says of some limits.
type acknowledgement struct {
	Group              string
	Checks             []string
	Cause, Consequence string
}

func newHealthPage(frame Page, v reviewSeen, in acknowledgement, faults Faults) *healthPage {
	r := v.Review
	p := &healthPage{reviewFrame: newReviewFrame(frame, v, stepHealth)}
	if len(r.Limits) == 0 {
		p.Empty = &part.Empty{Kind: part.Nothing, Title: "Nothing limits this review", Text: "Every check could conclude, and every condition it puts on the data holds."}
		return p
	}
	p.Locked = v.whyNotAcknowledge()
	p.Causes = limitCauses(frame, r)
	left := 0
	for i := range p.Causes {
		g := &p.Causes[i]
		left += g.Open
		g.Form = p.Locked == "" && g.Open > 0
		mine := in.Group == fmt.Sprint(i)
		g.Fields = acknowledgeFields(i, in, faults, mine)
		if mine && len(faults) > 0 {
			g.Errors = faults.List("check", "cause", "consequence")
			for e := range g.Errors {
				g.Errors[e].ID = fmt.Sprintf("%s-%d", g.Errors[e].ID, i)
			}
		}
	}
	p.Lede = "Every limit is acknowledged."
	if left > 0 {
		p.Lede = plural(left, "limit is", "limits are") + " not acknowledged, from " + plural(openCauses(p.Causes), "cause", "causes") + ". Say why each is so and what follows from it: the auditor reads it."
	}
	return p
}

// limitCauses groups the limits of a review by cause.
func limitCauses(frame Page, r *reviews.Review) []limitCause {
	f := frame.Format()
	var causes []limitCause
	titles := map[string]reviews.CheckSummary{}
	for _, c := range r.Checks {
		titles[c.Check] = c
	}
	at := map[string]int{}
	for _, l := range r.Limits {
		cause := causeOf(l)
		i, ok := at[cause]
		if !ok {
			i = len(causes)
			at[cause] = i
			g := limitCause{N: i, Action: reviewPath(r.ID, "limits"), CSRF: frame.CSRF, Gates: unmetGates(f, l)}
			if len(g.Gates) == 0 {
				g.Text = f.Sentence(l.Reason)
			}
			causes = append(causes, g)
		}
		g := &causes[i]
		line := limitLine{Check: l.Check, Title: titles[l.Check].Title, Href: "/checks/" + url.PathEscape(l.Check), Outcome: string(l.Outcome), Limited: titles[l.Check].Limited, Reason: limitMeans(l)}
		if a, done := r.Acknowledged(l.Check); done {
			line.Cause, line.Consequence, line.By, line.At = a.Cause, a.Consequence, a.By.Name, a.At
			if !slices.ContainsFunc(g.Said, func(x limitLine) bool {
				return x.Cause == line.Cause && x.Consequence == line.Consequence && x.By == line.By
			}) {
				g.Said = append(g.Said, line)
			}
		} else {
			g.Open++
			line.Checked = true
		}
		g.Checks = append(g.Checks, line)
		g.Title = plural(len(g.Checks), "check is", "checks are") + " limited by this"
	}
	return causes
}

// limitMeans says what a limit means for the answer of its check.
func limitMeans(l reviews.Limit) string {
	switch l.Outcome {
	case reports.Inconclusive, reports.Errored:
		return "Nothing can be concluded, neither that something happened nor that nothing did."
	}
	return "What was found counts. There may be more."
}

func openCauses(all []limitCause) int {
	n := 0
	for _, g := range all {
		if g.Open > 0 {
			n++
		}
	}
	return n
}

func acknowledgeFields(i int, in acknowledgement, faults Faults, mine bool) []part.Field {
	fields := []part.Field{
		{ID: fmt.Sprintf("cause-%d", i), Name: "cause", Label: "Why is it so?", Kind: "textarea", Rows: 2, Required: true, MaxLength: 4000, Hint: "What broke or was missing, since when, and how you know."},
		{ID: fmt.Sprintf("consequence-%d", i), Name: "consequence", Label: "What follows from it?", Kind: "textarea", Rows: 2, Required: true, MaxLength: 4000, Hint: "What could have happened without being seen, and who does what about it."},
	}
	if mine {
		fields[0].Value, fields[0].Error = in.Cause, faults.For("cause")
		fields[1].Value, fields[1].Error = in.Consequence, faults.For("consequence")
	}
	return fields
}

// whyNotAcknowledge says why the reader cannot acknowledge limits now.
func (v reviewSeen) whyNotAcknowledge() string {
	switch {
	case v.Review.State != reviews.Open && v.Review.State != reviews.InReview:
		return "This review " + map[bool]string{true: "is closed.", false: "cannot be changed now: it is " + stateWord(v.Review.State) + "."}[v.Review.State == reviews.Closed]
	case !v.hasRole("reviewer"):
		return "A reviewer acknowledges limits."
	}
	return ""
}

// causeOf is what makes two limits the same: the conditions not met, with their
// figures; without any, the reason.
func causeOf(l reviews.Limit) string {
	if len(l.Gates) == 0 {
		return string(l.Outcome) + "\n" + l.Reason
	}
	var b strings.Builder
	for _, g := range l.Gates {
		b.WriteString(string(g.ID) + "\t" + g.Detail + "\n")
	}
	return b.String()
}

func unmetGates(f Format, l reviews.Limit) []part.Rule {
	var rules []part.Rule
	for _, g := range l.Gates {
		rules = append(rules, part.Rule{ID: string(g.ID), Text: gateWord(g.ID), Result: "broken", Detail: f.Sentence(g.Detail)})
	}
	return rules
}

func (s *Server) reviewHealth(c *fiber.Ctx) error {
	return s.reviewHealthWith(c, fiber.StatusOK, acknowledgement{}, nil)
}

func (s *Server) reviewHealthWith(c *fiber.Ctx, status int, in acknowledgement, faults Faults) error {
	v, err := s.reviewSeen(c)
	if err != nil {
		return err
	}
	return s.renderStatus(c, status, "review_health", newHealthPage(s.page(c, v.Review.Title, "reviews"), v, in, faults))
}

func (s *Server) reviewAcknowledge(c *fiber.Ctx) error {
	form := readForm(c)
	in := acknowledgement{Group: form.Get("group"), Checks: form["check"], Cause: form.Get("cause"), Consequence: form.Get("consequence")}
	id := c.Params("id")
	_, err := s.Reviews.AcknowledgeAll(c.UserContext(), s.actor(c), id, in.Checks, in.Cause, in.Consequence)
	if faults, ok := faultsOf(err); ok {
		return s.reviewHealthWith(c, fiber.StatusUnprocessableEntity, in, faults)
	}
	if err != nil {
		return err
	}
	s.flash(c, "ok", plural(len(in.Checks), "limit is", "limits are")+" acknowledged.")
	return s.redirect(c, reviewPath(id, stepHealth))
}
