package ecs

import (
	"fmt"
	"slices"
	"time"

	"pr-stack/internal/fake/aws/elb"
	"pr-stack/internal/fake/aws/internal/property"
)

// task is one task on Fargate. It is kept for an hour after it has stopped.
type task struct {
	ecs        *ECS
	arn, id    string
	cluster    string
	definition *taskDefinition
	service    *service    // nil if RunTask started the task
	deployment *deployment // of the service
	oneOff     *oneOff     // what RunTask was asked; nil for a service's task
	address    string      // private IPv4
	status     string      // PROVISIONING, PENDING, RUNNING, DEPROVISIONING, STOPPED
	created    time.Time
	pulling    time.Time // when the pull of its images began
	pulled     time.Time
	started    time.Time
	stopped    time.Time
	stopping   bool // it is being stopped

	stoppedReason, stopCode string

	containers []*container
	behavior   Container
	ready      bool // the container listens
	healthy    bool // it runs and, behind a load balancer, is healthy
	targets    []registration
	instances  []instance

	securityGroups []string
}

type container struct {
	containerDefinition
	digest   string
	exitCode *int
	reason   string
}

type registration struct {
	group  *elb.TargetGroup
	target *elb.Target
}

const (
	provisioning = 12 * time.Second // until the network interface exists
	pulling      = 22 * time.Second // and starting: together the 30 to 40 s that Fargate takes
	starting     = 2 * time.Second  // of it
)

// tasksOf returns the tasks of a service that have not stopped; with a deployment, only those of
// the deployment that are not being stopped.
func (e *ECS) tasksOf(s *service, d *deployment) []*task {
	var list []*task
	for _, k := range e.tasks {
		if k.service == s && k.status != "STOPPED" && (d == nil || k.deployment == d && !k.stopping) {
			list = append(list, k)
		}
	}
	return list
}

// Tags returns the tags of a task, if the ARN is that of one: those that RunTask gave it, or those of its
// service if the service passes them on. tagsOf returns those of a service.
func (e *ECS) Tags(arn string, tagsOf func(arn string) map[string]string) map[string]string {
	for _, k := range e.tasks {
		switch {
		case k.arn != arn:
		case k.oneOff != nil:
			return k.oneOff.tags
		case k.service.propagates:
			return tagsOf(k.service.arn)
		}
	}
	return tagsOf(arn)
}

// launch starts one task of a service.
func (e *ECS) launch(s *service, d *deployment, behavior Container) *task {
	return e.start(&task{
		cluster: s.cluster, definition: d.definition, service: s, deployment: d, behavior: behavior, securityGroups: s.securityGroups,
	})
}

// start starts a task.
func (e *ECS) start(k *task) *task {
	e.addresses++
	k.ecs, k.id, k.status, k.created = e, e.account.Unique(32), "PROVISIONING", e.account.Now()
	k.arn = e.account.ARN("ecs", "task/"+k.cluster+"/"+k.id)
	k.address = fmt.Sprintf("10.0.%d.%d", e.addresses/250, 4+e.addresses%250)
	for _, c := range k.definition.containers {
		k.containers = append(k.containers, &container{containerDefinition: c})
	}
	e.tasks = slices.DeleteFunc(e.tasks, func(old *task) bool { return old.status == "STOPPED" && e.account.Now().Sub(old.stopped) > time.Hour })
	e.tasks = append(e.tasks, k)
	e.account.After(provisioning, func() { e.pull(k) })
	return k
}

// pull looks up each container's image in the registry and notes its digest.
func (e *ECS) pull(k *task) {
	if k.stopping {
		return
	}
	k.status, k.pulling = "PENDING", e.account.Now()
	for _, c := range k.containers {
		message := k.behavior.PullError
		if message == "" {
			var found bool
			// The message is the ECS developer guide's, "CannotPullContainer task errors".
			if c.digest, found = e.ECR.Digest(c.image); !found {
				message = fmt.Sprintf("CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref %s: %s: not found", c.image, c.image)
			}
		}
		if message != "" {
			c.reason = message
			e.account.After(pulling, func() { e.end(k, message, "TaskFailedToStart") })
			return
		}
	}
	e.account.After(pulling-starting, func() { k.pulled = e.account.Now() })
	e.account.After(pulling, func() { e.run(k) })
}

func (e *ECS) run(k *task) {
	if k.stopping {
		return
	}
	k.status, k.started = "RUNNING", e.account.Now()
	e.log(k, k.behavior.Log)
	e.account.After(k.behavior.StartDelay, func() { k.ready = true })
	if k.behavior.Ended != nil {
		e.account.After(time.Second, func() { e.askEnded(k) })
	}
	if exit := k.behavior.Exit; exit != nil {
		e.account.After(exit.After, func() {
			if k.stopping {
				return
			}
			e.exited(k, *exit)
		})
	}
	if k.oneOff != nil {
		return
	}
	for _, g := range k.groups() {
		if group := e.ELB.Group(g.arn); group != nil {
			k.targets = append(k.targets, registration{group, e.ELB.Register(group, k, g.port)})
			e.addEvent(k.service, "registered 1 targets in (target-group %s)", g.arn)
		}
	}
	e.discover(k)
	if len(k.targets) == 0 {
		e.taskHealthy(k)
	}
}

