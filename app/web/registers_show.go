package web

import (
	"github.com/gofiber/fiber/v2"

	"logreeve/app/runs"
	"logreeve/app/web/chart"
	"logreeve/app/web/part"
	"logreeve/connectors"
	"logreeve/reports/roster"
)

// registersPage is what is declared as expected.
type registersPage struct {
	Page
	Head      part.Head
	Tabs      part.Tabs
	Empty     *part.Empty
	Registers []registerCard
	Expected  part.Table
	Unused    string // registers without an entry
	Witnesses string
}

// registerCard is one register with its entries.
type registerCard struct {
	Name, Title, Means string
	Table              part.Table
}

// registerWords says what a register is and what its entries do.
func registerWords(r roster.Register) (title, means string) {
	switch r {
	case roster.CIPrincipals:
		return "Pipelines", "Machine accounts that change things on behalf of people. Checks do not take them for people."
	case roster.CINetworks:
		return "Networks of pipelines", "Where those accounts work from. From elsewhere they are raised."
	case roster.SharedAccounts:
		return "Shared accounts", "Accounts that several people use, with the approval for it. Checks that name them hold them back."
	case roster.BreakGlass:
		return "Emergency accounts", "Accounts for emergencies. Their use is held back by the checks that name them."
	case roster.TrustedImpersonators:
		return "Trusted proxies that act for people", "What they do counts as done by the person they name."
	case roster.TrustedProxies:
		return "Trusted network proxies", "The client address they forward is believed."
	case roster.AllowedNetworks:
		return "Allowed networks", "Where people may come from."
	case roster.Automation:
		return "Automation", "Machines whose names look like people."
	case roster.ProdScope:
		return "Production", "Namespaces, and the objects of the whole cluster, that belong to production. Change checks look at these."
	case roster.ProtectedPolicies:
		return "Protected policies", "Network policies that must stay."
	case roster.AuditedTables:
		return "Audited tables", "Tables whose reading is looked at."
	case roster.ApplicationRoles:
		return "Application roles", "Database roles of applications, not of people."
	}
	return string(r), ""
}

func newRegistersPage(frame Page, snap *runs.Snapshot) *registersPage {
	f, reg := frame.Format(), snap.Roster.Registers
	p := &registersPage{
		Page: frame, Tabs: peopleTabs("registers", snap),
		Head: part.Head{Title: "Registers", Lede: registersLede(frame.Now, snap)},
		Expected: part.Table{ID: "expected", Caption: "Sources that must report", Quiet: true, Tight: true, Columns: []part.Column{{Text: "Source"}, {Text: "Host or cluster"}, {Text: "May be silent for", Number: true}},
			Empty: &part.Empty{Kind: part.Nothing, Title: "No source is expected", Text: "Nothing says which sources must report, so a source that is missing as a whole is not noticed. Declare expected_sources."}},
	}
	if frame.Actor.Has("admin", "officer") {
		p.Head.Actions = []part.Action{{Text: "Import registers", Href: "/people/import", Icon: "upload"}}
	}
	if !snap.Roster.HasRegisters {
		p.Empty = &part.Empty{Kind: part.Nothing, Title: "No registers were imported", Text: "Nothing is declared as expected, so no event is held back. Download the example on the import page and fill it."}
		return p
	}
	unused := []string{}
	for _, r := range roster.AllRegisters() {
		var entries []roster.Entry
		for _, e := range reg.Entries {
			if e.Register == r {
				entries = append(entries, e)
			}
		}
		title, means := registerWords(r)
		if len(entries) == 0 {
			unused = append(unused, string(r))
			continue
		}
		p.Registers = append(p.Registers, registerCard{Name: string(r), Title: title, Means: means, Table: entryTable(f, frame.Now, "register-"+string(r), entries)})
		p.Registers[len(p.Registers)-1].Table.Caption = "Entries of " + string(r)
	}
	p.Unused = firstFew(unused, len(unused))
	p.Witnesses = firstFew(reg.Witnesses, len(reg.Witnesses))
	for _, e := range reg.Expected {
		gap := part.Cell{Text: "as usual for its kind", Number: true}
		if e.MaxGap > 0 {
			gap.Text = secondsWords(e.MaxGap)
		}
		p.Expected.Rows = append(p.Expected.Rows, part.Row{Cells: []part.Cell{{Text: logText(e.Name), Name: true}, {Text: or(logText(e.Host), "any"), Small: true}, gap}})
	}
	return p
}

func registersLede(now connectors.Instant, snap *runs.Snapshot) string {
	if !snap.Roster.HasRegisters {
		return "Nothing is declared as expected yet."
	}
	n := snap.Roster.Counts(now)
	said := plural(n.Entries, "entry says", "entries say") + " what is expected. "
	switch n.Expired {
	case 0:
		return said + "None has expired."
	case 1:
		return said + "1 has expired and no longer applies: what it held back is raised again."
	}
	return said + chart.Count(int64(n.Expired)) + " have expired and no longer apply: what they held back is raised again."
}

// entryTable lists entries of registers.
func entryTable(f Format, now connectors.Instant, id string, entries []roster.Entry) part.Table {
	t := part.Table{ID: id, Caption: "Entries", Quiet: true, Tight: true, Columns: []part.Column{{Text: "Value"}, {Text: "Owner"}, {Text: "Reason"}, {Text: "Approved by"}, {Text: "Reference"}, {Text: "Ends"}}}
	for _, e := range entries {
		ends := part.Cell{Text: "no end", Small: true}
		var chips []part.Chip
		if e.Expires != 0 {
			ends = dateCell(f, lastDay(e.Expires))
		}
		if e.ExpiredAt(now) {
			chips = []part.Chip{{Text: "expired: does not apply", Kind: "bad", Icon: "clock"}}
		} else if e.Expires != 0 && e.Expires.Sub(now) < staleAfter {
			chips = []part.Chip{{Text: "ends soon", Kind: "warn", Icon: "clock"}}
		}
		ends.Chips = chips
		value := part.Cell{Text: logText(e.Value), Name: true}
		if id == "" {
			value.Sub = string(e.Register)
		}
		t.Rows = append(t.Rows, part.Row{Past: e.ExpiredAt(now), Cells: []part.Cell{value, {Text: logText(e.Owner), Small: true}, {Text: logText(e.Reason)},
			{Text: logText(e.Approver), Small: true}, {Text: logText(e.Ticket), Small: true}, ends}})
	}
	return t
}

func (s *Server) registersShow(c *fiber.Ctx) error {
	snap, err := s.Runs.Current(c.UserContext())
	if err != nil {
		return err
	}
	return s.render(c, "registers_show", newRegistersPage(s.page(c, "Registers", "people"), snap))
}
