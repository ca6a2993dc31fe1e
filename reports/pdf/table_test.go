package pdf_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"logreeve/reports/dossier/dossiertest"
	"logreeve/reviews"
)

// TestTablesReadWell: in a table of events an address and a name stand whole,
// however long what was done is, and what was done gets the room.
func TestTablesReadWell(t *testing.T) {
	d := dossiertest.Rich()
	said := "Accepted publickey for alice from 198.51.100.214 port 41887 ssh2: ED25519 SHA256:" + strings.Repeat("x9Yz", 10)
	for i := range d.Review.Picks {
		r := &d.Review.Picks[i].Record
		r.Actor, r.Login, r.Effective, r.ClientIP, r.Host = fmt.Sprintf("ubuntu%02d", i), "", "", "198.51.100.214", "bastion-1"
		r.Command, r.Message = "", said
	}
	report := text(t, render(t, d, seal()))
	_, sample, found := strings.Cut(report, "Entries and what was decided")
	if !found {
		t.Fatal("the report holds no sample")
	}
	sample, _, _ = strings.Cut(sample, "All fields of the entries")
	for i := range d.Review.Picks {
		if name := fmt.Sprintf("ubuntu%02d", i); !strings.Contains(sample, name) {
			t.Errorf("%s is broken", name)
		}
	}
	n := len(d.Review.Picks)
	if got := len(regexp.MustCompile(`(?m)198\.51\.100\.214 +read$`).FindAllString(sample, -1)); got != n {
		t.Errorf("%d of %d addresses stand whole", got, n)
	}
	if lines := strings.Count(sample, "\n"); lines > 11*n {
		t.Errorf("%d entries take %d lines", n, lines)
	}
}

// TestTablesStayOnThePage: however long the words of all columns are, nothing is drawn
// beyond the margin.
func TestTablesStayOnThePage(t *testing.T) {
	seen, widest := 0, 0.0
	for n := 7; n < 13; n++ { // up to what is not broken, and more
		d := dossiertest.Rich()
		word := strings.Repeat("m", n)
		for i := range d.Review.Picks {
			r := &d.Review.Picks[i].Record
			r.Actor, r.Login, r.Effective, r.ClientIP, r.Host, r.Message = word+" "+word, "", "", word, word, strings.Repeat(word+" ", 9)
		}
		for i := range d.Review.Decisions {
			d.Review.Decisions[i].Choice, d.Review.Decisions[i].Ticket = reviews.Explained, word
		}
		boxes := run(t, "poppler-utils", "pdftotext", "-bbox", file(t, render(t, d, seal())), "-")
		for _, m := range regexp.MustCompile(`xMax="([0-9.]+)"[^>]*>(m+)<`).FindAllStringSubmatch(boxes, -1) {
			x, err := strconv.ParseFloat(m[1], 64)
			if err != nil {
				t.Fatal(err)
			}
			seen, widest = seen+1, max(widest, x)
		}
	}
	if paper, margin := 210/25.4*72, 19.5/25.4*72; seen < 1000 || widest > paper-margin {
		t.Errorf("%d pieces of words reach to %.1f of %.1f points", seen, widest, paper)
	}
}

// TestCheckBeginsWithItsFirstItem: wherever on a page the heading of a check comes
// to stand, its first item begins on the same page.
func TestCheckBeginsWithItsFirstItem(t *testing.T) {
	places := map[int]bool{}
	for n := range 16 {
		d := dossiertest.Rich()
		d.Review.Items[0].Title += strings.Repeat(" and on", 60*n) // moves what follows
		d.Results[0].Reason += strings.Repeat(" and on", 18*n)
		pages := strings.Split(text(t, render(t, d, seal())), "\f")
		for i := range d.Results {
			r := &d.Results[i]
			if len(r.Items) == 0 {
				continue
			}
			for _, page := range pages {
				_, from, headed := strings.Cut(page, r.Check+" "+r.Title+"\n")
				if !headed || !strings.Contains(from, " tested ") {
					continue // not where the check's items begin
				}
				places[strings.Count(page, "\n")-strings.Count(from, "\n")] = true
				if title := r.Items[0].Title; !strings.Contains(joined(from), joined(title[:min(len(title), 40)])) {
					t.Errorf("%s is headed on a page that its first item is not on", r.Check)
				}
			}
		}
	}
	if len(places) < 15 {
		t.Errorf("control: headings stood at only %d places", len(places))
	}
}
