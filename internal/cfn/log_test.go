package cfn_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"pr-stack/internal/cfn"
	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/hint"
)

// A line in the log says what failed and why, without the text that the SDK adds.
func TestLog_says_what_failed_in_the_words_of_AWS(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		w.deploy(t, deployment(network), cfn.Created)
		w.Inject(fakeaws.Fault{Operation: "CancelUpdateStack", Code: "AccessDenied", Status: 403, Message: "not authorized"})
		d := deployment(network)
		d.Parameters = map[string]string{"Retention": "14"}
		d.Watch = &watch{check: func() error { return errors.New("its container exits with code 1") }}
		if _, _, err := w.client.Deploy(t.Context(), d); err == nil {
			t.Error("Deploy succeeded, want it ended early")
		}
		if want := "\ncancel the update of stack hello-pr-7: AccessDenied: not authorized\n"; !strings.HasSuffix("\n"+w.log.String(), want) {
			t.Errorf("log = %q, want it to end with %q", w.log.String(), want)
		}
	})
}

// A call that is refused for minutes is logged, but not on every try.
func TestLog_of_calls_that_are_tried_again(t *testing.T) {
	for operation, fault := range map[string]fakeaws.Fault{
		"CreateStack": {Code: "Throttling", Message: "Rate exceeded"},
		"DeleteStack": {Code: "ValidationError", Message: "Stack [hello-pr-7] cannot be deleted while in status UPDATE_IN_PROGRESS"},
	} {
		t.Run(operation, func(t *testing.T) {
			inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
				fault.Operation = operation
				if operation == "DeleteStack" {
					w.deploy(t, deployment(network), cfn.Created)
				}
				w.Inject(fault)
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
				defer cancel()
				if operation == "DeleteStack" {
					_ = w.client.Delete(ctx, cfn.Deletion{ID: name})
				} else {
					_, _, _ = w.client.Deploy(ctx, deployment(network))
				}
				if n := strings.Count(w.log.String(), "trying again"); n < 3 || n > 5 || strings.Contains(w.log.String(), "https response") {
					t.Errorf("it is said %d times, want 3 to 5 times in two minutes:\n%s", n, &w.log)
				}
			})
		})
	}
}

func TestDelete_that_fails_has_a_hint_that_fits(t *testing.T) {
	for reason, want := range map[string]string{
		"resource sg-0 has a dependent object": "run the job again; network interfaces that hold a deletion up are released after some minutes",
		"the bucket is not empty":              "fix what the deletion fails on, or delete that resource by hand, and run the job again",
	} {
		inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
			stack := w.deploy(t, deployment(network), cfn.Created)
			w.FailResource(name, "Network", fakeaws.Failure{Operation: "DELETE", Reason: reason})
			err := w.client.Delete(t.Context(), cfn.Deletion{ID: stack.ID})
			if hints := hint.Of(err); len(hints) != 1 || hints[0] != want {
				t.Errorf("hints of %v = %q, want %q", err, hints, want)
			}
		})
	}
}
