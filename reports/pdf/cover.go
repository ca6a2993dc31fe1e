package pdf

import (
	"fmt"
	"slices"
	"strings"

	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reviews"
)

// cover answers, in this order: what, which period, conclusion, on how much,
// limits, who signed, what it supports, how to verify.
func (p *document) cover() {
	p.newPage()
	p.pageOf["cover"] = 1
	p.bookmark("Cover", 0)
	p.y = 56
	p.subject()
	p.period()
	p.y += 9
	p.conclusion()
	p.y += 9
	p.figures()
	p.y += 6
	p.coverLimits()
	p.y += 8
	p.signers()
	p.y += 8
	p.supports()
}

func (p *document) subject() {
	title, rest := p.d.Review.Title, ""
	if after, ok := strings.CutPrefix(title, p.d.Title()+", "); ok && p.d.Title() != "" {
		title, rest = p.d.Title(), upperFirst(after)
	}
	for _, t := range []string{title, rest} {
		lines := p.wrap(display, shortTo(t, 160, "data/review.json"), p.width, false)
		for _, l := range lines[:min(len(lines), 3)] {
			p.draw(side, p.y+display.ascent(), display, l)
			p.y += display.size * pointMM * 1.22
		}
		if rest == "" {
			break
		}
	}
	p.y += 3.5
}

func (p *document) period() {
	w := p.d.Review.Period
	s := style{sans, 11, soft}
	p.write(side, s, p.wrap(s, fmt.Sprintf("%s to %s · revision %d", minute(w.From)+" UTC", minute(w.To)+" UTC", p.d.Review.Revision), p.width, false))
	p.y += 0.8
	text := "The end is not included."
	if p.zone.String() != "UTC" && w.From != 0 && w.To != 0 {
		const layout = "2 January 2006 15:04 MST"
		text = fmt.Sprintf("In %s: %s to %s. The end is not included.", p.zone, w.From.Time().In(p.zone).Format(layout), w.To.Time().In(p.zone).Format(layout))
	}
	p.write(side, note, p.wrap(note, text, p.width, false))
}

// concluded is the conclusion that counts: the approver's, else the reviewer's.
func (p *document) concluded() (reviews.Conclusion, bool) {
	r := p.d.Review
	if s := r.Approver(); s != nil {
		return s.Conclusion, true
	}
	if s := r.Attester(); s != nil {
		return s.Conclusion, false
	}
	return "", false
}

func (p *document) conclusion() {
	c, approved := p.concluded()
	word := upperFirst(string(c))
	switch {
	case c == "":
		word = "No conclusion yet"
	case !approved:
		word += ", not yet approved"
	}
	big := style{bold, 13, ink}
	inner := p.width - 12
	lines := p.wrap(body, p.conclusionSentence(), inner, false)
	height := 6 + note.leading() + 1 + big.leading() + 0.6 + float64(len(lines))*body.leading() + 5
	p.fill(side, p.y, 1.4, height, ink)
	p.content.frame(side, p.y, p.width, height, ink, 0.25)
	end := p.y + height
	p.y += 6
	p.write(side+7, note, []shown{"Conclusion"})
	p.y += 1
	p.write(side+7, big, p.wrap(big, word, inner, false))
	p.y += 0.6
	p.write(side+7, body, lines)
	p.y = end
}

// conclusionSentence says what the conclusion rests on. Every part of it is
// counted here, none is taken for granted.
func (p *document) conclusionSentence() string {
	r := p.d.Review
	accepted := 0
	for _, l := range r.Limits {
		if _, ok := r.Acknowledged(l.Check); ok {
			accepted++
		}
	}
	findings := p.standingFindings()
	s := counted(int64(len(findings)), "finding") + " raised"
	if len(findings) == 0 {
		s = "No finding raised"
	}
	switch n := len(r.Limits); {
	case n == 0:
		s += ", no limits"
	case accepted == n:
		s += ", " + counted(int64(n), "limit") + " accepted"
	default:
		s += fmt.Sprintf(", %d of %s accepted", accepted, counted(int64(n), "limit"))
	}
	s += ". "
	items, picks := r.Progress()
	if r.Figures.EventsRead == r.Figures.EventsTested {
		s += "Every event that was read was tested; "
	} else {
		s += fmt.Sprintf("%s of %s that were read lie in the period and were tested; ", thousands(r.Figures.EventsTested), counted(r.Figures.EventsRead, "event"))
	}
	switch {
	case len(r.Items) == 0:
		s += "no check raised anything to decide"
	case items == len(r.Items):
		s += "every item the checks raised was decided by a person"
	default:
		s += fmt.Sprintf("%d of %d items the checks raised are decided", items, len(r.Items))
	}
	if len(r.Picks) > 0 {
		s += fmt.Sprintf("; %d of %s read", picks, counted(int64(len(r.Picks)), "sampled entry"))
	}
	return s + "."
}

