package command

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/reports/policy"
)

func changesCommand() *cobra.Command {
	in := &input{}
	c := &cobra.Command{
		Use: "changes", Short: "Print who changed which network policy, with before and after", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return printChanges(c, in) },
	}
	in.sourceFlags(c)
	in.peopleFlags(c)
	in.formatFlag(c)
	return c
}

func printChanges(c *cobra.Command, in *input) error {
	if err := in.checkFormat(); err != nil {
		return err
	}
	window, err := in.window()
	if err != nil {
		return err
	}
	tickets, err := in.ticketRule()
	if err != nil {
		return err
	}
	people, err := in.roster()
	if err != nil {
		return err
	}
	sources, err := in.open(c.InOrStdin())
	if err != nil {
		return err
	}
	m, err := connectors.Compile(policy.Select)
	if err != nil {
		return fmt.Errorf("compile the selection of policy changes: %w", err)
	}
	history := policy.NewHistory(nil)
	history.Tickets = tickets
	looked := false
	// Everything before the window is read too: it tells what was there before.
	told := newProgress(c.ErrOrStderr(), time.Now)
	defer told.end()
	query := connectors.Query{Window: connectors.Window{To: window.To}, Filter: policy.Select, Attribution: people.Attribution(), Progress: told.report}
	for _, s := range sources {
		if s.Kind() != connectors.Kubernetes {
			continue
		}
		looked = true
		done, err := s.Read(c.Context(), query, func(events []connectors.Event) error {
			for i := range events {
				if m.Match(&events[i]) {
					history.Observe(&events[i])
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if len(done.Problems) > 0 {
			return fault.New(fault.Unavailable, "%s could not be read whole: %s: %s. Nothing is said about it.", done.Source, done.Problems[0].Where, done.Problems[0].Reason)
		}
	}
	if !looked {
		return fault.New(fault.Unavailable, "None of the sources holds Kubernetes audit logs, so policy changes cannot be told.")
	}
	told.end()
	report := history.ReportWithin(window)
	if in.format == "json" {
		return printJSON(c.OutOrStdout(), report)
	}
	return printChangeTable(c.OutOrStdout(), report)
}

func printChangeTable(w io.Writer, r policy.Report) error {
	fmt.Fprintf(w, "%d created, %d modified, %d deleted; %d writes changed nothing, %d were dry runs, %d were refused.\n",
		r.Summary.Created, r.Summary.Modified, r.Summary.Deleted, r.Summary.Unchanged, r.Summary.DryRun, len(r.Attempts))
	for i := range r.Changes {
		ch := &r.Changes[i]
		fmt.Fprintf(w, "\n%s  %s %s %s\n", ch.Time, ch.Operation, ch.Kind, connectors.Visible(strings.TrimPrefix(ch.Namespace+"/"+ch.Name, "/")))
		fmt.Fprintf(w, "  by %s from %s, ticket %s\n", connectors.Visible(ch.Actor), cmp.Or(ch.ClientIP, "an unknown address"), cmp.Or(connectors.Visible(ch.Ticket), "none"))
		for line := range strings.Lines(policy.UnifiedChange(ch)) {
			fmt.Fprintf(w, "  %s", connectors.Visible(strings.TrimRight(line, "\n"))+"\n")
		}
	}
	return nil
}
