package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"pr-stack/internal/environment"
	"pr-stack/internal/policy"
)

const head = "0123456789abcdef0123456789abcdef01234567"

// checkout makes a workspace with what a deployment needs, and returns the environment of a job in it
// as the runner sets it. Each of more is NAME=VALUE.
func checkout(t *testing.T, event string, more ...string) Source {
	t.Helper()
	dir := t.TempDir()
	for path, text := range map[string]string{"Dockerfile": "FROM scratch\n", "app/Dockerfile.dev": "FROM scratch\n", "service.yaml": "Resources: {}\n"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, path)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, path), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	name, _, _ := strings.Cut(event, ".")
	environ := []string{
		"GITHUB_ACTIONS=true", "GITHUB_REPOSITORY=octo-org/hello-world", "GITHUB_SHA=" + strings.Repeat("f", 40), "GITHUB_WORKSPACE=" + dir,
		"GITHUB_EVENT_NAME=" + name, "GITHUB_TOKEN=ghs_token",
	}
	if event != "" {
		path, err := filepath.Abs("../../testdata/event/" + event + ".json")
		if err != nil {
			t.Fatal(err)
		}
		environ = append(environ, "GITHUB_EVENT_PATH="+path)
	}
	return Source{Environ: append(environ, more...), Dir: dir}
}

// load reads and loads in one go, with what GitHub was asked for in between.
func load(t *testing.T, from Source, found ...policy.PullRequest) (Job, error) {
	t.Helper()
	in, err := Read(from)
	if err != nil {
		t.Fatal(err)
	}
	return Load(in, found, nil)
}

// summary words a job: what it does, of which environment, at which commit.
func summary(job Job) string {
	switch job := job.(type) {
	case Deploy:
		return fmt.Sprintf("deploy %s at %.4s", job.Environment.Name, job.Commit)
	case Destroy:
		return "destroy " + job.Environment.Name
	case Skip:
		return "skip: " + job.Reason
	}
	return fmt.Sprintf("%T", job)
}

func TestLoad_defaults(t *testing.T) {
	source := checkout(t, "pull_request.opened", "INPUT_COMMAND=auto", "INPUT_TEMPLATE=fargate")
	got, err := load(t, source)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.EvalSymlinks(source.Dir)
	if err != nil {
		t.Fatal(err)
	}
	want := Deploy{
		Settings: Settings{
			Service: "hello-world", BaseStack: "hello-world-base", Repository: "octo-org/hello-world",
			SignIn: SignIn{Duration: time.Hour, SessionName: "octo-org_hello-world_pr-7"},
			GitHub: GitHub{Token: "ghs_token", Comment: Always, CommentLogs: true, Deployments: Shared},
			Trigger: policy.Trigger{Event: "pull_request", Action: "opened", Commit: head, PullRequest: &policy.PullRequest{
				Number: 7, Open: true, Head: head, Author: "octo-dev",
			}},
		},
		StackOptions:       StackOptions{OnFailure: DeleteFailed},
		Environment:        environment.ForPullRequest("hello-world", 7),
		StackName:          "hello-world-pr-7",
		Commit:             head,
		PullRequest:        7,
		Current:            true,
		Rules:              policy.Rules{Drafts: true, Bots: true},
		Template:           Template{Name: "fargate"},
		Image:              Build{Context: dir, File: filepath.Join(dir, "Dockerfile")},
		HealthCheckPath:    "/",
		HealthCheckTimeout: 5 * time.Minute,
		Profile:            Standard,
		Strategy:           Rolling,
		Gates:              Gates{Steps: []int{5, 25, 50, 100}, MinRequests: 20},
	}
	if diff := cmp.Diff(Job(want), got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("Load differs (-want +got):\n%s", diff)
	}
}

func TestLoad_the_event_decides(t *testing.T) {
	for _, test := range []struct {
		event string
		more  []string
		want  string
	}{
		{"pull_request.opened", nil, "deploy pr-7 at 0123"},
		{"pull_request.reopened", nil, "deploy pr-7 at 0123"},
		{"pull_request.synchronize", nil, "deploy pr-7 at 1123"},
		{"pull_request.closed", nil, "destroy pr-7"},
		{"pull_request.closed-merged", nil, "destroy pr-7"},
		{"pull_request_target.closed", nil, "destroy pr-7"},
		{"pull_request.labeled", nil, `skip: action "labeled" of pull_request changes no code; to deploy on it, set command: deploy`},
		{"pull_request.labeled", []string{"INPUT_COMMAND=deploy"}, "deploy pr-7 at 0123"},
		{"pull_request.opened-fork", nil, "deploy pr-7 at 0123"}, // without credentials it gets no further
		{"pull_request.opened-deleted-fork", nil, "deploy pr-7 at 0123"},
		{"pull_request.opened-dependabot", nil, "deploy pr-7 at 0123"},
		{"pull_request.closed", []string{"INPUT_ENVIRONMENT=pr-7"}, "destroy pr-7"},
		{"pull_request.closed", []string{"INPUT_ENVIRONMENT=pr-9"}, "skip: pull request 7 was closed, but environment pr-9 is not its own; to delete that, set command: destroy"},
		{"pull_request.closed-merged", []string{"INPUT_ENVIRONMENT=production"}, "skip: pull request 7 was closed, but environment production is not its own; to delete that, set command: destroy"},
		{"pull_request.closed", []string{"INPUT_ENVIRONMENT=production", "INPUT_COMMAND=destroy"}, "destroy production"},
		{"pull_request.opened", []string{"INPUT_COMMAND=bootstrap"}, "config.Bootstrap"},
		{"pull_request.opened", []string{"INPUT_ENVIRONMENT=production"}, "deploy production at 0123"},
		{"push", []string{"INPUT_ENVIRONMENT=production"}, "deploy production at ffff"},
		{"schedule", nil, "config.Sweep"},
		{"workflow_dispatch", []string{"INPUT_COMMAND=destroy", "INPUT_ENVIRONMENT=pr-9"}, "destroy pr-9"},
		{"workflow_dispatch", []string{"INPUT_COMMAND=bootstrap"}, "config.Bootstrap"},
	} {
		t.Run(test.event+" "+strings.Join(test.more, " "), func(t *testing.T) {
			got, err := load(t, checkout(t, test.event, test.more...))
			if err != nil || summary(got) != test.want {
				t.Errorf("Load = %s, %v, want %s", summary(got), err, test.want)
			}
		})
	}
}

