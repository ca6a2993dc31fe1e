// Command bench measures the product beside its peers over a generated log, and
// counts a time only when every answer is right: make bench. It owns the data it
// measures on (made by seed/auditgen, in a folder that it removes), what is run,
// how time and memory are taken, the comparison with the truth, and the page
// docs/benchmarks.md. What single packages cost is their own benchmarks'.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"time"

	"logreeve/seed/auditgen"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt) //nolint:forbidigo // where the context begins
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options say what is measured.
type options struct {
	events int64
	seed   uint64 // of the log; those of smaller ones follow
	runs   int
	skip   map[string]bool
	piped  []int64
	folder string
	page   string
	binary string
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) > 0 { // what the benchmark starts of itself, to be measured alone
		switch args[0] {
		case "generate":
			return generateTo(stdout, args[1:])
		case "decompress":
			return decompressAll(args[1], len(args) > 2)
		}
	}
	o, err := parse(args)
	if err != nil {
		return err
	}
	b := &bench{options: o, started: time.Now(), say: func(format string, a ...any) { fmt.Fprintf(stderr, format+"\n", a...) }}
	if b.work, err = os.MkdirTemp(b.folder, "logreeve-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.work)
	if err := b.prepare(ctx); err != nil {
		return err
	}
	if err := b.measure(ctx); err != nil {
		return err
	}
	page := b.report(ctx)
	if _, err := io.WriteString(stdout, page); err != nil {
		return err
	}
	if b.page != "" {
		if err := os.WriteFile(b.page, []byte(page), 0o644); err != nil { //nolint:gosec // a page of the documentation, for all to read
			return err
		}
	}
	if b.wrong > 0 {
		return fmt.Errorf("%d findings were missed or invented", b.wrong)
	}
	return nil
}

func parse(args []string) (options, error) {
	o := options{skip: map[string]bool{}}
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	flags.Int64Var(&o.events, "events", 500_000, "events of the log, at least 20000")
	flags.Uint64Var(&o.seed, "seed", 1, "seed of the log; the smaller ones have those behind it")
	flags.IntVar(&o.runs, "runs", 5, "runs of each contestant, of which the median counts")
	flags.StringVar(&o.folder, "dir", "", "folder for the data (default a temporary one); about 8 KB an event")
	flags.StringVar(&o.page, "write", "", "file for the page")
	flags.StringVar(&o.binary, "product", "", "the program to measure (default built from this folder)")
	skip := flags.String("skip", "", "what not to run, separated by commas: duckdb, jq, wc, variants, piped")
	piped := flags.String("piped", "1000000", "numbers of events to send through a pipe, separated by commas")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	for name := range strings.SplitSeq(*skip, ",") {
		o.skip[strings.TrimSpace(name)] = true
	}
	for text := range strings.SplitSeq(*piped, ",") {
		n, err := strconv.ParseFloat(strings.TrimSpace(text), 64) // 1e7 is easier to get right
		if err != nil {
			return o, fmt.Errorf("-piped: %w", err)
		}
		o.piped = append(o.piped, int64(n))
	}
	if o.events < 20_000 || o.runs < 1 || o.seed < 1 {
		return o, fmt.Errorf("%d events of seed %d in %d runs: at least 20000 events, seed 1 and one run are needed", o.events, o.seed, o.runs)
	}
	return o, nil
}

// bench is one session.
type bench struct {
	options
	started time.Time
	say     func(format string, a ...any)
	work    string // folder of everything that is made
	self    string // this program
	full    log
	rows    []row
	checked []verified
	wrong   int64
}

// prepare builds the product.
func (b *bench) prepare(ctx context.Context) error {
	var err error
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	if b.binary == "" {
		b.binary = b.work + "/logreeve"
		b.say("Build the product.")
		build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", b.binary, ".") //nolint:gosec // into the folder of the session
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("build the product: %w\n%s", err, out)
		}
	}
	return nil
}

// generateTo writes a stream to standard output and its truth to a file, so that
// it can be piped: generate EVENTS SEED TRUTH.
func generateTo(w io.Writer, args []string) error {
	n, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil {
		return err
	}
	seed, err := strconv.ParseUint(args[1], 10, 64)
	if err != nil {
		return err
	}
	truth, err := auditgen.Generate(w, auditgen.Options{Events: n, Seed: seed, IDs: true})
	if err != nil {
		return err
	}
	j, err := json.Marshal(truth)
	if err != nil {
		return err
	}
	return os.WriteFile(args[2], j, 0o600) //nolint:gosec // in the folder of the session
}
