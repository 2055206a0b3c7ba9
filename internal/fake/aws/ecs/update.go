package ecs

import (
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/property"
)

// deploysAgain reports whether a change of a service starts a deployment of the same task definition.
// Of everything else the API reference says "This parameter doesn't trigger a new service deployment":
// of the desired count, of the capacity providers, of how deployments go.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
//
// ForceNewDeployment does so only if its nonce changes. That a constant one starts none is inferred.
var deploysAgain = cloudformation.AnyChanged("LoadBalancers", "NetworkConfiguration", "PlatformVersion",
	"ServiceConnectConfiguration", "ServiceRegistries", "VolumeConfigurations", "VpcLatticeConfigurations",
	"ForceNewDeployment")

func (e *ECS) updateService(r *cloudformation.Resource, old map[string]any, done func(error)) {
	s, definition := e.service(r.PhysicalID), e.definitions[property.Text(r.Properties["TaskDefinition"])]
	if err := e.checkGroups(r, "UpdateService"); err != nil {
		e.account.After(time.Second, func() { done(err) })
		return
	}
	if d := s.shifting(); d != nil {
		e.undo(d, func() { e.updateService(r, old, done) })
		return
	}
	s.configure(r.Properties)
	if s.canary != nil {
		e.updateCanary(s, definition, deploysAgain(old, r.Properties), done)
		return
	}
	current := s.deployments[0]
	// That the same task definition is deployed again after it failed is inferred.
	if current.definition != definition || current.state == "FAILED" || deploysAgain(old, r.Properties) {
		e.deploy(s, definition, done)
		return
	}
	e.reconcile(s)
	e.account.After(5*time.Second, func() { e.whenSteady(s, e.account.Now().Add(stabilizeTimeout), done) })
}

// whenSteady calls done when the service runs as many healthy tasks as it should, and no others.
func (e *ECS) whenSteady(s *service, limit time.Time, done func(error)) {
	switch {
	case s.status != "ACTIVE": // it was deleted meanwhile, and the update has ended
	case s.deployments[0].state != "IN_PROGRESS" && e.healthy(s) == s.desired && len(e.tasksOf(s, nil)) == s.desired:
		done(nil)
	case !e.account.Now().Before(limit):
		done(e.handlerError("Exceeded attempts to wait", "NotStabilized"))
	default:
		e.account.After(time.Second, func() { e.whenSteady(s, limit, done) })
	}
}
