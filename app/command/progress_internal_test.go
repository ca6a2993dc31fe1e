package command

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"logreeve/connectors"
)

// TestProgress plays a read to a terminal whose clock is ours.
func TestProgress(t *testing.T) {
	t.Parallel()
	var screen bytes.Buffer
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	p := &progress{out: &screen, now: func() time.Time { return now }}
	at := connectors.Progress{Source: "kubernetes", Total: 1_200_000_000}
	step := func(wait time.Duration, read, events int64) string {
		screen.Reset()
		now = now.Add(wait)
		at.Bytes, at.Events = read, events
		p.report(at)
		return screen.String()
	}
	for i, c := range []struct {
		wait         time.Duration
		read, events int64
		want         string
	}{
		{0, 0, 0, ""},
		{100 * time.Millisecond, 1000, 1, ""}, // too early: a short read says nothing
		{400 * time.Millisecond, 300_000_000, 125_000, "\r\x1b[Kkubernetes: 300 MB of 1.2 GB (25 %), 125,000 events, 600 MB/s, 2 s left"},
		{50 * time.Millisecond, 310_000_000, 126_000, ""}, // too soon after the last
		{450 * time.Millisecond, 600_000_000, 1_250_000, "\r\x1b[Kkubernetes: 600 MB of 1.2 GB (50 %), 1,250,000 events, 600 MB/s, 1 s left"},
	} {
		if got := step(c.wait, c.read, c.events); got != c.want {
			t.Errorf("step %d shows %q, want %q", i, got, c.want)
		}
	}
	screen.Reset()
	p.end()
	p.end()
	if got := screen.String(); got != "\r\x1b[K" {
		t.Errorf("the end shows %q, want the line cleared once", got)
	}
}

func TestProgressLine(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]struct {
		at   connectors.Progress
		read int64
		took time.Duration
	}{
		"stdin: 5.0 GB, 2,000,000 events, 500 MB/s":                      {connectors.Progress{Source: "stdin", Bytes: 5e9, Events: 2e6}, 5e9, 10 * time.Second},
		"a: 999 B of 2.0 kB (49 %), 0 events":                            {connectors.Progress{Source: "a", Bytes: 999, Total: 2000}, 0, 0},
		"a: 1.0 GB of 100 GB (1 %), 12 events, 10 MB/s, 2 h 45 min left": {connectors.Progress{Source: "a", Bytes: 1e9, Total: 100e9, Events: 12}, 1e9, 100 * time.Second},
		"a: 10 MB of 100 MB (10 %), 1 event, 1.0 MB/s, 2 min left":       {connectors.Progress{Source: "a", Bytes: 10e6, Total: 100e6, Events: 1}, 10e6, 10 * time.Second},
		"abcdefghijklmnopqrstu...: 11 MB, 1 event, 1.0 MB/s":             {connectors.Progress{Source: strings.Repeat("abcdefghijklmnopqrstuvwxyz", 2), Bytes: 11e6, Total: 10e6, Events: 1}, 10e6, 10 * time.Second},
		`\x1b[31m: 1 B, 0 events`:                                        {connectors.Progress{Source: "\x1b[31m", Bytes: 1}, 0, 0},
	} {
		if got := progressLine(c.at, c.read, c.took); got != want {
			t.Errorf("line %q, want %q", got, want)
		} else if len(got) > 79 {
			t.Errorf("line %q is longer than a terminal is wide", got)
		}
	}
}

// TestProgressIsForTerminals holds that pipes and files stay quiet.
func TestProgressIsForTerminals(t *testing.T) {
	t.Parallel()
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	for name, out := range map[string]io.Writer{"file": f, "pipe": w, "buffer": &bytes.Buffer{}} {
		if p := newProgress(out, time.Now); p != nil {
			t.Errorf("a %s is taken for a terminal", name)
		}
	}
	device, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	if os.Getenv("TERM") != "dumb" && newProgress(device, time.Now) == nil {
		t.Error("a character device is not taken for a terminal: the test shows nothing")
	}
	var none *progress
	none.report(connectors.Progress{})
	none.end()
}
