package rollout

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-containerregistry/pkg/v1/random"

	"pr-stack/internal/cfn"
	"pr-stack/internal/ecs"
	"pr-stack/internal/poll"
	"pr-stack/internal/template"
)

// canaries deploys a permanent stack by canaries.
type canaries struct {
	*account
	base map[string]string
}

// inProduction runs a test with a permanent stack that runs a first image.
func inProduction(t *testing.T, test func(c *canaries, second string)) {
	t.Helper()
	inAccount(t, func(a *account) {
		base := a.apply(Spec{
			Name: "base", Plan: Plan{Template: cfn.Template{Body: template.Base}, Parameters: map[string]string{"Service": "hello"}, Capabilities: []string{"CAPABILITY_IAM"}},
			Allow: func(context.Context, cfn.Stack) error { return nil },
		})
		c := &canaries{account: a}
		c.base, _ = template.BaseValues(base.Outputs, true)
		content, err := random.Image(16, 1)
		if err != nil {
			a.Fatal(err)
		}
		digest, err := a.PushImage("app", "2", content)
		if err != nil {
			a.Fatal(err)
		}
		if _, err := c.bringUp(a.image, nil); err != nil {
			a.Fatal(err)
		}
		test(c, a.RegistryHost()+"/app@"+digest)
	})
}

func (c *canaries) spec(image string, more map[string]string) Spec {
	values := map[string]string{
		"ImageUri": image, "Service": "hello", "Environment": "production",
		"Strategy": "canary", "CanaryBakeMinutes": "1", "BakeMinutes": "0", "PauseMinutes": "2",
	}
	for _, name := range []string{"VpcId", "PublicSubnetIds", "ClusterName", "TaskExecutionRoleArn", "TaskRoleArn", "InfrastructureRoleArn"} {
		values[name] = c.base[name]
	}
	maps.Copy(values, more)
	return Spec{
		Name: "hello-production", Plan: Plan{Template: cfn.Template{Body: template.Fargate}, Parameters: values}, Timeout: 3 * time.Hour,
		Allow: func(context.Context, cfn.Stack) error { return nil },
	}
}

// bringUp brings the stack up, and continues the deployment at each pause unless at does something else.
func (c *canaries) bringUp(image string, at func(s ecs.Service, d ecs.ServiceDeployment) error) (Release, error) {
	ctx, cancel := context.WithCancel(c.Context())
	followed := make(chan struct{})
	defer func() { cancel(); <-followed }()
	go func() {
		defer close(followed)
		for range poll.Every(ctx, 10*time.Second) {
			arn, err := c.ServiceOf(ctx, "hello-production")
			s := ecs.Service{API: c.ECS, ARN: arn}
			if err == nil && arn != "" {
				d, _ := s.ServiceDeployment(ctx)
				for _, p := range d.Paused {
					if at == nil {
						err = s.Continue(ctx, d.ARN, *p.HookId)
					} else {
						err = at(s, d)
					}
				}
			}
			if err != nil && ctx.Err() == nil {
				c.Error(err)
			}
		}
	}()
	return c.BringUp(ctx, c.spec(image, nil), Goal{
		Path: "/", Timeout: 10 * time.Minute, Replaced: func(cfn.Stack) bool { return false },
	})
}

func TestBringUp_proves_a_canary(t *testing.T) {
	inProduction(t, func(c *canaries, second string) {
		for _, image := range []string{second, c.image} { // in one target group, and then in the other
			release, err := c.bringUp(image, nil)
			if err != nil {
				c.Fatal(err)
			}
			want := []string{"The ECS service runs the image with this stack's task definition.", "The target group is healthy."}
			if held := release.Proof.Held(); !slices.Equal(held[:2], want) || !strings.HasPrefix(held[2], "The URL answers") || len(release.Proof.Unchecked()) > 0 {
				c.Errorf("the proof is %q, and %q was not checked", held, release.Proof.Unchecked())
			}
		}
	})
}

func TestBringUp_explains_a_canary_that_was_rolled_back(t *testing.T) {
	for name, test := range map[string]struct {
		at           func(s ecs.Service, d ecs.ServiceDeployment) error
		want, advice string
	}{
		"stopped":   {func(s ecs.Service, d ecs.ServiceDeployment) error { return s.RollBack(context.Background(), d.ARN) }, "it was stopped by StopServiceDeployment", "the log of the new version"},
		"timed out": {func(ecs.Service, ecs.ServiceDeployment) error { return nil }, "timed out", "PauseMinutes"},
	} {
		t.Run(name, func(t *testing.T) {
			inProduction(t, func(c *canaries, second string) {
				_, err := c.bringUp(second, test.at)
				if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "Service deployment rolled back") {
					c.Errorf("BringUp = %v, want it to say %q", err, test.want)
				}
				if diagnosed, ok := errors.AsType[*Diagnosed](err); !ok || !strings.Contains(diagnosed.Finding.Hint, test.advice) {
					c.Errorf("BringUp = %v, want a hint that mentions %q", err, test.advice)
				}
				// What ran before is as good as it was.
				if release, err := c.bringUp(c.image, nil); err != nil || len(release.Proof.Held()) != 3 {
					c.Errorf("the proof is %q, %v", release.Proof.Held(), err)
				}
			})
		})
	}
}

func TestCheckWeights(t *testing.T) {
	inProduction(t, func(c *canaries, second string) {
		for name, test := range map[string]struct {
			more map[string]string
			tags map[string]string
			want string
		}{
			"another image":            {nil, nil, ""},
			"more tasks":               {map[string]string{"DesiredCount": "3"}, nil, ""},
			"other addresses":          {map[string]string{"AllowedCidrs": "10.0.0.0/8"}, nil, "ListenerRule (AWS::ElasticLoadBalancingV2::ListenerRule)"},
			"the strategy rolling":     {map[string]string{"Strategy": "rolling"}, nil, "ListenerRule"},
			"a tag of the whole stack": {nil, map[string]string{"team": "a"}, "Tags"},
		} {
			spec := c.spec(second, test.more)
			spec.Tags = test.tags
			preview, err := c.Preview(c.Context(), spec)
			if err != nil {
				c.Fatal(err)
			}
			err = CheckWeights(preview)
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				c.Errorf("%s: CheckWeights = %v, want %q", name, err, test.want)
			}
		}
	})
	rolling := cfn.Preview{Changes: []cfn.Change{{Action: types.ChangeActionModify, Type: ruleType, LogicalID: "ListenerRule"}}}
	if err := CheckWeights(rolling); err != nil {
		t.Errorf("CheckWeights of a stack that is no canary = %v, want no error", err)
	}
}
