package command

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"logreeve/connectors"
)

func probeCommand() *cobra.Command {
	in := &input{}
	c := &cobra.Command{
		Use: "probe", Short: "Look at sources and say in plain words what is there", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := in.checkFormat(); err != nil {
				return err
			}
			sources, err := in.open(c.InOrStdin())
			if err != nil {
				return err
			}
			probes := make([]probe, 0, len(sources))
			for _, s := range sources {
				p, err := s.Probe(c.Context())
				if err != nil {
					return err
				}
				probes = append(probes, newProbe(s.Name(), p))
			}
			if in.format == "json" {
				return printJSON(c.OutOrStdout(), struct {
					Sources []probe `json:"sources"`
				}{probes})
			}
			return printProbes(c.OutOrStdout(), probes)
		},
	}
	in.sourceFlags(c)
	in.formatFlag(c)
	return c
}

// probe is a connectors.Probe as it is printed.
type probe struct {
	Name     string             `json:"name"`
	Kind     connectors.Kind    `json:"kind"`
	Where    string             `json:"where"`
	Store    *probedStore       `json:"store,omitempty"`
	Files    int                `json:"files"`
	Bytes    int64              `json:"bytes"`
	Records  int64              `json:"records_looked_at"`
	Parsed   int64              `json:"understood"`
	Oldest   connectors.Instant `json:"oldest,omitzero"`
	Newest   connectors.Instant `json:"newest,omitzero"`
	Fields   map[string]bool    `json:"fields"` // recognised or not
	Hosts    []string           `json:"hosts"`
	Missing  []string           `json:"missing"`
	Complete bool               `json:"complete"`

	found int
}

type probedStore struct {
	Product   string   `json:"product"`
	Version   string   `json:"version"`
	TLS       bool     `json:"tls"`
	Profile   string   `json:"profile"`
	Indices   int      `json:"indices"`
	Documents int64    `json:"documents"`
	Lacking   []string `json:"rights_missing"`
	Retention int      `json:"retention_days,omitempty"`
}

func newProbe(name string, p connectors.Probe) probe {
	out := probe{
		Name: name, Kind: p.Kind, Where: p.Where, Files: p.Files, Bytes: p.Bytes, Records: p.Looked, Parsed: p.Parsed, Oldest: p.Oldest, Newest: p.Newest,
		Fields: map[string]bool{}, Hosts: append([]string{}, p.Hosts...), Missing: append([]string{}, p.Missing...), Complete: p.Complete,
	}
	for _, f := range p.Fields {
		out.Fields[f.Name] = f.Found
		if f.Found {
			out.found++
		}
	}
	if s := p.Store; s != nil {
		out.Store = &probedStore{s.Product, s.Version, s.TLS, s.Profile, s.Indices, s.Documents, append([]string{}, s.Lacking...), s.Retention}
	}
	return out
}

func printProbes(w io.Writer, probes []probe) error {
	for _, p := range probes {
		var said []string
		say := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
		if s := p.Store; s != nil {
			say("reachable")
			if s.TLS {
				say("TLS")
			} else {
				say("without TLS")
			}
			say("%s", strings.TrimSpace(s.Product+" "+s.Version))
			say("%d indices, %d documents", s.Indices, s.Documents)
		} else {
			say("%d files, %d bytes", p.Files, p.Bytes)
		}
		say("%d of %d records looked at understood", p.Parsed, p.Records)
		if p.Newest != 0 {
			say("newest event %s, oldest %s", p.Newest, p.Oldest)
		}
		say("fields %d of %d", p.found, len(p.Fields))
		if _, err := fmt.Fprintf(w, "%s (%s) %s\n  %s.\n", p.Name, p.Kind, connectors.Visible(p.Where), connectors.Visible(strings.Join(said, ", "))); err != nil {
			return fmt.Errorf("print what is there: %w", err)
		}
		if p.Store != nil {
			for _, right := range p.Store.Lacking {
				fmt.Fprintf(w, "  ! The right %s is missing.\n", connectors.Visible(right))
			}
		}
		for _, m := range p.Missing {
			fmt.Fprintf(w, "  ! %s\n", connectors.Visible(m))
		}
	}
	return nil
}
