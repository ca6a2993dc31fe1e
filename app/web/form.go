package web

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/web/part"
)

// readForm gives the fields of a posted form, whole and as typed. Values of the
// query are not among them, unlike with c.FormValue.
func readForm(c *fiber.Ctx) url.Values {
	values := url.Values{}
	if strings.HasPrefix(strings.ToLower(c.Get(fiber.HeaderContentType)), fiber.MIMEMultipartForm) {
		form, err := c.MultipartForm()
		if err != nil {
			return values
		}
		for key, all := range form.Value {
			values[strings.Clone(key)] = slices.Clone(all)
		}
		return values
	}
	for key, value := range c.Request().PostArgs().All() {
		values.Add(string(key), string(value))
	}
	return values
}

// Faults are what is wrong with a form, by field.
type Faults map[string]string

// faultsOf gives what an error says of the fields of a form. Not so if the error
// is about something else; the handler then returns it.
func faultsOf(err error) (Faults, bool) {
	faults := Faults{}
	collect(err, faults)
	return faults, len(faults) > 0
}

func collect(err error, faults Faults) {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range many.Unwrap() {
			collect(one, faults)
		}
		return
	}
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Field != "" && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		if _, told := faults[f.Field]; !told {
			faults[f.Field] = f.Message
		}
	}
}

// For is what is wrong with a field, "" if nothing is.
func (f Faults) For(field string) string { return f[field] }

// List gives the faults for the partial "errors", in order of the given fields
// and then of names. A field's id is its name.
func (f Faults) List(order ...string) []part.FieldError {
	var rest []string
	for field := range f {
		if !slices.Contains(order, field) {
			rest = append(rest, field)
		}
	}
	slices.Sort(rest)
	var list []part.FieldError
	for _, field := range append(slices.Clone(order), rest...) {
		if text, ok := f[field]; ok {
			list = append(list, part.FieldError{ID: field, Text: text})
		}
	}
	return list
}
