package file_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"logreeve/connectors"
	"logreeve/connectors/file"
)

// BenchmarkRead reads and assembles a log of 200 MB made of the recording, each
// round with audit ids of its own, with no checks.
func BenchmarkRead(b *testing.B) {
	raw, err := os.ReadFile(filepath.Join(recordings, "real-cluster", "audit.ndjson"))
	if err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "audit.log")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	lines := bytes.SplitAfter(raw, []byte("\n"))
	var size int64
	for round := 0; size < 200<<20; round++ {
		for _, line := range lines {
			if i := bytes.Index(line, []byte(`"auditID":"`)); i >= 0 {
				line = bytes.Clone(line)
				copy(line[i+11:], fmt.Sprintf("%08x", round))
			}
			n, _ := w.Write(line)
			size += int64(n)
		}
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(size)
	var events int64
	for b.Loop() {
		s := open(b, path, file.Options{})
		c, err := s.Read(context.Background(), connectors.Query{}, func([]connectors.Event) error { return nil })
		if err != nil {
			b.Fatal(err)
		}
		events = c.Events
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(events), "events")
	b.ReportMetric(float64(m.Sys)/(1<<20), "MiB-sys")
}
