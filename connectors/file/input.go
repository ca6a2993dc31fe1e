package file

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"logreeve/connectors"
	"logreeve/connectors/authlog"
)

const (
	sampleSize = 1 << 20   // what decides the kind of a log
	edgeSize   = 64 << 10  // what Edges is the digest of, at either end
	tailSize   = 256 << 10 // where the newest line is looked for
	maxWindow  = 256 << 20 // memory a zstd stream may ask for
)

// input is one file to read, or a stream that can be read once.
type input struct {
	path     string
	size     int64 // 0 for a stream
	modified time.Time
	stream   *bufio.Reader // standard input or a pipe
	document bool          // JSON values that span lines
	oldest   connectors.Instant
	sample   []byte              // only while sources are opened
	calendar *authlog.Calendar   // only for auth logs
	account  connectors.ReadFile // what was read, filled by Read

	only   bool                 // it can be left out only as a whole
	resume *connectors.Place    // where Read begins; nil: at the beginning
	known  []connectors.Place   // the places up to there
	recall []connectors.LineRef // lines before resume that are context
	broken bool                 // it could not be read to its end
	packed bool                 // it is compressed; known once it is being read
}

// opened is an input being read.
type opened struct {
	content io.Reader
	close   func()
	packed  bool
}

// open opens the input for reading from its beginning; stored counts the bytes
// as they are stored.
func (in *input) open(stored *atomic.Int64) (opened, error) {
	if in.stream != nil {
		return decompress(in.stream, stored)
	}
	f, err := os.Open(in.path)
	if err != nil {
		return opened{}, err
	}
	if in.resume != nil && !in.only {
		if _, err := f.Seek(in.resume.Offset, io.SeekStart); err != nil {
			_ = f.Close()
			return opened{}, err
		}
		stored.Add(in.resume.Offset)
		rest := &counting{r: io.LimitReader(f, in.size-in.resume.Offset), n: stored}
		return opened{content: rest, close: func() { _ = f.Close() }}, nil
	}
	o, err := decompress(io.LimitReader(f, in.size), stored)
	if err != nil {
		_ = f.Close()
		return opened{}, err
	}
	inner := o.close
	o.close = func() { inner(); _ = f.Close() }
	return o, nil
}

// start is the offset at which reading begins.
func (in *input) start() int64 {
	if in.resume == nil {
		return 0
	}
	return in.resume.Offset
}

// decompress looks at the first bytes of r and decompresses what is compressed.
func decompress(r io.Reader, stored *atomic.Int64) (opened, error) {
	counted := &counting{r: r, n: stored}
	head := make([]byte, 4)
	n, err := io.ReadFull(counted, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return opened{}, err
	}
	whole := io.MultiReader(bytes.NewReader(head[:n]), counted)
	switch {
	case n >= 2 && head[0] == 0x1f && head[1] == 0x8b: // RFC 1952 §2.3.1
		z, err := gzip.NewReader(bufio.NewReaderSize(whole, 256<<10))
		if err != nil {
			return opened{}, err
		}
		return opened{content: z, close: func() { _ = z.Close() }, packed: true}, nil
	case n == 4 && binary.LittleEndian.Uint32(head) == 0xFD2FB528: // RFC 8878 §3.1.1
		z, err := zstd.NewReader(bufio.NewReaderSize(whole, 256<<10), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxWindow), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return opened{}, err
		}
		return opened{content: z, close: z.Close, packed: true}, nil
	}
	return opened{content: whole, close: func() {}}, nil
}

type counting struct {
	r io.Reader
	n *atomic.Int64
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// readSample reads the beginning of the content. For a stream it looks without
// consuming.
func (in *input) readSample() ([]byte, error) {
	var unused atomic.Int64
	if in.stream != nil {
		head, err := in.stream.Peek(sampleSize)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
		o, err := decompress(bytes.NewReader(head), &unused)
		if err != nil {
			return nil, err
		}
		defer o.close()
		sample, _ := io.ReadAll(io.LimitReader(o.content, sampleSize)) // the compressed head ends anywhere
		return sample, nil
	}
	o, err := in.open(&unused)
	if err != nil {
		return nil, err
	}
	defer o.close()
	var sample bytes.Buffer
	if !o.packed {
		sample.Grow(int(min(sampleSize, in.size)) + bytes.MinRead)
	}
	_, err = sample.ReadFrom(io.LimitReader(o.content, sampleSize))
	if sample.Len() > 0 {
		return sample.Bytes(), nil // a problem behind it is met again while reading
	}
	return nil, err
}

// readTail gives the last bytes of the content.
func (in *input) readTail() ([]byte, error) {
	if in.stream != nil {
		return nil, nil
	}
	var unused atomic.Int64
	o, err := in.open(&unused)
	if err != nil {
		return nil, err
	}
	defer o.close()
	if compressed, err := in.compressed(); err != nil || !compressed {
		return in.lastBytes(tailSize)
	}
	// A ring of two halves keeps the end of a stream that cannot be read backwards.
	var older, newer []byte
	for {
		part := make([]byte, tailSize)
		n, err := io.ReadFull(o.content, part)
		if n > 0 {
			older, newer = newer, part[:n]
		}
		if err != nil {
			return append(older, newer...), nil
		}
	}
}

func (in *input) compressed() (bool, error) {
	f, err := os.Open(in.path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	head := make([]byte, 4)
	n, _ := io.ReadFull(f, head)
	return n >= 2 && head[0] == 0x1f && head[1] == 0x8b || n == 4 && binary.LittleEndian.Uint32(head) == 0xFD2FB528, nil
}

func (in *input) lastBytes(n int64) ([]byte, error) {
	f, err := os.Open(in.path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	n = min(n, in.size)
	b := make([]byte, n)
	got, err := f.ReadAt(b, in.size-n)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return b[:got], err
}

// edges is the SHA-256 over the first 64 KiB, the last 64 KiB and the size as
// eight bytes, big-endian; in a smaller file the two overlap.
func (in *input) edges() string {
	if in.stream != nil {
		return ""
	}
	f, err := os.Open(in.path)
	if err != nil {
		return ""
	}
	defer f.Close()
	n := min(edgeSize, in.size)
	b := make([]byte, n)
	h := sha256.New()
	for _, at := range []int64{0, in.size - n} {
		got, _ := f.ReadAt(b, at)
		h.Write(b[:got])
	}
	var size [8]byte
	binary.BigEndian.PutUint64(size[:], uint64(in.size)) //nolint:gosec // a size is not negative
	h.Write(size[:])
	return hex.EncodeToString(h.Sum(nil))
}
