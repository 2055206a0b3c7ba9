package cfn_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"pr-stack/internal/cfn"
	fakeaws "pr-stack/internal/fake/aws"
)

var errStopped = errors.New("interrupt signal received")

// A call that was sent but not answered may have arrived.
func TestErrInFlight_of_each_call_that_changes_a_stack(t *testing.T) {
	for operation, status := range map[string]string{
		"CreateStack":            "",
		"UpdateStack":            "CREATE_COMPLETE",
		"DeleteStack":            "ROLLBACK_COMPLETE",
		"CancelUpdateStack":      "UPDATE_IN_PROGRESS",
		"RollbackStack":          "UPDATE_FAILED",
		"ContinueUpdateRollback": "UPDATE_ROLLBACK_FAILED",
	} {
		t.Run(operation, func(t *testing.T) {
			inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
				d := deployment(network)
				if status != "" {
					w.deploy(t, d, cfn.Created)
					w.SetStatus(name, status, "")
					d.Parameters = map[string]string{"Retention": "14"}
				}
				w.Inject(fakeaws.Fault{Operation: operation, Delay: time.Minute})
				ctx, cancel := context.WithTimeoutCause(t.Context(), 10*time.Second, errStopped)
				defer cancel()
				var err error
				if operation == "CancelUpdateStack" {
					err = w.client.Delete(ctx, cfn.Deletion{ID: name})
				} else {
					_, _, err = w.client.Deploy(ctx, d)
				}
				if !errors.Is(err, cfn.ErrInFlight) || !errors.Is(err, errStopped) {
					t.Errorf("%s = %v, want ErrInFlight and the cause", operation, err)
				}
			})
		})
	}
}

// No changing call was sent to CloudFormation, so none can still take effect.
func TestErrInFlight_not_of_a_call_that_was_not_sent(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		interrupted := func() (context.Context, func(context.Context, cfn.Stack) error) {
			ctx, stop := context.WithCancelCause(t.Context())
			t.Cleanup(func() { stop(nil) })
			return ctx, func(context.Context, cfn.Stack) error { stop(errStopped); return nil }
		}
		d := deployment(network)
		ctx, allow := interrupted()
		d.Allow = allow
		if _, _, err := w.client.Deploy(ctx, d); !errors.Is(err, errStopped) || errors.Is(err, cfn.ErrInFlight) {
			t.Errorf("Deploy = %v, want only the cause", err)
		}
		stack := w.deploy(t, deployment(network), cfn.Created)
		ctx, allow = interrupted()
		if err := w.client.Delete(ctx, cfn.Deletion{ID: stack.ID, Allow: allow}); !errors.Is(err, errStopped) || errors.Is(err, cfn.ErrInFlight) {
			t.Errorf("Delete = %v, want only the cause", err)
		}
	})
}

// CloudFormation has refused the call, so it has no effect.
func TestErrInFlight_not_of_a_call_that_was_answered(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		ctx, stop := context.WithCancelCause(t.Context())
		defer stop(nil)
		config := w.Config()
		config.HTTPClient = stopAfter{config.HTTPClient, "CreateStack", func() { stop(errStopped) }}
		w.client.API = cloudformation.NewFromConfig(config)
		w.Inject(fakeaws.Fault{Operation: "CreateStack", Code: "AccessDenied", Status: 403, Message: "not authorized"})
		_, _, err := w.client.Deploy(ctx, deployment(network))
		if err == nil || errors.Is(err, cfn.ErrInFlight) || !strings.Contains(err.Error(), "not authorized") {
			t.Errorf("Deploy = %v, want the refusal", err)
		}
	})
}

// stopAfter calls stop after AWS has answered the operation.
type stopAfter struct {
	client interface {
		Do(*http.Request) (*http.Response, error)
	}
	operation string
	stop      func()
}

func (s stopAfter) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer, err := s.client.Do(r)
	if err != nil || !strings.Contains(string(body), "Action="+s.operation+"&") {
		return answer, err
	}
	text, err := io.ReadAll(answer.Body)
	answer.Body = io.NopCloser(bytes.NewReader(text))
	s.stop()
	return answer, err
}

// The context's cause is more precise than "context deadline exceeded".
func TestReads_end_with_the_contexts_cause(t *testing.T) {
	for operation, read := range map[string]func(context.Context, *cfn.Client) error{
		"DescribeStacks": func(ctx context.Context, c *cfn.Client) error {
			_, err := c.Describe(ctx, name)
			return err
		},
		"GetTemplate": func(ctx context.Context, c *cfn.Client) error {
			_, err := c.Template(ctx, name)
			return err
		},
		"GetTemplateSummary": func(ctx context.Context, c *cfn.Client) error {
			_, err := c.Summarize(ctx, cfn.Template{Body: network})
			return err
		},
		"ListStackResources": func(ctx context.Context, c *cfn.Client) (err error) {
			for _, err = range c.Resources(ctx, name) {
			}
			return err
		},
	} {
		t.Run(operation, func(t *testing.T) {
			inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
				w.deploy(t, deployment(network), cfn.Created)
				w.Inject(fakeaws.Fault{Operation: operation, Delay: time.Minute})
				ctx, cancel := context.WithTimeoutCause(t.Context(), 10*time.Second, errStopped)
				defer cancel()
				if err := read(ctx, w.client); !errors.Is(err, errStopped) {
					t.Errorf("%s = %v, want the cause", operation, err)
				}
			})
		})
	}
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		w.Inject(fakeaws.Fault{Operation: "DescribeStacks", Delay: time.Minute})
		ctx, cancel := context.WithTimeoutCause(t.Context(), 10*time.Second, errStopped)
		defer cancel()
		for _, err := range w.client.List(ctx) {
			if !errors.Is(err, errStopped) {
				t.Errorf("List = %v, want the cause", err)
			}
		}
	})
}

// A wait that takes too long returns only the cause, no matter which call it is in at that moment.
func TestWaits_end_with_the_contexts_cause_alone(t *testing.T) {
	for what, wait := range map[string]func(context.Context, *cfn.Client) error{
		"Deploy": func(ctx context.Context, c *cfn.Client) error {
			_, _, err := c.Deploy(ctx, deployment(network))
			return err
		},
		"Delete": func(ctx context.Context, c *cfn.Client) error {
			return c.Delete(ctx, cfn.Deletion{ID: name})
		},
	} {
		for _, reads := range []int{0, 1} { // how many reads are answered before the one that is not
			inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
				w.deploy(t, deployment(network), cfn.Created)
				w.SetStatus(name, "UPDATE_ROLLBACK_IN_PROGRESS", "")
				w.Inject(fakeaws.Fault{Operation: "DescribeStacks", Skip: reads, Delay: time.Minute})
				ctx, cancel := context.WithTimeoutCause(t.Context(), 10*time.Second, errStopped)
				defer cancel()
				if err := wait(ctx, w.client); err == nil || err.Error() != errStopped.Error() {
					t.Errorf("%s after %d reads = %v, want %v", what, reads, err, errStopped)
				}
			})
		}
	}
}
