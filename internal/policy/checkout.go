package policy

import "fmt"

// Checkout is which code a build is of, as far as git's files and GitHub's variables say.
type Checkout struct {
	Commit string // that is checked out; "" if it is not known
	SHA    string // GITHUB_SHA: what actions/checkout checks out unless the workflow names another ref
}

// Built is which commit a build counts as.
type Built struct {
	Commit  string // what is recorded, and shown
	Known   bool   // it is what is checked out, so the image may be used again for this commit
	Warning string // "" if there is none
}

// Builds returns which commit a build in this run is of.
//
// On pull_request GitHub checks out a merge of the pull request with its base, GITHUB_SHA, which
// counts as the pull request's head. In any other checkout there, the head is recorded as well, since
// whether this run is still wanted depends on it, but no image is used again.
//
// In a run that a person starts, by a comment or by hand, the checkout is what the person chose. So
// its commit is recorded, even if the pull request's head is another one: it may have moved since.
// But where the workflow has checked out nothing of its own choice, the default or base branch would
// be built, and be shown as the pull request's code: that is refused.
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

// forPullRequest reports whether the run deploys a pull request, and GITHUB_SHA is another commit: the
// default branch's or the base's.
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

// notNewest warns of a commit that is not the newest of the pull request whose environment it is
// deployed to.
func (t Trigger) notNewest(commit string) string {
	pull := t.PullRequest
	if t.Named != nil {
		pull = t.Named
	}
	if pull == nil || pull.Head == "" || pull.Head == commit {
		return ""
	}
	return fmt.Sprintf("commit %.12s is checked out and is deployed; the newest of pull request %d is %.12s",
		commit, pull.Number, pull.Head)
}

func notThePullRequests(t Trigger, c Checkout) *Refusal {
	return &Refusal{
		Message: fmt.Sprintf("%s checks out another commit than the pull request's, %.12s, and that would be built "+
			"instead of the pull request's code, %.12s", t.Event, c.Commit, t.Commit),
		Hint: fmt.Sprintf("give actions/checkout the pull request's commit, such as ref: refs/pull/%d/head", t.number()),
	}
}
