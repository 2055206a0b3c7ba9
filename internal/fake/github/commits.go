package github

import "net/http"

// SetMessage sets a commit's message, and creates the commit if it does not exist.
func (g *GitHub) SetMessage(sha, text string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.messages[sha] = text
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
	respond(w, http.StatusOK, map[string]any{"sha": r.PathValue("sha"), "message": message})
}
