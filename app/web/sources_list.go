package web

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/actor"
	"logreeve/app/runs"
	"logreeve/app/web/chart"
	"logreeve/app/web/part"
	"logreeve/connectors"
)

// sourcesPage is the configured log sources and how they report.
type sourcesPage struct {
	Page
	Head  part.Head
	Empty *part.Empty
	Lines []sourceLine
}

// sourceLine is one source in the list.
type sourceLine struct {
	Name, Href, Target, Kind string
	Chips                    []part.Chip
	Strip                    chart.Strip
	Newest                   connectors.Instant
	Ago                      string // before now
	LastDay, LastCount       string // the newest day that was read, and its events
}

func newSourcesPage(frame Page, sources []runs.Source) *sourcesPage {
	p := &sourcesPage{Page: frame, Head: part.Head{Title: "Sources", Lede: sourcesLede(frame.Format(), frame.Now.Time(), sources)}}
	if frame.Actor.Has("admin", "officer") {
		p.Head.Actions = []part.Action{{Text: "Connect a source", Href: "/sources/new", Icon: "plus", Kind: "primary"}}
	}
	if len(sources) == 0 {
		p.Empty = &part.Empty{Kind: part.Nothing, Title: "No log source is connected", Text: "Connect a file, a folder or a pattern of Kubernetes audit logs or auth logs. Nothing is copied: runs read the logs where they lie."}
		if len(p.Head.Actions) == 0 {
			p.Empty.Text += " An administrator or officer does this."
		}
	}
	for i := range sources {
		p.Lines = append(p.Lines, newSourceLine(frame, sources[i]))
	}
	return p
}

func newSourceLine(frame Page, src runs.Source) sourceLine {
	l := sourceLine{
		Name: src.Name, Href: "/sources/" + src.ID, Target: src.Target, Kind: kindWord(src.Kind), Chips: sourceChips(src, frame.Now.Time()),
		Strip: sourceStrip("strip-"+src.ID, src, frame.Now),
	}
	if r := src.LastRead; r != nil {
		l.Newest, l.Ago = r.Newest, ago(frame.Now, r.Newest)
		if n := len(r.Daily); n > 0 {
			l.LastDay, l.LastCount = dayLabel(r.Daily[n-1].Day), chart.Count(r.Daily[n-1].Events)
		}
	}
	return l
}

// sourceChips are the remarks beside a source's name.
func sourceChips(src runs.Source, now time.Time) []part.Chip {
	switch {
	case src.Disabled:
		return []part.Chip{{Text: "not read", Icon: "stop"}}
	case src.LastRead == nil:
		return []part.Chip{{Text: "not read yet", Kind: "warn", Icon: "warn"}}
	}
	var chips []part.Chip
	if src.Silent(now) {
		chips = append(chips, part.Chip{Text: "silent", Kind: "bad", Icon: "silent"})
	}
	if n := len(src.LastRead.Problems); n > 0 {
		chips = append(chips, part.Chip{Text: plural(n, "problem", "problems"), Kind: "bad", Icon: "warn"})
	}
	if src.LastRead.Events == 0 {
		chips = append(chips, part.Chip{Text: "no events", Kind: "warn", Icon: "warn"})
	}
	return chips
}

// sourcesLede says which sources report and which do not.
func sourcesLede(f Format, now time.Time, sources []runs.Source) string {
	var silent, unread, broken []runs.Source
	enabled := 0
	for _, src := range sources {
		switch {
		case src.Disabled:
			continue
		case src.LastRead == nil:
			unread = append(unread, src)
		case len(src.LastRead.Problems) > 0:
			broken = append(broken, src)
		case src.Silent(now):
			silent = append(silent, src)
		}
		enabled++
	}
	switch {
	case len(sources) == 0:
		return "Nothing is connected, so nothing is checked."
	case enabled == 0:
		return "No source is read at the moment, so nothing is checked."
	case len(silent) == 1:
		return brokenToo(broken) + silent[0].Name + " has been silent since " + f.Day(silent[0].LastRead.Newest) + ", " + f.Clock(silent[0].LastRead.Newest) + ". Until it reports again, no check that reads it can pass."
	case len(silent) > 1:
		return brokenToo(broken) + plural(len(silent), "source", "sources") + " of " + chart.Count(int64(enabled)) + " are silent: " + sourceNames(silent) + ". Until they report again, no check that reads them can pass."
	case len(broken) > 0:
		return "The newest reading of " + sourceNames(broken) + " was not complete. No check that reads " + itOrThem(len(broken)) + " can pass until it is."
	case len(unread) > 0:
		return sourceNames(unread) + " " + isOrAre(len(unread)) + " connected but no run has read " + itOrThem(len(unread)) + " yet. Start a run to know what is there."
	case enabled == 1:
		return "The one source that is read reported when a run last looked."
	case enabled == 2:
		return "Both sources that are read reported when a run last looked."
	}
	return "All " + chart.Count(int64(enabled)) + " sources that are read reported when a run last looked."
}

// brokenToo names the sources that could not be read whole before what else is
// wrong.
func brokenToo(broken []runs.Source) string {
	if len(broken) == 0 {
		return ""
	}
	return "The newest reading of " + sourceNames(broken) + " was not complete. "
}

func sourceNames(sources []runs.Source) string {
	names := make([]string, len(sources))
	for i, src := range sources {
		names[i] = src.Name
	}
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}

func itOrThem(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

func isOrAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// stripDays is how many days a strip shows.
const stripDays = 30

// sourceStrip draws the last thirty days in UTC. A day that no run covered is
// not known; a covered day without an event was silent.
func sourceStrip(id string, src runs.Source, now connectors.Instant) chart.Strip {
	known := map[string]int64{}
	if src.LastRead != nil {
		for _, d := range src.LastRead.Daily {
			known[d.Day] = d.Events
		}
	}
	days := make([]chart.Day, 0, stripDays)
	for i := stripDays - 1; i >= 0; i-- {
		at := now.Time().AddDate(0, 0, -i)
		d := chart.Day{Label: at.Format("2 Jan"), Hearing: chart.Unasked}
		if n, ok := known[at.Format(time.DateOnly)]; ok {
			d.Count, d.Hearing = n, chart.Heard
			if n == 0 && src.Kind == connectors.Kubernetes { // as homeDays: hosts may be quiet for a day
				d.Hearing = chart.Silent
			}
		}
		days = append(days, d)
	}
	return chart.NewStrip(id, src.Name+", events a day, last 30 days", days)
}

// dayLabel writes "2026-11-19" as "19 Nov".
func dayLabel(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.Format("2 Jan")
}

func (s *Server) sourcesList(c *fiber.Ctx) error {
	sources, err := s.Runs.Sources(c.UserContext())
	if err != nil {
		return err
	}
	return s.render(c, "sources_list", newSourcesPage(s.page(c, "Sources", "sources"), sources))
}

// keepers may change what runs depend on: sources, people and registers.
func keepers() Access { return Only(actor.Admin, actor.Officer) }
