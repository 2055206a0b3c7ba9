package fakegithub

import (
	"maps"
	"net/http"
	"slices"
)

// SetMessage sets a commit's message, and makes the commit if there is none of that SHA.
func (g *GitHub) SetMessage(sha, text string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.messages[sha] = text
}

// commit makes one unless there is one.
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
		refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	answer(w, http.StatusOK, map[string]any{"sha": r.PathValue("sha"), "message": message})
}

// https://docs.github.com/rest/commits/commits#list-pull-requests-associated-with-a-commit
// No commit is on the default branch here, so that only open pull requests are named.
func (g *GitHub) listPullsOfCommit(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	sha := r.PathValue("sha")
	if _, ok := g.messages[sha]; !ok {
		refuse(w, http.StatusUnprocessableEntity, "No commit found for SHA: "+sha)
		return
	}
	var pulls []any
	for _, number := range slices.Sorted(maps.Keys(g.pulls)) {
		if p := g.pulls[number]; p.open && slices.Contains(p.commits, sha) {
			pulls = append(pulls, g.pullShape(p))
		}
	}
	g.page(w, r, pulls)
}
