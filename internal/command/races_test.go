package command_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	fakeaws "pr-stack/internal/fake/aws"
	fakegithub "pr-stack/internal/fake/github"
)

func TestRace_closed_before_the_stack_is_touched(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.GitHub.Close(7, false)
		e.run("opened", oneCommit).want(t, 0, "skipped", "pull request 7 was closed while this ran; its environment was deleted")
		e.wantStack(t, "", "")
	})
}

func TestRace_closed_while_deploying(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		j := e.start("opened", oneCommit)
		<-time.After(time.Minute)
		e.GitHub.Close(7, true)
		<-j.Done
		j.want(t, 0, "skipped", "Pull request 7 was closed: its environment is deleted.")
		e.wantStack(t, "", "")
	})
}

// The run of the close may be done before the deployment is: whoever is last cleans up.
func TestRace_closed_and_destroyed_while_deploying(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		deploy := e.start("opened", oneCommit)
		<-time.After(time.Minute)
		e.GitHub.Close(7, false)
		e.run("closed", oneCommit).want(t, 0, "deleted", "")
		<-deploy.Done
		deploy.want(t, 0, "skipped", "pull request 7 was closed while this ran")
		e.wantStack(t, "", "")
	})
}

func TestRace_pushed_before_the_stack_is_touched(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.GitHub.Push(7, anotherCommit)
		e.run("opened", oneCommit).want(t, 0, "skipped", "pull request 7 has a newer commit, 89abcdef0123, and its run deploys that; this one was for 0123456789ab")
		e.wantStack(t, "", "")
	})
}

func TestRace_two_runs_of_one_pull_request(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		older := e.start("opened", oneCommit)
		<-time.After(30 * time.Second)
		e.GitHub.Push(7, anotherCommit)
		newer := e.start("synchronize", anotherCommit)
		<-older.Done
		older.want(t, 0, "skipped", "has a newer commit")
		<-newer.Done
		newer.want(t, 0, "updated", "")
		e.wantStack(t, "UPDATE_COMPLETE", anotherCommit)
	})
}

// The older run fails because the newer one is at work: that is no news, and no red job.
func TestRace_is_lost_by_the_older_run(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit).want(t, 0, "created", "")
		e.GitHub.Push(7, anotherCommit)
		e.GitHub.Push(7, oneCommit)
		e.AWS.FailResource("hello-world-pr-7", "TaskDefinition", fakeaws.Failure{Operation: "CREATE", Reason: "cancelled by somebody", After: 20 * time.Second, Times: 1})
		older := e.start("synchronize", oneCommit, "INPUT_PARAMETER-OVERRIDES=Cpu=512")
		<-time.After(10 * time.Second)
		e.GitHub.Push(7, anotherCommit)
		<-older.Done
		older.want(t, 0, "skipped", "has a newer commit")
	})
}

func TestRace_reopened_before_the_close_is_run(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit).want(t, 0, "created", "")
		e.run("closed", oneCommit).want(t, 0, "skipped", "pull request 7 was reopened, and its environment stays")
		e.wantStack(t, "CREATE_COMPLETE", oneCommit)
	})
}

func TestRace_reopened_while_it_is_deleted(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit).want(t, 0, "created", "")
		e.GitHub.Close(7, false)
		destroy := e.start("closed", oneCommit)
		<-time.After(5 * time.Second)
		e.GitHub.Reopen(7)
		deploy := e.start("reopened", oneCommit)
		<-destroy.Done
		<-deploy.Done
		destroy.want(t, 0, "skipped", "reopened")
		deploy.want(t, 0, "created", "")
		e.wantStack(t, "CREATE_COMPLETE", oneCommit)
	})
}

// GitHub may be down, or the token may lack the right: the event then has to do, and the job says
// so once.
func TestRace_GitHub_cannot_be_asked(t *testing.T) {
	for name, fault := range map[string]fakegithub.Fault{
		"no right":    {Status: http.StatusForbidden, Message: "Resource not accessible by integration"},
		"down":        {Status: http.StatusBadGateway},
		"unreachable": {Break: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inEnv(t, func(t *testing.T, e *env) {
				e.GitHub.Inject(fault)
				j := e.run("opened", oneCommit)
				j.want(t, 0, "created", "::notice title=Could not check whether the pull request is still open::")
				if n := strings.Count(j.Log(), "::notice title=Could not check whether the pull request is still open::"); n != 1 {
					t.Errorf("there are %d notices, want one:\n%s", n, j.Log())
				}
				if name == "no right" && !strings.Contains(j.Log(), "add pull-requests: write to the permissions") {
					t.Errorf("the notice does not name the permission:\n%s", j.Log())
				}
				e.run("closed", oneCommit).want(t, 0, "deleted", "")
			})
		})
	}
}

