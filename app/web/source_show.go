package web

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/app/web/chart"
	"logreeve/app/web/part"
	"logreeve/connectors"
)

// sourcePage is one source: what its newest reading saw, and, when asked, what
// is there now.
type sourcePage struct {
	Page
	Head     part.Head
	Facts    []part.Pair
	Strip    chart.Strip
	Problems *part.Table
	Look     *look
}

// look is what a quick look at a source found, in words.
type look struct {
	Problem *part.Notice // it could not be looked at
	Found   []lookFound
}

// lookFound is one kind of log that was found.
type lookFound struct {
	Title   string
	Chip    part.Chip
	Facts   []part.Pair
	Known   string // "10 of 12 fields recognised"
	Fields  []part.Chip
	Missing []string
	Sample  []part.Pair
}

// newLook says what a probe found, or why it found nothing.
func newLook(f Format, now connectors.Instant, probes []connectors.Probe, err error) *look {
	if err != nil {
		return &look{Problem: probeProblem(err)}
	}
	l := &look{}
	for _, p := range probes {
		l.Found = append(l.Found, newLookFound(f, now, p))
	}
	return l
}

// probeProblem says why a place could not be looked at and what to do.
func probeProblem(err error) *part.Notice {
	n := &part.Notice{Kind: "down", Title: fault.Message(err)}
	switch fault.KindOf(err) {
	case fault.NotFound:
		n.Text = "The server looks on its own disk, not on yours. Check the path for typing mistakes, and that the folder with the logs is mounted on the machine that runs Logreeve."
	case fault.Unavailable:
		n.Text = "If permission is refused, let the account that runs Logreeve read the file: on many hosts by adding it to the group adm, or by mounting the folder read only. If the content is not recognised, choose the kind yourself."
	default:
		n.Text = "Mend what is named here and look again."
	}
	return n
}

func newLookFound(f Format, now connectors.Instant, p connectors.Probe) lookFound {
	l := lookFound{Title: kindWord(p.Kind), Chip: part.Chip{Text: "can be read", Kind: "good", Icon: "check"}}
	if p.Looked == 0 {
		l.Chip = part.Chip{Text: "no records", Kind: "warn", Icon: "warn"}
	}
	extent := "a part of it was looked at, from the beginning and the end"
	if p.Complete {
		extent = "everything was looked at"
	}
	l.Facts = []part.Pair{
		{Key: "Where", Text: logText(p.Where), Mono: true},
		{Key: "Size", Text: plural(p.Files, "file", "files") + ", " + sizeWords(p.Bytes), Sub: extent},
		{Key: "Records", Text: chart.Count(p.Parsed) + " of " + chart.Count(p.Looked) + " understood"},
	}
	if p.Newest != 0 {
		l.Facts = append(l.Facts,
			part.Pair{Key: "Newest event", Text: f.Time(p.Newest), Time: p.Newest.String(), UTC: f.UTC(p.Newest), Sub: ago(now, p.Newest)},
			part.Pair{Key: "Oldest event", Text: f.Time(p.Oldest), Time: p.Oldest.String(), UTC: f.UTC(p.Oldest), Sub: ago(now, p.Oldest)})
	}
	if len(p.Hosts) > 0 {
		l.Facts = append(l.Facts, part.Pair{Key: "Hosts or clusters", Text: firstFew(p.Hosts, 6)})
	}
	known := 0
	for _, field := range p.Fields {
		chip := part.Chip{Text: strings.ReplaceAll(field.Name, "_", " "), Kind: "warn", Icon: "dash"}
		if field.Found {
			known, chip.Kind, chip.Icon = known+1, "", "check"
		}
		l.Fields = append(l.Fields, chip)
	}
	l.Known = chart.Count(int64(known)) + " of " + plural(len(p.Fields), "field", "fields") + " recognised"
	for _, m := range p.Missing {
		l.Missing = append(l.Missing, logText(m))
	}
	if p.Sample != nil {
		l.Sample = recordPairs(f, *p.Sample)
	}
	return l
}

