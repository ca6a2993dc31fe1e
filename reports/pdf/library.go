package pdf

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/jung-kurt/gofpdf"
)

// The library makes everything of a file but what stands on its pages: fonts
// cut down to the runes used, outline, properties, catalogue. It would keep each
// page in full until the end and pack it with tables of more than a megabyte of
// its own; so it is given blank pages, and a volume's own go where those were.

// skeleton opens a file of the library with fonts and properties.
func (p *document) skeleton() (*gofpdf.Fpdf, error) {
	d := p.d
	file := gofpdf.New("P", "mm", p.paper, "")
	for i := range p.faces {
		// The library writes into the bytes it is given when it cuts a font down, so
		// every file needs its own copy.
		file.AddUTF8FontFromBytes(p.faces[i].family, "", slices.Clone(p.faces[i].file))
	}
	file.SetCatalogSort(true)
	file.SetCompression(false) // blank pages; fonts are packed all the same
	file.SetAutoPageBreak(false, 0)
	at := time.Unix(0, 0).UTC() // the library would take the clock for the zero time
	if d.SealedAt != 0 {
		at = d.SealedAt.Time()
	}
	file.SetCreationDate(at)
	file.SetModificationDate(at)
	p.property(file.SetProducer, "Logreeve")
	p.property(file.SetCreator, p.tool())
	p.property(file.SetTitle, d.Review.Title+" · "+d.FileName())
	p.property(file.SetAuthor, d.Organisation)
	p.property(file.SetSubject, d.Classification)
	return file, file.Error()
}

// property sets a property of the file from gated text.
func (p *document) property(set func(string, bool), text string) {
	set(string(p.gate(body, shortTo(text, 200, "the report"))), true)
}

var fontName = regexp.MustCompile(`BT /(F[0-9a-f]+) `)

// fontNames asks the library how its faces are called in the resources of a
// file, which is told by what it writes to select them.
func (p *document) fontNames(file *gofpdf.Fpdf) (names [3]string, err error) {
	for i := range p.faces {
		sample := file.CreateTemplate(func(t *gofpdf.Tpl) { t.SetFont(p.faces[i].family, "", 8) })
		found := fontName.FindSubmatch(sample.Bytes())
		if found == nil {
			return names, fmt.Errorf("the PDF library does not say how it calls the font %s", p.faces[i].family)
		}
		names[i] = string(found[1])
	}
	return names, file.Error()
}

// bookmark is an entry in the outline of a file.
type bookmark struct {
	title shown
	level int
	page  int // of the file, from 1
	y     float64
}

// blank makes the library's file for a volume: as many pages, nothing on them.
func (p *document) blank(file *gofpdf.Fpdf, pages int, outline []bookmark, used *runes) ([]byte, error) {
	for n := 1; n <= pages; n++ {
		file.AddPage()
		if n == 1 { // the library asks the current font how to encode the outline
			file.SetFont(p.faces[sans].family, "", body.size)
		}
		for ; len(outline) > 0 && outline[0].page == n; outline = outline[1:] {
			file.Bookmark(string(outline[0].title), outline[0].level, outline[0].y)
		}
	}
	for i := range p.faces { // the library embeds the glyphs that it saw
		if text := used.of(faceID(i)); len(text) > 0 {
			file.SetFont(p.faces[i].family, "", 1)
			file.Text(0, 0, string(text))
		}
	}
	var out bytes.Buffer
	if err := file.Output(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
