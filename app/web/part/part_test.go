package part_test

import (
	"testing"

	"logreeve/app/web/part"
)

func TestSidesPairsWhatWasTakenOutWithWhatWasPutIn(t *testing.T) {
	d := part.Diff{Lines: []part.Line{
		{Old: 1, New: 1, Op: "same"}, {Old: 2, Op: "del"}, {Old: 3, Op: "del"}, {New: 2, Op: "add"}, {Op: "skip", Spans: []part.Span{{Text: "8 "}, {Text: "lines"}}}, {New: 11, Op: "add"},
	}}
	type side struct{ old, new int }
	want := []side{{1, 1}, {2, 2}, {3, 0}, {0, 0}, {0, 11}}
	rows := d.Sides()
	if len(rows) != len(want) {
		t.Fatalf("%d rows, want %d", len(rows), len(want))
	}
	for i, w := range want {
		var got side
		if rows[i].Left != nil {
			got.old = rows[i].Left.Old
		}
		if rows[i].Right != nil {
			got.new = rows[i].Right.New
		}
		if got != w {
			t.Errorf("row %d is %v, want %v", i, got, w)
		}
	}
	if rows[3].Skip != "8 lines" {
		t.Errorf("skip %q", rows[3].Skip)
	}
}

func TestProgressSaysItsWhole(t *testing.T) {
	for want, p := range map[string]part.Progress{
		"41 of 47 decided": {Done: 41, Of: 47, Verb: "decided"}, "0 of 12,431": {Of: 12431}, "all read": {Text: "all read", Done: 1, Of: 1},
	} {
		if got := p.Said(); got != want {
			t.Errorf("said %q, want %q", got, want)
		}
	}
	if got := (part.Progress{}).Max(); got != 1 {
		t.Errorf("the bar of nothing has max %d", got)
	}
}

func TestFieldIsDescribedByWhatIsThere(t *testing.T) {
	for want, f := range map[string]part.Field{
		"": {ID: "a"}, "a-hint": {ID: "a", Hint: "h"}, "a-error": {ID: "a", Error: "e"}, "a-hint a-error": {ID: "a", Hint: "h", Error: "e"},
	} {
		if got := f.Described(); got != want {
			t.Errorf("described by %q, want %q", got, want)
		}
	}
}

func TestOffersKeepAViolationFromBeingExplained(t *testing.T) {
	has := func(offers []part.Offer, decision string) bool {
		for _, o := range offers {
			if o.Decision == decision {
				return true
			}
		}
		return false
	}
	if has(part.Offers(true, "finding"), "explained") || !has(part.Offers(false, "finding"), "explained") {
		t.Error("explained is offered for a violation, or not for another item")
	}
	filled := 0
	for _, o := range part.Offers(true, "finding") {
		if o.Suggested {
			filled++
		}
	}
	if filled != 1 {
		t.Errorf("%d suggested", filled)
	}
}
