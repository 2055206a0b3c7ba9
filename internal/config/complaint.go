package config

import (
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// Complaint is one thing that is wrong with one input.
type Complaint struct {
	Input string
	Why   string
	Then  string // what to write instead; "" if Why says it
}

func (c *Complaint) Error() string { return c.Input + ": " + c.Why }

// Hint says what to write instead.
func (c *Complaint) Hint() string { return c.Then }

// complaints collects them, so that all are shown at once.
type complaints struct{ list []error }

func (c *complaints) add(complaint *Complaint) { c.list = append(c.list, complaint) }

func (c *complaints) addf(input, hint, why string, args ...any) {
	c.add(&Complaint{Input: input, Why: fmt.Sprintf(why, args...), Then: hint})
}

func (c *complaints) err() error { return errors.Join(c.list...) }

// quote shows a value in a complaint, on one line and not much of it. It is not for secrets.
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
