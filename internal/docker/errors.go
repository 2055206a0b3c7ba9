package docker

import (
	"errors"
	"fmt"
	"strings"
)

// hinted is an error that knows what its reader can change.
type hinted struct {
	message string
	hint    string
	cause   error // may be nil
}

func (e *hinted) Error() string { return e.message }
func (e *hinted) Hint() string  { return e.hint }
func (e *hinted) Unwrap() error { return e.cause }

func refused(option, why, hint string) error {
	return &hinted{message: fmt.Sprintf("build: %s: %s", option, why), hint: hint}
}

// explain words BuildKit's error: what is wrong, and in which line of the Dockerfile, which is shown in the log.
func (b Build) explain(err error, log *progress) error {
	return errors.New(strings.TrimSpace(err.Error()))
}

func pushFailed(tag, why string, err error) error {
	return &hinted{message: fmt.Sprintf("push %s: %s", tag, why), cause: err}
}
