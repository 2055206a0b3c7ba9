package github

import (
	"net/http"
	"strings"
)

// SetFile sets a file's text at a commit, a branch or a tag.
func (g *GitHub) SetFile(ref, path, text string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.contents == nil {
		g.contents = map[string]string{}
	}
	g.contents[ref+":"+path] = text
}

// https://docs.github.com/rest/repos/contents#get-repository-content
// A file is sent as it is, and only to those who ask for that; a folder is a list in JSON.
func (g *GitHub) getContents(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	key := r.URL.Query().Get("ref") + ":" + r.PathValue("path")
	text, ok := g.contents[key]
	switch raw := "application/vnd.github.raw+json"; {
	case ok && r.Header.Get("Accept") == raw:
		w.Header().Set("Content-Type", raw+"; charset=utf-8")
		_, _ = w.Write([]byte(text)) // the client may be gone
		return
	case ok:
		respondError(w, http.StatusUnsupportedMediaType, "the fake answers with raw files only")
		return
	}
	var files []any
	for other := range g.contents {
		if path, inside := strings.CutPrefix(other, key+"/"); inside {
			files = append(files, map[string]any{"type": "file", "name": path})
		}
	}
	if files == nil {
		respondError(w, http.StatusNotFound, "Not Found")
		return
	}
	respond(w, http.StatusOK, files)
}
