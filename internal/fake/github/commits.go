package github

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
)

// SetMessage sets a commit's message, and creates the commit if it does not exist.
func (g *GitHub) SetMessage(sha, text string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.messages[sha] = text
}

// SetTree sets the SHA of a commit's tree, and creates the commit if it does not exist. Otherwise, each
// commit has a tree of its own.
func (g *GitHub) SetTree(sha, tree string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.commit(sha)
	g.trees[sha] = tree
}

func (g *GitHub) treeOf(sha string) string {
	return cmp.Or(g.trees[sha], derived("tree of commit", sha))
}

// derived returns a SHA that is always the same for the same words.
func derived(words ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(words, " ")))
	return hex.EncodeToString(sum[:20])
}

// commit creates a commit unless it exists.
func (g *GitHub) commit(sha string) {
	if _, ok := g.messages[sha]; !ok {
		g.messages[sha] = "Say hello faster"
	}
}

// https://docs.github.com/rest/git/commits#get-a-commit-object
func (g *GitHub) getCommit(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	message, ok := g.messages[r.PathValue("sha")]
	if !ok {
		respondError(w, http.StatusNotFound, "Not Found")
		return
	}
	respond(w, http.StatusOK, map[string]any{
		"sha": r.PathValue("sha"), "message": message, "tree": map[string]any{"sha": g.treeOf(r.PathValue("sha"))},
	})
}
