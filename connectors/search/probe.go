package search

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"logreeve/connectors"
)

// looked is how many documents a probe looks at, at each end of the store.
const looked = 50

// Probe says in plain words what is there, cheaply: what the server is, what the
// pattern means, and the oldest and newest documents. What hinders a complete
// read is among Missing. An error means that nothing can be said.
func (s *Source) Probe(ctx context.Context) (connectors.Probe, error) {
	account := &Account{}
	out := connectors.Probe{
		Where: s.config.URL + "/" + s.config.Pattern, Kind: s.Kind(),
		Store: &connectors.StoreProbe{TLS: strings.HasPrefix(s.config.URL, "https://"), Profile: s.profile.Name},
	}
	p, err := s.prepare(ctx, account)
	if err != nil {
		return out, s.failed(ctx, err)
	}
	out.Store.Product, out.Store.Version = string(p.server.Product), p.server.Version
	out.Store.Indices, out.Files = len(account.Indices), len(account.Indices)
	found := map[string]bool{}
	if p.view != nil {
		defer p.view.close(ctx)
		out.Oldest, out.Newest, out.Store.Documents = p.bounds.oldest, p.bounds.newest, p.bounds.documents
		for _, order := range []string{"desc", "asc"} {
			if err := s.lookAt(ctx, p, order, &out, found); err != nil {
				account.Stopped = sentence(err)
				break
			}
		}
	}
	out.Bytes, out.Store.Lacking = s.sizes(ctx, account.Indices)
	if right := lackingIn(account.Unproven); right != "" {
		out.Store.Lacking = append(out.Store.Lacking, right)
	}
	out.Complete = out.Looked > 0 && out.Looked >= p.bounds.documents
	for _, f := range probed(s.Kind()) {
		out.Fields = append(out.Fields, connectors.Field{Name: f.name, Found: found[f.name]})
	}
	for _, problem := range account.Problems() {
		out.Missing = append(out.Missing, fmt.Sprintf("%s: %s.", problem.Where, problem.Reason))
	}
	switch {
	case p.view != nil && p.bounds.documents == 0:
		out.Missing = append(out.Missing, "There are no documents yet.")
	case out.Looked > 0 && out.Parsed == 0:
		out.Missing = append(out.Missing, fmt.Sprintf("None of %d documents holds a record of %s where the profile %s looks for it. Choose another profile or pattern.", out.Looked, s.Kind(), s.profile.Name))
	}
	slices.Sort(out.Hosts)
	return out, nil
}

// lookAt parses a few documents at one end of the store.
func (s *Source) lookAt(ctx context.Context, p *prepared, order string, out *connectors.Probe, found map[string]bool) error {
	answer, err := p.view.search(ctx, object{
		"size": looked, "query": object{"exists": object{"field": s.profile.Time}},
		"sort": []object{{s.profile.Time: object{"order": order, "unmapped_type": "date"}}},
	})
	if err != nil {
		return err
	}
	by := newParser(s.profile, s.Name(), nil, newSeeds())
	fields := probed(s.Kind())
	for _, d := range answer.documents {
		if out.Looked >= p.bounds.documents {
			break // both ends are the same few
		}
		out.Looked++
		events, _, _ := by.parse(d, nil, nil)
		if len(events) > 0 {
			out.Parsed++
		}
		for i := range events {
			e := &events[i]
			for _, f := range fields {
				if !found[f.name] && f.has(e) {
					found[f.name] = true
				}
			}
			if place := e.Host + e.Cluster; place != "" && !slices.Contains(out.Hosts, place) {
				out.Hosts = append(out.Hosts, place)
			}
			if out.Sample == nil {
				r := e.Record(connectors.TicketRule{Pattern: connectors.DefaultTicketPattern})
				out.Sample = &r
			}
		}
	}
	return nil
}

// sizes asks how large the indices are, and gives the right that it takes when
// it is missing: without it nothing but the size is unknown.
func (s *Source) sizes(ctx context.Context, indices []Index) (bytes int64, lacking []string) {
	r, err := s.transport.do(ctx, request{
		method: http.MethodGet, path: "/" + target(open(indices), s.config.Pattern) + "/_stats/store",
		query: url.Values{"filter_path": {"_all.primaries.store.size_in_bytes"}},
	})
	if err != nil {
		return 0, nil
	}
	if r.status == http.StatusForbidden {
		if right := refused(r).right(); right != "" {
			lacking = append(lacking, right)
		}
		return 0, lacking
	}
	var answer struct {
		All struct {
			Primaries struct {
				Store struct {
					Size int64 `json:"size_in_bytes"`
				} `json:"store"`
			} `json:"primaries"`
		} `json:"_all"`
	}
	_ = json.Unmarshal(r.body, &answer) // what cannot be read is not known
	return answer.All.Primaries.Store.Size, nil
}

// lackingIn finds the right that a sentence about rights names.
func lackingIn(unproven string) string {
	if _, rest, ok := strings.Cut(unproven, "the right "); ok {
		right, _, _ := strings.Cut(rest, " ")
		return right
	}
	return ""
}

// probedField is a field whose presence decides what can be checked.
type probedField struct {
	name string
	has  func(*connectors.Event) bool
}

func probed(kind connectors.Kind) []probedField {
	common := []probedField{
		{"time", func(e *connectors.Event) bool { return e.Time != 0 }},
		{"login", func(e *connectors.Event) bool { return e.Login != "" }},
		{"client_ip", func(e *connectors.Event) bool { return e.ClientIP != "" }},
		{"outcome", func(e *connectors.Event) bool { return e.Outcome != connectors.Unknown }},
		{"credential", func(e *connectors.Event) bool { return e.Credential != "" }},
	}
	if kind == connectors.AuthLog {
		return append(common,
			probedField{"host", func(e *connectors.Event) bool { return e.Host != "" }},
			probedField{"message", func(e *connectors.Event) bool { return e.Message() != "" }},
		)
	}
	return append(common,
		probedField{"cluster", func(e *connectors.Event) bool { return e.Cluster != "" }},
		probedField{"verb", func(e *connectors.Event) bool { return e.Verb != "" }},
		probedField{"resource", func(e *connectors.Event) bool { return e.Object.Resource != "" }},
		probedField{"user_agent", func(e *connectors.Event) bool { return e.UserAgent() != "" }},
		probedField{"annotations", func(e *connectors.Event) bool { return e.Annotations() != nil }},
		probedField{"request", func(e *connectors.Event) bool { return e.Request() != nil }},
		probedField{"response", func(e *connectors.Event) bool { return e.Response() != nil }},
	)
}
