package web

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/app/trail"
	"logreeve/app/web/part"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/csv"
	"logreeve/reports/policy"
)

// changesPage is the changes of network policies in a period, with one of them
// in words and line by line.
type changesPage struct {
	Page
	Head    part.Head
	Notice  *part.Notice
	Filters part.Filters
	Dates   []part.Field  // the period as two days, for a form
	Keep    []part.Hidden // what that form keeps
	Errors  []part.FieldError
	Days    []part.Day
	Pager   *part.Pager
	Change  *part.Change
	Empty   *part.Empty

	current *policy.Change // the one to show, nil for none
}

const (
	changesRead  = 5000 // of a period
	changesShown = 100  // a page
)

// changesAsked is how the list is narrowed.
type changesAsked struct {
	Period                                      string // "", "30", "90", "all"; From or To instead
	From, To                                    string // YYYY-MM-DD, both days included
	Cluster, Namespace, Kind, Who, Ticket, Does string
	Check                                       string // what a check makes of it: "NET-02"
	Page                                        int    // from 1
	Change                                      string // which one is shown
	View                                        string // "unified" or ""
}

func readChangesAsked(c *fiber.Ctx) changesAsked {
	return changesAsked{
		Period: c.Query("period"), From: strings.TrimSpace(c.Query("from")), To: strings.TrimSpace(c.Query("to")),
		Cluster: c.Query("cluster"), Namespace: c.Query("namespace"), Kind: c.Query("kind"), Who: c.Query("who"), Ticket: c.Query("ticket"),
		Does: c.Query("does"), Check: c.Query("check"), Page: max(c.QueryInt("page", 1), 1), Change: c.Query("c"), View: c.Query("view"),
	}
}

func (a changesAsked) values() url.Values {
	q := url.Values{}
	for key, value := range map[string]string{
		"period": a.Period, "from": a.From, "to": a.To, "cluster": a.Cluster, "namespace": a.Namespace, "kind": a.Kind, "who": a.Who,
		"ticket": a.Ticket, "does": a.Does, "check": a.Check, "c": a.Change, "view": a.View,
	} {
		if value != "" {
			q.Set(key, value)
		}
	}
	if a.Page > 1 {
		q.Set("page", strconv.Itoa(a.Page))
	}
	return q
}

// href is the list so narrowed, or what lies below it: "/export.csv".
func (a changesAsked) href(below string) string {
	if q := a.values().Encode(); q != "" {
		return "/changes" + below + "?" + q
	}
	return "/changes" + below
}

// with is the list narrowed otherwise, from its first page.
func (a changesAsked) with(set func(*changesAsked)) string {
	a.Page, a.Change = 1, ""
	set(&a)
	return a.href("")
}

// narrowed says whether a filter other than the period is set.
func (a changesAsked) narrowed() bool {
	return a.Cluster+a.Namespace+a.Kind+a.Who+a.Ticket+a.Does+a.Check != ""
}

// window is the period asked for, in days of the organisation. Without one it
// is today and the six days before.
func (a changesAsked) window(f Format, now connectors.Instant) (connectors.Window, error) {
	n := f.in(now)
	today := time.Date(n.Year(), n.Month(), n.Day(), 0, 0, 0, 0, n.Location())
	days := func(n int) connectors.Window {
		return connectors.Window{From: connectors.At(today.AddDate(0, 0, 1-n)), To: connectors.At(today.AddDate(0, 0, 1))}
	}
	w := days(7)
	var faults []error
	if a.From != "" || a.To != "" {
		w = connectors.Window{}
		for _, d := range []struct {
			field, text string
			more        int
			at          *connectors.Instant
		}{{"from", a.From, 0, &w.From}, {"to", a.To, 1, &w.To}} {
			if d.text == "" {
				continue
			}
			t, err := time.ParseInLocation(time.DateOnly, d.text, n.Location())
			if err != nil || t.Year() < 1990 || t.Year() > 2200 {
				faults = append(faults, fault.Field(d.field, "“%s” is not a day. Write it as 2026-11-21.", logText(d.text)))
				continue
			}
			*d.at = connectors.At(t.AddDate(0, 0, d.more))
		}
		if w.From != 0 && w.To != 0 && w.From >= w.To {
			faults = append(faults, fault.Field("to", "The period ends before it begins."))
		}
	} else {
		switch a.Period {
		case "30":
			w = days(30)
		case "90":
			w = days(90)
		case "all":
			w = connectors.Window{}
		}
	}
	if len(faults) > 0 {
		return days(7), errors.Join(faults...)
	}
	return w, nil
}

