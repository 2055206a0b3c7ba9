package github

import "net/http"

// SetHead makes a commit the newest of a branch, as a push does. A merge does so as well.
func (g *GitHub) SetHead(branch, sha string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.commit(sha)
	g.heads[branch] = sha
}

// https://docs.github.com/rest/git/refs#get-a-reference
func (g *GitHub) getBranch(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	branch := r.PathValue("branch")
	sha, found := g.heads[branch]
	if !found {
		respondError(w, http.StatusNotFound, "Not Found")
		return
	}
	respond(w, http.StatusOK, map[string]any{
		"ref": "refs/heads/" + branch, "object": map[string]any{"type": "commit", "sha": sha},
	})
}
