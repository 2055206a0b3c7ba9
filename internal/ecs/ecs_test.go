package ecs

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-containerregistry/pkg/v1/random"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/hint"
)

// worker is a service without a load balancer.
const worker = `
Parameters: {Image: {Type: String}}
Resources:
  Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: c}}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties: {Family: f, ContainerDefinitions: [{Name: app, Image: !Ref Image}]}
  Worker:
    Type: AWS::ECS::Service
    Properties:
      ServiceName: s
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Task
      DesiredCount: 2
      DeploymentConfiguration:
        DeploymentCircuitBreaker:
          {Enable: true, Rollback: false, ResetOnHealthyTask: false, ThresholdConfiguration: {Type: COUNT, Value: 2}}
`

// onWorker begins to create the service and runs a test on it.
func onWorker(t *testing.T, options fakeaws.Options, test func(t *testing.T, s Service, image, digest string)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		account := fakeaws.New(options)
		api := cloudformation.NewFromConfig(account.Config())
		create := func(name, body string, image string) {
			input := &cloudformation.CreateStackInput{StackName: &name, TemplateBody: &body}
			if image != "" {
				input.Parameters = []types.Parameter{{ParameterKey: new("Image"), ParameterValue: &image}}
			}
			if _, err := api.CreateStack(t.Context(), input); err != nil {
				t.Fatal(err)
			}
			<-time.After(20 * time.Second)
		}
		create("images", "Resources: {R: {Type: AWS::ECR::Repository, Properties: {RepositoryName: hello}}}", "")
		content, err := random.Image(16, 1)
		if err != nil {
			t.Fatal(err)
		}
		digest, err := account.PushImage("hello", "x", content)
		if err != nil {
			t.Fatal(err)
		}
		image := account.RegistryHost() + "/hello@" + digest
		create("worker", worker, image)
		test(t, Service{API: ecs.NewFromConfig(account.Config()), ARN: "arn:aws:ecs:eu-north-1:123456789012:service/c/s"}, image, digest)
	})
}

