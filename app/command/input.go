package command

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"logreeve/app/config"
	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/connectors/file"
	"logreeve/reports"
	"logreeve/reports/roster"
)

// input is what the headless commands share: sources, a window, people.
type input struct {
	sources   []string
	from, to  string
	year      int
	zone      string
	people    string
	keys      string
	registers string
	policy    string
	format    string
	tickets   string
	state     string
}

func (in *input) sourceFlags(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVar(&in.sources, "source", nil, "where logs lie: [NAME=][KIND:]TARGET, a file, glob, folder, - or the address of a store (repeatable)")
	f.StringVar(&in.from, "from", "", "begin of the window, included (RFC 3339 or YYYY-MM-DD)")
	f.StringVar(&in.to, "to", "", "end of the window, not included")
	f.IntVar(&in.year, "year", 0, "year of stamps that have none")
	f.StringVar(&in.zone, "source-timezone", "UTC", "time zone of stamps that have none")
	f.StringVar(&in.tickets, "ticket-pattern", "", "regular expression of change references (default like CHG-1234)")
}

func (in *input) peopleFlags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&in.people, "people", "", "CSV file of people (name,email,joined_at,left_at,manager,principals)")
	f.StringVar(&in.keys, "keys", "", "authorized_keys file whose comments name the owners")
	f.StringVar(&in.registers, "registers", "", "YAML file of registers")
}

func (in *input) formatFlag(c *cobra.Command) {
	c.Flags().StringVar(&in.format, "format", "table", "table or json")
}

func (in *input) checkFormat() error {
	if in.format != "table" && in.format != "json" {
		return usage("unknown format %q: use table or json.", in.format)
	}
	return nil
}

// open opens the sources in the order given. Names are unique: a second source
// of the same name gets a number.
func (in *input) open(stdin io.Reader) ([]connectors.Source, error) {
	if len(in.sources) == 0 {
		return nil, usage("no source given: say where the logs lie with --source.")
	}
	zone, err := time.LoadLocation(in.zone)
	if err != nil {
		return nil, usage("there is no time zone %q.", in.zone)
	}
	var all []connectors.Source
	for _, text := range in.sources {
		spec, err := file.ParseSpec(text)
		if err != nil {
			return nil, err
		}
		if opened, ok, err := openSearchStore(spec); err != nil {
			return nil, err
		} else if ok {
			all = append(all, opened...)
			continue
		}
		opened, err := file.Open(spec, file.Options{Year: in.year, Zone: zone, Stdin: stdin, Now: time.Now})
		if err != nil {
			return nil, err
		}
		all = append(all, opened...)
	}
	seen := map[string]bool{}
	for _, s := range all {
		if seen[s.Name()] {
			return nil, usage("two sources are named %q: give them names, as in --source a=PATH --source b=PATH.", s.Name())
		}
		seen[s.Name()] = true
	}
	return all, nil
}

func (in *input) window() (connectors.Window, error) {
	from, err := moment("--from", in.from)
	if err != nil {
		return connectors.Window{}, err
	}
	to, err := moment("--to", in.to)
	if err != nil {
		return connectors.Window{}, err
	}
	if from != 0 && to != 0 && from >= to {
		return connectors.Window{}, usage("the window ends before it begins: --from %s --to %s.", in.from, in.to)
	}
	return connectors.Window{From: from, To: to}, nil
}

func moment(flag, text string) (connectors.Instant, error) {
	if text == "" {
		return 0, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return connectors.At(t), nil
		}
	}
	return 0, usage("%s %q is not a time: use RFC 3339 like 2026-11-20T09:00:00Z, or a date.", flag, text)
}

func (in *input) ticketRule() (connectors.TicketRule, error) {
	if in.tickets == "" {
		return connectors.TicketRule{Pattern: connectors.DefaultTicketPattern}, nil
	}
	p, err := regexp.Compile(in.tickets)
	if err != nil {
		return connectors.TicketRule{}, usage("--ticket-pattern cannot be read: %s.", err.Error())
	}
	return connectors.TicketRule{Pattern: p}, nil
}

// roster reads people, keys and registers.
func (in *input) roster() (*roster.Roster, error) {
	snap := roster.Snapshot{TakenAt: connectors.At(time.Now())}
	if err := readInput(in.people, "people", func(r io.Reader) (err error) {
		snap.People, err = roster.ReadPeople(r, in.people)
		snap.HasPeople = true
		return err
	}); err != nil {
		return nil, err
	}
	if err := readInput(in.keys, "keys", func(r io.Reader) (err error) {
		snap.Keys, err = roster.ReadKeys(r, in.keys)
		snap.HasKeys = true
		return err
	}); err != nil {
		return nil, err
	}
	if err := readInput(in.registers, "registers", func(r io.Reader) (err error) {
		snap.Registers, err = config.ReadRegisters(r, in.registers)
		snap.HasRegisters = true
		return err
	}); err != nil {
		return nil, err
	}
	return roster.New(snap), nil
}

func (in *input) auditPolicy() (p *reports.AuditPolicy, err error) {
	err = readInput(in.policy, "audit policy", func(r io.Reader) (err error) {
		p, err = config.ReadAuditPolicy(r, in.policy)
		return err
	})
	return p, err
}

// readInput opens a file that was named on the command line, if one was.
func readInput(path, what string, read func(io.Reader) error) error {
	if path == "" {
		return nil
	}
	f, err := os.Open(path) //nolint:gosec // the file a person named
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "The %s file %s cannot be read.", what, path)
	}
	defer f.Close()
	return read(f)
}

// printJSON writes one indented JSON value.
func printJSON(w io.Writer, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the output: %w", err)
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// params reads --param CHECK.NAME=VALUE.
func params(texts []string) (map[string]map[string]string, error) {
	out := map[string]map[string]string{}
	for _, t := range texts {
		name, value, ok := strings.Cut(t, "=")
		check, param, ok2 := strings.Cut(name, ".")
		if !ok || !ok2 || check == "" || param == "" {
			return nil, usage("--param %q: write CHECK.NAME=VALUE, as in ACC-09.failures=5.", t)
		}
		if out[check] == nil {
			out[check] = map[string]string{}
		}
		out[check][param] = value
	}
	return out, nil
}
