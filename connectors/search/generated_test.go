package search_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"logreeve/connectors"
	"logreeve/connectors/file"
	"logreeve/connectors/search"
	"logreeve/connectors/searchtest"
	"logreeve/seed/auditgen"
)

// generated is how many events are made up.
const generated = 20_000

// TestGenerated compares a store with a file over many events, and holds that
// what crosses the wire grows with what is found.
func TestGenerated(t *testing.T) {
	var made bytes.Buffer
	if _, err := auditgen.Generate(&made, auditgen.Options{Events: generated}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "audit.log")
	if err := os.WriteFile(path, made.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := file.Open(file.Spec{Name: "store", Kind: connectors.Kubernetes, Target: path}, file.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSuffix(made.Bytes(), []byte("\n")), []byte("\n"))
	for _, version := range searchtest.Versions() {
		t.Run(version, func(t *testing.T) {
			server := searchtest.Start(t, version)
			prefix := server.Prefix(t)
			server.Create(t, prefix+"-1", 2, auditMapping)
			server.Create(t, prefix+"-2", 1, auditMapping)
			server.Load(t, prefix+"-1", lines[:len(lines)/2])
			server.Load(t, prefix+"-2", lines[len(lines)/2:])
			s := open(t, search.Config{Name: "store", URL: server.URL, Pattern: prefix + "*"}, search.Options{PageBytes: 2 << 20})

			all := keysOf(t, files[0], connectors.Filter{}, connectors.Query{})
			var got []string
			c, err := s.Read(t.Context(), connectors.Query{}, func(batch []connectors.Event) error {
				for i := range batch {
					got = append(got, batch[i].Key())
				}
				return nil
			})
			if err != nil || len(c.Problems) > 0 || c.Lines != int64(len(lines)) {
				t.Fatalf("%d documents of %d: %v %+v", c.Lines, len(lines), err, c.Problems)
			}
			slices.Sort(got)
			if !slices.Equal(got, all) {
				t.Errorf("%d events, the file has %d, or their keys differ", len(got), len(all))
			}
			for _, name := range []string{"policy changes", "denied"} {
				f := filters()[name]
				want := keysOf(t, files[0], f, connectors.Query{})
				if found := keysOf(t, s, f, connectors.Query{Filter: f}); !slices.Equal(found, want) {
					t.Errorf("%s: %d events, the file has %d", name, len(found), len(want))
				}
				_, narrow := readAll(t, s, connectors.Query{Filter: f})
				if len(narrow.Problems) > 0 || narrow.BytesReceived > int64(made.Len())/50 {
					t.Errorf("%s: %d bytes came of %d, problems %+v", name, narrow.BytesReceived, made.Len(), narrow.Problems)
				}
			}
		})
	}
}
