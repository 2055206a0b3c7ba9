package command_test

import (
	"strings"
	"testing"
	"time"

	fakeaws "pr-stack/internal/fake/aws"
)

// If the service has as many environments as max-environments allows, the job does not fail, and the
// comment says why there is no preview.
func TestLimit_skips_with_a_comment(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.createStack("hello-world", "pr-1", 1, "")
		e.createStack("hello-world", "production", 0, "")
		<-time.After(time.Minute)
		e.run("opened", oneCommit, "INPUT_MAX-ENVIRONMENTS=1").want(t, 0, "skipped", "the service has 1 environment for pull requests, as many as max-environments allows")
		e.wantComment(t, "⏭️ No preview", "close a pull request whose environment is not needed")
		e.wantStack(t, "", "")
		e.run("opened", oneCommit, "INPUT_MAX-ENVIRONMENTS=2").want(t, 0, "created", "")
		e.run("opened", oneCommit, "INPUT_MAX-ENVIRONMENTS=2").want(t, 0, "unchanged", "") // the environment does not count against itself
		e.wantComment(t, "✅ Preview is ready")
	})
}

// Another environment is created while this run looks for its image. By then there is a deployment, whose
// status shows no secret.
func TestLimit_is_checked_again_before_the_stack_is_created(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.AWS.Inject(fakeaws.Fault{Operation: "DescribeRepositories", Times: 1, Delay: time.Minute})
		j := e.start("opened", oneCommit, "INPUT_MAX-ENVIRONMENTS=1", "INPUT_GITHUB-TOKEN=max-environments")
		<-time.After(30 * time.Second)
		e.createStack("hello-world", "pr-1", 1, "")
		<-j.Done
		j.want(t, 0, "skipped", "the service has 1 environment for pull requests, as many as *** allows")
		e.wantComment(t, "⏭️ No preview")
		deployments := e.GitHub.Deployments("hello-world-preview")
		if len(deployments) != 1 {
			t.Fatalf("deployments = %+v, want one", deployments)
		}
		last := deployments[0].Statuses[len(deployments[0].Statuses)-1]
		if last.State != "inactive" || !strings.HasPrefix(last.Description, "the service has 1 environment for pull requests, as many as *** allows") {
			t.Errorf("the last status is %+v, want it inactive and the reason without the secret", last)
		}
		e.wantStack(t, "", "")
	})
}

// The limit does not stop an environment that belongs to no pull request.
func TestLimit_does_not_apply_to_production(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.createStack("hello-world", "pr-1", 1, "")
		<-time.After(time.Minute)
		e.run("opened", oneCommit, "INPUT_MAX-ENVIRONMENTS=1", "INPUT_ENVIRONMENT=production", "INPUT_COMMAND=deploy").want(t, 0, "created", "")
	})
}
