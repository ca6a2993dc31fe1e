package pdf

import (
	"fmt"
	"strings"

	"logreeve/reviews"
)

// findings is section 7: confirmed gaps as they stood when the report was made.
func (p *document) findings() {
	all := p.d.Review.Findings
	standing := len(p.standingFindings())
	sentence := "No finding was raised in this review."
	if len(all) > 0 {
		sentence = fmt.Sprintf("%s stand as of sealing; what happens to them later is in the product and in later reports.", counted(int64(standing), "finding"))
		if standing == 1 {
			sentence = strings.Replace(sentence, "finding stand", "finding stands", 1)
		}
	}
	p.section("findings", "7 Findings", sentence)
	for i := range all {
		p.finding(&all[i])
	}
}

func (p *document) finding(f *reviews.Finding) {
	p.mayEnd()
	p.skip(4)
	p.need(40)
	p.bookmark(f.ID+" "+f.Title, 1)
	wide := p.drawSeverity(f.Severity, side, p.y+strong.ascent())
	p.write(side+wide, strong, p.wrap(strong, f.ID+" "+shortTo(f.Title, 300, "data/findings.json"), p.width-wide, false))
	p.paragraph(note, fmt.Sprintf("%s · %s · check %s · supports %s", severityWord(f.Severity), strings.ReplaceAll(string(f.Status), "_", " "), f.Check, strings.Join(f.Controls, ", ")))
	p.y += 1.2
	for _, e := range []struct{ name, text string }{
		{"Condition", f.Condition}, {"Criteria", f.Criteria}, {"Cause", f.Cause}, {"Effect", f.Effect}, {"Owner", f.Owner}, {"Due", f.DueDate},
		{"Rests on", strings.Join(shortKeys(f.Items), ", ")}, {"Raised", f.RaisedBy.Name + ", " + p.moment(f.RaisedAt)},
	} {
		text := e.text
		if text == "" {
			text = "not stated"
		}
		p.entry(e.name, small, text)
	}
	if len(f.History) == 0 {
		return
	}
	var rows []row
	for _, h := range f.History {
		rows = append(rows, texts(p.moment(h.At), h.By.Name, strings.ReplaceAll(string(h.From), "_", " ")+" → "+strings.ReplaceAll(string(h.To), "_", " "), h.Note))
	}
	p.y += 0.8
	p.table([]column{{head: "History", keep: true}, {head: "By"}, {head: "Status"}, {head: "Note"}}, rows)
}

func shortKeys(keys []string) []string {
	var out []string
	for _, k := range keys {
		out = append(out, "item "+firstOf(k, 32))
	}
	return out
}
