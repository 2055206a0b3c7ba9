package github_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	fakegithub "pr-stack/internal/fake/github"
	"pr-stack/internal/github"
)

// deployed opens a deployment and gives it each of the states in turn.
func deployed(t *testing.T, client *github.Client, environment string, states ...string) int64 {
	t.Helper()
	id, err := client.CreateDeployment(t.Context(), github.Deployment{Ref: head, Environment: environment})
	for _, state := range states {
		if err == nil {
			err = client.SetStatus(t.Context(), id, github.DeploymentStatus{State: state})
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestDeployment_from_queued_to_success(t *testing.T) {
	g := fakegithub.New(repository)
	g.Open(7, head)
	client := connect(t, g, "")
	before := deployed(t, client, "preview", "success")
	id, err := client.CreateDeployment(t.Context(), github.Deployment{
		Ref: head, Environment: "preview", Description: strings.Repeat("ü", 200),
	})
	if err != nil || id == before {
		t.Fatalf("CreateDeployment = %d, %v", id, err)
	}
	for _, s := range []github.DeploymentStatus{
		{State: "queued"},
		{State: "in_progress", LogURL: "https://github.com/run", Description: strings.Repeat("ü", 200)},
		{State: "success", EnvironmentURL: "http://pr-7.example"},
	} {
		if err := client.SetStatus(t.Context(), id, s); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"success", "queued", "in_progress", "success http://pr-7.example"} // and none became inactive by itself
	if got := g.DeploymentStatuses("preview"); !slices.Equal(got, want) {
		t.Errorf("DeploymentStatuses = %q, want %q", got, want)
	}
}

func TestDeactivateBefore_leaves_failures_and_newer_deployments(t *testing.T) {
	g := fakegithub.New(repository)
	g.Open(7, head)
	g.SetPageSize(2)
	client := connect(t, g, "")
	deployed(t, client, "pr-7", "success", "inactive")
	deployed(t, client, "pr-7", "failure")
	deployed(t, client, "pr-7", "error")
	deployed(t, client, "pr-8", "success")
	deployed(t, client, "pr-7", "success")
	deployed(t, client, "pr-7", "in_progress") // its run was killed
	deployed(t, client, "pr-7")
	newest := deployed(t, client, "pr-7", "success")
	deployed(t, client, "pr-7", "queued") // by a run that began meanwhile
	before := g.DeploymentStatuses("pr-7")
	for range 2 { // the second time there is nothing left to do
		if err := client.DeactivateBefore(t.Context(), "pr-7", "", newest); err != nil {
			t.Fatal(err)
		}
	}
	want := append(before, "inactive", "inactive", "inactive")
	if got := g.DeploymentStatuses("pr-7"); !slices.Equal(got, want) {
		t.Errorf("DeploymentStatuses = %q, want %q", got, want)
	}
	if got := g.DeploymentStatuses("pr-8"); !slices.Equal(got, []string{"success"}) {
		t.Errorf("DeploymentStatuses of another environment = %q, want it untouched", got)
	}
}

// When the environment is deleted, none of its deployments is active or failed any more.
func TestDeactivate_sets_all_that_are_not_inactive(t *testing.T) {
	g := fakegithub.New(repository)
	g.Open(7, head)
	client := connect(t, g, "")
	deployed(t, client, "pr-7", "success", "inactive")
	deployed(t, client, "pr-7", "failure")
	deployed(t, client, "pr-7", "success")
	for range 2 {
		if err := client.Deactivate(t.Context(), "pr-7", ""); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"success", "inactive", "failure", "success", "inactive", "inactive"}
	if got := g.DeploymentStatuses("pr-7"); !slices.Equal(got, want) {
		t.Errorf("DeploymentStatuses = %q, want %q", got, want)
	}
	if err := client.Deactivate(t.Context(), "", ""); err == nil {
		t.Error("Deactivate without an environment = nil, want an error: it would be all of them")
	}
}

func TestDeployments_when_GitHub_fails(t *testing.T) {
	for name, test := range map[string]struct {
		fault     fakegithub.Fault
		forbid    string
		opened    int // how many deployments exist at the end
		want      string
		forbidden bool
	}{
		"5xx":                   {fault: fakegithub.Fault{Method: "POST", Status: 502}, want: "502 Bad Gateway"},
		"5xx, and then none":    {fault: fakegithub.Fault{Method: "POST", Status: 502, Times: 2}, opened: 1},
		"the answer is lost":    {fault: fakegithub.Fault{Method: "POST", Lost: true}, opened: 1},
		"it does not arrive":    {fault: fakegithub.Fault{Method: "POST", Break: true, Times: 1}, opened: 1},
		"nothing is known":      {fault: fakegithub.Fault{Status: 502, Times: 20}, want: "502 Bad Gateway"},
		"not allowed":           {forbid: "POST /repos/octo-org/hello-world/deployments", want: "403 Resource not accessible by integration", forbidden: true},
		"a limit is waited for": {fault: fakegithub.Fault{Method: "POST", Status: 429, Times: 1, Header: map[string]string{"Retry-After": "5"}}, opened: 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := fakegithub.New(repository)
				g.Open(7, head)
				if test.forbid != "" {
					g.Forbid(test.forbid)
				} else {
					g.Inject(test.fault)
				}
				client := connect(t, g, "")
				_, err := client.CreateDeployment(t.Context(), github.Deployment{Ref: head, Environment: "pr-7"})
				if test.want == "" && err != nil || test.want != "" && (err == nil || err.Error() != "create deployment of "+head+" to pr-7 of octo-org/hello-world: "+test.want) {
					t.Errorf("CreateDeployment = %v, want %q", err, test.want)
				}
				if errors.Is(err, github.ErrForbidden) != test.forbidden {
					t.Errorf("errors.Is(%v, ErrForbidden) = %t", err, !test.forbidden)
				}
				g.Heal()
				if opened := len(g.Deployments("pr-7")); opened != test.opened {
					t.Errorf("%d deployments, want %d", opened, test.opened)
				}
			})
		})
	}
}

func TestSetStatus_is_repeated_after_a_fault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := fakegithub.New(repository)
		g.Open(7, head)
		client := connect(t, g, "")
		id := deployed(t, client, "pr-7")
		g.Inject(fakegithub.Fault{Method: "POST", Status: 502, Times: 2})
		if err := client.SetStatus(t.Context(), id, github.DeploymentStatus{State: "success"}); err != nil || !slices.Equal(g.DeploymentStatuses("pr-7"), []string{"success"}) {
			t.Errorf("SetStatus = %v and leaves %q", err, g.DeploymentStatuses("pr-7"))
		}
	})
}

func TestSetStatus_says_what_is_wrong(t *testing.T) {
	g := fakegithub.New(repository)
	g.Open(7, head)
	client := connect(t, g, "")
	id := deployed(t, client, "pr-7")
	err := client.SetStatus(t.Context(), id, github.DeploymentStatus{State: "splendid"})
	if err == nil || !strings.HasSuffix(err.Error(), ": 422 Validation Failed: state is not in the list") {
		t.Errorf("SetStatus = %v", err)
	}
}
