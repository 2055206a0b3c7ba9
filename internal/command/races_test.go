package command_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	fakeaws "pr-stack/internal/fake/aws"
	fakegithub "pr-stack/internal/fake/github"
)

// onStage plays a story about pull request 7, which is open with oneCommit and whose images are pushed. GitHub is asked.
func onStage(t *testing.T, story func(t *testing.T, s *stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, fakeaws.Options{})
		s.inputs = append(s.inputs, "INPUT_GITHUB-TOKEN=ghs_0123456789")
		s.push(oneCommit)
		s.push(anotherCommit)
		s.github.Open(7, oneCommit)
		story(t, s)
	})
}

// want fails the test unless the job ended so. reason has to stand in its log.
func (j *job) want(t *testing.T, code int, status, reason string) {
	t.Helper()
	if j.code != code || j.output("status") != status || !strings.Contains(j.log(), reason) {
		t.Errorf("the job ended with exit code %d and status %q, want %d and %q, and in its log %q:\n%s", j.code, j.output("status"), code, status, reason, j.log())
	}
	if status == "skipped" && j.output("url") != "" {
		t.Errorf("url is %q, want none, so that nothing is tested", j.output("url"))
	}
}

func (s *stage) wantStack(t *testing.T, status, commit string) {
	t.Helper()
	if got, tags := s.stack(); got != status || tags["pr-stack:commit"] != commit {
		t.Errorf("the stack is in %q with commit %q, want %q with %q", got, tags["pr-stack:commit"], status, commit)
	}
}

func TestRace_closed_before_the_stack_is_touched(t *testing.T) {
	t.Parallel()
	onStage(t, func(t *testing.T, s *stage) {
		s.github.Close(7, false)
		s.run("opened", oneCommit).want(t, 0, "skipped", "pull request 7 was closed while this ran; it has no environment any more")
		s.wantStack(t, "", "")
	})
}

func TestRace_closed_while_deploying(t *testing.T) {
	t.Parallel()
	onStage(t, func(t *testing.T, s *stage) {
		j := s.start("opened", oneCommit)
		<-time.After(time.Minute)
		s.github.Close(7, true)
		<-j.done
		j.want(t, 0, "skipped", "Pull request 7 was closed: its environment goes.")
		s.wantStack(t, "", "")
	})
}

// The run of the close may be done before the deployment is: whoever is last cleans up.
func TestRace_closed_and_destroyed_while_deploying(t *testing.T) {
	t.Parallel()
	onStage(t, func(t *testing.T, s *stage) {
		deploy := s.start("opened", oneCommit)
		<-time.After(time.Minute)
		s.github.Close(7, false)
		s.run("closed", oneCommit).want(t, 0, "deleted", "")
		<-deploy.done
		deploy.want(t, 0, "skipped", "pull request 7 was closed while this ran")
		s.wantStack(t, "", "")
	})
}

func TestRace_pushed_before_the_stack_is_touched(t *testing.T) {
	t.Parallel()
	onStage(t, func(t *testing.T, s *stage) {
		s.github.Push(7, anotherCommit)
		s.run("opened", oneCommit).want(t, 0, "skipped", "pull request 7 has a newer commit, 89abcdef0123, and its run deploys that; this one was for 0123456789ab")
		s.wantStack(t, "", "")
	})
}

func TestRace_two_runs_of_one_pull_request(t *testing.T) {
	t.Parallel()
	onStage(t, func(t *testing.T, s *stage) {
		older := s.start("opened", oneCommit)
		<-time.After(30 * time.Second)
		s.github.Push(7, anotherCommit)
		newer := s.start("synchronize", anotherCommit)
		<-older.done
		older.want(t, 0, "skipped", "has a newer commit")
		<-newer.done
		newer.want(t, 0, "updated", "")
		s.wantStack(t, "UPDATE_COMPLETE", anotherCommit)
	})
}

// The older run fails because the newer one is at work: that is no news, and no red job.
func TestRace_lost_by_the_older_run(t *testing.T) {
	t.Parallel()
	onStage(t, func(t *testing.T, s *stage) {
		s.run("opened", oneCommit).want(t, 0, "created", "")
		s.github.Push(7, anotherCommit)
		s.github.Push(7, oneCommit)
		s.account.FailResource("hello-world-pr-7", "TaskDefinition", fakeaws.Failure{Operation: "CREATE", Reason: "cancelled by somebody", After: 20 * time.Second, Times: 1})
		older := s.start("synchronize", oneCommit, "INPUT_PARAMETER-OVERRIDES=Cpu=512")
		<-time.After(10 * time.Second)
		s.github.Push(7, anotherCommit)
		<-older.done
		older.want(t, 0, "skipped", "has a newer commit")
	})
}

func TestRace_reopened_before_the_close_is_run(t *testing.T) {
	t.Parallel()
	onStage(t, func(t *testing.T, s *stage) {
		s.run("opened", oneCommit).want(t, 0, "created", "")
		s.run("closed", oneCommit).want(t, 0, "skipped", "pull request 7 was opened again, and its environment stays")
		s.wantStack(t, "CREATE_COMPLETE", oneCommit)
	})
}

