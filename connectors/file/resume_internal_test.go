package file

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"logreeve/connectors"
)

// world is a folder of logs that grows, rotates and is tampered with.
type world struct {
	t       *testing.T
	r       *rand.Rand
	dir     string
	kind    connectors.Kind
	clock   time.Time
	serial  int
	rotated int
	opened  []string // first stages whose last has not come
}

func (w *world) live() string { return filepath.Join(w.dir, "live.log") }

func (w *world) line() string {
	w.serial++
	w.clock = w.clock.Add(time.Duration(w.r.IntN(20_000)) * time.Millisecond)
	at := w.clock
	if w.r.IntN(25) == 0 { // late
		at = at.Add(-time.Duration(w.r.IntN(7200)) * time.Second)
	}
	if w.r.IntN(60) == 0 {
		return []string{"not a record", "", `{"kind":"Event"`}[w.r.IntN(3)]
	}
	if w.kind == connectors.AuthLog {
		stamp, pid := at.UTC().Format("Jan _2 15:04:05"), 100+w.r.IntN(2)
		switch w.r.IntN(6) {
		case 0:
			return fmt.Sprintf("%s host sshd[%d]: Invalid user u%d from 10.0.0.1 port 22", stamp, pid, w.serial%3)
		case 1:
			return fmt.Sprintf("%s host sshd[%d]: Failed password for invalid user u%d from 10.0.0.1 port 22 ssh2", stamp, pid, w.serial%3)
		case 2:
			return fmt.Sprintf("%s host sshd[%d]: Connection closed by invalid user u%d 10.0.0.1 port 22 [preauth]", stamp, pid, w.serial%3)
		case 3:
			return fmt.Sprintf("%s host CRON[7]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)", stamp)
		}
		return fmt.Sprintf("%s host sshd[%d]: Accepted password for alice from 10.0.0.2 port 22 ssh2", stamp, pid)
	}
	record := func(id, stage, received string, code int) string {
		return fmt.Sprintf(`{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":%q,"stage":%q,"requestURI":"/api/v1/pods","verb":"list","user":{"username":"u"},"sourceIPs":["10.0.0.1"],"objectRef":{"resource":"pods","apiVersion":"v1"},"responseStatus":{"code":%d},"requestReceivedTimestamp":%q,"stageTimestamp":%q}`,
			id, stage, code, received, w.clock.UTC().Format("2006-01-02T15:04:05.000000Z"))
	}
	stamp := at.UTC().Format("2006-01-02T15:04:05.000000Z")
	id := fmt.Sprint("id-", w.serial)
	switch w.r.IntN(8) {
	case 0:
		w.opened = append(w.opened, id+" "+stamp)
		return record(id, "ResponseStarted", stamp, 200)
	case 1:
		if len(w.opened) > 0 {
			i := w.r.IntN(len(w.opened))
			id, stamp, _ := strings.Cut(w.opened[i], " ")
			w.opened = slices.Delete(w.opened, i, i+1)
			return record(id, "ResponseComplete", stamp, 200)
		}
	case 2:
		return record("twice", "ResponseComplete", stamp[:17]+"00.000000Z", 401) // repeats within the minute
	}
	return record(id, "ResponseComplete", stamp, []int{200, 403, 500}[w.r.IntN(3)])
}

func (w *world) grow() {
	f, err := os.OpenFile(w.live(), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		w.t.Fatal(err)
	}
	for range 1 + w.r.IntN(120) {
		fmt.Fprintln(f, w.line())
	}
	if w.r.IntN(5) == 0 {
		text := w.line()
		fmt.Fprint(f, text[:w.r.IntN(len(text)+1)]) // a line that is being written
	}
	f.Close()
}

