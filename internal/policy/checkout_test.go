package policy

import (
	"strings"
	"testing"
)

func TestTrigger_Builds(t *testing.T) {
	const head, merge, base, other = "aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb", "cccccccccccccccc", "dddddddddddddddd"
	pull := &PullRequest{Number: 7, Head: head}
	after := &Workflow{Event: "pull_request"}
	for name, test := range map[string]struct {
		trigger  Trigger
		checkout Checkout
		want     Built
		refused  bool
		warned   bool
	}{
		"the merge": {Trigger{Event: "pull_request", Commit: head, PullRequest: pull}, Checkout{merge, merge}, Built{Commit: head, Known: true}, false, false},
		"the head":  {Trigger{Event: "pull_request", Commit: head, PullRequest: pull}, Checkout{head, merge}, Built{Commit: head, Known: true}, false, false},
		"a newer merge": { // of a job that is run again, with ref: refs/pull/7/merge
			Trigger{Event: "pull_request", Commit: head, PullRequest: pull}, Checkout{other, merge}, Built{Commit: head}, false, false},
		"a review's merge": {Trigger{Event: "pull_request_review", Commit: head, PullRequest: pull}, Checkout{merge, merge}, Built{Commit: head, Known: true}, false, false},
		"nothing readable": {Trigger{Event: "pull_request", Commit: head, PullRequest: pull}, Checkout{"", merge}, Built{Commit: head}, false, false},

		"the target's head":  {Trigger{Event: "pull_request_target", Commit: head, PullRequest: pull}, Checkout{head, base}, Built{Commit: head, Known: true}, false, false},
		"the target's merge": {Trigger{Event: "pull_request_target", Commit: head, PullRequest: pull}, Checkout{merge, base}, Built{Commit: head}, false, false},
		"the target's base":  {Trigger{Event: "pull_request_target", Commit: head, PullRequest: pull}, Checkout{base, base}, Built{}, true, false},
		"after a workflow":   {Trigger{Event: "workflow_run", Commit: head, PullRequest: pull, Upstream: after}, Checkout{base, base}, Built{}, true, false},

		"a comment's head":            {Trigger{Event: "issue_comment", Commit: head, PullRequest: pull}, Checkout{head, base}, Built{Commit: head, Known: true}, false, false},
		"a comment's head that moved": {Trigger{Event: "issue_comment", Commit: head, PullRequest: pull}, Checkout{other, base}, Built{Commit: other, Known: true}, false, true},
		"a comment's default branch":  {Trigger{Event: "issue_comment", Commit: head, PullRequest: pull}, Checkout{base, base}, Built{}, true, false},
		"a comment's, not readable":   {Trigger{Event: "issue_comment", Commit: head, PullRequest: pull}, Checkout{"", base}, Built{Commit: head}, false, false},

		"by hand":                     {Trigger{Event: "workflow_dispatch", Commit: base}, Checkout{base, base}, Built{Commit: base, Known: true}, false, false},
		"by hand, another ref":        {Trigger{Event: "workflow_dispatch", Commit: base}, Checkout{other, base}, Built{Commit: other, Known: true}, false, false},
		"by hand, for pull request 7": {Trigger{Event: "workflow_dispatch", Commit: base, PullRequest: pull}, Checkout{head, base}, Built{Commit: head, Known: true}, false, false},
		"by hand, main into pr-7":     {Trigger{Event: "repository_dispatch", Commit: base, PullRequest: pull}, Checkout{other, base}, Built{Commit: other, Known: true}, false, true},
		"by hand, main itself":        {Trigger{Event: "workflow_dispatch", Commit: base, PullRequest: pull}, Checkout{base, base}, Built{Commit: base, Known: true}, false, true},
		"a push":                      {Trigger{Event: "push", Commit: base}, Checkout{base, base}, Built{Commit: base, Known: true}, false, false},
	} {
		got, refusal := test.trigger.Builds(test.checkout)
		if warned := got.Warning != ""; warned != test.warned {
			t.Errorf("%s: warning %q, want one: %t", name, got.Warning, test.warned)
		}
		got.Warning = ""
		if got != test.want || (refusal != nil) != test.refused {
			t.Errorf("%s: Builds = %+v, %+v, want %+v, refused: %t", name, got, refusal, test.want, test.refused)
		}
		if refusal != nil && !strings.Contains(refusal.Hint, "refs/pull/7/head") {
			t.Errorf("%s: the hint is %q, want the ref to check out", name, refusal.Hint)
		}
	}
}
