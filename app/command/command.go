// Package command owns the command line (contract of docs/command-line.md): it
// parses flags, calls the same packages as the server, prints, and translates
// errors to exit codes, once. It is the only importer of cobra and the place
// where the clock is read.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"logreeve/app/fault"
)

// Exit codes (contract.md §4 and §7).
const (
	exitOK          = 0
	exitFound       = 1  // check: fail or needs_review; verify: altered
	exitCannotTell  = 2  // check: inconclusive or error; verify: not readable as a package
	exitUsage       = 64 // wrong usage, also a wrong people, keys or registers file or parameter
	exitUnreadable  = 66 // a source missing or unreadable
	exitOurFault    = 70
	exitInterrupted = 130
)

// Build is what the program knows of itself.
type Build struct {
	Version string
	Commit  string
}

// exit is an error that carries an exit code. Its text is printed unless empty.
type exit struct {
	code int
	text string
}

func (e exit) Error() string { return e.text }

// usage is a mistake in how the program was called.
func usage(format string, args ...any) error {
	return exit{exitUsage, fmt.Sprintf(format, args...)}
}

// Main runs the program and gives its exit code.
func Main(build Build, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := &cobra.Command{
		Use: "logreeve", Short: "Reads audit logs where they are, has people judge what needs judgement, and seals what they decided",
		SilenceErrors: true, SilenceUsage: true, CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
		Args: cobra.NoArgs,
	}
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage("%s.", strings.TrimSuffix(err.Error(), ".")) })
	root.AddCommand(demoCommand(build), serveCommand(build), checkCommand(), changesCommand(), eventsCommand(), probeCommand(), importCommand(), verifyCommand(),
		migrateCommand(), userCommand(build), healthzCommand(), versionCommand(build))
	err := root.ExecuteContext(ctx)
	return report(ctx, err, stderr)
}

// report prints an error and gives the exit code for it.
func report(ctx context.Context, err error, stderr io.Writer) int {
	if err == nil {
		return exitOK
	}
	var e exit
	switch {
	case errors.As(err, &e):
		if e.text != "" {
			fmt.Fprintln(stderr, "logreeve: "+e.text)
		}
		return e.code
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "logreeve: interrupted. Nothing was printed or changed.")
		return exitInterrupted
	}
	var f *fault.Error
	if !errors.As(err, &f) {
		if strings.HasPrefix(err.Error(), "unknown command") || strings.Contains(err.Error(), "arg(s)") {
			fmt.Fprintln(stderr, "logreeve: "+err.Error()+". See logreeve --help.")
			return exitUsage
		}
		fmt.Fprintln(stderr, "logreeve: something went wrong on our side: "+err.Error())
		return exitOurFault
	}
	cause := ""
	if f.Cause != nil {
		cause = fmt.Sprintf(" (%v)", f.Cause)
	}
	fmt.Fprintln(stderr, "logreeve: "+f.Message+cause)
	switch f.Kind {
	case fault.Invalid:
		return exitUsage
	case fault.NotFound, fault.Unavailable:
		return exitUnreadable
	case fault.Conflict, fault.Forbidden, fault.Unauthenticated:
		return exitUsage
	default:
		return exitOurFault
	}
}

func versionCommand(build Build) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if asJSON {
				return printJSON(c.OutOrStdout(), struct {
					Version string `json:"version"`
					Commit  string `json:"commit"`
				}{build.Version, build.Commit})
			}
			_, err := fmt.Fprintf(c.OutOrStdout(), "logreeve %s (%s)\n", build.Version, build.Commit)
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return c
}
