package publish_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pr-stack/internal/environment"
	fakegithub "pr-stack/internal/fake/github"
	"pr-stack/internal/github"
	"pr-stack/internal/publish"
	"pr-stack/internal/report"
	"pr-stack/internal/runner"
)

const (
	repository    = "octo-org/hello-world"
	oneCommit     = "0123456789abcdef0123456789abcdef01234567"
	anotherCommit = "89abcdef0123456789abcdef0123456789abcdef"
	siteURL       = "http://pr-7.example"
)

// world is a repository with an open pull request, and the log of all runs.
type world struct {
	*testing.T
	github *fakegithub.GitHub
	client *github.Client
	log    *runner.Log
	out    *bytes.Buffer
	runs   int
}

// inWorld runs a test in a synctest bubble, where waiting takes no real time.
func inWorld(t *testing.T, test func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, github: fakegithub.New(repository), out: &bytes.Buffer{}}
		w.github.Open(7, oneCommit)
		w.github.SetMessage(anotherCommit, "Say hello faster")
		w.log = runner.New(w.out, []string{"GITHUB_ACTIONS=true"})
		var err error
		w.client, err = github.New(github.Options{Token: "ghs_token", Repository: repository, Transport: w.github})
		if err != nil {
			t.Fatal(err)
		}
		test(w)
	})
}

// publisher returns the publisher of the next run of pull request 7, for a commit.
func (w *world) publisher(commit string) *publish.Publisher {
	w.runs++
	return &publish.Publisher{
		Log: w.log, GitHub: w.client, Comment: publish.Always, Deployments: publish.Shared,
		Run: report.Run{
			Environment: environment.ForPullRequest("hello-world", 7), Repository: repository,
			ServerURL: "https://github.com", RunURL: runURL(w.runs), Region: "eu-north-1", Commit: commit,
		},
	}
}

func runURL(n int) string {
	return "https://github.com/octo-org/hello-world/actions/runs/" + strings.Repeat("4", n)
}

// ended returns the result of a deployment by the publisher's run.
func ended(p *publish.Publisher, ending report.Ending, change func(*report.Deployment)) *report.Deployment {
	d := &report.Deployment{Run: p.Run, Stack: report.Stack{Name: "hello-world-pr-7"}}
	d.Ending = ending
	if ending == report.Up {
		d.Status, d.URL = report.Created, siteURL
	}
	if change != nil {
		change(d)
	}
	return d
}

func failed(message string) func(*report.Deployment) {
	return func(d *report.Deployment) {
		d.Failure = &report.Failure{Message: message}
		d.StillUp = &report.Previous{Commit: oneCommit, URL: siteURL}
	}
}

func deleted(p *publish.Publisher) *report.Destruction {
	d := &report.Destruction{Run: p.Run}
	d.Ending, d.Status = report.Gone, report.Deleted
	return d
}

// deploys publishes a whole run.
func (w *world) deploys(commit string, ending report.Ending, change func(*report.Deployment)) {
	w.Helper()
	p := w.publisher(commit)
	p.Deploying(w.Context(), nil)
	p.Finish(w.Context(), ended(p, ending, change))
}

// wantComment fails the test unless the pull request has exactly one comment with all of these texts.
func (w *world) wantComment(texts ...string) {
	w.Helper()
	comments := w.github.Comments(7)
	if len(comments) != 1 {
		w.Fatalf("there are %d comments, want one: %q", len(comments), comments)
	}
	for _, text := range texts {
		if !strings.Contains(comments[0], text) {
			w.Errorf("the comment has no %q:\n%s", text, comments[0])
		}
	}
}

func (w *world) wantNoComment() {
	w.Helper()
	if comments := w.github.Comments(7); len(comments) != 0 {
		w.Errorf("comments = %q, want none", comments)
	}
}

// wantStatuses fails the test unless each deployment of the service's previews has these statuses.
func (w *world) wantStatuses(want ...string) {
	w.Helper()
	var got []string
	for _, d := range w.github.Deployments("hello-world-preview") {
		var states []string
		for _, s := range d.Statuses {
			states = append(states, s.State)
		}
		got = append(got, strings.Join(states, " "))
	}
	if !slices.Equal(got, want) {
		w.Errorf("deployments had the statuses %q, want %q", got, want)
	}
}

func (w *world) wantLog(text string, times int) {
	w.Helper()
	if got := strings.Count(w.out.String(), text); got != times {
		w.Errorf("the log has %q %d times, want %d:\n%s", text, got, times, w.out)
	}
}

