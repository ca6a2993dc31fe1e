package pdf

import (
	"fmt"
	"strings"

	"logreeve/reviews"
)

// sample is section 5: entries drawn by lot from what no check raised.
func (p *document) sample() {
	r := p.d.Review
	_, read := r.Progress()
	if len(r.Picks) == 0 {
		p.section("sample", "5 Sample", "No sample was drawn in this review.")
		return
	}
	p.section("sample", "5 Sample", fmt.Sprintf("Of %s that no check raised, %d were drawn by lot and %d were read by a person. The draw can be repeated from the figures below.",
		counted(r.Sample.Population, "entry"), len(r.Picks), read))
	if p.d.Template.SampleText != "" {
		p.entry("Population", small, p.d.Template.SampleText)
	}
	p.entry("Digest of keys", code, r.Sample.PopulationDigest)
	p.entry("Nonce", code, r.Sample.Nonce)
	p.entry("Promised as", code, r.Sample.NonceSHA256)
	p.entry("Seed", code, r.Sample.Seed)
	p.entry("Algorithm", small, fmt.Sprintf("%s: seed is SHA-256 over “%s|review|digest of keys|nonce”; keys are ranked by HMAC-SHA-256 with it inside each stratum, and the lowest are taken, at least %d a stratum. The keys are in data/population.txt.",
		r.Sample.Algorithm, reviews.SampleAlgorithm, r.Sample.MinPerStratum))
	if len(r.Sample.Strata) > 0 {
		p.part("Strata", 16)
		var rows []row
		for _, s := range r.Sample.Strata {
			rows = append(rows, texts(short(s.Name, "data/review.json"), thousands(s.Size), thousands(int64(s.Drawn))))
		}
		p.table([]column{{head: "Stratum"}, {head: "Entries", right: true, keep: true, least: 20}, {head: "Drawn", right: true, keep: true, least: 20}}, rows)
	}
	p.part("Entries and what was decided", 20)
	columns := append([]column{{head: "No", right: true, keep: true}}, eventColumns()...)
	columns = append(columns[:len(columns)-1], column{head: "Decision"})
	var rows []row
	for i := range r.Picks {
		k := &r.Picks[i]
		line := p.eventRow(&k.Record, "data/sample.jsonl")
		state, m := "not read", &mark{ring, violet}
		var more []string
		if d := p.standing(k.Key, true).last; d != nil {
			state, m = pickWords(d), &mark{disc, green}
			if d.Choice != reviews.Read {
				m = &mark{triangle, amber}
			}
			by := "by " + d.By.Name + ", " + p.moment(d.At)
			if d.Reason != "" {
				by = "“" + oneLine(d.Reason) + "” " + by
			}
			more = append(more, by)
		}
		line.cells = append([]cell{{text: fmt.Sprint(k.Rank)}}, line.cells[:4]...)
		line.cells = append(line.cells, cell{text: state, mark: m})
		line.mono = false
		line.note = strings.Join(append([]string{"key " + k.Record.Key + " · stratum " + oneLine(short(k.Stratum, "data/sample.jsonl"))}, more...), "\n")
		rows = append(rows, line)
	}
	p.table(columns, rows)
	p.y += 1.2
	p.paragraph(note, "All fields of the entries, and the digests of the raw records, are in data/sample.jsonl.")
}

func pickWords(d *reviews.Decision) string {
	if d.Choice == reviews.Read {
		return "read"
	}
	return strings.ToLower(decisionWords(d))
}
