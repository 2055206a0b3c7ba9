package ecs

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// rollBack gives all requests back to the revision before, and stops the tasks of the new one. The
// first revision of a service has none before it, and cannot be rolled back; that ECS then stops its
// tasks is inferred.
func (e *ECS) rollBack(d *serviceDeployment, reason string) {
	s, now := d.service, e.account.Now()
	d.status, d.updated = "ROLLBACK_IN_PROGRESS", now
	d.reason = "Service deployment rolled back because: " + strings.TrimSpace(reason) + "."
	e.addEvent(s, "(deployment %s) deployment failed: %s.", d.target.id, strings.TrimSpace(reason))
	if d.source == nil {
		d.target.ending, d.target.waiting = true, false
		e.reconcile(s)
		e.whenGone(d, d.target, func() { e.rolledBack(d, "ROLLBACK_FAILED") })
		return
	}
	d.rollback = map[string]any{"reason": d.reason, "serviceRevisionArn": d.source.revision, "startedAt": now}
	d.source.ending = false // perhaps its tasks were being stopped
	e.reconcile(s)
	e.whenHealthy(d, func() {
		delay := time.Duration(0)
		if d.source.weight < 100 {
			delay = shiftDelay
			if err := e.shift(d, d.source, 100); err != nil {
				d.reason += " " + err.Error() + "."
				e.rolledBack(d, "ROLLBACK_FAILED")
				return
			}
		}
		e.account.After(delay, func() {
			d.target.ending, d.target.waiting = true, false
			e.reconcile(s)
			e.whenGone(d, d.target, func() { e.rolledBack(d, "ROLLBACK_SUCCESSFUL") })
		})
	})
}

func (e *ECS) rolledBack(d *serviceDeployment, status string) {
	d.status, d.finished, d.updated = status, e.account.Now(), e.account.Now()
	d.target.state = "FAILED"
	if d.source != nil && status == "ROLLBACK_SUCCESSFUL" {
		d.service.deployments = slices.DeleteFunc(d.service.deployments, func(other *deployment) bool { return other == d.target })
	}
	// The words are inferred: those of a circuit breaker are the only ones that are recorded.
	d.end(e.handlerError(fmt.Sprintf("Error occurred during operation 'ECS Deployment was rolled back: %s'.", d.reason), "GeneralServiceException"))
}

// whenHealthy goes on once the tasks of the revision before are healthy.
func (e *ECS) whenHealthy(d *serviceDeployment, then func()) {
	if d.service.status != "ACTIVE" {
		return
	}
	if e.healthyOf(d.service, d.source) >= d.service.desired {
		then()
		return
	}
	e.account.After(time.Second, func() { e.whenHealthy(d, then) })
}

// whenGone goes on once a revision has no task left, at once if there is none.
func (e *ECS) whenGone(d *serviceDeployment, gone *deployment, then func()) {
	status := d.status
	e.account.After(stageDelay, func() {
		if !d.is(status) {
			return
		}
		for _, k := range e.tasksOf(d.service, nil) {
			if k.deployment == gone {
				e.whenGone(d, gone, then)
				return
			}
		}
		then()
	})
}

// reconcileCanary starts and stops tasks of each revision.
func (e *ECS) reconcileCanary(s *service) {
	for _, d := range s.deployments {
		desired := s.desired
		switch {
		case d.waiting:
			continue
		case d.ending:
			desired = 0
		}
		mine := e.tasksOf(s, d)
		if missing := desired - len(mine); missing > 0 {
			e.launchAll(s, d, missing)
		}
		for _, k := range mine[min(desired, len(mine)):] {
			e.stop(k, fmt.Sprintf("Scaling activity initiated by (deployment %s)", d.id))
		}
	}
	if d := s.shifting(); d != nil && d.is("IN_PROGRESS") && d.stage().name == "SCALE_UP" && e.healthyOf(s, d.target) >= s.desired {
		e.leaveAfter(d, stageDelay)
	}
}

// shifting returns the deployment that is under way, or nil.
func (s *service) shifting() *serviceDeployment {
	if len(s.shifts) == 0 || s.shifts[0].over() {
		return nil
	}
	return s.shifts[0]
}

// undo rolls a deployment back that is under way, and goes on once it is over: in a rollback of its own,
// CloudFormation's handler stops the deployment that is to be undone.
func (e *ECS) undo(d *serviceDeployment, then func()) {
	d.ended = func(error) { then() }
	if d.status == "PENDING" || d.status == "IN_PROGRESS" {
		e.rollBack(d, "the service was updated")
	}
}

// updateCanary updates a service with the strategy CANARY.
func (e *ECS) updateCanary(s *service, definition *taskDefinition, again bool, done func(error)) {
	if again || s.deployments[0].definition != definition || s.deployments[0].state == "FAILED" {
		e.deployCanary(s, definition, done)
		return
	}
	e.reconcile(s)
	e.account.After(5*time.Second, func() { e.whenSteady(s, e.account.Now().Add(stabilizeTimeout), done) })
}
