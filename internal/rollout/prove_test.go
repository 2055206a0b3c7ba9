package rollout

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"pr-stack/internal/cfn"
	"pr-stack/internal/hint"
)

// A service that something else deploys to runs the same image with other parameters. An update that
// changes parameters alone brings it back.
func TestProve_waits_for_the_stacks_own_task_definition(t *testing.T) {
	inAccount(t, func(a *account) {
		other := a.apply(a.spec("other", nil)).Outputs["Task"]
		stack := a.apply(a.spec("app", map[string]string{"Other": other}))
		began := time.Now()
		updated := inAMinute(func() { a.apply(a.spec("app", nil)) })
		proof, err := a.Prove(a.Context(), a.want(stack))
		took := time.Since(began)
		<-updated
		if err != nil || took < time.Minute {
			a.Fatalf("Prove = %v, %v after %s, want nothing proved until the stack is updated", proof, err, took)
		}
		if want := "The ECS service runs the image with this stack's task definition."; proof.String() != want {
			a.Errorf("Prove = %q, want %q", proof, want)
		}
		if waiting := "a service runs task definition"; !strings.Contains(a.log.String(), waiting) {
			a.Errorf("the log does not say what is waited for, %q:\n%s", waiting, a.log)
		}
	})
}

func TestProve_names_what_is_missing_when_the_time_is_up(t *testing.T) {
	inAccount(t, func(a *account) {
		other := a.apply(a.spec("other", nil)).Outputs["Task"]
		stack := a.apply(a.spec("app", map[string]string{"Other": other}))
		foreign, image := a.want(stack), a.want(stack)
		image.Image, image.Digest = "app@sha256:0", "sha256:0"
		for want, w := range map[string]Want{
			"a service runs task definition " + short(other) + ", which is not the stack's: not ready in time: 10m00s were given": foreign,
			"no running task is of image app@sha256:0: not ready in time: 10m00s were given":                                      image,
		} {
			began := time.Now()
			_, err := a.Prove(a.Context(), w)
			if err == nil || err.Error() != want || len(hint.Of(err)) != 1 {
				a.Errorf("Prove = %v with the hints %q, want %s and one hint", err, hint.Of(err), want)
			}
			if took := time.Since(began); took != w.Timeout {
				a.Errorf("Prove took %s, want %s", took, w.Timeout)
			}
		}
	})
}

// A run that another one has overwritten does not wait for what will not come.
func TestProve_ends_if_another_run_replaces_the_stack(t *testing.T) {
	for name, replace := range map[string]func(a *account, spec Spec){
		"updated": func(a *account, spec Spec) {
			spec.Tags = map[string]string{"commit": "2"}
			a.apply(spec)
		},
		"deleted": func(a *account, spec Spec) {
			if _, err := a.CloudFormation.DeleteStack(a.Context(), &cloudformation.DeleteStackInput{StackName: &spec.Name}); err != nil {
				a.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inAccount(t, func(a *account) {
				spec := a.spec("app", nil)
				want := a.want(a.apply(spec))
				want.Image, want.Digest = "app@sha256:0", "sha256:0"
				began := time.Now()
				replaced := inAMinute(func() { replace(a, spec) })
				_, err := a.Prove(a.Context(), want)
				took := time.Since(began)
				<-replaced
				if !errors.Is(err, ErrReplaced) || took < time.Minute || took > 2*time.Minute {
					a.Errorf("Prove = %v after %s, want ErrReplaced soon after the first minute", err, took)
				}
			})
		})
	}
}

// ECS reports no deployment of a service that CodeDeploy or another tool deploys to, so waiting for one
// would last until the time is up.
func TestProve_does_not_wait_for_a_service_that_ECS_does_not_deploy_to(t *testing.T) {
	for _, controller := range []string{"CODE_DEPLOY", "EXTERNAL"} {
		inAccount(t, func(a *account) {
			stack := a.apply(a.spec("app", map[string]string{"Controller": controller}))
			began := time.Now()
			proof, err := a.Prove(a.Context(), a.want(stack))
			if took := time.Since(began); err != nil || took > 10*time.Second {
				a.Fatalf("Prove = %v after %s, want no wait", err, took)
			}
			want := "Which code runs, and whether its targets are healthy, was not checked: " + controller + " deploys to service Worker."
			if got := proof.Unchecked(); len(got) == 0 || got[0] != want {
				a.Errorf("Unchecked = %q, want %q first", got, want)
			}
			if held := proof.Held(); len(held) > 0 {
				a.Errorf("Held = %q, want nothing", held)
			}
		})
	}
}

// The registry's identifier of a service is ARN|CLUSTER.
func TestService_is_asked_for_by_its_ARN_alone(t *testing.T) {
	inAccount(t, func(a *account) {
		const arn = "arn:aws:ecs:eu-north-1:123456789012:service/c/s"
		for _, id := range []string{arn, arn + "|c"} {
			if got := a.service(cfn.Resource{PhysicalID: id}).PhysicalID; got != arn {
				a.Errorf("service(%s) is %s, want %s", id, got, arn)
			}
		}
	})
}
