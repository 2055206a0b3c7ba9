package command_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	fakegithub "pr-stack/internal/fake/github"
)

// The whole life of a pull request is one comment, which is edited, and a deployment for each commit.
func TestComment_follows_the_pull_request(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		first := e.run("opened", oneCommit)
		first.want(t, 0, "created", "")
		url := first.Output("url")
		e.wantComment(t, "<!-- pr-stack hello-world pr-7 {", "✅ Preview is ready", url,
			"[`"+oneCommit[:7]+"`](<https://github.com/octo-org/hello-world/commit/"+oneCommit, "[stack](<https://eu-north-1.console.aws.amazon.com",
			"[run](<https://github.com/octo-org/hello-world/actions/runs/42>)", " took 3m",
			"[logs](<https://eu-north-1.console.aws.amazon.com/cloudwatch/home?region=eu-north-1#logsV2:log-groups/log-group/$252Fpr-stack$252Fhello-world-pr-7>)",
			`about \$1.20 a day`)
		e.wantDeployments(t, "queued", "in_progress", "success "+url)

		e.GitHub.Push(7, anotherCommit)
		e.setScenario("exit-1")
		e.run("synchronize", anotherCommit).want(t, 1, "", "")
		e.wantComment(t, "❌ `"+anotherCommit[:7]+"` could not be deployed", "Your container exited with code 1, twice.", "Error: Cannot find module 'express'", "**Fix:** The code ended by itself")

		e.setScenario("")
		<-time.After(10 * time.Minute)
		e.run("synchronize", anotherCommit).want(t, 0, "updated", "")
		e.wantComment(t, "✅ Preview is ready", anotherCommit[:7])

		e.GitHub.Close(7, true)
		e.run("closed", anotherCommit).want(t, 0, "deleted", "")
		e.wantComment(t, "💤 Preview deleted")
		statuses := e.GitHub.DeploymentStatuses("hello-world-preview")
		if inactive := slices.DeleteFunc(slices.Clone(statuses), func(s string) bool { return s != "inactive" }); len(inactive) != 3 {
			t.Errorf("deployments had the statuses %q, want all three inactive in the end", statuses)
		}
	})
}

func TestComment_only_if_configured(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.Environ = append(e.Environ, "INPUT_DEPLOYMENTS=off")
		e.run("opened", oneCommit, "INPUT_COMMENT=never").want(t, 0, "created", "")
		e.run("opened", oneCommit, "INPUT_COMMENT=on-failure").want(t, 0, "unchanged", "")
		if comments := e.GitHub.Comments(7); len(comments) != 0 {
			t.Errorf("comments = %q, want none", comments)
		}
		e.wantDeployments(t)

		e.setScenario("exit-1")
		e.GitHub.Push(7, anotherCommit)
		e.run("synchronize", anotherCommit, "INPUT_COMMENT=on-failure").want(t, 1, "", "")
		e.wantComment(t, "❌ `"+anotherCommit[:7]+"` could not be deployed")
		e.setScenario("")
		<-time.After(10 * time.Minute)
		e.run("synchronize", anotherCommit, "INPUT_COMMENT=on-failure").want(t, 0, "updated", "")
		e.wantComment(t, "✅ Preview is ready") // what is no longer so is not left standing
	})
}

// A missing permission is said once, with the line to add, and the deployment continues.
func TestComment_without_permission(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.GitHub.Inject(fakegithub.Fault{Method: http.MethodPost, Status: http.StatusForbidden, Message: "Resource not accessible by integration"})
		j := e.run("opened", oneCommit)
		j.want(t, 0, "created", "::notice title=could not update the comment on the pull request::")
		for _, permission := range []string{"add pull-requests: write to the permissions", "add deployments: write to the permissions"} {
			if strings.Count(j.Log(), permission) != 1 {
				t.Errorf("the log does not say %q once:\n%s", permission, j.Log())
			}
		}
	})
}

// GitHub masks secrets in logs, and not in what is sent to its API.
func TestComment_shows_no_secret(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.setScenario("no-secret") // whose reason holds the word that is a secret here
		e.run("opened", oneCommit, "INPUT_GITHUB-TOKEN=secretsmanager").want(t, 1, "", "")
		e.wantComment(t, "***:GetSecretValue")
		if strings.Contains(e.GitHub.Comments(7)[0], "secretsmanager") {
			t.Errorf("the comment shows a secret:\n%s", e.GitHub.Comments(7)[0])
		}
	})
}

// A slow or broken GitHub delays no run for long.
func TestComment_does_not_wait_for_a_slow_GitHub(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit).want(t, 0, "created", "")
		e.GitHub.Inject(fakegithub.Fault{Method: http.MethodPost, Delay: time.Hour})
		e.GitHub.Inject(fakegithub.Fault{Method: http.MethodPatch, Delay: time.Hour})
		began := time.Now()
		e.run("opened", oneCommit).want(t, 0, "unchanged", "could not update the comment on the pull request")
		if took := time.Since(began); took > 15*time.Second {
			t.Errorf("the run took %s", took)
		}
	})
}

// That an environment is deleted is said where something was said about it, and nowhere else.
func TestComment_after_the_environment_is_deleted(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit, "INPUT_COMMENT=never").want(t, 0, "created", "")
		e.GitHub.Close(7, false)
		e.run("closed", oneCommit).want(t, 0, "deleted", "")
		if comments := e.GitHub.Comments(7); len(comments) != 0 {
			t.Errorf("comments = %q, want none", comments)
		}

		// It is a deployment that finds the pull request closed, and deletes what there is. The
		// comment says that.
		e.GitHub.Reopen(7)
		e.run("reopened", oneCommit).want(t, 0, "created", "")
		e.wantComment(t, "✅ Preview is ready")
		e.GitHub.Close(7, false)
		e.run("opened", oneCommit).want(t, 0, "skipped", "its environment was deleted")
		e.wantComment(t, "💤 Preview deleted")
		if statuses := e.GitHub.DeploymentStatuses("hello-world-preview"); statuses[len(statuses)-1] != "inactive" {
			t.Errorf("deployments had the statuses %q, want inactive in the end", statuses)
		}
	})
}

// Nor does the reason why there is no preview show one.
func TestComment_of_a_skip_shows_no_secret(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.createStack("hello-world", "pr-1", 1, "")
		<-time.After(time.Minute)
		e.run("opened", oneCommit, "INPUT_MAX-ENVIRONMENTS=1", "INPUT_GITHUB-TOKEN=max-environments").want(t, 0, "skipped", "")
		e.wantComment(t, "⏭️ No preview", `as many as \*\*\* allows`)
		e.wantDeployments(t) // nothing was deployed
	})
}

// To a token that may not see something, GitHub says that there is none.
func TestComment_names_the_missing_permission_after_a_404(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.GitHub.Inject(fakegithub.Fault{Method: http.MethodPost, Status: http.StatusNotFound, Message: "Not Found"})
		j := e.run("opened", oneCommit)
		j.want(t, 0, "created", "add pull-requests: write to the permissions")
		j.want(t, 0, "created", "add deployments: write to the permissions")
	})
}
