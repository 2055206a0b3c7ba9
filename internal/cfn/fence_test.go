package cfn_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/cfn"
	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/hint"
)

const frozen = `{"Statement": [{"Effect": "Deny", "Action": "Update:*", "Principal": "*", "Resource": "*"}]}`

// calls returns how often an operation was called.
func (w *env) calls(operation string) (n int) {
	for _, call := range w.Calls() {
		if call.Operation == operation {
			n++
		}
	}
	return n
}

func TestProtect(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		stack := w.deploy(t, deployment(network), cfn.Created)
		protect := func(on bool, calls int) {
			t.Helper()
			if err := w.client.Protect(t.Context(), stack.ID, on); err != nil {
				t.Fatal(err)
			}
			now, err := w.client.Describe(t.Context(), stack.ID)
			if n := w.calls("UpdateTerminationProtection"); err != nil || now.Protected != on || n != calls {
				t.Errorf("the protection is %v, %v, after %d calls, want %v after %d", now.Protected, err, n, on, calls)
			}
		}
		protect(false, 0)
		protect(true, 1)
		protect(true, 1)
		if err := w.client.Delete(t.Context(), cfn.Deletion{ID: stack.ID}); !errors.Is(err, cfn.ErrProtected) {
			t.Errorf("Delete = %v, want ErrProtected", err)
		}
		protect(false, 2)
		if err := w.client.Delete(t.Context(), cfn.Deletion{ID: stack.ID}); err != nil {
			t.Errorf("Delete = %v", err)
		}
	})
}

func TestProtect_of_a_stack_that_does_not_exist(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		if err := w.client.Protect(t.Context(), name, true); !errors.Is(err, cfn.ErrNotFound) {
			t.Errorf("Protect = %v, want ErrNotFound", err)
		}
		if err := w.client.SetPolicy(t.Context(), name, frozen); !errors.Is(err, cfn.ErrNotFound) {
			t.Errorf("SetPolicy = %v, want ErrNotFound", err)
		}
	})
}

func TestSetPolicy_keeps_updates_away(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		stack := w.deploy(t, deployment(network), cfn.Created)
		if err := w.client.SetPolicy(t.Context(), stack.ID, frozen); err != nil {
			t.Fatal(err)
		}
		d := deployment(network)
		d.Parameters = map[string]string{"Retention": "14"}
		_, _, err := w.client.Deploy(t.Context(), d)
		failed, ok := errors.AsType[*cfn.FailedError](err)
		const want = "Action denied by stack policy: Statement [#1] does not allow [Update:*] for resource [*];"
		if !ok || failed.Cause.LogicalID != "Logs" || failed.Cause.Reason != want {
			t.Errorf("Deploy = %v, want the update of Logs refused: %s", err, want)
		}
		if err := w.client.SetPolicy(t.Context(), stack.ID, "{}"); err != nil {
			t.Fatal(err)
		}
		w.deploy(t, d, cfn.Updated)
		if err := w.client.SetPolicy(t.Context(), stack.ID, "Deny"); err == nil || !strings.Contains(err.Error(), "Invalid stack policy") {
			t.Errorf("SetPolicy = %v, want it refused", err)
		}
		if err := w.client.SetPolicy(t.Context(), stack.ID, frozen); err != nil {
			t.Fatal(err)
		}
		if err := w.client.Delete(t.Context(), cfn.Deletion{ID: stack.ID}); err != nil {
			t.Errorf("Delete = %v, want the policy to be no hindrance", err)
		}
	})
}

// A role that lacks the permissions gets a hint, but may confirm what is so already.
func TestFence_without_permission(t *testing.T) {
	const (
		trust  = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}`
		policy = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "cloudformation:DescribeStacks", "Resource": "*"}}`
	)
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		stack := w.deploy(t, deployment(network), cfn.Created)
		arn, err := w.AddRole("preview", trust, policy)
		if err != nil {
			t.Fatal(err)
		}
		c := &cfn.Client{API: cloudformation.NewFromConfig(w.ConfigAs(arn))}
		if err := c.Protect(t.Context(), stack.ID, false); err != nil {
			t.Errorf("Protect that changes nothing = %v", err)
		}
		for action, call := range map[string]func(context.Context) error{
			"cloudformation:UpdateTerminationProtection": func(ctx context.Context) error { return c.Protect(ctx, stack.ID, true) },
			"cloudformation:SetStackPolicy":              func(ctx context.Context) error { return c.SetPolicy(ctx, stack.ID, frozen) },
		} {
			err := call(t.Context())
			if got := strings.Join(hint.Of(err), "|"); err == nil || !strings.Contains(got, action) || !strings.Contains(got, "run bootstrap again") {
				t.Errorf("%v with the hint %q, want %s in it", err, got, action)
			}
		}
		if now, _ := w.client.Describe(t.Context(), stack.ID); now.Protected || now.Status != types.StackStatusCreateComplete {
			t.Errorf("the stack is %+v, want it as it was", now)
		}
	})
}
