package file_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/connectors/connectorstest"
	"logreeve/connectors/file"
)

func recording(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(recordings, path))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t testing.TB, path string, content []byte) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func zipped(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Bytes()
}

func zstandard(b []byte) []byte {
	w, _ := zstd.NewWriter(nil)
	return w.EncodeAll(b, nil)
}

func TestConformance(t *testing.T) {
	t.Run("kubernetes", func(t *testing.T) {
		connectorstest.Run(t, func(t *testing.T, dir string) connectors.Source {
			return open(t, write(t, filepath.Join(dir, "audit.log"), recording(t, "real-cluster/audit.ndjson")), file.Options{})
		})
	})
	t.Run("authlog", func(t *testing.T) {
		connectorstest.Run(t, func(t *testing.T, dir string) connectors.Source {
			return open(t, "hosts=authlog:"+write(t, filepath.Join(dir, "auth.log"), recording(t, "real-host/auth.log")), file.Options{Year: 2026})
		})
	})
}

func sortedKeys(events []*connectors.Event) []string {
	out := make([]string, len(events))
	for i, e := range events {
		out[i] = e.Key()
	}
	slices.Sort(out)
	return out
}

// TestSplitsKeepKeys cuts each recording into rotated files, some compressed.
func TestSplitsKeepKeys(t *testing.T) {
	for _, path := range []string{"real-cluster/audit.ndjson", "real-host/auth.log"} {
		t.Run(path, func(t *testing.T) {
			content := recording(t, path)
			whole := filepath.Join(recordings, path)
			events, c := read(t, open(t, whole, file.Options{Year: 2026}))
			want := sortedKeys(events)
			lines := bytes.SplitAfter(content, []byte("\n"))
			root, round := t.TempDir(), 0
			rapid.Check(t, func(rt *rapid.T) {
				round++
				dir := filepath.Join(root, fmt.Sprint(round))
				cuts := rapid.SliceOfN(rapid.IntRange(0, len(lines)), 0, 4).Draw(rt, "cuts")
				cuts = append(cuts, 0, len(lines))
				slices.Sort(cuts)
				for i := 1; i < len(cuts); i++ {
					part := bytes.Join(lines[cuts[i-1]:cuts[i]], nil)
					name := fmt.Sprintf("audit.log.%d", len(cuts)-i)
					switch rapid.IntRange(0, 2).Draw(rt, "how") {
					case 1:
						part = zipped(part)
					case 2:
						part = zstandard(part)
					}
					write(t, filepath.Join(dir, name), part)
				}
				got, d := read(t, open(t, dir, file.Options{Year: 2026}))
				if !slices.Equal(sortedKeys(got), want) {
					rt.Fatalf("%d events with other keys than the %d of the whole", len(got), len(want))
				}
				if d.Lines != c.Lines || d.Events != c.Events || d.Merged != c.Merged || d.Unparsed != 0 {
					rt.Fatalf("account %+v, want %+v", d.Stats, c.Stats)
				}
				_ = os.RemoveAll(dir)
			})
		})
	}
}

func TestCopiesMakeNoSecondEvents(t *testing.T) {
	dir := t.TempDir()
	content := recording(t, "real-cluster/audit.ndjson")
	write(t, filepath.Join(dir, "audit.log"), content)
	once, c := read(t, open(t, dir, file.Options{}))
	write(t, filepath.Join(dir, "copy.log.gz"), zipped(content))
	twice, d := read(t, open(t, dir, file.Options{}))
	if !slices.Equal(sortedKeys(once), sortedKeys(twice)) {
		t.Errorf("%d events became %d", len(once), len(twice))
	}
	if d.DuplicateKeys != c.Lines || d.Lines != 2*c.Lines {
		t.Errorf("%d duplicates of %d lines", d.DuplicateKeys, c.Lines)
	}
}

