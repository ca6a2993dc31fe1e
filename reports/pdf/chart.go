package pdf

import (
	"fmt"
	"slices"
	"time"

	"logreeve/connectors"
	"logreeve/reports"
)

const hour = connectors.Instant(int64(time.Hour / time.Microsecond))

// hourly draws the events an hour: of all sources together, then of each.
// Hours without events are marked below the line, by shape.
func (p *document) hourly() {
	total := map[connectors.Instant]int64{}
	drawable := 0
	for i := range p.d.Sources {
		if len(p.d.Sources[i].Hourly) > 0 {
			drawable++
		}
		for _, h := range p.d.Sources[i].Hourly {
			total[h.Hour] += h.Count
		}
	}
	if drawable == 0 {
		return
	}
	all := make([]reports.HourCount, 0, len(total))
	for h, n := range total {
		all = append(all, reports.HourCount{Hour: h, Count: n})
	}
	slices.SortFunc(all, func(a, b reports.HourCount) int { return int((a.Hour - b.Hour) / hour) })
	p.part("Events an hour", 34)
	name := "All sources"
	if drawable == 1 {
		name = p.d.Sources[slices.IndexFunc(p.d.Sources, func(s reports.SourceSummary) bool { return len(s.Hourly) > 0 })].Name
	}
	empty := p.bars(name, all, 20, true)
	alone := 0 // empty hours of single sources
	if drawable > 1 {
		const most = 8
		shownSources := 0
		for i := range p.d.Sources {
			s := &p.d.Sources[i]
			if len(s.Hourly) == 0 {
				continue
			}
			if shownSources == most {
				p.paragraph(note, fmt.Sprintf("%s more are in data/coverage.csv.", counted(int64(drawable-most), "source")))
				break
			}
			p.y += 2.5
			alone += p.bars(s.Name, s.Hourly, 9, false)
			shownSources++
		}
	}
	p.y += 2
	text := "No hour is without events."
	if empty > 0 {
		text = fmt.Sprintf("%s without an event of any source, with a hollow triangle under the line.", counted(int64(empty), "hour"))
	}
	if alone > 0 {
		text += fmt.Sprintf(" A hollow triangle marks hours in which a source alone has none, %s in all.", thousands(int64(alone)))
	}
	p.paragraph(note, text+" Bars begin at zero. The window is half-open, its bounds are in UTC. The figures are in data/coverage.csv.")
}

// bars draws one bar an hour and marks empty hours; it gives their number.
func (p *document) bars(name string, hours []reports.HourCount, height float64, days bool) (empty int) {
	first, last := hours[0].Hour, hours[0].Hour
	var highest, sum int64
	for _, h := range hours {
		first, last = min(first, h.Hour), max(last, h.Hour)
		highest = max(highest, h.Count)
		sum += h.Count
	}
	slots := int((last-first)/hour) + 1
	if slots > 24*366 {
		return 0 // not a chart anyone could read
	}
	counts := make([]int64, slots)
	for _, h := range hours {
		counts[(h.Hour-first)/hour] += h.Count
	}
	room := note.leading() + height + 3.4
	if days {
		room += note.leading()
	}
	p.need(room)
	p.draw(side, p.y+note.ascent(), note, p.fit(note, p.gate(note, firstOf(name, 200)), p.width/2))
	p.drawRight(side+p.width, p.y+note.ascent(), note, p.gate(note, fmt.Sprintf("highest %s an hour, %s in all", thousands(highest), thousands(sum))))
	p.y += note.leading() + 0.8
	base := p.y + height
	wide := p.width / float64(slots)
	for i, n := range counts {
		if n == 0 {
			empty++
			continue
		}
		h := max(height*float64(n)/float64(max(highest, 1)), 0.15)
		p.fill(side+float64(i)*wide, base-h, max(wide*0.78, 0.12), h, accent)
	}
	p.rule(side, base, side+p.width, soft, 0.15)
	for i := 0; i < slots; i++ { // a run of empty hours is one mark and a line under it
		if counts[i] != 0 {
			continue
		}
		j := i
		for j < slots && counts[j] == 0 {
			j++
		}
		x1, x2 := side+float64(i)*wide, side+float64(j)*wide
		p.rule(x1, base+0.5, x2, red, 0.3)
		middle := (x1 + x2) / 2
		p.content.line(middle, base+0.9, middle-0.9, base+2.4, red, 0.2)
		p.rule(middle-0.9, base+2.4, middle+0.9, red, 0.2)
		p.content.line(middle+0.9, base+2.4, middle, base+0.9, red, 0.2)
		i = j
	}
	p.y = base + 2.6
	if days {
		p.dayLabels(first, slots, wide, base)
		p.y += note.leading()
	}
	return empty
}

func (p *document) dayLabels(first connectors.Instant, slots int, wide, base float64) {
	step := max(1, (slots/24+7)/8)
	day, end := 0, 0.0
	for i := range slots {
		t := (first + connectors.Instant(i)*hour).Time()
		if t.Hour() != 0 {
			continue
		}
		x := side + float64(i)*wide
		p.content.line(x, base, x, base+1, soft, 0.15)
		label := p.gate(note, t.Format("Mon 2 Jan"))
		if day%step == 0 && x >= end && x+p.measure(note, label) <= side+p.width {
			p.draw(x, p.y+note.ascent(), note, label)
			end = x + p.measure(note, label) + 2
		}
		day++
	}
}
