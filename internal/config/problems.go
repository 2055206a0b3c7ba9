package config

import (
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"pr-stack/internal/hint"
)

// problems collects what is wrong, so that all of it is shown at once.
type problems struct{ list []error }

func (p *problems) add(err error) { p.list = append(p.list, err) }

// addf reports one thing that is wrong with one input, and what to write instead.
func (p *problems) addf(input, then, why string, args ...any) {
	p.add(&hint.Error{Message: input + ": " + fmt.Sprintf(why, args...), Hint: then})
}

func (p *problems) err() error { return errors.Join(p.list...) }

// quote shows a value in a message: on one line, and only its beginning. It is not for secrets.
func quote(s string) string {
	const longest = 60
	if len(s) > longest {
		end := longest
		for end > 0 && !utf8.RuneStart(s[end]) {
			end--
		}
		return strconv.Quote(s[:end]) + "…"
	}
	return strconv.Quote(s)
}

// reason returns what the operating system said, without the path, which the message names already.
func reason(err error) string {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return err.Error()
}
