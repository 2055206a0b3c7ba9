package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/ecr"
	"pr-stack/internal/environment"
	"pr-stack/internal/price"
	"pr-stack/internal/report"
)

// atATime is how many environments are deleted side by side: CloudFormation answers an account a few calls a second.
const atATime = 4

// sweep deletes the environments of this service whose pull request is closed, or that nobody has deployed to for too
// long. What is no pull request's environment, what is protected, and what GitHub does not tell about is left.
func sweep(ctx context.Context, e *edges) (report.Result, error) {
	result := known(e.config)
	if e.github == nil {
		return result, &explained{message: "sweep: GitHub cannot be asked which pull requests are open", hint: "set github-token, and GITHUB_REPOSITORY if this is no GitHub job"}
	}
	candidates, err := e.candidates(ctx)
	if err != nil {
		return result, err
	}
	repository, hasImages, err := e.leftovers(ctx)
	if err != nil {
		return result, err
	}
	if !hasImages {
		repository.Name = ""
	}
	open, err := e.github.OpenPullRequests(ctx)
	if err != nil {
		return result, fmt.Errorf("sweep: %w", err)
	}
	costs := prices{edges: e, bodies: map[string]string{}}
	for i := range candidates {
		candidates[i].price = costs.of(ctx, candidates[i].stack)
	}
	result.Swept = make([]report.Swept, len(candidates))
	failures := make([]error, len(candidates))
	var work sync.WaitGroup
	slots := make(chan struct{}, atATime)
	for i, candidate := range candidates {
		work.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			result.Swept[i], failures[i] = e.sweepOne(ctx, candidate, open, repository)
			s := result.Swept[i]
			e.log.line("%-10s %s: %s", s.Environment, s.Outcome, s.Why)
		})
	}
	work.Wait()
	result.Price = inWords(left(candidates, result.Swept))
	result.Status = report.Absent
	if slices.ContainsFunc(result.Swept, func(s report.Swept) bool { return s.Outcome == report.Removed }) {
		result.Status = report.Deleted
	}
	return result, errors.Join(failures...)
}

// candidate is a stack that is the environment of a pull request of this service.
type candidate struct {
	environment environment.Environment
	stack       cfn.Stack
	price       *price.Estimate // nil if it is not known
}

// candidates finds them by their tags, in the order of the pull requests' numbers. Those of another
// repository with a service of that name, or of this one under an older name, are among them, and stay.
func (e *edges) candidates(ctx context.Context) (list []candidate, err error) {
	for stack, err := range e.stacks.List(ctx) {
		if err != nil {
			return nil, err
		}
		env, ok := environment.FromTags(stack.Tags)
		if ok && env.Service == e.config.Environment.Service && env.PullRequest > 0 && !stack.Nested {
			list = append(list, candidate{environment: env, stack: stack})
		}
	}
	slices.SortFunc(list, func(a, b candidate) int { return a.environment.PullRequest - b.environment.PullRequest })
	return list, nil
}

// ours tells whether the candidate's pull request is one of this repository.
func (e *edges) ours(c candidate) bool {
	return strings.EqualFold(c.stack.Tags[environment.TagRepository], e.config.Repository)
}

