package command

import (
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/cfn"
	"pr-stack/internal/environment"
	"pr-stack/internal/report"
	"pr-stack/internal/rollout"
)

// What is said to be up is what is known to be.
func TestDescribe_says_what_is_up_only_if_that_is_known(t *testing.T) {
	failed := func(operation string, next cfn.NextStep) error {
		return fmt.Errorf("deploy: %w", &cfn.FailedError{Operation: operation, NextStep: next})
	}
	for name, test := range map[string]struct {
		existed   bool
		complete  bool // CloudFormation was done
		status    types.StackStatus
		err       error
		stillUp   bool
		nothingUp bool
	}{
		"an update that is rolled back":     {existed: true, err: failed("update", cfn.RollingBack), stillUp: true},
		"an update that is refused":         {existed: true, err: cfn.ErrInvalidTemplate, stillUp: true},
		"an update that takes too long":     {existed: true, err: fmt.Errorf("late: %w", rollout.ErrTimedOut)},
		"an update that is lost sight of":   {existed: true, status: types.StackStatusUpdateInProgress, err: errors.New("no connection")},
		"a creation that is lost sight of":  {status: types.StackStatusCreateInProgress, err: errors.New("no connection")},
		"an update that is not ready":       {existed: true, complete: true, err: rollout.ErrReplaced},
		"an update that is up":              {existed: true, complete: true},
		"a creation that is deleted":        {err: failed("create", cfn.Deleting), nothingUp: true},
		"a creation that is kept":           {err: failed("create", cfn.Kept)},
		"a deletion that was refused":       {err: failed("create", "")},
		"a creation that continues":         {err: failed("create", cfn.RollingBackLater)},
		"a creation that is refused":        {err: cfn.ErrInvalidTemplate, nothingUp: true},
		"a creation that takes too long":    {err: fmt.Errorf("late: %w", rollout.ErrTimedOut)},
		"a creation that is complete, late": {complete: true, err: rollout.ErrReplaced},
	} {
		result := &report.Deployment{NothingUp: !test.existed}
		if test.existed {
			result.StillUp = &report.Previous{Commit: "abc"}
		}
		applied := rollout.Applied{Stack: cfn.Stack{Status: test.status}}
		if test.status != "" {
			applied.Stack.ID = "arn"
		}
		describe(result, environment.Repository{}, rollout.Plan{}, rollout.Release{Applied: applied, Complete: test.complete}, test.err)
		if (result.StillUp != nil) != test.stillUp || result.NothingUp != test.nothingUp {
			t.Errorf("%s: still up %v, nothing up %t, want %t and %t", name, result.StillUp, result.NothingUp, test.stillUp, test.nothingUp)
		}
	}
}

// In a race the stack may be somebody else's by now.
func TestDescribe_shows_nothing_of_a_strangers_stack(t *testing.T) {
	e := environment.ForPullRequest("hello", 7)
	stack := cfn.Stack{ID: "arn", Outputs: map[string]string{"Secret": "x"}}
	for name, test := range map[string]struct {
		tags  map[string]string
		shown bool
	}{
		"its own":               {e.Tags(environment.Repository{}).Map(), true},
		"a stranger's":          {map[string]string{"team": "other"}, false},
		"without a tag at all":  {map[string]string{}, false},
		"created, and not read": {nil, true},
	} {
		result := &report.Deployment{Run: report.Run{Environment: e}}
		stack.Tags = test.tags
		describe(result, environment.Repository{}, rollout.Plan{}, rollout.Release{Applied: rollout.Applied{Stack: stack}}, cfn.ErrBusy)
		if shown := result.Stack.Outputs != nil; shown != test.shown {
			t.Errorf("%s: outputs %v, want shown: %t", name, result.Stack.Outputs, test.shown)
		}
	}
}

// ECS may report the digest of one platform out of an index, and the job pushed the index.
func TestDescribe_keeps_the_digest_that_was_pushed(t *testing.T) {
	result := &report.Deployment{ImageDigest: "sha256:index"}
	describe(result, environment.Repository{}, rollout.Plan{}, rollout.Release{Complete: true}, nil)
	if result.ImageDigest != "sha256:index" {
		t.Errorf("ImageDigest = %q, want the pushed one", result.ImageDigest)
	}
}
