package config

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pr-stack/internal/policy"
)

// With the repository's credentials a fork's code is not built unless a maintainer says so.
func TestLoad_a_forks_code(t *testing.T) {
	for _, test := range []struct {
		event   string
		more    string
		refused bool
	}{
		{"workflow_run.completed-fork", "INPUT_DRAFTS=true", true},
		{"workflow_run.completed-fork", "INPUT_ALLOW-FORKS=true", false},
		{"workflow_run.completed-fork", "INPUT_IMAGE=example.org/hello:1", false},
		{"pull_request_target.opened-fork", "INPUT_IMAGE=example.org/hello:1", true},
		{"pull_request_target.opened-fork", "INPUT_ALLOW-FORKS=true", false},
		{"pull_request_target.opened-fork", "INPUT_COMMAND=destroy", false},
		{"pull_request.opened-fork", "INPUT_DRAFTS=true", false},
	} {
		got, err := load(t, checkout(t, test.event, test.more), stranger)
		if refused := err != nil && strings.Contains(err.Error(), " from a fork would build and run untrusted code with this repository's credentials"); refused != test.refused || !refused && err != nil {
			t.Errorf("Load of %s with %s = %v, want it refused: %v", test.event, test.more, err, test.refused)
		}
		if err == nil && got.Common().Trigger.Author(policy.Build) != policy.Fork {
			t.Errorf("Load of %s does not know that it is a fork's", test.event)
		}
	}
}

// archived is a checkout with an image archive at a path.
func archived(t *testing.T, from Source, path string) Source {
	t.Helper()
	file := filepath.Join(from.Dir, path)
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	from.Environ = append(from.Environ, "INPUT_IMAGE-ARCHIVE="+path)
	return from
}

// An archive is built elsewhere as an image is, and either is the way to deploy a fork's code.
func TestLoad_an_archive_of_a_forks(t *testing.T) {
	from := archived(t, checkout(t, "workflow_run.completed-fork"), "fork/image.tar")
	got, err := load(t, from, stranger)
	if job, ok := got.(Deploy); err != nil || !ok || filepath.Base(job.Image.(Archive).Path) != "image.tar" {
		t.Errorf("Load = %+v, %v, want the archive deployed", got, err)
	}
	for more, want := range map[string]string{
		"INPUT_IMAGE=example.org/hello:1": "image-archive: image names another image",
		"INPUT_TARGET=app":                "target: it says how to build an image, but image-archive names one that is built already",
	} {
		both := from
		both.Environ = append(slices.Clone(from.Environ), more)
		if _, err := load(t, both, stranger); err == nil || err.Error() != want {
			t.Errorf("Load with %s = %v, want %s", more, err, want)
		}
	}
}

