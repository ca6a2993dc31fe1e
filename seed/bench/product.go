package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"

	"logreeve/seed/auditgen"
)

// definitions are the 40 checks as data, for check --definitions.
const definitions = "seed/auditgen/checks.yaml"

// oneCheck is the check of the product's catalogue that runs alone.
const oneCheck = "PRV-04"

func defined() bool { _, err := os.Stat(definitions); return err == nil }

// product is the stage that runs the product over a source. A failing check makes
// it exit with 1, a check that cannot tell with 2.
func (b *bench) product(source, people string, more ...string) stage {
	args := append([]string{b.binary, "check", "--format", "json", "--source", "kubernetes:" + source, "--people", people}, more...)
	return stage{args: args, codes: []int{1, 2}}
}

// printed is what check --format json says, as far as it is compared.
type printed struct {
	Sources []struct{ Lines, Events, Unparsed int64 }
	Results []struct {
		Check, Outcome, Reason string
		Matched                int64
		Items                  []item
	}
}

type item struct {
	Subject string
	Count   int64
	Events  []struct {
		NativeID string `json:"native_id"`
	}
	Facts []struct{ Value string }
	Data  map[string]string
}

func (p printed) items(check string) (out []item, ran bool) {
	for _, r := range p.Results {
		if r.Check == check {
			return r.Items, r.Outcome != "error"
		}
	}
	return nil, false
}

// whole reads what the product printed and makes sure that it saw every event.
func whole(out []byte, t *auditgen.Truth) (printed, error) {
	var p printed
	if err := json.Unmarshal(out, &p); err != nil {
		return p, fmt.Errorf("answers of the product: %w", err)
	}
	for _, s := range p.Sources {
		if s.Events != t.Events || s.Unparsed != 0 {
			return p, fmt.Errorf("the product read %d of %d events and could not read %d lines", s.Events, t.Events, s.Unparsed)
		}
	}
	return p, nil
}

// events are the audit ids in the items of a check. Of an item with more events
// than are listed one by one, only their number is known.
func (p printed) events(check string) (found map[string]int64, ran bool) {
	items, ran := p.items(check)
	found = map[string]int64{}
	for _, it := range items {
		if int64(len(it.Events)) < it.Count {
			var total int64
			for _, it := range items {
				total += it.Count
			}
			return map[string]int64{counted: total}, ran
		}
		for _, e := range it.Events {
			found[e.NativeID]++
		}
	}
	return found, ran
}

// ofDefinitions are the answers to the 40 checks, run as definitions.
func ofDefinitions(out []byte, t *auditgen.Truth) (truth, said answers, err error) {
	p, err := whole(out, t)
	if err != nil {
		return nil, nil, err
	}
	truth, said = truthOf(t), answers{}
	for _, c := range auditgen.Checks() {
		items, ran := p.items(c.ID)
		if !ran {
			return nil, nil, fmt.Errorf("the product did not run %s", c.ID)
		}
		said[c.ID] = map[string]int64{}
		if c.Kind == auditgen.Filter {
			said[c.ID], _ = p.events(c.ID)
			continue
		}
		for _, it := range items {
			switch c.Kind {
			case "count-by-user":
				said.add(c.ID, it.Data["login"], it.Count)
			case "distinct-ips-by-user", "secret-spread":
				said.add(c.ID, it.Data["login"]+" "+it.Data["distinct"], 1)
			case "denied-burst":
				said.add(c.ID, it.Data["claimed_ip"], 1)
			case "dormant":
				said.add(c.ID, it.Data["person"], 1)
			case "policy-diff":
				for i, e := range it.Events {
					said.add(c.ID, e.NativeID+" "+it.Data["namespace"]+"/"+it.Data["name"]+" "+it.Facts[min(i, len(it.Facts)-1)].Value, 1)
				}
			}
		}
	}
	truth["S06"] = map[string]int64{}
	for _, c := range t.List {
		truth.add("S06", c.AuditID+" "+c.Told(), 1)
	}
	if int64(len(t.List)) < t.Changes {
		truth["S06"] = map[string]int64{counted: t.Changes}
	}
	return truth, said, nil
}

// ofCatalogue are the answers of the product's own checks, where the truth of the
// 40 answers the same question.
func ofCatalogue(out []byte, t *auditgen.Truth) (truth, said answers, err error) {
	p, err := whole(out, t)
	if err != nil {
		return nil, nil, err
	}
	truth, said = answers{}, answers{}
	for check, filters := range map[string][]string{
		"IDN-03": {"F05"}, "IDN-11": {"F07"}, "PRV-04": {"F02"}, "PRV-05": {"F01", "F13", "F24", "F33"}, "ACC-01": {"F04"},
	} {
		events, ran := p.events(check)
		if !ran {
			return nil, nil, fmt.Errorf("the product did not run %s", check)
		}
		said[check] = events
		truth[check] = map[string]int64{}
		for _, f := range filters {
			maps.Copy(truth[check], once(t.FilterIDs[f]))
		}
	}
	said["ACC-02"], truth["ACC-02"] = map[string]int64{}, once(t.BurstIPs)
	bursts, _ := p.items("ACC-02")
	for _, it := range bursts {
		said.add("ACC-02", it.Subject, 1)
	}
	// NET-01 says more than the 40 ask: that policies went with a namespace that
	// was deleted, and which were written while the log, by the jumping versions of
	// generated objects, lacks changes in between.
	said["NET-01"], _ = p.events("NET-01")
	for _, id := range slices.Concat(t.NoiseIDs["noop_update"], t.FilterIDs["F06"]) {
		delete(said["NET-01"], id)
	}
	truth["NET-01"] = changed(t)
	return truth, said, nil
}

func once(names []string) map[string]int64 {
	m := map[string]int64{}
	for _, n := range names {
		m[n] = 1
	}
	return m
}

func changed(t *auditgen.Truth) map[string]int64 {
	m := map[string]int64{}
	if int64(len(t.List)) < t.Changes { // too many to be listed one by one
		m[counted] = t.Changes
		return m
	}
	for _, c := range t.List {
		m[c.AuditID] = 1
	}
	return m
}
