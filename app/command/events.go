package command

import (
	"bufio"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"logreeve/app/fault"
	"logreeve/connectors"
)

func eventsCommand() *cobra.Command {
	in := &input{}
	var stats bool
	c := &cobra.Command{
		Use: "events", Short: "Print the events of logs, one JSON object a line", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return printEvents(c, in, stats) },
	}
	in.sourceFlags(c)
	in.peopleFlags(c)
	c.Flags().BoolVar(&stats, "stats", false, "print instead how every line was accounted for")
	return c
}

func printEvents(c *cobra.Command, in *input, stats bool) error {
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
	out := bufio.NewWriterSize(c.OutOrStdout(), 1<<16)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	var told *progress // events that run over the same terminal say enough
	if stats || !terminal(c.OutOrStdout()) {
		told = newProgress(c.ErrOrStderr(), time.Now)
	}
	defer told.end()
	var read []connectors.Completeness
	for _, s := range sources {
		done, err := s.Read(c.Context(), connectors.Query{Window: window, Attribution: people.Attribution(), Progress: told.report}, func(events []connectors.Event) error {
			if stats {
				return nil
			}
			for i := range events {
				if err := enc.Encode(events[i].Record(tickets)); err != nil {
					return fmt.Errorf("print an event: %w", err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		read = append(read, done)
	}
	told.end()
	if stats {
		if err := printJSON(out, connectors.Sum(read)); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("print events: %w", err)
	}
	for _, r := range read {
		if len(r.Problems) > 0 {
			return fault.New(fault.Unavailable, "%s could not be read whole: %s: %s.", r.Source, r.Problems[0].Where, r.Problems[0].Reason)
		}
	}
	return nil
}
