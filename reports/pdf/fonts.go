package pdf

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/go-fonts/dejavu/dejavusans"
	"github.com/go-fonts/dejavu/dejavusansbold"
	"github.com/go-fonts/dejavu/dejavusansmono"
)

// faceID names one of the embedded fonts (DejaVu: Latin, Greek, Cyrillic and more).
type faceID int

const (
	sans faceID = iota
	bold
	mono
)

// face is an embedded font and what we must know of it: which runes it can
// draw, and how wide they are. The library draws an empty box for others.
type face struct {
	family string
	file   []byte   // read only: it is shared
	width  []uint16 // of a rune up to U+FFFF, in thousandths of the size
	drawn  []bool   // whether there is a glyph for it
}

func loadFaces() ([]face, error) {
	faces := []face{{family: "sans", file: dejavusans.TTF}, {family: "bold", file: dejavusansbold.TTF}, {family: "mono", file: dejavusansmono.TTF}}
	for i := range faces {
		if err := faces[i].measure(); err != nil {
			return nil, fmt.Errorf("font %s: %w", faces[i].family, err)
		}
	}
	return faces, nil
}

var errFont = errors.New("not a TrueType font as expected")

// measure reads widths and coverage from the tables head, hhea, hmtx and cmap
// (format 4, platform 3, encoding 1) of the OpenType specification.
func (f *face) measure() error {
	tables := map[string][]byte{}
	for i := range int(binary.BigEndian.Uint16(f.file[4:])) {
		e := f.file[12+16*i:]
		offset, size := binary.BigEndian.Uint32(e[8:]), binary.BigEndian.Uint32(e[12:])
		tables[string(e[:4])] = f.file[offset : offset+size]
	}
	head, hhea, hmtx, cmap := tables["head"], tables["hhea"], tables["hmtx"], tables["cmap"]
	if head == nil || hhea == nil || hmtx == nil || cmap == nil {
		return errFont
	}
	units, metrics := int(binary.BigEndian.Uint16(head[18:])), int(binary.BigEndian.Uint16(hhea[34:]))
	f.width, f.drawn = make([]uint16, 1<<16), make([]bool, 1<<16)
	for i := range int(binary.BigEndian.Uint16(cmap[2:])) {
		e := cmap[4+8*i:]
		if binary.BigEndian.Uint16(e) != 3 || binary.BigEndian.Uint16(e[2:]) != 1 {
			continue
		}
		sub := cmap[binary.BigEndian.Uint32(e[4:]):]
		if binary.BigEndian.Uint16(sub) != 4 {
			continue
		}
		eachGlyph(sub, func(r, glyph int) {
			f.drawn[r] = true
			f.width[r] = uint16(int(binary.BigEndian.Uint16(hmtx[4*min(glyph, metrics-1):])) * 1000 / units) //nolint:gosec // a few thousand at most
		})
		return nil
	}
	return errFont
}

// eachGlyph walks a cmap subtable of format 4.
func eachGlyph(sub []byte, found func(r, glyph int)) {
	at := func(i int) int { return int(binary.BigEndian.Uint16(sub[i:])) }
	segments := at(6) / 2
	ends, starts := 14, 16+2*segments
	deltas, ranges := starts+2*segments, starts+4*segments
	for s := range segments {
		start, end, delta, offset := at(starts+2*s), at(ends+2*s), at(deltas+2*s), at(ranges+2*s)
		for r := start; r <= end && r < 0xFFFF; r++ {
			glyph := r
			if offset != 0 {
				if glyph = at(ranges + 2*s + offset + 2*(r-start)); glyph == 0 {
					continue
				}
			}
			if glyph = (glyph + delta) & 0xFFFF; glyph != 0 {
				found(r, glyph)
			}
		}
	}
}
