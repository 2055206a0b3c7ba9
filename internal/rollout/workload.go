package rollout

import (
	"context"

	"pr-stack/internal/cfn"
	"pr-stack/internal/diagnosis"
	"pr-stack/internal/ecs"
	"pr-stack/internal/elb"
)

// Workload is a resource of a stack that has a readiness of its own. It is made of functions and not
// an interface: of a client that is in a value of an interface type the linker keeps every call that
// the service has, which is megabytes.
type Workload struct {
	cfn.Resource
	// Ready waits until the resource does what it is for, and returns what was seen so far together
	// with what was seen of it. Its error says what is missing when ctx is done.
	Ready func(ctx context.Context, seen Seen) (Seen, error)
	// Trouble returns what keeps it from being ready, as far as that can be asked.
	Trouble func(ctx context.Context) (Trouble, error)
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
func (c Clients) service(r cfn.Resource) Workload {
	s := ecs.Service{API: c.ECS, ARN: r.PhysicalID, Logf: c.Log.Line}
	return Workload{
		Resource: r,
		Ready: func(ctx context.Context, seen Seen) (Seen, error) {
			running, err := s.Wait(ctx)
			if err != nil {
				return seen, err
			}
			seen.Services++
			seen.Running.Containers = append(seen.Running.Containers, running.Containers...)
			seen.Running.Addresses = append(seen.Running.Addresses, running.Addresses...)
			seen.Running.TaskDefinitions = append(seen.Running.TaskDefinitions, running.TaskDefinitions...)
			seen.Starts[r.LogicalID] = running.Starts
			return seen, nil
		},
		Trouble: func(ctx context.Context) (Trouble, error) {
			found, err := s.Trouble(ctx)
			if err != nil {
				return Trouble{}, err
			}
			return serviceTrouble(r, found), nil
		},
	}
}

// serviceTrouble is an ECS service's trouble in the terms of a diagnosis.
func serviceTrouble(r cfn.Resource, found ecs.Trouble) Trouble {
	t := Trouble{Resource: r, Deployment: found.Deployment, Stuck: found.Stuck(), Service: diagnosis.Service{
		Name: found.Service, Failed: found.Failed, Crashes: len(found.Crashed),
		Unplaced: found.Unplaced, Unhealthy: found.Unhealthy, Port: found.Port,
	}}
	if len(found.Crashed) == 0 {
		return t
	}
	t.crash = found.Crashed[len(found.Crashed)-1]
	t.Service.Last = diagnosis.Crash{Reason: t.crash.Reason, Container: t.crash.Container, Detail: t.crash.Detail}
	if t.crash.ExitCode != nil {
		code := int(*t.crash.ExitCode)
		t.Service.Last.ExitCode = &code
	}
	return t
}

// targetGroup is a target group of the stack.
func (c Clients) targetGroup(r cfn.Resource) Workload {
	g := elb.TargetGroup{API: c.ELB, ARN: r.PhysicalID, Logf: c.Log.Line}
	return Workload{
		Resource: r,
		Ready: func(ctx context.Context, seen Seen) (Seen, error) {
			if err := g.Wait(ctx, seen.Running.Addresses); err != nil {
				return seen, err
			}
			seen.TargetGroups++
			return seen, nil
		},
		Trouble: func(ctx context.Context) (Trouble, error) {
			targets, err := g.Unhealthy(ctx)
			if err != nil || len(targets) == 0 {
				return Trouble{}, err
			}
			sick := diagnosis.Service{Unhealthy: targets[0].Description, Port: int(targets[0].Port)}
			return Trouble{Resource: r, Service: sick}, nil
		},
	}
}

// workloads is what a stack, with those nested in it, has to be ready. The services come first: a
// target group is asked about the addresses of their tasks.
type workloads struct {
	services        []Workload
	groups          []Workload
	taskDefinitions []string // their ARNs
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
			found.services = append(found.services, c.service(r))
		case "AWS::ECS::TaskDefinition":
			found.taskDefinitions = append(found.taskDefinitions, r.PhysicalID)
		case "AWS::ElasticLoadBalancingV2::TargetGroup":
			found.groups = append(found.groups, c.targetGroup(r))
		}
	}
	return found, nil
}