// Whoever made the artifact chose its files, and may have replaced the template wherever it was
// unpacked. It is read from GitHub, at the repository's own commit, and never from disk.
func TestLoad_a_template_beside_a_strangers_archive(t *testing.T) {
	base := Template{Path: "infra/service.yaml", Ref: strings.Repeat("f", 40)}
	ours := stranger
	ours.Fork = false
	const why = "template: the image's artifact may have replaced the template, which must be read from GitHub, but "
	chain := []string{`"event": "pull_request"`, `"event": "workflow_run"`, "stranger/hello-world", "octo-org/hello-world"}
	for _, test := range []struct {
		name string
		from Source
		pull policy.PullRequest
		path string
		want Template
		err  string
	}{
		{"in the archive's folder", archived(t, checkout(t, "workflow_run.completed-fork"), "image.tar"), stranger, "infra/service.yaml", base, ""},
		{"beside the archive's folder", archived(t, checkout(t, "workflow_run.completed-fork"), "dist/image.tar"), stranger, "./infra/../infra/service.yaml", base, ""},
		{"absolute", archived(t, checkout(t, "workflow_run.completed-fork"), "image.tar"), stranger, "/infra/service.yaml", base, ""},
		{"of a chain", archived(t, changed(t, chain, "INPUT_COMMAND=deploy", "INPUT_ENVIRONMENT=production", "INPUT_ALLOW-FORKS=true"), "image.tar"), stranger, "infra/service.yaml", base, ""},
		{"of a chain without a token", archived(t, changed(t, chain, "INPUT_COMMAND=deploy", "INPUT_ENVIRONMENT=production", "INPUT_ALLOW-FORKS=true", "GITHUB_TOKEN="), "image.tar"), stranger, "infra/service.yaml", Template{}, why + "there is no token"},
		{"on a comment", archived(t, event(t, "issue_comment", comment, "INPUT_COMMAND=deploy"), "image.tar"), stranger, "infra/service.yaml", base, ""},
		{"by hand", archived(t, checkout(t, "workflow_dispatch", "INPUT_ENVIRONMENT=pr-7"), "image.tar"), stranger, "infra/service.yaml", base, ""},
		{"fargate", archived(t, checkout(t, "workflow_run.completed-fork"), "image.tar"), stranger, "fargate", Template{Name: "fargate"}, ""},
		{"outside", archived(t, checkout(t, "workflow_run.completed-fork"), "image.tar"), stranger, "../service.yaml", Template{}, `template: "../service.yaml" is outside the workspace`},
		{"without a commit", archived(t, checkout(t, "workflow_run.completed-fork", "GITHUB_SHA="), "image.tar"), stranger, "infra/service.yaml", Template{}, why + "the repository's own commit is not known"},
		{"on a laptop", archived(t, checkout(t, "workflow_run.completed-fork", "GITHUB_ACTIONS="), "image.tar"), stranger, "infra/service.yaml", Template{}, why + "the repository's own commit is not known"},
		{"at the fork's commit", archived(t, checkout(t, "workflow_run.completed-fork", "GITHUB_SHA="+head), "image.tar"), stranger, "infra/service.yaml", Template{}, why + "the event is for the pull request's own commit"},
		{"of our own", archived(t, checkout(t, "workflow_run.completed-fork"), "image.tar"), ours, "service.yaml", Template{Path: "service.yaml"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := test.path
			if filepath.IsAbs(path) {
				path = filepath.Join(test.from.Dir, path)
			}
			test.from.Environ = append(test.from.Environ, "INPUT_TEMPLATE="+path)
			if test.name == "of our own" { // whose run GitHub reports as the repository's
				source := changed(t, []string{"stranger", "octo-org"}, "INPUT_TEMPLATE="+path)
				test.from = archived(t, source, "image.tar")
				real, err := filepath.EvalSymlinks(test.from.Dir)
				if err != nil {
					t.Fatal(err)
				}
				test.want.Path = filepath.Join(real, test.want.Path)
			}
			job, err := load(t, test.from, test.pull)
			if test.err != "" {
				if err == nil || err.Error() != test.err {
					t.Errorf("Load = %v, want %s", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, job.(Deploy).Template); diff != "" {
				t.Errorf("Template differs (-want +got):\n%s", diff)
			}
		})
	}
}

// Code of a pull request from this repository may be built with its credentials: its author has them.
func TestLoad_the_repositorys_own_code_on_pull_request_target(t *testing.T) {
	got, err := load(t, checkout(t, "pull_request.opened", "GITHUB_EVENT_NAME=pull_request_target"))
	if err != nil || summary(got) != "deploy pr-7 at 0123" || got.Common().Trigger.Author(policy.Build) != policy.Ours {
		t.Errorf("Load = %s, %v; want it deployed", summary(got), err)
	}
}

// Whose runs GitHub gives no credentials.
func TestLoad_strangers(t *testing.T) {
	for _, test := range []struct {
		event, name string
		want        policy.Author
		skipped     bool
	}{
		{"pull_request.opened", "pull_request", policy.Ours, false},
		{"pull_request.opened-fork", "pull_request", policy.Fork, true},
		{"pull_request.opened-deleted-fork", "pull_request", policy.Fork, true},
		{"pull_request.opened-dependabot", "pull_request", policy.Dependabot, true},
		{"pull_request.opened-dependabot", "pull_request_review", policy.Dependabot, true},
		{"pull_request.opened-fork", "pull_request_review", policy.Fork, true},
		{"pull_request.opened-dependabot", "pull_request_target", policy.Dependabot, false},
		{"pull_request.opened-fork", "pull_request_target", policy.Fork, false},
	} {
		got, err := load(t, checkout(t, test.event, "GITHUB_EVENT_NAME="+test.name, "INPUT_ALLOW-FORKS=true", "INPUT_COMMAND=deploy"))
		if err != nil {
			t.Fatal(err)
		}
		trigger := got.Common().Trigger
		if author, skip := trigger.Author(policy.Build), policy.WithoutCredentials(trigger); author != test.want || (skip != nil) != test.skipped {
			t.Errorf("Load of %s as %s is of %s, skipped without credentials: %v; want %s, %v", test.event, test.name, author, skip, test.want, test.skipped)
		}
	}
}

// Whoever opens a pull request from a fork chooses its branch, its title and everything in its
// artifact. None of it reaches anything but the pull request's own.
func TestLoad_what_a_fork_may_not_reach(t *testing.T) {
	own := stranger
	own.Fork = false
	const touch = ", code from a fork is not allowed to touch \"production\", which is not its pull request's environment"
	chain := []string{`"event": "pull_request"`, `"event": "workflow_run"`, "stranger/hello-world", "octo-org/hello-world"}
	for name, test := range map[string]struct {
		from Source
		pull policy.PullRequest
		want string
	}{
		"another environment":                 {checkout(t, "workflow_run.completed-fork", "INPUT_IMAGE=example.org/hello:1", "INPUT_ENVIRONMENT=production"), stranger, "environment: on workflow_run" + touch},
		"another environment by a push":       {changed(t, []string{`"event": "pull_request"`, `"event": "push"`}, "INPUT_IMAGE=example.org/hello:1", "INPUT_ENVIRONMENT=production", "INPUT_COMMAND=deploy"), stranger, "environment: on workflow_run" + touch},
		"another pull request's environment":  {changed(t, []string{`"event": "pull_request"`, `"event": "pull_request_review"`}, "INPUT_IMAGE-ARCHIVE=Dockerfile", "INPUT_ENVIRONMENT=pr-7", "INPUT_COMMAND=deploy"), own, `environment: on workflow_run, code from a fork is not allowed to touch "pr-7", which is not its pull request's environment`},
		"another environment to be destroyed": {checkout(t, "pull_request_target.opened-fork", "INPUT_COMMAND=destroy", "INPUT_ENVIRONMENT=production"), stranger, "environment: on pull_request_target" + touch},
		"another environment by a comment":    {event(t, "issue_comment", comment, "INPUT_IMAGE=example.org/hello:1", "INPUT_ENVIRONMENT=production", "INPUT_COMMAND=deploy"), stranger, "environment: on issue_comment" + touch},
		"the default branch as its code":      {changed(t, []string{"stranger", "octo-org"}), own, "GITHUB_EVENT_NAME: workflow_run checks out the default branch, and that would be built instead of the pull request's code"},
		"anything by a chain":                 {changed(t, chain, "INPUT_IMAGE-ARCHIVE=Dockerfile", "INPUT_ENVIRONMENT=production", "INPUT_COMMAND=deploy"), stranger, `image-archive: the image archive may be built from a fork's code: workflow "Build for forks" ran for workflow_run, which does not show whose code it was`},
	} {
		if _, err := load(t, test.from, test.pull); err == nil || err.Error() != test.want {
			t.Errorf("Load of %s = %v, want %s", name, err, test.want)
		}
	}
}
