package chart

// Point is one value of a course over time.
type Point struct {
	Label string // "13 Nov"
	Value int64
	Hot   bool // drawn in the second colour, with its value written above
	// Missing says that the value is not known: drawn as a dashed column.
	Missing bool
}

// Bars is a column chart of one series.
type Bars struct {
	ID, Title, Desc string
	Height, Base    float64 // of the drawing, and where zero lies, px from its top
	Top, Middle     Tick    // labels of the axis; At is px from the top
	Columns         []Column
	Labels          []Tick // along the foot; At in percent
	LabelY          float64
	Figures         Figures
}

// Column is one bar.
type Column struct {
	X, Width, Centre  float64 // percent
	Y, Height, LabelY float64 // px
	Hot, Missing      bool
	Value, Tip        string
}

// NewBars lays out points, oldest first, 116 px high. The unit, "reads", is
// said in the description and at the head of the table. The id must be unique
// on the page.
func NewBars(id, title, unit string, points []Point) Bars {
	const head, base, foot = 16, 96, 116
	b := Bars{ID: id, Title: title, Height: foot, Base: base, LabelY: foot - 4, Figures: Figures{Head: []string{"When", unit}}}
	var highest int64
	when, missing := "", 0
	for _, p := range points {
		if p.Missing {
			missing++
		} else if p.Value > highest {
			highest, when = p.Value, p.Label
		}
	}
	top := ceiling(highest)
	b.Top = Tick{At: head, Text: Count(top)}
	if top >= 10 && top%2 == 0 {
		b.Middle = Tick{At: (head + base) / 2, Text: Count(top / 2)}
	}
	n := float64(len(points))
	labels := make([]string, 0, len(points))
	for i, p := range points {
		h := pixels(float64(p.Value) / float64(top) * (base - head))
		if p.Value > 0 {
			h = max(h, 1)
		}
		c := Column{
			X: percent(float64(i)+0.17, n), Width: percent(0.66, n), Centre: percent(float64(i)+0.5, n),
			Y: pixels(base - h), Height: h, LabelY: pixels(base - h - 4), Hot: p.Hot,
			Value: Count(p.Value), Tip: p.Label + ": " + Count(p.Value) + " " + unit,
		}
		if p.Missing {
			c.Missing, c.Hot, c.Y, c.Height = true, false, head, base-head
			c.Value, c.Tip = "not known", p.Label+": not known"
		}
		b.Columns = append(b.Columns, c)
		b.Figures.Rows = append(b.Figures.Rows, []string{p.Label, c.Value})
		labels = append(labels, p.Label)
	}
	b.Labels = edge(labels, func(i int) float64 { return b.Columns[i].Centre })
	switch {
	case len(points) == missing:
		b.Desc = "No values are known."
	case highest == 0:
		b.Desc = "All values are zero."
	default:
		b.Desc = "Highest: " + Count(highest) + " " + unit + ", " + when + "."
	}
	if missing > 0 && missing < len(points) {
		b.Desc += " " + Count(int64(missing)) + " of " + Count(int64(len(points))) + " are not known."
	}
	return b
}
