package config

import (
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
