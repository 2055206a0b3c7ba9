package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"pr-stack/internal/environment"
)

// Request is what is asked for, and by whom.
type Request struct {
	Command     string // the input: auto, or a verb
	Trigger     Trigger
	Environment environment.Environment // its Name is "" if none is named and the event has no pull request
	Source      Source                  // that a deployment would use
	Rules       Rules
	AllowForks  bool

	verb Verb // what Command and Trigger result in
}

func (r Request) ownEnvironment() bool { return r.Trigger.Owns(r.Environment) }

// Decide returns what to do for an event. The order matters: what is not safe is refused before
// anything else is said about it.
func Decide(r Request) Decision {
	if !slices.Contains([]string{"auto", "deploy", "destroy", "sweep", "promote", "rollback", "status", "bootstrap", "doctor"}, r.Command) {
		return refuse("command", "write auto, deploy, destroy, sweep, promote, rollback, status, bootstrap or doctor",
			fmt.Sprintf("%q is not a valid command", r.Command))
	}
	verb, skipped := Intent(r)
	if skipped != nil {
		return Decision{Skip: skipped}
	}
	if r.verb = verb; verb != Deploy {
		r.Source = ""
	}
	if verb == Promote || verb == Rollback {
		return decideProduction(r)
	}
	if verb == Sweep || verb == Status || verb == Bootstrap || verb == Doctor { // which deal with no single environment, whatever the event
		return allow(verb)
	}
	if refusal := cmp.Or(unidentified(r), refuseCode(r)); refusal != nil {
		return Decision{Refuse: refusal}
	}
	if r.Environment.Name == "" {
		return refuse("environment", "set environment to a name such as production, or run on pull_request",
			unnamed(r.Trigger.Event))
	}
	if verb == Destroy {
		return allow(verb)
	}
	if reason := excluded(r); reason != "" {
		return skip(reason)
	}
	if r.Trigger.Commit == "" && r.Source != Image {
		return refuse("GITHUB_SHA", "set GITHUB_SHA to the full SHA of what is checked out, or set image",
			"the commit to deploy is not known")
	}
	return allow(Deploy)
}

// unidentified refuses to deploy for a pull request that must be known and is not: without it, the
// commit of a comment or of a workflow_run would be the default branch's.
func unidentified(r Request) *Refusal {
	t := r.Trigger
	needed := r.verb == Deploy && (t.Event == "issue_comment" || t.afterPullRequest())
	if !needed || t.PullRequest != nil && t.PullRequest.Head != "" {
		return nil
	}
	doing := fmt.Sprintf("find the head commit of pull request %d", t.Issue)
	if t.Upstream != nil {
		doing = fmt.Sprintf("find the pull request of commit %.12s", t.Upstream.HeadSHA)
	}
	if t.LookupError == nil {
		return &Refusal{Message: doing + ": not found"}
	}
	return &Refusal{Message: doing + ": " + t.LookupError.Error(), Cause: t.LookupError}
}

// excluded returns why a pull request that may be deployed is not. The rules are about previews: they
// do not apply when its own event deploys it to another environment, such as to production when it is
// merged.
func excluded(r Request) string {
	pull := r.Trigger.PullRequest
	switch {
	case pull == nil:
		return ""
	case r.Trigger.DrivesEnvironment() && !r.ownEnvironment():
		return ""
	case !r.Trigger.DrivesEnvironment() && !pull.Open: // for the others, Current checks that
		return fmt.Sprintf("pull request %d is closed", pull.Number)
	}
	return r.Rules.Excludes(*pull)
}

func unnamed(event string) string {
	if event == "" {
		return "no environment is named"
	}
	return fmt.Sprintf("the event %q has no pull request that would name the environment", event)
}

// PullRequestAt returns the one of the open pull requests found whose newest commit is sha. A
// workflow that ran for a fork's pull request does not say which one that was. PullRequestAt compares
// commits, which GitHub guarantees, and uses nothing that the other workflow left, because that
// workflow ran untrusted code. Unless exactly one matches, the decision says why.
func PullRequestAt(sha string, found []PullRequest) (PullRequest, Decision) {
	var numbers []string
	var matching []PullRequest
	for _, pull := range found {
		if pull.Head == sha {
			matching, numbers = append(matching, pull), append(numbers, fmt.Sprint(pull.Number))
		}
	}
	switch len(matching) {
	case 0:
		return PullRequest{}, skip(fmt.Sprintf("no open pull request has commit %.12s as its newest: "+
			"it was closed or has a newer commit since that was built", sha))
	case 1:
		return matching[0], Decision{}
	}
	return PullRequest{}, refuse("", "close one of them", fmt.Sprintf("find the pull request of commit %.12s: "+
		"pull requests %s have it, and the event does not say which is meant", sha, strings.Join(numbers, " and ")))
}
