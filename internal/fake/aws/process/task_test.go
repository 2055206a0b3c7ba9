package process

import (
	"errors"
	"slices"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// A one-off task ends with its program.
func TestTask_is_the_program_with_a_command(t *testing.T) {
	const script = "#!/bin/sh\necho \"$NAME got $1\" >&2\nexit $1\n"
	program := image(t, v1.Config{Entrypoint: []string{"/run"}, Cmd: []string{"7"}}, "run", script)
	r := Runner{Pull: func(string) (v1.Image, error) { return program, nil }}
	defer r.Close()
	for _, test := range []struct {
		command []string
		code    int
		line    string
	}{
		{[]string{"0"}, 0, "me got 0"}, {[]string{"3"}, 3, "me got 3"}, {nil, 7, "me got 7"},
	} {
		c := r.Task("x", test.command, map[string]string{"NAME": "me"})
		code, log, over := 0, []string(nil), false
		for !over && t.Context().Err() == nil {
			code, log, over = c.Ended()
		}
		if code != test.code || !slices.Equal(log, []string{test.line}) {
			t.Errorf("%v ended with %d and %q, want %d and %q", test.command, code, log, test.code, test.line)
		}
		c.Stop()
	}
	if got := r.Running(); got != 0 {
		t.Errorf("Running = %d, want 0", got)
	}
}

func TestTask_that_cannot_be_started(t *testing.T) {
	r := Runner{Pull: func(string) (v1.Image, error) { return nil, errors.New("not found") }}
	c := r.Task("x", nil, nil)
	r.Close()
	if code, log, over := c.Ended(); code != cannotRun || !over || !slices.Equal(log, []string{"pull x: not found"}) {
		t.Errorf("Ended = %d, %q, %t", code, log, over)
	}
}
