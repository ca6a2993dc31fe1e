package pdf

import (
	"cmp"
	"slices"
	"strings"
)

// column is a column of a table.
type column struct {
	head  string
	right bool    // numbers
	style style   // the zero style is small
	fixed float64 // width in mm; 0: as the content needs
	keep  bool    // never narrower than its longest cell
	least float64 // at least so wide, in mm
}

// cell is what stands in a row under a column.
type cell struct {
	text  string
	mark  *mark // drawn before the text
	style *style
}

// row is a row; its note stands under it over the whole width.
type row struct {
	cells []cell
	note  string
	mono  bool // the note is in the mono font
}

func texts(s ...string) row {
	cells := make([]cell, len(s))
	for i := range s {
		cells[i].text = s[i]
	}
	return row{cells: cells}
}

const (
	between = 3.2  // mm between columns
	padding = 1.15 // mm above and below a row
)

// laid is a row broken into lines.
type laid struct {
	cells  [][]shown
	note   []shown
	height float64
}

// table draws a table. Its head is repeated on every page; a row is not split
// unless it is longer than a page.
func (p *document) table(columns []column, rows []row) { p.tableWithTail(columns, rows, 0) }

// tableWithTail draws a table whose last row keeps room under it for what
// belongs to it.
func (p *document) tableWithTail(columns []column, rows []row, tail float64) {
	for i := range columns {
		if columns[i].style == (style{}) {
			columns[i].style = small
		}
	}
	widths := p.columnWidths(columns, rows)
	heads := make([][]shown, len(columns))
	tall := 1
	for i, c := range columns {
		heads[i] = p.wrap(label, c.head, widths[i], false)
		tall = max(tall, len(heads[i]))
	}
	headHeight := float64(tall)*label.leading() + 2*padding
	head := func() {
		x := side
		for i, c := range columns {
			for n, l := range heads[i] {
				y := p.y + padding + float64(tall-len(heads[i])+n)*label.leading() + label.ascent()
				if c.right {
					p.drawRight(x+widths[i], y, label, l)
				} else {
					p.draw(x, y, label, l)
				}
			}
			x += widths[i] + between
		}
		p.y += headHeight
		p.rule(side, p.y, side+p.width, ink, 0.25)
	}
	for n, r := range rows {
		l := p.lay(columns, widths, r)
		if n == 0 {
			p.need(headHeight + min(l.height+tail, p.bottom-top-headHeight))
			head()
		} else if room := l.height; p.y+room > p.bottom || n == len(rows)-1 && p.y+room+tail > p.bottom {
			p.newPage()
			head()
		}
		if l.height > p.bottom-top-headHeight {
			p.drawLong(columns, widths, r, l, head)
		} else {
			p.drawRow(columns, widths, r, l)
		}
		p.rule(side, p.y, side+p.width, line, 0.15)
	}
}

func (c column) styleOf(x cell) style {
	if x.style != nil {
		return *x.style
	}
	return c.style
}

func noteStyle(r row) style {
	if r.mono {
		return codeS
	}
	return note
}

func (p *document) lay(columns []column, widths []float64, r row) laid {
	l := laid{cells: make([][]shown, len(r.cells))}
	for i, c := range r.cells {
		w := widths[i]
		if c.mark != nil {
			w -= markWidth
		}
		s := columns[i].styleOf(c)
		l.cells[i] = p.wrap(s, c.text, w, false)
		l.height = max(l.height, float64(len(l.cells[i]))*s.leading())
	}
	if r.note != "" {
		l.note = p.wrap(noteStyle(r), r.note, p.width, true)
		l.height += float64(len(l.note)) * noteStyle(r).leading()
	}
	l.height += 2 * padding
	return l
}

func (p *document) drawRow(columns []column, widths []float64, r row, l laid) {
	x, deep := side, 0.0
	for i, c := range r.cells {
		s := columns[i].styleOf(c)
		at := x
		if c.mark != nil {
			p.drawMark(*c.mark, at, p.y+padding+s.leading()/2)
			at += markWidth
		}
		for n, t := range l.cells[i] {
			y := p.y + padding + float64(n)*s.leading() + s.ascent()
			if columns[i].right {
				p.drawRight(x+widths[i], y, s, t)
			} else {
				p.draw(at, y, s, t)
			}
		}
		deep = max(deep, float64(len(l.cells[i]))*s.leading())
		x += widths[i] + between
	}
	s := noteStyle(r)
	for n, t := range l.note {
		p.draw(side, p.y+padding+deep+float64(n)*s.leading()+s.ascent(), s, t)
	}
	p.y += l.height
}

