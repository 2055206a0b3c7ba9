package ecs

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// serviceDeployment takes a service from one revision to the next, in stages. Those of services with
// the strategy ROLLING are not kept.
type serviceDeployment struct {
	id, arn        string
	service        *service
	source, target *deployment // source is nil for the first deployment of a service
	status, reason string
	stages         []stage
	at             int // index of the current stage
	hooks          []*hook
	rollback       map[string]any // what Rollback describes; nil without one
	created        time.Time
	started        time.Time
	updated        time.Time
	finished       time.Time
	canary         *canary
	ended          func(error) // called once, at the end; nil: nobody waits
}

// stage is one lifecycle stage.
type stage struct {
	name    string
	percent float64       // of the requests, in PRODUCTION_TRAFFIC_SHIFT
	hold    time.Duration // how long it lasts besides
}

// hook is one pause.
type hook struct {
	id, status, action string
	expires            time.Time
}

// stageDelay is how long a stage takes that has nothing to do. It is not recorded.
const stageDelay = 2 * time.Second

// shiftDelay is how long a shift takes at least, so that the load balancer follows it before tasks stop.
// It is not recorded.
const shiftDelay = 10 * time.Second

// canaryTimeout is how long CloudFormation waits for a deployment that is not a rolling one (schema of
// AWS::ECS::Service: timeoutInMinutes of its handlers is 2160).
const canaryTimeout = 36 * time.Hour

// stages returns those of a deployment. Without a listener rule for tests there is no test traffic, so
// the stages for it are left out; that is inferred. For canary deployments the stage before a shift is
// "invoked before every traffic shift step" (API reference, ServiceDeployment.lifecycleStage). The first
// deployment of a service has no other revision that could keep the rest of the requests, so all of them
// go to it in one step. That its hooks are invoked too is what Terraform's provider waits for
// (terraform-provider-aws#43434).
func (c *canary) stages(first bool) []stage {
	list := []stage{{name: "PRE_SCALE_UP"}, {name: "SCALE_UP"}, {name: "POST_SCALE_UP"}}
	if !first && c.percent < 100 {
		list = append(list, stage{name: "PRE_PRODUCTION_TRAFFIC_SHIFT"},
			stage{name: "PRODUCTION_TRAFFIC_SHIFT", percent: c.percent, hold: c.canaryBake})
	}
	return append(list, stage{name: "PRE_PRODUCTION_TRAFFIC_SHIFT"}, stage{name: "PRODUCTION_TRAFFIC_SHIFT", percent: 100},
		stage{name: "POST_PRODUCTION_TRAFFIC_SHIFT"}, stage{name: "BAKE_TIME", hold: c.bake}, stage{name: "CLEAN_UP"})
}

// deployCanary begins a deployment. ended is called when it is over.
func (e *ECS) deployCanary(s *service, definition *taskDefinition, ended func(error)) {
	if definition == nil {
		e.account.After(time.Second, func() {
			ended(e.handlerError("Invalid request provided: CreateService error: TaskDefinition not found.", "InvalidRequest"))
		})
		return
	}
	now, id := e.account.Now(), e.account.Unique(20)
	target := &deployment{
		id:         fmt.Sprintf("ecs-svc/%019d", 1000000000000000000+int64(e.account.Serial())),
		definition: definition, created: now, state: "IN_PROGRESS", group: s.canary.groups[0], waiting: true, done: func(error) {},
		revision: strings.Replace(s.arn, ":service/", ":service-revision/", 1) + "/" + fmt.Sprint(1000000000000000000+int64(e.account.Serial())),
	}
	d := &serviceDeployment{
		id: id, arn: strings.Replace(s.arn, ":service/", ":service-deployment/", 1) + "/" + id,
		service: s, target: target, status: "PENDING", stages: s.canary.stages(len(s.deployments) == 0), created: now, updated: now,
		canary: s.canary, ended: ended,
	}
	if len(s.deployments) > 0 {
		d.source = s.deployments[0]
		if d.source.group == "" { // it was a rolling one
			d.source.group, d.source.weight = s.canary.groups[0], 100
			d.source.revision = strings.Replace(s.arn, ":service/", ":service-revision/", 1) + "/" + fmt.Sprint(e.account.Serial())
		}
		target.group = s.canary.other(d.source.group)
	}
	s.deployments = slices.Insert(s.deployments, 0, target)
	s.shifts = slices.Insert(s.shifts, 0, d)
	e.account.After(5*time.Second, func() {
		if d.is("PENDING") {
			d.status, d.started = "IN_PROGRESS", e.account.Now()
			e.enter(d)
		}
	})
	e.account.After(canaryTimeout, func() { d.end(e.handlerError("Exceeded attempts to wait", "NotStabilized")) })
}