func TestWait_until_all_tasks_run(t *testing.T) {
	onWorker(t, fakeaws.Options{}, func(t *testing.T, s Service, image, digest string) {
		began := time.Now()
		running, err := s.Wait(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if time.Since(began) < 20*time.Second {
			t.Errorf("Wait returned after %v, before the tasks can have been started", time.Since(began))
		}
		if len(running.Containers) != 2 || len(running.Addresses) != 2 {
			t.Errorf("Wait = %+v, want two containers at two addresses", running)
		}
		if !running.Runs(image, digest) || running.Runs(image, "sha256:other") || running.Digest(image) != digest {
			t.Errorf("Wait = %+v, want it to run %s and nothing else", running, digest)
		}
	})
}

// A service that wants no task is complete without one, and its target groups have no target.
func TestWait_is_done_at_once_if_no_task_is_desired(t *testing.T) {
	const group = "arn:aws:elasticloadbalancing:eu-north-1:1:targetgroup/g/1"
	service := &ecstypes.Service{LoadBalancers: []ecstypes.LoadBalancer{{TargetGroupArn: aws.String(group)}}}
	if got := (Running{}).of(service); !got.Idle || !slices.Equal(got.TargetGroups, []string{group}) {
		t.Errorf("with no task desired = %+v, want idle, with its target group", got)
	}
	service.DesiredCount = 1
	if got := (Running{}).of(service); got.Idle || got.TargetGroups != nil {
		t.Errorf("with a task desired = %+v, want neither", got)
	}
}

func TestWait_says_what_is_missing(t *testing.T) {
	onWorker(t, fakeaws.Options{}, func(t *testing.T, s Service, _, _ string) {
		cause := errors.New("too late")
		ctx, cancel := context.WithTimeoutCause(t.Context(), 10*time.Second, cause)
		defer cancel()
		_, err := s.Wait(ctx)
		if !errors.Is(err, cause) || !strings.HasPrefix(err.Error(), "service s: 0 of 2 tasks run, ECS deployment ecs-svc/") || !strings.Contains(err.Error(), "has started 2 tasks") {
			t.Errorf("Wait = %v, want how many tasks run and what ECS says", err)
		}
	})
}

func TestWait_ends_when_ECS_gives_the_deployment_up(t *testing.T) {
	crash := func(string, map[string]string) fakeaws.Container {
		return fakeaws.Container{Exit: &fakeaws.Exit{After: time.Millisecond, Code: 1}}
	}
	onWorker(t, fakeaws.Options{Container: crash}, func(t *testing.T, s Service, _, _ string) {
		_, err := s.Wait(t.Context())
		if want := "service s: ECS deployment circuit breaker: tasks failed to start."; err == nil || err.Error() != want {
			t.Errorf("Wait = %v\nwant %s", err, want)
		}
	})
}

func TestRuns_by_name_when_no_digest_is_known(t *testing.T) {
	r := Running{Containers: []Container{{Image: "nginx:1"}, {Image: "hello@sha256:index", Digest: "sha256:platform"}}}
	for _, test := range []struct {
		image, digest string
		want          bool
	}{
		{"nginx:1", "", true},
		{"nginx:2", "", false},
		{"hello@sha256:index", "sha256:index", true}, // the digest of one platform is not that of the index
		{"hello@sha256:index", "sha256:platform", true},
		{"hello@sha256:other", "sha256:other", false},
	} {
		if got := r.Runs(test.image, test.digest); got != test.want {
			t.Errorf("Runs(%q, %q) = %v, want %v", test.image, test.digest, got, test.want)
		}
	}
}

func TestWait_for_a_service_that_is_not_there(t *testing.T) {
	onWorker(t, fakeaws.Options{}, func(t *testing.T, s Service, _, _ string) {
		s.ARN += "-2"
		if _, err := s.Wait(t.Context()); err == nil || err.Error() != "describe service s-2: there is none in cluster c: it was deleted" {
			t.Errorf("Wait = %v", err)
		}
	})
}

func TestWait_hints_at_what_is_missing(t *testing.T) {
	for _, c := range []struct {
		running, desired int32
		want             string
	}{
		{0, 2, "stopped tasks"},
		{1, 2, "the tasks that do not run"},
		{2, 2, "tasks of an older one"},
		{0, 0, "tasks of an older one"}, // scaled to zero: none is missing
	} {
		if got := incompleteHint(c.running, c.desired); !strings.Contains(got, c.want) {
			t.Errorf("with %d of %d tasks the hint is %q, want it to mention %q", c.running, c.desired, got, c.want)
		}
	}
	onWorker(t, fakeaws.Options{}, func(t *testing.T, s Service, _, _ string) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), 10*time.Second, errors.New("too late"))
		defer cancel()
		_, err := s.Wait(ctx)
		if got := hint.Of(err); len(got) != 1 || got[0] != incompleteHint(0, 2) {
			t.Errorf("Wait gives the hints %q, want the one for a service of which no task runs", got)
		}
	})
}

// ECS reports no state of a deployment behind a Classic Load Balancer.
func TestCompleted_behind_a_Classic_Load_Balancer(t *testing.T) {
	classic := []ecstypes.LoadBalancer{{LoadBalancerName: new("old")}}
	target := []ecstypes.LoadBalancer{{TargetGroupArn: new("arn")}}
	for name, test := range map[string]struct {
		balancers   []ecstypes.LoadBalancer
		state       ecstypes.DeploymentRolloutState
		deployments int
		want        bool
	}{
		"one deployment":                 {classic, "", 1, true},
		"an older deployment still ends": {classic, "", 2, false},
		"not reported yet":               {target, "", 1, false},
		"complete":                       {target, "COMPLETED", 2, true},
		"in progress":                    {target, "IN_PROGRESS", 1, false},
	} {
		service := &ecstypes.Service{LoadBalancers: test.balancers, Deployments: make([]ecstypes.Deployment, test.deployments)}
		service.Deployments[0].RolloutState = test.state
		if got := completed(service, &service.Deployments[0]); got != test.want {
			t.Errorf("%s: completed = %t, want %t", name, got, test.want)
		}
	}
}
