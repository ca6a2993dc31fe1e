package evidence

import (
	"fmt"

	"logreeve/reports/dossier"
	"logreeve/reports/pdf"
)

// volumeWords tell of the files of a report that is more than one.
func volumeWords(volumes []pdf.Volume) string {
	if len(volumes) < 2 {
		return ""
	}
	s := fmt.Sprintf("\nThe report is %d volumes, in this order, and whole only with all of them:\n\n", len(volumes))
	for _, v := range volumes {
		s += fmt.Sprintf("     %s, %d pages\n", v.Name, v.Pages)
	}
	return s
}

// readme tells an auditor how to verify the package with standard tools.
func readme(d *dossier.Dossier, key Key, root string, volumes []pdf.Volume) []byte {
	return fmt.Appendf(nil, `Evidence package %s
%s, %s
%s
You can verify this package without the program that made it. You need
sha256sum (GNU coreutils) and ssh-keygen (OpenSSH 8.1 or newer). In the folder
where you unpacked it:

1. Nothing was altered, added or lost:

     sha256sum -c SHA256SUMS

   Every line must end in OK, and the package holds no other file than the ones
   listed, SHA256SUMS and SHA256SUMS.sig.

2. The list was signed by the installation that made it:

     ssh-keygen -Y verify -f allowed_signers -I %s -n %s -s SHA256SUMS.sig < SHA256SUMS

   It must say: Good "%s" signature.

3. The key is the one you know. Compare its fingerprint

     ssh-keygen -l -f <(cut -d' ' -f3- allowed_signers)
     %s

   with one you got another way: printed in an earlier report, published by the
   organisation, or written down when you first met. Without this step you only
   know that the package is whole, not who made it.

4. The report belongs to the data. The evidence root at the foot of each page of
   report.pdf is the SHA-256 of data/manifest.json:

     %s

5. The sample can be drawn again from data/population.txt: the seed is SHA-256
   over "sample/v1|review|population digest|nonce" with the values in
   data/review.json, keys are ranked by HMAC-SHA-256(seed, key) within each
   stratum, and the lowest are taken.

What this proves: what was decided, by whom, on which events, and that nothing
changed since. What it cannot prove: that the log sources were true or complete
beyond the conditions stated in the report, or that the signing key was only in
honest hands.
`, d.FileName(), d.Organisation, d.Review.Title, volumeWords(volumes), Identity, Namespace, Namespace, key.Fingerprint(), root)
}
