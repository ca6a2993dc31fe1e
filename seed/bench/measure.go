package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"logreeve/seed/auditgen"
)

// contestant is a way to answer the questions over one log.
type contestant struct {
	name   string
	what   string
	log    log
	stages []stage
	runs   int
	// judge compares what was printed with the truth; nil where nothing is asked.
	judge func(out []byte, t *auditgen.Truth) (difference, error)
}

// row is what a contestant's runs took.
type row struct {
	contestant
	costs []cost
}

func (r row) median(of func(cost) time.Duration) time.Duration {
	all := make([]time.Duration, len(r.costs))
	for i, c := range r.costs {
		all[i] = of(c)
	}
	slices.Sort(all)
	return all[len(all)/2]
}

func (r row) wall() time.Duration { return r.median(func(c cost) time.Duration { return c.wall }) }
func (r row) cpu() time.Duration  { return r.median(func(c cost) time.Duration { return c.cpu }) }

func (r row) anonymous() int64 {
	return slices.MaxFunc(r.costs, func(x, y cost) int { return cmp.Compare(x.anonymous, y.anonymous) }).anonymous
}

// verified is a comparison with the truth.
type verified struct {
	who, log string
	events   int64
	difference
}

// the kinds of contestant, by which the report finds them again
const (
	forty     = "Logreeve, the 40 checks"
	catalogue = "Logreeve, its whole Kubernetes catalogue"
	single    = "Logreeve, one check"
	duckdb    = "DuckDB, the 40 checks"
	jq        = "jq, the 34 filters"
	wc        = "wc -l"

	decompressor = "decompressor alone"
	unset        = "decompressor alone, told nothing"
)

// ours are the product's contestants over a log.
func (b *bench) ours(l log) []contestant {
	out := []contestant{
		{catalogue, "with items", l, []stage{b.product(l.path, l.people)}, b.runs, judged(ofCatalogue)},
	}
	if defined() {
		out = slices.Insert(out, 0, contestant{forty, "check --definitions", l, []stage{b.product(l.path, l.people, "--definitions", definitions)}, b.runs, judged(ofDefinitions)})
	}
	return out
}

func judged(read func([]byte, *auditgen.Truth) (truth, said answers, err error)) func([]byte, *auditgen.Truth) (difference, error) {
	return func(out []byte, t *auditgen.Truth) (difference, error) {
		truth, said, err := read(out, t)
		if err != nil {
			return difference{}, err
		}
		return truth.against(said), nil
	}
}

// peers are everybody else over a log.
func (b *bench) peers(ctx context.Context, l log) ([]contestant, error) {
	var out []contestant
	if !b.skip["duckdb"] {
		if err := install(ctx, duckScript); err != nil {
			return nil, err
		}
		out = append(out, b.duck(l))
	}
	if !b.skip["wc"] {
		out = append(out, contestant{wc, "one thread; no checks", l, []stage{{args: []string{"wc", "-l", l.path}}}, b.runs,
			func(out []byte, t *auditgen.Truth) (difference, error) {
				n, err := strconv.ParseInt(strings.Fields(string(out) + " 0")[0], 10, 64)
				return difference{missed: t.Events - n}, err
			}})
	}
	if !b.skip["jq"] {
		if err := need(ctx, "jq"); err != nil {
			return nil, err
		}
		out = append(out, contestant{jq, "with sort and uniq -c, one run", l,
			[]stage{{args: []string{"jq", "-r", "-f", "seed/bench/checks.jq", l.path}}, {args: []string{"sort"}}, {args: []string{"uniq", "-c"}}}, 1,
			func(out []byte, t *auditgen.Truth) (difference, error) {
				said, err := ofJQ(out)
				return truthOf(t).only(isFilter).against(said), err
			}})
	}
	return out, nil
}

var duckScript = filepath.Join("seed", "bench", "duckdb")

func (b *bench) duck(l log) contestant {
	return contestant{duckdb, "one parse into a temporary table, 2 threads", l,
		[]stage{{args: []string{"node", filepath.Join(duckScript, "checks.mjs"), l.path, l.people, "2"}}}, b.runs,
		func(out []byte, t *auditgen.Truth) (difference, error) {
			said, err := ofDuckDB(out)
			return truthOf(t).against(said), err
		}}
}

// measure generates, verifies and times.
func (b *bench) measure(ctx context.Context) error {
	var err error
	if b.full, err = b.generate("audit", auditgen.Options{Events: b.events, Seed: b.seed}); err != nil {
		return err
	}
	one := contestant{single, oneCheck, b.full, []stage{b.product(b.full.path, b.full.people, "--check", oneCheck)}, b.runs, nil}
	field := append(b.ours(b.full), one)
	others, err := b.peers(ctx, b.full)
	if err != nil {
		return err
	}
	if !b.skip["variants"] {
		if err := b.verifySmaller(ctx); err != nil {
			return err
		}
		more, err := b.variants()
		if err != nil {
			return err
		}
		others = append(others, more...)
	}
	field = append(field, others...)
	if err := b.verify(ctx, field); err != nil {
		return err
	}
	if err := b.time(ctx, field); err != nil {
		return err
	}
	if b.skip["piped"] {
		return nil
	}
	return b.pipes(ctx)
}

