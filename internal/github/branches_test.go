package github_test

import (
	"testing"

	fakegithub "pr-stack/internal/fake/github"
)

func TestHead_of_a_branch_follows_pushes_and_merges(t *testing.T) {
	g := fakegithub.New(repository)
	client := connect(t, g, "")
	if sha, err := client.Head(t.Context(), "main"); sha != "" || err != nil {
		t.Errorf("without a commit: %q, %v", sha, err)
	}
	g.SetHead("main", before)
	if sha, err := client.Head(t.Context(), "main"); sha != before || err != nil {
		t.Errorf("after a push: %q, %v", sha, err)
	}
	g.Open(7, head)
	g.Merge(7, fakegithub.Squash, tip)
	if sha, err := client.Head(t.Context(), "main"); sha != tip || err != nil {
		t.Errorf("after a merge: %q, %v", sha, err)
	}
}
