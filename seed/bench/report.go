package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// find is the row of a contestant over a log.
func (b *bench) find(name, log string) (row, bool) {
	i := slices.IndexFunc(b.rows, func(r row) bool { return r.name == name && r.log.name == log && len(r.costs) > 0 })
	if i < 0 {
		return row{}, false
	}
	return b.rows[i], true
}

// report writes the page.
func (b *bench) report(ctx context.Context) string {
	var s strings.Builder
	line := func(format string, a ...any) { fmt.Fprintf(&s, format+"\n", a...) }
	size := b.full.truth.Bytes
	line("# Benchmarks\n")
	line("Written by `make bench`; measure anew on your machine with the same words. A log of %s Kubernetes audit events", grouped(b.events))
	line("(seed %d, %s bytes) is generated with planted findings ([seed/auditgen](../seed/auditgen)); everybody answers over the", b.seed, grouped(size))
	line("same file, in turn, with a warm cache, and **a time counts only if every answer is right**. Times are medians of")
	line("%s; memory is the highest anonymous resident memory (RssAnon) seen in any. Ratios are of wall time.\n", plural(b.runs, "run"))
	b.writeMachine(ctx, &s)
	b.writeContest(&s, size)
	b.writeRatios(&s)
	b.writeForms(&s, size)
	b.writePiped(&s)
	b.writeVerified(&s)
	line("## What is compared\n")
	line("- *The 40 checks* of seed/auditgen: 34 filters, events by user, users from more than 3 addresses, bursts of refusals,")
	line("  secrets read across namespaces, dormant accounts, changes of network policies. For the product they are definitions")
	line("  (`%s`), for DuckDB SQL (`seed/bench/duckdb/checks.mjs`), for jq its language (`seed/bench/checks.jq`).", definitions)
	line("- jq answers only the 34 filters, which favours it.")
	line("- *The whole Kubernetes catalogue* is every check of [checks.md](checks.md) that reads such a log, with its items.")
	line("  Those that ask what one of the 40 asks are compared with the truth.")
	line("- *One check* is %s alone. The decompressor alone is klauspost/compress in Go, the library of the product,", oneCheck)
	line("  set as the product sets it: on one core. Told nothing it unpacks zstd on several.")
	line("- Missed and invented findings are counted one by one, by audit id, name and number. DuckDB and jq count; there the")
	line("  difference of the numbers is counted.")
	line("- Starting a program is part of its time; Node takes about 0.05 s of DuckDB's.")
	return s.String()
}

func (b *bench) writeMachine(ctx context.Context, s *strings.Builder) {
	fmt.Fprintf(s, "Measured on %s, in %s.\n\n| | |\n|---|---|\n", b.started.UTC().Format("2 January 2006"), time.Since(b.started).Round(time.Second))
	for _, m := range machine(ctx) {
		fmt.Fprintf(s, "| %s | %s |\n", m[0], m[1])
	}
	fmt.Fprintln(s)
}

// writeContest is the table of everybody over the plain file.
func (b *bench) writeContest(s *strings.Builder, size int64) {
	fmt.Fprintf(s, "## Over %s bytes, in turn\n\n| | seconds | CPU seconds | MB/s | own memory, MiB | |\n|---|---:|---:|---:|---:|---|\n", grouped(size))
	for _, r := range b.rows {
		if r.log.name == b.full.name && len(r.costs) > 0 {
			fmt.Fprintf(s, "| %s | %.3f | %.2f | %.0f | %.1f | %s |\n", r.name, r.wall().Seconds(), r.cpu().Seconds(), rate(size, r.wall()), mib(r.anonymous()), r.what)
		}
	}
	fmt.Fprintln(s)
	if !defined() {
		fmt.Fprintf(s, "The 40 checks as definitions were not run: `%s` is not there.\n\n", definitions)
	}
}

