package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"logreeve/app/web/chart"
	"logreeve/app/web/part"
	"logreeve/connectors"
)

// overviewAudit is who did what: selectors, counter, breakdown, newest entries.
type overviewAudit struct {
	Lede      string
	Filters   part.Filters
	Typed     []part.Field  // selectors as text, one value a line
	Keep      []part.Hidden // what their form keeps
	Figures   []part.Figure
	Who       *part.Table
	WhoSay    string
	Why       string // the breakdown may fall short
	Breakdown []overviewDecision
	Newest    *part.Table
	NewestSay string
}

func newOverviewAudit(f Format, o *connectors.Overview, a overviewAsked) *overviewAudit {
	audit := o.Audit
	v := &overviewAudit{
		Filters: auditFilters(a, audit, o), Keep: a.during(),
		Figures: []part.Figure{
			tallyFigure(o, audit.Allowed, "Allow", "decided by the authoriser"),
			tallyFigure(o, audit.Forbidden, "Forbid", "decided by the authoriser"),
			tallyFigure(o, audit.Undecided, "No decision", "not authenticated, or an early stage"),
		},
		Why: lackWords(o, audit.Unbroken),
	}
	v.Lede = tallySentence(audit.Records, "record", "records") + " in the period."
	if len(a.chosen()) > 0 {
		v.Lede = tallySentence(audit.Records, "record", "records") + " of " + tallyWords(o.Records) + " selected."
	}
	for _, s := range a.selectors() {
		v.Typed = append(v.Typed, part.Field{ID: "typed-" + s.name, Name: s.name, Label: s.label, Kind: "textarea", Rows: 3, Mono: true, Value: strings.Join(*s.values, "\n"), Optional: true, MaxLength: 4000, Autocomplete: "off"})
	}
	v.who(a, o)
	v.Breakdown = breakdown(a, audit)
	v.newest(f, o)
	return v
}

// auditFilters are the selectors with the most frequent values. A value that is
// chosen stands first and is lifted by choosing it again.
func auditFilters(a overviewAsked, audit *connectors.Audit, o *connectors.Overview) part.Filters {
	var out part.Filters
	for i, s := range a.selectors() {
		offered := []connectors.Choices{audit.Users, audit.Resources, audit.Verbs}[i]
		filter := part.Filter{Label: s.label, Options: []part.FilterOption{{Text: s.any, Href: a.with(i, nil) + "#audit", Current: len(*s.values) == 0}}}
		counts := map[string]string{}
		for _, p := range offered.Values {
			counts[p.Value] = tallyWords(connectors.Tally{Count: p.Count, Lack: offered.Lack})
		}
		add := func(value string) {
			filter.Options = append(filter.Options, part.FilterOption{Text: logText(value), Href: a.toggled(i, value) + "#audit", Count: counts[value], Current: slices.Contains(*s.values, value)})
		}
		for _, v := range *s.values {
			add(v)
		}
		for _, p := range offered.Values {
			if !slices.Contains(*s.values, p.Value) {
				add(p.Value)
			}
		}
		switch n := len(*s.values); {
		case n == 1:
			filter.Value = logText((*s.values)[0])
		case n > 1:
			filter.Value = chart.Count(int64(n)) + " chosen"
		}
		rest := ""
		switch {
		case offered.OtherValues > 0:
			rest = plural(offered.OtherValues, "more value", "more values") + " in " + plural(offered.Others, "record", "records") + ": write them below"
		case offered.Lack != "" && len(offered.Values) == 0:
			rest = upper(lackWords(o, offered.Lack))
		}
		if rest != "" {
			filter.Options = append(filter.Options, part.FilterOption{Text: rest, Href: "#typed"})
		}
		out.Filters = append(out.Filters, filter)
	}
	if len(a.chosen()) > 0 {
		b := a
		b.Users, b.Resources, b.Verbs = nil, nil, nil
		out.Clear = b.href() + "#audit"
	}
	return out
}

// whoShown is how many users are shown with their share.
const whoShown = 8

