package definitions

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/policy"
)

// Problem is one thing wrong with a definition: which key of it, and a reason
// without a full stop. Key "" means the definition as a whole.
type Problem struct {
	Index  int // of the definition
	Key    string
	Reason string
}

// Bounds of what a definition may ask for.
const (
	maxFields  = 5
	maxAtLeast = 1_000_000_000
	maxTold    = 1000 // distinct values of a group that are told apart
	minWithin  = time.Second
	maxWithin  = 31 * 24 * time.Hour
)

// Rules that words of a definition follow.
const (
	idRule      = `^[A-Za-z][A-Za-z0-9_-]{0,39}$`
	controlRule = `^[5-8]\.[1-9][0-9]?$` // ISO/IEC 27001:2022, Annex A
)

// Validate lists what is wrong with definitions beyond what their filters say by
// themselves. Taken says where an id is defined already: by another file, or by
// the catalogue.
func Validate(all []Definition, taken map[string]string) []Problem {
	v := &validation{id: regexp.MustCompile(idRule), control: regexp.MustCompile(controlRule)}
	seen := map[string]bool{}
	for i := range all {
		v.index = i
		d := &all[i]
		switch where, known := taken[d.ID]; {
		case d.ID == "":
			v.wrong("", "the check has no id")
		case !v.id.MatchString(d.ID):
			v.wrong("id", "id %q is not a letter followed by at most 39 letters, digits, - and _", d.ID)
		case known:
			v.wrong("id", "the id %s is that of a check of %s", d.ID, where)
		case seen[d.ID]:
			v.wrong("id", "the id %s is there twice", d.ID)
		}
		seen[d.ID] = true
		v.words(d)
		v.shape(d)
	}
	return v.problems
}

type validation struct {
	index       int
	problems    []Problem
	id, control *regexp.Regexp
}

func (v *validation) wrong(key, format string, args ...any) {
	v.problems = append(v.problems, Problem{v.index, key, fmt.Sprintf(format, args...)})
}

func (v *validation) words(d *Definition) {
	if d.Title == "" {
		v.wrong("title", "the check has no title")
	}
	if d.Version < 1 {
		v.wrong("version", "the version is not a whole number from 1")
	}
	if !slices.Contains([]reports.Type{reports.Assertion, reports.RegisterT}, d.Type) {
		v.wrong("type", "type %q is not assertion or register", d.Type)
	}
	if d.Severity.Rank() > reports.Info.Rank() {
		v.wrong("severity", "severity %q is not critical, high, medium, low or info", d.Severity)
	}
	for _, c := range d.Controls {
		if !v.control.MatchString(c) {
			v.wrong("controls", "%q is no control of ISO/IEC 27001:2022 such as 8.15", c)
		}
	}
	if len(d.Kinds) == 0 {
		v.wrong("kind", "the check has no kind of source")
	}
	for _, k := range d.Kinds {
		if k != connectors.Kubernetes && k != connectors.AuthLog {
			v.wrong("kind", "%q is no kind of source; kinds are kubernetes and authlog", k)
		}
	}
	v.reachable(d)
}

// reachable refuses a check that selects nothing of the kinds that it looks at: most
// often another kind is meant, and not said.
func (v *validation) reachable(d *Definition) {
	var kinds []string
	var why string
	for _, k := range d.Kinds {
		if d.Select.Possible(k) {
			return
		}
		kinds = append(kinds, string(k))
		for _, t := range tests(d.Select) {
			if why == "" && !t.Possible(k) {
				why = t.Field
			}
		}
	}
	if len(kinds) > 0 {
		v.wrong("select", "no event of %s passes select, for its test of %s; which kinds of source a check looks at stands under kind", strings.Join(kinds, " or "), why)
	}
}

func (v *validation) shape(d *Definition) {
	var shapes []string
	for _, s := range []struct {
		name string
		is   bool
	}{{"grouping", d.Grouping != nil}, {"threshold", d.Threshold != nil}, {"never_seen", d.NeverSeen != ""}, {"changes", d.Changes != ""}} {
		if s.is {
			shapes = append(shapes, s.name)
		}
	}
	if len(shapes) > 1 {
		v.wrong(shapes[1], "%s and %s do not go together; a check has one of grouping, threshold, never_seen and changes", shapes[0], shapes[1])
	}
	if d.Grouping != nil {
		v.grouping("grouping", d.Grouping)
	}
	if t := d.Threshold; t != nil {
		v.grouping("threshold", &t.Grouping)
		v.threshold(t)
	}
	if d.NeverSeen != "" && d.NeverSeen != AccountsOfPeople {
		v.wrong("never_seen", "never_seen is %q, not %s", d.NeverSeen, AccountsOfPeople)
	}
	if d.Changes != "" {
		v.changes(d)
	}
}

