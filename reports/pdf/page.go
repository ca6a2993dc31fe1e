package pdf

import (
	"fmt"
	"time"

	"github.com/jung-kurt/gofpdf"

	"logreeve/connectors"
	"logreeve/reports/dossier"
)

// Measures of a page, in mm.
const (
	side = 20.0
	top  = 33.0
)

// document is a report being written: the library's state and where we are.
type document struct {
	pdf   *gofpdf.Fpdf
	faces []face
	d     *dossier.Dossier
	seal  Seal
	zone  *time.Location

	width, height float64 // between the sides; of the paper
	bottom        float64 // of what a page may hold
	y             float64 // where the next thing goes

	font     style // what the page's content has selected
	fontPage int
	colour   colour // of text, as last set

	pageOf map[string]int // where a section begins, for references
	later  []func()       // draws that need to know all pages
}

// newPage begins a page.
func (p *document) newPage() {
	p.pdf.AddPage()
	p.watermark()
	p.y = top
}

// need begins a page when less than a height is left on this one.
func (p *document) need(height float64) {
	if p.y+height > p.bottom {
		p.newPage()
	}
}

// skip leaves room, unless a page has just begun.
func (p *document) skip(height float64) {
	if p.y > top {
		p.y += height
	}
}

// section begins a section: heading, bookmark, and one sentence that says what
// is true.
func (p *document) section(name, title, sentence string) {
	lines := p.wrap(lead, sentence, p.width, true)
	p.skip(9)
	p.need(heading.leading() + float64(len(lines))*lead.leading() + 52) // with the beginning of what follows
	p.pageOf[name] = p.pdf.PageNo()
	p.bookmark(title, 0)
	p.write(side, heading, p.wrap(heading, title, p.width, false))
	p.y += 1.6
	p.write(side, lead, lines)
	p.y += 3.2
}

// heading begins a part of a section.
func (p *document) part(title string, room float64) {
	p.skip(5)
	p.need(strong.leading() + room)
	p.write(side, strong, p.wrap(strong, title, p.width, false))
	p.y += 1
}

// bookmark adds an entry to the outline of the file.
func (p *document) bookmark(title string, level int) {
	if p.font == (style{}) { // the library asks the current font how to encode
		p.pdf.SetFont(p.faces[sans].family, "", body.size)
	}
	p.pdf.Bookmark(string(p.gate(body, shortTo(title, 120, "the report"))), level, p.y)
}

// watermark says on every page what the report must not be taken for.
func (p *document) watermark() {
	text := ""
	switch {
	case p.d.Draft && p.d.Sample:
		text = "DRAFT · SAMPLE"
	case p.d.Draft:
		text = "DRAFT"
	case p.d.Sample:
		text = "SAMPLE DATA"
	default:
		return
	}
	s := style{bold, 74, colour{240, 238, 234}}
	t := p.gate(s, text)
	w := p.measure(s, t)
	if most := p.height * 0.62; w > most {
		s.size *= most / w
		w = most
	}
	x, y := side+p.width/2, p.height/2
	p.pdf.TransformBegin()
	p.pdf.TransformRotate(52, x, y)
	p.draw(x-w/2, y+s.size*pointMM*0.36, s, t)
	p.pdf.TransformEnd()
	p.font = style{} // the transformation keeps the font to itself
}

// furnish draws header and footer on every page, and what waited for the
// number of pages.
func (p *document) furnish() {
	pages := p.pdf.PageCount()
	for n := 1; n <= pages; n++ {
		p.reopen(n)
		p.header(n)
		p.footer(n, pages)
	}
	for _, draw := range p.later {
		draw()
	}
	p.pdf.SetPage(pages)
}

// afterwards keeps a draw on the current page for when all pages are known.
func (p *document) afterwards(draw func()) {
	page := p.pdf.PageNo()
	p.later = append(p.later, func() {
		p.reopen(page)
		draw()
	})
}

