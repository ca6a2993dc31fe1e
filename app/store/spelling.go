package store

import (
	"encoding/json"

	"logreeve/app/runs"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/policy"
	"logreeve/reports/roster"
	"logreeve/reviews"
)

// spelling respells every string of what is kept as JSON that may come from a
// log: escape before it is written, unescape after it was read. JSON itself
// would silently replace bytes that are not UTF-8. Each method gives a copy.
// Words of our own (kinds, outcomes, severities) are left alone.
type spelling func(string) string

func (f spelling) list(in []string) []string {
	if in == nil {
		return nil
	}
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = f(s)
	}
	return out
}

func (f spelling) pairs(in map[string]string) map[string]string {
	if in == nil {
		return nil
	}
	out := make(map[string]string, len(in))
	for k, v := range in {
		out[f(k)] = f(v)
	}
	return out
}

func (f spelling) record(r connectors.Record) connectors.Record {
	for _, s := range []*string{
		&r.Key, &r.NativeID, &r.Source, &r.Cluster, &r.Host, &r.Verb, &r.Code, &r.Login, &r.Effective, &r.Actor,
		&r.Credential, &r.ClientIP, &r.UserAgent, &r.Command, &r.Message, &r.Ticket, &r.SHA256, &r.Ref.File, &r.Ref.Index, &r.Ref.ID,
	} {
		*s = f(*s)
	}
	if r.Object != nil {
		o := *r.Object
		for _, s := range []*string{&o.Group, &o.Version, &o.Resource, &o.Subresource, &o.Namespace, &o.Name} {
			*s = f(*s)
		}
		r.Object = &o
	}
	return r
}

func (f spelling) evidence(in []reports.EvidenceEvent) []reports.EvidenceEvent {
	if in == nil {
		return nil
	}
	out := make([]reports.EvidenceEvent, len(in))
	for i, e := range in {
		out[i] = reports.EvidenceEvent{Record: f.record(e.Record), Raw: e.Raw}
	}
	return out
}

func (f spelling) ref(r reports.EventRef) reports.EventRef {
	r.Key, r.NativeID = f(r.Key), f(r.NativeID)
	return r
}

func (f spelling) itemBody(b itemBody) itemBody {
	if b.Events != nil {
		events := make([]reports.EventRef, len(b.Events))
		for i, e := range b.Events {
			events[i] = f.ref(e)
		}
		b.Events = events
	}
	if b.Facts != nil {
		facts := make([]reports.Fact, len(b.Facts))
		for i, x := range b.Facts {
			facts[i] = reports.Fact{Label: f(x.Label), Value: f(x.Value)}
		}
		b.Facts = facts
	}
	if b.Change != nil {
		b.Change = &reports.ChangeRef{Object: f(b.Change.Object), EventKey: f(b.Change.EventKey)}
	}
	b.Actors, b.Persons, b.Data = f.list(b.Actors), f.list(b.Persons), f.pairs(b.Data)
	return b
}

func (f spelling) resultBody(b resultBody) resultBody {
	b.Controls, b.Gates, b.Params = f.list(b.Controls), f.gates(b.Gates), f.pairs(b.Params)
	if b.Suppressions != nil {
		s := make([]reports.Suppression, len(b.Suppressions))
		for i, x := range b.Suppressions {
			x.Value = f(x.Value)
			s[i] = x
		}
		b.Suppressions = s
	}
	if b.Undecided != nil {
		u := make([]reports.UndecidedRef, len(b.Undecided))
		for i, x := range b.Undecided {
			u[i] = reports.UndecidedRef{EventRef: f.ref(x.EventRef), Reason: f(x.Reason)}
		}
		b.Undecided = u
	}
	return b
}

func (f spelling) gates(in []reports.Gate) []reports.Gate {
	if in == nil {
		return nil
	}
	out := make([]reports.Gate, len(in))
	for i, g := range in {
		g.Detail = f(g.Detail)
		out[i] = g
	}
	return out
}

func (f spelling) problems(in []connectors.Problem) []connectors.Problem {
	if in == nil {
		return nil
	}
	out := make([]connectors.Problem, len(in))
	for i, p := range in {
		out[i] = connectors.Problem{Where: f(p.Where), Reason: f(p.Reason)}
	}
	return out
}

func (f spelling) summaries(in []reports.SourceSummary) []reports.SourceSummary {
	if in == nil {
		return nil
	}
	out := make([]reports.SourceSummary, len(in))
	for i, s := range in {
		s.Name, s.Problems = f(s.Name), f.problems(s.Problems)
		if s.Files != nil {
			files := make([]connectors.ReadFile, len(s.Files))
			for k, x := range s.Files {
				x.Path, x.Edges = f(x.Path), f(x.Edges)
				files[k] = x
			}
			s.Files = files
		}
		if s.Skipped != nil {
			skipped := make([]connectors.Skipped, len(s.Skipped))
			for k, x := range s.Skipped {
				skipped[k] = connectors.Skipped{File: f(x.File), Reason: f(x.Reason)}
			}
			s.Skipped = skipped
		}
		if s.Resumed != nil {
			resumed := make([]connectors.Resumption, len(s.Resumed))
			for k, x := range s.Resumed {
				x.File, x.Reason = f(x.File), f(x.Reason)
				resumed[k] = x
			}
			s.Resumed = resumed
		}
		if s.Places != nil {
			places := make([]reports.Place, len(s.Places))
			for k, x := range s.Places {
				x.Name = f(x.Name)
				places[k] = x
			}
			s.Places = places
		}
		if x := s.Store; x != nil {
			s.Store = &connectors.StoreRead{
				Where: f(x.Where), Product: f(x.Product), Version: f(x.Version), Cluster: f(x.Cluster), Profile: f(x.Profile), Indices: f.list(x.Indices),
			}
		}
		out[i] = s
	}
	return out
}

