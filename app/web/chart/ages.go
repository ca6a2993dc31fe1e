package chart

// Share is how many of a band have a severity: "critical", "high", "medium",
// "low" or "info".
type Share struct {
	Severity string
	Count    int64
}

// Band is one row of ages, such as "8–30 d".
type Band struct {
	Label  string
	Shares []Share
}

// Ages is findings by age: stacked bars, one a band, on one scale.
type Ages struct {
	ID, Title, Desc string
	Height          float64 // px of one bar
	Bands           []AgeBand
	Figures         Figures
}

// AgeBand is one bar and what it says.
type AgeBand struct {
	Label, Total, Text string
	Pieces             []Piece
}

// Piece is one severity within a bar. Shown says that its words fit.
type Piece struct {
	X, Width float64 // percent
	Severity string
	Text     string // "2 medium"
	Short    string // "2 med"
	Shown    bool
}

// NewAges lays out bands on the scale of the longest one, or of four findings
// if all are shorter, so that one finding never looks like a wall.
func NewAges(id, title string, bands []Band) Ages {
	a := Ages{ID: id, Title: title, Height: 20, Figures: Figures{Head: []string{"Age", "Critical", "High", "Medium", "Low", "Info"}}}
	var all, whole int64 = 0, 4
	for _, b := range bands {
		n := total(b)
		all += n
		whole = max(whole, n)
	}
	for _, b := range bands {
		band := AgeBand{Label: b.Label, Total: Count(total(b))}
		row := []string{b.Label, "0", "0", "0", "0", "0"}
		var before int64
		for _, s := range b.Shares {
			if s.Count <= 0 {
				continue
			}
			p := Piece{
				X: percent(float64(before), float64(whole)), Width: percent(float64(s.Count), float64(whole)),
				Severity: s.Severity, Text: Count(s.Count) + " " + s.Severity, Short: Count(s.Count) + " " + short(s.Severity),
			}
			p.Shown = p.Width >= 18
			before += s.Count
			band.Pieces = append(band.Pieces, p)
			if band.Text != "" {
				band.Text += ", "
			}
			band.Text += p.Text
			if i := column(s.Severity); i > 0 {
				row[i] = Count(s.Count)
			}
		}
		if band.Text == "" {
			band.Text = "none"
		}
		a.Bands = append(a.Bands, band)
		a.Figures.Rows = append(a.Figures.Rows, row)
	}
	a.Desc = Count(all) + " open."
	return a
}

func total(b Band) (n int64) {
	for _, s := range b.Shares {
		n += max(s.Count, 0)
	}
	return n
}

func short(severity string) string {
	switch severity {
	case "critical":
		return "crit"
	case "medium":
		return "med"
	}
	return severity
}

func column(severity string) int {
	for i, s := range []string{"critical", "high", "medium", "low", "info"} {
		if s == severity {
			return i + 1
		}
	}
	return 0
}
