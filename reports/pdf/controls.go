package pdf

import (
	"fmt"
	"strings"
)

// controls is section 8: what the review supports, and what it does not.
func (p *document) controls() {
	all := p.d.Controls
	sentence := fmt.Sprintf("The review supports %s of ISO/IEC 27001:2022 Annex A. It is evidence for them; it does not by itself show that a control is met.", counted(int64(len(all)), "control"))
	if len(all) == 0 {
		sentence = "No control is named for the checks of this review."
	}
	p.section("controls", "8 Control mapping", sentence)
	if len(all) == 0 {
		return
	}
	var rows []row
	for i := range all {
		c := &all[i]
		former := strings.Join(c.Aliases, ", ")
		if former == "" {
			former = "new in 2022"
		}
		var notes []string
		if c.Missing != "" {
			notes = append(notes, "Not covered: "+c.Missing)
		}
		if len(c.Others) > 0 {
			notes = append(notes, "Also: "+strings.Join(c.Others, " · "))
		}
		rows = append(rows, row{cells: []cell{{text: c.ID, style: &smallB}, {text: c.Title}, {text: former}, {text: coverageWords(c.Coverage), mark: coverageMark(c.Coverage)}, {text: strings.Join(c.Checks, ", ")}}, note: strings.Join(notes, "\n")})
	}
	p.table([]column{{head: "2022", keep: true}, {head: "Control"}, {head: "2013", fixed: 28}, {head: "Covered", keep: true}, {head: "Checks", fixed: 52}}, rows)
}

func coverageWords(s string) string {
	switch s {
	case "full":
		return "mostly"
	case "partial":
		return "in part"
	case "manual":
		return "by people"
	}
	return s
}

func coverageMark(s string) *mark {
	switch s {
	case "full":
		return &mark{disc, ink}
	case "partial":
		return &mark{triangle, ink}
	}
	return &mark{ring, ink}
}
