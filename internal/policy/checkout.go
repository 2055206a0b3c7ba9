package policy

import "fmt"

// Checkout is what git's files and GitHub's variables say about the code to build.
type Checkout struct {
	Commit string // the one that is checked out; "" if it is not known
	SHA    string // GITHUB_SHA: what actions/checkout checks out unless the workflow names another ref
}

// Built says which commit a build counts as.
type Built struct {
	Commit  string // the one that is recorded and shown
	Known   bool   // the build is of exactly this commit, so its image may be used again
	Warning string // "" if there is none
}

// Builds returns which commit a build in this run is of.
//
// On pull_request, actions/checkout checks out GITHUB_SHA, a merge of the pull request with its base,
// which counts as the pull request's head. If something else is checked out there, the head is
// recorded as well, since it decides whether this run is still wanted, but no image is used again.
//
// If a person starts the run, by a comment or by hand, the workflow chooses what to check out. That
// commit is recorded, even if it is not the pull request's head, which may have moved since. But if
// the workflow has chosen nothing, the default or base branch would be built and shown as the pull
// request's code. That is refused.
func (t Trigger) Builds(c Checkout) (Built, *Refusal) {
	switch {
	case c.Commit == "":
		return Built{Commit: t.Commit}, nil
	case c.Commit == t.Commit && t.DrivesEnvironment():
		return Built{Commit: t.Commit, Known: true}, nil
	case c.Commit == t.Commit:
		return Built{Commit: t.Commit, Known: true, Warning: t.notNewest(t.Commit)}, nil
	case t.forPullRequest() && c.Commit == c.SHA:
		return Built{}, notThePullRequests(t, c)
	case t.ownEvent():
		return Built{Commit: t.Commit, Known: c.Commit == c.SHA}, nil
	case t.forPullRequest() && t.Event != "issue_comment":
		return Built{Commit: t.Commit}, nil
	}
	return Built{Commit: c.Commit, Known: true, Warning: t.notNewest(c.Commit)}, nil
}

// forPullRequest reports whether the run deploys a pull request although GITHUB_SHA is another commit,
// that of the default branch or the base.
func (t Trigger) forPullRequest() bool {
	return t.Event == "issue_comment" || t.Event == "pull_request_target" || t.afterPullRequest()
}

// ownEvent reports whether GITHUB_SHA is the pull request's merge with its base.
func (t Trigger) ownEvent() bool {
	switch t.Event {
	case "pull_request", "pull_request_review", "pull_request_review_comment":
		return t.PullRequest != nil
	}
	return false
}

// notNewest returns a warning if the commit is not the newest of the pull request to whose environment
// it is deployed, or "".
func (t Trigger) notNewest(commit string) string {
	pull := t.PullRequest
	if t.Named != nil {
		pull = t.Named
	}
	if pull == nil || pull.Head == "" || pull.Head == commit {
		return ""
	}
	return fmt.Sprintf("commit %.12s is checked out, so this is what is built; the newest of pull request %d is %.12s",
		commit, pull.Number, pull.Head)
}

func notThePullRequests(t Trigger, c Checkout) *Refusal {
	ref := t.Commit
	if n := t.number(); n > 0 {
		ref = fmt.Sprintf("refs/pull/%d/head", n)
	}
	return &Refusal{
		Message: fmt.Sprintf("commit %.12s is checked out, which on %s is not the pull request's: it would be built "+
			"instead of the pull request's code, %.12s", c.Commit, t.Event, t.Commit),
		Hint: "give actions/checkout the pull request's commit, such as ref: " + ref,
	}
}
