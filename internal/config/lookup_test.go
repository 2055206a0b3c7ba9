package config

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pr-stack/internal/hint"
	"pr-stack/internal/policy"
)

// stranger is what GitHub says about the pull request that the event's workflow ran for.
var stranger = policy.PullRequest{Number: 7, Open: true, Head: head, Fork: true, Author: "stranger"}

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

// A workflow that runs after one on push can deploy what that was for, if it is told to. Its commit
// is GITHUB_SHA. A run of pull_request_target is not looked up either: it ran the repository's own
// code.
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
		"GITHUB_EVENT_PATH: the event is workflow_run and names no workflow run": {`"workflow_run": {`, `"workflow": {`},
		"GITHUB_EVENT_PATH: the event has a workflow run without a head commit":  {`"head_sha": "` + head, `"head_sha": "`},
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
	other := stranger
	other.Number = 8
	if got, err := load(t, checkout(t, "workflow_dispatch", "INPUT_ENVIRONMENT=pr-7"), other); err != nil || got.Common().Trigger.PullRequest != nil {
		t.Errorf("Load = %+v, %v, want no other pull request taken for it", got, err)
	}
	other.Number = 9
	if _, err := load(t, checkout(t, "pull_request.opened", "INPUT_ENVIRONMENT=pr-9"), other); err == nil || !strings.HasPrefix(err.Error(), "pull request 9 is from a fork") {
		t.Errorf("Load of a fork's in another's event = %v, want it refused", err)
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
