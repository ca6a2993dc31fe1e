package web

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/web/part"
	"logreeve/connectors"
	"logreeve/reviews"
)

// signOffPage is where a reviewer attests and an approver signs. What it shows
// is what is signed: Set is the digest of exactly that.
type signOffPage struct {
	reviewFrame
	Lede      string
	Figures   []part.Figure
	Lines     []outcomeLine
	Limits    []limitCause // with how each was acknowledged
	Rules     []part.Rule
	Blockers  []part.Link
	Judge     []judgedDecision // decisions the approver judges again
	JudgeText string
	Form      *signForm
	Return    *part.Confirm
	Waits     *part.Empty // when the reader does not sign
	Signed    []signedLine
	Evidence  *part.Action
	Changed   *part.Notice
}

// outcomeLine is how many checks ended one way, and what became of them.
type outcomeLine struct{ Outcome, Words, Text string }

// judgedDecision is a decision that the approver judges again.
type judgedDecision struct {
	Title, Href string
	Severity    string
	Decision    string // "Explained by Omar Keita"
	Reason      string
	Action      string
	CSRF        string
	ID          string // unique on the page
	Said        string // "You agree", "" if not judged yet
}

// signForm is what a person signs with.
type signForm struct {
	Heading, Action, CSRF string
	Choice                part.Choice
	Statements            []statement
	Set                   string
	Errors                []part.FieldError
	Password              part.Field
	Open, Title, Text, Do string // the second step
	Final                 bool
	Expand                bool
	Why                   string // why it is not possible yet
}

// statement is what is signed with one conclusion.
type statement struct{ Conclusion, Text string }

// signedLine is a signature that was made.
type signedLine struct {
	Role, Name, Text string
	Conclusion       string
	At               connectors.Instant
	Set              string
	Void             string // why it no longer counts
}

// signInput is what was chosen, kept when it could not be accepted.
type signInput struct{ Conclusion, Reason string }

func newSignOffPage(frame Page, v reviewSeen, in signInput, faults Faults) *signOffPage {
	r, f := v.Review, frame.Format()
	p := &signOffPage{reviewFrame: newReviewFrame(frame, v, stepSignOff), Figures: signFigures(r), Lines: signLines(r), Limits: limitCauses(frame, r)}
	for _, s := range r.SignOffs {
		line := signedLine{Role: string(s.Role), Name: s.By.Name, Text: s.Text, Conclusion: string(s.Conclusion), At: s.At, Set: s.Set}
		if s.Void {
			line.Void = s.VoidReason
		}
		p.Signed = append(p.Signed, line)
	}
	attester, approver := signerOf(r.Attester()), signerOf(r.Approver())
	why := ""
	switch r.State {
	case reviews.SignOff:
		p.Lede = attester.Name + " attested on " + f.Time(r.Attester().At) + " as “" + string(r.Attester().Conclusion) + "”."
		if why = r.WhyNotApprove(v.By); why != "" {
			p.Waits = &part.Empty{Kind: part.Nothing, Title: "This review waits for an approver", Text: why}
			break
		}
		approver = &v.By
		p.Lede += " Look at the figures and the limits, judge a few decisions yourself, then sign or return it."
		p.approve(frame, v, in, faults)
	case reviews.Closed:
		p.Lede = "Both signatures are made and the evidence is sealed. Nothing in this review can be changed any more."
		p.Evidence = &part.Action{Text: "Open the evidence package", Href: "/evidence/" + r.ID, Kind: "primary", Icon: "seal"}
	case reviews.Open, reviews.InReview:
		if attester == nil && v.hasRole("reviewer") {
			attester = &v.By
		}
		for _, b := range r.Blockers() {
			p.Blockers = append(p.Blockers, part.Link{Text: b.Text, Href: blockerHref(r.ID, b.Step)})
		}
		p.Lede = "Everything is decided, read and acknowledged: a reviewer can attest."
		if len(p.Blockers) > 0 {
			p.Lede = "This cannot be signed yet."
		}
		if why = r.WhyNotAttest(v.By); why != "" {
			p.Waits = &part.Empty{Kind: part.Nothing, Title: "This review waits for a reviewer", Text: why}
			break
		}
		p.attest(frame, v, in, faults)
	case reviews.Missed:
		p.Lede = "This review was missed. A reviewer can perform it late, from the overview."
	default:
		p.Lede = "This review is " + stateWord(r.State) + "."
	}
	p.Rules = ruleLines(r.Rules(attester, approver))
	return p
}