func TestDamagedContent(t *testing.T) {
	content := recording(t, "real-cluster/audit.ndjson")
	lines := bytes.SplitAfter(content, []byte("\n"))
	n := int64(len(lines) - 1)
	t.Run("garbage and blank lines", func(t *testing.T) {
		var mixed bytes.Buffer
		for i, line := range lines {
			mixed.Write(line)
			switch {
			case i%100 == 50:
				mixed.WriteString("\x00\xff\xfebinary\x80\n")
			case i%100 == 60:
				mixed.WriteString("  \t\r\n")
			case i == 70:
				mixed.WriteString(`{"kind":"Event","apiVersion":"v1","metadata":{}}` + "\n")
			}
		}
		_, c := read(t, open(t, write(t, filepath.Join(t.TempDir(), "a.log"), mixed.Bytes()), file.Options{}))
		if c.Unparsed != 9 || c.Blank != 8 || c.Records != n || c.Lines != n+17 {
			t.Errorf("account %+v", c.Stats)
		}
		if len(c.UnparsedSamples) != 9 || c.UnparsedSamples[0].Line != 52 {
			t.Errorf("samples %+v", c.UnparsedSamples)
		}
		for _, s := range c.UnparsedSamples {
			if strings.Contains(s.Reason, "binary") {
				t.Errorf("a sample carries text of the line: %s", s.Reason)
			}
		}
	})
	t.Run("a line over 16 MiB", func(t *testing.T) {
		for name, size := range map[string]int{"just over": 16<<20 + 1, "far over": 40 << 20} {
			long := append(bytes.Repeat([]byte("x"), size), '\n')
			mixed := slices.Concat(bytes.Join(lines[:5], nil), long, bytes.Join(lines[5:], nil))
			events, c := read(t, open(t, write(t, filepath.Join(t.TempDir(), "a.log"), mixed), file.Options{}))
			if c.Unparsed != 1 || c.Records != n || c.Lines != n+1 {
				t.Errorf("%s: account %+v", name, c.Stats)
			}
			last := events[len(events)-1].Ref()
			if got := mixed[last.Offset : last.Offset+10]; !bytes.HasPrefix(got, []byte(`{"kind"`)) || last.Line < 7 {
				t.Errorf("%s: the last event's place is %+v, where %q stands", name, last, got)
			}
		}
	})
	t.Run("a truncated gzip", func(t *testing.T) {
		z := zipped(content)
		_, c := read(t, open(t, write(t, filepath.Join(t.TempDir(), "a.log.gz"), z[:len(z)/2]), file.Options{}))
		if c.Events < 10 || c.Events >= n || len(c.Problems) != 1 || !strings.Contains(c.Problems[0].Reason, "too early") {
			t.Errorf("%d events, problems %+v", c.Events, c.Problems)
		}
	})
	t.Run("no line end at the end", func(t *testing.T) {
		_, c := read(t, open(t, write(t, filepath.Join(t.TempDir(), "a.log"), bytes.TrimSuffix(content, []byte("\n"))), file.Options{}))
		if c.Lines != n || c.Unparsed != 0 {
			t.Errorf("account %+v", c.Stats)
		}
	})
	t.Run("line ends of another system", func(t *testing.T) {
		crlf := bytes.ReplaceAll(content, []byte("\n"), []byte("\r\n"))
		_, c := read(t, open(t, write(t, filepath.Join(t.TempDir(), "a.log"), crlf), file.Options{}))
		if c.Records != n || c.Unparsed != 0 {
			t.Errorf("account %+v", c.Stats)
		}
	})
	t.Run("a file that is cut after it was found", func(t *testing.T) {
		path := write(t, filepath.Join(t.TempDir(), "a.log"), content)
		s := open(t, path, file.Options{})
		if err := os.Truncate(path, int64(len(lines[0]))); err != nil {
			t.Fatal(err)
		}
		_, c := read(t, s)
		if c.Records != 1 || len(c.Problems) != 1 || !strings.Contains(c.Problems[0].Reason, "smaller") {
			t.Errorf("%d records, problems %+v", c.Records, c.Problems)
		}
	})
	t.Run("memory stays bounded", func(t *testing.T) {
		var before, after runtime.MemStats
		path := write(t, filepath.Join(t.TempDir(), "a.log"), bytes.Repeat(content, 60))
		s := open(t, path, file.Options{})
		runtime.GC()
		runtime.ReadMemStats(&before)
		_, err := s.Read(t.Context(), connectors.Query{}, func([]connectors.Event) error { return nil })
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Fatal(err)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 40<<20 {
			t.Errorf("reading 65 MB allocated %d MiB", grown>>20)
		}
	})
	t.Run("a file that goes away", func(t *testing.T) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "a.log"), content)
		gone := write(t, filepath.Join(dir, "b.log"), lines[0])
		s := open(t, dir, file.Options{})
		if err := os.Remove(gone); err != nil {
			t.Fatal(err)
		}
		_, c := read(t, s)
		if len(c.Problems) != 1 || c.Problems[0].Where != gone || c.Records != n {
			t.Errorf("%d records, problems %+v", c.Records, c.Problems)
		}
	})
}

