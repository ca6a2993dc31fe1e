package web

import (
	"context"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/runs"
	"logreeve/app/web/chart"
	"logreeve/app/web/part"
	"logreeve/reports/roster"
)

// historyPage lists the imports.
type historyPage struct {
	Page
	Head  part.Head
	Tabs  part.Tabs
	Table part.Table
}

// historyShown is how many imports are listed.
const historyShown = 200

func newHistoryPage(frame Page, current *runs.Snapshot, all []runs.Snapshot, names map[string]string) *historyPage {
	f := frame.Format()
	p := &historyPage{
		Page: frame, Tabs: peopleTabs("history", current),
		Head: part.Head{Title: "Imports", Lede: "Every import is kept as it was. A run names the one it used, so its results can be understood later."},
		Table: part.Table{ID: "imports", Caption: "Imports, newest first", Quiet: true, Stacked: true,
			Columns: []part.Column{{Text: "Taken"}, {Text: "What"}, {Text: "By"}, {Text: "People", Number: true}, {Text: "Keys", Number: true}, {Text: "Entries", Number: true}, {Text: "Digest"}},
			Empty:   &part.Empty{Kind: part.Nothing, Title: "Nothing was imported yet", Text: "Checks about people are not evaluated until a list of people is imported."}},
	}
	for i := range all {
		s := &all[i]
		taken := timeCell(f, s.TakenAt)
		taken.Name, taken.Href = true, "/people/history/"+s.ID
		if i == 0 {
			taken.Chips = []part.Chip{{Text: "in use"}}
		}
		p.Table.Rows = append(p.Table.Rows, part.Row{Cells: []part.Cell{taken, {Text: logText(s.Note)}, {Text: or(names[s.By], s.By), Small: true},
			{Text: chart.Count(int64(s.People)), Number: true}, {Text: chart.Count(int64(s.Keys)), Number: true}, {Text: chart.Count(int64(s.Entries)), Number: true}, {Text: short(s.Digest), Mono: true}}})
	}
	if len(all) == historyShown {
		p.Table.Pager = &part.Pager{Text: "the newest " + chart.Count(historyShown) + " are shown"}
	}
	return p
}

// importedPage is what one import changed.
type importedPage struct {
	Page
	Head    part.Head
	Figures []part.Figure
	Lists   []changedList
	Facts   []part.Pair
}

// changedList is what was added, removed or changed.
type changedList struct {
	Title string
	Table part.Table
}

func newImportedPage(frame Page, snap *runs.Snapshot, before roster.Snapshot, by string) *importedPage {
	f, after := frame.Format(), *snap.Roster
	ch := runs.CompareSnapshots(before, after)
	p := &importedPage{
		Page: frame,
		Head: part.Head{Crumbs: []part.Link{{Text: "People", Href: "/people"}, {Text: "Imports", Href: "/people/history"}, {Text: f.Time(snap.TakenAt)}},
			Title: "Import of " + f.Time(snap.TakenAt), Lede: importedLede(ch), Actions: []part.Action{{Text: "See people", Href: "/people"}, {Text: "Start a run", Href: "/runs/new", Icon: "play"}}},
		Figures: []part.Figure{
			beforeAfter("people", len(before.People), len(after.People)),
			beforeAfter("SSH keys", len(before.Keys), len(after.Keys)),
			beforeAfter("register entries", len(before.Registers.Entries), len(after.Registers.Entries)),
			beforeAfter("expected sources", len(before.Registers.Expected), len(after.Registers.Expected)),
		},
		Facts: []part.Pair{{Key: "File", Text: logText(snap.Note)}, {Key: "Imported by", Text: by}, {Key: "Digest of the whole", Text: snap.Digest, Mono: true}},
	}
	if !frame.Actor.Has("admin", "officer", "reviewer") {
		p.Head.Actions = p.Head.Actions[:1]
	}
	people := func(title string, list []roster.Person) {
		t := part.Table{Caption: title, Quiet: true, Tight: true, Columns: []part.Column{{Text: "Person"}, {Text: "Joined"}, {Text: "Left"}, {Text: "Manager"}, {Text: "Principals", Number: true}, {Text: "SSH keys", Number: true}}}
		keys := keysByPerson(roster.New(after))
		for _, one := range list {
			t.Rows = append(t.Rows, personRow(f, frame.Now, one, len(keys[one.ID])))
		}
		p.list(title, t)
	}
	people("Now with a leaving date", ch.Left)
	people("Added", ch.Added)
	people("No longer listed", ch.Removed)
	people("Changed", ch.Changed)
	keys := func(title string, list []roster.Key) {
		t := part.Table{Caption: title, Quiet: true, Tight: true, Columns: []part.Column{{Text: "Key"}, {Text: "Owner"}, {Text: "Type"}}}
		for _, k := range list {
			t.Rows = append(t.Rows, part.Row{Cells: []part.Cell{{Text: logText(k.Fingerprint), Mono: true}, {Text: logText(k.Owner)}, {Text: logText(k.Type), Small: true}}})
		}
		p.list(title, t)
	}
	keys("Keys added", ch.AddedKeys)
	keys("Keys removed", ch.RemovedKeys)
	entries := func(title string, list []roster.Entry) {
		t := entryTable(f, frame.Now, "", list)
		t.Caption = title
		p.list(title, t)
	}
	entries("Register entries added", ch.AddedEntries)
	entries("Register entries removed", ch.RemovedEntries)
	entries("Register entries changed", ch.ChangedEntries)
	return p
}

