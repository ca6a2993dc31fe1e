package pdf_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"logreeve/reports/dossier"
	"logreeve/reports/dossier/dossiertest"
	"logreeve/reports/pdf"
	"logreeve/reviews"
)

// many is a dossier whose items each have a key of their own, so that they can
// be counted on the pages: items of each check times the number given.
func many(times int) *dossier.Dossier {
	d := dossiertest.Rich()
	for i := range d.Results {
		items := d.Results[i].Items
		for n := range len(items) * (times - 1) {
			it := items[n%len(items)]
			sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", it.Key, n))
			it.Key = hex.EncodeToString(sum[:])
			d.Results[i].Items = append(d.Results[i].Items, it)
		}
	}
	return d
}

// volumesOf renders with a measure and gives the volumes in the order of their
// numbers.
func volumesOf(t testing.TB, d *dossier.Dossier, s pdf.Seal, measure int) []pdf.Volume {
	t.Helper()
	var made []pdf.Volume
	if err := pdf.RenderIn(d, s, measure, func(v pdf.Volume) error { made = append(made, v); return nil }); err != nil {
		t.Fatal(err)
	}
	for i, v := range made { // 2, 3, …, 1
		if want := (i+1)%len(made) + 1; v.Number != want || v.Of != len(made) {
			t.Fatalf("volume %d of %d was handed over as number %d of %d", v.Number, v.Of, i+1, len(made))
		}
	}
	return append(made[len(made)-1:], made[:len(made)-1]...)
}

var keyLine = regexp.MustCompile(`[Ii]tem [0-9a-f]{32}\.`)

func TestVolumes(t *testing.T) {
	t.Parallel()
	const measure = 40
	d := many(12)
	volumes := volumesOf(t, d, seal(), measure)
	if len(volumes) < 4 {
		t.Fatalf("only %d volumes", len(volumes))
	}
	dir := t.TempDir()
	seen := map[string]int{}
	counted := 0
	var texts []string
	for i, v := range volumes {
		want := "report.pdf"
		if i > 0 {
			want = fmt.Sprintf("report-volume-%d.pdf", i+1)
		}
		name := filepath.Join(dir, v.Name)
		if v.Name != want {
			t.Errorf("volume %d is called %s", i+1, v.Name)
		}
		if err := os.WriteFile(name, v.File, 0o600); err != nil {
			t.Fatal(err)
		}
		checkClean(t, name)
		out := run(t, "poppler-utils", "pdftotext", "-layout", name, "-")
		texts = append(texts, joined(out))
		pages := strings.Split(strings.TrimSuffix(out, "\f"), "\f")
		if len(pages) != v.Pages+1 || v.Pages > measure+pdf.Slack || v.Pages < measure && i < len(volumes)-1 {
			t.Errorf("volume %d has %d pages in the file and says it has %d", i+1, len(pages), v.Pages)
		}
		list := 0 // the page that lists the volumes: after the cover, else first
		if i == 0 {
			list = 1
		}
		if !strings.Contains(joined(pages[list]), joined(fmt.Sprintf("Volume %d of %d", i+1, len(volumes)))) {
			t.Errorf("volume %d does not say which it is:\n%s", i+1, pages[list])
		}
		for n, p := range pages {
			number := fmt.Sprintf("volume %d of %d", i+1, len(volumes))
			if n != list {
				counted++
				number += fmt.Sprintf(" · %d of ", counted)
			}
			if !strings.Contains(p, number) || !strings.Contains(p, "root 7f3a91c27f3a91c2") || !strings.Contains(p, "Confidential") {
				t.Fatalf("page %d of volume %d lacks %q or its head and foot:\n%s", n+1, i+1, number, p)
			}
		}
		for _, k := range keyLine.FindAllString(out, -1) {
			seen[k[5:37]]++
		}
	}
	if !strings.Contains(texts[0], fmt.Sprintf("·%dof%d", volumes[0].Pages, counted)) {
		t.Errorf("the pages of all volumes are %d, which volume 1 does not say", counted)
	}
	items := 0
	for i := range d.Results {
		for _, it := range d.Results[i].Items {
			items++
			if n := seen[it.Key[:32]]; n != 1 {
				t.Fatalf("item %s stands %d times in the volumes", it.Key[:32], n)
			}
		}
	}
	if items < 400 || len(seen) != items {
		t.Errorf("%d items, %d on the pages", items, len(seen))
	}
	for i, v := range volumes[1:] {
		sum := sha256.Sum256(v.File)
		if !strings.Contains(texts[0], hex.EncodeToString(sum[:])) {
			t.Errorf("volume 1 does not name the sum of volume %d", i+2)
		}
		if i > 0 && !strings.Contains(texts[len(texts)-1], v.Name) {
			t.Errorf("the last volume does not name %s", v.Name)
		}
	}
	if !strings.Contains(texts[0], fmt.Sprintf("involume%d,%s", len(volumes), volumes[len(volumes)-1].Name)) {
		t.Error("the cover does not say in which volume the way to verify is")
	}
	again := volumesOf(t, many(12), seal(), measure)
	for i := range again {
		if !bytes.Equal(again[i].File, volumes[i].File) {
			t.Fatalf("volume %d has other bytes the second time", i+1)
		}
	}
}

