package github_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	fakegithub "pr-stack/internal/fake/github"
	"pr-stack/internal/github"
)

var (
	tip    = strings.Repeat("a", 40) // of the base branch after a merge
	before = strings.Repeat("b", 40) // a rebased commit below it
	tested = strings.Repeat("c", 40) // GitHub's merge of the pull request with its base
)

// numbers returns the numbers of pull requests with their merge commits.
func numbers(pulls []github.PullRequest) string {
	var list []string
	for _, p := range pulls {
		list = append(list, fmt.Sprintf("%d:%.1s:%s", p.Number, p.MergeCommit, p.BaseBranch))
	}
	return strings.Join(list, " ")
}

func TestMergedPullRequests(t *testing.T) {
	for name, test := range map[string]struct {
		merge func(g *fakegithub.GitHub)
		want  map[string]string // by commit
	}{
		"merge": {
			func(g *fakegithub.GitHub) { g.Merge(7, fakegithub.MergeCommit, tip) },
			map[string]string{tip: "7:a:main", head: "7:a:main"},
		},
		"squash": {
			func(g *fakegithub.GitHub) { g.Merge(7, fakegithub.Squash, tip) },
			map[string]string{tip: "7:a:main", head: "7:a:main"},
		},
		"rebase": {
			func(g *fakegithub.GitHub) { g.Merge(7, fakegithub.Rebase, tip, before) },
			map[string]string{tip: "7:a:main", before: "7:a:main"},
		},
		"queue": {
			func(g *fakegithub.GitHub) { g.Merge(7, fakegithub.Queue, tip) },
			map[string]string{tip: "7:a:main"},
		},
		"into another branch": {
			func(g *fakegithub.GitHub) { g.SetBaseBranch(7, "next"); g.Merge(7, fakegithub.Squash, tip) },
			map[string]string{tip: "7:a:next"},
		},
		// Once the commit is in the default branch, it belongs to the pull request that brought it there.
		"two with the commit": {
			func(g *fakegithub.GitHub) {
				g.Open(8, head)
				g.Merge(8, fakegithub.Squash, before)
				g.Merge(7, fakegithub.MergeCommit, tip)
			},
			map[string]string{tip: "7:a:main", before: "8:b:main", head: "7:a:main"},
		},
		"several": {
			func(g *fakegithub.GitHub) {
				g.Open(8, head)
				g.Open(9, head)
				g.Merge(7, fakegithub.Squash, tip)
				g.Merge(8, fakegithub.Squash, before)
			},
			map[string]string{tip: "7:a:main", head: "8:b:main 7:a:main"},
		},
		"open":               {func(*fakegithub.GitHub) {}, map[string]string{head: ""}},
		"closed":             {func(g *fakegithub.GitHub) { g.Close(7, false) }, map[string]string{head: ""}},
		"a push to a branch": {func(g *fakegithub.GitHub) { g.SetMessage(tip, "Fix it") }, map[string]string{tip: ""}},
	} {
		t.Run(name, func(t *testing.T) {
			g := fakegithub.New(repository)
			g.SetPageSize(1)
			g.Open(7, head)
			g.SetTestMerge(7, tested)
			test.merge(g)
			for sha, want := range test.want {
				pulls, err := connect(t, g, "").MergedPullRequests(t.Context(), sha)
				if got := numbers(pulls); err != nil || got != want {
					t.Errorf("MergedPullRequests(%.1s) = %s, %v, want %s", sha, got, err, want)
				}
			}
		})
	}
}

func TestMergedPullRequests_of_no_commit(t *testing.T) {
	_, err := connect(t, fakegithub.New(repository), "").MergedPullRequests(t.Context(), tip)
	if err == nil || !strings.Contains(err.Error(), "No commit found for SHA: "+tip) {
		t.Errorf("MergedPullRequests = %v, want no commit found", err)
	}
}