// writeRatios is the table of goals.
func (b *bench) writeRatios(s *strings.Builder) {
	fmt.Fprint(s, "## Ratios and goals\n\n| | at least | aim | measured |\n|---|---:|---:|---:|\n")
	over := func(a, by string, log string) (float64, bool) {
		x, ok1 := b.find(a, log)
		y, ok2 := b.find(by, log)
		return ratio(x.wallOr(), y.wallOr()), ok1 && ok2
	}
	add := func(what, least, aim, format string, v float64, ok bool) {
		if ok {
			fmt.Fprintf(s, "| %s | %s | %s | "+format+" |\n", what, least, aim, v)
		}
	}
	v, ok := over(duckdb, forty, b.full.name)
	add("DuckDB's 40 checks / ours", "2.5×", "5×", "%.1f×", v, ok)
	v, ok = over(duckdb, forty, "shuffled")
	add("the same, both over shuffled keys", "2.5×", "5×", "%.1f×", v, ok)
	v, ok = over(duckdb, catalogue, b.full.name)
	add("DuckDB's 40 checks / our whole catalogue", "1.5×", "3×", "%.1f×", v, ok)
	ours := forty
	if !defined() {
		ours = catalogue
	}
	v, ok = over(jq, ours, b.full.name)
	add("jq's 34 filters / "+strings.TrimPrefix(ours, "Logreeve, "), "30×", "65×", "%.0f×", v, ok)
	v, ok = over(wc, ours, b.full.name)
	add("share of the throughput of `wc -l`, "+strings.TrimPrefix(ours, "Logreeve, "), "15 %", "30 %", "%.0f %%", 100*v, ok)
	v, ok = over(catalogue, single, b.full.name)
	add("whole catalogue / one check", "≤ 1.6×", "≤ 1.3×", "%.2f×", v, ok)
	for _, name := range []string{forty, catalogue} {
		for _, kind := range [][2]string{{"gz", "gzip"}, {"zst", "zstd"}} {
			x, ok1 := b.find(name, b.full.name+", "+kind[0])
			for _, alone := range []string{decompressor, unset} {
				y, ok2 := b.find(alone, b.full.name+", "+kind[0])
				add(kind[1]+" input / the "+alone+", "+strings.TrimPrefix(name, "Logreeve, "), "≤ 1.25×", "≤ 1.1×", "%.2f×", ratio(x.wallOr(), y.wallOr()), ok1 && ok2)
			}
		}
	}
	if r, found := b.find(ours, b.full.name); found {
		add("own memory, MB", "150", "64", "%.0f", float64(r.anonymous())/1e6, true)
	}
	if first, last := b.pipe(ours, 0), b.pipe(ours, len(b.piped)-1); len(b.piped) > 1 && first > 0 {
		add(fmt.Sprintf("growth of own memory from %s to %s events", grouped(b.piped[0]), grouped(b.piped[len(b.piped)-1])), "≤ 2×", "≤ 1.2×", "%.2f×", float64(last)/float64(first), true)
	}
	fmt.Fprintf(s, "| missed + invented, everything together | 0 | 0 | %d |\n\n", b.wrong)
}

// pipe is the memory of the run over a pipe.
func (b *bench) pipe(name string, i int) int64 {
	r, ok := b.find(name, "a pipe of "+grouped(b.piped[i])+" events")
	if !ok {
		return 0
	}
	return r.anonymous()
}

// writeForms is the table of the other forms of the same events.
func (b *bench) writeForms(s *strings.Builder, size int64) {
	if b.skip["variants"] {
		return
	}
	fmt.Fprint(s, "## The same events in other forms\n\n| log | | seconds | CPU seconds | MB/s, unpacked | own memory, MiB |\n|---|---|---:|---:|---:|---:|\n")
	for _, r := range b.rows {
		if r.log.name != b.full.name && !strings.HasPrefix(r.log.name, "a pipe") && len(r.costs) > 0 {
			fmt.Fprintf(s, "| %s | %s | %.3f | %.2f | %.0f | %.1f |\n", r.log.name, r.name, r.wall().Seconds(), r.cpu().Seconds(), rate(size, r.wall()), mib(r.anonymous()))
		}
	}
	fmt.Fprintln(s)
}

func (b *bench) writePiped(s *strings.Builder) {
	if b.skip["piped"] {
		return
	}
	fmt.Fprint(s, "## Memory does not grow with the log\n\nGenerated into a pipe, so that the log is never on the disk; the generator works at the same time.\n\n"+
		"| events | bytes | | seconds | CPU seconds | own memory, MiB |\n|---:|---:|---|---:|---:|---:|\n")
	for _, r := range b.rows {
		if strings.HasPrefix(r.log.name, "a pipe") {
			fmt.Fprintf(s, "| %s | %s | %s | %.2f | %.2f | %.1f |\n", grouped(r.log.truth.Events), grouped(r.log.truth.Bytes), r.name, r.wall().Seconds(), r.cpu().Seconds(), mib(r.anonymous()))
		}
	}
	fmt.Fprintln(s)
}

func (b *bench) writeVerified(s *strings.Builder) {
	fmt.Fprint(s, "## Every answer, compared with the truth\n\n| log | events | who | missed | invented |\n|---|---:|---|---:|---:|\n")
	for _, v := range b.checked {
		fmt.Fprintf(s, "| %s | %s | %s | %d | %d%s |\n", v.log, grouped(v.events), v.who, v.missed, v.invented, in(v.where))
	}
	fmt.Fprintln(s)
}

func in(checks []string) string {
	if len(checks) == 0 {
		return ""
	}
	return ", in " + strings.Join(checks, " ")
}

func (r row) wallOr() time.Duration {
	if len(r.costs) == 0 {
		return 0
	}
	return r.wall()
}

func ratio(x, y time.Duration) float64 {
	if y == 0 {
		return 0
	}
	return x.Seconds() / y.Seconds()
}

func rate(size int64, d time.Duration) float64 { return float64(size) / 1e6 / d.Seconds() }

func mib(n int64) float64 { return float64(n) / (1 << 20) }

// grouped writes a number with commas between thousands.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func plural(n int, what string) string {
	if n == 1 {
		return "one " + what
	}
	return fmt.Sprint(n, " ", what, "s")
}
