package pdf

import (
	"fmt"
	"strings"

	"logreeve/reviews"
)

// signOffs is section 9: who stated what, about exactly which set.
func (p *document) signOffs() {
	r := p.d.Review
	signed, returned := 0, 0
	for _, s := range r.SignOffs {
		if s.Void {
			returned++
		} else {
			signed++
		}
	}
	sentence := "Nobody has signed yet."
	switch {
	case r.Attester() != nil && r.Approver() != nil:
		sentence = fmt.Sprintf("%s reviewed and %s approved; each confirmed a password and stated the text below about one exact set.", r.Attester().By.Name, r.Approver().By.Name)
	case signed > 0:
		sentence = fmt.Sprintf("%s signed; the second signature is missing.", r.SignOffs[len(r.SignOffs)-1].By.Name)
	}
	if returned > 0 {
		sentence += fmt.Sprintf(" %s returned by the approver and no longer counts.", counted(int64(returned), "attestation was"))
	}
	p.section("signoffs", "9 Sign-offs", strings.Replace(sentence, "attestation wass", "attestations were", 1))
	for i := range r.SignOffs {
		p.signOff(&r.SignOffs[i])
	}
	p.independence()
}

func (p *document) signOff(s *reviews.SignOffRecord) {
	p.skip(3)
	p.need(46)
	title := "Attestation of the reviewer"
	if s.Role == reviews.AsApprover {
		title = "Approval"
	}
	m := mark{disc, green}
	if s.Void {
		title += ", returned: does not count"
		m = mark{cross, red}
	}
	p.drawMark(m, side, p.y+strong.leading()/2)
	p.write(side+markWidth, strong, p.wrap(strong, title, p.width-markWidth, false))
	p.y += 1
	by := s.By
	who := by.Name
	if by.Email != "" {
		who += ", " + by.Email
	}
	p.entry("Signed by", smallB, oneLine(who))
	roles := "account " + by.Account
	if len(by.Roles) > 0 {
		roles = strings.Join(by.Roles, ", ") + " · " + roles
	}
	if by.Person != "" {
		roles += ", person " + by.Person + " in the list"
	} else {
		roles += ", not linked to the list of people"
	}
	p.entry("As", small, oneLine(roles))
	p.entry("When, how", small, p.moment(s.At)+", "+methodWords(s.Method))
	p.entry("Conclusion", small, string(s.Conclusion))
	p.entry("Statement", small, "“"+s.Text+"”")
	if len(s.Reperformed) > 0 {
		p.entry("Judged again", small, strings.Join(shortKeys(s.Reperformed), ", "))
	}
	p.entry("Digest of text", code, s.TextSHA256)
	p.entry("Digest of set", code, s.Set)
	if s.Void {
		p.entry("Returned", small, s.VoidReason)
	}
}

func (p *document) independence() {
	p.part("Independence, rule by rule", 20)
	var rows []row
	for _, v := range p.d.Rules {
		m := &mark{ring, violet}
		switch v.Result {
		case reviews.Holds:
			m = &mark{disc, green}
		case reviews.Broken:
			m = &mark{diamond, red}
		}
		rows = append(rows, row{cells: []cell{{text: v.Rule}, {text: v.Text}, {text: v.Result, mark: m}, {text: short(v.Detail, "data/review.json")}}})
	}
	if len(rows) == 0 {
		p.paragraph(small, "The rules were not evaluated.")
		return
	}
	p.table([]column{{head: "Rule", style: code, keep: true}, {head: "What it asks"}, {head: "Result", keep: true}, {head: "Why"}}, rows)
	p.y += 1.2
	p.paragraph(note, "“Not evaluated” means that this version holds no facts to judge the rule by. It is not a pass.")
}
