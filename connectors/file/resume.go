package file

import (
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"time"

	"logreeve/connectors"
)

// A read over a window need not read what an earlier read found to lie before
// it. Nothing of the earlier records is needed to understand the later ones: the
// records of a request all say when it was received, so that a request of the
// window has none before a place whose records are all older (places are not
// noted behind records that do not say); and in an auth log a place is noted only
// where no attempt is open, and used only if nothing before it is read at all.

// manyDays is as long as stamps without a year tell days apart for certain.
const manyDays = 300 * 24 * time.Hour

// plan decides for every input from where it is read, and says so.
func (s *Source) plan(q connectors.Query) []connectors.Resumption {
	for _, in := range s.inputs {
		in.resume, in.known, in.recall, in.broken = nil, nil, nil, false
		in.only = in.document || in.stream != nil
	}
	if q.Notes == nil {
		return nil
	}
	var out []connectors.Resumption
	begun := false
	for _, in := range s.inputs {
		if in.stream != nil {
			continue
		}
		compressed, err := in.compressed()
		if err != nil {
			continue // it is met again when it is opened
		}
		in.only = in.only || compressed
		note, refusal := s.noteOf(in, q.Notes)
		if note != nil {
			refusal = s.resume(in, note, q, begun)
		}
		if refusal != "" {
			r := connectors.Resumption{File: in.path, Reason: refusal}
			out = append(out, r)
		}
		if p := in.resume; p != nil {
			out = append(out, connectors.Resumption{
				File: in.path, Bytes: p.Offset, Lines: p.Lines, ReadAt: p.ReadAt, Newest: p.Newest,
				Reason: fmt.Sprintf("The first %d bytes were read at %s and end before the window: nothing in them is newer than %s.", p.Offset, p.ReadAt, p.Newest),
			})
		}
		if s.format.joined && (in.resume == nil || in.resume.Offset < in.size) {
			begun = true
		}
	}
	return out
}

// noteOf finds the note of an input by the file's beginning. Where a note of the
// same path is of another file that is nowhere to be found, it says so.
func (s *Source) noteOf(in *input, notes *connectors.Notes) (*connectors.FileNote, string) {
	heads := map[int64]string{}
	is := func(in *input, n *connectors.FileNote) bool {
		if _, known := heads[n.HeadSize]; !known {
			heads[n.HeadSize], _ = in.headOf(n.HeadSize)
		}
		return n.Head != "" && heads[n.HeadSize] == n.Head
	}
	var other *connectors.FileNote
	for i := range notes.Files {
		n := &notes.Files[i]
		if n.Reading != s.reading() {
			continue
		}
		if is(in, n) {
			return n, ""
		}
		if n.Path == in.path {
			other = n
		}
	}
	if other == nil || len(other.Places) == 0 {
		return nil, ""
	}
	for _, o := range s.inputs { // rotated away?
		if o != in && o.stream == nil {
			clear(heads)
			if is(o, other) {
				return nil, ""
			}
		}
	}
	return nil, fmt.Sprintf("The file does not begin as the one that was read at %s, which is gone, so it is read whole.", other.Places[0].ReadAt)
}

