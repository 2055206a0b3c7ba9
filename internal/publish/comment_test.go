package publish_test

import (
	"strings"
	"testing"
	"time"

	"pr-stack/internal/environment"
	"pr-stack/internal/publish"
	"pr-stack/internal/report"
)

func TestComment_never(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.publisher(oneCommit)
		p.Comment = publish.Never
		p.Deploying(w.Context(), nil)
		p.Finish(w.Context(), ended(p, report.Failed, failed("x")))
		w.wantNoComment()
		w.wantStatuses("queued in_progress failure")
	})
}

// The first failure creates the comment. From then on the comment is kept current, so that nothing
// outdated stays.
func TestComment_on_failure(t *testing.T) {
	inWorld(t, func(w *world) {
		run := func(ending report.Ending, change func(*report.Deployment)) *publish.Publisher {
			p := w.publisher(oneCommit)
			p.Comment = publish.OnFailure
			p.Deploying(w.Context(), nil)
			if w.runs > 2 {
				w.wantComment("### 🚧 Deploying")
			}
			p.Finish(w.Context(), ended(p, ending, change))
			return p
		}
		run(report.Up, nil)
		w.wantNoComment()
		run(report.Failed, failed("x"))
		w.wantComment("### ❌ ")
		p := run(report.Up, nil)
		w.wantComment("### ✅ ")
		p.Finish(w.Context(), deleted(p))
		w.wantComment("### 💤 ")
	})
}

// A comment only reports a deletion if the comment existed before.
func TestComment_is_not_begun_by_a_deletion(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.publisher(oneCommit)
		p.Finish(w.Context(), deleted(p))
		p.Finish(w.Context(), ended(p, report.Skipped, func(d *report.Deployment) { d.Removed = true }))
		w.wantNoComment()
	})
}

// The deployment finds the pull request closed, and deletes the environment itself.
func TestComment_of_a_deployment_that_removed_its_environment(t *testing.T) {
	inWorld(t, func(w *world) {
		w.deploys(oneCommit, report.Up, nil)
		w.deploys(anotherCommit, report.Skipped, func(d *report.Deployment) {
			d.Removed, d.Reason = true, "pull request 7 was closed while this ran"
		})
		w.wantComment("### 💤 Preview deleted\n")
		w.wantStatuses("queued in_progress success inactive", "queued in_progress inactive")
	})
}

// A run that a newer one replaces says nothing: the newer run comments. The replaced run only
// corrects what it wrote itself.
func TestComment_of_a_run_that_is_skipped(t *testing.T) {
	skipped := func(d *report.Deployment) {
		d.Reason, d.StillUp = "pull request 7 has a newer commit", &report.Previous{Commit: oneCommit, URL: siteURL}
	}
	inWorld(t, func(w *world) {
		older, newer := w.publisher(oneCommit), w.publisher(anotherCommit)
		older.Deploying(w.Context(), nil)
		newer.Deploying(w.Context(), nil)
		before := w.github.Comments(7)[0]
		older.Finish(w.Context(), ended(older, report.Skipped, skipped))
		w.wantComment(before)
		w.wantStatuses("queued in_progress inactive", "queued in_progress")

		again := w.publisher(anotherCommit) // another run of the same commit
		again.Finish(w.Context(), ended(again, report.Skipped, skipped))
		w.wantComment(before)

		newer.Finish(w.Context(), ended(newer, report.Skipped, skipped))
		w.wantComment("### ⏭️ `89abcde` was not deployed", "Pull request 7 has a newer commit.", "`0123456` is still up")
	})
	inWorld(t, func(w *world) {
		p := w.publisher(oneCommit) // it never commented that it deploys
		p.Finish(w.Context(), ended(p, report.Skipped, skipped))
		w.wantNoComment()
		p.Finish(w.Context(), ended(p, report.Skipped, func(d *report.Deployment) {
			d.Reason, d.Comment = "10 of 10 previews are in use", true
		}))
		w.wantComment("### ⏭️ No preview\n\n10 of 10 previews are in use.")
	})
}

// Outside a workflow a run has no URL, and only its commit identifies it.
func TestComment_of_a_run_that_is_skipped_outside_a_workflow(t *testing.T) {
	inWorld(t, func(w *world) {
		older, newer := w.publisher(oneCommit), w.publisher(anotherCommit)
		older.Run.RunURL, newer.Run.RunURL = "", ""
		newer.Deploying(w.Context(), nil)
		before := w.github.Comments(7)[0]
		older.Finish(w.Context(), ended(older, report.Skipped, nil))
		w.wantComment(before)
	})
}

