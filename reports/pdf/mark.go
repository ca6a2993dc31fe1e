package pdf

import "logreeve/reports"

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
	c, in, cx := &p.content, m.colour, x+1.3
	switch m.shape {
	case disc:
		c.disc(cx, y, 1.05, in)
	case diamond:
		c.polygon(in, cx, y-1.35, cx+1.35, y, cx, y+1.35, cx-1.35, y)
	case triangle:
		c.polygon(in, cx, y-1.25, cx+1.35, y+1.1, cx-1.35, y+1.1)
	case ring:
		c.ring(cx, y, 0.95, in, 0.3)
	case dash:
		c.line(cx-1.1, y, cx+1.1, y, in, 0.3)
	case cross:
		c.line(cx-0.95, y-0.95, cx+0.95, y+0.95, in, 0.45)
		c.line(cx-0.95, y+0.95, cx+0.95, y-0.95, in, 0.45)
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
		p.content.frame(x+float64(i)*1.2, baseline-h, 0.85, h, faint, 0.12)
	}
	return 6.2
}