// ticketOf says whether a change carries a change reference, as filters say it.
func ticketOf(c *policy.Change) string {
	switch {
	case c.Operation == policy.Deleted:
		return "deletion"
	case c.TicketSource == policy.FromRequest:
		return "with"
	case c.TicketSource == policy.Inherited:
		return "inherited"
	}
	return "none"
}

// doesOf is what became of the object: the operation, or that it went along.
func doesOf(c *policy.Change) string {
	if c.Implied {
		return "implied"
	}
	return string(c.Operation)
}

// toldChange is a change with what the checks make of it.
type toldChange struct {
	*policy.Change
	verdicts []policy.Verdict
}

func told(changes []policy.Change) []toldChange {
	all := make([]toldChange, len(changes))
	for i := range changes {
		all[i] = toldChange{&changes[i], policy.Judge(&changes[i])}
	}
	return all
}

// severity is the worst of what the checks make of it, "" for nothing.
func (c toldChange) severity() string {
	var worst reports.Severity
	for _, v := range c.verdicts {
		if worst == "" || severityRank(v.Severity) < severityRank(worst) {
			worst = v.Severity
		}
	}
	return string(worst)
}

// changeFilter is one thing a change is filtered by.
type changeFilter struct {
	label, any string
	set        func(*changesAsked) *string
	of         func(toldChange) []string
	word       func(string) string
}

func changeFilters() []changeFilter {
	one := func(of func(toldChange) string) func(toldChange) []string {
		return func(c toldChange) []string { return []string{of(c)} }
	}
	return []changeFilter{
		{"Cluster", "any cluster", func(a *changesAsked) *string { return &a.Cluster }, one(func(c toldChange) string { return c.Cluster }), nil},
		{"Namespace", "any namespace", func(a *changesAsked) *string { return &a.Namespace }, one(func(c toldChange) string { return cmp.Or(c.Namespace, "-") }), func(s string) string {
			if s == "-" {
				return "none, of the cluster"
			}
			return s
		}},
		{"Kind", "any kind", func(a *changesAsked) *string { return &a.Kind }, one(func(c toldChange) string { return c.Kind }), nil},
		{"Who", "anybody", func(a *changesAsked) *string { return &a.Who }, one(func(c toldChange) string { return c.Actor }), func(s string) string { return cmp.Or(s, "not recorded") }},
		{"Ticket", "any", func(a *changesAsked) *string { return &a.Ticket }, one(func(c toldChange) string { return ticketOf(c.Change) }), func(s string) string {
			return map[string]string{"with": "with a ticket", "inherited": "inherited from before", "none": "no ticket", "deletion": "deleted, so none is left"}[s]
		}},
		{"Change", "any change", func(a *changesAsked) *string { return &a.Does }, one(func(c toldChange) string { return doesOf(c.Change) }), func(s string) string {
			if s == "implied" {
				return "gone with its namespace"
			}
			return s
		}},
		{"Check", "whatever checks say", func(a *changesAsked) *string { return &a.Check }, func(c toldChange) []string {
			var ids []string
			for _, v := range c.verdicts {
				if !slices.Contains(ids, v.Check) {
					ids = append(ids, v.Check)
				}
			}
			return ids
		}, nil},
	}
}

