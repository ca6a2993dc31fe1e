package pdf

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// sheet is a finished page.
type sheet struct {
	body      []byte // what it holds, in zlib's form
	furniture int    // which head and foot it has
	own       []byte // what could only be drawn when all pages were there; plain
}

var errSkeleton = errors.New("the PDF library wrote a file of another form than expected")

// fillIn puts sheets where the library's file has blank pages, and writes the
// table of objects anew (ISO 32000-1, 7.5). A page's content is then three
// streams in a row: its body, the furniture it shares with others, and its own.
func fillIn(blank []byte, sheets []sheet, furniture [][]byte) ([]byte, error) {
	starts, table, trailer, err := objects(blank)
	if err != nil {
		return nil, err
	}
	size := len(blank) + len(sheets)*300
	for i := range sheets {
		size += len(sheets[i].body) + len(sheets[i].own)
	}
	order := make([]int, 0, len(starts)) // of objects in the file
	for n := 1; n < len(starts); n++ {
		order = append(order, n)
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(starts[a], starts[b]) })
	w := objectWriter{out: make([]byte, 0, size), starts: make([]int, len(starts))}
	w.out = append(w.out, blank[:starts[order[0]]]...)
	shared := len(starts)          // the first object of furniture
	own := shared + len(furniture) // and of what a page has alone
	for i, n := range order {
		end := table
		if i+1 < len(order) {
			end = starts[order[i+1]]
		}
		object := blank[starts[n]:end]
		at := (n - firstPage) / 2
		switch {
		case n < firstPage || at >= len(sheets):
			w.copy(n, object)
		case (n-firstPage)%2 == 1:
			w.stream(n, "/Filter /FlateDecode ", sheets[at].body)
		default:
			was := fmt.Appendf(nil, "/Contents %d 0 R>>", n+1)
			if bytes.Count(object, was) != 1 {
				return nil, errSkeleton
			}
			w.copy(n, bytes.Replace(object, was, fmt.Appendf(nil, "/Contents [%d 0 R %d 0 R %d 0 R]>>", n+1, shared+sheets[at].furniture, own+at), 1))
		}
	}
	for i, f := range furniture {
		w.stream(shared+i, "", f)
	}
	for i := range sheets {
		w.stream(own+i, "", sheets[i].own)
	}
	return w.finish(trailer, len(starts))
}

// firstPage is the number of the object of the first page; its content follows
// it, then the next page.
const firstPage = 3

// objects reads where the objects of a file are, where the table of them is, and
// what stands after it.
func objects(file []byte) (starts []int, table int, trailer []byte, err error) {
	i := bytes.LastIndex(file, []byte("startxref\n"))
	if i < 0 {
		return nil, 0, nil, errSkeleton
	}
	if _, err := fmt.Sscanf(string(file[i:]), "startxref\n%d\n", &table); err != nil || table <= 0 || table > i {
		return nil, 0, nil, errSkeleton
	}
	var count int
	if _, err := fmt.Sscanf(string(file[table:min(table+40, len(file))]), "xref\n0 %d\n", &count); err != nil {
		return nil, 0, nil, errSkeleton
	}
	const line = 20 // bytes an object
	at := table + len("xref\n0 \n") + len(strconv.Itoa(count))
	if count < firstPage || at+count*line > i {
		return nil, 0, nil, errSkeleton
	}
	starts = make([]int, count)
	for n := 1; n < count; n++ {
		if starts[n], err = strconv.Atoi(string(file[at+n*line : at+n*line+10])); err != nil || !bytes.HasPrefix(file[min(starts[n], table):], fmt.Appendf(nil, "%d 0 obj\n", n)) {
			return nil, 0, nil, errSkeleton
		}
	}
	return starts, table, file[at+count*line : i], nil
}

// objectWriter writes a file object by object.
type objectWriter struct {
	out    []byte
	starts []int
}

func (w *objectWriter) begin(n int) {
	if n == len(w.starts) {
		w.starts = append(w.starts, 0)
	}
	w.starts[n] = len(w.out)
}

func (w *objectWriter) copy(n int, object []byte) {
	w.begin(n)
	w.out = append(w.out, object...)
}

func (w *objectWriter) stream(n int, filter string, content []byte) {
	w.begin(n)
	w.out = fmt.Appendf(w.out, "%d 0 obj\n<<%s/Length %d>>\nstream\n", n, filter, len(content))
	w.out = append(w.out, content...)
	w.out = append(w.out, "\nendstream\nendobj\n"...)
}

// finish writes the table of objects and the trailer, which named another number
// of them before.
func (w *objectWriter) finish(trailer []byte, before int) ([]byte, error) {
	was, is := fmt.Appendf(nil, "/Size %d\n", before), fmt.Appendf(nil, "/Size %d\n", len(w.starts))
	if bytes.Count(trailer, was) != 1 {
		return nil, errSkeleton
	}
	table := len(w.out)
	w.out = fmt.Appendf(w.out, "xref\n0 %d\n0000000000 65535 f \n", len(w.starts))
	for _, at := range w.starts[1:] {
		w.out = fmt.Appendf(w.out, "%010d 00000 n \n", at)
	}
	w.out = append(w.out, bytes.Replace(trailer, was, is, 1)...)
	return fmt.Appendf(w.out, "startxref\n%d\n%%%%EOF\n", table), nil
}
