package part

// Day is one day of a timeline: {{template "timeline" .}} takes a slice.
type Day struct {
	Title   string // "Friday 20 November"
	Entries []Entry
}

// Entry is one thing that happened. Op is "created", "updated", "deleted",
// "implied", or "" for anything that is not a change of an object.
type Entry struct {
	At, Time, UTC string // "09:10:41", RFC 3339, and said on hover
	Op            string
	Name, Kind    string
	Text, Warning string // "updated by deployer", "no ticket"
	Severity      string
	Href          string
	Current       bool
}

// Line is one line of a difference. Op is "same", "add", "del" or "skip" for
// lines left out, whose Spans then say how many. Old and New are line numbers
// from 1, 0 where the line does not exist.
type Line struct {
	Old, New int
	Op       string
	Spans    []Span
}

// Span is a run of text within a line; Mark says that it is what changed.
type Span struct {
	Text string
	Mark bool
}

// Diff is what was and what is: {{template "diff" .}} draws one column,
// {{template "diff-sides" .}} two.
type Diff struct {
	Caption       string
	Before, After string // heads of the two columns
	Lines         []Line
}

// Pairing is one row of a side-by-side difference; a side is nil where the line
// does not exist there.
type Pairing struct {
	Left, Right *Line
	Skip        string // lines left out
}

// Sides pairs the lines for two columns: lines taken out stand beside lines put
// in, in order, and what is left over stands alone.
func (d Diff) Sides() []Pairing {
	var rows []Pairing
	for i := 0; i < len(d.Lines); {
		switch d.Lines[i].Op {
		case "del", "add":
			var out, in []*Line
			for ; i < len(d.Lines) && (d.Lines[i].Op == "del" || d.Lines[i].Op == "add"); i++ {
				if d.Lines[i].Op == "del" {
					out = append(out, &d.Lines[i])
				} else {
					in = append(in, &d.Lines[i])
				}
			}
			for k := range max(len(out), len(in)) {
				var row Pairing
				if k < len(out) {
					row.Left = out[k]
				}
				if k < len(in) {
					row.Right = in[k]
				}
				rows = append(rows, row)
			}
		case "skip":
			words := ""
			for _, s := range d.Lines[i].Spans {
				words += s.Text
			}
			rows = append(rows, Pairing{Skip: words})
			i++
		default:
			rows = append(rows, Pairing{Left: &d.Lines[i], Right: &d.Lines[i]})
			i++
		}
	}
	return rows
}

// Change is one policy change in words and line by line: {{template "change" .}},
// within a card. Its difference is drawn in two columns, or in one if Unified.
type Change struct {
	Title, Kind string
	Version     string // "version 4 of 4", "" when it cannot be said
	From, To    *Link  // the versions it leads from and to
	History     string // where all versions of the object are
	Now, Before string
	Verdicts    []Badge
	Chips       []Chip
	Notices     []Notice
	Toggle      Tabs
	Unified     bool
	Diff        *Diff
	Same        string // what stands instead of a difference
	Pairs       []Pair
	Items       []Link // where its raw record is and where it was decided
	NoItem      string // why there is none
}
