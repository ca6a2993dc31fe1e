// Package fault owns the kinds of error that cross a border, each with one
// sentence for the user and, folded inside, the cause for the operator.
// It knows nothing of HTTP, SQL or exit codes: each border translates a Kind
// once (app/store from drivers, app/web to status codes, main to exit codes).
package fault

import (
	"errors"
	"fmt"
)

// Kind says what sort of thing went wrong, as far as a caller can act on it.
type Kind int

const (
	// Internal is our own failure; the user sees a fixed sentence.
	Internal Kind = iota
	// NotFound means that the thing asked for does not exist, or not for this person.
	NotFound
	// Invalid means that what was given cannot be accepted; Field may name the input.
	Invalid
	// Conflict means that the thing changed since it was read, or exists already.
	Conflict
	// Forbidden means that the person may not do this.
	Forbidden
	// Unauthenticated means that nobody is signed in, or the proof was wrong.
	Unauthenticated
	// Unavailable means that a source or service we depend on cannot be read now.
	Unavailable
)

// Error is an error with a kind and a sentence for the user.
type Error struct {
	Kind    Kind
	Message string // a sentence for the user, without secrets
	Field   string // the input it concerns, if one
	Cause   error  // for the operator; never shown to the user
}

// Error gives the sentence and the cause, for logs and tests.
func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Message + ": " + e.Cause.Error()
	}
	return e.Message
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// New makes an error of a kind from a sentence.
func New(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Field makes an Invalid error that names the input it concerns.
func Field(field, format string, args ...any) *Error {
	return &Error{Kind: Invalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// Wrap gives a cause a kind and a sentence.
func Wrap(kind Kind, cause error, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...), Cause: cause}
}

// KindOf finds the kind of an error; an error that is not ours is Internal.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Message finds the sentence for the user. An error that is not ours, and an
// Internal one, gives a fixed sentence so that no cause leaks.
func Message(err error) string {
	if e, ok := errors.AsType[*Error](err); ok && e.Kind != Internal {
		return e.Message
	}
	return "Something went wrong on our side. Nothing was changed."
}

// FieldOf finds the input an error concerns, if it names one.
func FieldOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Field
	}
	return ""
}
