package command_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	fakegithub "pr-stack/internal/fake/github"
)

// The whole life of a pull request is one comment, which is edited, and a deployment for each commit.
func TestTell_the_pull_request_tells_the_story(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		first := e.run("opened", oneCommit)
		first.want(t, 0, "created", "")
		url := first.Output("url")
		e.wantComment(t, "<!-- pr-stack hello-world pr-7 -->", "✅ hello-world pr-7 is up", url, "`"+oneCommit+"`", "[hello-world-pr-7](<https://eu-north-1.console.aws.amazon.com",
			"[log](<https://github.com/octo-org/hello-world/actions/runs/42>)", ", after 3m",
			"| Log | [/pr-stack/hello-world-pr-7](<https://eu-north-1.console.aws.amazon.com/cloudwatch/home?region=eu-north-1#logsV2:log-groups/log-group/$252Fpr-stack$252Fhello-world-pr-7>)",
			"| Age | 3m |", "| Price | about 1.20 USD a day (list prices of us-east-1, March 2026) |")
		e.wantDeployments(t, "queued", "in_progress", "success "+url)

		e.GitHub.Push(7, anotherCommit)
		e.setScenario("exit-1")
		e.run("synchronize", anotherCommit).want(t, 1, "", "")
		e.wantComment(t, "❌ hello-world pr-7: deploy failed", "ended with exit code 1, twice", "  | Error: Cannot find module 'express'", "**Hint:** the code ended by itself")

		e.setScenario("")
		<-time.After(10 * time.Minute)
		e.run("synchronize", anotherCommit).want(t, 0, "updated", "")
		e.wantComment(t, "✅ hello-world pr-7 is up (updated)", anotherCommit, "| Age | 16m |")

		e.GitHub.Close(7, true)
		e.run("closed", anotherCommit).want(t, 0, "deleted", "")
		e.wantComment(t, "🧹 hello-world pr-7 is gone")
		statuses := e.GitHub.DeploymentStatuses("hello-world-preview")
		if inactive := slices.DeleteFunc(slices.Clone(statuses), func(s string) bool { return s != "inactive" }); len(inactive) != 3 {
			t.Errorf("deployments had the statuses %q, want all three inactive in the end", statuses)
		}
	})
}

func TestTell_only_when_it_is_asked_for(t *testing.T) {
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
		e.wantComment(t, "❌ hello-world pr-7: deploy failed")
		e.setScenario("")
		<-time.After(10 * time.Minute)
		e.run("synchronize", anotherCommit, "INPUT_COMMENT=on-failure").want(t, 0, "updated", "")
		e.wantComment(t, "✅ hello-world pr-7 is up") // what is no longer so is not left standing
	})
}

// A missing permission is said once, with the line to add, and the deployment goes on.
func TestTell_without_permission(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.GitHub.Inject(fakegithub.Fault{Method: http.MethodPost, Status: http.StatusForbidden, Message: "Resource not accessible by integration"})
		j := e.run("opened", oneCommit)
		j.want(t, 0, "created", "::notice title=GitHub does not take the comment::")
		for _, permission := range []string{"add pull-requests: write to the permissions", "add deployments: write to the permissions"} {
			if strings.Count(j.Log(), permission) != 1 {
				t.Errorf("the log does not say %q once:\n%s", permission, j.Log())
			}
		}
	})
}

// GitHub masks secrets in logs, and not in what is sent to its API.
func TestTell_no_secret(t *testing.T) {
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

// A slow or broken GitHub holds nobody up.
func TestTell_nobody_waits_for_GitHub(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit).want(t, 0, "created", "")
		e.GitHub.Inject(fakegithub.Fault{Method: http.MethodPost, Delay: time.Hour})
		e.GitHub.Inject(fakegithub.Fault{Method: http.MethodPatch, Delay: time.Hour})
		began := time.Now()
		e.run("opened", oneCommit).want(t, 0, "unchanged", "GitHub does not take")
		if took := time.Since(began); took > 15*time.Second {
			t.Errorf("the run took %s", took)
		}
	})
}

// That an environment is gone is told where something was told of it, and nowhere else.
func TestTell_of_what_is_gone(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit, "INPUT_COMMENT=never").want(t, 0, "created", "")
		e.GitHub.Close(7, false)
		e.run("closed", oneCommit).want(t, 0, "deleted", "")
		if comments := e.GitHub.Comments(7); len(comments) != 0 {
			t.Errorf("comments = %q, want none", comments)
		}

		// It is a deployment that finds the pull request closed, and deletes what there is. The comment says that.
		e.GitHub.Reopen(7)
		e.push(oneCommit)
		e.run("reopened", oneCommit).want(t, 0, "created", "")
		e.wantComment(t, "✅ hello-world pr-7 is up")
		e.GitHub.Close(7, false)
		e.run("opened", oneCommit).want(t, 0, "skipped", "it has no environment any more")
		e.wantComment(t, "🧹 hello-world pr-7 is gone")
		if statuses := e.GitHub.DeploymentStatuses("hello-world-preview"); statuses[len(statuses)-1] != "inactive" {
			t.Errorf("deployments had the statuses %q, want inactive in the end", statuses)
		}
	})
}

// Nor does the reason why there is no deployment show one.
func TestTell_no_secret_in_what_is_skipped(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.createStack("hello-world", "pr-1", 1, "")
		<-time.After(time.Minute)
		e.run("opened", oneCommit, "INPUT_MAX-ENVIRONMENTS=1", "INPUT_GITHUB-TOKEN=max-environments").want(t, 0, "skipped", "")
		var deployments []struct{ ID int64 }
		e.check(e.ReadGitHub(t.Context(), "deployments", &deployments))
		if len(deployments) != 1 {
			t.Fatalf("there are %d deployments, want one", len(deployments))
		}
		var statuses []struct{ State, Description string }
		e.check(e.ReadGitHub(t.Context(), fmt.Sprintf("deployments/%d/statuses", deployments[0].ID), &statuses))
		if len(statuses) != 3 || statuses[0].State != "inactive" || !strings.HasPrefix(statuses[0].Description, "the service has 1 environment, as many as *** allows") {
			t.Errorf("statuses = %+v, want the newest to tell why, without the secret", statuses)
		}
	})
}

// To a token that may not see something, GitHub says that there is none.
func TestTell_which_permission_is_missing_where_GitHub_says_404(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.GitHub.Inject(fakegithub.Fault{Method: http.MethodPost, Status: http.StatusNotFound, Message: "Not Found"})
		j := e.run("opened", oneCommit)
		j.want(t, 0, "created", "add pull-requests: write to the permissions")
		j.want(t, 0, "created", "add deployments: write to the permissions")
	})
}