func (v *validation) grouping(key string, g *Grouping) {
	if len(g.By) == 0 || len(g.By) > maxFields {
		v.wrong(key, "%s is by %d fields; it is by one to %d", key, len(g.By), maxFields)
	}
	for _, name := range g.By {
		v.field(key+".by", name)
	}
	if g.Distinct != "" {
		v.field(key+".distinct", g.Distinct)
	}
	switch {
	case g.AtLeast < 0 || g.AtLeast > maxAtLeast:
		v.wrong(key, "%s asks for at least %d events; it is 1 to %d", key, g.AtLeast, maxAtLeast)
	case g.Distinct != "" && g.AtLeast > maxTold:
		v.wrong(key, "%s asks for at least %d different values; up to %d are told apart", key, g.AtLeast, maxTold)
	}
	if g.Events < 0 || g.Events > reports.MaxEvents {
		v.wrong(key+".events", "events is %d; an item lists 1 to %d", g.Events, reports.MaxEvents)
	}
}

func (v *validation) field(key, name string) {
	if _, err := connectors.ReadField(name); err != nil {
		v.wrong(key, "%s", Reason(err))
	}
}

func (v *validation) threshold(t *Threshold) {
	if t.Within < minWithin || t.Within > maxWithin || t.Within%time.Microsecond != 0 {
		v.wrong("threshold.within", "within is %s; it is a time from %s to %s such as 5m", t.Within, minWithin, maxWithin)
	}
	if t.Late < 0 || t.Late > maxWithin {
		v.wrong("threshold.late", "late is %s; it is a time up to %s such as 1h", t.Late, maxWithin)
	}
	if t.AtLeast < 2 {
		v.wrong("threshold", "a threshold of %d is none; it has at_least 2 or more_than 1", t.AtLeast)
	}
	if t.Sliding && t.Distinct != "" {
		v.wrong("threshold.distinct", "different values are counted in fixed windows only")
	}
	if t.Sliding && t.AtLeast > reports.MaxSliding {
		v.wrong("threshold", "a sliding window counts up to %d events; for %d use fixed windows", reports.MaxSliding, t.AtLeast)
	}
}

// replayed are the fields that a definition of changes may select by: they are
// the same in all writes on an object, so that none of its writes is missed.
func replayed() []string {
	return []string{"source", "cluster", "group", "resource", "namespace", "name"}
}

func (v *validation) changes(d *Definition) {
	if d.Changes != NetworkPolicies {
		v.wrong("changes", "changes is %q, not %s", d.Changes, NetworkPolicies)
	}
	if !slices.Equal(d.Kinds, []connectors.Kind{connectors.Kubernetes}) {
		v.wrong("kind", "changes of network policies are found in sources of kubernetes only")
	}
	for _, t := range tests(d.Select) {
		if !slices.Contains(replayed(), t.Field) {
			v.wrong("select", "changes follow an object through all writes on it, so select cannot ask for %s; it can ask for %s", t.Field, strings.Join(replayed(), ", "))
		}
		for _, value := range t.Values {
			if t.Field == "resource" && t.Op == connectors.OpIn && !slices.Contains(policy.Resources(), value) {
				v.wrong("select", "no network policy has %q as resource, which is one of %s", value, strings.Join(policy.Resources(), ", "))
			}
		}
	}
}

// tests lists the tests of single fields that a filter is made of; the hour is one.
func tests(f connectors.Filter) []connectors.Filter {
	switch {
	case f.Op == connectors.OpHour:
		return []connectors.Filter{{Op: f.Op, Field: "hour"}}
	case f.Field != "":
		if f.Op == connectors.OpEvery {
			return tests(f.Args[0])
		}
		return []connectors.Filter{f}
	}
	var out []connectors.Filter
	for _, a := range f.Args {
		out = append(out, tests(a)...)
	}
	return out
}

// Reason writes an error of ours as a reason after a place: without a full stop.
func Reason(err error) string {
	s := strings.TrimSuffix(fault.Message(err), ".")
	if len(s) > 1 && s[1] >= 'a' && s[1] <= 'z' {
		s = strings.ToLower(s[:1]) + s[1:]
	}
	return s
}
