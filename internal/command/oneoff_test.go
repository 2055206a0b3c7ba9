package command_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/permissions"
)

const thirdCommit = "1111111111111111111111111111111111111111"

var oneOffs = []string{`INPUT_SEED=["npm", "run", "seed"]`, "INPUT_MIGRATE=npm run migrate"}

// ends makes one-off tasks end with this exit code, and write these lines.
func (e *env) ends(code int, log ...string) {
	e.SetTask(func([]string, map[string]string) fakeaws.Container {
		return fakeaws.Container{Exit: &fakeaws.Exit{After: 5 * time.Second, Code: code}, Log: log}
	})
}

// endless makes one-off tasks never end.
func (e *env) endless(log ...string) {
	e.SetTask(func([]string, map[string]string) fakeaws.Container { return fakeaws.Container{Log: log} })
}

func (e *env) wantRan(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, k := range e.Tasks() {
		got = append(got, strings.Join(k.Command, " ")+" "+k.Environ["PR_STACK_COMMIT"][:3])
	}
	if !slices.Equal(got, want) {
		t.Errorf("the one-off tasks are %q, want %q", got, want)
	}
}

// push makes a commit the newest of the pull request, and runs the action for it.
func (e *env) push(commit string, environ ...string) run {
	e.t.Helper()
	e.GitHub.Push(7, commit)
	return e.run("synchronize", commit, environ...)
}

// described returns all tasks that ECS knows, oldest first.
func (e *env) described(t *testing.T) (list []types.Task) {
	t.Helper()
	api := ecs.NewFromConfig(e.AWS.Config())
	base, err := e.BaseOutputs(t.Context())
	e.check(err)
	cluster := base["ClusterName"]
	for _, status := range []types.DesiredStatus{types.DesiredStatusRunning, types.DesiredStatusStopped} {
		listed, err := api.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: &cluster, DesiredStatus: status})
		e.check(err)
		if len(listed.TaskArns) == 0 {
			continue
		}
		answer, err := api.DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Cluster: &cluster, Tasks: listed.TaskArns})
		e.check(err)
		list = append(list, answer.Tasks...)
	}
	slices.SortFunc(list, func(a, b types.Task) int { return a.CreatedAt.Compare(*b.CreatedAt) })
	return list
}

// Each push migrates, and only the first one seeds, after its migration.
func TestTasks_seed_once_and_migrate_at_each_push(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.ends(0, "done")
		e.run("opened", oneCommit, oneOffs...).want(t, 0, "created", "  | done")
		for _, commit := range []string{anotherCommit, thirdCommit} {
			e.push(commit, oneOffs...).want(t, 0, "updated", "Run migrate")
		}
		e.wantRan(t, "npm run migrate 012", "npm run seed 012", "npm run migrate 89a", "npm run migrate 111")
		if got := e.stack().Outputs["SeededBy"]; got != oneCommit {
			t.Errorf("SeededBy is %q, want %s", got, oneCommit)
		}
		// Without the inputs, the environment stays seeded, and has no task definition for one-off tasks.
		e.push(oneCommit).want(t, 0, "updated", "")
		if out := e.stack().Outputs; out["SeededBy"] != oneCommit || out["OneOffTaskDefinitionArn"] != "" {
			t.Errorf("the outputs are %v", out)
		}
	})
}

// No task of the new image runs in the service before its migration has ended.
func TestTasks_end_before_the_new_code_takes_requests(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit, oneOffs...).want(t, 0, "created", "")
		e.push(anotherCommit, oneOffs...).want(t, 0, "updated", "")
		var order []string
		var ended time.Time
		for _, k := range e.described(t) {
			name := "service"
			if strings.HasPrefix(*k.Group, "pr-stack-") {
				name = strings.Split(*k.Group, "-")[2]
			}
			if order = append(order, name); k.CreatedAt.Before(ended) {
				t.Errorf("%s began at %v, before the task before it had ended", name, k.CreatedAt)
			}
			if name != "service" {
				ended = *k.StoppedAt
			}
		}
		if got, want := strings.Join(order, " "), "migrate seed service migrate service"; got != want {
			t.Errorf("the tasks ran in the order %q, want %q", got, want)
		}
	})
}

func TestTasks_a_failed_migration_leaves_the_old_code_up(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		first := e.run("opened", oneCommit, oneOffs...)
		e.ends(3, "ERROR: relation \"users\" does not exist")
		r := e.push(anotherCommit, oneOffs...)
		r.want(t, 1, "", "  | ERROR: relation \"users\" does not exist")
		want := []string{
			"Your command migrate exited with code 3\nrun migrate of stack hello-world-pr-7: its container app exited with code 3",
			"runs the same code as before",
		}
		for _, words := range want {
			if !strings.Contains(strings.Join(r.Errors(), "\n"), words) {
				t.Errorf("the errors are %q, want %q", r.Errors(), words)
			}
		}
		e.wantStack(t, "UPDATE_COMPLETE", oneCommit)
		e.wantComment(t, "`89abcde` could not be deployed", "Your command migrate exited with code 3", "does not exist",
			"`0123456` is still up: **["+first.Output("url"))
		if r.Output("url") != first.Output("url") {
			t.Errorf("url is %q, want %q", r.Output("url"), first.Output("url"))
		}
		e.ends(0)
		e.push(thirdCommit, oneOffs...).want(t, 0, "updated", "")
		e.wantStack(t, "UPDATE_COMPLETE", thirdCommit)
	})
}

