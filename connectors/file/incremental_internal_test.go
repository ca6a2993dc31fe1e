package file

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/checks"
)

// notAgain is what a gate says of lines that an earlier run read.
var notAgain = regexp.MustCompile(`; of these, [0-9,]+ lines? before the window were read by an earlier run and not again`)

// floods appends requests to a log, some of them rejected in bursts.
func floods(t *testing.T, r *rand.Rand, path string, clock *time.Time, serial *int) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for range 40 + r.IntN(200) {
		*serial++
		*clock = clock.Add(time.Duration(r.IntN(30)) * time.Second)
		code, ip := 200, 0
		if r.IntN(3) == 0 {
			code, ip = 401, r.IntN(3)
		}
		at := clock.Add(-time.Duration(r.IntN(3)*r.IntN(60)) * time.Second).UTC().Format("2006-01-02T15:04:05.000000Z")
		fmt.Fprintf(f, `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"id-%d","stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"list","user":{},"sourceIPs":["10.0.0.%d"],"objectRef":{"resource":"pods","apiVersion":"v1"},"responseStatus":{"code":%d},"requestReceivedTimestamp":%q,"stageTimestamp":%q}`+"\n",
			*serial, ip, code, at, at)
	}
}

// TestNightlyRuns lets a log grow and judges one window after the other, each
// going on from what the run before noted, and compares with runs that read
// everything: the results are the same, of bursts across the border as well, and
// no event is in the items of two runs. The control forgets the events of the
// lead.
func TestNightlyRuns(t *testing.T) {
	check, ok := checks.Find("ACC-02")
	if !ok {
		t.Fatal("there is no ACC-02")
	}
	var recalled, fooled, across, unread int
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 11))
		path := filepath.Join(t.TempDir(), "audit.log")
		clock, serial := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), 0
		run := func(w connectors.Window, notes map[string]*connectors.Notes) *reports.Outcomes {
			now := func() time.Time { return clock.Add(time.Hour) }
			sources, err := Open(Spec{Name: "s", Kind: connectors.Kubernetes, Target: path}, Options{Now: now})
			if err != nil {
				t.Fatal(err)
			}
			s := sources[0].(*Source)
			s.chunk, s.spacing = tailBytes, 1
			out, err := reports.Engine{}.Run(context.Background(), reports.Input{
				Sources: sources, Window: w, Checks: []reports.Check{check}, Notes: notes, Now: now,
				Params: map[string]map[string]string{"ACC-02": {"count": "6", "window": "5m"}},
			})
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		text := func(out *reports.Outcomes) string {
			b, err := json.MarshalIndent(out.Results, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			return notAgain.ReplaceAllString(string(b), "")
		}
		notes, seen := map[string]*connectors.Notes{}, map[string]bool{}
		var window connectors.Window
		for night := range 8 {
			floods(t, r, path, &clock, &serial)
			window.To = connectors.At(clock.Add(-time.Duration(r.IntN(120)) * time.Second))
			if night == 0 {
				window.From = connectors.At(time.Date(2026, 2, 28, 0, 0, 0, 0, time.UTC))
			}
			whole := run(window, nil)
			if n := notes["s"]; n != nil {
				forgetful := copied(n)
				for i := range forgetful.Files {
					if c := forgetful.Files[i].Context; c != nil {
						recalled += len(c.Lines)
						c.Lines = nil
					}
				}
				if text(run(window, map[string]*connectors.Notes{"s": forgetful})) != text(whole) {
					fooled++
				}
			}
			out := run(window, notes)
			if got, want := text(out), text(whole); got != want {
				t.Fatalf("seed %d, night %d: %s\nwhole:\n%s", seed, night, got, want)
			}
			for _, x := range out.Sources[0].Resumed {
				unread += int(x.Bytes)
			}
			for _, item := range out.Results[0].Items {
				for _, e := range item.Events {
					if seen[e.Key] {
						t.Fatalf("seed %d, night %d: event %s at %s is in the items of two runs", seed, night, e.Key, e.Time)
					}
					if seen[e.Key] = true; e.Time < window.From {
						across++
					}
				}
			}
			notes = map[string]*connectors.Notes{"s": copied(out.Notes["s"])}
			window.From = window.To
		}
	}
	t.Logf("%d bytes were not read again, %d events recalled, %d events from before a window reported; without them %d answers were wrong", unread, recalled, across, fooled)
	if recalled == 0 || across == 0 || unread == 0 {
		t.Error("nothing was recalled, or nothing lay across a border, so the comparison shows nothing")
	}
	if fooled == 0 {
		t.Error("forgetting the lead changes nothing, so the comparison shows nothing")
	}
}