// Whenever the machine is lost, the next run continues from the state in AWS.
func TestRace_killed_at_any_instant(t *testing.T) {
	for _, after := range []time.Duration{0, time.Second, 3 * time.Second, 20 * time.Second, 170 * time.Second, 250 * time.Second} {
		t.Run(after.String(), func(t *testing.T) {
			t.Parallel()
			inEnv(t, func(t *testing.T, e *env) {
				lost := e.start("opened", oneCommit)
				<-time.After(after)
				lost.Kill()
				next := e.run("opened", oneCommit)
				if next.ExitCode != 0 || next.Output("url") == "" {
					t.Errorf("the next run ended with exit code %d:\n%s", next.ExitCode, next.Log())
				}
				lost = e.start("synchronize", anotherCommit)
				e.GitHub.Push(7, anotherCommit)
				<-time.After(after)
				lost.Kill()
				e.GitHub.Close(7, true)
				if gone := e.run("closed", anotherCommit); gone.ExitCode != 0 {
					t.Errorf("the close ended with exit code %d:\n%s", gone.ExitCode, gone.Log())
				}
				e.wantStack(t, "", "")
			})
		})
	}
}

// An older run looks, is then slow to update, and so undoes what the newest has done. The newest
// sees that its code does not run any more, and does it again.
func TestRace_the_older_run_is_late(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit).want(t, 0, "created", "")
		e.SetBehavior(func(c fakeaws.Container) fakeaws.Container {
			well, begun := c.Handler, time.Now()
			c.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // slow to be well for people
				if !strings.HasPrefix(r.UserAgent(), "ELB-HealthChecker") && time.Since(begun) < 4*time.Minute {
					http.Error(w, "soon", http.StatusServiceUnavailable)
					return
				}
				well.ServeHTTP(w, r)
			})
			return c
		})
		e.AWS.Inject(fakeaws.Fault{Operation: "UpdateStack", Delay: 105 * time.Second, Times: 1})
		older := e.start("synchronize", oneCommit, "INPUT_PARAMETER-OVERRIDES=Cpu=512", "INPUT_HEALTH-CHECK-TIMEOUT=20m")
		<-time.After(time.Second)
		e.GitHub.Push(7, anotherCommit)
		newest := e.run("synchronize", anotherCommit, "INPUT_HEALTH-CHECK-TIMEOUT=20m")
		newest.want(t, 0, "updated", "deploying it again")
		<-older.Done
		older.want(t, 0, "skipped", "has a newer commit")
		e.wantStack(t, "UPDATE_COMPLETE", anotherCommit)
	})
}

// What only GitHub knows of a pull request keeps it from an environment, too.
func TestRules_that_need_GitHub(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.GitHub.SetMessage(oneCommit, "docs: a comma\n\n[skip preview]")
		e.run("opened", oneCommit).want(t, 0, "skipped", "the message of commit 0123456789ab has [skip preview]")
		e.GitHub.SetMessage(oneCommit, "docs: a comma")
		e.GitHub.SetFiles(7, "docs/index.md", "README.md")
		e.run("opened", oneCommit, "INPUT_PATHS=src/** !**/*.md").want(t, 0, "skipped", "pull request 7 changes no file that matches the input paths")
		e.wantStack(t, "", "")
		e.GitHub.SetFiles(7, "docs/index.md", "src/main.go")
		e.run("opened", oneCommit, "INPUT_PATHS=src/** !**/*.md").want(t, 0, "created", "")
	})
}

// A destroy that does not follow a close deletes the environment of an open pull request.
func TestRules_destroy_an_open_pull_request(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit).want(t, 0, "created", "")
		e.run("labeled", oneCommit, "INPUT_COMMAND=destroy").want(t, 0, "deleted", "")
		e.wantStack(t, "", "")
	})
}
