package web

import (
	"strings"

	"logreeve/app/web/part"
	"logreeve/reports/policy"
)

// around a change, difference shows this many lines that did not change.
const contextLines = 3

// differenceOf is what a policy change did to its object, with the lines around
// it; longer stretches that did not change are left out and counted.
func differenceOf(c *policy.Change) part.Diff {
	d := part.Diff{Caption: "What changed in " + logText(strings.TrimSpace(c.Kind+" "+strings.TrimPrefix(c.Namespace+"/"+c.Name, "/"))), Before: "Before", After: "After"}
	diff := policy.Diff(c.Before, c.After)
	near := nearChanges(diff.Lines)
	left := 0
	skip := func() {
		if left > 0 {
			d.Lines = append(d.Lines, part.Line{Op: "skip", Spans: []part.Span{{Text: plural(left, "line", "lines") + " that did not change"}}})
			left = 0
		}
	}
	for i := range diff.Lines {
		l := &diff.Lines[i]
		if !near[i] {
			left++
			continue
		}
		skip()
		line := part.Line{Old: l.Old, New: l.New, Op: string(l.Op)}
		for _, s := range l.Spans() {
			line.Spans = append(line.Spans, part.Span{Text: logText(s.Text), Mark: s.Mark})
		}
		d.Lines = append(d.Lines, line)
	}
	if len(d.Lines) > 0 {
		skip()
	}
	return d
}

// nearChanges says which lines are changed or stand near one that is.
func nearChanges(lines []policy.Line) []bool {
	near := make([]bool, len(lines))
	for i := range lines {
		if lines[i].Op == policy.Kept {
			continue
		}
		for k := max(0, i-contextLines); k <= min(len(lines)-1, i+contextLines); k++ {
			near[k] = true
		}
	}
	return near
}
