package aws_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/template"
)

// canarySite is a site whose service deploys by canaries.
type canarySite struct{ *site }

func onCanarySite(t *testing.T, test func(s canarySite, first, second string)) {
	t.Helper()
	onSite(t, fakeaws.Options{Container: imageName}, func(s *site) {
		c := canarySite{s}
		first, second := s.image("first"), s.image("second")
		s.create("hello-pr-7", template.Fargate, c.values(first))
		c.follow("CONTINUE", "CONTINUE")
		if got := s.wait(); got != "CREATE_COMPLETE" {
			s.Fatalf("status = %s, want CREATE_COMPLETE", got)
		}
		test(c, first, second)
	})
}

func (s canarySite) values(image string) map[string]string {
	values := s.site.values(image)
	maps.Copy(values, map[string]string{
		"Strategy": "canary", "InfrastructureRoleArn": s.base["PermanentInfrastructureRoleArn"], "DesiredCount": "2",
	})
	return values
}

// newest returns the service's newest deployment.
func (s canarySite) newest() ecstypes.ServiceDeployment {
	s.Helper()
	list, err := s.ecs.ListServiceDeployments(s.Context(), &ecs.ListServiceDeploymentsInput{Cluster: aws.String(s.base["ClusterName"]), Service: s.service().ServiceArn})
	if err != nil || len(list.ServiceDeployments) == 0 {
		s.Fatalf("ListServiceDeployments = %v, %v", list, err)
	}
	answer, err := s.ecs.DescribeServiceDeployments(s.Context(), &ecs.DescribeServiceDeploymentsInput{
		ServiceDeploymentArns: []string{*list.ServiceDeployments[0].ServiceDeploymentArn},
	})
	if err != nil || len(answer.ServiceDeployments) != 1 {
		s.Fatalf("DescribeServiceDeployments = %v, %v", answer, err)
	}
	return answer.ServiceDeployments[0]
}

// paused lets time pass until the newest deployment has paused.
func (s canarySite) paused() (ecstypes.ServiceDeployment, ecstypes.DeploymentLifecycleHookDetail) {
	s.Helper()
	for range 1000 {
		<-time.After(time.Second)
		if len(s.services()) == 0 {
			continue
		}
		d := s.newest()
		for _, h := range d.LifecycleHookDetails {
			if h.Status == ecstypes.DeploymentLifecycleHookStatusAwaitingAction {
				return d, h
			}
		}
	}
	s.Fatal("the deployment never pauses")
	return ecstypes.ServiceDeployment{}, ecstypes.DeploymentLifecycleHookDetail{}
}

func (s canarySite) services() []string {
	s.Helper()
	list, err := s.ecs.ListServices(s.Context(), &ecs.ListServicesInput{Cluster: aws.String(s.base["ClusterName"])})
	if err != nil {
		s.Fatal(err)
	}
	return list.ServiceArns
}

func (s canarySite) act(d ecstypes.ServiceDeployment, hook *string, action string) error {
	_, err := s.ecs.ContinueServiceDeployment(s.Context(), &ecs.ContinueServiceDeploymentInput{
		ServiceDeploymentArn: d.ServiceDeploymentArn, HookId: hook, Action: ecstypes.DeploymentLifecycleHookAction(action),
	})
	return err
}

// follow acts on one pause after the other. Each line of the result says what was found at a pause.
func (s canarySite) follow(actions ...string) (seen []string) {
	s.Helper()
	for _, action := range actions {
		d, hook := s.paused()
		seen = append(seen, fmt.Sprintf("%s %g%%", d.LifecycleStage, aws.ToFloat64(d.TargetServiceRevision.RequestedProductionTrafficWeight)))
		if err := s.act(d, hook.HookId, action); err != nil {
			s.Fatalf("ContinueServiceDeployment(%s) = %v", action, err)
		}
	}
	return seen
}

// share returns how many of 100 requests a version answers.
func (s canarySite) share(image string) (n int) {
	s.Helper()
	for range 100 {
		status, body := s.get()
		if status != 200 {
			s.Errorf("GET = %d, want 200 throughout", status)
		}
		if body == image {
			n++
		}
	}
	return n
}

