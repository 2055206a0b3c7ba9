package policy

import (
	"fmt"
	"slices"
)

// Intent returns the verb that the command and the event ask for, or why they ask for none. It does
// not look at whose code it is; Decide does.
func Intent(r Request) (Verb, *Skip) {
	verb, reason := Verb(r.Command), ""
	if r.Command == "auto" {
		verb, reason = automatic(r)
	}
	if reason == "" && verb == Deploy {
		reason = undeployable(r.Trigger)
	}
	if reason != "" {
		return "", &Skip{Reason: reason}
	}
	return verb, nil
}

const byName = "to deploy on it, set command: deploy"

// automatic returns what an event means by itself. Every event has an answer, also one that GitHub
// adds tomorrow: it is skipped unless the command is named.
func automatic(r Request) (verb Verb, skip string) {
	switch event := r.Trigger.Event; event {
	case "pull_request", "pull_request_target":
		return automaticPullRequest(r)
	case "schedule":
		return Sweep, ""
	case "push", "workflow_dispatch", "repository_dispatch", "":
		return Deploy, ""
	case "workflow_run":
		if r.Trigger.afterPullRequest() {
			return Deploy, ""
		}
		return "", fmt.Sprintf("the event workflow_run, after a workflow on %s, starts no deployment by itself; %s",
			r.Trigger.upstreamEvent(), byName)
	default:
		return "", fmt.Sprintf("the event %s starts no deployment by itself; %s", event, byName)
	}
}

// automaticPullRequest follows the pull request. When it is closed, its own environment is deleted
// and no other: one that was named by hand stays, since production must outlive every pull request
// that was ever deployed to it.
func automaticPullRequest(r Request) (verb Verb, skip string) {
	t, own := r.Trigger, r.ownEnvironment()
	switch {
	case t.Action == "closed" && !own:
		return "", fmt.Sprintf("pull request %d was closed, but environment %s is not its own; "+
			"to delete that, set command: destroy", t.number(), r.Environment.Name)
	case t.Action == "closed":
		return Destroy, ""
	case slices.Contains([]string{"opened", "synchronize", "reopened"}, t.Action):
		return Deploy, ""
	}
	if asked := r.Rules.Label != "" && t.Label == r.Rules.Label; own {
		switch {
		case t.Action == "labeled" && asked, t.Action == "ready_for_review" && !r.Rules.Drafts:
			return Deploy, ""
		case t.Action == "unlabeled" && asked, t.Action == "converted_to_draft" && !r.Rules.Drafts:
			return Destroy, ""
		}
	}
	return "", fmt.Sprintf("action %q of %s changes no code; %s", t.Action, t.Event, byName)
}

// undeployable returns why an event cannot be deployed, even if it is asked for by name.
func undeployable(t Trigger) string {
	switch up := t.Upstream; {
	case t.Event == "issue_comment" && t.PullRequest == nil:
		return fmt.Sprintf("the comment is on issue %d, which is not a pull request", t.Issue)
	case !t.afterPullRequest():
		return ""
	case up.Conclusion == "":
		return fmt.Sprintf("workflow %q, whose image this run would deploy, has not finished", up.Name)
	case up.Conclusion != "success": // it left no image, or one that nobody tested
		return fmt.Sprintf("workflow %q, whose image this run would deploy, ended with %s", up.Name, up.Conclusion)
	}
	return ""
}

func (t Trigger) upstreamEvent() string {
	if t.Upstream == nil || t.Upstream.Event == "" {
		return "an unknown event"
	}
	return t.Upstream.Event
}
