package cfn_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/cfn"
	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/hint"
)

// ECS keeps a service's name until the service has drained, so for a while a new service with the
// same name cannot be created.
func TestDeploy_tries_again_after_a_failure_that_passes(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		w.FailResource(name, "Network", fakeaws.Failure{Operation: "CREATE", Times: 2,
			Reason: `Resource handler returned message: "Invalid request provided: CreateService error: Unable to Start a service that is still Draining." (RequestToken: x, HandlerErrorCode: InvalidRequest)`})
		_, _, err := w.client.Deploy(t.Context(), deployment(network))
		if err != nil || !strings.Contains(w.log.String(), "failed, trying again: ") {
			t.Errorf("Deploy = %v\n%s", err, &w.log)
		}
	})
}

// watch is a cfn.Watch with the results that a test sets.
type watch struct {
	check     func() error
	before    func() // may be nil
	explained int
}

var errExplained = errors.New("explained")

func (w *watch) Before(context.Context, cfn.Stack) {
	if w.before != nil {
		w.before()
	}
}

func (w *watch) Check(context.Context, string) error { return w.check() }
func (w *watch) Explain(context.Context, *cfn.FailedError) error {
	w.explained++
	return errExplained
}

// Deploy returns at once if its own operation cannot succeed. If the operation is another run's,
// Deploy ends the operation and continues.
func TestDeploy_ends_early_what_cannot_succeed(t *testing.T) {
	crash := errors.New("its container exits with code 1")
	for _, c := range []struct {
		name      string
		onFailure types.OnFailure
		begun     bool // there is a stack already, which is updated
		calls     string
		nextStep  cfn.NextStep
	}{
		{"a creation that is deleted", types.OnFailureDelete, false, "CreateStack DeleteStack", cfn.Deleting},
		{"a creation that is kept", types.OnFailureDoNothing, false, "CreateStack", cfn.Kept},
		{"a creation that is rolled back", types.OnFailureRollback, false, "CreateStack", cfn.RollingBackLater},
		{"an update", types.OnFailureDelete, true, "UpdateStack CancelUpdateStack", cfn.RollingBack},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
				d := deployment(network)
				if c.begun {
					w.deploy(t, d, cfn.Created)
					d.Parameters = map[string]string{"Retention": "14"}
				}
				skip := len(w.Calls())
				watch := &watch{check: func() error { return crash }}
				d.OnFailure, d.Watch = c.onFailure, watch
				began := time.Now()
				_, _, err := w.client.Deploy(t.Context(), d)
				failed, ok := errors.AsType[*cfn.FailedError](err)
				if !ok || !errors.Is(err, crash) || failed.NextStep != c.nextStep || w.changes(skip) != c.calls {
					t.Errorf("Deploy = %v (%+v) by %q, want %s by %q", err, failed, w.changes(skip), c.nextStep, c.calls)
				}
				if watch.explained != 1 || !errors.Is(failed.Explanation, errExplained) {
					t.Errorf("it was explained %d times, as %v, want once", watch.explained, failed.Explanation)
				}
				if took := time.Since(began); took > 3*time.Second {
					t.Errorf("Deploy took %s, want no more than 3s", took)
				}
			})
		})
	}
}

// The sentence "is being deleted" would be false if CloudFormation has refused to delete the stack.
func TestDeploy_says_that_its_next_step_was_refused(t *testing.T) {
	for operation, begun := range map[string]bool{"DeleteStack": false, "CancelUpdateStack": true} {
		says := map[bool]string{false: "is not deleted: ", true: "is not rolled back: "}[begun]
		t.Run(operation, func(t *testing.T) {
			inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
				d := deployment(network)
				if begun {
					w.deploy(t, d, cfn.Created)
					d.Parameters = map[string]string{"Retention": "14"}
				}
				w.Inject(fakeaws.Fault{Operation: operation, Status: 403, Code: "AccessDenied", Message: "not authorized"})
				d.OnFailure = types.OnFailureDelete
				d.Watch = &watch{check: func() error { return errors.New("its container exits with code 1") }}
				_, _, err := w.client.Deploy(t.Context(), d)
				failed, ok := errors.AsType[*cfn.FailedError](err)
				if !ok || !strings.HasPrefix(string(failed.NextStep), says) || !strings.Contains(string(failed.NextStep), "AccessDenied") {
					t.Errorf("Deploy = %v (%+v), and the log is %q", err, failed, w.log.String())
				}
			})
		})
	}
}