// sweepOne looks at one environment and deletes it if it is to go. It is looked at again directly before.
func (e *edges) sweepOne(ctx context.Context, c candidate, open map[int]bool, repository ecr.Repository) (report.Swept, error) {
	swept := report.Swept{
		Environment: c.environment.Name, Age: time.Since(c.stack.Changed), Outcome: report.Left,
	}
	if c.price != nil {
		swept.Daily = fmt.Sprintf("%.2f", c.price.Daily)
	}
	goes, why := e.mustGo(ctx, c, open)
	swept.Why = why
	switch {
	case !goes:
		return swept, nil
	case e.config.DryRun:
		swept.Outcome = report.WouldGo
		return swept, nil
	}

	ctx, cancel := context.WithTimeoutCause(ctx, deleteLimit, &explained{
		message: fmt.Sprintf("delete stack %s: not gone after %s", c.stack.Name, report.Duration(deleteLimit)),
		hint:    "CloudFormation goes on with it; the next sweep looks again",
	})
	defer cancel()
	err := (&cfn.Client{API: e.stacks.API, Logf: e.log.line}).Delete(ctx, cfn.Deletion{
		ID:    c.stack.ID,
		Force: true,
		Allow: func(ctx context.Context, stack cfn.Stack) error {
			if err := c.environment.Owns(stack.Tags); err != nil {
				return err
			}
			again := c
			if stack.Status != types.StackStatusDeleteInProgress { // by now it is being deleted, which is no deployment
				again.stack = stack
			}
			if goes, why := e.mustGo(ctx, again, nil); !goes {
				return &overtaken{reason: why}
			}
			return nil
		},
	})
	if o, ok := errors.AsType[*overtaken](err); ok {
		swept.Why = o.reason
		return swept, nil
	}
	if err == nil && repository.Name != "" {
		err = e.sweepImages(ctx, c, repository)
	}
	if err != nil {
		swept.Outcome, swept.Why = report.NotGone, brief(err)
		return swept, fmt.Errorf("sweep %s: %w", c.environment.Name, err)
	}
	swept.Outcome = report.Removed
	e.tellGone(ctx, c, open[c.environment.PullRequest])
	return swept, nil
}

// sweepImages deletes an environment's images. Minutes have gone since the pull request was looked at: if it is open, the
// image of its newest commit may be one that a run is about to deploy.
func (e *edges) sweepImages(ctx context.Context, c candidate, repository ecr.Repository) error {
	tags, spared := e.tagsOf(c.environment), ""
	if pull, err := e.github.PullRequest(ctx, c.environment.PullRequest); err == nil && pull.Open {
		spared = tags.For(pull.Head)
	}
	_, err := repository.Delete(ctx, func(tag string) bool { return tag != spared && tags.Match(tag) })
	return err
}

// tellGone has the pull request say that its environment is gone, as its own run would have; unless another is about to be
// there: the pull request was opened again meanwhile, or has a newer commit. It is asked again, as images may have taken long.
func (e *edges) tellGone(ctx context.Context, c candidate, wasOpen bool) {
	pull, err := e.github.PullRequest(ctx, c.environment.PullRequest)
	if err == nil && pull.Open && (!wasOpen || pull.Head != c.stack.Tags[environment.TagCommit]) {
		return
	}
	its := *e
	its.config.Environment, its.config.PullRequest, its.config.StackName = c.environment, c.environment.PullRequest, c.stack.Name
	t := &teller{edges: &its}
	t.end(ctx, report.Result{Command: string(config.Destroy), Status: report.Deleted, Environment: c.environment})
}

// mustGo decides about one environment, and says why. What is not among the pull requests that are known to be open is
// asked for by itself.
func (e *edges) mustGo(ctx context.Context, c candidate, open map[int]bool) (goes bool, why string) {
	number := c.environment.PullRequest
	if !e.ours(c) {
		return false, fmt.Sprintf("it is of repository %s", c.stack.Tags[environment.TagRepository])
	}
	if c.stack.Protected {
		return false, "its termination protection is on"
	}
	if !open[number] {
		pull, err := e.github.PullRequest(ctx, number)
		switch {
		case err != nil:
			return false, "GitHub does not tell about its pull request: " + brief(err)
		case pull.Merged:
			return true, fmt.Sprintf("pull request %d is merged", number)
		case !pull.Open:
			return true, fmt.Sprintf("pull request %d is closed", number)
		}
	}
	if age := time.Since(c.stack.Changed); e.config.MaxAge > 0 && age > e.config.MaxAge {
		if label := e.config.Rules.KeepLabel; label != "" {
			pull, err := e.github.PullRequest(ctx, number)
			switch {
			case err != nil:
				return false, "GitHub does not tell about its pull request: " + brief(err)
			case slices.Contains(pull.Labels, label):
				return false, fmt.Sprintf("pull request %d has the label %s", number, label)
			}
		}
		return true, fmt.Sprintf("it was last deployed %s ago, and max-age is %s", report.Age(age), report.Age(e.config.MaxAge))
	}
	return false, fmt.Sprintf("pull request %d is open", number)
}
