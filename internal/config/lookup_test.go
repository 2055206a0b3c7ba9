package config

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pr-stack/internal/hint"
	"pr-stack/internal/policy"
)

// stranger is what GitHub says about the pull request that the event's workflow ran for.
var stranger = policy.PullRequest{Number: 7, Open: true, Head: head, Fork: true, Author: "stranger"}

// event is a checkout for an event with this payload.
func event(t *testing.T, name, payload string, more ...string) Source {
	t.Helper()
	source := checkout(t, "", more...)
	path := filepath.Join(source.Dir, "event.json")
	if err := os.WriteFile(path, []byte(payload), 0o600); err != nil {
		t.Fatal(err)
	}
	source.Environ = append(source.Environ, "GITHUB_EVENT_NAME="+name, "GITHUB_EVENT_PATH="+path)
	return source
}

// changed is a checkout for the workflow_run in testdata, changed: pairs of old and new text.
func changed(t *testing.T, oldnew []string, more ...string) Source {
	t.Helper()
	text, err := os.ReadFile("../../testdata/event/workflow_run.completed-fork.json")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(oldnew); i += 2 {
		if !strings.Contains(string(text), oldnew[i]) {
			t.Fatalf("the event has no %s", oldnew[i])
		}
	}
	return event(t, "workflow_run", strings.NewReplacer(oldnew...).Replace(string(text)), more...)
}

const (
	comment      = `{"action": "created", "issue": {"number": 7, "state": "open", "pull_request": {"url": "…/pulls/7"}}}`
	issueComment = `{"action": "created", "issue": {"number": 5, "state": "open"}}`
)