func TestRace_reopened_while_it_is_deleted(t *testing.T) {
	t.Parallel()
	onStage(t, func(t *testing.T, s *stage) {
		s.run("opened", oneCommit).want(t, 0, "created", "")
		s.github.Close(7, false)
		destroy := s.start("closed", oneCommit)
		<-time.After(5 * time.Second)
		s.github.Reopen(7)
		deploy := s.start("reopened", oneCommit)
		<-destroy.done
		<-deploy.done
		destroy.want(t, 0, "skipped", "opened again")
		deploy.want(t, 0, "created", "")
		s.wantStack(t, "CREATE_COMPLETE", oneCommit)
	})
}

// GitHub may be down, or the token may lack the right: the event then has to do, and the job says so once.
func TestRace_GitHub_does_not_tell(t *testing.T) {
	for name, fault := range map[string]fakegithub.Fault{
		"no right":    {Status: http.StatusForbidden, Message: "Resource not accessible by integration"},
		"down":        {Status: http.StatusBadGateway},
		"unreachable": {Break: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onStage(t, func(t *testing.T, s *stage) {
				s.github.Inject(fault)
				j := s.run("opened", oneCommit)
				j.want(t, 0, "created", "::notice title=GitHub does not tell whether the pull request is still open::")
				if n := strings.Count(j.log(), "::notice title=GitHub does not tell"); n != 1 {
					t.Errorf("there are %d notices, want one:\n%s", n, j.log())
				}
				if name == "no right" && !strings.Contains(j.log(), "add pull-requests: write to the permissions") {
					t.Errorf("the notice does not name the permission:\n%s", j.log())
				}
				s.run("closed", oneCommit).want(t, 0, "deleted", "")
			})
		})
	}
}

// At whatever instant the machine goes away, the next run goes on from what AWS holds.
func TestRace_killed_at_any_instant(t *testing.T) {
	for _, after := range []time.Duration{0, time.Second, 3 * time.Second, 20 * time.Second, 170 * time.Second, 250 * time.Second} {
		t.Run(after.String(), func(t *testing.T) {
			t.Parallel()
			onStage(t, func(t *testing.T, s *stage) {
				lost := s.start("opened", oneCommit)
				<-time.After(after)
				lost.kill()
				next := s.run("opened", oneCommit)
				if next.code != 0 || next.output("url") == "" {
					t.Errorf("the next run ended with exit code %d:\n%s", next.code, next.log())
				}
				lost = s.start("synchronize", anotherCommit)
				s.github.Push(7, anotherCommit)
				<-time.After(after)
				lost.kill()
				s.github.Close(7, true)
				if gone := s.run("closed", anotherCommit); gone.code != 0 {
					t.Errorf("the close ended with exit code %d:\n%s", gone.code, gone.log())
				}
				s.wantStack(t, "", "")
			})
		})
	}
}

// An older run looks, is then slow to update, and so undoes what the newest has done. The newest sees that its code does
// not run any more, and does it again.
func TestRace_the_older_run_is_late(t *testing.T) {
	t.Parallel()
	onStage(t, func(t *testing.T, s *stage) {
		s.run("opened", oneCommit).want(t, 0, "created", "")
		s.strike(func(c fakeaws.Container) fakeaws.Container {
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
		s.account.Inject(fakeaws.Fault{Operation: "UpdateStack", Delay: 105 * time.Second, Times: 1})
		older := s.start("synchronize", oneCommit, "INPUT_PARAMETER-OVERRIDES=Cpu=512", "INPUT_HEALTH-CHECK-TIMEOUT=20m")
		<-time.After(time.Second)
		s.github.Push(7, anotherCommit)
		newest := s.run("synchronize", anotherCommit, "INPUT_HEALTH-CHECK-TIMEOUT=20m")
		newest.want(t, 0, "updated", "it is brought up again")
		<-older.done
		older.want(t, 0, "skipped", "has a newer commit")
		s.wantStack(t, "UPDATE_COMPLETE", anotherCommit)
	})
}

// What only GitHub knows of a pull request keeps it from an environment, too.
func TestRules_that_GitHub_is_asked_about(t *testing.T) {
	t.Parallel()
	onStage(t, func(t *testing.T, s *stage) {
		s.github.SetMessage(oneCommit, "docs: a comma\n\n[skip preview]")
		s.run("opened", oneCommit).want(t, 0, "skipped", "the message of commit 0123456789ab has [skip preview]")
		s.github.SetMessage(oneCommit, "docs: a comma")
		s.github.SetFiles(7, "docs/index.md", "README.md")
		s.run("opened", oneCommit, "INPUT_PATHS=src/** !**/*.md").want(t, 0, "skipped", "pull request 7 changes no file that the input paths names")
		s.wantStack(t, "", "")
		s.github.SetFiles(7, "docs/index.md", "src/main.go")
		s.run("opened", oneCommit, "INPUT_PATHS=src/** !**/*.md").want(t, 0, "created", "")
	})
}

// A destroy that is not a close's does not ask whether the pull request is open: it is, and its environment goes.
func TestRules_destroy_while_it_is_open(t *testing.T) {
	t.Parallel()
	onStage(t, func(t *testing.T, s *stage) {
		s.run("opened", oneCommit).want(t, 0, "created", "")
		s.run("labeled", oneCommit, "INPUT_COMMAND=destroy").want(t, 0, "deleted", "")
		s.wantStack(t, "", "")
	})
}
