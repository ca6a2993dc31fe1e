package command

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"logreeve/connectors"
)

// progress tells a person at a terminal how far the reading of logs has come, in
// one line that is written over a few times a second and is gone at the end. It
// has no colours. A nil progress says nothing.
type progress struct {
	out io.Writer
	now func() time.Time

	source         string
	began, written time.Time
	from           int64 // bytes of the source when it began
	shown          bool
}

const (
	progressDelay = 300 * time.Millisecond // a short read says nothing
	progressEvery = 200 * time.Millisecond
	clearLine     = "\r\x1b[K" // ECMA-48, erase in line
)

// newProgress tells on out, or is nil where out is no terminal.
func newProgress(out io.Writer, now func() time.Time) *progress {
	if !terminal(out) {
		return nil
	}
	return &progress{out: out, now: now}
}

// terminal says whether somebody looks at what is written, on a terminal that
// can write over a line.
func terminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// report is what a source calls while it is read (connectors.Query.Progress).
func (p *progress) report(at connectors.Progress) {
	if p == nil {
		return
	}
	now := p.now()
	if p.began.IsZero() || at.Source != p.source {
		p.source, p.began, p.from = at.Source, now, at.Bytes
	}
	if now.Sub(p.began) < progressDelay && !p.shown || now.Sub(p.written) < progressEvery {
		return
	}
	p.written, p.shown = now, true
	fmt.Fprint(p.out, clearLine+progressLine(at, at.Bytes-p.from, now.Sub(p.began)))
}

// end takes the line away.
func (p *progress) end() {
	if p != nil && p.shown {
		fmt.Fprint(p.out, clearLine)
		p.shown = false
	}
}

// progressLine says how far a source is read: "kubernetes: 300 MB of 1.2 GB
// (25 %), 125,000 events, 600 MB/s, 2 s left".
func progressLine(at connectors.Progress, read int64, took time.Duration) string {
	name := connectors.Visible(at.Source)
	if len(name) > 24 {
		name = name[:21] + "..."
	}
	parts := []string{bytesInWords(at.Bytes)}
	known := at.Total > 0 && at.Bytes <= at.Total
	if known {
		parts[0] += fmt.Sprintf(" of %s (%d %%)", bytesInWords(at.Total), at.Bytes*100/at.Total)
	}
	events := thousands(at.Events) + " events"
	if at.Events == 1 {
		events = "1 event"
	}
	parts = append(parts, events)
	if seconds := took.Seconds(); seconds > 0 && read > 0 {
		rate := float64(read) / seconds
		parts = append(parts, bytesInWords(int64(rate))+"/s")
		if known {
			parts = append(parts, timeInWords(time.Duration(float64(at.Total-at.Bytes)/rate*float64(time.Second)))+" left")
		}
	}
	return name + ": " + strings.Join(parts, ", ")
}

// bytesInWords writes a number of bytes with its decimal unit: "999 B", "1.2 GB".
func bytesInWords(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB", "PB", "EB"}
	v, i := float64(n), 0
	for v >= 999.5 && i < len(units)-1 {
		v, i = v/1000, i+1
	}
	if i == 0 || v >= 9.95 {
		return fmt.Sprintf("%.0f %s", v, units[i])
	}
	return fmt.Sprintf("%.1f %s", v, units[i])
}

// timeInWords writes a time to wait: "40 s", "3 min", "2 h 5 min".
func timeInWords(d time.Duration) string {
	switch {
	case d < 90*time.Second:
		return fmt.Sprintf("%d s", int64(d.Round(time.Second)/time.Second))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int64(d.Round(time.Minute)/time.Minute))
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%d h %d min", int64(d/time.Hour), int64(d%time.Hour/time.Minute))
}

// thousands writes a number with commas.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
