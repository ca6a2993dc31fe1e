package config_test

import (
	"strings"
	"testing"

	"logreeve/app/config"
	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/reports"
)

const good = `filters:
  person: [{field: login, exists: true}, {not: {field: login, prefix: "system:"}}]
checks:
  - id: C-1
    title: A title
    select:
      - filter: person
      - or:
          - {field: verb, in: [get, list]}
          - {field: code, range: {from: 500}}
      - hour: {from: 22, to: 6, zone: Europe/Stockholm}
      - every: {field: groups, prefix: "team:"}
      - {field: request.spec.x, exists: false}
`

func TestReadDefinitions(t *testing.T) {
	taken := map[string]string{}
	all, err := config.ReadDefinitions(strings.NewReader(good), "checks.yaml", taken)
	if err != nil {
		t.Fatal(err)
	}
	c := all[0].Check()
	if c.Type != reports.Assertion || c.Severity != reports.Medium || c.Version != 1 || !c.Needs.Bodies || c.Needs.Kinds[0] != connectors.Kubernetes {
		t.Errorf("defaults of %+v", c)
	}
	want := `Selects events where (login is there and not (login begins with system:)) and (verb is one of get, list or code is 500 or more) and ` +
		`the hour is from 22 to 6 Europe/Stockholm and for every value, groups begins with team: and request.spec.x is absent. One item for the same actor.`
	if c.Logic != want {
		t.Errorf("logic\n%s\nwant\n%s", c.Logic, want)
	}
	if taken["C-1"] != "checks.yaml, line 4" {
		t.Errorf("taken %v", taken)
	}
	if _, err := config.ReadDefinitions(strings.NewReader(good), "again.yaml", taken); err == nil || !strings.Contains(err.Error(), "again.yaml, line 4: the id C-1 is that of a check of checks.yaml, line 4.") {
		t.Errorf("the same id in another file: %v", err)
	}
	json := `{"checks": [{"id": "J", "title": "From JSON", "violation": false, "select": {"field": "verb", "equals": "get"}}]}`
	all, err = config.ReadDefinitions(strings.NewReader(json), "checks.json", map[string]string{})
	if err != nil || all[0].Type != reports.RegisterT {
		t.Errorf("JSON: %v, %+v", err, all)
	}
}

// TestTruthValues: YAML knows several ways to write true, a body of JSON one.
func TestTruthValues(t *testing.T) {
	for _, word := range []string{"true", "True", "TRUE"} {
		all, err := config.ReadDefinitions(strings.NewReader("checks: [{id: A, title: T, violation: "+word+", select: {field: request.spec.hostNetwork, equals: "+word+"}}]"), "f", map[string]string{})
		if err != nil {
			t.Fatal(err)
		}
		if got := all[0].Select.Values; len(got) != 1 || got[0] != "true" || all[0].Type != reports.Assertion {
			t.Errorf("%s is read as %q", word, got)
		}
	}
}

