package web

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/app/web/part"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/policy"
)

// changeID names a change within a page: an object and the event that made it.
func changeID(c *policy.Change) string {
	sum := sha256.Sum256([]byte(c.Object() + "\n" + c.Event.Key))
	return hex.EncodeToString(sum[:8])
}

// objectHref is the page with all versions of an object; with an event, what
// that one changed.
func objectHref(object, event string) string {
	q := url.Values{"object": {object}}
	if event != "" {
		q.Set("event", event)
	}
	return "/changes/object?" + q.Encode()
}

// viewToggle chooses between the two ways to draw a difference.
func viewToggle(view string, href func(string) string) part.Tabs {
	unified := view == "unified"
	return part.Tabs{Label: "How the difference is drawn", Tabs: []part.Tab{
		{Text: "Side by side", Href: href(""), Current: !unified}, {Text: "Unified", Href: href("unified"), Current: unified},
	}}
}

// changeGround is what a part.Change is made from.
type changeGround struct {
	Change  *policy.Change
	History []policy.Change // of its object, oldest first
	Items   []runs.ItemOfChange
	Known   func(check string) bool // a check of the catalogue
	Unified bool
}

func newChangeView(frame Page, g changeGround) *part.Change {
	f, c := frame.Format(), g.Change
	now, before := policy.Sentence(c)
	v := &part.Change{
		Title: changeName(c), Kind: logText(c.Kind), History: objectHref(c.Object(), ""), Unified: g.Unified,
		Now: logText(now), Before: logText(before), Pairs: changePairs(f, c),
	}
	changeVersions(v, f, g)
	changeJudged(v, c, g.Known)
	v.Notices = changeNotices(frame, c)
	d := differenceOf(c)
	d.Before, d.After = sideWord("Before", c.BeforeKnown, c.Before), sideWord("After", c.ContentKnown || c.Operation == policy.Deleted, c.After)
	switch {
	case len(d.Lines) > 0:
		v.Diff = &d
	case !c.ContentKnown && c.Operation != policy.Deleted:
		v.Same = "There is no difference to draw: what was written is not in the log."
	case !c.BeforeKnown:
		v.Same = "There is no difference to draw: what was before is not known."
	default:
		v.Same = "The specification reads the same before and after."
	}
	for _, it := range g.Items {
		text, href := purposeWords(it.Purpose)
		if href != "" {
			v.Items = append(v.Items, part.Link{Text: it.Check + ", decided in review " + strings.TrimPrefix(it.Purpose, "review "), Href: reviewPath(strings.TrimPrefix(it.Purpose, "review "), "items", it.Key)})
			continue
		}
		v.Items = append(v.Items, part.Link{Text: it.Check + ", raw event · " + lowerFirst(logText(text)), Href: itemHref(it.Run, it.Key)})
	}
	v.Items = v.Items[:min(len(v.Items), 6)]
	if len(v.Items) == 0 {
		v.NoItem = "No check made an item of this change, so its raw record is only in the log itself."
	}
	return v
}

func sideWord(side string, known bool, spec json.RawMessage) string {
	switch {
	case !known:
		return side + ": not known"
	case len(spec) == 0 || string(spec) == "null":
		return side + ": did not exist"
	}
	return side
}

// changeVersions says which version of the object the change made, out of which.
func changeVersions(v *part.Change, f Format, g changeGround) {
	at := -1
	for i := range g.History {
		if g.History[i].Event.Key == g.Change.Event.Key {
			at = i
		}
	}
	if at < 0 {
		return
	}
	v.Version = "version " + countWord(at+1) + " of " + countWord(len(g.History))
	label := func(i int) string {
		return "v" + strconv.Itoa(i+1) + " · " + actorWord(g.History[i].Actor) + " · " + f.in(g.History[i].Time).Format("2 Jan 15:04:05")
	}
	object := g.Change.Object()
	if at > 0 {
		v.From = &part.Link{Text: label(at - 1), Href: objectHref(object, g.History[at-1].Event.Key)}
	}
	v.To = &part.Link{Text: label(at), Href: objectHref(object, g.Change.Event.Key)}
}

