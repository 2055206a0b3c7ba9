package ecs

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/wire"
)

// taskRequest is what RunTask and StopTask are asked.
type taskRequest struct {
	Task   string // of StopTask
	Reason string // of StopTask

	LaunchType               string
	CapacityProviderStrategy []any
	NetworkConfiguration     struct {
		AwsvpcConfiguration struct{ Subnets, SecurityGroups []string }
	}
	Overrides   overrides
	Group       string
	StartedBy   string
	ClientToken string
	Tags        []struct{ Key, Value string }
	Family      string // of ListTasks
}

type overrides struct {
	ContainerOverrides []containerOverride `json:"containerOverrides"`
	TaskRoleArn        string              `json:"taskRoleArn,omitempty"`
	ExecutionRoleArn   string              `json:"executionRoleArn,omitempty"`
}

type containerOverride struct {
	Name        string     `json:"name"`
	Command     []string   `json:"command,omitempty"`
	Environment []variable `json:"environment,omitempty"`
}

type variable struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// oneOff is what a task has that RunTask started.
type oneOff struct {
	request taskRequest
	tags    map[string]string
	release func() // of its network interface
}

// runTask starts one task. Its errors are those that people met: an inactive revision in
// DefangLabs/defang#775, the network in fabfuel/ecs-deploy#133, the container in azavea/django-ecsmanage#21,
// two ways to place the task in pulumi-awsx#599. That an unknown revision gives the words that
// CloudFormation's handler passes on is inferred.
func (e *ECS) runTask(q request) (any, error) {
	for _, k := range e.tasks {
		if k.oneOff != nil && q.ClientToken != "" && k.oneOff.request.ClientToken == q.ClientToken {
			return map[string]any{"tasks": []any{describeTask(k)}, "failures": []any{}}, nil
		}
	}
	definition := e.definition(q.TaskDefinition)
	switch {
	case definition == nil:
		return nil, &wire.APIError{Code: "ClientException", Message: "TaskDefinition not found."}
	case !definition.active:
		return nil, invalid("TaskDefinition is inactive")
	case q.LaunchType != "" && len(q.CapacityProviderStrategy) > 0:
		return nil, invalid("Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.")
	case definition.hasNetwork && len(q.NetworkConfiguration.AwsvpcConfiguration.Subnets) == 0:
		return nil, invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
	}
	for _, o := range q.Overrides.ContainerOverrides {
		if !slices.ContainsFunc(definition.containers, func(c containerDefinition) bool { return c.name == o.Name }) {
			return nil, invalid("Override for container named " + o.Name + " is not a container in the TaskDefinition.")
		}
	}
	behavior := e.oneOffBehavior(definition, q.Overrides)
	if behavior.Unplaced != "" {
		// For missing capacity, the failure names no resource (gchq/sleeper#904).
		return map[string]any{"tasks": []any{}, "failures": []any{map[string]any{"reason": behavior.Unplaced}}}, nil
	}
	groups := q.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups
	k := e.start(&task{
		cluster: clusterOf(q), definition: definition, behavior: behavior, securityGroups: groups,
		oneOff: &oneOff{request: q.taskRequest, tags: q.tags(), release: e.EC2.Hold(groups)},
	})
	return map[string]any{"tasks": []any{describeTask(k)}, "failures": []any{}}, nil
}

func invalid(message string) error {
	return &wire.APIError{Code: "InvalidParameterException", Message: message}
}

// definition returns a task definition by its ARN, or by its family and revision.
func (e *ECS) definition(name string) *taskDefinition {
	for arn, d := range e.definitions {
		if arn == name || strings.HasSuffix(arn, "/"+name) {
			return d
		}
	}
	return nil
}