// What stands in the volumes is what stands in one file: nothing is lost or
// added where one ends and the next begins.
func TestVolumesSayWhatOneFileSays(t *testing.T) {
	t.Parallel()
	d := many(4)
	var all strings.Builder
	for _, v := range volumesOf(t, d, seal(), 15) {
		pages := strings.Split(strings.TrimSuffix(text(t, v.File), "\f"), "\f")
		if v.Number == 1 {
			pages = append(pages[:1:1], pages[2:]...)
		} else {
			pages = pages[1:]
		}
		all.WriteString(lines(pages))
	}
	one := lines(strings.Split(strings.TrimSuffix(text(t, render(t, d, seal())), "\f"), "\f"))
	// A head of a table is repeated on the page where a row moved to.
	for _, set := range []struct{ name, a, b string }{{"one file", one, all.String()}, {"the volumes", all.String(), one}} {
		have := map[string]bool{}
		for l := range strings.Lines(set.b) {
			have[l] = true
		}
		for l := range strings.Lines(set.a) {
			if !have[l] {
				t.Errorf("only %s says %q", set.name, l)
			}
		}
	}
}

// lines are the lines of pages without head, foot, white space and page numbers.
func lines(pages []string) string {
	var out strings.Builder
	for _, p := range pages {
		all := strings.Split(strings.TrimSpace(p), "\n")
		for _, l := range all[1 : len(all)-1] {
			if l = joined(l); l != "" && !strings.Contains(l, "involume") && !strings.Contains(l, "orgivethispackage") && !strings.Contains(l, "Verifypage.It") && l != "sha256sumandssh-keygen." {
				out.WriteString(l + "\n")
			}
		}
	}
	return out.String()
}

func TestOutlineOfVolumes(t *testing.T) {
	t.Parallel()
	for _, v := range volumesOf(t, many(6), seal(), 40) {
		objects := run(t, "qpdf", "qpdf", "--json", "--json-key=outlines", file(t, v.File))
		if v.Number == 1 && !strings.Contains(objects, `"Volumes"`) || v.Number > 1 && !strings.Contains(objects, fmt.Sprintf(`"Volume %d"`, v.Number)) {
			t.Errorf("volume %d: no bookmark of the list of volumes:\n%.800s", v.Number, objects)
		}
		if v.Number == 2 && !strings.Contains(objects, "4 Items and decisions, continued") {
			t.Errorf("volume 2 does not say which section it goes on with:\n%.2000s", objects)
		}
		for _, m := range regexp.MustCompile(`"destpageposfrom1": (\S+?),?\n`).FindAllStringSubmatch(objects, -1) {
			if n, err := strconv.Atoi(m[1]); err != nil || n < 1 || n > v.Pages+1 {
				t.Errorf("volume %d: a bookmark leads to page %s", v.Number, m[1])
			}
		}
	}
}

func TestDraftOfVolumes(t *testing.T) {
	t.Parallel()
	d := many(3)
	d.Draft = true
	for _, v := range volumesOf(t, d, pdf.Seal{}, 20) {
		for i, p := range strings.Split(strings.TrimSuffix(text(t, v.File), "\f"), "\f") {
			if !strings.Contains(p, "DRAFT") || strings.Contains(p, "SHA256SUMS of the package") {
				t.Errorf("page %d of volume %d does not say draft, or speaks of a package", i+1, v.Number)
			}
		}
	}
}

// One thing that goes on and on ends a volume where it is.
func TestVolumeEndsInsideATable(t *testing.T) {
	t.Parallel()
	d := dossiertest.Small()
	for len(d.Review.Picks) < 1500 {
		d.Review.Picks = append(d.Review.Picks, d.Review.Picks[0])
	}
	volumes := volumesOf(t, d, seal(), 3)
	for _, v := range volumes {
		if v.Pages > 3+pdf.Slack {
			t.Errorf("volume %d has %d pages", v.Number, v.Pages)
		}
		if len(volumes) < 3 {
			t.Fatalf("only %d volumes", len(volumes))
		}
		checkClean(t, file(t, v.File))
	}
}

