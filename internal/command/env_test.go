package command_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"pr-stack/internal/actiontest"
	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/fake/aws/scenario"
	"pr-stack/internal/permissions"
)

const (
	oneCommit     = "0123456789abcdef0123456789abcdef01234567"
	anotherCommit = "89abcdef0123456789abcdef0123456789abcdef"
	stackName     = "hello-world-pr-7"
)

// env is the account and the repository of one test, which fails if the harness does.
type env struct {
	*actiontest.Env
	t *testing.T
}

// run is one run of the action.
type run struct{ *actiontest.Run }

// newEnv returns an env with a base stack. More of the environment of bootstrap may follow.
func newEnv(t *testing.T, options fakeaws.Options, environ ...string) *env {
	t.Helper()
	return newEnvWith(t, options, nil, environ...)
}

// newEnvWith is newEnv with roles whose policies are changed.
func newEnvWith(
	t *testing.T, options fakeaws.Options, restrict func(role string, p permissions.Policy) permissions.Policy, environ ...string,
) *env {
	t.Helper()
	e, err := actiontest.New(t.TempDir(), options)
	if err != nil {
		t.Fatal(err)
	}
	e.Restrict = restrict
	e.AddZone()
	if err := e.Bootstrap(t.Context(), environ...); err != nil {
		t.Fatal(err)
	}
	return &env{e, t}
}

// inEnv runs a test in a bubble. Pull request 7 is open with oneCommit.
func inEnv(t *testing.T, test func(t *testing.T, e *env)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, fakeaws.Options{})
		e.Environ = []string{"INPUT_GITHUB-TOKEN=ghs_0123456789"}
		e.GitHub.Open(7, oneCommit)
		test(t, e)
	})
}

func (e *env) check(err error) {
	e.t.Helper()
	if err != nil {
		e.t.Fatal(err)
	}
}

// run runs the action for an event of pull request 7 and waits for its end.
func (e *env) run(action, commit string, environ ...string) run {
	e.t.Helper()
	r := e.start(action, commit, environ...)
	<-r.Done
	return r
}

// start runs the action in the background.
func (e *env) start(action, commit string, environ ...string) run {
	e.t.Helper()
	event, err := actiontest.ReadEvent("pull_request."+action, commit)
	e.check(err)
	r, err := e.Start(e.t.Context(), actiontest.Step{Event: event, Commit: commit, Environ: environ})
	e.check(err)
	return run{r}
}

// built returns the digest of the image that a run builds from the commit.
func (e *env) built(commit string) string {
	e.t.Helper()
	digest, err := e.BuildDigest(commit)
	e.check(err)
	return digest
}

func (e *env) pushAs(tag string) (digest string) {
	e.t.Helper()
	digest, err := e.PushImage(e.t.Context(), tag)
	e.check(err)
	return digest
}

// createStack asks for a stack as a run for that environment would.
func (e *env) createStack(service, environment string, number int, template string) {
	e.t.Helper()
	e.check(e.CreateStack(e.t.Context(), service+"-"+environment, template, actiontest.Tags(service, environment, number)))
}

func (e *env) stackNames() (names []string) {
	e.t.Helper()
	stacks, err := e.Stacks(e.t.Context())
	e.check(err)
	for _, stack := range stacks {
		names = append(names, stack.Name)
	}
	return names
}

func (e *env) imageTags() []string {
	e.t.Helper()
	tags, err := e.ImageTags(e.t.Context())
	e.check(err)
	return tags
}

// setScenario makes containers that start from now on behave as in the scenario of that name; ""
// makes them healthy.
func (e *env) setScenario(name string) {
	e.t.Helper()
	m, ok := scenario.Find(name)
	if !ok && name != "" {
		e.t.Fatalf("there is no scenario %s", name)
	}
	e.SetBehavior(m.Container)
}

// want fails the test unless the run ended so. text has to be in its log.
func (r run) want(t *testing.T, code int, status, text string) {
	t.Helper()
	if r.ExitCode != code || r.Output("status") != status || !strings.Contains(r.Log(), text) {
		t.Errorf("the run ended with exit code %d and status %q, want %d and %q, and in its log %q:\n%s",
			r.ExitCode, r.Output("status"), code, status, text, r.Log())
	}
	if status == "skipped" && r.Output("url") != "" {
		t.Errorf("url is %q, want none, so that nothing is tested", r.Output("url"))
	}
}

// wantStack fails the test unless the environment's stack is in that status; "" is no stack.
func (e *env) wantStack(t *testing.T, status, commit string) {
	t.Helper()
	stack, _ := e.Stack(t.Context(), stackName) // the zero Stack if there is none
	if stack.Status != status || stack.Commit() != commit {
		t.Errorf("the stack is in %q with commit %q, want %q with %q", stack.Status, stack.Commit(), status, commit)
	}
}

// wantComment fails the test unless the pull request has exactly one comment, and all of these
// words in it.
func (e *env) wantComment(t *testing.T, words ...string) {
	t.Helper()
	comments := e.GitHub.Comments(7)
	if len(comments) != 1 {
		t.Fatalf("there are %d comments, want one: %q", len(comments), comments)
	}
	for _, word := range words {
		if !strings.Contains(oneLine(comments[0]), oneLine(word)) {
			t.Errorf("the comment does not say %q:\n%s", word, comments[0])
		}
	}
}

func (e *env) wantDeployments(t *testing.T, want ...string) {
	t.Helper()
	if got := e.GitHub.DeploymentStatuses("hello-world-preview"); !slices.Equal(got, want) {
		t.Errorf("deployments had the statuses %q, want %q", got, want)
	}
}
