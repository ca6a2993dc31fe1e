package part

// Table is a list: {{template "grid" .}}. The caption is read out and printed;
// with Quiet it is not drawn, when a heading above says the same.
type Table struct {
	ID, Caption string
	Quiet       bool
	Tight       bool
	Stacked     bool // on a phone each row becomes lines instead of scrolling
	Columns     []Column
	Rows        []Row
	Empty       *Empty
	Pager       *Pager
}

// Column is a head. Href sorts by it; Sorted is "", "ascending" or "descending".
type Column struct {
	Text, Href, Sorted string
	Number             bool
	Hush               bool // said but not drawn
}

// Row is one thing. The first cell with Name is its head.
type Row struct {
	Cells []Cell
	Now   bool // selected
	Past  bool // done with
}

// Cell is what stands in a place. Kinds may be combined; they are drawn in the
// order severity, badge, text, chips, sub.
type Cell struct {
	Text, Sub, Href string
	Name            bool // names the row
	Number          bool // to the right
	Small, Mono     bool
	Severity        string
	Badge           *Badge
	Chips           []Chip
	Time, UTC       string // RFC 3339, and said on hover
	Progress        *Progress
	Action          *Action
}

// Pager says how complete a page is, "first 500 of 12,431", and leads on.
type Pager struct{ Text, Previous, Next string }

// Rule is a condition and whether it holds: {{template "rules" .}} takes a slice
// (independence), {{template "gates" .}} the same as a table. Result is "holds",
// "broken", "compensated" or "unknown".
type Rule struct{ ID, Text, Result, Detail string }

// Words says the result to a reader.
func (r Rule) Words() string {
	switch r.Result {
	case "holds", "compensated":
		return r.Result
	case "broken":
		return "does not hold"
	}
	return "not evaluated"
}
