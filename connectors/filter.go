package connectors

// Filter is a question about one event: and, or, not over logical fields and
// body paths. It is data: it has exactly two readers, the in-memory Matcher
// and connectors/search, and both must answer alike.
//
// Fields: kind source cluster host category verb outcome code login effective
// actor actor_kind credential client_ip user_agent group version resource
// subresource namespace name uri level dry_run groups command message
// native_id reason; addresses, all that the record lists, and claimed_ip, the
// first of them, which the client may have made up; "annotations.KEY"; body paths
// "request.spec.x" and "response.items[*].metadata.name", where [*] is any element.
// A field that is absent, or an empty string, equals nothing and does not exist.
type Filter struct {
	Op     Op       `json:"op"`
	Field  string   `json:"field,omitempty"`
	Values []string `json:"values,omitempty"`
	Args   []Filter `json:"args,omitempty"`
}

// Op is an operator of the filter language.
type Op string

// Operators. The zero Filter (OpAll) selects everything.
const (
	OpAll      Op = ""
	OpAnd      Op = "and"
	OpOr       Op = "or"
	OpNot      Op = "not"
	OpIn       Op = "in"       // equals one of Values
	OpPrefix   Op = "prefix"   // begins with one of Values
	OpSuffix   Op = "suffix"   // ends with one of Values
	OpContains Op = "contains" // contains one of Values
	OpExists   Op = "exists"   // is there and not empty
	OpRange    Op = "range"    // Values[0] <= field < Values[1], as numbers; "" is open
	OpCIDR     Op = "cidr"     // an address in one of the networks
	OpEvery    Op = "every"    // every value of the field passes Args[0], one of the operators above; true where there is no value
	OpHour     Op = "hour"     // hour of day of the event: Values[0] <= h < Values[1], Values[2] zone (default UTC); may wrap midnight
)

// And selects what all filters select.
func And(f ...Filter) Filter { return Filter{Op: OpAnd, Args: f} }

// Or selects what any filter selects.
func Or(f ...Filter) Filter { return Filter{Op: OpOr, Args: f} }

// None says of a filter that its form alone lets nothing pass: it asks for any of no
// filters, or for one of no values.
func (f Filter) None() bool {
	switch f.Op {
	case OpOr:
		return len(f.Args) == 0
	case OpIn, OpPrefix, OpSuffix, OpContains, OpCIDR:
		return len(f.Values) == 0
	}
	return false
}

// Not selects what the filter does not.
func Not(f Filter) Filter { return Filter{Op: OpNot, Args: []Filter{f}} }

// In selects events whose field equals one of the values.
func In(field string, values ...string) Filter { return Filter{Op: OpIn, Field: field, Values: values} }

// Prefix selects events whose field begins with one of the values.
func Prefix(field string, values ...string) Filter {
	return Filter{Op: OpPrefix, Field: field, Values: values}
}

// Suffix selects events whose field ends with one of the values.
func Suffix(field string, values ...string) Filter {
	return Filter{Op: OpSuffix, Field: field, Values: values}
}

// Contains selects events whose field contains one of the values.
func Contains(field string, values ...string) Filter {
	return Filter{Op: OpContains, Field: field, Values: values}
}

// Exists selects events that carry the field.
func Exists(field string) Filter { return Filter{Op: OpExists, Field: field} }

// Range selects events whose field, as a number, lies in [from, to); "" is open.
func Range(field, from, to string) Filter {
	return Filter{Op: OpRange, Field: field, Values: []string{from, to}}
}

// Every selects events of whose field every value passes the filter, which asks
// about that one field; events without a value are selected.
func Every(f Filter) Filter { return Filter{Op: OpEvery, Field: f.Field, Args: []Filter{f}} }

// CIDR selects events whose field is an address in one of the networks.
func CIDR(field string, networks ...string) Filter {
	return Filter{Op: OpCIDR, Field: field, Values: networks}
}
