package file

import "bytes"

// lines parses a chunk whose records are its lines.
func (w *worker) lines(c *chunk) {
	offset := c.offset
	for rest := c.buf; len(rest) > 0; {
		line, end := rest, len(rest)
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			line, end = rest[:i], i+1
		}
		rest = rest[end:]
		c.lines++
		line = trimLine(line)
		switch {
		case len(line) > maxLine:
			c.reject(c.lines, 1, errTooLong)
		case blank(line):
			c.blank++
		default:
			w.record(c, line, c.lines, 1, offset)
		}
		offset += int64(end)
	}
}

func blank(line []byte) bool {
	for _, b := range line {
		if b != ' ' && b != '\t' && b != '\r' {
			return false
		}
	}
	return true
}
