package rollout

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"pr-stack/internal/diagnosis"
	"pr-stack/internal/ecs"
	"pr-stack/internal/hint"
	"pr-stack/internal/logs"
	"pr-stack/internal/runner"
	"pr-stack/internal/timeline"
)

// TaskError means that a one-off task could not run, or did not succeed.
type TaskError struct {
	Task  string // seed, migrate or before-destroy
	Cause error
}

func (e *TaskError) Error() string { return fmt.Sprintf("%s: %v", e.Task, e.Cause) }
func (e *TaskError) Unwrap() error { return e.Cause }

// errTaskRuns means that the run was cancelled while a task went on.
var errTaskRuns = errors.New("a one-off task continues")

// runTask runs a one-off task of a deployment as a phase of the run.
func (c Clients) runTask(ctx context.Context, task ecs.OneOff, spec Spec) error {
	limit := cmp.Or(spec.Timeout, defaultTimeout)
	return c.taskPhase(ctx, task, limit, "raise timeout-in-minutes if it only needs more time", spec.Name, spec.Inputs)
}

func (c Clients) taskPhase(ctx context.Context, task ecs.OneOff, limit time.Duration, advice, stack string, inputs diagnosis.Inputs) error {
	_, err := runner.Phase(c.Log, c.Times, "Task", "Run "+task.Name, func(part *timeline.Part) (struct{}, error) {
		ended, err := c.await(ctx, task, limit, advice, stack, inputs)
		for _, bar := range taskBars(task.Name, ended) {
			part.Add(bar)
		}
		part.Note("exit code 0")
		return struct{}{}, err
	})
	return err
}

// await runs a task to its end. If the time is up, the task is stopped, so that the next run does not
// wait for it. A run that is cancelled leaves it alone: it may be half-way through its work.
func (c Clients) await(
	ctx context.Context, task ecs.OneOff, limit time.Duration, advice, stack string, inputs diagnosis.Inputs,
) (ecs.Ended, error) {
	c.Log.Line("  %s of stack %s: %s", task.Name, stack, strings.Join(task.Command, " "))
	facts := diagnosis.Facts{
		Action: fmt.Sprintf("run %s of stack %s", task.Name, stack), Inputs: inputs, Service: diagnosis.Service{Task: task.Name},
	}
	late := fmt.Errorf("it did not end within %s", timeline.Duration(limit))
	limited, cancel := context.WithTimeoutCause(ctx, limit, late)
	defer cancel()
	ended, err := task.Run(limited)
	unplaced, isUnplaced := errors.AsType[*ecs.UnplacedError](err)
	switch {
	case err == nil && ended.Succeeded:
		c.showLog(ctx, task, ended)
		return ended, nil
	case err == nil:
		facts.Service.Crashes, facts.Service.Last = 1, c.crashed(ctx, task.Service, ended.Crash)
		return ended, &Diagnosed{Finding: diagnosis.Explain(facts), Cause: &TaskError{Task: task.Name, Cause: errors.New(ended.Reason)}}
	case ctx.Err() != nil && ended.TaskARN != "":
		return ended, &TaskError{Task: task.Name, Cause: fmt.Errorf("%w: %w", errTaskRuns, err)}
	case ctx.Err() == nil && limited.Err() != nil:
		return ended, c.timedOut(ctx, task, ended, facts, late, advice)
	case isUnplaced:
		facts.Service.Unplaced = unplaced.Reason
		return ended, &Diagnosed{Finding: diagnosis.Explain(facts), Cause: &TaskError{Task: task.Name, Cause: err}}
	}
	return ended, &TaskError{Task: task.Name, Cause: err}
}

// timedOut stops a task whose time is up, and explains that.
func (c Clients) timedOut(ctx context.Context, task ecs.OneOff, ended ecs.Ended, facts diagnosis.Facts, late error, advice string) error {
	found := diagnosis.Finding{
		Summary: fmt.Sprintf("Your command %s did not end in time", task.Name),
		Message: fmt.Sprintf("%s: %v", facts.Action, late),
		Hint:    "see what the command waits for, or " + advice,
	}
	cause := late
	if ended.TaskARN != "" {
		if stopped, err := task.Stopped(ctx, ended.TaskARN, "it did not end in time"); err != nil {
			cause = fmt.Errorf("%w; %w", late, err)
		} else {
			ended = stopped
		}
		found.Log = diagnosis.Lines(c.crashed(ctx, task.Service, ended.Crash).Log)
	}
	return &Diagnosed{Finding: found, Cause: &TaskError{Task: task.Name, Cause: cause}}
}

// crashed returns how a task ended, in the terms of a diagnosis, with the end of its log.
func (c Clients) crashed(ctx context.Context, service ecs.Service, crash ecs.Crash) diagnosis.Crash {
	last := diagnosis.Crash{Reason: crash.Reason, Container: crash.Container, Detail: crash.Detail, Log: c.tail(ctx, service, crash)}
	if crash.ExitCode != nil {
		code := int(*crash.ExitCode)
		last.ExitCode = &code
	}
	return last
}

// tail returns the last lines that the container of a task wrote. Secrets are removed before long lines
// are cut: half a secret would not be recognized.
func (c Clients) tail(ctx context.Context, service ecs.Service, crash ecs.Crash) (lines []string) {
	ctx, cancel := context.WithTimeout(ctx, diagnoseTimeout)
	defer cancel()
	stream, err := service.Log(ctx, crash)
	if err != nil || stream.Name == "" {
		return nil
	}
	// This is more than is shown, because half of a container's lines may be empty.
	written, _ := logs.Stream{API: c.Logs, Group: stream.Group, Name: stream.Name}.Tail(ctx, 50)
	for _, line := range written {
		lines = append(lines, c.Log.Clean(line))
	}
	return lines
}

// showLog logs the last lines that a task wrote.
func (c Clients) showLog(ctx context.Context, task ecs.OneOff, ended ecs.Ended) {
	for _, line := range diagnosis.Lines(c.tail(ctx, task.Service, ended.Crash)) {
		c.Log.Line("  | %s", line)
	}
}

// taskBars returns the bar of a task that has ended, and its parts.
func taskBars(name string, ended ecs.Ended) []timeline.Bar {
	begin := ended.Start.Created
	if begin.IsZero() || ended.Stopped.IsZero() {
		return nil
	}
	whole := timeline.Bar{Section: "Task", Name: name, Begin: begin, End: ended.Stopped}
	if !ended.Succeeded {
		whole.Note = timeline.Failed
	}
	return append([]timeline.Bar{whole}, startParts(whole, ended.Start, "command")...)
}

// withNext adds to an error of a task what holds now.
func withNext(err error, next string) error {
	if err == nil {
		return nil
	}
	if _, ofTask := errors.AsType[*TaskError](err); !ofTask {
		return err
	}
	if diagnosed, ok := errors.AsType[*Diagnosed](err); ok {
		diagnosed.NextStep = next
		return err
	}
	if errors.Is(err, errTaskRuns) {
		return err
	}
	return hint.Wrap(fmt.Errorf("%w; %s", err, next), strings.Join(hint.Of(err), "; "))
}