// holds says whether a change passes the filters; skip leaves one out.
func (a changesAsked) holds(c toldChange, filters []changeFilter, skip int) bool {
	for i, f := range filters {
		if want := *f.set(&a); want != "" && i != skip && !slices.Contains(f.of(c), want) {
			return false
		}
	}
	return true
}

// optionsShown is how many values a filter offers; the rest is found by words.
const optionsShown = 40

func changesFilters(f Format, now connectors.Instant, all []toldChange, a changesAsked) part.Filters {
	out := part.Filters{Filters: []part.Filter{periodFilter(f, now, a)}}
	filters := changeFilters()
	for i, x := range filters {
		counts := map[string]int{}
		for _, c := range all {
			if a.holds(c, filters, i) {
				for _, v := range x.of(c) {
					counts[v]++
				}
			}
		}
		chosen := *x.set(&a)
		if (len(counts) == 0 || len(counts) == 1 && x.label == "Cluster") && chosen == "" {
			continue // nothing to choose from
		}
		word := x.word
		if word == nil {
			word = func(s string) string { return cmp.Or(s, "not recorded") }
		}
		filter := part.Filter{Label: x.label, Options: []part.FilterOption{{Text: x.any, Href: a.with(func(a *changesAsked) { *x.set(a) = "" }), Current: chosen == ""}}}
		if chosen != "" {
			filter.Value = logText(word(chosen))
		}
		values := make([]string, 0, len(counts))
		for v := range counts {
			if v != "" {
				values = append(values, v)
			}
		}
		slices.SortFunc(values, func(p, q string) int { return cmp.Or(counts[q]-counts[p], cmp.Compare(p, q)) })
		for _, v := range values[:min(len(values), optionsShown)] {
			filter.Options = append(filter.Options, part.FilterOption{Text: logText(word(v)), Href: a.with(func(a *changesAsked) { *x.set(a) = v }), Count: countWord(counts[v]), Current: v == chosen})
		}
		out.Filters = append(out.Filters, filter)
	}
	if a.narrowed() || a.Period+a.From+a.To != "" {
		out.Clear = "/changes"
	}
	return out
}

func periodFilter(f Format, now connectors.Instant, a changesAsked) part.Filter {
	w, _ := a.window(f, now)
	words := map[string]string{"": "Last 7 days", "30": "Last 30 days", "90": "Last 90 days", "all": "All that is known"}
	given := a.From+a.To != ""
	p := part.Filter{Label: "Period", Value: strings.ToLower(words[a.Period])}
	if given {
		p.Value = f.Span(w)
	}
	for _, period := range []string{"", "30", "90", "all"} {
		p.Options = append(p.Options, part.FilterOption{Text: words[period], Current: !given && a.Period == period,
			Href: a.with(func(a *changesAsked) { a.Period, a.From, a.To = period, "", "" })})
	}
	return p
}

// changesSeen is what the page is made from.
type changesSeen struct {
	Changes []policy.Change // of the period, oldest first
	More    bool            // there are more than were read
	Asked   changesAsked
	Faults  Faults
	Sources []runs.Source
	// Watch is read only when there is nothing to show.
	Watched    int
	LastChange connectors.Instant
}

