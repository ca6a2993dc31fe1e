package pdf

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/klauspost/compress/zlib"
)

// A report is one file of continuous pages while it is short enough to be
// opened and sent; a longer one is several volumes, whose pages count on. A
// volume ends where an item, a change or a section does, unless something does
// not fit into what a volume may hold beyond its measure.
//
// Every page says of how many it is one. One file is written when all its pages
// are there. When a second volume begins, pages are only counted from there on;
// then everything is drawn again, and each volume leaves when it is full: memory
// holds two of them, however many there are.
const (
	volumePages = 1500 // after which a volume ends at the next opportunity
	volumeSlack = 50   // pages later it ends where it is
)

// Volume is one file of a report.
type Volume struct {
	Number, Of int // 1 of 1 when the report is one file
	Name       string
	Pages      int
	File       []byte
}

// volumeName is what a volume is called; the first is the report itself.
func volumeName(number int) string {
	if number == 1 {
		return "report.pdf"
	}
	return fmt.Sprintf("report-volume-%d.pdf", number)
}

// place is where in the report something stands.
type place struct{ section, part string }

func (a place) String() string {
	if a.part == "" {
		return a.section
	}
	return a.section + ", " + a.part
}

// volume is a file being made.
type volume struct {
	number   int
	first    int        // the number of its first page
	pages    []sheet    // until they are in its file
	count    int        // of its pages, once they were counted
	outline  []bookmark // pages as the report counts them
	used     runes
	from, to place
	sum      string // SHA-256 of its file, once that is written
}

func (v *volume) last() int { return v.first + v.count - 1 }

// mayEnd lets a volume end before what comes next, when it has its measure.
func (p *document) mayEnd() {
	if p.page-p.volume.first+1 >= p.volumePages && p.y > top {
		p.endPage()
		p.beginVolume()
		p.newPage()
	}
}

func (p *document) beginVolume() {
	number := 1
	if p.volume != nil {
		number = p.volume.number + 1
		if p.total > 0 && p.volume.number > 1 {
			p.hand(p.volume)
		}
	}
	if p.total == 0 {
		p.volumes = append(p.volumes, &volume{number: number, first: p.page + 1})
	}
	if number == 2 && p.total == 0 { // there are several: count them first
		p.counting = true
		p.volumes[0].pages = nil
	}
	p.volume = p.volumes[number-1]
	p.volume.from = p.at
	p.content.used = &p.volume.used
}

// again goes back to the beginning, with all pages counted.
func (p *document) again() {
	p.endPage()
	p.counting, p.total = false, p.page
	p.page, p.volume, p.at = 0, nil, place{}
	p.pageOf, p.later = map[string]int{}, map[int][]func(){}
	for _, v := range p.volumes {
		v.outline, v.used = nil, runes{}
	}
}

// endPage packs the content of the page that was drawn on.
func (p *document) endPage() {
	if !p.open {
		return
	}
	p.open = false
	if p.total == 0 && p.extra == nil {
		p.volume.count++
		p.volume.to = p.at
	}
	if p.counting {
		return
	}
	s := sheet{body: p.pack()}
	if p.extra != nil {
		*p.extra = append(*p.extra, s)
		return
	}
	p.volume.pages = append(p.volume.pages, s)
}

func (p *document) pack() []byte {
	if p.packer == nil {
		p.packer, _ = zlib.NewWriterLevel(&p.packed, zlib.BestSpeed) // the level exists
	}
	p.packed.Reset()
	p.packer.Reset(&p.packed)
	_, _ = p.packer.Write(p.content.out) // a buffer takes everything
	_ = p.packer.Close()
	return bytes.Clone(p.packed.Bytes())
}

// finish hands over what is left: the last volume, and then the first, which
// names the sums of the others.
func (p *document) finish() error {
	p.endPage()
	p.total = p.page
	if p.volume.number > 1 {
		p.hand(p.volume)
	}
	p.hand(p.volumes[0])
	return p.err
}

// hand makes the file of a volume and hands it over, unless that failed before.
func (p *document) hand(v *volume) {
	if p.err != nil {
		return
	}
	file, err := p.bind(v)
	if err != nil {
		p.err = fmt.Errorf("write the report of %s, volume %d: %w", p.d.Review.ID, v.number, err)
		return
	}
	v.pages = nil
	sum := sha256.Sum256(file)
	v.sum = hex.EncodeToString(sum[:])
	if err := p.keep(Volume{Number: v.number, Of: len(p.volumes), Name: volumeName(v.number), Pages: v.count, File: file}); err != nil {
		p.err = fmt.Errorf("keep %s of %s: %w", volumeName(v.number), p.d.Review.ID, err)
	}
}

// bind makes the file of a volume.
func (p *document) bind(v *volume) ([]byte, error) {
	p.content.used = &v.used
	sheets, before := v.pages, 0 // before: pages of the report before the list of volumes
	var list []sheet
	if len(p.volumes) > 1 {
		list = p.listVolumes(v)
		if v.number == 1 {
			before = 1
		}
		sheets = slices.Concat(sheets[:before], list, sheets[before:])
	}
	var furniture [][]byte
	for i := range sheets {
		page := v.first + i // as the report counts
		switch {
		case i >= before+len(list):
			page -= len(list)
		case i >= before:
			page = 0
		}
		p.content.resume()
		p.furnish(v, page)
		if n := len(furniture); n == 0 || !bytes.Equal(furniture[n-1], p.content.out) {
			furniture = append(furniture, bytes.Clone(p.content.out))
		}
		sheets[i].furniture = len(furniture) - 1
		p.content.resume()
		p.number(v, page)
		for _, draw := range p.later[page] {
			draw()
		}
		sheets[i].own = bytes.Clone(p.content.out)
	}
	file := p.library
	if v.number > 1 {
		var err error
		if file, err = p.skeleton(); err != nil {
			return nil, err
		}
	}
	blank, err := p.blank(file, len(sheets), v.bookmarks(before, len(list)), &v.used)
	if err != nil {
		return nil, err
	}
	return fillIn(blank, sheets, furniture)
}

// bookmarks are the outline of a volume's file. A volume that begins inside a
// section says so.
func (v *volume) bookmarks(before, listed int) []bookmark {
	var out []bookmark
	if listed > 0 {
		title := "Volumes"
		if v.number > 1 {
			title = fmt.Sprintf("Volume %d", v.number)
		}
		out = append(out, bookmark{shown(title), 0, before + 1, top})
	}
	own := slices.Clone(v.outline)
	for i := range own {
		own[i].page += 1 - v.first
		if own[i].page > before {
			own[i].page += listed
		}
	}
	if v.number == 1 {
		return slices.Concat(own[:1], out, own[1:]) // after the cover
	}
	begins := len(own) > 0 && own[0].page == listed+1 && own[0].y == top
	if !begins || own[0].level > 0 {
		out = append(out, bookmark{shown(v.from.section + ", continued"), 0, listed + 1, top})
		if !begins && v.from.part != "" {
			out = append(out, bookmark{shown(v.from.part + ", continued"), 1, listed + 1, top})
		}
	}
	return append(out, own...)
}
