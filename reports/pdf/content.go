package pdf

import (
	"math"
)

// content is what a page draws: operators of ISO 32000-1, sections 8 and 9, that
// do not repeat what is already set. Lengths are in mm from the upper left
// corner of the paper.
type content struct {
	out    []byte
	height float64   // of the paper
	fonts  [3]string // names of the faces in the file's resources
	used   *runes    // what the faces must be able to draw
	set    state
	outer  state // what was set before turned
}

// state is what the file's reader has set at this point. Sizes and widths that
// are not known are zero, colours below zero.
type state struct {
	face         faceID
	size, width  float64
	fill, stroke colour
}

// runes are the runes that text of each face holds, a bit each.
type runes [3][1 << 10]uint64

func (u *runes) add(f faceID, r rune) { u[f][uint16(r)>>6] |= 1 << (r & 63) } //nolint:gosec // the gate lets nothing above U+FFFF through

// of lists the runes of a face in their order.
func (u *runes) of(f faceID) []rune {
	var out []rune
	for i, word := range u[f] {
		for bit := range 64 {
			if word&(1<<bit) != 0 {
				out = append(out, rune(i<<6|bit)) //nolint:gosec // below 1<<16
			}
		}
	}
	return out
}

// begin starts a page: a reader draws in black until told otherwise.
func (c *content) begin() { c.out, c.set = c.out[:0], state{} }

// resume starts content that follows other content of the same page, of which
// it knows nothing.
func (c *content) resume() {
	unknown := colour{-1, -1, -1}
	c.out, c.set = c.out[:0], state{fill: unknown, stroke: unknown}
}

// turned draws something turned to the left by degrees around a point.
func (c *content) turned(degrees, x, y float64, draw func()) {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	x, y = x/pointMM, (c.height-y)/pointMM
	c.outer = c.set
	c.out = append(c.out, "q "...)
	c.numbers(5, cos, sin, -sin, cos, x+sin*y-cos*x, y-cos*y-sin*x)
	c.out = append(c.out, "cm\n"...)
	draw()
	c.out = append(c.out, "Q\n"...)
	c.set = c.outer
}

// text draws one line from x on.
func (c *content) text(x, baseline float64, s style, t shown) {
	c.fillColour(s.colour)
	c.out = append(c.out, "BT "...)
	if c.set.face != s.face || c.set.size != s.size {
		c.set.face, c.set.size = s.face, s.size
		c.out = append(append(append(c.out, '/'), c.fonts[s.face]...), ' ')
		c.numbers(2, s.size)
		c.out = append(c.out, "Tf "...)
	}
	c.points(2, x, baseline)
	c.out = append(c.out, "Td("...)
	for _, r := range string(t) {
		c.used.add(s.face, r)
		c.char(byte(r >> 8)) //nolint:gosec // the upper half
		c.char(byte(r))      //nolint:gosec // the lower half
	}
	c.out = append(c.out, ")Tj ET\n"...)
}

// char writes a byte of a string; a reader would take four of them for
// something else.
func (c *content) char(b byte) {
	switch b {
	case '\\', '(', ')':
		c.out = append(c.out, '\\', b)
	case '\r':
		c.out = append(c.out, '\\', 'r')
	default:
		c.out = append(c.out, b)
	}
}

func (c *content) fillColour(to colour) {
	if c.set.fill != to {
		c.set.fill = to
		c.colour(to, "rg\n")
	}
}

func (c *content) pen(to colour, width float64) {
	if c.set.stroke != to {
		c.set.stroke = to
		c.colour(to, "RG\n")
	}
	if c.set.width != width {
		c.set.width = width
		c.numbers(2, width/pointMM)
		c.out = append(c.out, "w\n"...)
	}
}

func (c *content) colour(to colour, operator string) {
	c.numbers(3, float64(to[0])/255, float64(to[1])/255, float64(to[2])/255)
	c.out = append(c.out, operator...)
}

// fill fills a rectangle.
func (c *content) fill(x, y, w, h float64, in colour) {
	c.fillColour(in)
	c.rectangle(x, y, w, h, "f\n")
}

// frame draws the outline of a rectangle.
func (c *content) frame(x, y, w, h float64, in colour, width float64) {
	c.pen(in, width)
	c.rectangle(x, y, w, h, "S\n")
}

func (c *content) rectangle(x, y, w, h float64, operator string) {
	c.points(2, x, y)
	c.numbers(2, w/pointMM, -h/pointMM)
	c.out = append(append(c.out, "re "...), operator...)
}

// line draws a line between two points.
func (c *content) line(x1, y1, x2, y2 float64, in colour, width float64) {
	c.pen(in, width)
	c.points(2, x1, y1)
	c.out = append(c.out, "m "...)
	c.points(2, x2, y2)
	c.out = append(c.out, "l S\n"...)
}

// polygon fills the area between points.
func (c *content) polygon(in colour, xy ...float64) {
	c.fillColour(in)
	operator := "m "
	for i := 0; i+1 < len(xy); i += 2 {
		c.points(5, xy[i], xy[i+1])
		c.out = append(c.out, operator...)
		operator = "l "
	}
	c.out = append(c.out, "f\n"...)
}

// disc fills a circle, ring draws one.
func (c *content) disc(x, y, radius float64, in colour) {
	c.fillColour(in)
	c.circle(x, y, radius)
	c.out = append(c.out, "f\n"...)
}

func (c *content) ring(x, y, radius float64, in colour, width float64) {
	c.pen(in, width)
	c.circle(x, y, radius)
	c.out = append(c.out, "S\n"...)
}

// circle is a path of six Bézier curves.
func (c *content) circle(x, y, radius float64) {
	const step = math.Pi / 3
	c.points(5, x+radius, y)
	c.out = append(c.out, "m "...)
	for i := range 6 {
		sin0, cos0 := math.Sincos(float64(i) * step)
		sin1, cos1 := math.Sincos(float64(i+1) * step)
		c.points(5, x+radius*(cos0-sin0*step/3), y-radius*(sin0+cos0*step/3))
		c.points(5, x+radius*(cos1+sin1*step/3), y-radius*(sin1-cos1*step/3))
		c.points(5, x+radius*cos1, y-radius*sin1)
		c.out = append(c.out, "c "...)
	}
}

// points writes a point as the file counts: in points, from the lower left.
func (c *content) points(decimals int, x, y float64) {
	c.numbers(decimals, x/pointMM, (c.height-y)/pointMM)
}

// numbers writes numbers with at most so many decimals and a space after each.
func (c *content) numbers(decimals int, values ...float64) {
	for _, v := range values {
		c.out = append(appendDecimal(c.out, v, decimals), ' ')
	}
}

// appendDecimal writes a number without zeros that say nothing.
func appendDecimal(out []byte, v float64, decimals int) []byte {
	scale := [...]int64{1, 10, 100, 1_000, 10_000, 100_000}[decimals]
	n := int64(math.Round(v * float64(scale)))
	if n < 0 {
		out, n = append(out, '-'), -n
	}
	for scale > 1 && n%10 == 0 {
		scale, n = scale/10, n/10
	}
	from := len(out)
	for unit := scale; n > 0 || unit > 0; unit /= 10 { // backwards
		out = append(out, byte('0'+n%10))
		n /= 10
		if unit == 10 {
			out = append(out, '.')
		}
	}
	for i, j := from, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}
