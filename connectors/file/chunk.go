package file

import (
	"bytes"
	"context"
	"errors"
	"io"

	"logreeve/connectors"
)

const (
	chunkSize = 256 << 10 // bytes read at a time: a few chunks with their events fit the memory next to a core
	maxLine   = 16 << 20  // a longer line is one unparsed line (contract.md §2)
)

var (
	errTooLong = errors.New("is longer than 16 MiB")
	errCut     = errors.New("ends in the middle of a record")
)

// chunk is a part of an input that ends at a line's end. It is filled by the
// cutter, parsed by a worker and handed to the consumer, and goes back.
type chunk struct {
	in      *input
	offset  int64 // of buf in the content
	buf     []byte
	pieces  []piece // of a document; nil: the records are the lines
	tooLong bool    // stands for one line that is too long

	events   []connectors.Event
	marks    []mark
	lines    int64
	blank    int64
	unparsed int64
	samples  []connectors.UnparsedSample
	oldest   connectors.Instant // of the records
	newest   connectors.Instant
	spoils   bool  // it holds a record that a note cannot be made behind
	partly   int64 // records of which a part could not be read
}

// piece is one record of a document: buf[start:end], which with what stands
// before it takes a number of lines. A record that could not be cut out has err.
type piece struct {
	start, end int
	offset     int64
	lines      int64
	err        error
}

func newChunk(size int) *chunk {
	return &chunk{buf: make([]byte, 0, size)}
}

// reset empties a chunk for reuse, giving back what a long line took.
func (c *chunk) reset(in *input, offset int64) {
	if cap(c.buf) > 2*chunkSize {
		c.buf = make([]byte, 0, chunkSize)
	}
	*c = chunk{
		in: in, offset: offset, buf: c.buf[:0], pieces: c.pieces[:0], events: c.events[:0], marks: c.marks[:0],
		samples: c.samples[:0],
	}
}

// cutter cuts contents into chunks.
type cutter struct {
	ctx  context.Context //nolint:containedctx // lives as long as one read
	pool *pool
	send func(*chunk)
}

func (r *cutter) get(in *input, offset int64) (*chunk, error) {
	c, err := r.pool.take(r.ctx)
	if err != nil {
		return nil, err
	}
	c.reset(in, offset)
	return c, nil
}

// lines sends the content in chunks of whole lines. What was read before an
// error is sent.
func (r *cutter) lines(in *input, content io.Reader) error {
	var (
		offset = in.start()
		carry  []byte // the beginning of a line that goes on
	)
	for {
		c, err := r.get(in, offset)
		if err != nil {
			return err
		}
		c.buf = append(c.buf, carry...)
		carry = carry[:0]
		var failed error
		for failed == nil {
			c.buf, failed = fill(c.buf, content)
			if failed != nil {
				break
			}
			if end := bytes.LastIndexByte(c.buf, '\n'); end >= 0 {
				carry = append(carry, c.buf[end+1:]...)
				c.buf = c.buf[:end+1]
				break
			}
			if len(c.buf) > maxLine {
				carry, failed = r.tooLong(c, content)
				break
			}
			c.buf = append(make([]byte, 0, min(2*cap(c.buf), maxLine+chunkSize)), c.buf...)
		}
		offset = c.offset + int64(len(c.buf))
		if c.tooLong {
			offset = c.offset + c.lines // see tooLong
			c.lines = 0
		}
		if len(c.buf) > 0 || c.tooLong {
			r.send(c)
		} else {
			r.pool.put(c)
		}
		if errors.Is(failed, io.EOF) {
			return nil
		}
		if failed != nil {
			return failed
		}
	}
}

// tooLong reads on to the end of a line that is too long. It leaves the number
// of bytes up to there in c.lines and gives what stands behind.
func (r *cutter) tooLong(c *chunk, content io.Reader) (carry []byte, err error) {
	c.tooLong = true
	size := int64(len(c.buf))
	for {
		if err := r.ctx.Err(); err != nil {
			return nil, err
		}
		part := c.buf[:0]
		part, err = fill(part[:0:chunkSize], content)
		if end := bytes.IndexByte(part, '\n'); end >= 0 {
			carry = append(carry, part[end+1:]...)
			c.lines = size + int64(end+1)
			c.buf = c.buf[:0]
			return carry, r.orCarry(carry, err)
		}
		size += int64(len(part))
		if err != nil {
			c.lines = size
			c.buf = c.buf[:0]
			return nil, err
		}
	}
}

// orCarry holds back the end of the content while something is carried over.
func (r *cutter) orCarry(carry []byte, err error) error {
	if errors.Is(err, io.EOF) && len(carry) > 0 {
		return nil // the next read meets the end again
	}
	return err
}

// fill reads until the buffer is full or the content ends.
func fill(buf []byte, content io.Reader) ([]byte, error) {
	for len(buf) < cap(buf) {
		n, err := content.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err != nil {
			return buf, err
		}
	}
	return buf, nil
}

// lines calls f for every record at the beginning of an input, until it answers
// false. The last one may be cut.
func lines(in *input, sample []byte, f func(record []byte) bool) {
	if in.document {
		r := records{yield: func(record []byte, _ piece) bool { return f(record) }}
		_ = r.read(bytes.NewReader(sample))
		return
	}
	for len(sample) > 0 {
		line, rest, _ := bytes.Cut(sample, []byte("\n"))
		if line = trimLine(line); len(line) > 0 && !f(line) {
			return
		}
		sample = rest
	}
}

// trimLine takes away what is left of a line's end, and a byte order mark.
func trimLine(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line
}
