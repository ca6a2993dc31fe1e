package pdf

import "fmt"

// listVolumes draws the pages that say which volumes a report has and what this
// one holds. They are not counted: the pages of the report are numbered through.
func (p *document) listVolumes(v *volume) (pages []sheet) {
	p.extra = &pages
	p.newPage()
	count := len(p.volumes)
	if v.number > 1 {
		p.subject()
		p.period()
		p.y += 9
	}
	p.write(side, heading, p.wrap(heading, fmt.Sprintf("Volume %d of %d", v.number, count), p.width, false))
	p.y += 1.6
	p.paragraph(lead, fmt.Sprintf("This volume holds pages %s to %s of the %s pages of the report: from “%s” to “%s”. All volumes together are one report; none is whole without the others.",
		thousands(int64(v.first)), thousands(int64(v.last())), thousands(int64(p.total)), v.from, v.to))
	p.y += 3.2
	var rows []row
	for _, o := range p.volumes {
		line := texts(fmt.Sprint(o.number), volumeName(o.number), fmt.Sprintf("%d to %d", o.first, o.last()), o.from.String(), o.to.String())
		switch {
		case o == v:
			line.note = "this volume"
		case o.sum != "":
			line.note, line.mono = "SHA-256 "+o.sum, true
		}
		rows = append(rows, line)
	}
	p.table([]column{{head: "Volume", right: true, keep: true}, {head: "File", keep: true}, {head: "Pages", keep: true}, {head: "From"}, {head: "To"}}, rows)
	p.y += 1.5
	text := "The sums are those of the other volumes as they lie beside this one."
	if v.number > 1 {
		text = "Volume 1 names the sums of all other volumes; a volume made before another cannot name it."
	}
	if p.seal.Root != "" {
		text += " SHA256SUMS of the package lists every volume, and its signature covers them."
	}
	p.paragraph(note, text)
	p.endPage()
	p.extra = nil
	return pages
}

// pageWords says on which page a section begins.
func (p *document) pageWords(section string) string {
	page := p.pageOf[section]
	for _, v := range p.volumes {
		if len(p.volumes) > 1 && page >= v.first && page <= v.last() {
			return fmt.Sprintf("page %d in volume %d, %s", page, v.number, volumeName(v.number))
		}
	}
	return fmt.Sprintf("page %d", page)
}
