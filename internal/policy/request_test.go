package policy

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pr-stack/internal/environment"
)

const sha = "0123456789abcdef0123456789abcdef01234567"

// asked is one request, built up by a few words: the event, with its action or the other workflow's
// event after a slash, and then any of the words below.
func asked(t *testing.T, event, words string) Request {
	t.Helper()
	r := Request{Command: "auto", Rules: Rules{Drafts: true, Bots: true}, Source: Build}
	pull := &PullRequest{Number: 7, Open: true, Head: sha, Author: "octocat"}
	name, action, _ := strings.Cut(event, "/")
	r.Trigger = Trigger{Event: name, Action: action, Commit: sha}
	switch name {
	case "pull_request", "pull_request_target", "pull_request_review", "pull_request_review_comment", "issue_comment":
		r.Trigger.PullRequest, r.Trigger.Issue = pull, 7
	case "workflow_run":
		r.Trigger.Upstream = &Workflow{Name: "build", Event: action, Conclusion: "success", HeadSHA: sha}
		if action == "pull_request" {
			r.Trigger.PullRequest = pull
		}
	}
	env := ""
	if r.Trigger.PullRequest != nil {
		env = "pr-7"
	}
	for word := range strings.FieldsSeq(words) {
		switch word {
		case "deploy", "destroy", "sweep", "bootstrap", "explode":
			r.Command = word
		case "image", "archive":
			r.Source = Source(word)
		case "fork": // the pull request is from one, also if its environment is named by hand
			if pull.Fork = true; r.Trigger.Upstream != nil {
				r.Trigger.Upstream.Fork = action == "pull_request"
			}
		case "fork-run": // the other workflow's run was in a fork, and no pull request is known
			r.Trigger.Upstream.Fork = true
		case "dependabot":
			pull.Author, pull.AuthorIsBot = "dependabot[bot]", true
		case "allow-forks":
			r.AllowForks = true
		case "unchecked":
			r.Trigger.LookupError = errors.New("502 Bad Gateway")
		case "unknown": // nothing is known about the pull request
			r.Trigger.PullRequest = nil
		case "headless": // as a comment's payload has it
			pull.Head, r.Trigger.Commit = "", ""
		case "named": // the environment pr-7 is named by hand, and GitHub was asked about it
			r.Trigger.PullRequest, env = pull, "pr-7"
		case "other": // an environment of another pull request, which is from a fork, is named by hand
			r.Trigger.Named, env = &PullRequest{Number: 9, Open: true, Fork: true}, "pr-9"
		case "closed":
			pull.Open = false
		case "draft", "bot":
			pull.Draft, pull.AuthorIsBot = word == "draft", word == "bot"
		case "failed", "running":
			r.Trigger.Upstream.Conclusion = map[string]string{"failed": "failure"}[word]
		case "no-drafts", "no-bots":
			r.Rules.Drafts, r.Rules.Bots = word != "no-drafts", word != "no-bots"
		case "label":
			r.Rules.Label = "preview"
		case "labelled":
			r.Rules.Label, r.Trigger.Label = "preview", "preview"
			if action == "labeled" {
				pull.Labels = []string{"preview"}
			}
		case "no-commit":
			r.Trigger.Commit = ""
		case "production", "preview-7", "pr-7":
			env = word
		default:
			t.Fatalf("no such word: %s", word)
		}
	}
	switch env {
	case "":
		r.Environment = environment.Environment{Service: "hello"}
	case "pr-7":
		r.Environment = environment.ForPullRequest("hello", 7)
	case "pr-9":
		r.Environment = environment.ForPullRequest("hello", 9)
	default:
		r.Environment = environment.Permanent("hello", env)
	}
	return r
}

// answer words a decision: the verb; skip and the reason; refuse and the message.
func answer(d Decision) string {
	set, text := 0, ""
	if d.Allow != "" {
		set, text = set+1, string(d.Allow)
	}
	if d.Skip != nil {
		set, text = set+1, "skip: "+d.Skip.Reason
	}
	if d.Refuse != nil {
		set, text = set+1, "refuse: "+d.Refuse.Input+": "+d.Refuse.Message
	}
	if set != 1 {
		return fmt.Sprintf("not one decision: %+v", d)
	}
	return text
}

// begins reports whether text begins with pattern, or is the verb that it is. A * stands for
// anything.
func begins(text, pattern string) bool {
	if !strings.Contains(pattern, ":") {
		return text == pattern
	}
	first, second, any := strings.Cut(pattern, "*")
	rest, ok := strings.CutPrefix(text, first)
	return ok && (!any || strings.Contains(rest, second))
}

func TestTrigger_Owns(t *testing.T) {
	for _, test := range []struct {
		pull *PullRequest
		env  environment.Environment
		want bool
	}{
		{&PullRequest{Number: 7}, environment.ForPullRequest("hello", 7), true},
		{&PullRequest{Number: 7}, environment.ForPullRequest("hello", 9), false},
		{&PullRequest{Number: 7}, environment.Permanent("hello", "pr-07"), false},
		{&PullRequest{}, environment.Permanent("hello", "production"), false},
		{nil, environment.ForPullRequest("hello", 7), false},
	} {
		if got := (Trigger{PullRequest: test.pull}).Owns(test.env); got != test.want {
			t.Errorf("Owns(%+v) of %+v = %v, want %v", test.env, test.pull, got, test.want)
		}
	}
}

func TestPullRequestAt(t *testing.T) {
	other := strings.Repeat("1", 40)
	for _, test := range []struct {
		found []PullRequest
		want  int
		why   string
	}{
		{nil, 0, "skip: no open pull request has commit 0123456789ab as its newest: it was closed or has a newer commit since that was built"},
		{[]PullRequest{{Number: 7, Head: other}}, 0, "skip: no open pull request"},
		{[]PullRequest{{Number: 7, Head: other}, {Number: 8, Head: sha}}, 8, ""},
		{[]PullRequest{{Number: 7, Head: sha}, {Number: 8, Head: sha}}, 0, "refuse: : find the pull request of commit 0123456789ab: pull requests 7 and 8 have it, and the event does not say which is meant"},
	} {
		pull, decision := PullRequestAt(sha, test.found)
		why := ""
		if decision != (Decision{}) {
			why = answer(decision)
		}
		if pull.Number != test.want || test.why == "" && why != "" || !strings.HasPrefix(why, test.why) {
			t.Errorf("PullRequestAt(%+v) = %d, %s\nwant %d, %s", test.found, pull.Number, why, test.want, test.why)
		}
	}
}
