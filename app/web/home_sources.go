package web

import (
	"net/url"
	"time"

	"logreeve/app/runs"
	"logreeve/app/web/chart"
	"logreeve/connectors"
)

func newHomeSource(frame Page, n int, src runs.Source) homeSource {
	f := frame.Format()
	l := homeSource{Name: src.Name, Kind: kindWord(src.Kind), Href: "/sources/" + url.PathEscape(src.ID), Strip: chart.NewStrip("strip-"+countWord(n), "Events a day of "+src.Name, homeDays(f, src, frame.Now))}
	switch read := src.LastRead; {
	case src.Disabled:
		l.Newest, l.Note = "switched off", "not read any more"
		if read != nil && read.Newest != 0 {
			l.Note = "newest event " + f.Date(read.Newest)
		}
	case read == nil:
		l.Newest, l.Note = "not read yet", "the first run reads it"
	case read.Newest == 0:
		l.Newest, l.Note, l.Bad = "no events", "read "+ago(frame.Now, read.At), true
	default:
		l.Newest, l.When, l.UTC = "newest "+f.in(read.Newest).Format("Mon 2 Jan 15:04"), read.Newest.String(), f.UTC(read.Newest)
		l.Note = "read " + ago(frame.Now, read.At)
		if src.Silent(frame.Now.Time()) {
			l.Newest, l.Bad = "silent since "+f.in(read.Newest).Format("Mon 2 Jan 15:04"), true
		}
		if len(read.Problems) > 0 {
			l.Note, l.Bad = plural(len(read.Problems), "problem", "problems")+" while reading", true
		}
	}
	return l
}

// homeSourceDays is how many days of a source the first page shows.
const homeSourceDays = 30

// homeDays is the last thirty days of a source. A day that no run has read is
// not known; a day within what was read that has no event is silence for a
// cluster, which is never quiet for a day, and a quiet day for hosts.
func homeDays(f Format, src runs.Source, now connectors.Instant) []chart.Day {
	counts := map[string]int64{}
	var read runs.SourceReading
	if src.LastRead != nil {
		read = *src.LastRead
	}
	for _, d := range read.Daily {
		counts[d.Day] = d.Events
	}
	counted := "" // the last day whose events were counted: runs look at whole days
	if n := len(read.Daily); n > 0 {
		counted = read.Daily[n-1].Day
	}
	day := func(i connectors.Instant) string { return i.Time().Format(time.DateOnly) }
	var out []chart.Day
	for n := homeSourceDays - 1; n >= 0; n-- {
		at := now.Time().AddDate(0, 0, -n)
		key := at.Format(time.DateOnly)
		d := chart.Day{Label: at.Format("2 Jan"), Count: counts[key], Hearing: chart.Heard}
		_, known := counts[key]
		switch {
		case d.Count > 0:
		case read.Newest == 0 || key < day(read.Oldest) || key > day(read.At):
			d.Hearing = chart.Unasked
		case key > day(read.Newest):
			d.Hearing = chart.Unasked
			if src.Silent(now.Time()) {
				d.Hearing = chart.Silent
			}
		case !known:
			d.Hearing = chart.Unasked
			if src.Kind == connectors.Kubernetes && len(read.Daily) > 1 && key > read.Daily[0].Day && key < counted {
				d.Hearing = chart.Silent
			}
		case src.Kind == connectors.Kubernetes:
			d.Hearing = chart.Silent
		}
		out = append(out, d)
	}
	return out
}
