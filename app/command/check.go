package command

import (
	"cmp"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"logreeve/app/config"
	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/checks"
)

func checkCommand() *cobra.Command {
	in := &input{}
	var ids, given, defined []string
	c := &cobra.Command{
		Use: "check", Short: "Run checks over logs and print what they found", Args: cobra.NoArgs,
		Long: "Runs checks over logs once and prints results: those of the catalogue or, with --definitions, those that files define.\nExit code: 0 all pass, 1 something failed or needs review, 2 something could not be told, 64 wrong usage, 66 a source is missing or unreadable.",
		RunE: func(c *cobra.Command, _ []string) error {
			if err := in.checkFormat(); err != nil {
				return err
			}
			defer generous()()
			picked, err := pickChecks(ids, defined)
			if err != nil {
				return err
			}
			read, remembered, err := runChecks(c, in, picked, given)
			if err != nil {
				return err
			}
			defer read.Close()
			defer boundMemory()()
			found := verdict{results: read.Results()}
			if in.format == "json" {
				err = reports.WriteJSON(c.OutOrStdout(), read.Outcomes, found.each)
			} else {
				err = printResults(c.OutOrStdout(), &read.Outcomes, found.each)
			}
			if err != nil {
				return err
			}
			if in.state != "" { // a later run may rely on it, so it is kept only once everything was told
				if err := remembered.keep(in.state, &read.Outcomes); err != nil {
					return err
				}
			}
			return exit{code: found.code}
		},
	}
	in.sourceFlags(c)
	in.peopleFlags(c)
	in.formatFlag(c)
	c.Flags().StringSliceVar(&ids, "check", nil, "ids of the checks to run, separated by commas, of the catalogue and of definitions (default all of the catalogue or, with --definitions, all that are defined)")
	c.Flags().StringArrayVar(&defined, "definitions", nil, "YAML or JSON file of checks as data, run instead of the catalogue; see docs/definitions.md (repeatable)")
	c.Flags().StringArrayVar(&given, "param", nil, "CHECK.NAME=VALUE (repeatable)")
	c.Flags().StringVar(&in.state, "state", "", "file that remembers how far the logs were read: with --from, a later run reads only what is new (docs/incremental.md)")
	c.Flags().StringVar(&in.policy, "audit-policy", "", "Kubernetes audit policy, as evidence of what is logged")
	return c
}

// pickChecks gives the checks to run. Definitions run instead of the catalogue;
// ids pick from both.
func pickChecks(ids, files []string) ([]reports.Check, error) {
	picked := checks.All()
	if len(files) > 0 {
		defined, err := definedChecks(files)
		if err != nil || len(ids) == 0 {
			return defined, err
		}
		picked = append(picked, defined...)
	}
	if len(ids) == 0 {
		return picked, nil
	}
	var named []reports.Check
	for _, id := range ids {
		id = strings.TrimSpace(id)
		i := slices.IndexFunc(picked, func(c reports.Check) bool { return c.ID == id })
		if i < 0 {
			return nil, usage("there is no check %q.", id)
		}
		if !slices.ContainsFunc(named, func(c reports.Check) bool { return c.ID == id }) {
			named = append(named, picked[i])
		}
	}
	return named, nil
}

// definedChecks reads files of definitions. What is wrong with any of them is
// said of all.
func definedChecks(files []string) ([]reports.Check, error) {
	taken := map[string]string{}
	for _, c := range checks.All() {
		taken[c.ID] = "the catalogue"
	}
	var out []reports.Check
	var wrong []string
	for _, path := range files {
		err := readInput(path, "definitions", func(r io.Reader) error {
			all, err := config.ReadDefinitions(r, path, taken)
			for i := range all {
				out = append(out, all[i].Check())
			}
			return err
		})
		switch {
		case fault.KindOf(err) == fault.Invalid:
			wrong = append(wrong, fault.Message(err))
		case err != nil:
			return nil, err
		}
	}
	if len(wrong) > 0 {
		return nil, usage("the definitions are wrong, so nothing was run.\n%s", strings.Join(wrong, "\n"))
	}
	return out, nil
}

