package evidence_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"logreeve/app/fault"
	"logreeve/reports/dossier/dossiertest"
	"logreeve/reports/evidence"
)

func key() evidence.Key { return evidence.KeyFromSeed(bytes.Repeat([]byte{7}, 32)) }

var small = sync.OnceValue(func() []byte {
	b, err := evidence.BuildShort(dossiertest.Small(), key(), 4000)
	if err != nil {
		panic(err)
	}
	return b.Bytes
})

// regions says, for each byte of a package, which file it belongs to: its
// header, name and content at one place, its line in the directory at another.
func regions(t testing.TB, b []byte) (owner []string, content []bool) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	owner, content = make([]string, len(b)), make([]bool, len(b))
	for i := range owner {
		owner[i] = "(container)"
	}
	for _, f := range z.File {
		from, err := f.DataOffset()
		if err != nil {
			t.Fatal(err)
		}
		for i := from - int64(30+len(f.Name)); i < from+int64(f.UncompressedSize64); i++ {
			owner[i] = f.Name
			content[i] = i >= from
		}
	}
	return owner, content
}

// named lists the files a verdict names; nil when the file is refused.
func named(v *evidence.Verdict) []string {
	var paths []string
	for _, p := range v.Problems {
		if !slices.Contains(paths, p.Path) {
			paths = append(paths, p.Path)
		}
	}
	return paths
}

// judge verifies a package in which one byte was altered, and says what is
// wrong with the verdict; "" when it is right.
func judge(b []byte, owner string, content bool) string {
	v, err := evidence.Verify("altered.zip", b)
	if err != nil {
		if content {
			return "refused: " + err.Error()
		}
		return ""
	}
	if v.Valid || len(v.Problems) == 0 {
		return "not noticed"
	}
	paths := named(v)
	switch {
	case content && (len(paths) != 1 || paths[0] != owner):
		return fmt.Sprintf("names %v", paths)
	case !content && !slices.Contains(paths, owner):
		return fmt.Sprintf("names %v", paths)
	}
	return ""
}

// each calls a function for every byte of the small package, on all processors,
// with a copy it may alter and must restore.
func each(t *testing.T, visit func(b []byte, i int) string) {
	t.Helper()
	whole := small()
	owner, _ := regions(t, whole)
	var next, wrong atomic.Int64
	var group sync.WaitGroup
	for range runtime.NumCPU() {
		group.Go(func() {
			b := bytes.Clone(whole)
			for {
				from := int(next.Add(512)) - 512
				if from >= len(b) {
					return
				}
				for i := from; i < min(from+512, len(b)); i++ {
					if bad := visit(b, i); bad != "" && wrong.Add(1) <= 20 {
						t.Errorf("byte %d of %s: %s", i, owner[i], bad)
					}
				}
			}
		})
	}
	group.Wait()
	if n := wrong.Load(); n > 20 {
		t.Errorf("and %d more", n-20)
	}
}

func TestEveryByteCounts(t *testing.T) {
	owner, content := regions(t, small())
	t.Logf("%d bytes", len(small()))
	each(t, func(b []byte, i int) string {
		bit := byte(1) << (i * 5 % 8)
		b[i] ^= bit
		bad := judge(b, owner[i], content[i])
		b[i] ^= bit
		return bad
	})
}

// A whole package, with its report: every 101st byte.
func TestBytesOfAWholePackage(t *testing.T) {
	built, err := evidence.Build(dossiertest.Small(), key())
	if err != nil {
		t.Fatal(err)
	}
	b := built.Bytes
	owner, content := regions(t, b)
	for i := 0; i < len(b); i += 101 {
		b[i] ^= 4
		if bad := judge(b, owner[i], content[i]); bad != "" {
			t.Errorf("byte %d of %s: %s", i, owner[i], bad)
		}
		b[i] ^= 4
	}
}

func TestEveryValueOfSomeBytes(t *testing.T) {
	whole := small()
	owner, content := regions(t, whole)
	r := rand.New(rand.NewPCG(1, 2))
	at := []int{0, len(whole) - 1, len(whole) - 12, len(whole) - 22}
	for range 8 {
		at = append(at, r.IntN(len(whole)))
	}
	b := bytes.Clone(whole)
	for _, i := range at {
		for d := 1; d < 256; d++ {
			b[i] = whole[i] ^ byte(d)
			if bad := judge(b, owner[i], content[i]); bad != "" {
				t.Errorf("byte %d of %s, %#x instead of %#x: %s", i, owner[i], b[i], whole[i], bad)
			}
		}
		b[i] = whole[i]
	}
}