// list adds a list that holds something, with an id of its own.
func (p *importedPage) list(title string, t part.Table) {
	if len(t.Rows) == 0 {
		return
	}
	t.ID = "changed-" + strconv.Itoa(len(p.Lists))
	t.Caption = plural(len(t.Rows), "line", "lines") + ": " + title
	p.Lists = append(p.Lists, changedList{title, t})
}

func beforeAfter(what string, before, after int) part.Figure {
	f := part.Figure{Value: chart.Count(int64(after)), Label: what, Note: "before: " + chart.Count(int64(before))}
	if before == after {
		f.Note = "as before"
	}
	return f
}

func importedLede(ch runs.SnapshotChanges) string {
	said := ""
	add := func(n int, one, many string) {
		if n == 0 {
			return
		}
		if said != "" {
			said += ", "
		}
		said += plural(n, one, many)
	}
	add(len(ch.Added), "person was added", "people were added")
	add(len(ch.Left), "person now has a leaving date", "people now have a leaving date")
	add(len(ch.Removed), "person is no longer listed", "people are no longer listed")
	add(len(ch.Changed)-len(ch.Left), "other person changed", "other people changed")
	add(len(ch.AddedKeys), "key was added", "keys were added")
	add(len(ch.RemovedKeys), "key was removed", "keys were removed")
	add(len(ch.AddedEntries), "register entry was added", "register entries were added")
	add(len(ch.RemovedEntries), "register entry was removed", "register entries were removed")
	add(len(ch.ChangedEntries), "register entry changed", "register entries changed")
	switch {
	case said == "":
		return "Nothing is different from the import before."
	case len(ch.Removed) > 0:
		return said + ". Somebody who is no longer listed is nobody to the checks: give leavers a leaving date instead of taking them out."
	}
	return said + "."
}

func (s *Server) historyList(c *fiber.Ctx) error {
	current, err := s.Runs.Current(c.UserContext())
	if err != nil {
		return err
	}
	all, err := s.Runs.Snapshots(c.UserContext(), historyShown)
	if err != nil {
		return err
	}
	ids := make([]string, len(all))
	for i := range all {
		ids[i] = all[i].By
	}
	names, err := s.actorNames(c.UserContext(), ids...)
	if err != nil {
		return err
	}
	return s.render(c, "people_history", newHistoryPage(s.page(c, "Imports", "people"), current, all, names))
}

func (s *Server) importedShow(c *fiber.Ctx) error {
	snap, before, err := s.Runs.SnapshotWithPrevious(c.UserContext(), c.Params("id"))
	if err != nil {
		return err
	}
	names, err := s.actorNames(c.UserContext(), snap.By)
	if err != nil {
		return err
	}
	return s.render(c, "import_show", newImportedPage(s.page(c, "Import", "people"), snap, *before, or(names[snap.By], snap.By)))
}

// actorNames finds the names of those who acted, by id.
func (s *Server) actorNames(ctx context.Context, ids ...string) (map[string]string, error) {
	names := map[string]string{"system": "Logreeve", "cli": "the command line"}
	if s.Trail == nil {
		return names, nil
	}
	found, err := s.Trail.Principals(ctx, ids)
	if err != nil {
		return nil, err
	}
	for id, a := range found {
		if a.Name != "" {
			names[id] = a.Name
		}
	}
	return names, nil
}