func (s canarySite) checkShare(image string, want int) {
	s.Helper()
	if got := s.share(image); got != want {
		s.Errorf("%d of 100 requests reach %s, want %d", got, image[len(image)-8:], want)
	}
}

func TestCanary_shares_the_requests(t *testing.T) {
	onCanarySite(t, func(s canarySite, first, second string) {
		s.checkShare(first, 100)
		s.update(s.values(second))
		for _, step := range []struct {
			want  string
			share int // in percent
		}{
			{"PRE_PRODUCTION_TRAFFIC_SHIFT 0%", 0}, {"PRE_PRODUCTION_TRAFFIC_SHIFT 5%", 5}, {"POST_PRODUCTION_TRAFFIC_SHIFT 100%", 100},
		} {
			s.paused()
			s.checkShare(second, step.share)
			if d := s.service().Deployments; len(d) != 2 || d[0].RolloutState != "" || *d[0].Status != "PRIMARY" || *d[1].Status != "ACTIVE" {
				s.Errorf("deployments = %+v, want both revisions, without a rollout state", d)
			}
			if got := s.follow("CONTINUE"); got[0] != step.want {
				s.Errorf("paused at %s, want %s", got[0], step.want)
			}
		}
		if got := s.wait(); got != "UPDATE_COMPLETE" {
			s.Errorf("status = %s, want UPDATE_COMPLETE", got)
		}
		if d := s.newest(); d.Status != "SUCCESSFUL" || len(s.service().Deployments) != 1 {
			s.Errorf("the deployment is %s, want SUCCESSFUL", d.Status)
		}
		s.checkShare(second, 100)

		// The next one is in the first group again.
		s.update(s.values(first))
		s.follow("CONTINUE", "CONTINUE", "CONTINUE")
		if got := s.wait(); got != "UPDATE_COMPLETE" {
			s.Errorf("status = %s, want UPDATE_COMPLETE", got)
		}
		s.checkShare(first, 100)
	})
}

func TestCanary_rolls_back(t *testing.T) {
	stop := func(s canarySite) {
		_, err := s.ecs.StopServiceDeployment(s.Context(), &ecs.StopServiceDeploymentInput{ServiceDeploymentArn: s.newest().ServiceDeploymentArn})
		if err != nil {
			s.Errorf("StopServiceDeployment = %v", err)
		}
	}
	for name, test := range map[string]struct {
		do     func(s canarySite)
		reason string
	}{
		"at a hook":         {func(s canarySite) { s.follow("CONTINUE", "ROLLBACK") }, "lifecycle hook ecs-pause-"},
		"by a timeout":      {func(s canarySite) { s.follow("CONTINUE") }, "timed out"},
		"stopped, paused":   {func(s canarySite) { s.paused(); stop(s) }, "StopServiceDeployment"},
		"stopped, in bake":  {func(s canarySite) { s.follow("CONTINUE", "CONTINUE", "CONTINUE"); <-time.After(time.Minute); stop(s) }, "StopServiceDeployment"},
		"without the role":  {func(s canarySite) { s.follow("CONTINUE"); s.paused(); s.dropRole(); s.follow("CONTINUE") }, "unable to modify listener rule"},
		"by CloudFormation": {func(s canarySite) { s.follow("CONTINUE"); s.paused(); s.cancel() }, "the service was updated"},
	} {
		t.Run(name, func(t *testing.T) {
			onCanarySite(t, func(s canarySite, first, second string) {
				s.update(s.values(second))
				test.do(s)
				status := s.wait()
				d := s.newest()
				if name == "without the role" { // which has to give the requests back, too
					if d.Status != "ROLLBACK_FAILED" || !strings.Contains(*d.StatusReason, test.reason) {
						s.Errorf("the deployment is %s: %s", d.Status, *d.StatusReason)
					}
					return
				}
				if status != "UPDATE_ROLLBACK_COMPLETE" {
					s.Errorf("status = %s, want UPDATE_ROLLBACK_COMPLETE", status)
				}
				if d.Status != "ROLLBACK_SUCCESSFUL" || !strings.Contains(*d.StatusReason, test.reason) {
					s.Errorf("the deployment is %s: %s", d.Status, *d.StatusReason)
				}
				s.checkShare(first, 100)
				if running := s.service().RunningCount; running != 2 {
					s.Errorf("%d tasks run, want 2", running)
				}
			})
		})
	}
}

