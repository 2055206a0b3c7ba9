package rollout

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"pr-stack/internal/cfn"
	"pr-stack/internal/diagnosis"
	"pr-stack/internal/ecs"
	"pr-stack/internal/elb"
	"pr-stack/internal/lambda"
)

// Workload is a resource of a stack that has a readiness of its own. It is a struct of functions and
// not an interface: if a value of an interface type held an AWS client, the linker would keep every
// call of that client, which adds megabytes.
type Workload struct {
	cfn.Resource
	// Ready waits until the resource works, adds what it saw of the resource to seen, and returns
	// the result. When ctx is done, its error says what is missing.
	Ready func(ctx context.Context, seen Seen) (Seen, error)
	// Trouble returns what prevents the resource from being ready, as far as AWS reports it.
	Trouble func(ctx context.Context) (Trouble, error)
}

// Seen is what was seen of a stack's workloads.
type Seen struct {
	Services     int // ECS services whose deployment is complete
	TargetGroups int // target groups with healthy targets
	Running      ecs.Running
	Starts       map[string][]ecs.Start // when the tasks started, by the service's logical ID
	Foreign      []string               // services that something other than ECS deploys to, with its name
	Functions    []lambda.Running       // Lambda functions that are active
	Aliases      []lambda.Running       // what their aliases stand for
	Unread       []string               // functions of which nothing is known, and why
	Idle         []string               // logical IDs of the services that run no task because none is desired
	idleGroups   []string               // ARNs of their target groups
}

// allIdle reports whether nothing of the stack runs, because nothing is desired.
func (s Seen) allIdle() bool {
	others := s.Services + len(s.Foreign) + len(s.Functions) + len(s.Unread)
	return len(s.Idle) > 0 && others == 0
}

// isIdle reports whether a target group is that of a service that runs no task.
func (s Seen) isIdle(group Workload) bool { return slices.Contains(s.idleGroups, group.PhysicalID) }

// Trouble is what is wrong with one workload. Its zero value means that nothing is wrong.
type Trouble struct {
	Resource   cfn.Resource
	Service    diagnosis.Service // what is known of the workload, in the terms of a diagnosis
	Function   diagnosis.Function
	Deployment string    // ID of the ECS deployment that is in trouble; "" for other workloads
	Stuck      bool      // the workload cannot become ready any more
	crash      ecs.Crash // the last crash, by which its log is found
	rolledBack string    // why ECS rolled the newest deployment back, which may be long ago
}

// None reports whether nothing is wrong.
func (t Trouble) None() bool {
	return t.Service.Crashes == 0 && t.Service.Unplaced == "" && t.Service.Unhealthy == "" && t.Service.Failed == ""
}