// oneOffBehavior asks how the first container with an override behaves, or else the first one.
func (e *ECS) oneOffBehavior(d *taskDefinition, o overrides) Container {
	if e.oneOff == nil || len(d.containers) == 0 {
		return Container{Exit: &Exit{After: 2 * time.Second}}
	}
	main := d.containers[0]
	var override containerOverride
	if len(o.ContainerOverrides) > 0 {
		override = o.ContainerOverrides[0]
		main = d.containers[slices.IndexFunc(d.containers, func(c containerDefinition) bool { return c.name == override.Name })]
	}
	environment := maps.Clone(main.environment)
	for _, v := range override.Environment {
		environment[v.Name] = v.Value
	}
	return e.oneOff(main.image, override.Command, environment)
}

// main returns the container whose end is the task's: the one with an override, or else the first.
func (k *task) main() *container {
	for _, c := range k.containers {
		if k.oneOff != nil && len(k.oneOff.request.Overrides.ContainerOverrides) > 0 && c.name == k.oneOff.request.Overrides.ContainerOverrides[0].Name {
			return c
		}
	}
	if len(k.containers) == 0 {
		return nil
	}
	return k.containers[0]
}

// group returns the group of a task that RunTask started; "If you do not specify a group, the default
// value is the family name of the task definition (for example, family:my-family-name)".
func (k *task) group() string {
	return cmp.Or(k.oneOff.request.Group, "family:"+k.definition.family)
}

// matches reports whether ListTasks lists a task with these filters.
func (k *task) matches(q request) bool {
	startedBy, service := "", ""
	if k.oneOff != nil {
		startedBy = k.oneOff.request.StartedBy
	} else {
		startedBy, service = k.deployment.id, k.service.name
	}
	return (q.ServiceName == "" || service == q.ServiceName) && (q.StartedBy == "" || startedBy == q.StartedBy) &&
		(q.Family == "" || k.definition.family == q.Family)
}

func (q taskRequest) tags() map[string]string {
	tags := map[string]string{}
	for _, t := range q.Tags {
		tags[t.Key] = t.Value
	}
	return tags
}

// stopTask stops a task. Its error is that of wazuh#25439.
func (e *ECS) stopTask(q request) (any, error) {
	for _, k := range e.tasks {
		if k.arn != q.Task && k.id != q.Task {
			continue
		}
		e.stop(k, cmp.Or(q.Reason, "Task stopped by user"))
		return map[string]any{"task": describeTask(k)}, nil
	}
	return nil, invalid("The referenced task was not found.")
}

// runTaskNeeds: RunTask is on the task definition, and passes its roles on. Tags need TagResource on the
// task to come, whose ID is not known yet.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html
func (e *ECS) runTaskNeeds(q request) []account.Access {
	definition := e.definition(q.TaskDefinition)
	arn := e.account.ARN("ecs", "task-definition/"+q.TaskDefinition)
	if definition != nil {
		arn = definition.arn
	}
	run := account.Access{Action: "ecs:RunTask", Resource: arn, Context: e.inCluster(q)}
	if subnets := q.NetworkConfiguration.AwsvpcConfiguration.Subnets; len(subnets) > 0 {
		run = run.With("ecs:subnet", strings.Join(subnets, ","))
	}
	list := []account.Access{run.WithResourceTags(e.account.Tags(arn)).WithRequestTags(q.tags())}
	if len(q.Tags) > 0 {
		tag := account.Access{Action: "ecs:TagResource", Resource: e.account.ARN("ecs", "task/"+clusterOf(q)+"/*"), Context: e.inCluster(q)}
		list = append(list, tag.With("ecs:CreateAction", "RunTask").WithRequestTags(q.tags()))
	}
	var roles []string
	if definition != nil {
		roles = definition.roles
	}
	for _, role := range slices.Concat(roles, []string{q.Overrides.TaskRoleArn, q.Overrides.ExecutionRoleArn}) {
		if role != "" {
			list = append(list, account.Access{Action: "iam:PassRole", Resource: role}.With("iam:PassedToService", "ecs-tasks.amazonaws.com"))
		}
	}
	return list
}