// runChecks reads the sources; it also gives what the state file remembered.
func runChecks(c *cobra.Command, in *input, picked []reports.Check, given []string) (*reports.Reading, state, error) {
	values, err := params(given)
	if err != nil {
		return nil, state{}, err
	}
	window, err := in.window()
	if err != nil {
		return nil, state{}, err
	}
	tickets, err := in.ticketRule()
	if err != nil {
		return nil, state{}, err
	}
	people, err := in.roster()
	if err != nil {
		return nil, state{}, err
	}
	auditPolicy, err := in.auditPolicy()
	if err != nil {
		return nil, state{}, err
	}
	sources, err := in.open(c.InOrStdin())
	if err != nil {
		return nil, state{}, err
	}
	var remembered state
	if in.state != "" {
		if remembered, err = readState(in.state); err != nil {
			return nil, state{}, err
		}
	}
	told := newProgress(c.ErrOrStderr(), time.Now)
	read, err := reports.Engine{}.Read(c.Context(), reports.Input{
		Notes:   remembered.Notes,
		Sources: sources, Window: window, Checks: picked, Params: values, Roster: people, Tickets: tickets, Policy: auditPolicy,
		Progress: thrifty(told.report), Now: time.Now,
	})
	told.end()
	if err != nil {
		return nil, state{}, err
	}
	for i, s := range read.Sources {
		// A part of a file is nothing. What a store found in a part of it counts, and
		// the gates say which part.
		if _, store := sources[i].(connectors.Grouper); len(s.Problems) > 0 && !store {
			return nil, state{}, fault.New(fault.Unavailable, "%s could not be read whole: %s: %s. Nothing is said about it.", s.Name, s.Problems[0].Where, s.Problems[0].Reason)
		}
	}
	return read, remembered, nil
}

// verdict works out the exit code while results go by.
type verdict struct {
	results iter.Seq2[reports.Result, error]
	code    int
}

func (v *verdict) each(yield func(reports.Result, error) bool) {
	for r, err := range v.results {
		switch r.Outcome {
		case reports.Fail, reports.NeedsReview:
			v.code = exitFound
		case reports.Inconclusive, reports.Errored:
			if v.code == exitOK {
				v.code = exitCannotTell
			}
		}
		if !yield(r, err) {
			return
		}
	}
}

// words of outcomes on a terminal, with a mark that survives without colour.
var outcomeMarks = map[reports.Outcome]string{
	reports.Fail: "✕ fail", reports.NeedsReview: "◉ needs review", reports.Inconclusive: "◌ inconclusive",
	reports.Pass: "✓ pass", reports.Errored: "! error", reports.NotApplicable: "– not applicable",
}

func printResults(w io.Writer, out *reports.Outcomes, results iter.Seq2[reports.Result, error]) error {
	for r, err := range results { // the table stands before what is said of each
		if err != nil {
			return err
		}
		out.Results = append(out.Results, r)
	}
	basis := "taken from the data"
	if out.Window.Given {
		basis = "as given"
	}
	fmt.Fprintf(w, "Window %s to %s, %s.\n", cmp.Or(out.Window.From.String(), "(open)"), cmp.Or(out.Window.To.String(), "(open)"), basis)
	for _, s := range out.Sources {
		if s.Counted > 0 {
			fmt.Fprintf(w, "Source %s (%s): %d events counted by the store, %d records read, %d not understood.\n", s.Name, s.Kind, s.Counted, s.Records, s.Unparsed)
		} else {
			fmt.Fprintf(w, "Source %s (%s): %d lines, %d events, %d not understood.\n", s.Name, s.Kind, s.Lines, s.Events, s.Unparsed)
		}
		for _, r := range s.Resumed {
			fmt.Fprintf(w, "  %s: %s\n", connectors.Visible(r.File), r.Reason)
		}
	}
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 2, 4, 2, ' ', 0)
	fmt.Fprintln(t, "CHECK\tOUTCOME\tLOOKED AT\tITEMS\tWHAT")
	for _, r := range out.Results {
		mark := outcomeMarks[r.Outcome]
		if r.Limited {
			mark += ", limited"
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%s\n", r.Check, mark, r.Population, len(r.Items), r.Title)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("print results: %w", err)
	}
	for _, r := range out.Results {
		if r.Outcome == reports.Pass {
			continue
		}
		fmt.Fprintf(w, "\n%s %s: %s\n", r.Check, r.Title, r.Reason)
		for _, it := range r.Items {
			kind := ""
			if it.Violation {
				kind = ", violation"
			}
			fmt.Fprintf(w, "  - [%s%s] %s (%d)\n    %s\n", it.Severity, kind, connectors.Visible(it.Title), it.Count, connectors.Visible(it.Summary))
		}
		for _, g := range r.Gates {
			if !g.OK {
				fmt.Fprintf(w, "  ! %s does not hold: %s\n", g.ID, g.Detail)
			}
		}
	}
	return nil
}