// GitHub is asked for the pull request only where the job needs it.
func TestLookup(t *testing.T) {
	forks := &Lookup{HeadSHA: head, HeadOwner: "stranger", HeadBranch: "faster-hello"}
	for _, test := range []struct {
		name string
		from Source
		want *Lookup
	}{
		{"workflow_run", checkout(t, "workflow_run.completed-fork"), forks},
		{"workflow_run, named", checkout(t, "workflow_run.completed-fork", "INPUT_COMMAND=deploy"), forks},
		{"workflow_run to sweep", checkout(t, "workflow_run.completed-fork", "INPUT_COMMAND=sweep"), nil},
		{"workflow_run to bootstrap", checkout(t, "workflow_run.completed-fork", "INPUT_COMMAND=bootstrap"), nil},
		{"workflow_run without a token", checkout(t, "workflow_run.completed-fork", "GITHUB_TOKEN="), nil},
		{"workflow_run that failed", changed(t, []string{`"conclusion": "success"`, `"conclusion": "failure"`}), nil},
		{"workflow_run for a push", changed(t, []string{`"event": "pull_request"`, `"event": "push"`}, "INPUT_COMMAND=deploy"), nil},
		{"comment", event(t, "issue_comment", comment), nil},
		{"comment, named", event(t, "issue_comment", comment, "INPUT_COMMAND=deploy"), &Lookup{Number: 7}},
		{"comment, preview-7", event(t, "issue_comment", comment, "INPUT_COMMAND=deploy", "INPUT_ENVIRONMENT=preview-7"), &Lookup{Number: 7}},
		{"comment to destroy", event(t, "issue_comment", comment, "INPUT_COMMAND=destroy"), nil},
		{"comment on an issue", event(t, "issue_comment", issueComment, "INPUT_COMMAND=deploy"), nil},
		{"pr-9 by hand", checkout(t, "workflow_dispatch", "INPUT_ENVIRONMENT=pr-9"), &Lookup{Number: 9}},
		{"pr-9 by hand to destroy", checkout(t, "workflow_dispatch", "INPUT_ENVIRONMENT=pr-9", "INPUT_COMMAND=destroy"), nil},
		{"pr-9 without a token", checkout(t, "workflow_dispatch", "INPUT_ENVIRONMENT=pr-9", "GITHUB_TOKEN="), nil},
		{"pr-9 without a repository", checkout(t, "workflow_dispatch", "INPUT_ENVIRONMENT=pr-9", "GITHUB_REPOSITORY="), nil},
		{"production", checkout(t, "push", "INPUT_ENVIRONMENT=production"), nil},
		{"a pull request", checkout(t, "pull_request.opened"), nil},
		{"its own environment by hand", checkout(t, "pull_request.opened", "INPUT_ENVIRONMENT=pr-7"), nil},
		{"another one's", checkout(t, "pull_request.opened", "INPUT_ENVIRONMENT=pr-9"), &Lookup{Number: 9}},
	} {
		in, err := Read(test.from)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, in.Lookup()); diff != "" {
			t.Errorf("Lookup for %s differs (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestLoad_a_workflow_run(t *testing.T) {
	got, err := load(t, checkout(t, "workflow_run.completed-fork", "INPUT_IMAGE=example.org/hello:1"), stranger)
	if err != nil {
		t.Fatal(err)
	}
	job, ok := got.(Deploy)
	if !ok || job.Environment.Name != "pr-7" || job.PullRequest != 7 || !job.Current || job.Commit != head || job.Trigger.Author(policy.Image) != policy.Fork {
		t.Errorf("Load = %+v, want pull request 7 deployed", got)
	}
	draft := stranger
	draft.Draft = true
	got, err = load(t, checkout(t, "workflow_run.completed-fork", "INPUT_IMAGE=example.org/hello:1", "INPUT_DRAFTS=false"), draft)
	if err != nil || summary(got) != "skip: pull request 7 is a draft (input drafts)" {
		t.Errorf("Load of a draft = %s, %v, want it skipped", summary(got), err)
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
		got, err := load(t, checkout(t, test.event, test.more), stranger)
		if refused := err != nil && strings.Contains(err.Error(), " from a fork would build and run untrusted code with this repository's credentials"); refused != test.refused || !refused && err != nil {
			t.Errorf("Load of %s with %s = %v, want it refused: %v", test.event, test.more, err, test.refused)
		}
		if err == nil && got.Common().Trigger.Author(policy.Build) != policy.Fork {
			t.Errorf("Load of %s does not know that it is a fork's", test.event)
		}
	}
}

// A workflow that runs after one on push can deploy what that was for, if it is told to. Its commit is
// GITHUB_SHA. A run of pull_request_target is not looked up either: it ran the repository's own code.
func TestLoad_a_workflow_run_for_no_pull_requests_code(t *testing.T) {
	for _, event := range []string{"push", "pull_request_target", "schedule", "workflow_dispatch", "workflow_run"} {
		ours := []string{`"event": "pull_request"`, `"event": "` + event + `"`, "stranger/hello-world", "octo-org/hello-world"}
		got, err := load(t, changed(t, ours, "INPUT_ENVIRONMENT=production", "INPUT_COMMAND=deploy"))
		if err != nil || summary(got) != "deploy production at ffff" {
			t.Errorf("Load after a workflow on %s = %s, %v; want production deployed", event, summary(got), err)
		}
		got, err = load(t, changed(t, ours, "INPUT_ENVIRONMENT=production"))
		if want := "skip: the event workflow_run, after a workflow on " + event + ", starts no deployment by itself; to deploy on it, set command: deploy"; err != nil || summary(got) != want {
			t.Errorf("Load after a workflow on %s without a command = %s, %v; want %s", event, summary(got), err, want)
		}
	}
}

// A build that did not succeed left no image, or one that nobody tested.
func TestLoad_a_workflow_run_that_did_not_succeed(t *testing.T) {
	for _, conclusion := range []string{"failure", "cancelled", "timed_out", "action_required", "neutral", "skipped", "stale", "startup_failure"} {
		got, err := load(t, changed(t, []string{`"conclusion": "success"`, `"conclusion": "` + conclusion + `"`}))
		want := `skip: workflow "Build for forks", whose image this run would deploy, ended with ` + conclusion
		if err != nil || summary(got) != want {
			t.Errorf("Load = %s, %v; want %s", summary(got), err, want)
		}
	}
}

// Taken for a run of the repository's own, it would deploy the default branch.
func TestLoad_a_workflow_run_that_cannot_be_read(t *testing.T) {
	for want, oldnew := range map[string][]string{
		"GITHUB_EVENT_PATH: the event is workflow_run and has none":             {`"workflow_run": {`, `"workflow": {`},
		"GITHUB_EVENT_PATH: the event has a workflow run without a head commit": {`"head_sha": "` + head, `"head_sha": "`},
	} {
		if _, err := load(t, changed(t, oldnew, "INPUT_ENVIRONMENT=production")); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("Load = %v, want %s", err, want)
		}
	}
}

// The rules see what GitHub says, as if the event had said it.
func TestLoad_rules_for_a_pull_request_that_was_found(t *testing.T) {
	labeled, bot := stranger, stranger
	labeled.Labels = []string{"big", "preview"}
	bot.AuthorIsBot, bot.Author = true, "renovate[bot]"
	const deployed = "deploy pr-7 at 0123"
	for _, test := range []struct {
		rule string
		pull policy.PullRequest
		want string
	}{
		{"INPUT_LABEL=preview", labeled, deployed},
		{"INPUT_LABEL=preview", stranger, "skip: pull request 7 does not have the label preview (input label)"},
		{"INPUT_BOTS=false", bot, "skip: pull request 7 was opened by renovate[bot], a bot (input bots)"},
		{"INPUT_BOTS=false", stranger, deployed},
		{"INPUT_DRAFTS=false", bot, deployed},
	} {
		got, err := load(t, checkout(t, "workflow_run.completed-fork", "INPUT_IMAGE=example.org/hello:1", test.rule), test.pull)
		if err != nil || summary(got) != test.want {
			t.Errorf("Load of %+v with %s = %s, %v; want %s", test.pull, test.rule, summary(got), err, test.want)
		}
	}
}

// A comment is about the pull request's newest commit, which GitHub knows. GITHUB_SHA is the default
// branch's: taken for it, the old code would be deployed in its name.
func TestLoad_a_comment(t *testing.T) {
	ours := stranger
	ours.Fork = false
	closed := ours
	closed.Open = false
	for _, test := range []struct {
		name  string
		from  Source
		found []policy.PullRequest
		want  string
	}{
		{"by itself", event(t, "issue_comment", comment), nil, "skip: the event issue_comment starts no deployment by itself; to deploy on it, set command: deploy"},
		{"deploy", event(t, "issue_comment", comment, "INPUT_COMMAND=deploy"), []policy.PullRequest{ours}, "deploy pr-7 at 0123"},
		{"deploy preview-7", event(t, "issue_comment", comment, "INPUT_COMMAND=deploy", "INPUT_ENVIRONMENT=preview-7"), []policy.PullRequest{ours}, "deploy preview-7 at 0123"},
		{"deploy a closed one", event(t, "issue_comment", comment, "INPUT_COMMAND=deploy"), []policy.PullRequest{closed}, "skip: pull request 7 is closed"},
		{"deploy an issue", event(t, "issue_comment", issueComment, "INPUT_COMMAND=deploy", "INPUT_ENVIRONMENT=production"), nil, "skip: the comment is on issue 5, which is not a pull request"},
		{"destroy", event(t, "issue_comment", comment, "INPUT_COMMAND=destroy"), nil, "destroy pr-7"},
		{"deploy one that is gone", event(t, "issue_comment", comment, "INPUT_COMMAND=deploy"), nil, "find the head commit of pull request 7: not found"},
		{"deploy without a token", event(t, "issue_comment", comment, "INPUT_COMMAND=deploy", "INPUT_IMAGE=nginx:1", "GITHUB_TOKEN="), nil, "find the head commit of pull request 7: there is no token to ask GitHub with"},
		{"workflow_run without a token", checkout(t, "workflow_run.completed-fork", "GITHUB_TOKEN="), nil, "find the pull request of commit 0123456789ab: there is no token to ask GitHub with"},
		{"a fork's", event(t, "issue_comment", comment, "INPUT_COMMAND=deploy", "INPUT_ENVIRONMENT=preview-7"), []policy.PullRequest{stranger}, "pull request 7 is from a fork, and this would build and run untrusted code with this repository's credentials"},
		{"no payload", event(t, "issue_comment", "{}", "INPUT_ENVIRONMENT=production"), nil, "GITHUB_EVENT_PATH: the event is issue_comment and has no issue"},
	} {
		got, err := load(t, test.from, test.found...)
		text := summary(got)
		if err != nil {
			text = err.Error()
		}
		if text != test.want {
			t.Errorf("Load of a comment, %s = %s\nwant %s", test.name, text, test.want)
		}
	}
}

// A review has its pull request in its payload, which the rules apply to.
func TestLoad_a_review(t *testing.T) {
	for more, want := range map[string]string{
		"INPUT_COMMAND=auto":   "skip: the event pull_request_review starts no deployment by itself; to deploy on it, set command: deploy",
		"INPUT_COMMAND=deploy": "deploy pr-7 at 0123",
	} {
		got, err := load(t, checkout(t, "pull_request.opened", "GITHUB_EVENT_NAME=pull_request_review", more))
		if err != nil || summary(got) != want {
			t.Errorf("Load of a review with %s = %s, %v, want %s", more, summary(got), err, want)
		}
		if job, ok := got.(Deploy); ok && (job.PullRequest != 7 || job.Current) {
			t.Errorf("Load of a review = %+v, want the comment on pull request 7 kept current, but no newer commit waited for", job)
		}
	}
	got, err := load(t, checkout(t, "pull_request.closed", "GITHUB_EVENT_NAME=pull_request_review", "INPUT_COMMAND=deploy"))
	if err != nil || summary(got) != "skip: pull request 7 is closed" {
		t.Errorf("Load of a review of a closed pull request = %s, %v", summary(got), err)
	}
}

// An environment that is named by hand belongs to its pull request, with its comment and its rules.
func TestLoad_an_environment_named_by_hand(t *testing.T) {
	ours := stranger
	ours.Fork = false
	got, err := load(t, checkout(t, "workflow_dispatch", "INPUT_ENVIRONMENT=pr-7"), ours)
	if job, ok := got.(Deploy); err != nil || !ok || job.PullRequest != 7 || job.Current || job.Commit != strings.Repeat("f", 40) {
		t.Errorf("Load = %+v, %v, want pull request 7's environment deployed at GITHUB_SHA", got, err)
	}
	if _, err := load(t, checkout(t, "workflow_dispatch", "INPUT_ENVIRONMENT=pr-7"), stranger); err == nil || !strings.HasPrefix(err.Error(), "pull request 7 is from a fork") {
		t.Errorf("Load of a fork's = %v, want it refused", err)
	}
	got, err = load(t, checkout(t, "workflow_dispatch", "INPUT_ENVIRONMENT=pr-7")) // there is no such pull request
	if err != nil || summary(got) != "deploy pr-7 at ffff" {
		t.Errorf("Load = %s, %v, want it deployed", summary(got), err)
	}
	got, err = load(t, checkout(t, "pull_request.opened", "INPUT_ENVIRONMENT=pr-9"), policy.PullRequest{Number: 9, Open: true})
	if job, ok := got.(Deploy); err != nil || !ok || job.PullRequest != 0 {
		t.Errorf("Load = %+v, %v, want no comment on pull request 9 about the code of 7", got, err)
	}
}

func TestLoad_what_could_not_be_looked_up(t *testing.T) {
	failed := hint.Wrap(errors.New("read pull request 7: 403"), "add pull-requests: read")
	for _, test := range []struct {
		name string
		from Source
		want string // "" if it is deployed
		hint string
	}{
		{"a build", checkout(t, "workflow_dispatch", "INPUT_ENVIRONMENT=pr-7"), "could not check whether this is a fork's code: read pull request 7: 403", "add pull-requests: read; or set image to deploy one that is built already"},
		{"a build that is allowed", checkout(t, "workflow_dispatch", "INPUT_ENVIRONMENT=pr-7", "INPUT_ALLOW-FORKS=true"), "", ""},
		{"an image", checkout(t, "workflow_dispatch", "INPUT_ENVIRONMENT=pr-7", "INPUT_IMAGE=nginx:1"), "", ""},
		{"a workflow run", checkout(t, "workflow_run.completed-fork", "INPUT_IMAGE=nginx:1", "INPUT_ALLOW-FORKS=true"), "find the pull request of commit 0123456789ab: read pull request 7: 403", "add pull-requests: read"},
	} {
		in, err := Read(test.from)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Load(in, nil, failed)
		if test.want == "" && err == nil {
			continue
		}
		if err == nil || err.Error() != test.want || !slices.Equal(hint.Of(err), []string{test.hint}) {
			t.Errorf("Load of %s = %v, hint %q\nwant %s, hint %q", test.name, err, hint.Of(err), test.want, test.hint)
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
	const touch = " from a fork is not allowed to touch \"production\", which is not its pull request's environment"
	chain := []string{`"event": "pull_request"`, `"event": "workflow_run"`, "stranger/hello-world", "octo-org/hello-world"}
	for name, test := range map[string]struct {
		from Source
		pull policy.PullRequest
		want string
	}{
		"another environment":                 {checkout(t, "workflow_run.completed-fork", "INPUT_IMAGE=example.org/hello:1", "INPUT_ENVIRONMENT=production"), stranger, "environment: workflow_run" + touch},
		"another environment by a push":       {changed(t, []string{`"event": "pull_request"`, `"event": "push"`}, "INPUT_IMAGE=example.org/hello:1", "INPUT_ENVIRONMENT=production", "INPUT_COMMAND=deploy"), stranger, "environment: workflow_run" + touch},
		"another environment to be destroyed": {checkout(t, "pull_request_target.opened-fork", "INPUT_COMMAND=destroy", "INPUT_ENVIRONMENT=production"), stranger, "environment: pull_request_target" + touch},
		"another environment by a comment":    {event(t, "issue_comment", comment, "INPUT_IMAGE=example.org/hello:1", "INPUT_ENVIRONMENT=production", "INPUT_COMMAND=deploy"), stranger, "environment: issue_comment" + touch},
		"the default branch as its code":      {changed(t, []string{"stranger", "octo-org"}), own, "GITHUB_EVENT_NAME: workflow_run checks out the default branch, and that would be built instead of the pull request's code"},
		"anything by a chain":                 {changed(t, chain, "INPUT_IMAGE-ARCHIVE=Dockerfile", "INPUT_ENVIRONMENT=production", "INPUT_COMMAND=deploy"), stranger, `image-archive: the image archive may be built from a fork's code: workflow "Build for forks" ran for workflow_run, which does not show whose code it was`},
	} {
		if _, err := load(t, test.from, test.pull); err == nil || err.Error() != test.want {
			t.Errorf("Load of %s = %v, want %s", name, err, test.want)
		}
	}
}
