package config

import (
	"errors"

	"pr-stack/internal/hint"
	"pr-stack/internal/policy"
)

// Lookup is the pull request that GitHub must be asked for before Load: the open ones that have a
// head, or the one with a number.
type Lookup struct {
	Number int // 0 if the head is known instead

	// HeadSHA is the commit that the other workflow of a workflow_run ran for. The event names no
	// pull request if that is a fork's.
	// https://docs.github.com/webhooks/webhook-events-and-payloads#workflow_run
	HeadSHA    string
	HeadOwner  string // of the repository that the branch is in
	HeadBranch string
}

// Lookup returns what GitHub must be asked first. It returns nil if the job needs nothing from GitHub,
// or if there is no token.
func (in *Inputs) Lookup() *Lookup {
	if !in.canAsk() {
		return nil
	}
	return in.needed()
}

// canAsk reports whether GitHub can be asked at all.
func (in *Inputs) canAsk() bool {
	s := in.Settings()
	return s.GitHub.Token != "" && s.Repository != ""
}

func (in *Inputs) needed() *Lookup {
	verb, skipped := policy.Intent(in.request())
	if skipped != nil || verb != policy.Deploy {
		return nil
	}
	t, named := in.trigger, in.named().PullRequest
	switch {
	case t.DrivesEnvironment() && t.Upstream != nil:
		return &Lookup{HeadSHA: t.Upstream.HeadSHA, HeadOwner: t.Upstream.HeadOwner, HeadBranch: t.Upstream.HeadBranch}
	case t.PullRequest != nil && t.PullRequest.Head == "": // a comment, which has no head commit
		return &Lookup{Number: t.PullRequest.Number}
	case named > 0 && (t.PullRequest == nil || t.PullRequest.Number != named):
		return &Lookup{Number: named}
	}
	return nil
}

// request returns the request that policy decides on.
func (in *Inputs) request() policy.Request {
	r := policy.Request{
		Command:     in.text("command"),
		Trigger:     in.trigger,
		Environment: in.Environment(),
		Source:      policy.Build,
		Rules:       in.rules(),
		AllowForks:  in.isTrue("allow-forks"),
	}
	switch {
	case in.text("image-archive") != "":
		r.Source = policy.Archive
	case in.text("image") != "":
		r.Source = policy.Image
	}
	return r
}

// identify fills in the pull request that was looked up. The decision is not zero if it is known by
// now that nothing can be deployed.
func (in *Inputs) identify(found []policy.PullRequest, lookupErr error) policy.Decision {
	want := in.needed()
	if want == nil {
		return policy.Decision{}
	}
	t := &in.trigger
	if lookupErr == nil && !in.canAsk() && (want.HeadSHA != "" || t.PullRequest != nil && t.PullRequest.Head == "") {
		lookupErr = hint.Wrap(errors.New("there is no token to ask GitHub with"), "set github-token")
	}
	if lookupErr != nil {
		t.LookupError = lookupErr
		return policy.Decision{}
	}
	if want.HeadSHA != "" {
		pull, decision := policy.PullRequestAt(want.HeadSHA, found)
		if decision == (policy.Decision{}) {
			t.PullRequest, t.Commit = &pull, pull.Head
		}
		return decision
	}
	for _, pull := range found {
		switch {
		case pull.Number != want.Number:
		case t.PullRequest == nil:
			t.PullRequest = &pull
		case t.PullRequest.Number == pull.Number:
			t.PullRequest, t.Commit = &pull, pull.Head
		default:
			t.Named = &pull
		}
	}
	return policy.Decision{}
}