// reopen goes back to a page. The library takes font and fill for what they
// were when it left the last page, not this one, so both are set anew.
func (p *document) reopen(page int) {
	p.pdf.SetPage(page)
	p.pdf.SetFillColor(255, 255, 255)
	p.font = style{}
}

func (p *document) header(n int) {
	d := p.d
	const most = 120 // characters
	organisation, classification := shortTo(d.Organisation, most, "data/review.json"), shortTo(d.Classification, most, "the product")
	left, right := shortTo(d.Review.Title, most, "data/review.json"), organisation+" · "+classification
	if n == 1 {
		left, right = organisation, classification
	}
	mark := ""
	switch {
	case d.Draft && d.Sample:
		mark = "DRAFT · SAMPLE DATA"
	case d.Draft:
		mark = "DRAFT"
	case d.Sample:
		mark = "SAMPLE DATA"
	}
	r := p.fit(note, p.gate(note, right), p.width/2)
	p.drawRight(side+p.width, 20.6, note, r)
	room := p.width - p.measure(note, r) - 6
	if mark != "" {
		m := p.gate(smallB, mark)
		w := p.measure(smallB, m)
		p.draw(side+room-w, 20.6, smallB, m)
		room -= w + 4
	}
	p.draw(side, 20.6, note, p.fit(note, p.gate(note, left), room))
	p.rule(side, 23.6, side+p.width, faint, 0.2)
}

func (p *document) footer(n, pages int) {
	y := p.height - 22
	p.rule(side, y, side+p.width, faint, 0.2)
	y += 4.6
	root := p.gate(codeS, "root "+firstOf(p.seal.Root, 16)+"…")
	if p.seal.Root == "" {
		root = p.gate(codeS, "root not sealed")
	}
	p.draw(side, y, codeS, root)
	count := p.gate(note, fmt.Sprintf("%d of %d", n, pages))
	p.drawRight(side+p.width, y, note, count)
	sealed := "not sealed"
	if p.d.SealedAt != 0 {
		sealed = "sealed " + p.moment(p.d.SealedAt)
	}
	if p.d.Draft {
		sealed = "draft, not signed by two people"
	}
	from, to := side+p.measure(codeS, root)+4, side+p.width-p.measure(note, count)-4
	middle := p.fit(note, p.gate(note, p.d.FileName()+" · "+p.tool()+" · "+sealed), to-from)
	p.draw(from+(to-from-p.measure(note, middle))/2, y, note, middle)
}

func (p *document) tool() string {
	name := p.d.Tool.Name
	if name == "" {
		name = "Logreeve"
	}
	return shortTo(name+" "+p.d.Tool.Version, 60, "data/manifest.json")
}

func firstOf(s string, n int) string { return s[:min(len(s), n)] }

// rule draws a horizontal line.
func (p *document) rule(x1, y, x2 float64, c colour, width float64) {
	p.pdf.SetDrawColor(c[0], c[1], c[2])
	p.pdf.SetLineWidth(width)
	p.pdf.Line(x1, y, x2, y)
}

// fill draws a filled rectangle.
func (p *document) fill(x, y, w, h float64, c colour) {
	p.pdf.SetFillColor(c[0], c[1], c[2])
	p.pdf.Rect(x, y, w, h, "F")
}

// moment writes an instant for people: "18 Nov 2026, 16:40:12 UTC".
func (p *document) moment(i connectors.Instant) string {
	if i == 0 {
		return "not known"
	}
	return i.Time().Format("2 Jan 2006, 15:04:05 UTC")
}

// second writes an instant of a log to the second.
func second(i connectors.Instant) string {
	if i == 0 {
		return "not known"
	}
	return i.Time().Format("2006-01-02 15:04:05")
}

// exact writes an instant of a log with all it has: "2026-11-03 10:41:22.123456".
func exact(i connectors.Instant) string {
	if i == 0 {
		return "not known"
	}
	return i.Time().Format("2006-01-02 15:04:05.000000")
}
