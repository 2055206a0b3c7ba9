package command_test

import (
	"strings"
	"testing"
	"time"
)

const beforeDestroy = "INPUT_BEFORE-DESTROY=empty-bucket"

func TestBeforeDestroy_runs_once_when_the_pull_request_is_closed(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit).want(t, 0, "created", "")
		e.ends(0, "emptied")
		e.GitHub.Close(7, true)
		r := e.run("closed", oneCommit, beforeDestroy)
		r.want(t, 0, "deleted", "  | emptied")
		if strings.Index(r.Log(), "Run before-destroy") > strings.Index(r.Log(), "Delete stack") {
			t.Errorf("the stack was deleted first:\n%s", r.Log())
		}
		e.run("closed", oneCommit, beforeDestroy).want(t, 0, "absent", "")
		e.wantRan(t, "empty-bucket 012")
		if image := e.Tasks()[0].Image; !strings.HasSuffix(image, e.built(oneCommit)) {
			t.Errorf("it ran image %s, want the one of the service", image)
		}
	})
}

// A preview costs money as long as it exists, so it is deleted. The run is red: nobody can run the command
// again, and what it was to clean up may be left.
func TestBeforeDestroy_that_fails_does_not_keep_a_preview(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit).want(t, 0, "created", "")
		e.ends(4, "AccessDenied: s3:DeleteObject")
		e.GitHub.Close(7, true)
		r := e.run("closed", oneCommit, beforeDestroy)
		r.want(t, 1, "", "Your command before-destroy exited with code 4")
		e.wantStack(t, "", "")
		if n := len(e.imageTags()); n != 0 {
			t.Errorf("%d images are left, want none", n)
		}
		e.wantComment(t, "❌ Preview deleted, but `before-destroy` failed", "exited with code 4", "AccessDenied: s3:DeleteObject",
			`"state":"deleted"`, "The environment was deleted nevertheless.")
		if !strings.Contains(r.Summary(), "Preview deleted, but `before-destroy` failed") {
			t.Errorf("the summary is\n%s", r.Summary())
		}
	})
}

// A permanent environment is deleted by a person, and the command may be what saves its data.
func TestBeforeDestroy_that_fails_keeps_a_permanent_environment(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		production := []string{"INPUT_ENVIRONMENT=production", "INPUT_COMMAND=deploy"}
		e.run("opened", oneCommit, production...).want(t, 0, "created", "")
		e.ends(1, "no space left on device")
		production[1] = "INPUT_COMMAND=destroy"
		e.check(e.Unprotect(t.Context(), "hello-world-production"))
		e.run("opened", oneCommit, append(production, beforeDestroy)...).want(t, 1, "", "nothing was deleted; to delete the environment without the command, leave before-destroy out")
		if stack, err := e.Stack(t.Context(), "hello-world-production"); err != nil || stack.Status != "CREATE_COMPLETE" {
			t.Errorf("the stack is in %q, %v", stack.Status, err)
		}
		e.run("opened", oneCommit, production...).want(t, 0, "deleted", "")
	})
}

// A migration that still runs would hold the environment's security group for as long as it takes.
func TestBeforeDestroy_other_tasks_are_stopped(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit, "INPUT_MIGRATE=migrate").want(t, 0, "created", "")
		for _, inputs := range [][]string{nil, {beforeDestroy}} {
			e.endless()
			e.GitHub.Push(7, anotherCommit)
			lost := e.start("synchronize", anotherCommit, "INPUT_MIGRATE=migrate")
			<-time.After(time.Minute)
			lost.Kill()
			e.ends(0)
			e.GitHub.Close(7, false)
			began := time.Now()
			e.run("closed", anotherCommit, inputs...).want(t, 0, "deleted", "stopping task")
			if took := time.Since(began); took > 3*time.Minute {
				t.Errorf("the deletion took %v", took)
			}
			e.GitHub.Open(7, oneCommit)
			e.run("opened", oneCommit, "INPUT_MIGRATE=migrate").want(t, 0, "created", "")
		}
	})
}

// The pull request is closed while its environment is being deployed.
func TestBeforeDestroy_of_a_deployment_whose_pull_request_is_closed(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit).want(t, 0, "created", "")
		e.GitHub.Push(7, anotherCommit)
		r := e.start("synchronize", anotherCommit, beforeDestroy)
		<-time.After(20 * time.Second)
		e.GitHub.Close(7, false)
		<-r.Done
		r.want(t, 0, "skipped", "Run before-destroy")
		e.wantStack(t, "", "")
	})
}

func TestBeforeDestroy_runs_in_a_sweep(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.GitHub.Open(8, anotherCommit)
		e.run("opened", oneCommit).want(t, 0, "created", "")
		e.run("opened", anotherCommit, "INPUT_ENVIRONMENT=pr-8", "INPUT_COMMAND=deploy").want(t, 0, "created", "")
		e.GitHub.Close(7, false)
		e.run("opened", oneCommit, "INPUT_COMMAND=sweep", beforeDestroy).want(t, 0, "deleted", "1 deleted, 1 kept")
		e.wantRan(t, "empty-bucket 012")
		e.ends(1, "no")
		e.GitHub.Close(8, false)
		r := e.run("opened", oneCommit, "INPUT_COMMAND=sweep", beforeDestroy)
		r.want(t, 1, "", "before-destroy")
		if got := strings.Join(r.Errors(), "\n"); !strings.Contains(got, "sweep pr-8: it was deleted, but ") || !strings.Contains(got, "exited with code 1") {
			t.Errorf("the errors are %q", got)
		}
		if names := e.stackNames(); len(names) != 2 {
			t.Errorf("the stacks are %q, want the base stack and that of its roles", names)
		}
	})
}
