// Command auditgen writes a stream of Kubernetes audit events with planted
// findings, and what a correct checker reports over it:
//
//	go run ./seed/auditgen/auditgen -n 500000 -o audit.ndjson -truth truth.json
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"logreeve/seed/auditgen"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "auditgen:", err)
		os.Exit(1)
	}
}

func run(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("auditgen", flag.ExitOnError)
	var o auditgen.Options
	flags.Int64Var(&o.Events, "n", 500_000, "events to write")
	flags.Uint64Var(&o.Seed, "seed", 1, "seed")
	flags.Float64Var(&o.Rate, "rate", 50, "mean events per second of log time")
	flags.IntVar(&o.Users, "users", 500, "people in the roster, at most 60000")
	flags.BoolVar(&o.Shuffle, "shuffle", false, "write top-level keys in random order, as some shippers do")
	flags.BoolVar(&o.Metadata, "metadata", false, "no bodies except where a check needs one")
	flags.BoolVar(&o.IDs, "ids", false, "list the findings of filters by audit id in the answers")
	flags.StringVar(&o.Bulk, "bulk", "", "write a bulk stream of OpenSearch for this index")
	start := flags.String("start", "2025-03-03T04:30:00Z", "time of the first event (RFC 3339)")
	out := flags.String("o", "-", "output file, - for standard output")
	truth := flags.String("truth", "", "file for the answers (default standard error)")
	checks := flags.Bool("checks", false, "print the 40 checks as JSON and exit")
	roster := flags.Bool("roster", false, "print the roster as a CSV file of people and exit")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case *checks:
		return write(stdout, auditgen.Checks())
	case *roster:
		return auditgen.WritePeople(stdout, o.Users)
	}
	var err error
	if o.Start, err = time.Parse(time.RFC3339, *start); err != nil {
		return err
	}
	var answers *auditgen.Truth
	if err := into(*out, stdout, func(w io.Writer) error {
		answers, err = auditgen.Generate(w, o)
		return err
	}); err != nil {
		return err
	}
	return into(*truth, stderr, func(w io.Writer) error { return write(w, answers) })
}

// into hands f the file of that name, or otherwise when it has none.
func into(name string, otherwise io.Writer, f func(io.Writer) error) error {
	if name == "" || name == "-" {
		return f(otherwise)
	}
	file, err := os.Create(name) //nolint:gosec // the file that whoever runs this asked for
	if err != nil {
		return err
	}
	return errors.Join(f(file), file.Close())
}

func write(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	return enc.Encode(v)
}
