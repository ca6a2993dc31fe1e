package connectors

import "strings"

// FieldReader gives the value of one field of an event, "" when it has none.
// The string is owned by the caller.
type FieldReader func(*Event) string

// ReadField finds a field of the filter language by its name. Of a field with
// several values (groups, a body path with [*]) the first is read. A name that
// is no field gives a fault.Invalid that names it.
func ReadField(name string) (FieldReader, error) {
	switch name {
	case "command":
		return (*Event).Command, nil
	case "message":
		return func(e *Event) string { return MaskCommand(e.Message()) }, nil
	}
	if get, ok := plainFields[name]; ok {
		return get, nil
	}
	get, err := fieldOf(name)
	if err != nil {
		return nil, err
	}
	return func(e *Event) string {
		var value string
		get(e, func(s string) bool {
			value = strings.Clone(s)
			return true
		})
		return value
	}, nil
}
