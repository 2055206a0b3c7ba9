package ecs

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"pr-stack/internal/hint"
	"pr-stack/internal/poll"
)

// OneOff is a task that runs one command and ends. It runs where a service runs its tasks. All fields
// but TaskDefinition, Image, Environment, Tags and Logf must be set.
type OneOff struct {
	Service        Service
	TaskDefinition string // ARN; "": the service's
	Image          string // the container that runs it gets the command; "", or if none does: the first container
	Name           string // what the task is for: letters and hyphens, such as migrate
	Command        []string
	Environment    map[string]string // in addition to the container's own
	Tags           map[string]string
	StartedBy      string // of all one-off tasks that may not run side by side
	// Takeover stops other one-off tasks, where Run otherwise waits until they have ended.
	Takeover bool
}

// Ended is a one-off task that has ended, or that was waited for last.
type Ended struct {
	Crash           // how it ended; only TaskARN is set if it has not ended
	Succeeded bool  // its command ended with exit code 0
	Start     Start // the moments of its start
	Stopped   time.Time
}

// Run runs the task and waits for its end, which need not be a success. Of all tasks with the same
// StartedBy, one runs at a time: Run waits for the others. If one of them has the same name, command
// and task definition, an interrupted run began it, and Run only waits for its end.
//
// When ctx is done, the task continues: the result then has its ARN.
func (t OneOff) Run(ctx context.Context) (Ended, error) {
	place, err := t.place(ctx)
	if err != nil {
		return Ended{}, err
	}
	var mine types.Task
	for range poll.Every(ctx, 2*time.Second) {
		first, err := t.first(ctx, mine)
		switch {
		case err != nil:
			return Ended{Crash: Crash{TaskARN: aws.ToString(mine.TaskArn)}}, err
		case first == nil && mine.TaskArn == nil:
			// Another run may start one at the same time, so the tasks are listed again.
			if mine, err = t.start(ctx, place); err != nil {
				return Ended{}, err
			}
		case first == nil:
			return t.wait(ctx, mine, place.container)
		case mine.TaskArn != nil: // another run was faster
			if _, err := t.Stopped(ctx, aws.ToString(mine.TaskArn), "another one-off task of this environment runs"); err != nil {
				return Ended{}, err
			}
			mine = types.Task{}
		case t.isSame(*first, place):
			t.logf("  task %s runs already: an interrupted run began it", short(aws.ToString(first.TaskArn)))
			return t.wait(ctx, *first, place.container)
		case t.Takeover:
			if _, err := t.Stopped(ctx, aws.ToString(first.TaskArn), "the environment is deleted"); err != nil {
				return Ended{}, err
			}
		default:
			t.logf("  waiting for task %s (%s), which another run began", short(aws.ToString(first.TaskArn)), aws.ToString(first.Group))
			if _, err := t.wait(ctx, *first, ""); err != nil {
				return Ended{Crash: Crash{TaskARN: aws.ToString(first.TaskArn)}}, err
			}
		}
	}
	return Ended{Crash: Crash{TaskARN: aws.ToString(mine.TaskArn)}}, context.Cause(ctx)
}

// place is where and how the task runs.
type place struct {
	network    *types.NetworkConfiguration
	launchType types.LaunchType
	strategy   []types.CapacityProviderStrategyItem
	platform   *string
	definition string
	container  string // that gets the command
	hasImage   bool   // it runs the task's image
}

// place reads where the service runs its tasks. On Fargate the task runs by its launch type, also if the
// service's tasks are on Spot: a migration must not be interrupted half-way. With a capacity provider
// strategy, ECS has lost overrides of tasks that were not placed immediately (containers-roadmap#749).
func (t OneOff) place(ctx context.Context) (place, error) {
	service, err := t.Service.describe(ctx)
	if err != nil {
		return place{}, err
	}
	p := place{
		network: service.NetworkConfiguration, launchType: service.LaunchType, strategy: service.CapacityProviderStrategy,
		platform: service.PlatformVersion, definition: cmp.Or(t.TaskDefinition, aws.ToString(service.TaskDefinition)),
	}
	if slices.ContainsFunc(p.strategy, func(s types.CapacityProviderStrategyItem) bool {
		return strings.HasPrefix(aws.ToString(s.CapacityProvider), "FARGATE")
	}) {
		p.launchType, p.strategy = types.LaunchTypeFargate, nil
	}
	if len(p.strategy) > 0 {
		p.launchType = ""
	}
	answer, err := t.Service.API.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &p.definition})
	if err != nil {
		return place{}, fmt.Errorf("describe task definition %s: %w", short(p.definition), err)
	}
	for i, c := range answer.TaskDefinition.ContainerDefinitions {
		isImage := t.Image != "" && aws.ToString(c.Image) == t.Image
		if i == 0 || isImage {
			p.container, p.hasImage = aws.ToString(c.Name), isImage
		}
	}
	return p, nil
}

