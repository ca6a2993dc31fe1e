package chart

// Series is one line: as many values as the chart has labels. A negative value
// is one that is not known; the line is broken there.
type Series struct {
	Name   string
	Values []int64
}

// Lines is a line chart of up to four series, each named at its end.
type Lines struct {
	ID, Title, Desc string
	Height, Base    float64
	Top, Middle     Tick
	Courses         []Course
	Labels          []Tick
	LabelY          float64
	Figures         Figures
}

// Course is one drawn series. Rank, from 1, picks its stroke: colour and dashes.
type Course struct {
	Rank       int
	Name, Last string
	Segments   []Segment
	EndX, EndY float64
	Ended      bool // the last value is known
}

// Segment is a straight piece: X in percent, Y in px.
type Segment struct{ X1, Y1, X2, Y2 float64 }

// MaxSeries is how many lines a chart shows; more cannot be told apart.
const MaxSeries = 4

// NewLines lays out series over the same labels, 136 px high. Series beyond
// MaxSeries are left to the table.
func NewLines(id, title, unit string, labels []string, series []Series) Lines {
	const head, base, foot = 12, 112, 136
	l := Lines{ID: id, Title: title, Height: foot, Base: base, LabelY: foot - 6, Figures: Figures{Head: []string{"When"}}}
	var highest int64
	for _, s := range series {
		for _, v := range s.Values {
			highest = max(highest, v)
		}
	}
	top := ceiling(highest)
	l.Top = Tick{At: head, Text: Count(top)}
	if top >= 10 && top%2 == 0 {
		l.Middle = Tick{At: (head + base) / 2, Text: Count(top / 2)}
	}
	last := float64(max(len(labels)-1, 1))
	x := func(i int) float64 { return percent(float64(i), last) }
	y := func(v int64) float64 { return pixels(base - float64(v)/float64(top)*(base-head)) }
	for rank, s := range series {
		l.Figures.Head = append(l.Figures.Head, s.Name)
		if rank >= MaxSeries {
			continue
		}
		c := Course{Rank: rank + 1, Name: s.Name}
		for i, v := range s.Values {
			if i > 0 && v >= 0 && s.Values[i-1] >= 0 {
				c.Segments = append(c.Segments, Segment{x(i - 1), y(s.Values[i-1]), x(i), y(v)})
			}
			c.Ended = v >= 0
			if c.Ended {
				c.Last, c.EndX, c.EndY = Count(v), x(i), y(v)
			}
		}
		l.Courses = append(l.Courses, c)
	}
	for i, label := range labels {
		row := []string{label}
		for _, s := range series {
			figure := "not known"
			if i < len(s.Values) && s.Values[i] >= 0 {
				figure = Count(s.Values[i])
			}
			row = append(row, figure)
		}
		l.Figures.Rows = append(l.Figures.Rows, row)
	}
	l.Labels = edge(labels, x)
	l.Desc = Count(int64(len(series))) + " series of " + Count(int64(len(labels))) + " values, highest " + Count(highest) + " " + unit + "."
	return l
}
