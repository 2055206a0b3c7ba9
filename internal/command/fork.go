package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"pr-stack/internal/config"
	"pr-stack/internal/github"
)

// locate asks GitHub which pull request has the head that another workflow ran for. It goes by the commit, which GitHub
// vouches for, and not by anything that the other workflow left: that ran a stranger's code.
func locate(ctx context.Context, p Process, from config.Source, c config.Config) (config.Config, error) {
	doing := fmt.Sprintf("find the pull request of commit %.12s", c.Head.SHA)
	gh, err := connectGitHub(p, c)
	if err == nil && gh == nil {
		err = errors.New("there is no token to ask GitHub with")
	}
	if err != nil {
		return c, &explained{message: doing + ": " + err.Error(), hint: "set github-token", cause: err}
	}
	// Not by GitHub's list of a commit's pull requests, which leaves out those from forks
	// (https://github.com/learningequality/kolibri/pull/14719).
	pulls, err := gh.OpenPullRequestsFrom(ctx, c.Head.Owner, c.Head.Branch)
	if err != nil {
		return c, &explained{message: doing + ": " + err.Error(), hint: lacking("pull-requests: write", err), cause: err}
	}
	var found []config.PullRequest
	var numbers []string
	for _, pull := range pulls {
		if pull.Head == c.Head.SHA {
			numbers = append(numbers, fmt.Sprint(pull.Number))
			found = append(found, config.PullRequest{
				Number: pull.Number, Head: pull.Head, Fork: !strings.EqualFold(pull.HeadRepo, pull.BaseRepo),
				Author: pull.Author, Bot: pull.AuthorIsBot, Draft: pull.Draft, Labels: pull.Labels,
			})
		}
	}
	switch len(found) {
	case 0:
		c.Command = config.Skip
		c.SkipReason = fmt.Sprintf("no open pull request has commit %.12s as its newest: it was closed, or has gone on, since that was built", c.Head.SHA)
		return c, nil
	case 1:
		from.PullRequest = &found[0]
		return config.Load(from)
	}
	return c, &explained{
		message: fmt.Sprintf("%s: the pull requests %s have it, and the event does not tell which is meant", doing, strings.Join(numbers, " and ")),
		hint:    "close one of them",
	}
}

// mayBuild refuses a fork's code that no event told to be one, since its environment was named by hand or by a comment; and
// it says what it means where a maintainer has let a fork's code in.
func (e *edges) mayBuild(ctx context.Context) error {
	c := e.config
	if c.Command != config.Deploy || c.Image != "" || c.ImageArchive != "" {
		return nil
	}
	fork := c.Fork
	if number := c.Environment.PullRequest; !fork && c.PullRequest == 0 && number > 0 && e.github != nil {
		pull, err := e.github.PullRequest(ctx, number)
		if err != nil && !errors.Is(err, github.ErrNotFound) && !c.AllowForks {
			hint := "set image, with which nothing is built"
			if add := lacking("pull-requests: write", err); add != "" {
				hint = add + "; or " + hint
			}
			return &explained{message: "GitHub does not tell whose code this is: " + err.Error(), hint: hint, cause: err}
		}
		fork = err == nil && !strings.EqualFold(pull.HeadRepo, pull.BaseRepo)
	}
	switch {
	case !fork:
		return nil
	case !c.AllowForks:
		return &explained{
			message: fmt.Sprintf("pull request %d is from a fork, and this would build and run a stranger's code with this repository's credentials", c.Environment.PullRequest),
			hint:    "deploy an image that was built without them, as README.md shows; allow-forks: true does it all the same",
		}
	}
	e.log.warning("a fork's code is built with credentials", "allow-forks is true. Whoever opens a pull request decides what runs in this job, "+
		"and can use its AWS role, its token and every secret of its workflow; README.md, Security, says what to do instead")
	return nil
}
