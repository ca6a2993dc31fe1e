package policy

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aymanbagabas/go-udiff"
)

// LineOp is what became of a line.
type LineOp string

// What becomes of lines.
const (
	Kept  LineOp = "same"
	Taken LineOp = "del"
	Put   LineOp = "add"
)

// Line is one line of a difference.
type Line struct {
	Op       LineOp
	Old, New int // numbers from 1; 0 where the line is not in that version
	Text     string
	// Marks are the parts of a changed line that differ from the line it stands
	// beside, as byte offsets into Text, in order.
	Marks []Mark
}

// Mark is the part [From, To) of a line's text.
type Mark struct{ From, To int }

// Span is a part of a line, marked or not.
type Span struct {
	Text string
	Mark bool
}

// Spans cuts the line into its marked and unmarked parts, none of them empty.
func (l *Line) Spans() []Span {
	var out []Span
	at := 0
	add := func(to int, mark bool) {
		if to > at {
			out = append(out, Span{l.Text[at:to], mark})
			at = to
		}
	}
	for _, m := range l.Marks {
		add(m.From, false)
		add(m.To, true)
	}
	add(len(l.Text), false)
	return out
}

// Difference is how two specifications differ, line by line, all lines included.
type Difference struct {
	Lines          []Line
	Added, Removed int
}

// Pair is a row of the side-by-side view; a side is nil where the line does not
// exist there.
type Pair struct{ Left, Right *Line }

// Diff compares two specifications as people read them. Nil is none.
func Diff(before, after json.RawMessage) Difference {
	old, now := render(before), render(after)
	var d Difference
	for _, l := range compare(old, now) {
		switch l.Op {
		case Taken:
			d.Removed++
		case Put:
			d.Added++
		}
		d.Lines = append(d.Lines, l)
	}
	d.mark()
	return d
}

// compare gives all lines of both texts in order.
func compare(old, now string) (lines []Line) {
	a, b := 0, 0
	add := func(op LineOp, content string) {
		l := Line{Op: op, Text: strings.TrimSuffix(content, "\n")}
		if op != Put {
			a++
			l.Old = a
		}
		if op != Taken {
			b++
			l.New = b
		}
		lines = append(lines, l)
	}
	edits := udiff.Lines(old, now)
	if len(edits) > 0 {
		whole := strings.Count(old, "\n") + strings.Count(now, "\n") + 1
		if u, err := udiff.ToUnifiedDiff("", "", old, edits, whole); err == nil {
			for _, h := range u.Hunks {
				for _, l := range h.Lines {
					switch l.Kind {
					case udiff.Delete:
						add(Taken, l.Content)
					case udiff.Insert:
						add(Put, l.Content)
					default:
						add(Kept, l.Content)
					}
				}
			}
			return lines
		}
		for l := range strings.Lines(old) {
			add(Taken, l)
		}
		for l := range strings.Lines(now) {
			add(Put, l)
		}
		return lines
	}
	for l := range strings.Lines(old) {
		add(Kept, l)
	}
	return lines
}

// blocks visits the runs of changed lines: those taken and those put in their place.
func (d *Difference) blocks(kept func(*Line), changed func(taken, put []*Line)) {
	for i := 0; i < len(d.Lines); {
		if d.Lines[i].Op == Kept {
			kept(&d.Lines[i])
			i++
			continue
		}
		var taken, put []*Line
		for ; i < len(d.Lines) && d.Lines[i].Op != Kept; i++ {
			if l := &d.Lines[i]; l.Op == Taken {
				taken = append(taken, l)
			} else {
				put = append(put, l)
			}
		}
		changed(taken, put)
	}
}

// Pairs gives the rows of the side-by-side view: changed lines stand beside the
// ones they became where they look alike.
func (d *Difference) Pairs() []Pair {
	var rows []Pair
	d.blocks(
		func(l *Line) { rows = append(rows, Pair{l, l}) },
		func(taken, put []*Line) { rows = append(rows, pairs(taken, put)...) },
	)
	return rows
}

func (d *Difference) mark() {
	d.blocks(func(*Line) {}, func(taken, put []*Line) {
		for _, p := range pairs(taken, put) {
			if p.Left != nil && p.Right != nil {
				p.Left.Marks, p.Right.Marks = marks(p.Left.Text, p.Right.Text)
			}
		}
	})
}

// maxAligned is the size of a block in which the best pairs are looked for;
// larger ones are paired in order.
const maxAligned = 200

