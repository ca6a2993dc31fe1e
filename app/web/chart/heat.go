package chart

// Standing is how an occurrence of a review ended, or stands.
type Standing string

// Standings.
const (
	Signed Standing = "signed"
	Late   Standing = "late"   // signed, after it was due
	Open   Standing = "open"   // due or in work
	Missed Standing = "missed" // not finished by due and grace
	NotDue Standing = "none"   // nothing was or is due
)

// Words says the standing to a reader.
func (s Standing) Words() string {
	switch s {
	case Signed:
		return "signed"
	case Late:
		return "signed late"
	case Open:
		return "open"
	case Missed:
		return "missed"
	}
	return "not due"
}

// HeatRow is one review over the year: as many cells as the chart has columns.
type HeatRow struct {
	Name, Href string
	Cells      []HeatCell
}

// HeatCell is one occurrence. Href opens it; Note is said after the standing,
// such as "2 days late".
type HeatCell struct {
	Standing   Standing
	Href, Note string
}

// Heat is the year of reviews as a table of small cells.
type Heat struct {
	ID, Title, Desc string
	Of              string // what the rows are, above their names; "": not said
	Columns         []string
	Rows            []HeatLine
	Legend          []Standing
}

// HeatLine is a row with its cells said in words.
type HeatLine struct {
	Name, Href string
	Cells      []HeatMark
}

// HeatMark is a cell with its words: "Network policy changes, Oct: open".
type HeatMark struct {
	Standing   Standing
	Href, Text string
}

// NewHeat pairs rows with columns, such as "Dec" … "Nov". A row that is too
// short is filled with "not due". The chart is a table itself, so it has no
// second one.
func NewHeat(id, title string, columns []string, rows []HeatRow) Heat {
	h := Heat{ID: id, Title: title, Columns: columns, Legend: []Standing{Signed, Late, Open, Missed}}
	counts := map[Standing]int64{}
	for _, r := range rows {
		line := HeatLine{Name: r.Name, Href: r.Href}
		for i, column := range columns {
			c := HeatCell{Standing: NotDue}
			if i < len(r.Cells) && r.Cells[i].Standing != "" {
				c = r.Cells[i]
			}
			counts[c.Standing]++
			text := r.Name + ", " + column + ": " + c.Standing.Words()
			if c.Note != "" {
				text += ", " + c.Note
			}
			line.Cells = append(line.Cells, HeatMark{Standing: c.Standing, Href: c.Href, Text: text})
		}
		h.Rows = append(h.Rows, line)
	}
	h.Desc = Count(counts[Signed]) + " signed, " + Count(counts[Late]) + " signed late, " + Count(counts[Open]) + " open, " + Count(counts[Missed]) + " missed."
	return h
}
