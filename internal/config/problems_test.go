package config

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pr-stack/internal/hint"
)

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
		{"pull_request.opened", "INPUT_COMMENT-LOGS=never", `comment-logs: "never" is invalid`, "true or false"},
		{"pull_request.opened", "INPUT_MASK-AWS-ACCOUNT-ID=yes", `mask-aws-account-id: "yes" is invalid`, "true or false"},
		{"pull_request.opened", "INPUT_ENVIRONMENT=base", `environment: "base" is the name of the base stack's environment`, "another name"},
		{"pull_request.opened", "INPUT_STACK-NAME=hello-world-base", `stack-name: "hello-world-base" is the base stack`, "of its own"},
		{"pull_request.opened", "INPUT_STACK-NAME=hello_world", `stack-name: "hello_world" is not a valid stack name`, "letters, digits and hyphens"},
		{"pull_request.opened", "INPUT_STACK-NAME=" + strings.Repeat("a", 129), `stack-name: "` + strings.Repeat("a", 60) + `"… is not a valid stack name`, "128"},
		{"pull_request.opened", "INPUT_SERVICE=a\nb", `service: "a\nb" is not a valid name, which is also the value of an AWS tag`, "letters"},
		{"pull_request.opened", "INPUT_HEALTH-CHECK-TIMEOUT=5 minutes", `health-check-timeout: "5 minutes" is not a valid duration`, "5m or 300s"},
		{"pull_request.opened", "INPUT_HEALTH-CHECK-TIMEOUT=-5m", `health-check-timeout: "-5m" is not a valid duration`, "at least 1s"},
		{"pull_request.opened", "INPUT_HEALTH-CHECK-PATH=healthz", `health-check-path: "healthz" is not a valid path`, "/healthz"},
		{"pull_request.opened", "INPUT_HEALTH-CHECK-PATH=/a b", `health-check-path: "/a b" is not a valid path`, "/healthz"},
		{"pull_request.opened", "INPUT_TIMEOUT-IN-MINUTES=0", `timeout-in-minutes: "0" is not a valid number of minutes`, "1 to 1440"},
		{"pull_request.opened", "INPUT_AWS-REGION=Stockholm", `aws-region: "Stockholm" is not a valid region`, "eu-north-1"},
		{"pull_request.opened", "INPUT_ROLE-ARN=admin", `role-arn: "admin" is not a role's ARN`, "arn:aws:iam::"},
		{"pull_request.opened", "INPUT_ROLE-TO-ASSUME=preview", `role-to-assume: "preview" is not a role's ARN`, "arn:aws:iam::"},
		{"pull_request.opened", "INPUT_ROLE-DURATION-SECONDS=899", `role-duration-seconds: "899" is not a valid number of seconds`, "900 to 43200"},
		{"pull_request.opened", "INPUT_ROLE-DURATION-SECONDS=43201", `role-duration-seconds: "43201" is not a valid number of seconds`, "900 to 43200"},
		{"pull_request.opened", "INPUT_ROLE-DURATION-SECONDS=1h", `role-duration-seconds: "1h" is not a valid number of seconds`, "900 to 43200"},
		{"pull_request.opened", "INPUT_INGRESS=alb", `ingress: "alb" is not a valid choice`, "dedicated"},
		{"pull_request.opened", "INPUT_PROFILE=cheap", `profile: "cheap" is not a valid choice`, "thrifty"},
		{"pull_request.opened", "INPUT_ALLOW-CIDRS=10.0.0.1/8", `allow-cidrs: "10.0.0.1/8" is not a block of addresses`, "192.0.2.0/24"},
		{"pull_request.opened", "INPUT_ALLOW-CIDRS=10.0.0.0/8 10.1.0.0/16 10.2.0.0/16 10.3.0.0/16 10.4.0.0/16", "allow-cidrs: there are 5, and a listener rule takes 4", "join"},
		{"pull_request.opened", "INPUT_AUTHENTICATE-OIDC=issuer", "authenticate-oidc: line 1 is not KEY=VALUE", "KEY=VALUE"},
		{"pull_request.opened", "INPUT_AUTHENTICATE-OIDC=issuer=https://id.example\nauthorization-endpoint=https://id.example/a\ntoken-endpoint=http://id.example/t\nuser-info-endpoint=https://id.example/u\nclient-id=pr\nclient-secret=hush", `authenticate-oidc: "token-endpoint" is not the URL of a provider`, "https://"},
		{"pull_request.opened", "INPUT_SEED=npm run 'seed", "seed: a quote in it is not closed", "npm run"},
		{"pull_request.opened", "INPUT_MIGRATE=npm run migrate && npm run more", `migrate: "npm run migrate && npm run more" needs a shell, and none runs it`, "sh"},
		{"pull_request.opened", "INPUT_BEFORE-DESTROY=[1]", "before-destroy: it is not a list of words in JSON", "npm"},
		{"pull_request.opened", "INPUT_DOMAIN=Example", `domain: "Example" is not a domain`, "preview.example.com"},
		{"pull_request.opened", "INPUT_GITHUB-REPOSITORY=hello", `github-repository: "hello" is not a repository`, "OWNER/NAME"},
		{"pull_request.opened", "INPUT_SUBNET-IDS=subnet-01234567", "vpc-id: subnet-ids needs it", "network of these subnets"},
		{"pull_request.opened", "INPUT_ALLOWED-ACCOUNT-IDS=123456789012, 12345", `allowed-account-ids: "12345" is not the number of an account`, "twelve digits"},
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
