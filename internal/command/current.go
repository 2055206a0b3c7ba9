package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"pr-stack/internal/github"
	"pr-stack/internal/report"
)

// overtaken tells that what this run was to do is not wanted any more: the pull request has gone on meanwhile.
type overtaken struct {
	reason string
	closed bool // it was closed, so that its environment has to go
	tell   bool // the pull request is to be told in its comment
}

func (o *overtaken) Error() string { return o.reason }

// pullRequest asks GitHub for the pull request whose event this is. It returns nil where there is none to ask for, and
// where GitHub does not tell, which is said once: the event then has to do.
func (e *edges) pullRequest(ctx context.Context) *github.PullRequest {
	if e.config.PullRequest == 0 || e.github == nil {
		return nil
	}
	pull, err := e.github.PullRequest(ctx, e.config.PullRequest)
	if err == nil {
		return &pull
	}
	if ctx.Err() == nil && !e.unasked {
		e.unasked = true
		e.log.notice("GitHub does not tell whether the pull request is still open", withLacking("pull-requests: write", err))
	}
	return nil
}

// stillWanted returns an *overtaken unless the pull request is open and this run's commit is its newest.
func (e *edges) stillWanted(ctx context.Context) error {
	pull := e.pullRequest(ctx)
	switch {
	case pull == nil:
		return nil
	case !pull.Open:
		return &overtaken{closed: true, reason: fmt.Sprintf("pull request %d was closed while this ran", pull.Number)}
	case e.config.Commit != "" && pull.Head != "" && pull.Head != e.config.Commit:
		return &overtaken{reason: fmt.Sprintf("pull request %d has a newer commit, %.12s, and its run deploys that; this one was for %.12s", pull.Number, pull.Head, e.config.Commit)}
	}
	return nil
}

// stillClosed returns an *overtaken if the pull request whose closing this run was started by is open again.
func (e *edges) stillClosed(ctx context.Context) error {
	if !e.config.Closing {
		return nil // it is destroyed for another reason
	}
	if pull := e.pullRequest(ctx); pull != nil && pull.Open {
		return &overtaken{reason: fmt.Sprintf("pull request %d was opened again, and its environment stays", pull.Number)}
	}
	return nil
}

// standDown ends a run that was overtaken. A pull request that is closed ends with no environment, whoever made it.
func (e *edges) standDown(ctx context.Context, result *report.Result, phases *phases, o *overtaken) error {
	result.Status, result.Reason = report.Skipped, o.reason
	result.URL, result.Tell = "", o.tell
	if !o.closed {
		return nil
	}
	e.log.line("Pull request %d was closed: its environment goes.", e.config.PullRequest)
	e.config.Closing = true // and not if it is opened again meanwhile
	err := e.destroy(ctx, result, phases)
	if again, ok := errors.AsType[*overtaken](err); ok {
		result.Status, result.Reason = report.Skipped, again.reason
		return nil
	}
	if err != nil {
		return err
	}
	result.Status, result.Reason, result.Gone = report.Skipped, o.reason+"; it has no environment any more", true
	return nil
}

// skipPreview, in the message of the newest commit, keeps it from being deployed.
const skipPreview = "[skip preview]"

// excluded returns an *overtaken if a rule keeps the commit from being deployed that GitHub has to be asked about. What
// GitHub does not tell excludes nothing.
func (e *edges) excluded(ctx context.Context) error {
	if e.config.PullRequest == 0 || e.github == nil {
		return nil
	}
	if message, err := e.github.Message(ctx, e.config.Commit); err == nil && strings.Contains(message, skipPreview) {
		return &overtaken{reason: fmt.Sprintf("the message of commit %.12s has %s", e.config.Commit, skipPreview)}
	}
	if len(e.config.Rules.Paths) == 0 {
		return nil
	}
	if files, err := e.github.Files(ctx, e.config.PullRequest); err == nil && !e.config.Rules.Changes(files) {
		return &overtaken{reason: fmt.Sprintf("pull request %d changes no file that the input paths names", e.config.PullRequest)}
	}
	return nil
}
