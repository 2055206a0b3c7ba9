package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// stranger is what GitHub's API tells of the pull request that the event's workflow ran for.
var stranger = PullRequest{Number: 7, Head: head, Fork: true, Author: "stranger"}

// The event names no pull request, so that Load says which head to ask for, and is told on the second time.
func TestLoad_a_workflow_run(t *testing.T) {
	from := checkout(t, "workflow_run.completed-fork", "INPUT_IMAGE=example.org/hello:1")
	first, err := Load(from)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&Head{SHA: head, Owner: "stranger", Branch: "faster-hello"}, first.Head); diff != "" {
		t.Fatalf("Load asks for another head (-want +got):\n%s", diff)
	}

	from.PullRequest = &stranger
	second, err := Load(from)
	if err != nil {
		t.Fatal(err)
	}
	if second.Head != nil || second.Command != Deploy || second.Environment.Name != "pr-7" || second.PullRequest != 7 || second.Commit != head || !second.Fork || second.Stranger != "" {
		t.Errorf("Load = %+v, want pull request 7 deployed", second)
	}

	draft := stranger
	draft.Draft = true
	from.PullRequest, from.Environ = &draft, append(from.Environ, "INPUT_DRAFTS=false")
	if got, err := Load(from); err != nil || got.Command != Skip || got.SkipReason != "pull request 7 is a draft (input drafts)" {
		t.Errorf("Load of a draft = %s %q, %v, want it skipped", got.Command, got.SkipReason, err)
	}
}

func TestLoad_a_workflow_run_that_is_nobodys_head(t *testing.T) {
	for _, command := range []string{"INPUT_COMMAND=sweep", "INPUT_COMMAND=bootstrap"} {
		if got, err := Load(checkout(t, "workflow_run.completed-fork", command)); err != nil || got.Head != nil {
			t.Errorf("Load with %s = %+v, %v, want no head asked for", command, got.Head, err)
		}
	}
}

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
		from := checkout(t, test.event, test.more)
		if strings.HasPrefix(test.event, "workflow_run") {
			from.PullRequest = &stranger
		}
		got, err := Load(from)
		if refused := err != nil && strings.Contains(err.Error(), " from a fork would build and run a stranger's code with this repository's credentials"); refused != test.refused || !refused && err != nil {
			t.Errorf("Load of %s with %s = %v, want it refused: %v", test.event, test.more, err, test.refused)
		}
		if err == nil && !got.Fork {
			t.Errorf("Load of %s does not know that it is a fork's", test.event)
		}
	}
}

