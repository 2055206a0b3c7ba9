package github

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// Method is a way to merge a pull request.
type Method string

// The ways. With a queue, a merge commit or a squashed commit is made and tested before it becomes the
// base branch's newest.
const (
	MergeCommit Method = "merge"
	Squash      Method = "squash"
	Rebase      Method = "rebase"
	Queue       Method = "queue"
)

// merge is how a pull request was merged.
type merge struct {
	method Method
	made   []string // SHAs of the commits that it added to the base branch, the newest last
}

// Merge merges a pull request. sha is the commit that the base branch then has as its newest: the
// merge commit, the squashed commit, or the last of the rebased ones, whose others are earlier. Its tree
// is that of the test merge, or of the pull request's head, as if the base had not moved; SetTree changes it.
func (g *GitHub) Merge(number int, how Method, sha string, earlier ...string) {
	g.change(number, func(p *pull) {
		p.open, p.closed, p.merged = false, time.Now(), time.Now()
		p.merge = merge{method: how, made: append(slices.Clone(earlier), sha)}
		for _, made := range p.merge.made {
			g.commit(made)
		}
		g.heads[g.baseOf(p)] = sha
		if _, set := g.trees[sha]; !set {
			g.trees[sha] = g.treeOf(cmp.Or(p.testMerge, p.head))
		}
	})
}

// SetTestMerge sets the commit of refs/pull/NUMBER/merge, GitHub's merge of the pull request with its
// base, which is checked out on pull_request. Like every commit, it can be read by its SHA, also after
// the reference is gone.
func (g *GitHub) SetTestMerge(number int, sha string) {
	g.change(number, func(p *pull) {
		p.testMerge = sha
		g.commit(sha)
	})
}

// SetBaseBranch sets the branch that a pull request is to be merged into.
func (g *GitHub) SetBaseBranch(number int, branch string) {
	g.change(number, func(p *pull) { p.base = branch })
}

func (g *GitHub) baseOf(p *pull) string { return cmp.Or(p.base, g.branch) }

// mergeCommitSHA is the field merge_commit_sha: "Before merging a pull request, the merge_commit_sha
// attribute holds the SHA of the test merge commit."
// https://docs.github.com/rest/pulls/pulls#get-a-pull-request
func (p *pull) mergeCommitSHA() string {
	if p.merged.IsZero() {
		return p.testMerge
	}
	return p.merge.made[len(p.merge.made)-1]
}

// introduced reports whether a pull request brought a commit into the default branch. A squash or a
// rebase brings other commits than those that were pushed. Which ones a queue brings depends on its
// method; here it merges.
func (g *GitHub) introduced(p *pull, sha string) bool {
	if p.merged.IsZero() || g.baseOf(p) != g.branch {
		return false
	}
	pushes := p.merge.method == MergeCommit || p.merge.method == Queue
	return slices.Contains(p.merge.made, sha) || pushes && slices.Contains(p.pushed, sha)
}

// listPullsOfCommit "lists the merged pull request that introduced the commit to the repository. If the
// commit is not present in the default branch, it will return merged and open pull requests associated
// with the commit." Several may be associated (release-please#817).
// https://docs.github.com/rest/commits/commits#list-pull-requests-associated-with-a-commit
func (g *GitHub) listPullsOfCommit(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	sha := r.PathValue("sha")
	if _, ok := g.messages[sha]; !ok {
		respondError(w, http.StatusUnprocessableEntity, fmt.Sprintf("No commit found for SHA: %s", sha))
		return
	}
	var introduced, associated []any
	for _, number := range slices.Backward(slices.Sorted(maps.Keys(g.pulls))) {
		p := g.pulls[number]
		has := slices.Contains(p.pushed, sha) || slices.Contains(p.merge.made, sha)
		switch {
		case g.introduced(p, sha):
			introduced = append(introduced, g.pullShape(p))
		case has && (p.open || !p.merged.IsZero()):
			associated = append(associated, g.pullShape(p))
		}
	}
	if introduced == nil {
		introduced = associated
	}
	g.page(w, r, introduced)
}