func TestLoad_an_environment_named_after_a_pull_request_is_its(t *testing.T) {
	for name, want := range map[string]int{"pr-9": 9, "pr-09": 0, "pr-": 0, "pr-0": 0, "production": 0} {
		job, err := load(t, checkout(t, "workflow_dispatch", "INPUT_COMMAND=destroy", "INPUT_ENVIRONMENT="+name))
		if err != nil {
			t.Fatal(err)
		}
		if got := job.(Destroy); got.Environment.PullRequest != want || got.PullRequest != want {
			t.Errorf("Load with environment %s = %+v, want pull request %d", name, got, want)
		}
	}
}

func TestLoad_needs_no_checkout_to_destroy(t *testing.T) {
	source := checkout(t, "pull_request.closed")
	for _, name := range []string{"Dockerfile", "app", "service.yaml"} {
		if err := os.RemoveAll(filepath.Join(source.Dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := load(t, source); err != nil {
		t.Errorf("Load = %v, want no error about files", err)
	}
}

func TestLoad_links_do_not_lead_out_of_the_workspace(t *testing.T) {
	source := checkout(t, "pull_request.opened", "INPUT_FILE=link")
	outside := filepath.Join(t.TempDir(), "Dockerfile")
	if err := os.WriteFile(outside, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(source.Dir, "link")); err != nil {
		t.Skipf("links cannot be made here: %v", err)
	}
	if _, err := load(t, source); err == nil || err.Error() != `file: "link" is outside the workspace` {
		t.Errorf("Load = %v, want it to refuse the link", err)
	}
}

func TestLoad_on_a_laptop(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "hello")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	job, err := load(t, Source{Args: []string{"bootstrap", "--aws-region", "eu-north-1", "-tags=team=web"}, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := job.(Bootstrap); !ok || got.Region != "eu-north-1" || got.BaseStack != "hello-base" || got.Tags["team"] != "web" {
		t.Errorf("Load = %+v, want the folder's name as the service and the flags' values", job)
	}
}

func TestLoad_an_argument_wins_over_the_environment(t *testing.T) {
	source := checkout(t, "pull_request.opened", "INPUT_AWS-REGION=eu-west-1", "INPUT_COMMAND=deploy")
	source.Args = []string{"destroy", "--aws-region=eu-north-1"}
	got, err := load(t, source)
	if err != nil || got.Common().Region != "eu-north-1" || summary(got) != "destroy pr-7" {
		t.Errorf("Load = %+v, %v, want pr-7 destroyed in eu-north-1", got, err)
	}
}

// The base stack is permanent, also if a pull request's workflow made it.
func TestLoad_bootstrap_keeps_the_base_stack(t *testing.T) {
	for _, event := range []string{"pull_request.opened", "workflow_dispatch"} {
		got, err := load(t, checkout(t, event, "INPUT_COMMAND=bootstrap"))
		if job, ok := got.(Bootstrap); err != nil || !ok || job.OnFailure != RollbackFailed || job.Service != "hello-world" {
			t.Errorf("Load on %s = %+v, %v, want a bootstrap that is rolled back if it fails", event, got, err)
		}
	}
}

// What a refusal is reported with is known although Load fails.
func TestInputs_of_a_job_that_is_refused(t *testing.T) {
	in, err := Read(checkout(t, "pull_request_target.opened-fork", "INPUT_AWS-REGION=x", "GITHUB_RUN_ID=42", "GITHUB_SERVER_URL=https://github.example"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Load(in, nil, nil); err == nil {
		t.Fatal("Load lets a fork in")
	}
	s := in.Settings()
	if in.Environment().Name != "pr-7" || in.StackName() != "hello-world-pr-7" || s.Service != "hello-world" || s.Trigger.Commit != head ||
		s.RunURL != "https://github.example/octo-org/hello-world/actions/runs/42" {
		t.Errorf("Inputs = %+v, of %+v in %s", s, in.Environment(), in.StackName())
	}
}

func TestSecrets(t *testing.T) {
	source := checkout(t, "pull_request.opened", "INPUT_SECRETS=\"key=-----BEGIN KEY-----\nabcdefgh\nab\n-----END KEY-----\"\npin=123",
		"AWS_SECRET_ACCESS_KEY=aws-secret", "AWS_SESSION_TOKEN=aws-token", "ACTIONS_RUNTIME_TOKEN=runtime-token",
		"ACTIONS_ID_TOKEN_REQUEST_TOKEN=id-token")
	got, err := Read(source)
	if err != nil {
		t.Fatal(err)
	}
	// Each line by itself, since the log goes by lines; what is too short to mask is left out.
	want := []string{"runtime-token", "id-token", "ghs_token", "aws-secret", "aws-token", "-----BEGIN KEY-----", "abcdefgh", "-----END KEY-----"}
	if diff := cmp.Diff(want, got.Secrets()); diff != "" {
		t.Errorf("Secrets differ (-want +got):\n%s", diff)
	}
}
