package chart

// Hearing is what a source did on a day.
type Hearing string

// Hearings. Only the day's own count decides the height; what is missing is
// drawn as missing, never as a low bar.
const (
	Heard   Hearing = "heard"   // events came, nothing is known to be missing
	Gap     Hearing = "gap"     // events came, with a hole longer than allowed
	Silent  Hearing = "silent"  // nothing came although something should have
	Unasked Hearing = "unasked" // not known: before the source was connected, or retained no longer
)

// Day is one day of a source.
type Day struct {
	Label   string // "19 Nov"
	Count   int64  // events
	Hearing Hearing
}

// Strip is a row of small columns, one a day, for a list of sources.
type Strip struct {
	ID, Title, Desc string
	Width, Height   float64 // pixels
	Days            []StripDay
	Figures         Figures
}

// StripDay is one column.
type StripDay struct {
	X, Y, Width, Height float64
	Hearing             Hearing
	Tip                 string // "19 Nov: 48,210 events"
}

// NewStrip lays out days, oldest first, as columns 6 px apart and 18 px high.
// The id must be unique on the page.
func NewStrip(id, title string, days []Day) Strip {
	const step, width, height = 6, 4, 18
	s := Strip{
		ID: id, Title: title, Width: float64(max(len(days)*step-(step-width), 0)), Height: height,
		Figures: Figures{Head: []string{"Day", "Events", "State"}},
	}
	var highest int64 = 1
	for _, d := range days {
		highest = max(highest, d.Count)
	}
	var gaps, silent int
	for i, d := range days {
		h := pixels(float64(d.Count) / float64(highest) * height)
		text := Count(d.Count) + " events"
		switch d.Hearing {
		case Silent:
			h, silent, text = height, silent+1, "silent"
		case Unasked:
			h, text = 2, "not known"
		case Gap:
			h, gaps, text = max(h, 3), gaps+1, text+", with a gap"
		default:
			if d.Count > 0 {
				h = max(h, 1)
			}
		}
		s.Days = append(s.Days, StripDay{X: float64(i * step), Y: pixels(height - h), Width: width, Height: h, Hearing: d.Hearing, Tip: d.Label + ": " + text})
		figure := Count(d.Count)
		if d.Hearing == Unasked {
			figure = "not known"
		}
		s.Figures.Rows = append(s.Figures.Rows, []string{d.Label, figure, string(d.Hearing)})
	}
	s.Desc = Count(int64(len(days))) + " days, most events on one day " + Count(highestOf(days)) + ", " + Count(int64(gaps)) + " with a gap, " + Count(int64(silent)) + " silent."
	return s
}

func highestOf(days []Day) int64 {
	var highest int64
	for _, d := range days {
		highest = max(highest, d.Count)
	}
	return highest
}
