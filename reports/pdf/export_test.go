package pdf

import "logreeve/reports/dossier"

// RenderIn renders with another measure of a volume than the product's.
func RenderIn(d *dossier.Dossier, s Seal, measure int, keep func(Volume) error) error {
	return render(d, s, measure, keep)
}

// Slack is how many pages a volume may hold beyond its measure.
const Slack = volumeSlack

// Decimal writes a number as pages hold it.
func Decimal(v float64, decimals int) string { return string(appendDecimal(nil, v, decimals)) }

// FillIn replaces the content of the first page of a file of the library.
func FillIn(blank, body []byte) ([]byte, error) {
	return fillIn(blank, []sheet{{body: body}}, [][]byte{nil})
}
