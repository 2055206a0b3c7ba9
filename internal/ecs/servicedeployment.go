package ecs

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// ServiceDeployment is one deployment of a service that moves requests to new tasks in stages, such as
// one with the strategy CANARY. Its zero value means that there is none.
type ServiceDeployment struct {
	ARN     string
	Status  types.ServiceDeploymentStatus
	Reason  string // why it has that status; "" if ECS reports none
	Stage   types.ServiceDeploymentLifecycleStage
	Percent float64 // of the requests that the new tasks get, as ECS has asked for it
	First   bool    // the service ran nothing before, so there is nothing to compare with or to go back to
	Paused  []Pause // at these hooks; empty if it goes on by itself
}

// Pause is a hook at which a deployment waits until somebody continues it.
type Pause = types.DeploymentLifecycleHookDetail

// UnderWay reports whether the deployment has begun and is not over.
func (d ServiceDeployment) UnderWay() bool { return d.ARN != "" && !d.Over() }

// Over reports whether the deployment has ended, successfully or not.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
func (d ServiceDeployment) Over() bool {
	switch d.Status {
	case types.ServiceDeploymentStatusSuccessful, types.ServiceDeploymentStatusStopped,
		types.ServiceDeploymentStatusRollbackSuccessful, types.ServiceDeploymentStatusRollbackFailed:
		return true
	}
	return false
}

// RolledBack reports whether the deployment was rolled back, or is going to be.
func (d ServiceDeployment) RolledBack() bool {
	switch d.Status {
	case types.ServiceDeploymentStatusRollbackRequested, types.ServiceDeploymentStatusRollbackInProgress,
		types.ServiceDeploymentStatusRollbackSuccessful, types.ServiceDeploymentStatusRollbackFailed,
		types.ServiceDeploymentStatusStopRequested, types.ServiceDeploymentStatusStopped:
		return true
	}
	return false
}

// ServiceDeployment returns the service's newest deployment.
func (s Service) ServiceDeployment(ctx context.Context) (ServiceDeployment, error) {
	var newest types.ServiceDeploymentBrief
	input := &ecs.ListServiceDeploymentsInput{Cluster: aws.String(s.cluster()), Service: aws.String(s.ARN)}
	for more := true; more; more = input.NextToken != nil {
		page, err := s.API.ListServiceDeployments(ctx, input)
		if err != nil {
			return ServiceDeployment{}, fmt.Errorf("list deployments of service %s: %w", s.name(), err)
		}
		for _, d := range page.ServiceDeployments {
			if newest.ServiceDeploymentArn == nil || aws.ToTime(d.CreatedAt).After(aws.ToTime(newest.CreatedAt)) {
				newest = d
			}
		}
		input.NextToken = page.NextToken
	}
	if newest.ServiceDeploymentArn == nil {
		return ServiceDeployment{}, nil
	}
	return s.describeDeployment(ctx, *newest.ServiceDeploymentArn)
}

func (s Service) describeDeployment(ctx context.Context, arn string) (ServiceDeployment, error) {
	answer, err := s.API.DescribeServiceDeployments(ctx, &ecs.DescribeServiceDeploymentsInput{ServiceDeploymentArns: []string{arn}})
	if err != nil {
		return ServiceDeployment{}, fmt.Errorf("describe deployment %s of service %s: %w", short(arn), s.name(), err)
	}
	if len(answer.ServiceDeployments) == 0 {
		return ServiceDeployment{}, fmt.Errorf("describe deployment %s of service %s: %w", short(arn), s.name(), ErrGone)
	}
	return toServiceDeployment(answer.ServiceDeployments[0]), nil
}

func toServiceDeployment(found types.ServiceDeployment) ServiceDeployment {
	d := ServiceDeployment{
		ARN: aws.ToString(found.ServiceDeploymentArn), Status: found.Status, Reason: aws.ToString(found.StatusReason),
		Stage: found.LifecycleStage, First: len(found.SourceServiceRevisions) == 0,
	}
	if found.TargetServiceRevision != nil {
		d.Percent = aws.ToFloat64(found.TargetServiceRevision.RequestedProductionTrafficWeight)
	}
	if d.Reason == "" && found.Rollback != nil {
		d.Reason = aws.ToString(found.Rollback.Reason)
	}
	for _, hook := range found.LifecycleHookDetails {
		if hook.Status == types.DeploymentLifecycleHookStatusAwaitingAction && d.Status == types.ServiceDeploymentStatusInProgress {
			d.Paused = append(d.Paused, hook)
		}
	}
	return d
}

// Continue lets a deployment go on that waits at a hook. It is no error if somebody else has continued
// it, or if the deployment is over.
func (s Service) Continue(ctx context.Context, deploymentARN, hookID string) error {
	_, err := s.API.ContinueServiceDeployment(ctx, &ecs.ContinueServiceDeploymentInput{
		ServiceDeploymentArn: &deploymentARN, HookId: &hookID, Action: types.DeploymentLifecycleHookActionContinue,
	})
	if refused := (*types.InvalidParameterException)(nil); errors.As(err, &refused) {
		// ECS has one error for all that can be wrong, so what is true now decides.
		d, describing := s.describeDeployment(ctx, deploymentARN)
		if describing == nil && !d.pausedAt(hookID) {
			return nil
		}
	}
	if err != nil {
		return fmt.Errorf("continue deployment %s of service %s: %w", short(deploymentARN), s.name(), err)
	}
	return nil
}

func (d ServiceDeployment) pausedAt(hookID string) bool {
	for _, p := range d.Paused {
		if aws.ToString(p.HookId) == hookID {
			return true
		}
	}
	return false
}

// RollBack gives all requests back to the tasks that had them before a deployment. It returns once ECS
// has accepted that. It is no error if the deployment is over.
func (s Service) RollBack(ctx context.Context, deploymentARN string) error {
	_, err := s.API.StopServiceDeployment(ctx, &ecs.StopServiceDeploymentInput{
		ServiceDeploymentArn: &deploymentARN, StopType: types.StopServiceDeploymentStopTypeRollback,
	})
	conflict, invalid := (*types.ConflictException)(nil), (*types.InvalidParameterException)(nil)
	if errors.As(err, &conflict) || errors.As(err, &invalid) {
		d, describing := s.describeDeployment(ctx, deploymentARN)
		if describing == nil && (d.Over() || d.RolledBack()) {
			return nil
		}
	}
	if err != nil {
		return fmt.Errorf("roll back deployment %s of service %s: %w", short(deploymentARN), s.name(), err)
	}
	return nil
}
