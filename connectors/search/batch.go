package search

import (
	"logreeve/connectors"
	"logreeve/connectors/rawjson"
)

// batch is what one page holds, parsed.
type batch struct {
	events    []connectors.Event
	marks     []mark
	documents int64
	size      int
	unparsed  int64
	samples   []connectors.UnparsedSample
	partly    int64
	indices   map[string]*connectors.ReadFile
	lacks     []string // what the answer lacked to be complete
	last      bool     // of its slice: nothing more comes
	wanted    int64    // documents of the slice, on the last
	err       error    // why the slice ended early, on the last
}

// parsePage makes events of a page.
func parsePage(p page, by *parser) *batch {
	b := &batch{
		documents: int64(len(p.documents)), size: p.size, lacks: p.lack(),
		events: make([]connectors.Event, 0, len(p.documents)), indices: map[string]*connectors.ReadFile{},
	}
	for _, d := range p.documents {
		n := len(b.events)
		var err error
		b.events, b.marks, err = by.parse(d, b.events, b.marks)
		index := b.indices[string(d.index)]
		if index == nil {
			name := rawjson.Unescape(d.index)
			index = &connectors.ReadFile{Path: name}
			b.indices[name] = index
		}
		index.Lines++
		index.Size += int64(len(d.source))
		index.Records += int64(len(b.events) - n)
		switch {
		case err == nil:
		case len(b.events) > n:
			b.partly++
		default:
			b.unparsed++
			if len(b.samples) < connectors.MaxSamples {
				b.samples = append(b.samples, connectors.UnparsedSample{
					File: rawjson.Unescape(d.index) + "/" + rawjson.Unescape(d.id), Reason: err.Error(),
				})
			}
		}
	}
	return b
}
