package app_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "logreeve"

// Bundles of floors that several packages may stand on.
var (
	// domain is what the product knows, without a database, a page or a clock.
	domain = []string{
		"connectors", "connectors/rawjson", "reports", "reports/roster", "reports/policy", "reports/checks", "reports/definitions", "reports/controls",
		"reports/dossier", "reports/csv", "reports/pdf", "reports/evidence", "reviews",
	}
	services = []string{"app/trail", "app/auth", "app/runs", "app/sealing"}
)

// floors says what a package may import of ours, lowest floor first. Everyone
// may import app/fault and app/actor besides. A package that is not here fails
// the test, and so does a line whose package does not exist.
var floors = []struct {
	name string
	may  []string
}{
	{"app/fault", nil},
	{"app/actor", nil},
	{"connectors/rawjson", nil},
	{"connectors", []string{"connectors/rawjson"}},
	{"connectors/authlog", []string{"connectors", "connectors/rawjson"}},
	{"connectors/kubernetes", []string{"connectors", "connectors/rawjson"}},
	{"connectors/file", []string{"connectors", "connectors/rawjson", "connectors/authlog", "connectors/kubernetes"}},
	{"connectors/connectorstest", []string{"connectors"}},
	{"connectors/searchtest", nil},
	{"connectors/search", []string{"connectors", "connectors/rawjson", "connectors/authlog", "connectors/kubernetes"}},
	{"connectors/opensearch", []string{"connectors/search"}},
	{"connectors/elasticsearch", []string{"connectors/search"}},
	{"connectors/calico", []string{"connectors/search"}},
	{"app/trail", []string{"connectors"}},
	{"reports/roster", []string{"connectors"}},
	{"reports", []string{"connectors", "connectors/rawjson", "reports/roster"}},
	{"reports/policy", []string{"reports", "connectors", "connectors/rawjson"}},
	{"reports/checks", []string{"reports", "reports/policy", "reports/roster", "connectors", "connectors/rawjson"}},
	{"reports/definitions", []string{"reports", "reports/policy", "connectors", "connectors/rawjson"}},
	{"reports/controls", []string{"reports"}},
	{"reviews", []string{"reports", "reports/roster", "connectors", "app/trail"}},
	{"reports/dossier", []string{"reports", "reports/policy", "reports/roster", "reviews", "connectors", "app/trail"}},
	{"reports/dossier/dossiertest", []string{"reports", "reports/policy", "reports/roster", "reports/dossier", "reviews", "connectors", "app/trail"}},
	{"reports/csv", []string{"reports", "reports/policy", "reports/dossier", "reviews", "connectors"}},
	{"reports/pdf", []string{"reports", "reports/policy", "reports/dossier", "reviews", "connectors"}},
	{"reports/evidence", []string{"reports", "reports/policy", "reports/dossier", "reports/pdf", "reports/csv", "reviews", "connectors", "app/trail"}},
	{"app/outbound", nil},
	{"app/secrets", nil},
	{"app/config", slices.Concat(domain, []string{"app/outbound", "connectors/search"})},
	{"app/jobs", nil},
	{"app/auth", []string{"app/trail", "connectors"}},
	{"app/auth/authtest", []string{"app/auth", "app/trail", "connectors"}},
	{"app/runs", slices.Concat(domain, []string{"app/trail"})},
	{"app/sealing", slices.Concat(domain, []string{"app/trail", "app/runs"})},
	{"app/store", slices.Concat(domain, []string{"app/trail", "app/auth", "app/runs", "migrations"})},
	{"app/web/chart", nil},
	{"app/web/part", []string{"app/web/chart"}},
	{"app/web/gallery", []string{"app/web/chart", "app/web/part"}},
	{"app/web/gallery/preview", []string{"app/web/gallery"}},
	{"app/web", slices.Concat(domain, services, []string{"app/web/chart", "app/web/part", "templates", "static"})},
	{"app", slices.Concat(domain, services, []string{"connectors/file", "connectors/search", "connectors/opensearch", "connectors/elasticsearch", "connectors/calico", "app/outbound", "app/secrets", "app/config", "app/jobs", "app/store", "app/web"})},
	{"seed", slices.Concat(domain, services, []string{"app"})},
	{"seed/auditgen", nil},
	{"seed/auditgen/auditgen", []string{"seed/auditgen"}},
	{"seed/bench", []string{"seed/auditgen"}},
	{"seed/stores", nil}, // tests only
	{"app/command", slices.Concat(domain, services, []string{"connectors/file", "connectors/search", "app", "app/outbound", "app/config", "app/store", "seed"})},
	{"migrations", nil},
	{"static", nil},
	{"templates", nil},
	{"", []string{"app/command"}}, // main
}

