package web

import (
	"strconv"
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

func newSourcePage(frame Page, src runs.Source, by string, l *look) *sourcePage {
	f := frame.Format()
	p := &sourcePage{
		Page: frame, Look: l, Strip: sourceStrip("strip", src, frame.Now),
		Head: part.Head{
			Crumbs: []part.Link{{Text: "Sources", Href: "/sources"}, {Text: src.Name}}, Title: src.Name, Chips: sourceChips(src, frame.Now.Time()),
			Lede: sourceLede(f, frame.Now.Time(), src), Actions: []part.Action{{Text: "Look at it now", Href: "/sources/" + src.ID + "?look=now", Icon: "eye"}},
		},
		Facts: sourceFacts(f, src, by),
	}
	if src.Store != runs.Files {
		p.Head.Actions = append(p.Head.Actions, part.Action{Text: "Log review overview", Href: "/sources/" + src.ID + "/overview", Icon: "results"})
	}
	if r := src.LastRead; r != nil && len(r.Problems) > 0 {
		p.Problems = problemTable(f, "problems", r.Problems)
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

func problemTable(f Format, id string, problems []connectors.Problem) *part.Table {
	t := &part.Table{ID: id, Caption: "What could not be read", Quiet: true, Tight: true, Stacked: true, Columns: []part.Column{{Text: "Where"}, {Text: "Why"}}}
	for _, p := range problems {
		t.Rows = append(t.Rows, part.Row{Cells: []part.Cell{{Text: logText(p.Where), Mono: true}, {Text: reasonWords(f, p)}}})
	}
	return t
}

// reasonWords is why something could not be read, as a sentence of its own.
func reasonWords(f Format, p connectors.Problem) string { return upper(f.Sentence(logText(p.Reason))) }

// sourceLede says whether a source reports, and what it means when it does not.
func sourceLede(f Format, now time.Time, src runs.Source) string {
	r := src.LastRead
	switch {
	case src.Disabled:
		return "This source is not read. Checks that need it are inconclusive, never passed."
	case r == nil:
		return "No run has read this source yet, so nothing is known of it. Look at it, or start a run."
	case len(r.Problems) > 0:
		return "Its newest reading was not complete. No check that reads it can pass until what is named below is mended."
	case src.Silent(now):
		return "It has been silent since " + f.Day(r.Newest) + ", " + f.Clock(r.Newest) + ". Until it reports again, no check that reads it can pass."
	case r.Events == 0:
		return "Its newest reading found no event. Nothing shows that it reports at all."
	}
	return "It reported: the newest reading saw " + plural(r.Events, "event", "events") + ", the newest of " + f.Time(r.Newest) + "."
}

// sourceFacts is how a source is read. by is who gave its credentials.
func sourceFacts(f Format, src runs.Source, by string) []part.Pair {
	var facts []part.Pair
	if src.Store == runs.Files {
		facts = fileFacts(src)
	} else {
		facts = storeFacts(f, src, by)
	}
	facts = append(facts, part.Pair{Key: "Connected", Text: f.Time(src.AddedAt), Time: src.AddedAt.String(), UTC: f.UTC(src.AddedAt)})
	if r := src.LastRead; r != nil {
		facts = append(facts,
			part.Pair{Key: "Newest reading", Text: f.Time(r.At), Href: "/runs/" + r.RunID, Sub: plural(r.Events, "event", "events") + " read"},
			part.Pair{Key: "Newest event", Text: f.Time(r.Newest), Time: r.Newest.String(), UTC: f.UTC(r.Newest)},
			part.Pair{Key: "Oldest event", Text: f.Time(r.Oldest), Time: r.Oldest.String(), UTC: f.UTC(r.Oldest)})
	}
	return facts
}

func fileFacts(src runs.Source) []part.Pair {
	zone, year := src.Zone, "From the time of the file"
	if zone == "" {
		zone = "UTC"
	}
	if src.Year != 0 {
		year = strconv.Itoa(src.Year)
	}
	return []part.Pair{
		{Key: "Kind", Text: kindWord(src.Kind)},
		{Key: "Where", Text: src.Target, Mono: true},
		{Key: "Stamps without a zone", Text: zone},
		{Key: "Stamps without a year", Text: year},
	}
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
		l = newLook(frame.Format(), frame.Now, *src, probes, err)
	}
	names, err := s.actorNames(c.UserContext(), src.Secret.By)
	if err != nil {
		return err
	}
	return s.render(c, "source_show", newSourcePage(frame, *src, or(names[src.Secret.By], src.Secret.By), l))
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
