package pdf

import (
	"github.com/jung-kurt/gofpdf"

	"logreeve/reports"
)

// mark is a shape that stands for a state, beside its word: it is read without
// colour.
type mark struct {
	shape  shape
	colour colour
}

type shape int

const (
	disc     shape = iota // ●
	diamond               // ◆
	triangle              // ▲
	ring                  // ○
	dash                  // –
	cross                 // ×
)

const markWidth = 4.4 // mm from the beginning of a mark to the text after it

// outcomeMark gives the shape, and outcomeWord the word, of an outcome.
func outcomeMark(o reports.Outcome) *mark {
	switch o {
	case reports.Pass:
		return &mark{disc, green}
	case reports.Fail:
		return &mark{diamond, red}
	case reports.NeedsReview:
		return &mark{triangle, amber}
	case reports.Inconclusive:
		return &mark{ring, violet}
	case reports.Errored:
		return &mark{cross, red}
	}
	return &mark{dash, soft}
}

func outcomeWord(o reports.Outcome) string {
	switch o {
	case reports.Pass:
		return "Pass"
	case reports.Fail:
		return "Fail"
	case reports.NeedsReview:
		return "Needs review"
	case reports.Inconclusive:
		return "Inconclusive"
	case reports.Errored:
		return "Error"
	case reports.NotApplicable:
		return "Not applicable"
	}
	return string(o)
}

// drawMark draws a shape with its middle line at y.
func (p *document) drawMark(m mark, x, y float64) {
	p.pdf.SetFillColor(m.colour[0], m.colour[1], m.colour[2])
	p.pdf.SetDrawColor(m.colour[0], m.colour[1], m.colour[2])
	p.pdf.SetLineWidth(0.3)
	cx := x + 1.3
	points := func(pairs ...float64) []gofpdf.PointType {
		var out []gofpdf.PointType
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, gofpdf.PointType{X: cx + pairs[i], Y: y + pairs[i+1]})
		}
		return out
	}
	switch m.shape {
	case disc:
		p.pdf.Circle(cx, y, 1.05, "F")
	case diamond:
		p.pdf.Polygon(points(0, -1.35, 1.35, 0, 0, 1.35, -1.35, 0), "F")
	case triangle:
		p.pdf.Polygon(points(0, -1.25, 1.35, 1.1, -1.35, 1.1), "F")
	case ring:
		p.pdf.Circle(cx, y, 0.95, "D")
	case dash:
		p.pdf.Line(cx-1.1, y, cx+1.1, y)
	case cross:
		p.pdf.SetLineWidth(0.45)
		p.pdf.Line(cx-0.95, y-0.95, cx+0.95, y+0.95)
		p.pdf.Line(cx-0.95, y+0.95, cx+0.95, y-0.95)
	}
}

// bars of a severity: one for low to four for critical.
func severityBars(s reports.Severity) int {
	switch s {
	case reports.Critical:
		return 4
	case reports.High:
		return 3
	case reports.Medium:
		return 2
	case reports.Low:
		return 1
	}
	return 0
}

// drawSeverity draws four bars of growing height, as many filled as the
// severity has, and gives the width it took.
func (p *document) drawSeverity(s reports.Severity, x, baseline float64) float64 {
	for i := range 4 {
		h := 1.0 + 0.5*float64(i)
		if i < severityBars(s) {
			p.fill(x+float64(i)*1.2, baseline-h, 0.85, h, ink)
			continue
		}
		p.pdf.SetDrawColor(faint[0], faint[1], faint[2])
		p.pdf.SetLineWidth(0.12)
		p.pdf.Rect(x+float64(i)*1.2, baseline-h, 0.85, h, "D")
	}
	return 6.2
}
