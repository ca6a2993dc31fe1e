package evidence

import (
	"fmt"
	"testing"

	"logreeve/reports/dossier"
	"logreeve/reports/pdf"
)

// BuildShort builds a package whose report is cut after some bytes: the fonts in
// a whole one would make a test of every byte slow, and say nothing more.
func BuildShort(d *dossier.Dossier, key Key, most int) (*Built, error) {
	return build(d, key, func(d *dossier.Dossier, s pdf.Seal, keep func(pdf.Volume) error) error {
		return pdf.Render(d, s, func(v pdf.Volume) error {
			v.File = v.File[:min(len(v.File), most)]
			return keep(v)
		})
	})
}

// Part is a file of a package that a test puts together itself.
type Part struct {
	Name string
	Data []byte
}

// Pack writes parts in the form of a package.
func Pack(t testing.TB, parts []Part) []byte {
	t.Helper()
	b, err := pack(entriesOf(parts))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Sealed writes a list of sums and a signature for parts that lack them, as
// somebody with a key of their own could.
func Sealed(t testing.TB, parts []Part, key Key) []byte {
	t.Helper()
	entries := entriesOf(parts)
	sums := sumsOf(entries)
	b, err := pack(append(entries, entry{nameSums, sums}, entry{nameSig, key.Sign(sums)}))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func entriesOf(parts []Part) []entry {
	entries := make([]entry, len(parts))
	for i, p := range parts {
		entries[i] = entry{p.Name, p.Data}
	}
	return entries
}

// BuildVolumes builds a package whose report is several files, which a test
// gives; they need not be PDFs.
func BuildVolumes(d *dossier.Dossier, key Key, files ...[]byte) (*Built, error) {
	return build(d, key, func(_ *dossier.Dossier, _ pdf.Seal, keep func(pdf.Volume) error) error {
		for i := range files { // the first one last, as the product does
			n := (i + 1) % len(files)
			v := pdf.Volume{Number: n + 1, Of: len(files), Name: "report.pdf", Pages: 1500, File: files[n]}
			if n > 0 {
				v.Name = fmt.Sprintf("report-volume-%d.pdf", n+1)
			}
			if err := keep(v); err != nil {
				return err
			}
		}
		return nil
	})
}
