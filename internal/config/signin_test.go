package config

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const testRole = "arn:aws:iam::123456789012:role/preview"

func TestLoad_signIn(t *testing.T) {
	job, err := load(t, checkout(t, "pull_request.opened", "INPUT_ROLE-TO-ASSUME="+testRole, "INPUT_ROLE-DURATION-SECONDS=900",
		"INPUT_ALLOWED-ACCOUNT-IDS=123456789012, 210987654321\n345678901234", "GITHUB_RUN_ID=42",
		"ACTIONS_ID_TOKEN_REQUEST_URL=https://github.example/token", "ACTIONS_ID_TOKEN_REQUEST_TOKEN=secret"))
	if err != nil {
		t.Fatal(err)
	}
	want := SignIn{
		RoleARN: testRole, Duration: 15 * time.Minute, SessionName: "octo-org_hello-world_pr-7_run-42",
		TokenURL: "https://github.example/token", TokenSecret: "secret",
		Accounts: []string{"123456789012", "210987654321", "345678901234"},
	}
	if diff := cmp.Diff(want, job.Common().SignIn); diff != "" {
		t.Errorf("SignIn differs (-want +got):\n%s", diff)
	}
}

// STS refuses other names.
func TestLoad_session_names(t *testing.T) {
	valid := regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
	for _, test := range []struct{ event, repository, run, want string }{
		{"pull_request.opened", "octo-org/hello-world", "42", "octo-org_hello-world_pr-7_run-42"},
		{"schedule", "octo-org/hello.world", "42", "octo-org_hello.world_run-42"},
		{"schedule", "octo-org/hello world\n", "4 2", "octo-org_hello-world-_run-4-2"},
		{
			"pull_request.opened", "octo-org/" + strings.Repeat("x", 100), "12345678901",
			"octo-org_" + strings.Repeat("x", 34) + "_pr-7_run-12345678901",
		},
	} {
		job, err := load(t, checkout(t, test.event, "GITHUB_REPOSITORY="+test.repository, "GITHUB_RUN_ID="+test.run, "INPUT_SERVICE=hello"))
		if err != nil {
			t.Fatal(err)
		}
		if got := job.Common().SignIn.SessionName; got != test.want || !valid.MatchString(got) {
			t.Errorf("the session's name of %q is %q, want %q", test.repository, got, test.want)
		}
	}
}

// A laptop has no token of GitHub's.
func TestLoad_role_to_assume_outside_GitHub(t *testing.T) {
	_, err := load(t, Source{Args: []string{"bootstrap", "--role-to-assume", testRole}, Dir: t.TempDir()})
	const want = "role-to-assume: it needs an OIDC token of GitHub, which only a job of a workflow can get"
	if err == nil || err.Error() != want {
		t.Errorf("Load = %v, want %s", err, want)
	}
}
