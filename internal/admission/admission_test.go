package admission_test

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

	"pr-stack/internal/admission"
	"pr-stack/internal/cfn"
	"pr-stack/internal/environment"
	fakeaws "pr-stack/internal/fake/aws"
	fakegithub "pr-stack/internal/fake/github"
	"pr-stack/internal/github"
	"pr-stack/internal/hint"
	"pr-stack/internal/policy"
	"pr-stack/internal/runner"
)

const commit = "0123456789abcdef0123456789abcdef01234567"

var repository = environment.Repository{Name: "octo-org/hello", ID: "1"}

func client(t *testing.T, far *fakegithub.GitHub) *github.Client {
	t.Helper()
	c, err := github.New(github.Options{Token: "ghs_0", Repository: "octo-org/hello-world", Transport: far})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What GitHub cannot be asked is said once, and is not held against the run.
func TestPullRequest_that_cannot_be_read_is_said_once(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		far := fakegithub.New("octo-org/hello-world")
		far.Open(7, commit)
		far.SetHeadRepository(7, "stranger/hello-world")
		pull := &admission.PullRequest{GitHub: client(t, far), Number: 7, Log: runner.New(&log, nil)}
		if now := pull.Now(t.Context()); now == nil || !now.Open || !now.Fork || now.Head != commit {
			t.Errorf("Now = %+v, want it open, from a fork, at %s", now, commit)
		}
		far.Inject(fakegithub.Fault{Status: http.StatusForbidden, Message: "Resource not accessible by integration"})
		for range 2 {
			if now := pull.Now(t.Context()); now != nil {
				t.Errorf("Now = %+v, want nil", now)
			}
		}
		said := "Could not check whether the pull request is still open"
		if strings.Count(log.String(), said) != 1 || !strings.Contains(log.String(), "pull-requests: write") {
			t.Errorf("the log is %q, want %q in it once, with the permission", log.String(), said)
		}
	})
}

func TestPullRequest_that_there_is_none_of_is_not_asked_for(t *testing.T) {
	far := fakegithub.New("octo-org/hello-world")
	for name, pull := range map[string]*admission.PullRequest{
		"no number": {GitHub: client(t, far)},
		"no GitHub": {Number: 7},
	} {
		if now := pull.Now(t.Context()); now != nil || len(far.Calls()) != 0 {
			t.Errorf("%s: Now = %+v after %d calls, want neither", name, now, len(far.Calls()))
		}
	}
}

func TestExcluded_asks_for_files_only_if_a_rule_needs_them_and_excludes_nothing_in_doubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		far := fakegithub.New("octo-org/hello-world")
		far.Open(7, commit)
		gh := client(t, far)
		paths := policy.Rules{Paths: []string{"src/**"}}
		if skip := admission.Excluded(t.Context(), gh, policy.Rules{}, 7, commit); skip != nil || len(far.Calls()) != 1 {
			t.Errorf("Excluded = %+v after %d calls, want nil after one", skip, len(far.Calls()))
		}
		if skip := admission.Excluded(t.Context(), gh, paths, 7, commit); skip == nil {
			t.Error("Excluded = nil, want a pull request that changes no file in src excluded")
		}
		far.SetMessage(commit, "wip [skip preview]")
		if skip := admission.Excluded(t.Context(), gh, policy.Rules{}, 7, commit); skip == nil || !strings.Contains(skip.Reason, "[skip preview]") {
			t.Errorf("Excluded = %+v, want it excluded by the message", skip)
		}
		far.Inject(fakegithub.Fault{Status: http.StatusNotFound, Message: "Not Found"})
		if skip := admission.Excluded(t.Context(), gh, paths, 7, commit); skip != nil {
			t.Errorf("Excluded = %+v while GitHub refuses, want nil", skip)
		}
	})
}

// inAccount runs a test on an account with stacks of some environments.
func inAccount(t *testing.T, test func(t *testing.T, stacks *cfn.Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		account := fakeaws.New(fakeaws.Options{})
		api := cloudformation.NewFromConfig(account.Config())
		create := func(name string, tags map[string]string) {
			input := &cloudformation.CreateStackInput{StackName: &name, TemplateBody: aws.String("Resources: {Logs: {Type: AWS::Logs::LogGroup}}")}
			for key, value := range tags {
				input.Tags = append(input.Tags, types.Tag{Key: &key, Value: &value})
			}
			if _, err := api.CreateStack(t.Context(), input); err != nil {
				t.Fatal(err)
			}
		}
		create("hello-pr-12", environment.ForPullRequest("hello", 12).Tags(repository).Map())
		create("hello-pr-7", environment.ForPullRequest("hello", 7).Tags(repository).Map())
		create("hello-pr-10", environment.ForPullRequest("hello", 10).Tags(repository).Map())
		create("hello-production", environment.Permanent("hello", "production").Tags(repository).Map())
		create("other-pr-7", environment.ForPullRequest("other", 7).Tags(environment.Repository{Name: "octo-org/other", ID: "2"}).Map())
		create("hello-base", environment.BaseTags("hello"))
		create("hello-staging", nil)
		<-time.After(time.Minute)
		test(t, &cfn.Client{API: api})
	})
}