func signerOf(s *reviews.SignOffRecord) *reviews.Signer {
	if s == nil {
		return nil
	}
	return &s.By
}

// attest is the form of the reviewer.
func (p *signOffPage) attest(frame Page, v reviewSeen, in signInput, faults Faults) {
	r := v.Review
	p.Form = newSignForm(frame, r, in, faults, r.Attestation)
	p.Form.Heading, p.Form.Action = "Your attestation", reviewPath(r.ID, "attest")
	p.Form.Open, p.Form.Do = "Attest…", "Attest"
	p.Form.Title, p.Form.Text = "Attest this review", "You sign the statement above with your name. The review then waits for the approver and cannot be changed, unless the approver returns it."
	if len(p.Blockers) > 0 {
		p.Form.Why = plural(len(p.Blockers), "thing is", "things are") + " to be done first"
	}
}

// approve is the form of the approver, with the decisions to judge again.
func (p *signOffPage) approve(frame Page, v reviewSeen, in signInput, faults Faults) {
	r := v.Review
	judged := r.ReperformedBy(v.By)
	p.Judge = toJudge(frame, v)
	left := len(r.LeftToReperform(v.By))
	_, need := r.ToReperform(v.By)
	p.JudgeText = countWord(need-left) + " of at least " + countWord(need) + " done. These were picked by the signed set, so nobody could know them before."
	if in.Conclusion == "" {
		in.Conclusion = string(r.Attester().Conclusion)
	}
	p.Form = newSignForm(frame, r, in, faults, func(c reviews.Conclusion) string { return r.Approval(r.Attester().By.Name, c, len(judged)) })
	p.Form.Heading, p.Form.Action, p.Form.Final = "Your approval", reviewPath(r.ID, "approve"), true
	p.Form.Open, p.Form.Do = "Sign and seal…", "Sign and seal"
	p.Form.Title, p.Form.Text = "Sign and seal this review", "The review closes for ever. Its evidence package is written and signed with the key of this installation. Nothing in it can be changed afterwards."
	disagreed := slices.ContainsFunc(judged, func(key string) bool { return !r.Reperformance(v.By, key).Agrees() })
	switch {
	case left > 0:
		p.Form.Why = "judge " + plural(left, "more decision", "more decisions") + " first"
	case disagreed:
		p.Form.Why = "you disagree with a decision, so return the review"
	}
	p.Return = &part.Confirm{
		Open: "Return with reasons…", Kind: "quiet", Title: "Return to " + r.Attester().By.Name, Text: "The signature becomes void and stays visible. The reviewer sees your reasons and can sign again.",
		Href: reviewPath(r.ID, "return"), CSRF: frame.CSRF, Do: "Return", Expand: faults.For("reason") != "",
		Fields: []part.Field{{ID: "reason", Name: "reason", Label: "Reasons", Kind: "textarea", Required: true, MaxLength: 4000, Value: in.Reason, Error: faults.For("reason")}},
	}
}