func TestDocuments(t *testing.T) {
	lines := bytes.Split(bytes.TrimSpace(recording(t, "real-cluster/audit.ndjson")), []byte("\n"))[:40]
	plain, c := read(t, open(t, write(t, filepath.Join(t.TempDir(), "a.log"), append(bytes.Join(lines, []byte("\n")), '\n')), file.Options{}))
	want := sortedKeys(plain)
	list := slices.Concat([]byte(`{"metadata":{},"items":[`), bytes.Join(lines, []byte(",")), []byte(`],"kind":"EventList","apiVersion":"audit.k8s.io/v1"}`))
	for name, content := range map[string][]byte{
		"a list on one line":   append(list, '\n'),
		"a list over lines":    indent(t, list),
		"records over lines":   bytes.Join(each(lines, func(l []byte) []byte { return indent(t, l) }), []byte("\n")),
		"a list without a end": append(indent(t, list), '\n'),
	} {
		t.Run(name, func(t *testing.T) {
			got, d := read(t, open(t, write(t, filepath.Join(t.TempDir(), "a.json"), content), file.Options{}))
			if !slices.Equal(sortedKeys(got), want) || d.Records != c.Records || d.Unparsed != 0 {
				t.Errorf("%d events of %d, account %+v", len(got), len(want), d.Stats)
			}
			if n := int64(bytes.Count(bytes.TrimSpace(content), []byte("\n")) + 1); d.Lines != n {
				t.Errorf("%d lines counted of %d", d.Lines, n)
			}
		})
	}
	t.Run("cut", func(t *testing.T) {
		whole := indent(t, list)
		_, d := read(t, open(t, write(t, filepath.Join(t.TempDir(), "a.json"), whole[:len(whole)/2]), file.Options{}))
		if d.Events < 5 || d.Unparsed == 0 || len(d.UnparsedSamples) != 1 {
			t.Errorf("account %+v", d.Stats)
		}
	})
}

func TestStream(t *testing.T) {
	content := recording(t, "real-cluster/audit.ndjson")
	for name, b := range map[string][]byte{"plain": content, "gzip": zipped(content), "zstd": zstandard(content)} {
		spec := file.Spec{Target: "-"}
		sources, err := file.Open(spec, file.Options{Stdin: io.MultiReader(bytes.NewReader(b[:10]), bytes.NewReader(b[10:]))})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if p, err := sources[0].Probe(t.Context()); err != nil || p.Parsed == 0 || p.Complete {
			t.Errorf("%s: probe %+v, %v", name, p, err)
		}
		_, c := read(t, sources[0])
		if c.Records != 798 || c.Unparsed != 0 {
			t.Errorf("%s: account %+v", name, c.Stats)
		}
		if _, err := sources[0].Read(t.Context(), connectors.Query{}, func([]connectors.Event) error { return nil }); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("%s: a stream is read twice: %v", name, err)
		}
	}
}