// group returns the group of the task, by which another run recognizes it.
func (t OneOff) group() string { return t.groups() + digestOf(strings.Join(t.Command, "\x00"))[:8] }

// groups begins the groups of all tasks of this name.
func (t OneOff) groups() string { return "pr-stack-" + t.Name + "-" }

func (t OneOff) isSame(other types.Task, p place) bool {
	return aws.ToString(other.Group) == t.group() && aws.ToString(other.TaskDefinitionArn) == p.definition
}

// first returns the oldest of the one-off tasks that run, or nil if there is none but mine. Mine may not
// be listed yet.
func (t OneOff) first(ctx context.Context, mine types.Task) (*types.Task, error) {
	tasks, err := t.list(ctx, &ecs.ListTasksInput{StartedBy: &t.StartedBy})
	if err != nil {
		return nil, err
	}
	if mine.TaskArn != nil {
		tasks = append(tasks, mine)
	}
	tasks = slices.DeleteFunc(tasks, func(k types.Task) bool { return aws.ToString(k.DesiredStatus) == "STOPPED" && hasStopped(k) })
	slices.SortFunc(tasks, func(a, b types.Task) int {
		return cmp.Or(aws.ToTime(a.CreatedAt).Compare(aws.ToTime(b.CreatedAt)), cmp.Compare(aws.ToString(a.TaskArn), aws.ToString(b.TaskArn)))
	})
	if len(tasks) == 0 || aws.ToString(tasks[0].TaskArn) == aws.ToString(mine.TaskArn) {
		return nil, nil
	}
	return &tasks[0], nil
}

// list returns the tasks that a listing finds. A listing has up to 100 entries, more than are looked for.
func (t OneOff) list(ctx context.Context, q *ecs.ListTasksInput) ([]types.Task, error) {
	q.Cluster = aws.String(t.Service.cluster())
	listed, err := t.Service.API.ListTasks(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("list one-off tasks: %w", err)
	}
	return t.describe(ctx, listed.TaskArns...)
}

func (t OneOff) describe(ctx context.Context, arns ...string) ([]types.Task, error) {
	if len(arns) == 0 {
		return nil, nil
	}
	answer, err := t.Service.API.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: aws.String(t.Service.cluster()), Tasks: arns})
	if err != nil {
		return nil, fmt.Errorf("describe one-off tasks: %w", err)
	}
	return answer.Tasks, nil
}

// WasRun reports whether a task of this name has succeeded of which ECS still knows: about an hour.
func (t OneOff) WasRun(ctx context.Context) (bool, error) {
	p, err := t.place(ctx)
	if err != nil {
		return false, err
	}
	family, _, _ := strings.Cut(short(p.definition), ":")
	tasks, err := t.list(ctx, &ecs.ListTasksInput{Family: &family, DesiredStatus: types.DesiredStatusStopped})
	return slices.ContainsFunc(tasks, func(k types.Task) bool {
		return aws.ToString(k.StartedBy) == t.StartedBy && strings.HasPrefix(aws.ToString(k.Group), t.groups()) && succeeded(k, p.container)
	}), err
}

// StopAll stops every one-off task with this StartedBy, and waits until they have stopped.
func (t OneOff) StopAll(ctx context.Context, reason string) error {
	tasks, err := t.list(ctx, &ecs.ListTasksInput{StartedBy: &t.StartedBy})
	for _, k := range tasks {
		if _, err := t.Stopped(ctx, aws.ToString(k.TaskArn), reason); err != nil {
			return err
		}
	}
	return err
}