// part is a file of a package that a test puts together anew.
type part struct {
	name string
	data []byte
}

func parts(t testing.TB, b []byte) []part {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var out []part
	for _, f := range z.File {
		from, _ := f.DataOffset()
		out = append(out, part{f.Name, bytes.Clone(b[from : from+int64(f.UncompressedSize64)])})
	}
	return out
}

// zipped writes parts with the usual library, as anyone would who repacks them.
func zipped(t testing.TB, all []part) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, p := range all {
		f, err := w.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		f.Write(p.data)
	}
	w.Close()
	return out.Bytes()
}

func refusedOrAltered(t testing.TB, b []byte) (*evidence.Verdict, error) {
	t.Helper()
	v, err := evidence.Verify("x.zip", b)
	if err == nil && v.Valid {
		t.Errorf("the package is called valid")
	}
	if err != nil && fault.KindOf(err) != fault.Invalid {
		t.Errorf("refused with the wrong kind: %v", err)
	}
	return v, err
}

func TestStructuralAttacks(t *testing.T) {
	whole := small()
	all := parts(t, whole)
	index := func(name string) int { return slices.IndexFunc(all, func(p part) bool { return p.name == name }) }
	for i := range all {
		t.Run("removed "+all[i].name, func(t *testing.T) {
			v, err := refusedOrAltered(t, evidence.Pack(t, without(all, i)))
			if err == nil && !slices.Contains(named(v), all[i].name) {
				t.Errorf("names %v", named(v))
			}
		})
		t.Run("renamed "+all[i].name, func(t *testing.T) {
			c := slices.Clone(all)
			c[i].name += "x"
			v, err := refusedOrAltered(t, evidence.Pack(t, plain(c)))
			if err == nil && !slices.Contains(named(v), all[i].name) {
				t.Errorf("names %v", named(v))
			}
		})
		t.Run("in capitals "+all[i].name, func(t *testing.T) {
			c := slices.Clone(all)
			c[i].name = strings.ToUpper(c[i].name)
			if c[i].name == all[i].name {
				c[i].name = strings.ToLower(c[i].name)
			}
			refusedOrAltered(t, evidence.Pack(t, plain(c)))
		})
		t.Run("twice "+all[i].name, func(t *testing.T) {
			v, err := refusedOrAltered(t, evidence.Pack(t, plain(append(slices.Clone(all), all[i]))))
			if err == nil && !slices.Contains(named(v), all[i].name) {
				t.Errorf("names %v", named(v))
			}
		})
		t.Run("twice, other content "+all[i].name, func(t *testing.T) {
			v, err := refusedOrAltered(t, evidence.Pack(t, plain(append([]part{{all[i].name, []byte("other")}}, all...))))
			if err == nil && !slices.Contains(named(v), all[i].name) {
				t.Errorf("names %v", named(v))
			}
		})
	}
	for _, name := range []string{"data/extra.json", "../../etc/passwd", "/etc/passwd", "data/../report.pdf", `..\report.pdf`, "report.pdf ", "data/manifest.json\x00", "extra", ""} {
		t.Run(fmt.Sprintf("added %q", name), func(t *testing.T) {
			v, err := refusedOrAltered(t, evidence.Pack(t, plain(append(slices.Clone(all), part{name, []byte("x")}))))
			if err == nil && !slices.Contains(named(v), name) {
				t.Errorf("names %v", named(v))
			}
		})
	}
	t.Run("other order", func(t *testing.T) {
		c := slices.Clone(all)
		i, j := index("data/items.csv"), index("data/coverage.csv")
		c[i], c[j] = c[j], c[i]
		refusedOrAltered(t, evidence.Pack(t, plain(c)))
	})
	t.Run("repacked by another program", func(t *testing.T) { refusedOrAltered(t, zipped(t, all)) })
	t.Run("bytes at the end", func(t *testing.T) {
		for _, tail := range [][]byte{{0}, []byte("\n"), bytes.Repeat([]byte("x"), 100), whole} {
			refusedOrAltered(t, append(bytes.Clone(whole), tail...))
		}
	})
	t.Run("bytes at the beginning", func(t *testing.T) {
		for _, head := range [][]byte{{0}, []byte("#!/bin/sh\n"), whole} {
			refusedOrAltered(t, append(bytes.Clone(head), whole...))
		}
	})
	t.Run("second directory", func(t *testing.T) {
		directory := int(binary.LittleEndian.Uint32(whole[len(whole)-6:]))
		refusedOrAltered(t, append(bytes.Clone(whole), whole[directory:]...))
		moved := append(bytes.Clone(whole[:len(whole)-22]), whole[directory:]...) // its own end points to the first
		refusedOrAltered(t, moved)
		binary.LittleEndian.PutUint32(moved[len(moved)-6:], uint32(len(whole)-22))
		refusedOrAltered(t, moved)
	})
	t.Run("comment", func(t *testing.T) {
		c := append(bytes.Clone(whole), "hello"...)
		binary.LittleEndian.PutUint16(c[len(whole)-2:], 5)
		refusedOrAltered(t, c)
	})
	t.Run("cut short", func(t *testing.T) {
		for n := 0; n < len(whole); n += 1024 {
			refusedOrAltered(t, whole[:n])
		}
		for n := len(whole) - 60; n < len(whole); n++ {
			refusedOrAltered(t, whole[:n])
		}
	})
	t.Run("content between files swapped", func(t *testing.T) {
		c := slices.Clone(all)
		i, j := index("data/items.csv"), index("data/coverage.csv")
		c[i].data, c[j].data = c[j].data, c[i].data
		v, err := refusedOrAltered(t, evidence.Pack(t, plain(c)))
		if err != nil || !slices.Equal(named(v), []string{"data/coverage.csv", "data/items.csv"}) {
			t.Errorf("names %v %v", named(v), err)
		}
	})
	for _, junk := range [][]byte{nil, {}, []byte("PK"), []byte("not a package at all"), bytes.Repeat([]byte{0}, 4096), zipped(t, []part{{"a.txt", []byte("a")}})} {
		if _, err := evidence.Verify("junk", junk); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%d bytes of junk: %v", len(junk), err)
		}
	}
	if v, err := evidence.Verify("x.zip", evidence.Pack(t, plain(all))); err != nil || !v.Valid {
		t.Fatalf("the control, put together again without a change, is not valid: %v %v", v, err)
	}
}

