package reports

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"logreeve/connectors"
)

// WriteJSON writes outcomes with these results as encoding/json would with an indent
// of two spaces, the events that items name included. Items
// are nearly all of it: they are written out on all cores, a few at a time, so that
// neither the results nor the text lie in memory as a whole.
func WriteJSON(w io.Writer, frame Outcomes, results iter.Seq2[Result, error]) error {
	frame.Results = []Result{}
	begin, end, err := around(frame, "results", "")
	if err != nil {
		return err
	}
	ahead := 2 * runtime.GOMAXPROCS(0)
	p := printer{ready: make(chan *portion, ahead), work: make(chan *portion, ahead), stop: make(chan struct{}), used: make(chan []byte, 4*ahead)}
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(p.encode)
	}
	wait.Go(func() { p.write(w) })
	laid := p.lay(begin, results, end)
	wait.Wait()
	return cmp.Or(p.failed, laid)
}

// write writes what is laid until something is wrong.
func (p *printer) write(w io.Writer) {
	defer close(p.stop)
	for part := range p.ready {
		<-part.done
		if p.failed = part.err; p.failed == nil {
			_, p.failed = w.Write(part.text)
		}
		if p.failed != nil {
			return
		}
		if part.items != nil {
			p.used <- part.text
		}
	}
}

// around encodes a value up to and from where the elements of its empty list of
// that name stand.
func around(v any, list, prefix string) (begin, end []byte, err error) {
	b, err := json.MarshalIndent(v, prefix, "  ")
	if err != nil {
		return nil, nil, fmt.Errorf("encode the results: %w", err)
	}
	begin, end, ok := bytes.Cut(b, []byte(`"`+list+`": []`)) // in a text the quotes would be escaped
	if !ok {
		return nil, nil, fmt.Errorf("encode the results: no list of %s", list)
	}
	return append(begin, `"`+list+`": [`...), append([]byte{']'}, end...), nil
}

// printer writes portions of the text in parallel, in order.
type printer struct {
	ready chan *portion // in the order of the text
	work  chan *portion // still to be encoded
	stop  chan struct{} // nobody reads on
	used  chan []byte   // buffers that were written; there is room for all there are

	failed error // why
}

// buffer gives an empty buffer.
func (p *printer) buffer() []byte {
	select {
	case b := <-p.used:
		return b[:0]
	default:
		return make([]byte, 0, 256<<10)
	}
}

// portion is a part of the text: some items of one list, or what stands between.
type portion struct {
	items []Item
	first bool // of its list
	text  []byte
	err   error
	done  chan struct{}
}

// portionSize is how many items and events a portion has at most, by and large.
const portionSize = 512

func (p *printer) put(part *portion) bool {
	part.done = make(chan struct{})
	if part.text != nil {
		close(part.done)
	} else {
		select {
		case p.work <- part:
		case <-p.stop:
			return false
		}
	}
	select {
	case p.ready <- part:
		return true
	case <-p.stop:
		return false
	}
}

// lay cuts the text into portions, until somebody has stopped reading.
func (p *printer) lay(begin []byte, results iter.Seq2[Result, error], end []byte) error {
	defer close(p.ready)
	defer close(p.work)
	some := false
	for result, err := range results {
		if err != nil {
			return err
		}
		items := result.Items
		result.Items = []Item{}
		before, after, err := around(result, "items", "    ")
		if err != nil {
			return err
		}
		if some {
			begin = append(begin, ',')
		}
		some = true
		if !p.put(&portion{text: append(append(begin, "\n    "...), before...)}) {
			return nil
		}
		for from := 0; from < len(items); {
			to, size := from, 0
			for to < len(items) && size < portionSize {
				size += items[to].size()
				to++
			}
			if !p.put(&portion{items: items[from:to], first: from == 0}) {
				return nil
			}
			from = to
		}
		begin = nil
		if len(items) > 0 {
			begin = []byte("\n      ")
		}
		begin = append(begin, after...)
	}
	if some {
		begin = append(begin, "\n  "...)
	}
	p.put(&portion{text: append(append(begin, end...), '\n')})
	return nil
}

// size is the item and about how many events it lists.
func (i *Item) size() int {
	if i.named != nil {
		return 1 + i.named.list.count
	}
	return 1 + len(i.Events)
}

func (p *printer) encode() {
	var at desk
	for part := range p.work {
		part.text = p.buffer()
		for i := range part.items {
			if i > 0 || !part.first {
				part.text = append(part.text, ',')
			}
			if part.text, part.err = part.items[i].appendJSON(append(part.text, "\n        "...), &at); part.err != nil {
				break
			}
		}
		close(part.done)
	}
}

