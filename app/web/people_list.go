package web

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/runs"
	"logreeve/app/web/chart"
	"logreeve/app/web/part"
	"logreeve/connectors"
	"logreeve/reports/roster"
)

// peoplePage is the list of people.
type peoplePage struct {
	Page
	Head   part.Head
	Notice *part.Notice
	Tabs   part.Tabs
	Query  string
	Filter part.Filters
	Table  part.Table
}

// peopleShown is how many people a page lists.
const peopleShown = 200

// staleAfter is how old a list may be before checks about people say so (G9).
const staleAfter = 7 * 24 * time.Hour

// peopleAsked is how the list is narrowed. Show is "", "here" or "left".
type peopleAsked struct {
	Words, Show string
	Page        int // from 1
}

func (a peopleAsked) href(page int) string {
	q := url.Values{}
	if a.Words != "" {
		q.Set("q", a.Words)
	}
	if a.Show != "" {
		q.Set("show", a.Show)
	}
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	if len(q) == 0 {
		return "/people"
	}
	return "/people?" + q.Encode()
}

func newPeoplePage(frame Page, snap *runs.Snapshot, asked peopleAsked) *peoplePage {
	f, r := frame.Format(), roster.New(*snap.Roster)
	p := &peoplePage{
		Page: frame, Tabs: peopleTabs("people", snap), Query: asked.Words,
		Head: part.Head{Title: "People", Lede: peopleLede(f, frame.Now, snap)},
	}
	if frame.Actor.Has("admin", "officer") {
		p.Head.Actions = []part.Action{{Text: "Import", Href: "/people/import", Icon: "upload", Kind: "primary"}}
	}
	if snap.TakenAt != 0 && frame.Now.Sub(snap.TakenAt) > staleAfter {
		p.Notice = &part.Notice{Kind: "warn", Title: "The newest import was " + ago(frame.Now, snap.TakenAt),
			Text: "A leaver since then would not be recognised, so checks about people cannot pass. Import a newer list; 7 days is allowed."}
	}
	keys := keysByPerson(r)
	var rows []part.Row
	left := 0
	for _, person := range r.People {
		gone := person.LeftBefore(frame.Now)
		if gone {
			left++
		}
		if (asked.Show == "here" && gone) || (asked.Show == "left" && !gone) || !personMatches(person, asked.Words) {
			continue
		}
		rows = append(rows, personRow(f, frame.Now, person, len(keys[person.ID])))
	}
	p.Filter = peopleFilter(asked, len(r.People), left, len(rows))
	p.Table = part.Table{
		ID: "people", Caption: "People", Quiet: true, Stacked: true,
		Columns: []part.Column{{Text: "Person"}, {Text: "Joined"}, {Text: "Left"}, {Text: "Manager"}, {Text: "Principals", Number: true}, {Text: "SSH keys", Number: true}},
		Empty:   peopleEmpty(frame, snap, asked),
	}
	asked.Page = min(max(asked.Page, 1), max((len(rows)+peopleShown-1)/peopleShown, 1))
	from := (asked.Page - 1) * peopleShown
	to := min(from+peopleShown, len(rows))
	p.Table.Rows = rows[from:to]
	if len(rows) > peopleShown {
		p.Table.Pager = &part.Pager{Text: chart.Count(int64(from+1)) + " to " + chart.Count(int64(to)) + " of " + chart.Count(int64(len(rows)))}
		if asked.Page > 1 {
			p.Table.Pager.Previous = asked.href(asked.Page - 1)
		}
		if to < len(rows) {
			p.Table.Pager.Next = asked.href(asked.Page + 1)
		}
	}
	return p
}

func peopleLede(f Format, now connectors.Instant, snap *runs.Snapshot) string {
	if !snap.Roster.HasPeople {
		return "No list of people yet: checks about people are not evaluated, never passed."
	}
	n := snap.Roster.Counts(now)
	said := plural(n.People, "person", "people")
	switch n.Left {
	case 0:
		said += ", none of whom has left"
	case 1:
		said += ", 1 of whom has left"
	default:
		said += ", " + chart.Count(int64(n.Left)) + " of whom have left"
	}
	if n.Keys > 0 {
		said += ", and " + plural(n.Keys, "registered SSH key", "registered SSH keys")
	} else {
		said += ", and no registered SSH key"
	}
	return said + ". As of the import of " + f.Time(snap.TakenAt) + ", " + ago(now, snap.TakenAt) + "."
}

// peopleTabs lead to what a snapshot holds.
func peopleTabs(current string, snap *runs.Snapshot) part.Tabs {
	tab := func(id, text, href string, n int) part.Tab {
		t := part.Tab{Text: text, Href: href, Current: id == current}
		if n > 0 {
			t.Count = chart.Count(int64(n))
		}
		return t
	}
	return part.Tabs{Label: "People", Tabs: []part.Tab{
		tab("people", "People", "/people", len(snap.Roster.People)),
		tab("registers", "Registers", "/registers", len(snap.Roster.Registers.Entries)),
		tab("history", "Imports", "/people/history", 0),
	}}
}

