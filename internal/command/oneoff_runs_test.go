package command_test

import (
	"strings"
	"testing"
	"time"

	fakeaws "pr-stack/internal/fake/aws"
)

// A run that is cancelled leaves the migration alone, which may be half-way through its work. The next run
// waits for it, and does not begin it again.
func TestTasks_of_an_interrupted_run(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit, "INPUT_MIGRATE=migrate").want(t, 0, "created", "")
		e.takes(3 * time.Minute)
		e.GitHub.Push(7, anotherCommit)
		r := e.start("synchronize", anotherCommit, "INPUT_MIGRATE=migrate")
		<-time.After(90 * time.Second)
		r.Cancel()
		<-r.Done
		r.want(t, 1, "", "; migrate continues in its task, and the next run waits for it")
		e.wantComment(t, "`0123456` is still up")

		r = e.run("synchronize", anotherCommit, "INPUT_MIGRATE=migrate")
		r.want(t, 0, "updated", "runs already: an interrupted run began it")
		e.wantRan(t, "migrate 012", "migrate 89a")
	})
}

// A newer commit's run waits for the migration that an older one began, and then runs its own.
func TestTasks_of_two_commits_do_not_run_side_by_side(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit, "INPUT_MIGRATE=migrate").want(t, 0, "created", "")
		e.takes(3 * time.Minute)
		e.GitHub.Push(7, anotherCommit)
		lost := e.start("synchronize", anotherCommit, "INPUT_MIGRATE=migrate")
		<-time.After(time.Minute)
		lost.Kill()
		e.push(thirdCommit, "INPUT_MIGRATE=migrate").want(t, 0, "updated", "which another run began")
		e.wantRan(t, "migrate 012", "migrate 89a", "migrate 111")
		e.wantNoOverlap(t)
	})
}

// Two runs for the same commit start at the same time: of their tasks, one runs.
func TestTasks_of_two_runs_at_once(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit, "INPUT_MIGRATE=migrate").want(t, 0, "created", "")
		e.takes(time.Minute)
		e.AWS.Inject(fakeaws.Fault{Operation: "RunTask", Delay: 5 * time.Second, Times: 2}) // neither sees the other's
		e.GitHub.Push(7, anotherCommit)
		first := e.start("synchronize", anotherCommit, "INPUT_MIGRATE=migrate")
		second := e.start("synchronize", anotherCommit, "INPUT_MIGRATE=migrate")
		<-first.Done
		<-second.Done
		for _, r := range []run{first, second} {
			if r.ExitCode != 0 {
				t.Errorf("a run ended with exit code %d:\n%s", r.ExitCode, r.Log())
			}
		}
		e.wantNoOverlap(t)
		if log := first.Log() + second.Log(); strings.Count(log, "another one-off task of this environment runs") != 1 {
			t.Errorf("want that one of the runs stops its task:\n%s", log)
		}
	})
}

// The machine is lost after the seed, and before the stack says so. ECS still knows the task.
func TestTasks_that_seeded_are_not_run_again(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		lost := e.start("opened", oneCommit, "INPUT_SEED=seed")
		for len(e.Tasks()) == 0 {
			<-time.After(time.Second)
		}
		<-time.After(30 * time.Second)
		lost.Kill()
		<-time.After(10 * time.Minute)
		e.run("synchronize", oneCommit, "INPUT_SEED=seed").want(t, 0, "updated", "The environment was seeded by an interrupted run.")
		e.wantRan(t, "seed 012")
		if e.stack().Outputs["SeededBy"] != oneCommit {
			t.Errorf("the outputs are %v, want SeededBy", e.stack().Outputs)
		}
	})
}

// wantNoOverlap wants that no two one-off tasks ran at the same time.
func (e *env) wantNoOverlap(t *testing.T) {
	t.Helper()
	var ended time.Time
	for _, k := range e.described(t) {
		if k.StartedAt == nil || !strings.HasPrefix(*k.Group, "pr-stack-") {
			continue
		}
		if k.StartedAt.Before(ended) {
			t.Errorf("task %s ran beside the one before it", *k.TaskArn)
		}
		ended = *k.StoppedAt
	}
}

// A stack that has to be replaced is a new environment: it is seeded once more.
func TestTasks_seed_an_environment_that_is_replaced(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit, "INPUT_SEED=seed").want(t, 0, "created", "")
		e.AWS.SetStatus(stackName, "DELETE_FAILED", "no")
		e.push(anotherCommit, "INPUT_SEED=seed").want(t, 0, "recreated", "Run seed")
		e.push(thirdCommit, "INPUT_SEED=seed").want(t, 0, "updated", "")
		e.wantRan(t, "seed 012", "seed 89a")
		if got := e.stack().Outputs["SeededBy"]; got != anotherCommit {
			t.Errorf("SeededBy is %q, want %s", got, anotherCommit)
		}
	})
}
