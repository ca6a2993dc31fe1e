package connectors

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"logreeve/app/fault"
	"logreeve/connectors/rawjson"
)

// Matcher is a Filter compiled for events in memory. It is safe for use from
// several goroutines.
type Matcher struct{ match predicate }

// predicate answers a question about one event.
type predicate func(*Event) bool

// test answers a question about one value of a field. The value is a view and
// must not be kept.
type test func(value string) bool

// field hands the values of one logical field to a test until one passes. It
// never hands over an empty value: what is empty does not exist.
type field func(e *Event, t test) bool

// Compile checks a filter and compiles it. A field that does not exist, a bad
// network or number: a fault.Invalid that names it.
func Compile(f Filter) (*Matcher, error) {
	match, err := compiler{}.compile(f)
	if err != nil {
		return nil, err
	}
	return &Matcher{match: match}, nil
}

// Match says whether the event is selected.
func (m *Matcher) Match(e *Event) bool { return m.match(e) }

// compiler turns filters into predicates. With bodies, what filters ask of
// bodies is collected there, to be answered in one walk for all of them.
type compiler struct{ bodies *bodies }

func (c compiler) compile(f Filter) (predicate, error) {
	switch f.Op {
	case OpAll:
		return func(*Event) bool { return true }, nil
	case OpAnd, OpOr, OpNot:
		return c.compileGroup(f)
	case OpHour:
		return compileHour(f)
	case OpEvery:
		return c.compileEvery(f)
	}
	get, err := fieldOf(f.Field)
	if err != nil {
		return nil, err
	}
	if f.Op == OpExists {
		if p, ok := bodyPath(f.Field); ok {
			return c.body(p, rawExists), nil
		}
		return func(e *Event) bool { return get(e, always) }, nil
	}
	t, err := testOf(f)
	if err != nil {
		return nil, err
	}
	if direct := directIn(f); direct != nil {
		return direct, nil
	}
	return c.anyValue(f.Field, get, t), nil
}

func always(string) bool { return true }

// anyValue asks whether some value of a field passes a test.
func (c compiler) anyValue(name string, get field, t test) predicate {
	if p, ok := bodyPath(name); ok {
		return c.body(p, func(value []byte) bool { return rawScalar(value, t) })
	}
	return func(e *Event) bool { return get(e, t) }
}

// body asks whether some value at a path of a body passes.
func (c compiler) body(p BodyPath, holds func(value []byte) bool) predicate {
	if c.bodies != nil {
		return c.bodies.leaf(p, holds)
	}
	return func(e *Event) bool { return p.any(e, holds) }
}

// compileEvery turns "every value passes" round: no value fails.
func (c compiler) compileEvery(f Filter) (predicate, error) {
	if len(f.Args) != 1 || f.Args[0].Field != f.Field {
		return nil, fault.Field(f.Field, "A filter with \"every\" takes exactly one test of one field.")
	}
	get, err := fieldOf(f.Field)
	if err != nil {
		return nil, err
	}
	t, err := testOf(f.Args[0])
	if err != nil {
		return nil, err
	}
	fails := c.anyValue(f.Field, get, func(s string) bool { return !t(s) })
	return func(e *Event) bool { return !fails(e) }, nil
}

func (c compiler) compileGroup(f Filter) (predicate, error) {
	args := make([]predicate, len(f.Args))
	for i, a := range f.Args {
		p, err := c.compile(a)
		if err != nil {
			return nil, err
		}
		args[i] = p
	}
	switch {
	case f.Op == OpNot && len(args) != 1:
		return nil, fault.Field("not", "A filter with \"not\" takes exactly one filter, not %d.", len(args))
	case f.Op == OpNot:
		not := args[0]
		return func(e *Event) bool { return !not(e) }, nil
	case len(args) == 1:
		return args[0], nil
	case f.Op == OpAnd:
		return func(e *Event) bool {
			for _, p := range args {
				if !p(e) {
					return false
				}
			}
			return true
		}, nil
	}
	return func(e *Event) bool {
		for _, p := range args {
			if p(e) {
				return true
			}
		}
		return false
	}, nil
}

// directIn compares the fields that most filters ask for without the detour
// over a test; nil when the filter is another one.
func directIn(f Filter) predicate {
	get, ok := plainFields[f.Field]
	if f.Op != OpIn || !ok {
		return nil
	}
	values := nonEmpty(f.Values)
	switch len(values) {
	case 0:
		return func(*Event) bool { return false }
	case 1:
		want := values[0]
		return func(e *Event) bool { return get(e) == want }
	}
	return func(e *Event) bool { return slices.Contains(values, get(e)) }
}

