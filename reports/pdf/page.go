package pdf

import (
	"bytes"
	"fmt"
	"time"

	"github.com/jung-kurt/gofpdf"
	"github.com/klauspost/compress/zlib"

	"logreeve/connectors"
	"logreeve/reports/dossier"
)

// Measures of a page, in mm.
const (
	side = 20.0
	top  = 33.0
)

// document is a report being written, and where we are in it.
type document struct {
	library *gofpdf.Fpdf // of the first volume
	faces   []face
	paper   string // as the library calls it
	d       *dossier.Dossier
	seal    Seal
	zone    *time.Location
	decided map[string]standing // of items and picks

	width, height float64 // between the sides; of the paper
	bottom        float64 // of what a page may hold
	y             float64 // where the next thing goes

	content content // of the page that is open
	open    bool
	page    int // number of the page
	packer  *zlib.Writer
	packed  bytes.Buffer

	volume      *volume // the one that is open, the last of them all
	volumes     []*volume
	volumePages int  // the measure of a volume
	total       int  // pages of the report, 0 until they were counted
	counting    bool // pages are counted, not drawn
	keep        func(Volume) error
	err         error    // of a volume that could not be handed over
	at          place    // what we are writing
	extra       *[]sheet // takes pages that are not counted, when not nil

	pageOf map[string]int   // where a section begins, for references
	later  map[int][]func() // draws on a page that need to know all pages
}

// newPage begins a page.
func (p *document) newPage() {
	p.endPage()
	if p.extra == nil {
		if p.volume == nil || p.page-p.volume.first+1 >= p.volumePages+volumeSlack {
			p.beginVolume()
		}
		p.page++
	}
	p.content.begin()
	p.open = true
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
	p.mayEnd()
	lines := p.wrap(lead, sentence, p.width, true)
	p.skip(9)
	p.need(heading.leading() + float64(len(lines))*lead.leading() + 52) // with the beginning of what follows
	p.pageOf[name] = p.page
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
	t := p.gate(body, shortTo(title, 120, "the report"))
	if level == 0 {
		p.at = place{section: string(t)}
	} else {
		p.at.part = string(t)
	}
	v := p.volume
	if p.page == v.first && p.y == top { // the volume begins with it
		v.from = p.at
	}
	v.outline = append(v.outline, bookmark{t, level, p.page, p.y})
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
	p.content.turned(52, x, y, func() { p.draw(x-w/2, y+s.size*pointMM*0.36, s, t) })
}

// furnish draws head and foot of a page, all but its number; of page 0 when the
// report does not count it.
func (p *document) furnish(v *volume, page int) {
	p.header(page)
	p.footer(p.pageNumber(v, page))
}

// number draws the number of a page.
func (p *document) number(v *volume, page int) {
	p.drawRight(side+p.width, p.footline(), note, p.pageNumber(v, page))
}

func (p *document) pageNumber(v *volume, page int) shown {
	text := ""
	if n := len(p.volumes); n > 1 {
		text = fmt.Sprintf("volume %d of %d", v.number, n)
	}
	if page > 0 {
		if text != "" {
			text += " · "
		}
		text += fmt.Sprintf("%d of %d", page, p.total)
	}
	return p.gate(note, text)
}

// afterwards keeps a draw on the current page for when all pages are known.
func (p *document) afterwards(draw func()) { p.later[p.page] = append(p.later[p.page], draw) }

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

// footline is the baseline of the foot of a page.
func (p *document) footline() float64 { return p.height - 17.4 }

// footer leaves room for the number of the page.
func (p *document) footer(count shown) {
	y := p.footline()
	p.rule(side, p.height-22, side+p.width, faint, 0.2)
	root := p.gate(codeS, "root "+firstOf(p.seal.Root, 16)+"…")
	if p.seal.Root == "" {
		root = p.gate(codeS, "root not sealed")
	}
	p.draw(side, y, codeS, root)
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
	p.content.line(x1, y, x2, y, c, width)
}

// fill draws a filled rectangle.
func (p *document) fill(x, y, w, h float64, c colour) { p.content.fill(x, y, w, h, c) }

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
