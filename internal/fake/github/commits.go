package github

import "net/http"

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
