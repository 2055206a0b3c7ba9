package hint_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pr-stack/internal/hint"
)

func TestError_is_its_message_and_wraps_its_cause(t *testing.T) {
	err := fmt.Errorf("deploy: %w", &hint.Error{Message: "read file: EOF", Hint: "write it again", Cause: io.EOF})
	if got, want := err.Error(), "deploy: read file: EOF"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
	if !errors.Is(err, io.EOF) {
		t.Error("errors.Is(err, io.EOF) = false, want the cause to be found")
	}
}

func TestOf(t *testing.T) {
	a, b := hint.New("do a", "a failed"), hint.Wrap(io.EOF, "do b")
	for name, test := range map[string]struct {
		err  error
		want []string
	}{
		"none":                 {io.EOF, nil},
		"nil":                  {nil, nil},
		"wrapped":              {fmt.Errorf("x: %w", a), []string{"do a"}},
		"outermost counts":     {&hint.Error{Message: "x", Hint: "do x", Cause: a}, []string{"do x"}},
		"joined, sorted, once": {errors.Join(b, errors.Join(a, b), io.EOF), []string{"do a", "do b"}},
	} {
		if diff := cmp.Diff(test.want, hint.Of(test.err)); diff != "" {
			t.Errorf("%s: Of (-want +got):\n%s", name, diff)
		}
	}
}

func TestEach_stops_when_its_reader_does(t *testing.T) {
	seen := 0
	hint.Each(errors.Join(io.EOF, errors.Join(io.EOF, io.EOF)))(func(error) bool {
		seen++
		return seen < 2
	})
	if seen != 2 {
		t.Errorf("Each yielded %d errors, want 2", seen)
	}
}
