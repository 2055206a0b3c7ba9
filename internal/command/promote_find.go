package command

import (
	"context"
	"errors"
	"fmt"

	"pr-stack/internal/admission"
	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/environment"
	"pr-stack/internal/github"
	"pr-stack/internal/hint"
	"pr-stack/internal/image"
	"pr-stack/internal/template"
)

// tested is what was tested of a commit of production's branch: a pull request's environment.
type tested struct {
	pull  github.PullRequest // its Number is 0 if there is none
	stack cfn.Stack          // of its environment; the zero Stack if there is none
	image image.Ref
	tree  string
	same  bool   // what was merged is what the environment was built from
	why   string // in a sentence: what shows that, or what is missing
}

// findTested finds the merged pull request of a commit, and whether its environment runs the same code.
// Squashing, rebasing and queues make new commits, so that the trees are compared. What the environment
// runs is what its own stack says: tags of images are not believed.
func findTested(ctx context.Context, job config.Promote, base map[string]string, with promoteClients) (tested, error) {
	if with.github == nil {
		return tested{}, hint.New("set github-token", "find the merged pull request of commit %.12s: there is no token to ask GitHub with", job.Commit)
	}
	pulls, err := with.github.MergedPullRequests(ctx, job.Commit)
	if err != nil {
		return tested{}, err
	}
	found, err := choose(pulls, job)
	if err != nil || found.pull.Number == 0 {
		return found, err
	}
	found, err = readTested(ctx, job, found, with)
	if err != nil || !found.same {
		return found, err
	}
	if job.ExpectDigest != "" && found.image.Digest != job.ExpectDigest {
		return found, hint.New("verify the image that the environment runs, or leave expect-digest out",
			"promote pull request %d: its environment runs %s, and expect-digest is %s", found.pull.Number, found.image.Digest, job.ExpectDigest)
	}
	if err := with.imageStore(job.Deploy, base).Check(ctx, found.image); errors.Is(err, image.ErrGone) {
		found.same, found.why = false, fmt.Sprintf("Pull request %d's environment ran %s, which is not in ECR any more.", found.pull.Number, found.image.Digest)
	} else if err != nil {
		return found, err
	}
	return found, nil
}

// choose returns the pull request that was merged as the commit.
func choose(pulls []github.PullRequest, job config.Promote) (tested, error) {
	var fitting []github.PullRequest
	for _, pull := range pulls {
		if pull.Merged && (job.Branch == "" || pull.BaseBranch == "" || pull.BaseBranch == job.Branch) {
			fitting = append(fitting, pull)
		}
	}
	for _, pull := range fitting { // the commit of another may be part of a merge
		if pull.MergeCommit == job.Commit {
			return tested{pull: pull}, nil
		}
	}
	switch len(fitting) {
	case 0:
		return tested{why: fmt.Sprintf("Commit %.12s is not of a merged pull request, so it was not tested.", job.Commit)}, nil
	case 1:
		return tested{pull: fitting[0]}, nil
	}
	return tested{}, hint.New("promote the commit as which one of them was merged",
		"find the pull request of commit %.12s: it is in %d merged ones, and is the merge of none", job.Commit, len(fitting))
}

// readTested reads what the pull request's environment runs, and compares its tree with the commit's.
func readTested(ctx context.Context, job config.Promote, found tested, with promoteClients) (tested, error) {
	e := environment.ForPullRequest(job.Service, found.pull.Number)
	n := found.pull.Number
	stack, err := admission.Existing(ctx, with.stacks, e, job.Owner(), e.StackName())
	if err != nil {
		return found, err
	}
	found.stack, found.image = stack, image.Parse(stack.Parameters[template.ImageParameter])
	built := stack.Parameters[template.BuiltCommitParameter]
	switch {
	case stack.ID == "":
		found.why = fmt.Sprintf("Pull request %d has no environment any more.", n)
		return found, nil
	case previous(stack) == nil:
		found.why = fmt.Sprintf("Pull request %d's environment is in %s, so it is not up.", n, stack.Status)
		return found, nil
	case found.image.Digest == "" || built == "":
		found.why = fmt.Sprintf("Pull request %d's environment does not say what its image was built from.", n)
		return found, nil
	}
	if found.tree, err = with.github.Tree(ctx, job.Commit); err != nil {
		return found, err
	}
	tree, err := with.github.Tree(ctx, built)
	if errors.Is(err, github.ErrNotFound) {
		found.why = fmt.Sprintf("Pull request %d's environment was built from commit %.12s, which GitHub does not have any more.", n, built)
		return found, nil
	}
	if err != nil {
		return found, err
	}
	if found.same = tree == found.tree; found.same {
		found.why = fmt.Sprintf("Commit %.12s has the same files (tree %.12s) as what pull request %d's environment was built from.", job.Commit, tree, n)
		return found, nil
	}
	found.why = fmt.Sprintf("Commit %.12s has other files (tree %.12s) than what pull request %d's environment was built from (tree %.12s).",
		job.Commit, found.tree, n, tree)
	return found, nil
}

// refuse returns the error of a commit that was not tested, and so may not be promoted.
func (t tested) refuse(advice string) error {
	return hint.New(advice, "promote: what was merged is not what was tested: %s", t.why)
}