// changeJudged tells what the checks make of the change. What opens something stands
// out; the rest is a remark.
func changeJudged(v *part.Change, c *policy.Change, known func(string) bool) {
	for _, x := range policy.Judge(c) {
		href := ""
		if known(x.Check) {
			href = "/checks/" + x.Check
		}
		text := x.Check + " " + logText(x.Title)
		if !x.Sure {
			text += ", perhaps before too"
		}
		switch x.Severity {
		case reports.Critical, reports.High:
			v.Verdicts = append(v.Verdicts, part.Badge{Outcome: "fail", Text: text, Href: href})
		case reports.Medium:
			v.Verdicts = append(v.Verdicts, part.Badge{Outcome: "needs_review", Text: text, Href: href})
		default:
			v.Chips = append(v.Chips, part.Chip{Text: text, Href: href})
		}
	}
	if why := policy.Undecidable(c); why != "" {
		v.Chips = append(v.Chips, part.Chip{Text: "not fully judged: " + logText(why), Kind: "dim", Icon: "inconclusive"})
	}
	if c.Staged() {
		v.Chips = append(v.Chips, part.Chip{Text: "staged, not enforced"})
	}
}

// changeNotices say what about the change is not known, and what would help.
func changeNotices(frame Page, c *policy.Change) []part.Notice {
	var out []part.Notice
	switch {
	case !c.ContentKnown && c.Operation != policy.Deleted:
		n := part.Notice{Kind: "warn", Title: "Who and when are known, the content is not", Text: "The cluster recorded this write without its bodies. With the audit policy we suggest, the next one is recorded whole."}
		if frame.Actor.Has("admin", "officer") {
			n.Actions = []part.Action{{Text: "The audit policy to use", Href: "/settings/audit-policy"}}
		}
		out = append(out, n)
	case c.Missed:
		out = append(out, part.Notice{Kind: "warn", Title: "At least one change before this one is not in the log", Text: "The object's generation jumped. What was before is therefore not shown as a fact."})
	case !c.BeforeKnown:
		out = append(out, part.Notice{Kind: "info", Title: "What was before is not known", Text: "This is the first time that the log shows the object. From here on each change is compared with the one before."})
	}
	if c.Implied {
		out = append(out, part.Notice{Kind: "info", Title: "No record names this object", Text: "Its namespace was deleted, and everything in it went along."})
	}
	if c.AsRequested {
		out = append(out, part.Notice{Kind: "info", Title: "This is what was asked for", Text: "The server's answer, in which it may have changed it, is not in the log."})
	}
	return out
}

// changePairs says who, what, when, from where and why.
func changePairs(f Format, c *policy.Change) []part.Pair {
	kind := map[connectors.ActorKind]string{"human": "a person", "service": "a service account", "node": "a node", "system": "part of the cluster"}[c.ActorKind]
	pairs := []part.Pair{
		{Key: "Who", Text: logText(cmp.Or(c.Actor, "not recorded")), Strong: true, Sub: kind},
		{Key: "What", Text: changeDid(c), Sub: logText(c.API)},
		{Key: "When", Text: f.write(c.Time, moment), Time: c.Time.String(), UTC: f.UTC(c.Time), Sub: f.UTC(c.Time)},
		{Key: "From", Text: logText(cmp.Or(c.ClientIP, "not recorded")), Mono: c.ClientIP != "", Sub: logText(c.UserAgent)},
	}
	why := part.Pair{Key: "Why"}
	switch ticketOf(c) {
	case "with":
		why.Text, why.Sub = logText(c.Ticket), "given with the request"
	case "inherited":
		why.Text, why.Sub, why.Chips = logText(c.Ticket), "It stood on the object before; whoever made this change gave none.", []part.Chip{{Text: "inherited", Kind: "warn"}}
	case "deletion":
		why.Text = "a deletion leaves no object that could carry a ticket"
	default:
		why.Chips = []part.Chip{{Text: "no ticket", Kind: "bad"}}
	}
	pairs = append(pairs, why)
	if where := strings.Trim(logText(c.Source)+" · "+logText(c.Cluster), " ·"); where != "" {
		pairs = append(pairs, part.Pair{Key: "Recorded in", Text: where})
	}
	return append(pairs, part.Pair{Key: "Event", Text: logText(cmp.Or(c.Event.NativeID, "without an id of its own")), Mono: true, Sub: "our key " + short(c.Event.Key)})
}

func changeDid(c *policy.Change) string {
	if c.Implied {
		return "deleted the namespace"
	}
	did := string(c.Operation)
	if c.Verb != "" {
		did += ", with the verb " + logText(c.Verb)
	}
	return did
}