// who lists the users with the most records, under the other selectors.
func (v *overviewAudit) who(a overviewAsked, o *connectors.Overview) {
	users := o.Audit.Users
	if len(users.Values) == 0 {
		return
	}
	v.Who = &part.Table{ID: "who", Caption: "Users with the most records", Quiet: true, Tight: true, Stacked: true, Columns: []part.Column{{Text: "User"}, {Text: least(users.Lack, "Records"), Number: true}, {Text: "Share", Hush: true}}}
	rest, more := users.Others, users.OtherValues
	whole := rest
	for _, u := range users.Values {
		whole += u.Count
	}
	for i, u := range users.Values {
		if i >= whoShown {
			rest, more = rest+u.Count, more+1
			continue
		}
		name := portionWord(u, "")
		v.Who.Rows = append(v.Who.Rows, part.Row{Now: slices.Contains(a.Users, u.Value), Cells: []part.Cell{{Text: name, Href: a.toggled(0, u.Value) + "#audit", Name: true}, {Text: chart.Count(u.Count), Number: true},
			{Progress: &part.Progress{ID: "who-" + strconv.Itoa(i), Done: int(u.Count), Of: int(whole), Slim: true, Label: "Records of " + name}}}})
	}
	v.WhoSay = "all that have records"
	if more > 0 {
		v.WhoSay = plural(more, "other has ", "others have ") + plural(rest, "record", "records")
	}
	if users.Lack != "" {
		v.WhoSay += "; " + lackWords(o, users.Lack)
	}
}

// portionWord names a group; none says what it is to have no value.
func portionWord(p connectors.Portion, none string) string {
	switch {
	case p.Blind:
		return "not known"
	case p.None:
		return none
	case p.Value == "":
		return "“”"
	}
	return logText(p.Value)
}

// overviewDecision is the records of one decision by resource and verb.
type overviewDecision struct {
	Title string
	Table part.Table
}

// breakdown gives a table for each decision, refusals first.
func breakdown(a overviewAsked, audit *connectors.Audit) []overviewDecision {
	rank := func(p connectors.Portion) int { return slices.Index([]string{"allow", "", "forbid"}, p.Value) }
	decisions := slices.Clone(audit.Decisions)
	slices.SortStableFunc(decisions, func(x, y connectors.Portion) int { return rank(y) - rank(x) })
	var out []overviewDecision
	for i, d := range decisions {
		title := map[string]string{"forbid": "Forbid", "allow": "Allow", "": "No decision"}[d.Value]
		switch {
		case d.Blind && len(d.Below) == 0:
			title = "Not broken down"
		case d.Blind:
			title = "Decision not known"
		case title == "":
			title = logText(d.Value)
		}
		v := overviewDecision{Title: title + ": " + strings.ToLower(tallySentence(connectors.Tally{Count: d.Count, Lack: audit.Unbroken}, "record", "records")), Table: part.Table{
			ID: "done-" + strconv.Itoa(i), Caption: title + ", by resource, verb and namespace", Quiet: true, Tight: true, Stacked: true,
			Columns: []part.Column{{Text: "Resource"}, {Text: "Verb"}, {Text: least(audit.Unbroken, "Records"), Number: true}, {Text: least(audit.Unbroken, "Namespaces")}},
		}}
		for _, r := range d.Below {
			v.Table.Rows = append(v.Table.Rows, resourceRows(a, r)...)
		}
		if d.Others > 0 {
			v.Table.Rows = append(v.Table.Rows, part.Row{Past: true, Cells: []part.Cell{{Text: plural(d.OtherValues, "other resource", "other resources")}, {}, {Text: chart.Count(d.Others), Number: true}, {}}})
		}
		out = append(out, v)
	}
	return out
}

// resourceRows is a row for each verb on a resource. The first says how many
// records the resource has in all.
func resourceRows(a overviewAsked, r connectors.Portion) (rows []part.Row) {
	resource := part.Cell{Text: portionWord(r, "no resource"), Name: true}
	if !r.Blind && !r.None {
		a.Resources = []string{r.Value}
		resource.Href = a.href() + "#audit"
	}
	row := func(verb string, records int64, namespaces string) part.Row {
		cells := []part.Cell{resource, {Text: verb}, {Text: chart.Count(records), Number: true}, {Text: namespaces, Small: true}}
		if len(rows) == 0 && (len(r.Below) > 1 || r.Others > 0) {
			cells[0].Sub = plural(r.Count, "record", "records") + " in all"
		}
		return part.Row{Cells: cells}
	}
	for _, v := range r.Below {
		rows = append(rows, row(portionWord(v, "no verb"), v.Count, namespaceWords(v)))
	}
	if r.Others > 0 {
		rows = append(rows, row(plural(r.OtherValues, "other verb", "other verbs"), r.Others, ""))
	}
	return rows
}