// standingFindings are those that were not dismissed.
func (p *document) standingFindings() []reviews.Finding {
	return slices.DeleteFunc(slices.Clone(p.d.Review.Findings), func(f reviews.Finding) bool { return f.Status == reviews.FindingDismissed })
}

func (p *document) figures() {
	r := p.d.Review
	items, picks := r.Progress()
	findings := p.standingFindings()
	bySeverity := map[reports.Severity]int{}
	for _, f := range findings {
		bySeverity[f.Severity]++
	}
	var severities []string
	for _, s := range []reports.Severity{reports.Critical, reports.High, reports.Medium, reports.Low, reports.Info} {
		if n := bySeverity[s]; n > 0 {
			severities = append(severities, fmt.Sprintf("%d %s", n, s))
		}
	}
	found := "findings"
	if len(findings) == 1 {
		found = "finding"
	}
	if len(severities) > 0 {
		found += ": " + strings.Join(severities, ", ")
	}
	figures := []struct{ n, text string }{
		{thousands(r.Figures.EventsTested), fmt.Sprintf("events tested, of %s read from %s", thousands(r.Figures.EventsRead), counted(int64(r.Figures.Sources), "source"))},
		{thousands(int64(items)), fmt.Sprintf("items decided, of %s", thousands(int64(len(r.Items))))},
		{thousands(int64(picks)), fmt.Sprintf("sampled and read, of %s drawn; seed in section 5", thousands(int64(len(r.Picks))))},
		{thousands(int64(len(findings))), found},
	}
	number := style{bold, 17, ink}
	wide := p.width / 4
	tall := 0
	for i, f := range figures {
		x := side + wide*float64(i)
		p.draw(x, p.y+number.ascent(), number, p.gate(number, f.n))
		lines := p.wrap(note, f.text, wide-6, false)
		for n, l := range lines {
			p.draw(x, p.y+number.leading()+0.4+float64(n)*note.leading()+note.ascent(), note, l)
		}
		tall = max(tall, len(lines))
	}
	p.y += number.leading() + 0.4 + float64(tall)*note.leading()
}

// coverLimits names the first limits; section 2 has them all.
func (p *document) coverLimits() {
	r := p.d.Review
	if len(r.Limits) == 0 {
		p.paragraph(small, "Limits. None: every check ran on complete data.")
		return
	}
	const most = 2
	for i, l := range r.Limits[:min(most, len(r.Limits))] {
		text := l.Check + ": " + shortTo(l.Reason, 230, "section 2")
		if a, ok := r.Acknowledged(l.Check); ok {
			text += " Accepted by " + a.By.Name + "."
		} else {
			text += " Not accepted by anybody yet."
		}
		if i > 0 {
			p.y += 0.8
		}
		p.runIn("Limit.", text)
	}
	if n := len(r.Limits) - most; n > 0 {
		p.y += 0.8
		p.paragraph(note, fmt.Sprintf("And %s more, all with cause and consequence in section 2.", counted(int64(n), "limit")))
	}
}

