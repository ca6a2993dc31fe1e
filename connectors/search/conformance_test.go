package search_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"logreeve/connectors"
	"logreeve/connectors/authlog"
	"logreeve/connectors/connectorstest"
	"logreeve/connectors/file"
	"logreeve/connectors/search"
	"logreeve/connectors/searchtest"
)

const recordings = "../../seed/recordings"

func recorded(t testing.TB, path string) [][]byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(recordings, path))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Split(bytes.TrimSuffix(b, []byte("\n")), []byte("\n"))
}

// syslogDocuments takes syslog lines apart as a pipeline does.
func syslogDocuments(t testing.TB) [][]byte {
	t.Helper()
	var out [][]byte
	var events []connectors.Event
	p := authlog.NewParser(seed)
	c := authlog.NewCalendar(nil, time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), 2026, nil)
	for _, line := range recorded(t, "real-host/auth.log") {
		var err error
		if events, _, err = p.Parse(line, connectors.Ref{}, c, events[:0], nil); err != nil || len(events) != 1 {
			t.Fatal(err, len(events))
		}
		parts := syslogLine.FindSubmatch(line)
		if parts == nil {
			t.Fatalf("%s", line)
		}
		b, err := json.Marshal(map[string]string{
			"@timestamp": events[0].Time.String(), "host": string(parts[1]), "ident": string(parts[2]), "pid": string(parts[3]), "message": string(parts[4]),
		})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

func open(t testing.TB, c search.Config, o search.Options) *search.Source {
	t.Helper()
	if o.Now == nil {
		o.Now = time.Now
	}
	s, err := search.Open(c, search.Store{Name: "store", Profile: "kubernetes"}, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// auditMapping leaves bodies out of the index, as pipelines that keep them do:
// their field names are beyond what a mapping takes.
const auditMapping = `{"properties":{"requestObject":{"type":"object","enabled":false},"responseObject":{"type":"object","enabled":false}}}`

// load fills two places of a server with a recording and gives a source over
// the one and the other in turn.
func load(t testing.TB, server searchtest.Server, kind connectors.Kind) func(testing.TB, search.Options) *search.Source {
	t.Helper()
	var places [2]string
	for i := range places {
		places[i] = server.Prefix(t)
		if kind == connectors.AuthLog {
			server.Create(t, places[i]+"-1", 1, "")
			server.Load(t, places[i]+"-1", syslogDocuments(t))
			continue
		}
		lines := recorded(t, "real-cluster/audit.ndjson")
		server.Create(t, places[i]+"-1", 3-i, auditMapping)
		server.Create(t, places[i]+"-2", 1, auditMapping)
		cut := len(lines) / (2 + i)
		server.Load(t, places[i]+"-1", lines[:cut])
		server.Load(t, places[i]+"-2", lines[cut:])
	}
	turn := 0
	return func(t testing.TB, o search.Options) *search.Source {
		turn++
		return open(t, search.Config{Name: "store", Kind: kind, URL: server.URL, Pattern: places[turn%2] + "*"}, o)
	}
}

// TestStores runs what every source promises, and compares with files, on real
// servers.
func TestStores(t *testing.T) {
	for _, version := range searchtest.Versions() {
		t.Run(version, func(t *testing.T) {
			server := searchtest.Start(t, version)
			for _, kind := range []connectors.Kind{connectors.Kubernetes, connectors.AuthLog} {
				t.Run(string(kind), func(t *testing.T) {
					source := load(t, server, kind)
					connectorstest.Run(t, func(t *testing.T, _ string) connectors.Source { return source(t, search.Options{}) })
					t.Run("equals the file", func(t *testing.T) { equalsFile(t, source(t, search.Options{})) })
					if kind == connectors.Kubernetes {
						t.Run("narrowed by a filter", func(t *testing.T) { narrowedReads(t, source) })
						t.Run("counted", func(t *testing.T) { groupsOfStore(t, source(t, search.Options{}), !server.Old()) })
						t.Run("with the lead", func(t *testing.T) { leadBefore(t, source(t, search.Options{})) })
					}
					t.Run("equals the file in small pages", func(t *testing.T) { equalsFile(t, source(t, search.Options{PageBytes: 30_000, Parallel: 4})) })
				})
			}
		})
	}
}

// fileOf is the recording of a kind as a file.
func fileOf(t testing.TB, kind connectors.Kind) connectors.Source {
	t.Helper()
	path := "real-cluster/audit.ndjson"
	if kind == connectors.AuthLog {
		path = "real-host/auth.log"
	}
	spec, err := file.ParseSpec("store=" + string(kind) + ":" + filepath.Join(recordings, path))
	if err != nil {
		t.Fatal(err)
	}
	files, err := file.Open(spec, file.Options{Year: 2026, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return files[0]
}

// equalsFile reads the same recording from a store and from a file.
func equalsFile(t *testing.T, s connectors.Source) {
	want, wantC := readAll(t, fileOf(t, s.Kind()), connectors.Query{})
	got, c := readAll(t, s, connectors.Query{})
	if !slices.EqualFunc(want, got, equalRecords) {
		t.Errorf("%d events, the file has %d, or they differ", len(got), len(want))
		for i := range min(len(want), len(got)) {
			if !equalRecords(want[i], got[i]) {
				t.Fatalf("first difference:\n%+v\n%+v", want[i], got[i])
			}
		}
	}
	if len(c.Problems) > 0 || c.Lines != wantC.Lines || c.Records != wantC.Records || c.Events != wantC.Events || c.Merged != wantC.Merged ||
		c.Late != wantC.Late || c.First != wantC.First || c.Last != wantC.Last || c.Oldest != wantC.Oldest || c.Newest != wantC.Newest {
		t.Errorf("account\n%+v\nof the file\n%+v", c, wantC)
	}
	equalCoverage(t, c.Coverage, wantC.Coverage)
	if c.Requests == 0 || c.BytesReceived == 0 || c.Took == 0 {
		t.Errorf("%d requests, %d bytes, %s", c.Requests, c.BytesReceived, c.Took)
	}
}
