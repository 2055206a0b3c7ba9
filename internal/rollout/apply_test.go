package rollout

import (
	"context"
	"errors"
	"testing"
	"time"

	"pr-stack/internal/cfn"
	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/hint"
)

func TestApply_names_what_is_in_progress_when_the_time_is_up(t *testing.T) {
	inAccount(t, func(a *account) {
		a.FailResource("app", "Worker", fakeaws.Failure{Operation: "CREATE", Never: true})
		spec := a.spec("app", nil)
		spec.Timeout = 5 * time.Minute
		applied, err := a.Apply(a.Context(), spec)
		want := "deploy stack app: not complete after 5m00s; still in progress: Worker (AWS::ECS::Service)"
		if !errors.Is(err, ErrTimedOut) || err.Error() != want {
			a.Errorf("Apply = %v, want ErrTimedOut and %s", err, want)
		}
		if hints := hint.Of(err); len(hints) != 1 || applied.Stack.ID == "" {
			a.Errorf("Apply = %+v with the hints %q, want the stack and one hint", applied, hints)
		}
	})
}

// What is not allowed is not changed, and the reason is the caller's own.
func TestApply_changes_nothing_that_is_not_allowed(t *testing.T) {
	inAccount(t, func(a *account) {
		closed := errors.New("the pull request was closed")
		spec := a.spec("app", nil)
		spec.Allow = func(context.Context, cfn.Stack) error { return closed }
		if _, err := a.Apply(a.Context(), spec); !errors.Is(err, closed) {
			a.Errorf("Apply = %v, want %v", err, closed)
		}
		if _, err := a.stacks(nil).Describe(a.Context(), "app"); !errors.Is(err, cfn.ErrNotFound) {
			a.Errorf("Describe = %v, want no stack", err)
		}
	})
}

// BringUp begins again if another run has replaced the stack. If CloudFormation refuses the call, the
// stack has the previous commit as well, but not because of another run.
func TestBringUp_does_not_begin_again_after_a_refusal(t *testing.T) {
	inAccount(t, func(a *account) {
		a.apply(a.spec("app", nil))
		a.Inject(fakeaws.Fault{Operation: "UpdateStack", Status: 403, Code: "AccessDenied", Message: "no"})
		spec := a.spec("app", nil)
		spec.Tags = map[string]string{"commit": "2"}
		_, err := a.BringUp(a.Context(), spec, Goal{
			Timeout: time.Minute, Replaced: func(now cfn.Stack) bool { return now.Tags["commit"] != "2" },
		})
		updates := 0
		for _, call := range a.Calls() {
			if call.Operation == "UpdateStack" {
				updates++
			}
		}
		if err == nil || updates != 1 {
			a.Errorf("BringUp = %v after %d updates, want an error after one:\n%s", err, updates, a.log)
		}
	})
}
