// Package part owns the shapes that the partials of templates/partials take:
// one small struct a partial, of words and links only, so that a page says what
// to show and a partial how. It decides nothing: what is true comes from the
// services, how it looks from static/css.
//
// Each type names its partial. Strings are plain text unless said otherwise;
// templates escape them. Hrefs are paths within the product.
package part

import "logreeve/app/web/chart"

// Badge is an outcome with its own words: {{template "badge" .}}. Outcome is one
// of pass, fail, needs_review, inconclusive, not_applicable, error; the words
// default to the outcome's own.
type Badge struct {
	Outcome string
	Text    string
	Href    string
}

// Chip is a small remark: {{template "chip" .}}. Kind is "", "bad", "warn",
// "good", "dim" or "mono".
type Chip struct {
	Text, Kind, Icon, Href string
}

// Link is words that lead somewhere.
type Link struct{ Text, Href string }

// Action is a button: {{template "action" .}}. With Post it is a form with one
// button; Href is then where it posts to. Kind is "primary", "quiet", "danger"
// or "". A view has at most one primary. Why, if set, says why the action is
// not possible now, and the button is disabled.
type Action struct {
	Text, Href, Kind, Icon, Key string
	Post                        bool
	CSRF                        string
	Hidden                      []Hidden
	Why                         string
}

// Hidden is a value a form carries.
type Hidden struct{ Name, Value string }

// Head opens a page: {{template "head" .}}: breadcrumb, title with its badge,
// one plain sentence, facts on one line, actions.
type Head struct {
	Crumbs  []Link // the last one without Href is the page itself
	Title   string
	Badge   *Badge
	Chips   []Chip
	Lede    string
	Facts   []Fact
	Actions []Action
	Confirm *Confirm // a second-step action after the others
	Near    bool     // less room below, for dense pages
}

// Fact is one remark under a title. Kind is "", "bad", "warn" or "good".
type Fact struct{ Text, Kind string }

// Absence says which of four kinds of empty a list is.
type Absence string

// The four absences: each has its own sentence and next step.
const (
	Nothing   Absence = "nothing"   // nothing yet
	NoMatch   Absence = "nomatch"   // nothing matches what was asked for
	Forbidden Absence = "forbidden" // the reader may not see it
	Down      Absence = "down"      // where it comes from could not be read
)

// Empty stands where a list would: {{template "empty" .}}. Detail is for the
// operator and is folded.
type Empty struct {
	Kind    Absence
	Title   string // what is true
	Text    string // what it means and what to do next
	Actions []Action
	Detail  string
}

// Notice is a remark that matters to the whole page: {{template "notice" .}}.
// Kind is "warn", "down", "error" or "info".
type Notice struct {
	Kind, Title, Text, Detail string
	Actions                   []Action
}

// Figure is a number and what it counts: {{template "figures" .}} takes a slice,
// {{template "figures-plain" .}} the same without cards. Kind is "", "bad" or
// "warn".
type Figure struct {
	Value, Label, Note, Kind, Href string
}

// Pair is a key and its value: {{template "pairs" .}} takes a slice,
// "pairs-wide" gives keys more room.
type Pair struct {
	Key, Text, Sub, Href string
	Mono, Strong         bool
	Chips                []Chip
	Badge                *Badge
	Time                 string // RFC 3339; Text then says it to people
	UTC                  string // said on hover and printed
}

// Progress is how much of something is done: {{template "progress" .}}. Text
// defaults to "41 of 47 decided" when Verb is "decided".
type Progress struct {
	ID         string
	Done, Of   int
	Verb, Text string
	Slim, Fill bool
	Label      string // what it is the progress of
}

// Said gives the words beside the bar.
func (p Progress) Said() string {
	if p.Text != "" {
		return p.Text
	}
	said := chart.Count(int64(p.Done)) + " of " + chart.Count(int64(p.Of))
	if p.Verb != "" {
		said += " " + p.Verb
	}
	return said
}

// Max gives the whole of the bar, at least 1, as an empty bar has no max of 0.
func (p Progress) Max() int { return max(p.Of, 1) }

// Tab is one view of a page: {{template "tabs" .}} takes Tabs.
type Tab struct {
	Text, Href, Count string
	Current           bool
}

// Tabs are views of one thing.
type Tabs struct {
	Label string
	Tabs  []Tab
}

// Need is something that waits for the reader: {{template "needs" .}} takes a
// slice.
type Need struct {
	Name, Href, Text, Note string
	Chip                   *Chip
	Progress               *Progress
	Action                 *Action
}

// Confirm is a final act with a second step: {{template "confirm" .}}. The first
// button only opens a panel that says exactly what happens. Final marks what
// cannot be taken back.
type Confirm struct {
	Open   string // words of the first button, ending in …
	Icon   string
	Kind   string // of the first button: "", "quiet", "primary"
	Title  string
	Text   string // what happens
	Href   string // where it posts to
	CSRF   string
	Hidden []Hidden
	Fields []Field
	Do     string // words of the second button: what it does
	Final  bool
	Expand bool // shown open: after an error in its fields
}
