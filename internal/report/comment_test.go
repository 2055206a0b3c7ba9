package report

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pr-stack/internal/environment"
)

func TestComment(t *testing.T) {
	previous := &Previous{Commit: earlier, URL: siteURL}
	skip := func(reason string) *Deployment {
		r := run(Skipped, "")
		r.Reason = reason
		return &Deployment{Run: r}
	}
	gone := func(d time.Duration) *Destruction {
		return &Destruction{Run: run(Gone, Deleted), Stack: stack(), StaleFor: d}
	}
	kept := func(what *Previous) *Destruction {
		d := &Destruction{Run: run(Skipped, ""), Stack: stack(), Kept: what}
		d.Reason = "pull request 7 was merged, and may be promoted: its environment stays"
		return d
	}
	before := State{
		State: "ready", URL: siteURL, Commit: earlier, Stack: "hello-world-pr-7",
		Since: "2026-11-24T12:00:00Z", Run: runURL,
	}
	for name, got := range map[string]string{
		"comment-deploying-first":  CommentDeploying(run("", ""), nil, State{}),
		"comment-deploying-update": CommentDeploying(run("", ""), previous, before),
		"comment-ready":            Comment(up(), State{}),
		"comment-ready-unproved": Comment(with(up(), func(d *Deployment) {
			d.Unproved = []string{"The stack has no ECS service: it was not checked whether the new image runs."}
		}), before),
		"comment-failed": Comment(crashed(), before),
		"comment-failed-first": Comment(with(crashed(), func(d *Deployment) {
			d.StillUp, d.NothingUp = nil, true
			d.Failure = &Failure{
				Message: "create stack hello-world-pr-7: LoadBalancer (AWS::ElasticLoadBalancingV2::LoadBalancer): " +
					"The maximum number of load balancers has been reached (TooManyLoadBalancers)",
				Hint: "have the quota \"Application Load Balancers per Region\" raised, or close pull requests",
			}
		}), State{}),
		"comment-interrupted": Comment(with(up(), func(d *Deployment) {
			d.Ending, d.StillUp = Interrupted, previous
			d.Failure = &Failure{
				Message: "interrupted (the job was cancelled): stack hello-world-pr-7 is in UPDATE_IN_PROGRESS, " +
					"and CloudFormation continues with it",
				Hint: "run the job again to continue from there",
			}
		}), before),
		"comment-deleted":       Comment(gone(0), before),
		"comment-kept":          Comment(kept(previous), before),
		"comment-kept-first":    Comment(kept(&Previous{}), State{}),
		"comment-deleted-stale": Comment(gone(14*24*time.Hour), before),
		"comment-no-preview": Comment(with(skip("10 of 10 previews are in use: close a pull request "+
			"or raise max-environments"), func(d *Deployment) { d.Comment = true }), State{}),
		"comment-skipped": Comment(with(skip("pull request 7 has a newer commit, 0123456789ab, which "+
			"its own run deploys"), func(d *Deployment) { d.StillUp = previous }), before),
	} {
		t.Run(name, func(t *testing.T) { golden(t, name, got) })
	}
}

// Each service has its own comment, so each comment names its service. If the repository has the
// service's name, there is only one service.
func TestComment_names_the_service_if_the_repository_is_called_otherwise(t *testing.T) {
	d := up()
	d.Environment = environment.ForPullRequest("api", 7)
	if got := Comment(d, State{}); !strings.Contains(got, "\n### ✅ api: preview is ready\n") {
		t.Errorf("Comment does not name the service:\n%s", got)
	}
	if got := CommentDeploying(d.Run, nil, State{}); !strings.Contains(got, "\n### 🚧 api: deploying `def5678`\n") {
		t.Errorf("CommentDeploying does not name the service:\n%s", got)
	}
	d.Environment.Service = "Hello-World"
	if got := Comment(d, State{}); !strings.Contains(got, "\n### ✅ Preview is ready\n") {
		t.Errorf("Comment names the service:\n%s", got)
	}
}

// A pull request that was closed while its commit was deployed has no environment in the end.
func TestComment_of_a_deployment_that_removed_its_environment(t *testing.T) {
	r := run(Skipped, "")
	r.Reason = "pull request 7 was closed while this ran"
	got := Comment(&Deployment{Run: r, Removed: true}, State{})
	if want := "### 💤 Preview deleted\n"; !strings.HasSuffix(got, want) {
		t.Errorf("Comment = %q, want %q at its end", got, want)
	}
}

// GitHub refuses a comment of more than 65,536 characters, so the pull request would have no
// comment.
func TestComment_is_never_too_long(t *testing.T) {
	long := strings.Repeat("a line of some container's log\n", 5000)
	d := crashed()
	d.Failure = &Failure{Summary: long, Message: long, Hint: long, NextStep: long, Log: strings.Split(long, "\n")}
	d.Reason = long
	skipped := with(up(), func(d *Deployment) { d.Ending, d.Reason = Skipped, long })
	for name, r := range map[string]Result{"failed": d, "skipped": skipped} {
		got := Comment(r, State{})
		whole := strings.HasSuffix(got, "</details>\n") && strings.Contains(got, "is still up")
		if len(got) > 65_536 || name == "failed" && !whole {
			t.Errorf("Comment of what %s has %d bytes, want at most 65,536 and all of its parts", name, len(got))
		}
	}
}

func TestComment_shows_the_end_of_a_log(t *testing.T) {
	d := crashed()
	d.Failure.Log = append(slices.Repeat([]string{"early"}, 5), slices.Repeat([]string{"late"}, maxLog)...)
	if got := Comment(d, State{}); strings.Contains(got, "early") || strings.Count(got, "late\n") != maxLog {
		t.Errorf("Comment shows another part of the log:\n%s", got)
	}
}

// The comment is short: it leaves out what only machines and auditors need.
func TestComment_shows_no_account_and_no_digest(t *testing.T) {
	for name, r := range map[string]Result{"ready": up(), "failed": crashed()} {
		_, shown, _ := strings.Cut(Comment(r, State{}), "\n")
		for _, no := range []string{digest, "](<" + digest, "`123456789012", " 123456789012", "(created)", commit + "`"} {
			if strings.Contains(shown, no) {
				t.Errorf("Comment of what is %s holds %q:\n%s", name, no, shown)
			}
		}
	}
}

func TestComment_escapes_what_others_wrote(t *testing.T) {
	evil := "<img src=x> @octocat [x](y) `code` | $x$ $y$"
	d := crashed()
	d.Failure.Summary, d.Failure.Hint, d.Failure.NextStep = evil, evil, evil
	d.Failure.Log = []string{"```", "</details>\r", "\x1b# heading"}
	d.StillUp = &Previous{Commit: "`]", URL: "javascript:alert(1)"}
	d.Phases[0].Name = "a | b"
	skipped := &Deployment{Run: run(Skipped, ""), Comment: true}
	skipped.Reason = evil
	got := Comment(d, State{Run: "--> <script>"}) + Comment(skipped, State{})
	for _, bad := range []string{"<img", "@octocat", "[x](y)", "](<javascript:", "| a | b |", "<script>", " `code`"} {
		if strings.Contains(got, bad) {
			t.Errorf("Comment holds %q:\n%s", bad, got)
		}
	}
	if !strings.Contains(got, "\n````text\n```\n</details>\n# heading\n````\n") {
		t.Errorf("Comment does not show the log as it is:\n%s", got)
	}
}