// happen does something to the folder, and says whether history was tampered with.
func (w *world) happen() (tampered bool) {
	w.grow()
	content, err := os.ReadFile(w.live())
	if err != nil {
		w.t.Fatal(err)
	}
	put := func(path string, b []byte) {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
	switch w.r.IntN(12) {
	case 0: // rotated by renaming
		w.rotated++
		if err := os.Rename(w.live(), filepath.Join(w.dir, fmt.Sprint("old", w.rotated, ".log"))); err != nil {
			w.t.Fatal(err)
		}
		w.grow()
	case 1: // rotated by copying and cutting
		w.rotated++
		put(filepath.Join(w.dir, fmt.Sprint("old", w.rotated, ".log")), content)
		put(w.live(), nil)
		w.grow()
	case 2: // rotated and compressed
		w.rotated++
		var z bytes.Buffer
		zip := gzip.NewWriter(&z)
		_, _ = zip.Write(content)
		_ = zip.Close()
		put(filepath.Join(w.dir, fmt.Sprint("old", w.rotated, ".log.gz")), z.Bytes())
		put(w.live(), nil)
		w.grow()
	case 3: // cut
		put(w.live(), content[:w.r.IntN(len(content)+1)])
		w.grow()
		return true
	case 4: // lines taken out of the past
		all := bytes.SplitAfter(content, []byte("\n"))
		i := w.r.IntN(len(all))
		put(w.live(), bytes.Join(slices.Delete(all, i, min(len(all), i+1+w.r.IntN(3))), nil))
		w.grow()
		return true
	case 5: // a line of the past written over
		i := w.r.IntN(len(content))
		if content[i] != '\n' {
			content[i] ^= 1
		}
		put(w.live(), content)
		return true
	}
	return false
}

// answer is what a read says about its window.
type answer struct {
	Events   []connectors.Record
	Lines    []int64
	Stats    connectors.Stats
	Oldest   connectors.Instant
	Coverage map[string][]connectors.Minute
}

func (w *world) read(window connectors.Window, lead time.Duration, notes *connectors.Notes) (answer, connectors.Completeness, error) {
	sources, err := Open(Spec{Name: "s", Kind: w.kind, Target: w.dir}, Options{Year: 2026, Now: func() time.Time { return w.clock.Add(24 * time.Hour) }})
	if err != nil {
		return answer{}, connectors.Completeness{}, err
	}
	s := sources[0].(*Source)
	s.chunk, s.spacing = tailBytes, 1 // so that every byte is vouched for
	var a answer
	c, err := s.Read(context.Background(), connectors.Query{Window: window, Lead: lead, Notes: notes}, func(batch []connectors.Event) error {
		for i := range batch {
			r := batch[i].Record(connectors.TicketRule{Pattern: connectors.DefaultTicketPattern})
			a.Events = append(a.Events, r)
		}
		return nil
	})
	if err != nil {
		return a, c, err
	}
	a.Stats, a.Oldest, a.Coverage = c.Stats, c.Oldest, map[string][]connectors.Minute{}
	for place, cover := range c.Coverage {
		for _, m := range slices.Sorted(func(yield func(int64) bool) {
			for k := range cover.Minutes {
				if !yield(k) {
					return
				}
			}
		}) {
			a.Coverage[place] = append(a.Coverage[place], *cover.Minutes[m])
		}
	}
	if got := c.Events + c.Merged + c.Late; got != c.Records {
		w.t.Fatalf("%d records are %d events, %d merged and %d late", c.Records, c.Events, c.Merged, c.Late)
	}
	var outcomes int64
	for _, n := range c.ByOutcome {
		outcomes += n
	}
	if outcomes != c.Events {
		w.t.Fatalf("%d events have %d outcomes", c.Events, outcomes)
	}
	// A request of which one record lies before and one behind the place where
	// reading went on counts as two among what lies outside the window.
	a.Stats.Events, a.Stats.Merged, a.Stats.ByKind, a.Stats.ByOutcome = 0, 0, nil, nil
	a.Stats.Late, a.Stats.DuplicateKeys = 0, 0 // records of a request that was counted before that place
	return a, c, nil
}

// forge makes notes that a file bears out, whatever it holds now: as if nothing
// were verified.
func (w *world) forge(notes *connectors.Notes) {
	for i := range notes.Files {
		n := &notes.Files[i]
		b, err := os.ReadFile(n.Path)
		if err != nil {
			continue
		}
		n.HeadSize = min(n.HeadSize, int64(len(b)))
		n.Head = digest(b[:n.HeadSize])
		kept := n.Places[:0]
		for _, p := range n.Places {
			if p.Offset <= int64(len(b)) {
				p.Tail = digest(b[p.Offset-p.TailSize : p.Offset])
				kept = append(kept, p)
			}
		}
		n.Places = kept
	}
}

// TestResumedReadsAnswerAsWholeReads lets logs grow, rotate and be tampered with,
// and compares after every step, for random windows, what a read says that goes
// on from the notes of the one before with what a whole read says. The control
// believes the notes unseen.
func TestResumedReadsAnswerAsWholeReads(t *testing.T) {
	fooled := 0
	for _, kind := range []connectors.Kind{connectors.Kubernetes, connectors.AuthLog} {
		t.Run(string(kind), func(t *testing.T) {
			var resumed, refused, bytesLeft int
			for seed := range uint64(12) {
				w := &world{t: t, r: rand.New(rand.NewPCG(seed, 9)), dir: t.TempDir(), kind: kind, clock: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
				notes := &connectors.Notes{}
				for range 14 {
					tampered := w.happen()
					from := w.clock.Add(-time.Duration(w.r.IntN(3600)) * time.Second)
					window := connectors.Window{From: connectors.At(from)}
					if w.r.IntN(3) == 0 {
						window.To = connectors.At(from.Add(time.Duration(w.r.IntN(1800)+1) * time.Second))
					}
					lead := time.Duration(w.r.IntN(2)) * 10 * time.Minute
					whole, _, err := w.read(window, lead, nil)
					if err != nil {
						break // nothing is left that is a log
					}
					if tampered {
						believed := copied(notes)
						w.forge(believed)
						if a, _, err := w.read(window, lead, believed); err == nil && !reflect.DeepEqual(a, whole) {
							fooled++
						}
					}
					a, c, err := w.read(window, lead, copied(notes))
					if err != nil {
						t.Fatal(err)
					}
					if !reflect.DeepEqual(a, whole) {
						t.Fatalf("seed %d: from %s, tampered %v, resumed %+v:\n%+v\nwhole:\n%+v", seed, from, tampered, c.Resumed, a, whole)
					}
					for _, r := range c.Resumed {
						if r.Bytes > 0 {
							resumed++
							bytesLeft += int(r.Bytes)
						} else {
							refused++
						}
					}
					notes = c.Notes
				}
			}
			t.Logf("%d files went on from a note, %d bytes were not read, %d notes were refused; believed unseen, %d answers were wrong", resumed, bytesLeft, refused, fooled)
			if resumed < 50 || refused < 5 {
				t.Error("too little was resumed or refused to show anything")
			}
		})
	}
	if fooled == 0 {
		t.Error("believing the notes unseen changes nothing, so the comparison shows nothing")
	}
}

// copied takes notes through JSON, as a store does.
func copied(n *connectors.Notes) *connectors.Notes {
	b, err := json.Marshal(n)
	if err != nil {
		panic(err)
	}
	out := &connectors.Notes{}
	if err := json.Unmarshal(b, out); err != nil {
		panic(err)
	}
	return out
}