// resume chooses the last place that lies before the window and makes sure that
// the file still is what it was up to there. It gives the reason if it is not.
func (s *Source) resume(in *input, note *connectors.FileNote, q connectors.Query, begun bool) (refusal string) {
	if q.Window.From == 0 || begun {
		return ""
	}
	last, recalls := s.last(in, note, q)
	if last < 0 {
		return ""
	}
	f, err := os.Open(in.path)
	if err != nil {
		return "" // it is met again when it is opened
	}
	defer f.Close()
	for i := range note.Places[:last+1] {
		p := &note.Places[i]
		b := make([]byte, p.TailSize)
		switch {
		case p.Whole && (p.Offset != in.size || !p.Modified.Equal(in.modified)):
			return fmt.Sprintf("The file was written to since it was read at %s, so it is read whole.", p.ReadAt)
		case p.Offset > in.size:
			return fmt.Sprintf("The file was cut: it has %d bytes, and %d had been read at %s, so it is read whole.", in.size, p.Offset, p.ReadAt)
		case p.TailSize <= 0 || p.TailSize > min(tailBytes, p.Offset):
			return "The note of what was read is damaged, so the file is read whole."
		}
		if got, _ := f.ReadAt(b, p.Offset-p.TailSize); int64(got) < p.TailSize || digest(b) != p.Tail {
			return fmt.Sprintf("The file was changed before byte %d since that was read at %s, so it is read whole.", p.Offset, p.ReadAt)
		}
		if i == last && in.lastTime(b) != p.Last {
			return fmt.Sprintf("The line before byte %d is dated otherwise than when it was read at %s, so the file is read whole.", p.Offset, p.ReadAt)
		}
	}
	if recalls {
		p := s.format.session().parser()
		for _, l := range note.Context.Lines {
			if _, err := s.line(f, in, p, l); err != nil {
				return fmt.Sprintf("The line at byte %d was changed since it was read at %s, so the file is read whole.", l.Offset, note.Places[last].ReadAt)
			}
		}
	}
	in.resume = &note.Places[last]
	in.known = note.Places[:last+1]
	if recalls {
		for _, l := range note.Context.Lines {
			if l.Offset < in.resume.Offset && q.Reach().Contains(l.Time) && l.Time < q.Window.From {
				in.recall = append(in.recall, l)
			}
		}
	}
	return ""
}

// last gives the last place that lies before the window, -1 if there is none. It
// lies before the lead as well, unless the note knows the events of the lead.
func (s *Source) last(in *input, note *connectors.FileNote, q connectors.Query) (last int, recalls bool) {
	last = -1
	for i, p := range note.Places {
		knows := !in.only && s.knowsLead(note.Context, p, q)
		from := q.Reach().From
		if knows {
			from = q.Window.From
		}
		if p.Newest >= from || s.now() != 0 && p.Newest > s.now() || p.Whole != in.only ||
			in.calendar != nil && from.Sub(p.Oldest) > manyDays {
			break
		}
		last, recalls = i, knows && p.Newest >= q.Reach().From
	}
	return last, recalls
}

// knowsLead says whether a note holds every event of the lead that lies before a
// place.
func (s *Source) knowsLead(c *connectors.Context, p connectors.Place, q connectors.Query) bool {
	return c != nil && !s.format.joined && c.Select == q.LeadSelect && q.Reach().From >= c.From && (c.To == 0 || min(q.Window.From, p.Newest+1) <= c.To)
}

// recalled delivers the context of an input that is not read again. A line that
// is no longer what it was gives an error, and the input is to be read whole.
func (s *Source) recalled(in *input, p parser, a *connectors.Attribution, emit func([]connectors.Event) error) error {
	f, err := os.Open(in.path)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, l := range in.recall {
		events, err := s.line(f, in, p, l)
		if err != nil {
			return err
		}
		for i := range events {
			events[i].Source = s.name
			a.Apply(&events[i])
		}
		if err := emit(events); err != nil {
			return err
		}
	}
	return nil
}

// line reads and parses one line again.
func (s *Source) line(f *os.File, in *input, p parser, l connectors.LineRef) ([]connectors.Event, error) {
	if l.Length <= 0 || l.Length > maxLine {
		return nil, errChanged
	}
	b := make([]byte, l.Length)
	if n, _ := f.ReadAt(b, l.Offset); int64(n) < l.Length || crc32.Checksum(b, castagnoli) != l.Sum {
		return nil, errChanged
	}
	events, _, err := p.parse(b, connectors.Ref{File: in.path, Line: l.Line, Offset: l.Offset}, in, nil, nil)
	if err != nil || len(events) != 1 || events[0].Time != l.Time {
		return nil, errChanged
	}
	return events, nil
}

var (
	errChanged = errors.New("a line is no longer what it was")
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

func (s *Source) now() connectors.Instant {
	if s.opts.Now == nil {
		return 0
	}
	return connectors.At(s.opts.Now())
}

// Ahead implements connectors.Ahead.
func (s *Source) Ahead() (earliest connectors.Instant, ok bool) {
	for _, in := range s.inputs[s.begun:] {
		if in.resume != nil && in.resume.Offset == in.size {
			continue
		}
		at := in.oldest
		if in.resume != nil {
			at = max(at, s.from)
		}
		if !ok || at < earliest {
			earliest, ok = at, true
		}
	}
	return earliest, ok
}
