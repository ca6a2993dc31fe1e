package reports

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"logreeve/app/fault"
)

// Values are the parameters of one check, parsed and complete.
type Values struct {
	kinds map[string]ParamKind
	text  map[string]string // as written, also for the other kinds
	ints  map[string]int64
	durs  map[string]time.Duration
	lists map[string][]string
}

// ParseParams reads parameters as the command line writes them, CHECK.NAME=VALUE.
// What is given twice: the last one counts. It knows no checks; Engine.Run and
// Check.Values refuse what does not exist.
func ParseParams(args []string) (map[string]map[string]string, error) {
	out := map[string]map[string]string{}
	for _, arg := range args {
		target, value, ok := strings.Cut(arg, "=")
		check, name, dotted := strings.Cut(target, ".")
		if !ok || !dotted || check == "" || name == "" {
			return nil, fault.Field("param", "The parameter %q is not of the form CHECK.NAME=VALUE, such as ACC-09.failures=5.", arg)
		}
		if out[check] == nil {
			out[check] = map[string]string{}
		}
		out[check][name] = value
	}
	return out, nil
}

// Values parses the values given for the parameters of a check and adds the
// defaults. A name the check does not have, or a value it does not allow, is a
// fault.Invalid that names the check, the parameter, the value and what is allowed.
func (c Check) Values(given map[string]string) (Values, error) {
	v := Values{
		kinds: map[string]ParamKind{}, text: map[string]string{}, ints: map[string]int64{},
		durs: map[string]time.Duration{}, lists: map[string][]string{},
	}
	names := make([]string, 0, len(c.Params))
	for _, p := range c.Params {
		names = append(names, p.Name)
		value := p.Default
		if g, ok := given[p.Name]; ok {
			value = g
		}
		if err := v.set(c.ID, p, value); err != nil {
			return Values{}, err
		}
	}
	for _, name := range sortedKeys(given) {
		if !slices.Contains(names, name) {
			allowed := "it has none"
			if len(names) > 0 {
				allowed = "it has " + strings.Join(names, ", ")
			}
			return Values{}, fault.Field(c.ID+"."+name, "%s has no parameter %q; %s.", c.ID, name, allowed)
		}
	}
	return v, nil
}

func (v *Values) set(check string, p Param, value string) error {
	refuse := func(allowed string) error {
		return fault.Field(check+"."+p.Name, "%s.%s is %q, but it takes %s.", check, p.Name, value, allowed)
	}
	v.kinds[p.Name], v.text[p.Name] = p.Kind, value
	switch p.Kind {
	case ParamInt:
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < p.Min || p.Max != 0 && n > p.Max {
			return refuse(p.intRange())
		}
		v.ints[p.Name] = n
	case ParamDuration:
		d, err := time.ParseDuration(value)
		if err != nil || d < 0 {
			return refuse("a duration such as 15m or 24h")
		}
		v.durs[p.Name] = d
	case ParamText:
		if len(p.Allowed) > 0 && !slices.Contains(p.Allowed, value) {
			return refuse("one of " + strings.Join(p.Allowed, ", "))
		}
	case ParamList:
		list := []string{}
		for _, entry := range strings.Split(value, ",") {
			if entry = strings.TrimSpace(entry); entry == "" {
				continue
			}
			if len(p.Allowed) > 0 && !slices.Contains(p.Allowed, entry) {
				return refuse("a comma separated list of " + strings.Join(p.Allowed, ", "))
			}
			list = append(list, entry)
		}
		v.lists[p.Name] = list
	case ParamPattern:
		if _, err := regexp.Compile(value); err != nil {
			return refuse("a regular expression such as ^CHG-[0-9]+$")
		}
	default:
		return fmt.Errorf("parameter %s.%s has the unknown kind %q", check, p.Name, p.Kind)
	}
	return nil
}

func (p Param) intRange() string {
	if p.Max != 0 {
		return fmt.Sprintf("a whole number from %d to %d", p.Min, p.Max)
	}
	return fmt.Sprintf("a whole number of %d or more", p.Min)
}

// expect panics when a check asks for a parameter it has not declared so.
func (v Values) expect(name string, kind ParamKind) {
	if v.kinds[name] != kind {
		panic(fmt.Sprintf("parameter %q of kind %q is not declared", name, kind))
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
