package publish

import (
	"context"

	"pr-stack/internal/report"
)

// Promoting opens a deployment of the commit that a promotion or a rollback is to make live, before
// anything slow begins.
func (p *Publisher) Promoting(ctx context.Context, commit string) {
	if !p.connected() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	p.openDeployment(ctx, commit)
}

// commentPromotion says on the pull request that was to be live whether it is, and on the one that was live
// that it is not any more. It says nothing if the run changed nothing.
func (p *Publisher) commentPromotion(ctx context.Context, r *report.Promotion) {
	if p.Comment == Never || r.Ending == report.Skipped || r.Untouched || r.Status == report.Unchanged {
		return
	}
	if !p.Logs {
		r = report.WithoutLogs(r).(*report.Promotion)
	}
	about, before := r.To.PullRequest, r.From.PullRequest
	if !p.isLive(r) {
		if r.Back && r.Live.Number != 0 {
			return // the one that was live is live
		}
		if r.Back {
			about = before
		}
		before = 0
	}
	if about != 0 {
		p.commentLive(ctx, about, r)
	}
	if before != 0 && before != about {
		marker := report.Marker(r.Environment)
		_, err := p.GitHub.Edit(ctx, before, marker, func(old string) string {
			return p.redact(marker, report.CommentWasLive(r, report.ReadState(old)))
		})
		p.refuse(ctx, theComment, err)
	}
}

// commentLive writes the comment on the pull request that the promotion was about.
func (p *Publisher) commentLive(ctx context.Context, number int, r *report.Promotion) {
	marker := report.Marker(r.Environment)
	revise := func(string) string { return p.redact(marker, report.CommentLive(r)) }
	if p.Comment == OnFailure && !hasFailed(r) {
		_, err := p.GitHub.Edit(ctx, number, marker, revise)
		p.refuse(ctx, theComment, err)
		return
	}
	p.refuse(ctx, theComment, p.GitHub.Upsert(ctx, number, marker, revise))
}
