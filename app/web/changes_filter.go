package web

import (
	"cmp"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/web/part"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/policy"
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

// export is the same list as a file.
func (a changesAsked) export(kind string) string {
	a.Page, a.Change, a.View = 1, "", ""
	return a.href(kind)
}
