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
	failed     int  // the tasks that the circuit breaker counts
	restarts   int  // after any failure
	settled    bool // a task was healthy, after which the circuit breaker counts no more
	draining   bool // the old tasks are being stopped
	done       func(error)

	// Of a service with the strategy CANARY.
	group    string  // ARN of the target group in which its tasks are
	revision string  // ARN of the service revision
	weight   float64 // percent of the requests
	waiting  bool    // its tasks are not to be started yet
	ending   bool    // its tasks are to be stopped
}

// completionDelay is how long ECS takes to complete a deployment once all its tasks are healthy.
const completionDelay = 15 * time.Second

// stabilizeTimeout is how long CloudFormation waits for a service without a circuit breaker.
const stabilizeTimeout = 3 * time.Hour

// deploy begins a deployment of a task definition. done is called when it has ended, successfully
// or not.
func (e *ECS) deploy(s *service, definition *taskDefinition, done func(error)) {
	if definition == nil {
		e.account.After(time.Second, func() {
			done(e.handlerError("Invalid request provided: CreateService error: TaskDefinition not found.", "InvalidRequest"))
		})
		return
	}
	d := &deployment{
		id:         fmt.Sprintf("ecs-svc/%019d", 1000000000000000000+int64(e.account.Serial())),
		definition: definition, created: e.account.Now(), state: "IN_PROGRESS",
	}
	d.reason = fmt.Sprintf("ECS deployment %s in progress.", d.id)
	over := false
	d.done = func(err error) {
		if !over {
			over = true
			done(err)
		}
	}
	s.deployments = slices.Insert(s.deployments, 0, d)
	e.account.After(5*time.Second, func() { e.reconcile(s) })
	e.account.After(stabilizeTimeout, func() { d.done(e.handlerError("Exceeded attempts to wait", "NotStabilized")) })
}

// launchAll starts the missing tasks, or records an event that says why they cannot be placed.
func (e *ECS) launchAll(s *service, d *deployment, missing int) {
	var ids []string
	for range missing {
		behavior := Container{}
		if main := d.definition.containers; e.behavior != nil && len(main) > 0 {
			behavior = e.behavior(main[0].image, main[0].environment)
		}
		if behavior.Unplaced != "" {
			e.addEventOnce(s, "was unable to place a task. Reason: %s.", strings.TrimSuffix(behavior.Unplaced, "."))
			e.retry(s)
			break
		}
		ids = append(ids, fmt.Sprintf("(task %s)", e.launch(s, d, behavior).id))
	}
	if len(ids) > 0 {
		e.addEvent(s, "has started %d tasks: %s.", len(ids), strings.Join(ids, " "))
	}
}

// retry tries to place tasks again in half a minute.
func (e *ECS) retry(s *service) {
	if s.retrying {
		return
	}
	s.retrying = true
	e.account.After(30*time.Second, func() {
		s.retrying = false
		e.reconcile(s)
	})
}

// reconcile does what the service scheduler does after every change: it starts the missing tasks of
// the primary deployment, stops the tasks of older ones once the new tasks are healthy, and
// completes the deployment.
func (e *ECS) reconcile(s *service) {
	if s.status != "ACTIVE" {
		return
	}
	if s.canary != nil || s.shifting() != nil {
		e.reconcileCanary(s)
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
	if d.state != "IN_PROGRESS" || e.healthy(s) < s.desired {
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
		return // the old tasks are still draining; when the last one has stopped, reconcile runs again
	}
	e.account.After(completionDelay, func() { e.complete(s, d) })
}

// healthy returns how many tasks of the primary deployment are healthy.
func (e *ECS) healthy(s *service) int { return e.healthyOf(s, s.deployments[0]) }

func (e *ECS) healthyOf(s *service, d *deployment) (n int) {
	for _, k := range e.tasksOf(s, d) {
		if k.healthy {
			n++
		}
	}
	return n
}

func (e *ECS) complete(s *service, d *deployment) {
	if s.status != "ACTIVE" || s.deployments[0] != d || d.state != "IN_PROGRESS" || e.healthy(s) < s.desired {
		return // a task became unhealthy or ended meanwhile
	}
	d.state, d.reason = "COMPLETED", fmt.Sprintf("ECS deployment %s completed.", d.id)
	s.deployments = s.deployments[:1]
	e.addEvent(s, "(deployment %s) deployment completed.", d.id)
	e.addEvent(s, "has reached a steady state.")
	d.done(nil)
}

// breakerText is the resource handler's message for a deployment that the circuit breaker ended.
const breakerText = "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'."

// counts reports whether the circuit breaker counts a task that failed. "A task is considered a failure
// if the service scheduler can't launch the task, the task doesn't transition to a RUNNING state, or if
// it fails any of its defined health checks and is stopped": a task that ran and ended by itself is not
// counted. "Once a service deployment has one or more successfully running tasks, the failed task count
// resets to zero and stops being evaluated" (API reference, Deployment.failedTasks), as long as
// ResetOnHealthyTask is true, its default. That all of this ends if it is false is inferred.
func (s *service) counts(k *task, byHealthCheck bool) bool {
	if s.breaker.keepsCount {
		return true
	}
	return !k.deployment.settled && (byHealthCheck || k.started.IsZero())
}

// taskHealthy is called when a task is healthy.
func (e *ECS) taskHealthy(k *task) {
	k.healthy, k.deployment.settled = true, true
	if !k.service.breaker.keepsCount {
		k.deployment.failed = 0
	}
	e.account.After(time.Second, func() { e.reconcile(k.service) })
}

// taskFailed is called when a task of the service ended by itself or was stopped because it failed a
// health check.
func (e *ECS) taskFailed(s *service, k *task, byHealthCheck bool) {
	d := k.deployment
	if s.status != "ACTIVE" || s.deployments[0] != d && s.canary == nil {
		return
	}
	if d.state != "IN_PROGRESS" {
		e.account.After(5*time.Second, func() { e.reconcile(s) })
		return
	}
	d.restarts++
	if s.counts(k, byHealthCheck) {
		d.failed++
	}
	if s.canary != nil || !s.breaker.enable || d.failed < s.breaker.threshold {
		// Each restart waits longer, as ECS throttles a service that cannot keep its tasks.
		e.account.After(time.Duration(min(d.restarts, 6))*10*time.Second, func() { e.reconcile(s) })
		return
	}
	d.state, d.reason = "FAILED", "ECS deployment circuit breaker: tasks failed to start."
	e.addEvent(s, "(deployment %s) deployment failed: tasks failed to start.", d.id)
	if s.breaker.rollback && len(s.deployments) > 1 {
		before := s.deployments[1]
		e.addEvent(s, "rolling back to deployment %s.", before.id)
		e.deploy(s, before.definition, func(error) {})
	}
	d.done(e.handlerError(breakerText, "GeneralServiceException"))
}