func (f spelling) reviewItem(i reviews.Item) reviews.Item {
	for _, s := range []*string{&i.Key, &i.Check, &i.Title, &i.Subject, &i.Summary} {
		*s = f(*s)
	}
	i.Actors, i.Persons = f.list(i.Actors), f.list(i.Persons)
	return i
}

// pick leaves the raw record alone: it stands in a column of its own.
func (f spelling) pick(p reviews.Pick) reviews.Pick {
	p.Key, p.Stratum, p.Record, p.Persons = f(p.Key), f(p.Stratum), f.record(p.Record), f.list(p.Persons)
	return p
}

func (f spelling) check(c reviews.CheckSummary) reviews.CheckSummary {
	c.Check, c.Title, c.Reason, c.Digest, c.Controls = f(c.Check), f(c.Title), f(c.Reason), f(c.Digest), f.list(c.Controls)
	return c
}

func (f spelling) limit(l reviews.Limit) reviews.Limit {
	l.Check, l.Reason, l.Gates = f(l.Check), f(l.Reason), f.gates(l.Gates)
	return l
}

func (f spelling) signer(s reviews.Signer) reviews.Signer {
	return reviews.Signer{Account: f(s.Account), Name: f(s.Name), Email: f(s.Email), Person: f(s.Person), Roles: f.list(s.Roles)}
}

func (f spelling) plan(p reviews.SamplePlan) reviews.SamplePlan {
	for _, s := range []*string{&p.Algorithm, &p.NonceSHA256, &p.Nonce, &p.PopulationDigest, &p.Seed} {
		*s = f(*s)
	}
	if p.Strata != nil {
		strata := make([]reviews.Stratum, len(p.Strata))
		for i, s := range p.Strata {
			s.Name = f(s.Name)
			strata[i] = s
		}
		p.Strata = strata
	}
	return p
}

func (f spelling) roster(s roster.Snapshot) roster.Snapshot {
	if s.People != nil {
		people := make([]roster.Person, len(s.People))
		for i, p := range s.People {
			p.ID, p.Name, p.Email, p.Manager = f(p.ID), f(p.Name), f(p.Email), f(p.Manager)
			if p.Principals != nil {
				principals := make([]roster.Principal, len(p.Principals))
				for k, x := range p.Principals {
					principals[k] = roster.Principal{System: f(x.System), Host: f(x.Host), Pattern: f(x.Pattern)}
				}
				p.Principals = principals
			}
			people[i] = p
		}
		s.People = people
	}
	if s.Keys != nil {
		keys := make([]roster.Key, len(s.Keys))
		for i, k := range s.Keys {
			keys[i] = roster.Key{Fingerprint: f(k.Fingerprint), Owner: f(k.Owner), Type: f(k.Type)}
		}
		s.Keys = keys
	}
	if s.Registers.Entries != nil {
		entries := make([]roster.Entry, len(s.Registers.Entries))
		for i, e := range s.Registers.Entries {
			for _, t := range []*string{&e.Value, &e.Owner, &e.Reason, &e.Approver, &e.Ticket} {
				*t = f(*t)
			}
			entries[i] = e
		}
		s.Registers.Entries = entries
	}
	if s.Registers.Expected != nil {
		expected := make([]roster.ExpectedSource, len(s.Registers.Expected))
		for i, e := range s.Registers.Expected {
			e.Name, e.Host = f(e.Name), f(e.Host)
			expected[i] = e
		}
		s.Registers.Expected = expected
	}
	s.Registers.Witnesses = f.list(s.Registers.Witnesses)
	return s
}

func (f spelling) attempts(in []policy.Attempt) []policy.Attempt {
	if in == nil {
		return nil
	}
	out := make([]policy.Attempt, len(in))
	for i, a := range in {
		for _, s := range []*string{&a.Actor, &a.ClientIP, &a.Code, &a.Reason, &a.API, &a.Kind, &a.Namespace, &a.Name, &a.Event.Key, &a.Event.NativeID} {
			*s = f(*s)
		}
		out[i] = a
	}
	return out
}

// policyChange leaves raw JSON alone: it keeps its bytes. Only "null", which
// JSON makes of a specification that there is none of, is none again.
func (f spelling) policyChange(c policy.Change) policy.Change {
	for _, s := range []*string{
		&c.Actor, &c.ClientIP, &c.API, &c.Kind, &c.Namespace, &c.Name, &c.Ticket, &c.Event.Key, &c.Event.NativeID,
		&c.Identity, &c.Source, &c.Cluster, &c.UserAgent, &c.Verb,
	} {
		*s = f(*s)
	}
	c.Before, c.After = noneIfNull(c.Before), noneIfNull(c.After)
	return c
}

func (f spelling) policyState(s policy.State) policy.State {
	for _, t := range []*string{&s.Object, &s.Cluster, &s.API, &s.Kind, &s.Namespace, &s.Name, &s.UID, &s.Ticket, &s.EventKey} {
		*t = f(*t)
	}
	s.Spec, s.Labels = noneIfNull(s.Spec), noneIfNull(s.Labels)
	return s
}

func noneIfNull(raw json.RawMessage) json.RawMessage {
	if string(raw) == "null" {
		return nil
	}
	return raw
}

func (f spelling) baseline(b *policy.BaselineRef) *policy.BaselineRef {
	if b == nil {
		return nil
	}
	spelled := *b
	spelled.SHA256 = f(b.SHA256)
	return &spelled
}

func (f spelling) progress(p runs.Progress) runs.Progress {
	p.Source = f(p.Source)
	return p
}
