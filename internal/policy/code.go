package policy

import (
	"fmt"
	"slices"
)

// Author is whose code a run deals with.
type Author string

// The authors.
const (
	Ours       Author = "ours"       // people who may push to this repository
	Fork       Author = "a fork"     // anyone at all
	Dependabot Author = "Dependabot" // whose updates bring other people's code
	Unknown    Author = "unknown"    // the event hides it
	Unchecked  Author = "unchecked"  // GitHub could not be asked
)

// Author returns whose code may be deployed if its image comes from source. For a build it is the code
// that the workflow may have checked out; otherwise it is the code from which the image was built.
func (t Trigger) Author(source Source) Author {
	switch pull := t.PullRequest; {
	case t.Upstream != nil && t.Upstream.Fork:
		return Fork
	case source == Archive && t.hidesAuthor():
		return Unknown
	case pull != nil && pull.Fork, t.Named != nil && t.Named.Fork:
		return Fork
	case t.LookupError != nil:
		return Unchecked
	case pull != nil && pull.Author == dependabot:
		return Dependabot
	}
	return Ours
}

// hidesAuthor reports whether an archive in this run may have been built in a fork's run although the
// event does not show it. A workflow_run shows only the workflow directly before it: if that followed
// another workflow, or ran for somebody's comment or on pull_request_target, its artifact may come
// from anyone. The author is known after a workflow on pull_request, whose pull request is looked up,
// and after an event that only people with write access can cause.
func (t Trigger) hidesAuthor() bool {
	switch t.Event {
	case "workflow_run":
		return t.Upstream == nil || !slices.Contains([]string{
			"pull_request", // whose pull request is looked up
			"push", "schedule", "workflow_dispatch", "repository_dispatch", "release",
		}, t.Upstream.Event)
	case "check_run", "check_suite", "status": // the older ways to follow another workflow
		return true
	}
	return false
}

// TemplateFromBase reports whether the artifact with the image may have replaced the template in the
// workspace: whoever made the artifact chose its files and their paths. The template must then be read
// from GitHub at GITHUB_SHA, a commit of this repository. This does not apply to a fork's run on
// pull_request: there the whole checkout is the fork's, and it runs only if allow-forks permits that.
func (t Trigger) TemplateFromBase(source Source) bool {
	author := t.Author(source)
	return source == Archive && !t.readOnlyFork() && (author == Fork || author == Unknown || author == Unchecked)
}

// codeRules is the security rule. It refuses a run in which other people's code could use this
// repository's credentials, and a build after a pull request's workflow, which would build the default
// branch. allow-forks turns all of it off. The first rule that matches counts; if none matches, the
// run is allowed.
//
// pull_request_target, workflow_run and comments run with the repository's credentials, whoever wrote
// the code. An image that was built elsewhere does not get those credentials, but it runs in the
// environment. So that must be the pull request's own environment. A fork's owner chooses the name of
// the branch, which can be main, and everything in the artifact.
//
// Runs on pull_request and on reviews have no credentials for a fork's code. If such a run has some
// anyway, because its machine has its own, WithCredentials decides about it.
var codeRules = []codeRule{
	{verb: Deploy, code: Fork, only: on("pull_request_target"), refusal: forkBuild},
	{verb: Deploy, code: Fork, only: on("workflow_run"), source: Build, refusal: forkBuild},
	{verb: Deploy, code: Fork, not: (Trigger).readOnlyFork, source: Build, refusal: namedForkBuild},
	{verb: Deploy, code: Fork, not: (Trigger).readOnlyFork, foreign: true, refusal: foreignEnvironment},
	{verb: Destroy, code: Fork, only: (Trigger).runsForCode, foreign: true, refusal: foreignEnvironment},
	{verb: Deploy, code: Unchecked, source: Build, refusal: uncheckedBuild},
	{verb: Deploy, code: Unknown, source: Archive, refusal: unknownArchive},
	{verb: Deploy, only: (Trigger).afterPullRequest, source: Build, refusal: defaultBranchBuild},
}

