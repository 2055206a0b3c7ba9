package command_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"pr-stack/internal/actiontest"
	fakeaws "pr-stack/internal/fake/aws"
	fakegithub "pr-stack/internal/fake/github"
)

// A pull request is opened again between the look and the deletion.
func TestSweep_checks_again_before_each_deletion(t *testing.T) {
	inSweepEnv(t, func(t *testing.T, e *env) {
		e.AWS.Inject(fakeaws.Fault{Operation: "DescribeStacks", Skip: 3, Times: 2, Delay: time.Minute}) // the first looks at stacks that are to go
		j := e.start("opened", oneCommit)
		<-time.After(30 * time.Second)
		e.GitHub.Reopen(2)
		<-j.Done
		j.want(t, 0, "deleted", "1 deleted, 5 kept")
		if !slices.Contains(e.stackNames(), "hello-world-pr-2") {
			t.Errorf("stacks = %q, want that of the pull request that was opened again", e.stackNames())
		}
	})
}

// A sweep has a concurrency group of its own, so that a deployment can begin at any moment of it.
// What the deployment needs and what it published stays.
func TestSweep_beside_a_deployment(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]struct {
		inputs []string
		before func(e *env)
		after  func(e *env)
		commit string
	}{
		"of a new commit":                        {[]string{"INPUT_MAX-AGE=2d"}, func(*env) {}, func(e *env) { e.GitHub.Push(7, anotherCommit) }, anotherCommit},
		"of a pull request that is opened again": {nil, func(e *env) { e.GitHub.Close(7, false) }, func(e *env) { e.GitHub.Reopen(7) }, oneCommit},
		"of a new commit to one that is opened again": {nil, func(e *env) { e.GitHub.Close(7, false) },
			func(e *env) { e.GitHub.Reopen(7); e.GitHub.Push(7, anotherCommit) }, anotherCommit},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inEnv(t, func(t *testing.T, e *env) {
				e.run("opened", oneCommit).want(t, 0, "created", "")
				<-time.After(50 * time.Hour)
				change.before(e)
				sweep := e.start("opened", oneCommit, append([]string{"INPUT_COMMAND=sweep"}, change.inputs...)...)
				<-time.After(20 * time.Second)
				change.after(e)
				deploy := e.start("synchronize", change.commit)
				<-sweep.Done
				sweep.want(t, 0, "deleted", "")
				statuses := e.GitHub.DeploymentStatuses("hello-world-preview")
				if last := statuses[len(statuses)-1]; last != "in_progress" {
					t.Errorf("deployments had the statuses %q, want that of the deployment untouched", statuses)
				}
				<-deploy.Done
				deploy.want(t, 0, "created", "")
				e.wantComment(t, "✅ Preview is ready", change.commit)
			})
		})
	}
}

// An update that begins after the stacks were listed makes its stack a young one.
func TestSweep_keeps_what_is_being_deployed(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit).want(t, 0, "created", "")
		<-time.After(50 * time.Hour)
		e.GitHub.Inject(fakegithub.Fault{Method: http.MethodGet, Path: "/repos/octo-org/hello-world/pulls", Times: 1, Delay: 25 * time.Second})
		sweep := e.start("opened", oneCommit, "INPUT_COMMAND=sweep", "INPUT_MAX-AGE=2d")
		<-time.After(5 * time.Second)
		e.GitHub.Push(7, anotherCommit)
		deploy := e.start("synchronize", anotherCommit)
		<-sweep.Done
		sweep.want(t, 0, "unchanged", "pr-7       kept: pull request 7 is open")
		<-deploy.Done
		deploy.want(t, 0, "updated", "")
	})
}

// Somebody gives the stack to another environment between the look and the deletion.
func TestSweep_keeps_what_belongs_to_another_by_now(t *testing.T) {
	inSweepEnv(t, func(t *testing.T, e *env) {
		e.AWS.Inject(fakeaws.Fault{Operation: "DescribeStacks", Skip: 3, Times: 2, Delay: time.Minute})
		j := e.start("opened", oneCommit)
		<-time.After(20 * time.Second)
		name := "hello-world-pr-2"
		e.check(e.SetTags(t.Context(), name, actiontest.Tags("hello-world", "staging", 0)))
		<-j.Done
		j.want(t, 1, "", "::error::sweep pr-2: ")
		if !slices.Contains(e.stackNames(), name) || slices.Contains(e.stackNames(), "hello-world-pr-3") {
			t.Errorf("stacks = %q, want pr-2's, which is staging's by now, and not pr-3's", e.stackNames())
		}
	})
}

// The pull request is opened again while the sweep is about its images, and the same commit is up
// before the sweep has come to the comment.
func TestSweep_does_not_comment_if_the_environment_is_up_again(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit).want(t, 0, "created", "")
		e.GitHub.Close(7, false)
		e.AWS.Inject(fakeaws.Fault{Operation: "ListImages", Times: 1, Delay: 20 * time.Minute})
		sweep := e.start("opened", oneCommit, "INPUT_COMMAND=sweep")
		<-time.After(10 * time.Minute)
		e.wantStack(t, "", "")
		e.GitHub.Reopen(7)
		e.run("reopened", oneCommit).want(t, 0, "created", "")
		<-sweep.Done
		sweep.want(t, 0, "deleted", "pr-7       deleted: pull request 7 is closed")
		e.wantComment(t, "✅ Preview is ready")
		statuses := e.GitHub.DeploymentStatuses("hello-world-preview")
		if inactive := slices.DeleteFunc(slices.Clone(statuses), func(s string) bool { return s != "inactive" }); len(inactive) != 1 {
			t.Errorf("deployments had the statuses %q, want the first to be inactive and the second not", statuses)
		}
	})
}