// changed is a checkout for an event of workflow_run that differs in some places from the one in testdata: pairs of what is there and what
// is to be there.
func changed(t *testing.T, oldnew []string, more ...string) Source {
	t.Helper()
	source := checkout(t, "workflow_run.completed-fork", more...)
	text, err := os.ReadFile("../../testdata/event/workflow_run.completed-fork.json")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(oldnew); i += 2 {
		if !strings.Contains(string(text), oldnew[i]) {
			t.Fatalf("the event has no %s", oldnew[i])
		}
	}
	path := filepath.Join(source.Dir, "event.json")
	if err := os.WriteFile(path, []byte(strings.NewReplacer(oldnew...).Replace(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
	source.Environ = append(source.Environ, "GITHUB_EVENT_PATH="+path)
	return source
}

// A workflow that runs after one on push deploys what that was for. Nor is one of pull_request_target asked about: it ran
// the repository's own code, and its commit is the base's.
func TestLoad_a_workflow_run_for_no_pull_requests_code(t *testing.T) {
	for _, event := range []string{"push", "pull_request_target", "schedule", "workflow_dispatch"} {
		source := changed(t, []string{`"event": "pull_request"`, `"event": "` + event + `"`, "stranger/hello-world", "octo-org/hello-world"}, "INPUT_ENVIRONMENT=production")
		got, err := Load(source)
		if err != nil || got.Head != nil || got.Command != Deploy || got.Environment.Name != "production" || got.PullRequest != 0 || got.Commit != strings.Repeat("f", 40) {
			t.Errorf("Load after a workflow on %s = %s of %q at %s, asking for %+v, %v; want production deployed", event, got.Command, got.Environment.Name, got.Commit, got.Head, err)
		}
	}
}

// A build that did not come to its end well left no image, or one that nobody tested. Only success will do.
func TestLoad_a_workflow_run_that_did_not_succeed(t *testing.T) {
	for _, conclusion := range []string{"failure", "cancelled", "timed_out", "action_required", "neutral", "skipped", "stale", "startup_failure"} {
		source := changed(t, []string{`"conclusion": "success"`, `"conclusion": "` + conclusion + `"`})
		got, err := Load(source)
		want := `workflow "Build for forks", of which this run was to deploy the image, ended with ` + conclusion
		if err != nil || got.Head != nil || got.Command != Skip || got.SkipReason != want {
			t.Errorf("Load = %s %q, asking for %+v, %v; want it skipped and nobody asked: %s", got.Command, got.SkipReason, got.Head, err, want)
		}
	}
}

func TestLoad_a_workflow_run_with_either_command_that_deploys(t *testing.T) {
	for _, command := range []string{"INPUT_COMMAND=auto", "INPUT_COMMAND=deploy"} {
		if got, err := Load(checkout(t, "workflow_run.completed-fork", command)); err != nil || got.Head == nil {
			t.Errorf("Load with %s asks for no head, %v", command, err)
		}
	}
}

// Taken for a run that is nobody's, it would deploy the default branch.
func TestLoad_a_workflow_run_that_cannot_be_read(t *testing.T) {
	for want, oldnew := range map[string][]string{
		"GITHUB_EVENT_PATH: the event is called workflow_run and has none":      {`"workflow_run": {`, `"workflow": {`},
		"GITHUB_EVENT_PATH: the event has a workflow run without a head commit": {`"head_sha": "` + head, `"head_sha": "`},
	} {
		if _, err := Load(changed(t, oldnew, "INPUT_ENVIRONMENT=production")); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("Load = %v, want %s", err, want)
		}
	}
}

// The rules are asked of what GitHub tells, as if the event had told it.
func TestLoad_rules_for_a_pull_request_that_was_found(t *testing.T) {
	labeled, bots := stranger, stranger
	labeled.Labels = []string{"big", "preview"}
	bots.Bot, bots.Author = true, "renovate[bot]"
	for _, test := range []struct {
		rule   string
		pull   PullRequest
		reason string
	}{
		{"INPUT_LABEL=preview", labeled, ""},
		{"INPUT_LABEL=preview", stranger, "pull request 7 does not have the label preview (input label)"},
		{"INPUT_BOTS=false", bots, "pull request 7 was opened by renovate[bot], a bot (input bots)"},
		{"INPUT_BOTS=false", stranger, ""},
		{"INPUT_DRAFTS=false", bots, ""},
	} {
		from := checkout(t, "workflow_run.completed-fork", "INPUT_IMAGE=example.org/hello:1", test.rule)
		from.PullRequest = &test.pull
		want := Deploy
		if test.reason != "" {
			want = Skip
		}
		if got, err := Load(from); err != nil || got.Command != want || got.SkipReason != test.reason {
			t.Errorf("Load of %+v with %s = %s %q, %v; want %s %q", test.pull, test.rule, got.Command, got.SkipReason, err, want, test.reason)
		}
	}
}

// An archive is built elsewhere as an image is, and either is the way to deploy a fork's code.
func TestLoad_an_archive_of_a_forks(t *testing.T) {
	from := checkout(t, "workflow_run.completed-fork", "INPUT_IMAGE-ARCHIVE=fork/image.tar")
	from.PullRequest = &stranger
	path := filepath.Join(from.Dir, "fork", "image.tar")
	if err := errors.Join(os.Mkdir(filepath.Dir(path), 0o755), os.WriteFile(path, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if got, err := Load(from); err != nil || got.Command != Deploy || got.ImageArchive == "" {
		t.Errorf("Load = %s of %q, %v, want the archive deployed", got.Command, got.ImageArchive, err)
	}
	for more, want := range map[string]string{
		"INPUT_IMAGE=example.org/hello:1": "image-archive: image names another image",
		"INPUT_TARGET=app":                "target: it says how to build, and image-archive names what is built already",
	} {
		both := from
		both.Environ = append(slices.Clone(from.Environ), more)
		if _, err := Load(both); err == nil || err.Error() != want {
			t.Errorf("Load with %s = %v, want %s", more, err, want)
		}
	}
}

// What a pull request of the repository's own has may be built with the repository's credentials: its author has them, too.
func TestLoad_the_repositorys_own_code_on_pull_request_target(t *testing.T) {
	if got, err := Load(checkout(t, "pull_request.opened", "GITHUB_EVENT_NAME=pull_request_target")); err != nil || got.Command != Deploy || got.Fork {
		t.Errorf("Load = %s, of a fork: %v, %v; want it deployed", got.Command, got.Fork, err)
	}
}

// Whose run has no credentials is no stranger where GitHub gives the run some. Then their lack is a mistake, to be told.
func TestLoad_strangers(t *testing.T) {
	for _, test := range []struct{ event, name, want string }{
		{"pull_request.opened", "pull_request", ""},
		{"pull_request.opened-fork", "pull_request", "a fork"},
		{"pull_request.opened-deleted-fork", "pull_request", "a fork"},
		{"pull_request.opened-dependabot", "pull_request", "Dependabot"},
		{"pull_request.opened-dependabot", "pull_request_review", "Dependabot"},
		{"pull_request.opened-fork", "pull_request_review", "a fork"},
		{"pull_request.opened-dependabot", "pull_request_target", ""},
		{"pull_request.opened-fork", "pull_request_target", ""},
	} {
		got, err := Load(checkout(t, test.event, "GITHUB_EVENT_NAME="+test.name, "INPUT_ALLOW-FORKS=true", "INPUT_ENVIRONMENT=pr-7"))
		if err != nil || got.Stranger != test.want {
			t.Errorf("Load of %s as %s is of %q, %v, want %q", test.event, test.name, got.Stranger, err, test.want)
		}
	}
}

// Whoever opens a pull request from a fork chooses its branch, its title and what is in its artifact, and may not by these
// get at what is not the pull request's.
func TestLoad_what_a_fork_may_not_reach(t *testing.T) {
	own := stranger
	own.Fork = false
	const touch = " from a fork may not touch \"production\", which is not its pull request's"
	for name, test := range map[string]struct {
		from Source
		pull *PullRequest
		want string
	}{
		"another environment":                 {checkout(t, "workflow_run.completed-fork", "INPUT_IMAGE=example.org/hello:1", "INPUT_ENVIRONMENT=production"), &stranger, "environment: workflow_run" + touch},
		"another environment by a push":       {changed(t, []string{`"event": "pull_request"`, `"event": "push"`}, "INPUT_IMAGE=example.org/hello:1", "INPUT_ENVIRONMENT=production"), nil, "environment: workflow_run" + touch},
		"another environment to be destroyed": {checkout(t, "pull_request_target.opened-fork", "INPUT_COMMAND=destroy", "INPUT_ENVIRONMENT=production"), nil, "environment: pull_request_target" + touch},
		"the default branch as its code":      {checkout(t, "workflow_run.completed-fork"), &own, "GITHUB_EVENT_NAME: workflow_run checks out the default branch, and that would be built as if it were the pull request's code"},
		"the template":                        {checkout(t, "workflow_run.completed-fork", "INPUT_IMAGE-ARCHIVE=Dockerfile", "INPUT_TEMPLATE=service.yaml"), &stranger, "image-archive: the fork's artifact was unpacked over the checkout, and may have replaced the template"},
		"an archive in a folder of its own":   {checkout(t, "workflow_run.completed-fork", "INPUT_IMAGE-ARCHIVE=app/Dockerfile.dev", "INPUT_TEMPLATE=service.yaml"), &stranger, ""},
	} {
		t.Run(name, func(t *testing.T) {
			test.from.PullRequest = test.pull
			_, err := Load(test.from)
			if got := fmt.Sprint(err); err == nil && test.want != "" || err != nil && got != test.want {
				t.Errorf("Load = %v, want %q", err, test.want)
			}
		})
	}
}