// pairs puts lines that look alike beside each other, in order, such that the
// likeness is greatest.
func pairs(taken, put []*Line) []Pair {
	var rows []Pair
	if len(taken) > maxAligned || len(put) > maxAligned {
		for i := range max(len(taken), len(put)) {
			var p Pair
			if i < len(taken) {
				p.Left = taken[i]
			}
			if i < len(put) {
				p.Right = put[i]
			}
			rows = append(rows, p)
		}
		return rows
	}
	left, right := wordsOf(taken), wordsOf(put)
	like := make([][]int, len(taken))
	best := make([][]int, len(taken)+1)
	best[len(taken)] = make([]int, len(put)+1)
	for i := len(taken) - 1; i >= 0; i-- {
		best[i], like[i] = make([]int, len(put)+1), make([]int, len(put))
		for j := len(put) - 1; j >= 0; j-- {
			like[i][j] = left[i].likeness(right[j])
			best[i][j] = max(best[i+1][j], best[i][j+1])
			if like[i][j] > 0 {
				best[i][j] = max(best[i][j], like[i][j]+best[i+1][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(taken) || j < len(put) {
		switch {
		case i < len(taken) && j < len(put) && like[i][j] > 0 && best[i][j] == like[i][j]+best[i+1][j+1]:
			rows = append(rows, Pair{taken[i], put[j]})
			i, j = i+1, j+1
		case i < len(taken) && (j >= len(put) || best[i][j] == best[i+1][j]):
			rows = append(rows, Pair{Left: taken[i]})
			i++
		default:
			rows = append(rows, Pair{Right: put[j]})
			j++
		}
	}
	return rows
}

// words is a line cut up to be compared.
type words struct {
	key    string // up to its key, with the depth and dash before it
	first  rune
	tokens []string
}

// maxCompared is how long a line is compared word by word; the rest of a longer
// one is one word.
const maxCompared = 1000

func wordsOf(lines []*Line) []words {
	out := make([]words, len(lines))
	for i, l := range lines {
		out[i] = words{key: keyOf(l.Text), first: firstLetter(l.Text), tokens: tokens(l.Text)}
	}
	return out
}

// likeness is 0 for lines that have nothing to do with each other: lines of
// other keys or another depth. Else it is more the more words they share.
func (w words) likeness(o words) int {
	switch {
	case w.key != o.key:
		return 0
	case strings.TrimSpace(w.key) == "-" && w.first != o.first:
		return 1
	}
	same, end := edges(w.tokens, o.tokens)
	return 2 + 10*(same+end)/max(len(w.tokens), len(o.tokens), 1)
}

// keyOf is a line up to its key, with the depth and dash before it.
func keyOf(line string) string {
	trimmed := strings.TrimLeft(line, " -")
	if key, _, found := strings.Cut(trimmed, ":"); found && !strings.ContainsAny(key, `"' .`) {
		return line[:len(line)-len(trimmed)] + key + ":"
	}
	return line[:len(line)-len(trimmed)]
}

func firstLetter(line string) rune {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(line, " -"))
	return r
}

// marks says which parts of two lines differ: what lies between the words they
// have in common at the beginning and at the end.
func marks(a, b string) (inA, inB []Mark) {
	wordsA, wordsB := tokens(a), tokens(b)
	same, end := edges(wordsA, wordsB)
	return between(a, wordsA, same, end), between(b, wordsB, same, end)
}

// edges counts the words that two lines share at the beginning and at the end.
func edges(a, b []string) (same, end int) {
	for same < len(a) && same < len(b) && a[same] == b[same] {
		same++
	}
	for end < len(a)-same && end < len(b)-same && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	return same, end
}

func between(line string, words []string, same, end int) []Mark {
	from, to := 0, len(line)
	for _, w := range words[:same] {
		from += len(w)
	}
	for _, w := range words[len(words)-end:] {
		to -= len(w)
	}
	if from >= to {
		return nil
	}
	return []Mark{{from, to}}
}

// tokens cuts a line into words and the single characters between them.
func tokens(line string) []string {
	var out []string
	start, inWord := 0, false
	for i, c := range line {
		if i >= maxCompared {
			break
		}
		word := unicode.IsLetter(c) || unicode.IsDigit(c) || strings.ContainsRune("_./-", c)
		if i > 0 && !(word && inWord) {
			out = append(out, line[start:i])
			start = i
		}
		inWord = word
	}
	if start < len(line) {
		out = append(out, line[start:])
	}
	return out
}

// Unified writes the difference of two specifications as a unified text, empty
// when they read the same.
func Unified(before, after json.RawMessage, oldName, newName string) string {
	old, now := render(before), render(after)
	text, err := udiff.ToUnified(oldName, newName, old, udiff.Lines(old, now), udiff.DefaultContextLines)
	if err != nil { // the edits were made for these texts
		return ""
	}
	return text
}

// UnifiedChange writes the difference that a change made as a unified text. What
// is not known is said in a line that begins with "#".
func UnifiedChange(c *Change) string {
	name := strings.TrimPrefix(c.Namespace+"/"+c.Name, "/")
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '\uFFFD'
		}
		return r
	}, c.API+"/"+c.Kind+" "+name)
	oldName, newName := name+" (before)", name+" (after)"
	notes := ""
	switch {
	case c.Operation == Created:
		oldName = "/dev/null"
	case !c.BeforeKnown:
		notes += "# What was before is not known.\n"
	}
	switch {
	case c.Operation == Deleted:
		newName = "/dev/null"
	case !c.ContentKnown:
		notes += "# What it says now is not in the log.\n"
		return notes + fmt.Sprintf("# %s %s at %s.\n", name, c.Operation, c.Time)
	case c.AsRequested:
		notes += "# The answer is not in the log; this is what was asked for.\n"
	}
	return notes + Unified(c.Before, c.After, oldName, newName)
}
