package reports

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"slices"
	"time"

	"logreeve/connectors"
)

// maxContext is how many events are noted as context for the next run. Where
// there are more, the next run reads the lead again.
const maxContext = 10_000

// contextKeeper notes where the events lie that the next run may need before its
// window: the selected ones of the checks that have a lead, from the end of what
// is read now.
type contextKeeper struct {
	lead   time.Duration
	newest connectors.Instant // of the events noted
	seq    uint64             // of the event noted last
	refs   []contextRef
	over   bool // there were too many
}

type contextRef struct {
	file string
	line connectors.LineRef
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// add notes an event, once however many checks select it.
func (k *contextKeeper) add(e *connectors.Event) {
	if k.seq == e.Seq || k.over {
		return
	}
	k.seq = e.Seq
	k.newest = max(k.newest, e.Time)
	if e.Time < k.newest.Add(-k.lead) {
		return
	}
	if len(k.refs) >= 2*maxContext {
		k.forget(k.newest.Add(-k.lead))
		k.over = len(k.refs) >= 2*maxContext
	}
	ref := e.Ref()
	k.refs = append(k.refs, contextRef{ref.File, connectors.LineRef{
		Offset: ref.Offset, Length: int64(len(e.Raw())), Line: ref.Line, Sum: crc32.Checksum(e.Raw(), castagnoli), Time: e.Time,
	}})
}

// forget lets go of what lies before an instant.
func (k *contextKeeper) forget(before connectors.Instant) {
	k.refs = slices.DeleteFunc(k.refs, func(r contextRef) bool { return r.line.Time < before })
}

// leadSelect names what checks want to see of the lead; "" nothing.
func (p *pass) leadSelect() string {
	h := sha256.New()
	for _, r := range p.running {
		if r.fed && r.lead != nil {
			fmt.Fprintln(h, r.check.ID, r.check.Digest(), r.before())
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// noteContext puts the context of the source that was read into its notes.
func (p *pass) noteContext(read *connectors.Completeness) {
	k := &p.context
	if read.Notes == nil || p.newest == 0 || p.lead == 0 {
		return
	}
	from := p.newest.Add(-p.lead)
	if reach := (connectors.Query{Window: p.in.Window, Lead: p.lead}).Reach(); reach.From != 0 {
		from = max(from, reach.From)
	}
	k.forget(from)
	if k.over || len(k.refs) > maxContext {
		return
	}
	for i := range read.Notes.Files {
		n := &read.Notes.Files[i]
		c := &connectors.Context{Select: p.leadSelect(), From: from, To: p.in.Window.To, Lines: []connectors.LineRef{}}
		for _, r := range k.refs {
			if r.file == n.Path {
				c.Lines = append(c.Lines, r.line)
			}
		}
		n.Context = c
	}
}