func (s canarySite) dropRole() {
	arn := s.base["PermanentInfrastructureRoleArn"]
	s.RemoveRole(arn[strings.LastIndex(arn, "/")+1:])
}

func (s canarySite) cancel() {
	s.Helper()
	if _, err := s.cfn.CancelUpdateStack(s.Context(), &cloudformation.CancelUpdateStackInput{StackName: aws.String("hello-pr-7")}); err != nil {
		s.Fatal(err)
	}
}

func TestCanary_refuses_calls_that_come_too_late(t *testing.T) {
	onCanarySite(t, func(s canarySite, _, second string) {
		s.update(s.values(second))
		d, hook := s.paused()
		var invalid *ecstypes.InvalidParameterException
		if err := s.act(d, aws.String("ecs-pause-none"), "CONTINUE"); !errors.As(err, &invalid) {
			s.Errorf("continue an unknown hook = %v, want InvalidParameterException", err)
		}
		if err := s.act(d, hook.HookId, "CONTINUE"); err != nil {
			s.Error(err)
		}
		if err := s.act(d, hook.HookId, "CONTINUE"); !errors.As(err, &invalid) {
			s.Errorf("continue a hook twice = %v, want InvalidParameterException", err)
		}
		s.follow("CONTINUE", "CONTINUE")
		s.wait()
		if err := s.act(d, hook.HookId, "ROLLBACK"); !errors.As(err, &invalid) {
			s.Errorf("roll back a complete deployment = %v, want InvalidParameterException", err)
		}
		_, err := s.ecs.StopServiceDeployment(s.Context(), &ecs.StopServiceDeploymentInput{ServiceDeploymentArn: d.ServiceDeploymentArn})
		if _, ok := errors.AsType[*ecstypes.ConflictException](err); !ok {
			s.Errorf("stop a complete deployment = %v, want ConflictException", err)
		}
		_, err = s.ecs.StopServiceDeployment(s.Context(), &ecs.StopServiceDeploymentInput{ServiceDeploymentArn: aws.String(*d.ServiceDeploymentArn + "x")})
		if _, ok := errors.AsType[*ecstypes.ServiceDeploymentNotFoundException](err); !ok {
			s.Errorf("stop an unknown deployment = %v, want ServiceDeploymentNotFoundException", err)
		}
	})
}

func TestCanary_needs_its_role(t *testing.T) {
	for name, test := range map[string]struct{ role, reason string }{
		"none":                      {"", "roleArn is required"},
		"one that ECS may not have": {"TaskRoleArn", "Unable to assume role"},
	} {
		t.Run(name, func(t *testing.T) {
			onSite(t, fakeaws.Options{Container: imageName}, func(s *site) {
				values := canarySite{s}.values(s.image("x"))
				values["InfrastructureRoleArn"] = s.base[test.role]
				s.create("hello-pr-7", template.Fargate, values)
				if got := s.wait(); got != "ROLLBACK_COMPLETE" {
					s.Errorf("status = %s, want ROLLBACK_COMPLETE", got)
				}
				var timeline bytes.Buffer
				if s.Timeline(&timeline, "hello-pr-7"); !strings.Contains(timeline.String(), test.reason) {
					s.Errorf("timeline lacks %q:\n%s", test.reason, &timeline)
				}
			})
		})
	}
}

func TestUpdateService_changes_the_count_only(t *testing.T) {
	onCanarySite(t, func(s canarySite, _, _ string) {
		before := s.newest()
		service := s.service()
		for _, n := range []int32{3, 0} {
			_, err := s.ecs.UpdateService(s.Context(), &ecs.UpdateServiceInput{Cluster: service.ClusterArn, Service: service.ServiceArn, DesiredCount: &n})
			if err != nil {
				s.Fatal(err)
			}
			<-time.After(2 * time.Minute)
			if got := s.service(); got.RunningCount != n || got.DesiredCount != n {
				s.Errorf("%d of %d tasks run, want %d", got.RunningCount, got.DesiredCount, n)
			}
		}
		if after := s.newest(); *after.ServiceDeploymentArn != *before.ServiceDeploymentArn {
			s.Error("a change of the count began a deployment")
		}
	})
}
