package chart_test

import (
	"testing"

	"logreeve/app/web/chart"
)

func TestCount(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 1482113: "1,482,113", -1234: "-1,234"} {
		if got := chart.Count(n); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestStripShowsWhatIsMissingAsMissing(t *testing.T) {
	s := chart.NewStrip("s", "prod", []chart.Day{
		{Label: "1 Nov", Count: 100, Hearing: chart.Heard}, {Label: "2 Nov", Count: 1, Hearing: chart.Gap},
		{Label: "3 Nov", Hearing: chart.Silent}, {Label: "4 Nov", Hearing: chart.Unasked},
	})
	if s.Width != 22 || len(s.Days) != 4 {
		t.Fatalf("width %v, %d days", s.Width, len(s.Days))
	}
	if s.Days[0].Y != 0 || s.Days[0].Height != 18 {
		t.Errorf("the highest day fills the strip: %+v", s.Days[0])
	}
	if s.Days[2].Height != 18 || s.Days[2].Tip != "3 Nov: silent" {
		t.Errorf("a silent day is drawn whole, as silent: %+v", s.Days[2])
	}
	if got := s.Figures.Rows[3][1]; got != "not known" {
		t.Errorf("a day nobody asked about has figure %q", got)
	}
	if want := "4 days, most events on one day 100, 1 with a gap, 1 silent."; s.Desc != want {
		t.Errorf("desc %q", s.Desc)
	}
}

func TestBarsStandOnZeroAndStayInside(t *testing.T) {
	b := chart.NewBars("b", "Reads", "reads", []chart.Point{{Label: "a", Value: 3}, {Label: "b", Value: 17, Hot: true}, {Label: "c"}, {Label: "d", Missing: true}})
	for _, c := range b.Columns {
		if c.Y+c.Height != b.Base {
			t.Errorf("column %q does not stand on the base: %+v", c.Tip, c)
		}
		if c.X < 0 || c.X+c.Width > 100 || c.Y < 16 {
			t.Errorf("column %q leaves the drawing: %+v", c.Tip, c)
		}
	}
	if b.Top.Text != "20" || b.Middle.Text != "10" {
		t.Errorf("axis %q, %q", b.Top.Text, b.Middle.Text)
	}
	if b.Columns[2].Height != 0 || !b.Columns[3].Missing || b.Columns[3].Value != "not known" {
		t.Errorf("zero and not known look alike: %+v %+v", b.Columns[2], b.Columns[3])
	}
	if want := "Highest: 17 reads, b. 1 of 4 are not known."; b.Desc != want {
		t.Errorf("desc %q", b.Desc)
	}
	if none := chart.NewBars("n", "n", "reads", nil); none.Desc != "No values are known." || len(none.Labels) != 0 {
		t.Errorf("empty: %+v", none)
	}
}

func TestBarsHeightIsInProportion(t *testing.T) {
	b := chart.NewBars("b", "Reads", "reads", []chart.Point{{Label: "a", Value: 5}, {Label: "b", Value: 10}})
	if b.Columns[0].Height*2 != b.Columns[1].Height {
		t.Errorf("5 is %v px and 10 is %v px", b.Columns[0].Height, b.Columns[1].Height)
	}
}

func TestLinesBreakWhereNothingIsKnown(t *testing.T) {
	l := chart.NewLines("l", "Findings", "findings", []string{"a", "b", "c", "d"}, []chart.Series{{Name: "open", Values: []int64{4, 2, -1, 8}}, {Name: "closed", Values: []int64{0, 0, 0, 0}}})
	if n := len(l.Courses[0].Segments); n != 1 {
		t.Errorf("%d segments, want 1: the line is broken at c", n)
	}
	if n := len(l.Courses[1].Segments); n != 3 {
		t.Errorf("%d segments, want 3", n)
	}
	if seg := l.Courses[1].Segments[2]; seg.Y2 != l.Base || seg.X2 != 100 {
		t.Errorf("zero lies on the base: %+v", seg)
	}
	if l.Figures.Rows[2][1] != "not known" {
		t.Errorf("row %v", l.Figures.Rows[2])
	}
	many := make([]chart.Series, 6)
	if l := chart.NewLines("m", "", "", nil, many); len(l.Courses) != chart.MaxSeries || len(l.Figures.Head) != 7 {
		t.Errorf("%d courses, %d columns", len(l.Courses), len(l.Figures.Head))
	}
}

func TestHeatFillsShortRows(t *testing.T) {
	h := chart.NewHeat("h", "The year", []string{"Oct", "Nov"}, []chart.HeatRow{{Name: "Network", Cells: []chart.HeatCell{{Standing: chart.Late, Note: "3 days"}}}})
	if got := h.Rows[0].Cells[0].Text; got != "Network, Oct: signed late, 3 days" {
		t.Errorf("text %q", got)
	}
	if got := h.Rows[0].Cells[1]; got.Standing != chart.NotDue {
		t.Errorf("a cell that was not given is %q", got.Standing)
	}
	if want := "0 signed, 1 signed late, 0 open, 0 missed."; h.Desc != want {
		t.Errorf("desc %q", h.Desc)
	}
}

func TestAgesShareOneScale(t *testing.T) {
	a := chart.NewAges("a", "Ages", []chart.Band{
		{Label: "0–7 d", Shares: []chart.Share{{"high", 1}, {"medium", 4}}},
		{Label: "8–30 d", Shares: []chart.Share{{"high", 1}, {"low", 0}}}, {Label: "> 60 d"},
	})
	if got := a.Bands[0].Pieces; got[0].Width != 20 || got[1].X != 20 || got[1].Width != 80 {
		t.Errorf("pieces %+v", got)
	}
	if a.Bands[1].Pieces[0].Width != a.Bands[0].Pieces[0].Width {
		t.Error("one finding is drawn at two widths")
	}
	if len(a.Bands[1].Pieces) != 1 || a.Bands[2].Text != "none" || a.Desc != "6 open." {
		t.Errorf("%+v", a)
	}
	if row := a.Figures.Rows[0]; row[2] != "1" || row[3] != "4" {
		t.Errorf("row %v", row)
	}
}
