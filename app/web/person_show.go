package web

import (
	"cmp"
	"slices"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/app/web/chart"
	"logreeve/app/web/part"
	"logreeve/reports"
	"logreeve/reports/roster"
)

// personPage is one person: who they are, under which names they act, where
// they were seen, and what the newest results say about them.
type personPage struct {
	Page
	Head       part.Head
	Facts      []part.Pair
	Principals part.Table
	Seen       part.Table
	Items      part.Table
}

// personItem is an item about a person, in the newest run of its check.
type personItem struct {
	Run   string
	Check string
	Item  reports.Item
}

func newPersonPage(frame Page, p roster.Person, manager string, keys []roster.Key, seen []runs.Seen, items []personItem) *personPage {
	f := frame.Format()
	page := &personPage{
		Page: frame, Principals: principalTable(p, keys), Seen: seenTable(f, seen), Items: personItems(f, items),
		Head: part.Head{Crumbs: []part.Link{{Text: "People", Href: "/people"}, {Text: logText(or(p.Name, p.Email))}}, Title: logText(or(p.Name, p.Email)), Lede: personLede(f, frame, p, seen, items)},
		Facts: []part.Pair{
			{Key: "E-mail address", Text: logText(p.Email), Sub: "counts as the Kubernetes and Paralus name of the same spelling"},
			{Key: "Joined", Text: "not known"}, {Key: "Left", Text: "has not left"},
		},
	}
	if p.JoinedAt != 0 {
		page.Facts[1] = part.Pair{Key: "Joined", Text: p.JoinedAt.Time().Format("2 Jan 2006"), Time: p.JoinedAt.String(), UTC: f.UTC(p.JoinedAt)}
	}
	if p.LeftAt != 0 {
		page.Facts[2] = part.Pair{Key: "Left", Text: lastDay(p.LeftAt).Time().Format("2 Jan 2006"), Time: p.LeftAt.String(), UTC: f.UTC(p.LeftAt), Sub: "at the end of that day, UTC"}
	}
	if p.Manager != "" {
		page.Facts = append(page.Facts, part.Pair{Key: "Manager", Text: logText(p.Manager), Href: manager})
	}
	switch {
	case p.LeftBefore(frame.Now):
		page.Head.Chips = []part.Chip{{Text: "left"}}
	case p.LeftAt != 0:
		page.Head.Chips = []part.Chip{{Text: "leaving", Kind: "warn"}}
	}
	return page
}

func personLede(f Format, frame Page, p roster.Person, seen []runs.Seen, items []personItem) string {
	var last runs.Seen
	for _, s := range seen {
		if s.Last > last.Last {
			last = s
		}
	}
	said := "No run has seen this person act."
	switch {
	case last.Last != 0 && p.LeftBefore(last.Last):
		said = "This person left on " + lastDay(p.LeftAt).Time().Format("2 Jan 2006") + " and was last seen after that, on " + f.Time(last.Last) + "."
	case last.Last != 0:
		said = "Last seen " + f.Time(last.Last) + ", in " + systemWord(last.System) + " as " + logText(last.Principal) + "."
	}
	if n := len(items); n > 0 {
		said += " The newest results hold " + plural(n, "item", "items") + " about them."
	}
	return said
}

func systemWord(system string) string {
	switch system {
	case "k8s":
		return "Kubernetes"
	case "linux":
		return "hosts"
	case "pg":
		return "databases"
	case "sshkey":
		return "SSH"
	case "paralus":
		return "Paralus"
	}
	return system
}

func principalTable(p roster.Person, keys []roster.Key) part.Table {
	t := part.Table{ID: "principals", Caption: "Principals and keys", Quiet: true, Tight: true, Columns: []part.Column{{Text: "Name"}, {Text: "In"}, {Text: "How it is known"}},
		Empty: &part.Empty{Kind: part.Nothing, Title: "No principals are listed", Text: "Only the e-mail address stands for this person. Add principals in the people file and import it again."}}
	for _, pr := range p.Principals {
		where := systemWord(pr.System)
		if pr.Host != "" {
			where += " " + logText(pr.Host)
		}
		t.Rows = append(t.Rows, part.Row{Cells: []part.Cell{{Text: logText(pr.Pattern), Mono: true}, {Text: where, Small: true}, {Text: "people file", Small: true}}})
	}
	for _, k := range keys {
		t.Rows = append(t.Rows, part.Row{Cells: []part.Cell{{Text: logText(k.Fingerprint), Mono: true}, {Text: "SSH, " + logText(k.Type), Small: true}, {Text: "authorized_keys, owner " + logText(k.Owner), Small: true}}})
	}
	return t
}

