// Package admission asks GitHub and AWS what policy has to know about a run: is the pull request
// still open, is this its newest commit, how many environments are there. What follows from the
// answers is decided by policy, and carried out by the command.
package admission

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"pr-stack/internal/cfn"
	"pr-stack/internal/environment"
	"pr-stack/internal/github"
	"pr-stack/internal/hint"
	"pr-stack/internal/policy"
	"pr-stack/internal/runner"
)

// PullRequest asks for one pull request, again and again. Its zero value asks for none.
type PullRequest struct {
	GitHub *github.Client // nil: GitHub is not asked
	Number int            // 0: there is none to ask for
	Log    *runner.Log

	failed bool // GitHub did not answer once, and that was said
}

// Now returns the pull request as it is. It returns nil where there is none to ask for, and where
// GitHub could not be asked, which is said once: the event then has to do.
func (p *PullRequest) Now(ctx context.Context) *policy.PullRequest {
	if p.Number == 0 || p.GitHub == nil {
		return nil
	}
	pull, err := p.GitHub.PullRequest(ctx, p.Number)
	if err == nil {
		found := FromGitHub(pull)
		return &found
	}
	if ctx.Err() == nil && !p.failed {
		p.failed = true
		message := append([]string{err.Error()}, hint.Of(err)...)
		p.Log.Notice("Could not check whether the pull request is still open", strings.Join(message, "; "))
	}
	return nil
}

// FromGitHub returns a pull request in policy's terms.
func FromGitHub(pull github.PullRequest) policy.PullRequest {
	return policy.PullRequest{
		Number: pull.Number, Open: pull.Open, Merged: pull.Merged, MergedAt: pull.MergedAt, Head: pull.Head,
		Fork:   !strings.EqualFold(pull.HeadRepo, pull.BaseRepo),
		Author: pull.Author, AuthorIsBot: pull.AuthorIsBot, Draft: pull.Draft, Labels: pull.Labels,
	}
}

// Excluded applies the rules for which GitHub has to be asked: the commit's message, and the files
// that the pull request changes. If GitHub cannot be reached, nothing is excluded.
func Excluded(ctx context.Context, gh *github.Client, rules policy.Rules, number int, commit string) *policy.Skip {
	if number == 0 || gh == nil {
		return nil
	}
	change := policy.Change{PullRequest: number, Commit: commit}
	change.Message, _ = gh.Message(ctx, commit)
	if len(rules.Paths) > 0 {
		files, err := gh.Files(ctx, number)
		change.Files, change.FilesKnown = files, err == nil
	}
	return policy.Excluded(rules, change)
}

// Preview is a stack that is an environment, for the most part of a pull request.
type Preview struct {
	Environment environment.Environment
	Stack       cfn.Stack
}

// Previews finds the stacks of a service's pull requests by their tags, in the order of the pull
// requests' numbers. Those of another repository with a service of that name, or of this one under
// an older name, are among them.
func Previews(ctx context.Context, stacks *cfn.Client, service string) ([]Preview, error) {
	all, err := Environments(ctx, stacks, service)
	return slices.DeleteFunc(all, func(p Preview) bool { return p.Environment.PullRequest == 0 }), err
}

// Environments finds the stacks of a service's environments by their tags: first those that are permanent,
// by their names.
func Environments(ctx context.Context, stacks *cfn.Client, service string) (list []Preview, err error) {
	for stack, err := range stacks.List(ctx) {
		if err != nil {
			return nil, err
		}
		env, ok := environment.FromTags(stack.Tags)
		if ok && env.Service == service && !stack.Nested {
			list = append(list, Preview{Environment: env, Stack: stack})
		}
	}
	slices.SortFunc(list, func(a, b Preview) int {
		return cmp.Or(cmp.Compare(a.Environment.PullRequest, b.Environment.PullRequest), cmp.Compare(a.Environment.Name, b.Environment.Name))
	})
	return list, nil
}

// Limit counts the environments of a service's pull requests if there may be only so many, and this
// would be one more. Those that this repository does not say it has made, such as a laptop's, do not
// count: no pull request of this repository could make room by being closed. Two runs that look at the
// same time may both find the last place: CloudFormation has nothing that could be reserved.
func Limit(ctx context.Context, stacks *cfn.Client, most int, e environment.Environment, owner environment.Repository, stackName string) (*policy.Skip, error) {
	if most == 0 || e.PullRequest == 0 {
		return nil, nil
	}
	others, err := Previews(ctx, stacks, e.Service)
	if err != nil {
		return nil, err
	}
	if owner != (environment.Repository{}) {
		others = slices.DeleteFunc(others, func(p Preview) bool {
			same, _ := owner.Is(environment.RepositoryOf(p.Stack.Tags))
			return !same
		})
	}
	exists := slices.ContainsFunc(others, func(p Preview) bool { return p.Stack.Name == stackName })
	return policy.Limit(most, len(others), exists), nil
}

// Existing returns the environment's stack as it is, or the zero value if there is none. A stack of
// that name that belongs to somebody else, to another environment or to another repository is refused.
func Existing(
	ctx context.Context, stacks *cfn.Client, e environment.Environment, owner environment.Repository, stackName string,
) (cfn.Stack, error) {
	stack, err := stacks.Describe(ctx, stackName)
	if errors.Is(err, cfn.ErrNotFound) {
		return cfn.Stack{}, nil
	}
	if err != nil {
		return cfn.Stack{}, err
	}
	return stack, CheckOwner(e, owner, stack)
}

// CheckOwner refuses a stack that is not the environment's, or belongs to a repository that is not the
// owner.
func CheckOwner(e environment.Environment, owner environment.Repository, stack cfn.Stack) error {
	if err := e.Owns(stack.Tags); err != nil {
		return hint.New("set stack-name or service to a name that is not in use",
			"stack %s is not this environment's: %s", stack.Name, err)
	}
	if err := owner.Owns(stack.Tags); err != nil {
		advice := "set service to a name that no other repository uses in this account and region"
		if owner.ID == "" || stack.Tags[environment.TagRepositoryID] == "" { // only their names are known
			advice += "; if this repository was renamed, set the stack's tag " + environment.TagRepository + " to its new name"
		}
		return hint.New(advice, "stack %s belongs to another repository: %s", stack.Name, err)
	}
	return nil
}

// CheckProtected refuses to deploy to the stack of a pull request that is protected from deletion. That is
// done to what serves production, and a deployment would change what production's users get, before it is
// merged.
func CheckProtected(e environment.Environment, stack cfn.Stack) error {
	if e.PullRequest == 0 || !stack.Protected {
		return nil
	}
	return hint.New("open another pull request for the next change; if this stack does not serve production, turn its termination protection off",
		"stack %s is protected from deletion, as what serves production is: it is not deployed to", stack.Name)
}