// changeView reads what a change needs and makes its view.
func (s *Server) changeView(c *fiber.Ctx, frame Page, change *policy.Change, view string) (*part.Change, error) {
	g := changeGround{Change: change, Unified: view == "unified", Known: s.knownCheck}
	var err error
	if g.History, err = s.Runs.ObjectHistory(c.UserContext(), change.Object()); err != nil {
		return nil, err
	}
	if g.Items, err = s.Runs.ItemsOfChange(c.UserContext(), change); err != nil {
		return nil, err
	}
	return newChangeView(frame, g), nil
}

func (s *Server) knownCheck(id string) bool {
	_, ok := s.Runs.Check(id)
	return ok
}

// objectPage is everything known of one policy object: two of its versions
// compared, and all of them listed.
type objectPage struct {
	Page
	Head     part.Head
	Object   string
	Fields   []part.Field
	View     string
	Compared string
	Change   *part.Change
	Versions part.Table
}

// objectAsked is what is compared: version A with version B, counted from 1;
// version 0 is what was before the first.
type objectAsked struct {
	A, B    int
	Unified bool
}

func newObjectPage(frame Page, history []policy.Change, items []runs.ItemOfChange, a objectAsked, known func(string) bool) *objectPage {
	f, last := frame.Format(), &history[len(history)-1]
	p := &objectPage{Page: frame, Object: last.Object(), Head: part.Head{
		Crumbs: []part.Link{{Text: "Changes", Href: "/changes"}, {Text: changeName(last)}}, Title: changeName(last),
		Facts: []part.Fact{{Text: logText(last.Kind)}, {Text: logText(last.API)}}, Lede: objectLede(f, history),
	}}
	if last.Cluster != "" {
		p.Head.Facts = append(p.Head.Facts, part.Fact{Text: "cluster " + logText(last.Cluster)})
	}
	if a.Unified {
		p.View = "unified"
	}
	p.Fields = []part.Field{versionField(f, "a", "Compare", history, a.A, 0), versionField(f, "b", "with", history, a.B, 1)}
	p.Compared = versionWord(a.A) + " and " + versionWord(a.B)
	p.Change = newChangeView(frame, changeGround{Change: between(history, a.A, a.B), History: history, Items: items, Known: known, Unified: a.Unified})
	p.Change.From, p.Change.To = nil, nil
	if a.B-a.A != 1 {
		p.Change.Items, p.Change.NoItem = nil, ""
		p.Change.Pairs = nil
	}
	p.Change.Toggle = viewToggle(p.View, func(view string) string {
		q := url.Values{"object": {p.Object}, "a": {strconv.Itoa(a.A)}, "b": {strconv.Itoa(a.B)}}
		if view != "" {
			q.Set("view", view)
		}
		return "/changes/object?" + q.Encode()
	})
	p.Versions = versionTable(f, history, a)
	return p
}

func versionWord(n int) string {
	if n == 0 {
		return "what was before the first version"
	}
	return "version " + countWord(n)
}

func objectLede(f Format, history []policy.Change) string {
	first, last := &history[0], &history[len(history)-1]
	said := plural(len(history), "version is", "versions are") + " known"
	if from, to := f.Date(first.Time), f.Date(last.Time); from != to {
		said += ", from " + from + " to " + to
	} else {
		said += ", of " + from
	}
	missed := 0
	for i := range history {
		if history[i].Missed {
			missed++
		}
	}
	if missed > 0 {
		said += "; at least " + plural(missed, "more was", "more were") + " made that the log does not show"
	}
	switch {
	case last.Operation == policy.Deleted:
		return said + ". It no longer exists."
	case first.Operation != policy.Created:
		return said + ". It existed before the first of them."
	}
	return said + "."
}

func versionField(f Format, id, label string, history []policy.Change, chosen, least int) part.Field {
	field := part.Field{ID: id, Name: id, Label: label, Kind: "select"}
	for i := len(history); i >= max(least, 1); i-- {
		c := &history[i-1]
		field.Options = append(field.Options, part.Option{Value: strconv.Itoa(i), Selected: i == chosen,
			Text: "v" + strconv.Itoa(i) + " · " + actorWord(c.Actor) + " · " + f.write(c.Time, moment)})
	}
	if least == 0 {
		field.Options = append(field.Options, part.Option{Value: "0", Text: "before the first version", Selected: chosen == 0})
	}
	return field
}

