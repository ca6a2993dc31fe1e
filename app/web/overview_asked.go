package web

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"logreeve/app/fault"
	"logreeve/app/web/part"
	"logreeve/connectors"
)

// overviewAsked is what an overview is asked for.
type overviewAsked struct {
	base                    string // the page without a query
	Period                  string // "", "30", "today"; From and To instead
	From, To                string // YYYY-MM-DD, both days included
	Users, Resources, Verbs []string
}

const (
	chosenMost    = 50  // values of one selector
	chosenLongest = 256 // bytes of one value
)

// readOverviewAsked reads a query. A selector may stand several times, and hold
// several values, one a line, as the form writes them.
func readOverviewAsked(query, base string) (overviewAsked, error) {
	q, err := url.ParseQuery(query)
	if err != nil {
		return overviewAsked{}, fault.New(fault.Invalid, "The address of this page was not copied whole.")
	}
	a := overviewAsked{base: base, Period: q.Get("period"), From: strings.TrimSpace(q.Get("from")), To: strings.TrimSpace(q.Get("to"))}
	for name, to := range map[string]*[]string{"user": &a.Users, "resource": &a.Resources, "verb": &a.Verbs} {
		for _, text := range q[name] {
			for line := range strings.Lines(text) {
				if v := strings.TrimSpace(line); v != "" && len(v) <= chosenLongest && len(*to) < chosenMost && !slices.Contains(*to, v) {
					*to = append(*to, v)
				}
			}
		}
	}
	return a, nil
}

// href is the page so asked.
func (a overviewAsked) href() string {
	q := url.Values{}
	for key, value := range map[string]string{"period": a.Period, "from": a.From, "to": a.To} {
		if value != "" {
			q.Set(key, value)
		}
	}
	for key, values := range map[string][]string{"user": a.Users, "resource": a.Resources, "verb": a.Verbs} {
		if len(values) > 0 {
			q[key] = values
		}
	}
	if len(q) == 0 {
		return a.base
	}
	return a.base + "?" + q.Encode()
}

// window is the period asked for, in days of the organisation. Without one it is
// the last seven whole days: they are over, and days before compare with them.
func (a overviewAsked) window(f Format, now connectors.Instant) (connectors.Window, error) {
	n := f.in(now)
	today := time.Date(n.Year(), n.Month(), n.Day(), 0, 0, 0, 0, n.Location())
	days := func(from, to int) connectors.Window {
		return connectors.Window{From: connectors.At(today.AddDate(0, 0, from)), To: connectors.At(today.AddDate(0, 0, to))}
	}
	if a.From+a.To == "" {
		switch a.Period {
		case "30":
			return days(-30, 0), nil
		case "today":
			return days(0, 1), nil
		}
		return days(-7, 0), nil
	}
	var w connectors.Window
	var faults []error
	for _, d := range []struct {
		field, text string
		more        int
		at          *connectors.Instant
	}{{"from", a.From, 0, &w.From}, {"to", a.To, 1, &w.To}} {
		t, err := time.ParseInLocation(time.DateOnly, d.text, n.Location())
		switch {
		case d.text == "":
			faults = append(faults, fault.Field(d.field, "Give both days: from when, and until when."))
		case err != nil || t.Year() < 1990 || t.Year() > 2200:
			faults = append(faults, fault.Field(d.field, "“%s” is not a day. Write it as 2026-11-21.", logText(d.text)))
		default:
			*d.at = connectors.At(t.AddDate(0, 0, d.more))
		}
	}
	if len(faults) == 0 && w.From >= w.To {
		faults = append(faults, fault.Field("to", "The period ends before it begins."))
	}
	return w, errors.Join(faults...)
}

// before is as many days before a window, for comparison. Of a window that is not
// over it is the same part.
func (a overviewAsked) before(f Format, now connectors.Instant, w connectors.Window) connectors.Window {
	from, to := f.in(w.From), f.in(w.To)
	days := 0
	for from.AddDate(0, 0, days).Before(to) {
		days++
	}
	b := connectors.Window{From: connectors.At(from.AddDate(0, 0, -days)), To: w.From}
	if w.From < now && now < w.To {
		b.To = connectors.At(f.in(now).AddDate(0, 0, -days))
	}
	return b
}

// periods offers the usual periods.
func (a overviewAsked) periods(f Format, now connectors.Instant) part.Filters {
	given := a.From+a.To != ""
	filter := part.Filter{Label: "Period"}
	for _, p := range []struct{ value, text string }{{"", "Last 7 whole days"}, {"30", "Last 30 whole days"}, {"today", "Today, so far"}} {
		current := !given && (a.Period == p.value)
		if current {
			filter.Value = strings.ToLower(p.text)
		}
		b := a
		b.Period, b.From, b.To = p.value, "", ""
		filter.Options = append(filter.Options, part.FilterOption{Text: p.text, Href: b.href(), Current: current})
	}
	if w, err := a.window(f, now); given && err == nil {
		filter.Value = f.Span(w)
	} else if filter.Value == "" {
		filter.Value = "other days"
	}
	return part.Filters{Filters: []part.Filter{filter}}
}

// dates are the period as two fields.
func (a overviewAsked) dates(f Format, now connectors.Instant, faults Faults) []part.Field {
	from, to := a.From, a.To
	if from+to == "" {
		w, _ := a.window(f, now)
		from, to = f.in(w.From).Format(time.DateOnly), f.in(w.To).AddDate(0, 0, -1).Format(time.DateOnly)
	}
	return []part.Field{
		{ID: "from", Name: "from", Label: "From", Kind: "date", Value: from, Error: faults.For("from"), Required: true},
		{ID: "to", Name: "to", Label: "Until, with that day", Kind: "date", Value: to, Error: faults.For("to"), Required: true},
	}
}

// chosen are the selectors, for a form that keeps them.
func (a overviewAsked) chosen() (out []part.Hidden) {
	for _, s := range a.selectors() {
		for _, v := range *s.values {
			out = append(out, part.Hidden{Name: s.name, Value: v})
		}
	}
	return out
}

// during is the period, for a form that keeps it.
func (a overviewAsked) during() (out []part.Hidden) {
	for _, h := range []part.Hidden{{Name: "period", Value: a.Period}, {Name: "from", Value: a.From}, {Name: "to", Value: a.To}} {
		if h.Value != "" {
			out = append(out, h)
		}
	}
	return out
}

// overviewSelector is one of the selectors of "Audit user".
type overviewSelector struct {
	name, label, any string
	values           *[]string
}

func (a *overviewAsked) selectors() []overviewSelector {
	return []overviewSelector{
		{"user", "User", "any user", &a.Users}, {"resource", "Resource", "any resource", &a.Resources}, {"verb", "Verb", "any verb", &a.Verbs},
	}
}

// with is the page with a selector changed.
func (a overviewAsked) with(i int, values []string) string {
	*a.selectors()[i].values = values
	return a.href()
}

// toggled is the page with a value of a selector added or taken away.
func (a overviewAsked) toggled(i int, value string) string {
	values := slices.Clone(*a.selectors()[i].values)
	if at := slices.Index(values, value); at >= 0 {
		return a.with(i, slices.Delete(values, at, at+1))
	}
	return a.with(i, append(values, value))
}
