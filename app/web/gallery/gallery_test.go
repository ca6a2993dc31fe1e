package gallery_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"logreeve/app/web/gallery"
)

var root = os.DirFS("../../..")

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := fs.ReadFile(root, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// flaws says what is wrong with a page: the rules that hold for every page.
func flaws(page string, symbols, classes map[string]bool) []string {
	var found []string
	say := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	if strings.Contains(page, "ZgotmplZ") {
		say("the template engine refused a value")
	}
	if m := regexp.MustCompile(`<[a-z]+[^>]*\s(style|on[a-z]+)=`).FindString(page); m != "" {
		say("inline style or handler: %s", m)
	}
	if regexp.MustCompile(`<(style|script)>`).MatchString(page) {
		say("inline style or script element")
	}
	for _, m := range regexp.MustCompile(`(?:href|src|action)="(https?:|//)[^"]*"`).FindAllString(page, -1) {
		say("leaves the product: %s", m)
	}
	for _, m := range regexp.MustCompile(`<use href="[^"#]*#([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if !symbols[m[1]] {
			say("no symbol %q", m[1])
		}
	}
	ids := map[string]int{}
	for _, m := range regexp.MustCompile(`\sid="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		ids[m[1]]++
	}
	for id, n := range ids {
		if n > 1 {
			say("id %q stands %d times", id, n)
		}
	}
	for _, m := range regexp.MustCompile(`\s(?:for|aria-labelledby|aria-describedby)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		for _, id := range strings.Fields(m[1]) {
			if ids[id] == 0 {
				say("nothing has the id %q", id)
			}
		}
	}
	for _, m := range regexp.MustCompile(`\sclass="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		for _, class := range strings.Fields(m[1]) {
			if !classes[class] {
				say("no style sheet knows the class %q", class)
			}
		}
	}
	for _, m := range regexp.MustCompile(`(?s)<(button|a)\b[^>]*>(.*?)</(?:button|a)>`).FindAllStringSubmatch(page, -1) {
		if strings.TrimSpace(regexp.MustCompile(`(?s)<svg.*?</svg>|<[^>]*>`).ReplaceAllString(m[2], "")) == "" {
			say("a %s without words: %s", m[1], m[0])
		}
	}
	if n := strings.Count(page, "<h1"); n != 1 {
		say("%d first headings", n)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func known(t *testing.T) (symbols, classes map[string]bool) {
	symbols, classes = map[string]bool{}, map[string]bool{}
	for _, m := range regexp.MustCompile(`symbol id="([^"]+)"`).FindAllStringSubmatch(read(t, "static/img/icons.svg"), -1) {
		symbols[m[1]] = true
	}
	sheets, err := fs.Glob(root, "static/css/*.css")
	if err != nil || len(sheets) == 0 {
		t.Fatalf("no style sheets: %v", err)
	}
	for _, sheet := range sheets {
		for _, m := range regexp.MustCompile(`\.([a-z][a-z0-9_-]*)`).FindAllStringSubmatch(read(t, sheet), -1) {
			classes[m[1]] = true
		}
	}
	// States that stand for nothing but themselves: drawn as the plain part.
	for _, plain := range []string{"same", "todo", "nomatch", "now", "heard", "holds"} {
		classes[plain] = true
	}
	return symbols, classes
}

func TestGallery(t *testing.T) {
	symbols, classes := known(t)
	dir := t.TempDir()
	for _, sheet := range gallery.Sheets() {
		t.Run(sheet.Name, func(t *testing.T) {
			page, err := gallery.Render(root, sheet, func(name string) string {
				if _, err := fs.Stat(root, "static/"+name); err != nil {
					t.Errorf("asset %s: %v", name, err)
				}
				return "/static/" + name
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, sheet.Name+".html"), page, 0o644); err != nil {
				t.Fatal(err)
			}
			for _, flaw := range flaws(string(page), symbols, classes) {
				t.Error(flaw)
			}
		})
	}
}

// TestFlawsAreFound is the control of TestGallery: each rule is broken once.
func TestFlawsAreFound(t *testing.T) {
	symbols, classes := known(t)
	for name, page := range map[string]string{
		"inline style":       `<h1>a</h1><p style="x">`,
		"handler":            `<h1>a</h1><p onclick="x">`,
		"style element":      `<h1>a</h1><style>`,
		"outside":            `<h1>a</h1><a href="https://example.com">b</a>`,
		"unknown symbol":     `<h1>a</h1><use href="/x#nosuch"/>`,
		"id twice":           `<h1>a</h1><p id="a"><p id="a">`,
		"label for nothing":  `<h1>a</h1><label for="a">`,
		"unknown class":      `<h1>a</h1><p class="nosuchclass">`,
		"button, no words":   `<h1>a</h1><button><svg></svg></button>`,
		"no heading":         `<p>`,
		"refused by escaper": `<h1>a</h1>ZgotmplZ`,
	} {
		if got := flaws(page, symbols, classes); len(got) != 1 {
			t.Errorf("%s: found %q", name, got)
		}
	}
}

func TestEverySymbolIsListed(t *testing.T) {
	symbols, _ := known(t)
	for _, name := range gallery.Icons() {
		if !symbols[name] {
			t.Errorf("the sprite has no %q", name)
		}
		delete(symbols, name)
	}
	for name := range symbols {
		t.Errorf("%q is in the sprite and not in Icons", name)
	}
}

// TestEveryPartialIsShown holds the gallery to its promise: what templates
// define, some page draws.
func TestEveryPartialIsShown(t *testing.T) {
	files, err := fs.Glob(root, "templates/*/*.html")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	defined := map[string]bool{}
	for _, f := range files {
		if strings.HasPrefix(f, "templates/pages/") {
			continue
		}
		text := read(t, f)
		all.WriteString(text)
		if strings.HasPrefix(f, "templates/partials/") {
			for _, m := range regexp.MustCompile(`{{define "([^"]+)"}}`).FindAllStringSubmatch(text, -1) {
				defined[m[1]] = true
			}
		}
	}
	pages, _ := filepath.Glob("pages/*.html")
	for _, p := range pages {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	for name := range defined {
		if !strings.Contains(all.String(), `{{template "`+name+`"`) {
			t.Errorf("nothing shows the partial %q", name)
		}
	}
}

func TestItemFragmentIsWhatTheScriptReplaces(t *testing.T) {
	html, err := gallery.RenderItem(root, gallery.ItemData("k2", true), func(name string) string { return name })
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`id="item"`, `data-version="1"`, `data-decision="finding"`, `name="csrf"`} {
		if !strings.Contains(string(html), want) {
			t.Errorf("the fragment lacks %s", want)
		}
	}
	if strings.Contains(string(html), `data-decision="explained"`) {
		t.Error("a violation can be merely explained")
	}
}