// between is the change from version a to version b, as one. What a version
// says is what the change that made it left.
func between(history []policy.Change, a, b int) *policy.Change {
	to := history[b-1]
	if b-a == 1 {
		return &to
	}
	c := to
	c.Implied, c.WithNamespace, c.Missed = false, false, false
	c.Before, c.BeforeKnown = stateBefore(history, a)
	none := func(spec json.RawMessage) bool { return len(spec) == 0 || string(spec) == "null" }
	switch existed := !c.BeforeKnown || !none(c.Before); {
	case to.Operation == policy.Deleted:
		c.Operation = policy.Deleted
	case !existed:
		c.Operation = policy.Created
	default:
		c.Operation = policy.Modified
	}
	return &c
}

// stateBefore is what version a says, and whether that is known.
func stateBefore(history []policy.Change, a int) (json.RawMessage, bool) {
	if a == 0 {
		return history[0].Before, history[0].BeforeKnown
	}
	c := &history[a-1]
	if c.Operation == policy.Deleted {
		return nil, true
	}
	return c.After, c.ContentKnown
}

func versionTable(f Format, history []policy.Change, a objectAsked) part.Table {
	t := part.Table{ID: "versions", Caption: "Versions", Quiet: true, Stacked: true, Columns: []part.Column{{Text: "Version"}, {Text: "What it does"}, {Text: "Who"}, {Text: "When"}, {Text: "Ticket"}, {Text: "Checks"}}}
	for i := len(history) - 1; i >= 0; i-- {
		c := toldChange{&history[i], policy.Judge(&history[i])}
		now, _ := policy.Sentence(c.Change)
		ticket := part.Cell{Text: logText(c.Ticket), Small: true}
		switch ticketOf(c.Change) {
		case "none":
			ticket = part.Cell{Chips: []part.Chip{{Text: "no ticket", Kind: "bad"}}}
		case "inherited":
			ticket.Sub = "from before"
		case "deletion":
			ticket.Text = "—"
		}
		var checks []part.Chip
		for _, v := range c.verdicts {
			chip := part.Chip{Text: v.Check}
			if v.Severity == reports.Critical || v.Severity == reports.High {
				chip.Kind = "bad"
			}
			checks = append(checks, chip)
		}
		when := momentCell(f, c.Time)
		t.Rows = append(t.Rows, part.Row{Now: i+1 == a.B, Cells: []part.Cell{
			{Text: "v" + strconv.Itoa(i+1), Sub: doesOf(c.Change), Name: true, Href: objectHref(c.Object(), c.Event.Key)},
			{Text: logText(now), Small: true}, {Text: actorWord(c.Actor), Small: true}, when, ticket, {Chips: checks},
		}})
	}
	return t
}

// readObjectAsked reads which versions to compare. An event stands for the
// version it made.
func readObjectAsked(c *fiber.Ctx, history []policy.Change) objectAsked {
	n := len(history)
	a := objectAsked{A: n - 1, B: n, Unified: c.Query("view") == "unified"}
	if key := c.Query("event"); key != "" {
		for i := range history {
			if history[i].Event.Key == key {
				a.A, a.B = i, i+1
			}
		}
	}
	if b, err := strconv.Atoi(c.Query("b")); err == nil && b >= 1 && b <= n {
		a.B, a.A = b, b-1
	}
	if from, err := strconv.Atoi(c.Query("a")); err == nil && from >= 0 && from <= n {
		a.A = from
	}
	if a.A > a.B {
		a.A, a.B = a.B, a.A
	}
	return a
}

func (s *Server) changeObject(c *fiber.Ctx) error {
	history, err := s.Runs.ObjectHistory(c.UserContext(), c.Query("object"))
	if err != nil {
		return fmt.Errorf("load the changes of an object: %w", err)
	}
	if len(history) == 0 {
		return fault.New(fault.NotFound, "No run has seen a change of this policy object.")
	}
	a := readObjectAsked(c, history)
	items, err := s.Runs.ItemsOfChange(c.UserContext(), &history[max(a.B, 1)-1])
	if err != nil {
		return err
	}
	return s.render(c, "change_show", newObjectPage(s.page(c, "Versions", "changes"), history, items, a, s.knownCheck))
}
