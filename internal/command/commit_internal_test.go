package command

import (
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/environment"
	"pr-stack/internal/image"
	"pr-stack/internal/rollout"
)

type values = map[string]string

// During an update the parameters are new and the outputs old; after a rollback both are old.
func TestCommitOf(t *testing.T) {
	tag := values{environment.TagCommit: "tagged"}
	for name, test := range map[string]struct {
		stack              cfn.Stack
		commit             string
		up, askedForOthers bool
	}{
		"complete":          {cfn.Stack{Status: types.StackStatusUpdateComplete, Parameters: values{"Commit": "new"}, Outputs: values{"Commit": "new"}}, "new", true, false},
		"during an update":  {cfn.Stack{Status: types.StackStatusUpdateInProgress, Parameters: values{"Commit": "new"}, Outputs: values{"Commit": "old"}}, "old", false, false},
		"rolled back":       {cfn.Stack{Status: types.StackStatusUpdateRollbackComplete, Parameters: values{"Commit": "old"}, Outputs: values{"Commit": "old"}}, "old", true, true},
		"without an output": {cfn.Stack{Status: types.StackStatusCreateComplete, Parameters: values{"Commit": "new"}}, "new", true, false},
		"of an older one":   {cfn.Stack{Status: types.StackStatusCreateComplete, Parameters: values{}, Tags: tag}, "tagged", true, true},
		"with both":         {cfn.Stack{Status: types.StackStatusCreateComplete, Parameters: values{"Commit": "new"}, Tags: tag}, "new", true, false},
		"that says nothing": {cfn.Stack{Status: types.StackStatusCreateComplete}, "", true, true},
	} {
		plan := rollout.Plan{Parameters: values{"Commit": "new"}}
		if got := commitOf(test.stack); got != test.commit {
			t.Errorf("%s: commitOf = %q, want %q", name, got, test.commit)
		}
		if up := previous(test.stack); (up != nil) != test.up || up != nil && up.Commit != test.commit {
			t.Errorf("%s: previous = %+v, want one: %t, of %s", name, up, test.up, test.commit)
		}
		if got := replaced(plan)(test.stack); got != test.askedForOthers {
			t.Errorf("%s: replaced = %t, want %t", name, got, test.askedForOthers)
		}
	}
}

func TestReplaced_goes_by_the_image_if_there_is_no_commit(t *testing.T) {
	for name, test := range map[string]struct {
		plan, now values
		want      bool
	}{
		"the same image":               {values{"ImageUri": "a"}, values{"ImageUri": "a"}, false},
		"another image":                {values{"ImageUri": "a"}, values{"ImageUri": "b"}, true},
		"another image of the commit":  {values{"ImageUri": "a", "Commit": "c"}, values{"ImageUri": "b", "Commit": "c"}, true},
		"another commit of that image": {values{"ImageUri": "a", "Commit": "c"}, values{"ImageUri": "a", "Commit": "d"}, true},
		"no longer declared":           {values{"ImageUri": "a"}, values{}, true},
		"a secret commit":              {values{"ImageUri": "a", "Commit": "c"}, values{"ImageUri": "a", "Commit": "****"}, false},
		"neither":                      {values{"Color": "blue"}, values{"Color": "red"}, false},
	} {
		if got := replaced(rollout.Plan{Parameters: test.plan})(cfn.Stack{Parameters: test.now}); got != test.want {
			t.Errorf("%s: replaced = %t, want %t", name, got, test.want)
		}
	}
}

func TestImageOf(t *testing.T) {
	const digest = "host/hello@sha256:0"
	job := config.Deploy{Environment: environment.ForPullRequest("hello", 7), Commit: "c", BuildInputs: "sha256:i"}
	stack := values{"Commit": "c", "BuildInputs": "sha256:i", "ImageUri": digest}
	for name, test := range map[string]struct {
		change func(*config.Deploy, values)
		want   string
	}{
		"what it says":   {func(*config.Deploy, values) {}, digest},
		"permanent":      {func(j *config.Deploy, _ values) { j.Environment = environment.Permanent("hello", "production") }, ""},
		"another commit": {func(_ *config.Deploy, has values) { has["Commit"] = "d" }, ""},
		"the same first digits": {func(j *config.Deploy, has values) {
			has["Commit"] = strings.Repeat("c", 12) + "d"
			j.Commit = strings.Repeat("c", 13)
		}, ""},
		"other inputs": {func(_ *config.Deploy, has values) { has["BuildInputs"] = "sha256:j" }, ""},
		"no inputs":    {func(j *config.Deploy, has values) { j.BuildInputs, has["BuildInputs"] = "", "" }, ""},
		"no commit":    {func(j *config.Deploy, has values) { j.Commit, has["Commit"] = "", "" }, ""},
		"no stack":     {func(_ *config.Deploy, has values) { clear(has) }, ""},
	} {
		job, has := job, maps.Clone(stack)
		test.change(&job, has)
		if got := imageOf(job, cfn.Stack{Parameters: has}); got.String() != test.want {
			t.Errorf("%s: imageOf = %q, want %q", name, got, test.want)
		}
	}
	// The outputs may be of an earlier image than the parameters.
	if got := imageOf(job, cfn.Stack{Parameters: values{"ImageUri": digest}, Outputs: stack}); got != (image.Ref{}) {
		t.Errorf("imageOf = %q by the outputs, want none", got)
	}
}

func TestBuiltin_says_nothing_of_how_an_image_that_the_user_named_was_built(t *testing.T) {
	job := config.Deploy{Environment: environment.ForPullRequest("hello", 7), Commit: "c", BuildInputs: "sha256:i", BuiltCommit: "m"}
	if got := builtin(job); got["BuildInputs"] != "sha256:i" || got["Commit"] != "c" || got["BuiltCommit"] != "m" || got["PullRequest"] != "7" {
		t.Errorf("builtin = %v, want the inputs, the commits and the pull request", got)
	}
	job.ParameterOverrides = values{"ImageUri": "nginx"}
	if got := builtin(job); got["BuildInputs"] != "" || got["BuiltCommit"] != "" {
		t.Errorf("BuildInputs = %q and BuiltCommit = %q, want none", got["BuildInputs"], got["BuiltCommit"])
	}
}

func TestUnique(t *testing.T) {
	job := config.Deploy{StackName: "hello-pr-7"}
	other := config.Deploy{StackName: "hello-pr-8"}
	if a, b := unique(job), unique(other); a == b || len(a) < 8 {
		t.Errorf("unique = %q and %q, want two", a, b)
	}
}
