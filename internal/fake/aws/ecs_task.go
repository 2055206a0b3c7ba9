package aws

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// task is one task on Fargate, and for an hour after it has stopped the memory of it.
type task struct {
	arn, id    string
	service    *service
	deployment *deployment
	address    string // private IPv4
	status     string // PROVISIONING, PENDING, RUNNING, DEPROVISIONING, STOPPED
	created    time.Time
	pulling    time.Time // from when on its images are pulled
	pulled     time.Time
	started    time.Time
	stopped    time.Time
	leaving    bool   // it is being stopped
	why, code  string // stoppedReason, stopCode

	containers []*container
	behavior   Container
	ready      bool // the container listens
	well       bool // it runs and, behind a load balancer, is healthy
	targets    []registration

	securityGroups []string
}

type container struct {
	containerDefinition
	digest   string
	exitCode *int
	reason   string
}

type registration struct {
	group  *targetGroup
	target *target
}

const (
	provisioning = 12 * time.Second // until the network interface is there
	pulling      = 22 * time.Second // and starting: together the 30 to 40 s that Fargate takes
	starting     = 2 * time.Second  // of it
)

// tasksOf returns the tasks of a service, or of one of its deployments, that have not been told to stop, and, for a
// service, those that are stopping.
func (a *AWS) tasksOf(s *service, d *deployment) []*task {
	var list []*task
	for _, k := range a.ecs.tasks {
		if k.service == s && k.status != "STOPPED" && (d == nil || k.deployment == d && !k.leaving) {
			list = append(list, k)
		}
	}
	return list
}

// launch starts one task.
func (a *AWS) launch(s *service, d *deployment, behavior Container) *task {
	id := a.unique(32)
	a.ecs.addresses++
	k := &task{
		arn: a.arn("ecs", "task/"+s.cluster+"/"+id), id: id, service: s, deployment: d, status: "PROVISIONING", created: a.now, behavior: behavior, securityGroups: s.securityGroups,
		address: fmt.Sprintf("10.0.%d.%d", a.ecs.addresses/250, 4+a.ecs.addresses%250),
	}
	for _, c := range d.definition.containers {
		k.containers = append(k.containers, &container{containerDefinition: c})
	}
	a.ecs.tasks = slices.DeleteFunc(a.ecs.tasks, func(old *task) bool { return old.status == "STOPPED" && a.now.Sub(old.stopped) > time.Hour })
	a.ecs.tasks = append(a.ecs.tasks, k)
	a.after(provisioning, func() { a.pull(k) })
	return k
}

// pull finds each container's image in the registry, by which its digest is known.
func (a *AWS) pull(k *task) {
	if k.leaving {
		return
	}
	k.status, k.pulling = "PENDING", a.now
	for _, c := range k.containers {
		message := k.behavior.PullError
		if message == "" {
			c.digest, message = a.resolve(c.image)
		}
		if message != "" {
			c.reason = message
			a.after(pulling, func() { a.end(k, message, "TaskFailedToStart") })
			return
		}
	}
	a.after(pulling-starting, func() { k.pulled = a.now })
	a.after(pulling, func() { a.run(k) })
}

// resolve returns the digest of an image, or the message of ECS for one that is not there (ECS developer guide,
// "CannotPullContainer task errors").
func (a *AWS) resolve(image string) (digest, message string) {
	repository, reference, ok := a.split(image)
	if r := a.ecr.repositories[repository]; ok && r != nil {
		id := imageID{Tag: reference}
		if strings.Contains(reference, ":") {
			id = imageID{Digest: reference}
		}
		if i := r.find(id); i != nil {
			return i.digest, ""
		}
	}
	return "", fmt.Sprintf("CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref %s: %s: not found", image, image)
}

func (a *AWS) run(k *task) {
	if k.leaving {
		return
	}
	k.status, k.started = "RUNNING", a.now
	for _, c := range k.containers {
		if c.log != nil {
			a.write(text(c.log["awslogs-group"]), text(c.log["awslogs-stream-prefix"])+"/"+c.name+"/"+k.id, k.behavior.Log)
		}
	}
	a.after(k.behavior.StartDelay, func() { k.ready = true })
	if exit := k.behavior.Exit; exit != nil {
		a.after(exit.After, func() {
			if k.leaving {
				return
			}
			k.containers[0].exitCode, k.containers[0].reason = &exit.Code, exit.Reason
			a.end(k, "Essential container in task exited", "EssentialContainerExited")
		})
	}
	for _, g := range k.service.groups {
		if group := a.elb.groups[g.arn]; group != nil {
			k.targets = append(k.targets, registration{group, a.register(group, k, g.port)})
			a.say(k.service, "registered 1 targets in (target-group %s)", g.arn)
		}
	}
	if len(k.targets) == 0 {
		k.well = true
		a.after(time.Second, func() { a.schedule(k.service) })
	}
}

// healthy is told that a target has become healthy.
func (a *AWS) healthy(t *target) {
	k := t.task
	if k.well || k.leaving {
		return
	}
	for _, r := range k.targets {
		if r.target.state != "healthy" {
			return
		}
	}
	k.well = true
	a.after(time.Second, func() { a.schedule(k.service) })
}

// unhealthy is told, at each check, that a target is. After the grace period ECS stops the task.
func (a *AWS) unhealthy(g *targetGroup, t *target) {
	k := t.task
	if k.leaving || a.now.Sub(k.started) < time.Duration(float64(k.service.grace)*a.opts.Scale) {
		return
	}
	a.say(k.service, "(port %d) is unhealthy in (target-group %s) due to (reason %s).", t.port, g.arn, t.description)
	a.stop(k, fmt.Sprintf("Task failed ELB health checks in (target-group %s)", g.arn))
	k.well = false
	a.lost(k.service, k)
}

// stop takes a task down in order: its targets drain, then its containers get SIGTERM.
func (a *AWS) stop(k *task, why string) {
	if k.leaving {
		return
	}
	k.leaving, k.well = true, false
	k.why, k.code = why, "ServiceSchedulerInitiated"
	delay := time.Duration(0)
	for _, r := range k.targets {
		group := r.group
		a.deregister(group, r.target, func() { a.say(k.service, "deregistered 1 targets in (target-group %s)", group.arn) })
		delay = max(delay, group.delay)
	}
	a.after(delay, func() {
		if k.status == "RUNNING" {
			k.status = "DEPROVISIONING"
		}
		a.after(min(k.containers[0].stopTimeout, 2*time.Second), func() {
			if zero := 0; k.containers[0].exitCode == nil && !k.started.IsZero() {
				k.containers[0].exitCode = &zero
			}
			a.say(k.service, "has stopped 1 running tasks: (task %s).", k.id)
			a.bury(k)
		})
	})
}

// end is a task that ended by itself.
func (a *AWS) end(k *task, why, code string) {
	if k.leaving {
		return
	}
	k.leaving, k.well = true, false
	k.why, k.code = why, code
	for _, r := range k.targets {
		a.deregister(r.group, r.target, func() {})
	}
	if code == "TaskFailedToStart" {
		a.say(k.service, "was unable to place a task. Reason: %s.", why)
	}
	a.bury(k)
	a.lost(k.service, k)
}

func (a *AWS) bury(k *task) {
	k.status, k.stopped, k.ready = "STOPPED", a.now, false
	if k.behavior.Stop != nil {
		k.behavior.Stop()
	}
	a.linger(k.securityGroups)
	a.after(time.Second, func() { a.schedule(k.service) })
}