// drawLong draws a row that no page can hold, line by line.
func (p *document) drawLong(columns []column, widths []float64, r row, l laid, head func()) {
	lines := 0
	for _, c := range l.cells {
		lines = max(lines, len(c))
	}
	p.y += padding
	step := small.leading()
	next := func(height float64) {
		if p.y+height > p.bottom {
			p.newPage()
			head()
			p.y += padding
		}
	}
	for n := range lines {
		next(step)
		x := side
		for i := range r.cells {
			if n < len(l.cells[i]) {
				s := columns[i].styleOf(r.cells[i])
				p.draw(x, p.y+s.ascent(), s, l.cells[i][n])
			}
			x += widths[i] + between
		}
		p.y += step
	}
	for _, t := range l.note {
		s := noteStyle(r)
		next(s.leading())
		p.draw(side, p.y+s.ascent(), s, t)
		p.y += s.leading()
	}
	p.y += padding
}

// wholeWord is the longest word, in mm, for which a column is made wide enough: an
// address or a name is not broken, a fingerprint is.
const wholeWord = 28

// cellWidth is the width of a cell on one line, and of its longest word that is not
// to be broken.
func (p *document) cellWidth(c column, x cell) (line, word float64) {
	s := c.styleOf(x)
	t := p.gate(s, x.text[:min(len(x.text), 300)])
	line = p.measure(s, t)
	for w := range strings.FieldsSeq(string(t)) {
		if w := p.measure(s, shown(w)); w <= wholeWord {
			word = max(word, w)
		}
	}
	if x.mark != nil {
		line, word = line+markWidth, word+markWidth
	}
	return line, word
}

// columnWidths gives columns that keep their longest cell what they need, and
// shares the rest so that the rows become short.
func (p *document) columnWidths(columns []column, rows []row) []float64 {
	var (
		widths  = make([]float64, len(columns))
		wants   = make([]float64, len(columns))
		lengths [][]float64 // of cells, by row
		left    = p.width - between*float64(len(columns)-1)
		open    []int
	)
	for _, r := range rows[:min(len(rows), 400)] { // enough to know what a column needs
		lengths = append(lengths, make([]float64, max(len(columns), len(r.cells))))
	}
	for i, c := range columns {
		wants[i] = max(c.least, p.measure(label, p.gate(label, c.head)))
		least := wants[i]
		for n := range lengths {
			if i >= len(rows[n].cells) {
				continue
			}
			line, word := p.cellWidth(c, rows[n].cells[i])
			lengths[n][i], wants[i], least = line, max(wants[i], line), max(least, word)
		}
		switch {
		case c.fixed > 0:
			widths[i] = c.fixed
		case c.keep:
			widths[i] = min(wants[i], p.width*0.66)
		default:
			widths[i] = least
			open = append(open, i)
		}
		left -= widths[i]
	}
	if left < 0 { // long words in every column: they are broken
		for _, i := range open {
			widths[i] = max(widths[i]+left/float64(len(open)), 8)
		}
	}
	if left = shareWidth(widths, lengths, open, left); left > 0 { // give what is left to the widest column of words
		widest := -1
		for i, c := range columns {
			if c.fixed == 0 && !c.right && (widest < 0 || columns[widest].keep && !c.keep || c.keep == columns[widest].keep && wants[i] > wants[widest]) {
				widest = i
			}
		}
		if widest >= 0 {
			widths[widest] += left
		}
	}
	return widths
}

// shareWidth makes the columns that are open wider, step by step that which makes the
// most rows tall, and gives how much width is left once every cell is one line.
func shareWidth(widths []float64, lengths [][]float64, open []int, left float64) float64 {
	const step = 1.5                     // mm
	pull := make([]float64, len(widths)) // how much shorter rows become by a mm
	for left > 0 && len(open) > 0 {
		clear(pull)
		for _, row := range lengths {
			tall := slices.MaxFunc(open, func(a, b int) int { return cmp.Compare(row[a]/widths[a], row[b]/widths[b]) })
			if lines := row[tall] / widths[tall]; lines > 1 {
				pull[tall] += lines / widths[tall]
			}
		}
		i := slices.MaxFunc(open, func(a, b int) int { return cmp.Compare(pull[a], pull[b]) })
		if pull[i] == 0 {
			break
		}
		widths[i] += min(step, left)
		left -= step
	}
	return left
}
