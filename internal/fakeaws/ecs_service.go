package fakeaws

import (
	"fmt"
	"slices"
	"strings"
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
	deployments        []*deployment
	events             []serviceEvent // newest first
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

type deployment struct {
	id         string
	definition *taskDefinition
	created    time.Time
	state      string // IN_PROGRESS, COMPLETED, FAILED
	reason     string
	failed     int
	draining   bool // the old tasks are being stopped
	done       func(error)
}

// settles is how long ECS takes to call a deployment complete once nothing is missing.
const settles = 15 * time.Second

// stabilizes is how long CloudFormation waits for a service without a breaker.
const stabilizes = 3 * time.Hour

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

// launchAll starts as many tasks, or says why there is no place for them.
func (a *AWS) launchAll(s *service, d *deployment, missing int) {
	var ids []string
	for range missing {
		behavior := Container{}
		if main := d.definition.containers; a.opts.Container != nil && len(main) > 0 {
			behavior = a.opts.Container(main[0].image, main[0].environment)
		}
		if behavior.Unplaced != "" {
			a.sayOnce(s, "was unable to place a task. Reason: %s", behavior.Unplaced)
			a.after(30*time.Second, func() { a.schedule(s) })
			break
		}
		ids = append(ids, fmt.Sprintf("(task %s)", a.launch(s, d, behavior).id))
	}
	if len(ids) > 0 {
		a.say(s, "has started %d tasks: %s.", len(ids), strings.Join(ids, " "))
	}
}

// deploy begins a deployment of a task definition. done is called when it has ended, well or not.
func (a *AWS) deploy(s *service, definition *taskDefinition, done func(error)) {
	if definition == nil {
		a.after(time.Second, func() {
			done(a.handlerError("Invalid request provided: CreateService error: TaskDefinition not found.", "InvalidRequest"))
		})
		return
	}
	d := &deployment{id: "ecs-svc/" + strings.TrimLeft(fmt.Sprintf("%019d", 1000000000000000000+int64(a.serial)), "0"), definition: definition, created: a.now, state: "IN_PROGRESS"}
	a.serial++
	d.reason = fmt.Sprintf("ECS deployment %s in progress.", d.id)
	over := false
	d.done = func(err error) {
		if !over {
			over = true
			done(err)
		}
	}
	s.deployments = slices.Insert(s.deployments, 0, d)
	a.after(5*time.Second, func() { a.schedule(s) })
	a.after(stabilizes, func() { d.done(a.handlerError("Exceeded attempts to wait", "NotStabilized")) })
}

// schedule does what a service's scheduler does each time that something has changed: it starts what is missing of the
// primary deployment, stops what is left of the ones before once the new tasks are well, and ends the deployment.
func (a *AWS) schedule(s *service) {
	if s.status != "ACTIVE" {
		return
	}
	d := s.deployments[0]
	mine := a.tasksOf(s, d)
	if missing := s.desired - len(mine); missing > 0 && d.state != "FAILED" {
		a.launchAll(s, d, missing)
		return
	}
	for _, k := range mine[min(s.desired, len(mine)):] {
		a.stop(k, fmt.Sprintf("Scaling activity initiated by (deployment %s)", d.id))
	}
	well := 0
	for _, k := range mine {
		if k.well {
			well++
		}
	}
	if d.state != "IN_PROGRESS" || well < s.desired {
		return
	}
	if !d.draining {
		d.draining = true
		for _, k := range a.tasksOf(s, nil) {
			if k.deployment != d {
				a.stop(k, fmt.Sprintf("Scaling activity initiated by (deployment %s)", d.id))
			}
		}
	}
	if len(a.tasksOf(s, nil)) > s.desired {
		return // the old ones still drain; stopping the last of them schedules again
	}
	a.after(settles, func() { a.complete(s, d) })
}

func (a *AWS) complete(s *service, d *deployment) {
	if s.status != "ACTIVE" || s.deployments[0] != d || d.state != "IN_PROGRESS" {
		return
	}
	for _, k := range a.tasksOf(s, d) {
		if !k.well {
			return // it fell ill meanwhile
		}
	}
	d.state, d.reason = "COMPLETED", fmt.Sprintf("ECS deployment %s completed.", d.id)
	s.deployments = s.deployments[:1]
	a.say(s, "(deployment %s) deployment completed.", d.id)
	a.say(s, "has reached a steady state.")
	d.done(nil)
}

// breakerText is what the resource handler says of a deployment that the breaker ended.
const breakerText = "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'."

// lost is told that a task of the service ended by itself or was stopped for being ill.
func (a *AWS) lost(s *service, k *task) {
	d := k.deployment
	if s.status != "ACTIVE" || s.deployments[0] != d {
		return
	}
	if d.state != "IN_PROGRESS" {
		a.after(5*time.Second, func() { a.schedule(s) })
		return
	}
	d.failed++
	if !s.breaker.enable || d.failed < s.breaker.threshold {
		// Each restart waits longer, as ECS throttles a service that cannot keep its tasks.
		a.after(time.Duration(min(d.failed, 6))*10*time.Second, func() { a.schedule(s) })
		return
	}
	d.state, d.reason = "FAILED", "ECS deployment circuit breaker: tasks failed to start."
	a.say(s, "(deployment %s) deployment failed: tasks failed to start.", d.id)
	if s.breaker.rollback && len(s.deployments) > 1 {
		before := s.deployments[1]
		a.say(s, "rolling back to deployment %s.", before.id)
		a.deploy(s, before.definition, func(error) {})
	}
	d.done(a.handlerError(breakerText, "GeneralServiceException"))
}
