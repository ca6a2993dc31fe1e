// Package pdf owns the printed report of one review: pages, text, tables,
// charts and fonts. It is the only package that knows the PDF library. What
// stands in the report is the dossier's; what binds it to its package is
// reports/evidence's.
//
// Every string passes one gate (clean.go) before it is drawn, so text of a log
// can neither break the report, nor hide in it, nor become anything but text.
package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/jung-kurt/gofpdf"

	"logreeve/reports/dossier"
)

// Seal is what binds the report to the package around it.
type Seal struct {
	Root        string // evidence root: SHA-256 of data/manifest.json, hex; "" in a draft
	Fingerprint string // of the signing key, as OpenSSH prints it; "" in a draft
	Files       []File // in the order of the package
}

// File is one file of the package, for the integrity page.
type File struct {
	Path   string
	Size   int // bytes
	SHA256 string
	Role   string // what it is for, in a few words
}

// Render writes the report of a dossier. The same dossier and seal give the
// same bytes. A fault while drawing is an error, never a panic.
func Render(d *dossier.Dossier, s Seal) (report []byte, err error) {
	if d == nil || d.Review == nil {
		return nil, errors.New("render a report without a review")
	}
	defer func() {
		if r := recover(); r != nil {
			report, err = nil, fmt.Errorf("render the report of %s: %v", d.Review.ID, r)
		}
	}()
	p, err := newDocument(d, s)
	if err != nil {
		return nil, fmt.Errorf("render the report of %s: %w", d.Review.ID, err)
	}
	p.cover()
	p.results()
	p.completeness()
	p.method()
	p.items()
	p.sample()
	p.changes()
	p.findings()
	p.controls()
	p.signOffs()
	p.verification()
	return p.finish()
}

// newDocument opens an empty document with fonts and properties.
func newDocument(d *dossier.Dossier, s Seal) (*document, error) {
	faces, err := loadFaces()
	if err != nil {
		return nil, err
	}
	paper := "A4"
	if d.Paper == "Letter" {
		paper = "Letter"
	}
	p := &document{pdf: gofpdf.New("P", "mm", paper, ""), faces: faces, d: d, seal: s, zone: time.UTC, pageOf: map[string]int{}}
	if loc, err := time.LoadLocation(d.Zone); err == nil && d.Zone != "" {
		p.zone = loc
	}
	for i := range faces {
		p.pdf.AddUTF8FontFromBytes(faces[i].family, "", faces[i].file)
	}
	p.pdf.SetCatalogSort(true)
	p.pdf.SetAutoPageBreak(false, 0)
	p.pdf.SetMargins(side, side, side)
	p.pdf.SetCellMargin(0)
	at := time.Unix(0, 0).UTC() // the library would take the clock for the zero time
	if d.SealedAt != 0 {
		at = d.SealedAt.Time()
	}
	p.pdf.SetCreationDate(at)
	p.pdf.SetModificationDate(at)
	p.property(p.pdf.SetProducer, "Logreeve")
	p.property(p.pdf.SetCreator, p.tool())
	p.property(p.pdf.SetTitle, d.Review.Title+" · "+d.FileName())
	p.property(p.pdf.SetAuthor, d.Organisation)
	p.property(p.pdf.SetSubject, d.Classification)
	width, height := p.pdf.GetPageSize()
	p.width, p.height = width-2*side, height
	p.bottom = height - 29
	return p, p.pdf.Error()
}

// finish draws what needs the number of pages and writes the file.
func (p *document) finish() ([]byte, error) {
	p.furnish()
	var out bytes.Buffer
	if err := p.pdf.Output(&out); err != nil {
		return nil, fmt.Errorf("write the report of %s: %w", p.d.Review.ID, err)
	}
	return out.Bytes(), nil
}