// testOf compiles the operator and values of a leaf.
func testOf(f Filter) (test, error) {
	values := nonEmpty(f.Values)
	switch f.Op {
	case OpIn:
		if len(values) > 8 {
			set := make(map[string]struct{}, len(values))
			for _, v := range values {
				set[v] = struct{}{}
			}
			return func(s string) bool { _, ok := set[s]; return ok }, nil
		}
		return func(s string) bool { return slices.Contains(values, s) }, nil
	case OpPrefix:
		return anyOf(values, strings.HasPrefix), nil
	case OpSuffix:
		return anyOf(values, strings.HasSuffix), nil
	case OpContains:
		return anyOf(values, strings.Contains), nil
	case OpRange:
		return rangeTest(f)
	case OpCIDR:
		return cidrTest(f)
	}
	return nil, fault.Field(string(f.Op), "The filter operator %q does not exist.", f.Op)
}

func anyOf(values []string, holds func(s, v string) bool) test {
	return func(s string) bool {
		for _, v := range values {
			if holds(s, v) {
				return true
			}
		}
		return false
	}
}

func rangeTest(f Filter) (test, error) {
	if len(f.Values) != 2 {
		return nil, fault.Field(f.Field, "A range over %q takes two values, from and to, not %d.", f.Field, len(f.Values))
	}
	var bound [2]float64
	for i, v := range f.Values {
		if v == "" {
			continue
		}
		n, err := strconv.ParseFloat(v, 64)
		if err != nil {
			return nil, fault.Field(f.Field, "The range over %q has %q, which is not a number.", f.Field, v)
		}
		bound[i] = n
	}
	openFrom, openTo := f.Values[0] == "", f.Values[1] == ""
	return func(s string) bool {
		n, err := strconv.ParseFloat(s, 64)
		return err == nil && (openFrom || n >= bound[0]) && (openTo || n < bound[1])
	}, nil
}

func cidrTest(f Filter) (test, error) {
	networks := make([]netip.Prefix, len(f.Values))
	for i, v := range f.Values {
		p, err := parseNetwork(v)
		if err != nil {
			return nil, fault.Field(f.Field, "%q, asked of %q, is not a network such as 10.0.0.0/8.", v, f.Field)
		}
		networks[i] = p
	}
	return func(s string) bool {
		ip, err := netip.ParseAddr(s)
		if err != nil {
			return false
		}
		ip = ip.Unmap().WithZone("")
		for _, n := range networks {
			if n.Contains(ip) {
				return true
			}
		}
		return false
	}, nil
}

