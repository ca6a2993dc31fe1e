package part

// Field is one control of a form with its label: {{template "field" .}}. Kind is
// "text", "email", "password", "date", "time", "number", "url", "search",
// "file", "textarea", "select" or "check". Hint and error are tied to the
// control for those who do not see them.
type Field struct {
	ID, Name, Label, Kind string
	Value, Hint, Error    string
	Required, Optional    bool // Optional writes the word beside the label
	Disabled, ReadOnly    bool
	Mono, Short           bool
	Checked               bool
	Rows                  int // of a textarea; 3 if not given
	MaxLength             int
	Min, Max, Step        string
	Placeholder           string
	Autocomplete          string
	InputMode             string
	Accept                string // of a file
	Options               []Option
}

// Described gives the ids that describe the control, or "".
func (f Field) Described() string { return described(f.ID, f.Hint, f.Error) }

// Type gives the type attribute of an input.
func (f Field) Type() string {
	if f.Kind == "" {
		return "text"
	}
	return f.Kind
}

// Lines gives the rows of a textarea.
func (f Field) Lines() int {
	if f.Rows > 0 {
		return f.Rows
	}
	return 3
}

// Option is one thing to choose. Note explains it; a disabled one says why it
// is not possible.
type Option struct {
	Value, Text, Note string
	Selected          bool
	Disabled          bool
}

// Choice is one of several, said in full: {{template "choice" .}}.
type Choice struct {
	ID, Name, Legend, Hint, Error string
	Required                      bool
	Options                       []Option
}

// Described gives the ids that describe the group, or "".
func (c Choice) Described() string { return described(c.ID, c.Hint, c.Error) }

func described(id, hint, err string) string {
	switch {
	case hint != "" && err != "":
		return id + "-hint " + id + "-error"
	case hint != "":
		return id + "-hint"
	case err != "":
		return id + "-error"
	}
	return ""
}

// FieldError is one thing to mend: {{template "errors" .}} takes a slice and
// stands above the form.
type FieldError struct{ ID, Text string }

// Filter is one way to narrow a list: {{template "filters" .}} takes Filters.
// Value is what it is set to, "" if it is not.
type Filter struct {
	Label, Value string
	Options      []FilterOption
}

// FilterOption is a link to the list narrowed that way.
type FilterOption struct {
	Text, Href, Count string
	Current           bool
}

// Filters are the filters of a list and what they leave: "all 28 shown".
type Filters struct {
	Filters []Filter
	Clear   string // where all filters are lifted, "" if none is set
	Text    string
}
