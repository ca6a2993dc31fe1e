package pdf_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/dossier"
	"logreeve/reports/dossier/dossiertest"
	"logreeve/reports/pdf"
	"logreeve/reviews"
)

func seal() pdf.Seal {
	s := pdf.Seal{Root: strings.Repeat("7f3a91c2", 8), Fingerprint: "SHA256:tAXFyTXI8xtDaujAEcwJslAYc9/6FKcUkd2Lw0xDhPo"}
	for i := range 12 {
		s.Files = append(s.Files, pdf.File{Path: fmt.Sprintf("data/file-%02d.json", i), Size: 1234567 * i, SHA256: strings.Repeat("0123456789abcdef", 4), Role: "a file"})
	}
	return s
}

func render(t testing.TB, d *dossier.Dossier, s pdf.Seal) []byte {
	t.Helper()
	b, err := whole(d, s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// whole renders a report that is one file.
func whole(d *dossier.Dossier, s pdf.Seal) (file []byte, err error) {
	err = pdf.Render(d, s, func(v pdf.Volume) error {
		if v.Of != 1 || v.Number != 1 || v.Name != "report.pdf" || file != nil {
			return fmt.Errorf("%s is volume %d of %d", v.Name, v.Number, v.Of)
		}
		file = v.File
		return nil
	})
	return file, err
}

// run runs a program that the tests need.
func run(t testing.TB, hint, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Fatalf("%s is needed for this test: install %s", name, hint)
	}
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func file(t testing.TB, b []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "report.pdf")
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func text(t testing.TB, b []byte) string {
	t.Helper()
	return run(t, "poppler-utils", "pdftotext", "-layout", file(t, b), "-")
}

// joined is text without white space: lines of a report break anywhere.
func joined(s string) string { return strings.Join(strings.Fields(s), "") }

func TestSameInputSameBytes(t *testing.T) {
	t.Parallel()
	first := render(t, dossiertest.Rich(), seal())
	for range 5 {
		if !bytes.Equal(first, render(t, dossiertest.Rich(), seal())) {
			t.Fatal("the same dossier gave other bytes")
		}
	}
	other := dossiertest.Rich()
	other.Organisation += "."
	if bytes.Equal(first, render(t, other, seal())) {
		t.Fatal("another dossier gave the same bytes")
	}
	for _, d := range []*dossier.Dossier{{Review: &reviews.Review{}}, {Draft: true, Review: &reviews.Review{ID: "W0"}}} {
		a := render(t, d, pdf.Seal{})
		time.Sleep(1100 * time.Millisecond) // the library would take the clock for a date that is not given
		if !bytes.Equal(a, render(t, d, pdf.Seal{})) {
			t.Fatal("an empty dossier gives other bytes a second later")
		}
	}
}

func TestWhatEveryPageSays(t *testing.T) {
	b := render(t, dossiertest.Rich(), seal())
	pages := strings.Split(strings.TrimSuffix(text(t, b), "\f"), "\f")
	if len(pages) < 15 {
		t.Fatalf("only %d pages", len(pages))
	}
	for i, p := range pages {
		for _, want := range []string{"root 7f3a91c27f3a91c2", "EV-W0-2026-W45-r1", "sealed 12 Nov 2026, 08:05:49 UTC", fmt.Sprintf("%d of %d", i+1, len(pages)), "Nordhaven Energy AG", "Confidential"} {
			if !strings.Contains(p, want) {
				t.Errorf("page %d lacks %q", i+1, want)
			}
		}
		if strings.Contains(p, "DRAFT") || strings.Contains(p, "SAMPLE DATA") {
			t.Errorf("page %d of a sealed report says draft or sample", i+1)
		}
	}
	draft := dossiertest.Rich()
	draft.Draft, draft.Sample = true, true
	for i, p := range strings.Split(strings.TrimSuffix(text(t, render(t, draft, pdf.Seal{})), "\f"), "\f") {
		if !strings.Contains(p, "DRAFT · SAMPLE DATA") {
			t.Errorf("page %d does not say draft and sample data", i+1)
		}
	}
}

func TestWhatTheReportHolds(t *testing.T) {
	d := dossiertest.Rich()
	all := joined(text(t, render(t, d, seal())))
	wants := []string{"Effective with findings", "2 findings raised, 2 limits accepted", "Reviewed by Omar Keita", "Approved by Lena Vogt", "In Europe/Zurich: 2 November 2026 00:00 CET",
		"ISO/IEC 27001:2022 5.16", "formerly A.9.2.1", "1 Results", "2 Was everything there?", "3 Method", "4 Items and decisions", "5 Sample", "6 Policy changes", "7 Findings", "8 Control mapping",
		"9 Sign-offs", "10 How to verify", "not evaluated", "returned: does not count", "The reason for the shell in payments is missing", "What was there before is not known", d.Review.Sample.Seed, d.Review.Sample.PopulationDigest,
		d.Review.SignOffs[1].Set, d.Review.SignOffs[2].TextSHA256, d.PreviousRoot, d.Head.Hash, seal().Fingerprint, strings.Repeat("7f3a91c2 ", 7), "ssh-keygen -Y verify", "sha256sum -c SHA256SUMS", d.Snapshot.Digest}
	for i := range d.Results {
		wants = append(wants, d.Results[i].Check, d.Results[i].Title)
		for j := range d.Results[i].Items {
			wants = append(wants, d.Results[i].Items[j].Key[:32])
		}
	}
	for _, x := range d.Review.Decisions {
		if !x.Pick && x.Choice != reviews.Withdrawn && x.Choice != reviews.Reperformed {
			wants = append(wants, x.Reason[:20])
		}
	}
	for _, k := range d.Review.Picks {
		wants = append(wants, k.Key)
	}
	for _, f := range d.Review.Findings {
		wants = append(wants, f.ID, f.Cause[:30], f.DueDate)
	}
	for _, w := range wants {
		if !strings.Contains(all, joined(w)) {
			t.Errorf("the report lacks %q", w)
		}
	}
	if strings.Contains(all, joined("a text that no report holds")) {
		t.Fatal("the control was found")
	}
}

func TestOutlineAndFonts(t *testing.T) {
	name := file(t, render(t, dossiertest.Rich(), seal()))
	objects := run(t, "qpdf", "qpdf", "--json", name)
	for _, want := range []string{"1 Results", "10 How to verify", "IDN-01"} {
		if !strings.Contains(objects, want) {
			t.Errorf("no bookmark %q", want)
		}
	}
	fonts := run(t, "poppler-utils", "pdffonts", name)
	for _, l := range strings.Split(strings.TrimSpace(fonts), "\n")[2:] {
		if !regexp.MustCompile(`Identity-H\s+yes`).MatchString(l) {
			t.Errorf("a font is not embedded: %s", l)
		}
	}
}

// hostile values: each begins with a canary that must stay readable.
func hostile() []string {
	values := []string{
		"\U0001F600 emoji", "\U0001F468\u200d\U0001F469\u200d\U0001F467", "a\x00b", "\xff\xfe\x80 bad utf-8", "\xf0\x9f", "\xed\xa0\x80 surrogate", "‮cod.exe", "⁦isolate⁩", "\u200b\u200b", "\ufeffbom", "\u2028line\u2029paragraph",
		"(((", ")))", `\\\(`, `\`, "(a)) /JavaScript (x", ">> /OpenAction << /S /JavaScript /JS (app.alert(1)) >>", "endstream endobj 1 0 obj << /AA 2 0 R >>", "<a href=\"javascript:alert(1)\">x</a>", "javascript:app.alert(1)",
		"https://evil.example/?a=b", "file:///etc/passwd", "<b>bold</b><script>alert(1)</script>", "{nb}", "{{.}}", "%PDF-1.7", "%%EOF", "שלום עולם", "مرحبا بالعالم", "中文字符", "한국어", "हिन्दी", "Zürich Ελληνικά Кириллица",
		"Z\u0351\u036b\u0343\u0363\u0360a\u0300\u0301\u0302\u0303\u0304\u0305lgo", "\r\nInjected: header", "\x1b[31mred\x1b[0m", "\x7f\u0085\u009f", "\ufffe\uffff", "\U000E0041\U0010FFFF", strings.Repeat("A", 1<<20), strings.Repeat("é", 1<<19), strings.Repeat("\U0001F600", 5000), strings.Repeat("a b ", 3000), strings.Repeat("\n", 500), strings.Repeat("\t", 300), " ", "",
	}
	return values
}

// poisoned puts a value wherever text of a log or of a person can stand.
func poisoned(v string, canary string) *dossier.Dossier {
	d := dossiertest.Small()
	v = canary + v
	d.Organisation, d.Classification = v, v
	r := d.Review
	r.Title = v
	for i := range d.Results {
		res := &d.Results[i]
		res.Reason = v
		for j := range res.Items {
			it := &res.Items[j]
			it.Title, it.Summary, it.Subject, it.Actors = v, v+" summary", v, []string{v}
			it.Facts = []reports.Fact{{Label: v, Value: v}}
			for k := range it.Evidence {
				e := &it.Evidence[k].Record
				e.Actor, e.Login, e.Effective, e.UserAgent, e.Command, e.Message, e.Ticket, e.ClientIP, e.Host, e.Code, e.Verb = v, v, v, v, v, v, v, v, v, v, v
				e.Object = &connectors.RecordObject{Resource: v, Subresource: v, Namespace: v, Name: v}
			}
		}
	}
	for i := range r.Decisions {
		r.Decisions[i].Reason, r.Decisions[i].Ticket, r.Decisions[i].By.Name = shortened(v), shortened(v), shortened(v)
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Title, f.Condition, f.Cause, f.Effect, f.Owner = v, shortened(v), shortened(v), shortened(v), shortened(v)
	}
	for i := range d.Sources {
		d.Sources[i].Name = v
		d.Sources[i].Problems = []connectors.Problem{{Where: v, Reason: v}}
	}
	for i := range r.Picks {
		r.Picks[i].Stratum, r.Picks[i].Record.Command = v, v
	}
	for i := range d.Snapshot.Entries {
		d.Snapshot.Entries[i].Value, d.Snapshot.Entries[i].Reason = v, v
	}
	for i := range d.Rules {
		d.Rules[i].Detail = v
	}
	d.Tool.Version = v
	return d
}

// shortened is a text as long as the product lets a person write one.
func shortened(s string) string { return s[:min(len(s), 8000)] }

var active = regexp.MustCompile(`"/(?:JavaScript|JS|Launch|OpenAction|AA|SubmitForm|GoToR|EmbeddedFile|URI|ImportData|RichMedia|Annots)"`)

func checkClean(t *testing.T, name string) {
	t.Helper()
	if out := run(t, "qpdf", "qpdf", "--check", name); !strings.Contains(out, "No syntax or stream encoding errors") {
		t.Errorf("qpdf finds fault:\n%s", out)
	}
	objects := run(t, "qpdf", "qpdf", "--json", name)
	var tree map[string]any
	if err := json.Unmarshal([]byte(objects), &tree); err != nil {
		t.Fatal(err)
	}
	if found := activeKey(tree); found != "" {
		t.Errorf("the file holds %s", found)
	}
}

// activeKey looks for a key of a dictionary that makes a PDF act; values, which
// are text, do not count.
func activeKey(v any) string {
	switch x := v.(type) {
	case map[string]any:
		for k, in := range x {
			if active.MatchString(`"` + k + `"`) {
				return k
			}
			if found := activeKey(in); found != "" {
				return found
			}
		}
	case []any:
		for _, in := range x {
			if found := activeKey(in); found != "" {
				return found
			}
		}
	}
	return ""
}

func TestHostileContent(t *testing.T) {
	if activeKey(map[string]any{"a": []any{map[string]any{"/OpenAction": 1}}}) == "" {
		t.Fatal("the control was not found")
	}
	for i, v := range hostile() {
		canary := fmt.Sprintf("canary%03dz", i)
		t.Run(fmt.Sprintf("%02d %.20q", i, v[:min(len(v), 40)]), func(t *testing.T) {
			t.Parallel()
			b := render(t, poisoned(v, canary), seal())
			if len(b) > 8<<20 {
				t.Errorf("the report has %d bytes", len(b))
			}
			name := file(t, b)
			checkClean(t, name)
			out := run(t, "poppler-utils", "pdftotext", "-layout", name, "-")
			if n := strings.Count(joined(out), canary); n < 10 {
				t.Errorf("the canary is readable %d times", n)
			}
			for _, r := range out {
				if r == '\u202e' || r == '\u2066' || r == '\u200b' || r == 0 || r == 0x1b {
					t.Fatalf("the report holds %U", r)
				}
			}
		})
	}
}

func TestAllHostileContentTogether(t *testing.T) {
	all := strings.Join(hostile(), " | ")
	b := render(t, poisoned(all, "canary"), seal())
	name := file(t, b)
	checkClean(t, name)
	run(t, "poppler-utils", "pdftoppm", "-r", "20", "-png", name, filepath.Join(t.TempDir(), "page"))
}

func TestStandIns(t *testing.T) {
	d := dossiertest.Small()
	d.Results[0].Items[0].Summary = "face \U0001F600 turn \u202e nul \x00 byte \xff chinese \u4e2d line\nend Zürich Ωμέγα Жизнь"
	all := joined(text(t, render(t, d, seal())))
	for _, want := range []string{"‹U+1F600›", "‹U+202E›", "‹U+0000›", "‹0xFF›", "‹U+4E2D›", "line↵end", "ZürichΩμέγαЖизнь"} {
		if !strings.Contains(all, want) {
			t.Errorf("the report lacks %s", want)
		}
	}
}

func TestNoReview(t *testing.T) {
	if _, err := whole(&dossier.Dossier{}, pdf.Seal{}); err == nil {
		t.Fatal("a dossier without a review was rendered")
	}
	if _, err := whole(nil, pdf.Seal{}); err == nil {
		t.Fatal("nothing was rendered")
	}
}

func TestLetter(t *testing.T) {
	d := dossiertest.Small()
	d.Paper = "Letter"
	if out := run(t, "poppler-utils", "pdfinfo", file(t, render(t, d, seal()))); !strings.Contains(out, "letter") {
		t.Errorf("not Letter:\n%s", out)
	}
}

// The library alters the fonts it is given: reports made side by side must not
// share them.
func TestReportsSideBySide(t *testing.T) {
	want := render(t, dossiertest.Small(), seal())
	same := make(chan bool)
	for range 4 {
		go func() {
			b, err := whole(dossiertest.Small(), seal())
			same <- err == nil && bytes.Equal(b, want)
		}()
	}
	for range 4 {
		if !<-same {
			t.Error("a report made beside others has other bytes")
		}
	}
}
