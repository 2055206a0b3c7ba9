package config

import "fmt"

// Head is the head of a pull request whose number an event does not tell. An event of workflow_run says which commit the
// other workflow ran for, and names no pull request if that is a fork's.
// https://docs.github.com/webhooks/webhook-events-and-payloads#workflow_run
type Head struct {
	SHA    string
	Owner  string // of the repository that the branch is in
	Branch string
}

// PullRequest is one as GitHub's API tells of it.
type PullRequest struct {
	Number int
	Head   string // full SHA
	Fork   bool   // its code is of another repository, or of one that is gone
	Author string
	Bot    bool // the author is one
	Draft  bool
	Labels []string
}

// workflowRun is the part of its payload that matters here.
type workflowRun struct {
	Name       string
	Event      string
	Conclusion string
	HeadSHA    string `json:"head_sha"`
	HeadBranch string `json:"head_branch"`
	Repository struct {
		FullName string `json:"full_name"`
	}
	HeadRepository struct {
		FullName string `json:"full_name"`
		Owner    struct{ Login string }
	} `json:"head_repository"`
}

// ofPullRequest tells whether the other workflow ran for a pull request, in its own code.
func (r *workflowRun) ofPullRequest() bool { return r != nil && r.Event == "pull_request" }

func (r *workflowRun) head() *Head {
	return &Head{SHA: r.HeadSHA, Owner: r.HeadRepository.Owner.Login, Branch: r.HeadBranch}
}

// found fills in the pull request that the event does not tell of. Its other workflow ran since there is a new commit.
func (e *event) found(p PullRequest) {
	e.action, e.pullRequest, e.head, e.fork = "synchronize", p.Number, p.Head, p.Fork
	e.author, e.bot, e.draft, e.labels = p.Author, p.Bot, p.Draft, p.Labels
}

// askFirst is as much as can be told of a workflow run whose pull request is not known yet.
func (l *loader) askFirst(c *Config) {
	run := l.event.run
	c.Head = run.head()
	if run.Conclusion != "success" {
		c.Head, c.Command = nil, Skip
		c.SkipReason = fmt.Sprintf("workflow %s, of which this run was to deploy the image, ended with %s", quote(run.Name), run.Conclusion)
	}
}