// runIn writes a paragraph that begins with a bold word.
func (p *document) runIn(word, text string) {
	w := p.gate(smallB, word)
	indent := p.measure(smallB, w) + 1.6
	p.need(small.leading())
	first := p.wrap(small, text, p.width-indent, false)
	p.draw(side, p.y+small.ascent(), smallB, w)
	p.draw(side+indent, p.y+small.ascent(), small, first[0])
	p.y += small.leading()
	if len(first) > 1 { // what is left goes on over the whole width
		var rest []string
		for _, l := range first[1:] {
			rest = append(rest, string(l))
		}
		p.write(side, small, p.wrap(small, strings.Join(rest, " "), p.width, false))
	}
}

func (p *document) signers() {
	wide := (p.width - 8) / 2
	begin, deepest := p.y, p.y
	for i, s := range []struct {
		word   string
		record *reviews.SignOffRecord
	}{{"Reviewed by ", p.d.Review.Attester()}, {"Approved by ", p.d.Review.Approver()}} {
		x := side + float64(i)*(wide+8)
		p.y = begin
		p.rule(x, p.y, x+wide, faint, 0.2)
		p.y += 2.4
		if s.record == nil {
			p.write(x, strong, p.wrap(strong, s.word+"nobody yet", wide, false))
			deepest = max(deepest, p.y)
			continue
		}
		by := s.record.By
		p.write(x, strong, p.wrap(strong, s.word+shortTo(by.Name, 80, "data/signoffs.json"), wide, false))
		p.write(x, small, p.wrap(small, shortTo(strings.Join(by.Roles, ", "), 80, "data/signoffs.json")+" · signed with "+methodWords(s.record.Method), wide, false))
		p.write(x, small, p.wrap(small, p.moment(s.record.At), wide, false))
		deepest = max(deepest, p.y)
	}
	p.y = deepest
}

func methodWords(method string) string {
	if method == "password" {
		return "password confirmed at signing"
	}
	return method
}

func (p *document) supports() {
	var ids, before, others []string
	for _, c := range p.d.Controls {
		ids = append(ids, c.ID)
		before = append(before, c.Aliases...)
		others = append(others, c.Others...)
	}
	text := "ISO/IEC 27001:2022 " + strings.Join(unique(ids), ", ")
	if len(ids) == 0 {
		text = "no control is named"
	}
	if len(before) > 0 {
		text += " (formerly " + firstFew(unique(before), 8) + ")"
	}
	if len(others) > 0 {
		text += " · " + firstFew(unique(others), 5)
	}
	p.entry("Supports", small, text)
	if p.seal.Root != "" {
		p.entry("Evidence root", code, grouped(p.seal.Root))
		p.entry("Signing key", code, p.seal.Fingerprint)
	} else {
		p.entry("Evidence root", small, "none: a draft is not sealed")
	}
	p.need(3 * small.leading()) // nothing may begin a page once all pages are there
	y := p.y
	p.y += 3 * small.leading()
	p.afterwards(func() {
		keep := p.y
		p.y = y
		p.entry("To verify", small, p.pageWords("verify")+", or give this package to the Verify page. It needs only sha256sum and ssh-keygen.")
		p.y = keep
	})
}

// entry writes a label and its text beside it.
func (p *document) entry(name string, s style, text string) {
	const indent = 32
	p.need(s.leading())
	p.draw(side, p.y+note.ascent(), note, p.gate(note, name))
	p.write(side+indent, s, p.wrap(s, text, p.width-indent, true))
	p.y += 1.3
}

// grouped writes a digest in groups of eight.
func grouped(s string) string {
	var parts []string
	for ; len(s) > 8; s = s[8:] {
		parts = append(parts, s[:8])
	}
	return strings.Join(append(parts, s), " ")
}

func unique(s []string) []string {
	var out []string
	for _, v := range s {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

func firstFew(s []string, most int) string {
	if len(s) <= most {
		return strings.Join(s, ", ")
	}
	return strings.Join(s[:most], ", ") + fmt.Sprintf(" and %d more in section 8", len(s)-most)
}

func upperFirst(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// minute writes an instant without seconds when it has none.
func minute(i connectors.Instant) string {
	if i == 0 {
		return "not known"
	}
	t := i.Time()
	if t.Second() != 0 || t.Nanosecond() != 0 {
		return t.Format("2 January 2006 15:04:05")
	}
	return t.Format("2 January 2006 15:04")
}
