package reports_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// What the mutated files call. Which mutant is alive is decided when the test
// binary starts, so that it is built once for all.
const mutantSwitch = `package reports

import (
	"os"
	"strconv"
)

var mutantAlive = func() int { n, _ := strconv.Atoi(os.Getenv("REPORTS_MUTANT")); return n }()

func mutantNot(n int, b bool) bool { return b != (mutantAlive == n) }

func mutantPick[T any](n int, was, becomes T) T {
	if mutantAlive == n {
		return becomes
	}
	return was
}

func mutantOpposite(n int) func(bool, string) (bool, string) {
	return func(ok bool, detail string) (bool, string) { return mutantNot(n, ok), detail }
}

func mutantDrop(n int, list []GateID) []GateID {
	if i := mutantAlive - n; i >= 0 && i < len(list) {
		return append(append([]GateID{}, list[:i]...), list[i+1:]...)
	}
	return list
}
`

// mutator puts a switch for a mutant at every place of a file where the verdict
// could be bent.
type mutator struct {
	set   *token.FileSet
	names []string // of the mutants, from 1
}

func (m *mutator) add(at token.Pos, what string) *ast.BasicLit {
	p := m.set.Position(at)
	m.names = append(m.names, fmt.Sprintf("%s:%d: %s", filepath.Base(p.Filename), p.Line, what))
	return &ast.BasicLit{Kind: token.INT, Value: strconv.Itoa(len(m.names))}
}

func call(name string, args ...ast.Expr) *ast.CallExpr {
	return &ast.CallExpr{Fun: ast.NewIdent(name), Args: args}
}

func (m *mutator) file(path string) []byte {
	f, err := parser.ParseFile(m.set, path, nil, 0)
	if err != nil {
		panic(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			m.returns(n)
		case *ast.IfStmt:
			n.Cond = m.condition(n.Cond)
		case *ast.AssignStmt:
			for i, e := range n.Rhs {
				if b, ok := e.(*ast.BinaryExpr); ok && truth(b.Op) {
					n.Rhs[i] = m.condition(b)
				}
			}
		}
		return true
	})
	var out bytes.Buffer
	if err := format.Node(&out, m.set, f); err != nil {
		panic(err)
	}
	return out.Bytes()
}

func truth(op token.Token) bool {
	switch op {
	case token.LAND, token.LOR, token.LSS, token.GTR, token.LEQ, token.GEQ, token.EQL, token.NEQ:
		return true
	}
	return false
}

// condition negates a condition and every part of it, moves its bounds by one
// and exchanges "and" and "or".
func (m *mutator) condition(e ast.Expr) ast.Expr {
	b, ok := e.(*ast.BinaryExpr)
	if !ok {
		return call("mutantNot", m.add(e.Pos(), "condition negated"), e)
	}
	if b.Op == token.LAND || b.Op == token.LOR {
		x, y := m.condition(b.X), m.condition(b.Y)
		return &ast.BinaryExpr{X: x, Op: b.Op, Y: y}
	}
	bound := map[token.Token]token.Token{token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR}
	var out ast.Expr = b
	if moved, ok := bound[b.Op]; ok {
		out = call("mutantPick", m.add(b.OpPos, fmt.Sprintf("%s became %s", b.Op, moved)), b, &ast.BinaryExpr{X: b.X, Op: moved, Y: b.Y})
	}
	return call("mutantNot", m.add(b.OpPos, fmt.Sprintf("%s negated", b.Op)), out)
}

// returns bends what the functions of a file return.
func (m *mutator) returns(f *ast.FuncDecl) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			return true
		case *ast.AssignStmt:
			for i, e := range n.Rhs {
				if list, ok := e.(*ast.CompositeLit); ok && gateList(list) {
					first := m.add(list.Pos(), "gate 1 dropped")
					for k := 1; k < len(list.Elts); k++ {
						m.add(list.Pos(), fmt.Sprintf("gate %d dropped", k+1))
					}
					n.Rhs[i] = call("mutantDrop", first, list)
				}
			}
		case *ast.ReturnStmt:
			m.result(f.Name.Name, n)
		}
		return true
	})
}

func gateList(list *ast.CompositeLit) bool {
	of, ok := list.Type.(*ast.ArrayType)
	if !ok {
		return false
	}
	id, ok := of.Elt.(*ast.Ident)
	return ok && id.Name == "GateID"
}

func (m *mutator) result(function string, r *ast.ReturnStmt) {
	if len(r.Results) == 0 {
		return
	}
	first, isName := r.Results[0].(*ast.Ident)
	switch {
	case function == "Decide" && isName:
		for _, other := range []string{"Fail", "NeedsReview", "Errored", "Inconclusive", "Pass", "NotApplicable"} {
			if other != first.Name {
				r.Results[0] = call("mutantPick", m.add(first.Pos(), first.Name+" became "+other), r.Results[0], ast.NewIdent(other))
			}
		}
		r.Results[1] = call("mutantNot", m.add(r.Results[1].Pos(), "limited negated"), r.Results[1])
	case isName && (first.Name == "true" || first.Name == "false"):
		r.Results[0] = call("mutantNot", m.add(first.Pos(), first.Name+" negated"), first)
	case function == "judge":
		if gate, ok := r.Results[0].(*ast.CallExpr); ok {
			r.Results[0] = &ast.CallExpr{Fun: call("mutantOpposite", m.add(r.Pos(), "gate turned round")), Args: []ast.Expr{gate}}
		}
	}
}