// Stopped stops a task, and returns it when it has stopped.
func (t OneOff) Stopped(ctx context.Context, arn, reason string) (Ended, error) {
	t.logf("  stopping task %s: %s", short(arn), reason)
	q := &ecs.StopTaskInput{Cluster: aws.String(t.Service.cluster()), Task: &arn, Reason: &reason}
	if _, err := t.Service.API.StopTask(ctx, q); err != nil {
		return Ended{}, fmt.Errorf("stop task %s: %w", short(arn), err)
	}
	return t.wait(ctx, types.Task{TaskArn: &arn}, "")
}

// placementPause is how long start waits before it asks for a place again.
const placementPause = 10 * time.Second

// start starts the task. Missing capacity often comes back within a minute or two.
func (t OneOff) start(ctx context.Context, p place) (types.Task, error) {
	began := time.Now()
	waiting := poll.Reporter{Logf: t.Service.Logf}
	for range poll.Every(ctx, placementPause) {
		answer, err := t.Service.API.RunTask(ctx, t.request(p))
		if err != nil {
			return types.Task{}, fmt.Errorf("run task %s: %w", short(p.definition), err)
		}
		if len(answer.Tasks) > 0 {
			t.logf("  task %s of %s was started", short(aws.ToString(answer.Tasks[0].TaskArn)), short(p.definition))
			return answer.Tasks[0], nil
		}
		reason := "ECS gives no reason"
		if len(answer.Failures) > 0 {
			reason = strings.TrimRight(aws.ToString(answer.Failures[0].Reason)+" "+aws.ToString(answer.Failures[0].Detail), " .")
		}
		if time.Since(began) >= placementTimeout {
			return types.Task{}, &UnplacedError{Reason: reason}
		}
		waiting.Waiting("  waiting for a place for the task: %s", reason)
	}
	return types.Task{}, context.Cause(ctx)
}

// UnplacedError means that ECS has no place for a task.
type UnplacedError struct{ Reason string }

func (e *UnplacedError) Error() string { return "ECS could not place the task: " + e.Reason }

func (t OneOff) request(p place) *ecs.RunTaskInput {
	override := types.ContainerOverride{Name: &p.container, Command: t.Command}
	for _, name := range sortedKeys(t.Environment) {
		override.Environment = append(override.Environment, types.KeyValuePair{Name: aws.String(name), Value: aws.String(t.Environment[name])})
	}
	q := &ecs.RunTaskInput{
		Cluster: aws.String(t.Service.cluster()), TaskDefinition: &p.definition, StartedBy: &t.StartedBy, Group: aws.String(t.group()),
		NetworkConfiguration: p.network, LaunchType: p.launchType, CapacityProviderStrategy: p.strategy, PlatformVersion: p.platform,
		Overrides: &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{override}},
	}
	for _, key := range sortedKeys(t.Tags) {
		q.Tags = append(q.Tags, types.Tag{Key: aws.String(key), Value: aws.String(t.Tags[key])})
	}
	return q
}

// wait waits until a task has stopped. ECS may not find a task directly after it was started.
func (t OneOff) wait(ctx context.Context, task types.Task, container string) (Ended, error) {
	arn := aws.ToString(task.TaskArn)
	waiting, began := poll.Reporter{Logf: t.Service.Logf}, time.Now()
	for range poll.Every(ctx, 2*time.Second) {
		found, err := t.describe(ctx, arn)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return Ended{Crash: Crash{TaskARN: arn}}, err
		}
		if len(found) == 0 && time.Since(began) > time.Minute {
			return Ended{}, hint.New("run the job again", "task %s: ECS does not know it any more", short(arn))
		}
		if len(found) > 0 && hasStopped(found[0]) {
			return ended(found[0], container), nil
		}
		status := "not visible yet"
		if len(found) > 0 {
			status = aws.ToString(found[0].LastStatus)
		}
		waiting.Waiting("  waiting for task %s: %s", short(arn), status)
	}
	return Ended{Crash: Crash{TaskARN: arn}}, context.Cause(ctx)
}

func (t OneOff) logf(format string, args ...any) {
	if t.Service.Logf != nil {
		t.Service.Logf(format, args...)
	}
}

func hasStopped(task types.Task) bool { return aws.ToString(task.LastStatus) == "STOPPED" }