// TestFiltersOfSeveralSources: what no event of one kind passes may stand beside
// what it passes, and be of another kind that the check looks at.
func TestFiltersOfSeveralSources(t *testing.T) {
	for _, text := range []string{
		"kind: [kubernetes, authlog], select: {field: command, contains: sudo}",
		"kind: authlog, select: {or: [{field: namespace, equals: prod}, {field: host, equals: gate}]}",
		"select: [{field: verb, equals: get}, {not: {field: host, prefix: lab-}}, {field: category, equals: api}]",
		"select: {not: {field: kind, equals: authlog}}",
	} {
		if _, err := config.ReadDefinitions(strings.NewReader("checks: [{id: A, title: T, "+text+"}]"), "f", map[string]string{}); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestWrongDefinitions breaks one line of a good definition at a time.
func TestWrongDefinitions(t *testing.T) {
	const plain = "checks:\n  - id: A\n    title: T\n    select: {field: verb, equals: get}\n"
	for name, c := range map[string]struct{ text, want string }{
		"unknown key":              {plain + "    sevirity: high\n", `f, line 5: unknown key "sevirity" of a check`},
		"unknown key of the file":  {plain + "rules: []\n", `f, line 5: unknown key "rules" of the file`},
		"key twice":                {plain + "    id: B\n", `f, line 5: the key "id" of a check is there twice`},
		"unknown field":            {strings.Replace(plain, "verb", "verbs", 1), `f, line 4: the filter asks for "verbs", which is not a field of an event`},
		"wrong operator":           {strings.Replace(plain, "equals", "like", 1), `f, line 4: unknown key "like" of a filter`},
		"two operators":            {strings.Replace(plain, "equals: get", "equals: get, prefix: g", 1), "f, line 4: the field verb has 2 tests"},
		"no operator":              {strings.Replace(plain, ", equals: get", "", 1), "f, line 4: the field verb has 0 tests"},
		"operator without a field": {strings.Replace(plain, "field: verb, ", "", 1), "f, line 4: equals asks of no field"},
		"empty value":              {strings.Replace(plain, "get", `""`, 1), "f, line 4: a value of equals is empty"},
		"bad network":              {strings.Replace(plain, "verb, equals: get", "client_ip, cidr: 10.0.0.0/99", 1), `f, line 4: "10.0.0.0/99", asked of "client_ip", is not a network`},
		"bad range":                {strings.Replace(plain, "equals: get", "range: {from: many}", 1), "f, line 4: the range over"},
		"empty range":              {strings.Replace(plain, "equals: get", "range: {}", 1), "f, line 4: range has neither from nor to"},
		"unknown word":             {strings.Replace(plain, "verb, equals: get", "actor_kind, in: [human, person]", 1), `f, line 4: no event has "person" as actor_kind, which is human, service,`},
		"part of no word":          {strings.Replace(plain, "verb, equals: get", "outcome, prefix: succ", 1), `f, line 4: no event has "succ" as outcome, which is ok, denied, failed or unknown`},
		"truth value":              {strings.Replace(plain, "verb, equals: get", "dry_run, equals: yes", 1), `f, line 4: no event has "yes" as dry_run, which is true or false`},
		"capital letters":          {strings.Replace(plain, "verb, equals: get", "resource, equals: NetworkPolicy", 1), `f, line 4: no event has "NetworkPolicy" as resource, which is written in small letters`},
		"class of codes":           {strings.Replace(plain, "verb, equals: get", "code, equals: 4xx", 1), `f, line 4: no event has "4xx" as code, which is a status such as 403`},
		"network as an address":    {strings.Replace(plain, "verb, equals: get", "client_ip, equals: 10.0.0.0/8", 1), `f, line 4: no event has "10.0.0.0/8" as client_ip, which is an address; for a network write cidr`},
		"network of no address":    {strings.Replace(plain, "verb, equals: get", "uri, cidr: 10.0.0.0/8", 1), "f, line 4: the network is asked of uri, which is no address"},
		"range of no number":       {strings.Replace(plain, "equals: get", "range: {from: 3}", 1), "f, line 4: the range is asked of verb, which is no number"},
		"range of nothing":         {strings.Replace(plain, "verb, equals: get", "request.spec.replicas, range: {from: 500, to: 400}", 1), "f, line 4: no request.spec.replicas is from 500 to 400"},
		"never, in every":          {strings.Replace(plain, "{field: verb, equals: get}", "{every: {field: addresses, equals: 10.0.0.0/8}}", 1), `f, line 4: no event has "10.0.0.0/8" as addresses`},
		"bad hour":                 {strings.Replace(plain, "{field: verb, equals: get}", "{hour: {from: 7, to: 7}}", 1), "f, line 4: the hours"},
		"bad every":                {strings.Replace(plain, "{field: verb, equals: get}", "{every: {field: groups, exists: true}}", 1), "f, line 4: every takes one field"},
		"unknown filter":           {strings.Replace(plain, "{field: verb, equals: get}", "{filter: people}", 1), `f, line 4: there is no filter "people"`},
		"no select":                {"checks:\n  - id: A\n    title: T\n", "f, line 2: the check A has no select"},
		"empty select":             {strings.Replace(plain, "{field: verb, equals: get}", "", 1), "f, line 4: select is empty"},
		"no id":                    {strings.Replace(plain, "id: A", "version: 2", 1), "f, line 2: the check has no id"},
		"bad id":                   {strings.Replace(plain, "id: A", "id: A.B", 1), `f, line 2: id "A.B" is not`},
		"duplicate id":             {plain + strings.TrimPrefix(plain, "checks:\n"), "f, line 5: the id A is there twice"},
		"id of the catalogue":      {strings.Replace(plain, "id: A", "id: NET-01", 1), "f, line 2: the id NET-01 is that of a check of the catalogue"},
		"no title":                 {strings.Replace(plain, "title: T", "version: 2", 1), "f, line 2: the check has no title"},
		"bad version":              {plain + "    version: two\n", `f, line 5: version is "two", not a whole number`},
		"bad severity":             {plain + "    severity: awful\n", `f, line 5: severity "awful" is not`},
		"bad type":                 {plain + "    type: health\n", `f, line 5: type "health" is not`},
		"contradiction":            {plain + "    type: register\n    violation: true\n", "f, line 6: type register and violation true contradict"},
		"bad kind":                 {plain + "    kind: syslog\n", `f, line 5: "syslog" is no kind`},
		"bad control":              {plain + "    controls: [A.9]\n", `f, line 5: "A.9" is no control`},
		"bad duration":             {plain + "    threshold: {by: login, at_least: 5, within: soon}\n", `f, line 5: threshold.within is "soon", not a time`},
		"no duration":              {plain + "    threshold: {by: login, at_least: 5}\n", "f, line 5: within is 0s"},
		"no threshold":             {plain + "    threshold: {by: login, within: 5m}\n", "f, line 5: a threshold of 0 is none"},
		"unknown windows":          {plain + "    threshold: {by: login, at_least: 5, within: 5m, windows: tumbling}\n", `f, line 5: windows is "tumbling"`},
		"sliding and distinct":     {plain + "    threshold: {by: login, distinct: name, at_least: 5, within: 5m, windows: sliding}\n", "f, line 5: different values are counted in fixed windows only"},
		"sliding and many":         {plain + "    threshold: {by: login, at_least: 5000, within: 5m, windows: sliding}\n", "f, line 5: a sliding window counts up to 1000"},
		"by nothing":               {plain + "    grouping: {at_least: 2}\n", "f, line 5: grouping is by 0 fields"},
		"by an unknown field":      {plain + "    grouping:\n      by: [login, who]\n", `f, line 6: the filter asks for "who"`},
		"both bounds":              {plain + "    grouping: {by: login, at_least: 2, more_than: 2}\n", "f, line 5: grouping has both"},
		"too many distinct":        {plain + "    grouping: {by: login, distinct: name, more_than: 1000}\n", "f, line 5: grouping asks for at least 1001 different values"},
		"too many events":          {plain + "    grouping: {by: login, events: 2000}\n", "f, line 5: events is 2000"},
		"two shapes":               {plain + "    grouping: {by: login}\n    never_seen: people\n", "f, line 6: grouping and never_seen do not go together"},
		"never seen what":          {plain + "    never_seen: hosts\n", `f, line 5: never_seen is "hosts", not people`},
		"changes of what":          {strings.Replace(plain, "{field: verb, equals: get}", "all", 1) + "    changes: roles\n", `f, line 5: changes is "roles", not network_policies`},
		"changes by some":          {plain + "    changes: network_policies\n", "f, line 4: changes follow an object through all writes on it, so select cannot ask for verb"},
		"changes of no policy":     {strings.Replace(plain, "verb, equals: get", "resource, equals: networkpolicy", 1) + "    changes: network_policies\n", `f, line 4: no network policy has "networkpolicy" as resource, which is one of adminnetworkpolicies,`},
		"kind of another source":   {strings.Replace(plain, "verb, equals: get", "kind, equals: authlog", 1), `f, line 4: no event of kubernetes passes select, for its test of kind; which kinds`},
		"field of another source":  {strings.Replace(plain, "{field: verb, equals: get}", "[{field: login, exists: true}, {field: command, contains: sudo}]", 1), "f, line 4: no event of kubernetes passes select, for its test of command; which kinds"},
		"word of another source":   {strings.Replace(plain, "verb, equals: get", "category, in: [login, session]", 1), "f, line 4: no event of kubernetes passes select, for its test of category"},
		"body of another source":   {strings.Replace(plain, "verb, equals: get", "request.spec.x, exists: true", 1) + "    kind: authlog\n", "f, line 4: no event of authlog passes select, for its test of request.spec.x"},
		"path without quotes":      {strings.Replace(plain, "verb, equals", "request.items[*].x, equals", 1), "f, line 4: the text is not YAML: did not find expected alphabetic or numeric character. A path with brackets stands in quotes"},
		"not YAML":                 {"checks: [\n", "f, line"},
		"nothing":                  {"checks: []\n", "f, line 1: the file defines no check"},
		"empty":                    {"", "f is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			all, err := config.ReadDefinitions(strings.NewReader(c.text), "f", map[string]string{"NET-01": "the catalogue"})
			if fault.KindOf(err) != fault.Invalid || len(all) > 0 {
				t.Fatalf("%d definitions, error %v", len(all), err)
			}
			if got := fault.Message(err); !strings.HasPrefix(got, c.want) || !strings.HasSuffix(got, ".") || strings.Contains(got, "\n") {
				t.Errorf("says\n%s\nwant one line that begins\n%s", got, c.want)
			}
		})
	}
	t.Run("all wrong places are listed", func(t *testing.T) {
		_, err := config.ReadDefinitions(strings.NewReader("checks:\n  - id: A\n    select: {field: x, equals: y}\n    severity: no\n"), "f", map[string]string{})
		got := strings.Split(fault.Message(err), "\n")
		if len(got) != 3 || !strings.Contains(got[0], "line 2: the check has no title") || !strings.Contains(got[1], "line 3") || !strings.Contains(got[2], "line 4") {
			t.Errorf("says %q", got)
		}
	})
}