// variants are the same events in other forms, at full size.
func (b *bench) variants() ([]contestant, error) {
	shuffled, err := b.generate("shuffled", auditgen.Options{Events: b.events, Seed: b.seed, Shuffle: true})
	if err != nil {
		return nil, err
	}
	out := b.ours(shuffled)
	if !b.skip["duckdb"] {
		out = append(out, b.duck(shuffled))
	}
	for _, kind := range []string{"gz", "zst"} {
		l, err := b.compressed(b.full, kind)
		if err != nil {
			return nil, err
		}
		out = append(out, b.ours(l)...)
		alone := []string{b.self, "decompress", l.path}
		out = append(out, contestant{decompressor, "the same library, one thread", l, []stage{{args: alone}}, b.runs, nil})
		if kind == "zst" {
			out = append(out, contestant{unset, "the same library, told nothing", l, []stage{{args: append(alone, "several")}}, b.runs, nil})
		}
	}
	return out, nil
}

// verifySmaller judges the product over smaller logs of other kinds, untimed.
func (b *bench) verifySmaller(ctx context.Context) error {
	n := max(20_000, b.events/5)
	for i, kind := range []struct {
		name string
		o    auditgen.Options
	}{
		{"", auditgen.Options{}},
		{", shuffled, 5,000 users", auditgen.Options{Shuffle: true, Users: 5000}},
		{", without bodies", auditgen.Options{Metadata: true}},
	} {
		kind.o.Events, kind.o.Seed = n, b.seed+uint64(i)+1
		l, err := b.generate(fmt.Sprintf("seed %d%s", kind.o.Seed, kind.name), kind.o)
		if err != nil {
			return err
		}
		turned, err := b.rotated(l)
		if err != nil {
			return err
		}
		if err := b.verify(ctx, append(b.ours(l), b.ours(turned)...)); err != nil {
			return err
		}
	}
	return nil
}

// verify runs everybody once, which also warms the cache, and compares.
func (b *bench) verify(ctx context.Context, field []contestant) error {
	for _, c := range field {
		if c.judge == nil {
			continue
		}
		b.say("Verify %s over %s.", c.name, c.log.name)
		out, _, err := execute(ctx, c.stages)
		if err != nil {
			return err
		}
		if err := b.compare(c, out); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) compare(c contestant, out []byte) error {
	d, err := c.judge(out, c.log.truth)
	if err != nil {
		return err
	}
	b.wrong += d.missed + d.invented
	if d.missed+d.invented > 0 {
		b.say("WRONG: %s over %s missed %d and invented %d, in %s.", c.name, c.log.name, d.missed, d.invented, strings.Join(d.where, ", "))
	}
	b.checked = append(b.checked, verified{c.name, c.log.name, c.log.truth.Events, d})
	return nil
}

// time runs everybody in turn, so that what else the machine does meets all.
func (b *bench) time(ctx context.Context, field []contestant) error {
	for _, c := range field {
		b.rows = append(b.rows, row{contestant: c})
	}
	for turn := range b.runs {
		for i := range b.rows {
			r := &b.rows[i]
			if turn >= r.runs {
				continue
			}
			runtime.GC()
			out, spent, err := execute(ctx, r.stages)
			if err != nil {
				return err
			}
			if r.judge != nil { // every run that counts is right
				d, err := r.judge(out, r.log.truth)
				if err != nil {
					return err
				}
				if b.wrong += d.missed + d.invented; d.missed+d.invented > 0 {
					b.say("WRONG: %s over %s, in %s.", r.name, r.log.name, strings.Join(d.where, ", "))
				}
			}
			r.costs = append(r.costs, spent)
			b.say("%d/%d %s over %s: %.3f s, %.2f s of CPU, %d MiB.", turn+1, b.runs, r.name, r.log.name, spent.wall.Seconds(), spent.cpu.Seconds(), spent.anonymous>>20)
		}
	}
	return nil
}

// pipes sends generated events through a pipe: how memory grows with a log that
// is never on the disk.
func (b *bench) pipes(ctx context.Context) error {
	for _, n := range b.piped {
		l := log{name: "a pipe of " + grouped(n) + " events", people: b.full.people}
		file := filepath.Join(b.work, "piped.json")
		for _, c := range b.ours(log{path: "-", people: l.people}) {
			c.log, c.runs = l, 1
			c.stages = append([]stage{{args: []string{b.self, "generate", strconv.FormatInt(n, 10), strconv.FormatUint(b.seed, 10), file}, aside: true}}, c.stages...)
			b.say("%s over %s.", c.name, l.name)
			out, spent, err := execute(ctx, c.stages)
			if err != nil {
				return err
			}
			if c.log.truth, err = readTruth(file); err != nil {
				return err
			}
			if err := b.compare(c, out); err != nil {
				return err
			}
			b.rows = append(b.rows, row{c, []cost{spent}})
			if err := os.Remove(file); err != nil {
				return err
			}
		}
	}
	return nil
}
