package app_test

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"logreeve/reports"
	"logreeve/reports/checks"
)

var update = flag.Bool("update", false, "write generated documentation anew")

// TestChecksAreDocumented holds docs/checks.md to the catalogue.
func TestChecksAreDocumented(t *testing.T) {
	t.Parallel()
	const file = "../docs/checks.md"
	want := documentation(checks.All())
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s does not describe the checks as they are: go test ./app -run Documented -update", file)
	}
}

func documentation(all []reports.Check) string {
	var b strings.Builder
	b.WriteString("# Checks\n\nGenerated from the catalogue by `make update`. A check reports what a person must decide; it cannot say pass:\n" +
		"[architecture.md](architecture.md). *Supports* names controls of ISO/IEC 27001:2022 Annex A. Parameters are set with\n" +
		"`--param CHECK.NAME=VALUE` or on the page of a check.\n\n| check | version | severity | what it looks for | supports |\n|---|---|---|---|---|\n")
	for _, c := range all {
		fmt.Fprintf(&b, "| [%s](#%s) | %d | %s | %s | %s |\n", c.ID, strings.ToLower(c.ID), c.Version, c.Severity, c.Title, strings.Join(c.Controls, ", "))
	}
	for _, c := range all {
		fmt.Fprintf(&b, "\n## %s\n\n**%s.** %s\n\n%s\n", c.ID, strings.TrimSuffix(c.Title, "."), c.Objective, c.Logic)
		if n := needs(c.Needs); n != "" {
			fmt.Fprintf(&b, "\nNeeds %s.\n", n)
		}
		if len(c.Params) > 0 {
			b.WriteString("\n| parameter | default | meaning |\n|---|---|---|\n")
		}
		for _, p := range c.Params {
			value := p.Default
			if value == "" {
				value = "(none)"
			}
			fmt.Fprintf(&b, "| `%s` | `%s` | %s |\n", p.Name, strings.ReplaceAll(value, "|", "\\|"), p.Doc)
		}
	}
	return b.String()
}

// needs says what a check must be given.
func needs(n reports.Needs) string {
	var parts []string
	for i, k := range n.Kinds {
		word := "a source of " + string(k)
		if i > 0 {
			word = "or " + string(k)
		}
		parts = append(parts, word)
	}
	for _, p := range []struct {
		is   bool
		word string
	}{
		{n.People, "people"}, {n.Keys, "registered SSH keys"}, {n.Expected, "expected sources"},
		{n.Bodies, "records that hold the content it judges"}, {n.WitnessText != "", "a sign that the log records " + n.WitnessText},
		{n.Register != "", "the register " + string(n.Register)},
		{n.LedgerDays > 0, fmt.Sprintf("%d days of earlier runs", n.LedgerDays)},
	} {
		if p.is {
			parts = append(parts, p.word)
		}
	}
	return strings.ReplaceAll(strings.Join(parts, ", "), ", or ", " or ")
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// TestDocumentsLinkToWhatExists follows every link between documents.
func TestDocumentsLinkToWhatExists(t *testing.T) {
	t.Parallel()
	root := os.DirFS("..")
	checked := 0
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && name != "." || d.Name() == "node_modules") {
			return fs.SkipDir
		}
		if filepath.Ext(name) != ".md" {
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		for _, m := range link.FindAllSubmatch(text, -1) {
			target, _, _ := strings.Cut(string(m[1]), "#")
			if target == "" || strings.Contains(target, "://") {
				continue
			}
			checked++
			if _, err := fs.Stat(root, path.Join(path.Dir(name), target)); err != nil {
				t.Errorf("%s links to %s, which does not exist", name, target)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if checked < 20 {
		t.Errorf("only %d links were found: the test does not see the documents", checked)
	}
}
