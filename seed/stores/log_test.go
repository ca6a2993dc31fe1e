package stores_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"logreeve/connectors"
	"logreeve/connectors/file"
	"logreeve/connectors/search"
	"logreeve/connectors/searchtest"
	"logreeve/seed/auditgen"
)

// part is what one source of a log holds: a file, and the documents that a
// pipeline makes of its lines.
type part struct {
	kind     connectors.Kind
	path     string
	profile  string
	mapping  string
	document func(line []byte) []byte // nil: the line itself
	// unordered says that the order in which documents come is of no account, as
	// when no two records are of one request.
	unordered bool
}

// log is one log, in one part for each kind.
type log []part

// files opens the log as files.
func (l log) files(t testing.TB, now func() time.Time) []connectors.Source {
	t.Helper()
	var out []connectors.Source
	for _, p := range l {
		s, err := file.Open(file.Spec{Name: string(p.kind), Kind: p.kind, Target: p.path}, file.Options{Year: 2026, Zone: time.UTC, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s...)
	}
	return out
}

// filled is a log in a store: where each part is.
type filled struct {
	log      log
	server   searchtest.Server
	patterns []string
	bytes    int64 // of the documents
}

// fill puts a log into a store, requests to an API into two indices.
func (l log) fill(t testing.TB, server searchtest.Server) filled {
	t.Helper()
	f := filled{log: l, server: server}
	for _, p := range l {
		prefix := server.Prefix(t)
		indices, shards, cut := []string{prefix + "-1", prefix + "-2"}, 2, count(t, p.path)*3/5
		if p.kind == connectors.AuthLog {
			// Lines of one second have no other order than that in which they came.
			indices, shards, cut = indices[:1], 1, math.MaxInt
		}
		for _, index := range indices {
			server.Create(t, index, shards, p.mapping)
			server.Must(t, "PUT", "/"+index+"/_settings", []byte(`{"index":{"refresh_interval":"-1","translog.durability":"async"}}`))
			shards = 1
		}
		if unmappedIsRead {
			server.Create(t, prefix+"-3", 1, "") // as the index of a day that has just begun
		}
		f.bytes += load(t, server, p, indices, cut)
		server.Must(t, "POST", "/"+prefix+"*/_refresh", nil)
		f.patterns = append(f.patterns, prefix+"-*")
	}
	return f
}

// sources opens the log in its store, or in what stands at another address before it.
func (f filled) sources(t testing.TB, address string, now func() time.Time) []connectors.Source {
	t.Helper()
	var out []connectors.Source
	for i, p := range f.log {
		c := search.Config{Name: string(p.kind), Kind: p.kind, URL: address, Pattern: f.patterns[i], Profile: p.profile}
		s, err := search.Open(c, search.Store{Name: "store", Profile: "kubernetes"}, search.Options{Now: now})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

// eachLine calls back with every line of a file; the line is valid until then.
func eachLine(t testing.TB, path string, do func([]byte)) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	r := bufio.NewReaderSize(f, 1<<20)
	for {
		line, err := r.ReadBytes('\n')
		if line = bytes.TrimSuffix(line, []byte("\n")); len(line) > 0 {
			do(line)
		}
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func count(t testing.TB, path string) (n int) {
	t.Helper()
	eachLine(t, path, func([]byte) { n++ })
	return n
}

const recordings = "../recordings/"

// recorded is the recording of a cluster, through a pipeline, and of a host.
func recorded(t testing.TB, p pipeline) log {
	host := part{kind: connectors.AuthLog, path: recordings + "real-host/auth.log", profile: "syslog", document: func(line []byte) []byte { return takenApart(t, line) }}
	if p.profile == "welkin" {
		host.profile = "welkin"
	}
	return log{p.through(t, recordings+"real-cluster/audit.ndjson"), host}
}

// rare is one of how many token reviews stays in a generated log: each is a
// finding of LOG-13, and the generator writes them as ordinary work.
const rare = 400

// generated writes a log of made-up events: people at work, service accounts in
// bulk, and what the generator plants for checks to find.
func generated(t testing.TB, events int64) log {
	t.Helper()
	path := filepath.Join(t.TempDir(), "audit.log")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	thin := &thinned{to: w, most: events}
	_, err = auditgen.Generate(thin, auditgen.Options{Events: events * 103 / 100})
	if err = errors.Join(err, w.Flush(), f.Close()); err != nil {
		t.Fatal(err)
	}
	if thin.written != events {
		t.Fatalf("%d events are left of what was generated, not %d", thin.written, events)
	}
	made := pipeline{profile: "kubernetes", mapping: keywords}.through(t, path)
	made.unordered = true
	return log{made}
}

// thinned hands on most lines, and few token reviews.
type thinned struct {
	to                     io.Writer
	rest                   []byte
	reviews, written, most int64
}

func (w *thinned) Write(p []byte) (int, error) {
	text := p
	if len(w.rest) > 0 {
		text = append(w.rest, p...)
	}
	for {
		end := bytes.IndexByte(text, '\n')
		if end < 0 {
			break
		}
		line := text[:end+1]
		text = text[end+1:]
		if bytes.Contains(line, []byte(`"resource":"tokenreviews"`)) {
			if w.reviews++; w.reviews%rare != 0 {
				continue
			}
		}
		if w.written == w.most {
			continue
		}
		w.written++
		if _, err := w.to.Write(line); err != nil {
			return 0, err //nolint:wrapcheck // of a file of the test
		}
	}
	w.rest = append(w.rest[:0], text...)
	return len(p), nil
}
