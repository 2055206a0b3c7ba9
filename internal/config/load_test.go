package config

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"pr-stack/internal/environment"
	"pr-stack/internal/hint"
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
			GitHub: GitHub{Token: "ghs_token", Comment: Always, Deployments: Shared},
			Trigger: policy.Trigger{Event: "pull_request", Action: "opened", Commit: head, PullRequest: &policy.PullRequest{
				Number: 7, Open: true, Head: head, Author: "octo-dev",
			}},
		},
		StackOptions:       StackOptions{OnFailure: Delete},
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

func TestLoad_problems(t *testing.T) {
	for _, test := range []struct {
		event string
		more  string // NAME=VALUE
		want  string // the error
		hint  string // is in the hint
	}{
		{"pull_request.opened", "INPUT_COMMAND=deplyo", `command: "deplyo" is not a valid command`, "auto, deploy"},
		{"pull_request.opened", "INPUT_HEALTH-CHECK-TIMOUT=5m", "input health-check-timout: does not exist", "did you mean health-check-timeout?"},
		{"pull_request.opened", "INPUT_PARAMETERS=x", "input parameters: does not exist", "README.md"},
		{"push", "INPUT_COMMAND=auto", `environment: the event "push" has no pull request that would name the environment`, "production"},
		{"workflow_dispatch", "INPUT_COMMAND=auto", `environment: the event "workflow_dispatch" has no pull request that would name the environment`, "production"},
		{"pull_request_target.opened-fork", "INPUT_COMMAND=auto", "GITHUB_EVENT_NAME: pull_request_target from a fork would build and run untrusted code with this repository's credentials", "build on pull_request"},
		{"pull_request_target.opened-fork", "INPUT_COMMAND=deploy", "GITHUB_EVENT_NAME: pull_request_target from a fork would build and run untrusted code with this repository's credentials", "build on pull_request"},
		{"pull_request.opened", "INPUT_IMAGE-ARCHIVE=nowhere.tar", `image-archive: "nowhere.tar": no such file or directory`, "docker save"},
		{"pull_request.opened", "INPUT_IMAGE-ARCHIVE=../../etc/passwd", `image-archive: "../../etc/passwd" is outside the workspace`, "inside the repository"},
		{"pull_request.opened", "INPUT_ALLOW-FORKS=perhaps", `allow-forks: "perhaps" is invalid`, "true or false"},
		{"pull_request.opened", "INPUT_ENVIRONMENT=base", `environment: "base" is the name of the base stack's environment`, "another name"},
		{"pull_request.opened", "INPUT_STACK-NAME=hello-world-base", `stack-name: "hello-world-base" is the base stack`, "of its own"},
		{"pull_request.opened", "INPUT_STACK-NAME=hello_world", `stack-name: "hello_world" is not a valid stack name`, "letters, digits and hyphens"},
		{"pull_request.opened", "INPUT_STACK-NAME=" + strings.Repeat("a", 129), `stack-name: "` + strings.Repeat("a", 60) + `"… is not a valid stack name`, "128"},
		{"pull_request.opened", "INPUT_SERVICE=a\nb", `service: "a\nb" is not valid as an AWS tag`, "letters"},
		{"pull_request.opened", "INPUT_HEALTH-CHECK-TIMEOUT=5 minutes", `health-check-timeout: "5 minutes" is not a valid duration`, "5m or 300s"},
		{"pull_request.opened", "INPUT_HEALTH-CHECK-TIMEOUT=-5m", `health-check-timeout: "-5m" is not a valid duration`, "at least 1s"},
		{"pull_request.opened", "INPUT_HEALTH-CHECK-PATH=healthz", `health-check-path: "healthz" is not a valid path`, "/healthz"},
		{"pull_request.opened", "INPUT_HEALTH-CHECK-PATH=/a b", `health-check-path: "/a b" is not a valid path`, "/healthz"},
		{"pull_request.opened", "INPUT_TIMEOUT-IN-MINUTES=0", `timeout-in-minutes: "0" is not a valid number of minutes`, "1 to 1440"},
		{"pull_request.opened", "INPUT_AWS-REGION=Stockholm", `aws-region: "Stockholm" is not a valid region`, "eu-north-1"},
		{"pull_request.opened", "INPUT_ROLE-ARN=admin", `role-arn: "admin" is not a role's ARN`, "arn:aws:iam::"},
		{"pull_request.opened", "INPUT_CAPABILITIES=CAPABILITY_IAM,CAPABILITY_ALL", `capabilities: "CAPABILITY_ALL" is not a valid capability`, "CAPABILITY_NAMED_IAM"},
		{"pull_request.opened", "INPUT_TAGS=pr-stack:service=x", `tags: "pr-stack:service" is reserved`, "another key"},
		{"pull_request.opened", "INPUT_TAGS=AWS:x=y", `tags: "AWS:x" is reserved`, "another key"},
		{"pull_request.opened", "INPUT_TAGS=a!=y", `tags: "a!" is not a valid tag key`, "letters"},
		{"pull_request.opened", "INPUT_TAGS=a=" + strings.Repeat("v", 257), `tags: the value of "a" has 257 characters, but AWS allows only 256`, ""},
		{"pull_request.opened", "INPUT_TAGS=a=" + strings.Repeat("é", 257), `tags: the value of "a" has 257 characters, but AWS allows only 256`, ""},
		{"pull_request.opened", "INPUT_PARAMETER-OVERRIDES=a", "parameter-overrides: line 1 is not KEY=VALUE", "JSON or YAML"},
		{"pull_request.opened", "INPUT_ECR-REPOSITORY=1.dkr.ecr.eu-north-1.amazonaws.com/x", `ecr-repository: "1.dkr.ecr.eu-north-1.amazonaws.com/x" is more than a repository's name`, "name alone"},
		{"pull_request.opened", "INPUT_CONTEXT=https://github.com/octo-org/hello-world.git", `context: "https://github.com/octo-org/hello-world.git" is not a folder`, "check out the repository"},
		{"pull_request.opened", "INPUT_CONTEXT=nowhere", `context: "nowhere": no such file or directory`, "actions/checkout"},
		{"pull_request.opened", "INPUT_CONTEXT=Dockerfile", `context: "Dockerfile" is not a folder`, "folder to build"},
		{"pull_request.opened", "INPUT_CONTEXT=..", `context: ".." is outside the workspace`, "inside the repository"},
		{"pull_request.opened", "INPUT_CONTEXT=app", `file: "app/Dockerfile": no such file or directory`, "set file"},
		{"pull_request.opened", "INPUT_FILE=/etc/passwd", `file: "/etc/passwd" is outside the workspace`, "inside the repository"},
		{"pull_request.opened", "INPUT_FILE=../gone", `file: "../gone" is outside the workspace`, "inside the repository"},
		{"pull_request.opened", "INPUT_TEMPLATE=fargte", `template: "fargte": no such file or directory`, "write fargate"},
		{"pull_request.opened", "INPUT_TEMPLATE=lambda", "template: lambda is not supported yet", "fargate"},
		{"pull_request.opened", "INPUT_PLATFORMS=linux", `platforms: "linux" is not a valid platform`, "linux/arm64"},
		{"pull_request.opened", "INPUT_PROVENANCE=yes", `provenance: "yes" is not a valid choice`, "mode=max"},
		{"pull_request.opened", "INPUT_BUILD-ARGS=VERSION", "build-args: entry 1 is not KEY=VALUE", "KEY=VALUE a line"},
		{"pull_request.opened", "INPUT_SECRETS=hunter22hunter22", "secrets: entry 1 is not KEY=VALUE", "KEY=VALUE a line"},
		{"pull_request.opened", "INPUT_IMAGE=Not An Image", `image: "Not An Image" is not a valid image: invalid reference format: repository name (library/Not An Image) must be lowercase`, "docker pull"},
	} {
		t.Run(test.more, func(t *testing.T) {
			_, err := load(t, checkout(t, test.event, test.more))
			if err == nil || err.Error() != test.want {
				t.Fatalf("Load = %v\nwant %s", err, test.want)
			}
			if got := strings.Join(hint.Of(err), "; "); !strings.Contains(got, test.hint) {
				t.Errorf("hint = %q, want %q in it", got, test.hint)
			}
		})
	}
}