// service returns the workload of an ECS service of the stack. Its physical ID is the service's ARN. The
// registry's identifier of the type is ARN|CLUSTER, so what follows a bar is left out.
func (c Clients) service(r cfn.Resource) Workload {
	r.PhysicalID, _, _ = strings.Cut(r.PhysicalID, "|")
	s := ecs.Service{API: c.ECS, ARN: r.PhysicalID, Logf: c.Log.Line}
	return Workload{
		Resource: r,
		Ready: func(ctx context.Context, seen Seen) (Seen, error) {
			running, err := s.Wait(ctx)
			if err != nil {
				return seen, err
			}
			if running.Controller != "" {
				seen.Foreign = append(seen.Foreign, fmt.Sprintf("%s deploys to service %s", running.Controller, r.LogicalID))
				return seen, nil
			}
			if running.Idle {
				seen.Idle = append(seen.Idle, r.LogicalID)
				seen.idleGroups = append(seen.idleGroups, running.TargetGroups...)
				seen.Running.TaskDefinitions = append(seen.Running.TaskDefinitions, running.TaskDefinitions...)
				return seen, nil
			}
			seen.Services++
			seen.Running.Containers = append(seen.Running.Containers, running.Containers...)
			seen.Running.Addresses = append(seen.Running.Addresses, running.Addresses...)
			seen.Running.Alternates = append(seen.Running.Alternates, running.Alternates...)
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

// serviceTrouble returns an ECS service's trouble in the terms of a diagnosis.
func serviceTrouble(r cfn.Resource, found ecs.Trouble) Trouble {
	t := Trouble{Resource: r, Deployment: found.Deployment, Stuck: found.Stuck(), rolledBack: found.RolledBack, Service: diagnosis.Service{
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

// targetGroup returns the workload of a target group of the stack.
func (c Clients) targetGroup(r cfn.Resource) Workload {
	g := elb.TargetGroup{API: c.ELB, ARN: r.PhysicalID, Logf: c.Log.Line}
	return Workload{
		Resource: r,
		Ready: func(ctx context.Context, seen Seen) (Seen, error) {
			err := g.Wait(ctx, seen.Running.Addresses)
			if errors.Is(err, elb.ErrUnchecked) {
				return seen, nil
			}
			if err != nil {
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

// workloads are the resources of a stack, and of the stacks nested in it, that must become ready. The
// services come first, because a target group is checked for the addresses of their tasks.
type workloads struct {
	services        []Workload
	functions       []Workload
	groups          []Workload
	taskDefinitions []string // ARNs of the task definitions in these stacks
	apis            []string // IDs of the HTTP APIs
	discovery       []string // IDs of the services of Cloud Map, in which HTTP APIs find tasks
	rules           []string // ARNs of the listeners' rules in them

	listed map[string]string // physical IDs of the outer stack's resources, by logical ID
}

// isWorkload reports whether a resource of this type is one of a stack's workloads, or may have some.
func isWorkload(resourceType string) bool {
	switch resourceType {
	case "AWS::CloudFormation::Stack", "AWS::ECS::Service", "AWS::ECS::TaskDefinition", "AWS::Lambda::Function", aliasType,
		"AWS::ElasticLoadBalancingV2::TargetGroup", apiType, discoveryType:
		return true
	}
	return false
}

// have reports whether all these resources are listed.
func (w workloads) have(made map[string]string) bool {
	for logicalID, physicalID := range made {
		if w.listed[logicalID] != physicalID {
			return false
		}
	}
	return true
}

func (c Clients) workloads(ctx context.Context, stackID string) (found workloads, err error) {
	found.listed = map[string]string{}
	for r, err := range c.stacks(nil).Resources(ctx, stackID) {
		if err != nil {
			return workloads{}, err
		}
		found.listed[r.LogicalID] = r.PhysicalID
		switch r.Type {
		case "AWS::CloudFormation::Stack":
			inner, err := c.workloads(ctx, r.PhysicalID)
			if err != nil {
				return workloads{}, err
			}
			found.services = append(found.services, inner.services...)
			found.functions = append(found.functions, inner.functions...)
			found.groups = append(found.groups, inner.groups...)
			found.taskDefinitions = append(found.taskDefinitions, inner.taskDefinitions...)
			found.apis, found.discovery = append(found.apis, inner.apis...), append(found.discovery, inner.discovery...)
			found.rules = append(found.rules, inner.rules...)
		case "AWS::ECS::Service":
			found.services = append(found.services, c.service(r))
		case "AWS::Lambda::Function", aliasType:
			found.functions = append(found.functions, c.function(r))
		case "AWS::ECS::TaskDefinition":
			found.taskDefinitions = append(found.taskDefinitions, r.PhysicalID)
		case ruleType:
			found.rules = append(found.rules, r.PhysicalID)
		case "AWS::ElasticLoadBalancingV2::TargetGroup":
			found.groups = append(found.groups, c.targetGroup(r))
		case apiType:
			found.apis = append(found.apis, r.PhysicalID)
		case discoveryType:
			found.discovery = append(found.discovery, r.PhysicalID)
		}
	}
	return found, nil
}