// firstFew lists names, and how many more there are.
func firstFew(names []string, few int) string {
	shown := make([]string, 0, few)
	for _, n := range names[:min(few, len(names))] {
		shown = append(shown, logText(n))
	}
	text := strings.Join(shown, ", ")
	if n := len(names) - few; n > 0 {
		text += " and " + chart.Count(int64(n)) + " more"
	}
	return text
}

// recordPairs renders an event in words, as far as its record goes.
func recordPairs(f Format, r connectors.Record) []part.Pair {
	pairs := []part.Pair{{Key: "When", Text: f.write(r.Time, moment), Time: r.Time.String(), UTC: f.UTC(r.Time)}}
	add := func(key, text string, mono bool) {
		if text != "" {
			pairs = append(pairs, part.Pair{Key: key, Text: logText(text), Mono: mono})
		}
	}
	who := or(r.Actor, r.Login)
	if r.ActorKind != "" {
		who += " (" + string(r.ActorKind) + ")"
	}
	add("Who", strings.TrimSpace(who), false)
	if r.Effective != "" && r.Effective != r.Actor {
		add("Acting as", r.Effective, false)
	}
	add("What", recordDeed(r), false)
	add("Outcome", strings.TrimSpace(string(r.Outcome)+" "+r.Code), false)
	add("From", r.ClientIP, true)
	add("With", r.UserAgent, false)
	add("Credential", r.Credential, true)
	add("Where", strings.TrimSpace(r.Cluster+" "+r.Host), false)
	add("Command", r.Command, true)
	add("Message", r.Message, true)
	add("Change reference", r.Ticket, false)
	return pairs
}