func newSignForm(frame Page, r *reviews.Review, in signInput, faults Faults, say func(reviews.Conclusion) string) *signForm {
	form := &signForm{
		CSRF: frame.CSRF, Set: r.SetDigest(), Expand: faults.For("password") != "",
		Choice:   part.Choice{ID: "conclusion", Name: "conclusion", Legend: "Conclusion", Required: true, Error: faults.For("conclusion")},
		Password: part.Field{ID: "password", Name: "password", Label: "Your password, again", Kind: "password", Required: true, Autocomplete: "current-password", MaxLength: 1000, Error: faults.For("password")},
	}
	possible := 0
	for _, c := range reviews.Conclusions() {
		why := r.Impossible(c)
		o := part.Option{Value: string(c), Text: conclusionWord(c), Selected: string(c) == in.Conclusion && why == "", Disabled: why != ""}
		if why != "" {
			o.Note = "not possible: " + why
		} else {
			possible++
			form.Statements = append(form.Statements, statement{string(c), say(c)})
		}
		form.Choice.Options = append(form.Choice.Options, o)
	}
	if possible == 1 {
		for i := range form.Choice.Options {
			form.Choice.Options[i].Selected = !form.Choice.Options[i].Disabled
		}
	}
	if faults.For("conclusion") != "" || faults.For("password") != "" {
		form.Errors = faults.List("conclusion", "password")
	}
	return form
}