// A destroy that finds the pull request open again changes neither the comment nor the deployment.
func TestComment_of_a_deletion_that_is_skipped(t *testing.T) {
	inWorld(t, func(w *world) {
		w.deploys(oneCommit, report.Up, nil)
		before := w.github.Comments(7)[0]
		p := w.publisher(oneCommit)
		skipped := &report.Destruction{Run: p.Run}
		skipped.Ending, skipped.Reason = report.Skipped, "it was opened again"
		p.Finish(w.Context(), skipped)
		w.wantComment(before)
		w.wantStatuses("queued in_progress success")
	})
}

// A merged pull request's environment stays to be promoted, and the comment says so.
func TestComment_of_what_is_kept_for_production(t *testing.T) {
	inWorld(t, func(w *world) {
		w.deploys(oneCommit, report.Up, nil)
		p := w.publisher(oneCommit)
		kept := &report.Destruction{Run: p.Run, Kept: &report.Previous{Commit: oneCommit, URL: "https://pr-7.example.com"}}
		kept.Ending, kept.Reason = report.Skipped, "it may be promoted"
		p.Finish(w.Context(), kept)
		w.wantComment("### ⏭️ Preview stays", "It may be promoted.", "**[https://pr-7.example.com](<https://pr-7.example.com>)**")
		w.wantStatuses("queued in_progress success")
	})
}

// A sweep's comment says why the environment was deleted, and links to the run that would bring it
// back.
func TestComment_of_a_sweep_by_max_age(t *testing.T) {
	inWorld(t, func(w *world) {
		w.deploys(oneCommit, report.Up, nil)
		sweep := w.publisher("")
		d := deleted(sweep)
		d.StaleFor = 14 * 24 * time.Hour
		sweep.Finish(w.Context(), d)
		w.wantComment("### 💤 Preview was deleted: not deployed to for 14 days (`max-age`)",
			"re-run [the last deployment](<"+runURL(1)+">), to bring it back")
		w.wantStatuses("queued in_progress success inactive")
	})
}

// Comments of older versions have a marker without a state. Such a comment is edited, and no second
// one is written.
func TestComment_of_an_older_version_is_taken_over(t *testing.T) {
	inWorld(t, func(w *world) {
		w.github.Comment(7, "github-actions[bot]", "<!-- pr-stack hello-world pr-7 -->\n### ✅ hello-world pr-7 is up\n")
		w.github.Comment(7, "github-actions[bot]", "<!-- pr-stack api pr-7 -->\nanother service's")
		w.deploys(oneCommit, report.Up, nil)
		comments := w.github.Comments(7)
		if len(comments) != 2 || !strings.Contains(comments[0], "### ✅ Preview is ready") ||
			!strings.HasSuffix(comments[1], "another service's") {
			w.Errorf("comments = %q, want the first to be taken over and the second as it was", comments)
		}
	})
}

// GitHub masks secrets in logs, but not in texts that are sent to its API. The comment is found
// again even if a word of its marker is a secret.
func TestPublisher_shows_no_secret(t *testing.T) {
	inWorld(t, func(w *world) {
		for _, secret := range []string{"hunter22", "hello-world"} {
			w.log.Mask(secret)
		}
		for range 2 {
			w.deploys(oneCommit, report.Failed, failed("the password hunter22 of hello-world is wrong"))
		}
		w.deploys(oneCommit, report.Skipped, func(d *report.Deployment) { d.Reason, d.Comment = "hunter22 says so", true })
		w.wantComment("<!-- pr-stack hello-world pr-7 {", `\*\*\* says so`)
		for _, d := range w.github.Deployments("") {
			last := d.Statuses[len(d.Statuses)-1]
			if !strings.Contains(last.Description, "***") || strings.Contains(last.Description+w.github.Comments(7)[0], "hunter22") {
				w.Errorf("a status or the comment shows a secret: %+v\n%s", last, w.github.Comments(7)[0])
			}
		}
	})
}

// Only a pull request's environment has a comment, whichever event the run is for.
func TestComment_is_on_the_environments_pull_request(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.publisher(oneCommit)
		p.Run.Environment = environment.Permanent("hello-world", "production")
		p.Deploying(w.Context(), nil)
		p.Finish(w.Context(), ended(p, report.Up, nil))
		w.wantNoComment()
		w.github.Open(8, oneCommit)
		p = w.publisher(oneCommit)
		p.Run.Environment = environment.ForPullRequest("hello-world", 8)
		p.Deploying(w.Context(), nil)
		if comments := w.github.Comments(8); len(comments) != 1 {
			w.Errorf("comments on pull request 8 = %q, want one", comments)
		}
	})
}
