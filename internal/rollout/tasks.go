package rollout

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"

	"pr-stack/internal/cfn"
	"pr-stack/internal/ecs"
	"pr-stack/internal/hint"
	"pr-stack/internal/template"
)

// Tasks are commands that run once, each in a task of the new image. The migration comes first: seeding
// needs its tables.
type Tasks struct {
	Migrate []string // at each deployment; nil: none
	Seed    []string // unless the stack says that it is seeded; nil: none
	Commit  string   // that the image was built from; "" if not known
	Seeded  bool     // the stack says so, but it may be replaced
}

// Due reports whether a task has to run, as far as is known before the stack is applied.
func (t Tasks) Due() bool { return len(t.Migrate) > 0 || len(t.Seed) > 0 && !t.Seeded }

// seeds reports whether a stack has to be seeded.
func (t Tasks) seeds(stack cfn.Stack) bool {
	return len(t.Seed) > 0 && stack.Parameters[template.SeededByParameter] == ""
}

// IsStaged reports whether one-off tasks can run before the new image takes requests: the template has
// a task definition for them, and can start without tasks of the service. Otherwise they run in tasks
// of the service's own task definition, once the stack is complete.
func (p Plan) IsStaged() bool {
	return p.Declares(template.OneOffImageParameter) && p.Declares(template.DesiredCountParameter)
}

// CheckTasks returns an error if the template does not have what one-off tasks need.
func (p Plan) CheckTasks(t Tasks) error {
	if len(t.Seed) > 0 && !p.Declares(template.SeededByParameter) {
		return hint.New("declare it with the type String and the default \"\", and show it in an output",
			"seed: the template declares no parameter %s, which says whether the environment is seeded", template.SeededByParameter)
	}
	if t.Due() && !p.mayHaveService {
		return hint.New("take seed and migrate out of the workflow, or give the template a service",
			"run one-off tasks: the template has no AWS::ECS::Service in whose place they could run")
	}
	return nil
}

// prepared returns what a stack is before the one-off tasks run. An environment that is up keeps all its
// parameters but those of the tasks: with the new ones, ECS would deploy the old code once more, and on
// another architecture it could not. A new environment has no task of its service. It lacks the commit,
// so that the task definition is replaced when the code comes up: ECS then starts a deployment, which
// the circuit breaker watches.
func (s Spec) prepared() Spec {
	s.title = "Prepare stack " + s.Name + " for one-off tasks"
	s.keep = nil
	for name := range s.Plan.defaults {
		switch name {
		case template.OneOffImageParameter, template.OneOffArchitectureParameter:
		default:
			s.keep = append(s.keep, name)
		}
	}
	s = s.with(template.DesiredCountParameter, "0")
	return s.with(template.CommitParameter, "").with(template.BuildInputsParameter, "").with(template.BuiltCommitParameter, "")
}

// with returns the spec with the value of a parameter, if the template declares it.
func (s Spec) with(name, value string) Spec {
	if s.Plan.Declares(name) {
		s.Plan.Parameters = maps.Clone(s.Plan.Parameters)
		s.Plan.Parameters[name] = value
	}
	return s
}

// applyWithTasks applies the stack, and runs its one-off tasks: between two updates if the template
// allows it, and else afterwards. It reports whether the stack has the new code.
func (c Clients) applyWithTasks(ctx context.Context, spec Spec) (applied Applied, complete bool, err error) {
	if spec.Plan.Declares(template.SeededByParameter) {
		spec.keep = append(slices.Clone(spec.keep), template.SeededByParameter) // a stack that is replaced loses it
	}
	if !spec.Tasks.Due() || !spec.Plan.IsStaged() {
		applied, err = c.Apply(ctx, spec)
		if err != nil || !spec.Tasks.Due() && !spec.Tasks.seeds(applied.Stack) {
			return applied, err == nil, err
		}
		applied, err = c.runTasks(ctx, spec, spec, applied)
		next := "the new code runs already"
		if !spec.Plan.IsStaged() {
			next += ": the template does not declare " + template.OneOffImageParameter + " and " + template.DesiredCountParameter + ", so it could not wait"
		}
		return applied, true, withNext(err, next)
	}
	spec = spec.with(template.OneOffArchitectureParameter, spec.Plan.value(template.ArchitectureParameter))
	first, err := c.Apply(ctx, spec.prepared())
	if err != nil {
		return first, false, err
	}
	next := "stack " + spec.Name + " runs the same code as before"
	if first.Stack.Parameters[template.DesiredCountParameter] == "0" {
		next = "stack " + spec.Name + " runs no code yet; the next run continues from there"
	}
	first, err = c.runTasks(ctx, spec, spec.prepared(), first)
	if err != nil {
		return first, false, withNext(err, next)
	}
	second, err := c.Apply(ctx, spec)
	return first.and(second), err == nil, err
}