// owner is who alone may import a dependency: a module, or all below a path
// that ends in a slash.
type owner struct {
	dependency string
	by         []string
}

// owners says who alone may import a dependency. One that is not here fails
// the test: a dependency has an owner before it has a user. Some name an owner
// that is still to come (docs/decisions/0006).
var owners = []owner{
	{"github.com/aymanbagabas/go-udiff", []string{"reports/policy"}},
	{"github.com/coreos/go-oidc", []string{"app/auth"}},
	{"github.com/glebarez/", []string{"app/store"}},
	{"github.com/go-fonts/dejavu", []string{"reports/pdf"}},
	{"github.com/gofiber/fiber", []string{"app/web", "app/api"}},
	{"github.com/jackc/pgx", []string{"app/store"}},
	{"github.com/jung-kurt/gofpdf", []string{"reports/pdf"}},
	{"github.com/klauspost/compress", []string{"connectors/file", "app/store", "reports/pdf", "seed/bench"}},
	{"github.com/markbates/goth", []string{"app/auth"}},
	{"github.com/opensearch-project/opensearch-go", []string{"connectors/search"}},
	{"github.com/pressly/goose", []string{"app/store"}},
	{"github.com/robfig/cron", []string{"app/jobs"}},
	{"github.com/spf13/cobra", []string{"app/command"}},
	{"github.com/valyala/fasthttp", []string{"app/web", "app/api"}},
	{"go.yaml.in/yaml", []string{"app/config"}},
	{"golang.org/x/crypto/argon2", []string{"app/auth"}},
	{"golang.org/x/crypto/ssh", []string{"reports/evidence"}},
	{"golang.org/x/sys/cpu", []string{"connectors/rawjson"}},
	{"gorm.io/", []string{"app/store"}},
	{"pgregory.net/rapid", []string{}}, // tests only
	// Of the standard library, where one owner keeps a rule whole.
	{"database/sql", []string{"app/store"}},
	{"html/template", []string{"app/web", "app/web/gallery", "app/web/gallery/preview", "app/web/chart", "app/web/part"}},
	{"os/exec", []string{"app/command", "connectors/searchtest", "seed/bench"}},
	{"unsafe", []string{"connectors", "connectors/authlog"}},
}

// clocks may read the time; everybody else is handed a clock.
var clocks = []string{"app/command", "seed/bench"}

// banned are names that say nothing about what is inside.
var banned = []string{"util", "utils", "common", "helper", "helpers", "misc", "base", "types", "models"}

// source is one parsed file of the module.
type source struct {
	file string // with slashes, from the module's root
	set  *token.FileSet
	tree *ast.File
}

func (s source) pkg() string {
	if dir := path.Dir(s.file); dir != "." {
		return dir
	}
	return ""
}

func (s source) test() bool { return strings.HasSuffix(s.file, "_test.go") }

func (s source) imports() []string {
	var out []string
	for _, i := range s.tree.Imports {
		if p, err := strconv.Unquote(i.Path.Value); err == nil {
			out = append(out, p)
		}
	}
	return out
}

func TestLayoutHolds(t *testing.T) {
	t.Parallel()
	sources := readModule(t)
	for _, breach := range breaches(sources) {
		t.Error(breach)
	}
	found := map[string]bool{}
	for _, s := range sources {
		found[s.pkg()] = true
	}
	for _, f := range floors {
		if !found[f.name] {
			t.Errorf("floors names %q, which does not exist: remove the line", f.name)
		}
	}
}