// A pull request has one comment, which is edited, and one deployment for each commit.
func TestPublisher_keeps_one_comment_and_a_deployment_for_each_commit(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.publisher(oneCommit)
		p.Deploying(w.Context(), nil)
		w.wantComment("<!-- pr-stack hello-world pr-7 {", "### 🚧 Deploying `0123456`", "[Follow the run](<"+runURL(1)+">)")
		w.wantStatuses("queued in_progress")
		p.Finish(w.Context(), ended(p, report.Up, nil))
		w.wantComment("### ✅ Preview is ready", siteURL, "[run](<"+runURL(1)+">)")
		w.wantStatuses("queued in_progress success")
		if got := w.github.Deployments("")[0].Statuses[2]; got.URL != siteURL || got.LogURL != runURL(1) {
			w.Errorf("the status is %+v, want the URL and the run's log", got)
		}

		p = w.publisher(anotherCommit)
		p.Deploying(w.Context(), &report.Previous{Commit: oneCommit, URL: siteURL})
		w.wantComment("### 🚧 Deploying `89abcde`", "`0123456` stays up meanwhile: **["+siteURL)
		if strings.Contains(w.github.Comments(7)[0], "ready") {
			w.Errorf("the comment calls the old commit ready:\n%s", w.github.Comments(7)[0])
		}
		p.Finish(w.Context(), ended(p, report.Failed, failed("the container exited with code 1")))
		w.wantComment("### ❌ `89abcde` could not be deployed", "exited with code 1", "`0123456` is still up: **["+siteURL)
		w.wantStatuses("queued in_progress success", "queued in_progress failure")

		// A failure stays in the history of its commit when the next one is up.
		w.deploys(anotherCommit, report.Up, nil)
		w.wantComment("### ✅ Preview is ready")
		w.wantStatuses("queued in_progress success inactive", "queued in_progress failure", "queued in_progress success")

		p = w.publisher(anotherCommit)
		p.Finish(w.Context(), deleted(p))
		w.wantComment("### 💤 Preview deleted\n")
		w.wantStatuses("queued in_progress success inactive", "queued in_progress failure inactive", "queued in_progress success inactive")
		if w.out.Len() > 0 {
			w.Errorf("the log is not empty:\n%s", w.out)
		}
	})
}

// A cancelled job publishes what happened before its machine is removed.
func TestFinish_after_an_interruption(t *testing.T) {
	inWorld(t, func(w *world) {
		ctx, cancel := context.WithCancel(w.Context())
		p := w.publisher(oneCommit)
		p.Deploying(ctx, nil)
		cancel()
		p.Finish(ctx, ended(p, report.Interrupted, failed("interrupted: stack hello-world-pr-7 is in CREATE_IN_PROGRESS")))
		w.wantComment("### ⏹️ The run was cancelled while it deployed `0123456`")
		w.wantStatuses("queued in_progress error")
	})
}

func TestPublisher_waits_four_seconds_for_GitHub(t *testing.T) {
	inWorld(t, func(w *world) {
		w.deploys(oneCommit, report.Up, nil)
		w.github.Inject(fakegithub.Fault{Method: "POST", Delay: time.Hour})
		w.github.Inject(fakegithub.Fault{Method: "PATCH", Delay: time.Hour})
		began := time.Now()
		w.deploys(oneCommit, report.Up, nil)
		if took := time.Since(began); took != 8*time.Second {
			w.Errorf("the run took %s, want 4s before the work and 4s after it", took)
		}
		w.wantLog("could not update the comment on the pull request", 1)
		w.wantLog("could not update the deployment", 1)
	})
}

// Even if the deployments' API hangs, the comment must not continue to say that the run deploys.
func TestFinish_updates_the_comment_though_deployments_hang(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.publisher(oneCommit)
		p.Deploying(w.Context(), nil)
		w.github.Inject(fakegithub.Fault{Path: "/repos/octo-org/hello-world/deployments", Delay: time.Hour})
		p.Finish(w.Context(), ended(p, report.Up, nil))
		w.wantComment("### ✅ Preview is ready")
	})
}

// Each missing permission is named once, and nothing else fails because of it.
func TestPublisher_names_a_missing_permission_once(t *testing.T) {
	for message, status := range map[string]int{"Resource not accessible by integration": 403, "Not Found": 404} {
		t.Run(message, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.github.Inject(fakegithub.Fault{Method: "POST", Status: status, Message: message})
				w.deploys(oneCommit, report.Up, nil)
				w.wantLog("::notice title=could not update the comment on the pull request::", 1)
				w.wantLog("add pull-requests: write to the permissions of this workflow", 1)
				w.wantLog("::notice title=could not update the deployment::", 1)
				w.wantLog("add deployments: write to the permissions of this workflow", 1)
			})
		})
	}
}

// A sweep publishes about many environments, and a permission is missing for all of them.
func TestPublisher_for_other_environments_says_nothing_twice(t *testing.T) {
	inWorld(t, func(w *world) {
		w.github.Inject(fakegithub.Fault{Status: 403, Message: "Resource not accessible by integration"})
		sweep := w.publisher("")
		for number := range 3 {
			run := sweep.Run
			run.Environment = environment.ForPullRequest("hello-world", number+1)
			p := sweep.For(run)
			p.Finish(w.Context(), deleted(p))
		}
		w.wantLog("could not update the comment on the pull request", 1)
		w.wantLog("could not update the deployment", 1)
		if calls := len(w.github.Calls()); calls != 6 {
			w.Errorf("GitHub was called %d times, want twice for each environment", calls)
		}
	})
}

func TestPublisher_without_a_token_says_so_once(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*publish.Publisher)
		times  int
	}{
		"no token":          {func(*publish.Publisher) {}, 1},
		"nothing asked for": {func(p *publish.Publisher) { p.Comment, p.Deployments = publish.Never, publish.Off }, 0},
		"outside GitHub":    {func(p *publish.Publisher) { p.Run.Repository = "" }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				p := w.publisher(oneCommit)
				p.GitHub = nil
				test.change(p)
				p.Deploying(w.Context(), nil)
				p.Finish(w.Context(), ended(p, report.Up, nil))
				w.wantLog("the input github-token is empty", test.times)
			})
		})
	}
}

// A sweep, a bootstrap and a run that was refused belong to no pull request.
func TestFinish_of_what_has_no_environment(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.publisher(oneCommit)
		for _, r := range []report.Result{
			&report.Sweep{Run: p.Run}, &report.Bootstrap{Run: p.Run}, &report.Refusal{Run: p.Run},
		} {
			p.Finish(w.Context(), r)
		}
		if calls := w.github.Calls(); len(calls) > 0 {
			w.Errorf("GitHub was called: %v", calls)
		}
	})
}
