package policy

import (
	"strings"
	"testing"
)

func TestTrigger_Builds(t *testing.T) {
	const head, merge, base, other = "aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb", "cccccccccccccccc", "dddddddddddddddd"
	pull := &PullRequest{Number: 7, Head: head}
	of := func(event, commit string) Trigger { return Trigger{Event: event, Commit: commit, PullRequest: pull} }
	after := of("workflow_run", head)
	after.Upstream = &Workflow{Event: "pull_request"}
	known := func(commit string) Built { return Built{Commit: commit, Known: true} }
	unknown, merged, based := Built{Commit: head}, Checkout{merge, merge}, Checkout{base, base}

	for name, test := range map[string]struct {
		trigger  Trigger
		checkout Checkout
		want     Built
		refused  bool
		warned   bool
	}{
		"the merge":        {of("pull_request", head), merged, known(head), false, false},
		"the head":         {of("pull_request", head), Checkout{head, merge}, known(head), false, false},
		"a newer merge":    {of("pull_request", head), Checkout{other, merge}, unknown, false, false}, // ref: refs/pull/7/merge, run again
		"a review's merge": {of("pull_request_review", head), merged, known(head), false, false},
		"nothing readable": {of("pull_request", head), Checkout{"", merge}, unknown, false, false},

		"the target's head":  {of("pull_request_target", head), Checkout{head, base}, known(head), false, false},
		"the target's merge": {of("pull_request_target", head), Checkout{merge, base}, unknown, false, false},
		"the target's base":  {of("pull_request_target", head), based, Built{}, true, false},
		"after a workflow":   {after, based, Built{}, true, false},

		"a comment's head":            {of("issue_comment", head), Checkout{head, base}, known(head), false, false},
		"a comment's head that moved": {of("issue_comment", head), Checkout{other, base}, known(other), false, true},
		"a comment's default branch":  {of("issue_comment", head), based, Built{}, true, false},
		"a comment's, not readable":   {of("issue_comment", head), Checkout{"", base}, unknown, false, false},

		"by hand":              {Trigger{Event: "workflow_dispatch", Commit: base}, based, known(base), false, false},
		"by hand, another ref": {Trigger{Event: "workflow_dispatch", Commit: base}, Checkout{other, base}, known(other), false, false},
		"a push":               {Trigger{Event: "push", Commit: base}, based, known(base), false, false},

		"by hand, for pull request 7": {of("workflow_dispatch", base), Checkout{head, base}, known(head), false, false},
		"by hand, a branch into pr-7": {of("repository_dispatch", base), Checkout{other, base}, known(other), false, true},
		"by hand, main into pr-7":     {of("workflow_dispatch", base), based, known(base), false, true},
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