// TestLayoutFindsBreaches is the control of the test above: each rule finds
// the one file that breaks it, and says which.
func TestLayoutFindsBreaches(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ file, text, want string }{
		"a floor imports a higher one":        {"reviews/x.go", "package reviews\nimport _ \"logreeve/app/store\"", "reviews/x.go: reviews may not import app/store"},
		"pages import the database":           {"app/web/x.go", "package web\nimport _ \"logreeve/app/store\"", "app/web/x.go: app/web may not import app/store"},
		"a package without a floor":           {"app/new/x.go", "// Package new is.\npackage new", "app/new: has no floor"},
		"gorm outside its owner":              {"app/runs/x.go", "package runs\nimport _ \"gorm.io/gorm\"", "app/runs/x.go: gorm.io/gorm belongs to app/store"},
		"gorm in somebody else's test":        {"app/runs/x_test.go", "package runs\nimport _ \"gorm.io/gorm\"", "app/runs/x_test.go: gorm.io/gorm belongs to app/store"},
		"a dependency without an owner":       {"reviews/x.go", "package reviews\nimport _ \"example.org/new\"", "reviews/x.go: example.org/new has no owner"},
		"a test dependency outside a test":    {"reviews/x.go", "package reviews\nimport _ \"pgregory.net/rapid\"", "reviews/x.go: pgregory.net/rapid belongs to tests"},
		"a test package outside a test":       {"app/auth/x.go", "package auth\nimport _ \"logreeve/app/auth/authtest\"", "app/auth/x.go: app/auth may not import app/auth/authtest"},
		"a file name that says nothing":       {"reviews/query_helpers.go", "package reviews", `reviews/query_helpers.go: "helpers" says nothing`},
		"a package name that says nothing":    {"app/utils/x.go", "// Package utils is.\npackage utils", `app/utils/x.go: "utils" says nothing`},
		"no package comment":                  {"app/silent/x.go", "package silent", "app/silent: has no package comment"},
		"init":                                {"reviews/x.go", "package reviews\nfunc init() {}", "reviews/x.go:2: init() hides what happens"},
		"the clock read below":                {"reviews/x.go", "package reviews\nimport \"time\"\nvar X = time.Now()", "reviews/x.go:3: time.Now is for app/command"},
		"the clock passed on below":           {"reviews/x.go", "package reviews\nimport \"time\"\nvar X = time.Now", "reviews/x.go:3: time.Now is for app/command"},
		"the clock read by a difference":      {"reviews/x.go", "package reviews\nimport \"time\"\nfunc f(t time.Time) any { return time.Since(t) }", "reviews/x.go:3: time.Since is for app/command"},
		"the clock under another name":        {"reviews/x.go", "package reviews\nimport clock \"time\"\nvar X = clock.Now()", "reviews/x.go:3: time.Now is for app/command"},
		"a schema that changes itself":        {"app/store/x.go", "package store\nfunc f(d interface{ AutoMigrate(...any) error }) { _ = d.AutoMigrate() }", "app/store/x.go:2: AutoMigrate"},
		"a test that may be skipped":          {"reviews/x_test.go", "package reviews\nimport \"testing\"\nfunc TestX(t *testing.T) { t.Skip() }", "reviews/x_test.go:3: a test that is skipped"},
		"an import by itself, without a name": {"reviews/x.go", "package reviews\nimport . \"strings\"", "reviews/x.go: imports strings with a dot"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := breaches([]source{parse(t, test.file, test.text)})
			if !slices.ContainsFunc(got, func(b string) bool { return strings.HasPrefix(b, test.want) }) {
				t.Errorf("breaches of\n%s\n got %q\nwant one that begins with %q", test.text, got, test.want)
			}
		})
	}
	t.Run("what is allowed is not reported", func(t *testing.T) {
		t.Parallel()
		fine := []source{
			parse(t, "reviews/doc.go", "// Package reviews is.\npackage reviews\nimport (\n_ \"logreeve/reports\"\n_ \"logreeve/app/fault\"\n)"),
			parse(t, "reviews/x_test.go", "package reviews_test\nimport (\n\"time\"\n_ \"pgregory.net/rapid\"\n_ \"logreeve/app/auth/authtest\"\n)\nvar now = time.Now()"),
			parse(t, "app/command/doc.go", "// Package command is.\npackage command\nimport (\n\"time\"\n_ \"github.com/spf13/cobra\"\n)\nvar now = time.Now"),
		}
		if got := breaches(fine); len(got) > 0 {
			t.Errorf("got %q, want none", got)
		}
	})
}

// breaches lists what the files do against the layout, each with its place.
func breaches(sources []source) []string {
	var out []string
	documented := map[string]bool{}
	for _, s := range sources {
		out = append(out, floorBreaches(s)...)
		out = append(out, ownerBreaches(s)...)
		out = append(out, nameBreaches(s)...)
		out = append(out, codeBreaches(s)...)
		if !s.test() {
			documented[s.pkg()] = documented[s.pkg()] || s.tree.Doc != nil
		}
	}
	for _, p := range slices.Sorted(maps.Keys(documented)) {
		name := cmp.Or(p, "main")
		if !documented[p] {
			out = append(out, name+": has no package comment that says what it owns")
		}
		if _, ok := floor(p); !ok {
			out = append(out, name+": has no floor: add it to the table in app/layout_test.go")
		}
	}
	return out
}

func floor(pkg string) ([]string, bool) {
	for _, f := range floors {
		if f.name == pkg {
			return f.may, true
		}
	}
	return nil, false
}