// codeRule is one line of the table. A field that is not set matches everything.
type codeRule struct {
	verb    Verb
	code    Author
	only    func(Trigger) bool // matches events
	not     func(Trigger) bool // excludes events
	source  Source
	foreign bool // only if the environment is named and is not the pull request's own
	refusal func(Request) *Refusal
}

func (c codeRule) matches(r Request) bool {
	return c.verb == r.verb &&
		(c.code == "" || c.code == r.Trigger.Author(r.Source)) &&
		(c.only == nil || c.only(r.Trigger)) &&
		(c.not == nil || !c.not(r.Trigger)) &&
		(c.source == "" || c.source == r.Source) &&
		(!c.foreign || r.Environment.Name != "" && !r.ownCode())
}

// ownCode reports whether the environment is the one of the pull request whose code this is. After a
// fork's workflow that did not run for a pull request it returns false: the name of the environment,
// such as pr-7, may have been read from that workflow's artifact.
func (r Request) ownCode() bool {
	t := r.Trigger
	elsewhere := t.Upstream != nil && t.Upstream.Fork && !t.afterPullRequest()
	return r.ownEnvironment() && !elsewhere
}

// refuseCode applies codeRules.
func refuseCode(r Request) *Refusal {
	if r.AllowForks {
		return nil
	}
	for _, rule := range codeRules {
		if rule.matches(r) {
			return rule.refusal(r)
		}
	}
	return nil
}

func on(event string) func(Trigger) bool {
	return func(t Trigger) bool { return t.Event == event }
}

// runsForCode reports whether the event is one that other people's code can start. A comment, or a run
// in which a person names an environment, is started by that person.
func (t Trigger) runsForCode() bool {
	return t.Event == "pull_request_target" || t.Event == "workflow_run"
}

const allowAnyway = "allow-forks: true allows it, with the risk that README.md describes"

func foreignEnvironment(r Request) *Refusal {
	return &Refusal{
		Input: "environment",
		Message: fmt.Sprintf("on %s, code from a fork is not allowed to touch %q, which is not its pull request's environment",
			r.Trigger.Event, r.Environment.Name),
		Hint: "leave environment out to use the pull request's own",
	}
}

func forkBuild(r Request) *Refusal {
	return &Refusal{
		Input: "GITHUB_EVENT_NAME",
		Message: r.Trigger.Event + " from a fork would build and run untrusted code " +
			"with this repository's credentials",
		Hint: "build on pull_request, which gives a fork's code no credentials, and deploy its image " +
			"on workflow_run, as README.md shows; " + allowAnyway,
	}
}

func namedForkBuild(r Request) *Refusal {
	number := r.Trigger.number()
	if named := r.Trigger.Named; named != nil && named.Fork {
		number = named.Number
	}
	return &Refusal{
		Message: fmt.Sprintf("pull request %d is from a fork, and this would build and run untrusted code "+
			"with this repository's credentials", number),
		Hint: "deploy an image that was built without credentials, as README.md shows; " + allowAnyway,
	}
}

func uncheckedBuild(r Request) *Refusal {
	return &Refusal{
		Message: "could not check whether this is a fork's code: " + r.Trigger.LookupError.Error(),
		Hint:    "set image to deploy one that is built already",
		Cause:   r.Trigger.LookupError,
	}
}

func defaultBranchBuild(Request) *Refusal {
	return &Refusal{
		Input: "GITHUB_EVENT_NAME",
		Message: "workflow_run checks out the default branch, and that would be built " +
			"instead of the pull request's code",
		Hint: "deploy on pull_request, or set image-archive to the image that the other workflow built",
	}
}

func unknownArchive(r Request) *Refusal {
	message := r.Trigger.Event + " does not show whose code the image archive was built from"
	if up := r.Trigger.Upstream; up != nil {
		message = fmt.Sprintf("the image archive may be built from a fork's code: workflow %q ran for %s, "+
			"which does not show whose code it was", up.Name, up.Event)
	}
	return &Refusal{
		Input:   "image-archive",
		Message: message,
		Hint: "run this workflow directly after the one that builds on pull_request, as README.md shows; " +
			allowAnyway,
	}
}
