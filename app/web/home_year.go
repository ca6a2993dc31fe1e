package web

import (
	"time"

	"logreeve/app/web/chart"
	"logreeve/reviews"
)

// weekNames are the rows of the year: the weeks that begin in a month.
var weekNames = [...]string{"1st week", "2nd week", "3rd week", "4th week", "5th week"}

// yearOf is the last twelve months of weekly reviews: a column a month, a row
// for each of its weeks, counted by the day the week begins.
func yearOf(frame Page, all []reviews.Summary) chart.Heat {
	f := frame.Format()
	today := f.in(frame.Now)
	first := time.Date(today.Year(), today.Month()-11, 1, 0, 0, 0, 0, today.Location())
	columns := make([]string, 12)
	rows := make([]chart.HeatRow, len(weekNames))
	for i := range columns {
		columns[i] = first.AddDate(0, i, 0).Format("Jan")
	}
	for i := range rows {
		rows[i] = chart.HeatRow{Name: weekNames[i], Cells: make([]chart.HeatCell, len(columns))}
	}
	for _, r := range all {
		at, err := time.Parse(time.DateOnly, r.LocalDate)
		if err != nil {
			continue
		}
		month := (at.Year()-first.Year())*12 + int(at.Month()) - int(first.Month())
		if month < 0 || month >= len(columns) {
			continue
		}
		cell := chart.HeatCell{Href: reviewPath(r.ID), Note: r.Title}
		switch {
		case r.State == reviews.Closed && r.ClosedAt > r.DueAt:
			cell.Standing = chart.Late
		case r.State == reviews.Closed:
			cell.Standing = chart.Signed
		case r.State == reviews.Missed:
			cell.Standing = chart.Missed
		case r.State == reviews.Scheduled || r.State == reviews.Cancelled:
			cell.Standing = chart.NotDue
		default:
			cell.Standing = chart.Open
		}
		rows[(at.Day()-1)/7].Cells[month] = cell
	}
	heat := chart.NewHeat("year", "The year in reviews", columns, rows)
	heat.Of = "Weekly log review"
	return heat
}

// agesOf is the open findings by age.
func agesOf(frame Page, findings []reviews.Finding) (chart.Ages, string) {
	bands := []chart.Band{{Label: "0–7 d"}, {Label: "8–30 d"}, {Label: "31–60 d"}, {Label: "> 60 d"}}
	counts := make([]map[string]int64, len(bands))
	for i := range counts {
		counts[i] = map[string]int64{}
	}
	for _, x := range findings {
		days := int(frame.Now.Sub(x.RaisedAt) / (24 * time.Hour))
		b := 3
		switch {
		case days <= 7:
			b = 0
		case days <= 30:
			b = 1
		case days <= 60:
			b = 2
		}
		counts[b][string(x.Severity)]++
	}
	for i := range bands {
		for _, s := range []string{"critical", "high", "medium", "low", "info"} {
			if counts[i][s] > 0 {
				bands[i].Shares = append(bands[i].Shares, chart.Share{Severity: s, Count: counts[i][s]})
			}
		}
	}
	said := countWord(len(findings)) + " open"
	if past := pastDue(frame, findings); past > 0 {
		said += " · " + countWord(past) + " past due"
	}
	return chart.NewAges("ages", "Open findings by age", bands), said
}