func TestFolderOfSeveralKinds(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "k8s", "audit.log"), recording(t, "real-cluster/audit.ndjson"))
	write(t, filepath.Join(dir, "host", "auth.log"), recording(t, "real-host/auth.log"))
	write(t, filepath.Join(dir, "host", "audit.log"), recording(t, "real-host/audit.log"))
	write(t, filepath.Join(dir, "truth.json"), recording(t, "real-cluster/truth.json"))
	write(t, filepath.Join(dir, "empty.log"), nil)
	sources, err := file.Open(file.Spec{Target: dir}, file.Options{Year: 2026})
	if err != nil || len(sources) != 2 {
		t.Fatalf("%d sources: %v", len(sources), err)
	}
	names := []string{sources[0].Name(), sources[1].Name()}
	if !slices.Equal(names, []string{"kubernetes", "authlog"}) {
		t.Errorf("names %v", names)
	}
	_, c := read(t, sources[1])
	if len(c.Skipped) != 3 {
		t.Errorf("skipped %+v", c.Skipped)
	}
	if len(c.Files) != 1 || c.Files[0].Lines != 173 || len(c.Files[0].Edges) != 64 {
		t.Errorf("files %+v", c.Files)
	}
	if _, err := file.Open(file.Spec{Target: filepath.Join(dir, "*", "*.log"), Kind: connectors.AuthLog, Name: "x"}, file.Options{}); err != nil {
		t.Errorf("a glob: %v", err)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	text := write(t, filepath.Join(dir, "notes.txt"), []byte("some\nwords\n"))
	write(t, filepath.Join(dir, "none", "x"), []byte("y"))
	both := write(t, filepath.Join(dir, "both.log"), slices.Concat(
		[]byte("Nov 20 09:01:38 worker-1 sshd[1]: Server listening\n"),
		[]byte(`{"kind":"Event","auditID":"a","stage":"ResponseComplete","requestReceivedTimestamp":"2026-11-20T22:30:00.000000Z"}`+"\n")))
	for _, c := range []struct {
		spec file.Spec
		kind fault.Kind
		says string
	}{
		{file.Spec{Target: filepath.Join(dir, "missing")}, fault.NotFound, "missing does not exist"},
		{file.Spec{Target: filepath.Join(dir, "*.gz")}, fault.NotFound, "No file matches"},
		{file.Spec{Target: filepath.Join(dir, "none")}, fault.NotFound, "holds no log"},
		{file.Spec{Target: text}, fault.Unavailable, "notes.txt is no log"},
		{file.Spec{Target: text, Kind: connectors.AuthLog}, fault.Unavailable, "is no authlog log"},
		{file.Spec{Target: both}, fault.Unavailable, "kubernetes and authlog equally"},
		{file.Spec{Target: text, Kind: "auditd"}, fault.Invalid, "auditd"},
		{file.Spec{Target: "-"}, fault.Unavailable, "Standard input"},
	} {
		_, err := file.Open(c.spec, file.Options{})
		if fault.KindOf(err) != c.kind || !strings.Contains(fault.Message(err), c.says) {
			t.Errorf("%+v: %v", c.spec, err)
		}
	}
	if _, c := read(t, open(t, "authlog:"+write(t, filepath.Join(dir, "fresh.log"), nil), file.Options{})); c.Lines != 0 || c.Events != 0 {
		t.Errorf("an empty log: %+v", c.Stats)
	}
}

func TestParseSpec(t *testing.T) {
	for s, want := range map[string]file.Spec{
		"a.log":                          {Target: "a.log"},
		"prod=kubernetes:/var/log/x":     {Name: "prod", Kind: connectors.Kubernetes, Target: "/var/log/x"},
		"authlog:-":                      {Kind: connectors.AuthLog, Target: "-"},
		"./a=b.log":                      {Target: "./a=b.log"},
		"c:x.log":                        {Target: "c:x.log"},
		"s=opensearch:https://h:9/p?a=b": {Name: "s", Kind: "opensearch", Target: "https://h:9/p?a=b"},
	} {
		if got, err := file.ParseSpec(s); err != nil || got != want {
			t.Errorf("%s: %+v, %v", s, got, err)
		}
	}
	if _, err := file.ParseSpec("x=kubernetes:"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("an empty target: %v", err)
	}
}

// TestCancelInTheMiddle ends a read while chunks are on their way.
func TestCancelInTheMiddle(t *testing.T) {
	content := bytes.Repeat(recording(t, "real-cluster/audit.ndjson"), 20)
	s := open(t, write(t, filepath.Join(t.TempDir(), "a.log"), content), file.Options{})
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(t.Context())
	_, err := s.Read(ctx, connectors.Query{}, func([]connectors.Event) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	now := runtime.NumGoroutine()
	for range 100 { // one that is ending may still be counted
		if now <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
		now = runtime.NumGoroutine()
	}
	t.Errorf("%d goroutines before, %d after", before, now)
}

func TestYearComesFromTheNewestLine(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "auth.log"), []byte(
		"Dec 31 23:59:58 h sshd[1]: Server listening\nJan  1 00:00:01 h sshd[1]: Server listening\n"))
	modified := time.Date(2026, 1, 1, 0, 0, 5, 0, time.UTC)
	if err := os.Chtimes(path, modified, modified); err != nil {
		t.Fatal(err)
	}
	_, c := read(t, open(t, path, file.Options{}))
	if c.First.String() != "2025-12-31T23:59:58.000000Z" || c.Last.String() != "2026-01-01T00:00:01.000000Z" {
		t.Errorf("from %s to %s", c.First, c.Last)
	}
	zone := time.FixedZone("east", 2*3600)
	_, c = read(t, open(t, path, file.Options{Year: 2020, Zone: zone}))
	if c.First.String() != "2019-12-31T21:59:58.000000Z" {
		t.Errorf("first %s", c.First)
	}
}
