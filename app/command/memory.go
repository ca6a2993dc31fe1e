package command

import (
	"os"
	"runtime"
	"runtime/debug"

	"logreeve/connectors"
)

// generous has the collector leave more room than it does by itself: what a run keeps
// alive is a few megabytes, and one collection after the other while they grow took a
// tenth of a short run. Whoever sets GOGC decides. It gives what ends that.
func generous() (end func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	before := debug.SetGCPercent(400)
	return func() { debug.SetGCPercent(before) }
}

// thrifty has the collector leave less room once a log turns out to be long: what a
// run holds grows with what it finds, and its time is spent on reading.
func thrifty(report func(connectors.Progress)) func(connectors.Progress) {
	const long, percent = 4 << 30, 10
	told := false
	return func(p connectors.Progress) {
		if p.Bytes > long && !told {
			told = true
			if asked := debug.SetGCPercent(percent); asked < percent { // GOGC asks for less, or for none
				debug.SetGCPercent(asked)
			}
		}
		report(p)
	}
}

// boundMemory has the collector work harder rather than that results, which are told
// one after the other, take more memory than reading did. It gives what ends that.
func boundMemory() (end func()) {
	const enough = 64 << 20
	var used runtime.MemStats
	runtime.ReadMemStats(&used)
	asked := debug.SetMemoryLimit(-1)                                                // of GOMEMLIMIT
	debug.SetMemoryLimit(min(asked, max(enough, int64(used.Sys-used.HeapReleased)))) //nolint:gosec // far from the largest number
	return func() { debug.SetMemoryLimit(asked) }
}