func seenTable(f Format, seen []runs.Seen) part.Table {
	t := part.Table{ID: "seen", Caption: "First and last seen", Quiet: true, Tight: true, Stacked: true, Columns: []part.Column{{Text: "As"}, {Text: "In"}, {Text: "From network"}, {Text: "First seen"}, {Text: "Last seen"}, {Text: "Events", Number: true}},
		Empty: &part.Empty{Kind: part.Nothing, Title: "Not seen yet", Text: "No run has read an event of this person. This grows with every run; it says nothing about the time before the first one."}}
	for _, s := range seen {
		network := part.Cell{Text: logText(s.Network), Mono: true}
		if s.Network == "" {
			network = part.Cell{Text: "anywhere", Small: true}
		}
		t.Rows = append(t.Rows, part.Row{Cells: []part.Cell{{Text: logText(s.Principal), Name: true}, {Text: systemWord(s.System), Small: true}, network,
			timeCell(f, s.First), timeCell(f, s.Last), {Text: chart.Count(s.Events), Number: true}}})
	}
	return t
}

func personItems(f Format, items []personItem) part.Table {
	t := part.Table{ID: "about", Caption: "Items about this person", Quiet: true, Stacked: true, Columns: []part.Column{{Text: "Severity", Hush: true}, {Text: "What"}, {Text: "Check"}, {Text: "Events", Number: true}, {Text: "Last"}},
		Empty: &part.Empty{Kind: part.Nothing, Title: "Nothing was raised about this person", Text: "The newest results hold no item about them. That is no verdict: look at the checks to see whether they could be evaluated."}}
	for _, i := range items {
		t.Rows = append(t.Rows, part.Row{Cells: []part.Cell{{Severity: string(i.Item.Severity)}, {Text: logText(i.Item.Title), Href: itemHref(i.Run, i.Item.Key), Name: true},
			{Text: i.Check, Href: resultHref(i.Run, i.Check), Small: true}, {Text: chart.Count(i.Item.Count), Number: true}, timeCell(f, i.Item.Last)}})
	}
	return t
}

// managerHref leads to the manager, if the list has them.
func managerHref(r *roster.Roster, p roster.Person) string {
	if m, ok := r.Person(p.Manager); ok {
		return personHref(m.ID)
	}
	return ""
}

// principalsOf are the names under which the ledger may know a person: those of
// the people file, and the e-mail address with or without an issuer before it.
func principalsOf(p roster.Person) []string {
	names := []string{"k8s:" + p.Email, "k8s:*:" + p.Email, "k8s:*#" + p.Email, "paralus:" + p.Email}
	for _, pr := range p.Principals {
		if pr.System != "sshkey" {
			names = append(names, pr.System+":"+pr.Pattern)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (s *Server) personShow(c *fiber.Ctx) error {
	ctx := c.UserContext()
	snap, err := s.Runs.Current(ctx)
	if err != nil {
		return err
	}
	r := roster.New(*snap.Roster)
	p, ok := r.Person(c.Params("id"))
	if !ok {
		return fault.New(fault.NotFound, "There is nobody of this address in the newest list of people.")
	}
	seen, err := s.Runs.Seen(ctx, principalsOf(p))
	if err != nil {
		return err
	}
	items, err := s.itemsAbout(c, p.ID)
	if err != nil {
		return err
	}
	fingerprints := keysByPerson(r)[p.ID]
	var keys []roster.Key
	for _, k := range r.Keys {
		if slices.Contains(fingerprints, k.Fingerprint) {
			keys = append(keys, k)
		}
	}
	return s.render(c, "person_show", newPersonPage(s.page(c, or(p.Name, p.Email), "people"), p, managerHref(r, p), keys, seen, items))
}

// itemsAbout finds the items about a person in the runs that hold the newest
// result of some check, worst first.
func (s *Server) itemsAbout(c *fiber.Ctx, person string) ([]personItem, error) {
	latest, err := s.Runs.Latest(c.UserContext())
	if err != nil {
		return nil, err
	}
	newest := map[string]string{} // run of the newest result, by check
	var order []string
	for i := range latest {
		newest[latest[i].Result.Check] = latest[i].Run
		if !slices.Contains(order, latest[i].Run) {
			order = append(order, latest[i].Run)
		}
	}
	var items []personItem
	for _, id := range order {
		run, err := s.Runs.Run(c.UserContext(), id)
		if err != nil {
			return nil, err
		}
		for i := range run.Results {
			if newest[run.Results[i].Check] != id {
				continue
			}
			for _, it := range run.Results[i].Items {
				if slices.Contains(it.Persons, person) {
					items = append(items, personItem{id, run.Results[i].Check, it})
				}
			}
		}
	}
	slices.SortStableFunc(items, func(a, b personItem) int {
		return cmp.Or(cmp.Compare(severityRank(a.Item.Severity), severityRank(b.Item.Severity)), cmp.Compare(b.Item.Last, a.Item.Last))
	})
	return items, nil
}

// severityRank orders severities, worst first.
func severityRank(s reports.Severity) int {
	return slices.Index([]reports.Severity{reports.Critical, reports.High, reports.Medium, reports.Low, reports.Info}, s)
}
