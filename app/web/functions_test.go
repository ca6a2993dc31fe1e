package web

import (
	"fmt"
	"html/template"
	"testing"
	"time"

	"logreeve/app/actor"
	"logreeve/connectors"
	"logreeve/reports"
)

func TestFunctions(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	f := Format{Zone: berlin}
	at := func(text string) connectors.Instant {
		v, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return connectors.At(v)
	}
	i := at("2026-11-21T23:23:54Z")
	window := func(from, to string) connectors.Window { return connectors.Window{From: at(from), To: at(to)} }
	counted := func(n any) string {
		s, err := count(n)
		return fmt.Sprint(s, err != nil)
	}
	for _, tc := range []struct{ got, want string }{
		{string(f.timeElement(i)), `<time datetime="2026-11-21T23:23:54.000000Z" title="2026-11-21 23:23:54 UTC">22 Nov 2026, 00:23</time>`},
		{string(f.dateElement(i)), `<time datetime="2026-11-21T23:23:54.000000Z" title="2026-11-21 23:23:54 UTC">22 Nov 2026</time>`},
		{string(f.clockElement(i)), `<time datetime="2026-11-21T23:23:54.000000Z" title="2026-11-21 23:23:54 UTC">00:23</time>`},
		{string(f.timeElement(0)), `<span class="faint">time not known</span>`},
		{f.Time(0), "time not known"}, {f.UTC(0), "time not known"},
		{f.Day(i), "Sunday, 22 November"},
		{Format{}.Time(i), "21 Nov 2026, 23:23"},
		{f.Time(at("2026-07-01T10:00:00Z")), "1 Jul 2026, 12:00"},
		{f.Span(window("2026-10-31T23:00:00Z", "2026-11-30T23:00:00Z")), "1 Nov – 30 Nov 2026"},
		{f.Span(window("2026-11-20T23:00:00Z", "2026-11-21T23:00:00Z")), "21 Nov 2026"},
		{f.Span(window("2025-12-31T23:00:00Z", "2027-01-31T23:00:00Z")), "1 Jan 2026 – 31 Jan 2027"},
		// From one midnight to another over the change of the clocks.
		{f.Span(window("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")), "25 Oct 2026"},
		{f.Span(window("2026-11-20T10:00:00Z", "2026-11-20T11:30:00Z")), "20 Nov 2026, 11:00 – 20 Nov 2026, 12:30"},
		{f.Span(connectors.Window{}), "all time"},
		{f.Span(connectors.Window{From: i}), "from 22 Nov 2026, 00:23"},
		{f.Span(connectors.Window{To: i}), "until 22 Nov 2026, 00:23"},
		{ago(i, i.Add(-5*time.Minute)), "5 minutes ago"}, {ago(i, i.Add(-time.Minute)), "1 minute ago"}, {ago(i, i), "just now"},
		{ago(i, i.Add(-30*time.Hour)), "30 hours ago"}, {ago(i, i.Add(-72*time.Hour)), "3 days ago"}, {ago(i, i.Add(time.Hour)), "in the future"}, {ago(i, 0), "time not known"},
		{counted(1482113), "1,482,113false"}, {counted(int64(999)), "999false"}, {counted(0), "0false"}, {counted("1"), "true"}, {counted(nil), "true"}, {counted(1.5), "true"},
		{plural(1, "event", "events"), "1 event"}, {plural(0, "event", "events"), "0 events"}, {plural(int64(12431), "event", "events"), "12,431 events"},
		{short("0123456789abcdef"), "0123456789ab"}, {short("01"), "01"},
		{severityWord(reports.High), "High"}, {severityWord("odd"), "odd"},
		{outcomeWord(reports.NeedsReview), "Needs review"}, {outcomeWord(reports.Inconclusive), "Inconclusive"}, {outcomeWord(reports.Pass), "Pass"}, {outcomeWord("odd"), "odd"},
		{outcomeWord(reports.Fail), "Fail"}, {outcomeWord(reports.Errored), "Error"}, {outcomeWord(reports.NotApplicable), "Not applicable"},
		{roleWords(actor.Roles()), "Administrator, Officer, Reviewer, Approver, Auditor"},
		{initials("Omar Keita"), "OK"}, {initials("ana maria de souza"), "AS"}, {initials("Cher"), "C"}, {initials("  "), "?"}, {initials("Jean-Luc Picard"), "JP"}, {initials("Łucja Öz"), "ŁÖ"},
		{oneOf([]string{"A"}), "A"}, {oneOf([]string{"A", "B", "C"}), "A, B or C"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
}

// Template functions never give markup from what they were given.
func TestFunctionsEscape(t *testing.T) {
	assets, err := NewAssets(fixtureFiles(), false)
	if err != nil {
		t.Fatal(err)
	}
	for name, fn := range functions(assets, Format{}) {
		switch fn.(type) {
		case func(connectors.Instant) template.HTML:
			// takes no text
		case func(string) template.HTML, func(any) template.HTML:
			t.Errorf("%s makes markup from text", name)
		}
	}
}