// An open pull request has a merge_commit_sha too: that of a test merge.
func TestPullRequest_has_a_merge_commit_once_it_is_merged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := fakegithub.New(repository)
		g.Open(7, head)
		g.SetTestMerge(7, tested)
		client := connect(t, g, "")
		if p, err := client.PullRequest(t.Context(), 7); err != nil || p.Merged || p.MergeCommit != "" || !p.MergedAt.IsZero() {
			t.Errorf("PullRequest of an open one = %+v, %v", p, err)
		}
		<-time.After(time.Hour)
		g.Merge(7, fakegithub.Squash, tip)
		merged := time.Now()
		<-time.After(time.Hour)
		p, err := client.PullRequest(t.Context(), 7)
		if err != nil || !p.Merged || p.Open || p.MergeCommit != tip || !p.MergedAt.Equal(merged) || p.BaseBranch != "main" {
			t.Errorf("PullRequest of a merged one = %+v, %v, want it merged as %s at %s", p, err, tip, merged)
		}
		g.Open(8, head)
		g.Close(8, true)
		if p, err := client.PullRequest(t.Context(), 8); err != nil || len(p.MergeCommit) != 40 || p.MergeCommit == tip {
			t.Errorf("PullRequest of a merged one = %+v, %v, want a merge commit", p, err)
		}
	})
}

// A squash has the tree of the test merge, unless the base has moved since.
func TestTree(t *testing.T) {
	for name, test := range map[string]struct {
		change func(g *fakegithub.GitHub)
		same   bool
	}{
		"merged":           {func(g *fakegithub.GitHub) { g.Merge(7, fakegithub.Squash, tip) }, true},
		"base has moved":   {func(g *fakegithub.GitHub) { g.Merge(7, fakegithub.Squash, tip); g.SetTree(tip, before) }, false},
		"moved before":     {func(g *fakegithub.GitHub) { g.SetTree(tip, before); g.Merge(7, fakegithub.Queue, tip) }, false},
		"the same tree":    {func(g *fakegithub.GitHub) { g.SetTree(tested, before); g.SetTree(tip, before) }, true},
		"other commits":    {func(g *fakegithub.GitHub) { g.SetMessage(tip, "Fix it") }, false},
		"of another merge": {func(g *fakegithub.GitHub) { g.Open(8, head); g.Merge(8, fakegithub.Squash, tip) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := fakegithub.New(repository)
			g.Open(7, head)
			g.SetTestMerge(7, tested)
			test.change(g)
			client := connect(t, g, "")
			a, err := client.Tree(t.Context(), tested)
			b, also := client.Tree(t.Context(), tip)
			if err != nil || also != nil || len(a) != 40 || len(b) != 40 || (a == b) != test.same {
				t.Errorf("Tree = %s, %v and %s, %v, want the same: %v", a, err, b, also, test.same)
			}
		})
	}
}

func TestTree_of_no_commit(t *testing.T) {
	if tree, err := connect(t, fakegithub.New(repository), "").Tree(t.Context(), tip); !errors.Is(err, github.ErrNotFound) {
		t.Errorf("Tree = %s, %v, want ErrNotFound", tree, err)
	}
}

func TestRunIsOver(t *testing.T) {
	g := fakegithub.New(repository)
	client := connect(t, g, "")
	wants := func(id int64, attempt int, want bool) {
		t.Helper()
		if over, err := client.RunIsOver(t.Context(), id, attempt); err != nil || over != want {
			t.Errorf("RunIsOver(%d, %d) = %v, %v, want %v", id, attempt, over, err, want)
		}
	}
	wants(1, 1, false)
	for _, status := range []string{"queued", "in_progress", "waiting", "requested", "pending"} {
		g.SetRun(1, 1, status, "")
		wants(1, 1, false)
	}
	for _, conclusion := range []string{"success", "failure", "cancelled", "timed_out"} {
		g.SetRun(1, 1, "completed", conclusion)
		wants(1, 1, true)
	}
	wants(1, 2, false) // which is another attempt
	wants(2, 1, false)

	g.Forbid("GET /repos/" + repository + "/actions")
	if _, err := client.RunIsOver(t.Context(), 1, 1); !errors.Is(err, github.ErrForbidden) {
		t.Errorf("RunIsOver = %v, want it forbidden", err)
	}
}
