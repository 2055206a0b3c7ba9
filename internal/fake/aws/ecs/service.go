package ecs

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/property"
)

// service is one ECS service. Its deployments are newest first; the first is the PRIMARY one.
type service struct {
	arn, name, cluster string
	status             string // ACTIVE, DRAINING, INACTIVE
	created            time.Time
	desired            int
	grace              time.Duration
	breaker            breaker
	propagates         bool // its tags to its tasks
	groups             []serviceGroup
	registries         []serviceRegistry
	securityGroups     []string // of its tasks
	network            map[string]any
	launchType         string
	strategy           []any // of capacity providers
	deployments        []*deployment
	events             []serviceEvent       // newest first
	retrying           bool                 // because its tasks could not be placed
	controller         string               // that deploys to it: ECS, CODE_DEPLOY or EXTERNAL
	canary             *canary              // nil for the strategy ROLLING
	shifts             []*serviceDeployment // newest first; none of the strategy ROLLING
}

type breaker struct {
	enable, rollback bool
	threshold        int
	keepsCount       bool // also after a task was healthy: ResetOnHealthyTask is false
}

type serviceGroup struct {
	arn  string
	port int
}

type serviceEvent struct {
	id      string
	at      time.Time
	message string
}

func (e *ECS) createService(r *cloudformation.Resource, done func(error)) {
	if err := e.ensureRole(r); err != nil {
		e.account.After(time.Second, func() { done(err) })
		return
	}
	name := e.nameOf(r, "ServiceName")
	cluster := clusterName(property.Text(r.Properties["Cluster"]))
	s := &service{
		arn: e.account.ARN("ecs", "service/"+cluster+"/"+name), name: name, cluster: cluster, status: "ACTIVE", created: e.account.Now(),
	}
	r.PhysicalID = s.arn
	r.Attributes["Name"], r.Attributes["ServiceArn"] = name, s.arn
	if err := e.checkCreate(s, r); err != nil {
		e.account.After(time.Second, func() { done(err) })
		return
	}
	s.configure(r.Properties)
	e.services = append(e.services, s)
	if s.canary != nil {
		e.deployCanary(s, e.definitions[property.Text(r.Properties["TaskDefinition"])], done)
		return
	}
	e.deploy(s, e.definitions[property.Text(r.Properties["TaskDefinition"])], done)
}

func (e *ECS) checkCreate(s *service, r *cloudformation.Resource) error {
	if !e.clusters[s.cluster] {
		return e.handlerError("Invalid request provided: CreateService error: Cluster not found.", "InvalidRequest")
	}
	for _, other := range e.services {
		if other.arn == s.arn && other.status == "DRAINING" {
			return e.handlerError("Invalid request provided: CreateService error: Unable to Start a service that is still Draining.", "InvalidRequest")
		}
		if other.arn == s.arn && other.status == "ACTIVE" {
			return e.handlerError("Invalid request provided: CreateService error: Creation of service was not idempotent.", "InvalidRequest")
		}
	}
	return e.checkGroups(r, "CreateService")
}

// checkGroups returns an error if no load balancer forwards to a target group of the service. That an
// update says it in a creation's words is inferred.
func (e *ECS) checkGroups(r *cloudformation.Resource, operation string) error {
	for _, item := range property.List(r.Properties["LoadBalancers"]) {
		arn := property.Text(property.Object(item)["TargetGroupArn"])
		if g := e.ELB.Group(arn); g == nil || !e.ELB.Forwards(g) {
			return e.handlerError(fmt.Sprintf("Invalid request provided: %s error: The target group with targetGroupArn %s "+
				"does not have an associated load balancer.", operation, arn), "InvalidRequest")
		}
	}
	return e.checkCanary(r, operation)
}

