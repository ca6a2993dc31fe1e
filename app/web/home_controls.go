package web

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"logreeve/app/web/part"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/controls"
)

// homeWeek is how many days the controls look back on, today included. A run
// counts on the UTC day on which its window ends.
const homeWeek = 7

// worstOf is the worst outcome of a check in the last week, and the newest
// result that has it.
type worstOf struct {
	outcome reports.Outcome
	href    string
	at      connectors.Instant
}

// controlStanding is how a control stands: over the last week, so that one
// quiet night does not hide what nobody has judged yet, and in the newest run.
type controlStanding struct {
	control controls.Control
	checks  int // that have ever run
	counts  map[reports.Outcome]int
	worst   worstOf // its outcome is "" when nothing ran in the last week
	idle    int     // checks without a result in the last week

	newest       connectors.Instant
	newestRun    string
	newestCounts map[reports.Outcome]int
	newestHref   string // its worst result
}

// standingsOf are the controls that checks support, worst first.
func standingsOf(h homeFacts) []controlStanding {
	week := map[string]worstOf{}
	for _, d := range h.Days {
		w, seen := week[d.Check]
		if seen && (outcomeRank(d.Outcome) > outcomeRank(w.outcome) || d.Outcome == w.outcome && d.FinishedAt < w.at) {
			continue
		}
		week[d.Check] = worstOf{d.Outcome, resultHref(d.Run, d.Check), d.FinishedAt}
	}
	var out []controlStanding
	for _, control := range h.Catalogue.Controls {
		s := controlStanding{control: control, counts: map[reports.Outcome]int{}, newestCounts: map[reports.Outcome]int{}}
		var newestWorst reports.Outcome
		for _, latest := range h.Latest {
			check := latest.Result.Check
			if !control.CheckedBy(check) && !slices.Contains(latest.Result.Controls, control.ID) {
				continue
			}
			s.checks++
			if latest.FinishedAt > s.newest {
				s.newest, s.newestRun, newestWorst = latest.FinishedAt, latest.Run, ""
				clear(s.newestCounts)
			}
			if o := latest.Result.Outcome; latest.Run == s.newestRun {
				s.newestCounts[o]++
				if newestWorst == "" || outcomeRank(o) < outcomeRank(newestWorst) {
					newestWorst, s.newestHref = o, resultHref(latest.Run, check)
				}
			}
			w, seen := week[check]
			if !seen {
				s.idle++
				continue
			}
			s.counts[w.outcome]++
			if s.worst.outcome == "" || outcomeRank(w.outcome) < outcomeRank(s.worst.outcome) {
				s.worst = w
			}
		}
		if s.checks > 0 {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b controlStanding) int { return cmp.Compare(a.rank(), b.rank()) })
	return out
}

// rank puts a control about which nothing is known before those that passed.
func (s controlStanding) rank() int {
	if s.worst.outcome == "" {
		return 2*outcomeRank(reports.Pass) - 1
	}
	return 2 * outcomeRank(s.worst.outcome)
}

// outcomeShort is an outcome counted: "2 fail", "1 to review"; "Pass" when all do.
func outcomeShort(o reports.Outcome, n, of int) string {
	switch {
	case o == reports.Pass && n == of:
		return "Pass"
	case o == reports.NeedsReview:
		return countWord(n) + " to review"
	}
	return countWord(n) + " " + strings.ToLower(outcomeWord(o))
}

// outcomesShort counts outcomes in one line, worst first.
func outcomesShort(counts map[reports.Outcome]int, except reports.Outcome) string {
	of := 0
	for _, n := range counts {
		of += n
	}
	var words []string
	for _, o := range outcomesInOrder() {
		if counts[o] > 0 && o != except {
			words = append(words, outcomeShort(o, counts[o], of))
		}
	}
	return strings.Join(words, ", ")
}

func (s controlStanding) row(f Format, now connectors.Instant) part.Row {
	former := make([]string, len(s.control.Aliases))
	for i, a := range s.control.Aliases {
		former[i] = a.ID
	}
	sub := "new in 2022"
	if len(former) > 0 {
		sub = "formerly " + strings.Join(former, ", ")
	}
	ran := s.checks - s.idle
	week := part.Cell{Text: "Nothing ran", Sub: "so nothing is known of these days", Small: true}
	if s.worst.outcome != "" {
		week = part.Cell{Badge: &part.Badge{Outcome: string(s.worst.outcome), Text: outcomeShort(s.worst.outcome, s.counts[s.worst.outcome], ran), Href: s.worst.href},
			Sub: outcomesShort(s.counts, s.worst.outcome)}
	}
	by := part.Cell{Text: plural(s.checks, "check", "checks"), Small: true}
	if s.idle > 0 && ran > 0 {
		by.Sub = countWord(s.idle) + " did not run"
	}
	at := f.in(s.newest).Format("Mon 15:04")
	if now.Sub(s.newest) > 6*24*time.Hour {
		at = f.Time(s.newest)
	}
	return part.Row{Cells: []part.Cell{
		{Text: s.control.ID + " " + s.control.Title, Sub: sub, Name: true, Href: "/find?q=" + url.QueryEscape(s.control.ID)},
		week, {Text: outcomesShort(s.newestCounts, ""), Href: s.newestHref, Sub: at, Small: true}, by,
	}}
}

// controlsOf is the controls with what their checks said in the last week and in
// the newest run, worst first.
func controlsOf(frame Page, h homeFacts) (part.Table, string) {
	t := part.Table{ID: "controls", Caption: "Controls: the worst of each check in the last 7 days, and the newest run", Quiet: true, Stacked: true,
		Columns: []part.Column{{Text: "Control"}, {Text: "Last 7 days"}, {Text: "Newest run"}, {Text: "By what"}},
		Empty:   &part.Empty{Kind: part.Nothing, Title: "No check has run yet", Text: "The first run comes by itself in the night after a source is connected. It can be started from Checks at any time.", Actions: []part.Action{{Text: "Go to checks", Href: "/checks"}}}}
	if len(h.Latest) == 0 || h.Catalogue == nil {
		return t, ""
	}
	var newest connectors.Instant
	for _, s := range standingsOf(h) {
		newest = max(newest, s.newest)
		t.Rows = append(t.Rows, s.row(frame.Format(), frame.Now))
	}
	return t, "newest result " + frame.Format().Time(newest) + " · supports ISO/IEC 27001:2022 and 2013"
}