// groups returns the target groups of a service's task.
func (k *task) groups() []serviceGroup {
	if k.deployment.group == "" || len(k.service.groups) == 0 {
		return k.service.groups
	}
	return []serviceGroup{{arn: k.deployment.group, port: k.service.groups[0].port}}
}

// log writes lines to the logs of the task's containers.
func (e *ECS) log(k *task, lines []string) {
	for _, c := range k.containers {
		if c.log != nil {
			e.Logs.Write(property.Text(c.log["awslogs-group"]), property.Text(c.log["awslogs-stream-prefix"])+"/"+c.name+"/"+k.id, lines)
		}
	}
}

// exited records that the task's first container ended.
func (e *ECS) exited(k *task, exit Exit) {
	if c := k.main(); c != nil {
		c.exitCode, c.reason = &exit.Code, exit.Reason
	}
	e.end(k, "Essential container in task exited", "EssentialContainerExited")
}

// askEnded asks a container that is a real program whether it has ended.
func (e *ECS) askEnded(k *task) {
	if k.stopping {
		return
	}
	code, log, over := k.behavior.Ended()
	if !over {
		e.account.After(time.Second, func() { e.askEnded(k) })
		return
	}
	e.log(k, log)
	e.exited(k, Exit{Code: code})
}

// Healthy is called when a target of the task has become healthy.
func (k *task) Healthy() {
	if k.healthy || k.stopping {
		return
	}
	for _, r := range k.targets {
		if r.target.State != "healthy" {
			return
		}
	}
	k.ecs.taskHealthy(k)
}

// Unhealthy is called, at each check, if a target is unhealthy. After the grace period ECS stops
// the task.
func (k *task) Unhealthy(g *elb.TargetGroup, t *elb.Target) {
	e := k.ecs
	if k.stopping || e.account.Now().Sub(k.started) < time.Duration(float64(k.service.grace)*e.account.Scale) {
		return
	}
	e.addEvent(k.service, "(port %d) is unhealthy in (target-group %s) due to (reason %s).", t.Port, g.ARN, t.Description)
	e.stop(k, fmt.Sprintf("Task failed ELB health checks in (target-group %s)", g.ARN))
	k.healthy = false
	e.taskFailed(k.service, k, true)
}

// stop stops a task in order: its targets drain, then its containers get SIGTERM.
func (e *ECS) stop(k *task, why string) {
	if k.stopping {
		return
	}
	k.stopping, k.healthy = true, false
	k.stoppedReason, k.stopCode = why, "ServiceSchedulerInitiated"
	if k.oneOff != nil {
		k.stopCode = "UserInitiated"
	}
	delay := time.Duration(0)
	e.forget(k)
	for _, r := range k.targets {
		group := r.group
		e.ELB.Deregister(group, r.target, func() { e.addEvent(k.service, "deregistered 1 targets in (target-group %s)", group.ARN) })
		delay = max(delay, group.Delay)
	}
	e.account.After(delay, func() {
		if k.status == "RUNNING" {
			k.status = "DEPROVISIONING"
		}
		e.account.After(min(k.containers[0].stopTimeout, 2*time.Second), func() {
			if code := k.stoppedCode(); k.containers[0].exitCode == nil && !k.started.IsZero() {
				k.containers[0].exitCode = &code
			}
			if k.service != nil {
				e.addEvent(k.service, "has stopped 1 running tasks: (task %s).", k.id)
			}
			e.markStopped(k)
		})
	})
}

// end records that a task ended by itself.
func (e *ECS) end(k *task, why, code string) {
	if k.stopping {
		return
	}
	k.stopping, k.healthy = true, false
	k.stoppedReason, k.stopCode = why, code
	e.forget(k)
	for _, r := range k.targets {
		e.ELB.Deregister(r.group, r.target, func() {})
	}
	if k.oneOff != nil {
		e.markStopped(k)
		return
	}
	if code == "TaskFailedToStart" {
		e.addEvent(k.service, "was unable to place a task. Reason: %s.", why)
	}
	e.markStopped(k)
	e.taskFailed(k.service, k, false)
}

// stoppedCode returns the exit code of a container that is stopped. A service's code handles SIGTERM. A
// command that is the first process of its container most often does not, and gets SIGKILL.
func (k *task) stoppedCode() int {
	if k.oneOff != nil {
		return 137
	}
	return 0
}

func (e *ECS) markStopped(k *task) {
	k.status, k.stopped, k.ready = "STOPPED", e.account.Now(), false
	if k.behavior.Stop != nil {
		k.behavior.Stop()
	}
	e.EC2.Linger(k.securityGroups)
	if k.oneOff != nil {
		k.oneOff.release()
		return
	}
	e.account.After(time.Second, func() { e.reconcile(k.service) })
}
