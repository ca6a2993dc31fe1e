package command

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/checks"
)

func checkCommand() *cobra.Command {
	in := &input{}
	var ids, given []string
	c := &cobra.Command{
		Use: "check", Short: "Run checks over logs and print what they found", Args: cobra.NoArgs,
		Long: "Runs checks over logs once and prints results.\nExit code: 0 all pass, 1 something failed or needs review, 2 something could not be told, 64 wrong usage, 66 a source is missing or unreadable.",
		RunE: func(c *cobra.Command, _ []string) error {
			if err := in.checkFormat(); err != nil {
				return err
			}
			out, err := runChecks(c, in, ids, given)
			if err != nil {
				return err
			}
			if in.format == "json" {
				err = printJSON(c.OutOrStdout(), out)
			} else {
				err = printResults(c.OutOrStdout(), out)
			}
			if err != nil {
				return err
			}
			return exit{code: verdict(out.Results)}
		},
	}
	in.sourceFlags(c)
	in.peopleFlags(c)
	in.formatFlag(c)
	c.Flags().StringSliceVar(&ids, "check", nil, "ids of the checks to run, separated by commas (default all)")
	c.Flags().StringArrayVar(&given, "param", nil, "CHECK.NAME=VALUE (repeatable)")
	c.Flags().StringVar(&in.policy, "audit-policy", "", "Kubernetes audit policy, as evidence of what is logged")
	return c
}

func runChecks(c *cobra.Command, in *input, ids, given []string) (*reports.Outcomes, error) {
	picked := checks.All()
	if len(ids) > 0 {
		picked = nil
		for _, id := range ids {
			check, ok := checks.Find(strings.TrimSpace(id))
			if !ok {
				return nil, usage("there is no check %q.", id)
			}
			picked = append(picked, check)
		}
	}
	values, err := params(given)
	if err != nil {
		return nil, err
	}
	window, err := in.window()
	if err != nil {
		return nil, err
	}
	tickets, err := in.ticketRule()
	if err != nil {
		return nil, err
	}
	people, err := in.roster()
	if err != nil {
		return nil, err
	}
	auditPolicy, err := in.auditPolicy()
	if err != nil {
		return nil, err
	}
	sources, err := in.open(c.InOrStdin())
	if err != nil {
		return nil, err
	}
	out, err := reports.Engine{}.Run(c.Context(), reports.Input{
		Sources: sources, Window: window, Checks: picked, Params: values, Roster: people, Tickets: tickets, Policy: auditPolicy, Now: time.Now,
	})
	if err != nil {
		return nil, err
	}
	for _, s := range out.Sources {
		if len(s.Problems) > 0 {
			return nil, fault.New(fault.Unavailable, "%s could not be read whole: %s: %s. Nothing is said about it.", s.Name, s.Problems[0].Where, s.Problems[0].Reason)
		}
	}
	return out, nil
}

// verdict gives the exit code for results.
func verdict(results []reports.Result) int {
	code := exitOK
	for _, r := range results {
		switch r.Outcome {
		case reports.Fail, reports.NeedsReview:
			return exitFound
		case reports.Inconclusive, reports.Errored:
			code = exitCannotTell
		}
	}
	return code
}

// words of outcomes on a terminal, with a mark that survives without colour.
var outcomeMarks = map[reports.Outcome]string{
	reports.Fail: "✕ fail", reports.NeedsReview: "◉ needs review", reports.Inconclusive: "◌ inconclusive",
	reports.Pass: "✓ pass", reports.Errored: "! error", reports.NotApplicable: "– not applicable",
}

func printResults(w io.Writer, out *reports.Outcomes) error {
	basis := "taken from the data"
	if out.Window.Given {
		basis = "as given"
	}
	fmt.Fprintf(w, "Window %s to %s, %s.\n", cmp.Or(out.Window.From.String(), "(open)"), cmp.Or(out.Window.To.String(), "(open)"), basis)
	for _, s := range out.Sources {
		fmt.Fprintf(w, "Source %s (%s): %d lines, %d events, %d not understood.\n", s.Name, s.Kind, s.Lines, s.Events, s.Unparsed)
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