func peopleFilter(asked peopleAsked, all, left, shown int) part.Filters {
	at := func(show string) string { a := asked; a.Show = show; return a.href(1) }
	words := map[string]string{"": "everybody", "here": "here", "left": "left"}
	f := part.Filters{Text: chart.Count(int64(shown)) + " of " + plural(all, "person", "people")}
	if shown == all {
		f.Text = "all " + chart.Count(int64(all)) + " shown"
	}
	f.Filters = []part.Filter{{Label: "Show", Value: map[string]string{"here": "here", "left": "left"}[asked.Show], Options: []part.FilterOption{
		{Text: "Everybody", Href: at(""), Count: chart.Count(int64(all)), Current: words[asked.Show] == "everybody"},
		{Text: "Those who are here", Href: at("here"), Count: chart.Count(int64(all - left)), Current: asked.Show == "here"},
		{Text: "Those who have left", Href: at("left"), Count: chart.Count(int64(left)), Current: asked.Show == "left"},
	}}}
	if asked.Words != "" || asked.Show != "" {
		f.Clear = "/people"
	}
	return f
}

func peopleEmpty(frame Page, snap *runs.Snapshot, asked peopleAsked) *part.Empty {
	if snap.Roster.HasPeople && (asked.Words != "" || asked.Show != "") {
		return &part.Empty{Kind: part.NoMatch, Title: "Nobody matches", Text: "No name, e-mail address or principal holds these words.", Actions: []part.Action{{Text: "Show everybody", Href: "/people"}}}
	}
	e := &part.Empty{Kind: part.Nothing, Title: "There is no list of people yet",
		Text: "Import a CSV file of your human-resources system, and the authorized_keys files of your hosts. Until then nobody can say which person stood behind an account."}
	if frame.Actor.Has("admin", "officer") {
		e.Actions = []part.Action{{Text: "Import", Href: "/people/import", Icon: "upload"}}
	} else {
		e.Text += " An administrator or officer does this."
	}
	return e
}

func personMatches(p roster.Person, words string) bool {
	text := p.Name + " " + p.Email + " " + p.Manager
	for _, pr := range p.Principals {
		text += " " + pr.String()
	}
	text = strings.ToLower(text)
	for _, w := range strings.Fields(strings.ToLower(words)) {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

func personRow(f Format, now connectors.Instant, p roster.Person, keys int) part.Row {
	name := part.Cell{Text: logText(or(p.Name, p.Email)), Sub: logText(p.Email), Href: personHref(p.ID), Name: true}
	left := part.Cell{Small: true}
	if p.LeftAt != 0 {
		left = dateCell(f, lastDay(p.LeftAt))
		if p.LeftBefore(now) {
			name.Chips = []part.Chip{{Text: "left"}}
		} else {
			name.Chips = []part.Chip{{Text: "leaving", Kind: "warn"}}
		}
	}
	joined := part.Cell{Small: true}
	if p.JoinedAt != 0 {
		joined = dateCell(f, p.JoinedAt)
	}
	return part.Row{Past: p.LeftBefore(now), Cells: []part.Cell{name, joined, left, {Text: logText(p.Manager), Small: true},
		{Text: chart.Count(int64(len(p.Principals))), Number: true}, {Text: chart.Count(int64(keys)), Number: true}}}
}

// lastDay is the last moment of the day before a leaving instant: people leave
// at the end of a day, which is the midnight that follows.
func lastDay(left connectors.Instant) connectors.Instant { return left.Add(-time.Microsecond) }

// dateCell writes the UTC day of an instant; a people file has days.
func dateCell(f Format, at connectors.Instant) part.Cell {
	return part.Cell{Text: at.Time().Format("2 Jan 2006"), Time: at.String(), UTC: f.UTC(at), Small: true}
}

// timeCell writes an instant.
func timeCell(f Format, at connectors.Instant) part.Cell {
	if at == 0 {
		return part.Cell{Text: unknownTime, Small: true}
	}
	return part.Cell{Text: f.Time(at), Time: at.String(), UTC: f.UTC(at), Small: true}
}

// moment is a time to the second, for single events.
const moment = "2 Jan 2006, 15:04:05"

// momentCell writes an instant to the second.
func momentCell(f Format, at connectors.Instant) part.Cell {
	c := timeCell(f, at)
	c.Text = f.write(at, moment)
	return c
}

func personHref(id string) string { return "/people/" + url.PathEscape(id) }

// keysByPerson lists the fingerprints that lead to each person.
func keysByPerson(r *roster.Roster) map[string][]string {
	keys := map[string][]string{}
	for _, k := range r.Keys {
		_, persons, _ := r.KeyOwner(k.Fingerprint)
		for _, p := range persons {
			keys[p.ID] = append(keys[p.ID], k.Fingerprint)
		}
	}
	return keys
}

func (s *Server) peopleList(c *fiber.Ctx) error {
	snap, err := s.Runs.Current(c.UserContext())
	if err != nil {
		return err
	}
	asked := peopleAsked{Words: strings.TrimSpace(c.Query("q")), Show: c.Query("show"), Page: c.QueryInt("page", 1)}
	return s.render(c, "people_list", newPeoplePage(s.page(c, "People", "people"), snap, asked))
}
