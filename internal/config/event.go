package config

import (
	"encoding/json"
	"os"
	"strings"
)

// event is what GitHub says of why the workflow runs. Off GitHub it is empty.
type event struct {
	name        string // pull_request, push, …
	action      string // opened, closed, …
	pullRequest int    // its number; 0 if the event is about none
	head        string // full SHA of the head commit
	author      string // of the pull request, such as dependabot[bot]
	bot         bool   // the author is one
	draft       bool
	labels      []string
	label       string // that was put on or taken off
	fork        bool   // the code is of another repository, or of one that is gone
	run         *workflowRun
}

// payload is the part of an event's payload that matters here.
// https://docs.github.com/webhooks/webhook-events-and-payloads#pull_request
type payload struct {
	Action      string
	Label       struct{ Name string }
	WorkflowRun *workflowRun `json:"workflow_run"`
	PullRequest *struct {
		Number int
		Draft  bool
		Labels []struct{ Name string }
		User   struct{ Login, Type string }
		Head   struct {
			SHA  string
			Repo *struct {
				FullName string `json:"full_name"`
			}
		}
		Base struct {
			Repo struct {
				FullName string `json:"full_name"`
			}
		}
	} `json:"pull_request"`
}

// readEvent reads the event. Of a pull request the head commit counts, not GITHUB_SHA, which is a merge that GitHub made.
func readEvent(environ map[string]string, complain func(*Complaint)) event {
	e := event{name: environ["GITHUB_EVENT_NAME"], head: environ["GITHUB_SHA"]}
	path := environ["GITHUB_EVENT_PATH"]
	if path == "" && !e.ofPullRequest() {
		return e
	}
	text, err := os.ReadFile(path)
	if err != nil {
		complain(&Complaint{Input: "GITHUB_EVENT_PATH", Why: "the event cannot be read: " + reason(err)})
		return e
	}
	if err := e.parse(text); err != nil {
		complain(err)
	}
	return e
}

// ofPullRequest tells whether the event is one by which a pull request's environment comes and goes.
func (e *event) ofPullRequest() bool {
	return e.name == "pull_request" || e.name == "pull_request_target" || e.run.ofPullRequest()
}

func (e *event) parse(text []byte) *Complaint {
	var p payload
	if err := json.Unmarshal(text, &p); err != nil {
		return &Complaint{Input: "GITHUB_EVENT_PATH", Why: "the event is not what GitHub sends: " + err.Error()}
	}
	e.action = p.Action
	if e.name == "workflow_run" {
		return e.parseRun(p.WorkflowRun)
	}
	if p.PullRequest == nil && !e.ofPullRequest() {
		return nil
	}
	if p.PullRequest == nil || p.Action == "" {
		return &Complaint{Input: "GITHUB_EVENT_PATH", Why: "the event is called " + e.name + " and has no pull request or no action"}
	}
	head, base := p.PullRequest.Head, p.PullRequest.Base
	if p.PullRequest.Number <= 0 || !isSHA(head.SHA) {
		return &Complaint{Input: "GITHUB_EVENT_PATH", Why: "the event has a pull request without a number or a head commit"}
	}
	e.pullRequest, e.head, e.author = p.PullRequest.Number, head.SHA, p.PullRequest.User.Login
	e.bot, e.draft, e.label = p.PullRequest.User.Type == "Bot", p.PullRequest.Draft, p.Label.Name
	for _, label := range p.PullRequest.Labels {
		e.labels = append(e.labels, label.Name)
	}
	e.fork = head.Repo == nil || !strings.EqualFold(head.Repo.FullName, base.Repo.FullName)
	return nil
}

func (e *event) parseRun(run *workflowRun) *Complaint {
	switch {
	case run == nil:
		return &Complaint{Input: "GITHUB_EVENT_PATH", Why: "the event is called workflow_run and has none"}
	case run.ofPullRequest() && !isSHA(run.HeadSHA):
		return &Complaint{Input: "GITHUB_EVENT_PATH", Why: "the event has a workflow run without a head commit"}
	}
	e.run = run
	e.fork = !strings.EqualFold(run.HeadRepository.FullName, run.Repository.FullName)
	return nil
}

// isSHA tells whether a string is a full commit SHA, of SHA-1 or SHA-256.
func isSHA(s string) bool {
	if len(s) != 40 && len(s) != 64 {
		return false
	}
	return strings.Trim(s, "0123456789abcdef") == ""
}
