package actiontest_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pr-stack/internal/actiontest"
	fakeaws "pr-stack/internal/fake/aws"
)

const commit = "0123456789abcdef0123456789abcdef01234567"

// inEnv runs a test in a bubble, in an env with a base stack.
func inEnv(t *testing.T, test func(t *testing.T, e *actiontest.Env)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e, err := actiontest.New(t.TempDir(), fakeaws.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Bootstrap(t.Context()); err != nil {
			t.Fatal(err)
		}
		test(t, e)
	})
}

func start(t *testing.T, e *actiontest.Env, event string) *actiontest.Run {
	t.Helper()
	opened, err := actiontest.ReadEvent(event, commit)
	if err != nil {
		t.Fatal(err)
	}
	run, err := e.Start(t.Context(), actiontest.Step{Event: opened, Commit: commit})
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func remains(t *testing.T, e *actiontest.Env) []string {
	t.Helper()
	names, err := e.Remains(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestRun_deploys_and_destroys(t *testing.T) {
	inEnv(t, func(t *testing.T, e *actiontest.Env) {
		run := start(t, e, "pull_request.opened")
		<-run.Done
		if run.ExitCode != 0 || run.Output("status") != "created" || run.Summary() == "" || len(run.Errors()) != 0 {
			t.Fatalf("exit code %d, outputs %q:\n%s", run.ExitCode, run.Outputs(), run.Log())
		}
		if digest, err := e.BuildDigest(commit); err != nil || run.Output("image-digest") != digest {
			t.Errorf("image-digest is %q, want %q, %v", run.Output("image-digest"), digest, err)
		}
		if status, body, err := e.Get(t.Context(), run.Output("url")); err != nil || status != "200 OK" || body != run.Output("image") {
			t.Errorf("the URL answers %s %q, %v, want the image %s", status, body, err, run.Output("image"))
		}
		stack, err := e.Stack(t.Context(), "hello-world-pr-7")
		if err != nil || stack.Status != "CREATE_COMPLETE" || stack.Commit() != commit {
			t.Errorf("stack = %+v, %v", stack, err)
		}
		// The stack, its image, its service and its load balancer.
		if names := remains(t, e); len(names) != 4 || names[0] != "stack hello-world-pr-7" {
			t.Errorf("remains = %q, want four things", names)
		}

		run = start(t, e, "pull_request.closed")
		<-run.Done
		if names := remains(t, e); run.ExitCode != 0 || len(names) != 0 {
			t.Errorf("after the close, exit code %d: remains = %q, want none", run.ExitCode, names)
		}
	})
}

// An interrupted run reports the interrupt as an error. If the machine of a run is lost, nothing
// that the run then sends arrives.
func TestRun_ends_early(t *testing.T) {
	for name, test := range map[string]struct {
		end    func(*actiontest.Run)
		errors int
		calls  bool
	}{
		"interrupted":  {func(r *actiontest.Run) { r.Cancel(); <-r.Done }, 1, true},
		"machine lost": {func(r *actiontest.Run) { r.Kill() }, -1, false},
	} {
		t.Run(name, func(t *testing.T) {
			inEnv(t, func(t *testing.T, e *actiontest.Env) {
				run := start(t, e, "pull_request.opened")
				<-time.After(30 * time.Second)
				synctest.Wait()
				before := len(e.AWS.Calls())
				test.end(run)
				if run.ExitCode != 1 || test.errors >= 0 && len(run.Errors()) != test.errors {
					t.Errorf("exit code %d, errors %q", run.ExitCode, run.Errors())
				}
				if called := len(e.AWS.Calls()) > before; called != test.calls {
					t.Errorf("calls after the end: %v, want %v", called, test.calls)
				}
				if names := remains(t, e); !slices.Contains(names, "stack hello-world-pr-7") {
					t.Errorf("remains = %q, want the stack among them", names)
				}
			})
		})
	}
}
