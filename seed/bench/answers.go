package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"logreeve/seed/auditgen"
)

// answers are what somebody says: by check, each fact and how often it is said.
// A fact is an audit id, a name with its number, a change; or, of who only
// counts, the word count.
type answers map[string]map[string]int64

// counted is the fact of an answer that is a number only.
const counted = "count"

func (a answers) add(check, fact string, n int64) {
	if a[check] == nil {
		a[check] = map[string]int64{}
	}
	if n > 0 {
		a[check][fact] += n
	}
}

// difference is how far answers are from the truth.
type difference struct {
	missed, invented int64
	where            []string // checks in which they differ
}

// against compares what was said with a, the truth, for the checks that a
// names. Where one of both is only a number, only numbers are compared.
func (a answers) against(said answers) (d difference) {
	for check, want := range a {
		got := said[check]
		if _, number := got[counted]; number {
			want = sum(want)
		} else if _, number := want[counted]; number {
			got = sum(got)
		}
		before := d.missed + d.invented
		for fact, n := range want {
			d.missed += max(0, n-got[fact])
		}
		for fact, n := range got {
			d.invented += max(0, n-want[fact])
		}
		if d.missed+d.invented > before {
			d.where = append(d.where, check)
		}
	}
	slices.Sort(d.where)
	return d
}

func sum(facts map[string]int64) map[string]int64 {
	var n int64
	for _, times := range facts {
		n += times
	}
	return map[string]int64{counted: n}
}

// only keeps the checks of these names.
func (a answers) only(keep func(check string) bool) answers {
	out := answers{}
	for check, facts := range a {
		if keep(check) {
			out[check] = facts
		}
	}
	return out
}

func isFilter(check string) bool { return strings.HasPrefix(check, "F") }

// truthOf are the right answers to the 40 checks.
func truthOf(t *auditgen.Truth) answers {
	a := answers{}
	for check, n := range t.Filters {
		a[check] = map[string]int64{}
		for _, id := range t.FilterIDs[check] {
			a.add(check, id, 1)
		}
		if len(t.FilterIDs) == 0 {
			a.add(check, counted, n)
		}
	}
	for user, n := range t.CountByUser {
		a.add("S01", user, n)
	}
	for check, numbers := range map[string]map[string]int{"S02": t.ManyIPs, "S04": t.SecretSpread} {
		a[check] = map[string]int64{}
		for user, n := range numbers {
			a.add(check, user+" "+strconv.Itoa(n), 1)
		}
	}
	for check, names := range map[string][]string{"S03": t.BurstIPs, "S05": t.Dormant} {
		a[check] = map[string]int64{}
		for _, name := range names {
			a.add(check, name, 1)
		}
	}
	for _, c := range t.List {
		a.add("S06", change{c.AuditID, c.User, c.Verb, c.Policy, c.Before, c.After, c.BeforeInWindow}.fact(), 1)
	}
	return a
}

type change struct {
	AuditID, User, Verb, Policy, Before, After string
	Known                                      bool
}

func (c change) fact() string {
	return fmt.Sprintf("%s %s %s %s %s>%s %t", c.AuditID, c.User, c.Verb, c.Policy, c.Before, c.After, c.Known)
}

// ofDuckDB reads what duckdb/checks.mjs prints.
func ofDuckDB(out []byte) (answers, error) {
	var said struct {
		Filters       map[string]int64
		S01, S02, S04 map[string]int64
		S03, S05      []string
		S06           []change
	}
	if err := json.Unmarshal(out, &said); err != nil {
		return nil, fmt.Errorf("answers of DuckDB: %w", err)
	}
	a := answers{}
	for check, n := range said.Filters {
		a[check] = map[string]int64{counted: n}
	}
	for user, n := range said.S01 {
		a.add("S01", user, n)
	}
	for check, numbers := range map[string]map[string]int64{"S02": said.S02, "S04": said.S04} {
		for user, n := range numbers {
			a.add(check, fmt.Sprintf("%s %d", user, n), 1)
		}
	}
	for check, names := range map[string][]string{"S03": said.S03, "S05": said.S05} {
		for _, name := range names {
			a.add(check, name, 1)
		}
	}
	for _, c := range said.S06 {
		a.add("S06", c.fact(), 1)
	}
	return a, nil
}

// ofJQ reads what uniq -c prints; what it does not name was not found.
func ofJQ(out []byte) (answers, error) {
	a := answers{}
	for _, c := range auditgen.Checks() {
		if c.Kind == auditgen.Filter {
			a[c.ID] = map[string]int64{counted: 0}
		}
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) != 2 {
			return nil, fmt.Errorf("answers of jq: %q", line)
		}
		n, err := strconv.ParseInt(fields[0], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("answers of jq: %w", err)
		}
		a[fields[1]] = map[string]int64{counted: n}
	}
	return a, nil
}