// namespaceWords are the namespaces below a verb, with their records.
func namespaceWords(v connectors.Portion) string {
	var words []string
	for _, n := range v.Below {
		word := portionWord(n, "none")
		if len(v.Below) > 1 || v.Others > 0 {
			word += " " + chart.Count(n.Count)
		}
		words = append(words, word)
	}
	if v.Others > 0 {
		words = append(words, plural(v.OtherValues, "other", "others")+" "+chart.Count(v.Others))
	}
	return strings.Join(words, " · ")
}

// newest lists the newest records.
func (v *overviewAudit) newest(f Format, o *connectors.Overview) {
	entries := o.Audit.Newest
	v.NewestSay = "newest first, " + chart.Count(int64(len(entries))) + " of " + tallyValue(o.Audit.Records)
	if o.Audit.Unread != "" {
		v.NewestSay += "; " + lackWords(o, o.Audit.Unread)
	}
	if len(entries) == 0 {
		return
	}
	v.Newest = &part.Table{ID: "newest", Caption: "Newest records", Quiet: true, Tight: true, Stacked: true,
		Columns: []part.Column{{Text: "Time"}, {Text: "Decision"}, {Text: "User"}, {Text: "Resource"}, {Text: "Verb"}, {Text: "Namespace"}, {Text: "Status", Number: true}}}
	for _, e := range entries {
		at := part.Cell{Text: f.write(e.Time, "2 Jan 15:04:05"), Time: e.Time.String(), UTC: f.UTC(e.Time)}
		decision := part.Cell{Text: logText(e.Decision)}
		switch e.Decision {
		case "forbid":
			decision = part.Cell{Chips: []part.Chip{{Text: "forbid", Kind: "bad", Icon: "cross"}}}
		case "":
			decision = part.Cell{Text: "none"}
		}
		user := part.Cell{Text: or(logText(e.User), "not recorded")}
		if e.Impersonated != "" {
			user.Sub = "as " + logText(e.Impersonated)
		}
		resource := part.Cell{Text: logText(e.Resource), Sub: logText(e.Name)}
		switch {
		case e.Resource == "":
			resource = part.Cell{Sub: logText(e.URI)}
		case e.Subresource != "":
			resource.Text += "/" + logText(e.Subresource)
		}
		t := part.Row{Cells: []part.Cell{at, decision, user, resource, {Text: logText(e.Verb)}, {Text: logText(e.Namespace)}, {Text: logText(e.Code), Number: true}}}
		v.Newest.Rows = append(v.Newest.Rows, t)
	}
}

// stepWords says how wide the steps of a course are.
func stepWords(c connectors.Course) string {
	n, unit := int(c.Step/time.Minute), "minute"
	switch {
	case c.Step >= 24*time.Hour:
		n, unit = int(c.Step/(24*time.Hour)), "day"
	case c.Step >= time.Hour:
		n, unit = int(c.Step/time.Hour), "hour"
	}
	if n == 1 {
		return "by " + unit
	}
	return "in steps of " + plural(n, unit, unit+"s")
}

// coursePoints are the steps of a course. One that lies before the store begins,
// or is not over, is not known.
func coursePoints(f Format, now connectors.Instant, o *connectors.Overview) []chart.Point {
	layout := "2 Jan 15:04"
	if o.Course.Step >= 24*time.Hour {
		layout = "2 Jan"
	}
	points := make([]chart.Point, len(o.Course.Counts))
	for i, n := range o.Course.Counts {
		from := o.Window.From.Add(time.Duration(i) * o.Course.Step)
		points[i] = chart.Point{Label: f.write(from, layout), Value: n}
		if n == 0 && (from >= now || from.Add(o.Course.Step) <= o.Oldest || o.Oldest == 0) {
			points[i].Missing = true
		}
	}
	return points
}
