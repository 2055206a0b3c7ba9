// Package hint pairs an error with what its reader can do about it. Its Error is the only type in
// pr-stack that carries a hint. The package does not know where an error comes from or who reads it.
package hint

import (
	"errors"
	"fmt"
	"iter"
	"slices"
)

// Error is an error with advice. Message says what was done, on what, and why it failed, in lower
// case and without a full stop. Hint names the input, permission or command to change.
type Error struct {
	Message string
	Hint    string // "" if there is no advice
	Cause   error  // what errors.Is and errors.As see; may be nil
}

func (e *Error) Error() string { return e.Message }
func (e *Error) Unwrap() error { return e.Cause }

// New returns an error with a hint.
func New(hint, format string, args ...any) *Error {
	return &Error{Message: fmt.Sprintf(format, args...), Hint: hint}
}

// Wrap returns err with a hint, and with its own text as the message.
func Wrap(err error, hint string) *Error {
	return &Error{Message: err.Error(), Hint: hint, Cause: err}
}

// Of returns the hints of all errors that were joined in err, sorted, each once. If one of these
// errors wraps several hints, only its outermost hint is returned.
func Of(err error) []string {
	var hints []string
	for e := range Each(err) {
		for found, ok := errors.AsType[*Error](e); ok; found, ok = errors.AsType[*Error](found.Cause) {
			if found.Hint != "" {
				hints = append(hints, found.Hint)
				break
			}
		}
	}
	return Unique(hints)
}

// Unique sorts hints and removes duplicates.
func Unique(hints []string) []string {
	slices.Sort(hints)
	return slices.Compact(hints)
}

// Each yields the errors that were joined in err, also those joined in one of them. If err is a
// single error, Each yields err itself. Errors that were joined below a wrapping text count as one.
func Each(err error) iter.Seq[error] {
	return func(yield func(error) bool) { each(err, yield) }
}

func each(err error, yield func(error) bool) bool {
	if err == nil {
		return true
	}
	joined, ok := err.(interface{ Unwrap() []error }) //nolint:errorlint // err itself, not one that it wraps
	if !ok {
		return yield(err)
	}
	for _, e := range joined.Unwrap() {
		if !each(e, yield) {
			return false
		}
	}
	return true
}
