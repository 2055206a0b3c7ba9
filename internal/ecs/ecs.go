// Package ecs waits until an ECS service runs what it should, and reports what prevents that. It lets
// deployments that pause go on or rolls them back, changes how many tasks run, and runs one-off tasks.
// Services are started and stopped by CloudFormation alone.
package ecs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"pr-stack/internal/hint"
	"pr-stack/internal/poll"
)

// ErrGone means that a service was deleted, or is being deleted.
var ErrGone = errors.New("it was deleted")

// Service is one service, by its ARN. API and ARN must be set.
type Service struct {
	API  *ecs.Client
	ARN  string                           // arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME
	Logf func(format string, args ...any) // logs what is waited for; may be nil
}

// Container is one container of a task that runs.
type Container struct {
	Image  string // as the task definition names it
	Digest string // sha256:… of the manifest that was pulled; "" if ECS does not report it
}

// Running is what a service runs once its deployment is complete.
type Running struct {
	Containers      []Container
	Addresses       []string // private IPv4 addresses of the tasks; empty where tasks share the host's network
	Starts          []Start
	TaskDefinitions []string // ARNs of the task definitions that the complete deployments run
	// Idle means that no task runs, because none is desired. TargetGroups are then those of the service,
	// which have no targets.
	Idle         bool
	TargetGroups []string
	Alternates   [][2]string // pairs of target groups of which the tasks are in one only
	// Controller is CODE_DEPLOY or EXTERNAL if something other than ECS deploys to the service. ECS then
	// reports no deployment, and the other fields are empty.
	Controller types.DeploymentControllerType
}

// Start holds the moments of a task's start. A moment that ECS does not report is zero.
type Start struct {
	Created, PullStarted, PullStopped, Started time.Time
}

// Runs reports whether any container runs this image. It compares digests, or names if digest is "".
// For an index, ECS may report the digest of one platform's image, so the digest in the container's
// image name counts as well: under that name ECS can pull nothing else.
func (r Running) Runs(image, digest string) bool {
	return slices.ContainsFunc(r.Containers, func(c Container) bool {
		if digest == "" {
			return c.Image == image
		}
		return c.Digest == digest || strings.HasSuffix(c.Image, "@"+digest)
	})
}

// Digest returns the digest of what runs under an image's name, or "" if ECS reports none. If the
// image is an index, this may be the digest of one platform's image.
func (r Running) Digest(image string) string {
	for _, c := range r.Containers {
		if c.Image == image {
			return c.Digest
		}
	}
	return ""
}

// Wait returns once the service's deployment is complete: as many tasks run as are desired, and all
// of them belong to the deployment. When ctx is done, the error says what is missing. Wait also
// returns an error when ECS gives the deployment up, and when the service is deleted. It does not
// wait for a service that something other than ECS deploys to.
func (s Service) Wait(ctx context.Context) (Running, error) {
	missing, advice := "its deployment is not known yet", "run the job again"
	waiting := poll.Reporter{Logf: s.Logf}
	for range poll.Every(ctx, 2*time.Second) {
		service, err := s.describe(ctx)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return Running{}, err
		}
		primary := primary(service)
		switch {
		case aws.ToString(service.Status) != "ACTIVE":
			return Running{}, fmt.Errorf("service %s: it is %s: %w", s.name(), aws.ToString(service.Status), ErrGone)
		case controller(service) != types.DeploymentControllerTypeEcs:
			return Running{Controller: controller(service)}, nil
		case staged(service):
			var running Running
			running, missing, err = s.waitStaged(ctx, service)
			if ctx.Err() == nil && (err != nil || missing == "") {
				return running.of(service), err
			}
			advice = "see the service's deployments in the ECS console; one that is paused goes on, or is rolled back, once its hook times out"
		case primary == nil:
			missing, advice = "it has no deployment", "see the service in the ECS console, and run the job again"
		case primary.RolloutState == types.DeploymentRolloutStateFailed:
			return Running{}, hint.Wrap(fmt.Errorf("service %s: %s", s.name(), aws.ToString(primary.RolloutStateReason)),
				"see the stopped tasks and the log of the service in the ECS console")
		case !completed(service, primary), primary.RunningCount != service.DesiredCount:
			missing = fmt.Sprintf("%d of %d tasks run, %s", primary.RunningCount, service.DesiredCount, progress(primary, service))
			advice = incompleteHint(primary.RunningCount, service.DesiredCount)
		default:
			running, err := s.running(ctx, aws.ToString(primary.TaskDefinition))
			if ctx.Err() == nil {
				return running.of(service), err
			}
		}
		waiting.Waiting("  waiting for service %s: %s", s.name(), missing)
	}
	return Running{}, hint.Wrap(fmt.Errorf("service %s: %s: %w", s.name(), missing, context.Cause(ctx)), advice)
}