func newChangesPage(frame Page, seen changesSeen) *changesPage {
	f, a := frame.Format(), seen.Asked
	w, _ := a.window(f, frame.Now)
	p := &changesPage{Page: frame, Head: part.Head{Title: "Policy changes", Near: true}, Errors: seen.Faults.List("from", "to")}
	all := told(seen.Changes)
	filters := changeFilters()
	var shown []toldChange
	for i := len(all) - 1; i >= 0; i-- { // the newest first
		if a.holds(all[i], filters, -1) {
			shown = append(shown, all[i])
		}
	}
	p.Head.Lede = changesLede(f, w, all)
	p.Filters = changesFilters(f, frame.Now, all, a)
	p.dates(f, w, a, seen.Faults)
	if len(all) > 0 {
		p.Head.Actions = []part.Action{{Text: "Export CSV", Href: a.export("/export.csv"), Icon: "download"}, {Text: "Export JSON", Href: a.export("/export.json"), Icon: "download"}}
	}
	p.Notice = changesNotice(f, frame.Now, w, seen)
	if len(shown) == 0 {
		p.Empty = changesEmpty(frame, w, seen, len(all))
		return p
	}
	pages := (len(shown) + changesShown - 1) / changesShown
	a.Page = min(max(a.Page, 1), pages)
	listed := shown[(a.Page-1)*changesShown : min(a.Page*changesShown, len(shown))]
	p.Filters.Text = listedText(len(listed), len(shown), len(all), (a.Page-1)*changesShown)
	if unknown := countIf(shown, func(c toldChange) bool { return !c.ContentKnown }); unknown > 0 {
		p.Filters.Text += " · content recorded for " + countWord(len(shown)-unknown)
	}
	if pages > 1 {
		p.Pager = &part.Pager{Text: "page " + countWord(a.Page) + " of " + countWord(pages)}
		if a.Page > 1 {
			p.Pager.Previous = a.with(func(x *changesAsked) { x.Page = a.Page - 1 })
		}
		if a.Page < pages {
			p.Pager.Next = a.with(func(x *changesAsked) { x.Page = a.Page + 1 })
		}
	}
	current := listed[0]
	for _, c := range listed {
		if changeID(c.Change) == a.Change {
			current = c
		}
	}
	p.current = current.Change
	p.Days = changeDays(f, listed, a, changeID(current.Change))
	return p
}

func (p *changesPage) dates(f Format, w connectors.Window, a changesAsked, faults Faults) {
	from, to := a.From, a.To
	if from == "" && w.From != 0 && a.To == "" {
		from = f.in(w.From).Format(time.DateOnly)
	}
	if to == "" && w.To != 0 && a.From == "" {
		to = f.in(w.To).AddDate(0, 0, -1).Format(time.DateOnly)
	}
	p.Dates = []part.Field{
		{ID: "from", Name: "from", Label: "From", Kind: "date", Value: from, Error: faults.For("from")},
		{ID: "to", Name: "to", Label: "Until, with that day", Kind: "date", Value: to, Error: faults.For("to")},
	}
	for _, x := range changeFilters() {
		if v := *x.set(&a); v != "" {
			p.Keep = append(p.Keep, part.Hidden{Name: strings.ToLower(x.label), Value: v})
		}
	}
	for i := range p.Keep {
		if p.Keep[i].Name == "change" {
			p.Keep[i].Name = "does"
		}
	}
}

// export is the same list as a file.
func (a changesAsked) export(kind string) string {
	a.Page, a.Change, a.View = 1, "", ""
	return a.href(kind)
}

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

// changesSeen reads what the list needs.
func (s *Server) changesSeen(c *fiber.Ctx, f Format) (changesSeen, error) {
	ctx := c.UserContext()
	seen := changesSeen{Asked: readChangesAsked(c)}
	w, err := seen.Asked.window(f, connectors.At(s.now()))
	if faults, ok := faultsOf(err); ok {
		seen.Faults = faults
	}
	if seen.Changes, err = s.Runs.Changes(ctx, w, changesRead+1); err != nil {
		return seen, err
	}
	if seen.More = len(seen.Changes) > changesRead; seen.More {
		seen.Changes = seen.Changes[:changesRead]
	}
	if seen.Sources, err = s.Runs.Sources(ctx); err != nil {
		return seen, err
	}
	if len(seen.Changes) > 0 {
		return seen, nil
	}
	return seen, s.policyWatch(ctx, &seen)
}

func (s *Server) policyWatch(ctx context.Context, seen *changesSeen) error {
	states, err := s.Runs.PolicyStates(ctx)
	if err != nil {
		return err
	}
	for _, st := range states {
		if st.Exists {
			seen.Watched++
		}
		seen.LastChange = max(seen.LastChange, st.At)
	}
	return nil
}