func TestDeploy_ends_early_what_another_run_began(t *testing.T) {
	for _, creating := range []bool{true, false} {
		t.Run(fmt.Sprintf("creating=%t", creating), func(t *testing.T) {
			inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
				d := deployment(network)
				d.Parameters = map[string]string{"Retention": "14"}
				body := network
				if creating {
					w.FailResource(name, "Network", fakeaws.Failure{Operation: "CREATE", Never: true, Times: 1})
					if _, err := w.api.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: new(name), TemplateBody: &body}); err != nil {
						t.Fatal(err)
					}
				} else {
					w.deploy(t, deployment(network), cfn.Created)
					w.FailResource(name, "Logs", fakeaws.Failure{Operation: "UPDATE", Never: true, Times: 1})
					key, value := "Retention", "30"
					if _, err := w.api.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{StackName: new(name), TemplateBody: &body,
						Parameters: []types.Parameter{{ParameterKey: &key, ParameterValue: &value}}}); err != nil {
						t.Fatal(err)
					}
				}
				began, cut := time.Now(), false
				d.Watch = &watch{check: func() error {
					if cut || time.Since(began) < 30*time.Second {
						return nil
					}
					cut = true
					return errors.New("its container exits with code 1")
				}}
				want := map[bool]cfn.Outcome{true: cfn.Recreated, false: cfn.Updated}[creating]
				w.deploy(t, d, want)
				says := map[bool]string{true: "deleting stack hello-pr-7, which another run is creating: ", false: "cancelling the update of stack hello-pr-7, which another run began: "}
				if !strings.Contains(w.log.String(), says[creating]+"its container exits with code 1") {
					t.Errorf("log = %q", w.log.String())
				}
			})
		})
	}
}

// Deploy reports the change that an interrupted run began and that this run waited for.
func TestDeploy_reports_what_it_waited_for(t *testing.T) {
	for _, creating := range []bool{true, false} {
		t.Run(fmt.Sprintf("creating=%t", creating), func(t *testing.T) {
			inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
				d, want := deployment(network), cfn.Created
				if !creating {
					w.deploy(t, d, cfn.Created)
					d.Parameters, want = map[string]string{"Retention": "14"}, cfn.Updated
				}
				ctx, cancel := context.WithCancel(t.Context())
				go func() {
					<-time.After(2 * time.Second)
					cancel()
				}()
				if _, _, err := w.client.Deploy(ctx, d); !errors.Is(err, context.Canceled) {
					t.Fatalf("Deploy = %v, want it interrupted", err)
				}
				w.deploy(t, d, want)
				w.deploy(t, d, cfn.Unchanged)
			})
		})
	}
}

// Another run's update to the same template failed and was rolled back, so nothing has changed.
func TestDeploy_reports_no_update_that_was_rolled_back(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		d := deployment(network)
		w.deploy(t, d, cfn.Created)
		w.FailResource(name, "Logs", fakeaws.Failure{Operation: "UPDATE", Reason: "No.", After: 30 * time.Second, Times: 1})
		body, key, value := network, "Retention", "30"
		if _, err := w.api.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
			StackName: new(name), TemplateBody: &body,
			Parameters: []types.Parameter{{ParameterKey: &key, ParameterValue: &value}},
			Tags:       []types.Tag{{Key: new("owner"), Value: new("us")}},
		}); err != nil {
			t.Fatal(err)
		}
		w.deploy(t, d, cfn.Unchanged)
	})
}

// The stack is deleted between its description and the update, so Deploy creates it again.
func TestDeploy_reports_a_creation_after_an_update_that_was_refused(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		w.deploy(t, deployment(network), cfn.Created)
		d := deployment(network)
		d.Parameters = map[string]string{"Retention": "14"}
		deleted := false
		d.Watch = &watch{check: func() error { return nil }, before: func() {
			if !deleted {
				deleted = true
				if err := (&cfn.Client{API: w.api}).Delete(t.Context(), cfn.Deletion{ID: name}); err != nil {
					t.Error(err)
				}
			}
		}}
		w.deploy(t, d, cfn.Created)
	})
}

// A read that CloudFormation refuses says nothing about the template.
func TestSummarize_tells_a_template_that_is_not_valid_from_a_refusal(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		if _, err := w.client.Summarize(t.Context(), cfn.Template{Body: "Resources: ["}); !errors.Is(err, cfn.ErrInvalidTemplate) || len(hint.Of(err)) != 1 {
			t.Errorf("Summarize(no template) = %v, want ErrInvalidTemplate with a hint", err)
		}
		w.Inject(fakeaws.Fault{Operation: "GetTemplateSummary", Status: 403, Code: "AccessDenied", Message: "no"})
		if _, err := w.client.Summarize(t.Context(), cfn.Template{Body: network}); err == nil || errors.Is(err, cfn.ErrInvalidTemplate) || len(hint.Of(err)) != 0 {
			t.Errorf("Summarize(denied) = %v, want an error that does not blame the template", err)
		}
	})
}
