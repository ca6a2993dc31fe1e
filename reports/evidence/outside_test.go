package evidence_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"logreeve/app/fault"
	"logreeve/reports/dossier/dossiertest"
	"logreeve/reports/evidence"
)

// need fails the test when a program that auditors use is not there.
func need(t testing.TB, name, hint string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is needed for this test: install %s", name, hint)
	}
	return path
}

func whole(t testing.TB) *evidence.Built {
	t.Helper()
	b, err := evidence.Build(dossiertest.Rich(), key())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestValidAndTheSameEveryTime(t *testing.T) {
	a, b := whole(t), whole(t)
	if !bytes.Equal(a.Bytes, b.Bytes) {
		t.Fatal("the same dossier and key gave other bytes")
	}
	v, err := evidence.Verify(a.Name, a.Bytes)
	if err != nil || !v.Valid {
		t.Fatalf("a fresh package is not valid: %+v %v", v, err)
	}
	if v.Root != a.Root || v.Key != key().Fingerprint() || v.Review != "W0-2026-W45" || len(v.SignedBy) != 2 || v.ChainChecks != 60 {
		t.Errorf("the verdict says %+v", v)
	}
	if a.Name != "EV-W0-2026-W45-r1.zip" {
		t.Errorf("the package is called %s", a.Name)
	}
}

// What the README tells an auditor to do, with the programs it names.
func TestOrdinaryProgramsVerify(t *testing.T) {
	unzip, sums, keygen := need(t, "unzip", "unzip"), need(t, "sha256sum", "coreutils"), need(t, "ssh-keygen", "openssh-client (8.1 or newer)")
	dir := t.TempDir()
	b := whole(t)
	zipped := filepath.Join(dir, b.Name)
	if err := os.WriteFile(zipped, b.Bytes, 0o600); err != nil {
		t.Fatal(err)
	}
	open := filepath.Join(dir, "open")
	run := func(stdin []byte, name string, args ...string) (string, error) {
		c := exec.Command(name, args...)
		c.Dir = dir
		if _, err := os.Stat(open); err == nil {
			c.Dir = open
		}
		c.Stdin = bytes.NewReader(stdin)
		out, err := c.CombinedOutput()
		return string(out), err
	}
	for _, args := range [][]string{{"-t", zipped}, {"-q", zipped, "-d", open}} {
		if out, err := run(nil, unzip, args...); err != nil {
			t.Fatalf("unzip %v: %v\n%s", args, err, out)
		}
	}
	out, err := run(nil, sums, "-c", "--strict", "SHA256SUMS")
	if err != nil {
		t.Fatalf("sha256sum: %v\n%s", err, out)
	}
	files := 0
	filepath.WalkDir(open, func(_ string, e os.DirEntry, _ error) error {
		if !e.IsDir() {
			files++
		}
		return nil
	})
	if n := strings.Count(out, ": OK\n"); n != files-2 {
		t.Errorf("%d lines are OK, of %d files", n, files)
	}
	list, err := os.ReadFile(filepath.Join(open, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	verify := []string{"-Y", "verify", "-f", "allowed_signers", "-I", "logreeve", "-n", "evidence@logreeve", "-s", "SHA256SUMS.sig"}
	if out, err := run(list, keygen, verify...); err != nil || !strings.Contains(out, `Good "evidence@logreeve" signature`) {
		t.Fatalf("ssh-keygen: %v\n%s", err, out)
	}
	list[0] ^= 1
	if out, err := run(list, keygen, verify...); err == nil {
		t.Fatalf("ssh-keygen takes an altered list: %s", out)
	}
	out, err = run(nil, need(t, "bash", "bash"), "-c", "ssh-keygen -l -f <(cut -d' ' -f3- allowed_signers); sha256sum data/manifest.json")
	if err != nil || !strings.Contains(out, b.Fingerprint) || !strings.Contains(out, b.Root) {
		t.Errorf("fingerprint and root as the README says: %v\n%s", err, out)
	}
	if err := os.WriteFile(filepath.Join(open, "data", "items.csv"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := run(nil, sums, "-c", "SHA256SUMS"); err == nil {
		t.Fatalf("sha256sum takes an altered file: %s", out)
	}
}

// Whoever replaces everything and signs it again makes a whole package: only
// the key tells it apart, which is why people compare its fingerprint.
func TestAnotherKey(t *testing.T) {
	thief := evidence.KeyFromSeed(bytes.Repeat([]byte{9}, 32))
	d := dossiertest.Small()
	d.Organisation = "Somebody else"
	b, err := evidence.Build(d, thief)
	if err != nil {
		t.Fatal(err)
	}
	v, err := evidence.Verify("x.zip", b.Bytes)
	if err != nil || !v.Valid || v.Key != thief.Fingerprint() || v.Key == key().Fingerprint() {
		t.Fatalf("%+v %v", v, err)
	}
	var mixed []evidence.Part // the thief's signature with the right key beside it
	for _, p := range parts(t, small()) {
		if p.name != "SHA256SUMS" && p.name != "SHA256SUMS.sig" {
			mixed = append(mixed, evidence.Part{Name: p.name, Data: p.data})
		}
	}
	v, err = evidence.Verify("x.zip", evidence.Sealed(t, mixed, thief))
	if err != nil || v.Valid || v.Problems[0].Path != "SHA256SUMS.sig" {
		t.Fatalf("a foreign signature: %+v %v", v, err)
	}
}

func TestNewerFormat(t *testing.T) {
	var newer []evidence.Part
	for _, p := range parts(t, small()) {
		if p.name == "data/manifest.json" {
			p.data = bytes.Replace(p.data, []byte("logreeve-evidence/v1"), []byte("logreeve-evidence/v2"), 1)
		}
		if p.name != "SHA256SUMS" && p.name != "SHA256SUMS.sig" {
			newer = append(newer, evidence.Part{Name: p.name, Data: p.data})
		}
	}
	_, err := evidence.Verify("x.zip", evidence.Sealed(t, newer, key()))
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Message(err), "newer than this version can verify") {
		t.Fatalf("a newer format: %v", err)
	}
}

// The golden package was written once by the first version and is never
// written again: every later version must call it valid.
func TestGoldenPackage(t *testing.T) {
	b, err := os.ReadFile("testdata/golden-v1.zip")
	if err != nil {
		t.Fatal(err)
	}
	v, err := evidence.Verify("golden-v1.zip", b)
	if err != nil || !v.Valid {
		t.Fatalf("%+v %v", v, err)
	}
	if v.Format != "logreeve-evidence/v1" || v.Key != goldenKey || v.Root != goldenRoot || v.Review != "W0-2026-W45" {
		t.Errorf("the verdict says %+v", v)
	}
	b[len(b)/2] ^= 1
	if v, err := evidence.Verify("golden-v1.zip", b); err == nil && v.Valid {
		t.Error("an altered golden package is called valid")
	}
}

// The second verifier, written apart from the first, agrees on altered packages.
func TestSecondVerifierAgrees(t *testing.T) {
	python := need(t, "python3", "python3")
	need(t, "ssh-keygen", "openssh-client (8.1 or newer)")
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(3, 4))
	want := map[string]bool{}
	var names []string
	keep := func(b []byte) {
		name := filepath.Join(dir, fmt.Sprintf("%03d.zip", len(names)))
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		v, err := evidence.Verify(name, b)
		want[name] = err == nil && v.Valid
		names = append(names, name)
	}
	keep(small())
	keep(whole(t).Bytes)
	all := parts(t, small())
	for i := range all {
		keep(evidence.Pack(t, without(all, i)))
	}
	keep(evidence.Pack(t, plain(append(all[:len(all):len(all)], part{"extra", []byte("x")}))))
	keep(zipped(t, all))
	for len(names) < 210 {
		b := bytes.Clone(small())
		i := r.IntN(len(b))
		if len(names)%4 == 0 { // lists, signature and wrapping more often than chance has it
			i = len(b) - 1 - r.IntN(5000)
		}
		b[i] ^= byte(1 << r.IntN(8))
		keep(b)
	}
	out, _ := exec.Command(python, append([]string{"../../docs/verify.py"}, names...)...).CombinedOutput()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	valid, agreed := 0, 0
	for _, l := range lines {
		name, rest, _ := strings.Cut(l, " ")
		says, ok := want[name]
		if !ok {
			continue // a line that a message broke
		}
		agreed++
		if strings.HasPrefix(rest, "valid") != says {
			t.Errorf("the first verifier says valid=%v, the second: %s", says, l)
		}
		if says {
			valid++
		}
	}
	if agreed != len(names) || valid != 2 {
		t.Fatalf("%d of %d judged, %d valid\n%.2000s", agreed, len(names), valid, out)
	}
}
