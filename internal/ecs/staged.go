package ecs

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"pr-stack/internal/hint"
)

// staged reports whether the service's deployments go in stages. "The rolloutState of a service is only
// returned for services that use the rolling update (ECS) deployment type" (API reference, Deployment),
// so that of these services is found in their service deployments.
func staged(service *types.Service) bool {
	if service.DeploymentConfiguration == nil {
		return false
	}
	switch service.DeploymentConfiguration.Strategy {
	case "", types.DeploymentStrategyRolling:
		return false
	}
	return true
}

// waitStaged returns what a service runs whose deployments go in stages, or what is missing until its
// newest one is over. After a rollback that is what ran before.
func (s Service) waitStaged(ctx context.Context, service *types.Service) (running Running, missing string, err error) {
	d, err := s.ServiceDeployment(ctx)
	if err != nil {
		return Running{}, "", err
	}
	primary := primary(service)
	switch {
	case d.Status == types.ServiceDeploymentStatusRollbackFailed:
		return Running{}, "", hint.Wrap(fmt.Errorf("service %s: its deployment could not be rolled back: %s", s.name(), d.Reason),
			"see which of its target groups gets the requests, and the service's deployments in the ECS console")
	case !d.Over():
		return Running{}, d.progress(), nil
	case primary == nil:
		return Running{}, "it has no deployment", nil
	case len(service.Deployments) > 1, primary.RunningCount != service.DesiredCount:
		return Running{}, fmt.Sprintf("%d of %d tasks run", service.RunningCount, service.DesiredCount), nil
	}
	running, err = s.running(ctx, aws.ToString(primary.TaskDefinition))
	running.Alternates = alternates(service)
	return running, "", err
}

// progress returns where a deployment is.
func (d ServiceDeployment) progress() string {
	if d.ARN == "" {
		return "its deployment is not known yet"
	}
	text := fmt.Sprintf("its deployment is in %s, with %g %% of the requests", d.Stage, d.Percent)
	if d.RolledBack() {
		text = strings.TrimSpace(fmt.Sprintf("its deployment is in %s. %s", d.Status, d.Reason))
	}
	if len(d.Paused) > 0 {
		text += ", and waits to be continued"
	}
	return text
}

// alternates returns the pairs of target groups of which the tasks are in one only.
func alternates(service *types.Service) (pairs [][2]string) {
	for _, l := range service.LoadBalancers {
		if l.AdvancedConfiguration != nil {
			pairs = append(pairs, [2]string{aws.ToString(l.TargetGroupArn), aws.ToString(l.AdvancedConfiguration.AlternateTargetGroupArn)})
		}
	}
	return pairs
}
