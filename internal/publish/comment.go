package publish

import (
	"context"

	"pr-stack/internal/report"
)

const theComment = "the comment on the pull request"

// commentDeploying makes the comment say that the run deploys. Unless only failures are to be
// shown, the comment exists from the start of the first deployment.
func (p *Publisher) commentDeploying(ctx context.Context, previous *report.Previous) {
	number := p.Run.Environment.PullRequest
	if number == 0 || p.Comment == Never {
		return
	}
	marker := report.Marker(p.Run.Environment)
	revise := func(old string) string {
		return p.redact(marker, report.CommentDeploying(p.Run, previous, report.ReadState(old)))
	}
	if p.Comment == OnFailure {
		_, err := p.GitHub.Edit(ctx, number, marker, revise)
		p.refuse(ctx, theComment, err)
		return
	}
	p.refuse(ctx, theComment, p.GitHub.Upsert(ctx, number, marker, revise))
}

// comment makes the comment show the result of the run. It creates no comment to say that an
// environment is gone, or that a newer run deploys, since the newer run will comment; and with
// OnFailure none to say that a deployment succeeded.
func (p *Publisher) comment(ctx context.Context, result report.Result) {
	run := result.Common()
	number := run.Environment.PullRequest
	if number == 0 || p.Comment == Never {
		return
	}
	if !p.Logs {
		result = report.WithoutLogs(result)
	}
	marker := report.Marker(run.Environment)
	revise := func(old string) string {
		state := report.ReadState(old)
		if p.isSilent(result) && !p.isOurs(state) {
			return old
		}
		return p.redact(marker, report.Comment(result, state))
	}
	if isGone(result) || p.isSilent(result) || p.Comment == OnFailure && !hasFailed(result) {
		_, err := p.GitHub.Edit(ctx, number, marker, revise)
		p.refuse(ctx, theComment, err)
		return
	}
	p.refuse(ctx, theComment, p.GitHub.Upsert(ctx, number, marker, revise))
}

// isSilent reports whether the run was skipped and has nothing to say on the pull request.
func (p *Publisher) isSilent(result report.Result) bool {
	if result.Common().Ending != report.Skipped || isGone(result) {
		return false
	}
	if d, ok := result.(*report.Destruction); ok {
		return d.Kept == nil
	}
	d, ok := result.(*report.Deployment)
	return !ok || !d.Comment
}

// isOurs reports whether a comment still says that this run deploys. Such a comment has to be
// corrected.
func (p *Publisher) isOurs(s report.State) bool {
	return s.State == report.Deploying && s.Run == p.Run.RunURL && s.Commit == p.Run.Commit
}

// redact removes secrets from a comment. GitHub masks secrets in logs, but not in texts that are
// sent to its API. The marker stays unchanged, since the comment is found by its marker.
func (p *Publisher) redact(marker, body string) string {
	return marker + p.Log.Redact(body[len(marker):])
}