// incompleteHint returns what to check about a deployment that is not complete in time.
func incompleteHint(running, desired int32) string {
	switch {
	case running == 0 && desired > 0:
		return "see the service's events and stopped tasks in the ECS console; " +
			"raise health-check-timeout if the image only takes long to pull"
	case running < desired:
		return "see the service's events in the ECS console for the tasks that do not run; " +
			"raise health-check-timeout if they only start slowly"
	}
	return "see the service's deployments in the ECS console: tasks of an older one may still be stopping, or new ones " +
		"may not be healthy; raise health-check-timeout if the deployment only needs more time"
}

func (s Service) describe(ctx context.Context) (*types.Service, error) {
	answer, err := s.API.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: aws.String(s.cluster()), Services: []string{s.ARN}})
	if err != nil {
		return nil, fmt.Errorf("describe service %s: %w", s.name(), err)
	}
	if len(answer.Services) == 0 {
		return nil, fmt.Errorf("describe service %s: there is none in cluster %s: %w", s.name(), s.cluster(), ErrGone)
	}
	return &answer.Services[0], nil
}

// running returns what the service's tasks with this task definition run.
func (s Service) running(ctx context.Context, taskDefinition string) (Running, error) {
	running := Running{TaskDefinitions: []string{taskDefinition}}
	pages := ecs.NewListTasksPaginator(s.API, &ecs.ListTasksInput{
		Cluster:       aws.String(s.cluster()),
		ServiceName:   aws.String(s.name()),
		DesiredStatus: types.DesiredStatusRunning,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return Running{}, fmt.Errorf("list tasks of service %s: %w", s.name(), err)
		}
		if len(page.TaskArns) == 0 {
			continue
		}
		answer, err := s.API.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: aws.String(s.cluster()), Tasks: page.TaskArns})
		if err != nil {
			return Running{}, fmt.Errorf("describe tasks of service %s: %w", s.name(), err)
		}
		for _, task := range answer.Tasks {
			if aws.ToString(task.TaskDefinitionArn) == taskDefinition && aws.ToString(task.LastStatus) == "RUNNING" {
				running.add(task)
			}
		}
	}
	return running, nil
}

// of returns what a complete service runs.
func (r Running) of(service *types.Service) Running {
	if service.DesiredCount > 0 {
		return r
	}
	r.Idle = true
	for _, l := range service.LoadBalancers {
		r.TargetGroups = append(r.TargetGroups, aws.ToString(l.TargetGroupArn))
	}
	for _, pair := range r.Alternates {
		r.TargetGroups = append(r.TargetGroups, pair[1])
	}
	return r
}

func (r *Running) add(task types.Task) {
	r.Starts = append(r.Starts, start(task))
	for _, c := range task.Containers {
		r.Containers = append(r.Containers, Container{Image: aws.ToString(c.Image), Digest: aws.ToString(c.ImageDigest)})
		for _, n := range c.NetworkInterfaces {
			if address := aws.ToString(n.PrivateIpv4Address); address != "" && !slices.Contains(r.Addresses, address) {
				r.Addresses = append(r.Addresses, address)
			}
		}
	}
}

// controller returns what deploys to a service.
func controller(service *types.Service) types.DeploymentControllerType {
	if service.DeploymentController == nil {
		return types.DeploymentControllerTypeEcs
	}
	return service.DeploymentController.Type
}

// completed reports whether a deployment is complete. Behind a Classic Load Balancer ECS reports no
// state of it (API reference, Deployment); there it is complete once no other deployment is left.
func completed(service *types.Service, d *types.Deployment) bool {
	if d.RolloutState == "" && slices.ContainsFunc(service.LoadBalancers, func(l types.LoadBalancer) bool { return l.LoadBalancerName != nil }) {
		return len(service.Deployments) == 1
	}
	return d.RolloutState == types.DeploymentRolloutStateCompleted
}

func primary(service *types.Service) *types.Deployment {
	for i, d := range service.Deployments {
		if aws.ToString(d.Status) == "PRIMARY" {
			return &service.Deployments[i]
		}
	}
	return nil
}

// progress returns what ECS says about a deployment that is not complete: the deployment's reason
// and, because the reason often says nothing new, the newest of the service's events.
func progress(d *types.Deployment, service *types.Service) string {
	words := aws.ToString(d.RolloutStateReason)
	if len(service.Events) > 0 {
		words += " " + aws.ToString(service.Events[0].Message)
	}
	return strings.TrimSpace(words)
}

func (s Service) cluster() string {
	parts := strings.Split(s.ARN, "/")
	return parts[max(0, len(parts)-2)]
}

func (s Service) name() string {
	return s.ARN[strings.LastIndex(s.ARN, "/")+1:]
}