// recordDeed is what an event says was done: "get secrets payments/db".
func recordDeed(r connectors.Record) string {
	words := []string{r.Verb}
	if r.Verb == "" {
		words[0] = string(r.Category)
	}
	if o := r.Object; o != nil {
		what := o.Resource
		if o.Subresource != "" {
			what += "/" + o.Subresource
		}
		words = append(words, what)
		switch {
		case o.Namespace != "" && o.Name != "":
			words = append(words, o.Namespace+"/"+o.Name)
		case o.Name != "":
			words = append(words, o.Name)
		case o.Namespace != "":
			words = append(words, "in "+o.Namespace)
		}
	}
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

func newSourcePage(frame Page, src runs.Source, l *look) *sourcePage {
	f := frame.Format()
	p := &sourcePage{
		Page: frame, Look: l, Strip: sourceStrip("strip", src, frame.Now),
		Head: part.Head{
			Crumbs: []part.Link{{Text: "Sources", Href: "/sources"}, {Text: src.Name}}, Title: src.Name, Chips: sourceChips(src, frame.Now.Time()),
			Lede: sourceLede(f, frame.Now.Time(), src), Actions: []part.Action{{Text: "Look at it now", Href: "/sources/" + src.ID + "?look=now", Icon: "eye"}},
		},
		Facts: sourceFacts(f, src),
	}
	if r := src.LastRead; r != nil && len(r.Problems) > 0 {
		p.Problems = problemTable("problems", r.Problems)
	}
	if frame.Actor.Has("admin", "officer") {
		p.Head.Actions = append(p.Head.Actions, part.Action{Text: "Change", Href: "/sources/" + src.ID + "/edit", Icon: "settings"})
		p.Head.Confirm = sourceSwitch(frame.CSRF, src)
	}
	return p
}

// sourceSwitch stops or resumes the reading of a source.
func sourceSwitch(csrf string, src runs.Source) *part.Confirm {
	hidden := []part.Hidden{{Name: "version", Value: strconv.FormatInt(src.Version, 10)}}
	if src.Disabled {
		return &part.Confirm{Open: "Read it again…", Icon: "play", Title: "Read " + src.Name + " again?", Text: "The next run reads it with all other sources.",
			Href: "/sources/" + src.ID + "/enable", CSRF: csrf, Hidden: hidden, Do: "Read it again"}
	}
	return &part.Confirm{Open: "Stop reading…", Icon: "stop", Title: "Stop reading " + src.Name + "?", Final: true,
		Text: "Runs leave it out from now on, and checks that need it become inconclusive. What was read before stays as it is. This is in the trail.",
		Href: "/sources/" + src.ID + "/disable", CSRF: csrf, Hidden: hidden, Do: "Stop reading it"}
}

func problemTable(id string, problems []connectors.Problem) *part.Table {
	t := &part.Table{ID: id, Caption: "What could not be read", Quiet: true, Tight: true, Columns: []part.Column{{Text: "Where"}, {Text: "Why"}}}
	for _, p := range problems {
		t.Rows = append(t.Rows, part.Row{Cells: []part.Cell{{Text: logText(p.Where), Mono: true}, {Text: logText(p.Reason)}}})
	}
	return t
}

func sourceLede(f Format, now time.Time, src runs.Source) string {
	r := src.LastRead
	switch {
	case src.Disabled:
		return "This source is not read. Checks that need it are inconclusive, never passed."
	case r == nil:
		return "No run has read this source yet, so nothing is known of it. Look at it, or start a run."
	case src.Silent(now):
		return "It has been silent since " + f.Day(r.Newest) + ", " + f.Clock(r.Newest) + ". Until it reports again, no check that reads it can pass."
	case len(r.Problems) > 0:
		return "Its newest reading was not complete. No check that reads it can pass until what is named below is mended."
	case r.Events == 0:
		return "Its newest reading found no event. Nothing shows that it reports at all."
	}
	return "It reported: the newest reading saw " + plural(r.Events, "event", "events") + ", the newest of " + f.Time(r.Newest) + "."
}

func sourceFacts(f Format, src runs.Source) []part.Pair {
	zone, year := src.Zone, "From the time of the file"
	if zone == "" {
		zone = "UTC"
	}
	if src.Year != 0 {
		year = strconv.Itoa(src.Year)
	}
	facts := []part.Pair{
		{Key: "Kind", Text: kindWord(src.Kind)},
		{Key: "Where", Text: src.Target, Mono: true},
		{Key: "Stamps without a zone", Text: zone},
		{Key: "Stamps without a year", Text: year},
		{Key: "Connected", Text: f.Time(src.AddedAt), Time: src.AddedAt.String(), UTC: f.UTC(src.AddedAt)},
	}
	if r := src.LastRead; r != nil {
		facts = append(facts,
			part.Pair{Key: "Newest reading", Text: f.Time(r.At), Href: "/runs/" + r.RunID, Sub: plural(r.Events, "event", "events") + " read"},
			part.Pair{Key: "Newest event", Text: f.Time(r.Newest), Time: r.Newest.String(), UTC: f.UTC(r.Newest)},
			part.Pair{Key: "Oldest event", Text: f.Time(r.Oldest), Time: r.Oldest.String(), UTC: f.UTC(r.Oldest)})
	}
	return facts
}

func (s *Server) sourceShow(c *fiber.Ctx) error {
	src, err := s.Runs.Source(c.UserContext(), c.Params("id"))
	if err != nil {
		return err
	}
	frame := s.page(c, src.Name, "sources")
	var l *look
	if c.Query("look") != "" {
		probes, err := s.Runs.Probe(c.UserContext(), *src)
		if err != nil && fault.KindOf(err) == fault.Internal {
			return err
		}
		l = newLook(frame.Format(), frame.Now, probes, err)
	}
	return s.render(c, "source_show", newSourcePage(frame, *src, l))
}

func (s *Server) sourceDisable(c *fiber.Ctx) error {
	return s.sourceSwitched(c, true, " is no longer read.")
}

func (s *Server) sourceEnable(c *fiber.Ctx) error {
	return s.sourceSwitched(c, false, " is read again from the next run on.")
}

func (s *Server) sourceSwitched(c *fiber.Ctx, disabled bool, done string) error {
	src, err := s.Runs.SetSourceDisabled(c.UserContext(), s.actor(c), c.Params("id"), formNumber(c, "version"), disabled)
	if err != nil {
		return err
	}
	s.flash(c, "ok", src.Name+done)
	return s.redirect(c, "/sources/"+src.ID)
}
