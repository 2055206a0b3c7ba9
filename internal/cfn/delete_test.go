package cfn_test

import (
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

func TestDelete(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		stack := w.deploy(t, deployment(network), cfn.Created)
		for range 2 { // a stack that no longer exists counts as deleted
			if err := w.client.Delete(t.Context(), cfn.Deletion{ID: stack.ID}); err != nil {
				t.Fatalf("Delete = %v", err)
			}
		}
		if _, err := w.client.Describe(t.Context(), name); !errors.Is(err, cfn.ErrNotFound) {
			t.Errorf("Describe(name) = %v, want ErrNotFound", err)
		}
	})
}

func TestDelete_does_not_wait_for_a_creation(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		w.FailResource(name, "Network", fakeaws.Failure{Operation: "CREATE", Never: true})
		body := network
		answer, err := w.api.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: new(name), TemplateBody: &body})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := w.client.Delete(t.Context(), cfn.Deletion{ID: *answer.StackId}); err != nil || time.Since(began) > time.Minute {
			t.Errorf("Delete = %v after %v, want the stack gone within a minute", err, time.Since(began))
		}
	})
}

func TestDelete_that_another_run_began(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		stack := w.deploy(t, deployment(network), cfn.Created)
		w.FailResource(name, "Network", fakeaws.Failure{Operation: "DELETE", Reason: "No.", Times: 1})
		if _, err := w.api.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: &stack.ID}); err != nil {
			t.Fatal(err)
		}
		if err := w.client.Delete(t.Context(), cfn.Deletion{ID: stack.ID}); err != nil { // the other run's deletion fails, ours succeeds
			t.Errorf("Delete = %v", err)
		}
	})
}

func TestDelete_that_fails_names_the_resource(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		stack := w.deploy(t, deployment(network), cfn.Created)
		w.FailResource(name, "Network", fakeaws.Failure{Operation: "DELETE", Reason: "it is not yours to delete"})
		err := w.client.Delete(t.Context(), cfn.Deletion{ID: stack.ID})
		want := "delete stack hello-pr-7: Network (AWS::EC2::VPC): it is not yours to delete"
		if err == nil || err.Error() != want {
			t.Errorf("Delete = %v\nwant %s", err, want)
		}
	})
}

func TestDelete_waits_for_network_interfaces(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		stack := w.deploy(t, deployment(network), cfn.Created)
		w.FailResource(name, "Network", fakeaws.Failure{Operation: "DELETE", Reason: "resource sg-0 has a dependent object (Service: Ec2)", Times: 3})
		if err := w.client.Delete(t.Context(), cfn.Deletion{ID: stack.ID}); err != nil {
			t.Fatalf("Delete = %v\n%s", err, &w.log)
		}
		if !strings.Contains(w.log.String(), "Network (AWS::EC2::VPC) cannot be deleted yet: resource sg-0 has a dependent object (Service: Ec2); trying again in 4m0s") {
			t.Errorf("log = %q", w.log.String())
		}
	})
}

func TestDelete_forces_only_if_allowed_and_names_what_stays(t *testing.T) {
	for _, force := range []bool{true, false} {
		t.Run(fmt.Sprintf("force=%t", force), func(t *testing.T) {
			inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
				stack := w.deploy(t, deployment(network), cfn.Created)
				w.FailResource(name, "Network", fakeaws.Failure{Operation: "DELETE", Reason: "it is not empty"})
				err := w.client.Delete(t.Context(), cfn.Deletion{ID: stack.ID, Force: force})
				now, _ := w.client.Describe(t.Context(), stack.ID)
				if !force {
					if err == nil || now.Status != types.StackStatusDeleteFailed {
						t.Errorf("Delete = %v, and the stack is in %s, want an error and DELETE_FAILED", err, now.Status)
					}
					return
				}
				if err != nil || now.Status != types.StackStatusDeleteComplete {
					t.Errorf("Delete = %v, and the stack is in %s, want it gone", err, now.Status)
				}
				if !strings.Contains(w.log.String(), "perhaps left behind in the account: Network (AWS::EC2::VPC) vpc-") {
					t.Errorf("log = %q, want it to name what stays", w.log.String())
				}
			})
		})
	}
}

func TestDelete_leaves_nothing_behind_if_a_permission_is_missing(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		stack := w.deploy(t, deployment(network), cfn.Created)
		w.FailResource(name, "Network", fakeaws.Failure{
			Operation: "DELETE", Reason: "API: ec2:DeleteVpc You are not authorized to perform this operation.",
		})
		err := w.client.Delete(t.Context(), cfn.Deletion{ID: stack.ID, Force: true})
		now, _ := w.client.Describe(t.Context(), stack.ID)
		if err == nil || now.Status != types.StackStatusDeleteFailed || !strings.Contains(strings.Join(hint.Of(err), ""), "the action that AWS denied") {
			t.Errorf("Delete = %v with the hint %q, and the stack is in %s, want an error with a hint and DELETE_FAILED", err, hint.Of(err), now.Status)
		}
	})
}

func TestTermination_protection_is_never_overridden(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		stack := w.deploy(t, deployment(network), cfn.Created)
		if err := w.client.Protect(t.Context(), stack.ID, true); err != nil {
			t.Fatal(err)
		}
		if err := w.client.Delete(t.Context(), cfn.Deletion{ID: stack.ID, Force: true}); !errors.Is(err, cfn.ErrProtected) {
			t.Errorf("Delete = %v, want ErrProtected", err)
		}
		w.SetStatus(name, "ROLLBACK_COMPLETE", "")
		d := deployment(network)
		d.Disposable = true
		if _, _, err := w.client.Deploy(t.Context(), d); !errors.Is(err, cfn.ErrProtected) {
			t.Errorf("Deploy = %v, want ErrProtected", err)
		}
		if now, err := w.client.Describe(t.Context(), stack.ID); err != nil || !now.Protected || now.Status != types.StackStatusRollbackComplete {
			t.Errorf("Describe = %+v, %v, want the stack as it was", now, err)
		}
		if err := w.client.Protect(t.Context(), stack.ID, false); err != nil {
			t.Fatal(err)
		}
		if err := w.client.Delete(t.Context(), cfn.Deletion{ID: stack.ID}); err != nil {
			t.Errorf("Delete without protection = %v", err)
		}
		if err := w.client.Protect(t.Context(), "no-such-stack", true); !errors.Is(err, cfn.ErrNotFound) {
			t.Errorf("Protect of no stack = %v, want ErrNotFound", err)
		}
	})
}

// A stack that was just created may not be found for some seconds. It must not count as deleted then.
func TestDelete_waits_for_a_stack_that_is_not_visible_yet(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		stack := w.deploy(t, deployment(network), cfn.Created)
		w.Inject(fakeaws.Fault{Operation: "DescribeStacks", Times: 10, Code: "ValidationError", Message: unknownStack})
		if err := w.client.Delete(t.Context(), cfn.Deletion{ID: stack.ID}); err != nil {
			t.Fatal(err)
		}
		w.Heal()
		if left, err := w.client.Describe(t.Context(), name); !errors.Is(err, cfn.ErrNotFound) {
			t.Errorf("Describe = %s, %v, want ErrNotFound: the stack is still there", left.Status, err)
		}
	})
}