// floorBreaches judges imports of ours. Tests may stand on any floor.
func floorBreaches(s source) []string {
	may, known := floor(s.pkg())
	if s.test() || !known {
		return nil
	}
	var out []string
	for _, imported := range s.imports() {
		p, ours := strings.CutPrefix(imported, module+"/")
		if !ours || p == "app/fault" || p == "app/actor" || slices.Contains(may, p) {
			continue
		}
		out = append(out, fmt.Sprintf("%s: %s may not import %s", s.file, cmp.Or(s.pkg(), "main"), p))
	}
	return out
}

// ownerBreaches judges imports of others. A test may use what only tests use
// and what its own package owns.
func ownerBreaches(s source) []string {
	var out []string
	for _, imported := range s.imports() {
		first, _, _ := strings.Cut(imported, "/")
		i := slices.IndexFunc(owners, func(o owner) bool {
			return imported == o.dependency || strings.HasPrefix(imported, strings.TrimSuffix(o.dependency, "/")+"/")
		})
		switch {
		case i < 0 && strings.Contains(first, "."):
			out = append(out, fmt.Sprintf("%s: %s has no owner: add it to the table in app/layout_test.go", s.file, imported))
		case i < 0 || slices.Contains(owners[i].by, s.pkg()):
		case s.test() && (len(owners[i].by) == 0 || !strings.Contains(first, ".")):
		default:
			out = append(out, fmt.Sprintf("%s: %s belongs to %s", s.file, imported, cmp.Or(strings.Join(owners[i].by, " and "), "tests")))
		}
	}
	return out
}

func nameBreaches(s source) []string {
	words := strings.Split(strings.TrimSuffix(path.Base(s.file), ".go"), "_")
	words = append(words, strings.TrimSuffix(s.tree.Name.Name, "_test"))
	words = append(words, strings.Split(s.pkg(), "/")...)
	var out []string
	for _, w := range words {
		if slices.Contains(banned, w) {
			out = append(out, fmt.Sprintf("%s: %q says nothing about what is inside: name the subject", s.file, w))
		}
	}
	return out
}

// codeBreaches judges what a file does, not what it imports.
func codeBreaches(s source) []string {
	var out []string
	clock := "" // the name under which the file knows package time
	for _, i := range s.tree.Imports {
		switch {
		case i.Name != nil && i.Name.Name == ".":
			out = append(out, fmt.Sprintf("%s: imports %s with a dot", s.file, strings.Trim(i.Path.Value, `"`)))
		case i.Path.Value == `"time"` && i.Name != nil:
			clock = i.Name.Name
		case i.Path.Value == `"time"`:
			clock = "time"
		}
	}
	ast.Inspect(s.tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				out = append(out, s.at(n)+": init() hides what happens: call it from where it is needed")
			}
		case *ast.SelectorExpr:
			if n.Sel.Name == "AutoMigrate" {
				out = append(out, s.at(n)+": AutoMigrate changes the schema unseen: write a migration")
			}
			x, ok := n.X.(*ast.Ident)
			if ok && s.test() && slices.Contains([]string{"t", "b", "f", "tb"}, x.Name) && slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, n.Sel.Name) {
				out = append(out, s.at(n)+": a test that is skipped tells nothing: let it fail and say what is missing")
			}
			read := n.Sel.Name == "Now" || n.Sel.Name == "Since" || n.Sel.Name == "Until"
			if ok && read && clock != "" && x.Name == clock && !s.test() && !slices.Contains(clocks, s.pkg()) {
				out = append(out, fmt.Sprintf("%s: time.%s is for %s: take the clock as an argument", s.at(n), n.Sel.Name, strings.Join(clocks, " and ")))
			}
		}
		return true
	})
	return out
}

// at is the place of a node: the file and the line within it.
func (s source) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", s.file, s.set.Position(n.Pos()).Line)
}

// readModule parses every Go file of the module. The files are opened here,
// not by a program that is started, so that Go's test cache sees them change.
func readModule(t *testing.T) []source {
	t.Helper()
	root := os.DirFS("..")
	var out []source
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			hidden := strings.HasPrefix(d.Name(), ".") && name != "."
			if hidden || d.Name() == "testdata" || d.Name() == "node_modules" {
				return fs.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		out = append(out, parse(t, name, string(text)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 100 {
		t.Fatalf("found only %d Go files: the test does not see the module", len(out))
	}
	return out
}

func parse(t *testing.T, name, text string) source {
	t.Helper()
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return source{file: name, set: set, tree: tree}
}
