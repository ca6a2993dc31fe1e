package pdf_test

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"logreeve/reports/pdf"
)

// A week as it may be (rich) times what makes a report of a thousand pages, and
// of ten thousand. Reports the pages, the bytes of a page, the time for one, and
// the peak of the process's own memory with the dossier in it. Run one at a
// time: memory of an earlier one counts.
func BenchmarkPages(b *testing.B) {
	for _, size := range []struct{ pages, times int }{{1_000, 66}, {10_000, 669}} {
		b.Run(fmt.Sprint(size.pages), func(b *testing.B) {
			d := many(size.times)
			debug.FreeOSMemory()
			stop := watchMemory()
			pages, volumes, written := 0, 0, 0
			for b.Loop() {
				pages, written = 0, 0
				err := pdf.Render(d, seal(), func(v pdf.Volume) error {
					pages, volumes, written = pages+v.Pages, v.Of, written+len(v.File)
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			before, peak := stop()
			b.ReportMetric(float64(pages), "pages")
			b.ReportMetric(float64(volumes), "volumes")
			b.ReportMetric(float64(written)/float64(pages), "B/page")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(pages), "ns/page")
			b.ReportMetric(before, "MB-before")
			b.ReportMetric(peak, "MB-peak")
		})
	}
}

// watchMemory gives the process's own memory in MB at the start and at its
// highest until it is called again: anonymous pages where the system tells them
// (Linux), else what the Go runtime has in use.
func watchMemory() func() (before, peak float64) {
	before := ownMemory()
	done, highest := make(chan struct{}), make(chan float64)
	go func() {
		peak := before
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				peak = max(peak, ownMemory())
			case <-done:
				highest <- peak
				return
			}
		}
	}()
	return func() (float64, float64) {
		close(done)
		return before, <-highest
	}
}

func ownMemory() float64 {
	status, _ := os.ReadFile("/proc/self/status")
	if _, after, ok := strings.Cut(string(status), "RssAnon:"); ok {
		var kilobytes int
		if _, err := fmt.Sscan(after, &kilobytes); err == nil {
			return float64(kilobytes) / 1024
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapInuse) / (1 << 20)
}

// What a report of several volumes holds at a time is two of them, not all of
// it; the control is the same report in one file.
func TestMemoryOfVolumes(t *testing.T) {
	d := many(150)
	inUse := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	highest := func(measure int) (held int64, pages int) {
		before := inUse()
		err := pdf.RenderIn(d, seal(), measure, func(v pdf.Volume) error {
			held = max(held, inUse()-before)
			pages += v.Pages
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return held, pages
	}
	const most = 9 << 20 // a few are fonts and tables of the library
	if held, pages := highest(200); pages < 2000 || held > most {
		t.Errorf("%d pages in volumes of 200 hold %d bytes", pages, held)
	}
	if held, pages := highest(100_000); held <= most {
		t.Fatalf("the control: %d pages in one file hold %d bytes", pages, held)
	}
}