// Every single change to a gate or to the outcome rule makes a test of gates
// and outcomes fail.
func TestMutantsOfGatesAndOutcomeAreFound(t *testing.T) {
	if os.Getenv("REPORTS_MUTANT") != "" {
		t.Fatal("the mutation test ran inside a mutant")
	}
	dir := t.TempDir()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	m := &mutator{set: token.NewFileSet()}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	write := func(name string, content []byte) {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		overlay.Replace[filepath.Join(here, name)] = path
	}
	for _, name := range []string{"gates.go", "outcome.go", "facts.go"} {
		write(name, m.file(filepath.Join(here, name)))
	}
	write("mutant_switch.go", []byte(mutantSwitch))
	if len(m.names) < 100 {
		t.Fatalf("only %d mutants were made; the mutator does not see the code", len(m.names))
	}

	config, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	list, binary := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "mutants.test")
	if err := os.WriteFile(list, config, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-overlay", list, "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("the mutants do not build: %v\n%s", err, out)
	}
	survives := func(n int) bool {
		cmd := exec.CommandContext(t.Context(), binary, "-test.run", "^Test(Outcome|Gates)", "-test.timeout", "10s")
		cmd.Env = append(os.Environ(), "REPORTS_MUTANT="+strconv.Itoa(n))
		return cmd.Run() == nil
	}
	if !survives(0) {
		t.Fatal("control: without a mutant alive the tests of gates and outcomes fail")
	}
	var wait sync.WaitGroup
	numbers := make(chan int)
	for range 2 {
		wait.Go(func() {
			for n := range numbers {
				if survives(n) {
					t.Errorf("no test notices mutant %d, %s", n, m.names[n-1])
				}
			}
		})
	}
	for n := 1; n <= len(m.names); n++ {
		numbers <- n
	}
	close(numbers)
	wait.Wait()
	t.Logf("%d mutants", len(m.names))
}

// Only outcome.go makes a check pass (guarantee P1).
func TestPassIsMadeInOnePlaceOnly(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	err = filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && strings.HasPrefix(d.Name(), ".") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return nil //nolint:nilerr // a file that does not parse does not build either
		}
		files++
		rel, _ := filepath.Rel(root, path)
		for _, what := range passMakers(f) {
			if rel != filepath.Join("reports", "outcome.go") {
				t.Errorf("%s makes a check pass (%s); only reports/outcome.go may", rel, what)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Fatalf("looked at %d files only", files)
	}
}

// The control: passMakers sees the ways to make a pass, and not those that only
// look at one.
func TestPassMakersSeesThem(t *testing.T) {
	for body, want := range map[string]int{
		`r.Outcome = reports.Pass`:                                1,
		`r := reports.Result{Outcome: reports.Pass}`:              1,
		`return reports.Pass`:                                     1,
		`var o reports.Outcome = reports.Pass`:                    1,
		`o := reports.Outcome("pass")`:                            1,
		`if o == reports.Pass { n++ }`:                            0,
		`count(reports.Pass)`:                                     0,
		`switch o { case reports.Pass: }`:                         0,
		`m := map[reports.Outcome]string{reports.Pass: "passed"}`: 0,
	} {
		f, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nfunc f() {\n"+body+"\n}", 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(passMakers(f)); got != want {
			t.Errorf("%s: %d, want %d", body, got, want)
		}
	}
}

// passMakers lists the places of a file where a value becomes Pass: assigned,
// returned, put into a field, declared or converted.
func passMakers(f *ast.File) []string {
	var found []string
	isPass := func(e ast.Expr) bool {
		switch e := e.(type) {
		case *ast.SelectorExpr:
			x, ok := e.X.(*ast.Ident)
			return ok && x.Name == "reports" && e.Sel.Name == "Pass"
		case *ast.Ident:
			return f.Name.Name == "reports" && e.Name == "Pass"
		case *ast.CallExpr:
			to, text := "", ""
			switch fun := e.Fun.(type) {
			case *ast.SelectorExpr:
				to = fun.Sel.Name
			case *ast.Ident:
				to = fun.Name
			}
			if len(e.Args) == 1 {
				if lit, ok := e.Args[0].(*ast.BasicLit); ok {
					text = lit.Value
				}
			}
			return to == "Outcome" && text == `"pass"`
		}
		return false
	}
	note := func(what string, list ...ast.Expr) {
		for _, e := range list {
			if isPass(e) {
				found = append(found, what)
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			note("assigned", n.Rhs...)
		case *ast.ReturnStmt:
			note("returned", n.Results...)
		case *ast.ValueSpec:
			note("declared", n.Values...)
		case *ast.KeyValueExpr:
			if _, field := n.Key.(*ast.Ident); field {
				note("put into a field", n.Value)
			}
		}
		return true
	})
	return found
}