func (s *service) configure(p map[string]any) {
	s.desired = property.Number(p["DesiredCount"], 1)
	s.controller = cmp.Or(property.Text(property.Object(p["DeploymentController"])["Type"]), "ECS")
	s.grace = property.Seconds(p["HealthCheckGracePeriodSeconds"], 0)
	b := property.Object(property.Object(p["DeploymentConfiguration"])["DeploymentCircuitBreaker"])
	s.breaker = breaker{
		enable: property.Text(b["Enable"]) == "true", rollback: property.Text(b["Rollback"]) == "true",
		keepsCount: property.Text(b["ResetOnHealthyTask"]) == "false",
	}
	// By default half the desired count, but from 3 to 200 (API reference,
	// ServiceDeploymentCircuitBreaker).
	s.breaker.threshold = min(max(s.desired/2, 3), 200)
	if t := property.Object(b["ThresholdConfiguration"]); property.Text(t["Type"]) == "COUNT" {
		s.breaker.threshold = property.Number(t["Value"], s.breaker.threshold)
	}
	s.propagates = property.Text(p["PropagateTags"]) == "SERVICE"
	s.network = property.Object(property.Object(p["NetworkConfiguration"])["AwsvpcConfiguration"])
	s.launchType, s.strategy = property.Text(p["LaunchType"]), property.List(p["CapacityProviderStrategy"])
	s.securityGroups = property.Texts(property.Object(property.Object(p["NetworkConfiguration"])["AwsvpcConfiguration"])["SecurityGroups"])
	s.registries = registriesOf(p)
	s.canary, s.groups = readCanary(p), nil
	list, _ := p["LoadBalancers"].([]any)
	for _, item := range list {
		s.groups = append(s.groups, serviceGroup{arn: property.Text(property.Object(item)["TargetGroupArn"]), port: property.Number(property.Object(item)["ContainerPort"], 80)})
	}
}

// describeNetwork adds to a description where the service's tasks run.
func (s *service) describeNetwork(described map[string]any) {
	if s.network != nil {
		described["networkConfiguration"] = map[string]any{"awsvpcConfiguration": map[string]any{
			"subnets": property.Texts(s.network["Subnets"]), "securityGroups": s.securityGroups,
			"assignPublicIp": cmp.Or(property.Text(s.network["AssignPublicIp"]), "DISABLED"),
		}}
	}
	var strategy []any
	for _, item := range s.strategy {
		provider := property.Object(item)
		strategy = append(strategy, map[string]any{
			"capacityProvider": property.Text(provider["CapacityProvider"]), "weight": property.Number(provider["Weight"], 0),
		})
	}
	if len(strategy) > 0 {
		described["capacityProviderStrategy"] = strategy
	} else {
		described["launchType"] = cmp.Or(s.launchType, "EC2")
	}
}

func (e *ECS) service(arn string) *service {
	for _, s := range slices.Backward(e.services) {
		if s.arn == arn {
			return s
		}
	}
	return nil
}

func (e *ECS) deleteService(r *cloudformation.Resource, done func(error)) {
	s := e.service(r.PhysicalID)
	if s == nil || s.status != "ACTIVE" {
		e.account.After(time.Second, func() { done(nil) })
		return
	}
	s.status, s.desired = "DRAINING", 0
	for _, d := range s.deployments {
		d.done = func(error) {}
	}
	for _, d := range s.shifts {
		d.ended = nil
	}
	for _, k := range e.tasksOf(s, nil) {
		e.stop(k, fmt.Sprintf("Scaling activity initiated by (deployment %s)", s.deployments[0].id))
	}
	e.whenDrained(s, func() {
		s.status = "INACTIVE"
		e.account.After(5*time.Second, func() { done(nil) })
	})
}

// whenDrained calls then when the service has no task left.
func (e *ECS) whenDrained(s *service, then func()) {
	if len(e.tasksOf(s, nil)) == 0 {
		then()
		return
	}
	e.account.After(time.Second, func() { e.whenDrained(s, then) })
}

// addEvent adds an event to the service. The API puts the name in parentheses.
func (e *ECS) addEvent(s *service, format string, args ...any) {
	message := fmt.Sprintf("(service %s) ", s.name) + fmt.Sprintf(format, args...)
	s.events = slices.Insert(s.events, 0, serviceEvent{id: e.account.UUID(), at: e.account.Now(), message: message})
	s.events = s.events[:min(len(s.events), 100)] // the newest 100 are kept
}

// addEventOnce adds an event unless it equals the last one: ECS repeats an event only after a
// different one, or after six hours (ECS developer guide, "Amazon ECS service event messages").
func (e *ECS) addEventOnce(s *service, format string, args ...any) {
	message := fmt.Sprintf("(service %s) ", s.name) + fmt.Sprintf(format, args...)
	if len(s.events) == 0 || s.events[0].message != message {
		e.addEvent(s, format, args...)
	}
}
