package connectors

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"logreeve/app/fault"
)

// vocabulary is how the values of a field are written. The zero value says that
// they are texts, but neither numbers nor addresses.
type vocabulary struct {
	words   []string // all that there are
	digits  bool     // of digits only
	small   bool     // without capital letters
	address bool     // no network, though perhaps no address either
	is      string   // what they are, for a sentence, where words do not say it
}

// vocabularies are of the fields of which this is known, in all kinds that this
// version reads: the words of contract.md §2, and what the Kubernetes API server
// takes from methods and paths, which of all that exists is in small letters.
var vocabularies = map[string]vocabulary{
	"kind":        {words: []string{string(Kubernetes), string(AuthLog)}},
	"category":    {words: words(CategoryAPI, CategoryLogin, CategorySession, CategoryCommand, CategoryAccount, CategoryDatabase, CategoryConfig, CategorySystem, CategoryOther)},
	"outcome":     {words: words(OK, Denied, Failed, Unknown)},
	"actor_kind":  {words: words(Human, Service, SystemActor, Node, Anonymous, Unauthenticated, UnknownActor)},
	"dry_run":     {words: []string{"true", "false"}},
	"level":       {words: []string{"Metadata", "Request", "RequestResponse"}},
	"code":        {digits: true, is: "a status such as 403; for all from 400 to 499 write range: {from: 400, to: 500}"},
	"verb":        {small: true, is: "written in small letters, such as get"},
	"resource":    {small: true, is: "written in small letters as in the request path, such as networkpolicies"},
	"subresource": {small: true, is: "written in small letters as in the request path, such as exec"},
	"group":       {small: true, is: "written in small letters, such as networking.k8s.io"},
	"client_ip":   {address: true, is: "an address; for a network write cidr"},
	"claimed_ip":  {address: true, is: "an address; for a network write cidr"},
	"addresses":   {address: true, is: "a list of addresses; for a network write cidr"},
	"uri":         {},
	"user_agent":  {},
}

// fixed are the fields that hold the same in every event of a kind; "" is nothing.
var fixed = map[Kind]map[string]string{
	Kubernetes: {"kind": string(Kubernetes), "category": string(CategoryAPI), "host": "", "message": "", "command": ""},
	AuthLog: {
		"kind": string(AuthLog), "dry_run": "false", "level": "", "code": "", "reason": "", "uri": "", "user_agent": "", "groups": "",
		"group": "", "version": "", "subresource": "", "namespace": "",
	},
}

// Possible says whether an event of a kind may pass the filter; true where that is
// not known. The filter is one that Compile takes.
func (f Filter) Possible(k Kind) bool {
	passes := func(f Filter) bool { return f.Possible(k) }
	switch f.Op {
	case OpAnd:
		return !slices.ContainsFunc(f.Args, func(f Filter) bool { return !passes(f) })
	case OpOr:
		return slices.ContainsFunc(f.Args, passes)
	case OpAll, OpNot, OpEvery, OpHour:
		return true
	}
	value, known := fixed[k][f.Field]
	if _, body := bodyPath(f.Field); k == AuthLog && (body || strings.HasPrefix(f.Field, "annotations.")) {
		known = true
	}
	switch {
	case !known:
		return true
	case f.Op == OpExists || value == "":
		return value != ""
	}
	t, err := testOf(f)
	return err != nil || t(value)
}

func words[W ~string](list ...W) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return out
}

// Vain says why no event passes a test of one field, or which of its values is never
// met: a fault.Invalid that names the field; nil where that is not known. The test
// is one that Compile takes. A check that rests on such a slip of the pen would pass
// whatever happened.
func (f Filter) Vain() error {
	v, known := vocabularies[f.Field]
	switch f.Op {
	case OpRange:
		if known && !v.digits {
			return fault.Field(f.Field, "The range is asked of %s, which is no number.", f.Field)
		}
		from, noFrom := strconv.ParseFloat(f.Values[0], 64)
		to, noTo := strconv.ParseFloat(f.Values[1], 64)
		if noFrom == nil && noTo == nil && from >= to {
			return fault.Field(f.Field, "No %s is from %s to %s: to is the first number that is not in the range.", f.Field, f.Values[0], f.Values[1])
		}
	case OpCIDR:
		if known && !v.address {
			return fault.Field(f.Field, "The network is asked of %s, which is no address.", f.Field)
		}
	case OpIn, OpPrefix, OpSuffix, OpContains:
		for _, value := range f.Values {
			if v.never(f.Op, value) {
				return fault.Field(f.Field, "No event has %q as %s, which is %s.", value, f.Field, v.said())
			}
		}
	}
	return nil
}

// never says that no value of the field passes a test for one value.
func (v vocabulary) never(op Op, value string) bool {
	switch {
	case v.words != nil:
		passes, err := testOf(Filter{Op: op, Values: []string{value}})
		return err == nil && !slices.ContainsFunc(v.words, passes)
	case v.digits:
		return strings.ContainsFunc(value, func(r rune) bool { return r < '0' || r > '9' })
	case v.small:
		return strings.ContainsFunc(value, unicode.IsUpper)
	case v.address:
		return op == OpIn && strings.Contains(value, "/")
	}
	return false
}

func (v vocabulary) said() string {
	if v.words == nil {
		return v.is
	}
	last := len(v.words) - 1
	return strings.Join(v.words[:last], ", ") + " or " + v.words[last]
}
