package web

import (
	"cmp"
	"net/url"
	"strings"

	"logreeve/app/runs"
	"logreeve/app/web/part"
	"logreeve/connectors"
	"logreeve/reports/policy"
)

func countIf(all []toldChange, holds func(toldChange) bool) int {
	n := 0
	for _, c := range all {
		if holds(c) {
			n++
		}
	}
	return n
}

func listedText(listed, shown, all, before int) string {
	switch {
	case listed < shown:
		return countWord(before+1) + " to " + countWord(before+listed) + " of " + countWord(shown)
	case shown < all:
		return countWord(shown) + " of " + countWord(all) + " shown"
	}
	return "all " + countWord(all) + " shown"
}

// changesLede says what happened in the period, in counts.
func changesLede(f Format, w connectors.Window, all []toldChange) string {
	span := f.Span(w)
	if w.From == 0 && w.To == 0 {
		span = "All that is known"
	}
	if len(all) == 0 {
		return upperFirst(span) + ": no policy changes."
	}
	n := map[string]int{}
	opens, none := 0, 0
	for _, c := range all {
		n[doesOf(c.Change)]++
		if ticketOf(c.Change) == "none" {
			none++
		}
		switch c.severity() {
		case "critical", "high":
			opens++
		}
	}
	said := upperFirst(span) + ": " + countWord(n["created"]) + " created, " + countWord(n["modified"]) + " modified, " + countWord(n["deleted"]) + " deleted"
	if n["implied"] > 0 {
		said += ", " + countWord(n["implied"]) + " implied by a namespace deletion"
	}
	said += "."
	switch {
	case opens > 0 && none > 0:
		said += " " + plural(opens, "opens or weakens", "open or weaken") + " something; " + plural(none, "carries", "carry") + " no ticket."
	case opens > 0:
		said += " " + plural(opens, "opens or weakens", "open or weaken") + " something."
	case none > 0:
		said += " None opens or weakens anything that can be judged; " + plural(none, "carries", "carry") + " no ticket."
	}
	return said
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func changeDays(f Format, listed []toldChange, a changesAsked, current string) []part.Day {
	var days []part.Day
	for _, c := range listed {
		title := f.Day(c.Time)
		if f.in(c.Time).Year() != f.in(listed[0].Time).Year() {
			title += " " + f.in(c.Time).Format("2006")
		}
		if len(days) == 0 || days[len(days)-1].Title != title {
			days = append(days, part.Day{Title: title})
		}
		id := changeID(c.Change)
		day := &days[len(days)-1]
		day.Entries = append(day.Entries, changeEntry(f, c, a.at(id), id == current))
	}
	return days
}

// at is the list with one change shown.
func (a changesAsked) at(id string) string {
	a.Change = id
	return a.href("") + "#change"
}

func changeEntry(f Format, c toldChange, href string, current bool) part.Entry {
	e := part.Entry{
		At: f.in(c.Time).Format("15:04:05"), Time: c.Time.String(), UTC: f.UTC(c.Time), Op: doesOf(c.Change),
		Name: changeName(c.Change), Kind: c.Kind, Severity: c.severity(), Href: href, Current: current,
	}
	verb := e.Op
	if e.Op == "modified" {
		e.Op, verb = "updated", "updated"
	}
	if e.Op == "implied" {
		verb = "gone with its namespace, deleted"
	}
	e.Text = verb + " by " + actorWord(c.Actor)
	switch ticketOf(c.Change) {
	case "with":
		e.Text += " · " + logText(c.Ticket)
	case "inherited":
		e.Text += " · " + logText(c.Ticket) + " from before"
	case "none":
		e.Warning = "no ticket"
	}
	if !c.ContentKnown {
		e.Text += " · content not recorded"
	}
	return e
}

// changeName names the object of a change: "payments / allow-web-to-api".
func changeName(c *policy.Change) string {
	name := cmp.Or(c.Name, "objects the log does not name")
	if c.Namespace != "" {
		name = c.Namespace + " / " + name
	}
	return logText(name)
}

// actorWord is who acted, service accounts shortened.
func actorWord(who string) string {
	if account, ok := strings.CutPrefix(who, "system:serviceaccount:"); ok {
		who = strings.Replace(account, ":", "/", 1)
	}
	return logText(cmp.Or(who, "nobody the log names"))
}

// kubernetesSources are the sources that hold policy changes.
func kubernetesSources(all []runs.Source) []runs.Source {
	var out []runs.Source
	for _, s := range all {
		if !s.Disabled && (s.Kind == connectors.Kubernetes || s.Kind == "") {
			out = append(out, s)
		}
	}
	return out
}

// readUntil is the newest event that a run saw of the sources, 0 for none.
func readUntil(sources []runs.Source) connectors.Instant {
	var newest connectors.Instant
	for _, s := range sources {
		if s.LastRead != nil {
			newest = max(newest, s.LastRead.Newest)
		}
	}
	return newest
}

// changesNotice says what keeps the list from being the whole truth.
func changesNotice(f Format, now connectors.Instant, w connectors.Window, seen changesSeen) *part.Notice {
	if seen.More {
		return &part.Notice{Kind: "warn", Title: "Only the first " + countWord(changesRead) + " changes of this period were read",
			Text: "There are more after " + f.Time(seen.Changes[len(seen.Changes)-1].Time) + ". Choose a shorter period to see them."}
	}
	sources := kubernetesSources(seen.Sources)
	for _, s := range sources {
		if s.Silent(now.Time()) && (w.To == 0 || w.To > s.LastRead.Newest) {
			return &part.Notice{Kind: "down", Title: "The source " + logText(s.Name) + " is silent",
				Text:    "Its newest event is of " + f.Time(s.LastRead.Newest) + ". Changes made since are not known here.",
				Actions: []part.Action{{Text: "Look at the source", Href: "/sources/" + url.PathEscape(s.ID)}}}
		}
	}
	return nil
}

// changesEmpty says why nothing is listed: each reason has its own words.
func changesEmpty(frame Page, w connectors.Window, seen changesSeen, all int) *part.Empty {
	f := frame.Format()
	sources := kubernetesSources(seen.Sources)
	until := readUntil(sources)
	switch {
	case all > 0:
		return &part.Empty{Kind: part.NoMatch, Title: "No change matches these filters", Text: plural(all, "change of this period is", "changes of this period are") + " hidden by them.",
			Actions: []part.Action{{Text: "Show all of this period", Href: changesAsked{Period: seen.Asked.Period, From: seen.Asked.From, To: seen.Asked.To}.href("")}}}
	case len(sources) == 0:
		return &part.Empty{Kind: part.Nothing, Title: "No Kubernetes audit log is connected", Text: "Policy changes are read from the audit log of a cluster. Until one is connected, nothing is known of them, which is not the same as no change.",
			Actions: []part.Action{{Text: "Sources", Href: "/sources"}}}
	case until == 0:
		return &part.Empty{Kind: part.Nothing, Title: "No run has read the audit log yet", Text: "Changes appear here once a run has finished. Nothing is known of them before.",
			Actions: []part.Action{{Text: "Runs", Href: "/runs"}}}
	case w.From != 0 && until < w.From:
		return &part.Empty{Kind: part.Down, Title: "This period has not been read", Text: "The newest event that a run has read is of " + f.Time(until) + ", before this period begins. Whether policies changed since is not known.",
			Actions: []part.Action{{Text: "Start a run", Href: "/runs/new"}, {Text: "Show the last 30 days", Href: "/changes?period=30"}}}
	}
	text := plural(seen.Watched, "policy object", "policy objects") + " under watch"
	if seen.LastChange != 0 {
		text += "; the last change was on " + f.Time(seen.LastChange)
	}
	text += "; the log is read until " + f.Time(until) + "."
	silent := false
	for _, s := range sources {
		silent = silent || s.Silent(frame.Now.Time())
	}
	if silent {
		text += " A source is silent, so there may be changes that are not known."
	} else {
		text += " No source is silent."
	}
	e := &part.Empty{Kind: part.NoMatch, Title: "No policy changes in this period", Text: text}
	if seen.LastChange != 0 {
		e.Actions = []part.Action{{Text: "Show all that is known", Href: "/changes?period=all"}}
	}
	return e
}
