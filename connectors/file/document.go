package file

import (
	"bufio"
	"errors"
	"io"
)

// records cuts JSON that spans lines into its records: every object that stands
// by itself, and of an object with a member "items" each of the items. It holds
// one record at a time.
type records struct {
	yield func(record []byte, p piece) bool // false ends the reading

	buf     []byte
	start   int64 // offset of buf
	depth   int
	list    bool // inside the items of a list
	inList  bool // the outer object turned out to be a list
	item    bool // inside a record
	tooLong bool
	quoted  bool
	escaped bool
	name    []byte // the last string of the outer object
	key     string // the member of the outer object
	lines   int64  // since the end of the last record
	offset  int64
	stopped bool
}

// errStopped says that yield wanted no more.
var errStopped = errors.New("stopped")

// read reads to the end of the content.
func (r *records) read(content io.Reader) error {
	in := bufio.NewReaderSize(content, 256<<10)
	tail := false // the last line has begun
	for {
		c, err := in.ReadByte()
		if err != nil {
			if tail {
				r.lines++
			}
			if r.depth > 0 {
				r.end(errCut)
			} else if r.lines > 0 {
				r.yield(nil, piece{offset: r.offset, lines: r.lines})
			}
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		tail = c != '\n'
		if !tail {
			r.lines++
		}
		r.next(c)
		r.offset++
		if r.stopped {
			return errStopped
		}
	}
}

func (r *records) next(c byte) {
	if r.item {
		if len(r.buf) <= maxLine {
			r.buf = append(r.buf, c)
		} else {
			r.tooLong = true
		}
	}
	if r.quoted {
		switch {
		case r.escaped:
			r.escaped = false
		case c == '\\':
			r.escaped = true
		case c == '"':
			r.quoted = false
		case r.depth == 1 && len(r.name) < 64:
			r.name = append(r.name, c)
		}
		return
	}
	switch c {
	case '"':
		r.quoted = r.depth > 0
		if r.depth == 1 {
			r.name = r.name[:0]
		}
	case ':':
		if r.depth == 1 {
			r.key = string(r.name)
		}
	case '{', '[':
		r.depth++
		switch {
		case r.depth == 1:
			r.begin(c)
		case r.depth == 2 && c == '[' && r.key == "items":
			r.list, r.inList, r.item = true, true, false
			r.buf = r.buf[:0]
		case r.depth == 3 && r.list:
			r.begin(c)
		}
	case '}', ']':
		if r.depth == 0 {
			return
		}
		r.depth--
		switch {
		case r.depth == 2 && r.list:
			r.end(nil)
		case r.depth == 1 && r.list:
			r.list = false
		case r.depth == 0 && !r.inList:
			r.end(nil)
		case r.depth == 0:
			r.inList = false
		}
	}
}

func (r *records) begin(c byte) {
	r.item, r.tooLong, r.start = true, false, r.offset
	r.buf = append(r.buf[:0], c)
}

func (r *records) end(err error) {
	if r.tooLong {
		err = errTooLong
	}
	record := r.buf
	if err != nil {
		record = nil
	}
	r.stopped = !r.yield(record, piece{offset: r.start, lines: r.lines, err: err})
	r.lines, r.item, r.buf = 0, false, r.buf[:0]
}

// documents sends the records of a content in chunks.
func (r *cutter) documents(in *input, content io.Reader) error {
	var (
		c      *chunk
		failed error
	)
	rec := records{yield: func(record []byte, p piece) bool {
		if c != nil && len(c.buf)+len(record) > cap(c.buf) {
			r.send(c)
			c = nil
		}
		if c == nil {
			if c, failed = r.get(in, 0); failed != nil {
				return false
			}
		}
		p.start = len(c.buf)
		c.buf = append(c.buf, record...)
		p.end = len(c.buf)
		c.pieces = append(c.pieces, p)
		return true
	}}
	err := rec.read(content)
	if failed != nil {
		return failed
	}
	if c != nil {
		r.send(c)
	}
	return err
}