// parseNetwork reads a network, or a single address as the network of itself.
func parseNetwork(s string) (netip.Prefix, error) {
	if ip, err := netip.ParseAddr(s); err == nil {
		ip = ip.Unmap()
		return netip.PrefixFrom(ip, ip.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err
}

func compileHour(f Filter) (predicate, error) {
	if len(f.Values) != 2 && len(f.Values) != 3 {
		return nil, fault.Field("hour", "An hour of day takes from, to and perhaps a time zone, not %d values.", len(f.Values))
	}
	from, errFrom := strconv.Atoi(f.Values[0])
	to, errTo := strconv.Atoi(f.Values[1])
	if errFrom != nil || errTo != nil || from < 0 || from > 23 || to < 0 || to > 24 || from == to {
		return nil, fault.Field("hour", "The hours %q to %q are not two different hours from 0 to 24.", f.Values[0], f.Values[1])
	}
	zone := time.UTC
	if len(f.Values) == 3 && f.Values[2] != "" {
		z, err := time.LoadLocation(f.Values[2])
		if err != nil {
			return nil, fault.Field("hour", "The time zone %q is not known.", f.Values[2])
		}
		zone = z
	}
	return func(e *Event) bool {
		if e.Time == 0 {
			return false
		}
		h := e.Time.Time().In(zone).Hour()
		if from < to {
			return h >= from && h < to
		}
		return h >= from || h < to
	}, nil
}

// plainFields are the fields that are decoded with every event.
var plainFields = map[string]func(*Event) string{
	"kind":        func(e *Event) string { return string(e.Kind) },
	"source":      func(e *Event) string { return e.Source },
	"cluster":     func(e *Event) string { return e.Cluster },
	"host":        func(e *Event) string { return e.Host },
	"category":    func(e *Event) string { return string(e.Category) },
	"verb":        func(e *Event) string { return e.Verb },
	"outcome":     func(e *Event) string { return string(e.Outcome) },
	"code":        func(e *Event) string { return e.Code },
	"login":       func(e *Event) string { return e.Login },
	"effective":   func(e *Event) string { return e.Effective },
	"actor":       func(e *Event) string { return e.Actor },
	"actor_kind":  func(e *Event) string { return string(e.ActorKind) },
	"credential":  func(e *Event) string { return e.Credential },
	"client_ip":   func(e *Event) string { return e.ClientIP },
	"claimed_ip":  claimedIP,
	"group":       func(e *Event) string { return e.Object.Group },
	"version":     func(e *Event) string { return e.Object.Version },
	"resource":    func(e *Event) string { return e.Object.Resource },
	"subresource": func(e *Event) string { return e.Object.Subresource },
	"namespace":   func(e *Event) string { return e.Object.Namespace },
	"level":       func(e *Event) string { return e.Level },
	"dry_run":     func(e *Event) string { return strconv.FormatBool(e.DryRun) },
}

// claimedIP is where the request says that it came from.
func claimedIP(e *Event) string {
	if len(e.Addresses) == 0 {
		return ""
	}
	return e.Addresses[0]
}

// listFields are the fields with several values; events share the lists.
var listFields = map[string]func(*Event) []string{
	"groups":    func(e *Event) []string { return e.Groups },
	"addresses": func(e *Event) []string { return e.Addresses },
}

// textFields are the fields that stay in the raw record until asked for.
var textFields = map[string]Text{
	"name": TextName, "uri": TextURI, "user_agent": TextUserAgent, "native_id": TextNativeID,
	"message": TextMessage, "command": TextCommand, "reason": TextReason,
}

// fieldOf finds a logical field by its name.
func fieldOf(name string) (field, error) {
	if get, ok := plainFields[name]; ok {
		return func(e *Event, t test) bool {
			s := get(e)
			return s != "" && t(s)
		}, nil
	}
	if text, ok := textFields[name]; ok {
		return func(e *Event, t test) bool { return onText(e, text, t) }, nil
	}
	if list, ok := listFields[name]; ok {
		return func(e *Event, t test) bool { return anyText(list(e), t) }, nil
	}
	if key, ok := strings.CutPrefix(name, "annotations."); ok && key != "" {
		return func(e *Event, t test) bool {
			return rawScalar(rawjson.Get(e.Annotations(), key), t)
		}, nil
	}
	if p, ok := bodyPath(name); ok {
		return func(e *Event, t test) bool {
			return p.any(e, func(value []byte) bool { return rawScalar(value, t) })
		}, nil
	}
	return nil, fault.Field(name, "The filter asks for %q, which is not a field of an event.", name)
}

func anyText(values []string, t test) bool {
	for _, v := range values {
		if v != "" && t(v) {
			return true
		}
	}
	return false
}

// onText tests a text of the raw record, decoding it only when it must.
func onText(e *Event, text Text, t test) bool {
	b, escaped := e.TextView(text)
	if len(b) == 0 {
		return false
	}
	return onBytes(b, escaped, t)
}

// onBytes tests the inside of a JSON string, which is not empty; escaped says that
// it must be decoded.
func onBytes(b []byte, escaped bool, t test) bool {
	if escaped {
		return t(rawjson.Unescape(b))
	}
	// The view lives as long as the event, and a test keeps nothing.
	return t(unsafe.String(&b[0], len(b)))
}

// rawScalar tests a JSON scalar: a string decoded, a number or truth value as
// written. Null, objects and arrays have no value.
func rawScalar(value []byte, t test) bool {
	if len(value) == 0 {
		return false
	}
	switch value[0] {
	case '{', '[', 'n':
		return false
	case '"':
		if len(value) < 3 || value[len(value)-1] != '"' {
			return false
		}
		inside := value[1 : len(value)-1]
		return onBytes(inside, rawjson.Encoded(inside), t)
	}
	return onBytes(value, false, t)
}

// rawExists says whether a JSON value is there and not empty.
func rawExists(value []byte) bool {
	if len(value) == 0 {
		return false
	}
	switch value[0] {
	case 'n':
		return false
	case '"':
		return len(value) > 2
	case '{', '[':
		i := rawjson.Space(value, 1)
		return i < len(value) && value[i] != '}' && value[i] != ']'
	}
	return true
}

func nonEmpty(values []string) []string {
	kept := make([]string, 0, len(values))
	for _, v := range values {
		if v != "" {
			kept = append(kept, v)
		}
	}
	return kept
}
