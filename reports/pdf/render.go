// Package pdf owns the printed report of one review: pages, text, tables,
// charts and fonts. It is the only package that knows the PDF library. What
// stands in the report is the dossier's; what binds it to its package is
// reports/evidence's.
//
// Every string passes one gate (clean.go) before it is drawn, so text of a log
// can neither break the report, nor hide in it, nor become anything but text.
package pdf

import (
	"errors"
	"fmt"
	"time"

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

// Render makes the report of a dossier and hands over its volumes one by one,
// the first one last, because it names the sums of the others; most reports have
// only that one. The same dossier and seal give the same bytes. A fault while
// drawing is an error, never a panic; so is one of keep.
func Render(d *dossier.Dossier, s Seal, keep func(Volume) error) error {
	return render(d, s, volumePages, keep)
}

func render(d *dossier.Dossier, s Seal, measure int, keep func(Volume) error) (err error) {
	if d == nil || d.Review == nil {
		return errors.New("render a report without a review")
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("render the report of %s: %v", d.Review.ID, r)
		}
	}()
	p, err := newDocument(d, s)
	if err != nil {
		return fmt.Errorf("render the report of %s: %w", d.Review.ID, err)
	}
	p.volumePages, p.keep = measure, keep
	p.sections()
	if p.counting {
		p.again()
		p.sections()
	}
	return p.finish()
}

// sections writes the report from cover to end.
func (p *document) sections() {
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
}

// newDocument opens an empty document with its fonts.
func newDocument(d *dossier.Dossier, s Seal) (*document, error) {
	faces, err := loadFaces()
	if err != nil {
		return nil, err
	}
	p := &document{faces: faces, paper: "A4", d: d, seal: s, zone: time.UTC, decided: standings(d.Review), pageOf: map[string]int{}, later: map[int][]func(){}}
	if d.Paper == "Letter" {
		p.paper = d.Paper
	}
	if loc, err := time.LoadLocation(d.Zone); err == nil && d.Zone != "" {
		p.zone = loc
	}
	if p.library, err = p.skeleton(); err != nil {
		return nil, err
	}
	if p.content.fonts, err = p.fontNames(p.library); err != nil {
		return nil, err
	}
	width, height := p.library.GetPageSize()
	p.width, p.height = width-2*side, height
	p.content.height = height
	p.bottom = height - 29
	return p, nil
}
