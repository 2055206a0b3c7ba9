package policy

import (
	"slices"
	"time"

	"pr-stack/internal/environment"
)

// Trigger is why the run happens: GitHub's event, and the pull request that it is about.
type Trigger struct {
	Event  string // GitHub's name, such as push; "" outside GitHub
	Action string // such as opened; "" if the event has none
	Label  string // that was added or removed

	// Commit is the full SHA of what is to be deployed. It is the pull request's head if the event is
	// about one, and GITHUB_SHA otherwise: for a comment GITHUB_SHA is the default branch's newest.
	Commit string

	// PullRequest is the one that the event is about, or else the one whose environment was named by
	// hand (pr-7). It is nil if there is none, or while it is not known.
	PullRequest *PullRequest

	// Named is the pull request whose environment was named by hand in the event of another one.
	Named *PullRequest

	Issue    int       // the number of the issue or pull request that a comment is on
	Upstream *Workflow // the other workflow of a workflow_run

	// LookupError is why GitHub could not be asked for the pull request; nil if it could, or if it
	// was not necessary.
	LookupError error
}

// PullRequest is what GitHub knows about a pull request.
type PullRequest struct {
	Number      int
	Open        bool
	Merged      bool
	MergedAt    time.Time // zero if it is not known
	Head        string    // the full SHA of its newest commit
	Fork        bool      // its code is in another repository, or in one that was deleted
	Author      string    // such as dependabot[bot]
	AuthorIsBot bool
	Draft       bool
	Labels      []string
}

// Workflow is the workflow run that a workflow_run event follows.
type Workflow struct {
	Name       string
	Event      string // that it ran for
	Conclusion string // such as success; "" while it runs
	HeadSHA    string
	HeadOwner  string // of the repository that HeadBranch is in
	HeadBranch string
	Fork       bool // that repository is not this one
}

// DrivesEnvironment reports whether the event is one by which a pull request's environment comes and
// goes: its own, or the workflow_run after a workflow on pull_request.
func (t Trigger) DrivesEnvironment() bool {
	switch t.Event {
	case "pull_request", "pull_request_target":
		return true
	case "workflow_run":
		return t.afterPullRequest()
	}
	return false
}

// afterPullRequest reports whether the other workflow ran for a pull request, in its code.
func (t Trigger) afterPullRequest() bool {
	return t.Upstream != nil && t.Upstream.Event == "pull_request"
}

// Owns reports whether the environment is the one of the pull request that the event is about.
func (t Trigger) Owns(e environment.Environment) bool {
	return t.PullRequest != nil && t.PullRequest.Number > 0 && t.PullRequest.Number == e.PullRequest
}

// number returns the number of the pull request that the event is about, or 0.
func (t Trigger) number() int {
	if t.PullRequest == nil {
		return 0
	}
	return t.PullRequest.Number
}

// readOnly reports whether GitHub gives the run no secrets and no OIDC token, since it is for the
// code of a fork or of Dependabot.
// https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request
func (t Trigger) readOnly() bool {
	withhold := []string{"pull_request", "pull_request_review", "pull_request_review_comment"}
	return slices.Contains(withhold, t.Event) && t.PullRequest != nil &&
		(t.PullRequest.Fork || t.PullRequest.Author == dependabot)
}

// readOnlyFork reports whether the run is readOnly since it is for a fork's code.
func (t Trigger) readOnlyFork() bool { return t.readOnly() && t.PullRequest.Fork }

const dependabot = "dependabot[bot]"
