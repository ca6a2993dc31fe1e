package pdf

import "fmt"

// verification is section 10: how to check report and package without us.
func (p *document) verification() {
	d := p.d
	if p.seal.Root == "" {
		p.section("verify", "10 How to verify", "This is a draft: it is not sealed, so there is nothing to verify it against.")
		return
	}
	p.section("verify", "10 How to verify", "Report and data can be checked offline with sha256sum and ssh-keygen alone, without the program that made them.")
	for i, step := range []struct{ text, command string }{
		{"In the unpacked package: nothing was altered, added or lost. Every line must end in OK.", "sha256sum -c SHA256SUMS"},
		{"The list was signed by this installation. It must say: Good signature.", "ssh-keygen -Y verify -f allowed_signers -I logreeve -n evidence@logreeve -s SHA256SUMS.sig < SHA256SUMS"},
		{"The report belongs to the data: the sum must be the evidence root below, whose first 16 digits are at the foot of each page.", "sha256sum data/manifest.json"},
		{"The key is the one you know: compare its fingerprint with one you got another way, such as an earlier report.", "ssh-keygen -l -f <(cut -d' ' -f3- allowed_signers)"},
		{"No report is missing: the previous root below is the evidence root of the package sealed before.", ""},
	} {
		p.need(3 * small.leading())
		p.draw(side, p.y+small.ascent(), smallB, p.gate(smallB, fmt.Sprint(i+1)))
		p.aside(6, small, step.text)
		if step.command != "" {
			p.aside(6, code, step.command)
		}
		p.y += 1.2
	}
	p.y += 1.5
	p.entry("Evidence root", code, grouped(p.seal.Root))
	p.entry("Signing key", code, p.seal.Fingerprint)
	previous := "none: this is the first package of this installation"
	if d.PreviousRoot != "" {
		previous = grouped(d.PreviousRoot)
	}
	p.entry("Previous root", code, previous)
	p.entry("Trail", code, fmt.Sprintf("record %s  %s", thousands(d.Head.Seq), d.Head.Hash))
	p.entry("Proves", small, "what was decided, by whom, on which events, and that nothing changed since. It does not prove that the logs were true or complete beyond the conditions in section 2, nor that the signing key was only in honest hands.")
	p.part(fmt.Sprintf("Files of the package, %d under data/", len(p.seal.Files)), 20)
	var rows []row
	for _, f := range p.seal.Files {
		rows = append(rows, row{cells: []cell{{text: f.Path}, {text: thousands(int64(f.Size))}, {text: f.SHA256}}, note: f.Role})
	}
	p.table([]column{{head: "File"}, {head: "Bytes", right: true, keep: true}, {head: "SHA-256", style: code, keep: true}}, rows)
}
