package pdf

import "strings"

// colour is red, green and blue, 0 to 255.
type colour [3]int

// The colours of the report. Nothing is said by colour alone.
var (
	ink    = colour{29, 28, 26}
	soft   = colour{87, 83, 76}
	faint  = colour{143, 138, 128}
	line   = colour{205, 201, 193}
	accent = colour{47, 70, 181}
	red    = colour{179, 38, 30}
	green  = colour{28, 110, 67}
	amber  = colour{138, 82, 0}
	violet = colour{91, 74, 138}
)

// style is how text looks.
type style struct {
	face   faceID
	size   float64 // points
	colour colour
}

// The type scale: 25, 13, 9.5 and 8 points.
var (
	display = style{bold, 25, ink}
	heading = style{bold, 13, ink}
	lead    = style{sans, 9.5, soft}
	body    = style{sans, 9.5, ink}
	strong  = style{bold, 9.5, ink}
	small   = style{sans, 8, ink}
	smallB  = style{bold, 8, ink}
	note    = style{sans, 8, soft}
	label   = style{bold, 8, soft}
	code    = style{mono, 8, ink}
	codeS   = style{mono, 8, soft}
)

const pointMM = 25.4 / 72

// leading is the distance from one line to the next, in mm.
func (s style) leading() float64 { return s.size * pointMM * 1.42 }

// ascent is from the top of a line to its baseline, in mm.
func (s style) ascent() float64 { return s.leading()*0.5 + s.size*pointMM*0.36 }

// measure is the width of gated text in mm.
func (p *document) measure(s style, t shown) float64 {
	f := &p.faces[s.face]
	units := 0
	for _, r := range string(t) {
		units += int(f.width[r])
	}
	return float64(units) * s.size * pointMM / 1000
}

// gate passes text through the gate of the style's font.
func (p *document) gate(s style, text string) shown { return p.faces[s.face].gate(text) }

// draw puts one line of gated text at a baseline.
func (p *document) draw(x, baseline float64, s style, t shown) {
	if t == "" || p.counting {
		return
	}
	p.content.text(x, baseline, s, t)
}

// drawRight puts one line of gated text so that it ends at x.
func (p *document) drawRight(x, baseline float64, s style, t shown) {
	p.draw(x-p.measure(s, t), baseline, s, t)
}

// fit cuts gated text to a width, with an ellipsis.
func (p *document) fit(s style, t shown, width float64) shown {
	if p.measure(s, t) <= width {
		return t
	}
	f, room := &p.faces[s.face], width-p.measure(s, "…")
	used := 0.0
	for i, r := range string(t) {
		used += float64(f.width[r]) * s.size * pointMM / 1000
		if used > room {
			return t[:i] + "…"
		}
	}
	return t
}

// wrap gates text and breaks it into lines of at most a width in mm. Line ends
// in the text are kept as such only with breaks; words longer than a line are
// broken where they must.
func (p *document) wrap(s style, text string, width float64, breaks bool) []shown {
	var lines []shown
	if breaks {
		text = strings.ReplaceAll(text, "\r\n", "\n")
		for part := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
			lines = append(lines, p.wrapLine(s, part, width)...)
		}
		return lines
	}
	return p.wrapLine(s, text, width)
}

func (p *document) wrapLine(s style, text string, width float64) []shown {
	t := p.gate(s, text)
	f := &p.faces[s.face]
	most := int((width + 0.05) * 1000 / (s.size * pointMM)) // a text fits where it was measured
	var lines []shown
	start, used := 0, 0       // of the line
	gap, gapUsed := -1, 0     // after the last space in it
	soften, softUsed := -1, 0 // after the last / - . , = & in it
	for i, r := range string(t) {
		w := int(f.width[r])
		if used+w > most && i > start && r != ' ' {
			cut, cutUsed := i, used
			if gap > start {
				cut, cutUsed = gap, gapUsed
			} else if soften > start && softUsed*3 > most {
				cut, cutUsed = soften, softUsed
			}
			lines = append(lines, shown(strings.TrimRight(string(t[start:cut]), " ")))
			start, used = cut, used-cutUsed
			gap, soften = -1, -1
			if softer := strings.LastIndexAny(string(t[start:i]), "/-.,=&_:"); softer >= 0 {
				soften = start + softer + 1
				softUsed = 0
				for _, q := range string(t[start:soften]) {
					softUsed += int(f.width[q])
				}
			}
		}
		used += w
		switch r {
		case ' ':
			gap, gapUsed = i+1, used
		case '/', '-', '.', ',', '=', '&', '_', ':':
			soften, softUsed = i+1, used
		}
	}
	return append(lines, shown(strings.TrimRight(string(t[start:]), " ")))
}

// write puts lines at x from the document's height on, going to a new page
// where one ends.
func (p *document) write(x float64, s style, lines []shown) {
	for _, l := range lines {
		p.need(s.leading())
		p.draw(x, p.y+s.ascent(), s, l)
		p.y += s.leading()
	}
}

// paragraph writes a paragraph of our own or a person's words over the whole width.
func (p *document) paragraph(s style, text string) {
	p.write(side, s, p.wrap(s, text, p.width, true))
}

// aside writes a paragraph indented.
func (p *document) aside(indent float64, s style, text string) {
	p.write(side+indent, s, p.wrap(s, text, p.width-indent, true))
}
