package config

import (
	"encoding/json"
	"os"
	"slices"
	"strings"

	"pr-stack/internal/policy"
)

// payload is the part of an event's payload that matters here. Each part is decoded
// separately, because some events use the same name for something of another type.
// https://docs.github.com/webhooks/webhook-events-and-payloads
type payload struct {
	Action      json.RawMessage
	Label       json.RawMessage
	Issue       json.RawMessage
	PullRequest json.RawMessage `json:"pull_request"`
	WorkflowRun json.RawMessage `json:"workflow_run"`
}

type label struct{ Name string }

type user struct{ Login, Type string }

type repository struct {
	FullName string `json:"full_name"`
	Owner    struct{ Login string }
}

type pullRequest struct {
	Number int
	State  string
	Merged bool
	Draft  bool
	Labels []label
	User   user
	Head   struct {
		SHA  string
		Repo *repository
	}
	Base struct{ Repo repository }
}

type issue struct {
	Number      int
	State       string
	Draft       bool
	Labels      []label
	User        user
	PullRequest *struct{} `json:"pull_request"` // nil if the issue is not a pull request
}

type workflowRun struct {
	Name           string
	Event          string
	Conclusion     string
	HeadSHA        string `json:"head_sha"`
	HeadBranch     string `json:"head_branch"`
	Repository     repository
	HeadRepository repository `json:"head_repository"`
}

// readEvent fills in the trigger.
func (in *Inputs) readEvent() {
	in.trigger = policy.Trigger{Event: in.environ["GITHUB_EVENT_NAME"], Commit: in.environ["GITHUB_SHA"]}
	path := in.environ["GITHUB_EVENT_PATH"]
	if path == "" && !needsPayload(in.trigger.Event) {
		return
	}
	text, err := os.ReadFile(path)
	if err != nil {
		in.addf("GITHUB_EVENT_PATH", "", "the event cannot be read: %s", reason(err))
		return
	}
	if why := parseEvent(text, &in.trigger); why != "" {
		in.addf("GITHUB_EVENT_PATH", "", "%s", why)
	}
}

// aboutPullRequest is the events whose payload must have a pull request.
var aboutPullRequest = []string{
	"pull_request", "pull_request_target", "pull_request_review", "pull_request_review_comment",
}

// needsPayload reports whether the event means nothing without its payload. If a lost payload were
// treated as an event that changes no code, the job would be green and do nothing.
func needsPayload(event string) bool {
	return slices.Contains(aboutPullRequest, event) || event == "workflow_run" || event == "issue_comment"
}

// parseEvent fills in the trigger from the payload, and returns what is wrong with that, or "".
func parseEvent(text []byte, t *policy.Trigger) (wrong string) {
	var p payload
	if err := json.Unmarshal(text, &p); err != nil {
		return "the event is not what GitHub sends: " + err.Error()
	}
	t.Action = decode[string](p.Action)
	t.Label = decode[label](p.Label).Name
	switch must := slices.Contains(aboutPullRequest, t.Event); {
	case t.Event == "workflow_run":
		return parseWorkflowRun(decode[*workflowRun](p.WorkflowRun), t)
	case t.Event == "issue_comment":
		return parseIssue(decode[*issue](p.Issue), t)
	case must && t.Action == "":
		return "the event is " + t.Event + " and has no action"
	default:
		wrong := parsePullRequest(decode[*pullRequest](p.PullRequest), t)
		if must {
			return wrong
		}
		return ""
	}
}

// decode returns one part of a payload, or its zero value if that is not what GitHub describes.
func decode[T any](part json.RawMessage) T {
	var value, none T
	if len(part) == 0 || json.Unmarshal(part, &value) != nil {
		return none
	}
	return value
}

// parsePullRequest sets the commit to deploy to the pull request's head. GITHUB_SHA is another commit:
// a merge commit that GitHub made, or on pull_request_target the base branch's.
func parsePullRequest(pull *pullRequest, t *policy.Trigger) (wrong string) {
	switch {
	case pull == nil:
		return "the event is " + t.Event + " and has no pull request"
	case pull.Number <= 0 || !isSHA(pull.Head.SHA):
		return "the event has a pull request without a number or a head commit"
	}
	t.Commit = pull.Head.SHA
	t.PullRequest = &policy.PullRequest{
		Number: pull.Number, Open: pull.State != "closed", Merged: pull.Merged, Head: pull.Head.SHA,
		Fork:   pull.Head.Repo == nil || differ(*pull.Head.Repo, pull.Base.Repo),
		Author: pull.User.Login, AuthorIsBot: pull.User.Type == "Bot", Draft: pull.Draft, Labels: names(pull.Labels),
	}
	return ""
}

// parseIssue reads the issue or pull request that a comment is about. The event has no head commit, so
// GitHub must be asked for it; GITHUB_SHA is the default branch's commit.
func parseIssue(i *issue, t *policy.Trigger) (wrong string) {
	if i == nil || i.Number <= 0 {
		return "the event is issue_comment and has no issue"
	}
	t.Issue = i.Number
	if i.PullRequest == nil {
		return ""
	}
	t.Commit = ""
	t.PullRequest = &policy.PullRequest{
		Number: i.Number, Open: i.State != "closed", Author: i.User.Login, AuthorIsBot: i.User.Type == "Bot",
		Draft: i.Draft, Labels: names(i.Labels),
	}
	return ""
}

func parseWorkflowRun(run *workflowRun, t *policy.Trigger) (wrong string) {
	switch {
	case run == nil:
		return "the event is workflow_run and names no workflow run"
	case run.Event == "pull_request" && !isSHA(run.HeadSHA):
		return "the event has a workflow run without a head commit"
	}
	t.Upstream = &policy.Workflow{
		Name: run.Name, Event: run.Event, Conclusion: run.Conclusion,
		HeadSHA: run.HeadSHA, HeadOwner: run.HeadRepository.Owner.Login, HeadBranch: run.HeadBranch,
		Fork: differ(run.HeadRepository, run.Repository),
	}
	return ""
}

// differ reports whether two repositories differ. One without a name was deleted.
func differ(head, base repository) bool {
	return head.FullName == "" || !strings.EqualFold(head.FullName, base.FullName)
}

func names(labels []label) (list []string) {
	for _, l := range labels {
		list = append(list, l.Name)
	}
	return list
}

// isSHA reports whether a string is a full commit SHA, of SHA-1 or SHA-256.
func isSHA(s string) bool {
	if len(s) != 40 && len(s) != 64 {
		return false
	}
	return strings.Trim(s, "0123456789abcdef") == ""
}