func plain(all []part) []evidence.Part {
	out := make([]evidence.Part, len(all))
	for i, p := range all {
		out[i] = evidence.Part{Name: p.name, Data: p.data}
	}
	return out
}

func without(all []part, i int) []evidence.Part {
	return plain(slices.Delete(slices.Clone(all), i, i+1))
}

func TestRecordsAreNamed(t *testing.T) {
	all := parts(t, small())
	alter := func(name string, change func([][]byte) [][]byte) *evidence.Verdict {
		t.Helper()
		c := slices.Clone(all)
		for i := range c {
			if c[i].name == name {
				c[i].data = bytes.Join(change(bytes.SplitAfter(c[i].data, []byte("\n"))), nil)
			}
		}
		v, err := evidence.Verify("x.zip", evidence.Pack(t, plain(c)))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	v := alter("data/events.jsonl", func(l [][]byte) [][]byte {
		l[1] = bytes.Replace(l[1], []byte(`"outcome":"ok"`), []byte(`"outcome":"no"`), 1)
		return l
	})
	if len(v.Problems) != 1 || v.Problems[0].Path != "data/events.jsonl" || v.Problems[0].Record != "line 2" || !strings.Contains(v.Problems[0].What, "(event ") {
		t.Errorf("one altered event: %+v", v.Problems)
	}
	v = alter("data/decisions.jsonl", func(l [][]byte) [][]byte { return append(l[:2], l[3:]...) })
	if len(v.Problems) == 0 || v.Problems[0].Path != "data/decisions.jsonl" || v.Problems[0].Record != "line 3" {
		t.Errorf("one removed decision: %+v", v.Problems)
	}
	v = alter("data/sample.jsonl", func(l [][]byte) [][]byte { return append(l[:2:2], l[0]) })
	if len(v.Problems) != 1 || v.Problems[0].Record != "line 3" || v.Problems[0].What != "the record was added" {
		t.Errorf("one added record: %+v", v.Problems)
	}
	v = alter("data/sample.jsonl", func(l [][]byte) [][]byte { return l[:1] })
	if len(v.Problems) != 1 || v.Problems[0].What != "records are missing" {
		t.Errorf("the tail removed: %+v", v.Problems)
	}
	v = alter("data/chain.json", func(l [][]byte) [][]byte {
		l[0] = bytes.Replace(l[0], []byte(`"seq":"2"`), []byte(`"seq":"9"`), 1)
		return l
	})
	if got := fmt.Sprint(v.Problems); !strings.Contains(got, "record 2") {
		t.Errorf("a trail record: %v", got)
	}
}