func TestLoad_reports_everything_at_once(t *testing.T) {
	_, err := load(t, checkout(t, "pull_request.opened", "INPUT_COMMNAD=deploy", "INPUT_AWS-REGION=x", "INPUT_TIMEOUT-IN-MINUTES=soon", "INPUT_FILE=gone"))
	want := strings.Join([]string{
		"input commnad: does not exist",
		`timeout-in-minutes: "soon" is not a valid number of minutes`,
		`aws-region: "x" is not a valid region`,
		`file: "gone": no such file or directory`,
	}, "\n")
	if err == nil || err.Error() != want {
		t.Errorf("Load = %v\nwant %s", err, want)
	}
}

func TestLoad_image_and_build_exclude_each_other(t *testing.T) {
	_, err := load(t, checkout(t, "pull_request.opened", "INPUT_IMAGE=nginx:1", "INPUT_CONTEXT=.", "INPUT_TARGET=web", "INPUT_BUILD-ARGS=A=b"))
	want := "target: it says how to build an image, but image names one that is built already\nbuild-args: it says how to build an image, but image names one that is built already"
	if err == nil || err.Error() != want {
		t.Errorf("Load = %v\nwant %s", err, want)
	}
}

func TestLoad_shows_no_secret(t *testing.T) {
	_, err := load(t, checkout(t, "pull_request.opened", "INPUT_SECRETS=token=hunter22\nhunter33", "INPUT_PARAMETER-OVERRIDES={\"a\": \"hunter44\", \"a\": \"hunter55\"}"))
	if err == nil || strings.Contains(err.Error(), "hunter") {
		t.Errorf("Load = %v, want an error without any value", err)
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

func TestLoad_flags(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"bootstrap", "--aws-regoin", "eu-north-1"}, "flag --aws-regoin: does not exist"},
		{[]string{"bootstrap", "--aws-region"}, "--aws-region: has no value"},
		{[]string{"bootstrap", "now"}, "now: only the first argument can be a command; the others are flags"},
		{[]string{"deploy", "--environment", "production"}, "GITHUB_SHA: the commit to deploy is not known"},
	} {
		_, err := load(t, Source{Args: test.args, Dir: t.TempDir()})
		if first, _, _ := strings.Cut(fmt.Sprint(err), "\n"); first != test.want {
			t.Errorf("Load(%v) = %v\nwant %s first", test.args, err, test.want)
		}
	}
	if _, err := Read(Source{Args: []string{"deploy", "--help"}}); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("Read(--help) = %v, want flag.ErrHelp", err)
	}
	for _, input := range AllInputs {
		if !strings.Contains(Usage(), "--"+input.Name) {
			t.Errorf("Usage does not name --%s", input.Name)
		}
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

func TestLoad_events_that_cannot_be_read(t *testing.T) {
	for name, text := range map[string]string{
		"not JSON":            "pull request 7",
		"without a number":    `{"action": "opened", "pull_request": {"head": {"sha": "` + head + `"}}}`,
		"without a head":      `{"action": "opened", "pull_request": {"number": 7}}`,
		"without an action":   `{"pull_request": {"number": 7, "head": {"sha": "` + head + `"}}}`,
		"nothing":             "{}",
		"of something else":   `{"action": "labeled", "issue": {"number": 7}}`,
		"a head that is none": `{"action": "opened", "pull_request": {"number": 7, "head": {"sha": "../../etc"}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			source := checkout(t, "")
			path := filepath.Join(source.Dir, "event.json")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			source.Environ = append(source.Environ, "GITHUB_EVENT_NAME=pull_request", "GITHUB_EVENT_PATH="+path)
			if _, err := load(t, source); err == nil || !strings.HasPrefix(err.Error(), "GITHUB_EVENT_PATH: the event ") {
				t.Errorf("Load = %v, want an error about the event", err)
			}
		})
	}
}

// Taken for an action that changes no code, a lost event would be a green job that did nothing.
func TestLoad_a_pull_request_needs_its_event(t *testing.T) {
	source := checkout(t, "")
	source.Environ = append(source.Environ, "GITHUB_EVENT_NAME=pull_request")
	if got, err := load(t, source); err == nil || !strings.HasPrefix(err.Error(), "GITHUB_EVENT_PATH: ") {
		t.Errorf("Load = %v, %v, want an error about GITHUB_EVENT_PATH", got, err)
	}
}

// The base stack is permanent, also if a pull request's workflow made it.
func TestLoad_bootstrap_keeps_the_base_stack(t *testing.T) {
	for _, event := range []string{"pull_request.opened", "workflow_dispatch"} {
		got, err := load(t, checkout(t, event, "INPUT_COMMAND=bootstrap"))
		if job, ok := got.(Bootstrap); err != nil || !ok || job.OnFailure != Rollback || job.Service != "hello-world" {
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
		"AWS_SECRET_ACCESS_KEY=aws-secret", "AWS_SESSION_TOKEN=aws-token", "ACTIONS_RUNTIME_TOKEN=runtime-token")
	got, err := Read(source)
	if err != nil {
		t.Fatal(err)
	}
	// Each line by itself, since the log goes by lines; what is too short to mask is left out.
	want := []string{"runtime-token", "ghs_token", "aws-secret", "aws-token", "-----BEGIN KEY-----", "abcdefgh", "-----END KEY-----"}
	if diff := cmp.Diff(want, got.Secrets()); diff != "" {
		t.Errorf("Secrets differ (-want +got):\n%s", diff)
	}
}