func (s *Server) changesList(c *fiber.Ctx) error {
	if object := c.Query("object"); object != "" {
		return s.redirect(c, objectHref(object, c.Query("event")))
	}
	frame := s.page(c, "Changes", "changes")
	seen, err := s.changesSeen(c, frame.Format())
	if err != nil {
		return err
	}
	p := newChangesPage(frame, seen)
	if p.current != nil {
		if p.Change, err = s.changeView(c, frame, p.current, seen.Asked.View); err != nil {
			return err
		}
		p.Change.Toggle = viewToggle(seen.Asked.View, func(view string) string {
			a := seen.Asked
			a.View, a.Change = view, changeID(p.current)
			return a.href("") + "#change"
		})
	}
	status := fiber.StatusOK
	if len(p.Errors) > 0 {
		status = fiber.StatusUnprocessableEntity
	}
	return s.renderStatus(c, status, "changes_list", p)
}

// changesExport sends the list as a file. That it was taken is in the trail
// before it leaves.
func (s *Server) changesExport(c *fiber.Ctx) error {
	frame := s.bare(c, "")
	zone := frame.Format()
	seen, err := s.changesSeen(c, zone)
	if err != nil {
		return err
	}
	if len(seen.Faults) > 0 {
		return fault.New(fault.Invalid, "The period could not be read: %s", strings.Join(faultTexts(seen.Faults), " "))
	}
	if seen.More {
		return fault.New(fault.Invalid, "This period has more than %s changes. Choose a shorter one and export it in parts.", countWord(changesRead))
	}
	filters := changeFilters()
	changes := []policy.Change{}
	for _, x := range told(seen.Changes) {
		if seen.Asked.holds(x, filters, -1) {
			changes = append(changes, *x.Change)
		}
	}
	kind := strings.TrimPrefix(c.Path(), "/changes/export.")
	w, _ := seen.Asked.window(zone, connectors.At(s.now()))
	e := trail.Entry{Action: "changes.exported", ObjectKind: "changes", ObjectID: kind, Detail: map[string]string{"from": w.From.String(), "to": w.To.String(), "changes": strconv.Itoa(len(changes))}}
	if err := s.Trail.Append(c.UserContext(), s.actor(c), e); err != nil {
		return fmt.Errorf("record the export of changes: %w", err)
	}
	if kind == "csv" {
		table, err := csv.Changes(changes)
		if err != nil {
			return fmt.Errorf("write changes: %w", err)
		}
		return sendFile(c, "text/csv; charset=utf-8", "policy-changes.csv", table)
	}
	body, err := json.MarshalIndent(newChangesFile(w, changes), "", "  ")
	if err != nil {
		return fmt.Errorf("write changes: %w", err)
	}
	return sendFile(c, fiber.MIMEApplicationJSONCharsetUTF8, "policy-changes.json", append(body, '\n'))
}

// changesFile is the exported list; its fields are those of `logreeve changes`.
type changesFile struct {
	Period  connectors.Window `json:"period"`
	Summary struct {
		Created  int `json:"numCreatedPolicies"`
		Modified int `json:"numModifiedPolicies"`
		Deleted  int `json:"numDeletedPolicies"`
		Implied  int `json:"implied"`
		Unknown  int `json:"content_unknown"`
	} `json:"summary"`
	Changes []policy.Change `json:"changes"`
}

func newChangesFile(w connectors.Window, changes []policy.Change) changesFile {
	out := changesFile{Period: w, Changes: changes}
	for i := range changes {
		switch doesOf(&changes[i]) {
		case "implied":
			out.Summary.Implied++
		case "created":
			out.Summary.Created++
		case "modified":
			out.Summary.Modified++
		case "deleted":
			out.Summary.Deleted++
		}
		if !changes[i].ContentKnown {
			out.Summary.Unknown++
		}
	}
	return out
}

func faultTexts(f Faults) []string {
	var texts []string
	for _, e := range f.List() {
		texts = append(texts, e.Text)
	}
	return texts
}