func TestKeepThatFails(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left")
	if err := pdf.Render(dossiertest.Small(), seal(), func(pdf.Volume) error { return full }); !errors.Is(err, full) {
		t.Fatalf("the fault of keep is lost: %v", err)
	}
}

func TestDecidedTwiceAndAgain(t *testing.T) {
	d := dossiertest.Rich()
	for i := range d.Review.Items { // every item says what the review itself would
		key := d.Review.Items[i].Key
		if last, _ := d.Review.Standing(key, false); last == nil {
			t.Fatalf("item %s is not decided", key)
		}
	}
	key := d.Results[0].Items[0].Key
	last, _ := d.Review.Standing(key, false)
	second, undone := *last, *last
	second.Reason, undone.Choice = "Said a second time.", reviews.Withdrawn
	d.Review.Decisions = append(d.Review.Decisions, second)
	all := joined(text(t, render(t, d, seal())))
	if !strings.Contains(all, joined("Said a second time.")) || !strings.Contains(all, joined("decided 2 times")) {
		t.Error("the second decision does not count")
	}
	d.Review.Decisions = append(d.Review.Decisions, undone)
	if all := joined(text(t, render(t, d, seal()))); strings.Contains(all, joined("Said a second time.")) || !strings.Contains(all, "Notdecided.") {
		t.Error("a withdrawn decision still counts")
	}
}

func TestNumbersOfPages(t *testing.T) {
	for _, c := range []struct {
		v        float64
		decimals int
		want     string
	}{{0, 2, "0"}, {-0.001, 2, "0"}, {0.05, 2, "0.05"}, {10, 2, "10"}, {100, 5, "100"}, {-1.5, 3, "-1.5"}, {841.89, 2, "841.89"}, {0.2, 5, "0.2"}, {0.999, 2, "1"}, {-0.00001, 5, "-0.00001"}} {
		if got := pdf.Decimal(c.v, c.decimals); got != c.want {
			t.Errorf("%v with %d decimals is %s, want %s", c.v, c.decimals, got, c.want)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		v, decimals := (r.Float64()-0.5)*2000, 2+r.IntN(4)
		got, err := strconv.ParseFloat(pdf.Decimal(v, decimals), 64)
		if want, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'f', decimals, 64), 64); err != nil || got != want {
			t.Fatalf("%v with %d decimals is %s", v, decimals, pdf.Decimal(v, decimals))
		}
	}
}

// A file of another form is refused, never half written.
func TestFileOfAnotherForm(t *testing.T) {
	blank := []byte("%PDF-1.3\n3 0 obj\n<</Type /Page\n/Contents 4 0 R>>\nendobj\n4 0 obj\n<</Length 0>>\nstream\n\nendstream\nendobj\n1 0 obj\n<<>>\nendobj\n2 0 obj\n<<>>\nendobj\n")
	at := func(s string) int { return bytes.Index(blank, []byte(s)) }
	whole := fmt.Appendf(bytes.Clone(blank), "xref\n0 5\n0000000000 65535 f \n%010d 00000 n \n%010d 00000 n \n%010d 00000 n \n%010d 00000 n \ntrailer\n<<\n/Size 5\n>>\nstartxref\n%d\n%%%%EOF\n",
		at("1 0 obj"), at("2 0 obj"), at("3 0 obj"), at("4 0 obj"), len(blank))
	out, err := pdf.FillIn(whole, []byte("packed"))
	if err != nil || !bytes.Contains(out, []byte("/Filter /FlateDecode /Length 6>>\nstream\npacked\nendstream")) || !bytes.Contains(out, []byte("/Contents [4 0 R 5 0 R 6 0 R]")) || !bytes.Contains(out, []byte("/Size 7\n")) {
		t.Fatalf("the control: %v\n%s", err, out)
	}
	for _, other := range [][2]string{{"startxref", "startyref"}, {"/Contents 4 0 R", "/Contents 9 0 R"}, {"4 0 obj", "9 0 obj"}, {"/Size 5", "/Size 6"}, {"xref\n0 5", "xref\n0 6"}, {"xref\n0 5", "xref\n1 5"}, {fmt.Sprintf("startxref\n%d", len(blank)), "startxref\n99999999"}} {
		if _, err := pdf.FillIn(bytes.Replace(whole, []byte(other[0]), []byte(other[1]), 1), nil); err == nil {
			t.Errorf("a file with %q in place of %q is taken", other[1], other[0])
		}
	}
	if _, err := pdf.FillIn(nil, nil); err == nil {
		t.Error("nothing is taken for a file")
	}
}