func TestPreviews_are_the_services_pull_requests_by_number(t *testing.T) {
	inAccount(t, func(t *testing.T, stacks *cfn.Client) {
		found, err := admission.Previews(t.Context(), stacks, "hello")
		var names []string
		for _, p := range found {
			names = append(names, p.Stack.Name)
		}
		if got := strings.Join(names, " "); err != nil || got != "hello-pr-7 hello-pr-10 hello-pr-12" {
			t.Errorf("Previews = %s, %v, want hello-pr-7 hello-pr-10 hello-pr-12", got, err)
		}
	})
}

func TestLimit_counts_pull_requests_and_leaves_an_environment_its_place(t *testing.T) {
	inAccount(t, func(t *testing.T, stacks *cfn.Client) {
		for _, test := range []struct {
			most    int
			e       environment.Environment
			from    string // the repository
			skipped bool
		}{
			{3, environment.ForPullRequest("hello", 8), "Octo-Org/hello", true},
			{4, environment.ForPullRequest("hello", 8), "octo-org/hello", false},
			{3, environment.ForPullRequest("hello", 7), "octo-org/hello", false},
			{3, environment.Permanent("hello", "staging"), "octo-org/hello", false},
			{0, environment.ForPullRequest("hello", 8), "octo-org/hello", false},
			{1, environment.ForPullRequest("hello", 8), "octo-org/renamed", false}, // none of the three is its own
			{3, environment.ForPullRequest("hello", 8), "", true},                  // a laptop's
		} {
			skip, err := admission.Limit(t.Context(), stacks, test.most, test.e, environment.Repository{Name: test.from}, test.e.StackName())
			if err != nil || (skip != nil) != test.skipped {
				t.Errorf("Limit(%d, %s) = %+v, %v, want skipped: %t", test.most, test.e.Name, skip, err, test.skipped)
			}
		}
	})
}

func TestExisting_refuses_a_stack_of_somebody_else(t *testing.T) {
	inAccount(t, func(t *testing.T, stacks *cfn.Client) {
		if stack, err := admission.Existing(t.Context(), stacks, environment.ForPullRequest("hello", 7), repository, "hello-pr-7"); err != nil || stack.ID == "" {
			t.Errorf("Existing(its own) = %q, %v, want the stack", stack.ID, err)
		}
		if stack, err := admission.Existing(t.Context(), stacks, environment.ForPullRequest("hello", 9), repository, "hello-pr-9"); err != nil || stack.ID != "" {
			t.Errorf("Existing(none) = %q, %v, want neither", stack.ID, err)
		}
		for _, name := range []string{"hello-staging", "other-pr-7", "hello-base"} {
			_, err := admission.Existing(t.Context(), stacks, environment.ForPullRequest("hello", 7), repository, name)
			if err == nil || len(hint.Of(err)) != 1 {
				t.Errorf("Existing(%s) = %v, want it refused with a hint", name, err)
			}
		}
	})
}

// GitHub writes a repository's name as the user does. A fork that was deleted has none.
func TestFromGitHub_recognizes_a_fork(t *testing.T) {
	for head, fork := range map[string]bool{"octo-org/hello-world": false, "Octo-Org/Hello-World": false, "stranger/hello-world": true, "": true} {
		pull := github.PullRequest{
			Number: 7, Open: true, Merged: true, Head: commit, HeadRepo: head, BaseRepo: "octo-org/hello-world",
			Author: "dependabot[bot]", AuthorIsBot: true, Draft: true, Labels: []string{"preview"},
		}
		want := policy.PullRequest{
			Number: 7, Open: true, Merged: true, Head: commit, Fork: fork,
			Author: "dependabot[bot]", AuthorIsBot: true, Draft: true, Labels: []string{"preview"},
		}
		if diff := cmp.Diff(want, admission.FromGitHub(pull)); diff != "" {
			t.Errorf("FromGitHub(head in %q) (-want +got):\n%s", head, diff)
		}
	}
}

func TestHalt_carries_a_skip_through_an_error(t *testing.T) {
	if err := admission.Halt(nil); err != nil {
		t.Errorf("Halt(nil) = %v, want nil", err)
	}
	skip := &policy.Skip{Reason: "closed"}
	if got := admission.Halted(errors.Join(errors.New("deploy"), admission.Halt(skip))); got != skip {
		t.Errorf("Halted = %v, want %v", got, skip)
	}
	if got := admission.Halted(errors.New("closed")); got != nil {
		t.Errorf("Halted(another error) = %v, want nil", got)
	}
}
