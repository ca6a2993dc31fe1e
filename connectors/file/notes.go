package file

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash/maphash"
	"os"
	"strconv"

	"logreeve/connectors"
)

const (
	spacing   = 4 << 20  // bytes between two places of a file
	headSize  = 64 << 10 // what a file is known by
	tailBytes = 4 << 10  // what a place is known by
	maxPlaces = 512      // of one file; then the older ones stand further apart
	keptClose = 128      // the newest of them stay close together
)

// noting makes the note of one input while it is read.
type noting struct {
	at      connectors.Instant // of the read
	in      *input
	spacing int64
	note    connectors.FileNote
	now     connectors.Place // what is known up to the last chunk, without hash and figures of the joiner
	tail    []byte           // the end of that chunk
	whole   bool             // that chunk ends with a line's end
	spoiled bool             // something in it depends on what comes before or after in a way no note can tell
	base    figures          // what the joiner had counted when the input began
}

// figures are what a joiner and its consumer have counted.
type figures struct {
	merged, late, duplicates int64
	outcomes                 [4]int64
}

func (f figures) less(o figures) figures {
	f.merged -= o.merged
	f.late -= o.late
	f.duplicates -= o.duplicates
	for i := range f.outcomes {
		f.outcomes[i] -= o.outcomes[i]
	}
	return f
}

// begin starts the note of an input, from where its reading goes on.
func (s *Source) begin(in *input, at connectors.Instant, counted figures) *noting {
	n := &noting{at: at, in: in, spacing: s.spacing, base: counted}
	n.note = connectors.FileNote{Path: in.path, Reading: s.reading()}
	n.note.Head, n.note.HeadSize = in.head()
	if in.resume != nil {
		n.now = *in.resume
		n.note.Places = append(n.note.Places, in.known...)
	}
	return n
}

// chunk takes the account of the next chunk, before its records are joined.
func (n *noting) chunk(c *chunk) {
	p := &n.now
	for _, s := range c.samples {
		if len(p.Samples) < connectors.MaxSamples {
			s.Line += p.Lines
			p.Samples = append(p.Samples[:len(p.Samples):len(p.Samples)], s)
		}
	}
	p.Lines += c.lines
	p.Blank += c.blank
	p.Unparsed += c.unparsed
	p.Records += int64(len(c.events))
	if c.oldest != 0 && (p.Oldest == 0 || c.oldest < p.Oldest) {
		p.Oldest = c.oldest
	}
	p.Newest = max(p.Newest, c.newest)
	n.spoiled = n.spoiled || c.spoils || c.partly > 0
	n.whole = len(c.buf) > 0 && c.buf[len(c.buf)-1] == '\n' && !c.tooLong
	if n.whole && !n.in.only {
		n.tail = append(n.tail[:0], c.buf[max(0, len(c.buf)-tailBytes):]...)
	}
	n.now.Offset = c.offset + int64(len(c.buf))
}

// place notes the place behind the last chunk, if it is time or the input ends.
func (n *noting) place(j joiner, counted func() figures, ends bool) {
	last := int64(0)
	if k := len(n.note.Places); k > 0 {
		last = n.note.Places[k-1].Offset
	}
	switch {
	case n.spoiled || n.note.HeadSize == 0 || !j.quiet():
		return
	case n.in.only && (!ends || n.in.resume != nil), !n.in.only && (!n.whole || n.now.Offset <= last):
		return
	case !ends && n.now.Offset-last < n.spacing:
		return
	}
	p := n.now
	p.ReadAt = n.at
	if n.in.only {
		tail, err := n.in.before(n.in.size)
		if err != nil {
			return
		}
		p.Offset, p.Whole, p.Modified = n.in.size, true, n.in.modified
		n.tail = tail
	}
	p.Tail, p.TailSize = digest(n.tail), int64(len(n.tail))
	p.Last = n.in.lastTime(n.tail)
	f := counted().less(n.base)
	if r := n.in.resume; r != nil {
		f.merged += r.Merged
		f.late += r.Late
		f.duplicates += r.DuplicateKeys
		for i, o := range outcomes {
			f.outcomes[i] += r.ByOutcome[o]
		}
	}
	p.Merged, p.Late, p.DuplicateKeys, p.ByOutcome = f.merged, f.late, f.duplicates, map[connectors.Outcome]int64{}
	for i, o := range outcomes {
		if f.outcomes[i] != 0 {
			p.ByOutcome[o] = f.outcomes[i]
		}
	}
	n.note.Places = append(n.note.Places, p)
	n.thin()
}

// thin takes every other of the older places out when there are too many.
func (n *noting) thin() {
	all := n.note.Places
	if len(all) <= maxPlaces {
		return
	}
	kept := all[:0]
	for i, p := range all {
		if i%2 == 0 || i >= len(all)-keptClose {
			kept = append(kept, p)
		}
	}
	n.note.Places = kept
}

// reading says with what options lines are understood.
func (s *Source) reading() string {
	if s.format.kind != connectors.AuthLog {
		return string(s.format.kind)
	}
	zone := "UTC"
	if s.opts.Zone != nil {
		zone = s.opts.Zone.String()
	}
	return string(s.format.kind) + " " + zone + " " + strconv.Itoa(s.opts.Year)
}

// head is the SHA-256 of the first bytes of a file as stored, and how many.
func (in *input) head() (string, int64) {
	return in.headOf(min(headSize, in.size))
}

func (in *input) headOf(n int64) (string, int64) {
	if in.stream != nil || n <= 0 || n > min(headSize, in.size) {
		return "", 0
	}
	f, err := os.Open(in.path)
	if err != nil {
		return "", 0
	}
	defer f.Close()
	b := make([]byte, n)
	if got, _ := f.ReadAt(b, 0); int64(got) < n {
		return "", 0
	}
	return digest(b), n
}

// before gives the bytes of a file as stored before an offset.
func (in *input) before(offset int64) ([]byte, error) {
	f, err := os.Open(in.path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b := make([]byte, min(tailBytes, offset))
	_, err = f.ReadAt(b, offset-int64(len(b)))
	return b, err
}

// lastTime is when the last line was written, where its stamp alone does not say.
func (in *input) lastTime(tail []byte) connectors.Instant {
	if in.calendar == nil || in.only {
		return 0
	}
	tail = bytes.TrimRight(tail, "\r\n")
	line := tail[bytes.LastIndexByte(tail, '\n')+1:]
	events, _, _ := authlogSession{seed: maphash.MakeSeed()}.parser().parse(line, connectors.Ref{}, in, nil, nil)
	if len(events) == 0 {
		return 0
	}
	return events[0].Time
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
