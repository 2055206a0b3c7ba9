package ecs

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// deployment is the rollout of one task definition.
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

// deploy begins a deployment of a task definition. done is called when it has ended, well or not.
func (e *ECS) deploy(s *service, definition *taskDefinition, done func(error)) {
	if definition == nil {
		e.account.After(time.Second, func() {
			done(e.handlerError("Invalid request provided: CreateService error: TaskDefinition not found.", "InvalidRequest"))
		})
		return
	}
	d := &deployment{id: "ecs-svc/" + strings.TrimLeft(fmt.Sprintf("%019d", 1000000000000000000+int64(e.account.Serial())), "0"), definition: definition, created: e.account.Now(), state: "IN_PROGRESS"}
	d.reason = fmt.Sprintf("ECS deployment %s in progress.", d.id)
	over := false
	d.done = func(err error) {
		if !over {
			over = true
			done(err)
		}
	}
	s.deployments = slices.Insert(s.deployments, 0, d)
	e.account.After(5*time.Second, func() { e.schedule(s) })
	e.account.After(stabilizes, func() { d.done(e.handlerError("Exceeded attempts to wait", "NotStabilized")) })
}

// launchAll starts as many tasks, or says why there is no place for them.
func (e *ECS) launchAll(s *service, d *deployment, missing int) {
	var ids []string
	for range missing {
		behavior := Container{}
		if main := d.definition.containers; e.behavior != nil && len(main) > 0 {
			behavior = e.behavior(main[0].image, main[0].environment)
		}
		if behavior.Unplaced != "" {
			e.sayOnce(s, "was unable to place a task. Reason: %s.", strings.TrimSuffix(behavior.Unplaced, "."))
			e.retry(s)
			break
		}
		ids = append(ids, fmt.Sprintf("(task %s)", e.launch(s, d, behavior).id))
	}
	if len(ids) > 0 {
		e.say(s, "has started %d tasks: %s.", len(ids), strings.Join(ids, " "))
	}
}

// retry looks for a place again in half a minute.
func (e *ECS) retry(s *service) {
	if s.retrying {
		return
	}
	s.retrying = true
	e.account.After(30*time.Second, func() {
		s.retrying = false
		e.schedule(s)
	})
}

// schedule does what a service's scheduler does each time that something has changed: it starts what is missing of the
// primary deployment, stops what is left of the ones before once the new tasks are well, and ends the deployment.
func (e *ECS) schedule(s *service) {
	if s.status != "ACTIVE" {
		return
	}
	d := s.deployments[0]
	mine := e.tasksOf(s, d)
	if missing := s.desired - len(mine); missing > 0 && d.state != "FAILED" {
		e.launchAll(s, d, missing)
		return
	}
	for _, k := range mine[min(s.desired, len(mine)):] {
		e.stop(k, fmt.Sprintf("Scaling activity initiated by (deployment %s)", d.id))
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
		for _, k := range e.tasksOf(s, nil) {
			if k.deployment != d {
				e.stop(k, fmt.Sprintf("Scaling activity initiated by (deployment %s)", d.id))
			}
		}
	}
	if len(e.tasksOf(s, nil)) > s.desired {
		return // the old ones still drain; stopping the last of them schedules again
	}
	e.account.After(settles, func() { e.complete(s, d) })
}

func (e *ECS) complete(s *service, d *deployment) {
	if s.status != "ACTIVE" || s.deployments[0] != d || d.state != "IN_PROGRESS" {
		return
	}
	for _, k := range e.tasksOf(s, d) {
		if !k.well {
			return // it fell ill meanwhile
		}
	}
	d.state, d.reason = "COMPLETED", fmt.Sprintf("ECS deployment %s completed.", d.id)
	s.deployments = s.deployments[:1]
	e.say(s, "(deployment %s) deployment completed.", d.id)
	e.say(s, "has reached a steady state.")
	d.done(nil)
}

// breakerText is what the resource handler says of a deployment that the breaker ended.
const breakerText = "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'."

// lost is told that a task of the service ended by itself or was stopped for being ill.
func (e *ECS) lost(s *service, k *task) {
	d := k.deployment
	if s.status != "ACTIVE" || s.deployments[0] != d {
		return
	}
	if d.state != "IN_PROGRESS" {
		e.account.After(5*time.Second, func() { e.schedule(s) })
		return
	}
	d.failed++
	if !s.breaker.enable || d.failed < s.breaker.threshold {
		// Each restart waits longer, as ECS throttles a service that cannot keep its tasks.
		e.account.After(time.Duration(min(d.failed, 6))*10*time.Second, func() { e.schedule(s) })
		return
	}
	d.state, d.reason = "FAILED", "ECS deployment circuit breaker: tasks failed to start."
	e.say(s, "(deployment %s) deployment failed: tasks failed to start.", d.id)
	if s.breaker.rollback && len(s.deployments) > 1 {
		before := s.deployments[1]
		e.say(s, "rolling back to deployment %s.", before.id)
		e.deploy(s, before.definition, func(error) {})
	}
	d.done(e.handlerError(breakerText, "GeneralServiceException"))
}