// appendJSON writes an item as it stands in a result.
func (i *Item) appendJSON(b []byte, at *desk) ([]byte, error) {
	in := indented{b: b, depth: 4}
	in.open('{')
	in.text("key", i.Key)
	in.text("subject", i.Subject)
	in.text("summary", i.Summary)
	in.text("severity", string(i.Severity))
	in.raw("violation", strconv.FormatBool(i.Violation))
	in.instant("first", i.First)
	in.instant("last", i.Last)
	in.raw("count", strconv.FormatInt(i.Count, 10))
	if err := i.appendEvents(&in, at); err != nil {
		return in.b, err
	}
	in.text("title", i.Title)
	in.list("actors", i.Actors)
	in.list("persons", i.Persons)
	if len(i.Facts) > 0 {
		in.member("facts")
		in.open('[')
		for _, f := range i.Facts {
			in.element()
			in.open('{')
			in.text("label", f.Label)
			in.text("value", f.Value)
			in.close('}')
		}
		in.close(']')
	}
	if i.Change != nil {
		in.member("change")
		in.open('{')
		in.text("object", i.Change.Object)
		in.text("event_key", i.Change.EventKey)
		in.close('}')
	}
	if len(i.Data) > 0 {
		in.member("data")
		in.open('{')
		for _, name := range sortedKeys(i.Data) {
			in.text(name, i.Data[name])
		}
		in.close('}')
	}
	in.close('}')
	return in.b, nil
}

func (i *Item) appendEvents(in *indented, at *desk) error {
	in.member("events")
	if i.named == nil && i.Events == nil {
		in.b = append(in.b, "null"...)
		return nil
	}
	in.open('[')
	for _, e := range i.Events {
		appendEvent(in, e.Key, e.NativeID, e.Time)
	}
	if i.named != nil {
		list, err := i.named.list.wanted(i.named.spool, at)
		if err != nil {
			return err
		}
		for _, n := range list {
			appendEvent(in, n.key, n.nativeID, n.time)
		}
	}
	in.close(']')
	return nil
}

func appendEvent[T string | []byte](in *indented, key, id T, at connectors.Instant) {
	in.element()
	in.open('{')
	in.member("key")
	in.b = appendQuoted(in.b, key)
	in.member("native_id")
	in.b = appendQuoted(in.b, id)
	in.instant("time", at)
	in.close('}')
}

// indented appends JSON as encoding/json indents it.
type indented struct {
	b     []byte
	depth int  // of the value being written
	some  bool // the object or list being written has something in it
}

func (in *indented) open(bracket byte) {
	in.b = append(in.b, bracket)
	in.depth++
	in.some = false
}

func (in *indented) close(bracket byte) {
	in.depth--
	if in.some {
		in.line()
	}
	in.b = append(in.b, bracket)
	in.some = true // whatever holds it
}

func (in *indented) line() {
	const deep = "\n                    " // deeper than an item has values
	in.b = append(in.b, deep[:1+2*in.depth]...)
}

func (in *indented) element() {
	if in.some {
		in.b = append(in.b, ',')
	}
	in.line()
	in.some = true
}

func (in *indented) member(name string) {
	in.element()
	in.b = append(appendQuoted(in.b, name), ": "...)
}

func (in *indented) raw(name, value string) {
	in.member(name)
	in.b = append(in.b, value...)
}

func (in *indented) text(name, value string) {
	in.member(name)
	in.b = appendQuoted(in.b, value)
}

func (in *indented) instant(name string, at connectors.Instant) {
	in.member(name)
	in.b = at.AppendJSON(in.b)
}

func (in *indented) list(name string, values []string) {
	in.member(name)
	if values == nil {
		in.b = append(in.b, "null"...)
		return
	}
	in.open('[')
	for _, v := range values {
		in.element()
		in.b = appendQuoted(in.b, v)
	}
	in.close(']')
}

// asIs are the bytes that encoding/json writes as they are.
var asIs = func() (is [256]bool) {
	for c := ' '; c <= '~'; c++ {
		is[c] = !strings.ContainsRune(`"\\<>&`, c)
	}
	return is
}()

// appendQuoted writes a JSON string as encoding/json does.
func appendQuoted[T string | []byte](b []byte, text T) []byte {
	for i := range len(text) {
		if !asIs[text[i]] {
			quoted, err := json.Marshal(string(text))
			if err != nil {
				panic(err) // a string can be encoded
			}
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, text...)
	return append(b, '"')
}
