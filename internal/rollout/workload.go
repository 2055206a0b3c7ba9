package rollout

import (
	"context"

	"pr-stack/internal/cfn"
	"pr-stack/internal/diagnosis"
	"pr-stack/internal/ecs"
	"pr-stack/internal/elb"
)

// Workload is a resource of a stack that has a readiness of its own.
type Workload interface {
	// Ready waits until the resource does what it is for, and returns what was seen so far together
	// with what was seen of it. Its error says what is missing when ctx is done.
	Ready(ctx context.Context, seen Seen) (Seen, error)
	// Trouble returns what keeps it from being ready, as far as that can be asked.
	Trouble(ctx context.Context) (Trouble, error)
}

// Seen is what was seen of a stack's workloads.
type Seen struct {
	Services     int // ECS services whose deployment is complete
	TargetGroups int // target groups with healthy targets
	Running      ecs.Running
	Starts       map[string][]ecs.Start // of the tasks, by the service's logical ID
}

// Trouble is what is wrong with one workload. Its zero value is nothing.
type Trouble struct {
	Resource   cfn.Resource
	Service    diagnosis.Service // what is known of it, in the terms of a diagnosis
	Deployment string            // ID of the ECS deployment that is in trouble; "" for other workloads
	Stuck      bool              // it cannot become ready any more
	crash      ecs.Crash         // the last one, to find its log by
}

// None reports whether nothing is wrong.
func (t Trouble) None() bool {
	return t.Service.Crashes == 0 && t.Service.Unplaced == "" && t.Service.Unhealthy == "" && t.Service.Failed == ""
}

// service is an ECS service of the stack.
type service struct {
	cfn.Resource
	ecs.Service
}

func (s service) Ready(ctx context.Context, seen Seen) (Seen, error) {
	running, err := s.Wait(ctx)
	if err != nil {
		return seen, err
	}
	seen.Services++
	seen.Running.Containers = append(seen.Running.Containers, running.Containers...)
	seen.Running.Addresses = append(seen.Running.Addresses, running.Addresses...)
	seen.Running.TaskDefinitions = append(seen.Running.TaskDefinitions, running.TaskDefinitions...)
	seen.Starts[s.LogicalID] = running.Starts
	return seen, nil
}

func (s service) Trouble(ctx context.Context) (Trouble, error) {
	found, err := s.Service.Trouble(ctx)
	if err != nil {
		return Trouble{}, err
	}
	t := Trouble{Resource: s.Resource, Deployment: found.Deployment, Stuck: found.Stuck(), Service: diagnosis.Service{
		Name: found.Service, Failed: found.Failed, Crashes: len(found.Crashed),
		Unplaced: found.Unplaced, Unhealthy: found.Unhealthy, Port: found.Port,
	}}
	if len(found.Crashed) == 0 {
		return t, nil
	}
	t.crash = found.Crashed[len(found.Crashed)-1]
	t.Service.Last = diagnosis.Crash{Reason: t.crash.Reason, Container: t.crash.Container, Detail: t.crash.Detail}
	if t.crash.ExitCode != nil {
		code := int(*t.crash.ExitCode)
		t.Service.Last.ExitCode = &code
	}
	return t, nil
}

// targetGroup is a target group of the stack.
type targetGroup struct {
	cfn.Resource
	elb.TargetGroup
}

func (g targetGroup) Ready(ctx context.Context, seen Seen) (Seen, error) {
	if err := g.Wait(ctx, seen.Running.Addresses); err != nil {
		return seen, err
	}
	seen.TargetGroups++
	return seen, nil
}

func (g targetGroup) Trouble(ctx context.Context) (Trouble, error) {
	targets, err := g.Unhealthy(ctx)
	if err != nil || len(targets) == 0 {
		return Trouble{}, err
	}
	return Trouble{Resource: g.Resource, Service: diagnosis.Service{Unhealthy: targets[0].Description, Port: int(targets[0].Port)}}, nil
}

// workloads is what a stack, with those nested in it, has to be ready.
type workloads struct {
	services        []service
	groups          []targetGroup
	taskDefinitions []string // their ARNs
}

// all returns the workloads in the order in which they become ready: a target group is asked about
// the addresses of the services' tasks.
func (w workloads) all() (list []Workload) {
	for _, s := range w.services {
		list = append(list, s)
	}
	for _, g := range w.groups {
		list = append(list, g)
	}
	return list
}

func (c Clients) workloads(ctx context.Context, stackID string) (found workloads, err error) {
	for r, err := range c.stacks(nil).Resources(ctx, stackID) {
		if err != nil {
			return workloads{}, err
		}
		switch r.Type {
		case "AWS::CloudFormation::Stack":
			inner, err := c.workloads(ctx, r.PhysicalID)
			if err != nil {
				return workloads{}, err
			}
			found.services = append(found.services, inner.services...)
			found.groups = append(found.groups, inner.groups...)
			found.taskDefinitions = append(found.taskDefinitions, inner.taskDefinitions...)
		case "AWS::ECS::Service":
			found.services = append(found.services, service{r, ecs.Service{API: c.ECS, ARN: r.PhysicalID, Logf: c.Log.Line}})
		case "AWS::ECS::TaskDefinition":
			found.taskDefinitions = append(found.taskDefinitions, r.PhysicalID)
		case "AWS::ElasticLoadBalancingV2::TargetGroup":
			found.groups = append(found.groups, targetGroup{r, elb.TargetGroup{API: c.ELB, ARN: r.PhysicalID, Logf: c.Log.Line}})
		}
	}
	return found, nil
}