// is reports whether the deployment has a status, of a service that exists.
func (d *serviceDeployment) is(status string) bool {
	return d.service.status == "ACTIVE" && d.status == status
}

// over reports whether the deployment has ended.
func (d *serviceDeployment) over() bool { return !d.finished.IsZero() }

// end calls what waits for the end.
func (d *serviceDeployment) end(err error) {
	if ended := d.ended; ended != nil {
		d.ended = nil
		ended(err)
	}
}

func (d *serviceDeployment) stage() stage { return d.stages[d.at] }

// enter begins the current stage.
func (e *ECS) enter(d *serviceDeployment) {
	d.updated = e.account.Now()
	switch now := d.stage(); now.name {
	case "SCALE_UP":
		d.target.waiting = false
		e.reconcile(d.service) // which leaves the stage once the tasks are healthy
		return
	case "PRODUCTION_TRAFFIC_SHIFT":
		if err := e.shift(d, d.target, now.percent); err != nil {
			e.rollBack(d, err.Error())
			return
		}
		e.leaveAfter(d, max(now.hold, shiftDelay))
		return
	case "CLEAN_UP":
		if d.source != nil {
			d.source.ending = true
			e.reconcile(d.service)
		}
		e.whenGone(d, d.source, func() { e.succeed(d) })
		return
	}
	if e.pause(d) {
		return
	}
	e.leaveAfter(d, max(d.stage().hold, stageDelay))
}

// leaveAfter goes on with the next stage.
func (e *ECS) leaveAfter(d *serviceDeployment, delay time.Duration) {
	at := d.at
	e.account.After(delay, func() {
		if d.is("IN_PROGRESS") && d.at == at {
			d.at++
			e.enter(d)
		}
	})
}

// pause makes a hook of each pause that is configured for the stage, and reports whether there is one.
func (e *ECS) pause(d *serviceDeployment) (paused bool) {
	for _, p := range d.canary.pauses {
		if !slices.Contains(p.stages, d.stage().name) {
			continue
		}
		paused = true
		h := &hook{id: "ecs-pause-" + e.account.Unique(43), status: "AWAITING_ACTION", action: p.action}
		h.expires = e.account.Now().Add(time.Duration(float64(p.timeout) * e.account.Scale))
		d.hooks = append(d.hooks, h)
		e.account.After(p.timeout, func() {
			if d.is("IN_PROGRESS") && h.status == "AWAITING_ACTION" {
				e.act(d, h, p.action, "TIMED_OUT")
			}
		})
	}
	return paused
}

// act continues or rolls back at a hook, which then has a status.
func (e *ECS) act(d *serviceDeployment, h *hook, action, status string) {
	h.status = status
	if action == "ROLLBACK" {
		e.rollBack(d, "lifecycle hook "+h.id+" "+map[string]string{"TIMED_OUT": "timed out"}[status])
		return
	}
	if !slices.ContainsFunc(d.hooks, func(other *hook) bool { return other.status == "AWAITING_ACTION" }) {
		e.leaveAfter(d, stageDelay)
	}
}

func (e *ECS) succeed(d *serviceDeployment) {
	s := d.service
	if !d.is("IN_PROGRESS") {
		return
	}
	d.status, d.finished, d.updated = "SUCCESSFUL", e.account.Now(), e.account.Now()
	d.target.state = "COMPLETED"
	s.deployments = slices.DeleteFunc(s.deployments, func(other *deployment) bool { return other != d.target })
	e.addEvent(s, "(deployment %s) deployment completed.", d.target.id)
	e.addEvent(s, "has reached a steady state.")
	d.end(nil)
}