func conclusionWord(c reviews.Conclusion) string {
	s := string(c)
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func signFigures(r *reviews.Review) []part.Figure {
	items, picks := r.Progress()
	figures := []part.Figure{
		{Value: countWord64(r.Figures.EventsTested), Label: "events tested"},
		{Value: countWord(items) + " of " + countWord(len(r.Items)), Label: "items decided"},
		{Value: countWord(picks) + " of " + countWord(len(r.Picks)), Label: "sample read"},
		{Value: countWord(len(r.OpenFindings())), Label: "open findings", Href: "/findings?review=" + r.ID},
	}
	if len(r.OpenFindings()) > 0 {
		figures[3].Kind = "bad"
	}
	return figures
}

// signLines sums up the checks by outcome, and the limits one by one with how
// they were acknowledged.
func signLines(r *reviews.Review) []outcomeLine {
	n := map[string]int{}
	for _, c := range r.Checks {
		n[string(c.Outcome)]++
	}
	choices := map[reviews.Choice]int{}
	for _, st := range r.Stands(false) {
		if st.Last != nil {
			choices[st.Last.Choice]++
		}
	}
	var became []string
	for _, c := range []reviews.Choice{reviews.Explained, reviews.Expected, reviews.FindingC, reviews.Escalated} {
		if choices[c] > 0 {
			became = append(became, countWord(choices[c])+" "+map[reviews.Choice]string{reviews.Explained: "explained", reviews.Expected: "expected", reviews.FindingC: "as findings", reviews.Escalated: "escalated"}[c])
		}
	}
	var lines []outcomeLine
	for _, o := range outcomeOrder {
		count := n[string(o)]
		if count == 0 {
			continue
		}
		l := outcomeLine{Outcome: string(o), Words: countWord(count) + " " + strings.ToLower(outcomeWord(o))}
		switch o {
		case "pass":
			l.Text = "nothing found, and every condition on the data holds"
		case "fail", "needs_review":
			l.Text = plural(itemsOf(r, string(o)), "item", "items")
			if len(became) > 0 && (o == "fail" || n["fail"] == 0) {
				l.Text += "; all decisions: " + strings.Join(became, ", ")
			}
		case "inconclusive", "error":
			l.Text = "no answer either way; see the limits"
		}
		lines = append(lines, l)
	}
	return lines
}

func itemsOf(r *reviews.Review, outcome string) int {
	n := 0
	for _, c := range r.Checks {
		if string(c.Outcome) == outcome {
			n += c.Items
		}
	}
	return n
}

// ruleLines are the independence rules for a list.
func ruleLines(verdicts []reviews.RuleVerdict) []part.Rule {
	out := make([]part.Rule, len(verdicts))
	for i, v := range verdicts {
		out[i] = part.Rule{ID: v.Rule, Text: v.Text, Detail: v.Detail, Result: map[string]string{reviews.Holds: "holds", reviews.Broken: "broken"}[v.Result]}
		if out[i].Result == "" {
			out[i].Result = "unknown"
		}
	}
	return out
}

// toJudge shows the decisions that the approver judges again: those that the
// approval asks for, those judged besides, and one more.
func toJudge(frame Page, v reviewSeen) []judgedDecision {
	r := v.Review
	stands := r.Stands(false)
	keys, need := r.ToReperform(v.By)
	var out []judgedDecision
	more := false
	for i, key := range keys {
		judged := r.Reperformance(v.By, key)
		if i >= need && judged == nil {
			if more || len(r.LeftToReperform(v.By)) > 0 {
				continue
			}
			more = true
		}
		item, _ := r.Item(key)
		last := stands[key].Last
		j := judgedDecision{
			Title: logText(item.Title), Href: reviewPath(r.ID, "items", key), Severity: string(item.Severity), ID: "judge-" + countWord(len(out)),
			Decision: decisionWord(last) + " by " + last.By.Name, Reason: last.Reason, Action: reviewPath(r.ID, "items", key, "reperform"), CSRF: frame.CSRF,
		}
		if judged != nil {
			j.Said = map[bool]string{true: "You agree", false: "You disagree"}[judged.Agrees()]
		}
		out = append(out, j)
	}
	return out
}

func (s *Server) reviewSignOff(c *fiber.Ctx) error {
	return s.reviewSignOffWith(c, fiber.StatusOK, signInput{}, nil, nil)
}

func (s *Server) reviewSignOffWith(c *fiber.Ctx, status int, in signInput, faults Faults, changed *part.Notice) error {
	v, err := s.reviewSeen(c)
	if err != nil {
		return err
	}
	p := newSignOffPage(s.page(c, v.Review.Title, "reviews"), v, in, faults)
	p.Changed = changed
	return s.renderStatus(c, status, "review_signoff", p)
}

// signed answers a signature: what is wrong with it, what changed meanwhile, or
// what it did.
func (s *Server) signed(c *fiber.Ctx, err error, in signInput, done string) error {
	id := c.Params("id")
	if faults, ok := faultsOf(err); ok {
		return s.reviewSignOffWith(c, fiber.StatusUnprocessableEntity, in, faults, nil)
	}
	if fault.KindOf(err) == fault.Conflict {
		return s.reviewSignOffWith(c, fiber.StatusConflict, in, nil, &part.Notice{Kind: "error", Title: "Nothing was signed.", Text: fault.Message(err) + " What you see now is how it stands: look at it, and sign this."})
	}
	if err != nil {
		return err
	}
	s.flash(c, "ok", done)
	return s.redirect(c, reviewPath(id, stepSignOff))
}

func (s *Server) reviewAttest(c *fiber.Ctx) error {
	form := readForm(c)
	in := signInput{Conclusion: form.Get("conclusion")}
	_, err := s.Reviews.Attest(c.UserContext(), s.actor(c), c.Params("id"), form.Get("password"), form.Get("set"), reviews.Conclusion(in.Conclusion))
	return s.signed(c, err, in, "You attested this review. It now waits for an approver.")
}

func (s *Server) reviewApprove(c *fiber.Ctx) error {
	form := readForm(c)
	in := signInput{Conclusion: form.Get("conclusion")}
	_, err := s.Reviews.Approve(c.UserContext(), s.actor(c), c.Params("id"), form.Get("password"), form.Get("set"), reviews.Conclusion(in.Conclusion))
	return s.signed(c, err, in, "The review is closed and its evidence is sealed.")
}

func (s *Server) reviewReturn(c *fiber.Ctx) error {
	in := signInput{Reason: readForm(c).Get("reason")}
	_, err := s.Reviews.Return(c.UserContext(), s.actor(c), c.Params("id"), in.Reason)
	return s.signed(c, err, in, "The review is returned with your reasons. The signature no longer counts.")
}