// A new environment that cannot be migrated has nothing up, and says so until it has.
func TestTasks_a_failed_first_migration_leaves_nothing_up(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.ends(1, "no")
		e.run("opened", oneCommit, oneOffs...).want(t, 1, "", "runs no code yet; the next run continues from there")
		e.wantComment(t, "Nothing is up.")
		e.push(anotherCommit, oneOffs...).want(t, 1, "", "runs no code yet")
		e.wantComment(t, "Nothing is up.")
		for _, k := range e.described(t) {
			if strings.HasPrefix(*k.Group, "service:") {
				t.Errorf("the service runs a task")
			}
		}
		e.ends(0)
		e.push(thirdCommit, oneOffs...).want(t, 0, "updated", "")
		e.wantComment(t, "Preview is ready")
		e.wantRan(t, "npm run migrate 012", "npm run migrate 89a", "npm run migrate 111", "npm run seed 111")
	})
}

// An update that fails is rolled back, but not the fact that the environment is seeded.
func TestTasks_stay_done_if_the_code_then_fails(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.setScenario("exit-1")
		e.run("opened", oneCommit, oneOffs...).want(t, 1, "", "exited with code 1")
		<-time.After(2 * time.Hour) // by then ECS has forgotten the task
		e.setScenario("")
		e.push(anotherCommit, oneOffs...).want(t, 0, "updated", "")
		e.wantRan(t, "npm run migrate 012", "npm run seed 012", "npm run migrate 89a")
	})
}

func TestTasks_that_never_end_are_stopped(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit, oneOffs...).want(t, 0, "created", "")
		e.endless("waiting for db.internal:5432")
		began := time.Now()
		r := e.push(anotherCommit, append(oneOffs, "INPUT_TIMEOUT-IN-MINUTES=2")...)
		r.want(t, 1, "", "run migrate of stack hello-world-pr-7: it did not end within 2m00s")
		if took := time.Since(began); took < 2*time.Minute || took > 4*time.Minute {
			t.Errorf("the run took %v", took)
		}
		e.wantComment(t, "Your command migrate did not end in time", "waiting for db.internal:5432", "raise timeout-in-minutes", "`0123456` is still up")
		for _, k := range e.described(t) {
			if *k.LastStatus != "STOPPED" && !strings.HasPrefix(*k.Group, "service:") {
				t.Errorf("task %s of %s is %s, want it stopped", *k.TaskArn, *k.Group, *k.LastStatus)
			}
		}
	})
}

// ECS has no place at first. It has one a minute later, or not at all.
func TestTasks_wait_for_a_place(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		const reason = "Capacity is unavailable at this time. Please try again later or in a different availability zone"
		asked := 0
		e.SetTask(func([]string, map[string]string) fakeaws.Container {
			if asked++; asked < 5 {
				return fakeaws.Container{Unplaced: reason}
			}
			return fakeaws.Container{Exit: &fakeaws.Exit{}}
		})
		e.run("opened", oneCommit, oneOffs...).want(t, 0, "created", "waiting for a place for the task: Capacity is unavailable")
		e.SetTask(func([]string, map[string]string) fakeaws.Container { return fakeaws.Container{Unplaced: reason} })
		e.push(anotherCommit, oneOffs...).want(t, 1, "", "AWS has no capacity for the task now")
		e.wantStack(t, "UPDATE_COMPLETE", oneCommit)
	})
}

func TestTasks_need_the_right_to_run(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := newEnvWith(t, fakeaws.Options{}, onlyWithout("ecs:RunTask"))
		r := e.run("opened", oneCommit, oneOffs...)
		r.want(t, 1, "", "migrate: run task hello-world-pr-7-one-off:1: AccessDeniedException: User: ")
		if got := strings.Join(r.Errors(), ""); !strings.Contains(got, "hint: grant it to the role of this job, or run bootstrap again if it made that role") {
			t.Errorf("the errors are %q, want a hint", got)
		}
	})
}

// onlyWithout takes an action out of the policies of all roles.
func onlyWithout(action string) func(string, permissions.Policy) permissions.Policy {
	return func(_ string, p permissions.Policy) permissions.Policy { return without(action)(p) }
}

// takes makes one-off tasks take so long.
func (e *env) takes(d time.Duration) {
	e.SetTask(func([]string, map[string]string) fakeaws.Container {
		return fakeaws.Container{Exit: &fakeaws.Exit{After: d}}
	})
}
