package policy

import "pr-stack/internal/environment"

// WithoutCredentials returns why a run that has no AWS credentials is skipped, or nil if it should
// have some: then their lack is a mistake in the workflow.
func WithoutCredentials(t Trigger) *Skip {
	if !t.readOnly() {
		return nil
	}
	author := Dependabot
	if t.PullRequest.Fork {
		author = Fork
	}
	return &Skip{Reason: "the pull request is from " + string(author) + ", and GitHub gives its runs no credentials; " +
		"to deploy it, review the code and push it to a branch of this repository, " +
		"or deploy its image from a second workflow, as README.md shows for forks"}
}

// WithCredentials returns why a fork's run that has AWS credentials nevertheless does not use them,
// or nil if it may. A self-hosted machine may have credentials of its own. The fork's code could
// use them whatever this says, so this is a second line of defence.
func WithCredentials(t Trigger, verb Verb, e environment.Environment, allowForks bool) *Skip {
	const this = "the pull request is from a fork, and this run has AWS credentials"
	switch {
	case !t.readOnlyFork():
		return nil
	case verb == Deploy && !allowForks:
		return &Skip{Reason: this + ", which its code could use; build it without them " +
			"and deploy its image on workflow_run, as README.md shows, or set allow-forks"}
	case verb == Deploy, verb == Destroy && t.Owns(e):
		return nil
	case verb == Destroy:
		return &Skip{Reason: this + "; it is not allowed to delete " + e.Name + ", which is not its own environment"}
	}
	return &Skip{Reason: this + "; it is not allowed to " + string(verb)}
}
