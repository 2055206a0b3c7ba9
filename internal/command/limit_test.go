package command_test

import (
	"testing"
	"time"

	fakeaws "pr-stack/internal/fake/aws"
)

// A service with as many environments as it may have does not fail the job: the comment says so.
func TestLimit_skips_with_a_comment(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.createStack("hello-world", "pr-1", 1, "")
		e.createStack("hello-world", "production", 0, "")
		<-time.After(time.Minute)
		e.run("opened", oneCommit, "INPUT_MAX-ENVIRONMENTS=1").want(t, 0, "skipped", "the service has 1 environment, as many as max-environments allows")
		e.wantComment(t, "⏭️ No preview", "close a pull request whose environment is not needed")
		e.wantStack(t, "", "")
		e.run("opened", oneCommit, "INPUT_MAX-ENVIRONMENTS=2").want(t, 0, "created", "")
		e.run("opened", oneCommit, "INPUT_MAX-ENVIRONMENTS=2").want(t, 0, "unchanged", "") // its own place is not another's
		e.wantComment(t, "✅ Preview is ready")
	})
}

// Others come up while the image is built.
func TestLimit_is_checked_again_before_the_stack(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.AWS.Inject(fakeaws.Fault{Operation: "DescribeImages", Times: 1, Delay: time.Minute})
		j := e.start("opened", oneCommit, "INPUT_MAX-ENVIRONMENTS=1")
		<-time.After(30 * time.Second)
		e.createStack("hello-world", "pr-1", 1, "")
		<-j.Done
		j.want(t, 0, "skipped", "the service has 1 environment, as many as max-environments allows")
		e.wantComment(t, "⏭️ No preview")
		e.wantStack(t, "", "")
	})
}

// Environments that are no pull request's are not counted among those that there may be, nor kept
// from coming up by them.
func TestLimit_does_not_apply_to_production(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.createStack("hello-world", "pr-1", 1, "")
		e.pushAs("production-" + oneCommit[:12])
		<-time.After(time.Minute)
		e.run("opened", oneCommit, "INPUT_MAX-ENVIRONMENTS=1", "INPUT_ENVIRONMENT=production", "INPUT_COMMAND=deploy").want(t, 0, "created", "")
	})
}
