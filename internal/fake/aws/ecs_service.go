package aws

import (
	"fmt"
	"slices"
	"time"
)

// service is one ECS service. Its deployments are newest first; the first is the PRIMARY one.
type service struct {
	arn, name, cluster string
	status             string // ACTIVE, DRAINING, INACTIVE
	created            time.Time
	desired            int
	grace              time.Duration
	breaker            breaker
	groups             []serviceGroup
	securityGroups     []string // of its tasks
	deployments        []*deployment
	events             []serviceEvent // newest first
	retrying           bool           // for want of a place
}

type breaker struct {
	enable, rollback bool
	threshold        int
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

func createService(a *AWS, r *resource, done func(error)) {
	name := text(r.Properties["ServiceName"])
	if name == "" {
		name = a.generated(r, 255)
	}
	cluster := clusterName(text(r.Properties["Cluster"]))
	s := &service{
		arn: a.arn("ecs", "service/"+cluster+"/"+name), name: name, cluster: cluster, status: "ACTIVE", created: a.now,
	}
	r.PhysicalID = s.arn
	r.Attributes["Name"], r.Attributes["ServiceArn"] = name, s.arn
	if err := a.mayCreate(s, r); err != nil {
		a.after(time.Second, func() { done(err) })
		return
	}
	s.configure(r.Properties)
	a.ecs.services = append(a.ecs.services, s)
	a.deploy(s, a.ecs.definitions[text(r.Properties["TaskDefinition"])], done)
}

func (a *AWS) mayCreate(s *service, r *resource) error {
	if !a.ecs.clusters[s.cluster] {
		return a.handlerError("Invalid request provided: CreateService error: Cluster not found.", "InvalidRequest")
	}
	for _, other := range a.ecs.services {
		if other.arn == s.arn && other.status == "DRAINING" {
			return a.handlerError("Invalid request provided: CreateService error: Unable to Start a service that is still Draining.", "InvalidRequest")
		}
		if other.arn == s.arn && other.status == "ACTIVE" {
			return a.handlerError("Invalid request provided: CreateService error: Creation of service was not idempotent.", "InvalidRequest")
		}
	}
	list, _ := r.Properties["LoadBalancers"].([]any)
	for _, item := range list {
		arn := text(object(item)["TargetGroupArn"])
		if g := a.elb.groups[arn]; g == nil || !a.forwards(g) {
			return a.handlerError(fmt.Sprintf("Invalid request provided: CreateService error: The target group with targetGroupArn %s does not have an associated load balancer.", arn), "InvalidRequest")
		}
	}
	return nil
}

func (s *service) configure(p map[string]any) {
	s.desired = number(p["DesiredCount"], 1)
	s.grace = seconds(p["HealthCheckGracePeriodSeconds"], 0)
	b := object(object(p["DeploymentConfiguration"])["DeploymentCircuitBreaker"])
	s.breaker = breaker{enable: text(b["Enable"]) == "true", rollback: text(b["Rollback"]) == "true"}
	// By default half the desired count, but from 3 to 200 (API reference, ServiceDeploymentCircuitBreaker).
	s.breaker.threshold = min(max(s.desired/2, 3), 200)
	if t := object(b["ThresholdConfiguration"]); text(t["Type"]) == "COUNT" {
		s.breaker.threshold = number(t["Value"], s.breaker.threshold)
	}
	s.securityGroups = texts(object(object(p["NetworkConfiguration"])["AwsvpcConfiguration"])["SecurityGroups"])
	s.groups = nil
	list, _ := p["LoadBalancers"].([]any)
	for _, item := range list {
		s.groups = append(s.groups, serviceGroup{arn: text(object(item)["TargetGroupArn"]), port: number(object(item)["ContainerPort"], 80)})
	}
}

func (a *AWS) service(arn string) *service {
	for _, s := range slices.Backward(a.ecs.services) {
		if s.arn == arn {
			return s
		}
	}
	return nil
}

func updateService(a *AWS, r *resource, _ map[string]any, done func(error)) {
	s := a.service(r.PhysicalID)
	s.configure(r.Properties)
	a.deploy(s, a.ecs.definitions[text(r.Properties["TaskDefinition"])], done)
}

func deleteService(a *AWS, r *resource, done func(error)) {
	s := a.service(r.PhysicalID)
	if s == nil || s.status != "ACTIVE" {
		a.after(time.Second, func() { done(nil) })
		return
	}
	s.status, s.desired = "DRAINING", 0
	for _, d := range s.deployments {
		d.done = func(error) {}
	}
	for _, k := range a.tasksOf(s, nil) {
		a.stop(k, fmt.Sprintf("Scaling activity initiated by (deployment %s)", s.deployments[0].id))
	}
	a.await(s, func() {
		s.status = "INACTIVE"
		a.after(5*time.Second, func() { done(nil) })
	})
}

// await calls then when the service has no task left.
func (a *AWS) await(s *service, then func()) {
	if len(a.tasksOf(s, nil)) == 0 {
		then()
		return
	}
	a.after(time.Second, func() { a.await(s, then) })
}

// say adds an event to the service. The API has the name in parentheses.
func (a *AWS) say(s *service, format string, args ...any) {
	message := fmt.Sprintf("(service %s) ", s.name) + fmt.Sprintf(format, args...)
	s.events = slices.Insert(s.events, 0, serviceEvent{id: a.uuid(), at: a.now, message: message})
	s.events = s.events[:min(len(s.events), 100)] // the newest 100 are kept
}

// sayOnce says nothing if it is what was said last: ECS repeats an event only after another, or after six hours (ECS
// developer guide, "Amazon ECS service event messages").
func (a *AWS) sayOnce(s *service, format string, args ...any) {
	message := fmt.Sprintf("(service %s) ", s.name) + fmt.Sprintf(format, args...)
	if len(s.events) == 0 || s.events[0].message != message {
		a.say(s, format, args...)
	}
}
