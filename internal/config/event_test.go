package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pr-stack/internal/policy"
)

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

// What an event says about a pull request, before GitHub is asked.
func TestRead_the_trigger(t *testing.T) {
	for _, test := range []struct {
		name, payload string
		want          policy.Trigger
	}{
		{"issue_comment", comment, policy.Trigger{Action: "created", Issue: 7, PullRequest: &policy.PullRequest{Number: 7, Open: true}}},
		{"issue_comment", issueComment, policy.Trigger{Action: "created", Issue: 5, Commit: strings.Repeat("f", 40)}},
		{
			"issue_comment", `{"issue": {"number": 7, "state": "closed", "draft": true, "user": {"login": "x[bot]", "type": "Bot"}, "labels": [{"name": "a"}], "pull_request": {}}}`,
			policy.Trigger{Issue: 7, PullRequest: &policy.PullRequest{Number: 7, Author: "x[bot]", AuthorIsBot: true, Draft: true, Labels: []string{"a"}}},
		},
		// A repository that is not named was deleted, or is not described as it should be.
		{"workflow_run", `{"workflow_run": {"event": "push"}}`, policy.Trigger{Commit: strings.Repeat("f", 40), Upstream: &policy.Workflow{Event: "push", Fork: true}}},
		{
			"pull_request_target", `{"action": "opened", "pull_request": {"number": 7, "head": {"sha": "` + head + `", "repo": {}}}}`,
			policy.Trigger{Action: "opened", Commit: head, PullRequest: &policy.PullRequest{Number: 7, Open: true, Head: head, Fork: true}},
		},
		// Of an event that is not about pull requests, what cannot be read is left out.
		{"check_run", `{"action": 1, "label": [], "pull_request": "none", "issue": 7}`, policy.Trigger{Commit: strings.Repeat("f", 40)}},
	} {
		in, err := Read(event(t, test.name, test.payload))
		if err != nil {
			t.Fatal(err)
		}
		test.want.Event = test.name
		if diff := cmp.Diff(test.want, in.Settings().Trigger); diff != "" || in.err() != nil {
			t.Errorf("Read of %s %s, %v, differs (-want +got):\n%s", test.name, test.payload, in.err(), diff)
		}
	}
}

// Only a deletion because of the closing is given up if the pull request is opened again.
func TestLoad_closing(t *testing.T) {
	for _, test := range []struct {
		event, more string
		want        bool
	}{
		{"pull_request.closed", "INPUT_COMMAND=auto", true},
		{"pull_request.closed", "INPUT_COMMAND=destroy", true},
		{"pull_request_target.closed", "INPUT_COMMAND=auto", true},
		{"pull_request.opened", "INPUT_COMMAND=destroy", false},
		{"workflow_dispatch", "INPUT_COMMAND=destroy", false},
	} {
		got, err := load(t, checkout(t, test.event, test.more, "INPUT_ENVIRONMENT=pr-7"))
		if job, ok := got.(Destroy); err != nil || !ok || job.Closing != test.want || job.PullRequest != 7 {
			t.Errorf("Load of %s with %s = %+v, %v, want closing: %v", test.event, test.more, got, err, test.want)
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