// and returns the result of two operations on one stack.
func (a Applied) and(b Applied) Applied {
	if a.Outcome == cfn.Created || a.Outcome == cfn.Recreated || b.Outcome == cfn.Unchanged {
		b.Outcome = a.Outcome
	}
	made := maps.Clone(a.made)
	if made == nil {
		made = map[string]string{}
	}
	maps.Copy(made, b.made)
	b.made = made
	return b
}

// runTasks runs the one-off tasks that are due. It records in the stack that it is seeded before anything
// else can fail: an update that fails is rolled back, with its parameters. It returns the stack with that
// record. The stack is as now says.
func (c Clients) runTasks(ctx context.Context, spec, now Spec, applied Applied) (Applied, error) {
	if err := spec.Allow(ctx, applied.Stack); err != nil {
		return applied, fmt.Errorf("run one-off tasks of stack %s: %w", spec.Name, err)
	}
	if len(spec.Tasks.Migrate) > 0 {
		task, err := c.deployTask(ctx, spec, applied, "migrate", spec.Tasks.Migrate)
		if err == nil {
			err = c.runTask(ctx, task, spec)
		}
		if err != nil {
			return applied, err
		}
	}
	if !spec.Tasks.seeds(applied.Stack) {
		return applied, nil
	}
	task, err := c.deployTask(ctx, spec, applied, "seed", spec.Tasks.Seed)
	if err != nil {
		return applied, err
	}
	done, err := task.WasRun(ctx)
	if err != nil {
		return applied, err
	}
	if done {
		c.Log.Line("The environment was seeded by an interrupted run.")
	} else if err := c.runTask(ctx, task, spec); err != nil {
		return applied, err
	}
	return c.recordSeed(ctx, spec, now, applied)
}

// recordSeed records in the stack by which commit it is seeded.
func (c Clients) recordSeed(ctx context.Context, spec, now Spec, applied Applied) (Applied, error) {
	record := now.with(template.SeededByParameter, cmp.Or(spec.Tasks.Commit, spec.Plan.Image()))
	record.title = "Record in stack " + spec.Name + " that it is seeded"
	record.keep = slices.DeleteFunc(slices.Clone(now.keep), func(name string) bool { return name == template.SeededByParameter })
	recorded, err := c.Apply(ctx, record)
	recorded = applied.and(recorded)
	if err == nil && recorded.Stack.Parameters[template.SeededByParameter] == "" {
		err = hint.New("show it in an output of the template, or pass it to a container",
			"seed: nothing in the template uses the parameter %s, so CloudFormation does not keep its value", template.SeededByParameter)
	}
	return recorded, err
}

// deployTask returns a one-off task of a deployment.
func (c Clients) deployTask(ctx context.Context, spec Spec, applied Applied, name string, command []string) (ecs.OneOff, error) {
	want := Want{Stack: applied.Stack, made: applied.made, Replaced: func(cfn.Stack) bool { return false }}
	found, err := c.list(ctx, want)
	if err != nil {
		return ecs.OneOff{}, fmt.Errorf("%s: %w", name, err)
	}
	task := c.oneOff(applied.Stack, name, command)
	task.TaskDefinition, task.Image = applied.Stack.Outputs[template.OneOffOutput], spec.Plan.Image()
	task.Environment["PR_STACK_COMMIT"] = spec.Tasks.Commit
	task.Tags = spec.Tags
	if spec.Plan.IsStaged() && spec.Plan.value(template.OneOffImageParameter) != "" && task.TaskDefinition == "" {
		return task, hint.New("add the output to the template",
			"%s: stack %s has no output %s, which names the task definition for one-off tasks", name, spec.Name, template.OneOffOutput)
	}
	task.Service, err = c.inPlaceOf(ctx, task, found.services)
	return task, err
}

// oneOff returns a one-off task without a place to run.
func (c Clients) oneOff(stack cfn.Stack, name string, command []string) ecs.OneOff {
	sum := sha256.Sum256([]byte(stack.ID))
	return ecs.OneOff{
		Name: name, Command: command, Tags: stack.Tags, StartedBy: "pr-stack-" + hex.EncodeToString(sum[:8]),
		Environment: map[string]string{"PR_STACK_TASK": name},
	}
}

var errNoService = errors.New("the stack has no ECS service in whose place the task could run")

// inPlaceOf returns the service in whose place a task runs. Of several services it is the first that
// runs the image.
func (c Clients) inPlaceOf(ctx context.Context, task ecs.OneOff, services []Workload) (ecs.Service, error) {
	if len(services) == 0 {
		return ecs.Service{}, fmt.Errorf("%s: %w", task.Name, errNoService)
	}
	first := ecs.Service{API: c.ECS, ARN: services[0].PhysicalID, Logf: c.Log.Line}
	if len(services) == 1 || task.TaskDefinition != "" || task.Image == "" {
		return first, nil
	}
	for _, w := range services {
		task.Service = ecs.Service{API: c.ECS, ARN: w.PhysicalID, Logf: c.Log.Line}
		if runs, err := task.HasImage(ctx); err == nil && runs {
			return task.Service, nil
		}
	}
	return first, nil
}
