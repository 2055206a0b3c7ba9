package command_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	fakeaws "pr-stack/internal/fake/aws"
)

// GitHub shows a preview otherwise than production, and keeps for good what is not transient.
func TestDeployments_name_the_kind_of_environment(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit).want(t, 0, "created", "")
		for _, name := range []string{"production", "staging"} {
			e.run("opened", oneCommit, "INPUT_ENVIRONMENT="+name, "INPUT_COMMAND=deploy").want(t, 0, "created", "")
		}
		e.GitHub.Push(7, anotherCommit)
		e.run("synchronize", anotherCommit, "INPUT_DEPLOYMENTS=each").want(t, 0, "updated", "")

		type deployment struct {
			Ref, Environment, Task string
			Transient              bool `json:"transient_environment"`
			Production             bool `json:"production_environment"`
		}
		var got []deployment
		e.check(e.ReadGitHub(t.Context(), "deployments", &got))
		want := []deployment{ // the newest first
			{anotherCommit, "hello-world-pr-7", "deploy:pr-7", true, false},
			{oneCommit, "hello-world-staging", "deploy:staging", false, false},
			{oneCommit, "hello-world-production", "deploy:production", false, true},
			{oneCommit, "hello-world-preview", "deploy:pr-7", true, false},
		}
		if !slices.Equal(got, want) {
			t.Errorf("deployments = %+v, want %+v", got, want)
		}
	})
}

// Two deployments that both say they are the newest would be two links of which one leads to old
// code.
func TestDeployments_one_is_active(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit).want(t, 0, "created", "")
		e.GitHub.Push(7, anotherCommit)
		j := e.run("synchronize", anotherCommit)
		j.want(t, 0, "updated", "")
		success := "success " + j.Output("url")
		e.wantDeployments(t, "queued", "in_progress", success, "queued", "in_progress", success, "inactive")
	})
}

// A status of a deployment is as public as the comment, and has a link to where more is to be read.
func TestDeployments_show_no_secret(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.AWS.Inject(fakeaws.Fault{Operation: "CreateStack", Status: 403, Code: "AccessDenied", Message: "User: secretsmanager is not authorized"})
		e.run("opened", oneCommit, "INPUT_GITHUB-TOKEN=secretsmanager").want(t, 1, "", "")
		var deployments []struct{ ID int64 }
		e.check(e.ReadGitHub(t.Context(), "deployments", &deployments))
		if len(deployments) != 1 {
			t.Fatalf("there are %d deployments, want one", len(deployments))
		}
		var statuses []struct {
			State, Description string
			LogURL             string `json:"log_url"`
		}
		e.check(e.ReadGitHub(t.Context(), fmt.Sprintf("deployments/%d/statuses", deployments[0].ID), &statuses))
		for _, status := range statuses {
			if strings.Contains(status.Description, "secretsmanager") || status.LogURL != "https://github.com/octo-org/hello-world/actions/runs/42" {
				t.Errorf("a status shows a secret or has no link to the log: %+v", status)
			}
		}
		if len(statuses) != 3 || statuses[0].State != "failure" || !strings.Contains(statuses[0].Description, "User: *** is not authorized") {
			t.Errorf("statuses = %+v, want the newest to name the failure", statuses)
		}
	})
}

// Where deployments are off, no permission for them is asked for.
func TestDeployments_off(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.Environ = append(e.Environ, "INPUT_DEPLOYMENTS=off")
		e.GitHub.Forbid("/repos/octo-org/hello-world/deployments")
		opened := e.run("opened", oneCommit)
		opened.want(t, 0, "created", "")
		e.GitHub.Close(7, false)
		closed := e.run("closed", oneCommit)
		closed.want(t, 0, "deleted", "")
		if log := opened.Log() + closed.Log(); strings.Contains(log, "could not update") {
			t.Errorf("GitHub was asked for deployments:\n%s", log)
		}
	})
}

// A deployment belongs to a commit. If an image is deployed and no commit is known, none is created.
func TestDeployments_need_a_commit(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		digest := e.pushAs("by-hand")
		base, err := e.BaseOutputs(t.Context())
		e.check(err)
		j := e.run("opened", oneCommit, "GITHUB_EVENT_NAME=workflow_dispatch", "GITHUB_EVENT_PATH=", "INPUT_ENVIRONMENT=production",
			"INPUT_IMAGE="+e.AWS.RegistryHost()+"/"+base["RepositoryName"]+"@"+digest)
		j.want(t, 0, "created", "")
		var deployments []struct{ Ref string }
		e.check(e.ReadGitHub(t.Context(), "deployments", &deployments))
		if len(deployments) != 0 || strings.Contains(j.Log(), "could not update") {
			t.Errorf("deployments = %+v, want none, and none tried:\n%s", deployments, j.Log())
		}
	})
}
